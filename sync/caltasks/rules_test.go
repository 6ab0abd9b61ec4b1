// SPDX-License-Identifier: EUPL-1.2

package caltasks

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"kontor/app/journal"
	"kontor/app/tasks"
	"kontor/storage"
	"kontor/sync/transport"
)

// refusesSeries makes the server answer so to every series.
func (f *fake) refusesSeries(code int, words string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.override = func(w http.ResponseWriter, r *http.Request, body string) bool {
		if r.Method != http.MethodPut || !strings.Contains(body, "\nRRULE") {
			return false
		}
		if code == http.StatusMultiStatus {
			multi(w, "")
			return true
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, words)
		return true
	}
}

var ours = regexp.MustCompile(`(?m)^X-.*\r\n`)

// dropsOurs makes the server forget properties that it does not know.
func (f *fake) dropsOurs() {
	f.rewrite = func(text string) string { return ours.ReplaceAllString(text, "") }
}

// weekly adds a recurring task and gives its ID and the name of its object.
func (h *home) weekly(title string) (int64, string) {
	h.t.Helper()
	id := h.add("L", title)
	h.edit(id, tasks.Edit{Due: ptr(tasks.When{Time: time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC), AllDay: true}), RRule: ptr("FREQ=WEEKLY")})
	return id, "uid-" + title + ".ics"
}

func (h *home) complete(id int64) {
	h.t.Helper()
	h.change(id, func(text string) (string, error) { return tasks.Complete(text, time.Now()) })
}

// due is what is shown of a task here.
func (h *home) due(id int64) string {
	h.t.Helper()
	row, err := h.db.TaskRow(h.ctx, id)
	h.must(err)
	view, err := tasks.Parse(row.Text, time.UTC)
	h.must(err)
	return view.Due.Time.Format("0102") + " " + view.RRule
}

// TestServerWithoutSeries plays a server that takes no recurring tasks, as it keeps what it does not know and as it does not:
// the series goes on here, and what the server is sent it takes.
func TestServerWithoutSeries(t *testing.T) {
	for name, c := range map[string]struct {
		code  int
		words string
		drops bool
	}{
		"forbidden": {http.StatusForbidden, "", false}, "bad request, drops ours": {http.StatusBadRequest, "", true},
		"says so with a 500": {http.StatusInternalServerError, "Recurring tasks are not supported", false},
		"multistatus":        {http.StatusMultiStatus, "", false}, "media type, drops ours": {http.StatusUnsupportedMediaType, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.refusesSeries(c.code, c.words)
			if c.drops {
				f.dropsOurs()
			}
			h := f.home()
			h.pull()
			id, object := h.weekly("a")
			for _, s := range h.push() {
				want(t, "a change", s, journal.Done)
			}
			h.pull()
			want(t, "shown", h.due(id), "1102 FREQ=WEEKLY")
			f.requests()
			h.complete(id)
			want(t, "done here", h.due(id), "1109 FREQ=WEEKLY")
			h.push()
			if sent := f.requests(); strings.Count(sent, "PUT") != 1 {
				t.Errorf("what is known is tried again: %s", sent)
			}
			if text := f.text(object); !strings.Contains(text, "DUE;VALUE=DATE:20261109") || tasks.Recurs(text) || strings.Contains(text, "X-KONTOR-RRULE") == c.drops {
				t.Errorf("on the server:\n%s", text)
			}
			h.pull()
			want(t, "after the pull", h.due(id), "1109 FREQ=WEEKLY")
			f.set(object, strings.Replace(f.text(object), "SUMMARY:a", "SUMMARY:b", 1))
			h.complete(id)
			h.push()
			h.pull()
			want(t, "changed on both sides", h.due(id), "1116 FREQ=WEEKLY")
			want(t, "title", h.titles(), "b")
			want(t, "conflicts", len(h.conflicts()), 0)
			f.refusesSeries(http.StatusTeapot, "")
			_, object = h.weekly("second")
			h.push()
			if f.text(object) == "" {
				t.Error("what is known of the server is forgotten")
			}
			h.delete(id)
			h.push()
			want(t, "after a deletion", f.text("uid-a.ics"), "")
			want(t, "conflicts", len(h.conflicts()), 0)
		})
	}
}

// TestSeriesIsUndone takes the repetition back, and a completion too.
func TestSeriesIsUndone(t *testing.T) {
	f := newFake(t)
	f.refusesSeries(http.StatusForbidden, "")
	h := f.home()
	h.pull()
	id, object := h.weekly("a")
	h.push()
	before, err := h.db.TaskRow(h.ctx, id)
	h.must(err)
	h.complete(id)
	h.push()
	h.change(id, func(string) (string, error) { return before.Text, nil })
	h.push()
	h.pull()
	want(t, "completion taken back", h.due(id), "1102 FREQ=WEEKLY")
	h.edit(id, tasks.Edit{RRule: ptr("")})
	h.push()
	h.pull()
	want(t, "repetition taken out", h.due(id), "1102 ")
	if text := f.text(object); tasks.Held(text) {
		t.Errorf("on the server:\n%s", text)
	}
	h.edit(id, tasks.Edit{RRule: ptr("FREQ=DAILY")})
	h.push()
	h.pull()
	want(t, "and in again", h.due(id), "1102 FREQ=DAILY")
}

// TestNotTheSeries lets writes fail for other reasons: the series stays as it is, and nothing is believed of the server.
func TestNotTheSeries(t *testing.T) {
	for code, state := range map[int]journal.State{
		http.StatusForbidden: journal.Failed, http.StatusInsufficientStorage: journal.Waiting, http.StatusServiceUnavailable: journal.Waiting,
		http.StatusInternalServerError: journal.Waiting, http.StatusRequestEntityTooLarge: journal.Failed,
	} {
		f := newFake(t)
		h := f.home()
		h.pull()
		id, _ := h.weekly("a")
		f.override = func(w http.ResponseWriter, r *http.Request, _ string) bool {
			if r.Method == http.MethodPut {
				w.WriteHeader(code)
			}
			return r.Method == http.MethodPut
		}
		ops, err := h.db.PendingOps(h.ctx, 0)
		h.must(err)
		op := ops[len(ops)-1]
		res, err := h.attempt(op)
		if errors.Is(err, ErrSeries) || errors.Is(err, ErrRepeatsHere) {
			t.Errorf("%d: %v", code, err)
		}
		want(t, "state", h.store(op, res, err), state)
		known, err := h.rules(h.ctx)
		h.must(err)
		want(t, "known", known, rulesUnknown)
		row, err := h.db.TaskRow(h.ctx, id)
		h.must(err)
		if !tasks.Recurs(row.Text) {
			t.Errorf("%d: the series is lost:\n%s", code, row.Text)
		}
	}
}

// TestSeriesOfTheServer changes a series that was made on the server, which nobody else may change: it stays one there.
func TestSeriesOfTheServer(t *testing.T) {
	f := newFake(t)
	f.set("s.ics", vtodo("s", "SUMMARY:s", "DUE;VALUE=DATE:20261102", "RRULE:FREQ=WEEKLY"))
	f.refusesSeries(http.StatusForbidden, "Recurring tasks are not supported")
	h := f.home()
	h.pull()
	h.edit(h.find("s").ID, tasks.Edit{Title: ptr("t")})
	ops, err := h.db.PendingOps(h.ctx, 0)
	h.must(err)
	res, err := h.attempt(ops[0])
	want(t, "outcome", res.Outcome, journal.Rejected)
	want(t, "cause", transport.CodeOf(err), "tasks.series")
	if !tasks.Recurs(f.text("s.ics")) {
		t.Error("the series is lost on the server")
	}
}

// TestSeriesIsSaid looks for what the person is told.
func TestSeriesIsSaid(t *testing.T) {
	f := newFake(t)
	f.refusesSeries(http.StatusForbidden, "")
	h := f.home()
	h.pull()
	h.weekly("a")
	ops, err := h.db.PendingOps(h.ctx, 0)
	h.must(err)
	for _, op := range ops {
		res, err := h.attempt(op)
		want(t, "state", h.store(op, res, err), journal.Done)
		if op.ID == ops[len(ops)-1].ID {
			want(t, "said", transport.CodeOf(err), "tasks.repeats-here")
		}
	}
}

// TestCutWhileHeld is cut after the server has stored the task without its series, before anything is known of it.
func TestCutWhileHeld(t *testing.T) {
	for _, drops := range []bool{false, true} {
		f := newFake(t)
		f.refusesSeries(http.StatusForbidden, "")
		if drops {
			f.dropsOurs()
		}
		h := f.home()
		h.pull()
		text := vtodo("c", "SUMMARY:c", "DUE;VALUE=DATE:20261102", "RRULE:FREQ=WEEKLY")
		var id int64
		h.write(func(tx *storage.Tx) (err error) {
			id, _, err = tx.AddTask(h.ctx, h.list("L").ID, "c.ics", text, "c", 0)
			return err
		})
		f.set("c.ics", tasks.Hold(text))
		ops, err := h.db.PendingOps(h.ctx, 0)
		h.must(err)
		ops[0].State = journal.InDoubt
		h.write(func(tx *storage.Tx) error { return tx.SaveOp(h.ctx, ops[0]) })
		h.push()
		h.pull()
		want(t, "shown", h.due(id), "1102 FREQ=WEEKLY")
		want(t, "conflicts", len(h.conflicts()), 0)
		h.complete(id)
		h.push()
		h.pull()
		want(t, "completed", h.due(id), "1109 FREQ=WEEKLY")
	}
}

// TestSeriesIsMoved moves a recurring task on a server without MOVE that takes no series from clients: it goes on here, and
// that is said. A cut between copy and deletion comes to the same.
func TestSeriesIsMoved(t *testing.T) {
	for name, c := range map[string]struct{ drops, cut, original bool }{
		"kept": {}, "drops ours": {drops: true}, "cut": {cut: true, original: true}, "cut, drops ours": {true, true, true},
		"cut after the deletion": {cut: true}, "cut after the deletion, drops ours": {drops: true, cut: true},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			text := vtodo("s", "SUMMARY:s", "DUE;VALUE=DATE:20261102", "RRULE:FREQ=WEEKLY")
			f.set("s.ics", text) // made in the server's own window
			h := f.home()
			h.pull()
			id := h.find("s").ID
			to := secondList(t, f, c.drops)
			h.pull()
			h.write(func(tx *storage.Tx) error {
				_, err := tx.MoveTask(h.ctx, id, h.list("M").ID, "s", 0)
				return err
			})
			ops, err := h.db.PendingOps(h.ctx, 0)
			h.must(err)
			if c.cut {
				copied := tasks.Hold(text)
				if c.drops {
					copied = ours.ReplaceAllString(copied, "")
				}
				to.text = copied
				if !c.original {
					f.remove("s.ics")
				}
				ops[0].State = journal.InDoubt
			}
			res, err := h.attempt(ops[0])
			if !errors.Is(err, ErrRepeatsHere) {
				t.Errorf("said: %v", err)
			}
			want(t, "moved", h.store(ops[0], res, nil), journal.Done)
			if to.text == "" || tasks.Recurs(to.text) || f.text("s.ics") != "" {
				t.Errorf("there %q, left %q", to.text, f.text("s.ics"))
			}
			for range 2 {
				want(t, "shown", h.due(id), "1102 FREQ=WEEKLY")
				h.pull()
			}
			h.complete(id)
			h.push()
			h.pull()
			want(t, "completed", h.due(id), "1109 FREQ=WEEKLY")
			want(t, "conflicts", len(h.conflicts()), 0)
		})
	}
}

// secondary is a list beside the fake's own that holds one task at the most.
type secondary struct {
	text    string
	version int
}

// secondList adds the list M to a server without MOVE, which refuses series there and everywhere.
func secondList(t *testing.T, f *fake, drops bool) *secondary {
	t.Helper()
	const at = "/dav/u/m/"
	m := &secondary{}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.override = func(w http.ResponseWriter, r *http.Request, body string) bool {
		tag := fmt.Sprintf(`"m%d"`, m.version)
		switch {
		case r.Method == http.MethodPut && strings.Contains(body, "\nRRULE"):
			w.WriteHeader(http.StatusForbidden)
		case r.Method == "PROPFIND" && r.URL.Path == "/dav/u/":
			props := strings.Replace(f.listProps(), "<d:displayname>L<", "<d:displayname>M<", 1)
			multi(w, response("/dav/u/", `<d:resourcetype><d:collection/></d:resourcetype>`)+response(fakeList, f.listProps())+response(at, props))
		case !strings.HasPrefix(r.URL.Path, at):
			return false
		case r.Method == "REPORT" && m.text != "":
			multi(w, response(at+"s.ics", `<d:getetag>`+text(tag)+`</d:getetag><C:calendar-data>`+text(m.text)+`</C:calendar-data>`)+`<d:sync-token>x</d:sync-token>`)
		case r.Method == "REPORT":
			multi(w, `<d:sync-token>x</d:sync-token>`)
		case r.Method == http.MethodPut && (r.Header.Get("If-Match") != "" && r.Header.Get("If-Match") != tag || r.Header.Get("If-None-Match") != "" && m.text != ""):
			w.WriteHeader(http.StatusPreconditionFailed)
		case r.Method == http.MethodPut:
			if m.text, m.version = body, m.version+1; drops {
				m.text = ours.ReplaceAllString(body, "")
			}
			f.touch()
			w.Header().Set("ETag", fmt.Sprintf(`"m%d"`, m.version))
			w.WriteHeader(http.StatusCreated)
		default:
			w.WriteHeader(http.StatusMethodNotAllowed)
		}
		return true
	}
	return m
}
