// SPDX-License-Identifier: EUPL-1.2

package caltasks

import (
	"context"
	"fmt"

	"kontor/app/tasks"
	"kontor/storage"
)

// brakeFrom is how many tasks of a list may vanish at once before a person is asked, if they are half of it or more.
const brakeFrom = 25

// verdict is what becomes of tasks that are gone from the server.
type verdict uint8

const (
	drop    verdict = iota // they go here too
	stop                   // nothing goes before a person has decided
	restore                // they are brought to the server again
)

// The values of the setting that AllowKey names.
const (
	allowDrop    = "drop"
	allowRestore = "restore"
)

// AllowKey is the setting that holds what a person has decided about a list that was suddenly emptied. It counts once.
func AllowKey(listID int64) string { return fmt.Sprintf("_tasks_allow_%d", listID) }

// Decision is the value of that setting: the tasks go here too, or are brought to the server again.
func Decision(accept bool) string {
	if accept {
		return allowDrop
	}
	return allowRestore
}

// brake decides about tasks of a list that are gone from the server. Where it is suddenly most of them, something else
// than a person's wish may be behind it, and a person is asked.
func (w *Worker) brake(ctx context.Context, tx *storage.Tx, l storage.TaskList, gone, total int) (verdict, error) {
	if gone < brakeFrom || gone*2 < total {
		return drop, nil
	}
	key := AllowKey(l.ID)
	decided, err := tx.Setting(ctx, key, "")
	if err != nil {
		return stop, err
	}
	if decided == "" {
		w.count.conflicts.Add(1)
		return stop, addConflict(ctx, tx, w.cfg.Account.ID, -l.ID, l.Name, tasks.Conflict{Reason: tasks.ReasonEmptied, Count: gone})
	}
	if err := tx.SetSetting(ctx, key, ""); err != nil {
		return stop, err
	}
	if decided == allowRestore {
		return restore, nil
	}
	return drop, nil
}

// restoreList brings a list that is gone from the server back with everything that was in it.
func restoreList(ctx context.Context, tx *storage.Tx, l storage.TaskList, states map[string]storage.TaskState) error {
	op, err := tx.RestoreTaskList(ctx, l.ID)
	if err != nil {
		return err
	}
	for _, st := range states {
		if err := tx.RestoreTask(ctx, st.ID, op.ID, op.Group); err != nil {
			return err
		}
	}
	return nil
}
