// SPDX-License-Identifier: EUPL-1.2

package demo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// TestCalDAVRefusals: what a server must not do is answered as RFC 4791, RFC 4918 and RFC 6578 say, and changes nothing.
func TestCalDAVRefusals(t *testing.T) {
	w := start(t, Options{Empty: true})
	u := w.User("brandt")
	u.PutTask("a", "1.ics", vtodo("1", "Tür"))
	u.PutTask("b", "2.ics", vtodo("2", "Tor"))
	root, home := w.TasksURL(), w.TasksURL()+"calendars/brandt/"
	two := strings.Replace(vtodo("3", "x"), "END:VCALENDAR", "BEGIN:VTODO\r\nUID:4\r\nEND:VTODO\r\nEND:VCALENDAR", 1)
	for _, c := range []struct {
		what, method, url, body string
		headers                 []string
		want                    int
		says                    string
	}{
		{"broken XML", "PROPFIND", home, "<nix", []string{"Depth", "0"}, http.StatusBadRequest, ""},
		{"all of everything", "PROPFIND", home, "", []string{"Depth", "infinity"}, http.StatusForbidden, "propfind-finite-depth"},
		{"a method that there is not", "PATCH", home + "a/1.ics", "", nil, http.StatusMethodNotAllowed, ""},
		{"reading a home", "GET", home, "", nil, http.StatusMethodNotAllowed, ""},
		{"what is not there", "GET", home + "a/nix.ics", "", nil, http.StatusNotFound, ""},
		{"an object below an object", "GET", home + "a/1.ics/2.ics", "", nil, http.StatusNotFound, ""},
		{"elsewhere", "PROPFIND", root + "nirgends/", "", []string{"Depth", "0"}, http.StatusNotFound, ""},
		{"an object in place of a list", "PUT", home + "a/", vtodo("9", "x"), nil, http.StatusMethodNotAllowed, ""},
		{"into a list that there is not", "PUT", home + "nix/1.ics", vtodo("9", "x"), nil, http.StatusConflict, ""},
		{"too large", "PUT", home + "a/9.ics", vtodo("9", strings.Repeat("x", maxObject)), nil, http.StatusForbidden, "max-resource-size"},
		{"two tasks in one object", "PUT", home + "a/9.ics", two, nil, http.StatusForbidden, "valid-calendar-data"},
		{"no task at all", "PUT", home + "a/9.ics", "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n", nil, http.StatusForbidden, "valid-calendar-data"},
		{"a list where one is", "MKCALENDAR", home + "a/", "", nil, http.StatusMethodNotAllowed, "resource-must-be-null"},
		{"a list in place of an object", "MKCALENDAR", home + "a/9.ics", "", nil, http.StatusForbidden, ""},
		{"a list from broken XML", "MKCALENDAR", home + "c/", "<nix", nil, http.StatusBadRequest, ""},
		{"properties of an object", "PROPPATCH", home + "a/1.ics", `<d:propertyupdate xmlns:d="DAV:"/>`, nil, http.StatusBadRequest, ""},
		{"deleting a home", "DELETE", home, "", nil, http.StatusForbidden, ""},
		{"deleting what is not there", "DELETE", home + "a/nix.ics", "", nil, http.StatusNotFound, ""},
		{"moving a list", "MOVE", home + "a/", "", []string{"Destination", home + "c/"}, http.StatusForbidden, ""},
		{"moving to another server", "MOVE", home + "a/1.ics", "", []string{"Destination", "http://anderswo.example/1.ics"}, http.StatusBadGateway, ""},
		{"moving to no list", "MOVE", home + "a/1.ics", "", []string{"Destination", home + "nix/1.ics"}, http.StatusConflict, ""},
		{"moving another version", "MOVE", home + "a/1.ics", "", []string{"Destination", home + "b/1.ics", "If-Match", `"0-0"`}, http.StatusPreconditionFailed, ""},
		{"a report that there is not", "REPORT", home + "a/", `<d:expand-property xmlns:d="DAV:"/>`, nil, http.StatusForbidden, "supported-report"},
		{"a report about a home", "REPORT", home, `<d:sync-collection xmlns:d="DAV:"/>`, nil, http.StatusForbidden, "supported-report"},
		{"a broken report", "REPORT", home + "a/", "<nix", nil, http.StatusBadRequest, ""},
	} {
		a := ask(t, c.method, c.url, c.body, c.headers...)
		wantStatus(t, c.what, a, c.want)
		if !strings.Contains(a.body, c.says) {
			t.Errorf("%s: %s", c.what, a.body)
		}
	}
	if a, b := u.TaskTexts("a"), u.TaskTexts("b"); len(a) != 1 || a["1.ics"] != vtodo("1", "Tür") || len(b) != 1 || len(u.TaskLists()) != 2 {
		t.Errorf("changed: %q %q %v", a, b, u.TaskLists())
	}
	moved := ask(t, "MOVE", home+"a/1.ics", "", "Destination", home+"b/2.ics")
	wantStatus(t, "moving onto another", moved, http.StatusNoContent)
	if b := u.TaskTexts("b"); len(u.TaskTexts("a")) != 0 || b["2.ics"] != vtodo("1", "Tür") {
		t.Errorf("after the move: %q", b)
	}
}

// TestCalDAVFilters: a query finds what its filter says, with and without the negation, and nothing else.
func TestCalDAVFilters(t *testing.T) {
	w := start(t, Options{Empty: true})
	u := w.User("brandt")
	with := func(uid, more string) {
		u.PutTask("a", uid+".ics", strings.Replace(vtodo(uid, "Aufgabe "+uid), "END:VTODO", more+"END:VTODO", 1))
	}
	with("plain", "")
	with("done", "STATUS:COMPLETED\r\n")
	with("open", "STATUS;X-P=1:NEEDS-ACTION\r\nBEGIN:VALARM\r\nACTION:DISPLAY\r\nEND:VALARM\r\n")
	for filter, want := range map[string]string{
		``:                               "done open plain",
		`<c:prop-filter name="STATUS"/>`: "done open",
		`<c:prop-filter name="status"><c:is-not-defined/></c:prop-filter>`:                                           "plain",
		`<c:prop-filter name="STATUS"><c:text-match>completed</c:text-match></c:prop-filter>`:                        "done",
		`<c:prop-filter name="STATUS"><c:text-match negate-condition="yes">completed</c:text-match></c:prop-filter>`: "open",
		`<c:prop-filter name="SUMMARY"><c:text-match>AUFGABE</c:text-match></c:prop-filter>`:                         "done open plain",
		`<c:comp-filter name="VALARM"/>`:                                               "open",
		`<c:comp-filter name="VALARM"><c:is-not-defined/></c:comp-filter>`:             "done plain",
		`<c:comp-filter name="VALARM"><c:prop-filter name="TRIGGER"/></c:comp-filter>`: "",
	} {
		a := ask(t, "REPORT", w.TasksURL()+"calendars/brandt/a/", `<c:calendar-query xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:d="DAV:"><d:prop><d:getetag/></d:prop>`+
			`<c:filter><c:comp-filter name="VCALENDAR"><c:comp-filter name="VTODO">`+filter+`</c:comp-filter></c:comp-filter></c:filter></c:calendar-query>`)
		wantStatus(t, filter, a, http.StatusMultiStatus)
		var found []string
		for _, name := range []string{"done", "open", "plain"} {
			if strings.Contains(a.body, "/"+name+".ics<") {
				found = append(found, name)
			}
		}
		if got := strings.Join(found, " "); got != want {
			t.Errorf("%s: %q, want %q", filter, got, want)
		}
	}
}

// TestCalDAVProperties: what can be set is kept, one by one, also where another one cannot be; removing empties it.
func TestCalDAVProperties(t *testing.T) {
	w := start(t, Options{Empty: true})
	w.User("brandt").PutTask("a", "1.ics", vtodo("1", "Tür"))
	list := w.TasksURL() + "calendars/brandt/a/"
	const space = ` xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:a="http://apple.com/ns/ical/"`
	patch := func(what, body string, good, bad bool) {
		t.Helper()
		a := ask(t, "PROPPATCH", list, `<d:propertyupdate`+space+`>`+body+`</d:propertyupdate>`)
		if strings.Contains(a.body, " 200 ") != good || strings.Contains(a.body, " 403 ") != bad {
			t.Errorf("%s: %s", what, a.body)
		}
	}
	patch("all", `<d:set><d:prop><c:calendar-description>Worum es geht</c:calendar-description><a:calendar-order>7</a:calendar-order></d:prop></d:set>`, true, false)
	patch("nonsense", `<d:set><d:prop><a:calendar-order>viele</a:calendar-order></d:prop></d:set>`, false, true)
	patch("some", `<d:set><d:prop><d:displayname>Bau</d:displayname><d:owner>ich</d:owner></d:prop></d:set>`, true, true)
	props := func() string {
		return ask(t, "PROPFIND", list, `<d:propfind`+space+`><d:prop><d:displayname/><c:calendar-description/></d:prop></d:propfind>`, "Depth", "0").body
	}
	if got := props(); !strings.Contains(got, "Worum es geht") || !strings.Contains(got, ">Bau<") {
		t.Errorf("%s", got)
	}
	patch("remove", `<d:remove><d:prop><c:calendar-description/></d:prop></d:remove>`, true, false)
	if got := props(); strings.Contains(got, "Worum") {
		t.Errorf("%s", got)
	}
	below := ask(t, "PROPFIND", w.TasksURL(), "", "Depth", "1").body
	for _, want := range []string{"/caldav/principals/brandt/", "/caldav/calendars/brandt/"} {
		if !strings.Contains(below, "<d:href>"+want+"</d:href>") {
			t.Errorf("%s is not below the root: %s", want, below)
		}
	}
	if objects := ask(t, "PROPFIND", list, "", "Depth", "1").body; !strings.Contains(objects, "/a/1.ics</d:href>") {
		t.Errorf("%s", objects)
	}
}

// TestIMAPIsDisturbed: every command says so, changes nothing, and the same connection works when the fault is over.
func TestIMAPIsDisturbed(t *testing.T) {
	w := start(t, Options{Empty: true})
	u := w.User("brandt")
	for _, name := range []string{"eins", "zwei", "drei"} {
		u.AddMessage("INBOX", note(name), time.Now())
	}
	c := dialIMAP(t, w, "brandt", nil)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(c.Create("Ablage", nil).Wait())
	_, err := c.Select("INBOX", nil).Wait()
	must(err)
	set := imap.UIDSetNum(1)
	commands := map[string]func() error{
		"create":      func() error { return c.Create("Neu", nil).Wait() },
		"rename":      func() error { return c.Rename("Ablage", "Archivkeller", nil).Wait() },
		"unsubscribe": func() error { return c.Unsubscribe("Ablage").Wait() },
		"status":      func() error { _, err := c.Status("Ablage", &imap.StatusOptions{NumMessages: true}).Wait(); return err },
		"list":        func() error { _, err := c.List("", "*", nil).Collect(); return err },
		"search":      func() error { _, err := c.UIDSearch(&imap.SearchCriteria{}, nil).Wait(); return err },
		"fetch":       func() error { _, err := c.Fetch(set, &imap.FetchOptions{UID: true, Flags: true}).Collect(); return err },
		"store": func() error {
			return c.Store(set, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagFlagged}}, nil).Close()
		},
		"copy":   func() error { _, err := c.Copy(set, "Ablage").Wait(); return err },
		"move":   func() error { _, err := c.Move(set, "Ablage").Wait(); return err },
		"append": func() error { return appendTo(c, "Ablage", note("vier")) },
	}
	before := shapeOf(u)
	w.SetFaults(IMAP, Faults{Status: http.StatusServiceUnavailable})
	selecting := func() error { _, err := c.Select("INBOX", nil).Wait(); return err }
	for _, name := range append(slices.Sorted(maps.Keys(commands)), "select") { // a SELECT that fails leaves no mailbox selected
		do, other := commands[name]
		if !other {
			do = selecting
		}
		var no *imap.Error
		if err := do(); !errors.As(err, &no) || no.Code != imap.ResponseCodeUnavailable {
			t.Errorf("%s: %v", name, err)
		}
	}
	if after := shapeOf(u); after != before {
		t.Errorf("something changed:\n%s\nbefore\n%s", after, before)
	}
	w.SetFaults(IMAP, Faults{})
	must(selecting())
	for _, name := range []string{"create", "status", "list", "search", "fetch", "store", "copy", "append", "move", "unsubscribe", "rename"} {
		if err := commands[name](); err != nil {
			t.Errorf("%s afterwards: %v", name, err)
		}
	}
	want := `Archivkeller: eins[\Flagged] eins[\Flagged] vier`
	if after := shapeOf(u); !strings.Contains(after, want) || !strings.Contains(after, "INBOX: drei zwei\n") {
		t.Errorf("afterwards:\n%s", after)
	}
}

func appendTo(c *imapclient.Client, box string, raw []byte) error {
	cmd := c.Append(box, int64(len(raw)), nil)
	if _, err := cmd.Write(raw); err != nil {
		return err
	}
	if err := cmd.Close(); err != nil {
		return err
	}
	_, err := cmd.Wait()
	return err
}

// TestANewPassword counts for every server at once, ends what is open, and is nobody else's.
func TestANewPassword(t *testing.T) {
	w := start(t, Options{Empty: true})
	c := dialIMAP(t, w, "brandt", nil)
	w.SetPassword("lena.brandt@"+Domain, "neu")
	if err := c.Noop().Wait(); err == nil {
		t.Error("the old connection lives on")
	}
	for password, good := range map[string]bool{"demo": false, "neu": true} {
		c, err := imapclient.DialInsecure(w.Addr(IMAP), nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Login("brandt", password).Wait(); (err == nil) != good {
			t.Errorf("IMAP with %q: %v", password, err)
		}
		_ = c.Close()
		for _, url := range []string{w.FilesURL(), w.TasksURL() + "calendars/brandt/"} {
			r, err := http.NewRequestWithContext(context.Background(), "PROPFIND", url, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.SetBasicAuth("brandt", password)
			r.Header.Set("Depth", "0")
			resp, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			if got := resp.StatusCode != http.StatusUnauthorized; got != good {
				t.Errorf("%s with %q: %d", url, password, resp.StatusCode)
			}
		}
	}
	other := dialIMAPAs(t, w, "weber", "demo")
	if err := other.Noop().Wait(); err != nil {
		t.Error(err)
	}
	if w.SetPassword("niemand", "x"); w.Password() != "neu" {
		t.Errorf("the first user's password is %q", w.Password())
	}
}

func dialIMAPAs(t *testing.T, w *World, user, password string) *imapclient.Client {
	t.Helper()
	c, err := imapclient.DialInsecure(w.Addr(IMAP), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.Login(user, password).Wait(); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestWhereToListen: the servers take ports in a row from the one that is named, and an address that is none is refused.
func TestWhereToListen(t *testing.T) {
	for _, bad := range []string{"127.0.0.1", "127.0.0.1:viele", "192.0.2.1:0", "beispiel.example:0"} {
		if w, err := Start(context.Background(), Options{Listen: bad, Empty: true}); !errors.Is(err, ErrAddress) && !errors.Is(err, ErrListen) {
			if w != nil {
				w.Close()
			}
			t.Errorf("%q: %v", bad, err)
		}
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close() //nolint:errcheck // nothing was written
	if w, err := Start(context.Background(), Options{Listen: taken.Addr().String(), Empty: true}); !errors.Is(err, ErrAddress) {
		if w != nil {
			w.Close()
		}
		t.Errorf("where somebody else listens: %v", err)
	}
	for range 20 { // whatever four ports in a row are free
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		first := l.Addr().(*net.TCPAddr).Port
		_ = l.Close()
		w, err := Start(context.Background(), Options{Listen: fmt.Sprint("localhost:", first), Empty: true})
		if err != nil {
			continue
		}
		for i, p := range Protocols {
			if _, port, _ := net.SplitHostPort(w.Addr(p)); port != strconv.Itoa(first+i) {
				t.Errorf("%s is at %s, the first at %d", p, w.Addr(p), first)
			}
		}
		w.Close()
		return
	}
	t.Fatal("no four ports in a row are free")
}
