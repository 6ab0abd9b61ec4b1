// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"encoding/json"
	"fmt"

	"kontor/app/files"
)

// FileEntry is one row of a list of files: the entry without its State, and what the State follows from besides the
// operations and conflicts about it. LocalPath is relative to the root.
type FileEntry struct {
	files.Entry
	files.Facts
}

// The bits of the column that packs what is only yes or no: a list of ten thousand rows is read column by column.
const (
	bitDir = 1 << iota
	bitReadOnly
	bitPinned
	bitKept
	bitWanted
	bitHere
	bitCurrent
)

const entryColumns = `id, account_id, parent_id, name, path, size, mtime, l_path, b_etag, problem, progress, verified,
	dir + 2 * r_readonly + 4 * pinned + 8 * kept + 16 * wanted + 32 * (l_path <> '') + 64 * (b_etag = r_etag AND b_hash = l_hash)`

func scanEntry(scan func(...any) error) (e FileEntry, err error) {
	var mtime, verified, bits int64
	err = scan(&e.ID, &e.AccountID, &e.ParentID, &e.Name, &e.Path, &e.Size, &mtime, &e.LocalPath, &e.ETag, &e.Entry.Problem, &e.Progress, &verified, &bits)
	e.Modified, e.Verified = fromMillis(mtime), fromMillis(verified)
	has := func(bit int64) bool { return bits&bit != 0 }
	e.Entry.Dir, e.ReadOnly, e.PinnedHere, e.Pinned = has(bitDir), has(bitReadOnly), has(bitPinned), has(bitKept)
	e.Facts = files.Facts{
		Dir: e.Entry.Dir, Here: has(bitHere), Current: has(bitCurrent), Wanted: has(bitKept) || has(bitWanted),
		Loading: e.Progress >= 0, Problem: e.Entry.Problem != "",
	}
	return e, err
}

func (r reads) entries(ctx context.Context, where string, args ...any) ([]FileEntry, error) {
	var all []FileEntry
	err := r.each(ctx, `SELECT `+entryColumns+` FROM files WHERE gone = 0 AND `+where, args, func(scan func(...any) error) error {
		e, err := scanEntry(scan)
		all = append(all, e)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list files: %w", err)
	}
	return all, nil
}

// FileChildren lists what lies in a folder, in the order of the names; what lies at the top for 0.
func (r reads) FileChildren(ctx context.Context, account, folder int64) ([]FileEntry, error) {
	return r.entries(ctx, `account_id = ? AND parent_id = ? ORDER BY name`, account, folder)
}

// FileFolders lists all folders of an account, each before what lies in it.
func (r reads) FileFolders(ctx context.Context, account int64) ([]FileEntry, error) {
	return r.entries(ctx, `account_id = ? AND dir = 1 ORDER BY path`, account)
}

// FileTree lists an entry and everything below it; everything of an account for "".
func (r reads) FileTree(ctx context.Context, account int64, path string) ([]FileEntry, error) {
	return r.entries(ctx, `(`+below+` OR (account_id = ?1 AND path = ?2)) ORDER BY path`, account, path)
}

// FileEntry reads one entry by its ID; ErrNotFound for one that is gone.
func (r reads) FileEntry(ctx context.Context, id int64) (FileEntry, error) {
	all, err := r.entries(ctx, `id = ?`, id)
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("file %d: %w", id, ErrNotFound)
	}
	if err != nil {
		return FileEntry{}, err
	}
	return all[0], nil
}

// RecentFiles lists the files of all accounts that changed last, the newest first.
func (r reads) RecentFiles(ctx context.Context, limit int) ([]FileEntry, error) {
	return r.entries(ctx, `dir = 0 ORDER BY mtime DESC, id DESC LIMIT ?`, limit)
}

// PinnedFiles lists what a person asked to have offline: what carries a pin, what was fetched alone and, where
// everything of an account is pinned, what lies at its top.
func (r reads) PinnedFiles(ctx context.Context) ([]FileEntry, error) {
	return r.entries(ctx, `(pinned = 1 OR (wanted = 1 AND dir = 0 AND kept = 0) OR (kept = 1 AND parent_id = 0)) ORDER BY path`)
}

// MissingFolders names the folders, of any depth, in which something that is asked for is not here yet.
func (r reads) MissingFolders(ctx context.Context, account int64) (map[string]bool, error) {
	missing := map[string]bool{}
	err := r.each(ctx, `SELECT path FROM files WHERE account_id = ? AND (kept = 1 OR wanted = 1) AND dir = 0 AND gone = 0 AND l_path = ''`,
		[]any{account}, func(scan func(...any) error) error {
			var path string
			if err := scan(&path); err != nil {
				return err
			}
			for path = files.Parent(path); path != "" && !missing[path]; path = files.Parent(path) {
				missing[path] = true
			}
			return nil
		})
	return missing, err
}

// FileConflicts gives the rows that an open conflict is about.
func (r reads) FileConflicts(ctx context.Context, account int64) (map[int64]bool, error) {
	open := map[int64]bool{}
	err := r.each(ctx, `SELECT ref_id FROM conflicts WHERE kind = 'file' AND resolved = 0 AND (?1 = 0 OR account_id = ?1)`, []any{account},
		func(scan func(...any) error) error {
			var id int64
			err := scan(&id)
			open[id] = true
			return err
		})
	return open, err
}

// OfflineSpace counts the local copies of an account and their octets.
func (r reads) OfflineSpace(ctx context.Context, account int64) (count int, octets int64, err error) {
	err = r.scan(ctx, []any{&count, &octets}, `SELECT count(*), coalesce(sum(l_size), 0) FROM files WHERE account_id = ? AND dir = 0 AND gone = 0 AND l_path <> ''`, account)
	return count, octets, err
}

// PendingUploads counts the uploads of an account that wait or are under way, with their octets.
func (r reads) PendingUploads(ctx context.Context, account int64) (count int, octets int64, err error) {
	err = r.scan(ctx, []any{&count, &octets}, `SELECT count(*), coalesce(sum(f.l_size), 0) FROM journal j JOIN journal_targets t ON t.op_id = j.id
		JOIN files f ON f.id = t.row_id WHERE j.account_id = ? AND j.kind = 'file.put' AND j.state NOT IN ('done', 'cancelled')
		AND j.state IN ('waiting', 'running', 'in-doubt') AND t.tbl = 'files' AND `+firstTarget, account)
	return count, octets, err
}

// MissingSize counts what lies in entries, at any depth, and is not here yet, with its octets. What is named twice counts once.
func (r reads) MissingSize(ctx context.Context, ids []int64) (count int, octets int64, err error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return 0, 0, err
	}
	err = r.scan(ctx, []any{&count, &octets}, `WITH chosen AS (SELECT t.id, t.account_id, t.path, t.dir FROM json_each(?) AS wanted JOIN files t ON t.id = wanted.value)
		SELECT count(*), coalesce(sum(r_size), 0) FROM files WHERE dir = 0 AND gone = 0 AND r_path <> '' AND l_path = '' AND id IN (
			SELECT id FROM chosen WHERE dir = 0 UNION
			SELECT f.id FROM chosen c JOIN files f ON f.account_id = c.account_id AND f.path > c.path || '/' AND f.path < c.path || '0' WHERE c.dir = 1)`, string(list))
	return count, octets, err
}

// CountIn counts what lies in a folder, 0 for the root, on any side.
func (r reads) CountIn(ctx context.Context, account, folder int64) (n int, err error) {
	err = r.scan(ctx, []any{&n}, `SELECT count(*) FROM files WHERE account_id = ? AND parent_id = ?`, account, folder)
	return n, err
}
