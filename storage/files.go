// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"kontor/app/files"
)

// FileRow is one entry of the tree of files with its place and version on all three sides. See 0003_files.sql.
type FileRow struct {
	ID, AccountID, ParentID int64
	Path, Name              string
	Dir                     bool
	Gone                    bool // deleted here, the server or the disk has not followed yet
	Pinned, Kept, Wanted    bool
	Discard                 bool
	Size                    int64
	Modified                time.Time
	Remote                  FileRemote
	Local                   FileLocal
	Base                    FileBase
	Trash                   string
	Problem                 string
	Progress                int
	Verified                time.Time
}

// FileRemote is what the server said of an entry last. An empty Path means that it is not there.
type FileRemote struct {
	Path     string
	ETag     string
	FileID   string
	Size     int64
	Modified time.Time
	ReadOnly bool
}

// FileLocal is the copy on the disk. An empty Path means that there is none.
type FileLocal struct {
	Path       string // relative to the root, in the disk's own names, with '/'
	Size       int64
	ModTime    int64  // Unix nanoseconds
	ChangeTime int64  // likewise, of the inode; 0 where the disk has none
	Inode      string // device and inode, or what comes closest
	Hash       string // SHA-256 in hex
}

// FileBase is the version that server and disk last had in common.
type FileBase struct {
	ETag string
	Hash string
	Size int64
}

// Current reports whether the local copy is the version that the server had last.
func (f *FileRow) Current() bool {
	return f.Local.Path != "" && f.Base.ETag == f.Remote.ETag && f.Base.Hash == f.Local.Hash
}

const fileColumns = `id, account_id, parent_id, path, name, dir, gone, pinned, kept, wanted, discard, size, mtime,
	r_path, r_etag, r_fileid, r_size, r_mtime, r_readonly, l_path, l_size, l_mtime, l_ctime, l_inode, l_hash,
	b_etag, b_hash, b_size, trash, problem, progress, verified`

func scanFile(scan func(...any) error) (f FileRow, err error) {
	var mtime, remote, verified int64
	err = scan(&f.ID, &f.AccountID, &f.ParentID, &f.Path, &f.Name, &f.Dir, &f.Gone, &f.Pinned, &f.Kept, &f.Wanted, &f.Discard, &f.Size, &mtime,
		&f.Remote.Path, &f.Remote.ETag, &f.Remote.FileID, &f.Remote.Size, &remote, &f.Remote.ReadOnly,
		&f.Local.Path, &f.Local.Size, &f.Local.ModTime, &f.Local.ChangeTime, &f.Local.Inode, &f.Local.Hash,
		&f.Base.ETag, &f.Base.Hash, &f.Base.Size, &f.Trash, &f.Problem, &f.Progress, &verified)
	f.Modified, f.Remote.Modified, f.Verified = fromMillis(mtime), fromMillis(remote), fromMillis(verified)
	f.share()
	return f, err
}

// share keeps what is the same on several sides once in memory: tens of thousands of rows are looked at together.
func (f *FileRow) share() {
	if strings.HasSuffix(f.Path, f.Name) {
		f.Name = f.Path[len(f.Path)-len(f.Name):]
	}
	for _, same := range []struct{ of, with *string }{
		{&f.Remote.Path, &f.Path}, {&f.Local.Path, &f.Path}, {&f.Base.ETag, &f.Remote.ETag}, {&f.Base.Hash, &f.Local.Hash},
	} {
		if *same.of == *same.with {
			*same.of = *same.with
		}
	}
}

func (r reads) files(ctx context.Context, where string, args ...any) ([]FileRow, error) {
	return r.moreFiles(ctx, nil, where, args...)
}

// moreFiles appends what it reads to all.
func (r reads) moreFiles(ctx context.Context, all []FileRow, where string, args ...any) ([]FileRow, error) {
	err := r.each(ctx, `SELECT `+fileColumns+` FROM files `+where, args, func(scan func(...any) error) error {
		f, err := scanFile(scan)
		all = append(all, f)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read files: %w", err)
	}
	return all, nil
}

func (r reads) file(ctx context.Context, where string, args ...any) (FileRow, error) {
	all, err := r.files(ctx, where, args...)
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("file: %w", ErrNotFound)
	}
	if err != nil {
		return FileRow{}, err
	}
	return all[0], nil
}

// File reads one entry by its ID, also one that is gone.
func (r reads) File(ctx context.Context, id int64) (FileRow, error) {
	return r.file(ctx, `WHERE id = ?`, id)
}

// FileByPath reads the entry that is shown at a path.
func (r reads) FileByPath(ctx context.Context, account int64, path string) (FileRow, error) {
	return r.file(ctx, `WHERE account_id = ? AND path = ? AND gone = 0 LIMIT 1`, account, path)
}

// FileByRemote reads the entry that the server had at a path last.
func (r reads) FileByRemote(ctx context.Context, account int64, path string) (FileRow, error) {
	return r.file(ctx, `WHERE account_id = ? AND r_path = ? AND r_path <> '' LIMIT 1`, account, path)
}

// AllFiles reads every entry of an account, also those that are gone, folders before what lies in them.
func (r reads) AllFiles(ctx context.Context, account int64) ([]FileRow, error) {
	var n int // to have room for all at once: what grows is in memory twice
	if err := r.scan(ctx, []any{&n}, `SELECT count(*) FROM files WHERE account_id = ?`, account); err != nil {
		return nil, fmt.Errorf("read files: %w", err)
	}
	return r.moreFiles(ctx, make([]FileRow, 0, n), `WHERE account_id = ? ORDER BY path, id`, account)
}

// FolderRows reads the folders of an account, also those that are gone.
func (r reads) FolderRows(ctx context.Context, account int64) ([]FileRow, error) {
	return r.files(ctx, `WHERE account_id = ? AND dir = 1`, account)
}

// The conditions of the partial indexes in 0014_files_queues.sql, in the same words.
const (
	toAlign = `CASE WHEN l_path <> '' THEN l_path <> path OR gone = 1 OR discard = 1 OR (kept = 0 AND wanted = 0 AND (dir = 1 OR b_hash = l_hash))
		WHEN gone = 1 THEN 0 ELSE trash <> '' OR (dir = 1 AND kept = 1) END`
	toFetch = `CASE WHEN dir = 1 OR gone = 1 OR r_path = '' THEN 0 WHEN l_path = '' THEN kept = 1 OR wanted = 1 ELSE b_etag <> r_etag END`
)

// FilesToAlign reads the entries whose local copy is not as it should be: at another place, of an entry that is gone, of
// a change that was taken back, no longer asked for, missing as a folder of what is kept, or waiting in the recycle bin.
// On disks that map names it reads some that are in order.
func (r reads) FilesToAlign(ctx context.Context, account int64) ([]FileRow, error) {
	return r.files(ctx, `WHERE account_id = ?1 AND `+toAlign+` ORDER BY path, id`, account)
}

// FilesInBin reads the entries whose copy lies in the program's recycle bin.
func (r reads) FilesInBin(ctx context.Context, account int64) ([]FileRow, error) {
	return r.files(ctx, `WHERE account_id = ?1 AND trash <> '' ORDER BY id`, account)
}

// ParkedFiles reads entries with a copy in the recycle bin that were taken back, and can be done again.
func (r reads) ParkedFiles(ctx context.Context, account int64) (all []FileRow, err error) {
	err = r.each(ctx, `SELECT data FROM parked WHERE account_id = ? AND tbl = 'files' AND json_extract(data, '$.Trash') <> ''`, []any{account}, func(scan func(...any) error) error {
		var data string
		if err := scan(&data); err != nil {
			return err
		}
		var f FileRow
		err := json.Unmarshal([]byte(data), &f)
		all = append(all, f)
		return err
	})
	return all, err
}

// FilesToFetch reads the files whose content is asked for and is not here in the server's version, small ones first.
func (r reads) FilesToFetch(ctx context.Context, account int64) ([]FileRow, error) {
	return r.files(ctx, `WHERE account_id = ? AND `+toFetch+` ORDER BY r_size, path`, account)
}

// FetchItem is a file whose content is asked for and is not here in the server's version.
type FetchItem struct {
	ID, Size int64
	Asked    bool // by a person, for this very file
}

// FetchQueue lists what FilesToFetch reads: first what a person asked for, then small files before large ones. What is about
// as large comes in the order of the rows: neighbours in a folder and in the store arrive, and are stored, together.
func (r reads) FetchQueue(ctx context.Context, account int64) ([]FetchItem, error) {
	var all []FetchItem
	err := r.each(ctx, `SELECT id, r_size, wanted = 1 AND l_path = '' FROM files WHERE account_id = ? AND `+toFetch+` ORDER BY 3 DESC,
		(r_size >= 1 << 16) + (r_size >= 1 << 18) + (r_size >= 1 << 20) + (r_size >= 1 << 22) + (r_size >= 1 << 24) + (r_size >= 1 << 26), id`, []any{account},
		func(scan func(...any) error) error {
			var item FetchItem
			err := scan(&item.ID, &item.Size, &item.Asked)
			all = append(all, item)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read files: %w", err)
	}
	return all, nil
}

// FilesByID reads some entries, in any order; those that are not there are left out.
func (r reads) FilesByID(ctx context.Context, ids []int64) ([]FileRow, error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	return r.files(ctx, `WHERE id IN (SELECT value FROM json_each(?))`, string(list))
}

// below selects the rows under a folder, without itself: '0' is the character after '/'.
const below = `account_id = ?1 AND (?2 = '' OR (path > ?2 || '/' AND path < ?2 || '0'))`

// FilesBelow reads what lies under a folder, at any depth and also what is gone; everything for "".
func (r reads) FilesBelow(ctx context.Context, account int64, path string) ([]FileRow, error) {
	return r.files(ctx, `WHERE `+below+` ORDER BY path, id`, account, path)
}

// FilesBelowRemote reads what the server had under a folder last, whatever became of it here.
func (r reads) FilesBelowRemote(ctx context.Context, account int64, path string) ([]FileRow, error) {
	return r.files(ctx, `WHERE account_id = ? AND r_path > ? || '/' AND r_path < ? || '0' ORDER BY r_path`, account, path, path)
}

// AddFile stores a new entry. Its ParentID, Name and Kept follow from its Path.
func (tx *Tx) AddFile(ctx context.Context, f FileRow) (FileRow, error) {
	near := tx.near
	if !near.holds(&f) {
		if err := tx.place(ctx, &f); err != nil {
			return f, err
		}
		near = nearby{account: f.AccountID, folder: files.Parent(f.Path), gone: f.Gone, id: f.ParentID, kept: f.Kept && !f.Pinned, known: !f.Pinned}
	}
	f.Name, f.ParentID, f.Kept = files.Base(f.Path), near.id, f.Pinned || near.kept
	id, err := tx.insert(ctx, `INSERT INTO files (account_id, parent_id, path, name, dir, gone, pinned, kept, wanted, discard, size, mtime,
		r_path, r_etag, r_fileid, r_size, r_mtime, r_readonly, l_path, l_size, l_mtime, l_ctime, l_inode, l_hash,
		b_etag, b_hash, b_size, trash, problem, progress, verified)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		f.AccountID, f.ParentID, f.Path, f.Name, f.Dir, f.Gone, f.Pinned, f.Kept, f.Wanted, f.Discard, f.Size, millis(f.Modified),
		f.Remote.Path, f.Remote.ETag, f.Remote.FileID, f.Remote.Size, millis(f.Remote.Modified), f.Remote.ReadOnly,
		f.Local.Path, f.Local.Size, f.Local.ModTime, f.Local.ChangeTime, f.Local.Inode, f.Local.Hash,
		f.Base.ETag, f.Base.Hash, f.Base.Size, f.Trash, f.Problem, -1, millis(f.Verified))
	if err != nil {
		return f, fmt.Errorf("add file: %w", err)
	}
	f.ID, f.Progress = id, -1
	tx.near = near
	return f, nil
}

// nearby is the folder of the entry that was just added: the next one mostly lies in the same. Whatever else is written
// forgets it.
type nearby struct {
	account int64
	folder  string
	gone    bool
	id      int64
	kept    bool
	known   bool
}

func (n nearby) holds(f *FileRow) bool {
	return n.known && n.account == f.AccountID && n.gone == f.Gone && n.folder == files.Parent(f.Path)
}

// place derives what follows from the path: the parent and whether a pin above keeps the entry.
func (tx *Tx) place(ctx context.Context, f *FileRow) error {
	f.Name, f.ParentID = files.Base(f.Path), 0
	folder := files.Parent(f.Path)
	if folder == "" {
		root, err := tx.Setting(ctx, pinRoot(f.AccountID), "")
		f.Kept = f.Pinned || root == "1"
		return err
	}
	var kept bool
	err := tx.scan(ctx, []any{&f.ParentID, &kept}, `SELECT id, kept FROM files WHERE account_id = ? AND path = ? AND gone <= ? AND dir = 1
		ORDER BY gone LIMIT 1`, f.AccountID, folder, f.Gone)
	if errors.Is(err, ErrNotFound) && f.Gone {
		f.Kept = false
		return nil // it went before what it held
	}
	if err != nil {
		return fmt.Errorf("find the folder of a file: %w", err)
	}
	f.Kept = f.Pinned || kept
	return nil
}

// SaveFile stores everything of an entry. What its place implies for ParentID, Name and Kept is derived again; entries
// below a folder are not moved with it: see MoveFiles.
func (tx *Tx) SaveFile(ctx context.Context, f FileRow) error {
	if err := tx.place(ctx, &f); err != nil {
		return err
	}
	_, err := tx.exec(ctx, `UPDATE files SET parent_id = ?, path = ?, name = ?, dir = ?, gone = ?, pinned = ?, kept = ?, wanted = ?, discard = ?,
		size = ?, mtime = ?, r_path = ?, r_etag = ?, r_fileid = ?, r_size = ?, r_mtime = ?, r_readonly = ?,
		l_path = ?, l_size = ?, l_mtime = ?, l_ctime = ?, l_inode = ?, l_hash = ?, b_etag = ?, b_hash = ?, b_size = ?,
		trash = ?, problem = ?, progress = ?, verified = ? WHERE id = ?`,
		f.ParentID, f.Path, f.Name, f.Dir, f.Gone, f.Pinned, f.Kept, f.Wanted, f.Discard,
		f.Size, millis(f.Modified), f.Remote.Path, f.Remote.ETag, f.Remote.FileID, f.Remote.Size, millis(f.Remote.Modified), f.Remote.ReadOnly,
		f.Local.Path, f.Local.Size, f.Local.ModTime, f.Local.ChangeTime, f.Local.Inode, f.Local.Hash, f.Base.ETag, f.Base.Hash, f.Base.Size,
		f.Trash, f.Problem, f.Progress, millis(f.Verified), f.ID)
	if err != nil {
		return fmt.Errorf("save file: %w", err)
	}
	return nil
}

// DeleteFile forgets an entry that is on no side any more. What is left of a folder's content is gone too and only waits.
func (tx *Tx) DeleteFile(ctx context.Context, id int64) error {
	if _, err := tx.exec(ctx, `UPDATE files SET parent_id = 0 WHERE parent_id = ? AND gone = 1`, id); err != nil {
		return err
	}
	_, err := tx.exec(ctx, `DELETE FROM files WHERE id = ?`, id)
	return err
}

// ForgetBinned forgets an entry whose copy leaves the recycle bin. There is no way back from its deletion any more.
func (tx *Tx) ForgetBinned(ctx context.Context, id int64) error {
	for _, q := range []string{
		`UPDATE journal SET inverse = x'' WHERE kind = 'file.delete' AND state = 'done' AND id IN
			(SELECT op_id FROM journal_targets WHERE tbl = 'files' AND row_id = ?)`,
		`DELETE FROM parked WHERE tbl = 'files' AND row_id = ?`,
	} {
		if _, err := tx.exec(ctx, q, id); err != nil {
			return fmt.Errorf("forget a file of the recycle bin: %w", err)
		}
	}
	return tx.DeleteFile(ctx, id)
}

// DeleteRemote forgets what the server had below a folder that it has no more. What lies in the recycle bin, and what
// still has to leave the disk, stays known.
func (tx *Tx) DeleteRemote(ctx context.Context, account int64, path string) error {
	_, err := tx.exec(ctx, `DELETE FROM files WHERE account_id = ?1 AND r_path > ?2 || '/' AND r_path < ?2 || '0' AND gone = 1 AND trash = '' AND l_path = ''`,
		account, path)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `UPDATE files SET r_path = '' WHERE account_id = ?1 AND r_path > ?2 || '/' AND r_path < ?2 || '0' AND gone = 1`, account, path)
	return err
}

// SetFileProgress stores how far a download is, in per cent; -1 for none.
func (tx *Tx) SetFileProgress(ctx context.Context, id int64, percent int) error {
	_, err := tx.exec(ctx, `UPDATE files SET progress = ? WHERE id = ? AND progress <> ?`, percent, id, percent)
	return err
}

// ClearFileProgress forgets the downloads of a run that was interrupted.
func (tx *Tx) ClearFileProgress(ctx context.Context, account int64) error {
	_, err := tx.exec(ctx, `UPDATE files SET progress = -1 WHERE account_id = ? AND progress <> -1`, account)
	return err
}

func pinRoot(account int64) string { return fmt.Sprintf("_files.pinned.%d", account) }

// RootPinned reports whether everything of the account is kept offline.
func (r reads) RootPinned(ctx context.Context, account int64) (bool, error) {
	v, err := r.Setting(ctx, pinRoot(account), "")
	return v == "1", err
}

// PinFile sets or takes away the pin of an entry; of the root for an empty path. Kept follows for everything below.
func (tx *Tx) PinFile(ctx context.Context, account int64, path string, on bool) error {
	if path == "" {
		value := "0"
		if on {
			value = "1"
		}
		if err := tx.SetSetting(ctx, pinRoot(account), value); err != nil {
			return err
		}
	} else if _, err := tx.exec(ctx, `UPDATE files SET pinned = ? WHERE account_id = ? AND path = ? AND gone = 0`, on, account, path); err != nil {
		return err
	}
	if _, err := tx.exec(ctx, `UPDATE files SET wanted = 0 WHERE wanted = 1 AND account_id = ?1 AND (path = ?2 OR (`+below+`))`, account, path); err != nil {
		return err
	}
	return tx.rekeep(ctx, account, path)
}

// rekeep computes Kept again for an entry and everything below it.
func (tx *Tx) rekeep(ctx context.Context, account int64, path string) error {
	root, err := tx.RootPinned(ctx, account)
	if err != nil {
		return err
	}
	rows, err := tx.FilesBelow(ctx, account, path)
	if err != nil {
		return err
	}
	kept := map[string]bool{"": root}
	if path != "" {
		top, err := tx.FileByPath(ctx, account, path)
		if err != nil {
			return err
		}
		if err := tx.placeKept(ctx, &top); err != nil {
			return err
		}
		kept[path] = top.Kept
	}
	for _, f := range rows {
		now := f.Pinned || kept[files.Parent(f.Path)]
		if f.Dir {
			kept[f.Path] = now
		}
		if now == f.Kept {
			continue
		}
		if _, err := tx.exec(ctx, `UPDATE files SET kept = ? WHERE id = ?`, now, f.ID); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) placeKept(ctx context.Context, f *FileRow) error {
	if err := tx.place(ctx, f); err != nil {
		return err
	}
	_, err := tx.exec(ctx, `UPDATE files SET kept = ? WHERE id = ?`, f.Kept, f.ID)
	return err
}

// WantFile asks for one download of a file.
func (tx *Tx) WantFile(ctx context.Context, id int64) error {
	_, err := tx.exec(ctx, `UPDATE files SET wanted = 1 WHERE id = ? AND dir = 0 AND gone = 0`, id)
	return err
}

// SetFileProblem stores why a file cannot be synchronised, as a key of the translations; empty for nothing.
func (tx *Tx) SetFileProblem(ctx context.Context, id int64, problem string) error {
	_, err := tx.exec(ctx, `UPDATE files SET problem = ?1, progress = -1 WHERE id = ?2 AND (problem <> ?1 OR progress <> -1)`, problem, id)
	return err
}

// SaveFetched stores the copy of a file that is known to equal a version of the server. Everything else of the row stays.
func (tx *Tx) SaveFetched(ctx context.Context, f FileRow) error {
	if err := tx.SaveCopy(ctx, f); err != nil {
		return err
	}
	if _, err := tx.exec(ctx, `UPDATE files SET size = ?, mtime = ? WHERE id = ?`, f.Size, millis(f.Modified), f.ID); err != nil {
		return fmt.Errorf("save a fetched file: %w", err)
	}
	return nil
}

// SaveCopy is SaveFetched where what is shown of the file was known before: one index less is touched.
func (tx *Tx) SaveCopy(ctx context.Context, f FileRow) error {
	_, err := tx.exec(ctx, `UPDATE files SET l_path = ?, l_size = ?, l_mtime = ?, l_ctime = ?, l_inode = ?, l_hash = ?,
		b_etag = ?, b_hash = ?, b_size = ?, problem = '', progress = -1, verified = ? WHERE id = ?`,
		f.Local.Path, f.Local.Size, f.Local.ModTime, f.Local.ChangeTime, f.Local.Inode, f.Local.Hash,
		f.Base.ETag, f.Base.Hash, f.Base.Size, millis(f.Verified), f.ID)
	if err != nil {
		return fmt.Errorf("save a fetched file: %w", err)
	}
	return nil
}
