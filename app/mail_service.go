// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/mimemsg"
)

// ErrNoBody is returned where the octets of a message are needed and are not in the local store yet.
var ErrNoBody = errors.New("the message has not been fetched completely yet")

// Mail is what a person can do with messages and folders. Everything takes effect at once; the engine carries it out.
type Mail struct {
	db     *storage.DB
	wake   func(accountID int64)
	want   func(accountID, id int64) // asks for the octets of a message out of turn; nil where nobody can
	drafts lazyDrafts
}

// NewMail makes the mail service. wake is called with the account of every change that waits for the server.
func NewMail(db *storage.DB, wake func(accountID int64)) *Mail { return &Mail{db: db, wake: wake} }

// Folders lists the folders of all accounts.
func (m *Mail) Folders(ctx context.Context) ([]mail.Folder, error) { return m.db.Folders(ctx, 0) }

// Count gives the number of rows of a list.
func (m *Mail) Count(ctx context.Context, q mail.Query) (int, error) {
	if q.Text != "" {
		return NewSearch(m.db).MailCount(ctx, q)
	}
	return m.db.MailCount(ctx, q)
}

// List reads a window of a list in its order; a conversation oldest first.
func (m *Mail) List(ctx context.Context, q mail.Query, offset, limit int) ([]mail.Summary, error) {
	if q.Order != (mail.Order{}) && q.ThreadID == 0 {
		return m.sortedPart(ctx, q, offset, limit)
	}
	if q.Text != "" {
		return NewSearch(m.db).MailList(ctx, q, offset, limit)
	}
	return m.db.MailList(ctx, q, offset, limit)
}

// Open reads a message with its text and the list of its attachments. Before its octets are fetched only the header is there.
func (m *Mail) Open(ctx context.Context, id int64) (mail.Message, error) {
	msg, err := m.db.MailHeader(ctx, id)
	if err != nil || !msg.HasBody {
		return msg, errors.Join(err, m.fetch(ctx, msg))
	}
	r, _, err := m.db.BodyReader(ctx, id)
	if err != nil {
		return msg, fmt.Errorf("open message: %w", err)
	}
	p, err := mimemsg.Parse(r)
	if err != nil {
		return msg, fmt.Errorf("open message: %w", err)
	}
	msg.Text, msg.HTML, msg.Attachments, msg.ListUnsubscribe = p.Text, p.HTML, p.Attachments, p.ListUnsubscribe
	msg.Protection, msg.Report = p.Protection, p.Report
	if len(msg.Bcc) == 0 {
		msg.Bcc = p.Bcc
	}
	if msg.Flags.Has(mail.Draft) {
		newer, err := m.newerText(ctx, mail.Outgoing{DraftID: id, Text: msg.Text})
		if err != nil {
			return msg, fmt.Errorf("open message: %w", err)
		}
		msg.Text = newer.Text
	}
	return msg, nil
}

// fetch asks for the octets of a message that somebody opens, also where the rules do not keep them.
func (m *Mail) fetch(ctx context.Context, msg mail.Message) error {
	if msg.ID == 0 || m.want == nil {
		return nil
	}
	missing, err := m.db.WantBody(ctx, msg.ID)
	if missing {
		m.want(msg.AccountID, msg.ID)
	}
	return err
}

// Raw reads the octets of a message as the server has them.
func (m *Mail) Raw(ctx context.Context, id int64) ([]byte, error) {
	raw, err := m.db.Body(ctx, id)
	return raw, noBody(err)
}

// Attachment reads one attachment of a message, decoded.
func (m *Mail) Attachment(ctx context.Context, id int64, index int) (name string, data []byte, err error) {
	r, _, err := m.db.BodyReader(ctx, id)
	if err != nil {
		return "", nil, fmt.Errorf("read attachment: %w", noBody(err))
	}
	a, content, err := mimemsg.Attachment(r, index)
	if err != nil {
		return "", nil, fmt.Errorf("read attachment: %w", err)
	}
	var buf bytes.Buffer
	if _, err := io.Copy(&buf, content); err != nil {
		return "", nil, fmt.Errorf("read attachment: %w", err)
	}
	return a.Name, buf.Bytes(), nil
}

func noBody(err error) error {
	if errors.Is(err, storage.ErrNotFound) {
		return fmt.Errorf("%w: %w", ErrNoBody, err)
	}
	return err
}

// Marks tells of those messages that something waits for what it is; all others are as the server has them.
func (m *Mail) Marks(ctx context.Context, ids []int64) (map[int64]journal.Mark, error) {
	return m.db.MailMarks(ctx, ids)
}

// change runs fn in one durable transaction and wakes every account that it added an operation for. All operations of
// one change form one group: they are undone together.
func (m *Mail) change(ctx context.Context, what string, fn func(*mailTx) error) error {
	t := &mailTx{accounts: map[int64]bool{}}
	err := m.db.WriteDurable(ctx, func(tx *storage.Tx) error {
		t.Tx = tx
		return fn(t)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	for account := range t.accounts {
		m.wake(account)
	}
	return nil
}
