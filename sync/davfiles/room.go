// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"errors"
	"net/http"

	"kontor/app/files"
	"kontor/app/journal"
	"kontor/storage"
	"kontor/sync/dav"
	"kontor/sync/engine"
)

// makeRoom deals with a place on the server that is taken by something which is to move away itself, but cannot go first:
// two files change their names, a file takes the name of the folder it was in, or a folder that of a file which goes into
// it. What is in the way is given a name of its own for the moment. Without such a reason the outcome is otherwise.
func (w *Worker) makeRoom(ctx context.Context, row storage.FileRow, dest string, otherwise journal.Outcome) (engine.Result, error) {
	holder, err := w.db.FileByRemote(ctx, row.AccountID, dest)
	if errors.Is(err, storage.ErrNotFound) || (err == nil && holder.ID == row.ID) {
		return engine.Result{Outcome: otherwise}, errTaken
	}
	if err != nil {
		return engine.Result{Outcome: journal.Retry}, err
	}
	leaves, err := w.leaves(ctx, holder)
	if err != nil {
		return engine.Result{Outcome: journal.Retry}, err
	}
	if !leaves {
		return engine.Result{Outcome: otherwise}, errTaken
	}
	known, err := w.stillKnown(ctx, holder)
	if err != nil {
		return engine.Result{Outcome: journal.Retry}, err
	}
	aside, err := w.freeOnServer(ctx, holder)
	if err != nil {
		return engine.Result{Outcome: journal.Retry}, err
	}
	header := http.Header{"Overwrite": {"F"}, "Destination": {w.destinationURL(aside, holder.Dir)}}
	resp, err := w.dav.Do(ctx, dav.Request{Method: "MOVE", Href: w.href(dest, holder.Dir), Header: header})
	if err != nil {
		return engine.Result{Outcome: journal.Retry}, err
	}
	dav.Drain(resp)
	now, err := w.stat(ctx, aside, holder.Dir)
	if err != nil {
		now, known = nil, false
	}
	return engine.Result{Outcome: journal.Stale, Apply: func(ctx context.Context, tx *storage.Tx) error {
		return applyMove(ctx, tx, holder.ID, aside, now, known)
	}}, errTaken
}

// leaves reports whether what holds a place goes away, and nothing about it is under way.
func (w *Worker) leaves(ctx context.Context, holder storage.FileRow) (bool, error) {
	ops, err := w.db.OpsFor(ctx, "files", holder.ID)
	return leaving(ops, holder), err
}

// leaving looks through the operations of what holds a place that something else is to take: it is to be moved, or to be
// deleted, which may in turn wait for what is to take its place.
func leaving(ops []journal.Op, holder storage.FileRow) bool {
	leaves := false
	for _, op := range ops {
		if op.Targets[0].ID != holder.ID {
			continue
		}
		switch {
		case op.State == journal.Running, op.State == journal.InDoubt:
			return false
		case op.Kind == journal.FileMove, op.Kind == journal.FileDelete:
			leaves = true
		}
	}
	return leaves
}

// freeOnServer finds a name beside a row that the server has nothing of.
func (w *Worker) freeOnServer(ctx context.Context, row storage.FileRow) (string, error) {
	folder := files.Parent(row.Remote.Path)
	var failed error
	name := files.Alias(files.Base(row.Remote.Path), func(n string) bool {
		if failed != nil {
			return false
		}
		there, err := w.stat(ctx, files.Join(folder, n), row.Dir)
		failed = err
		return there != nil
	})
	return files.Join(folder, name), failed
}
