// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"fmt"
	"io"
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

// sentBefore is the copy of a message that was sent some time ago, still to be put among the sent ones.
func (l *lab) sentBefore(n int, ago time.Duration) (id int64, op journal.Op) {
	l.t.Helper()
	sent := l.folder("Sent")
	id = l.write(sent, letter(n), n, mail.Seen)
	sending := l.op(journal.MailSend, mail.SendOp{ID: id}, "messages")
	op = l.op(journal.MailAppend, mail.AppendOp{ID: id, Folder: sent.ID, Flags: mail.Seen, Once: true}, "messages", id)
	sending.State, sending.Updated, op.DependsOn = journal.Done, time.Now().Add(-ago), sending.ID
	err := l.db.WriteDurable(l.ctx, func(tx *storage.Tx) error {
		if err := tx.SaveOp(l.ctx, sending); err != nil {
			return err
		}
		return tx.SaveOp(l.ctx, op)
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return id, op
}

// fromServer is how a server files a message: with fields of its own, and not as one that was read.
func (l *lab) fromServer(n int) uint32 {
	l.t.Helper()
	return l.put("Sent", "Received: by mail.example\r\n"+letter(n), "eilig")
}

func (l *lab) files() bool {
	l.t.Helper()
	files, err := l.db.FilesSent(l.ctx, l.account.ID)
	if err != nil {
		l.t.Fatal(err)
	}
	return files
}

// A server that files its own copy after ours was put there has two: ours goes, the local message stands for the other
// one, and the next copy is left to the server, as long as it files one.
func TestLateCopyOfTheServer(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.pull()
	l.put("Sent", letter(8), `\Deleted`) // somebody else's: it is not taken along
	first, op := l.sentBefore(1, time.Second)
	l.mustPush(op)
	l.pull()
	l.wantRemote("Sent", `<v1@amt.example> \Seen`, `<v8@amt.example> \Deleted`)
	l.fromServer(1)
	l.pull()
	l.wantRemote("Sent", `<v1@amt.example> \Seen eilig`, `<v8@amt.example> \Deleted`)
	if s := l.find(1); s.ID != first || s.Flags != mail.Seen || !slices.Equal(s.Keywords, []string{"eilig"}) || !l.files() {
		t.Errorf("%+v, files its own: %v", s, l.files())
	}
	r, _, err := l.db.BodyReader(l.ctx, first)
	if err != nil {
		t.Fatal(err)
	}
	if raw, err := io.ReadAll(r); err != nil || string(raw) != letter(1) {
		t.Errorf("what was sent is not kept: %q, %v", raw, err)
	}
	if err := l.elsewhere().selectBox("Sent", true); err != nil {
		t.Fatal(err)
	}
	l.do("UID STORE 1:* +FLAGS (\\Flagged)")
	l.pull()
	if s := l.find(1); !s.Flags.Has(mail.Flagged) {
		t.Error("the local message does not stand for the server's")
	}

	second, op := l.sentBefore(2, time.Second)
	op = l.push(op)
	if op.State != journal.Waiting || !strings.Contains(op.LastError, errFiling.Error()) || transport.CodeOf(errFiling) != "mail.filing" {
		t.Fatalf("the server's copy is not awaited: %s %s", op.State, op.LastError)
	}
	l.fromServer(2)
	l.mustPush(op)
	l.pull()
	if s := l.find(2); s.ID != second {
		t.Errorf("%+v", s)
	}

	third, op := l.sentBefore(3, mail.FilingPatience+time.Second)
	l.mustPush(op) // the server does not file it
	l.pull()
	if s := l.find(3); s.ID != third || l.files() {
		t.Errorf("%+v, files its own: %v", s, l.files())
	}
	l.wantRemote("Sent", `<v1@amt.example> \Seen \Flagged eilig`, `<v2@amt.example> eilig`, `<v3@amt.example> \Seen`, `<v8@amt.example> \Flagged \Deleted`)
}

// What was not put there from here stays, and so does what somebody has done something with, or what cannot be removed alone.
func TestCopiesOfOthersStay(t *testing.T) {
	seen := func(n int) string { return fmt.Sprintf(`<v%d@amt.example> \Seen`, n) }
	for name, c := range map[string]struct {
		capabilities string
		do           func(l *lab, id int64)
		sent         []string
		learns       bool
	}{
		"two of others": {do: func(l *lab, _ int64) {
			l.put("Sent", letter(5), `\Seen`)
			l.pull()
			l.put("Sent", letter(5), `\Seen`)
		}, sent: []string{seen(1), seen(5), seen(5)}},
		"moved elsewhere here": {do: func(l *lab, id int64) {
			l.mustPush(l.op(journal.MailMove, mail.MoveOp{IDs: []int64{id}, To: l.folder("Trash").ID}, "messages", id))
			l.put("Sent", letter(1), `\Seen`)
		}, sent: []string{seen(1)}},
		"something waits": {do: func(l *lab, id int64) {
			l.op(journal.MailFlags, mail.FlagsOp{IDs: []int64{id}, Add: mail.Flagged}, "messages", id)
			l.put("Sent", letter(1), `\Seen`)
		}, sent: []string{seen(1), seen(1)}},
		"copied by a person here": {do: func(l *lab, id int64) {
			twin := l.write(l.folder("Sent"), letter(1), 1, mail.Seen)
			l.mustPush(l.op(journal.MailCopy, mail.CopyOp{IDs: []int64{id}, Copies: []int64{twin}, To: l.folder("Sent").ID}, "messages", id, twin))
		}, sent: []string{seen(1), seen(1)}},
		"without UIDPLUS": {capabilities: plain, do: func(l *lab, _ int64) {
			l.put("Sent", letter(1), `\Seen`)
		}, sent: []string{seen(1), seen(1)}, learns: true},
		"late, but the server's": {do: func(l *lab, _ int64) {
			l.put("Sent", letter(1), `\Seen`)
		}, sent: []string{seen(1)}, learns: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, servertest.Options{Capabilities: c.capabilities})
			l.pull()
			id, op := l.sentBefore(1, time.Second)
			l.mustPush(op)
			l.pull()
			c.do(l, id)
			l.pull()
			l.pull()
			l.wantRemote("Sent", c.sent...)
			if l.files() != c.learns {
				t.Errorf("files its own: %v", l.files())
			}
		})
	}
}
