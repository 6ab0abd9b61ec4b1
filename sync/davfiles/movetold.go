// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"kontor/app/journal"
	"kontor/storage"
	"kontor/sync/dav"
	"kontor/sync/engine"
)

// moveTold moves on a server that answers with what has become of the item: that saves a look before and one after. done is
// false where nothing has happened, since the server is another one or something has changed there.
func (w *Worker) moveTold(ctx context.Context, row storage.FileRow, dest string) (res engine.Result, done bool, err error) {
	o, err := w.offers(ctx)
	if err != nil || !o.Cloud() {
		return engine.Result{Outcome: journal.Retry}, err != nil, err
	}
	known := !row.Dir && row.Local.Path != "" && !dav.WeakETag(row.Base.ETag)
	tag := row.Remote.ETag // of a file that is not here: it must be a file still, and this one
	if known {
		tag = row.Base.ETag
	}
	if row.Dir || dav.WeakETag(tag) { // nothing could go along as a condition
		if _, err := w.inPlace(ctx, row); err != nil {
			return engine.Result{Outcome: journal.Retry}, true, err
		}
	}
	header := http.Header{"Overwrite": {"F"}, "Destination": {w.destinationURL(dest, row.Dir)}}
	if !row.Dir && !dav.WeakETag(tag) {
		header.Set("If-Match", tag)
	}
	resp, err := w.dav.Do(ctx, dav.Request{Method: "MOVE", Href: w.href(row.Remote.Path, row.Dir), Header: header})
	switch {
	case dav.IsStatus(err, http.StatusPreconditionFailed):
		return res, false, nil
	case err != nil:
		return engine.Result{Outcome: attempted(err)}, true, fmt.Errorf("move: %w", err)
	}
	dav.Drain(resp)
	now := told(resp.Header, dest, row.Remote)
	if now == nil {
		res, err = w.movedTo(ctx, row, dest, known)
		return res, true, err
	}
	if !known {
		now.ETag = row.Remote.ETag // it may stand for another content than the one that was listed
	}
	w.count.moved.Add(1)
	return engine.Result{Outcome: journal.Succeeded, Proof: "MOVE", Apply: func(ctx context.Context, tx *storage.Tx) error {
		return applyMove(ctx, tx, row.ID, dest, now, known)
	}}, true, nil
}

// applyMove stores where the server has an item now. What was deleted here meanwhile keeps the tag that the person saw, unless
// the one that it has now surely stands for the same version: another one must not be deleted.
func applyMove(ctx context.Context, tx rowTx, id int64, dest string, now *remote, known bool) error {
	row, err := tx.File(ctx, id)
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	from := row.Remote.Path
	row.Remote.Path = dest
	if now != nil && !row.Dir {
		seen := row.Remote.ETag
		if known && row.Base.ETag != "" {
			row.Base.ETag = now.ETag // some servers tag by path
		}
		if row.Remote = now.FileRemote; row.Gone && !known {
			row.Remote.ETag = seen
		}
	}
	if err := tx.SaveFile(ctx, row); err != nil {
		return err
	}
	if row.Dir {
		return tx.MoveFiles(ctx, row.AccountID, storage.SideRemote, from, dest)
	}
	return nil
}
