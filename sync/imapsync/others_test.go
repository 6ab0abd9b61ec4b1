// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
)

// What another program does to the same messages while an operation waits.

func TestFlagsOfOthersStayTheirs(t *testing.T) {
	overServers(t, func(t *testing.T, l *lab, _ bool) {
		for n := range 3 {
			l.put("INBOX", letter(n), `\Answered`)
		}
		l.pull()
		ids := []int64{l.find(0).ID, l.find(1).ID, l.find(2).ID}
		op := l.op(journal.MailFlags, mail.FlagsOp{
			IDs: ids, Add: mail.Seen, Remove: mail.Answered, AddKeywords: []string{"Mein"}, RemoveKeywords: []string{"Dein"},
		}, "messages", ids...)
		l.do(`SELECT INBOX`)
		l.do(`UID STORE 1 +FLAGS (\Flagged Ihr)`)
		l.do(`UID STORE 2 -FLAGS (\Answered)`)
		l.do(`UID STORE 3 +FLAGS (\Seen Dein)`)
		l.mustPush(op)
		want := []string{`<v0@amt.example> \Seen \Flagged Ihr Mein`, `<v1@amt.example> \Seen Mein`, `<v2@amt.example> \Seen Mein`}
		l.wantRemote("INBOX", want...)
		if m := l.find(0); m.Flags != mail.Seen|mail.Flagged || fmt.Sprint(m.Keywords) != "[Ihr Mein]" {
			t.Errorf("what others changed is not seen at once: %+v", m)
		}
		l.pull()
		if m := l.find(2); m.Flags != mail.Seen || fmt.Sprint(m.Keywords) != "[Mein]" {
			t.Errorf("after the pull: %+v", m)
		}
	})
}

// moveAway is another program that moves a message of INBOX to a folder.
func (l *lab) moveAway(uid int, folder string) {
	l.t.Helper()
	l.do(`SELECT INBOX`)
	l.do(fmt.Sprintf(`UID COPY %d %s`, uid, folder))
	l.expunge(uid)
}

// expunge is another program that deletes a message of INBOX.
func (l *lab) expunge(uid int) {
	l.t.Helper()
	l.do(`SELECT INBOX`)
	l.do(fmt.Sprintf(`UID STORE %d +FLAGS.SILENT (\Deleted)`, uid))
	l.do(`EXPUNGE`)
}

// TestWhatAnotherProgramMovedIsFound: a move and a mark reach a message where it is now, whether or not that was seen before.
func TestWhatAnotherProgramMovedIsFound(t *testing.T) {
	for _, seen := range []bool{true, false} {
		t.Run(fmt.Sprint("seen ", seen), func(t *testing.T) {
			overServers(t, func(t *testing.T, l *lab, _ bool) {
				l.do(`CREATE Akten`)
				l.put("Akten", letter(9))
				l.put("INBOX", letter(1))
				l.put("INBOX", letter(2))
				l.pull()
				one, two := l.find(1).ID, l.find(2).ID
				move := l.op(journal.MailMove, mail.MoveOp{IDs: []int64{one}, From: l.folder("INBOX").ID, To: l.folder("Archive").ID}, "messages", one)
				mark := l.op(journal.MailFlags, mail.FlagsOp{IDs: []int64{two}, Add: mail.Flagged}, "messages", two)
				l.moveAway(1, "Akten")
				l.moveAway(2, "Akten")
				if seen {
					l.pull()
				}
				l.mustPush(move)
				l.mustPush(mark)
				l.pull()
				l.wantVisible("Akten", "<v2@amt.example> \\Flagged", "<v9@amt.example>")
				l.wantVisible("Archive", "<v1@amt.example>")
				if list := l.list("Archive"); len(list) != 1 || list[0].ID != one || !list[0].HasBody {
					t.Errorf("moved: %+v", list)
				}
				if list := l.list("Akten"); len(list) != 2 || !slices.ContainsFunc(list, func(m mail.Summary) bool { return m.ID == two && m.Flags == mail.Flagged }) {
					t.Errorf("marked: %+v", list)
				}
			})
		})
	}
}

// wantVisible compares what the server has in a folder, in any order, without what is marked as deleted.
func (l *lab) wantVisible(folder string, want ...string) {
	l.t.Helper()
	got := slices.DeleteFunc(l.remote(folder), func(s string) bool { return strings.Contains(s, `\Deleted`) })
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		l.t.Errorf("%s has %q, want %q", folder, got, want)
	}
}

// TestWhatAPersonWantsToKeepIsNotLost: another program deletes what is to be moved or copied. What goes to the bin may be
// gone; anything else is put where the person wanted it, from what is here of it.
func TestWhatAPersonWantsToKeepIsNotLost(t *testing.T) {
	overServers(t, func(t *testing.T, l *lab, _ bool) {
		for n := range 4 {
			l.put("INBOX", letter(n), `\Seen`, "rot")
		}
		l.pull()
		inbox, to, bin := l.folder("INBOX").ID, l.folder("Archive").ID, l.folder("Trash").ID
		id := func(n int) int64 { return l.find(n).ID }
		copied := l.write(l.folder("Archive"), letter(2), 2, mail.Seen)
		original := slices.DeleteFunc(l.list("INBOX"), func(s mail.Summary) bool { return s.MessageID != "v2@amt.example" })[0].ID
		ops := []journal.Op{
			l.op(journal.MailMove, mail.MoveOp{IDs: []int64{id(0), id(3)}, From: inbox, To: to}, "messages", id(0), id(3)),
			l.op(journal.MailMove, mail.MoveOp{IDs: []int64{id(1)}, From: inbox, To: bin}, "messages", id(1)),
			l.op(journal.MailCopy, mail.CopyOp{IDs: []int64{original}, Copies: []int64{copied}, To: to}, "messages", original, copied),
		}
		for uid := 1; uid <= 3; uid++ {
			l.expunge(uid)
		}
		for _, op := range ops {
			l.mustPush(op)
		}
		l.pull()
		l.pull()
		l.wantVisible("Archive", `<v0@amt.example> \Seen rot`, `<v2@amt.example> \Seen`, `<v3@amt.example> \Seen rot`)
		l.wantVisible("Trash")
		l.wantVisible("INBOX")
		if a, b, c := len(l.list("Archive")), len(l.list("Trash")), len(l.list("INBOX")); a != 3 || b != 0 || c != 0 {
			t.Errorf("here: archive %d, bin %d, inbox %d", a, b, c)
		}
	})
}

func TestWhatIsNowhereIsReported(t *testing.T) {
	l := newLab(t)
	l.put("INBOX", letter(1))
	l.pull()
	id := l.find(1).ID
	if err := l.db.Write(l.ctx, func(tx *storage.Tx) error { return tx.ForgetBody(l.ctx, id, 10) }); err != nil {
		t.Fatal(err)
	}
	op := l.op(journal.MailMove, mail.MoveOp{IDs: []int64{id}, From: l.folder("INBOX").ID, To: l.folder("Archive").ID}, "messages", id)
	l.expunge(1)
	if op = l.push(op); op.State != journal.Failed || op.LastError != ErrGone.Error() {
		t.Errorf("%s: %s", op.State, op.LastError)
	}
	l.pull()
	if list := l.list("Archive"); len(list) != 1 { // what is known of it stays until the person has decided
		t.Errorf("%+v", list)
	}
	dropped, err := journal.Cancel(op, epochDay(1))
	if err == nil {
		err = l.db.WriteDurable(l.ctx, func(tx *storage.Tx) error { return tx.Drop(l.ctx, dropped) })
	}
	if err != nil {
		t.Fatal(err)
	}
	l.pull()
}

// TestKeywordsTheServerDoesNotKeep: they stay here, whatever the server says of the message later, and the proof says so.
func TestKeywordsTheServerDoesNotKeep(t *testing.T) {
	var mu sync.Mutex
	flags := `\Seen`
	header := literal("Subject: Eins\r\nMessage-ID: <a@x>\r\n\r\n")
	l := &lab{t: t}
	play := func(command string) (string, string) {
		mu.Lock()
		defer mu.Unlock()
		line := fmt.Sprintf("* 1 FETCH (UID 10 FLAGS (%s) RFC822.SIZE 0 BODY[HEADER] %s)\r\n", flags, header)
		switch {
		case strings.HasPrefix(command, "SELECT"):
			return "* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [PERMANENTFLAGS (\\Seen \\Flagged)] limited\r\n", ""
		case strings.HasPrefix(command, "UID STORE"):
			if strings.Contains(command, "rot") {
				return "", "NO cannot"
			}
			flags += ` \Flagged`
			return "", ""
		case strings.Contains(command, "(UID FLAGS)"):
			return fmt.Sprintf("* 1 FETCH (UID 10 FLAGS (%s))\r\n", flags), ""
		}
		return oneFolder(1, line, "")(command)
	}
	l.w, l.db, l.ctx = scriptedWorker(t, scripted(t, hello, play))
	l.account.ID = 1
	l.pull()
	id := l.list("INBOX")[0].ID
	shown := func(when string, want mail.Flags, words string) {
		t.Helper()
		if m := l.list("INBOX")[0]; m.Flags != want || fmt.Sprint(m.Keywords) != words {
			t.Errorf("%s: %+v", when, m)
		}
	}
	l.mustPush(l.op(journal.MailFlags, mail.FlagsOp{IDs: []int64{id}, Add: mail.Flagged, AddKeywords: []string{"rot"}}, "messages", id))
	shown("once it is done", mail.Seen|mail.Flagged, "[rot]")
	mu.Lock()
	flags = `\Flagged`
	mu.Unlock()
	l.pull()
	shown("after the server spoke", mail.Flagged, "[rot]")
	op := l.op(journal.MailFlags, mail.FlagsOp{IDs: []int64{id}, RemoveKeywords: []string{"rot"}}, "messages", id)
	l.mustPush(op)
	l.pull()
	shown("taken away", mail.Flagged, "[]")
}

func TestSubscriptions(t *testing.T) {
	l := newLab(t)
	for _, name := range []string{"Akten", "Akten/2025", "Akten/2026"} {
		l.do("CREATE " + name)
		l.do("SUBSCRIBE " + name)
	}
	l.pull()
	l.mustPush(l.op(journal.MailSubscribe, mail.FolderOp{ID: l.folder("Akten/2025").ID}, "folders", l.folder("Akten/2025").ID))
	parent := l.folder("Akten")
	l.mustPush(l.op(journal.MailFolderRename, mail.FolderOp{ID: parent.ID, From: "Akten", Name: "Neu"}, "folders",
		parent.ID, l.folder("Akten/2025").ID, l.folder("Akten/2026").ID))
	l.pull()
	for name, want := range map[string]bool{"Neu": true, "Neu/2025": false, "Neu/2026": true} {
		if f := l.folder(name); f.Subscribed != want {
			t.Errorf("%s: subscribed %v", name, f.Subscribed)
		}
	}
}

// TestAMoveThatAnotherProgramHasBegun: where the server cannot move, another program has copied the message to where it is
// to go and was cut off. It is there once in the end.
func TestAMoveThatAnotherProgramHasBegun(t *testing.T) {
	overServers(t, func(t *testing.T, l *lab, _ bool) {
		l.put("INBOX", letter(1))
		l.put("INBOX", letter(2))
		l.pull()
		one, two := l.find(1).ID, l.find(2).ID
		inbox, to := l.folder("INBOX").ID, l.folder("Archive").ID
		op := l.op(journal.MailMove, mail.MoveOp{IDs: []int64{one, two}, From: inbox, To: to}, "messages", one, two)
		if !strings.HasSuffix(t.Name(), "/dovecot") { // that one can MOVE
			l.do(`SELECT INBOX`)
			l.do(`UID COPY 1 Archive`)
		}
		l.mustPush(op)
		l.pull()
		l.wantVisible("Archive", "<v1@amt.example>", "<v2@amt.example>")
		l.wantVisible("INBOX")
		if here := l.list("Archive"); len(here) != 2 || !slices.ContainsFunc(here, func(m mail.Summary) bool { return m.ID == one }) {
			t.Errorf("here: %+v", here)
		}
	})
}

// TestWhatIsMarkedAsDeletedHasNotArrived: a message goes to a folder where a copy of it, marked as deleted, was left behind.
func TestWhatIsMarkedAsDeletedHasNotArrived(t *testing.T) {
	overServers(t, func(t *testing.T, l *lab, _ bool) {
		l.put("INBOX", letter(1))
		l.pull()
		one, inbox, to := l.find(1).ID, l.folder("INBOX").ID, l.folder("Archive").ID
		op := l.op(journal.MailMove, mail.MoveOp{IDs: []int64{one}, From: inbox, To: to}, "messages", one)
		l.do(`SELECT INBOX`)
		l.do(`UID COPY 1 Archive`)
		l.do(`SELECT Archive`)
		l.do(`UID STORE 1 +FLAGS.SILENT (\Deleted)`)
		l.mustPush(op)
		l.pull()
		l.wantVisible("Archive", "<v1@amt.example>")
		l.wantVisible("INBOX")
	})
}

// TestACopyWhoseOriginalHasGone: the original of a copy within one folder is deleted after others have copied it.
func TestACopyWhoseOriginalHasGone(t *testing.T) {
	overServers(t, func(t *testing.T, l *lab, _ bool) {
		l.put("INBOX", letter(1))
		l.pull()
		one, inbox := l.find(1).ID, l.folder("INBOX").ID
		twin := l.write(l.folder("INBOX"), letter(1), 1, 0)
		op := l.op(journal.MailCopy, mail.CopyOp{IDs: []int64{one}, Copies: []int64{twin}, To: inbox}, "messages", one, twin)
		l.do(`SELECT INBOX`)
		l.do(`UID COPY 1 INBOX`)
		l.expunge(1)
		l.mustPush(op)
		l.pull()
		there := slices.DeleteFunc(l.remote("INBOX"), func(s string) bool { return strings.Contains(s, `\Deleted`) })
		if here := l.list("INBOX"); len(there) != 1 || len(here) != 1 {
			t.Errorf("the server has %q, here are %+v", there, here)
		}
	})
}
