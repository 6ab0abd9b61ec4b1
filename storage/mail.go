// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"errors"
	"fmt"

	"kontor/app/mail"
)

// MailFolder is a folder together with what synchronisation knows of it.
type MailFolder struct {
	mail.Folder
	RemoteName  string // in UTF-8, empty while the server does not have the folder
	Hidden      bool
	UIDValidity uint32
	UIDNext     uint32
	ModSeq      uint64
}

const folderColumns = `id, account_id, name, delim, role, selectable, subscribed, total, unread, complete, remote_name, hidden, uidvalidity, uidnext, modseq,
	space, owner, box, rights`

func scanFolder(scan func(...any) error) (f MailFolder, err error) {
	var modseq int64
	err = scan(&f.ID, &f.AccountID, &f.Name, &f.Delim, &f.Role, &f.Selectable, &f.Subscribed, &f.Total, &f.Unread, &f.Complete,
		&f.RemoteName, &f.Hidden, &f.UIDValidity, &f.UIDNext, &modseq, &f.Space, &f.Owner, &f.Box, &f.Rights)
	f.ModSeq = uint64(modseq)
	return f, err
}

// folderOrder is how a person expects folders: those with a purpose first.
const folderOrder = `CASE role WHEN 'inbox' THEN 0 WHEN 'drafts' THEN 1 WHEN 'outbox' THEN 2 WHEN 'sent' THEN 3 WHEN 'archive' THEN 4
	WHEN 'junk' THEN 5 WHEN 'trash' THEN 6 ELSE 7 END, name COLLATE NOCASE, id`

// Folders lists the folders to show, of one account or of all for accountID 0: the person's own in the order of their
// purpose and name, then those of each other mailbox likewise.
func (r reads) Folders(ctx context.Context, accountID int64) ([]mail.Folder, error) {
	all, err := r.folders(ctx, `WHERE hidden = 0 AND (?1 = 0 OR account_id = ?1) ORDER BY account_id, space <> '', box COLLATE NOCASE, `+folderOrder, accountID)
	out := make([]mail.Folder, len(all))
	for i, f := range all {
		out[i] = f.Folder
	}
	return out, err
}

// SyncFolders lists all folders of an account, those that are hidden or only local too.
func (r reads) SyncFolders(ctx context.Context, accountID int64) ([]MailFolder, error) {
	return r.folders(ctx, `WHERE account_id = ? ORDER BY id`, accountID)
}

// MailFolder reads one folder.
func (r reads) MailFolder(ctx context.Context, id int64) (MailFolder, error) {
	return r.folder(ctx, fmt.Sprintf("folder %d", id), `WHERE id = ?`, id)
}

// FolderByRole reads the person's own folder of an account that has the role; ErrNotFound where none has.
func (r reads) FolderByRole(ctx context.Context, accountID int64, role mail.Role) (MailFolder, error) {
	return r.folder(ctx, "folder for "+string(role), `WHERE account_id = ? AND role = ? AND space = '' AND hidden = 0 ORDER BY id LIMIT 1`, accountID, string(role))
}

// FolderByName reads the folder of an account that is shown under the full name.
func (r reads) FolderByName(ctx context.Context, accountID int64, name string) (MailFolder, error) {
	return r.folder(ctx, "folder", `WHERE account_id = ? AND name = ? AND hidden = 0 ORDER BY id LIMIT 1`, accountID, name)
}

func (r reads) folder(ctx context.Context, what, where string, args ...any) (MailFolder, error) {
	all, err := r.folders(ctx, where, args...)
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("%s: %w", what, ErrNotFound)
	}
	if err != nil {
		return MailFolder{}, err
	}
	return all[0], nil
}

func (r reads) folders(ctx context.Context, where string, args ...any) ([]MailFolder, error) {
	var all []MailFolder
	err := r.each(ctx, `SELECT `+folderColumns+` FROM folders `+where, args, func(scan func(...any) error) error {
		f, err := scanFolder(scan)
		all = append(all, f)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read folders: %w", err)
	}
	return all, nil
}

// AddFolder stores a new folder and returns its ID. Counters start at zero whatever f says.
func (tx *Tx) AddFolder(ctx context.Context, f MailFolder) (int64, error) {
	id, err := tx.insert(ctx, `INSERT INTO folders (account_id, name, delim, role, selectable, subscribed, remote_name, space, owner, box, rights)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		f.AccountID, f.Name, f.Delim, string(f.Role), f.Selectable, f.Subscribed, f.RemoteName, string(f.Space), f.Owner, f.Box, string(f.Rights))
	if err != nil {
		return 0, fmt.Errorf("add folder: %w", err)
	}
	return id, nil
}

// SaveFolder stores what the server says of a folder and how it is shown; the counters stay as they are.
func (tx *Tx) SaveFolder(ctx context.Context, f MailFolder) error {
	_, err := tx.exec(ctx, `UPDATE folders SET name = ?, delim = ?, role = ?, selectable = ?, subscribed = ?, complete = ?, remote_name = ?, hidden = ?,
		uidvalidity = ?, uidnext = ?, modseq = ?, space = ?, owner = ?, box = ?, rights = ? WHERE id = ?`,
		f.Name, f.Delim, string(f.Role), f.Selectable, f.Subscribed, f.Complete, f.RemoteName, f.Hidden,
		int64(f.UIDValidity), int64(f.UIDNext), int64(f.ModSeq), string(f.Space), f.Owner, f.Box, string(f.Rights), f.ID)
	if err != nil {
		return fmt.Errorf("save folder: %w", err)
	}
	return nil
}

// RemoveFolder deletes a folder that the server no longer has, and every message that lay in it there. A folder into
// which an operation is still to bring messages stays as a local one: a change beats a deletion.
func (tx *Tx) RemoveFolder(ctx context.Context, id int64) error {
	if err := tx.LoseMail(ctx, id); err != nil {
		return fmt.Errorf("remove folder: %w", err)
	}
	for _, q := range []string{
		`UPDATE folders SET remote_name = '', uidvalidity = 0, uidnext = 0, modseq = 0, complete = 0 WHERE id = ?1`,
		`DELETE FROM folders WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM messages WHERE folder_id = ?1)`,
	} {
		if _, err := tx.exec(ctx, q, id); err != nil {
			return fmt.Errorf("remove folder: %w", err)
		}
	}
	return nil
}

// LoseMail deletes the messages of a folder that the server has no longer. Those that are shown elsewhere, since they are
// to go there, are from now on only here.
func (tx *Tx) LoseMail(ctx context.Context, folderID int64) error {
	lost, err := tx.ids(ctx, `SELECT id FROM messages WHERE remote_folder_id = ?1 AND folder_id = ?1`, folderID)
	if err == nil {
		err = tx.RemoveMail(ctx, lost)
	}
	if err == nil {
		_, err = tx.exec(ctx, `UPDATE messages SET remote_folder_id = 0, uid = 0 WHERE remote_folder_id = ?1`, folderID)
	}
	return err
}

// EnsureFolder gives the folder of a role and makes a local one of the given name where the account has none yet.
func (tx *Tx) EnsureFolder(ctx context.Context, accountID int64, role mail.Role, name string) (MailFolder, error) {
	f, err := tx.FolderByRole(ctx, accountID, role)
	if !errors.Is(err, ErrNotFound) {
		return f, err
	}
	id, err := tx.AddFolder(ctx, MailFolder{Folder: mail.Folder{AccountID: accountID, Name: name, Role: role, Selectable: true}})
	if err != nil {
		return MailFolder{}, err
	}
	return tx.MailFolder(ctx, id)
}

var mailInvariants = []invariant{
	{"folder whose count is wrong", `SELECT 'folder ' || f.id FROM folders f WHERE f.total <>
		(SELECT count(*) FROM messages m WHERE m.folder_id = f.id AND m.hidden = 0)`},
	{"folder whose unread count is wrong", `SELECT 'folder ' || f.id FROM folders f WHERE f.unread <>
		(SELECT count(*) FROM messages m WHERE m.folder_id = f.id AND m.hidden = 0 AND m.flags & 1 = 0)`},
	{"message without a folder", `SELECT 'message ' || id FROM messages WHERE folder_id NOT IN (SELECT id FROM folders)`},
	{"message of another account's folder", `SELECT 'message ' || m.id FROM messages m JOIN folders f ON f.id = m.folder_id
		WHERE m.account_id <> f.account_id`},
	{"conversation whose counts are wrong", `SELECT 'conversation ' || t.thread_id FROM threads t LEFT JOIN
		(SELECT thread_id, folder_id, count(*) n, max(id) head, sum(flags & 1 = 0) u FROM messages WHERE hidden = 0 GROUP BY 1, 2) m
		ON m.thread_id = t.thread_id AND m.folder_id = t.folder_id
		WHERE m.n IS NULL OR m.n <> t.total OR m.head <> t.head OR m.u <> t.unread`},
	{"message without a conversation", `SELECT 'message ' || id FROM messages m WHERE hidden = 0
		AND NOT EXISTS (SELECT 1 FROM threads t WHERE t.thread_id = m.thread_id AND t.folder_id = m.folder_id)`},
	{"message whose octets are missing", `SELECT 'message ' || id FROM messages WHERE body_state = 1 AND id NOT IN (SELECT id FROM bodies)`},
	{"octets of a message that is marked as missing", `SELECT 'message ' || id FROM bodies WHERE id NOT IN (SELECT id FROM messages WHERE body_state = 1)`},
	{"message that is shown differently although nothing waits", `SELECT 'message ' || id FROM messages m
		WHERE uid > 0 AND (flags <> remote_flags OR keywords <> remote_keywords OR folder_id <> remote_folder_id)
		AND NOT EXISTS (SELECT 1 FROM journal_targets t JOIN journal j ON j.id = t.op_id
			WHERE t.tbl = 'messages' AND t.row_id = m.id AND j.state NOT IN ('done', 'cancelled'))`},
}
