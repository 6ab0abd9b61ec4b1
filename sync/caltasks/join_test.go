// SPDX-License-Identifier: EUPL-1.2

package caltasks

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"kontor/app/journal"
	"kontor/app/tasks"
	"kontor/sync/engine"
)

// sync lets the real engine carry out what waits.
func (h *home) sync() error {
	e := engine.New(h.db, slog.New(slog.DiscardHandler))
	e.Add(h.cfg.Account.ID, h.Worker)
	return e.RunOnce(h.ctx, nil)
}

func (h *home) pending() []journal.Op {
	h.t.Helper()
	ops, err := h.db.PendingOps(h.ctx, 0)
	h.must(err)
	return ops
}

// TestEditsTravelTogether: what was changed in a task while there was no network is one PUT, also of a new task, and
// each edit stays an operation.
func TestEditsTravelTogether(t *testing.T) {
	f := newFake(t)
	f.set("a.ics", vtodo("a", "SUMMARY:Alt"))
	h := f.home()
	h.must(h.sync())
	h.edit(h.find("Alt").ID, tasks.Edit{Title: ptr("Besser")})
	id := h.add("L", "Neu")
	h.edit(id, tasks.Edit{Note: ptr("Zeile")})
	h.edit(h.find("Besser").ID, tasks.Edit{Title: ptr("Gut"), Priority: ptr(1)})
	h.edit(h.find("Gut").ID, tasks.Edit{Note: ptr("Notiz")})
	if n := len(h.pending()); n != 5 {
		t.Fatalf("%d operations wait", n)
	}
	f.requests()
	h.must(h.sync())
	if got := f.requests(); strings.Count(got, "PUT") != 2 {
		t.Errorf("requests: %s", got)
	}
	for _, line := range []string{"SUMMARY:Gut", "PRIORITY:1", "DESCRIPTION:Notiz"} {
		if !strings.Contains(f.text("a.ics"), line) {
			t.Errorf("%s is missing in %s", line, f.text("a.ics"))
		}
	}
	if got := f.text("uid-Neu.ics"); !strings.Contains(got, "DESCRIPTION:Zeile") {
		t.Errorf("the new task: %s", got)
	}
	if ops := h.pending(); len(ops) > 0 || len(h.conflicts()) > 0 {
		t.Errorf("left: %+v, %+v", ops, h.conflicts())
	}
}

// TestLostAnswerToATrain: the server has taken all edits, its answer is lost, and the program starts again. Nothing is
// sent twice, and no earlier edit is laid over a later one.
func TestLostAnswerToATrain(t *testing.T) {
	f := newFake(t)
	f.set("a.ics", vtodo("a", "SUMMARY:Alt"))
	h := f.home()
	h.must(h.sync())
	for _, title := range []string{"Eins", "Zwei", "Drei"} {
		h.edit(h.all()[0].ID, tasks.Edit{Title: &title})
	}
	f.override = func(w http.ResponseWriter, r *http.Request, body string) bool {
		if r.Method != http.MethodPut {
			return false
		}
		f.store("a.ics", body)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			err = conn.Close()
		}
		if err != nil {
			t.Error(err)
		}
		return true
	}
	if err := h.sync(); err == nil {
		t.Fatal("the answer was to be lost")
	}
	for _, op := range h.pending() {
		if op.State != journal.InDoubt {
			t.Errorf("operation %d is %s", op.ID, op.State)
		}
	}
	f.mu.Lock()
	f.override = nil
	f.mu.Unlock()
	f.requests()
	h.must(h.sync())
	if got := f.requests(); strings.Contains(got, "PUT") {
		t.Errorf("requests: %s", got)
	}
	if !strings.Contains(f.text("a.ics"), "SUMMARY:Drei") || len(h.pending()) > 0 || len(h.conflicts()) > 0 {
		t.Errorf("%s\n%+v\n%+v", f.text("a.ics"), h.pending(), h.conflicts())
	}
}

// TestEditsMeetAnotherClient: edits that travel together are merged with what changed on the server meanwhile.
func TestEditsMeetAnotherClient(t *testing.T) {
	f := newFake(t)
	f.set("a.ics", vtodo("a", "SUMMARY:Alt"))
	h := f.home()
	h.must(h.sync())
	h.edit(h.find("Alt").ID, tasks.Edit{Title: ptr("Mein")})
	h.edit(h.find("Mein").ID, tasks.Edit{Priority: ptr(5)})
	f.set("a.ics", vtodo("a", "SUMMARY:Alt", "DESCRIPTION:Von dort"))
	h.must(h.sync())
	for _, line := range []string{"SUMMARY:Mein", "PRIORITY:5", "DESCRIPTION:Von dort"} {
		if !strings.Contains(f.text("a.ics"), line) {
			t.Errorf("%s is missing in %s", line, f.text("a.ics"))
		}
	}
	if len(h.conflicts()) > 0 {
		t.Errorf("%+v", h.conflicts())
	}
}
