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
	"kontor/sync/smtpsend"
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
	wait, err := m.undoWindow(ctx)
	if err != nil {
		return 0, fmt.Errorf("send: %w", err)
	}
	out.Date = time.Now()
	at := out.Date.Add(wait)
	if out.SendAt.After(at) {
		at, out.Date = out.SendAt, out.SendAt
	}
	if out.MessageID == "" {
		out.MessageID = mimemsg.NewMessageID(out.From.Addr)
	}
	raw, err := mimemsg.BuildSent(out) // whoever sends it takes Bcc out
	if err != nil {
		return 0, fmt.Errorf("send: %w", err)
	}
	if err := m.fits(ctx, out.AccountID, int64(len(raw))); err != nil {
		return 0, fmt.Errorf("send: %w", err)
	}
	p := mail.SendOp{From: from, To: to, MessageID: out.MessageID}
	if out.DeliveryReceipt {
		p.Notify = mail.NotifyAll
	}
	if out, err = m.settleDraft(ctx, out); err != nil {
		return 0, fmt.Errorf("send: %w", err)
	}
	err = m.change(ctx, "send", func(t *mailTx) error {
		opID, err = t.send(ctx, out, held(raw), p, at)
		return err
	})
	return opID, err
}

// SizeLimit is how large a message the server of an account takes, in octets; 0 where that is not known.
func (m *Mail) SizeLimit(ctx context.Context, accountID int64) (int64, error) {
	value, err := m.db.Setting(ctx, smtpsend.SizeSetting(accountID), "0")
	if err != nil {
		return 0, err
	}
	limit, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return 0, nil //nolint:nilerr // nonsense in a setting says nothing about the server
	}
	return limit, nil
}

// Reports tells whether the server of an account reports what becomes of messages (RFC 3461); known is false until it was
// asked.
func (m *Mail) Reports(ctx context.Context, accountID int64) (offered, known bool, err error) {
	value, err := m.db.Setting(ctx, smtpsend.ReportsSetting(accountID), "")
	return value == "1", value != "", err
}

// fits reports why the server of an account would not take a message, as far as that is known.
func (m *Mail) fits(ctx context.Context, accountID, size int64) error {
	limit, err := m.SizeLimit(ctx, accountID)
	if err == nil && limit > 0 && size > limit {
		err = &mail.SizeError{Size: size, Limit: limit}
	}
	return err
}

// SendRaw sends a finished message at once. The envelope is what its header says; Bcc is taken out, Message-ID and Date
// are added where they are missing, the rest stays as it is.
func (m *Mail) SendRaw(ctx context.Context, accountID int64, eml []byte) (opID int64, err error) {
	return m.SendRawAs(ctx, accountID, eml, RawSending{})
}

// RawSending says how a finished message is to be sent.
type RawSending struct {
	At     time.Time // not before this moment; zero for at once
	Report bool      // servers are asked to report what becomes of it (RFC 3461)
}

// SendRawAs is SendRaw with wishes.
func (m *Mail) SendRawAs(ctx context.Context, accountID int64, eml []byte, how RawSending) (opID int64, err error) {
	a, err := m.writer(ctx, accountID)
	if err != nil {
		return 0, fmt.Errorf("send: %w", err)
	}
	at := time.Now()
	if how.At.After(at) {
		at = how.At
	}
	raw, h := mimemsg.Finish(eml, a.Email, at)
	p, err := mimemsg.Parse(bytes.NewReader(raw))
	if err != nil {
		return 0, fmt.Errorf("send: %w", err)
	}
	msg := held(raw)
	msg.parsed = p
	return m.sendFinished(ctx, a, h, msg, how, at)
}

// sendFinished puts a finished message of this header into the outbox.
func (m *Mail) sendFinished(ctx context.Context, a storage.Account, h mimemsg.Header, msg *incoming, how RawSending, at time.Time) (opID int64, err error) {
	out := mail.Outgoing{
		AccountID: a.ID, From: h.From, To: h.To, Cc: h.Cc, Bcc: h.Bcc, Subject: h.Subject, InReplyTo: h.InReplyTo, References: h.References,
		MessageID: h.MessageID, Date: at, Text: msg.parsed.Text, Attachments: make([]mail.OutAttachment, len(msg.parsed.Attachments)),
	}
	if out.From.Addr == "" {
		out.From.Addr = a.Email
	}
	from, to, err := mail.Envelope(out)
	if err != nil {
		return 0, fmt.Errorf("send: %w", err)
	}
	if err := m.fits(ctx, a.ID, msg.size); err != nil {
		return 0, fmt.Errorf("send: %w", err)
	}
	op := mail.SendOp{From: from, To: to, MessageID: out.MessageID, EightBit: msg.eightBit}
	if how.Report {
		op.Notify = mail.NotifyAll
	}
	err = m.change(ctx, "send", func(t *mailTx) error {
		opID, err = t.send(ctx, out, msg, op, at)
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
func (t *mailTx) send(ctx context.Context, out mail.Outgoing, msg *incoming, p mail.SendOp, at time.Time) (int64, error) {
	a, err := t.Account(ctx, out.AccountID)
	if err != nil {
		return 0, err
	}
	if a.SMTPURL == "" {
		return 0, ErrNoSending
	}
	byServer, err := t.sendFolders(ctx, a, out.From.Addr, &p)
	if err != nil {
		return 0, err
	}
	twins, err := t.MailByMessageID(ctx, a.ID, p.MessageID)
	if err != nil {
		return 0, err
	}
	for _, twin := range twins {
		p.Shared = p.Shared || twin.ID != out.DraftID
	}
	p.EightBit = p.EightBit || !mimemsg.IsASCII(msg.raw)
	ids, err := t.AddMail(ctx, []storage.NewMail{rowOf(out, p.Outbox, msg.size)})
	if err != nil {
		return 0, err
	}
	p.ID = ids[0]
	if msg.open != nil {
		err = t.addOctets(ctx, p.ID, msg)
	} else {
		err = t.AddRaw(ctx, p.ID, msg.raw, mimemsg.Snippet(out.Text), len(out.Attachments) > 0)
	}
	if err != nil {
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
	if a.IMAPURL == "" {
		return op.ID, nil
	}
	if !byServer {
		err := t.quiet(ctx, journal.Op{AccountID: a.ID, Kind: journal.MailAppend, Target: out.Subject, DependsOn: op.ID, Targets: messageTargets(p.ID)},
			mail.AppendOp{ID: p.ID, Folder: p.Sent, Flags: mail.Seen, Once: !p.Shared})
		if err != nil {
			return 0, err
		}
	}
	return op.ID, t.afterSending(ctx, out, op.ID, draft, known)
}

// sendFolders names the folders that a message can be in on its way. byServer reports that the server keeps a copy of
// what it sends itself.
func (t *mailTx) sendFolders(ctx context.Context, a storage.Account, from string, p *mail.SendOp) (byServer bool, err error) {
	for _, f := range []struct {
		id   *int64
		role mail.Role
	}{{&p.Outbox, mail.RoleOutbox}, {&p.Sent, mail.RoleSent}, {&p.Drafts, mail.RoleDrafts}} {
		folder, err := t.ownFolder(ctx, a.ID, f.role)
		if err != nil {
			return false, err
		}
		*f.id = folder.ID
	}
	list, err := identitiesOf(ctx, t, a)
	if err != nil {
		return false, err
	}
	i, ok := mail.IdentityByAddress(list, from)
	if !ok {
		return false, nil
	}
	folders, err := t.Folders(ctx, a.ID)
	if err != nil {
		return false, err
	}
	if f, ok := mail.SentFolder(i, folders); ok {
		p.Sent = f.ID
	}
	return i.SentFolder == mail.SentByServer, nil
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

// afterSending adds what else happens once the server has taken the message: the mark on the message it answers, and the
// end of its draft. If the sending is cancelled, all of it is.
func (t *mailTx) afterSending(ctx context.Context, out mail.Outgoing, after int64, draft mail.Summary, known bool) error {
	for id, flag := range map[int64]mail.Flags{out.AnswerOf: mail.Answered, out.ForwardOf: mail.Forwarded} {
		if err := t.markLater(ctx, id, flag, after); err != nil {
			return err
		}
	}
	if !known {
		return nil
	}
	return t.quiet(ctx, journal.Op{AccountID: out.AccountID, Kind: journal.MailDelete, Target: out.Subject, DependsOn: after, Targets: messageTargets(draft.ID)},
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
	if f, err := t.MailFolder(ctx, s.FolderID); err != nil || f.May(mail.DeedMark) != nil {
		return err
	}
	if err := t.ShowMail(ctx, id, mail.State{FolderID: s.FolderID, Flags: s.Flags | flag, Keywords: s.Keywords}); err != nil {
		return err
	}
	return t.quiet(ctx, journal.Op{AccountID: s.AccountID, Kind: journal.MailFlags, Target: s.Subject, DependsOn: after, Targets: messageTargets(id)},
		mail.FlagsOp{IDs: []int64{id}, Add: flag})
}
