// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"kontor/app/i18n"
	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/mimemsg"
)

// ErrNoAccount is returned for writing a message without any account.
var ErrNoAccount = errors.New("there is no account to write with")

// New begins a message from an account, or from the first one for accountID 0.
func (m *Mail) New(ctx context.Context, accountID int64) (mail.Outgoing, error) {
	a, err := m.writer(ctx, accountID)
	if err != nil {
		return mail.Outgoing{}, fmt.Errorf("new message: %w", err)
	}
	list, err := identitiesOf(ctx, m.db, a)
	if err != nil {
		return mail.Outgoing{}, fmt.Errorf("new message: %w", err)
	}
	i := mail.DefaultIdentity(list)
	out := begin(i)
	if signature := strings.TrimSpace(i.Signature); signature != "" {
		out.Text = "\n\n-- \n" + signature + "\n"
	}
	return out, nil
}

// writer gives the account to write with.
func (m *Mail) writer(ctx context.Context, accountID int64) (storage.Account, error) {
	if accountID != 0 {
		return m.db.Account(ctx, accountID)
	}
	all, err := m.db.Accounts(ctx)
	if err != nil {
		return storage.Account{}, err
	}
	i := slices.IndexFunc(all, func(a storage.Account) bool { return a.SMTPURL != "" })
	if i < 0 {
		return storage.Account{}, ErrNoAccount
	}
	return all[i], nil
}

func begin(i mail.Identity) mail.Outgoing {
	return wear(mail.Outgoing{AccountID: i.AccountID, MessageID: mimemsg.NewMessageID(i.Address)}, i)
}

// Reply begins the answer to a message, to all who got it if all is set.
func (m *Mail) Reply(ctx context.Context, id int64, all bool) (mail.Outgoing, error) {
	msg, i, own, err := m.answered(ctx, id)
	if err != nil {
		return mail.Outgoing{}, fmt.Errorf("reply: %w", err)
	}
	out := begin(i)
	out.AnswerOf = id
	out.To, out.Cc = mail.Recipients(msg, own, all)
	out.Subject = mail.ReplySubject(i18n.T("mail.prefix.reply"), msg.Subject)
	out.InReplyTo, out.References = mail.References(msg)
	when := msg.Sent
	if when.IsZero() {
		when = msg.Date
	}
	line := i18n.T("mail.quote", "date", i18n.Date(when.Local()), "time", i18n.Clock(when), "name", msg.From.Label())
	out.Text = ownPart(i) + mail.Quote(line, msg.Text)
	return out, nil
}

// ownPart is the room for a person's own words above a quote: two lines, and the signature without its delimiter, which
// would make other programs hide all that follows.
func ownPart(i mail.Identity) string {
	signature := strings.TrimSpace(i.Signature)
	if signature == "" {
		return "\n\n"
	}
	return "\n\n" + signature + "\n\n"
}

// Forward begins a message that passes another one on, with its attachments.
func (m *Mail) Forward(ctx context.Context, id int64) (mail.Outgoing, error) {
	msg, i, _, err := m.answered(ctx, id)
	if err != nil {
		return mail.Outgoing{}, fmt.Errorf("forward: %w", err)
	}
	out := begin(i)
	out.ForwardOf = id
	out.Subject = mail.ForwardSubject(i18n.T("mail.prefix.forward"), msg.Subject)
	_, out.References = mail.References(msg)
	when := msg.Sent
	if when.IsZero() {
		when = msg.Date
	}
	words := mail.ForwardWords{
		Title: i18n.T("mail.forward.title"), From: i18n.T("mail.forward.from"), Date: i18n.T("mail.forward.date"),
		Subject: i18n.T("mail.forward.subject"), To: i18n.T("mail.forward.to"), Cc: i18n.T("mail.forward.cc"),
	}
	out.Text = ownPart(i) + mail.ForwardText(words, msg, i18n.DateTime(when))
	if out.Attachments, err = m.attachments(ctx, msg); err != nil {
		return mail.Outgoing{}, fmt.Errorf("forward: %w", err)
	}
	return out, nil
}

// answered reads a message that is to be answered or passed on, who does that, and all own addresses.
func (m *Mail) answered(ctx context.Context, id int64) (msg mail.Message, i mail.Identity, own []string, err error) {
	if msg, err = m.Open(ctx, id); err != nil {
		return msg, i, nil, err
	}
	all, err := m.db.Accounts(ctx)
	if err != nil {
		return msg, i, nil, err
	}
	for _, one := range all {
		list, err := identitiesOf(ctx, m.db, one)
		if err != nil {
			return msg, i, nil, err
		}
		own = append(own, one.Email)
		for _, identity := range list {
			own = append(own, identity.Address)
		}
		if one.ID != msg.AccountID {
			continue
		}
		folder, err := m.db.MailFolder(ctx, msg.FolderID)
		if err != nil {
			return msg, i, nil, err
		}
		i = mail.AnswerIdentity(list, msg, folder.Name, folder.Delim)
	}
	return msg, i, own, nil
}

// attachments reads all attachments of a message.
func (m *Mail) attachments(ctx context.Context, msg mail.Message) ([]mail.OutAttachment, error) {
	var list []mail.OutAttachment
	for _, a := range msg.Attachments {
		name, data, err := m.Attachment(ctx, msg.ID, a.Index)
		if err != nil {
			return nil, err
		}
		list = append(list, mail.OutAttachment{Name: name, MIMEType: a.MIMEType, Data: data})
	}
	return list, nil
}

// Suggest completes what a person begins to type into a recipient field: addresses from the messages here, those that
// were written to most first.
func (m *Mail) Suggest(ctx context.Context, prefix string, limit int) ([]mail.Address, error) {
	prefix = strings.TrimSpace(prefix)
	if prefix == "" || limit <= 0 {
		return nil, nil
	}
	people, err := m.db.People(ctx, prefix)
	if err != nil {
		return nil, fmt.Errorf("suggest addresses: %w", err)
	}
	return mail.RankPeople(people, prefix, limit), nil
}
