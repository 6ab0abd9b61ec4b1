// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"kontor/app/journal"
	"kontor/app/mail"
)

// inEffect selects the operations that begin a change which has not been cancelled.
const inEffect = `undone = 0 AND origin = 0 AND (state <> 'cancelled' OR EXISTS (SELECT 1 FROM journal f
	WHERE f.origin = journal.id AND f.origin <> 0 AND f.back = 0 AND f.state <> 'cancelled'))`

// NextUndo is the newest action that is in effect: the one that undo is about. ErrNotFound where there is none.
func (r reads) NextUndo(ctx context.Context) (int64, error) {
	return r.step(ctx, `SELECT coalesce(max(grp), 0) FROM journal WHERE `+inEffect)
}

// NextRedo is the action that was taken back last, unless something else was done since; ErrNotFound where there is none.
func (r reads) NextRedo(ctx context.Context) (int64, error) {
	return r.step(ctx, `SELECT coalesce(min(grp), 0) FROM journal WHERE redo = 1
		AND grp > (SELECT coalesce(max(grp), 0) FROM journal WHERE `+inEffect+`)`)
}

func (r reads) step(ctx context.Context, query string) (int64, error) {
	var group int64
	if err := r.scan(ctx, []any{&group}, query); err != nil {
		return 0, fmt.Errorf("read history: %w", err)
	}
	if group == 0 {
		return 0, fmt.Errorf("action: %w", ErrNotFound)
	}
	return group, nil
}

// StepChanges reads the changes of an action, oldest first, each with all operations that carried it to and fro.
func (r reads) StepChanges(ctx context.Context, group int64) ([]journal.Change, error) {
	ops, err := r.GroupOps(ctx, group)
	if err != nil {
		return nil, err
	}
	return journal.Changes(ops), nil
}

// ForgetRedo ends the history after an action: what was taken back before it was done cannot be done again.
func (tx *Tx) ForgetRedo(ctx context.Context, before int64) error {
	for _, q := range []string{
		`DELETE FROM parked WHERE grp < ?1 AND grp IN (SELECT grp FROM journal WHERE redo = 1 AND grp < ?1)`,
		`UPDATE journal SET redo = 0 WHERE redo = 1 AND grp < ?1`,
	} {
		if _, err := tx.exec(ctx, q, before); err != nil {
			return fmt.Errorf("shorten history: %w", err)
		}
	}
	return nil
}

// TrimHistory keeps the newest steps actions: of older ones that are over, the way back is dropped. What was done, and
// the servers' words about it, stay.
func (tx *Tx) TrimHistory(ctx context.Context, steps int) error {
	var oldest int64
	err := tx.scan(ctx, []any{&oldest}, `SELECT coalesce(min(grp), 0) FROM (SELECT DISTINCT grp FROM journal
		WHERE undone = 0 OR redo = 1 ORDER BY grp DESC LIMIT ?)`, steps)
	if err != nil || oldest == 0 {
		return err
	}
	for _, q := range []string{
		`UPDATE journal SET inverse = x'', undone = 1, redo = 0 WHERE grp < ?1 AND (undone = 0 OR redo = 1 OR length(inverse) > 0)
			AND state IN ('done', 'cancelled') AND grp NOT IN (SELECT grp FROM journal WHERE state NOT IN ('done', 'cancelled'))`,
		`DELETE FROM parked WHERE grp < ?1 AND grp NOT IN (SELECT grp FROM journal WHERE undone = 0 OR redo = 1)`,
	} {
		if _, err := tx.exec(ctx, q, oldest); err != nil {
			return fmt.Errorf("shorten history: %w", err)
		}
	}
	return nil
}

// maxParked is how many octets of a message are kept for redo. A larger one, once taken back, stays so.
const maxParked = 64 << 20

// Park keeps a row of an action that undo is about to remove. Rows that are not there are passed over.
func (tx *Tx) Park(ctx context.Context, op journal.Op, t journal.Target) error {
	var row any
	var body []byte
	var size int64
	var err error
	switch t.Table {
	case "messages":
		var m NewMail
		if m, err = tx.localMail(ctx, t.ID); err == nil {
			row = m
			if m.Size <= maxParked {
				if raw, bodyErr := tx.Body(ctx, t.ID); bodyErr == nil {
					body, size = Pack(raw), int64(len(raw))
				}
			}
		}
	case "folders":
		row, err = tx.MailFolder(ctx, t.ID)
	case "files":
		row, err = tx.File(ctx, t.ID)
	case "lists":
		row, err = tx.TaskList(ctx, t.ID)
	default:
		return nil
	}
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	data, err := json.Marshal(row)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `INSERT INTO parked (account_id, grp, tbl, row_id, data, body, body_size) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (tbl, row_id) DO UPDATE SET grp = excluded.grp, data = excluded.data, body = excluded.body, body_size = excluded.body_size`,
		op.AccountID, op.Group, t.Table, t.ID, string(data), blob(body), size)
	if err != nil {
		return fmt.Errorf("park row: %w", err)
	}
	return nil
}

// localMail reads a message as one that only this store has.
func (r reads) localMail(ctx context.Context, id int64) (NewMail, error) {
	h, err := r.MailHeader(ctx, id)
	if err != nil {
		return NewMail{}, err
	}
	return NewMail{
		ID: id, AccountID: h.AccountID, FolderID: h.FolderID, MessageID: h.MessageID, InReplyTo: h.InReplyTo, References: h.References, Subject: h.Subject,
		From: h.From, To: h.To, Cc: h.Cc, Bcc: h.Bcc, ReplyTo: h.ReplyTo, Received: h.Date, Sent: h.Sent, Size: h.Size,
		Flags: h.Flags &^ mail.Deleted, Keywords: h.Keywords, Snippet: h.Snippet, HasAttachment: h.HasAttachment,
	}, nil
}

// Unpark brings a row back that was parked and is gone by now, as one that only this store has. The operation about it
// must follow in the same transaction.
func (tx *Tx) Unpark(ctx context.Context, t journal.Target) error {
	if there, err := tx.RowExists(ctx, t); err != nil || there {
		return err
	}
	var data string
	var body []byte
	var size int64
	err := tx.scan(ctx, []any{&data, &body, &size}, `SELECT data, body, body_size FROM parked WHERE tbl = ? AND row_id = ?`, t.Table, t.ID)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("bring row back: %w", err)
	}
	switch t.Table {
	case "messages":
		err = tx.unparkMail(ctx, []byte(data), body, size)
	case "folders":
		var f MailFolder
		if err = json.Unmarshal([]byte(data), &f); err == nil {
			_, err = tx.exec(ctx, `INSERT INTO folders (id, account_id, name, delim, role, selectable, subscribed, space, owner, box, rights)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
				f.ID, f.AccountID, f.Name, f.Delim, string(f.Role), f.Selectable, f.Subscribed, string(f.Space), f.Owner, f.Box, string(f.Rights))
		}
	case "files":
		var f FileRow
		if err = json.Unmarshal([]byte(data), &f); err == nil {
			_, err = tx.exec(ctx, `INSERT INTO files (id, account_id, path, name, dir, gone, size, mtime, trash) VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?)`,
				f.ID, f.AccountID, f.Path, f.Name, f.Dir, f.Size, millis(f.Modified), f.Trash)
		}
	case "lists":
		var l TaskList
		if err = json.Unmarshal([]byte(data), &l); err == nil {
			_, err = tx.exec(ctx, `INSERT INTO lists (id, account_id, slug, name, color, ord) VALUES (?, ?, ?, ?, ?, ?)`,
				l.ID, l.AccountID, l.Slug, l.Name, l.Color, l.Order)
		}
	}
	if err != nil {
		return fmt.Errorf("bring row back: %w", err)
	}
	return nil
}

func (tx *Tx) unparkMail(ctx context.Context, data, body []byte, size int64) error {
	var m NewMail
	if err := json.Unmarshal(data, &m); err != nil {
		return err
	}
	if _, err := tx.MailFolder(ctx, m.FolderID); err != nil {
		return err
	}
	ids, err := tx.AddMail(ctx, []NewMail{m})
	if err != nil {
		return err
	}
	if ids[0] != m.ID {
		return fmt.Errorf("message %d: its ID was given to another one", m.ID)
	}
	if len(body) == 0 {
		return nil
	}
	raw, err := unpack(body, size)
	if err != nil {
		return err
	}
	return tx.AddRaw(ctx, m.ID, raw, m.Snippet, m.HasAttachment)
}

// rowQueries ask whether a row exists.
var rowQueries = map[string]string{
	"messages": `SELECT count(*) FROM messages WHERE id = ?`,
	"folders":  `SELECT count(*) FROM folders WHERE id = ?`,
	"files":    `SELECT count(*) FROM files WHERE id = ?`,
	"tasks":    `SELECT count(*) FROM tasks WHERE id = ?`,
	"lists":    `SELECT count(*) FROM lists WHERE id = ?`,
}

// RowExists reports whether the store has the row.
func (r reads) RowExists(ctx context.Context, t journal.Target) (bool, error) {
	var n int
	err := r.scan(ctx, []any{&n}, rowQueries[t.Table], t.ID)
	return n > 0, err
}

// resubscribe shows whether a folder is subscribed to after an operation, or without it.
func (tx *Tx) resubscribe(ctx context.Context, op journal.Op) error {
	var p mail.FolderOp
	if err := json.Unmarshal(op.Payload, &p); err != nil {
		return fmt.Errorf("read operation %d: %w", op.ID, err)
	}
	f, err := tx.MailFolder(ctx, p.ID)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	f.Subscribed = p.Subscribe == (op.State != journal.Cancelled)
	return tx.SaveFolder(ctx, f)
}

// unmarkLocal takes a cancelled change of flags back for messages that only this store has: the server cannot say what
// was before.
func (tx *Tx) unmarkLocal(ctx context.Context, op journal.Op) error {
	if op.Kind != journal.MailFlags || op.State != journal.Cancelled || len(op.Inverse) == 0 {
		return nil
	}
	var inverse journal.Inverse
	if err := json.Unmarshal(op.Inverse, &inverse); err != nil {
		return fmt.Errorf("read operation %d: %w", op.ID, err)
	}
	effect, err := mail.ReadEffect(inverse.Kind, inverse.Payload)
	if err != nil {
		return err
	}
	states := map[int64]mail.State{}
	ids := make([]int64, 0, len(op.Targets))
	for _, t := range op.Targets {
		ids = append(ids, t.ID)
	}
	err = tx.each(ctx, `SELECT id, folder_id, flags, keywords, hidden FROM messages WHERE remote_folder_id = 0
		AND id IN (SELECT value FROM json_each(?))`, []any{jsonIDs(ids)}, func(scan func(...any) error) error {
		var id int64
		var s mail.State
		var keywords string
		err := scan(&id, &s.FolderID, &s.Flags, &keywords, &s.Hidden)
		s.Keywords = words(keywords)
		states[id] = s
		return err
	})
	if err != nil {
		return fmt.Errorf("take marks back: %w", err)
	}
	for id, s := range states {
		if !effect.About(id) {
			continue
		}
		if err := tx.ShowMail(ctx, id, effect.Lay(s)); err != nil {
			return err
		}
	}
	return nil
}

// SetValidity stores the UIDVALIDITY of a folder that nothing was known of before.
func (tx *Tx) SetValidity(ctx context.Context, folderID int64, validity uint32) error {
	_, err := tx.exec(ctx, `UPDATE folders SET uidvalidity = ? WHERE id = ? AND uidvalidity = 0`, int64(validity), folderID)
	return err
}
