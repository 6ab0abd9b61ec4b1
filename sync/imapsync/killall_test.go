// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/servertest"
)

// TestKilledAtEveryLine kills the program at each line that it sends while it moves, copies, deletes, marks, files a sent
// copy and replaces a draft: before the line reaches the server, and when the server has carried out its command but the
// program has not heard of it. After further starts everything is where it belongs, once, and what another program has
// marked as deleted is still there. Every twelfth line by default, from a random one on; with KONTOR_KILL=all each.
func TestKilledAtEveryLine(t *testing.T) {
	t.Parallel()
	for name, hide := range map[string][]string{"everything": nil, "no move": {"MOVE"}, "neither": {"MOVE", "UIDPLUS", "CONDSTORE", "QRESYNC"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := servertest.Dovecot(t)
			const most = 120 // lines of one synchronisation
			user := func(line int, after bool) string { return fmt.Sprintf("u%d%v", line, after) }
			for line := range most {
				server.User(t, user(line, false))
				server.User(t, user(line, true))
			}
			n := int(deadly(t, server, hide, user(0, true), &assassin{at: -1}))
			if n < 20 || n >= most {
				t.Fatalf("%d lines", n)
			}
			first, step := 1+rand.IntN(12), 12 //nolint:gosec // no secret
			if os.Getenv("KONTOR_KILL") == "all" {
				first, step = 1, 1
			}
			t.Logf("%d lines, from %d on", n, first)
			for line := first; line <= n; line += step {
				for _, after := range []bool{false, true} {
					t.Run(user(line, after), func(t *testing.T) {
						t.Parallel()
						deadly(t, server, hide, user(line, after), &assassin{at: int64(line), after: after})
					})
				}
			}
		})
	}
}

// deadly lets the program be killed once while all kinds of operations wait, and then run in peace. It gives the number of
// lines that the program sent at first.
func deadly(t *testing.T, server *servertest.IMAPServer, hide []string, user string, a *assassin) (sent int64) {
	t.Helper()
	proxy := servertest.Proxy(t, server.Addr)
	proxy.Hide(hide...)
	a.target = proxy.Addr
	l := labOf(t, server, proxy.Addr, user)
	ops, text := l.everyKind()
	process, dead := make(chan *os.Process, 1), make(chan struct{})
	var killed atomic.Bool
	a.kill = func() {
		killed.Store(true)
		_ = (<-process).Kill() // its last words may arrive after it has ended
		a.struck.Store(true)
		<-dead
	}
	account := l.account
	account.IMAPURL = "imap://" + a.listen(t)
	if err := l.db.Write(l.ctx, func(tx *storage.Tx) error { return tx.SaveAccount(l.ctx, account) }); err != nil {
		t.Fatal(err)
	}
	failed := runMailer(t, l.path, func(p *os.Process) { process <- p })
	close(dead)
	a.struck.Store(true)
	if sent = a.seen.Load(); failed && !killed.Load() {
		t.Error("it ended by itself, with an error")
	}
	for attempt := range 5 {
		done := true
		for _, op := range ops {
			done = l.isDone(op.ID, attempt == 4) && done
		}
		if done && attempt > 0 {
			break
		}
		runMailer(t, l.path, func(*os.Process) {})
	}
	l.wantVisible("INBOX", "<v2@amt.example>", `<v4@amt.example> \Flagged`)
	l.wantVisible("Archive", "<v0@amt.example>", "<v1@amt.example>", "<v2@amt.example>")
	l.wantVisible("Sent", `<v7@amt.example> \Seen`)
	l.wantVisible("Drafts", `<v30@amt.example> \Draft`)
	for _, folder := range []string{"INBOX", "Archive", "Drafts"} {
		if !slices.ContainsFunc(l.remote(folder), func(s string) bool { return strings.HasPrefix(s, "<v90@") }) {
			t.Errorf("what another program had marked as deleted is gone from %s", folder)
		}
	}
	for folder, want := range map[string]int{"INBOX": 2, "Archive": 3, "Sent": 1, "Drafts": 1} {
		if got := len(l.list(folder)); got != want {
			t.Errorf("%s shows %d here, want %d", folder, got, want)
		}
	}
	if raw, err := l.db.Body(l.ctx, l.list("Drafts")[0].ID); err != nil || string(raw) != text {
		t.Errorf("the draft reads %q, %v", raw, err)
	}
	return sent
}

// everyKind stores operations of every kind, and gives the newer text of the draft among them.
func (l *lab) everyKind() (ops []journal.Op, text string) {
	l.t.Helper()
	for n := range 5 {
		l.put("INBOX", letter(n))
	}
	for _, folder := range []string{"INBOX", "Archive", "Drafts"} {
		l.put(folder, letter(90), `\Deleted`)
	}
	l.pull()
	inbox, archive, drafts, sent := l.folder("INBOX").ID, l.folder("Archive"), l.folder("Drafts"), l.folder("Sent")
	draft := l.write(drafts, letter(30), 30, mail.Draft)
	save := mail.AppendOp{ID: draft, Folder: drafts.ID, Flags: mail.Draft}
	l.mustPush(l.op(journal.MailAppend, save, "messages", draft))
	l.pull()
	text = letter(30) + "Noch ein Satz.\r\n"
	l.rewrite(draft, 30, text)
	var ids []int64
	for n := range 5 {
		ids = append(ids, l.find(n).ID)
	}
	copied, filed := l.write(archive, letter(2), 2, 0), l.write(sent, letter(7), 7, mail.Seen)
	return []journal.Op{
		l.op(journal.MailMove, mail.MoveOp{IDs: ids[:2], From: inbox, To: archive.ID}, "messages", ids[:2]...),
		l.op(journal.MailAppend, mail.AppendOp{ID: filed, Folder: sent.ID, Flags: mail.Seen}, "messages", filed),
		l.op(journal.MailAppend, save, "messages", draft),
		l.op(journal.MailCopy, mail.CopyOp{IDs: ids[2:3], Copies: []int64{copied}, To: archive.ID}, "messages", ids[2], copied),
		l.op(journal.MailDelete, mail.DeleteOp{IDs: ids[3:4]}, "messages", ids[3]),
		l.op(journal.MailFlags, mail.FlagsOp{IDs: ids[4:], Add: mail.Flagged}, "messages", ids[4]),
	}, text
}
