// SPDX-License-Identifier: EUPL-1.2

package desk

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	fynestorage "fyne.io/fyne/v2/storage"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/mail"
	"kontor/app/tasks"
	"kontor/app/ui/uitest"
	"kontor/storage"
)

// TestWhatMayBeOpened follows links and opens files of every kind: nothing that could run as a program.
func TestWhatMayBeOpened(t *testing.T) {
	d, b := deskOn(t, uitest.NewTown(t, "mail"))
	for uri, want := range map[string]string{
		"https://stadt.example/plan?a=1": "https://stadt.example/plan?a=1", "HTTP://stadt.example": "http://stadt.example", "file:///etc/passwd": "",
		"javascript:alert(1)": "", "smb://server/share": "", "ms-msdt:/id": "", "": "", "relative/path": "",
	} {
		b.opened = nil
		if err := d.openURL(uri); err != nil || b.last() != want {
			t.Errorf("%q opened %q, %v", uri, b.last(), err)
		}
	}
	b.opened = nil
	if err := d.openURL("https://[broken"); err == nil || b.last() != "" {
		t.Error("a broken address was opened")
	}
	for path, want := range map[string]string{
		"/home/a/Größe 1.pdf": "file:///home/a/Gr%C3%B6%C3%9Fe%201.pdf", "C:/Users/a/Plan.pdf": "file:///C:/Users/a/Plan.pdf", "/tmp/a#b?c.txt": "file:///tmp/a%23b%3Fc.txt",
	} {
		if err := d.openFile(path); err != nil || b.last() != want {
			t.Errorf("%q opened %q, %v", path, b.last(), err)
		}
	}
	b.opened = nil
	for _, name := range []string{"a.exe", "Rechnung.PDF.Js", "x.desktop", "y.sh", "z.LNK"} {
		if err := d.openFile("/tmp/" + name); !errors.Is(err, app.ErrProgram) || b.last() != "" {
			t.Errorf("%s: %v, opened %q", name, err, b.last())
		}
	}
	d.openData("Rechnung.exe", func() ([]byte, error) { return []byte("MZ"), nil })
	if b.last() != "" || d.shell.Stage().AlertTitle() == "" {
		t.Error("an attachment that is a program was opened, or nobody was told")
	}
	b.fail = errDisk
	d.follow("https://stadt.example")
	if title, _ := explain(fmt.Errorf("%w: %w", errNoViewer, errDisk)); d.shell.Stage().AlertTitle() != title {
		t.Errorf("the failure was shown as %q", d.shell.Stage().AlertTitle())
	}
}

// TestAttachmentsLeaveNoTraces opens attachments with other programs: only the person can read the files, and they are
// gone afterwards.
func TestAttachmentsLeaveNoTraces(t *testing.T) {
	d, b := deskOn(t, uitest.NewTown(t, "mail"))
	t.Setenv("TMPDIR", t.TempDir())
	for _, name := range []string{"Plan.pdf", "../../Plan.pdf", "Plan.pdf"} {
		d.openData(name, func() ([]byte, error) { return []byte("geheim"), nil })
	}
	d.openData("broken.pdf", func() ([]byte, error) { return nil, errDisk })
	if len(b.opened) != 3 {
		t.Fatalf("opened %q", b.opened)
	}
	for _, u := range b.opened {
		local := strings.TrimPrefix(u, "file://")
		info, err := os.Stat(local)
		if err != nil || info.Mode().Perm() != 0o600 || filepath.Base(local) != "Plan.pdf" {
			t.Fatalf("%s: %v, %v", local, info, err)
		}
		if dir, err := os.Stat(filepath.Dir(local)); err != nil || dir.Mode().Perm() != 0o700 {
			t.Errorf("others can look into %s: %v", filepath.Dir(local), err)
		}
	}
	if err := d.temps.remove(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestAMailBecomesATaskAndBack makes a task of a message and follows its link back.
func TestAMailBecomesATaskAndBack(t *testing.T) {
	town := uitest.NewTown(t)
	d, _ := deskOn(t, town)
	ctx := t.Context()
	all, err := town.Mail.List(ctx, mail.Query{Role: mail.RoleInbox}, 0, 3)
	if err != nil || len(all) == 0 {
		t.Fatal(err)
	}
	d.asTask(all[1].ID)
	if got := d.shell.Stage().ToastWords(); got != i18n.T("ui.task-made") {
		t.Fatalf("toast %q, alert %q", got, d.shell.Stage().AlertTitle())
	}
	found, err := town.Tasks.List(ctx, tasks.Query{})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(found, func(k tasks.Task) bool { return strings.HasPrefix(k.URL, "mid:") && k.Title == all[1].Subject })
	if i < 0 {
		t.Fatalf("no task %q", all[1].Subject)
	}
	d.shell.Show("sync")
	d.openLink(found[i].URL)
	if d.shell.Current() != "mail" {
		t.Errorf("the link leads to %q", d.shell.Current())
	}
	d.shell.Show("sync")
	d.openLink("mid:gibt-es-nicht@stadt.example")
	if d.shell.Current() != "sync" || d.shell.Stage().AlertTitle() == "" {
		t.Error("a message that is not here")
	}
	d.shell.Stage().CloseAlert()
	d.asTask(-1)
	if d.shell.Stage().AlertTitle() == "" {
		t.Error("a task of a message that is not there")
	}
}

// TestAttachmentsGoIntoTheFiles and, where no account has files, the person is told.
func TestAttachmentsGoIntoTheFiles(t *testing.T) {
	town := uitest.NewTown(t, "mail", "files")
	d, _ := deskOn(t, town)
	d.toFiles("Lage: Plan?.pdf", []byte("Inhalt"))
	e, err := town.Files.ByPath(t.Context(), town.Account, "Lage_ Plan_.pdf")
	if err != nil || e.Size != 6 || d.shell.Stage().ToastWords() == "" {
		t.Errorf("%+v, %v, toast %q, alert %q", e, err, d.shell.Stage().ToastWords(), d.shell.Stage().AlertTitle())
	}
	only, _ := deskOn(t, uitest.NewTown(t, "mail"))
	only.toFiles("Plan.pdf", []byte("x"))
	if only.shell.Stage().AlertTitle() == "" || only.shell.Stage().ToastWords() != "" {
		t.Error("there is nowhere to put it, but nobody was told")
	}
	only.asTask(1)
	if only.shell.Stage().ToastWords() != "" {
		t.Error("there is no list for a task")
	}
}

// TestFilesAreMailed begins a message with local files.
func TestFilesAreMailed(t *testing.T) {
	town := uitest.NewTown(t, "mail")
	d, _ := deskOn(t, town)
	file := filepath.Join(t.TempDir(), "Plan.pdf")
	if err := os.WriteFile(file, []byte("Inhalt"), 0o600); err != nil {
		t.Fatal(err)
	}
	before := len(windows())
	d.mailFiles([]string{file})
	if len(windows()) != before+1 {
		t.Fatalf("windows %q, alert %q", windows(), d.shell.Stage().AlertTitle())
	}
	typeInto(t, "bauamt@stadt.example")
	closed := false
	d.storeDrafts(func() { closed = true })
	drafts, err := town.Mail.List(t.Context(), mail.Query{Role: mail.RoleDrafts}, 0, 50)
	if err != nil || !closed {
		t.Fatal(err, closed)
	}
	if i := slices.IndexFunc(drafts, func(s mail.Summary) bool { return s.HasAttachment }); i < 0 {
		t.Errorf("no draft has the file: %+v", drafts)
	}
	d.mailFiles([]string{file, file + ".missing"})
	if d.shell.Stage().AlertTitle() == "" {
		t.Error("a file that is not there")
	}
	if f, err := named(file); err != nil || f.Name != "Plan.pdf" || f.Size != 6 {
		t.Errorf("%+v, %v", f, err)
	} else if data, err := f.Data(); err != nil || string(data) != "Inhalt" {
		t.Errorf("%q, %v", data, err)
	}
	if _, err := named(file + ".missing"); err == nil {
		t.Error("a file that is not there can be attached")
	}
}

// TestCalls starts the program again with arguments: addresses are written to, messages shown.
func TestCalls(t *testing.T) {
	d, _ := deskOn(t, uitest.NewTown(t, "mail"))
	dir := t.TempDir()
	eml := filepath.Join(dir, "Einladung.eml")
	text := "From: Jonas Weber <jonas@stadt.example>\r\nTo: lena@stadt.example, <b@stadt.example>\r\nSubject: Einladung\r\nDate: Mon, 23 Nov 2026 10:00:00 +0100\r\n\r\nGuten Tag, mehr unter https://stadt.example\r\n"
	if err := os.WriteFile(eml, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	before := len(windows())
	d.start(nil)
	d.start([]string{eml, "mailto:bauamt@stadt.example?subject=Termin"})
	if got := windows(); len(got) != before+2 || !slices.Contains(got, "Einladung") {
		t.Fatalf("windows %q, alert %q", got, d.shell.Stage().AlertTitle())
	}
	d.start([]string{filepath.Join(dir, "nicht da.eml")})
	if d.shell.Stage().AlertTitle() == "" {
		t.Error("a file that is not there")
	}
	d.first = true
	count := len(windows())
	d.write("mailto:a@b.example")
	if len(windows()) != count {
		t.Error("without an account nothing can be written")
	}
	if got := people([]mail.Address{{Name: "Jonas Weber", Addr: "j@x"}, {Addr: "b@x"}}); got != "Jonas Weber, b@x" {
		t.Errorf("people: %q", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	calls := make(chan []string)
	d.Calls, d.ctx = calls, ctx
	done := make(chan bool)
	go func() { d.listenForCalls(); done <- true }()
	cancel()
	<-done
	d.ctx = t.Context()
	close(calls)
	d.listenForCalls() // ends with the channel
}

// TestASentMailIsTakenBack from the outbox by the message it is about.
func TestASentMailIsTakenBack(t *testing.T) {
	town := uitest.NewTown(t, "mail")
	d, _ := deskOn(t, town)
	ctx := t.Context()
	m, err := town.Mail.New(ctx, town.Account)
	if err != nil {
		t.Fatal(err)
	}
	m.To, m.Subject, m.Text = []mail.Address{{Addr: "jonas.weber@stadt.example"}}, "Zurück damit", "x"
	if _, err := town.Mail.Send(ctx, m); err != nil {
		t.Fatal(err)
	}
	out, err := town.Mail.List(ctx, mail.Query{Role: mail.RoleOutbox}, 0, 5)
	if err != nil || len(out) != 1 {
		t.Fatal(out, err)
	}
	if err := d.recall(ctx, out[0].ID); err != nil {
		t.Fatal(err)
	}
	if n, err := town.Mail.Count(ctx, mail.Query{Role: mail.RoleOutbox}); err != nil || n != 0 {
		t.Errorf("%d in the outbox, %v", n, err)
	}
	if err := d.recall(ctx, out[0].ID+1000); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("a message that does not wait: %v", err)
	}
}

// TestDroppedFilesGoWhereThePersonLooks: into the folder that is shown, and nowhere from other pages.
func TestDroppedFilesGoWhereThePersonLooks(t *testing.T) {
	town := uitest.NewTown(t, "files")
	d, _ := deskOn(t, town)
	file := filepath.Join(t.TempDir(), "Neu.txt")
	if err := os.WriteFile(file, []byte("neu"), 0o600); err != nil {
		t.Fatal(err)
	}
	web, err := fynestorage.ParseURI("https://stadt.example/x")
	if err != nil {
		t.Fatal(err)
	}
	uris := []fyne.URI{fynestorage.NewFileURI(file), web}
	here := func() bool {
		_, err := town.Files.ByPath(t.Context(), town.Account, "Neu.txt")
		return err == nil
	}
	d.shell.Show("heute")
	d.dropped(fyne.Position{}, uris)
	if here() {
		t.Error("dropped on another page, the file was uploaded")
	}
	d.shell.Show("files")
	d.dropped(fyne.Position{}, nil)
	d.dropped(fyne.Position{}, uris)
	if !here() {
		t.Errorf("the file was not uploaded: %q", d.shell.Stage().AlertTitle())
	}
}
