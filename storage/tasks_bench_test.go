// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"fmt"
	"testing"
	"time"

	"kontor/app/tasks"
)

// fillTasks stores a list of n tasks, every third of them below the one before it.
func (s *taskStore) fillTasks(n int) {
	s.t.Helper()
	s.write(func(tx *Tx) error {
		for i := range n {
			name := fmt.Sprint("t", i)
			lines := []string{
				"SUMMARY:Aufgabe " + name, "DESCRIPTION:Eine Notiz\\nmit zwei Zeilen", "CATEGORIES:Bau,Eilt",
				fmt.Sprintf("DUE;VALUE=DATE:202612%02d", i%28+1), fmt.Sprint("X-APPLE-SORT-ORDER:", i),
			}
			if i%3 == 1 {
				lines = append(lines, fmt.Sprint("RELATED-TO:t", i-1))
			}
			if _, _, err := tx.StoreTask(s.ctx, s.list, name, "1", taskText(name, lines...)); err != nil {
				return err
			}
		}
		return nil
	})
}

// BenchmarkFirstScreen opens a list of 10,000 tasks: its tree, then the rows of one screen.
func BenchmarkFirstScreen(b *testing.B) {
	s := newTaskStore(b)
	s.fillTasks(10000)
	for b.Loop() {
		lines, err := s.TaskLines(s.ctx, tasks.Query{ListID: s.list, Closed: true}, time.Now())
		s.must(err)
		ids := make([]int64, 50)
		for i := range ids {
			ids[i] = lines[i].ID
		}
		rows, err := s.TasksByID(s.ctx, ids)
		s.must(err)
		if len(rows) != len(ids) || len(lines) != 10000 {
			b.Fatalf("%d rows, %d lines", len(rows), len(lines))
		}
	}
}
