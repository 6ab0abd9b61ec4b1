// SPDX-License-Identifier: EUPL-1.2

package smtpsend

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/servertest"
	"kontor/sync/transport"
)

const hidden = "Bcc: carla@amt.example,\r\n\tweitere@amt.example\r\nFrom: anna@amt.example\r\nbcc : carla@amt.example\r\nTo: berta@amt.example\r\n" +
	"Resent-Bcc: carla@amt.example\r\nSubject: Geheim\r\nMessage-ID: <one@amt.example>\r\n\r\nBcc: im Text bleibt stehen\r\n.\r\n..\r\nEnde\r\n"

// mailboxes is a real server with three people who write to each other.
func mailboxes(t *testing.T) (*servertest.IMAPServer, *servertest.SMTPServer, storage.Account) {
	t.Helper()
	d := servertest.Dovecot(t)
	for _, name := range []string{"berta", "carla"} {
		d.User(t, name)
	}
	s := servertest.SMTP(t, d)
	return d, s, storage.Account{User: servertest.User, SMTPURL: "smtp://" + s.Addr, CAPEM: s.Certs.CAPEM}
}

// What arrives says nothing about who got a hidden copy, on its way and in the mailboxes; everything else is as it was.
func TestHiddenRecipientsStayHidden(t *testing.T) {
	d, s, account := mailboxes(t)
	db := openStore(t, storePath(t))
	account, op := queue(t, db, account, hidden, "berta@amt.example", "carla@amt.example", "niemand@amt.example")
	after, err := runOnce(t, db, newWorker(db, account), account.ID, op.ID)
	if err != nil || after.State != journal.Done || len(sendOpOf(t, after).To) != 2 {
		t.Fatalf("%+v %v", after, err)
	}
	seen := [][]byte{s.Relay.Deliveries()[0].Data}
	for _, name := range []string{"berta", "carla"} {
		all, err := d.Messages(name, "")
		if err != nil || len(all) != 1 {
			t.Fatalf("%s has %d messages, %v", name, len(all), err)
		}
		seen = append(seen, all[0])
	}
	for _, raw := range seen {
		header, body, _ := strings.Cut(strings.ReplaceAll(string(raw), "\r\n", "\n"), "\n\n")
		for line := range strings.Lines(header) {
			if name, _, _ := strings.Cut(strings.ToLower(line), ":"); strings.HasSuffix(strings.TrimSpace(name), "bcc") || strings.Contains(line, "weitere@") {
				t.Errorf("%q arrived", line)
			}
		}
		if body != "Bcc: im Text bleibt stehen\n.\n..\nEnde\n" || !strings.Contains(header, "Subject: Geheim") {
			t.Errorf("%s", raw)
		}
	}
	kept, err := db.Body(context.Background(), op.Targets[0].ID)
	if err != nil || string(kept) != hidden {
		t.Errorf("the own copy has changed: %v", err)
	}
	if rest := story(t, db, op.ID); len(rest) != 2 || rest[1].State != journal.Failed || rest[1].Cause != "send.no-mailbox" {
		t.Errorf("%+v", rest)
	}
}

// The password is changed on the server: what is written waits, and goes once the new one is known.
func TestPasswordChangesOnTheServer(t *testing.T) {
	d, s, account := mailboxes(t)
	for _, policy := range []string{"", transport.SASLProof} {
		t.Run("policy "+policy, func(t *testing.T) {
			db := openStore(t, storePath(t))
			account, op := queue(t, db, account, raw, "berta@amt.example")
			if err := db.Write(context.Background(), func(tx *storage.Tx) error {
				return tx.SetSetting(context.Background(), transport.SettingSASL, policy)
			}); err != nil {
				t.Fatal(err)
			}
			secret := "veraltet"
			w := New(Config{DB: db, Account: account, Secret: func(context.Context) (string, error) { return secret, nil }})
			before := len(s.Relay.Deliveries())
			after, err := runOnce(t, db, w, account.ID, op.ID)
			if after.State != journal.Waiting || !errors.Is(err, transport.ErrSignIn) || after.Cause != string(transport.CauseSignIn) {
				t.Fatalf("%+v %v", after, err)
			}
			secret = d.Password
			hurry(t, db, op.ID)
			if after, err = runOnce(t, db, w, account.ID, op.ID); err != nil || after.State != journal.Done {
				t.Fatalf("%+v %v", after, err)
			}
			if n := len(s.Relay.Deliveries()) - before; n != 1 {
				t.Errorf("%d deliveries", n)
			}
			if err := w.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// Before anything is to be sent it is known whether that could be done, and how large a message may be.
func TestStateOfTheServerIsKnownBefore(t *testing.T) {
	ctx := context.Background()
	server := newPost(t)
	db := openStore(t, storePath(t))
	account, op := queue(t, db, server.account(), raw, "a@a.example")
	if err := db.Write(ctx, func(tx *storage.Tx) error {
		op.State = journal.Cancelled
		return tx.SaveOp(ctx, op)
	}); err != nil {
		t.Fatal(err)
	}
	w := newWorker(db, account)
	state := func() storage.Connection {
		t.Helper()
		_, _ = runOnce(t, db, w, account.ID, op.ID)
		c, err := w.connection(ctx, "send")
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	server.reset(usual, map[string]string{"EHLO": "421 4.3.2 not now"})
	if c := state(); c.Cause != string(transport.CauseServer) || !c.LastOK.IsZero() {
		t.Errorf("%+v", c)
	}
	server.reset([]string{"size 4711", "X-ODD", "AUTH=EXTERNAL"}, nil) // "AUTH=" in the old form, with nothing that can be used
	if c := state(); c.Cause != string(transport.CauseSignIn) {
		t.Errorf("%+v", c)
	}
	server.reset([]string{"size 4711"}, nil)
	if c := state(); c.Cause != "" || c.LastOK.IsZero() {
		t.Errorf("%+v", c)
	}
	if size, err := db.Setting(ctx, SizeSetting(account.ID), ""); err != nil || size != "4711" {
		t.Errorf("remembered %q %v", size, err)
	}
	_, _, conns := server.got()
	state()
	if _, _, again := server.got(); again != conns {
		t.Error("the server is bothered for nothing")
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}

// The commands say what the message needs and the server has offered, and nothing else.
func TestWhatTheServerIsAskedFor(t *testing.T) {
	server := newPost(t)
	all := []string{"SIZE", "8BITMIME", "SMTPUTF8", "DSN"}
	for _, c := range []struct {
		ext        []string
		p          mail.SendOp
		mail, rcpt string
	}{
		{nil, mail.SendOp{Notify: mail.NotifyAll, EightBit: true}, "MAIL FROM:<a@b.de>", "RCPT TO:<c@d.de>"},
		{all, mail.SendOp{}, "MAIL FROM:<a@b.de> SIZE=8", "RCPT TO:<c@d.de>"},
		{all, mail.SendOp{EightBit: true}, "MAIL FROM:<a@b.de> SIZE=8 BODY=8BITMIME", "RCPT TO:<c@d.de>"},
		{all, mail.SendOp{To: []string{"jörg+x=y@müller.de"}}, "MAIL FROM:<a@b.de> SIZE=8 BODY=8BITMIME SMTPUTF8", "RCPT TO:<jörg+x=y@xn--mller-kva.de>"},
		{
			all,
			mail.SendOp{MessageID: "1+2=3@x", Notify: mail.NotifyAll, To: []string{"c+e@d.de"}},
			"MAIL FROM:<a@b.de> SIZE=8 RET=HDRS ENVID=1+2B2+3D3@x", "RCPT TO:<c+e@d.de> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;c+2Be@d.de",
		},
		{
			all,
			mail.SendOp{Notify: "NEVER", To: []string{"ä@d.de"}, MessageID: "m"},
			"MAIL FROM:<a@b.de> SIZE=8 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=m", "RCPT TO:<ä@d.de> NOTIFY=NEVER ORCPT=utf-8;ä@d.de",
		},
	} {
		server.reset(c.ext, nil)
		w := New(Config{Account: server.account()})
		client, err := w.connect(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		c.p.From = "a@b.de"
		if c.p.To == nil {
			c.p.To = []string{"c@d.de"}
		}
		e, err := newEnvelope(c.p, strings.NewReader("A: b\r\n\r\n"), 8)
		if err != nil {
			t.Fatal(err)
		}
		if got := client.mailLine(e); got != c.mail {
			t.Errorf("%s, want %s", got, c.mail)
		}
		if got := client.rcptLine(e, 0); got != c.rcpt {
			t.Errorf("%s, want %s", got, c.rcpt)
		}
		d, err := client.send(context.Background(), e, func([]string) error { return nil })
		if err != nil || len(d.accepted) != 1 {
			t.Errorf("%s: %v", fmt.Sprint(c.ext), err)
		}
		client.quit()
	}
}
