// SPDX-License-Identifier: EUPL-1.2

package caltasks

import (
	"net/http"
	"strings"
	"testing"

	"kontor/app/journal"
	"kontor/app/tasks"
	"kontor/storage"
)

// second is a list beside that of a fake server, whose objects it keeps by the last part of their path.
type second struct {
	*fake
	id      int64
	objects map[string]string
}

const besideList = "/dav/u/m/"

// beside gives a fake server and a home another list.
func beside(f *fake, h *home) *second {
	s := &second{fake: f, objects: map[string]string{}}
	h.write(func(tx *storage.Tx) (err error) {
		s.id, err = tx.AddTaskList(h.ctx, storage.TaskList{List: tasks.List{AccountID: h.cfg.Account.ID, Name: "Andere"}, Href: besideList, OnServer: true, RemoteName: "Andere"})
		return err
	})
	f.override = func(w http.ResponseWriter, r *http.Request, body string) bool {
		name, here := nameIn(besideList, r.URL.Path)
		if r.URL.Path == besideList {
			here = true
		}
		if !here {
			return false
		}
		_, exists := s.objects[name]
		switch {
		case r.Method == http.MethodPut && r.Header.Get("If-None-Match") == "*" && exists:
			w.WriteHeader(http.StatusPreconditionFailed)
		case r.Method == http.MethodPut:
			s.objects[name] = body
			w.WriteHeader(http.StatusCreated)
		case r.Method == http.MethodDelete:
			delete(s.objects, name)
			w.WriteHeader(http.StatusNoContent)
		case r.Method == "REPORT":
			var all strings.Builder
			for name, ics := range s.objects {
				all.WriteString(response(besideList+name, `<d:getetag>"m1"</d:getetag><C:calendar-data>`+text(ics)+`</C:calendar-data>`))
			}
			multi(w, all.String())
		default:
			w.WriteHeader(http.StatusMethodNotAllowed)
		}
		return true
	}
	return s
}

// TestMoveOfATaskThatOthersMoved: what is moved goes on from where somebody else has put it; there is never a second one.
func TestMoveOfATaskThatOthersMoved(t *testing.T) {
	f := newFake(t)
	numbered(f, 1)
	h := f.home()
	h.pull()
	s := beside(f, h)
	id := h.find("T0").ID
	var third int64
	h.write(func(tx *storage.Tx) (err error) {
		third, err = tx.AddTaskList(h.ctx, storage.TaskList{List: tasks.List{AccountID: h.cfg.Account.ID, Name: "Dritte"}, Href: "/dav/u/n/", OnServer: true, RemoteName: "Dritte"})
		return err
	})
	s.objects["t0.ics"] = f.text("t0.ics")
	f.remove("t0.ics") // somebody moved it, and nothing was read since
	made := ""
	inner := f.override
	f.override = func(w http.ResponseWriter, r *http.Request, body string) bool {
		if !strings.HasPrefix(r.URL.Path, "/dav/u/n/") {
			return inner(w, r, body)
		}
		if r.Method == http.MethodPut {
			made = body
			w.WriteHeader(http.StatusCreated)
			return true
		}
		multi(w, "")
		return true
	}
	h.write(func(tx *storage.Tx) error {
		_, err := tx.MoveTask(h.ctx, id, third, "T0", 0)
		return err
	})
	want(t, "pushed", h.push(), []journal.State{journal.Done})
	if len(s.objects) != 0 || f.text("t0.ics") != "" || !strings.Contains(made, "SUMMARY:T0") || h.find("T0").ListID != third {
		t.Errorf("made %q, still there %v, shown in %d", made, s.objects, h.find("T0").ListID)
	}
}

// TestCopyWithAnotherTitle: a copy that an attempt before this one has made was changed by others, and so was the original.
// The newer title is kept, and the older one is stored for a person before it is written over.
func TestCopyWithAnotherTitle(t *testing.T) {
	f := newFake(t)
	f.set("a.ics", vtodo("a", "SUMMARY:Original", "LAST-MODIFIED:20260102T000000Z"))
	h := f.home()
	h.pull()
	s := beside(f, h)
	s.objects["a.ics"] = vtodo("a", "SUMMARY:Kopie", "LAST-MODIFIED:20260103T000000Z", "LOCATION:Rathaus")
	told := false
	inner := f.override
	f.override = func(w http.ResponseWriter, r *http.Request, body string) bool {
		if r.Method == http.MethodPut && r.Header.Get("If-None-Match") == "" {
			told = len(h.conflicts()) == 1 && strings.Contains(string(h.conflicts()[0].Detail), "SUMMARY:Original")
		}
		return inner(w, r, body)
	}
	h.write(func(tx *storage.Tx) error {
		_, err := tx.MoveTask(h.ctx, h.find("Original").ID, s.id, "Original", 0)
		return err
	})
	want(t, "pushed", h.push(), []journal.State{journal.Done})
	if got := s.objects["a.ics"]; !told || !strings.Contains(got, "SUMMARY:Kopie") || !strings.Contains(got, "LOCATION:Rathaus") || f.text("a.ics") != "" {
		t.Errorf("told before %t, there is\n%s", told, got)
	}
}
