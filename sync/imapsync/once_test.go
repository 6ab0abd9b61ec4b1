// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"testing"

	"kontor/app/journal"
	"kontor/app/mail"
)

// Some servers file what they send themselves: the copy of it is found rather than made a second time.
func TestSentCopyIsMadeOnce(t *testing.T) {
	overServers(t, func(t *testing.T, l *lab, _ bool) {
		l.pull()
		sent := l.folder("Sent")
		once := func(n int) (id int64, op journal.Op) {
			id = l.write(sent, letter(n), n, mail.Seen)
			return id, l.op(journal.MailAppend, mail.AppendOp{ID: id, Folder: sent.ID, Flags: mail.Seen, Once: true}, "messages", id)
		}
		filed, op := once(1)
		l.put("Sent", letter(1), `\Seen`)
		l.mustPush(op)
		alone, op := once(2)
		l.mustPush(op)
		l.pull()
		l.wantRemote("Sent", `<v1@amt.example> \Seen`, `<v2@amt.example> \Seen`)
		list := l.list("Sent")
		ids := map[int64]bool{}
		for _, s := range list {
			ids[s.ID] = true
		}
		if len(list) != 2 || !ids[filed] || !ids[alone] {
			t.Errorf("shown %+v, want %d and %d", list, filed, alone)
		}
	})
}
