// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/mimemsg"
)

// draftDelay is how long a draft rests before it goes to the server: every pause in writing saves it here.
const draftDelay = 30 * time.Second

// outboxName is the name of the folder that no server has.
const outboxName = "Outbox"

// SaveDraft stores a message being written, here at once and on the server soon. It returns the message with what was
// filled in; that is to be saved the next time.
func (m *Mail) SaveDraft(ctx context.Context, out mail.Outgoing) (mail.Outgoing, error) {
	m.drafts.mu.Lock()
	defer m.drafts.mu.Unlock()
	if m.drafts.canWait(out) {
		out.Date = time.Now()
		saved, err := m.saveText(ctx, out)
		if !errors.Is(err, errWholeDraft) {
			return saved, err
		}
	}
	return m.saveWhole(ctx, out)
}

// saveWhole stores a draft with its octets. The caller holds the lock of the drafts.
func (m *Mail) saveWhole(ctx context.Context, out mail.Outgoing) (mail.Outgoing, error) {
	if out.MessageID == "" {
		out.MessageID = mimemsg.NewMessageID(out.From.Addr)
	}
	out.Date = time.Now()
	forwarded, err := m.forwardedID(ctx, out)
	if err != nil {
		return out, fmt.Errorf("save draft: %w", err)
	}
	raw, err := mimemsg.BuildDraft(out, forwarded)
	if err != nil {
		return out, fmt.Errorf("save draft: %w", err)
	}
	err = m.change(ctx, "save draft", func(t *mailTx) error {
		folder, err := t.draftsFor(ctx, out)
		if err != nil {
			return err
		}
		if out.DraftID, err = t.saveDraft(ctx, folder.ID, out, raw); err != nil {
			return err
		}
		list, err := t.MailSummaries(ctx, []int64{out.DraftID})
		if err != nil {
			return err
		}
		return t.PutDraft(ctx, list[0], folder.ID, out.Date.Add(draftDelay))
	})
	if err == nil {
		m.drafts.written(out)
		m.wake(out.AccountID)
	}
	return out, err
}

// ownFolder gives the folder of a role that the program itself needs. Where the account has none it is made, on the server
// as well once the server's folders are known: until then one of them may turn out to be it.
func (t *mailTx) ownFolder(ctx context.Context, accountID int64, role mail.Role) (storage.MailFolder, error) {
	f, err := t.EnsureFolder(ctx, accountID, role, cmp.Or(roleNames[role], outboxName))
	if err != nil || role == mail.RoleOutbox || f.RemoteName != "" {
		return f, err
	}
	all, err := t.SyncFolders(ctx, accountID)
	if err != nil || !slices.ContainsFunc(all, func(o storage.MailFolder) bool { return o.RemoteName != "" }) {
		return f, err
	}
	pending, err := t.OpsFor(ctx, "folders", f.ID)
	if err != nil || len(pending) > 0 {
		return f, err
	}
	delim, prefix, err := t.naming(ctx, accountID)
	if err != nil {
		return f, err
	}
	f.Delim = delim
	if !strings.HasPrefix(f.Name, prefix) {
		f.Name = prefix + f.Name
	}
	if err := t.SaveFolder(ctx, f); err != nil {
		return f, err
	}
	defer func(group int64) { t.group = group }(t.group)
	t.group = 0 // an action of its own: taking back a message does not take back the folder
	return f, t.quiet(ctx, journal.Op{AccountID: accountID, Kind: journal.MailFolderCreate, Target: f.Name, Targets: []journal.Target{{Table: "folders", ID: f.ID}}},
		mail.FolderOp{ID: f.ID, Name: f.Name})
}

// forwardedID is the Message-ID of what a message passes on.
func (m *Mail) forwardedID(ctx context.Context, out mail.Outgoing) (string, error) {
	if out.ForwardOf == 0 {
		return "", nil
	}
	list, err := m.db.MailSummaries(ctx, []int64{out.ForwardOf})
	if err != nil || len(list) == 0 {
		return "", err
	}
	return list[0].MessageID, nil
}

// saveDraft writes the row and the octets of a draft, over those of its last state or as a new one.
func (t *mailTx) saveDraft(ctx context.Context, folderID int64, out mail.Outgoing, raw []byte) (int64, error) {
	row := rowOf(out, folderID, int64(len(raw)))
	row.Flags = mail.Seen | mail.Draft
	id := out.DraftID
	list, err := t.MailSummaries(ctx, []int64{id})
	if err != nil {
		return 0, err
	}
	if id == 0 || len(list) == 0 || list[0].FolderID != folderID {
		ids, err := t.AddMail(ctx, []storage.NewMail{row})
		if err != nil {
			return 0, err
		}
		id = ids[0]
	} else if err := t.UpdateMail(ctx, id, row); err != nil {
		return 0, err
	}
	if err := t.SetDraftText(ctx, id, nil); err != nil {
		return 0, err
	}
	return id, t.AddRaw(ctx, id, raw, row.Snippet, row.HasAttachment)
}

// rowOf is the row of a message that was written here.
func rowOf(out mail.Outgoing, folderID, size int64) storage.NewMail {
	return storage.NewMail{
		AccountID: out.AccountID, FolderID: folderID, MessageID: out.MessageID, InReplyTo: out.InReplyTo, References: out.References,
		Subject: out.Subject, From: out.From, To: out.To, Cc: out.Cc, Bcc: out.Bcc, Received: out.Date, Sent: out.Date, Size: size,
		Flags: mail.Seen, Snippet: mimemsg.Snippet(out.Text), HasAttachment: len(out.Attachments) > 0,
	}
}

// OpenDraft reads a draft to be written on, whichever program wrote it.
func (m *Mail) OpenDraft(ctx context.Context, id int64) (mail.Outgoing, error) {
	msg, err := m.Open(ctx, id)
	if err != nil {
		return mail.Outgoing{}, fmt.Errorf("open draft: %w", err)
	}
	if !msg.HasBody {
		return mail.Outgoing{}, fmt.Errorf("open draft: %w", ErrNoBody)
	}
	out := mail.Outgoing{
		DraftID: id, AccountID: msg.AccountID, From: msg.From, To: msg.To, Cc: msg.Cc, Bcc: msg.Bcc, Subject: msg.Subject, Text: msg.Text,
		InReplyTo: msg.InReplyTo, References: msg.References, MessageID: msg.MessageID, Date: msg.Sent,
	}
	if out.Attachments, err = m.attachments(ctx, msg); err != nil {
		return mail.Outgoing{}, fmt.Errorf("open draft: %w", err)
	}
	raw, err := m.db.Body(ctx, id)
	if err != nil {
		return mail.Outgoing{}, fmt.Errorf("open draft: %w", err)
	}
	head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	if out.AnswerOf, err = m.localID(ctx, msg.AccountID, msg.InReplyTo); err != nil {
		return mail.Outgoing{}, fmt.Errorf("open draft: %w", err)
	}
	out.ForwardOf, err = m.localID(ctx, msg.AccountID, mimemsg.ParseHeader(head).Forwarded)
	if err != nil {
		return mail.Outgoing{}, fmt.Errorf("open draft: %w", err)
	}
	if out, err = m.dress(ctx, out, head); err == nil {
		out, err = m.newerText(ctx, out)
	}
	if err != nil {
		return mail.Outgoing{}, fmt.Errorf("open draft: %w", err)
	}
	return out, nil
}

// dress finds out who a draft is written as, and what its header asks for.
func (m *Mail) dress(ctx context.Context, out mail.Outgoing, head []byte) (mail.Outgoing, error) {
	out.ReplyTo, out.ReadReceipt = mimemsg.ParseHeader(head).ReplyTo, len(mimemsg.ReceiptTo(head)) > 0
	out.DeliveryReceipt = mimemsg.DeliveryWanted(head)
	a, err := m.db.Account(ctx, out.AccountID)
	if err != nil {
		return out, err
	}
	list, err := identitiesOf(ctx, m.db, a)
	if err != nil {
		return out, err
	}
	if i, ok := mail.IdentityByAddress(list, out.From.Addr); ok {
		out.Identity, out.Organisation = i.ID, i.Organisation
	}
	return out, nil
}

// localID finds the message that is here under a Message-ID, 0 for none.
func (m *Mail) localID(ctx context.Context, accountID int64, messageID string) (int64, error) {
	if messageID == "" {
		return 0, nil
	}
	list, err := m.db.MailByMessageID(ctx, accountID, messageID)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	return list[0].ID, nil
}

// DiscardDraft throws a draft away, here and on the server.
func (m *Mail) DiscardDraft(ctx context.Context, id int64) error {
	m.drafts.mu.Lock()
	defer m.drafts.mu.Unlock()
	m.drafts.forget(id)
	return m.change(ctx, "discard draft", func(t *mailTx) error {
		list, err := t.MailSummaries(ctx, []int64{id})
		if err != nil || len(list) == 0 {
			return errors.Join(err, errNothing(list))
		}
		dropped, err := t.DropDraft(ctx, id)
		if err != nil || dropped {
			return err
		}
		return t.deleteForGood(ctx, place{list[0].AccountID, list[0].FolderID}, list)
	})
}

func errNothing(list []mail.Summary) error {
	if len(list) == 0 {
		return storage.ErrNotFound
	}
	return nil
}

// quiet adds an operation that is no step of undo: it comes and goes with another one.
func (t *mailTx) quiet(ctx context.Context, op journal.Op, payload any) error {
	added, err := t.op(ctx, op, payload, nil)
	if err != nil {
		return err
	}
	added.Undone = true
	return t.SaveOp(ctx, added)
}
