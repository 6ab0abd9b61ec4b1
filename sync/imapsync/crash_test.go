// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/servertest"
)

// crashed carries an operation out whose result is lost: the program ended before it could store it.
func (l *lab) crashed(op journal.Op) journal.Op {
	l.t.Helper()
	op = l.start(op)
	if _, err := l.w.Push(l.ctx, op); err != nil {
		l.t.Fatal(err)
	}
	return l.restart(op)
}

// restart is what the program does first: what was running is in doubt.
func (l *lab) restart(op journal.Op) journal.Op {
	l.t.Helper()
	_ = l.w.Close()
	l.w = l.worker()
	op = journal.Recover(op, time.Now())
	if err := l.db.WriteDurable(l.ctx, func(tx *storage.Tx) error { return tx.SaveOp(l.ctx, op) }); err != nil {
		l.t.Fatal(err)
	}
	return op
}

// finish settles and repeats until the operation is done, as the engine does, with a pull in between.
func (l *lab) finish(op journal.Op) {
	l.t.Helper()
	for range 4 {
		switch op.State {
		case journal.Done:
			l.pull()
			return
		case journal.InDoubt:
			op = l.settle(op)
		case journal.Waiting:
			op = l.push(op)
		default:
			l.t.Fatalf("%s: %s %s", op.Kind, op.State, op.LastError)
		}
	}
	l.t.Fatalf("%s is still %s: %s", op.Kind, op.State, op.LastError)
}

// crashes runs fn once where the operation reached the server before the program ended, and once where it did not; each
// with and without a pull before the doubt is settled.
func crashes(t *testing.T, fn func(t *testing.T, l *lab, interrupt func(journal.Op) journal.Op)) {
	for name, capabilities := range servers {
		t.Run(name, func(t *testing.T) {
			server := servertest.Dovecot(t, servertest.Options{Capabilities: capabilities})
			ways := map[string]func(l *lab, op journal.Op) journal.Op{
				"reached": func(l *lab, op journal.Op) journal.Op { return l.crashed(op) },
				"pulled": func(l *lab, op journal.Op) journal.Op {
					op = l.crashed(op)
					l.pull()
					return op
				},
				"unreached": func(l *lab, op journal.Op) journal.Op { return l.restart(l.start(op)) },
			}
			for user := range ways { // all before the first one signs in: Dovecot looks at its list of users once a second
				server.User(t, user)
			}
			for user, interrupt := range ways {
				t.Run(user, func(t *testing.T) {
					t.Parallel()
					l := labOf(t, server, server.Addr, user)
					fn(t, l, func(op journal.Op) journal.Op { return interrupt(l, op) })
				})
			}
		})
	}
}

func TestMoveSurvivesACrash(t *testing.T) {
	crashes(t, func(t *testing.T, l *lab, interrupt func(journal.Op) journal.Op) {
		for n := range 3 {
			l.put("INBOX", letter(n))
		}
		l.pull()
		ids := []int64{l.find(0).ID, l.find(1).ID}
		to := l.folder("Archive")
		op := l.op(journal.MailMove, mail.MoveOp{IDs: ids, From: l.folder("INBOX").ID, To: to.ID}, "messages", ids...)
		l.finish(interrupt(op))
		l.wantRemote("Archive", "<v0@amt.example>", "<v1@amt.example>")
		list := l.list("Archive")
		if len(list) != 2 || list[0].ID != ids[1] || list[1].ID != ids[0] || len(l.list("INBOX")) != 1 {
			t.Errorf("archive %d, inbox %d", len(list), len(l.list("INBOX")))
		}
	})
}

func TestAppendSurvivesACrash(t *testing.T) {
	crashes(t, func(t *testing.T, l *lab, interrupt func(journal.Op) journal.Op) {
		l.pull()
		sent := l.folder("Sent")
		id := l.write(sent, letter(1), 1, mail.Seen)
		l.finish(interrupt(l.op(journal.MailAppend, mail.AppendOp{ID: id, Folder: sent.ID, Flags: mail.Seen}, "messages", id)))
		l.wantRemote("Sent", `<v1@amt.example> \Seen`)
		if list := l.list("Sent"); len(list) != 1 || list[0].ID != id {
			t.Errorf("%+v", list)
		}
	})
}

func TestCopySurvivesACrash(t *testing.T) {
	crashes(t, func(t *testing.T, l *lab, interrupt func(journal.Op) journal.Op) {
		l.put("INBOX", letter(1))
		l.pull()
		m, to := l.find(1), l.folder("Archive")
		id := l.write(to, letter(1), 1, 0)
		l.finish(interrupt(l.op(journal.MailCopy, mail.CopyOp{IDs: []int64{m.ID}, Copies: []int64{id}, To: to.ID}, "messages", m.ID, id)))
		l.wantRemote("INBOX", "<v1@amt.example>")
		l.wantRemote("Archive", "<v1@amt.example>")
		if list := l.list("Archive"); len(list) != 1 || list[0].ID != id {
			t.Errorf("%+v", list)
		}
	})
}

func TestDeletionSurvivesACrash(t *testing.T) {
	crashes(t, func(t *testing.T, l *lab, interrupt func(journal.Op) journal.Op) {
		l.put("INBOX", letter(1))
		l.put("INBOX", letter(2))
		l.pull()
		id := l.find(1).ID
		l.finish(interrupt(l.op(journal.MailDelete, mail.DeleteOp{IDs: []int64{id}}, "messages", id)))
		if list := l.list("INBOX"); len(list) != 1 || list[0].ID == id {
			t.Errorf("%+v", list)
		}
	})
}

func TestDraftSurvivesACrash(t *testing.T) {
	crashes(t, func(t *testing.T, l *lab, interrupt func(journal.Op) journal.Op) {
		l.pull()
		drafts := l.folder("Drafts")
		id := l.write(drafts, letter(1), 1, mail.Draft)
		payload := mail.AppendOp{ID: id, Folder: drafts.ID, Flags: mail.Draft}
		l.mustPush(l.op(journal.MailAppend, payload, "messages", id))
		l.pull()
		longer := letter(1) + "Noch ein Satz.\r\n"
		err := l.db.WriteDurable(l.ctx, func(tx *storage.Tx) error {
			m := storage.NewMail{AccountID: l.account.ID, MessageID: "v1@amt.example", Subject: "Entwurf", Size: int64(len(longer))}
			if err := tx.UpdateMail(l.ctx, id, m); err != nil {
				return err
			}
			return tx.AddBody(l.ctx, storage.Body{ID: id, Size: int64(len(longer)), Packed: storage.Pack([]byte(longer))})
		})
		if err != nil {
			t.Fatal(err)
		}
		l.finish(interrupt(l.op(journal.MailAppend, payload, "messages", id)))
		visible := slices.DeleteFunc(l.remote("Drafts"), func(s string) bool { return strings.Contains(s, `\Deleted`) })
		if len(visible) != 1 {
			t.Errorf("drafts on the server: %q", visible)
		}
		if list := l.list("Drafts"); len(list) != 1 || list[0].ID != id {
			t.Errorf("%+v", list)
		}
		if raw, err := l.db.Body(l.ctx, id); err != nil || string(raw) != longer {
			t.Errorf("octets %q %v", raw, err)
		}
	})
}

func TestPullGoesOnAfterACut(t *testing.T) {
	server := servertest.Dovecot(t)
	proxy := servertest.Proxy(t, server.Addr)
	l := labAt(t, server, proxy.Addr)
	l.account.IMAPURL = "imap://127.0.0.1:" + port(proxy.Addr)
	l.w = l.worker()
	const total = 900
	for n := range total {
		l.put("INBOX", letter(n))
	}
	cuts := 0
	for after := int64(3000); ; after = after*3/2 + 777 {
		proxy.CutDown(after)
		err := l.w.Pull(l.ctx)
		if err == nil {
			break
		}
		if cuts++; cuts > 60 {
			t.Fatal(err)
		}
		if err := l.db.Check(l.ctx); err != nil {
			t.Fatalf("after a cut at %d: %v", after, err)
		}
	}
	proxy.CutDown(-1)
	l.pull()
	if list := l.list("INBOX"); len(list) != total {
		t.Errorf("%d messages", len(list))
	}
	waiting, err := l.db.BodylessMail(l.ctx, l.account.ID, 0, 10)
	if err != nil || len(waiting) != 0 {
		t.Errorf("octets missing: %v %v", waiting, err)
	}
	if cuts < 3 {
		t.Errorf("only %d cuts: the test cuts nothing", cuts)
	}
	if r := l.w.Report(); r.New != total || r.Bodies > total {
		t.Errorf("fetched twice: %+v", r)
	}
}

func TestNewUIDValidityFetchesNothingAgain(t *testing.T) {
	l := newLab(t)
	for n := range 20 {
		l.put("INBOX", letter(n), `\Seen`)
	}
	l.pull()
	keep, moved, gone := l.find(3), l.find(4), l.find(5)
	op := l.op(journal.MailMove, mail.MoveOp{IDs: []int64{moved.ID}, From: moved.FolderID, To: l.folder("Archive").ID}, "messages", moved.ID)
	l.do(`SELECT INBOX`)
	l.do(`UID STORE 6 +FLAGS (\Deleted)`)
	l.do(`EXPUNGE`)
	_ = l.other.close()
	l.other = nil
	_ = l.w.Close()
	l.w = l.worker()
	files, err := filepath.Glob(filepath.Join(l.server.MailDir(servertest.User), "dovecot*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files { // the maildir's own UID list and index: Dovecot makes them anew, with another UIDVALIDITY
		if err := os.RemoveAll(f); err != nil {
			t.Fatal(err)
		}
	}
	old := l.folder("INBOX").UIDValidity
	time.Sleep(time.Until(time.Unix(int64(old)+2, 0))) // Dovecot takes the clock for it
	l.pull()
	if l.folder("INBOX").UIDValidity == old {
		t.Skip("the server kept its UIDVALIDITY")
	}
	if m := l.find(3); m.ID != keep.ID || !m.HasBody {
		t.Errorf("%+v, want %+v", m, keep)
	}
	if list, err := l.db.MailByMessageID(l.ctx, l.account.ID, gone.MessageID); err != nil || len(list) != 0 {
		t.Errorf("the deleted message is still there: %+v %v", list, err)
	}
	if r := l.w.Report(); r.Bodies != 0 || r.New != 0 {
		t.Errorf("fetched again: %+v", r)
	}
	l.mustPush(op)
	l.wantRemote("Archive", `<v4@amt.example> \Seen`)
}

func TestRenumberedFolderIsReadBeforeAChange(t *testing.T) {
	l := newLab(t)
	l.put("INBOX", letter(1))
	l.pull()
	f := l.folder("INBOX")
	f.UIDValidity++
	if err := l.db.Write(l.ctx, func(tx *storage.Tx) error { return tx.SaveFolder(l.ctx, f) }); err != nil {
		t.Fatal(err)
	}
	id := l.find(1).ID
	l.mustPush(l.op(journal.MailFlags, mail.FlagsOp{IDs: []int64{id}, Add: mail.Flagged}, "messages", id))
	l.wantRemote("INBOX", `<v1@amt.example> \Flagged`)
}

func TestPullEndsWhenItsContextDoes(t *testing.T) {
	server := servertest.Dovecot(t)
	proxy := servertest.Proxy(t, server.Addr)
	l := labAt(t, server, proxy.Addr)
	l.pull()
	proxy.Blackhole(true)
	ctx, cancel := context.WithCancel(l.ctx)
	ended := make(chan error, 1)
	go func() { ended <- l.w.Pull(ctx) }()
	cancel()
	select {
	case err := <-ended:
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the pull hangs")
	}
}

func TestWatchHearsOfNews(t *testing.T) {
	l := newLab(t)
	l.pull()
	ctx, cancel := context.WithCancel(l.ctx)
	heard := make(chan struct{}, 100)
	ended := make(chan error, 1)
	go func() { ended <- l.w.Watch(ctx, func() { heard <- struct{}{} }) }()
	for n := 0; ; n++ { // the first ones may come before IDLE has begun
		l.put("INBOX", letter(n))
		select {
		case <-heard:
		case <-time.After(2 * time.Second):
			if n < 5 {
				continue
			}
			t.Error("nothing heard")
		}
		break
	}
	cancel()
	select {
	case err := <-ended:
		if ctx.Err() == nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("watching does not end")
	}
}

func TestFetchingGivesWayToNews(t *testing.T) {
	l := newLab(t)
	l.w.hinted.Store(true)
	if l.w.interrupted() {
		t.Error("gives way although no engine comes back")
	}
	changed := func() {}
	l.w.watched.Store(&changed)
	if !l.w.interrupted() {
		t.Error("does not give way to news")
	}
	l.put("INBOX", letter(1))
	l.pull()
	if l.w.interrupted() {
		t.Error("news from before the pull stop it")
	}
}

func TestSignInErrors(t *testing.T) {
	l := newLab(t)
	l.server.Password = "falsch"
	w := l.worker()
	err := w.Test(l.ctx)
	if err == nil {
		t.Fatal("signed in with a wrong password")
	}
	if got := fmt.Sprint(causeOf(err)); got != "sign-in" {
		t.Errorf("cause %s: %v", got, err)
	}
	l.account.IMAPURL = "imap://" + l.server.Addr
	l.account.CAPEM = ""
	if got := fmt.Sprint(causeOf(l.worker().Test(l.ctx))); got != "certificate" {
		t.Errorf("cause %s for a certificate of nobody", got)
	}
}

func TestAServerThatLostItsMailsIsDoubted(t *testing.T) {
	l := newLab(t)
	for n := range 20 {
		l.put("INBOX", letter(n))
	}
	l.pull()
	_ = l.other.close()
	l.other = nil
	_ = l.w.Close()
	l.w = l.worker()
	old := l.folder("INBOX").UIDValidity
	time.Sleep(time.Until(time.Unix(int64(old)+2, 0))) // Dovecot takes the clock for it
	for _, pattern := range []string{"dovecot*", "cur/*", "new/*"} {
		files, err := filepath.Glob(filepath.Join(l.server.MailDir(l.account.User), pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if err := os.RemoveAll(f); err != nil {
				t.Fatal(err)
			}
		}
	}
	l.pull()
	l.put("INBOX", letter(500))
	l.pull()
	if list := l.list("INBOX"); len(list) != 20+1 {
		t.Errorf("%d messages", len(list))
	}
	open, err := l.db.Conflicts(l.ctx)
	if err != nil || len(open) != 1 || open[0].Kind != "mail" || open[0].RefID != l.folder("INBOX").ID {
		t.Errorf("%+v %v", open, err)
	}
	id := l.find(3).ID
	l.mustPush(l.op(journal.MailAppend, mail.AppendOp{ID: id, Folder: l.folder("INBOX").ID, Flags: mail.Seen}, "messages", id))
	l.wantRemote("INBOX", `<v3@amt.example> \Seen`, "<v500@amt.example>")
}
