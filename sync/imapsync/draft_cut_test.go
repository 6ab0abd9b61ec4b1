// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/sync/servertest"
)

// TestADraftIsNeverDoubled wherever the line is cut while a newer state takes the place of the one on the server: after
// the next attempt there is one, and it is the newer one. The line is cut after every 61st octet, from the first on or from
// KONTOR_CUT_FROM: with 1 to 61 after each one.
func TestADraftIsNeverDoubled(t *testing.T) {
	t.Parallel()
	from := int64(1)
	if n, err := strconv.ParseInt(os.Getenv("KONTOR_CUT_FROM"), 10, 64); err == nil && n > 0 {
		from = n
	}
	const step, sent, answered = 61, 800, 1600 // more than one conversation has, in octets
	labs(t, map[string][]string{"everything": nil, "nouidplus": {"UIDPLUS", "MOVE"}}, func(t *testing.T, l *lab, proxy *servertest.ProxyServer, hide []string) {
		proxy.Hide(hide...)
		l.pull()
		drafts := l.folder("Drafts")
		id := l.write(drafts, letter(1), 1, mail.Draft)
		save := func() journal.Op {
			return l.op(journal.MailAppend, mail.AppendOp{ID: id, Folder: drafts.ID, Flags: mail.Draft}, "messages", id)
		}
		l.mustPush(save())
		l.pull()
		cut := func(what string, set func(int64), at int64) {
			text := fmt.Sprintf("%sFassung %s %d.\r\n", letter(1), what, at)
			l.rewrite(id, 1, text)
			l.persist(save(), func(attempt int) {
				if set(at); attempt > 0 {
					set(-1)
				}
			})
			set(-1)
			l.pull()
			there := slices.DeleteFunc(l.remote("Drafts"), func(s string) bool { return strings.Contains(s, `\Deleted`) })
			list := l.list("Drafts")
			raw, err := l.db.Body(l.ctx, id)
			if len(there) != 1 || len(list) != 1 || list[0].ID != id || err != nil || string(raw) != text {
				t.Fatalf("%s after %d octets: on the server %q, here %+v, %q, %v", what, at, there, list, raw, err)
			}
		}
		for at := from; at < sent; at += step {
			cut("sent", proxy.CutUp, at)
		}
		for at := from; at < answered; at += step {
			cut("answered", proxy.CutDown, at)
		}
	})
}
