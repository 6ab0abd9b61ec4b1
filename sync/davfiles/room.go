// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"kontor/app/files"
	"kontor/app/journal"
	"kontor/storage"
	"kontor/sync/dav"
	"kontor/sync/engine"
	"kontor/sync/reconcile"
)

// roomKey is where the payload of an operation holds its room.
const roomKey = "room"

// sidestep is what an operation puts out of its way on the server. It is noted before that is asked for, so that it is known
// where the item went, whatever becomes of the answer.
type sidestep struct {
	ID int64  `json:"id"` // the row that is put aside
	To string `json:"to"` // the name that it gets for the moment, on the server
}

// noteRoom notes in an operation what it is about to put out of its way; nil for nothing.
func noteRoom(ctx context.Context, tx rowTx, id int64, r *sidestep) error {
	op, err := tx.Op(ctx, id)
	if err != nil {
		return err
	}
	payload := map[string]json.RawMessage{}
	if err := json.Unmarshal(op.Payload, &payload); err != nil {
		return fmt.Errorf("read operation %d: %w", id, err)
	}
	delete(payload, roomKey)
	if r != nil {
		if payload[roomKey], err = json.Marshal(r); err != nil {
			return err
		}
	}
	if op.Payload, err = json.Marshal(payload); err != nil {
		return err
	}
	return tx.SaveOp(ctx, op)
}

// notedRoom gives what an operation may have put out of its way; ok is false for nothing.
func notedRoom(op journal.Op) (r sidestep, ok bool) {
	payload := map[string]json.RawMessage{}
	if json.Unmarshal(op.Payload, &payload) != nil || json.Unmarshal(payload[roomKey], &r) != nil {
		return r, false
	}
	return r, r.ID != 0
}

// leftRoom stores that what was in the way is put aside, or, with nothing seen, that it is not.
func leftRoom(ctx context.Context, tx rowTx, op int64, r sidestep, now *remote, known bool) error {
	if err := noteRoom(ctx, tx, op, nil); err != nil || now == nil {
		return err
	}
	return applyMove(ctx, tx, r.ID, r.To, now, known)
}

// isAside reports whether what was in the way lies where it was to be put: before is what the server has at its old place
// by now, after what it has at the new one.
func isAside(holder storage.FileRow, before, after *remote) bool {
	switch {
	case after == nil || after.dir != holder.Dir:
		return false
	case holder.Remote.FileID != "" && after.FileID != "":
		return holder.Remote.FileID == after.FileID
	}
	return before == nil || before.dir != holder.Dir || !reconcile.SameTag(before.ETag, after.ETag)
}

// makeRoom deals with a place on the server that is taken by something which is to move away itself, but cannot go first:
// two files change their names, a file takes the name of the folder it was in, or a folder that of a file which goes into
// it. What is in the way is given a name of its own for the moment. Without such a reason the outcome is otherwise.
func (w *Worker) makeRoom(ctx context.Context, op journal.Op, row storage.FileRow, dest string, otherwise journal.Outcome) (engine.Result, error) {
	if leaves, err := w.taken(ctx, row, dest); err != nil {
		return engine.Result{Outcome: journal.Retry}, err
	} else if !leaves {
		return engine.Result{Outcome: otherwise}, errTaken
	}
	holder, err := w.db.FileByRemote(ctx, row.AccountID, dest)
	if err != nil {
		return engine.Result{Outcome: journal.Retry}, err
	}
	known, err := w.inPlace(ctx, holder)
	if err != nil {
		return engine.Result{Outcome: journal.Retry}, err
	}
	aside, err := w.freeOnServer(ctx, holder)
	if err != nil {
		return engine.Result{Outcome: journal.Retry}, err
	}
	r := sidestep{ID: holder.ID, To: aside}
	note := func(ctx context.Context, tx *storage.Tx) error { return noteRoom(ctx, tx, op.ID, &r) }
	if err := w.db.WriteDurable(ctx, func(tx *storage.Tx) error { return note(ctx, tx) }); err != nil {
		return engine.Result{Outcome: journal.Retry}, err
	}
	header := http.Header{"Overwrite": {"F"}, "Destination": {w.destinationURL(aside, holder.Dir)}}
	resp, err := w.dav.Do(ctx, dav.Request{Method: "MOVE", Href: w.href(dest, holder.Dir), Header: header})
	if err != nil {
		res := engine.Result{Outcome: journal.Retry}
		if attempted(err) == journal.Unknown {
			res = engine.Result{Outcome: journal.Unknown, Apply: note}
		}
		return res, err
	}
	dav.Drain(resp)
	now, err := w.stat(ctx, aside, holder.Dir)
	if err != nil {
		return engine.Result{Outcome: journal.Unknown, Apply: note}, err
	}
	return engine.Result{Outcome: journal.Stale, Apply: func(ctx context.Context, tx *storage.Tx) error {
		return leftRoom(ctx, tx, op.ID, r, now, known)
	}}, errTaken
}

// notMoved looks why a move was refused: Apache takes a folder that goes to the name of a file for a bad request.
func (w *Worker) notMoved(ctx context.Context, op journal.Op, row storage.FileRow, dest string, refused error) (engine.Result, error) {
	if dav.IsStatus(refused, http.StatusBadRequest, http.StatusMethodNotAllowed) {
		switch there, err := w.stat(ctx, dest, false); {
		case err != nil:
			return engine.Result{Outcome: journal.Retry}, err
		case there != nil:
			return w.makeRoom(ctx, op, row, dest, journal.Stale)
		}
	}
	return engine.Result{Outcome: attempted(refused)}, fmt.Errorf("move: %w", refused)
}

// settleRoom asks the server whether what was in the way of an operation was put aside. The operation itself was not asked
// for yet.
func (w *Worker) settleRoom(ctx context.Context, op journal.Op, r sidestep) (engine.Result, error) {
	holder, err := w.db.File(ctx, r.ID)
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		return engine.Result{Outcome: journal.Unknown}, err
	}
	var before, after *remote
	if err == nil && holder.Remote.Path != "" {
		if before, err = w.stat(ctx, holder.Remote.Path, holder.Dir); err == nil {
			after, err = w.stat(ctx, r.To, holder.Dir)
		}
		if err != nil {
			return engine.Result{Outcome: journal.Unknown}, err
		}
	}
	if !isAside(holder, before, after) {
		after = nil
	}
	return engine.Result{Outcome: journal.Retry, Apply: func(ctx context.Context, tx *storage.Tx) error {
		return leftRoom(ctx, tx, op.ID, r, after, false)
	}}, nil
}

// inPlace looks whether what is to be moved on the server is what is known here, see asKnown.
func (w *Worker) inPlace(ctx context.Context, row storage.FileRow) (bool, error) {
	now, err := w.stat(ctx, row.Remote.Path, row.Dir)
	if err != nil {
		return false, err
	}
	return asKnown(row, now)
}

// asKnown compares what the server has with what is known of a row. Something else, or nothing, is an error: it must not be
// moved in the row's name. known says that it is the version that the local copy was made from, or the one that is shown where
// there is none: only then the tag that a file has after a move stands for that version too, since it may be edited there and
// moved here at the same time.
func asKnown(row storage.FileRow, now *remote) (known bool, err error) {
	switch {
	case now == nil || now.dir != row.Dir:
		return false, errStale
	case row.Remote.FileID != "" && now.FileID != "":
		if row.Remote.FileID != now.FileID {
			return false, errStale
		}
	case !row.Dir && row.Remote.ETag != "" && !reconcile.SameTag(now.ETag, row.Remote.ETag) && !reconcile.SameTag(now.ETag, row.Base.ETag):
		return false, errStale
	}
	return !row.Dir && reconcile.SameTag(now.ETag, cmp.Or(row.Base.ETag, row.Remote.ETag)), nil
}

// taken reports whether another entry that is to go away has a place on the server.
func (w *Worker) taken(ctx context.Context, row storage.FileRow, dest string) (bool, error) {
	holder, err := w.db.FileByRemote(ctx, row.AccountID, dest)
	if errors.Is(err, storage.ErrNotFound) || err == nil && holder.ID == row.ID {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return w.leaves(ctx, holder)
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

// hasTwin reports whether another file that is known on the server, and none of this name, has a name there that differs in upper
// and lower case only. Something lies at the place nevertheless: the server takes both names for one, and the file of the one name
// must not count as that of the other.
func hasTwin(rows []storage.FileRow, id int64, dest string) bool {
	twin := false
	for i := range rows {
		there := rows[i].Remote.Path
		if there == dest {
			return false
		}
		twin = twin || rows[i].ID != id && there != "" && strings.EqualFold(there, dest)
	}
	return twin
}
