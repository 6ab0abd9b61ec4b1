// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kontor/app/demo"
	"kontor/app/search"
)

// desk is a home with the sample account, as the command line sees it.
type desk struct {
	t    *testing.T
	home string
}

// newDesk starts the embedded servers, sets up the account and synchronises once.
func newDesk(t *testing.T) *desk {
	t.Helper()
	world, err := demo.Start(t.Context(), demo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(world.Close)
	t.Setenv("KONTOR_KEYRING", "file")
	t.Setenv("KONTOR_PASSPHRASE", "secret")
	t.Setenv("DEMO_PASSWORD", world.Password())
	d := &desk{t: t, home: t.TempDir()}
	d.must("account", "add", "Amt", "--email", world.Users()[0].Email, "--password-env", "DEMO_PASSWORD", "--imap", world.IMAPURL(), "--smtp", world.SMTPURL(),
		"--tasks", world.TasksURL(), "--files", world.FilesURL(), "--no-test")
	d.must("sync")
	return d
}

// call runs one command and gives its exit code and what it printed.
func (d *desk) call(in string, args ...string) (code int, out, errs string) {
	d.t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(context.Background(), &env{out: &stdout, errw: &stderr, in: strings.NewReader(in)}, append([]string{"--home", d.home}, args...))
	return code, stdout.String(), stderr.String()
}

func (d *desk) must(args ...string) string {
	d.t.Helper()
	code, out, errs := d.call("", args...)
	if code != exitDone {
		d.t.Fatalf("%v: exit %d: %s", args, code, errs)
	}
	return out
}

func (d *desk) fails(want int, args ...string) {
	d.t.Helper()
	if code, _, errs := d.call("", args...); code != want || errs == "" {
		d.t.Errorf("%v: exit %d, want %d: %q", args, code, want, errs)
	}
}

// read runs a command with --json and reads what it prints.
func read[T any](d *desk, args ...string) T {
	d.t.Helper()
	var v T
	if err := json.Unmarshal([]byte(d.must(append(args, "--json")...)), &v); err != nil {
		d.t.Fatalf("%v: %v", args, err)
	}
	return v
}

func TestMailCommands(t *testing.T) {
	d := newDesk(t)
	var inbox folderJSON
	for _, f := range read[[]folderJSON](d, "mail", "folders") {
		if f.Role == "inbox" {
			inbox = f
		}
	}
	if inbox.Total == 0 || inbox.Account != "Amt" || !strings.Contains(d.must("mail", "folders"), inbox.Name) {
		t.Fatalf("%+v", inbox)
	}
	list := read[[]summaryJSON](d, "mail", "list", "posteingang", "--limit", "5", "--offset", "1")
	all := read[[]summaryJSON](d, "mail", "list", "INBOX", "--limit", "1000")
	if len(list) != 5 || len(all) != inbox.Total || list[0].ID != all[1].ID {
		t.Fatalf("%d and %d of %d", len(list), len(all), inbox.Total)
	}
	id := fmt.Sprint(all[0].ID)
	d.must("mail", "flag", id, "+flagged", "-seen", "+eilig")
	m := read[messageJSON](d, "mail", "show", id)
	if flags := strings.Join(m.Flags, " "); !strings.Contains(flags, "flagged") || strings.Contains(flags, "seen") || strings.Join(m.Keywords, " ") != "eilig" || m.State != "waiting" || m.Text == "" {
		t.Errorf("%+v", m)
	}
	text, raw, headers := d.must("mail", "show", id), d.must("mail", "show", id, "--raw"), d.must("mail", "show", id, "--headers")
	if !strings.Contains(text, all[0].Subject) || !strings.HasPrefix(raw, headers) || strings.Contains(headers, "\r\n\r\n") || int64(len(raw)) != all[0].Size {
		t.Errorf("text %q\nheaders %q", text, headers)
	}
	d.must("mail", "copy", "Archiv", id)
	d.must("mail", "move", "Archiv", id)
	d.must("mail", "delete", fmt.Sprint(all[1].ID))
	if n := len(read[[]summaryJSON](d, "mail", "list", "INBOX", "--limit", "1000")); n != inbox.Total-2 {
		t.Errorf("%d of %d are left", n, inbox.Total)
	}
	if rows := read[[]summaryJSON](d, "mail", "list", "INBOX", "--threads"); len(rows) == 0 || rows[0].ThreadCount == 0 {
		t.Errorf("%+v", rows)
	}
	d.must("sync")
	if m := read[messageJSON](d, "mail", "show", id); m.State != "server" || !strings.HasPrefix(m.Folder, "Archiv") {
		t.Errorf("after synchronisation: %q in %q", m.State, m.Folder)
	}
}

func TestMailFiles(t *testing.T) {
	d := newDesk(t)
	var with summaryJSON
	for _, m := range read[[]summaryJSON](d, "mail", "list", "INBOX", "--limit", "1000") {
		if m.HasAttachment {
			with = m
			break
		}
	}
	dir := t.TempDir()
	id := fmt.Sprint(with.ID)
	first := read[map[string][]string](d, "mail", "save-attachments", id, dir)["saved"]
	second := read[map[string][]string](d, "mail", "save-attachments", id, dir)["saved"]
	if len(first) == 0 || len(first) != len(second) || first[0] == second[0] {
		t.Fatalf("%v %v", first, second)
	}
	a, errA := os.ReadFile(first[0])
	b, errB := os.ReadFile(second[0])
	if errA != nil || errB != nil || len(a) == 0 || !bytes.Equal(a, b) {
		t.Errorf("%d and %d octets, %v %v", len(a), len(b), errA, errB)
	}
	box := filepath.Join(dir, "out.mbox")
	n := read[map[string]int](d, "mail", "export", "INBOX", box)["messages"]
	if got := read[map[string]int](d, "mail", "import", "Archiv", box)["messages"]; n == 0 || got != n {
		t.Errorf("%d exported, %d imported", n, got)
	}
	eml := filepath.Join(dir, "one.eml")
	if err := os.WriteFile(eml, []byte("From: a@b.de\nSubject: einzeln\n\nx\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := d.must("mail", "import", "Archiv", eml); !strings.Contains(out, "1") {
		t.Error(out)
	}
	code, out, errs := d.call("To: jonas.weber@stadt.example\nSubject: Kurz\n\nHallo\n", "mail", "send", "-", "--json")
	var sent struct{ Op int64 }
	if err := json.Unmarshal([]byte(out), &sent); code != exitDone || err != nil || sent.Op == 0 {
		t.Fatalf("%d %q %q", code, out, errs)
	}
	d.must("sync")
	if rows := read[[]summaryJSON](d, "mail", "list", "Gesendet", "--limit", "1"); len(rows) != 1 || rows[0].Subject != "Kurz" {
		t.Errorf("sent: %+v", rows)
	}
}

// What comes through a pipe or from standard input is imported as from a file: nothing of it is lost while looking what it is.
func TestMailImportOfStreams(t *testing.T) {
	d := newDesk(t)
	letter := "Subject: Strom\nX-Keywords: eilig\n\nText\n"
	box := "From a@b.de Thu Aug 22 14:44:26 2002\n" + letter + "\nFrom a@b.de Thu Aug 22 14:45:26 2002\nSubject: Zwei\n\nx\n"
	for _, c := range []struct {
		text string
		want int
	}{{letter, 1}, {box, 2}, {"x\n", 1}} {
		pipe := filepath.Join(t.TempDir(), "pipe")
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		go func() {
			_, _ = io.WriteString(w, c.text)
			_ = w.Close()
		}()
		if err := os.Symlink(fmt.Sprint("/dev/fd/", r.Fd()), pipe); err != nil {
			t.Skip("no files stand for pipes here")
		}
		d.must("mail", "mkdir", "Alt")
		if n := read[map[string]int](d, "mail", "import", "Alt", pipe)["added"]; n != c.want {
			t.Errorf("%q through a pipe: %d", c.text, n)
		}
		d.must("journal", "undo")
		code, out, errs := d.call(c.text, "mail", "import", "Alt", "-", "--json")
		if code != exitDone || !strings.Contains(out, fmt.Sprintf(`"added": %d`, c.want)) {
			t.Errorf("%q from standard input: %d %s %s", c.text, code, out, errs)
		}
		d.must("mail", "rmdir", "Alt")
	}
}

// A message that is to leave later waits until then, wherever it was said.
func TestMailSendLater(t *testing.T) {
	d := newDesk(t)
	letter := "To: jonas.weber@stadt.example\nSubject: Später\n\nHallo\n"
	code, out, errs := d.call(letter, "mail", "send", "-", "--at", "2099-03-02 08:00", "--report", "--json")
	if code != exitDone {
		t.Fatalf("%d %s %s", code, out, errs)
	}
	d.must("sync")
	waits := d.must("journal", "list", "--json")
	if !strings.Contains(waits, "Später") || !strings.Contains(waits, "2099-03-02T08:00:00") {
		t.Errorf("what waits: %s", waits)
	}
	for _, at := range []string{"gestern irgendwann", "2099-03-02"} {
		if code, _, _ := d.call(letter, "mail", "send", "-", "--at", at); code != exitUsage {
			t.Errorf("%q: exit %d", at, code)
		}
	}
	d.must("journal", "undo")
	if shown := read[[]summaryJSON](d, "mail", "list", "Entwürfe", "--limit", "1"); len(shown) != 1 || shown[0].Subject != "Später" {
		t.Errorf("called back, and not among the drafts: %+v", shown)
	}
}

func TestMailUsage(t *testing.T) {
	d := newDesk(t)
	for _, args := range [][]string{
		{"mail", "list"},
		{"mail", "list", "INBOX", "--limit", "-1"},
		{"mail", "list", "INBOX", "--nonsense"},
		{"mail", "show"},
		{"mail", "show", "abc"},
		{"mail", "flag", "1"},
		{"mail", "flag", "+seen"},
		{"mail", "move", "INBOX"},
		{"mail", "delete"},
		{"mail", "send"},
		{"mail", "import", "INBOX"},
		{"mail", "save-attachments", "1"},
		{"search"},
		{"search", "x", "--in", "letters"},
		{"search", "x", "--limit", "few"},
		{"search", "x", "--limit"},
	} {
		d.fails(exitUsage, args...)
	}
	for _, args := range [][]string{
		{"mail", "list", "Nirgends"},
		{"mail", "list", "INBOX", "--account", "Niemand"},
		{"mail", "show", "1"},
		{"mail", "flag", "1", "+seen"},
		{"mail", "send", filepath.Join(d.home, "missing.eml")},
		{"mail", "import", "INBOX", filepath.Join(d.home, "missing.mbox")},
	} {
		d.fails(exitFailed, args...)
	}
}

func TestSearchCommand(t *testing.T) {
	d := newDesk(t)
	kinds := map[string]int{}
	for _, r := range read[[]search.Result](d, "search", "strasse") {
		kinds[r.Kind]++
		if r.Title == "" || r.State == "" || r.ID == 0 {
			t.Errorf("%+v", r)
		}
	}
	if kinds[search.Mail] == 0 || kinds[search.Files] == 0 || kinds[search.Tasks] == 0 {
		t.Errorf("%v", kinds)
	}
	if found := read[[]search.Result](d, "search", "strasse", "--in=tasks", "--limit", "1"); len(found) != 1 || found[0].Kind != search.Tasks {
		t.Errorf("%+v", found)
	}
	if found := read[[]search.Result](d, "search", "straße", "-lindenstraße", "von:vogel"); len(found) == len(read[[]search.Result](d, "search", "von:vogel")) {
		t.Errorf("%+v", found)
	}
	if found := read[[]search.Result](d, "search", "gibtesnicht"); found == nil || len(found) != 0 {
		t.Errorf("%+v", found)
	}
	if out := d.must("search", "strasse", "--limit", "2"); strings.Count(out, "\n") != 2 {
		t.Errorf("%q", out)
	}
}
