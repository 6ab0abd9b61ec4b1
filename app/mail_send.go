// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/mimemsg"
)

// ErrNoSending is returned for an account that has no server to send with.
var ErrNoSending = errors.New("this account has no server for sending")

// UndoSetting is the key of the setting that says for how many seconds a message can be called back, 0 to 120.
const UndoSetting = "mail.undo_seconds"

// DefaultUndo is for how long a message can be called back where nothing else is set.
const DefaultUndo = 10 * time.Second

const maxUndo = 2 * time.Minute

// Send puts a message into the outbox, from where it leaves after the time in which it can be called back. It is written
// once: what is stored here is what the server gets. The returned operation can be cancelled until then.
func (m *Mail) Send(ctx context.Context, out mail.Outgoing) (opID int64, err error) {
	from, to, err := mail.Envelope(out)
	if err != nil {
		return 0, fmt.Errorf("send: %w", err)
	}
	out.Date = time.Now()
	if out.MessageID == "" {
		out.MessageID = mimemsg.NewMessageID(out.From.Addr)
	}
	raw, err := mimemsg.Build(out)
	if err != nil {
		return 0, fmt.Errorf("send: %w", err)
	}
	wait, err := m.undoWindow(ctx)
	if err != nil {
		return 0, fmt.Errorf("send: %w", err)
	}
	err = m.change(ctx, "send", func(t *mailTx) error {
		opID, err = t.send(ctx, out, raw, mail.SendOp{From: from, To: to, MessageID: out.MessageID}, out.Date.Add(wait))
		return err
	})
	return opID, err
}

// SendRaw sends a finished message at once. The envelope is what its header says; Bcc is taken out, Message-ID and Date
// are added where they are missing, the rest stays as it is.
func (m *Mail) SendRaw(ctx context.Context, accountID int64, eml []byte) (opID int64, err error) {
	a, err := m.writer(ctx, accountID)
	if err != nil {
		return 0, fmt.Errorf("send: %w", err)
	}
	now := time.Now()
	raw, h := mimemsg.Finish(eml, a.Email, now)
	out := mail.Outgoing{
		AccountID: a.ID, From: h.From, To: h.To, Cc: h.Cc, Bcc: h.Bcc, Subject: h.Subject, InReplyTo: h.InReplyTo, References: h.References,
		MessageID: h.MessageID, Date: now,
	}
	if out.From.Addr == "" {
		out.From.Addr = a.Email
	}
	from, to, err := mail.Envelope(out)
	if err != nil {
		return 0, fmt.Errorf("send: %w", err)
	}
	p, err := mimemsg.Parse(bytes.NewReader(raw))
	if err != nil {
		return 0, fmt.Errorf("send: %w", err)
	}
	out.Text, out.Attachments = p.Text, make([]mail.OutAttachment, len(p.Attachments))
	err = m.change(ctx, "send", func(t *mailTx) error {
		opID, err = t.send(ctx, out, raw, mail.SendOp{From: from, To: to, MessageID: out.MessageID}, now)
		return err
	})
	return opID, err
}

func (m *Mail) undoWindow(ctx context.Context) (time.Duration, error) {
	value, err := m.db.Setting(ctx, UndoSetting, "")
	if err != nil {
		return 0, err
	}
	seconds, err := strconv.Atoi(value)
	if err != nil { // never set, or by hand to something else
		return DefaultUndo, nil //nolint:nilerr // the default stands in for nonsense
	}
	return min(max(time.Duration(seconds)*time.Second, 0), maxUndo), nil
}

// send stores a message in the outbox with everything that follows from sending it, as one action.
func (t *mailTx) send(ctx context.Context, out mail.Outgoing, raw []byte, p mail.SendOp, at time.Time) (int64, error) {
	a, err := t.Account(ctx, out.AccountID)
	if err != nil {
		return 0, err
	}
	if a.SMTPURL == "" {
		return 0, ErrNoSending
	}
	if err := t.sendFolders(ctx, a.ID, &p); err != nil {
		return 0, err
	}
	ids, err := t.AddMail(ctx, []storage.NewMail{rowOf(out, p.Outbox, raw)})
	if err != nil {
		return 0, err
	}
	p.ID = ids[0]
	if err := t.AddRaw(ctx, p.ID, raw, mimemsg.Snippet(out.Text), len(out.Attachments) > 0); err != nil {
		return 0, err
	}
	draft, known, err := t.hideDraft(ctx, out)
	if err != nil {
		return 0, err
	}
	p.Draft = draft.ID
	op, err := t.op(ctx, journal.Op{
		AccountID: a.ID, Kind: journal.MailSend, Target: out.Subject, NextTry: at, Targets: messageTargets(p.ID),
	}, p, nil)
	if err != nil {
		return 0, err
	}
	return op.ID, t.afterSending(ctx, a, out, p, op.ID, draft, known)
}

// sendFolders names the folders that a message can be in on its way.
func (t *mailTx) sendFolders(ctx context.Context, accountID int64, p *mail.SendOp) error {
	for _, f := range []struct {
		id   *int64
		role mail.Role
	}{{&p.Outbox, mail.RoleOutbox}, {&p.Sent, mail.RoleSent}, {&p.Drafts, mail.RoleDrafts}} {
		folder, err := t.ownFolder(ctx, accountID, f.role)
		if err != nil {
			return err
		}
		*f.id = folder.ID
	}
	return nil
}

// hideDraft takes the draft of a message out of sight; it is known where the server has it as well.
func (t *mailTx) hideDraft(ctx context.Context, out mail.Outgoing) (draft mail.Summary, known bool, err error) {
	if out.DraftID == 0 {
		return draft, false, nil
	}
	list, err := t.MailSummaries(ctx, []int64{out.DraftID})
	if err != nil || len(list) == 0 {
		return draft, false, err
	}
	known, err = t.HideDraft(ctx, list[0])
	return list[0], known, err
}

// afterSending adds what happens once the server has taken the message: the copy among the sent ones, the mark on the
// message it answers, and the end of its draft. If the sending is cancelled, all of it is.
func (t *mailTx) afterSending(ctx context.Context, a storage.Account, out mail.Outgoing, p mail.SendOp, after int64, draft mail.Summary, known bool) error {
	if a.IMAPURL == "" {
		return nil
	}
	err := t.quiet(ctx, journal.Op{AccountID: a.ID, Kind: journal.MailAppend, Target: out.Subject, DependsOn: after, Targets: messageTargets(p.ID)},
		mail.AppendOp{ID: p.ID, Folder: p.Sent, Flags: mail.Seen})
	if err != nil {
		return err
	}
	for id, flag := range map[int64]mail.Flags{out.AnswerOf: mail.Answered, out.ForwardOf: mail.Forwarded} {
		if err := t.markLater(ctx, id, flag, after); err != nil {
			return err
		}
	}
	if !known {
		return nil
	}
	return t.quiet(ctx, journal.Op{AccountID: a.ID, Kind: journal.MailDelete, Target: out.Subject, DependsOn: after, Targets: messageTargets(draft.ID)},
		mail.DeleteOp{IDs: []int64{draft.ID}})
}

// markLater sets a flag on the message that was answered or forwarded, on the server once the answer is out.
func (t *mailTx) markLater(ctx context.Context, id int64, flag mail.Flags, after int64) error {
	if id == 0 {
		return nil
	}
	list, err := t.MailSummaries(ctx, []int64{id})
	if err != nil || len(list) == 0 || list[0].Flags.Has(flag) {
		return err
	}
	s := list[0]
	if err := t.ShowMail(ctx, id, mail.State{FolderID: s.FolderID, Flags: s.Flags | flag, Keywords: s.Keywords}); err != nil {
		return err
	}
	return t.quiet(ctx, journal.Op{AccountID: s.AccountID, Kind: journal.MailFlags, Target: s.Subject, DependsOn: after, Targets: messageTargets(id)},
		mail.FlagsOp{IDs: []int64{id}, Add: flag})
}
