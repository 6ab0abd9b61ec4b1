// SPDX-License-Identifier: EUPL-1.2

package caltasks

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"kontor/app/journal"
	"kontor/app/tasks"
	"kontor/storage"
	"kontor/sync/servertest"
)

// radicale starts a server with one list of three tasks.
func radicale(t *testing.T) *servertest.CalDAVServer {
	t.Helper()
	r := servertest.Radicale(t)
	err := r.List("amt", "Amt", map[string]string{
		"eins": vtodo("eins", "SUMMARY:Eins", "X-KEPT;P=1:yes"), "zwei": vtodo("zwei", "SUMMARY:Zwei", "RELATED-TO:eins", "CATEGORIES:a,b"),
		"drei": vtodo("drei", "SUMMARY:Drei", "DUE:20261124T100000Z", "RRULE:FREQ=WEEKLY;COUNT=3"),
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// request sends a request of another client.
func request(t *testing.T, method, url, body string) int {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(servertest.User, servertest.Password)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode
}

// Every address a person may have leads to the lists.
func TestDiscoveryOnRadicale(t *testing.T) {
	r := radicale(t)
	for _, url := range []string{r.URL, strings.TrimSuffix(r.URL, "/"), r.URL + servertest.User + "/", r.URL + servertest.User, r.URL + ".well-known/caldav", r.ListURL("amt"), r.URL + "nowhere/at/all/"} {
		h := newHome(t, url, servertest.User, servertest.Password)
		h.pull()
		if h.list("Amt").Total != 3 {
			t.Errorf("%s: %s", url, h.titles())
		}
	}
	h := newHome(t, r.URL, servertest.User, "wrong")
	if err := h.Test(h.ctx); err == nil {
		t.Error("a wrong password is taken")
	}
}

// untilQuiet pulls until the server's time of change is old enough to say that nothing has changed: then one request does.
func (h *home) untilQuiet() {
	h.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		before := h.report()
		h.pull()
		now := h.report()
		want(h.t, "changes while nothing changes", fmt.Sprint(now.New, now.Changed, now.Gone), fmt.Sprint(before.New, before.Changed, before.Gone))
		if now.Requests-before.Requests == 1 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	h.t.Error("each look at the lists takes more than one request")
}

func TestStoryOnRadicale(t *testing.T) {
	r := radicale(t)
	h := newHome(t, r.URL, servertest.User, servertest.Password)
	h.pull()
	want(t, "report", h.report(), Report{Lists: 1, New: 3, Requests: h.report().Requests})

	// Offline: create, edit, complete, delete.
	added := h.add("Amt", "Neu")
	h.edit(h.find("Eins").ID, tasks.Edit{Title: ptr("Eins neu"), Tags: ptr([]string{"x"})})
	h.change(h.find("Drei").ID, func(text string) (string, error) { return tasks.Complete(text, time.Now()) })
	h.delete(h.find("Zwei").ID)
	if got := h.titles(); strings.Contains(got, "Zwei") || !strings.Contains(got, "Neu") || !strings.Contains(got, "Eins neu") {
		t.Fatalf("shown offline: %s", got)
	}
	// Meanwhile elsewhere: another field of the same task, a new one.
	want(t, "their edit", request(t, "PUT", r.ListURL("amt")+"eins.ics", vtodo("eins", "SUMMARY:Eins", "X-KEPT;P=1:yes", "PRIORITY:1")), 201)
	want(t, "their task", request(t, "PUT", r.ListURL("amt")+"vier.ics", vtodo("vier", "SUMMARY:Vier")), 201)

	want(t, "pushed", h.push(), []journal.State{journal.Done, journal.Done, journal.Done, journal.Done})
	h.pull()
	objects, err := r.Objects("amt")
	h.must(err)
	want(t, "objects", len(objects), 4)
	if eins := objects["eins"]; !strings.Contains(eins, "Eins neu") || !strings.Contains(eins, "PRIORITY:1") || !strings.Contains(eins, "X-KEPT;P=1:yes") {
		t.Errorf("merged to\n%s", eins)
	}
	if !strings.Contains(objects["drei"], "DUE:20261201T100000Z") || !strings.Contains(objects["drei"], "COUNT=2") {
		t.Errorf("advanced to\n%s", objects["drei"])
	}
	// What is shown is what the server holds, octet for octet.
	for _, task := range h.all() {
		row, err := h.db.TaskRow(h.ctx, task.ID)
		h.must(err)
		if held := objects[strings.TrimSuffix(row.Name, ".ics")]; row.Text != held {
			t.Errorf("%s is shown as\n%q\nheld as\n%q", task.Title, row.Text, held)
		}
	}
	got := h.report()
	want(t, "report", got, Report{Lists: 1, New: 4, Changed: got.Changed, Uploaded: 3, Merged: 1, Requests: got.Requests})
	h.untilQuiet()
	if h.db.Check(h.ctx) != nil || h.find("Neu").ID != added {
		t.Error("the new task has another ID")
	}
}

// TestCase59DeletionAgainstEdit: both ways the edit wins, and a person hears of it.
func TestCase59DeletionAgainstEdit(t *testing.T) {
	r := radicale(t)
	h := newHome(t, r.URL, servertest.User, servertest.Password)
	h.pull()
	h.edit(h.find("Eins").ID, tasks.Edit{Title: ptr("Eins neu")})
	h.delete(h.find("Zwei").ID)
	h.delete(h.find("Drei").ID)
	want(t, "their deletion", request(t, "DELETE", r.ListURL("amt")+"eins.ics", ""), 200)
	want(t, "their edit", request(t, "PUT", r.ListURL("amt")+"zwei.ics", vtodo("zwei", "SUMMARY:Zwei geändert")), 201)
	want(t, "their stamp", request(t, "PUT", r.ListURL("amt")+"drei.ics", vtodo("drei", "SUMMARY:Drei", "DUE:20261124T100000Z", "RRULE:FREQ=WEEKLY;COUNT=3", "X-APPLE-SORT-ORDER:9")), 201)
	want(t, "pushed", h.push(), []journal.State{journal.Done, journal.Done, journal.Done})
	h.pull()
	want(t, "titles", h.titles(), "Eins neu,Zwei geändert")
	want(t, "conflicts", len(h.conflicts()), 2)
	objects, err := r.Objects("amt")
	h.must(err)
	want(t, "objects", len(objects), 2)
	// The same when a pull hears of the deletion first.
	h.edit(h.find("Eins neu").ID, tasks.Edit{Note: ptr("Notiz")})
	want(t, "their deletion", request(t, "DELETE", r.ListURL("amt")+"eins.ics", ""), 200)
	h.pull()
	want(t, "kept", h.find("Eins neu").Note, "Notiz")
	want(t, "pushed", h.push(), []journal.State{journal.Done})
	h.pull()
	want(t, "restored", h.find("Eins neu").Note, "Notiz")
}

// TestCase58TwoDevices: of the same field on both sides mine stays, and theirs is shown.
func TestCase58TwoDevices(t *testing.T) {
	r := radicale(t)
	h := newHome(t, r.URL, servertest.User, servertest.Password)
	h.pull()
	h.edit(h.find("Eins").ID, tasks.Edit{Title: ptr("Meins")})
	want(t, "their edit", request(t, "PUT", r.ListURL("amt")+"eins.ics", vtodo("eins", "SUMMARY:Ihres")), 201)
	h.pull() // the pull comes first: what waits is laid over the new version
	want(t, "shown", h.find("Meins").Title, "Meins")
	want(t, "pushed", h.push(), []journal.State{journal.Done})
	conflicts := h.conflicts()
	if len(conflicts) != 1 || !strings.Contains(string(conflicts[0].Detail), "Ihres") || !strings.Contains(string(conflicts[0].Detail), `"title"`) {
		t.Errorf("conflicts %v", conflicts)
	}
	if !h.find("Meins").Conflict {
		t.Error("the task does not show it")
	}
	objects, err := r.Objects("amt")
	h.must(err)
	if !strings.Contains(objects["eins"], "SUMMARY:Meins") {
		t.Errorf("held: %s", objects["eins"])
	}
}

func TestListsOnRadicale(t *testing.T) {
	r := radicale(t)
	h := newHome(t, r.URL, servertest.User, servertest.Password)
	h.pull()
	var id int64
	h.write(func(tx *storage.Tx) (err error) {
		id, _, err = tx.CreateTaskList(h.ctx, h.cfg.Account.ID, "neu-1", "Bauanträge", "#bf5600")
		return err
	})
	h.add("Bauanträge", "Prüfen")
	moved := h.find("Eins").ID
	h.write(func(tx *storage.Tx) error {
		_, err := tx.MoveTask(h.ctx, moved, id, "Eins", 0)
		return err
	})
	h.edit(moved, tasks.Edit{Priority: ptr(1)})
	want(t, "moved", h.find("Eins").ListID, id)
	want(t, "pushed", h.push(), []journal.State{journal.Done, journal.Done, journal.Done, journal.Done})
	h.pull()
	want(t, "open", h.list("Bauanträge").Open, 2)
	want(t, "kept its row", h.find("Eins").ID, moved)
	objects, err := r.Objects("neu-1")
	h.must(err)
	if !strings.Contains(objects["eins"], "PRIORITY:1") || len(objects) != 2 {
		t.Errorf("objects %v", objects)
	}
	h.write(func(tx *storage.Tx) error {
		_, err := tx.ChangeTaskList(h.ctx, id, "Bau", "#112233")
		return err
	})
	want(t, "pushed", h.push(), []journal.State{journal.Done})
	other := newHome(t, r.URL, servertest.User, servertest.Password)
	other.pull()
	want(t, "color", other.list("Bau").Color, "#112233")
	for _, order := range []int{5, 0} { // and back again, as undo does
		h.write(func(tx *storage.Tx) error {
			_, err := tx.OrderTaskList(h.ctx, id, order, 0)
			return err
		})
		want(t, "pushed", h.push(), []journal.State{journal.Done})
		h.pull()
		other.pull()
		want(t, "order", []int{h.list("Bau").Order, other.list("Bau").Order}, []int{order, order})
	}
	want(t, "color", other.list("Bau").Color, "#112233")
	h.write(func(tx *storage.Tx) error {
		_, err := tx.DeleteTaskList(h.ctx, id)
		return err
	})
	want(t, "pushed", h.push(), []journal.State{journal.Done})
	h.pull()
	other.pull()
	want(t, "left", h.titles()+";"+other.titles(), "Drei,Zwei;Drei,Zwei")
}

// A crash at any point: the operation is in doubt, the server is asked, nothing happens twice and nothing is lost.
func TestDoubtOnRadicale(t *testing.T) {
	r := radicale(t)
	h := newHome(t, r.URL, servertest.User, servertest.Password)
	h.pull()
	h.write(func(tx *storage.Tx) error {
		_, _, err := tx.CreateTaskList(h.ctx, h.cfg.Account.ID, "neu-1", "Neu", "")
		return err
	})
	h.add("Amt", "Fünf")
	h.edit(h.find("Eins").ID, tasks.Edit{Title: ptr("Eins neu")})
	h.change(h.find("Drei").ID, func(text string) (string, error) { return tasks.Complete(text, time.Now()) })
	h.delete(h.find("Zwei").ID)
	h.write(func(tx *storage.Tx) error {
		_, err := tx.MoveTask(h.ctx, h.find("Eins neu").ID, h.list("Neu").ID, "Eins", 0)
		return err
	})
	for _, lost := range []bool{false, true} { // the request did not arrive; the answer did not come back
		ops, err := h.db.PendingOps(h.ctx, 0)
		h.must(err)
		for _, op := range ops {
			if !lost && op.Kind == journal.TaskMove {
				continue // its list is not there yet, so it never left
			}
			if lost {
				_, err := h.Push(h.ctx, op)
				h.must(err)
			}
			op.State = journal.InDoubt
			h.write(func(tx *storage.Tx) error { return tx.SaveOp(h.ctx, op) })
			res, err := h.Settle(h.ctx, op)
			h.must(err)
			if !lost {
				want(t, string(op.Kind), res.Outcome, journal.Retry)
				continue
			}
			if state := h.store(op, res, nil); state != journal.Done {
				t.Errorf("%s: %s", op.Kind, state)
			}
		}
	}
	h.pull()
	want(t, "left", len(h.push()), 0)
	amt, err := r.Objects("amt")
	h.must(err)
	other, err := r.Objects("neu-1")
	h.must(err)
	if len(amt) != 2 || len(other) != 1 || !strings.Contains(amt["drei"], "COUNT=2") || !strings.Contains(other["eins"], "Eins neu") {
		t.Errorf("%v\n%v", amt, other)
	}
}

// TestMovedByBoth: somebody else moved a task to the list where it was to go, and the edit before the move went along. Then
// there is nothing left to move, and above all nothing to delete.
func TestMovedByBoth(t *testing.T) {
	for name, lost := range map[string]bool{"heard": false, "not heard": true} {
		t.Run(name, func(t *testing.T) {
			r := radicale(t)
			if err := r.List("bau", "Bau", nil); err != nil {
				t.Fatal(err)
			}
			h, other := newHome(t, r.URL, servertest.User, servertest.Password), newHome(t, r.URL, servertest.User, servertest.Password)
			h.pull()
			other.pull()
			for _, one := range []*home{h, other} {
				if one == h {
					h.edit(h.find("Eins").ID, tasks.Edit{Note: ptr("von hier")})
				}
				one.write(func(tx *storage.Tx) error {
					_, err := tx.MoveTask(one.ctx, one.find("Eins").ID, one.list("Bau").ID, "Eins", 0)
					return err
				})
			}
			want(t, "moved there", other.push(), []journal.State{journal.Done})
			ops, err := h.db.PendingOps(h.ctx, 0)
			h.must(err)
			for _, op := range ops {
				res, err := h.Push(h.ctx, op)
				h.must(err)
				if lost && op.Kind == journal.TaskMove {
					op.State = journal.InDoubt
					h.write(func(tx *storage.Tx) error { return tx.SaveOp(h.ctx, op) })
					res, err = h.Settle(h.ctx, op)
					h.must(err)
				}
				want(t, string(op.Kind), h.store(op, res, nil), journal.Done)
			}
			h.pull()
			there, err := r.Objects("bau")
			h.must(err)
			if !strings.Contains(there["eins"], "von hier") || h.find("Eins").ListID != h.list("Bau").ID {
				t.Errorf("the task is gone: %v, %q", there, h.titles())
			}
		})
	}
}
