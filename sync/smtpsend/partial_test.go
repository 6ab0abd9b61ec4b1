// SPDX-License-Identifier: EUPL-1.2

package smtpsend

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
)

func sendOpOf(t testing.TB, op journal.Op) mail.SendOp {
	t.Helper()
	var p mail.SendOp
	if err := json.Unmarshal(op.Payload, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// story is every operation that came of sending one message, oldest first.
func story(t testing.TB, db *storage.DB, first int64) []journal.Op {
	t.Helper()
	ops, err := db.GroupOps(context.Background(), first)
	if err != nil {
		t.Fatal(err)
	}
	return ops
}

func TestOthersGetItWhereSomeAreRefused(t *testing.T) {
	server := newPost(t)
	db := openStore(t, storePath(t))
	account, op := queue(t, db, server.account(), raw, "gut@a.example", "spaet@a.example", "nie@a.example", "auch@a.example")
	w := newWorker(db, account)
	server.reset(usual, map[string]string{
		"RCPT TO:<spaet@": "450 4.7.1 greylisted, come back", "RCPT TO:<nie@": "550 5.1.1 no such user",
	})
	after, err := runOnce(t, db, w, account.ID, op.ID)
	if err != nil || after.State != journal.Done || strings.Join(sendOpOf(t, after).To, " ") != "gut@a.example auch@a.example" {
		t.Fatalf("%+v %v", after, err)
	}
	if after.Proof != "250 2.0.0 Ok: queued as 4ABC" || mail.QueueID(after.Proof) != "4ABC" {
		t.Errorf("proof %q", after.Proof)
	}
	ops := story(t, db, op.ID)
	if len(ops) != 3 {
		t.Fatalf("%d operations", len(ops))
	}
	for i, want := range []struct {
		to, cause string
		state     journal.State
	}{{"spaet@a.example", "send.later", journal.Waiting}, {"nie@a.example", "send.no-mailbox", journal.Failed}} {
		rest := ops[i+1]
		p := sendOpOf(t, rest)
		if !slices.Equal(p.To, []string{want.to}) || !p.Rest || rest.State != want.state || rest.Cause != want.cause || !strings.Contains(rest.LastError, want.to) {
			t.Errorf("%+v: %+v", p, rest)
		}
	}
	shown := func() string {
		all, err := db.MailSummaries(context.Background(), []int64{op.Targets[0].ID})
		if err != nil || len(all) != 1 {
			t.Fatal(all, err)
		}
		f, err := db.MailFolder(context.Background(), all[0].FolderID)
		if err != nil {
			t.Fatal(err)
		}
		return string(f.Role)
	}
	if shown() != "sent" {
		t.Errorf("shown in %q", shown())
	}
	// The server takes the late one now, and the person gives up the other.
	server.reset(usual, nil)
	hurry(t, db, ops[1].ID)
	if late, err := runOnce(t, db, w, account.ID, ops[1].ID); err != nil || late.State != journal.Done {
		t.Errorf("%+v %v", late, err)
	}
	if got, _, _ := server.got(); fmt.Sprint(got) != "map[spaet@a.example:1]" {
		t.Errorf("delivered %v", got)
	}
	gone, err := journal.Cancel(ops[2], ops[2].Updated)
	if err == nil {
		err = db.WriteDurable(context.Background(), func(tx *storage.Tx) error { return tx.Drop(context.Background(), gone) })
	}
	if err != nil || shown() != "sent" {
		t.Errorf("given up: shown in %q, %v", shown(), err)
	}
}

// Where nobody was taken the message stays whole: it can be corrected before anybody has it.
func TestNobodyTaken(t *testing.T) {
	for _, c := range []struct {
		name    string
		answers map[string]string
		state   journal.State
		cause   string
	}{
		{"all later", map[string]string{"RCPT": "452 4.2.2 full"}, journal.Waiting, "send.full"},
		{"all never", map[string]string{"RCPT": "550 5.7.1 no"}, journal.Failed, "send.policy"},
		{"some never", map[string]string{"RCPT TO:<a@": "450 x", "RCPT TO:<b@": "550 x"}, journal.Failed, "send.several"},
		{"all never, but invited", map[string]string{"RCPT": "550 5.1.1 no", "DATA": "354 send it anyway"}, journal.Failed, "send.no-mailbox"},
		{"the sender", map[string]string{"MAIL": "553 5.1.8 not yours", "RCPT": "503 first MAIL", "DATA": "503 first MAIL"}, journal.Failed, "send.sender"},
		{"hangs up in between", map[string]string{"RCPT TO:<b@": "421 4.3.2 closing down"}, journal.Waiting, "send.busy"},
		{"no DATA", map[string]string{"DATA": "451 4.3.0 not now"}, journal.Waiting, "send.system"},
		{"spam", map[string]string{".": "554 5.7.1 spam"}, journal.Failed, "send.policy"},
		{"several lines", map[string]string{".": "554-5.6.0 first\r\n554-5.6.0\r\n554 5.6.0 last"}, journal.Failed, "send.refused"},
		{"later after all", map[string]string{".": "421 4.3.2 shutting down"}, journal.Waiting, "send.busy"},
		{"nonsense before the dot", map[string]string{"RCPT": "what?"}, journal.Waiting, ""},
		{"codes that change", map[string]string{"MAIL": "250-a\r\n550 b"}, journal.Waiting, ""},
		{"nonsense after the dot", map[string]string{".": "fine, I think"}, journal.InDoubt, ""},
		{"a question after the dot", map[string]string{".": "354 more?"}, journal.InDoubt, ""},
	} {
		for _, ext := range [][]string{usual, nil} {
			t.Run(c.name+fmt.Sprint(len(ext)), func(t *testing.T) {
				server := newPost(t)
				db := openStore(t, storePath(t))
				account, op := queue(t, db, server.account(), raw, "a@a.example", "b@a.example")
				w := newWorker(db, account)
				server.reset(ext, c.answers)
				after, _ := runOnce(t, db, w, account.ID, op.ID)
				if after.State != c.state || after.Cause != c.cause || after.LastError == "" {
					t.Errorf("%q cause %q: %s", after.State, after.Cause, after.LastError)
				}
				if got, _, _ := server.got(); len(got) != 0 {
					t.Errorf("delivered %v", got)
				}
				if after.State != journal.Waiting {
					return
				}
				server.reset(ext, nil)
				hurry(t, db, op.ID)
				after, _ = runOnce(t, db, w, account.ID, op.ID)
				if got, _, _ := server.got(); after.State != journal.Done || len(got) != 2 {
					t.Errorf("second attempt: %q, delivered %v", after.State, got)
				}
			})
		}
	}
}

// The connection is cut at any octet, in either direction, with and without pipelining, while some recipients are refused:
// nobody gets a message twice, nobody loses it, and there is doubt only once the message was asked for.
func TestCutAnywhere(t *testing.T) {
	ctx := context.Background()
	server := newPost(t)
	db := openStore(t, storePath(t))
	to := []string{"a@a.example", "b@a.example", "c@a.example"}
	account, first := queue(t, db, server.account(), raw, to...)
	rapid.Check(t, func(rt *rapid.T) {
		ext := rapid.SampledFrom([][]string{usual, {"SIZE 0"}}).Draw(rt, "ext")
		answers := map[string]string{}
		late := rapid.IntRange(0, 1<<len(to)-1).Draw(rt, "late")
		for i, addr := range to {
			if late>>i&1 == 1 {
				answers["RCPT TO:<"+addr] = "450 4.2.0 later"
			}
		}
		server.reset(ext, answers)
		in, out := -1, rapid.IntRange(0, 420).Draw(rt, "octets")
		if rapid.Bool().Draw(rt, "towards the server") {
			in, out = out, -1
		}
		server.cut(in, out)
		op := again(t, db, first)
		w := newWorker(db, account)
		defer w.Close() //nolint:errcheck // it never fails
		after, _ := runOnce(t, db, w, account.ID, op.ID)
		if after.State == journal.InDoubt && !server.asked() {
			rt.Fatal("in doubt although no message was asked for")
		}
		server.reset2()
		for range 4 {
			for _, o := range story(t, db, op.ID) {
				hurry(t, db, o.ID)
			}
			_, _ = runOnce(t, db, w, account.ID, op.ID)
		}
		got, _, _ := server.got()
		doubt := map[string]bool{}
		for _, o := range story(t, db, op.ID) {
			switch {
			case o.State == journal.Failed && o.LastError == ErrDoubt.Error():
				for _, addr := range sendOpOf(t, o).To {
					doubt[addr] = true
				}
			case o.State != journal.Done:
				rt.Fatalf("left as %q: %s", o.State, o.LastError)
			}
		}
		for _, addr := range to {
			if n := got[addr]; n > 1 || n == 0 && !doubt[addr] {
				rt.Fatalf("%s got it %d times, doubt %v", addr, n, doubt)
			}
		}
		if again, err := db.Op(ctx, op.ID); err != nil || again.State == journal.Done && len(sendOpOf(t, again).To) == 0 {
			rt.Fatalf("sent to nobody: %v", err)
		}
	})
}

func (p *post) asked() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.invited
}

// reset2 lets everything go well from now on, and remembers what was delivered.
func (p *post) reset2() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answers, p.cutIn, p.cutOut = nil, -1, -1
}

func TestOneConnectionForSeveral(t *testing.T) {
	server := newPost(t)
	db := openStore(t, storePath(t))
	account, op := queue(t, db, server.account(), raw, "a@a.example")
	w := newWorker(db, account)
	send := func() journal.Op {
		next := again(t, db, op)
		after, _ := runOnce(t, db, w, account.ID, next.ID)
		return after
	}
	for range 3 {
		if after := send(); after.State != journal.Done {
			t.Fatalf("%+v", after)
		}
	}
	if _, lines, conns := server.got(); conns != 1 {
		t.Errorf("%d connections: %v", conns, lines)
	}
	// One that has died, or that the server has had enough of, is replaced at once.
	if err := w.idle.raw.Close(); err != nil {
		t.Fatal(err)
	}
	if after := send(); after.State != journal.Done || after.Tries != 1 {
		t.Errorf("after the connection had died: %+v", after)
	}
	server.reset(usual, map[string]string{"RSET": "421 4.4.2 timeout"})
	if after := send(); after.State != journal.Done || after.Tries != 1 {
		t.Errorf("after a timeout: %+v", after)
	}
	if err := errors.Join(w.Close(), w.Close()); err != nil {
		t.Error(err)
	}
	if w.idle != nil {
		t.Error("a connection was left")
	}
}

// After doubt, a copy on the server proves the message for those that the server had taken; the others are asked for again.
// Where other messages have the same Message-ID a copy proves nothing.
func TestSettleKnowsWhoWasTaken(t *testing.T) {
	ctx := context.Background()
	for _, shared := range []bool{false, true} {
		server := newPost(t)
		db := openStore(t, storePath(t))
		account := server.account()
		account.IMAPURL = "imap://localhost"
		account, op := queue(t, db, account, raw, "a@a.example", "b@a.example")
		p := sendOpOf(t, op)
		p.Shared = shared
		err := db.Write(ctx, func(tx *storage.Tx) (err error) {
			if op.Payload, err = json.Marshal(p); err != nil {
				return err
			}
			id, err := tx.AddFolder(ctx, storage.MailFolder{Folder: mail.Folder{AccountID: account.ID, Name: "INBOX"}, RemoteName: "INBOX"})
			if err != nil {
				return err
			}
			if _, err = tx.AddMail(ctx, []storage.NewMail{{AccountID: account.ID, FolderID: id, UID: 7, MessageID: p.MessageID}}); err != nil {
				return err
			}
			op.State = journal.InDoubt
			return errors.Join(tx.SaveOp(ctx, op), tx.SetDot(ctx, op.ID, []string{"a@a.example"}))
		})
		if err != nil {
			t.Fatal(err)
		}
		w := newWorker(db, account)
		server.reset(usual, map[string]string{"RCPT": "451 4.3.0 not now"})
		after, _ := runOnce(t, db, w, account.ID, op.ID)
		if shared {
			if after.State != journal.Failed || after.Cause != "send.doubt" {
				t.Errorf("a copy of another message proved something: %+v", after)
			}
			continue
		}
		ops := story(t, db, op.ID)
		if after.State != journal.Done || !slices.Equal(sendOpOf(t, after).To, []string{"a@a.example"}) || len(ops) != 2 ||
			ops[1].State != journal.Waiting || !slices.Equal(sendOpOf(t, ops[1]).To, []string{"b@a.example"}) {
			t.Fatalf("%+v", ops)
		}
		server.reset(usual, nil)
		hurry(t, db, ops[1].ID)
		_, _ = runOnce(t, db, w, account.ID, ops[1].ID)
		if got, _, _ := server.got(); fmt.Sprint(got) != "map[b@a.example:1]" {
			t.Errorf("delivered %v", got)
		}
	}
}
