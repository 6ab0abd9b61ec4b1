// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"

	"kontor/app"
)

// furnish puts messages with flags, keywords and dates of their own into folders of the server.
func (p *post) furnish() {
	p.t.Helper()
	for _, f := range []string{"Vorgänge", "Vorgänge/2026", "Leer"} {
		p.must(p.other.Create(f, nil).Wait())
	}
	n := 0
	for _, f := range []string{"INBOX", "Vorgänge", "Vorgänge/2026", "Sent"} {
		for _, flags := range [][]imap.Flag{
			nil, {imap.FlagSeen}, {imap.FlagSeen, imap.FlagAnswered, imap.FlagFlagged}, {imap.FlagSeen, imap.FlagForwarded, "eilig"}, {imap.FlagDraft, "$MDNSent", "az-12.3", "eilig"},
		} {
			p.append(f, letter(n), flags...)
			n++
		}
	}
	p.append("INBOX", letter(1), imap.FlagSeen) // the same once more
}

// dates lists when the server received each message.
func (p *post) dates() []string {
	p.t.Helper()
	folders, err := p.other.List("", "*", nil).Collect()
	p.must(err)
	var all []string
	for _, f := range folders {
		selected, err := p.other.Select(f.Mailbox, nil).Wait()
		p.must(err)
		if selected.NumMessages == 0 {
			continue
		}
		list, err := p.other.Fetch(imap.SeqSet{{Start: 1}}, &imap.FetchOptions{InternalDate: true, Envelope: true}).Collect()
		p.must(err)
		for _, m := range list {
			all = append(all, line(f.Mailbox, m.Envelope.Subject, fmt.Sprint(m.InternalDate.Unix())))
		}
	}
	return all
}

// An account goes from one server to another by way of an archive, and nothing is lost: octets, flags, keywords, dates,
// folders.
func TestArchiveTravelsBetweenServers(t *testing.T) {
	from := startPost(t, "anna")
	from.furnish()
	from.setUp()
	from.sync()
	file := filepath.Join(t.TempDir(), "konto.zip")
	out := get[app.Archived](from.office, "account", "export", "amt", file)
	if out.Mails != 21 || out.Missing != 0 {
		t.Fatalf("%+v", out)
	}
	to := postAt(t, from.server, "bernd")
	if why := to.refused(exitFailed, "account", "import", "amt", file); !strings.Contains(why, "account password amt") {
		t.Errorf("an account that there is not: %s", why)
	}
	to.do("account", "remove", "amt")
	to.setUp()
	to.sync()
	in := get[app.Archived](to.office, "account", "import", "amt", file)
	if in.Mails != out.Mails || in.Known != 0 {
		t.Fatalf("%+v of %+v", in, out)
	}
	to.sync()
	to.same()
	differ(t, "the two servers", to.there(), from.there())
	differ(t, "dates", to.dates(), from.dates())
	again := get[app.Archived](to.office, "account", "import", "amt", file)
	if again.Mails != 0 || again.Known != out.Mails {
		t.Errorf("once more: %+v", again)
	}
	to.sync()
	differ(t, "the two servers after a second import", to.there(), from.there())
}

// A Maildir goes the same way, message by message and folder by folder.
func TestMaildirTravelsBetweenServers(t *testing.T) {
	from := startPost(t, "anna")
	from.furnish()
	from.setUp()
	from.sync()
	root := filepath.Join(t.TempDir(), "Maildir")
	for folder, dir := range map[string]string{"INBOX": "", "Vorgänge": ".Vorg&AOQ-nge", "Vorgänge/2026": ".Vorg&AOQ-nge.2026", "Sent": ".Sent"} {
		from.do("mail", "export", folder, filepath.Join(root, dir)+string(os.PathSeparator))
	}
	to := postAt(t, from.server, "bernd")
	to.setUp()
	to.sync()
	to.must(to.other.Create("Alt", nil).Wait())
	to.sync()
	if n := get[map[string]int](to.office, "mail", "import", "Alt", root); n["added"] != 21 {
		t.Fatalf("%v", n)
	}
	to.sync()
	to.same()
	var want []string
	for _, l := range from.there() {
		if rest, ok := strings.CutPrefix(l, "INBOX"); ok {
			want = append(want, "Alt"+rest)
		} else {
			want = append(want, "Alt/"+l)
		}
	}
	differ(t, "the two servers", to.there(), want)
	if n := get[map[string]int](to.office, "mail", "import", "Alt", root); n["added"] != 0 || n["known"] != 21 {
		t.Errorf("once more: %v", n)
	}
	var folders []string
	for _, f := range get[[]folderJSON](to.office, "mail", "folders") {
		if strings.HasPrefix(f.Name, "Alt") {
			folders = append(folders, f.Name)
		}
	}
	slices.Sort(folders)
	if got := strings.Join(folders, " "); got != "Alt Alt/Sent Alt/Vorgänge Alt/Vorgänge/2026" {
		t.Errorf("the folders %s", got)
	}
}

// What is wrong with a call or a file is said, and nothing is left behind.
func TestArchiveRefusals(t *testing.T) {
	d := newOffice(t)
	dir := t.TempDir()
	d.refused(exitUsage, "account", "export", "amt")
	d.refused(exitUsage, "account", "import", "amt")
	d.refused(exitFailed, "account", "export", "niemand", filepath.Join(dir, "a.zip"))
	d.refused(exitFailed, "account", "import", "niemand", filepath.Join(dir, "a.zip"))
	if err := os.WriteFile(filepath.Join(dir, "text.zip"), []byte("kein Archiv"), 0o600); err != nil {
		t.Fatal(err)
	}
	d.refused(exitFailed, "account", "import", "niemand", filepath.Join(dir, "text.zip"))
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("%v, %v", entries, err)
	}
	if accounts := d.do("account", "list"); strings.Contains(accounts, "niemand") {
		t.Error(accounts)
	}
}
