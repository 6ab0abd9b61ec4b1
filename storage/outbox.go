// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"kontor/app/journal"
	"kontor/app/mail"
)

// AddRaw stores the octets of a local message, large ones in pieces.
func (tx *Tx) AddRaw(ctx context.Context, id int64, raw []byte, snippet string, hasAttachment bool) error {
	b := Body{ID: id, Size: int64(len(raw)), Snippet: snippet, HasAttachment: hasAttachment}
	if len(raw) <= PieceSize {
		b.Packed = Pack(raw)
		return tx.AddBody(ctx, b)
	}
	if _, err := tx.exec(ctx, `DELETE FROM body_pieces WHERE message_id = ?`, id); err != nil {
		return fmt.Errorf("store message: %w", err)
	}
	for start := 0; start < len(raw); start += PieceSize {
		if err := tx.AddBodyPiece(ctx, id, int64(start), raw[start:min(start+PieceSize, len(raw))]); err != nil {
			return err
		}
	}
	return tx.AddBody(ctx, b)
}

// MarkSent shows a message that the server has taken among the sent ones, and removes the draft it was written as where
// only this store has it. Its operation is done already.
func (tx *Tx) MarkSent(ctx context.Context, accountID int64, p mail.SendOp) error {
	if p.Draft != 0 {
		at, err := tx.RemoteMails(ctx, []int64{p.Draft})
		if err != nil {
			return err
		}
		if len(at) > 0 && at[0].FolderID == 0 {
			if err := tx.RemoveMail(ctx, []int64{p.Draft}); err != nil {
				return err
			}
		}
	}
	list, err := tx.MailSummaries(ctx, []int64{p.ID})
	if err != nil || len(list) == 0 {
		return err // the message was removed meanwhile: nothing to show
	}
	state := mail.State{FolderID: p.Sent, Flags: list[0].Flags | mail.Seen, Keywords: list[0].Keywords}
	if err := tx.ShowMail(ctx, p.ID, state); err != nil {
		return err
	}
	return tx.RecomputeMessages(ctx, accountID, []int64{p.ID})
}

// ServerCopy names a folder of the account on the server that holds a message with this Message-ID; ErrNotFound for none.
func (r reads) ServerCopy(ctx context.Context, accountID int64, messageID string) (string, error) {
	var name string
	if messageID == "" {
		return "", ErrNotFound
	}
	err := r.scan(ctx, []any{&name}, `SELECT f.name FROM messages m JOIN folders f ON f.id = m.remote_folder_id
		WHERE `+ofMessageID+` AND m.uid > 0 AND f.role <> 'drafts' LIMIT 1`,
		mail.RefHash(accountID, messageID), accountID, messageID)
	return name, err
}

// unsend takes a message whose sending was cancelled out of the outbox: the draft it was written as is shown again, a
// message without one becomes a draft. It is brought to the server, as any draft is.
func (tx *Tx) unsend(ctx context.Context, op journal.Op) error {
	var p mail.SendOp
	if err := json.Unmarshal(op.Payload, &p); err != nil {
		return fmt.Errorf("read the operation: %w", err)
	}
	if p.Rest {
		return nil // others have the message: it stays among the sent ones
	}
	draft := p.ID
	if p.Draft != 0 {
		draft = p.Draft
		if err := tx.RemoveMail(ctx, []int64{p.ID}); err != nil {
			return err
		}
	}
	list, err := tx.MailSummaries(ctx, []int64{draft})
	if err != nil || len(list) == 0 {
		return err
	}
	state := mail.State{FolderID: p.Drafts, Flags: list[0].Flags | mail.Seen | mail.Draft, Keywords: list[0].Keywords}
	if err := tx.ShowMail(ctx, draft, state); err != nil {
		return err
	}
	return tx.PutDraft(ctx, list[0], p.Drafts, time.Time{})
}

// PutDraft adds the operation that brings a draft to the server after a moment, unless one waits already: what is stored
// by then goes. Drafts are no steps of undo. An account without a mail server keeps them to itself.
func (tx *Tx) PutDraft(ctx context.Context, draft mail.Summary, folderID int64, notBefore time.Time) error {
	account, err := tx.Account(ctx, draft.AccountID)
	if err != nil || account.IMAPURL == "" {
		return err
	}
	ops, err := tx.OpsFor(ctx, "messages", draft.ID)
	if err != nil {
		return err
	}
	for _, op := range ops {
		if op.Kind == journal.MailAppend && op.State == journal.Waiting {
			return nil
		}
	}
	payload, err := json.Marshal(mail.AppendOp{ID: draft.ID, Folder: folderID, Flags: mail.Seen | mail.Draft})
	if err != nil {
		return err
	}
	op, err := tx.AddOp(ctx, journal.Op{
		AccountID: draft.AccountID, Kind: journal.MailAppend, Target: draft.Subject, Payload: payload, NextTry: notBefore,
		Targets: []journal.Target{{Table: "messages", ID: draft.ID}},
	})
	if err != nil {
		return err
	}
	op.Undone = true
	return tx.SaveOp(ctx, op)
}

// DropDraft removes a draft that the server does not know, with the operation that would have brought it there; false
// where it has been, or may have been, on the server already.
func (tx *Tx) DropDraft(ctx context.Context, id int64) (bool, error) {
	if known, err := tx.forgetAppend(ctx, id); err != nil || known {
		return false, err
	}
	return true, tx.RemoveMail(ctx, []int64{id})
}

// forgetAppend cancels what waits to bring a message to the server and reports whether the server has or may have it.
func (tx *Tx) forgetAppend(ctx context.Context, id int64) (known bool, err error) {
	at, err := tx.RemoteMails(ctx, []int64{id})
	if err != nil {
		return false, err
	}
	known = len(at) > 0 && at[0].FolderID != 0
	ops, err := tx.OpsFor(ctx, "messages", id)
	if err != nil {
		return false, err
	}
	for _, op := range ops {
		if op.Kind != journal.MailAppend {
			continue
		}
		dropped, err := journal.Cancel(op, op.Updated)
		if errors.Is(err, journal.ErrState) {
			known = true // it is under way
			continue
		}
		if err != nil {
			return false, err
		}
		if err := tx.SaveOp(ctx, dropped); err != nil {
			return false, err
		}
	}
	return known, nil
}

// HideDraft takes a draft out of sight while it is being sent: nothing brings it to the server any more. It reports
// whether the server has or may have it, so that it must be deleted there.
func (tx *Tx) HideDraft(ctx context.Context, draft mail.Summary) (known bool, err error) {
	if known, err = tx.forgetAppend(ctx, draft.ID); err != nil {
		return false, err
	}
	return known, tx.ShowMail(ctx, draft.ID, mail.State{FolderID: draft.FolderID, Flags: draft.Flags, Keywords: draft.Keywords, Hidden: true})
}

// SetDot notes that the final dot of a message is about to leave, and for which recipients. It must be stored durably
// before it does.
func (tx *Tx) SetDot(ctx context.Context, opID int64, recipients []string) error {
	list, err := json.Marshal(recipients)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `INSERT INTO outbox_dots (id, recipients) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET recipients = excluded.recipients`,
		opID, string(list))
	return err
}

// ClearDot forgets an earlier attempt: it is known to have failed, or a person wants another one.
func (tx *Tx) ClearDot(ctx context.Context, opID int64) error {
	_, err := tx.exec(ctx, `DELETE FROM outbox_dots WHERE id = ?`, opID)
	return err
}

// DotSet reports whether the final dot of a message may have left, and the recipients that the server had taken before;
// none for all of the message's.
func (r reads) DotSet(ctx context.Context, opID int64) (set bool, recipients []string, err error) {
	var list string
	err = r.scan(ctx, []any{&list}, `SELECT recipients FROM outbox_dots WHERE id = ?`, opID)
	if errors.Is(err, ErrNotFound) {
		return false, nil, nil
	}
	if err == nil && list != "" {
		err = json.Unmarshal([]byte(list), &recipients)
	}
	return err == nil, recipients, err
}

// MailIDs lists the messages that a folder shows, oldest first.
func (r reads) MailIDs(ctx context.Context, folderID int64) ([]int64, error) {
	return r.ids(ctx, `SELECT id FROM messages INDEXED BY messages_list WHERE folder_id = ? AND hidden = 0 ORDER BY id`, folderID)
}

// OpsAbout lists every operation about one row, also those that are over, oldest first.
func (r reads) OpsAbout(ctx context.Context, table string, rowID int64) ([]journal.Op, error) {
	return r.ops(ctx, `WHERE id IN (SELECT op_id FROM journal_targets WHERE tbl = ? AND row_id = ?) ORDER BY id`, table, rowID)
}

// SetDraftText stores the text of a draft that is newer than its octets; none where they are the same again.
func (tx *Tx) SetDraftText(ctx context.Context, id int64, state []byte) error {
	if len(state) == 0 {
		_, err := tx.exec(ctx, `DELETE FROM draft_texts WHERE id = ?`, id)
		return err
	}
	_, err := tx.exec(ctx, `INSERT INTO draft_texts (id, state) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state`, id, state)
	return err
}

// DraftText gives the text of a draft that is newer than its octets, nil for none.
func (r reads) DraftText(ctx context.Context, id int64) (state []byte, err error) {
	err = r.scan(ctx, []any{&state}, `SELECT state FROM draft_texts WHERE id = ?`, id)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	return state, err
}

// DraftTexts lists the drafts whose text is newer than their octets.
func (r reads) DraftTexts(ctx context.Context) ([]int64, error) {
	return r.ids(ctx, `SELECT id FROM draft_texts ORDER BY id`)
}
