// SPDX-License-Identifier: EUPL-1.2

package demo

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func vtodo(uid, summary string) string {
	return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VTODO\r\nUID:" + uid + "\r\nDTSTAMP:20261101T000000Z\r\nSUMMARY:" +
		summary + "\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
}

var syncToken = regexp.MustCompile(`<d:sync-token>([^<]+)</d:sync-token>`)

// syncFrom asks what changed and gives the answer and the new token.
func syncFrom(t *testing.T, list, token, limit string) (body, next string) {
	t.Helper()
	a := ask(t, "REPORT", list, `<sync-collection xmlns="DAV:"><sync-token>`+token+`</sync-token>`+limit+`<prop><getetag/></prop></sync-collection>`)
	wantStatus(t, "sync-collection", a, http.StatusMultiStatus)
	m := syncToken.FindStringSubmatch(a.body)
	if m == nil {
		t.Fatalf("no sync token in %s", a.body)
	}
	return a.body, m[1]
}

func TestCalDAVDiscovery(t *testing.T) {
	w := start(t, Options{Empty: true})
	base := "http://" + w.Addr(Tasks)
	known := ask(t, "PROPFIND", base+"/.well-known/caldav", "", "Depth", "0")
	if known.status != http.StatusMovedPermanently || known.header.Get("Location") != "/caldav/" {
		t.Fatalf("well-known: %d, %s", known.status, known.header.Get("Location"))
	}
	steps := []struct{ path, prop, want string }{
		{"/caldav/", `<d:current-user-principal/>`, "<d:href>/caldav/principals/brandt/</d:href>"},
		{"/caldav/principals/brandt/", `<c:calendar-home-set/>`, "<d:href>/caldav/calendars/brandt/</d:href>"},
		{"/", `<d:current-user-principal/><d:nonsense/>`, "<d:status>HTTP/1.1 404 Not Found</d:status>"},
	}
	for _, s := range steps {
		a := ask(t, "PROPFIND", base+s.path, `<d:propfind xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:prop>`+s.prop+`</d:prop></d:propfind>`, "Depth", "0")
		if a.status != http.StatusMultiStatus || !strings.Contains(a.body, s.want) {
			t.Errorf("%s: %d, %s", s.path, a.status, a.body)
		}
	}
	if a := ask(t, "OPTIONS", base+"/caldav/", ""); !strings.Contains(a.header.Get("DAV"), "calendar-access") {
		t.Errorf("DAV: %s", a.header.Get("DAV"))
	}
}

func TestCalDAVListsAndObjects(t *testing.T) {
	w := start(t, Options{Empty: true})
	list := w.TasksURL() + "calendars/brandt/neu/"
	wantStatus(t, "new list", ask(t, "MKCALENDAR", list, `<c:mkcalendar xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:d="DAV:" xmlns:a="http://apple.com/ns/ical/"><d:set><d:prop>
		<d:displayname>Neu &amp; schön</d:displayname><a:calendar-color>#112233</a:calendar-color>
		<c:supported-calendar-component-set><c:comp name="VTODO"/></c:supported-calendar-component-set></d:prop></d:set></c:mkcalendar>`), http.StatusCreated)
	first := ask(t, "PUT", list+"1.ics", vtodo("1", "Tür"), "If-None-Match", "*")
	wantStatus(t, "new object", first, http.StatusCreated)
	wantStatus(t, "object where one is", ask(t, "PUT", list+"1.ics", vtodo("1", "Tor"), "If-None-Match", "*"), http.StatusPreconditionFailed)
	wantStatus(t, "second object of a UID", ask(t, "PUT", list+"2.ics", vtodo("1", "Tor")), http.StatusForbidden)
	wantStatus(t, "half an object", ask(t, "PUT", list+"3.ics", vtodo("3", "x")[:60]), http.StatusForbidden)
	wantStatus(t, "delete of another version", ask(t, "DELETE", list+"1.ics", "", "If-Match", `"0-0"`), http.StatusPreconditionFailed)
	_, token := syncFrom(t, list, "", "")
	wantStatus(t, "change", ask(t, "PUT", list+"1.ics", vtodo("1", "Tor"), "If-Match", first.header.Get("ETag")), http.StatusNoContent)
	wantStatus(t, "another object", ask(t, "PUT", list+"2.ics", vtodo("2", "Zaun")), http.StatusCreated)
	got := ask(t, "REPORT", list, `<c:calendar-multiget xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:d="DAV:"><d:prop><d:getetag/><c:calendar-data/></d:prop>
		<d:href>/caldav/calendars/brandt/neu/1.ics</d:href><d:href>/caldav/calendars/brandt/neu/nix.ics</d:href></c:calendar-multiget>`)
	if !strings.Contains(got.body, "SUMMARY:Tor&#xD;") || strings.Count(got.body, "404") != 1 {
		t.Errorf("multiget: %s", got.body)
	}
	changes, next := syncFrom(t, list, token, "<limit><nresults>1</nresults></limit>")
	if !strings.Contains(changes, "507") || strings.Contains(changes, "2.ics") {
		t.Errorf("limited: %s", changes)
	}
	wantStatus(t, "delete", ask(t, "DELETE", list+"2.ics", ""), http.StatusNoContent)
	if changes, _ = syncFrom(t, list, next, ""); !strings.Contains(changes, "2.ics</d:href><d:status>HTTP/1.1 404") {
		t.Errorf("after the delete: %s", changes)
	}
	a := ask(t, "REPORT", list, `<sync-collection xmlns="DAV:"><sync-token>unsinn</sync-token><prop/></sync-collection>`)
	if a.status != http.StatusForbidden || !strings.Contains(a.body, "valid-sync-token") {
		t.Errorf("a token of nobody: %d, %s", a.status, a.body)
	}
	if texts := w.User("brandt").TaskTexts("neu"); texts["1.ics"] != vtodo("1", "Tor") || len(texts) != 1 {
		t.Errorf("stored: %q", texts)
	}
}

func TestCalDAVPropertiesMoveAndQuery(t *testing.T) {
	w := start(t, Options{Empty: true})
	u := w.User("brandt")
	u.PutTask("a", "offen.ics", vtodo("o", "offen"))
	u.PutTask("a", "zu.ics", strings.Replace(vtodo("z", "zu"), "END:VTODO", "COMPLETED:20261101T100000Z\r\nEND:VTODO", 1))
	u.PutTask("b", "c.ics", vtodo("c", "c"))
	home := w.TasksURL() + "calendars/brandt/"
	a := ask(t, "PROPPATCH", home+"a/", `<d:propertyupdate xmlns:d="DAV:" xmlns:a="http://apple.com/ns/ical/"><d:set><d:prop><d:displayname>Anders</d:displayname><a:calendar-color>#abcdef</a:calendar-color><d:getetag>x</d:getetag></d:prop></d:set></d:propertyupdate>`)
	if a.status != http.StatusMultiStatus || !strings.Contains(a.body, "403") || u.TaskLists()["a"] != "Anders" {
		t.Errorf("proppatch: %s, %v", a.body, u.TaskLists())
	}
	a = ask(t, "REPORT", home+"a/", `<c:calendar-query xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:d="DAV:"><d:prop><d:getetag/></d:prop><c:filter><c:comp-filter name="VCALENDAR"><c:comp-filter name="VTODO"><c:prop-filter name="COMPLETED"><c:is-not-defined/></c:prop-filter></c:comp-filter></c:comp-filter></c:filter></c:calendar-query>`)
	if !strings.Contains(a.body, "offen.ics") || strings.Contains(a.body, "zu.ics") {
		t.Errorf("query: %s", a.body)
	}
	wantStatus(t, "move", ask(t, "MOVE", home+"a/offen.ics", "", "Destination", home+"b/offen.ics", "Overwrite", "F"), http.StatusCreated)
	wantStatus(t, "move onto another", ask(t, "MOVE", home+"b/offen.ics", "", "Destination", home+"b/c.ics", "Overwrite", "F"), http.StatusPreconditionFailed)
	if len(u.TaskTexts("b")) != 2 || len(u.TaskTexts("a")) != 1 {
		t.Errorf("after the move: %v, %v", u.TaskTexts("a"), u.TaskTexts("b"))
	}
	u.RemoveTask("b", "c.ics")
	list := ask(t, "PROPFIND", home, "", "Depth", "1").body
	if !strings.Contains(list, "#abcdef") || !strings.Contains(list, "<s:getctag>") {
		t.Errorf("lists: %s", list)
	}
	wantStatus(t, "delete of a list", ask(t, "DELETE", home+"b/", ""), http.StatusNoContent)
	wantStatus(t, "the list that is gone", ask(t, "PROPFIND", home+"b/", "", "Depth", "0"), http.StatusNotFound)
}

// TestReminderWithItsOwnUID: the UID of a reminder (RFC 9074, section 4) is not a second one of the task.
func TestReminderWithItsOwnUID(t *testing.T) {
	w := start(t, Options{Empty: true})
	w.User("brandt").PutTask("a", "1.ics", vtodo("1", "Tür"))
	text := strings.Replace(vtodo("2", "Tor"), "END:VTODO", "BEGIN:VALARM\r\nUID:erinnerung\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\nEND:VTODO", 1)
	wantStatus(t, "a task with it", ask(t, "PUT", w.TasksURL()+"calendars/brandt/a/2.ics", text), http.StatusCreated)
}
