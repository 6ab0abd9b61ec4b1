// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"fmt"
	"strings"
	"testing"

	"kontor/app/mail"
	"kontor/storage"
)

// TestNewMessagesComeAsAWhole: where few are new, the turn that tells of them brings them, and nothing is asked for again;
// of a long one the header comes first.
func TestNewMessagesComeAsAWhole(t *testing.T) {
	l := newLab(t)
	l.put("INBOX", letter(0))
	l.pull()
	for _, c := range []struct {
		name  string
		mails int
		long  bool
		turns int64 // at the most, that for the list of folders included
	}{
		{"one", 1, false, 2},
		{"few", fewMails, false, 2},
		{"more", fewMails + 10, false, 2},
		{"long", 1, true, 3},
		{"many", freshMails + 1, false, 4},
	} {
		text := "Bescheid.\r\n"
		if c.long {
			text = strings.Repeat(text, freshOctets/8)
		}
		raw := func(i int) string {
			return fmt.Sprintf("From: Amt <amt@example.org>\r\nSubject: %s-%d\r\nMessage-ID: <%[1]s-%[2]d@x>\r\n\r\n%[3]s", c.name, i, text)
		}
		for i := range c.mails {
			l.put("INBOX", raw(i))
		}
		turns, bodies := l.w.turns.Load(), l.w.Report().Bodies
		l.pull()
		if n := l.w.turns.Load() - turns; n > c.turns {
			t.Errorf("%s: %d turns", c.name, n)
		}
		if n := l.w.Report().Bodies - bodies; n != c.mails {
			t.Errorf("%s: %d of %d bodies", c.name, n, c.mails)
		}
		stored := map[string]string{}
		for _, m := range l.list("INBOX") {
			whole, err := l.db.Body(l.ctx, m.ID)
			if err != nil {
				t.Fatal(err)
			}
			stored[m.Subject] = string(whole)
		}
		for i := range c.mails {
			if got := stored[fmt.Sprintf("%s-%d", c.name, i)]; got != raw(i) {
				t.Errorf("%s %d: %d octets are stored, ending in %q", c.name, i, len(got), got[max(0, len(got)-20):])
			}
		}
	}
}

// TestWhatIsNotWantedComesWithoutItsText: where a person keeps less than all, the header decides.
func TestWhatIsNotWantedComesWithoutItsText(t *testing.T) {
	l := newLab(t)
	l.put("INBOX", letter(0))
	l.pull()
	err := l.db.Write(l.ctx, func(tx *storage.Tx) error { return tx.SetKeep(l.ctx, l.account.ID, mail.Keep{Size: 100}) })
	if err != nil {
		t.Fatal(err)
	}
	l.put("INBOX", letter(1))
	l.pull()
	if m := l.find(1); m.HasBody || m.Subject == "" {
		t.Errorf("%+v", m)
	}
}

// TestWholeOf: what a server gives of a message that was asked for as a whole.
func TestWholeOf(t *testing.T) {
	t.Parallel()
	head := "Subject: x\r\n\r\n"
	for name, c := range map[string]struct {
		content   string
		size      int64 // 0 for not told
		all, head bool
	}{
		"all of it":                        {head + "text", int64(len(head)) + 4, true, true},
		"of a size that is not told":       {head + "text", 0, true, true},
		"less than the server says it has": {head + "te", int64(len(head)) + 4, false, true},
		"more than the server says it has": {head + "text", int64(len(head)), false, true},
		"cut off":                          {head + strings.Repeat("x", freshOctets-len(head)), 1 << 20, false, true},
		"cut off, with bare line ends":     {"Subject: x\n\n" + strings.Repeat("x", freshOctets-12), 1 << 20, false, true},
		"as long as what was asked for":    {head + strings.Repeat("x", freshOctets-len(head)), freshOctets, false, true},
		"cut off in the header":            {"Subject: " + strings.Repeat("x", freshOctets-9), 1 << 20, false, false},
		"less, and no end of the header":   {"Subject: x", 100, false, false},
	} {
		header, whole, ok := wholeOf(fetched{content: []byte(c.content), hasBody: true, size: c.size, hasSize: c.size != 0})
		if ok != c.head || (header != nil) != c.head || (whole != nil) != c.all {
			t.Errorf("%s: header %v, whole %v", name, header != nil, whole != nil)
		}
	}
}
