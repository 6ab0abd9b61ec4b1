// SPDX-License-Identifier: EUPL-1.2

package smtpsend

import (
	"bufio"
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"kontor/app/journal"
	"kontor/storage"
	"kontor/sync/servertest"
	"kontor/sync/transport"
)

// odd is a server that says just what it is told: first is its greeting, answers are by the first word of a command.
func odd(t *testing.T, greeting string, answers map[string]string) string {
	t.Helper()
	return servertest.Listen(t, func(c net.Conn) {
		_, _ = c.Write([]byte(greeting))
		r := bufio.NewReader(c)
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				return
			}
			word, _, _ := strings.Cut(strings.TrimSpace(line), " ")
			answer, ok := answers[strings.ToUpper(word)]
			if !ok {
				answer = "250 fine\r\n"
			}
			if _, err := c.Write([]byte(answer)); err != nil {
				return
			}
		}
	})
}

func TestOddServers(t *testing.T) {
	hello := "220 here\r\n"
	for name, c := range map[string]struct {
		addr string
		want error
	}{
		"a web server answers":     {odd(t, "HTTP/1.1 400 Bad Request\r\n\r\n", nil), transport.ErrPortal},
		"closed for today":         {odd(t, "554 no service\r\n", nil), transport.ErrServer},
		"refuses to be greeted":    {odd(t, hello, map[string]string{"EHLO": "501 no\r\n"}), transport.ErrServer},
		"takes STARTTLS back":      {odd(t, hello, map[string]string{"EHLO": "250-x\r\n250 STARTTLS\r\n", "STARTTLS": "454 not now\r\n"}), transport.ErrNoTLS},
		"words before encryption":  {odd(t, hello, map[string]string{"EHLO": "250-x\r\n250 STARTTLS\r\n", "STARTTLS": "220 go\r\n250 injected\r\n"}), transport.ErrPortal},
		"only strange mechanisms":  {odd(t, hello, map[string]string{"EHLO": "250-x\r\n250 AUTH GSSAPI\r\n"}), transport.ErrSignIn},
		"no password is asked for": {odd(t, hello, map[string]string{"EHLO": "250 x\r\n"}), nil},
		"LOGIN only":               {odd(t, hello, map[string]string{"EHLO": "250-x\r\n250 AUTH LOGIN\r\n", "AUTH": "535 wrong\r\n"}), transport.ErrSignIn},
	} {
		w := New(Config{Account: storage.Account{SMTPURL: "smtp://" + c.addr}, Secret: password("x")})
		if err := w.Check(context.Background()); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// Without encryption nothing is said to a server that is not this machine.
func TestEncryptionIsRequired(t *testing.T) {
	raw, err := transport.Dial(context.Background(), odd(t, "220 x\r\n", map[string]string{"EHLO": "250 x\r\n"}), nil)
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(raw)
	defer c.close()
	if err := c.secure(context.Background(), transport.Endpoint{Host: "mail.example", StartTLS: true}, ""); !errors.Is(err, transport.ErrNoTLS) {
		t.Error(err)
	}
	if err := c.secure(context.Background(), transport.Endpoint{Host: "x"}, "no certificate"); err == nil {
		t.Error("a broken certificate file was taken")
	}
}

func TestLimitsOfTheServer(t *testing.T) {
	hello := "220 here\r\n"
	small := odd(t, hello, map[string]string{"EHLO": "250-x\r\n250 SIZE 50\r\n"})
	for name, c := range map[string]struct {
		to   string
		want error
	}{
		"too large":       {"berta@amt.example", ErrTooLarge},
		"special letters": {"jörg@amt.example", ErrNoUTF8},
	} {
		db := openStore(t, storePath(t))
		body := raw
		if errors.Is(c.want, ErrNoUTF8) {
			body = "a: b\r\n\r\nx\r\n"
		}
		account, op := queue(t, db, storage.Account{SMTPURL: "smtp://" + small}, body, c.to)
		if res, err := newWorker(db, account).Push(context.Background(), op); res.Outcome != journal.Rejected || !errors.Is(err, c.want) {
			t.Errorf("%s: %v %v", name, res.Outcome, err)
		}
	}
}

// A server that could not be reached is not shown as connected because nothing had to be fetched from it.
func TestPullSaysNothingAboutTheConnection(t *testing.T) {
	server := servertest.FaultSMTP(t)
	db := openStore(t, storePath(t))
	account, op := queue(t, db, accountOf(t, server), raw, "b@amt.example")
	server.FailOnce(servertest.StepAuth, servertest.Fault{Code: 535, Text: "no"})
	if after, _ := runOnce(t, db, newWorker(db, account), account.ID, op.ID); after.State != journal.Waiting {
		t.Fatalf("%+v", after)
	}
	all, err := db.Connections(context.Background())
	if err != nil || len(all) != 1 || all[0].Cause != string(transport.CauseSignIn) || !all[0].LastOK.IsZero() {
		t.Errorf("%+v %v", all, err)
	}
}

// The program ends while the answer is awaited: it waits a moment longer, and the message counts as sent.
func TestEndWhileTheAnswerIsAwaited(t *testing.T) {
	server := servertest.FaultSMTP(t)
	db := openStore(t, storePath(t))
	account, op := queue(t, db, accountOf(t, server), raw, "b@amt.example")
	ctx, end := context.WithCancel(context.Background())
	server.FailOnce(servertest.StepReply, servertest.Fault{After: func() {
		end()
		<-ctx.Done()
	}})
	res, err := newWorker(db, account).Push(ctx, op)
	if err != nil || res.Outcome != journal.Succeeded {
		t.Errorf("%v %v", res.Outcome, err)
	}
	ctx, end = context.WithTimeout(context.Background(), time.Hour)
	end()
	if res, err := newWorker(db, account).Push(ctx, op); res.Outcome != journal.Retry || err == nil {
		t.Errorf("after the end: %v %v", res.Outcome, err)
	}
}
