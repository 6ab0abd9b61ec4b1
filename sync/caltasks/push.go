// SPDX-License-Identifier: EUPL-1.2

package caltasks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"kontor/app/journal"
	"kontor/app/tasks"
	"kontor/storage"
	"kontor/sync/dav"
	"kontor/sync/engine"
)

// Push is part of engine.Worker.
func (w *Worker) Push(ctx context.Context, op journal.Op) (engine.Result, error) {
	if _, err := w.where(ctx); err != nil {
		return failed(err)
	}
	switch op.Kind {
	case journal.TaskPut:
		return w.pushPut(ctx, op)
	case journal.TaskDelete:
		return w.pushDelete(ctx, op)
	case journal.TaskMove:
		return w.pushMove(ctx, op)
	case journal.TaskListCreate:
		return w.createList(ctx, op)
	case journal.TaskListEdit:
		return w.changeList(ctx, op)
	case journal.TaskListDelete:
		return w.deleteList(ctx, op)
	}
	return engine.Result{Outcome: journal.Rejected}, fmt.Errorf("%s: %w", op.Kind, ErrRefused)
}

// pushDelete deletes the version that the person saw. Another one, with a real change, is kept.
func (w *Worker) pushDelete(ctx context.Context, op journal.Op) (engine.Result, error) {
	row, list, ok, err := w.task(ctx, op)
	if err != nil || !ok {
		return gone(err)
	}
	var p tasks.DeleteOp
	if err := json.Unmarshal(op.Payload, &p); err != nil {
		return engine.Result{Outcome: journal.Rejected}, err
	}
	there, unread := object{ETag: row.ETag, Text: row.Base}, row.Verify
	for range attempts {
		if !row.OnServer || !list.OnServer || !there.Exists() {
			return deleted(op, row.ID), nil
		}
		if !p.Covers(there.Text) {
			return w.kept(op, row, there, p.Text, unread), nil
		}
		if there.ETag != "" {
			h := http.Header{"If-Match": {strings.TrimPrefix(there.ETag, "W/")}}
			_, err = w.do(ctx, http.MethodDelete, list.Href+row.Name, h, "")
			switch {
			case err == nil, dav.IsStatus(err, http.StatusNotFound, http.StatusGone):
				return deleted(op, row.ID), nil
			case !dav.IsStatus(err, http.StatusPreconditionFailed):
				return failed(err)
			}
		}
		if there, err = w.fetchOver(ctx, list.Href, row.Name, row.Base); err != nil {
			return failed(err)
		}
		unread = false
	}
	return engine.Result{Outcome: journal.Rejected}, ErrMoving
}

func deleted(op journal.Op, id int64) engine.Result {
	return engine.Result{Outcome: journal.Succeeded, Apply: func(ctx context.Context, tx *storage.Tx) error {
		return tx.TaskGone(ctx, id, op.ID)
	}}
}

// kept ends a deletion without deleting: the task was changed on the server meanwhile, and a change beats a deletion.
// unread says that the text is what was sent, not what was read.
func (w *Worker) kept(op journal.Op, row storage.TaskRow, there object, base string, unread bool) engine.Result {
	w.count.conflicts.Add(1)
	return engine.Result{Outcome: journal.Succeeded, Apply: func(ctx context.Context, tx *storage.Tx) error {
		if err := tx.TaskSent(ctx, row.ID, op.ID, there.ETag, there.Text, unread); err != nil {
			return err
		}
		return addConflict(ctx, tx, op.AccountID, row.ID, op.Target, tasks.Conflict{
			Reason: tasks.ReasonDeletedHere, Base: base, Theirs: there.Text, Op: op.ID,
		})
	}}
}

// pushMove moves an object to another list. Servers without MOVE, or that refuse it, get a copy first and lose the
// original then, so that a cut in between leaves too much, never too little.
func (w *Worker) pushMove(ctx context.Context, op journal.Op) (engine.Result, error) {
	row, from, ok, err := w.task(ctx, op)
	if err != nil || !ok {
		return gone(err)
	}
	to, err := w.target(ctx, op)
	if err != nil {
		return engine.Result{Outcome: journal.Rejected}, err
	}
	if to.ID == from.ID { // others moved it there before
		return engine.Result{Outcome: journal.Succeeded}, nil
	}
	if row.OnServer && from.OnServer {
		h := http.Header{"Destination": {w.absolute(to.Href + row.Name)}, "Overwrite": {"F"}}
		if row.ETag != "" {
			h.Set("If-Match", strings.TrimPrefix(row.ETag, "W/"))
		}
		_, err := w.do(ctx, "MOVE", from.Href+row.Name, h, "")
		if err == nil {
			w.count.uploaded.Add(1)
			return moved(op, row, to, copied{}), nil
		}
		var status *dav.StatusError
		if !errors.As(err, &status) || status.Code == http.StatusServiceUnavailable || status.Code == http.StatusTooManyRequests {
			return failed(err)
		}
	}
	var there object
	if from.OnServer {
		if there, err = w.fetchOne(ctx, from.Href, row.Name); err != nil {
			return failed(err)
		}
	}
	if !there.Exists() {
		if row.Base == "" { // it was deleted, and there is nothing left to move
			return deleted(op, row.ID), nil
		}
		found, err := w.elsewhere(ctx, row, from, to, row.Base)
		if err != nil {
			return failed(err)
		}
		if found.Exists() { // others moved it meanwhile: it goes on from where it is now
			return w.pushMove(ctx, op)
		}
	} else if op.Tries > 1 {
		if to, err = w.carriedOn(ctx, row, from, to); err != nil {
			return failed(err)
		}
	}
	return w.copyAndDelete(ctx, op, row, from, to, there)
}

// carriedOn is the list to which somebody moved the copy on that an attempt before this one has made, else to: another copy
// would be a second task.
func (w *Worker) carriedOn(ctx context.Context, row storage.TaskRow, from, to storage.TaskList) (storage.TaskList, error) {
	found, err := w.among(ctx, row, row.Base, func(l storage.TaskList) bool { return l.ID != from.ID && l.ID != to.ID })
	if err != nil || !found.Exists() {
		return to, err
	}
	return found.list, nil
}

// target is the list that a move leads to.
func (w *Worker) target(ctx context.Context, op journal.Op) (storage.TaskList, error) {
	var p tasks.MoveOp
	if err := json.Unmarshal(op.Payload, &p); err != nil {
		return storage.TaskList{}, fmt.Errorf("read operation: %w", err)
	}
	to, err := w.db.TaskList(ctx, p.To)
	if err == nil && !to.OnServer {
		err = ErrListGone
	}
	return to, err
}

// copyAndDelete moves an object in two steps; there is the original, which may be gone.
func (w *Worker) copyAndDelete(ctx context.Context, op journal.Op, row storage.TaskRow, from, to storage.TaskList, there object) (engine.Result, error) {
	for range attempts {
		made, err := w.copy(ctx, op, row, to, there)
		if err != nil {
			return failed(err)
		}
		if !there.Exists() || !from.OnServer {
			w.count.uploaded.Add(1)
			return moved(op, row, to, made), made.note()
		}
		h := http.Header{}
		if there.ETag != "" {
			h.Set("If-Match", strings.TrimPrefix(there.ETag, "W/"))
		}
		_, err = w.do(ctx, http.MethodDelete, from.Href+row.Name, h, "")
		if err == nil || dav.IsStatus(err, http.StatusNotFound, http.StatusGone) {
			w.count.uploaded.Add(1)
			return moved(op, row, to, made), made.note()
		}
		if !dav.IsStatus(err, http.StatusPreconditionFailed) {
			return half(err)
		}
		if there, err = w.fetchOne(ctx, from.Href, row.Name); err != nil {
			return half(err)
		}
	}
	return engine.Result{Outcome: journal.Rejected}, ErrMoving
}

// copy brings what is to be moved to the other list. A copy that is there already, of an attempt before this one or of
// somebody who moved the same task, gets what has happened to the original since: from which version it was made nobody
// knows, so nothing counts as removed.
func (w *Worker) copy(ctx context.Context, op journal.Op, row storage.TaskRow, to storage.TaskList, there object) (copied, error) {
	base, made := object{}, copied{object: object{Text: there.Text}}
	if made.Text == "" {
		made.Text = row.Base
	}
	for range attempts {
		err := w.writeCopy(ctx, op, row, to, base, &made)
		if !dav.IsStatus(err, http.StatusPreconditionFailed) {
			return made, err
		}
		if base, err = w.fetchOne(ctx, to.Href, row.Name); err != nil {
			return copied{}, err
		}
		switch {
		case !base.Exists():
			continue
		case !tasks.SameUID(base.Text, made.Text):
			return copied{}, ErrRefused
		case !there.Exists():
			return copied{object: base}, nil
		}
		if twin, same, err := w.copyOf(ctx, there.Text, base); same || err != nil {
			return twin, err
		}
		if made.Text, made.conflicts, made.theirs = tasks.Unite(there.Text, base.Text); len(made.conflicts) > 0 {
			if err := w.tellCopy(ctx, op, row, made); err != nil {
				return copied{}, err
			}
		}
	}
	return copied{}, ErrMoving
}

// moved stores where the task lies now. A copy of another version than the one that is known here gives no tag: a change
// that waits must not take it for the known one.
func moved(op journal.Op, row storage.TaskRow, to storage.TaskList, made copied) engine.Result {
	if made.Text != row.Base {
		made.ETag = ""
	}
	return engine.Result{Outcome: journal.Succeeded, Proof: made.ETag, Apply: func(ctx context.Context, tx *storage.Tx) error {
		return storeCopy(ctx, tx, op, row, to, made)
	}}
}

// tellCopy stores what a person has to decide before their copy is written over, as announce does.
func (w *Worker) tellCopy(ctx context.Context, op journal.Op, row storage.TaskRow, made copied) error {
	return w.db.WriteDurable(ctx, func(tx *storage.Tx) error {
		return addConflict(ctx, tx, op.AccountID, row.ID, op.Target, tasks.Conflict{
			Reason: tasks.ReasonFields, Fields: made.conflicts, Mine: made.Text, Theirs: made.theirs, Op: op.ID,
		})
	})
}

// absolute is the address of a path, for the Destination header (RFC 4918, section 10.3).
func (w *Worker) absolute(href string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return (&url.URL{Scheme: w.base.Scheme, Host: w.base.Host, Path: href}).String()
}
