// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"kontor/app/files"
	"kontor/app/journal"
	"kontor/storage"
)

// adopt records that the copy on the disk is the server's version already, whoever wrote it. An upload that waits has
// nothing to do any more.
func (w *Worker) adopt(ctx context.Context, r storage.FileRow, mine storage.FileLocal, temp string) (*storage.FileRow, error) {
	if err := os.Remove(temp); err != nil {
		return nil, err
	}
	return nil, w.db.WriteDurable(ctx, func(tx *storage.Tx) error {
		if err := dropUploads(ctx, tx, r.ID); err != nil {
			return err
		}
		return tx.SaveFetched(ctx, *fetched(r, mine))
	})
}

// dropUploads cancels the uploads of a row that wait.
func dropUploads(ctx context.Context, tx rowTx, id int64) error {
	ops, err := tx.OpsFor(ctx, "files", id)
	if err != nil {
		return err
	}
	for _, op := range ops {
		if op.Kind != journal.FilePut || op.State == journal.Running || op.State == journal.InDoubt {
			continue
		}
		op.State, op.Updated = journal.Cancelled, time.Now()
		if err := tx.SaveOp(ctx, op); err != nil {
			return err
		}
	}
	return nil
}

// contend keeps both versions of a file that was changed on both sides: the person's own becomes a copy with a telling
// name, which is uploaded too, and the server's takes the old place. It is stored before the disk is touched, and the
// disk follows from what is stored.
func (w *Worker) contend(ctx context.Context, root string, r storage.FileRow, mine storage.FileLocal, temp, sum string) error {
	name := w.conflictName(ctx, root, files.Parent(r.Local.Path), files.Base(r.Path))
	mine.Path = r.Local.Path
	theirs := r
	theirs.Wanted = theirs.Wanted || !theirs.Kept
	var split storage.FileRow
	err := w.db.WriteDurable(ctx, func(tx *storage.Tx) (err error) {
		split, err = splitConflict(ctx, tx, theirs, mine, name)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep both versions: %w", err)
	}
	w.count.conflicts.Add(1)
	if err := w.disk.Align(ctx); err != nil {
		return err
	}
	target := abs(root, w.disk.local(r.Path))
	if err := install(temp, target, r.Remote.Modified, nameNew); err != nil {
		return err // errStale where the own version could not be moved away: the server's comes later
	}
	l, _, err := observe(target)
	if err != nil {
		return err
	}
	if err := syncFiles(nil, map[string]bool{filepath.Dir(target): true}); err != nil { // else the own version may be back in its place
		return fmt.Errorf("write downloads to the disk: %w", err)
	}
	l.Path, l.Hash = w.disk.local(r.Path), sum
	w.count.down.Add(1)
	return w.db.Write(ctx, func(tx *storage.Tx) error {
		row, err := tx.File(ctx, split.ID)
		if err != nil {
			return err
		}
		return tx.SaveFetched(ctx, *fetched(row, l))
	})
}

// splitConflict makes two rows of one: r keeps its place and the server's version, a new row takes over the copy on the
// disk under the name of a conflict, with the upload that waits, or with a new one. It returns r as it is stored then.
func splitConflict(ctx context.Context, tx rowTx, r storage.FileRow, mine storage.FileLocal, name string) (storage.FileRow, error) {
	path, err := freeName(ctx, tx, r, name)
	if err != nil {
		return r, err
	}
	mineRow := storage.FileRow{AccountID: r.AccountID, Path: path, Local: mine, Wanted: true}
	setShown(&mineRow)
	copied, err := tx.AddFile(ctx, mineRow)
	if err != nil {
		return r, err
	}
	payload, err := json.Marshal(files.PutOp{Path: path, Hash: mine.Hash, Size: mine.Size})
	if err != nil {
		return r, err
	}
	if err := handOver(ctx, tx, r, copied, payload); err != nil {
		return r, err
	}
	r.Local, r.Base = storage.FileLocal{}, storage.FileBase{}
	setShown(&r)
	if err := tx.SaveFile(ctx, r); err != nil {
		return r, err
	}
	detail, err := json.Marshal(files.ConflictDetail{
		Path: r.Path, CopyPath: path, CopyID: copied.ID,
		Mine:   files.Version{Size: mine.Size, Modified: time.Unix(0, mine.ModTime), Hash: mine.Hash},
		Theirs: files.Version{Size: r.Remote.Size, Modified: r.Remote.Modified, ETag: r.Remote.ETag},
	})
	if err != nil {
		return r, err
	}
	_, err = tx.AddConflict(ctx, storage.ConflictRow{AccountID: r.AccountID, Kind: "file", RefID: r.ID, Title: r.Path, Detail: detail})
	return r, err
}

// freeName is the path for a name beside a row that nothing is shown at: what lies on the server only has a name too.
func freeName(ctx context.Context, tx rowTx, r storage.FileRow, name string) (string, error) {
	var failed error
	taken := func(n string) bool {
		_, err := tx.FileByPath(ctx, r.AccountID, files.Join(files.Parent(r.Path), n))
		if err != nil && !errors.Is(err, storage.ErrNotFound) {
			failed = err
		}
		return err == nil
	}
	if taken(name) {
		name = files.Alias(name, taken)
	}
	return files.Join(files.Parent(r.Path), name), failed
}

// handOver makes the upload of r that waits one of the copy, or adds one.
func handOver(ctx context.Context, tx rowTx, r, copied storage.FileRow, payload []byte) error {
	ops, err := tx.OpsFor(ctx, "files", r.ID)
	if err != nil {
		return err
	}
	for _, op := range ops {
		if op.Kind != journal.FilePut || op.State == journal.Running || op.State == journal.InDoubt {
			continue
		}
		op.Payload, op.Inverse = payload, nil
		if op.State == journal.Failed {
			if op, err = journal.Again(op, time.Now()); err != nil {
				return err
			}
		}
		return errors.Join(tx.SaveOp(ctx, op), tx.RenameOp(ctx, op.ID, copied.Path), tx.RetargetOp(ctx, op.ID, r.ID, copied.ID))
	}
	op, err := tx.AddOp(ctx, journal.Op{
		AccountID: r.AccountID, Kind: journal.FilePut, Target: copied.Path, Payload: payload,
		Targets: []journal.Target{{Table: "files", ID: copied.ID}},
	})
	if err != nil {
		return err
	}
	op.Undone = true
	return tx.SaveOp(ctx, op)
}
