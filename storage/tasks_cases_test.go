// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"testing"

	"kontor/app/journal"
	"kontor/app/tasks"
)

// Interop case 3: Nextcloud keeps a completed instance in an object of its own, of the same UID. The series is shown once,
// what is changed is written to the object it stands in, and the instance comes to light where the series goes.
func TestCase03InstanceInItsOwnObject(t *testing.T) {
	s := newTaskStore(t)
	master := s.remote("a", "SUMMARY:Serie", "DUE:20261201T100000Z", "RRULE:FREQ=WEEKLY")
	s.write(func(tx *Tx) error {
		_, _, err := tx.StoreTask(s.ctx, s.list, "a-done", "1", taskText("a", "SUMMARY:Serie", "RECURRENCE-ID:20261124T100000Z", "STATUS:COMPLETED"))
		return err
	})
	q := tasks.Query{ListID: s.list, Closed: true}
	if got := s.titles(q); got != "Serie" || s.task(master).Twin {
		t.Errorf("shown: %s, %+v", got, s.task(master))
	}
	if id, err := s.TaskByUID(s.ctx, s.list, "a"); err != nil || id != master {
		t.Errorf("found %d, %v", id, err)
	}
	op := s.edit(master, tasks.Edit{Title: strPtr("Neu")})
	if len(op.Targets) != 1 || op.Targets[0].ID != master || op.Kind != journal.TaskPut {
		t.Errorf("operation %+v", op)
	}
	part, err := s.TaskByName(s.ctx, s.list, "a-done")
	s.must(err)
	if parts, err := s.TaskParts(s.ctx, TaskRow{ID: master, ListID: s.list, UID: "a"}); err != nil || len(parts) != 1 || parts[0] != part.Base {
		t.Errorf("parts %q, %v", parts, err)
	}
	s.cancel(op)
	s.write(func(tx *Tx) error { return tx.TaskGone(s.ctx, master, 0) })
	if got := s.titles(q); got != "Serie" || !s.task(part.ID).Override {
		t.Errorf("without the series: %s", got)
	}
}

// Interop case 4: two objects of one UID, which no server should have: both are shown and marked, neither is deleted.
func TestCase04TwoObjectsOfOneUID(t *testing.T) {
	s := newTaskStore(t)
	first, single := s.remote("a", "SUMMARY:eins", "X-APPLE-SORT-ORDER:1"), s.remote("b", "SUMMARY:allein", "X-APPLE-SORT-ORDER:3")
	s.write(func(tx *Tx) error {
		_, _, err := tx.StoreTask(s.ctx, s.list, "kopie", "1", taskText("a", "SUMMARY:zwei", "X-APPLE-SORT-ORDER:2"))
		return err
	})
	if got := s.titles(tasks.Query{ListID: s.list}); got != "eins zwei allein" {
		t.Errorf("shown: %s", got)
	}
	second, err := s.TaskByName(s.ctx, s.list, "kopie")
	s.must(err)
	if !s.task(first).Twin || !s.task(second.ID).Twin || s.task(single).Twin {
		t.Error("not marked")
	}
	s.write(func(tx *Tx) error { return tx.TaskGone(s.ctx, second.ID, 0) })
	if s.task(first).Twin {
		t.Error("still marked")
	}
}
