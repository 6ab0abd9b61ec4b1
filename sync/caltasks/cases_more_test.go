// SPDX-License-Identifier: EUPL-1.2

package caltasks

import (
	"strings"
	"testing"
	"time"

	"kontor/app/journal"
	"kontor/app/tasks"
	"kontor/sync/servertest"
)

// TestCase22OneOfBothOnRadicale: it refuses a task that has DUE and DURATION; an edit of the due moment is taken all the same.
func TestCase22OneOfBothOnRadicale(t *testing.T) {
	r := radicale(t)
	text := vtodo("dauer", "SUMMARY:Dauer", "DTSTART:20261201T090000Z", "DURATION:PT1H")
	want(t, "put", request(t, "PUT", r.ListURL("amt")+"dauer.ics", text), 201)
	want(t, "both", request(t, "PUT", r.ListURL("amt")+"beides.ics", strings.Replace(strings.ReplaceAll(text, "dauer", "beides"), "DURATION", "DUE:20261201T100000Z\r\nDURATION", 1)), 400)
	h := newHome(t, r.URL, servertest.User, servertest.Password)
	h.pull()
	h.edit(h.find("Dauer").ID, tasks.Edit{Due: &tasks.When{Time: time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)}})
	want(t, "pushed", h.push(), []journal.State{journal.Done})
	objects, err := r.Objects("amt")
	h.must(err)
	if held := objects["dauer"]; strings.Contains(held, "DURATION") || !strings.Contains(held, "DUE:20261201T120000Z") {
		t.Errorf("held\n%s", held)
	}
}

// TestCase45OthersSync: of several broken objects each is read as far as it goes and marked; those beside it are whole.
func TestCase45OthersSync(t *testing.T) {
	f := newFake(t)
	f.set("cut.ics", "BEGIN:VCALENDAR\nBEGIN:VTODO\nUID:cut\nSUMMARY:Ohne Ende")
	f.set("mark.ics", "\ufeff"+strings.ReplaceAll(vtodo("mark", "summary:Klein"), "\r\n", "\n\n"))
	f.set("whole.ics", vtodo("whole", "SUMMARY:Heil"))
	h := f.home()
	h.pull()
	want(t, "shown", h.titles(), "Heil,Klein,Ohne Ende")
	for title, broken := range map[string]bool{"Ohne Ende": true, "Klein": false, "Heil": false} {
		want(t, title+" is marked", h.find(title).Broken, broken)
	}
}

// TestCase49NothingIsWritten: a task without a title keeps having none, whatever else is changed.
func TestCase49NothingIsWritten(t *testing.T) {
	f := newFake(t)
	f.set("a.ics", vtodo("a", "PRIORITY:9"))
	h := f.home()
	h.pull()
	f.requests()
	h.pull()
	want(t, "after a pull", f.requests(), "PROPFIND")
	h.edit(h.find("").ID, tasks.Edit{Note: ptr("Notiz")})
	want(t, "pushed", h.push(), []journal.State{journal.Done})
	if held := f.text("a.ics"); strings.Contains(held, "SUMMARY") || !strings.Contains(held, "DESCRIPTION:Notiz") {
		t.Errorf("held\n%s", held)
	}
}

// TestCase51OwnAndConfidential: what is private is only read in the list of somebody else, not in one's own, and confidential
// means the same.
func TestCase51OwnAndConfidential(t *testing.T) {
	for owner, readOnly := range map[string]bool{"/dav/other/": true, "/dav/p/": false} {
		f := newFake(t)
		f.more = `<d:owner><d:href>` + owner + `</d:href></d:owner>`
		f.set("a.ics", vtodo("a", "SUMMARY:Vertraulich", "CLASS:CONFIDENTIAL"))
		f.set("b.ics", vtodo("b", "SUMMARY:Privat", "class:private"))
		f.set("c.ics", vtodo("c", "SUMMARY:Offen", "CLASS:PUBLIC"))
		h := f.home()
		h.pull()
		for title, is := range map[string]bool{"Vertraulich": readOnly, "Privat": readOnly, "Offen": false} {
			want(t, title+" in the list of "+owner+" is only read", h.find(title).ReadOnly, is)
		}
	}
}
