// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/servertest"
	"kontor/sync/transport"
)

// lab is a mail server, a store and a Worker between them.
type lab struct {
	t       testing.TB
	ctx     context.Context
	server  *servertest.IMAPServer
	db      *storage.DB
	path    string // of the store
	account storage.Account
	w       *Worker
	other   *client // another program at the same mailbox
}

// newLab starts a server and an empty store.
func newLab(t testing.TB, opts ...servertest.Options) *lab {
	t.Helper()
	server := servertest.Dovecot(t, opts...)
	return labAt(t, server, server.Addr)
}

// labAt makes an empty store for a server that is reached at addr.
func labAt(t testing.TB, server *servertest.IMAPServer, addr string) *lab {
	t.Helper()
	return labOf(t, server, addr, servertest.User)
}

// labOf makes an empty store for one user of a server.
func labOf(t testing.TB, server *servertest.IMAPServer, addr, user string) *lab {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	l := &lab{t: t, ctx: ctx, server: server, path: filepath.Join(t.TempDir(), "kontor.db")}
	db, err := storage.Open(ctx, l.path)
	if err != nil {
		t.Fatal(err)
	}
	l.db = db
	l.account = storage.Account{Name: "Amt", User: user, IMAPURL: "imap://" + addr, CAPEM: server.Certs.CAPEM}
	err = db.Write(ctx, func(tx *storage.Tx) (err error) {
		l.account.ID, err = tx.AddAccount(ctx, l.account)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	l.w = l.worker()
	t.Cleanup(func() {
		defer cancel()
		if l.other != nil {
			_ = l.other.close()
		}
		if err := l.w.Close(); err != nil && !transport.IsConnectionError(err) {
			t.Log(err)
		}
		if err := db.Check(ctx); err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// worker makes a Worker, as after a start of the program.
func (l *lab) worker() *Worker {
	return New(Config{
		DB: l.db, Account: l.account, Secret: func(context.Context) (string, error) { return l.server.Password, nil },
		Log: slog.New(slog.NewTextHandler(testWriter{l.t}, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
}

type testWriter struct{ t testing.TB }

func (w testWriter) Write(b []byte) (int, error) {
	w.t.Log(strings.TrimSpace(string(b)))
	return len(b), nil
}

// elsewhere is the connection of another program, straight to the server.
func (l *lab) elsewhere() *client {
	l.t.Helper()
	if l.other == nil {
		c, err := dial(l.ctx, options{
			url: "imap://" + l.server.Addr, caPEM: l.server.Certs.CAPEM, user: l.account.User, secret: given(l.server.Password),
			log: slog.New(slog.DiscardHandler), count: &transport.Counter{}, odd: &l.w.odd,
		})
		if err != nil {
			l.t.Fatal(err)
		}
		l.other = c
	}
	return l.other
}

// do runs a command as another program would.
func (l *lab) do(parts ...string) {
	l.t.Helper()
	if _, err := l.elsewhere().run(parts...); err != nil {
		l.t.Fatalf("%s: %v", strings.Join(parts, ""), err)
	}
}

// put appends a message as another program would and returns its UID.
func (l *lab) put(folder string, raw string, flags ...string) uint32 {
	l.t.Helper()
	flags = slices.DeleteFunc(slices.Clone(flags), func(f string) bool { return f == "" })
	uid, _, err := l.elsewhere().appendMail(encodeName(folder), flags, time.Time{}, strings.NewReader(raw), int64(len(raw)))
	if err != nil {
		l.t.Fatal(err)
	}
	return uid
}

func (l *lab) pull() {
	l.t.Helper()
	if err := l.w.Pull(l.ctx); err != nil {
		l.t.Fatal(err)
	}
}

// letter is a small message.
func letter(n int) string {
	return fmt.Sprintf("From: Anna Amt <anna@amt.example>\r\nTo: bernd@amt.example\r\nSubject: =?utf-8?q?Vorgang_=C3=A4_%d?=\r\n"+
		"Date: Mon, 2 Mar 2026 08:%02d:00 +0100\r\nMessage-ID: <v%d@amt.example>\r\n\r\nText von Vorgang %d.\r\n", n, n%60, n, n)
}

func (l *lab) folder(name string) storage.MailFolder {
	l.t.Helper()
	f, err := l.db.FolderByName(l.ctx, l.account.ID, name)
	if err != nil {
		l.t.Fatalf("folder %s: %v", name, err)
	}
	return f
}

func (l *lab) list(folder string) []mail.Summary {
	l.t.Helper()
	list, err := l.db.MailList(l.ctx, mail.Query{FolderID: l.folder(folder).ID}, 0, 1000)
	if err != nil {
		l.t.Fatal(err)
	}
	return list
}

// find gives the message with this number, wherever it is shown.
func (l *lab) find(n int) mail.Summary {
	l.t.Helper()
	list, err := l.db.MailByMessageID(l.ctx, l.account.ID, fmt.Sprintf("v%d@amt.example", n))
	if err != nil || len(list) != 1 {
		l.t.Fatalf("message %d: %d rows, %v", n, len(list), err)
	}
	return list[0]
}

// remote lists the messages of a folder on the server: their Message-IDs with their flags.
func (l *lab) remote(folder string) []string {
	l.t.Helper()
	c := l.elsewhere()
	c.box = mailbox{}
	if err := c.selectBox(encodeName(folder), false); err != nil {
		l.t.Fatal(err)
	}
	var out []string
	c.on.fetch = func(f fetched) {
		id := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(string(f.content)), "Message-ID:"))
		out = append(out, strings.TrimSpace(id+" "+strings.Join(wireFlags(f.flags, f.keywords, false), " ")))
	}
	if c.box.exists > 0 {
		l.do("UID FETCH 1:* (UID FLAGS BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")
	}
	c.on = handlers{}
	slices.Sort(out)
	return out
}

func (l *lab) wantRemote(folder string, want ...string) {
	l.t.Helper()
	got := l.remote(folder)
	if !slices.Equal(got, want) {
		l.t.Errorf("%s on the server: %q, want %q", folder, got, want)
	}
}

// op stores an operation as a use case does.
func (l *lab) op(kind journal.Kind, payload any, tables string, ids ...int64) journal.Op {
	l.t.Helper()
	var op journal.Op
	err := l.db.WriteDurable(l.ctx, func(tx *storage.Tx) error {
		b, err := json.Marshal(payload)
		if err != nil {
			return err
		}
		op = journal.Op{AccountID: l.account.ID, Kind: kind, Payload: b}
		for _, id := range ids {
			op.Targets = append(op.Targets, journal.Target{Table: tables, ID: id})
		}
		if op, err = tx.AddOp(l.ctx, op); err != nil {
			return err
		}
		return tx.Recompute(l.ctx, op)
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return op
}

// push carries an operation out as the engine does and returns what it came to.
func (l *lab) push(op journal.Op) journal.Op {
	l.t.Helper()
	op = l.start(op)
	res, err := l.w.Push(l.ctx, op)
	return l.end(op, res.Outcome, res.Apply, err)
}

// settle asks about an operation in doubt as the engine does.
func (l *lab) settle(op journal.Op) journal.Op {
	l.t.Helper()
	res, err := l.w.Settle(l.ctx, op)
	return l.end(op, res.Outcome, res.Apply, err)
}

func (l *lab) start(op journal.Op) journal.Op {
	l.t.Helper()
	op, err := journal.Start(op, time.Now())
	if err != nil {
		l.t.Fatal(err)
	}
	if err := l.db.WriteDurable(l.ctx, func(tx *storage.Tx) error { return tx.SaveOp(l.ctx, op) }); err != nil {
		l.t.Fatal(err)
	}
	return op
}

func (l *lab) end(op journal.Op, outcome journal.Outcome, apply func(context.Context, *storage.Tx) error, cause error) journal.Op {
	l.t.Helper()
	reason := ""
	if cause != nil {
		reason = cause.Error()
	}
	op = journal.Next(op, outcome, reason, time.Now(), 0)
	err := l.db.WriteDurable(l.ctx, func(tx *storage.Tx) error {
		if err := tx.SaveOp(l.ctx, op); err != nil || apply == nil {
			return err
		}
		return apply(l.ctx, tx)
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return op
}

// mustPush carries an operation out that has to succeed.
func (l *lab) mustPush(op journal.Op) {
	l.t.Helper()
	if op = l.push(op); op.State != journal.Done {
		l.t.Fatalf("%s: %s %s", op.Kind, op.State, op.LastError)
	}
}

func port(addr string) string {
	_, p, _ := net.SplitHostPort(addr)
	return p
}

func causeOf(err error) transport.Cause { return transport.CauseOf(err) }

// epochDay is a moment for each number, in order.
func epochDay(n int) time.Time {
	return time.Date(2020, 1, 1, 8, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Hour)
}

// given is a secret that is known at once.
func given(secret string) func() (string, error) {
	return func() (string, error) { return secret, nil }
}
