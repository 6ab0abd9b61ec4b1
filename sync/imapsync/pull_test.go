// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"fmt"
	"strings"
	"testing"

	"kontor/app/mail"
	"kontor/sync/servertest"
)

// plain are the capabilities of a server without any extension that synchronisation profits from.
const plain = "IMAP4rev1 LITERAL+ AUTH=PLAIN"

func TestFirstPullBringsEverything(t *testing.T) {
	for name, capabilities := range map[string]string{"dovecot": "", "plain": plain, "condstore": plain + " CONDSTORE UIDPLUS"} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, servertest.Options{Capabilities: capabilities})
			for n := range 130 {
				l.put("INBOX", letter(n))
			}
			l.do(`CREATE "Vorg&AOQ-nge"`)
			l.do(`CREATE "Vorg&AOQ-nge/R&-D"`)
			l.put("Vorgänge/R&D", letter(500), `\Seen`, `\Flagged`, "Rot", "$Forwarded")
			l.pull()
			if list := l.list("INBOX"); len(list) != 130 || !list[0].HasBody || !list[129].HasBody {
				t.Fatalf("INBOX: %d messages", len(list))
			}
			m := l.find(500)
			if m.FolderID != l.folder("Vorgänge/R&D").ID || m.Flags != mail.Seen|mail.Flagged|mail.Forwarded || fmt.Sprint(m.Keywords) != "[Rot]" || m.Subject != "Vorgang ä 500" {
				t.Errorf("%+v", m)
			}
			raw, err := l.db.Body(l.ctx, m.ID)
			if err != nil || string(raw) != letter(500) {
				t.Errorf("octets: %q %v", raw, err)
			}
			r := l.w.Report()
			if r.New != 131 || r.Bodies != 131 || r.Bytes == 0 {
				t.Errorf("report %+v", r)
			}
			l.pull()
			if again := l.w.Report(); again.New != 131 || again.Bodies != 131 || again.Changed != 0 || again.Gone != 0 {
				t.Errorf("a second pull without news: %+v", again)
			}
			for role, name := range map[mail.Role]string{mail.RoleInbox: "INBOX", mail.RoleSent: "Sent", mail.RoleTrash: "Trash", mail.RoleDrafts: "Drafts"} {
				if f, err := l.db.FolderByRole(l.ctx, l.account.ID, role); err != nil || f.Name != name {
					t.Errorf("%s: %s %v", role, f.Name, err)
				}
			}
		})
	}
}

func TestPullBringsChanges(t *testing.T) {
	for name, capabilities := range map[string]string{"dovecot": "", "plain": plain, "condstore": plain + " CONDSTORE UIDPLUS"} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, servertest.Options{Capabilities: capabilities})
			for n := range 6 {
				l.put("INBOX", letter(n))
			}
			l.pull()
			l.do(`SELECT INBOX`)
			l.do(`UID STORE 1,2 +FLAGS (\Seen Blau)`)
			l.do(`UID STORE 3 +FLAGS (\Deleted)`)
			l.do(`EXPUNGE`)
			l.do(`UID STORE 4 +FLAGS (\Deleted)`)
			l.put("INBOX", letter(6), `\Answered`)
			l.pull()
			var got []string
			for _, m := range l.list("INBOX") {
				got = append(got, fmt.Sprintf("%s %d %v %v", strings.TrimPrefix(m.Subject, "Vorgang ä "), m.Flags, m.Keywords, m.HasBody))
			}
			if want := "[6 2 [] true 5 0 [] true 4 0 [] true 1 1 [Blau] true 0 1 [Blau] true]"; fmt.Sprint(got) != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if m := l.find(6); m.Snippet != "Text von Vorgang 6." {
				t.Errorf("the list does not show what a new message says: %q", m.Snippet)
			}
			if f := l.folder("INBOX"); f.Total != 5 || f.Unread != 3 {
				t.Errorf("counts %d %d", f.Total, f.Unread)
			}
			l.do(`UID STORE 1 -FLAGS (\Seen Blau)`)
			l.pull()
			if m := l.find(0); m.Flags != 0 || len(m.Keywords) != 0 {
				t.Errorf("flags were not removed: %+v", m)
			}
			if got := l.w.rest[0].qresync; got != (name == "dovecot") {
				t.Errorf("quick resynchronisation is on: %v", got)
			}
		})
	}
}

func TestFoldersAreRenamedAndRemovedThere(t *testing.T) {
	l := newLab(t)
	l.do(`CREATE Alt`)
	l.do(`CREATE Weg`)
	l.put("Alt", letter(1))
	l.put("Weg", letter(2))
	l.pull()
	id, row := l.folder("Alt").ID, l.find(1).ID
	l.do(`RENAME Alt Neu`)
	l.do(`DELETE Weg`)
	l.pull()
	if f := l.folder("Neu"); f.ID != id {
		t.Errorf("the renamed folder is another one: %d, want %d", f.ID, id)
	}
	if m := l.find(1); m.ID != row || !m.HasBody {
		t.Errorf("its message is another one: %+v", m)
	}
	if _, err := l.db.FolderByName(l.ctx, l.account.ID, "Weg"); err == nil {
		t.Error("the deleted folder is still there")
	}
	if r := l.w.Report(); r.Bodies != 2 {
		t.Errorf("%d octets fetched, want 2", r.Bodies)
	}
}
