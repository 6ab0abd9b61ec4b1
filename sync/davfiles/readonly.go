// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"

	"kontor/app/files"
	"kontor/storage"
)

// Folders that the server lets nobody put anything into are closed on the disk as well: a person should know before the
// work, not after it. The program itself has to bring and take files there, so it opens them for as long as it is at work.

func closedKey(account int64) string { return fmt.Sprintf("_files.closed.%d", account) }

// closedFolders are the places of the folders that are to be closed while the program is not at work.
func (d *Disk) closedFolders(ctx context.Context) (places []string, err error) {
	raw, err := d.db.Setting(ctx, closedKey(d.account), "")
	if err != nil || raw == "" || runtime.GOOS == "windows" { // where the mode of a folder means nothing
		return nil, err
	}
	if err := json.Unmarshal([]byte(raw), &places); err != nil {
		return nil, fmt.Errorf("read which folders are closed: %w", err)
	}
	return places, nil
}

// openFolders lets the program work in all folders; closeFolders closes them again.
func (d *Disk) openFolders(ctx context.Context, root string) error {
	return d.eachClosed(ctx, root, func(mode fs.FileMode) fs.FileMode { return mode | 0o200 })
}

func (d *Disk) closeFolders(ctx context.Context, root string) error {
	return d.eachClosed(ctx, root, func(mode fs.FileMode) fs.FileMode { return mode &^ 0o222 })
}

func (d *Disk) eachClosed(ctx context.Context, root string, change func(fs.FileMode) fs.FileMode) error {
	places, err := d.closedFolders(ctx)
	for _, place := range places {
		path := abs(root, place)
		info, statErr := os.Lstat(path)
		if statErr != nil || !info.IsDir() {
			continue // on its way, or given up
		}
		if mode := change(info.Mode().Perm()); mode != info.Mode().Perm() {
			_ = os.Chmod(path, mode) // the server refuses what is put there, later
		}
	}
	return err
}

// saveClosed stores which folders the server closes, if that is something new.
func (w *Worker) saveClosed(ctx context.Context, s *situation) error {
	if s.list == nil || s.list.same {
		return nil
	}
	var now []string
	for path, it := range s.list.items {
		if it.dir && it.ReadOnly {
			now = append(now, w.disk.local(shown(path)))
		}
	}
	for i := range s.rows { // what could not be listed is as it was
		if r := &s.rows[i]; r.Dir && r.Remote.ReadOnly && !r.Gone && s.list.items[r.Remote.Path] == nil && s.list.unlistedBelow(r.Remote.Path) {
			now = append(now, w.disk.local(r.Path))
		}
	}
	slices.Sort(now)
	raw := ""
	if now = slices.Compact(now); len(now) > 0 {
		b, err := json.Marshal(now)
		if err != nil {
			return err
		}
		raw = string(b)
	}
	was, err := w.db.Setting(ctx, closedKey(w.cfg.Account.ID), "")
	if err != nil || raw == was {
		return err
	}
	return w.db.Write(ctx, func(tx *storage.Tx) error { return tx.SetSetting(ctx, closedKey(w.cfg.Account.ID), raw) })
}

// unlistedBelow reports whether a place lies in a folder that could not be listed.
func (l *listing) unlistedBelow(path string) bool {
	return slices.ContainsFunc(l.unlisted, func(u string) bool { return files.Within(path, u) })
}
