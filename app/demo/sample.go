// SPDX-License-Identifier: EUPL-1.2

package demo

import (
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
)

// specialUses lays down the folders that every user has (RFC 6154).
func (p *postbox) specialUses() {
	for _, f := range []struct {
		name string
		use  imap.MailboxAttr
	}{
		{"Entwürfe", imap.MailboxAttrDrafts},
		{"Gesendet", imap.MailboxAttrSent},
		{"Archiv", imap.MailboxAttrArchive},
		{"Spam", imap.MailboxAttrJunk},
		{"Papierkorb", imap.MailboxAttrTrash},
	} {
		_ = p.create(f.name, []imap.MailboxAttr{f.use})
	}
}

// person is somebody who writes in the sample data.
type person struct{ name, local string }

func (p person) email() string { return p.local + "@" + Domain }

var colleagues = []person{
	{"Lena Brandt", "lena.brandt"},
	{"Jonas Weber", "jonas.weber"},
	{"Katrin Vogel", "k.vogel"},
}

func isColleague(address string) bool {
	for _, p := range colleagues {
		if strings.EqualFold(p.email(), address) {
			return true
		}
	}
	return false
}

func (w *World) fill(now time.Time, seed uint64) {}
