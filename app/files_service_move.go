// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"kontor/app/files"
	"kontor/storage"
)

// What cannot be done with several files at once.
var (
	// ErrNotHere says that a copy needs content that lies on the server alone: it has to be fetched first.
	ErrNotHere = errors.New("the content is not on this computer")
	// ErrOtherAccount says that files cannot go from one account to another.
	ErrOtherAccount = errors.New("the files are of another account")
	// ErrLimit says that what was typed bounds no transfers.
	ErrLimit = errors.New("a limit is a number of kilobytes a second")
)

func init() {
	explain(ErrNotHere, "files.error.not-here")
	explain(ErrOtherAccount, "files.error.other-account")
	explain(ErrLimit, "files.error.limit")
}

// Rename gives an entry another name in the same folder. A name that is taken is refused, also that of a folder.
func (f *Files) Rename(ctx context.Context, id int64, name string) error {
	if err := files.Valid(name); err != nil {
		return fmt.Errorf("rename: %w", err)
	}
	row, err := f.db.File(ctx, id)
	if err != nil {
		return fmt.Errorf("rename: %w", err)
	}
	return f.moveOne(ctx, row, files.Join(files.Parent(row.Path), name))
}

// MoveInto moves entries into a folder of their account, all of them or none, as one step. What lies there stays.
func (f *Files) MoveInto(ctx context.Context, ids []int64, accountID int64, folder string) error {
	err := f.db.WriteDurable(ctx, func(tx *storage.Tx) error {
		var group int64
		for _, id := range ids {
			row, err := tx.File(ctx, id)
			if err != nil {
				return err
			}
			if row.AccountID != accountID {
				return ErrOtherAccount
			}
			newPath := files.Join(folder, row.Name)
			if newPath == row.Path {
				continue
			}
			if err := f.move(ctx, tx, id, newPath, &group); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("move: %w", err)
	}
	return f.follow(ctx, accountID)
}

// item is a file or folder to be made in the tree.
type item struct {
	local string // empty for a folder
	path  string
}

// CopyInto copies entries, with all that lies in them, into a folder of their account, as one step. Where a name is taken
// the copy gets a number. All content has to be here: Missing tells what is not, and ErrNotHere is given for it.
func (f *Files) CopyInto(ctx context.Context, ids []int64, accountID int64, folder string) error {
	missing, err := f.Missing(ctx, ids)
	if err == nil && len(missing) > 0 {
		err = ErrNotHere
	}
	if err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	taken, err := f.names(ctx, accountID, folder)
	if err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	var items []item
	for _, id := range ids {
		e, err := f.Entry(ctx, id)
		if err != nil {
			return fmt.Errorf("copy: %w", err)
		}
		if e.AccountID != accountID {
			return fmt.Errorf("copy: %w", ErrOtherAccount)
		}
		if e.Dir && files.Within(folder, e.Path) {
			return fmt.Errorf("copy: %w", ErrIntoItself)
		}
		all, err := f.Below(ctx, e.AccountID, e.Path)
		if err != nil {
			return fmt.Errorf("copy: %w", err)
		}
		to := files.Join(folder, free(e.Name, taken))
		for _, b := range all {
			items = append(items, item{local: b.LocalPath, path: to + strings.TrimPrefix(b.Path, e.Path)})
			if b.Dir {
				items[len(items)-1].local = ""
			}
		}
	}
	return f.make(ctx, accountID, items)
}

// Missing tells which files among entries, and below them, have no content on this computer.
func (f *Files) Missing(ctx context.Context, ids []int64) ([]int64, error) {
	var missing []int64
	for _, id := range ids {
		e, err := f.Entry(ctx, id)
		if err != nil {
			return nil, err
		}
		all, err := f.Below(ctx, e.AccountID, e.Path)
		if err != nil {
			return nil, err
		}
		for _, b := range all {
			if !b.Dir && b.LocalPath == "" {
				missing = append(missing, b.ID)
			}
		}
	}
	return missing, nil
}

// names gives the names of what a folder holds.
func (f *Files) names(ctx context.Context, accountID int64, folder string) (map[string]bool, error) {
	all, err := f.List(ctx, accountID, folder)
	taken := make(map[string]bool, len(all))
	for _, e := range all {
		taken[e.Name] = true
	}
	return taken, err
}

// free gives a name that is not taken, and takes it.
func free(name string, taken map[string]bool) string {
	if taken[name] {
		name = files.Alias(name, func(s string) bool { return taken[s] })
	}
	taken[name] = true
	return name
}

// Clash says what is to become of names that are taken in the folder where files are put.
type Clash string

// The ways.
const (
	KeepBoth Clash = "both"    // the new one gets a number
	Replace  Clash = "replace" // the new content is the next version; folders are united
)

// PutInto copies files and whole folders from the disk into a folder, as one step. It gives the number of files.
func (f *Files) PutInto(ctx context.Context, accountID int64, local []string, folder string, clash Clash) (int, error) {
	taken, err := f.names(ctx, accountID, folder)
	if err != nil {
		return 0, fmt.Errorf("put: %w", err)
	}
	var items []item
	n := 0
	for _, from := range local {
		name := files.Rules{}.Remote(filepath.Base(from))
		if clash == KeepBoth {
			name = free(name, taken)
		}
		err := filepath.WalkDir(from, func(p string, d fs.DirEntry, err error) error {
			if err != nil || !d.IsDir() && !d.Type().IsRegular() {
				return err // what is no file, a link for one, stays where it is
			}
			if p != from && files.Ignored(d.Name()) {
				if d.IsDir() {
					return fs.SkipDir
				}
				return nil
			}
			rel, err := filepath.Rel(from, p)
			if err != nil {
				return err
			}
			i := item{path: files.Join(folder, name)}
			if rel != "." {
				i.path += "/" + files.Rules{}.RemotePath(filepath.ToSlash(rel))
			}
			if !d.IsDir() {
				i.local = p
				n++
			}
			items = append(items, i)
			return nil
		})
		if err != nil {
			return 0, fmt.Errorf("put: %w", err)
		}
	}
	return n, f.make(ctx, accountID, items)
}

// make adds folders and files to the tree, each folder before what lies in it, in one group.
func (f *Files) make(ctx context.Context, accountID int64, items []item) (err error) {
	var group int64
	defer func() { err = errors.Join(err, f.follow(ctx, accountID)) }()
	for _, i := range items {
		if i.local == "" {
			err = f.makeFolder(ctx, accountID, i.path, &group)
		} else {
			err = f.makeFile(ctx, accountID, i, &group)
		}
		if err != nil {
			return fmt.Errorf("put: %w", err)
		}
	}
	return nil
}

func (f *Files) makeFolder(ctx context.Context, accountID int64, path string, group *int64) error {
	if row, err := f.at(ctx, accountID, path); err != nil || (row != nil && row.Dir) {
		return err
	}
	return f.db.WriteDurable(ctx, func(tx *storage.Tx) error {
		_, err := f.mkdir(ctx, tx, accountID, path, group)
		return err
	})
}

func (f *Files) makeFile(ctx context.Context, accountID int64, i item, group *int64) error {
	row, err := f.at(ctx, accountID, i.path)
	switch {
	case err != nil:
		return err
	case row != nil && row.Dir:
		return ErrFileExists
	case row != nil && row.Remote.ReadOnly:
		return ErrFileReadOnly
	}
	if _, err := os.Stat(i.local); err != nil {
		return err
	}
	_, err = f.put(ctx, accountID, i.local, i.path, row, group)
	return err
}
