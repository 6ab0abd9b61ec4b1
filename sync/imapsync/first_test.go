// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"testing"
	"time"

	"kontor/app/mail"
	"kontor/sync/servertest"
)

// TestTheNewestAreThereFirst however large the mailbox is: the line is cut after what the first screen of a small one takes,
// and the newest messages of the large one can be listed all the same. The next attempt brings the rest.
func TestTheNewestAreThereFirst(t *testing.T) {
	t.Parallel()
	labs(t, map[string]int{"small": 150, "large": 900}, func(t *testing.T, l *lab, proxy *servertest.ProxyServer, total int) {
		l.do(`CREATE Akten`)
		for n := range total {
			l.put("INBOX", letter(n))
			if n%8 == 0 {
				l.put("Akten", letter(10000+n))
			}
		}
		const enough = 64 << 10 // octets; the headers of the large one take many times that
		proxy.CutDown(enough)
		started, turns := time.Now(), proxy.Turns.Load()
		if err := l.w.Pull(l.ctx); err == nil && total > 1000 {
			t.Fatal("the line was not cut")
		}
		t.Logf("%d messages: cut after %v and %d turns", total, time.Since(started), proxy.Turns.Load()-turns)
		proxy.CutDown(-1)
		inbox, err := l.db.FolderByRole(l.ctx, l.account.ID, mail.RoleInbox)
		if err != nil {
			t.Fatal(err)
		}
		list, err := l.db.MailList(l.ctx, mail.Query{FolderID: inbox.ID}, 0, firstScreen)
		if err != nil || len(list) != firstScreen {
			t.Fatalf("%d messages are there, %v", len(list), err)
		}
		for n := total - firstScreen; n < total; n++ {
			l.find(n) // fails where it is not there
		}
		l.pull()
		if n, err := l.db.MailCount(l.ctx, mail.Query{FolderID: inbox.ID}); err != nil || n != total {
			t.Errorf("%d of %d messages in the end, %v", n, total, err)
		}
	})
}
