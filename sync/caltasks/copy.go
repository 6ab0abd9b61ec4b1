// SPDX-License-Identifier: EUPL-1.2

package caltasks

import (
	"context"

	"kontor/app/journal"
	"kontor/app/tasks"
	"kontor/storage"
	"kontor/sync/reconcile"
)

// copied is what a move without MOVE has made in the other list.
type copied struct {
	object
	conflicts []tasks.Field
	theirs    string // the version that the conflicts are with
	held      bool   // it lies there without its series, which is kept here
}

// note is what a person should know of a move that succeeded.
func (c copied) note() error {
	if c.held {
		return ErrRepeatsHere
	}
	return nil
}

// writeCopy writes what is to be moved as a change is written: without its series where the server takes none.
func (w *Worker) writeCopy(ctx context.Context, op journal.Op, row storage.TaskRow, to storage.TaskList, over object, made *copied) error {
	p := &put{TaskPut: &reconcile.TaskPut{Base: over, Send: made.Text}, op: op, row: row, list: to}
	etag, err := w.send(ctx, p)
	made.ETag, made.Text, made.held = etag, p.Send, p.held
	return err
}

// copyOf reports whether twin is a copy of a text, perhaps without its series.
func (w *Worker) copyOf(ctx context.Context, text string, twin object) (copied, bool, error) {
	if tasks.SameButStamps(twin.Text, text) {
		return copied{object: twin, held: tasks.Recurs(text) && !tasks.Recurs(twin.Text)}, true, nil
	}
	held := tasks.Hold(text)
	kept := tasks.KeepHeld(held, twin.Text)
	if !tasks.Recurs(text) || tasks.Recurs(twin.Text) || !tasks.SameButStamps(kept, held) {
		return copied{}, false, nil
	}
	var err error
	if kept != twin.Text {
		err = w.rememberRules(ctx, rulesLost)
	}
	return copied{object: object{ETag: twin.ETag, Text: kept}, held: true}, true, err
}

// storeCopy stores where a task lies now, and what a server that takes no series was sent: what is read of it next is
// compared with that.
func storeCopy(ctx context.Context, tx *storage.Tx, op journal.Op, row storage.TaskRow, to storage.TaskList, made copied) error {
	if err := tx.TaskMoved(ctx, row.ID, op.ID, to.ID, row.Name, made.ETag); err != nil || !made.held {
		return err
	}
	return tx.TaskSent(ctx, row.ID, op.ID, made.ETag, made.Text, true)
}
