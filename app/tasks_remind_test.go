// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"errors"
	"strings"
	"testing"
	"time"

	"kontor/app/tasks"
	"kontor/storage"
)

// ringing adds a task that rang a minute ago.
func (d *taskDesk) ringing(title string) int64 {
	due, before := tasks.When{Time: time.Now().Add(14 * time.Minute)}, 15*time.Minute
	return d.add(title, tasks.Edit{Due: &due, Alarms: &[]tasks.Alarm{{Before: before}}})
}

// rings gives the titles of what rings by then, in the order of the list.
func (d *taskDesk) rings(until time.Time) string {
	d.t.Helper()
	all, err := d.db.Reminders(d.ctx, until)
	d.must(err)
	out := ""
	for _, r := range all {
		if !r.At.After(until) {
			out += r.Title + " "
		}
	}
	return out
}

// TestAnswerReminders answers reminders and puts them off; both wait for the server and can be undone.
func TestAnswerReminders(t *testing.T) {
	d := newTaskDesk(t)
	a, b := d.ringing("a"), d.ringing("b")
	now := time.Now()
	j := &Journal{db: d.db, wake: func(int64) {}}
	if got := d.rings(now); got != "a b " {
		t.Fatalf("rings: %q", got)
	}
	d.must(d.Acknowledge(d.ctx, []int64{a, b}))
	if got := d.rings(now); got != "" {
		t.Errorf("answered, but rings: %q", got)
	}
	if _, err := j.Undo(d.ctx); err != nil {
		t.Fatal(err)
	}
	if got := d.rings(now); got != "a b " {
		t.Errorf("undone, rings: %q", got)
	}
	until := now.Add(time.Hour)
	d.must(d.Snooze(d.ctx, a, until))
	task, err := d.Task(d.ctx, a)
	d.must(err)
	if got := d.rings(now); got != "b " || task.Snoozed.Unix() != until.Unix() || len(task.Alarms) != 1 {
		t.Errorf("put off: rings %q, until %v, reminders %v", got, task.Snoozed, task.Alarms)
	}
	if got := d.rings(until); got != "a b " && got != "b a " {
		t.Errorf("an hour later rings: %q", got)
	}
	before := len(d.woken)
	d.must(d.Acknowledge(d.ctx, []int64{a}))
	d.must(d.Acknowledge(d.ctx, []int64{a}))
	if n := len(d.woken) - before; n != 1 {
		t.Errorf("the server is told %d times of one answer", n)
	}
	d.must(d.Done(d.ctx, []int64{b}))
	d.must(d.Reopen(d.ctx, []int64{b}))
	if got := d.rings(until); got != "" {
		t.Errorf("done and open again, it rings: %q", got)
	}
}

// TestRemindersOfOthers answers a task that nobody here may change: only this device is silent then.
func TestRemindersOfOthers(t *testing.T) {
	d := newTaskDesk(t)
	id := d.ringing("a")
	d.must(d.db.Write(d.ctx, func(tx *storage.Tx) error {
		all, err := tx.Reminders(d.ctx, time.Now())
		if err != nil {
			return err
		}
		if _, err = tx.Rang(d.ctx, all[0].Ring, false); err != nil {
			return err
		}
		l, err := tx.TaskList(d.ctx, d.list)
		if err != nil {
			return err
		}
		l.ReadOnly = true
		return tx.StoreTaskList(d.ctx, l, 0)
	}))
	before, err := d.Raw(d.ctx, id)
	d.must(err)
	if err := d.Snooze(d.ctx, id, time.Now().Add(time.Hour)); !errors.Is(err, tasks.ErrReadOnly) {
		t.Errorf("put off: %v", err)
	}
	d.must(d.Acknowledge(d.ctx, []int64{id}))
	after, err := d.Raw(d.ctx, id)
	d.must(err)
	all, err := d.db.Reminders(d.ctx, time.Now())
	d.must(err)
	if len(all) != 1 || !all[0].Closed || !all[0].ReadOnly || string(after) != string(before) || strings.Contains(string(after), "ACKNOWLEDGED") {
		t.Errorf("answered here: %+v\n%s", all, after)
	}
}
