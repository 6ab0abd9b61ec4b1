// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"kontor/app/files"
	"kontor/app/journal"
	"kontor/storage"
	"kontor/sync/davfiles"
)

// Put copies a file from the disk to a path, as a new one or as the next version of what is there, and returns the
// entry's ID. A path that is a folder, or ends in '/', takes the file in under its own name.
func (f *Files) Put(ctx context.Context, accountID int64, localPath, path string) (int64, error) {
	intoFolder := strings.HasSuffix(path, "/") || path == ""
	path, err := files.CleanPath(path)
	if err != nil {
		return 0, err
	}
	row, err := f.at(ctx, accountID, path)
	if err != nil {
		return 0, err
	}
	if intoFolder || (row != nil && row.Dir) {
		path = files.Join(path, files.Rules{}.Remote(filepath.Base(localPath)))
		if row, err = f.at(ctx, accountID, path); err != nil {
			return 0, err
		}
	}
	if row != nil && row.Dir {
		return 0, fmt.Errorf("put: %w", ErrFileExists)
	}
	if row != nil && row.Remote.ReadOnly {
		return 0, fmt.Errorf("put: %w", ErrFileReadOnly)
	}
	var group int64
	id, err := f.put(ctx, accountID, localPath, path, row, &group)
	if err != nil {
		return 0, fmt.Errorf("put: %w", err)
	}
	f.wake(accountID)
	return id, nil
}

// at reads what is shown at a path, nil for nothing.
func (f *Files) at(ctx context.Context, accountID int64, path string) (*storage.FileRow, error) {
	row, err := f.db.FileByPath(ctx, accountID, path)
	if errors.Is(err, storage.ErrNotFound) {
		return nil, nil
	}
	return &row, err
}

// put is one step of a group, which the first one gives its number.
func (f *Files) put(ctx context.Context, accountID int64, localPath, path string, row *storage.FileRow, group *int64) (id int64, err error) {
	account, err := f.db.Account(ctx, accountID)
	if err != nil {
		return 0, err
	}
	disk := davfiles.NewDisk(f.db, account, f.home)
	if row == nil { // before anything lies on the disk that would be found as new
		if err := f.folder(ctx, f.db, accountID, path); err != nil {
			return 0, err
		}
		if ignored, err := disk.Ignores(ctx, path, false); err != nil || ignored {
			return 0, errors.Join(err, ErrIgnored)
		}
	}
	local, err := disk.Import(ctx, localPath, path, row, copyInto)
	if errors.Is(err, fs.ErrExist) {
		err = ErrFileExists
	}
	if err != nil {
		return 0, err
	}
	err = f.db.WriteDurable(ctx, func(tx *storage.Tx) error {
		if row == nil {
			if err := f.folder(ctx, tx, accountID, path); err != nil {
				return err
			}
			added, err := tx.AddFile(ctx, storage.FileRow{AccountID: accountID, Path: path, Local: local, Size: local.Size, Modified: time.Unix(0, local.ModTime), Wanted: true})
			if err != nil {
				return err
			}
			id = added.ID
			inverse, err := invert(journal.FileDelete, path, files.DeleteOp{Path: path})
			if err != nil {
				return err
			}
			op, err := addFileOp(ctx, tx, journal.FilePut, added, *group, files.PutOp{Path: path, Hash: local.Hash, Size: local.Size}, inverse)
			*group = op.Group
			return err
		}
		id = row.ID
		return overwrite(ctx, tx, *row, local)
	})
	return id, err
}

// overwrite makes the new content the next version of an entry.
func overwrite(ctx context.Context, tx *storage.Tx, row storage.FileRow, local storage.FileLocal) error {
	row, err := tx.File(ctx, row.ID)
	if err != nil {
		return err
	}
	if row.Local.Path == "" && row.Remote.Path != "" {
		// The person replaces the version that is on the server now without having it here.
		row.Base = storage.FileBase{ETag: row.Remote.ETag, Hash: "-", Size: row.Remote.Size}
	}
	row.Local, row.Size, row.Modified = local, local.Size, time.Unix(0, local.ModTime)
	row.Wanted = row.Wanted || !row.Kept
	if err := tx.SaveFile(ctx, row); err != nil {
		return err
	}
	payload := files.PutOp{Path: row.Path, ETag: row.Base.ETag, Hash: local.Hash, Size: local.Size}
	ops, err := tx.OpsFor(ctx, "files", row.ID)
	if err != nil {
		return err
	}
	for _, op := range ops {
		if op.Kind != journal.FilePut || (op.State != journal.Waiting && op.State != journal.Held) {
			continue
		}
		if op.Payload, err = json.Marshal(payload); err != nil {
			return err
		}
		return tx.SaveOp(ctx, op)
	}
	_, err = addFileOp(ctx, tx, journal.FilePut, row, 0, payload, nil)
	return err
}

// Mkdir makes a folder and returns the entry's ID.
func (f *Files) Mkdir(ctx context.Context, accountID int64, path string) (int64, error) {
	path, err := files.CleanPath(path)
	if err != nil || path == "" {
		return 0, errors.Join(err, fmt.Errorf("make a folder: %w", files.ErrName))
	}
	var id int64
	err = f.db.WriteDurable(ctx, func(tx *storage.Tx) error {
		var group int64
		id, err = f.mkdir(ctx, tx, accountID, path, &group)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("make a folder: %w", err)
	}
	return id, f.follow(ctx, accountID)
}

func (f *Files) mkdir(ctx context.Context, tx *storage.Tx, accountID int64, path string, group *int64) (int64, error) {
	if err := f.folder(ctx, tx, accountID, path); err != nil {
		return 0, err
	}
	if _, err := tx.FileByPath(ctx, accountID, path); !errors.Is(err, storage.ErrNotFound) {
		return 0, errors.Join(err, ErrFileExists)
	}
	row, err := tx.AddFile(ctx, storage.FileRow{AccountID: accountID, Path: path, Dir: true, Modified: time.Now()})
	if err != nil {
		return 0, err
	}
	inverse, err := invert(journal.FileDelete, path, files.DeleteOp{Path: path, Dir: true, OnlyEmpty: true})
	if err != nil {
		return 0, err
	}
	op, err := addFileOp(ctx, tx, journal.FileMkdir, row, *group, files.MkdirOp{Path: path}, inverse)
	*group = op.Group
	return row.ID, err
}

// follow brings the disk in step with a change and sends it on its way.
func (f *Files) follow(ctx context.Context, accountID int64) error {
	err := f.align(ctx, accountID)
	f.wake(accountID)
	return err
}

// Move gives an entry another path, with everything below it. A path that is a folder takes the entry in.
func (f *Files) Move(ctx context.Context, id int64, newPath string) error {
	newPath, err := files.CleanPath(newPath)
	if err != nil {
		return err
	}
	row, err := f.db.File(ctx, id)
	if err != nil {
		return err
	}
	target, err := f.at(ctx, row.AccountID, newPath)
	if err != nil {
		return err
	}
	if newPath == "" || (target != nil && target.Dir && target.ID != id) {
		newPath = files.Join(newPath, row.Name)
	}
	return f.moveOne(ctx, row, newPath)
}

// moveOne moves one entry as a step of its own.
func (f *Files) moveOne(ctx context.Context, row storage.FileRow, newPath string) error {
	if newPath == row.Path {
		return nil
	}
	err := f.db.WriteDurable(ctx, func(tx *storage.Tx) error {
		var group int64
		return f.move(ctx, tx, row.ID, newPath, &group)
	})
	if err != nil {
		return fmt.Errorf("move: %w", err)
	}
	return f.follow(ctx, row.AccountID)
}

func (f *Files) move(ctx context.Context, tx *storage.Tx, id int64, newPath string, group *int64) error {
	row, err := tx.File(ctx, id)
	if err != nil {
		return err
	}
	if row.Dir && files.Within(newPath, row.Path) {
		return ErrIntoItself
	}
	if row.Remote.ReadOnly {
		return ErrFileReadOnly
	}
	if err := f.folder(ctx, tx, row.AccountID, newPath); err != nil {
		return err
	}
	if other, err := tx.FileByPath(ctx, row.AccountID, newPath); err == nil && other.ID != id {
		return ErrFileExists
	} else if err != nil && !errors.Is(err, storage.ErrNotFound) {
		return err
	}
	from := row.Path
	if err := tx.RelocateFile(ctx, row, newPath); err != nil {
		return err
	}
	if row, err = tx.File(ctx, id); err != nil {
		return err
	}
	inverse, err := invert(journal.FileMove, from, files.MoveOp{From: newPath, To: from})
	if err != nil {
		return err
	}
	op, err := addFileOp(ctx, tx, journal.FileMove, row, *group, files.MoveOp{From: from, To: newPath, ETag: row.Base.ETag}, inverse)
	*group = op.Group
	return err
}

// Remove deletes entries, with everything below them. Local copies go to the recycle bin.
func (f *Files) Remove(ctx context.Context, ids []int64) error {
	accounts := map[int64]bool{}
	err := f.db.WriteDurable(ctx, func(tx *storage.Tx) error {
		var group int64
		for _, id := range ids {
			row, err := tx.File(ctx, id)
			if err != nil {
				return err
			}
			if row.Gone {
				continue // lies in a folder of the same selection
			}
			accounts[row.AccountID] = true
			if group, err = f.remove(ctx, tx, row, group); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	for id := range accounts {
		err = errors.Join(err, f.follow(ctx, id))
	}
	return err
}

func (f *Files) remove(ctx context.Context, tx *storage.Tx, row storage.FileRow, group int64) (int64, error) {
	if row.Remote.ReadOnly {
		return group, ErrFileReadOnly
	}
	dropped, err := dropNeedless(ctx, tx, row)
	if err != nil {
		return group, err
	}
	if err := tx.HideFiles(ctx, row.AccountID, row.Path, true); err != nil {
		return group, err
	}
	var inverse *journal.Inverse
	if !row.Dir && row.Local.Path != "" {
		if inverse, err = invert(journal.FilePut, row.Path, files.PutOp{Path: row.Path, Hash: row.Local.Hash, Size: row.Local.Size}); err != nil {
			return group, err
		}
	}
	op, err := addFileOp(ctx, tx, journal.FileDelete, row, group, files.DeleteOp{Path: row.Path, ETag: row.Remote.ETag, Dir: row.Dir, Dropped: dropped}, inverse)
	if group == 0 {
		group = op.Group
	}
	return group, err
}

// dropNeedless drops the operations about what is to be deleted: what never reached the server, with all that lies in it,
// needs no way there, and a new version no upload.
func dropNeedless(ctx context.Context, tx *storage.Tx, row storage.FileRow) (dropped []int64, err error) {
	rows := []storage.FileRow{row}
	if row.Dir {
		below, err := tx.FilesBelow(ctx, row.AccountID, row.Path)
		if err != nil {
			return nil, err
		}
		rows = append(rows, slices.DeleteFunc(below, func(r storage.FileRow) bool { return r.Gone || r.Remote.Path != "" })...)
	}
	for _, r := range rows {
		ops, err := tx.OpsFor(ctx, "files", r.ID)
		if err != nil {
			return dropped, err
		}
		for _, op := range ops {
			if op.Targets[0].ID != r.ID || r.Remote.Path != "" && op.Kind == journal.FileMove {
				continue // about another row, or about where the server has this one
			}
			needless, err := journal.Cancel(op, time.Now())
			if err != nil {
				continue // on its way at this moment: the deletion follows it
			}
			if err := tx.SaveOp(ctx, needless); err != nil {
				return dropped, err
			}
			dropped = append(dropped, op.ID)
		}
	}
	slices.Sort(dropped)
	return dropped, nil
}

// ResolveConflict decides a conflict of kind "file". "mine" makes the own version the next one of the file on the server,
// "theirs" gives the own version up (into the recycle bin), "both" leaves the two files as they are. Where the question is
// about the whole tree, "mine" and "theirs" name the side that is right, and "both" brings back what either side lacks.
func (f *Files) ResolveConflict(ctx context.Context, c storage.ConflictRow, choice string) error {
	var d files.ConflictDetail
	if err := json.Unmarshal(c.Detail, &d); err != nil {
		return fmt.Errorf("read the conflict: %w", err)
	}
	if d.Brake == files.BrakeNone && choice == "mine" {
		if err := f.replace(ctx, c, d); err != nil {
			return err
		}
	}
	err := f.db.WriteDurable(ctx, func(tx *storage.Tx) error {
		var err error
		switch {
		case d.Brake != files.BrakeNone:
			err = decideBrake(ctx, tx, c.AccountID, d, choice)
		case choice != "both":
			err = f.dropCopy(ctx, tx, d)
		}
		if err != nil {
			return err
		}
		return tx.ResolveConflict(ctx, c.ID)
	})
	if err != nil {
		return err
	}
	if d.Brake == files.BrakeNoRoot {
		f.wake(c.AccountID)
		return nil
	}
	return f.follow(ctx, c.AccountID)
}

// replace uploads the own version over the one that the server has.
func (f *Files) replace(ctx context.Context, c storage.ConflictRow, d files.ConflictDetail) error {
	mine, err := f.Entry(ctx, d.CopyID)
	if errors.Is(err, storage.ErrNotFound) || (err == nil && mine.LocalPath == "") {
		return nil // the copy was dealt with by hand
	}
	if err != nil {
		return err
	}
	place := d.Path
	theirs, err := f.db.File(ctx, c.RefID)
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		return err
	}
	var over *storage.FileRow
	if err == nil && !theirs.Gone {
		place, over = theirs.Path, &theirs
	}
	var group int64
	_, err = f.put(ctx, c.AccountID, mine.LocalPath, place, over, &group)
	return err
}

// dropCopy removes the copy that a conflict made.
func (f *Files) dropCopy(ctx context.Context, tx *storage.Tx, d files.ConflictDetail) error {
	mine, err := tx.File(ctx, d.CopyID)
	if errors.Is(err, storage.ErrNotFound) || (err == nil && mine.Gone) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = f.remove(ctx, tx, mine, 0)
	return err
}

func decideBrake(ctx context.Context, tx *storage.Tx, accountID int64, d files.ConflictDetail, choice string) error {
	s, err := tx.FileServer(ctx, accountID)
	if err != nil {
		return err
	}
	s.RootETag = ""
	switch {
	case d.Brake == files.BrakeNoRoot:
		s.Decision = davfiles.DecisionAdopt
	case d.Brake == files.BrakeOtherServer:
		s.Decision = davfiles.DecisionPair
	case (choice == "mine") == d.OnServer && choice != "both":
		s.Decision = davfiles.DecisionAllow // the side that lost files is the one that is right
	default:
		s.Decision = davfiles.DecisionRestore
	}
	return tx.SaveFileServer(ctx, s)
}
