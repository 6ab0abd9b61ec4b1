// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/engine"
	"kontor/sync/imapsync"
	"kontor/sync/mimemsg"
	"kontor/sync/servertest"
	"kontor/sync/smtpsend"
)

// office is a mail account on a real server, with its store and engine.
type office struct {
	*mailBox
	dovecot *servertest.IMAPServer
	engine  *engine.Engine
}

func newOffice(t *testing.T, opts ...servertest.Options) *office {
	t.Helper()
	d := servertest.Dovecot(t, opts...)
	d.User(t, "bernd")
	smtp := servertest.SMTP(t, d)
	ctx := context.Background()
	db, err := storage.Open(ctx, filepath.Join(t.TempDir(), "kontor.db"))
	if err != nil {
		t.Fatal(err)
	}
	b := &mailBox{}
	b.Mail = NewMail(db, func(int64) {})
	account := storage.Account{
		Name: "Amt", Email: servertest.User + "@amt.example", User: servertest.User, DisplayName: "Anna Amt",
		IMAPURL: "imap://" + d.Addr, SMTPURL: "smtp://" + smtp.Addr, CAPEM: d.Certs.CAPEM,
	}
	b.write(t, func(tx *storage.Tx) error {
		b.account, err = tx.AddAccount(ctx, account)
		account.ID = b.account
		return errors.Join(err, tx.SetSetting(ctx, UndoSetting, "0"))
	})
	secret := func(context.Context) (string, error) { return servertest.Password, nil }
	e := engine.New(db, slog.New(slog.DiscardHandler))
	e.Add(account.ID, imapsync.New(imapsync.Config{DB: db, Account: account, Secret: secret, Log: slog.New(slog.DiscardHandler)}))
	e.Add(account.ID, smtpsend.New(smtpsend.Config{DB: db, Account: account, Secret: secret}))
	t.Cleanup(func() {
		if err := errors.Join(e.Close(), db.Check(ctx), db.Close()); err != nil {
			t.Error(err)
		}
	})
	return &office{mailBox: b, dovecot: d, engine: e}
}

func (o *office) sync(t *testing.T) {
	t.Helper()
	if err := o.engine.RunOnce(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
}

// due lets drafts go to the server at once.
func (o *office) due(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	o.write(t, func(tx *storage.Tx) error {
		ops, err := tx.PendingOps(ctx, o.account)
		for _, op := range ops {
			op.NextTry = op.Created
			err = errors.Join(err, tx.SaveOp(ctx, op))
		}
		return err
	})
}

func (o *office) onServer(t *testing.T, user, folder string) [][]byte {
	t.Helper()
	all, err := o.dovecot.Messages(user, folder)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// A letter comes, the answer is drafted in steps and sent: on the server there is never more than one draft, in the end
// one sent message, one in the other mailbox, and the question is marked as answered.
func TestAnswerThroughRealServers(t *testing.T) {
	ctx := context.Background()
	o := newOffice(t)
	err := o.dovecot.Deliver("bernd@kreis.example", []string{servertest.User + "@amt.example"}, letter(t, "Frage", "Wie geht es?", servertest.User+"@amt.example"))
	if err != nil {
		t.Fatal(err)
	}
	o.sync(t)
	list, err := o.List(ctx, mail.Query{Role: mail.RoleInbox}, 0, 5)
	if err != nil || len(list) != 1 {
		t.Fatalf("inbox: %v %v", list, err)
	}
	out, err := o.Reply(ctx, list[0].ID, false)
	if err != nil {
		t.Fatal(err)
	}
	out.To = []mail.Address{{Name: "Bernd", Addr: "bernd@kreis.example"}}
	for _, words := range []string{"Danke,", "Danke, gut.", "Danke, sehr gut. Grüße"} {
		out.Text = words
		if out, err = o.SaveDraft(ctx, out); err != nil {
			t.Fatal(err)
		}
		o.due(t)
		o.sync(t)
		drafts := o.onServer(t, servertest.User, ".Drafts")
		if len(drafts) != 1 {
			t.Fatalf("%d drafts on the server", len(drafts))
		}
		if p, err := mimemsg.Parse(bytes.NewReader(drafts[0])); err != nil || p.Text != words {
			t.Errorf("draft on the server: %q %v", p.Text, err)
		}
	}
	if got := o.shown(t, mail.RoleDrafts); got != out.Subject {
		t.Errorf("drafts here: %q", got)
	}
	if _, err := o.Send(ctx, out); err != nil {
		t.Fatal(err)
	}
	o.sync(t)
	sent, arrived := o.onServer(t, servertest.User, ".Sent"), o.onServer(t, "bernd", "")
	if len(sent) != 1 || len(arrived) != 1 || len(o.onServer(t, servertest.User, ".Drafts")) != 0 {
		t.Fatalf("%d sent, %d arrived, %d drafts", len(sent), len(arrived), len(o.onServer(t, servertest.User, ".Drafts")))
	}
	if !bytes.HasSuffix(arrived[0], bytes.ReplaceAll(sent[0], []byte("\r\n"), []byte("\n"))) && !bytes.HasSuffix(arrived[0], sent[0]) {
		t.Errorf("what arrived is not what is among the sent ones:\n%s\n%s", arrived[0], sent[0])
	}
	o.sync(t)
	if o.shown(t, mail.RoleOutbox) != "" || o.shown(t, mail.RoleDrafts) != "" || o.shown(t, mail.RoleSent) != out.Subject || o.waiting(t) != "" {
		t.Errorf("outbox %q, drafts %q, sent %q, waiting %q", o.shown(t, mail.RoleOutbox), o.shown(t, mail.RoleDrafts), o.shown(t, mail.RoleSent), o.waiting(t))
	}
	if m, err := o.Open(ctx, list[0].ID); err != nil || !m.Flags.Has(mail.Answered) || m.ThreadID == 0 {
		t.Errorf("the question: %v %v", m.Flags, err)
	}
}

// To oneself: the message comes back into the inbox while it is also put among the sent ones. Both are there once.
func TestSendToOneself(t *testing.T) {
	ctx := context.Background()
	o := newOffice(t)
	o.sync(t)
	out, err := o.New(ctx, o.account)
	if err != nil {
		t.Fatal(err)
	}
	out.To, out.Subject, out.Text = []mail.Address{{Addr: servertest.User + "@amt.example"}}, "An mich", strings.Repeat("Wort ", 200)
	if _, err := o.Send(ctx, out); err != nil {
		t.Fatal(err)
	}
	o.sync(t)
	o.sync(t)
	if o.shown(t, mail.RoleInbox) != "An mich" || o.shown(t, mail.RoleSent) != "An mich" || o.shown(t, mail.RoleOutbox) != "" || len(o.onServer(t, servertest.User, ".Sent")) != 1 {
		t.Errorf("inbox %q, sent %q, outbox %q", o.shown(t, mail.RoleInbox), o.shown(t, mail.RoleSent), o.shown(t, mail.RoleOutbox))
	}
}

// The connection breaks while the answer of the server is awaited: the copy that came back to the sender proves that the
// message was sent, and it is not sent again.
func TestLostAnswerIsSettledByTheCopy(t *testing.T) {
	ctx := context.Background()
	o := newOffice(t)
	o.sync(t)
	out, err := o.New(ctx, o.account)
	if err != nil {
		t.Fatal(err)
	}
	out.To = []mail.Address{{Addr: servertest.User + "@amt.example"}, {Addr: "bernd@kreis.example"}}
	out.Subject, out.Text = "Einmal", "x"
	id, err := o.Send(ctx, out)
	if err != nil {
		t.Fatal(err)
	}
	o.dovecot.Relay.FailOnce(servertest.StepReply, servertest.Fault{After: o.dovecot.Kill, Cut: true})
	if err := o.engine.RunOnce(ctx, nil); err == nil {
		t.Fatal("nothing broke")
	}
	if err := o.dovecot.Restart(); err != nil {
		t.Fatal(err)
	}
	for range 4 {
		o.due(t)
		o.sync(t)
	}
	if op := o.op(t, id); op.State != "done" || !strings.HasPrefix(op.Proof, "found in") {
		t.Errorf("%+v", op)
	}
	if n := len(o.onServer(t, "bernd", "")); n != 1 {
		t.Errorf("arrived %d times", n)
	}
	if n := len(o.onServer(t, servertest.User, ".Sent")); n != 1 {
		t.Errorf("%d copies among the sent ones", n)
	}
}

// A server without folders for drafts and sent messages gets them, whether the first message is written before or after
// the first synchronisation.
func TestFoldersAreMadeWhereTheyAreMissing(t *testing.T) {
	ctx := context.Background()
	o := newOffice(t, servertest.Options{NoSpecialUse: true})
	for _, subject := range []string{"Vorher", "Nachher"} {
		out, err := o.New(ctx, o.account)
		if err != nil {
			t.Fatal(err)
		}
		out.To, out.Subject = []mail.Address{{Addr: "bernd@kreis.example"}}, subject
		if out, err = o.SaveDraft(ctx, out); err != nil {
			t.Fatal(err)
		}
		if _, err := o.Send(ctx, out); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			o.due(t)
			o.sync(t)
		}
	}
	if n := len(o.onServer(t, servertest.User, ".Sent")); n != 2 || o.waiting(t) != "" {
		t.Errorf("%d sent, waiting %q", n, o.waiting(t))
	}
	if n := len(o.onServer(t, "bernd", "")); n != 2 {
		t.Errorf("%d arrived", n)
	}
}
