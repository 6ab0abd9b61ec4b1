// SPDX-License-Identifier: EUPL-1.2

package caltasks

import (
	"errors"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"kontor/app/journal"
	"kontor/app/tasks"
	"kontor/storage"
	"kontor/sync/servertest"
)

// TestCase03TwoAddresses: an instance of a series that lies at an address of its own is shown once, with its series, and
// each object is written by itself.
func TestCase03TwoAddresses(t *testing.T) {
	f := newFake(t)
	f.set("series.ics", vtodo("s", "SUMMARY:Reihe", "DTSTART:20261123T100000Z", "RRULE:FREQ=DAILY"))
	instance := vtodo("s", "SUMMARY:Reihe", "RECURRENCE-ID:20261123T100000Z", "STATUS:COMPLETED")
	f.set("instance.ics", instance)
	h := f.home()
	h.pull()
	want(t, "shown", h.titles(), "Reihe")
	h.edit(h.find("Reihe").ID, tasks.Edit{Title: ptr("Neue Reihe")})
	f.requests()
	want(t, "pushed", h.push(), []journal.State{journal.Done})
	want(t, "writes", f.requests(), "PUT")
	want(t, "the instance", f.text("instance.ics"), instance)
	if !strings.Contains(f.text("series.ics"), "Neue Reihe") {
		t.Error(f.text("series.ics"))
	}
}

// TestCase04CopyGoneWrong: two objects of one UID are both shown and marked, and both stay.
func TestCase04CopyGoneWrong(t *testing.T) {
	f := newFake(t)
	f.set("one.ics", vtodo("same", "SUMMARY:Eins"))
	f.set("two.ics", vtodo("same", "SUMMARY:Zwei"))
	h := f.home()
	h.pull()
	want(t, "shown", h.titles(), "Eins,Zwei")
	if !h.find("Eins").Twin || !h.find("Zwei").Twin {
		t.Error("they are not marked")
	}
	h.edit(h.find("Zwei").ID, tasks.Edit{Title: ptr("Zwei neu")})
	want(t, "pushed", h.push(), []journal.State{journal.Done})
	h.pull()
	want(t, "shown", h.titles(), "Eins,Zwei neu")
	if !strings.Contains(f.text("one.ics"), "SUMMARY:Eins") {
		t.Error(f.text("one.ics"))
	}
}

// TestCase46BellOnRadicale: a character that XML forbids makes the server's answers broken XML; the list is read all the
// same, and no such character is ever sent.
func TestCase46BellOnRadicale(t *testing.T) {
	r := radicale(t)
	want(t, "bell", request(t, "PUT", r.ListURL("amt")+"bell.ics", vtodo("bell", "SUMMARY:Glo\acke")), 201)
	h := newHome(t, r.URL, servertest.User, servertest.Password)
	h.pull()
	want(t, "shown", h.titles(), "Drei,Eins,Glo cke,Zwei")
	h.edit(h.find("Glo cke").ID, tasks.Edit{Title: ptr("Glo\acke 2")})
	want(t, "pushed", h.push(), []journal.State{journal.Done})
	objects, err := r.Objects("amt")
	h.must(err)
	if strings.Contains(objects["bell"], "\a") || !strings.Contains(objects["bell"], "cke 2") {
		t.Errorf("%q", objects["bell"])
	}
}

// TestCase52Assignee: a change of one's own keeps what is said about invitations, octet for octet, so that it asks for none.
func TestCase52Assignee(t *testing.T) {
	f := newFake(t)
	lines := []string{
		"ORGANIZER;SCHEDULE-AGENT=NONE;CN=Chefin:mailto:chefin@amt.example", //nolint:misspell // the property's name
		"ATTENDEE;PARTSTAT=NEEDS-ACTION;SCHEDULE-AGENT=CLIENT;CN=Anna:mailto:anna@amt.example",
	}
	f.set("a.ics", vtodo("a", append([]string{"SUMMARY:Auftrag"}, lines...)...))
	h := f.home()
	h.pull()
	if h.find("Auftrag").Assignee == "" {
		t.Error("nobody is shown")
	}
	h.edit(h.find("Auftrag").ID, tasks.Edit{Title: ptr("Auftrag 2"), Percent: ptr(40)})
	want(t, "pushed", h.push(), []journal.State{journal.Done})
	for _, line := range lines {
		if !strings.Contains(strings.ReplaceAll(f.text("a.ics"), "\r\n ", ""), line) {
			t.Errorf("%s is gone from\n%s", line, f.text("a.ics"))
		}
	}
}

// TestSharing: whom a list belongs to, as servers say it.
func TestSharing(t *testing.T) {
	for name, c := range map[string]struct {
		props  string
		shared bool
		owner  string
	}{
		"mine":        {`<d:owner><d:href>/dav/p/</d:href></d:owner>`, false, ""},
		"not told":    {"", false, ""},
		"by owner":    {`<d:owner><d:href>/dav/frau%20meier/</d:href></d:owner>`, true, "frau meier"},
		"by name":     {`<d:owner><d:href>/dav/m/</d:href></d:owner><n:owner-displayname xmlns:n="http://nextcloud.com/ns">Anna Meier</n:owner-displayname>`, true, "Anna Meier"},
		"by resource": {`<S:invite><S:organizer><S:common-name>Amt</S:common-name></S:organizer></S:invite>`, true, "Amt"}, //nolint:misspell // the element's name
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.more = c.props
			if name == "by resource" {
				f.kind = `<S:shared/>`
			}
			h := f.home()
			h.pull()
			if l := h.list("L"); l.Shared != c.shared || l.Owner != c.owner {
				t.Errorf("shared %v, owner %q", l.Shared, l.Owner)
			}
			f.requests()
			h.pull()
			want(t, "nothing new", f.requests(), "PROPFIND")
		})
	}
}

// TestChangeGoesAlong: a change of a task that somebody has moved to another list is made there, and nothing is there twice,
// whether the move was heard of before or not.
func TestChangeGoesAlong(t *testing.T) {
	for name, heard := range map[string]bool{"unheard": false, "heard of": true} {
		t.Run(name, func(t *testing.T) {
			r := radicale(t)
			if err := r.List("haus", "Haus", nil); err != nil {
				t.Fatal(err)
			}
			h := newHome(t, r.URL, servertest.User, servertest.Password)
			h.pull()
			h.edit(h.find("Eins").ID, tasks.Edit{Note: ptr("Notiz")})
			want(t, "their copy", request(t, "PUT", r.ListURL("haus")+"eins.ics", vtodo("eins", "SUMMARY:Eins", "PRIORITY:1")), 201)
			want(t, "their deletion", request(t, "DELETE", r.ListURL("amt")+"eins.ics", ""), 200)
			if heard {
				h.pull()
			}
			want(t, "pushed", h.push(), []journal.State{journal.Done})
			h.pull()
			objects, err := r.Objects("haus")
			h.must(err)
			if text := objects["eins"]; !strings.Contains(text, "Notiz") || !strings.Contains(text, "PRIORITY:1") {
				t.Errorf("merged to\n%s", text)
			}
			want(t, "shown", h.titles(), "Drei,Eins,Zwei")
			want(t, "where", h.find("Eins").ListID, h.list("Haus").ID)
		})
	}
}

// xandikos starts a Xandikos; without one the test is skipped.
func xandikos(t *testing.T) string {
	t.Helper()
	bin, err := exec.LookPath("xandikos")
	if err != nil {
		t.Skip("xandikos is not installed")
	}
	addr := servertest.FreeAddr(t)
	_, port, _ := strings.Cut(addr, ":")
	cmd := exec.Command(bin, "-l", "127.0.0.1", "-p", port, "-d", t.TempDir(), "--current-user-principal", "/anna/", "--defaults")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()
	})
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if c, err := net.Dial("tcp", addr); err == nil {
			_ = c.Close() // it has said enough
			return "http://" + addr + "/"
		}
	}
	t.Fatal("xandikos does not start")
	return ""
}

// TestCase55OnXandikos: it reports a refused task as a multistatus, and a token that it does not know as an error of its
// own; both are understood.
func TestCase55OnXandikos(t *testing.T) {
	url := xandikos(t)
	h := newHome(t, url, "anna", "")
	h.pull()
	lists, err := h.db.TaskLists(h.ctx)
	h.must(err)
	if len(lists) == 0 {
		t.Fatal("no list is found")
	}
	name := lists[0].Name
	id := h.add(name, "Eins")
	want(t, "pushed", h.push(), []journal.State{journal.Done})
	h.pull()
	row, err := h.db.TaskRow(h.ctx, id)
	h.must(err)
	list, err := h.db.TaskList(h.ctx, row.RemoteList)
	h.must(err)
	if _, err := h.Worker.write(h.ctx, list.Href+"zweite.ics", object{}, row.Text); !errors.Is(err, ErrRefused) {
		t.Error("a second object of the same UID counts as stored")
	}
	h.write(func(tx *storage.Tx) error { return tx.SaveTaskCursor(h.ctx, list.ID, "", "bogus") })
	h.edit(id, tasks.Edit{Title: ptr("Eins neu")})
	want(t, "pushed", h.push(), []journal.State{journal.Done})
	h.pull()
	want(t, "shown", h.titles(), "Eins neu")
}
