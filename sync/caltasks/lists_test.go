// SPDX-License-Identifier: EUPL-1.2

package caltasks

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"kontor/app/journal"
	"kontor/app/tasks"
	"kontor/storage"
	"kontor/sync/dav"
)

// createList adds a list and gives the operation.
func (h *home) createList(name string) (int64, journal.Op) {
	h.t.Helper()
	var id int64
	var op journal.Op
	h.write(func(tx *storage.Tx) (err error) {
		id, op, err = tx.CreateTaskList(h.ctx, h.cfg.Account.ID, "slug", name, "#112233")
		return err
	})
	return id, op
}

// How servers answer to a new list, and what becomes of it.
func TestCreateListAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		mkcalendar, mkcol, there int // answers; there is that of a PROPFIND
		requests                 string
		outcome                  journal.Outcome
	}{
		"made":              {201, 0, 404, "MKCALENDAR", journal.Succeeded},
		"only MKCOL":        {501, 201, 404, "MKCALENDAR PROPFIND MKCOL", journal.Succeeded},
		"made by a try":     {405, 0, 207, "MKCALENDAR PROPFIND", journal.Succeeded},
		"not allowed":       {403, 403, 404, "MKCALENDAR PROPFIND MKCOL", journal.Rejected},
		"busy":              {503, 0, 404, "MKCALENDAR", journal.Retry},
		"busy on the way":   {405, 0, 503, "MKCALENDAR PROPFIND", journal.Retry},
		"no space":          {507, 0, 404, "MKCALENDAR", journal.Retry},
		"neither knows how": {501, 501, 404, "MKCALENDAR PROPFIND MKCOL", journal.Retry},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			h := f.home()
			h.pull()
			f.override = func(w http.ResponseWriter, r *http.Request, body string) bool {
				if r.URL.Path != "/dav/u/slug/" {
					return false
				}
				code := map[string]int{"MKCALENDAR": c.mkcalendar, "MKCOL": c.mkcol, "PROPFIND": c.there}[r.Method]
				if code == http.StatusMultiStatus {
					multi(w, response(r.URL.Path, f.listProps()))
					return true
				}
				if r.Method != "PROPFIND" && (!strings.Contains(body, "Neu &amp; alt") || !strings.Contains(body, "#112233") || !strings.Contains(body, `name="VTODO"`)) {
					t.Errorf("%s asks for %s", r.Method, body)
				}
				w.WriteHeader(code)
				return true
			}
			_, op := h.createList("Neu & alt")
			f.requests()
			res, err := h.Push(h.ctx, op)
			if res.Outcome != c.outcome || (err == nil) != (c.outcome == journal.Succeeded) {
				t.Errorf("%v, %v", res.Outcome, err)
			}
			want(t, "requests", f.requests(), c.requests)
		})
	}
}

func TestChangeListAnswers(t *testing.T) {
	answer := func(status string) string {
		return `<d:response><d:href>/x</d:href><d:propstat><d:prop/><d:status>HTTP/1.1 ` + status + `</d:status></d:propstat></d:response>`
	}
	for name, c := range map[string]struct {
		code    int
		body    string
		outcome journal.Outcome
	}{
		"all set":     {207, answer("200 OK"), journal.Succeeded},
		"one refused": {207, answer("200 OK") + answer("403 Forbidden"), journal.Rejected},
		"plain":       {200, "", journal.Succeeded},
		"no XML":      {207, "<<<", journal.Retry},
		"refused":     {403, "", journal.Rejected},
		"broken":      {500, "", journal.Retry},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			h := f.home()
			h.pull()
			f.override = func(w http.ResponseWriter, r *http.Request, _ string) bool {
				switch {
				case r.Method != "PROPPATCH":
					return false
				case c.code == http.StatusMultiStatus && c.body != "<<<":
					multi(w, c.body)
				default:
					w.WriteHeader(c.code)
					_, _ = io.WriteString(w, c.body)
				}
				return true
			}
			list := h.list("L").ID
			var op journal.Op
			h.write(func(tx *storage.Tx) (err error) {
				op, err = tx.ChangeTaskList(h.ctx, list, "Anders", "#445566")
				return err
			})
			res, err := h.Push(h.ctx, op)
			if res.Outcome != c.outcome {
				t.Fatalf("%v, %v", res.Outcome, err)
			}
			if c.outcome == journal.Succeeded {
				want(t, "state", h.store(op, res, err), journal.Done)
				want(t, "color", h.list("Anders").Color, "#445566")
			}
		})
	}
}

// What is not there any more ends quietly, what cannot be is refused.
func TestOperationsWithoutTheirRow(t *testing.T) {
	f := newFake(t)
	numbered(f, 1)
	h := f.home()
	h.pull()
	nowhere := []journal.Target{{Table: "tasks", ID: 999}, {Table: "lists", ID: 999}}
	for _, kind := range tasks.Kinds() {
		for _, targets := range [][]journal.Target{nowhere, nil} {
			op := journal.Op{Kind: kind, Payload: []byte("{}"), Targets: targets}
			if res, err := h.Push(h.ctx, op); err != nil || res.Outcome != journal.Succeeded || res.Apply != nil {
				t.Errorf("push %s: %v, %v", kind, res.Outcome, err)
			}
		}
	}
	op := journal.Op{Kind: journal.MailSend, Payload: []byte("{}")}
	if res, err := h.Push(h.ctx, op); err == nil || res.Outcome != journal.Rejected {
		t.Errorf("another kind: %v, %v", res.Outcome, err)
	}
	if res, err := h.Settle(h.ctx, op); err == nil || res.Outcome != journal.Rejected {
		t.Errorf("another kind: %v, %v", res.Outcome, err)
	}
	here := []journal.Target{{Table: "tasks", ID: h.find("T0").ID}, {Table: "lists", ID: h.list("L").ID}}
	for _, kind := range tasks.Kinds() {
		op := journal.Op{Kind: kind, Payload: []byte("no JSON"), Targets: here}
		if res, err := h.Push(h.ctx, op); err == nil || (res.Outcome != journal.Rejected && res.Outcome != journal.Retry) {
			t.Errorf("payload of %s: %v, %v", kind, res.Outcome, err)
		}
	}
}

// A list that is gone takes no task; the person hears of it.
func TestPushIntoListThatIsGone(t *testing.T) {
	f := newFake(t)
	numbered(f, 1)
	h := f.home()
	h.pull()
	h.add("L", "Neu")
	f.noCalendars = true
	h.pull()
	ops, err := h.db.PendingOps(h.ctx, 0)
	h.must(err)
	res, err := h.Push(h.ctx, ops[0])
	if !errors.Is(err, ErrListGone) || res.Outcome != journal.Rejected {
		t.Errorf("%v, %v", res.Outcome, err)
	}
	want(t, "still shown", h.titles(), "Neu")
	f.noCalendars = false
	h.pull()
	want(t, "pushed", h.push(), []journal.State{journal.Done})
	h.pull()
	want(t, "titles", h.titles(), "Neu,T0")
}

func TestListProperties(t *testing.T) {
	element := func(name string, children ...dav.Element) dav.Element {
		return dav.Element{Name: dav.Name(name), Children: children}
	}
	for name, c := range map[string]struct {
		set  *dav.Element
		want bool
	}{
		"not told":   {nil, false},
		"empty":      {&dav.Element{}, false},
		"read":       {&dav.Element{Children: []dav.Element{element("privilege", element("read"))}}, true},
		"write":      {&dav.Element{Children: []dav.Element{element("privilege", element("read")), element("privilege", element("write"))}}, false},
		"bind":       {&dav.Element{Children: []dav.Element{element("privilege", element("bind"))}}, false},
		"all":        {&dav.Element{Children: []dav.Element{element("privilege", element("all"))}}, false},
		"properties": {&dav.Element{Children: []dav.Element{element("privilege", element("write-properties"))}}, true},
	} {
		if got := readOnly(c.set); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	for in, out := range map[string]string{"#0B6E75": "#0b6e75", "#0B6E75FF": "#0b6e75", "": "", "red": "", "#12345": "", "#12345g": "", "#1234567": ""} {
		if got := colorOf(in); got != out {
			t.Errorf("%q: %q", in, got)
		}
	}
	for href, ok := range map[string]bool{"/a/b": true, "/a/": false, "/a/b/": false, "/a/b/c": false, "/x/b": false} {
		if _, got := nameIn("/a/", href); got != ok {
			t.Errorf("%s: %v", href, got)
		}
	}
	if lastPart("/a/b ü/") != "b ü" || withSlash("/a") != "/a/" || withSlash("/a/") != "/a/" || escaped("/a ü@#") != "/a%20%C3%BC@%23" {
		t.Error("paths")
	}
}

// TestCase51SharedList: in a list of somebody else, what is private is only read.
func TestCase51SharedList(t *testing.T) {
	f := newFake(t)
	f.set("a.ics", vtodo("a", "SUMMARY:Offen"))
	f.set("b.ics", vtodo("b", "SUMMARY:Geheim", "CLASS:PRIVATE"))
	f.privileges = `<d:privilege><d:write/></d:privilege>`
	f.override = func(w http.ResponseWriter, r *http.Request, _ string) bool {
		if r.Method != "PROPFIND" || r.URL.Path != "/dav/u/" {
			return false
		}
		multi(w, response("/dav/u/", `<d:resourcetype><d:collection/></d:resourcetype>`)+response(fakeList, f.listProps()+`<d:owner><d:href>/dav/other/</d:href></d:owner>`))
		return true
	}
	h := f.home()
	h.pull()
	if l := h.list("L"); !l.Shared || l.Owner != "other" {
		t.Errorf("%+v", l)
	}
	if !h.find("Geheim").ReadOnly || h.find("Offen").ReadOnly {
		t.Error("what may be changed is wrong")
	}
}

// The addresses a server may hand out on the way to the lists.
func TestDiscoveryWays(t *testing.T) {
	for name, c := range map[string]struct {
		start, home string
		ok          bool
	}{
		"a relative home":         {"/dav/p/", "/dav/u/", true},
		"a whole address":         {"/dav/p/", "URL/dav/u/", true},
		"without a slash":         {"/dav/p/", "/dav/u", true},
		"on an unknown host":      {"/dav/p/", "https://elsewhere.example/dav/u/", false},
		"the home itself":         {"/dav/u/", "", true},
		"a list":                  {fakeList, "", true},
		"nothing but a principal": {"/dav/p/", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			numbered(f, 2)
			f.override = func(w http.ResponseWriter, r *http.Request, body string) bool {
				switch {
				case r.Method != "PROPFIND":
					return false
				case r.URL.Path == "/dav/p/" && r.Header.Get("Depth") == "0":
					set := ""
					if c.home != "" {
						set = `<C:calendar-home-set><d:href>` + strings.Replace(c.home, "URL", f.url, 1) + `</d:href></C:calendar-home-set>`
					}
					multi(w, response("/dav/p/", `<d:current-user-principal><d:href>/dav/p/</d:href></d:current-user-principal>`+set))
				case r.URL.Path == "/dav/p/":
					multi(w, response("/dav/p/", `<d:resourcetype><d:collection/></d:resourcetype>`))
				case r.URL.Path == "/" || r.URL.Path == wellKnown:
					w.WriteHeader(http.StatusNotFound)
				case (r.URL.Path == fakeList || r.URL.Path == "/dav/u/") && !strings.Contains(body, "current-user-principal"):
					return false
				case r.URL.Path == fakeList:
					multi(w, response(fakeList, f.listProps()))
				default:
					multi(w, response(r.URL.Path, `<d:resourcetype><d:collection/></d:resourcetype>`))
				}
				return true
			}
			h := newHome(t, f.url+c.start, "u", "p")
			err := h.Pull(h.ctx)
			if (err == nil) != c.ok {
				t.Fatalf("%v", err)
			}
			if c.ok {
				want(t, "titles", h.titles(), "T0,T1")
			}
		})
	}
}

// Where the address is that of a list there is no place for another one.
func TestNoPlaceForLists(t *testing.T) {
	f := newFake(t)
	h := newHome(t, f.url+fakeList, "u", "p")
	h.pull()
	_, op := h.createList("Neu")
	if res, err := h.Push(h.ctx, op); !errors.Is(err, ErrNoHome) || res.Outcome != journal.Rejected {
		t.Errorf("%v, %v", res.Outcome, err)
	}
	if res, err := h.Settle(h.ctx, op); !errors.Is(err, ErrNoHome) || res.Outcome != journal.Rejected {
		t.Errorf("%v, %v", res.Outcome, err)
	}
	if _, err := New(Config{DB: h.db, Account: storage.Account{TasksURL: "http://example.org/"}}); err == nil {
		t.Error("no TLS outside of this machine")
	}
}
