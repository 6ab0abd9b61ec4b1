// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"kontor/app/files"
	"kontor/app/journal"
	"kontor/storage"
	"kontor/sync/davfiles"
)

// What a person may ask of files that cannot be done.
var (
	ErrFileExists   = errors.New("there is already something of this name")
	ErrNoFolder     = errors.New("this folder does not exist")
	ErrFileReadOnly = errors.New("the server does not allow changes here")
	ErrIntoItself   = errors.New("a folder cannot be moved into itself")
	ErrNoFiles      = errors.New("there is no account with files")
	ErrWhichAccount = errors.New("several accounts have files")
	ErrNotFetched   = errors.New("the file could not be fetched")
	ErrNoEntry      = errors.New("there is no file and no folder of this name")
	ErrIgnored      = errors.New("files of this name stay on this computer")
)

func init() {
	explain(ErrFileExists, "files.error.exists")
	explain(ErrNoFolder, "files.error.no-folder")
	explain(ErrFileReadOnly, "files.error.read-only")
	explain(ErrIntoItself, "files.error.into-itself")
	explain(ErrNoFiles, "files.error.no-account")
	explain(ErrWhichAccount, "files.error.which-account")
	explain(ErrNotFetched, "files.error.not-fetched")
	explain(ErrNoEntry, "files.error.no-entry")
	explain(ErrIgnored, "files.error.ignored")
	explain(files.ErrName, "files.error.name")
	explain(davfiles.ErrRootInUse, "files.error.root-in-use")
	explain(davfiles.ErrRootPlace, "files.error.root-place")
}

// Files are the use cases of the file tree. Everything works on the local store and the local folder; the network
// follows. Paths use '/' and start below the root, which is "".
type Files struct {
	db   *storage.DB
	home string
	wake func(accountID int64)
	// traffic is shared with the workers; syncNow lets those of an account look again, nil where there are none.
	traffic *davfiles.Traffic
	syncNow func(accountID int64)
	want    func(accountID, id int64) // fetches a file out of turn, nil likewise
	// server speaks to the server of an account now, nil where nothing does.
	server func(context.Context, int64) (*davfiles.Worker, error)

	order ordered // of the list that was shown last
}

// NewFiles makes the service. wake is called after a change that has to travel.
func NewFiles(db *storage.DB, home string, wake func(accountID int64)) *Files {
	return &Files{db: db, home: home, wake: wake, traffic: davfiles.NewTraffic(db)}
}

// List gives what lies in a folder, in the order of the names.
func (f *Files) List(ctx context.Context, accountID int64, path string) ([]files.Entry, error) {
	path, err := files.CleanPath(path)
	if err != nil {
		return nil, err
	}
	var folder int64
	if path != "" {
		row, err := f.db.FileByPath(ctx, accountID, path)
		if errors.Is(err, storage.ErrNotFound) || (err == nil && !row.Dir) {
			return nil, fmt.Errorf("list: %w", ErrNoFolder)
		}
		if err != nil {
			return nil, err
		}
		folder = row.ID
	}
	rows, err := f.db.FileChildren(ctx, accountID, folder)
	if err != nil {
		return nil, err
	}
	return f.entries(ctx, rows)
}

// Below gives everything under a folder, at any depth, in the order of the paths; everything for "".
func (f *Files) Below(ctx context.Context, accountID int64, path string) ([]files.Entry, error) {
	path, err := files.CleanPath(path)
	if err != nil {
		return nil, err
	}
	if path != "" {
		if _, err := f.db.FileByPath(ctx, accountID, path); err != nil {
			return nil, err
		}
	}
	rows, err := f.db.FileTree(ctx, accountID, path)
	if err != nil {
		return nil, err
	}
	return f.entries(ctx, rows)
}

// Folders gives all folders of an account, each before what lies in it.
func (f *Files) Folders(ctx context.Context, accountID int64) ([]files.Entry, error) {
	rows, err := f.db.FileFolders(ctx, accountID)
	if err != nil {
		return nil, err
	}
	return f.entries(ctx, rows)
}

// Entry reads one entry.
func (f *Files) Entry(ctx context.Context, id int64) (files.Entry, error) {
	row, err := f.db.FileEntry(ctx, id)
	if err != nil {
		return files.Entry{}, err
	}
	all, err := f.entries(ctx, []storage.FileEntry{row})
	if err != nil {
		return files.Entry{}, err
	}
	return all[0], nil
}

// ByPath reads the entry at a path.
func (f *Files) ByPath(ctx context.Context, accountID int64, path string) (files.Entry, error) {
	path, err := files.CleanPath(path)
	if err != nil {
		return files.Entry{}, err
	}
	row, err := f.db.FileByPath(ctx, accountID, path)
	if err != nil {
		return files.Entry{}, err
	}
	return f.Entry(ctx, row.ID)
}

// Recent gives the files of all accounts that changed last.
func (f *Files) Recent(ctx context.Context, limit int) ([]files.Entry, error) {
	rows, err := f.db.RecentFiles(ctx, limit)
	if err != nil {
		return nil, err
	}
	return f.entries(ctx, rows)
}

// Offline gives what a person asked to have offline, in all accounts.
func (f *Files) Offline(ctx context.Context) ([]files.Entry, error) {
	rows, err := f.db.PinnedFiles(ctx)
	if err != nil {
		return nil, err
	}
	return f.entries(ctx, rows)
}

// entries completes rows by their state and the place of their copies.
func (f *Files) entries(ctx context.Context, rows []storage.FileEntry) ([]files.Entry, error) {
	ops, err := f.pending(ctx, rows)
	if err != nil {
		return nil, err
	}
	conflicts, err := f.db.FileConflicts(ctx, 0)
	if err != nil {
		return nil, err
	}
	roots, missing := map[int64]string{}, map[int64]map[string]bool{}
	all := make([]files.Entry, len(rows))
	for i := range rows {
		r := &rows[i]
		if r.AccountID == 0 {
			all[i] = r.Entry // gone since it was listed
			continue
		}
		if _, known := roots[r.AccountID]; !known {
			if roots[r.AccountID], err = f.Root(ctx, r.AccountID); err != nil {
				return nil, err
			}
			if missing[r.AccountID], err = f.db.MissingFolders(ctx, r.AccountID); err != nil {
				return nil, err
			}
		}
		r.Conflict, r.Missing = conflicts[r.ID], missing[r.AccountID][r.Path]
		for _, op := range ops[r.ID] {
			r.Ops = append(r.Ops, op.State)
			r.Sending = r.Sending || op.Kind == journal.FilePut
		}
		all[i] = r.Entry
		all[i].State = files.StateOf(r.Facts)
		if r.LocalPath != "" {
			all[i].LocalPath = filepath.Join(roots[r.AccountID], filepath.FromSlash(r.LocalPath))
		}
	}
	return all, nil
}

// fewRows is how many rows are looked up one by one rather than by reading all that waits.
const fewRows = 500

// pending reads what waits for rows. A list shows few of them, while thousands may wait elsewhere.
func (f *Files) pending(ctx context.Context, rows []storage.FileEntry) (map[int64][]storage.FileOp, error) {
	if len(rows) > fewRows {
		return f.db.FileOps(ctx, 0)
	}
	ids := make([]int64, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
	}
	return f.db.FileOpsOf(ctx, ids)
}

// Space tells how full the server is, as it said last, and what lies offline here.
func (f *Files) Space(ctx context.Context, accountID int64) (files.Space, error) {
	server, err := f.db.FileServer(ctx, accountID)
	if err != nil {
		return files.Space{}, err
	}
	n, octets, err := f.db.OfflineSpace(ctx, accountID)
	return files.Space{Used: server.Used, Free: server.Free, OfflineFiles: n, OfflineBytes: octets}, err
}

// Root is the folder of the local copies of an account.
func (f *Files) Root(ctx context.Context, accountID int64) (string, error) {
	account, err := f.db.Account(ctx, accountID)
	if err != nil {
		return "", err
	}
	return davfiles.NewDisk(f.db, account, f.home).Root(ctx)
}

// SetRoot puts the local copies into another folder. What lies in the old one stays there; the new one is united with
// the server, so a folder that was moved there before is taken as it is.
func (f *Files) SetRoot(ctx context.Context, accountID int64, dir string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("set the folder of the files: %w", err)
	}
	account, err := f.db.Account(ctx, accountID)
	if err != nil {
		return err
	}
	disk := davfiles.NewDisk(f.db, account, f.home)
	if err := disk.Taken(ctx, dir); err != nil {
		return fmt.Errorf("set the folder of the files: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("set the folder of the files: %w", err)
	}
	if err := disk.Adopt(ctx); err != nil {
		return err
	}
	account.FilesRoot = dir
	err = f.db.WriteDurable(ctx, func(tx *storage.Tx) error { return tx.SaveAccount(ctx, account) })
	if err != nil {
		return fmt.Errorf("set the folder of the files: %w", err)
	}
	f.wake(accountID)
	return nil
}

// Look records what changed in the local folder since the last synchronisation, without the network. Only one process
// may do so for a home: see Home.Lock.
func (f *Files) Look(ctx context.Context, accountID int64) error {
	account, err := f.db.Account(ctx, accountID)
	if err != nil {
		return err
	}
	return davfiles.LookLocally(ctx, davfiles.Config{DB: f.db, Account: account, Home: f.home})
}

// Notes gives what a person should know about places in the tree: names that stay here, files that somebody has open.
func (f *Files) Notes(ctx context.Context, accountID int64) ([]files.Note, error) {
	return davfiles.Notes(ctx, f.db, accountID)
}

// align makes the disk follow the store. What cannot be done now, since a program has a file open, is done later.
func (f *Files) align(ctx context.Context, accountID int64) error {
	account, err := f.db.Account(ctx, accountID)
	if err != nil {
		return err
	}
	return davfiles.NewDisk(f.db, account, f.home).Align(ctx)
}

// Pin keeps an entry, and everything below it, offline.
func (f *Files) Pin(ctx context.Context, id int64) error { return f.pin(ctx, id, true) }

// Unpin ends that. Copies that hold nothing but what the server has are given up.
func (f *Files) Unpin(ctx context.Context, id int64) error { return f.pin(ctx, id, false) }

func (f *Files) pin(ctx context.Context, id int64, on bool) error {
	row, err := f.db.File(ctx, id)
	if err != nil {
		return err
	}
	return f.PinPath(ctx, row.AccountID, row.Path, on)
}

// PinPath is Pin and Unpin for a path; "" is everything.
func (f *Files) PinPath(ctx context.Context, accountID int64, path string, on bool) error {
	path, err := files.CleanPath(path)
	if err != nil {
		return err
	}
	err = f.db.WriteDurable(ctx, func(tx *storage.Tx) error {
		if path != "" {
			if _, err := tx.FileByPath(ctx, accountID, path); err != nil {
				return err
			}
		}
		return tx.PinFile(ctx, accountID, path, on)
	})
	if err != nil {
		return fmt.Errorf("pin: %w", err)
	}
	if err := f.align(ctx, accountID); err != nil {
		return err
	}
	f.wake(accountID)
	return nil
}

// Get asks for one download of a file, or of every file in a folder. The copy stays until Unpin.
func (f *Files) Get(ctx context.Context, id int64) error {
	row, err := f.db.File(ctx, id)
	if err != nil {
		return err
	}
	err = f.db.WriteDurable(ctx, func(tx *storage.Tx) error {
		if !row.Dir {
			return tx.WantFile(ctx, id)
		}
		rows, err := tx.FilesBelow(ctx, row.AccountID, row.Path)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := tx.WantFile(ctx, r.ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("get: %w", err)
	}
	f.wake(row.AccountID)
	if f.want != nil && !row.Dir {
		f.want(row.AccountID, id)
	}
	return nil
}

// pathReader reads entries, within a transaction or outside of one.
type pathReader interface {
	FileByPath(ctx context.Context, account int64, path string) (storage.FileRow, error)
}

// folder finds the row of the folder that a new entry goes into, and refuses places that cannot be.
func (f *Files) folder(ctx context.Context, tx pathReader, accountID int64, path string) error {
	if files.Ignored(files.Base(path)) {
		return ErrIgnored
	}
	up := files.Parent(path)
	if up == "" {
		return nil
	}
	row, err := tx.FileByPath(ctx, accountID, up)
	switch {
	case errors.Is(err, storage.ErrNotFound) || (err == nil && !row.Dir):
		return ErrNoFolder
	case err != nil:
		return err
	case row.Remote.ReadOnly:
		return ErrFileReadOnly
	}
	return nil
}

// addFileOp stores an operation about one row.
func addFileOp(ctx context.Context, tx *storage.Tx, kind journal.Kind, row storage.FileRow, group int64, payload any, inverse *journal.Inverse) (journal.Op, error) {
	op := journal.Op{AccountID: row.AccountID, Kind: kind, Target: row.Path, Group: group, Targets: []journal.Target{{Table: "files", ID: row.ID}}}
	var err error
	if op.Payload, err = json.Marshal(payload); err != nil {
		return op, err
	}
	if inverse != nil {
		if op.Inverse, err = json.Marshal(inverse); err != nil {
			return op, err
		}
	}
	var others []journal.Target
	if op.DependsOn, others, err = tx.FileOrder(ctx, row, kind); err != nil {
		return op, err
	}
	op.Targets = append(op.Targets, others...)
	return tx.AddOp(ctx, op)
}

func invert(kind journal.Kind, target string, payload any) (*journal.Inverse, error) {
	raw, err := json.Marshal(payload)
	return &journal.Inverse{Kind: kind, Target: target, Payload: raw}, err
}

// copyInto brings a file to a place on the disk by a temporary file beside it.
func copyInto(from, to string) (err error) {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close() //nolint:errcheck // only read
	info, err := src.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s: %w", filepath.Base(from), files.ErrName)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(to), files.TempPrefix+"*")
	if err != nil {
		return err
	}
	_, err = io.Copy(tmp, src)
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err == nil {
		err = errors.Join(os.Chmod(tmp.Name(), 0o644), os.Chtimes(tmp.Name(), info.ModTime(), info.ModTime()))
	}
	if err == nil {
		err = os.Rename(tmp.Name(), to)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return nil
}
