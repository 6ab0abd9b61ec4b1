// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"kontor/app/i18n"
	"kontor/app/mail"
	"kontor/sync/mimemsg"
)

// Resend begins a new message that says what an earlier one said, with its attachments: to those it went to, or only to
// the given addresses, such as those that a server has refused.
func (m *Mail) Resend(ctx context.Context, id int64, to ...mail.Address) (mail.Outgoing, error) {
	msg, i, _, err := m.answered(ctx, id)
	if err != nil {
		return mail.Outgoing{}, fmt.Errorf("send again: %w", err)
	}
	if !msg.HasBody {
		return mail.Outgoing{}, fmt.Errorf("send again: %w", ErrNoBody)
	}
	a, err := m.db.Account(ctx, msg.AccountID)
	if err != nil {
		return mail.Outgoing{}, fmt.Errorf("send again: %w", err)
	}
	list, err := identitiesOf(ctx, m.db, a)
	if err != nil {
		return mail.Outgoing{}, fmt.Errorf("send again: %w", err)
	}
	if mine, ok := mail.IdentityByAddress(list, msg.From.Addr); ok {
		i = mine
	}
	out := begin(i)
	out.To, out.Cc, out.Bcc, out.Subject, out.Text = msg.To, msg.Cc, msg.Bcc, msg.Subject, msg.Text
	out.InReplyTo, out.References = msg.InReplyTo, msg.References
	if len(to) > 0 {
		out.To, out.Cc, out.Bcc = to, nil, nil
	}
	if out.Attachments, err = m.attachments(ctx, msg); err != nil {
		return mail.Outgoing{}, fmt.Errorf("send again: %w", err)
	}
	return out, nil
}

// Redirect passes a message on as it is: whoever gets it answers its author (RFC 5322, section 3.6.6). It goes to the
// outbox at once and can be called back like any other. identityID says who passes it on, 0 for the account itself.
func (m *Mail) Redirect(ctx context.Context, id int64, to []mail.Address, identityID int64) (opID int64, err error) {
	msg, err := m.db.MailHeader(ctx, id)
	if err != nil {
		return 0, fmt.Errorf("redirect: %w", err)
	}
	original, err := m.Raw(ctx, id)
	if err != nil {
		return 0, fmt.Errorf("redirect: %w", err)
	}
	a, err := m.db.Account(ctx, msg.AccountID)
	if err != nil {
		return 0, fmt.Errorf("redirect: %w", err)
	}
	list, err := identitiesOf(ctx, m.db, a)
	if err != nil {
		return 0, fmt.Errorf("redirect: %w", err)
	}
	i := mail.IdentityByID(list, identityID)
	from, addrs, err := mail.Envelope(mail.Outgoing{From: i.From(), To: to})
	if err != nil {
		return 0, fmt.Errorf("redirect: %w", err)
	}
	wait, err := m.undoWindow(ctx)
	if err != nil {
		return 0, fmt.Errorf("redirect: %w", err)
	}
	now := time.Now()
	raw := mimemsg.Resend(original, i.From(), to, mimemsg.NewMessageID(from), now)
	if err := m.fits(ctx, a.ID, int64(len(raw))); err != nil {
		return 0, fmt.Errorf("redirect: %w", err)
	}
	out := mail.Outgoing{
		AccountID: a.ID, From: msg.From, To: msg.To, Cc: msg.Cc, Subject: msg.Subject, InReplyTo: msg.InReplyTo, References: msg.References,
		MessageID: msg.MessageID, Date: now, ForwardOf: id,
	}
	p := mail.SendOp{From: from, To: addrs, MessageID: msg.MessageID, Shared: true}
	err = m.change(ctx, "redirect", func(t *mailTx) error {
		opID, err = t.send(ctx, out, held(raw), p, now.Add(wait))
		return err
	})
	return opID, err
}

// ReceiptWanted gives who wants to know that a message was read: nobody where nobody asks, where the receipt was sent
// already, or where one wrote the message oneself.
func (m *Mail) ReceiptWanted(ctx context.Context, id int64) ([]mail.Address, error) {
	msg, err := m.db.MailHeader(ctx, id)
	if err != nil || !msg.HasBody || msg.Flags.Has(mail.MDNSent) || msg.Flags.Has(mail.Draft) {
		return nil, err
	}
	raw, err := m.Raw(ctx, id)
	if err != nil {
		return nil, err
	}
	header, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	list := mimemsg.ReceiptTo(header)
	a, err := m.db.Account(ctx, msg.AccountID)
	if err != nil || mail.SameAddress(msg.From.Addr, a.Email) {
		return nil, err
	}
	return list, nil
}

// SendReceipt tells who asked for it that the message was read, and marks the message so that no program does it again.
// It is only ever called because a person said so.
func (m *Mail) SendReceipt(ctx context.Context, id int64) (opID int64, err error) {
	to, err := m.ReceiptWanted(ctx, id)
	if err != nil {
		return 0, fmt.Errorf("confirm reading: %w", err)
	}
	if len(to) == 0 {
		return 0, fmt.Errorf("confirm reading: %w", mail.ErrNoRecipient)
	}
	msg, i, _, err := m.answered(ctx, id)
	if err != nil {
		return 0, fmt.Errorf("confirm reading: %w", err)
	}
	now := time.Now()
	r := mimemsg.Receipt{
		From: i.From(), To: to[0], MessageID: mimemsg.NewMessageID(i.Address), Original: msg.MessageID, Date: now,
		Subject: i18n.T("send.receipt.subject", "subject", msg.Subject),
		Text:    i18n.T("send.receipt.text", "subject", msg.Subject, "date", i18n.DateTime(msg.Date), "name", i.From().Label()),
	}
	out := mail.Outgoing{AccountID: msg.AccountID, From: r.From, To: to[:1], Subject: r.Subject, InReplyTo: msg.MessageID, MessageID: r.MessageID, Date: now, Text: r.Text}
	p := mail.SendOp{To: []string{to[0].Addr}, MessageID: r.MessageID} // no sender: nobody is told if it fails (RFC 8098, section 3)
	err = m.change(ctx, "confirm reading", func(t *mailTx) error {
		if opID, err = t.send(ctx, out, held(mimemsg.BuildReceipt(r)), p, now); err != nil {
			return err
		}
		return t.markLater(ctx, id, mail.MDNSent, opID)
	})
	return opID, err
}
