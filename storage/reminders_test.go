// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"kontor/app/tasks"
)

// remindLines are those of a reminder.
func remindLines(at time.Time) []string {
	return []string{"SUMMARY:a", "BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER;VALUE=DATE-TIME:" + at.UTC().Format("20060102T150405Z"), "END:VALARM"}
}

func (s *taskStore) reminders(until time.Time) string {
	s.t.Helper()
	all, err := s.Reminders(s.ctx, until)
	s.must(err)
	out := ""
	for _, r := range all {
		out += fmt.Sprintf("%s %v %v ", r.UID, r.Rung, r.Closed)
	}
	return out
}

// TestReminders follows tasks that remind through everything that makes them silent.
func TestReminders(t *testing.T) {
	s := newTaskStore(t)
	soon := time.Now().Add(time.Hour).Truncate(time.Second)
	a := s.remote("a", remindLines(soon)...)
	b := s.remote("b", remindLines(soon.Add(time.Minute))...)
	s.remote("c", append(remindLines(soon), "STATUS:COMPLETED")...)
	s.remote("d", "SUMMARY:x")
	if got := s.reminders(soon); got != "a false false " {
		t.Errorf("in an hour: %q", got)
	}
	if at, err := s.NextReminder(s.ctx, soon); err != nil || !at.Equal(soon.Add(time.Minute)) {
		t.Errorf("next %v, %v", at, err)
	}
	ring := tasks.Ring{AccountID: s.acct, UID: "b", At: soon.Add(time.Minute)}
	for _, want := range []bool{true, false} {
		s.write(func(tx *Tx) error {
			fresh, err := tx.Rang(s.ctx, ring, false)
			if fresh != want {
				t.Errorf("rang for the first time: %v", fresh)
			}
			return err
		})
	}
	s.write(func(tx *Tx) error { return tx.AnswerHere(s.ctx, a) }) // has not rung: nothing to answer
	if got := s.reminders(soon.Add(time.Hour)); got != "a false false b true false " {
		t.Errorf("one has rung: %q", got)
	}
	s.write(func(tx *Tx) error { return tx.AnswerHere(s.ctx, b) })
	if got := s.reminders(soon.Add(time.Hour)); got != "a false false b true true " {
		t.Errorf("one is answered: %q", got)
	}
	s.write(func(tx *Tx) error {
		_, err := tx.DeleteTask(s.ctx, a, "a", 0)
		return err
	})
	if got := s.reminders(soon.Add(time.Hour)); got != "b true true " {
		t.Errorf("one is deleted: %q", got)
	}
	s.write(func(tx *Tx) error { return tx.RemoveAccount(s.ctx, s.acct) })
	var left int
	s.must(s.scan(s.ctx, []any{&left}, `SELECT count(*) FROM rung`))
	if at, err := s.NextReminder(s.ctx, time.Time{}); left != 0 || err != nil || !at.IsZero() {
		t.Errorf("of an account that is gone %d traces are left; next %v, %v", left, at, err)
	}
}

// TestOldReminders reads tasks that were stored before reminders were kept, in portions.
func TestOldReminders(t *testing.T) {
	s := newTaskStore(t)
	soon := time.Now().Add(time.Hour)
	for n := range 5 {
		s.remote(fmt.Sprint("t", n), remindLines(soon)...)
	}
	s.remote("silent", "SUMMARY:x")
	s.write(func(tx *Tx) error {
		_, err := tx.exec(s.ctx, `UPDATE tasks SET rings = -1`)
		return err
	})
	if got := s.reminders(soon); got != "" {
		t.Fatalf("not read yet: %q", got)
	}
	rounds := 0
	for more := true; more; rounds++ {
		s.write(func(tx *Tx) (err error) {
			more, err = tx.ReadOldReminders(s.ctx, 4)
			return err
		})
	}
	if all, err := s.Reminders(s.ctx, soon); err != nil || len(all) != 5 || rounds != 2 {
		t.Errorf("%d reminders after %d rounds, %v", len(all), rounds, err)
	}
}

// TestRemindersAreFoundByIndex keeps looking cheap: it happens with every change of a task.
func TestRemindersAreFoundByIndex(t *testing.T) {
	s := newTaskStore(t)
	for _, query := range []string{`SELECT t.id` + ringingTasks, nextRing} {
		plan := ""
		s.must(s.each(s.ctx, `EXPLAIN QUERY PLAN `+query, []any{1}, func(scan func(...any) error) error {
			var id, parent, unused int
			var line string
			err := scan(&id, &parent, &unused, &line)
			plan += line + "\n"
			return err
		}))
		if !strings.Contains(plan, "tasks_rings") {
			t.Errorf("%s\n%s", query, plan)
		}
	}
}
