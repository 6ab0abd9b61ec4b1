// SPDX-License-Identifier: EUPL-1.2

package caltasks

import (
	"testing"
	"time"

	"kontor/app/journal"
	"kontor/app/tasks"
	"kontor/storage"
	"kontor/sync/servertest"
)

// TestCyrus works with a real Cyrus, which writes each tag into a line of its own and gives weak ETags to compressed answers: two
// devices, a new list and its tasks, a series changed on both sides, a deletion.
func TestCyrus(t *testing.T) {
	s := servertest.Cyrus(t)
	a, b := newHome(t, s.URL, s.User, s.Password), newHome(t, s.URL, s.User, s.Password)
	a.pull()
	a.write(func(tx *storage.Tx) error {
		_, _, err := tx.CreateTaskList(a.ctx, a.Worker.cfg.Account.ID, "amt", "Amt", "#0b6e75")
		return err
	})
	id := a.add("Amt", "Bescheid")
	a.edit(id, tasks.Edit{
		Due: ptr(tasks.When{Time: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), AllDay: true}), RRule: ptr("FREQ=WEEKLY"), Tags: ptr([]string{"Bau", "eilig"}),
	})
	other := a.add("Amt", "Akte")
	a.write(func(tx *storage.Tx) error {
		_, err := tx.OrderTaskList(a.ctx, a.list("Amt").ID, 5, 0)
		return err
	})
	for _, state := range a.push() {
		want(t, "made", state, journal.Done)
	}
	a.pull()
	b.pull()
	want(t, "on the other device", b.titles(), "Akte,Bescheid")
	got := b.find("Bescheid")
	want(t, "rule", got.RRule, "FREQ=WEEKLY")
	want(t, "tags", got.Tags, []string{"Bau", "eilig"})
	want(t, "color", b.list("Amt").Color, "#0b6e75")
	want(t, "order", b.list("Amt").Order, 5)

	b.edit(got.ID, tasks.Edit{Title: ptr("Bescheid prüfen")})
	b.push()
	a.change(id, func(text string) (string, error) { return tasks.Complete(text, time.Now()) })
	a.delete(other)
	for _, state := range a.push() {
		want(t, "merged", state, journal.Done)
	}
	a.pull()
	b.pull()
	for _, h := range []*home{a, b} {
		task := h.find("Bescheid prüfen")
		want(t, "due", task.Due.Time.Format("0102"), "1208")
		want(t, "tasks", h.titles(), "Bescheid prüfen")
		want(t, "conflicts", len(h.conflicts()), 0)
	}
	before := a.report().Requests
	a.pull()
	if n := a.report().Requests - before; n > 2 {
		t.Errorf("%d requests where nothing had changed", n)
	}
}
