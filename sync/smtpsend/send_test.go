// SPDX-License-Identifier: EUPL-1.2

package smtpsend

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/engine"
	"kontor/sync/servertest"
	"kontor/sync/transport"
)

// runOnce lets an engine carry out what is due, and gives the operation as it is stored afterwards.
func runOnce(t testing.TB, db *storage.DB, w *Worker, account, op int64) (journal.Op, error) {
	t.Helper()
	ctx := context.Background()
	e := engine.New(db, slog.New(slog.DiscardHandler))
	e.Add(account, w)
	err := e.RunOnce(ctx, nil)
	after, opErr := db.Op(ctx, op)
	if opErr != nil {
		t.Fatal(opErr)
	}
	return after, err
}

func TestSentByteForByte(t *testing.T) {
	server := servertest.FaultSMTP(t)
	for scheme, addr := range map[string]string{"smtp": server.Addr, "smtps": server.TLSAddr} {
		t.Run(scheme, func(t *testing.T) {
			db := openStore(t, storePath(t))
			account := accountOf(t, server)
			account.SMTPURL = scheme + "://" + addr
			account, op := queue(t, db, account, raw, "berta@amt.example", "chef@amt.example")
			before := len(server.Deliveries())
			w := newWorker(db, account)
			after, err := runOnce(t, db, w, account.ID, op.ID)
			if err != nil || after.State != journal.Done || !strings.HasPrefix(after.Proof, "250 ") {
				t.Fatalf("%+v, %v", after, err)
			}
			all := server.Deliveries()[before:]
			if len(all) != 1 || string(all[0].Data) != raw || all[0].From != "anna@amt.example" || strings.Join(all[0].To, " ") != "berta@amt.example chef@amt.example" {
				t.Errorf("delivered %+v", all)
			}
			sent, err := db.MailList(context.Background(), mail.Query{Role: mail.RoleSent}, 0, 9)
			if err != nil || len(sent) != 1 {
				t.Errorf("sent folder: %v %v", sent, err)
			}
			if r := w.Report(); r.Sent != 1 || r.Bytes == 0 {
				t.Errorf("report %+v", r)
			}
		})
	}
}

func TestLargeMessage(t *testing.T) {
	server := servertest.FaultSMTP(t)
	db := openStore(t, storePath(t))
	body := raw + strings.Repeat("Zeile mit Text darin\r\n", storage.PieceSize/10)
	account, op := queue(t, db, accountOf(t, server), body, "b@amt.example")
	if after, err := runOnce(t, db, newWorker(db, account), account.ID, op.ID); after.State != journal.Done {
		t.Fatalf("%+v %v", after, err)
	}
	if d := server.Deliveries(); len(d) != 1 || string(d[0].Data) != body {
		t.Error("the octets differ")
	}
}

// What each failure comes to: before the final dot nothing has happened, after it only an answer tells.
func TestFaults(t *testing.T) {
	server := servertest.FaultSMTP(t)
	for _, c := range []struct {
		name  string
		step  servertest.Step
		fault servertest.Fault
		want  journal.State
		is    error
	}{
		{"cut at connect", servertest.StepConnect, servertest.Fault{Cut: true}, journal.Waiting, nil},
		{"busy at connect", servertest.StepConnect, servertest.Fault{Code: 421, Text: "later"}, journal.Waiting, transport.ErrServer},
		{"wrong password", servertest.StepAuth, servertest.Fault{Code: 535, Text: "no"}, journal.Waiting, transport.ErrSignIn},
		{"authentication is down", servertest.StepAuth, servertest.Fault{Code: 454, Text: "later"}, journal.Waiting, transport.ErrServer},
		{"sender refused", servertest.StepMail, servertest.Fault{Code: 553, Text: "not yours"}, journal.Failed, transport.ErrServer},
		{"sign in first", servertest.StepMail, servertest.Fault{Code: 530, Text: "who are you"}, journal.Waiting, transport.ErrSignIn},
		{"sender not now", servertest.StepMail, servertest.Fault{Code: 451, Text: "later"}, journal.Waiting, transport.ErrServer},
		{"cut at recipient", servertest.StepRcpt, servertest.Fault{Cut: true}, journal.Waiting, nil},
		{"greylisted", servertest.StepRcpt, servertest.Fault{Code: 450, Text: "later"}, journal.Waiting, transport.ErrServer},
		{"no such user", servertest.StepRcpt, servertest.Fault{Code: 550, Text: "unknown"}, journal.Failed, transport.ErrServer},
		{"hangs up at recipient", servertest.StepRcpt, servertest.Fault{Code: 421, Text: "bye"}, journal.Waiting, transport.ErrServer},
		{"cut while sending", servertest.StepData, servertest.Fault{Cut: true}, journal.InDoubt, nil},
		{"spam", servertest.StepDot, servertest.Fault{Code: 554, Text: "spam"}, journal.Failed, transport.ErrServer},
		{"disk full", servertest.StepDot, servertest.Fault{Code: 452, Text: "full"}, journal.Waiting, transport.ErrServer},
		{"cut before delivery", servertest.StepDot, servertest.Fault{Cut: true}, journal.InDoubt, nil},
		{"cut after delivery", servertest.StepReply, servertest.Fault{Cut: true}, journal.InDoubt, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			db := openStore(t, storePath(t))
			body := raw
			if c.step == servertest.StepData { // too long for the buffers in between, so that the break shows before the dot
				body += strings.Repeat("Zeile mit Text darin\r\n", 500_000)
				c.want = journal.Waiting
			}
			account, op := queue(t, db, accountOf(t, server), body, "berta@amt.example")
			before := len(server.Deliveries())
			server.FailOnce(c.step, c.fault)
			w := newWorker(db, account)
			op.State = journal.Running
			if err := db.WriteDurable(context.Background(), func(tx *storage.Tx) error { return tx.SaveOp(context.Background(), op) }); err != nil {
				t.Fatal(err)
			}
			res, err := w.Push(context.Background(), op)
			next := journal.Next(op, res.Outcome, "", time.Now(), 0)
			if next.State != c.want || err == nil || c.is != nil && !errors.Is(err, c.is) {
				t.Fatalf("%q, %v; want %q, %v", next.State, err, c.want, c.is)
			}
			if c.is == nil && !transport.IsConnectionError(err) {
				t.Errorf("not seen as a broken connection: %v", err)
			}
			server.Script(nil)
			if c.want != journal.Waiting {
				return
			}
			if res, err := w.Push(context.Background(), op); err != nil || res.Outcome != journal.Succeeded {
				t.Fatalf("the second attempt: %v %v", res.Outcome, err)
			}
			if n := len(server.Deliveries()) - before; n != 1 {
				t.Errorf("%d deliveries", n)
			}
		})
	}
}

func TestConnectionProblemsAreTold(t *testing.T) {
	server := servertest.FaultSMTP(t)
	good := accountOf(t, server)
	nobody, wrongCA, portal := good, good, good
	nobody.SMTPURL = "smtp://127.0.0.1:1"
	wrongCA.CAPEM = servertest.CA(t).CAPEM
	portal.SMTPURL = "smtps://" + server.Addr
	for name, c := range map[string]struct {
		account storage.Account
		secret  string
		want    transport.Cause
	}{
		"nobody listens":    {nobody, servertest.Password, transport.CauseUnreachable},
		"other certificate": {wrongCA, servertest.Password, transport.CauseCertificate},
		"no TLS there":      {portal, servertest.Password, transport.CauseNoTLS},
		"wrong password":    {good, "wrong", transport.CauseSignIn},
		"all is well":       {good, servertest.Password, transport.CauseNone},
	} {
		w := New(Config{Account: c.account, Secret: password(c.secret)})
		if err := w.Check(context.Background()); transport.CauseOf(err) != c.want {
			t.Errorf("%s: %q, %v", name, transport.CauseOf(err), err)
		}
	}
	w := New(Config{Account: good, Secret: func(context.Context) (string, error) { return "", errors.New("the keyring is closed") }})
	if err := w.Check(context.Background()); !errors.Is(err, transport.ErrSignIn) || !strings.Contains(err.Error(), "keyring") {
		t.Errorf("no secret: %v", err)
	}
	if err := New(Config{Account: storage.Account{SMTPURL: "gopher://x"}}).Check(context.Background()); !errors.Is(err, transport.ErrURL) {
		t.Errorf("address: %v", err)
	}
}

// After the answer was lost, a copy on the server is proof; without one there is doubt, but only after a look.
func TestSettle(t *testing.T) {
	ctx := context.Background()
	server := servertest.FaultSMTP(t)
	db := openStore(t, storePath(t))
	account := accountOf(t, server)
	account.IMAPURL = "imap://localhost"
	account, op := queue(t, db, account, raw, "berta@amt.example")
	w := newWorker(db, account)
	server.FailOnce(servertest.StepReply, servertest.Fault{Cut: true})
	if after, _ := runOnce(t, db, w, account.ID, op.ID); after.State != journal.InDoubt {
		t.Fatalf("%+v", after)
	}
	expect := func(what string, want journal.Outcome) {
		t.Helper()
		res, err := w.Settle(ctx, op)
		if res.Outcome != want || (want != journal.Succeeded) != errors.Is(err, ErrDoubt) {
			t.Errorf("%s: %v %v", what, res.Outcome, err)
		}
		if want == journal.Succeeded && res.Proof == "" {
			t.Errorf("%s: no proof", what)
		}
	}
	write := func(fn func(tx *storage.Tx) error) {
		t.Helper()
		if err := db.Write(ctx, fn); err != nil {
			t.Fatal(err)
		}
	}
	expect("nobody has looked", journal.Unknown)
	write(func(tx *storage.Tx) error {
		return tx.SaveConnection(ctx, storage.Connection{AccountID: account.ID, Protocol: "mail", LastOK: op.Updated.Add(-time.Hour)})
	})
	expect("somebody looked before", journal.Unknown)
	write(func(tx *storage.Tx) error {
		return tx.SaveConnection(ctx, storage.Connection{AccountID: account.ID, Protocol: "mail", LastOK: op.Updated.Add(time.Hour)})
	})
	expect("looked, not found", journal.Rejected)
	write(func(tx *storage.Tx) error {
		id, err := tx.AddFolder(ctx, storage.MailFolder{Folder: mail.Folder{AccountID: account.ID, Name: "INBOX"}, RemoteName: "INBOX"})
		if err != nil {
			return err
		}
		_, err = tx.AddMail(ctx, []storage.NewMail{{AccountID: account.ID, FolderID: id, UID: 7, MessageID: "one@amt.example", Received: time.Now()}})
		return err
	})
	expect("a copy came in", journal.Succeeded)
}

func TestNothingToSend(t *testing.T) {
	server := servertest.FaultSMTP(t)
	db := openStore(t, storePath(t))
	account, op := queue(t, db, accountOf(t, server), raw, "b@amt.example")
	err := db.WriteDurable(context.Background(), func(tx *storage.Tx) error {
		return tx.RemoveMail(context.Background(), []int64{op.Targets[0].ID})
	})
	if err != nil {
		t.Fatal(err)
	}
	if res, err := newWorker(db, account).Push(context.Background(), op); res.Outcome != journal.Rejected || !errors.Is(err, ErrNotWritten) {
		t.Errorf("%v %v", res.Outcome, err)
	}
	op.Payload = []byte("{")
	if res, err := newWorker(db, account).Push(context.Background(), op); res.Outcome != journal.Rejected || err == nil {
		t.Errorf("%v %v", res.Outcome, err)
	}
}

func TestWireAddress(t *testing.T) {
	for in, want := range map[string]string{"a@b.de": "a@b.de", "a@müller.example": "a@xn--mller-kva.example", "jörg@b.de": "jörg@b.de", "a": "a"} {
		if got := wireAddress(in); got != want {
			t.Errorf("%s: %s", in, got)
		}
	}
}
