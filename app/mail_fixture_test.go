// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/mimemsg"
)

// mailBox is a store with one account and the mail service over it.
type mailBox struct {
	*Mail
	account int64
	inbox   int64
	woken   []int64
}

func newMailBox(t testing.TB) *mailBox {
	t.Helper()
	ctx := context.Background()
	db, err := storage.Open(ctx, filepath.Join(t.TempDir(), "kontor.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(db.Check(ctx), db.Close()); err != nil {
			t.Error(err)
		}
	})
	b := &mailBox{}
	b.Mail = NewMail(db, func(id int64) { b.woken = append(b.woken, id) })
	b.write(t, func(tx *storage.Tx) error {
		b.account, err = tx.AddAccount(ctx, storage.Account{
			Name: "Amt", Email: "anna@amt.example", DisplayName: "Anna Amt", Signature: "Anna Amt\nRathaus", IMAPURL: "imap://localhost", SMTPURL: "smtp://localhost",
		})
		if err != nil {
			return err
		}
		b.inbox, err = tx.AddFolder(ctx, storage.MailFolder{
			Folder: mail.Folder{AccountID: b.account, Name: "INBOX", Delim: "/", Role: mail.RoleInbox, Selectable: true}, RemoteName: "INBOX",
		})
		return err
	})
	return b
}

// newWritingBox is newMailBox with the folders that writing needs.
func newWritingBox(t testing.TB) *mailBox {
	t.Helper()
	ctx := context.Background()
	b := newMailBox(t)
	b.write(t, func(tx *storage.Tx) error {
		for name, role := range map[string]mail.Role{"Drafts": mail.RoleDrafts, "Sent": mail.RoleSent} {
			_, err := tx.AddFolder(ctx, storage.MailFolder{
				Folder: mail.Folder{AccountID: b.account, Name: name, Delim: "/", Role: role, Selectable: true}, RemoteName: name,
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return b
}

func (b *mailBox) write(t testing.TB, fn func(tx *storage.Tx) error) {
	t.Helper()
	if err := b.db.WriteDurable(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

// receive stores messages as synchronisation does: the header first, then the octets.
func (b *mailBox) receive(t testing.TB, folder int64, uid uint32, received time.Time, raws ...[]byte) []int64 {
	t.Helper()
	ctx := context.Background()
	var ids []int64
	b.write(t, func(tx *storage.Tx) error {
		var batch []storage.NewMail
		for i, raw := range raws {
			h := mimemsg.ParseHeader(raw)
			batch = append(batch, storage.NewMail{
				AccountID: b.account, FolderID: folder, UID: uid + uint32(i), MessageID: h.MessageID, InReplyTo: h.InReplyTo, References: h.References, Subject: h.Subject,
				From: h.From, To: h.To, Cc: h.Cc, ReplyTo: h.ReplyTo, Received: received.Add(time.Duration(i) * time.Minute), Sent: h.Date, Size: int64(len(raw)),
			})
		}
		var err error
		if ids, err = tx.AddMail(ctx, batch); err != nil {
			return err
		}
		for i, raw := range raws {
			if err := tx.AddRaw(ctx, ids[i], raw, "", false); err != nil {
				return err
			}
		}
		return nil
	})
	return ids
}

// letter builds a message as a colleague would send it.
func letter(t testing.TB, subject, text string, to ...string) []byte {
	t.Helper()
	out := mail.Outgoing{From: mail.Address{Name: "Bernd Beispiel", Addr: "bernd@kreis.example"}, Subject: subject, Text: text, MessageID: subject + "@kreis.example"}
	for _, a := range to {
		out.To = append(out.To, mail.Address{Addr: a})
	}
	raw, err := mimemsg.Build(out)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

var monday = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
