// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"kontor/app/files"
	"kontor/app/journal"
)

// Side is one of the three places of an entry.
type Side string

// The sides that a move can be about.
const (
	SideShown  Side = "path"
	SideRemote Side = "r_path"
	SideLocal  Side = "l_path"
)

// moves are the statements that replace the beginning of a path. Descendants of a row move with it.
var moves = map[Side]string{
	SideShown:  `UPDATE files SET path = ?3 || substr(path, length(?2) + 1) WHERE account_id = ?1 AND path > ?2 || '/' AND path < ?2 || '0'`,
	SideRemote: `UPDATE files SET r_path = ?3 || substr(r_path, length(?2) + 1) WHERE account_id = ?1 AND r_path > ?2 || '/' AND r_path < ?2 || '0'`,
	SideLocal:  `UPDATE files SET l_path = ?3 || substr(l_path, length(?2) + 1) WHERE account_id = ?1 AND l_path > ?2 || '/' AND l_path < ?2 || '0'`,
}

// MoveFiles moves everything below the folder from on one side to below the folder to. The folder's own row is the caller's.
func (tx *Tx) MoveFiles(ctx context.Context, account int64, side Side, from, to string) error {
	if from == to || from == "" || to == "" {
		return nil
	}
	if _, err := tx.exec(ctx, moves[side], account, from, to); err != nil {
		return fmt.Errorf("move files: %w", err)
	}
	return nil
}

// RelocateFile shows an entry, and everything below it, at another path.
func (tx *Tx) RelocateFile(ctx context.Context, f FileRow, path string) error {
	if f.Path == path {
		return tx.SaveFile(ctx, f)
	}
	from := f.Path
	f.Path = path
	if err := tx.SaveFile(ctx, f); err != nil {
		return err
	}
	if !f.Dir {
		return nil
	}
	if err := tx.MoveFiles(ctx, f.AccountID, SideShown, from, path); err != nil {
		return err
	}
	if f.Gone {
		return nil
	}
	return tx.rekeep(ctx, f.AccountID, path)
}

// HideFiles marks everything below a folder, and the folder itself, as gone or as back. Only what the server still has
// comes back.
func (tx *Tx) HideFiles(ctx context.Context, account int64, path string, gone bool) error {
	_, err := tx.exec(ctx, `UPDATE files SET gone = ?3 WHERE account_id = ?1 AND (path = ?2 OR (path > ?2 || '/' AND path < ?2 || '0')) AND gone <> ?3
		AND (?3 = 1 OR r_path <> '')`, account, path, gone)
	if err != nil {
		return fmt.Errorf("hide files: %w", err)
	}
	return nil
}

// recomputeFiles lays the pending operations of each row over what the server said last.
func (tx *Tx) recomputeFiles(ctx context.Context, op journal.Op) error {
	for _, t := range op.Targets[:min(1, len(op.Targets))] {
		f, err := tx.File(ctx, t.ID)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if err := tx.recomputeFile(ctx, f, op); err != nil {
			return fmt.Errorf("recompute file: %w", err)
		}
	}
	return nil
}

func (tx *Tx) recomputeFile(ctx context.Context, f FileRow, dropped journal.Op) error {
	ops, err := tx.OpsFor(ctx, "files", f.ID)
	if err != nil {
		return err
	}
	was := f
	path, err := tx.shownPath(ctx, f)
	if err != nil {
		return err
	}
	unsent, err := tx.unmoved(ctx, f, dropped)
	if err != nil {
		return err
	}
	f.Gone = f.Remote.Path == ""
	changed := false
	ops = slices.DeleteFunc(ops, func(op journal.Op) bool { return op.Targets[0].ID != f.ID }) // those only wait for what is about this row
	for _, op := range ops {
		switch op.Kind {
		case journal.FilePut, journal.FileMkdir:
			f.Gone, changed = false, true
			if f.Remote.Path == "" {
				path = unsent
			}
		case journal.FileDelete:
			if f.Gone, err = tx.deletes(ctx, f, op); err != nil {
				return err
			}
		case journal.FileMove:
			var m files.MoveOp
			if err := json.Unmarshal(op.Payload, &m); err != nil {
				return fmt.Errorf("read operation %d: %w", op.ID, err)
			}
			path = m.To
		default:
		}
	}
	if !f.Gone {
		if path, err = tx.freePath(ctx, f, path); err != nil {
			return err
		}
		if f.Gone, err = tx.folderGone(ctx, f.AccountID, path); err != nil {
			return err
		}
	}
	// A change of the content that was taken back must not be found again on the disk.
	f.Discard = dropped.Kind == journal.FilePut && dropped.State == journal.Cancelled && !changed && f.Local.Path != "" && f.Base.Hash != f.Local.Hash
	if f.Discard && f.Remote.Path != "" {
		f.Size, f.Modified = f.Remote.Size, f.Remote.Modified
	}
	if f.Gone != was.Gone && f.Dir {
		if err := tx.HideFiles(ctx, f.AccountID, was.Path, f.Gone); err != nil {
			return err
		}
	}
	if err := tx.RelocateFile(ctx, f, path); err != nil {
		return err
	}
	if f.Gone && f.Remote.Path == "" && f.Local.Path == "" && len(ops) == 0 {
		return tx.DeleteFile(ctx, f.ID)
	}
	return nil
}

// folderGone reports whether the folder of a path was deleted: what is in it went with it, until the folder comes back.
func (tx *Tx) folderGone(ctx context.Context, account int64, path string) (bool, error) {
	folder := files.Parent(path)
	if folder == "" {
		return false, nil
	}
	var n int
	err := tx.scan(ctx, []any{&n}, `SELECT count(*) FROM files WHERE account_id = ? AND path = ? AND gone = 0 AND dir = 1`, account, folder)
	return n == 0, err
}

// deletes reports whether a deletion applies: one that undoes the making of a folder spares it once something is in it.
func (tx *Tx) deletes(ctx context.Context, f FileRow, op journal.Op) (bool, error) {
	var d files.DeleteOp
	if err := json.Unmarshal(op.Payload, &d); err != nil {
		return false, fmt.Errorf("read operation %d: %w", op.ID, err)
	}
	if !d.OnlyEmpty {
		return true, nil
	}
	var n int
	err := tx.scan(ctx, []any{&n}, `SELECT count(*) FROM files WHERE account_id = ? AND parent_id = ? AND gone = 0`, f.AccountID, f.ID)
	return n == 0, err
}

// shownPath is where the row is shown without operations of its own: below the row that the server has it in.
func (tx *Tx) shownPath(ctx context.Context, f FileRow) (string, error) {
	if f.Remote.Path == "" {
		return f.Path, nil
	}
	folder := files.Parent(f.Remote.Path)
	if folder == "" {
		return f.Remote.Path, nil
	}
	parent, err := tx.FileByRemote(ctx, f.AccountID, folder)
	if errors.Is(err, ErrNotFound) || (err == nil && parent.Gone && !f.Gone) {
		return f.Path, nil
	}
	if err != nil {
		return "", err
	}
	return files.Join(parent.Path, files.Base(f.Remote.Path)), nil
}

// unmoved is where a row that never reached the server is shown without operations that move it: where it was before the
// move that is dropped, as long as the folder is there.
func (tx *Tx) unmoved(ctx context.Context, f FileRow, dropped journal.Op) (string, error) {
	if dropped.Kind != journal.FileMove || dropped.State != journal.Cancelled || dropped.Targets[0].ID != f.ID {
		return f.Path, nil
	}
	var m files.MoveOp
	if err := json.Unmarshal(dropped.Payload, &m); err != nil {
		return "", fmt.Errorf("read operation %d: %w", dropped.ID, err)
	}
	folder := files.Parent(m.From)
	if folder == "" {
		return m.From, nil
	}
	parent, err := tx.FileByPath(ctx, f.AccountID, folder)
	if errors.Is(err, ErrNotFound) || err == nil && (!parent.Dir || parent.Gone) {
		return f.Path, nil
	}
	return m.From, err
}

// freePath gives path, or an alias of it where another entry is shown there. What the server does not have yet makes room
// for what it has.
func (tx *Tx) freePath(ctx context.Context, f FileRow, path string) (string, error) {
	var failed error
	at := func(name string) (FileRow, bool) {
		other, err := tx.FileByPath(ctx, f.AccountID, files.Join(files.Parent(path), name))
		if err != nil && !errors.Is(err, ErrNotFound) {
			failed = err
		}
		return other, err == nil && other.ID != f.ID
	}
	taken := func(name string) bool {
		_, there := at(name)
		return there
	}
	other, there := at(files.Base(path))
	if !there || failed != nil {
		return path, failed
	}
	alias := files.Join(files.Parent(path), files.Alias(files.Base(path), taken))
	if failed != nil || other.Remote.Path != "" || f.Remote.Path == "" {
		return alias, failed
	}
	return path, tx.RelocateFile(ctx, other, alias)
}

// FileOp is a pending operation about a row, as far as lists and plans need it.
type FileOp struct {
	ID    int64
	Kind  journal.Kind
	State journal.State
}

// firstTarget selects the row that an operation on files is about. The other targets only keep it in order: see FileOrder.
const firstTarget = `t.id = (SELECT min(id) FROM journal_targets WHERE op_id = j.id)`

// FileOps reads the pending operations of an account by the rows that they are about, oldest first.
func (r reads) FileOps(ctx context.Context, account int64) (map[int64][]FileOp, error) {
	return r.fileOps(ctx, `FROM journal j JOIN journal_targets t ON t.op_id = j.id
		WHERE (?1 = 0 OR j.account_id = ?1) AND t.tbl = 'files'`, account)
}

// fileOps reads pending operations j about rows t.
func (r reads) fileOps(ctx context.Context, from string, args ...any) (map[int64][]FileOp, error) {
	ops := map[int64][]FileOp{}
	err := r.each(ctx, `SELECT t.row_id, j.id, j.kind, j.state `+from+` AND j.state NOT IN ('done', 'cancelled')
		AND `+firstTarget+` ORDER BY j.id`, args, func(scan func(...any) error) error {
		var row int64
		var op FileOp
		err := scan(&row, &op.ID, &op.Kind, &op.State)
		ops[row] = append(ops[row], op)
		return err
	})
	return ops, err
}

// RetargetOp makes an operation be about another row.
func (tx *Tx) RetargetOp(ctx context.Context, op int64, from, to int64) error {
	_, err := tx.exec(ctx, `UPDATE journal_targets SET row_id = ? WHERE op_id = ? AND tbl = 'files' AND row_id = ?`, to, op, from)
	return err
}

// RenameOp changes what an operation is about, in a person's words.
func (tx *Tx) RenameOp(ctx context.Context, op int64, target string) error {
	_, err := tx.exec(ctx, `UPDATE journal SET target = ? WHERE id = ?`, target, op)
	return err
}

var fileInvariants = []invariant{
	{"two files at one path", `SELECT 'files ' || group_concat(id) FROM files WHERE gone = 0 GROUP BY account_id, path HAVING count(*) > 1`},
	{"file in a folder that is gone", `SELECT 'file ' || id FROM files f WHERE gone = 0 AND parent_id <> 0
		AND NOT EXISTS (SELECT 1 FROM files p WHERE p.id = f.parent_id AND p.dir = 1 AND p.gone = 0)`},
	{"path does not follow from the folder", `SELECT 'file ' || f.id FROM files f LEFT JOIN files p ON p.id = f.parent_id
		WHERE f.gone = 0 AND f.path <> CASE WHEN f.parent_id = 0 THEN f.name ELSE p.path || '/' || f.name END`},
	{"file that is on no side", `SELECT 'file ' || id FROM files f WHERE r_path = '' AND l_path = '' AND trash = '' AND NOT EXISTS
		(SELECT 1 FROM journal_targets t JOIN journal j ON j.id = t.op_id WHERE t.tbl = 'files' AND t.row_id = f.id
			AND j.state NOT IN ('done', 'cancelled'))`},
	{"operation about a file that is gone", `SELECT 'operation ' || j.id FROM journal j JOIN journal_targets t ON t.op_id = j.id
		WHERE t.tbl = 'files' AND j.state NOT IN ('done', 'cancelled') AND ` + firstTarget + `
		AND NOT EXISTS (SELECT 1 FROM files f WHERE f.id = t.row_id)`},
	{"pin that does not reach down", `SELECT 'file ' || f.id FROM files f JOIN files p ON p.id = f.parent_id
		WHERE f.gone = 0 AND p.kept = 1 AND f.kept = 0`},
}

// FileOrder finds what an operation about a row must not overtake: the operation that makes the folder of the row, which
// it depends on, and rows whose pending operations change the path of this one, lie below it or still hold its place on
// the server, which become its further targets. Operations about one target run one after the other.
func (r reads) FileOrder(ctx context.Context, f FileRow, kind journal.Kind) (dependsOn int64, others []journal.Target, err error) {
	if dependsOn, err = r.PendingMkdir(ctx, f.ParentID); err != nil {
		return 0, nil, err
	}
	seen := map[int64]bool{f.ID: true}
	add := func(scan func(...any) error) error {
		var id int64
		if err := scan(&id); err != nil || seen[id] {
			return err
		}
		seen[id] = true
		others = append(others, journal.Target{Table: "files", ID: id})
		return nil
	}
	err = r.each(ctx, `SELECT DISTINCT f.id FROM journal j JOIN journal_targets t ON t.op_id = j.id JOIN files f ON f.id = t.row_id
		WHERE j.account_id = ?1 AND t.tbl = 'files' AND j.kind IN ('file.move', 'file.delete') AND j.state NOT IN ('done', 'cancelled')
		AND `+firstTarget+` AND ((f.dir = 1 AND (substr(?2, 1, length(f.path) + 1) = f.path || '/'
			OR (f.r_path <> '' AND substr(?3, 1, length(f.r_path) + 1) = f.r_path || '/'))) OR f.r_path = ?2)`, []any{f.AccountID, f.Path, f.Remote.Path}, add)
	if err != nil || !f.Dir || kind == journal.FileMkdir {
		return dependsOn, others, err
	}
	err = r.each(ctx, `SELECT DISTINCT f.id FROM journal j JOIN journal_targets t ON t.op_id = j.id JOIN files f ON f.id = t.row_id
		WHERE j.account_id = ?1 AND t.tbl = 'files' AND j.state NOT IN ('done', 'cancelled') AND `+firstTarget+`
		AND ((f.path > ?2 || '/' AND f.path < ?2 || '0') OR (?3 <> '' AND f.r_path > ?3 || '/' AND f.r_path < ?3 || '0'))`,
		[]any{f.AccountID, f.Path, f.Remote.Path}, add)
	return dependsOn, others, err
}

// PendingMkdir is the operation that still has to make a folder on the server, 0 for none.
func (r reads) PendingMkdir(ctx context.Context, folder int64) (op int64, err error) {
	err = r.scan(ctx, []any{&op}, `SELECT coalesce(max(j.id), 0) FROM journal j JOIN journal_targets t ON t.op_id = j.id
		WHERE t.tbl = 'files' AND t.row_id = ? AND j.kind = 'file.mkdir' AND j.state NOT IN ('done', 'cancelled') AND `+firstTarget, folder)
	return op, err
}

// ForgetCopies forgets every local copy of an account, without touching the disk.
func (tx *Tx) ForgetCopies(ctx context.Context, account int64) error {
	_, err := tx.exec(ctx, `UPDATE files SET l_path = '', l_size = 0, l_mtime = 0, l_ctime = 0, l_inode = '', l_hash = '',
		b_etag = '', b_hash = '', b_size = 0 WHERE account_id = ?`, account)
	return err
}

// ForgetServer forgets everything that a server held: what is on the disk stays as if it were new, the rest is unknown
// again, and what was to travel to that server is dropped.
func (tx *Tx) ForgetServer(ctx context.Context, account int64) error {
	_, err := tx.exec(ctx, `UPDATE journal SET state = 'cancelled' WHERE account_id = ? AND kind GLOB 'file.*' AND state NOT IN ('done', 'cancelled')`, account)
	if err != nil {
		return fmt.Errorf("forget a server: %w", err)
	}
	_, err = tx.exec(ctx, `DELETE FROM files AS f WHERE f.account_id = ?1 AND f.l_path = '' AND NOT EXISTS (SELECT 1 FROM files c
		WHERE c.account_id = ?1 AND c.l_path <> '' AND c.path > f.path || '/' AND c.path < f.path || '0')`, account)
	if err != nil {
		return fmt.Errorf("forget a server: %w", err)
	}
	_, err = tx.exec(ctx, `UPDATE files SET r_path = '', r_etag = '', r_fileid = '', b_etag = '', b_hash = '', b_size = 0 WHERE account_id = ?`, account)
	if err != nil {
		return fmt.Errorf("forget a server: %w", err)
	}
	return nil
}
