// SPDX-License-Identifier: EUPL-1.2

package smtpsend

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/servertest"
)

const raw = "From: anna@amt.example\r\nTo: berta@amt.example\r\nSubject: Pr\xc3\xbcfung\r\nMessage-ID: <one@amt.example>\r\n\r\n.Punkt am Anfang\r\nGr\xc3\xbc\xc3\x9fe\r\n"

func openStore(t testing.TB, path string) *storage.DB {
	t.Helper()
	db, err := storage.Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(db.Check(context.Background()), db.Close()); err != nil {
			t.Error(err)
		}
	})
	return db
}

// queue stores an account, a message in its outbox and the operation that sends it.
func queue(t testing.TB, db *storage.DB, account storage.Account, body string, to ...string) (storage.Account, journal.Op) {
	t.Helper()
	ctx := context.Background()
	var op journal.Op
	err := db.WriteDurable(ctx, func(tx *storage.Tx) error {
		account.Name = t.Name()
		id, err := tx.AddAccount(ctx, account)
		if err != nil {
			return err
		}
		account.ID = id
		p := mail.SendOp{From: "anna@amt.example", To: to, MessageID: "one@amt.example"}
		for role, at := range map[mail.Role]*int64{mail.RoleOutbox: &p.Outbox, mail.RoleSent: &p.Sent, mail.RoleDrafts: &p.Drafts} {
			f, err := tx.EnsureFolder(ctx, id, role, string(role))
			if err != nil {
				return err
			}
			*at = f.ID
		}
		ids, err := tx.AddMail(ctx, []storage.NewMail{{AccountID: id, FolderID: p.Outbox, MessageID: p.MessageID, Subject: "Prüfung", Received: time.Now(), Flags: mail.Seen}})
		if err != nil {
			return err
		}
		p.ID = ids[0]
		if err := tx.AddRaw(ctx, p.ID, []byte(body), "", false); err != nil {
			return err
		}
		payload, err := json.Marshal(p)
		if err != nil {
			return err
		}
		op, err = tx.AddOp(ctx, journal.Op{AccountID: id, Kind: journal.MailSend, Payload: payload, Targets: []journal.Target{{Table: "messages", ID: p.ID}}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return account, op
}

func accountOf(t testing.TB, s *servertest.ScriptedSMTP) storage.Account {
	t.Helper()
	return storage.Account{User: s.User, SMTPURL: "smtp://" + s.Addr, CAPEM: s.Certs.CAPEM}
}

func password(p string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return p, nil }
}

func newWorker(db *storage.DB, account storage.Account) *Worker {
	return New(Config{DB: db, Account: account, Secret: password(servertest.Password)})
}

func storePath(t testing.TB) string { return filepath.Join(t.TempDir(), "kontor.db") }

func TestMain(m *testing.M) {
	if path := os.Getenv("KONTOR_TEST_SENDER"); path != "" {
		os.Exit(sender(path))
	}
	os.Exit(m.Run())
}
