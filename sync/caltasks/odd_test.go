// SPDX-License-Identifier: EUPL-1.2

package caltasks

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"kontor/app/journal"
	"kontor/app/tasks"
	"kontor/storage"
	"kontor/sync/transport"
)

func numbered(f *fake, n int) {
	for i := range n {
		f.set(fmt.Sprintf("t%d.ics", i), vtodo(fmt.Sprintf("t%d", i), fmt.Sprintf("SUMMARY:T%d", i)))
	}
}

// TestCase56Listings: the ways servers list and refuse; every one leads to the same, and nothing that is known is fetched
// again.
func TestCase56Listings(t *testing.T) {
	const query, sync, get = "calendar-query", "sync-collection", "calendar-multiget"
	refused := func(code int) func(*fake) { return func(f *fake) { f.tokenError = code } }
	for name, c := range map[string]struct {
		set          func(*fake)
		first, after []string
	}{
		"as it should be":  {func(*fake) {}, []string{query}, []string{sync, get}},
		"no texts at once": {func(f *fake) { f.noQueryData = true }, []string{query, get}, []string{sync, get}},
		"no query for all": {func(f *fake) { f.queryError = 504 }, []string{query, sync, get}, []string{sync, get}},
		"no query at all":  {func(f *fake) { f.queryError = 501; f.noSync = true }, []string{query, sync, query, "PROPFIND", get}, []string{sync, query, "PROPFIND", get}},
		"no sync":          {func(f *fake) { f.noSync = true }, []string{query}, []string{sync, query, get}},
		"no token told":    {func(f *fake) { f.noToken = true }, []string{query}, []string{sync, get}},
		"mixed":            {func(f *fake) { f.comps = "" }, []string{query}, []string{query, get}},
		"in parts":         {func(f *fake) { f.limit = 2 }, []string{query}, []string{sync, sync, get}},
		"asked for times":  {func(f *fake) { f.times = true }, []string{query}, []string{query, get}},
		"token 400":        {refused(400), []string{query}, []string{sync, sync, get}},
		"token 403":        {refused(403), []string{query}, []string{sync, sync, get}},
		"token 409":        {refused(409), []string{query}, []string{sync, sync, get}},
		"token 410":        {refused(410), []string{query}, []string{sync, sync, get}},
		"token 412":        {refused(412), []string{query}, []string{sync, sync, get}},
		"token 500":        {refused(500), []string{query}, []string{sync, sync, get}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			c.set(f)
			numbered(f, 5)
			f.pass(time.Minute)
			h := f.home()
			h.pull()
			f.requests()
			h = f.home()
			h.must(h.Test(h.ctx))
			f.requests()
			h.pull()
			told := "PROPFIND PROPFIND " // the first one finds out by what to ask
			if f.times {
				told = "PROPFIND "
			}
			want(t, "first", f.requests(), told+strings.Join(c.first, " "))
			want(t, "titles", h.titles(), "T0,T1,T2,T3,T4")
			h.pull()
			want(t, "unchanged", f.requests(), "PROPFIND")
			f.set("t1.ics", vtodo("t1", "SUMMARY:Neu"))
			f.remove("t2.ics")
			f.served = 0
			h.pull()
			want(t, "after a change", f.requests(), "PROPFIND "+strings.Join(c.after, " "))
			want(t, "texts fetched again", f.served, 1)
			want(t, "titles", h.titles(), "Neu,T0,T3,T4")
			got := h.report()
			want(t, "counts", fmt.Sprint(got.New, got.Changed, got.Gone), "5 1 1")
		})
	}
}

// TestTimeThatIsTooFresh: a time of change that counts seconds says nothing while more may change in the same second.
func TestTimeThatIsTooFresh(t *testing.T) {
	f := newFake(t)
	f.times = true
	numbered(f, 2)
	f.pass(time.Minute)
	h := f.home()
	h.pull()
	f.set("t1.ics", vtodo("t1", "SUMMARY:Neu"))
	h.pull()
	f.set("t1.ics", vtodo("t1", "SUMMARY:Neuer")) // in the same second: the time is the same as before
	h.pull()
	want(t, "titles", h.titles(), "Neuer,T0")
	f.pass(time.Minute)
	h.pull()
	f.requests()
	h.pull()
	want(t, "settled", f.requests(), "PROPFIND")
}

// TestFirstLookAsksForNoTime: before a Radicale list is read for the first time its time of change is not asked for. The next
// look knows all the same whether anything has changed since, and what changed around the first one is never missed.
func TestFirstLookAsksForNoTime(t *testing.T) {
	for _, c := range []struct {
		name   string
		before time.Duration // what lay there was this old
		during bool          // a change while the first answer is on its way
		after  time.Duration // a change so long after it, negative for none
		next   string        // the requests of the next look, a minute later
	}{
		{"long ago", time.Minute, false, -1, "PROPFIND"},
		{"a moment before", time.Second, false, -1, "PROPFIND calendar-query"},
		{"while it is read", time.Minute, true, -1, "PROPFIND calendar-query calendar-multiget"},
		{"in the same second", time.Minute, false, 0, "PROPFIND calendar-query calendar-multiget"},
		{"later", time.Minute, false, 10 * time.Second, "PROPFIND calendar-query calendar-multiget"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(t)
			f.times = true
			numbered(f, 3)
			f.pass(c.before)
			f.override = func(w http.ResponseWriter, r *http.Request, body string) bool {
				if r.Method == "PROPFIND" && strings.Contains(body, "getlastmodified") {
					t.Error("asked for the time of change")
				}
				if c.during && r.Method == "REPORT" { // it comes too late for this answer
					f.report(w, body)
					f.store("t1.ics", vtodo("t1", "SUMMARY:Neu"))
					return true
				}
				return false
			}
			h := f.home()
			h.pull()
			f.mu.Lock()
			f.override = nil
			f.mu.Unlock()
			if c.after >= 0 {
				f.pass(c.after)
				f.set("t1.ics", vtodo("t1", "SUMMARY:Neu"))
			}
			f.pass(time.Minute)
			f.requests()
			h.pull()
			want(t, "next", f.requests(), c.next)
			if c.during || c.after >= 0 {
				want(t, "titles", h.titles(), "Neu,T0,T2")
			}
			h.pull()
			want(t, "afterwards", f.requests(), "PROPFIND")
		})
	}
}

// TestServerThatIsAnotherNow: what was a Radicale is asked as others are once it is none any more.
func TestServerThatIsAnotherNow(t *testing.T) {
	f := newFake(t)
	f.times = true
	numbered(f, 2)
	f.pass(time.Minute)
	h := f.home()
	h.pull()
	f.mu.Lock()
	f.times = false
	f.mu.Unlock()
	f.set("t1.ics", vtodo("t1", "SUMMARY:Neu"))
	h.pull()
	want(t, "titles", h.titles(), "Neu,T0")
	f.requests()
	h.pull()
	want(t, "afterwards", f.requests(), "PROPFIND")
}

// TestCase57ReplacedList: a list that was replaced may carry the tag of the old one; a whole comparison finds out in time.
func TestCase57ReplacedList(t *testing.T) {
	f := newFake(t)
	f.ctag = "7"
	numbered(f, 3)
	h := f.home()
	h.pull()
	f.remove("t0.ics")
	f.set("other.ics", vtodo("other", "SUMMARY:Anders"))
	h.write(func(tx *storage.Tx) error {
		return tx.SetSetting(h.ctx, fmt.Sprintf("_tasks_full_%d", h.list("L").ID), time.Now().Add(-2*fullEvery).UTC().Format(time.RFC3339))
	})
	h.pull()
	want(t, "titles", h.titles(), "Anders,T1,T2")
}

// Interop cases 45, 46 and 49, and what is no task at all.
func TestOddObjects(t *testing.T) {
	f := newFake(t)
	f.set("bell.ics", vtodo("bell", "SUMMARY:Glo\acke"))
	f.set("event.ics", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:e\r\nSUMMARY:Termin\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
	f.set("cut.ics", "BEGIN:VCALENDAR\r\nBEGIN:VTODO\nUID:cut\nSUMMARY:Ohne Ende")
	f.set("a ä@b#.ics", vtodo("name", "SUMMARY:Name"))
	f.set("empty.ics", vtodo("empty", "X-A:1"))
	h := f.home()
	h.pull()
	if got := h.titles(); !strings.Contains(got, "Glo") || !strings.Contains(got, "Name") || strings.Contains(got, "Termin") {
		t.Errorf("titles %q", got)
	}
	want(t, "total", h.list("L").Total, 4)
	if !h.find("Ohne Ende").Broken {
		t.Error("the broken one is not marked")
	}
	h.edit(h.find("Name").ID, tasks.Edit{Title: ptr("Neuer Name")})
	want(t, "pushed", h.push(), []journal.State{journal.Done})
	if !strings.Contains(f.text("a ä@b#.ics"), "Neuer Name") {
		t.Errorf("objects %v", f.names())
	}
	before := f.requests()
	h.pull()
	f.requests()
	h.pull()
	want(t, "quiet after "+before, f.requests(), "PROPFIND")
}

// TestCase50ReadOnlyShare: where nothing may be written no edit is offered.
func TestCase50ReadOnlyShare(t *testing.T) {
	f := newFake(t)
	f.privileges = `<d:privilege><d:read/></d:privilege>`
	numbered(f, 1)
	h := f.home()
	h.pull()
	if l := h.list("L"); !l.ReadOnly || !h.find("T0").ReadOnly || l.Color != "#0b6e75" {
		t.Errorf("%+v", l)
	}
	f.privileges = `<d:privilege><d:write-content/></d:privilege>`
	h.pull()
	want(t, "writable", h.list("L").ReadOnly, false)
}

// TestCase53Components: a list that takes no tasks is not offered, one that does not say what it takes is.
func TestCase53Components(t *testing.T) {
	for comps, offered := range map[string]int64{
		"": 1, `<C:comp name="VTODO"/>`: 1, `<C:comp name="VEVENT"/><C:comp name="vtodo"/>`: 1, `<C:comp name="VEVENT"/>`: 0,
	} {
		f := newFake(t)
		numbered(f, 1)
		h := f.home()
		h.pull()
		f.comps = comps
		h.pull()
		want(t, "lists with "+comps, h.report().Lists, offered)
		want(t, "titles with "+comps, h.titles(), map[int64]string{1: "T0", 0: ""}[offered])
	}
}

// TestCase54RewrittenAfterPut: what the server made of a task is read again and shown.
func TestCase54RewrittenAfterPut(t *testing.T) {
	f := newFake(t)
	numbered(f, 1)
	h := f.home()
	h.pull()
	f.noPutTag = true
	f.rewrite = func(s string) string { return strings.Replace(s, "PRODID:-//Kontor//Kontor//DE", "PRODID:X", 1) }
	id := h.add("L", "Neu")
	h.edit(id, tasks.Edit{Note: ptr("a")})
	want(t, "pushed", h.push(), []journal.State{journal.Done, journal.Done})
	h.pull()
	row, err := h.db.TaskRow(h.ctx, id)
	h.must(err)
	if row.Text != f.text("uid-Neu.ics") || !strings.Contains(row.Text, "PRODID:X") || row.ETag == "" {
		t.Errorf("shown\n%s\nheld\n%s", row.Text, f.text("uid-Neu.ics"))
	}
}

// TestCase55PutAnswers: a multistatus is a failure, and so is every other refusal; some are worth another attempt.
func TestCase55PutAnswers(t *testing.T) {
	f := newFake(t)
	numbered(f, 1)
	h := f.home()
	h.pull()
	f.override = func(w http.ResponseWriter, r *http.Request, _ string) bool {
		if r.Method == http.MethodPut {
			multi(w, `<d:response><d:href>/x</d:href><d:status>HTTP/1.1 403 Forbidden</d:status></d:response>`)
		}
		return r.Method == http.MethodPut
	}
	h.add("L", "Abgelehnt")
	want(t, "207", h.push(), []journal.State{journal.Failed})
	for status, state := range map[int]journal.Outcome{400: journal.Rejected, 403: journal.Rejected, 413: journal.Rejected, 423: journal.Retry, 429: journal.Retry, 500: journal.Retry, 503: journal.Retry} {
		f.override = func(w http.ResponseWriter, r *http.Request, _ string) bool {
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(status)
			return true
		}
		ops, err := h.db.PendingOps(h.ctx, 0)
		h.must(err)
		res, err := h.Push(h.ctx, ops[0])
		if err == nil || res.Outcome != state || (state == journal.Retry && res.RetryAfter != 7*time.Second) {
			t.Errorf("%d: %v, %v", status, res, err)
		}
	}
}

// TestCase60WeakTags: an endless race ends, and a person decides.
func TestCase60WeakTags(t *testing.T) {
	f := newFake(t)
	f.weak = true
	numbered(f, 1)
	h := f.home()
	h.pull()
	h.edit(h.find("T0").ID, tasks.Edit{Title: ptr("Meins")})
	f.requests()
	want(t, "pushed", h.push(), []journal.State{journal.Failed})
	want(t, "attempts", strings.Count(f.requests(), "PUT"), attempts)
	conflicts := h.conflicts()
	if len(conflicts) != 1 || !strings.Contains(string(conflicts[0].Detail), string(tasks.ReasonMoving)) {
		t.Errorf("conflicts %v", conflicts)
	}
	h.delete(h.find("Meins").ID)
	ops, err := h.db.PendingOps(h.ctx, 0)
	h.must(err)
	if res, err := h.Push(h.ctx, ops[1]); res.Outcome != journal.Rejected || err == nil {
		t.Errorf("delete: %v %v", res, err)
	}
}

// A cut before, while and after a request: nothing sent is Retry, everything else is doubt.
func TestCuts(t *testing.T) {
	f := newFake(t)
	numbered(f, 1)
	h := f.home()
	h.pull()
	h.add("L", "Neu")
	ops, err := h.db.PendingOps(h.ctx, 0)
	h.must(err)
	f.override = func(w http.ResponseWriter, r *http.Request, _ string) bool {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			err = conn.Close()
		}
		if err != nil {
			t.Error(err)
		}
		return true
	}
	res, err := h.Push(h.ctx, ops[0])
	if err == nil || res.Outcome != journal.Unknown {
		t.Errorf("cut: %v %v", res.Outcome, err)
	}
	if res, err = h.Settle(h.ctx, ops[0]); err == nil || res.Outcome != journal.Unknown {
		t.Errorf("settle without an answer: %v %v", res.Outcome, err)
	}
	if err := h.Pull(h.ctx); !transport.IsConnectionError(err) {
		t.Errorf("pull: %v", err)
	}
	nobody := newHome(t, "http://127.0.0.1:1/", "u", "p")
	if res, err = nobody.Push(h.ctx, ops[0]); err == nil || res.Outcome != journal.Retry {
		t.Errorf("nobody there: %v %v", res.Outcome, err)
	}
	f.mu.Lock() // the handler of a connection that was cut may still be on its way out
	f.override = nil
	f.mu.Unlock()
	if res, err = h.Settle(h.ctx, ops[0]); err != nil || res.Outcome != journal.Retry {
		t.Errorf("it did not arrive: %v %v", res.Outcome, err)
	}
	want(t, "pushed", h.push(), []journal.State{journal.Done})
}

// A listing that is cut deletes nothing.
func TestCutListing(t *testing.T) {
	f := newFake(t)
	numbered(f, 3)
	h := f.home()
	h.pull()
	f.set("t9.ics", vtodo("t9", "SUMMARY:T9"))
	f.override = func(w http.ResponseWriter, r *http.Request, body string) bool {
		if r.Method != "REPORT" {
			return false
		}
		w.WriteHeader(http.StatusMultiStatus)
		fmt.Fprint(w, `<d:multistatus xmlns:d="DAV:"><d:response><d:href>`+fakeList+`t0.ics</d:href>`)
		return true
	}
	if err := h.Pull(h.ctx); err == nil {
		t.Error("a cut listing is taken for a whole one")
	}
	want(t, "kept", h.titles(), "T0,T1,T2")
}

// An address that cannot be used, or a refusal for one object, does not stop the others, and nothing is concluded from it.
func TestPartialListing(t *testing.T) {
	f := newFake(t)
	f.noSync = true
	numbered(f, 3)
	h := f.home()
	h.pull()
	f.remove("t0.ics")
	f.set("t9.ics", vtodo("t9", "SUMMARY:T9"))
	broken := `<d:response><d:href>https://elsewhere.example/dav/u/l/t0.ics</d:href><d:propstat><d:prop/><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>`
	f.override = func(w http.ResponseWriter, r *http.Request, body string) bool {
		switch {
		case r.Method == "PROPFIND":
			multi(w, response(fakeList, f.listProps())+broken)
		case strings.Contains(body, "calendar-query"):
			multi(w, response(fakeList+"t9.ics", `<d:getetag>"x"</d:getetag>`)+
				`<d:response><d:href>`+fakeList+`t1.ics</d:href><d:status>HTTP/1.1 403 Forbidden</d:status></d:response>`)
		default:
			return false
		}
		return true
	}
	h.pull()
	want(t, "titles", h.titles(), "T0,T1,T2,T9")
	// What is gone by the time it is fetched goes.
	f.override = nil
	f.remove("t1.ics")
	h.write(func(tx *storage.Tx) error {
		return tx.TaskSent(h.ctx, h.find("T1").ID, 0, `"v2"`, vtodo("t1", "SUMMARY:T1"), true)
	})
	f.ctag = "same"
	h.pull()
	want(t, "titles", h.titles(), "T2,T9")
}

// A list that is suddenly empty: nothing is deleted before a person has decided, and both decisions work.
func TestBrake(t *testing.T) {
	for _, accept := range []bool{true, false} {
		f := newFake(t)
		numbered(f, brakeFrom+5)
		h := f.home()
		h.pull()
		for i := range brakeFrom + 4 {
			f.remove(fmt.Sprintf("t%d.ics", i))
		}
		if err := h.Pull(h.ctx); !errors.Is(err, transport.ErrPaused) {
			t.Errorf("emptied: %v", err)
		}
		want(t, "kept", len(h.all()), brakeFrom+5)
		want(t, "asked", len(h.conflicts()), 1)
		h.write(func(tx *storage.Tx) error { return tx.SetSetting(h.ctx, AllowKey(h.list("L").ID), Decision(accept)) })
		h.pull()
		h.push()
		h.pull()
		left := map[bool]int{true: 1, false: brakeFrom + 5}[accept]
		want(t, "left here", len(h.all()), left)
		want(t, "left there", len(f.objects), left)
	}
}

// The whole list is gone: it stays until a person has decided.
func TestListGone(t *testing.T) {
	f := newFake(t)
	numbered(f, brakeFrom)
	h := f.home()
	h.pull()
	f.noCalendars = true
	h.pull()
	want(t, "kept", len(h.all()), brakeFrom)
	h.write(func(tx *storage.Tx) error { return tx.SetSetting(h.ctx, AllowKey(h.list("L").ID), Decision(false)) })
	h.pull()
	ops, err := h.db.PendingOps(h.ctx, 0)
	h.must(err)
	want(t, "to restore", len(ops), brakeFrom+1)
	want(t, "first", ops[0].Kind, journal.TaskListCreate)
	f.noCalendars = false
	h.pull()
	want(t, "shown", len(h.all()), brakeFrom)
}

// Servers without MOVE: a copy first, then the original goes.
func TestMoveByCopy(t *testing.T) {
	f := newFake(t)
	numbered(f, 1)
	h := f.home()
	h.pull()
	id := h.find("T0").ID
	var other int64
	h.write(func(tx *storage.Tx) (err error) {
		other, err = tx.AddTaskList(h.ctx, storage.TaskList{List: tasks.List{AccountID: h.cfg.Account.ID, Name: "Andere"}, Href: "/dav/u/m/", OnServer: true, RemoteName: "Andere"})
		if err != nil {
			return err
		}
		_, err = tx.MoveTask(h.ctx, id, other, "T0", 0)
		return err
	})
	var copied string
	f.override = func(w http.ResponseWriter, r *http.Request, body string) bool {
		if r.Method == http.MethodPut && r.URL.Path == "/dav/u/m/t0.ics" {
			copied = body
			w.WriteHeader(http.StatusCreated)
			return true
		}
		return false
	}
	f.requests()
	want(t, "pushed", h.push(), []journal.State{journal.Done})
	want(t, "requests", f.requests(), "MOVE calendar-multiget PUT DELETE")
	if !strings.Contains(copied, "SUMMARY:T0") || f.text("t0.ics") != "" || h.find("T0").ListID != other {
		t.Errorf("moved %q", copied)
	}
}

func TestRedirectedDiscovery(t *testing.T) {
	f := newFake(t)
	numbered(f, 1)
	f.override = func(w http.ResponseWriter, r *http.Request, _ string) bool {
		switch r.URL.Path {
		case "/":
			w.WriteHeader(http.StatusMethodNotAllowed)
		case wellKnown:
			http.Redirect(w, r, "/dav/", http.StatusMovedPermanently)
		default:
			return false
		}
		return true
	}
	h := newHome(t, f.url, "u", "p")
	h.pull()
	want(t, "titles", h.titles(), "T0")
	f.requests()
	again, err := New(h.cfg)
	h.must(err)
	h.must(again.Pull(h.ctx))
	want(t, "the place is remembered", f.requests(), "OPTIONS PROPFIND")
	h.must(again.Close())
	f.override = func(w http.ResponseWriter, r *http.Request, _ string) bool {
		w.WriteHeader(http.StatusNotFound)
		return true
	}
	if err := h.Test(h.ctx); err == nil {
		t.Error("nothing there is taken for a server")
	}
	if domain("dav.example.co.uk") != "example.co.uk" || domain("127.0.0.1") != "127.0.0.1" || h.follow("http://127.0.0.1:1/") {
		t.Error("domains")
	}
}

func TestReportSums(t *testing.T) {
	a := Report{1, 2, 3, 4, 5, 6, 7, 8}
	want(t, "sum", a.Add(a), Report{2, 4, 6, 8, 10, 12, 14, 16})
	want(t, "difference", a.Sub(a), Report{Lists: 1})
}
