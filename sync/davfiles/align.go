// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"kontor/app/files"
	"kontor/app/journal"
	"kontor/storage"
)

// maxPasses bounds how often the rows are read again: each pass settles at least one level of folders.
const maxPasses = 64

// Align makes the disk follow what is stored: copies of what was deleted go to the recycle bin, what was moved is moved,
// folders that are kept are made, copies that nobody asks for any more are given up. It needs no network.
func (d *Disk) Align(ctx context.Context) error {
	defer d.lock()()
	root, err := d.OpenRoot(ctx)
	if err != nil {
		return err
	}
	return errors.Join(d.align(ctx, root), d.closeFolders(ctx, root))
}

func (d *Disk) align(ctx context.Context, root string) error {
	if err := d.settlePlaces(ctx); err != nil {
		return err
	}
	tried, left := map[int64]bool{}, map[string]bool{}
	for range maxPasses {
		rows, err := d.db.FilesToAlign(ctx, d.account)
		if err != nil {
			return err
		}
		all := slices.DeleteFunc(rows, func(r storage.FileRow) bool { return !d.needsWork(&r) })
		rows = slices.DeleteFunc(slices.Clone(all), func(r storage.FileRow) bool { return tried[r.ID] })
		if len(rows) == 0 {
			again, err := d.clearLeft(ctx, root, left)
			if err == nil && !again {
				again, err = d.unblock(ctx, root, all)
			}
			if err != nil {
				return fmt.Errorf("arrange the local files: %w", err)
			}
			if !again {
				return nil
			}
			clear(tried)
			continue
		}
		for _, r := range rows {
			left[files.Parent(r.Local.Path)] = true
		}
		if err := d.alignRows(ctx, root, rows, tried, d.movingFolders(all)); err != nil {
			return fmt.Errorf("arrange the local files: %w", err)
		}
	}
	return nil
}

// unblock gives a copy that has to move, and lies where another one has to go, a hidden name for the moment: without that
// two copies whose names were swapped would wait for each other for ever.
func (d *Disk) unblock(ctx context.Context, root string, rows []storage.FileRow) (bool, error) {
	r := blocking(rows, d.local)
	if r == nil {
		return false, nil
	}
	was, aside := r.Local.Path, asideName(r.ID)
	before, _, err := observe(abs(root, was))
	if err != nil {
		return false, nil //nolint:nilerr // gone: the scan finds out
	}
	if err := os.Rename(abs(root, was), abs(root, aside)); err != nil {
		return false, nil //nolint:nilerr // open in a program: later
	}
	if after, _, err := observe(abs(root, aside)); err == nil {
		r.Local = followed(r.Local, before, after)
		r.Local.Path = was
	}
	return true, d.putAside(ctx, *r, aside)
}

// putAside stores that a copy lies under its hidden name.
func (d *Disk) putAside(ctx context.Context, r storage.FileRow, aside string) error {
	was := r.Local.Path
	r.Local.Path = aside
	return d.db.Write(ctx, func(tx *storage.Tx) error {
		if err := saveAligned(ctx, tx, r); err != nil || !r.Dir {
			return err
		}
		return tx.MoveFiles(ctx, d.account, storage.SideLocal, was, aside)
	})
}

// findAside finds a copy again that was put aside when the program ended.
func (d *Disk) findAside(ctx context.Context, root string, r *storage.FileRow) error {
	aside := asideName(r.ID)
	if r.Local.Path == "" || r.Local.Path == aside {
		return nil
	}
	if _, err := os.Lstat(abs(root, aside)); err != nil {
		return nil //nolint:nilerr // it was not
	}
	if err := d.putAside(ctx, *r, aside); err != nil {
		return err
	}
	r.Local.Path = aside
	return nil
}

// asideName is the hidden name of a copy, at the top of the local folder.
func asideName(id int64) string { return fmt.Sprint(files.AsidePrefix, id) }

// blocking finds a copy that has to move and lies where another one has to go.
func blocking(rows []storage.FileRow, place func(path string) string) *storage.FileRow {
	key := files.Rules{FoldCase: true}.Key
	at := map[string]*storage.FileRow{}
	moves := func(r *storage.FileRow) bool {
		return r.Local.Path != "" && !r.Gone && !r.Discard && r.Local.Path != place(r.Path)
	}
	for i := range rows {
		if moves(&rows[i]) {
			at[key(rows[i].Local.Path)] = &rows[i]
		}
	}
	for i := range rows {
		if !moves(&rows[i]) {
			continue
		}
		to := place(rows[i].Path)
		if files.Within(key(rows[i].Local.Path), key(to)) && key(rows[i].Local.Path) != key(to) {
			return &rows[i] // it takes the name of the folder that it is in
		}
		for up := to; up != ""; up = files.Parent(up) { // a file may have the name of a folder above
			if h := at[key(up)]; h != nil && h.ID != rows[i].ID && (up == to || !h.Dir) {
				return h
			}
		}
	}
	return nil
}

// clearLeft removes folders that something has left, that are empty now, and that no row knows on the disk: they were made
// for what was put into them, and the next look at the disk would take them for new ones.
func (d *Disk) clearLeft(ctx context.Context, root string, left map[string]bool) (cleared bool, err error) {
	delete(left, "")
	if len(left) == 0 {
		return false, nil
	}
	rows, err := d.db.FolderRows(ctx, d.account)
	if err != nil {
		return false, err
	}
	known := map[string]bool{"": true}
	for _, r := range rows {
		known[r.Local.Path] = true
		if !r.Gone && r.Kept {
			known[d.local(r.Path)] = true
		}
	}
	for path := range left {
		for ; !known[path]; path = files.Parent(path) {
			cleared = removeEmpty(abs(root, path)) || cleared
		}
	}
	return cleared, nil
}

// needsWork leaves out rows that only differ by how the disk maps their names.
func (d *Disk) needsWork(r *storage.FileRow) bool {
	if r.Local.Path == "" || r.Gone || r.Discard {
		return true
	}
	return r.Local.Path != d.local(r.Path) || d.released(r)
}

// released reports whether a copy is not asked for and holds nothing that the server lacks.
func (d *Disk) released(r *storage.FileRow) bool {
	return !r.Kept && !r.Wanted && r.Remote.Path != "" && (r.Dir || r.Current())
}

// alignRows does the work of one pass: what goes, then one folder that moved, since that changes where everything in it
// lies, and only then the rest.
func (d *Disk) alignRows(ctx context.Context, root string, rows []storage.FileRow, tried map[int64]bool, moving map[string]bool) error {
	goes := func(r storage.FileRow) bool { return !(r.Local.Path != "" && (r.Gone || r.Discard)) }
	if first := slices.DeleteFunc(slices.Clone(rows), goes); len(first) > 0 {
		rows = first
	} else if i := slices.IndexFunc(rows, d.relocates); i >= 0 {
		return d.alignFolder(ctx, root, rows[i], tried)
	}
	there, err := d.deletedThere(ctx, rows)
	if err != nil {
		return err
	}
	slices.Reverse(rows) // what lies in a folder before the folder itself
	var changed []storage.FileRow
	var leaving []storage.FileLocal
	var full *storage.FileRow
	for i := range rows {
		tried[rows[i].ID] = true
		if d.awaits(&rows[i], moving) {
			continue
		}
		if err := d.findAside(ctx, root, &rows[i]); err != nil {
			return err
		}
		was, gives := rows[i].Local, !rows[i].Dir && !rows[i].Gone && !rows[i].Discard && d.released(&rows[i])
		ok, err := d.alignRow(root, &rows[i], there[rows[i].ID])
		if err != nil {
			return err
		}
		if ok {
			changed = append(changed, rows[i])
		}
		if ok && gives {
			leaving = append(leaving, was)
		}
		if !ok && d.strays(&rows[i]) {
			full = &rows[i]
		}
	}
	if len(changed) == 0 && full != nil {
		return d.carryAlong(ctx, root, *full, tried)
	}
	if len(changed) > 0 {
		clear(tried) // what had no room may have it now
	}
	store := d.db.Write
	if len(leaving) > 0 {
		store = d.db.WriteDurable
	}
	err = store(ctx, func(tx *storage.Tx) error {
		for _, r := range changed {
			if err := saveAligned(ctx, tx, r); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		removeReleased(root, leaving)
	}
	return err
}

// relocates reports whether a row is a folder that goes to another place with everything in it: one that is kept, or that only
// is written in another way on a disk that finds it by both.
func (d *Disk) relocates(r storage.FileRow) bool {
	if local := d.local(r.Path); r.Dir && r.Local.Path != "" && r.Local.Path != local {
		a := d.ability()
		return r.Kept || r.Wanted || a.Key(r.Local.Path) == a.Key(local)
	}
	return false
}

// movingFolders are the places of those that have to move there.
func (d *Disk) movingFolders(rows []storage.FileRow) map[string]bool {
	moving := map[string]bool{}
	for _, r := range rows {
		if !r.Gone && d.relocates(r) {
			moving[d.local(r.Path)] = true
		}
	}
	return moving
}

// awaits reports whether a folder above the place of a row is still to come there: one that was made for what is in it
// would be in the way.
func (d *Disk) awaits(r *storage.FileRow, moving map[string]bool) bool {
	if r.Gone || r.Discard || len(moving) == 0 {
		return false
	}
	for up := files.Parent(d.local(r.Path)); up != ""; up = files.Parent(up) {
		if moving[up] {
			return true
		}
	}
	return false
}

// alignFolder moves a folder with everything in it.
func (d *Disk) alignFolder(ctx context.Context, root string, r storage.FileRow, tried map[int64]bool) error {
	tried[r.ID] = true
	if err := d.findAside(ctx, root, &r); err != nil {
		return err
	}
	was := r.Local.Path
	ok, err := d.rename(root, &r)
	if err != nil || !ok {
		return err
	}
	clear(tried)
	return d.db.Write(ctx, func(tx *storage.Tx) error {
		if err := saveAligned(ctx, tx, r); err != nil {
			return err
		}
		return tx.MoveFiles(ctx, d.account, storage.SideLocal, was, r.Local.Path)
	})
}

// strays reports whether a row is a folder that is not kept and lies at another place than it is shown at.
func (d *Disk) strays(r *storage.FileRow) bool {
	return r.Dir && !r.Gone && r.Local.Path != "" && r.Local.Path != d.local(r.Path) && d.released(r)
}

// carryAlong deals with a folder that strays and cannot go, since something lies in it that is not known here: that moves with
// it. Where the folder has been made at its new place already, what lies at the old one is a folder of its own.
func (d *Disk) carryAlong(ctx context.Context, root string, r storage.FileRow, tried map[int64]bool) error {
	if err := d.alignFolder(ctx, root, r, tried); err != nil || !tried[r.ID] {
		return err
	}
	if info, err := os.Lstat(abs(root, d.local(r.Path))); err != nil || !info.IsDir() {
		return nil //nolint:nilerr // something is in the way: later
	}
	r.Local = storage.FileLocal{}
	return d.db.Write(ctx, func(tx *storage.Tx) error { return saveAligned(ctx, tx, r) })
}

// saveAligned stores only what aligning may change: the rest of the row may have moved on meanwhile.
func saveAligned(ctx context.Context, tx rowTx, r storage.FileRow) error {
	row, err := tx.File(ctx, r.ID)
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	row.Local, row.Base, row.Discard, row.Trash = r.Local, r.Base, r.Discard, r.Trash
	if row.Gone && row.Remote.Path == "" && row.Local.Path == "" && row.Trash == "" {
		ops, err := tx.OpsFor(ctx, "files", row.ID)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(ops, func(op journal.Op) bool { return op.Targets[0].ID == row.ID }) { // others only wait for it
			return tx.DeleteFile(ctx, row.ID)
		}
	}
	if !row.Gone {
		setShown(&row)
	}
	return tx.SaveFile(ctx, row)
}

// alignRow brings one copy to where it should be and reports whether the row changed.
func (d *Disk) alignRow(root string, r *storage.FileRow, there bool) (bool, error) {
	switch {
	case r.Local.Path == "" && r.Trash != "" && !r.Gone:
		return d.restore(root, r)
	case r.Local.Path == "" && r.Dir && r.Kept && !r.Gone:
		return d.makeFolder(root, r)
	case r.Local.Path == "":
		return false, nil
	case r.Gone || r.Discard:
		return d.takeAway(root, r, there)
	case d.released(r):
		return release(root, r), nil
	}
	return d.rename(root, r)
}

// deletedThere finds the copies whose files were deleted on the server. What a person deletes here has an operation, and
// what a person takes back never was on the server.
func (d *Disk) deletedThere(ctx context.Context, rows []storage.FileRow) (map[int64]bool, error) {
	there := map[int64]bool{}
	for i := range rows {
		if r := &rows[i]; r.Gone && r.Remote.Path == "" && r.Local.Path != "" && r.Base.ETag != "" {
			there[r.ID] = true
		}
	}
	if len(there) == 0 {
		return nil, nil
	}
	ops, err := d.db.FileOps(ctx, d.account)
	if err != nil {
		return nil, err
	}
	maps.DeleteFunc(there, func(id int64, _ bool) bool { return len(ops[id]) > 0 })
	return there, nil
}

// takeAway moves a copy into a recycle bin: of a file that was deleted here into the program's own, for undo. One that
// was changed since it was looked at stays, and is found as new.
func (d *Disk) takeAway(root string, r *storage.FileRow, there bool) (bool, error) {
	path := abs(root, r.Local.Path)
	if r.Dir {
		removeEmpty(path)
		r.Local = storage.FileLocal{}
		return true, nil
	}
	now, info, err := observe(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
		return false, err
	}
	if err == nil && info.Mode().IsRegular() && (r.Discard || unchanged(r.Local, now)) {
		if there {
			err = d.loseFile(path, r.Local.Path)
		} else {
			r.Trash, err = d.discardFile(path, r.Local.Path, sent(r) && unchanged(r.Local, now))
		}
		if err != nil {
			return false, err
		}
	}
	r.Local, r.Discard = storage.FileLocal{}, false
	if !r.Gone {
		r.Trash, r.Base = "", storage.FileBase{}
	}
	return true, nil
}

// removeEmpty removes a folder that holds nothing but interrupted downloads. Anything else in it stays, with the folder.
func removeEmpty(path string) bool {
	entries, err := os.ReadDir(path)
	if err != nil {
		return false
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), files.TempPrefix) {
			return false
		}
	}
	for _, e := range entries {
		_ = os.Remove(filepath.Join(path, e.Name())) // a rest keeps the folder, which does no harm
	}
	return os.Remove(path) == nil
}

func (d *Disk) makeFolder(root string, r *storage.FileRow) (bool, error) {
	local := d.local(r.Path)
	path := abs(root, local)
	if err := os.MkdirAll(path, 0o755); err != nil {
		return false, nil //nolint:nilerr // a file has its name: the planner sees both
	}
	l, _, err := observe(path)
	if err != nil {
		return false, err
	}
	r.Local = l
	r.Local.Path = local
	return true, nil
}

// rename moves a copy to its place, unless something lies there that is not known.
func (d *Disk) rename(root string, r *storage.FileRow) (bool, error) {
	local := d.local(r.Path)
	from, to := abs(root, r.Local.Path), abs(root, local)
	if there, info, err := observe(to); err == nil && !sameFile(from, to) {
		left, _, _ := observe(from) //nolint:errcheck // nothing is as good as something else
		return arrivedBefore(r, left, there, info.IsDir(), local), nil
	}
	before, _, err := observe(from)
	if err != nil {
		return false, nil //nolint:nilerr // gone: the scan finds out
	}
	if !r.Dir && goesInside(r.Local.Path, local) {
		from = d.makeWay(root, r) // it has the name of a folder that it goes into
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return false, nil //nolint:nilerr // a file has the folder's name: the planner sees both
	}
	if err := os.Rename(from, to); err != nil {
		return false, nil //nolint:nilerr // gone or open in a program: the scan finds out
	}
	l, _, err := observe(to)
	if err != nil {
		return false, err
	}
	r.Local = followed(r.Local, before, l)
	r.Local.Path = local
	return true, nil
}

// arrivedBefore reports whether a copy lies where it has to go already, and records that: it was moved, and then the program
// or the machine stopped before that was stored. left is what lies at the old place by now.
func arrivedBefore(r *storage.FileRow, left, there storage.FileLocal, dir bool, local string) bool {
	alike := func(l storage.FileLocal) bool { return l.Size == r.Local.Size && l.ModTime == r.Local.ModTime }
	switch {
	case dir != r.Dir || r.Local.Inode != there.Inode && r.Local.Inode != "":
		return false
	case r.Local.Inode == "" && (dir || alike(left)):
		return false
	case !dir && !alike(there):
		return false
	}
	r.Local.Path = local
	if r.Local.Inode == "" {
		r.Local.ModTime = 0 // it is read again
	}
	return true
}

// goesInside reports whether a file goes into a folder that has its own name, as far as any disk can tell.
func goesInside(from, to string) bool {
	key := files.Rules{FoldCase: true}.Key
	from, to = key(from), key(to)
	return from != to && files.Within(to, from)
}

// followed is what is known of a copy after it was moved. One that was changed since it was looked at keeps its old looks,
// so that the next look finds the change.
func followed(known, before, after storage.FileLocal) storage.FileLocal {
	if !unchanged(known, before) {
		return known
	}
	after.Hash = known.Hash
	return after
}

// makeWay gives a file another name beside it and returns where it lies then. Should the program end now, the scan finds
// it there.
func (d *Disk) makeWay(root string, r *storage.FileRow) string {
	folder := files.Parent(r.Local.Path)
	alias := files.Alias(files.Base(r.Local.Path), func(n string) bool {
		_, err := os.Lstat(abs(root, files.Join(folder, n)))
		return err == nil
	})
	from, to := abs(root, r.Local.Path), abs(root, files.Join(folder, alias))
	if err := os.Rename(from, to); err != nil {
		return from
	}
	return to
}

func sameFile(a, b string) bool {
	x, err := os.Lstat(a)
	if err != nil {
		return false
	}
	y, err := os.Lstat(b)
	return err == nil && os.SameFile(x, y)
}

// restore brings a copy back from the recycle bin, after a deletion was undone.
func (d *Disk) restore(root string, r *storage.FileRow) (bool, error) {
	local := d.local(r.Path)
	from, to := r.Trash, abs(root, local)
	r.Trash = ""
	if _, err := os.Lstat(to); err == nil {
		return true, nil
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return true, nil //nolint:nilerr // the server's version comes instead
	}
	if err := os.Rename(from, to); err != nil {
		if err := copyFile(from, to); err != nil {
			return true, nil //nolint:nilerr // likewise
		}
	}
	l, err := hashFile(to)
	if err != nil {
		return false, err
	}
	l.Path = local
	r.Local = l
	if l.Hash == r.Base.Hash || r.Remote.Path == "" {
		return true, nil
	}
	r.Base = storage.FileBase{}
	return true, nil
}
