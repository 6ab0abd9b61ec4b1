// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"kontor/app/files"
	"kontor/app/journal"
	"kontor/storage"
	"kontor/sync/dav"
	"kontor/sync/engine"
	"kontor/sync/reconcile"
)

// remove deletes a file or folder on the server, but only in the version that the person saw.
func (w *Worker) remove(ctx context.Context, op journal.Op, row storage.FileRow) (engine.Result, error) {
	path := row.Remote.Path
	if path == "" {
		return w.removed(row), nil
	}
	if unseen(row) {
		return w.keep(op, row)
	}
	changed, err := w.changedSince(ctx, row)
	switch {
	case dav.IsStatus(err, http.StatusNotFound):
		return w.removed(row), nil
	case err != nil:
		return engine.Result{Outcome: journal.Retry}, err
	case changed:
		return w.keep(op, row)
	}
	header := http.Header{}
	honoured, err := w.conditional(ctx)
	if err != nil {
		return engine.Result{Outcome: journal.Retry}, err
	}
	if honoured && !row.Dir && !dav.WeakETag(row.Remote.ETag) {
		header.Set("If-Match", row.Remote.ETag)
	}
	resp, err := w.dav.Do(ctx, dav.Request{Method: http.MethodDelete, Href: w.href(path, row.Dir), Header: header})
	switch {
	case err == nil:
		dav.Drain(resp)
		if resp.StatusCode == http.StatusMultiStatus { // some of it is still there (RFC 4918, section 9.6.1)
			return w.keep(op, row)
		}
	case dav.IsStatus(err, http.StatusNotFound, http.StatusGone):
	case dav.IsStatus(err, http.StatusPreconditionFailed):
		return w.keep(op, row)
	default:
		return engine.Result{Outcome: attempted(err)}, fmt.Errorf("delete: %w", err)
	}
	return w.removed(row), nil
}

// unseen reports whether the server is known to have a newer version than the one that was here when the file was deleted.
func unseen(row storage.FileRow) bool {
	return !row.Dir && row.Base.ETag != "" && !reconcile.SameTag(row.Base.ETag, row.Remote.ETag)
}

// changedSince looks whether a file, or anything in a folder, is not what it was when it was deleted here. A file whose
// deletion can carry its condition along needs no look.
func (w *Worker) changedSince(ctx context.Context, row storage.FileRow) (bool, error) {
	if !row.Dir {
		if honoured, err := w.conditional(ctx); err != nil || (honoured && !dav.WeakETag(row.Remote.ETag)) {
			return false, err
		}
		now, err := w.stat(ctx, row.Remote.Path, false)
		return now != nil && !reconcile.SameTag(now.ETag, row.Remote.ETag), err
	}
	rows, err := w.db.FilesBelowRemote(ctx, row.AccountID, row.Remote.Path)
	if err != nil {
		return false, err
	}
	known := make(map[string]*storage.FileRow, len(rows))
	for i := range rows {
		known[rows[i].Remote.Path] = &rows[i]
	}
	return w.changedBelow(ctx, row.Remote.Path, known)
}

func (w *Worker) changedBelow(ctx context.Context, folder string, known map[string]*storage.FileRow) (bool, error) {
	changed := false
	var folders []string
	err := w.dav.Propfind(ctx, w.href(folder, true), dav.Depth1, propfind, func(r dav.Response) error {
		path := strings.TrimSuffix(strings.TrimPrefix(r.Href, w.dav.Root()), "/")
		if path == folder || skip(path) {
			return nil
		}
		row := known[path]
		switch {
		case row == nil && leftover(path):
		case r.Err != nil || row == nil || !row.Gone || row.Dir != r.IsCollection():
			changed = true
		case row.Dir:
			folders = append(folders, path)
		case !reconcile.SameTag(tag(r), row.Remote.ETag) || unseen(*row):
			changed = true
		}
		return nil
	})
	for _, f := range folders {
		if err != nil || changed {
			break
		}
		changed, err = w.changedBelow(ctx, f, known)
	}
	return changed, err
}

// leftover reports whether a program left an item behind for itself: it goes with its folder. A lock is none: somebody is
// at work there.
func leftover(path string) bool {
	_, lock := files.LockedBy(files.Base(path))
	return !lock && files.Ignored(files.Base(path))
}

// removed stores that the server has the item no more. What lies in the recycle bin stays known, for undo.
func (w *Worker) removed(row storage.FileRow) engine.Result {
	w.count.deleted.Add(1)
	return engine.Result{Outcome: journal.Succeeded, Proof: "DELETE", Apply: func(ctx context.Context, tx *storage.Tx) error {
		return applyRemoved(ctx, tx, row.ID)
	}}
}

func applyRemoved(ctx context.Context, tx rowTx, id int64) error {
	now, err := tx.File(ctx, id)
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if now.Dir && now.Remote.Path != "" {
		if err := tx.DeleteRemote(ctx, now.AccountID, now.Remote.Path); err != nil {
			return err
		}
	}
	if now.Dir {
		if err := forgetNowhere(ctx, tx, now); err != nil {
			return err
		}
	}
	if now.Trash == "" && now.Local.Path == "" {
		return tx.DeleteFile(ctx, id)
	}
	now.Remote, now.Gone = storage.FileRemote{}, true
	return tx.SaveFile(ctx, now)
}

// forgetNowhere forgets what was made in a folder and went with it before it was anywhere. Until the folder has gone for good
// that can be taken back.
func forgetNowhere(ctx context.Context, tx rowTx, folder storage.FileRow) error {
	rows, err := tx.FilesBelow(ctx, folder.AccountID, folder.Path)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if !r.Gone || r.Remote.Path != "" || r.Local.Path != "" || r.Trash != "" {
			continue
		}
		ops, err := tx.OpsFor(ctx, "files", r.ID)
		if err != nil {
			return err
		}
		if len(ops) > 0 {
			continue
		}
		if err := tx.DeleteFile(ctx, r.ID); err != nil {
			return err
		}
	}
	return nil
}

// keep gives a deletion up whose item was changed on the server meanwhile: a change beats a deletion.
func (w *Worker) keep(op journal.Op, row storage.FileRow) (engine.Result, error) {
	return engine.Result{Outcome: journal.Stale, Apply: func(ctx context.Context, tx *storage.Tx) error {
		return applyKept(ctx, tx, op.ID, row.AccountID)
	}}, errStale
}

func applyKept(ctx context.Context, tx rowTx, id, account int64) error {
	op, err := tx.Op(ctx, id)
	if err != nil {
		return err
	}
	dependents, err := tx.Dependents(ctx, id)
	if err != nil {
		return err
	}
	for _, d := range dependents { // what was to take the place goes on beside it
		d.DependsOn = 0
		if err := tx.SaveOp(ctx, d); err != nil {
			return err
		}
	}
	op.State, op.Updated, op.LastError = journal.Cancelled, time.Now(), errStale.Error()
	if err := tx.Drop(ctx, op); err != nil {
		return err
	}
	if row, err := tx.File(ctx, op.Targets[0].ID); err == nil && row.Dir {
		if err := forgetNowhere(ctx, tx, row); err != nil {
			return err
		}
	}
	s, err := tx.FileServer(ctx, account)
	if err != nil {
		return err
	}
	s.RootETag = "" // the next Pull has to look
	return tx.SaveFileServer(ctx, s)
}

// Settle is part of engine.Worker: it looks at the server whether an operation in doubt was carried out.
func (w *Worker) Settle(ctx context.Context, op journal.Op) (engine.Result, error) {
	if together(op) != nil {
		return engine.Result{Outcome: journal.Retry}, nil // the next attempt looks before it does anything
	}
	if r, ok := notedRoom(op); ok {
		return w.settleRoom(ctx, op, r)
	}
	row, err := w.target(ctx, op)
	if errors.Is(err, storage.ErrNotFound) {
		return engine.Result{Outcome: journal.Succeeded}, nil
	}
	if err != nil {
		return engine.Result{Outcome: journal.Unknown}, err
	}
	switch op.Kind {
	case journal.FilePut:
		return w.settlePut(ctx, op, row)
	case journal.FileMkdir:
		return w.settleMkdir(ctx, row)
	case journal.FileMove:
		return w.settleMove(ctx, row)
	default:
		return w.settleDelete(ctx, row)
	}
}

func (w *Worker) settleDelete(ctx context.Context, row storage.FileRow) (engine.Result, error) {
	if row.Remote.Path != "" {
		now, err := w.stat(ctx, row.Remote.Path, row.Dir)
		if err != nil {
			return engine.Result{Outcome: journal.Unknown}, err
		}
		if now != nil {
			return engine.Result{Outcome: journal.Retry}, nil
		}
	}
	return w.removed(row), nil
}

func (w *Worker) settleMkdir(ctx context.Context, row storage.FileRow) (engine.Result, error) {
	dest, err := w.destination(ctx, row)
	if err != nil {
		return engine.Result{Outcome: journal.Retry}, err
	}
	now, err := w.stat(ctx, dest, true)
	if err != nil {
		return engine.Result{Outcome: journal.Unknown}, err
	}
	if now == nil || !now.dir {
		return engine.Result{Outcome: journal.Retry}, nil
	}
	return w.foundFolder(ctx, row, dest)
}

func (w *Worker) settleMove(ctx context.Context, row storage.FileRow) (engine.Result, error) {
	dest, err := w.destination(ctx, row)
	if err != nil {
		return engine.Result{Outcome: journal.Retry}, err
	}
	if row.Remote.Path == "" || row.Remote.Path == dest {
		return engine.Result{Outcome: journal.Succeeded, Proof: row.Remote.ETag}, nil
	}
	before, err := w.stat(ctx, row.Remote.Path, row.Dir)
	if err != nil {
		return engine.Result{Outcome: journal.Unknown}, err
	}
	after, err := w.stat(ctx, dest, row.Dir)
	if err != nil {
		return engine.Result{Outcome: journal.Unknown}, err
	}
	if before == nil && after != nil && after.dir == row.Dir {
		return w.movedTo(ctx, row, dest, false)
	}
	return engine.Result{Outcome: journal.Retry}, nil
}

// arrived says that the server has what was sent.
func (w *Worker) arrived(id int64, now *remote, local storage.FileLocal) engine.Result {
	w.count.up.Add(1)
	return engine.Result{Outcome: journal.Succeeded, Proof: now.ETag, Apply: func(ctx context.Context, tx *storage.Tx) error {
		return applyPut(ctx, tx, id, now.FileRemote, local)
	}}
}

// settlePut compares what the server has with the local copy: the same is confirmed, the old version means that nothing
// happened, and the beginning of the local copy is a part that the server kept of an upload that was cut.
func (w *Worker) settlePut(ctx context.Context, op journal.Op, row storage.FileRow) (engine.Result, error) {
	sent, err := asPut(op, row)
	if err != nil {
		return engine.Result{Outcome: journal.Rejected}, err
	}
	dest := row.Remote.Path
	if dest == "" {
		if dest, err = w.destination(ctx, row); err != nil {
			return engine.Result{Outcome: journal.Retry}, err
		}
	}
	now, err := w.stat(ctx, dest, false)
	switch {
	case err != nil:
		return engine.Result{Outcome: journal.Unknown}, err
	case now == nil || now.dir || (row.Remote.Path != "" && reconcile.SameTag(now.ETag, row.Base.ETag)):
		return engine.Result{Outcome: journal.Retry}, nil
	}
	src, row, err := w.source(ctx, row)
	if err != nil && !errors.Is(err, errNoCopy) {
		return engine.Result{Outcome: journal.Retry}, err
	}
	local := storage.FileLocal{}
	if err == nil {
		if local, err = hashFile(src); err != nil {
			return engine.Result{Outcome: journal.Retry}, err
		}
		local.Path = row.Local.Path
	}
	for _, s := range sent { // changed or gone since: what was sent is known by its hash
		if s.Hash == local.Hash {
			continue
		}
		same, err := w.sameContent(ctx, now, s)
		if err != nil {
			return engine.Result{Outcome: journal.Unknown}, err
		}
		if same {
			return w.arrived(row.ID, now, s), nil
		}
	}
	if src == "" {
		return engine.Result{Outcome: journal.Retry}, nil
	}
	own, whole := false, ours(now, local)
	if !whole {
		own, whole, err = w.beginsLike(ctx, now, src)
	}
	switch {
	case err != nil:
		return engine.Result{Outcome: journal.Unknown}, err
	case whole:
		return w.arrived(row.ID, now, local), nil
	case own:
		return engine.Result{Outcome: journal.Retry, Apply: func(ctx context.Context, tx *storage.Tx) error {
			return rebase(ctx, tx, op.Targets[0].ID, now)
		}}, nil
	}
	return engine.Result{Outcome: journal.Retry}, nil // somebody else's version: the next attempt finds the conflict
}

// asPut is what an upload may have sent: the copy as it was seen last, and what the upload was to bring where the copy has
// left the disk or was replaced in the program since.
func asPut(op journal.Op, row storage.FileRow) (sent []storage.FileLocal, err error) {
	var p files.PutOp
	err = json.Unmarshal(op.Payload, &p)
	for _, s := range []storage.FileLocal{{Hash: row.Local.Hash, Size: row.Local.Size}, {Hash: p.Hash, Size: p.Size}} {
		if s.Hash != "" && !slices.Contains(sent, s) {
			sent = append(sent, s)
		}
	}
	return sent, err
}
