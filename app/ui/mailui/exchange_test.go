// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kontor/app/mail"
)

// disk lets the page choose files below a folder: what it saves, and what it opens.
func (w *town) disk(dir string) (pick func(name string)) {
	var chosen string
	w.page.cfg.Exchange.OpenFile = func(_ []string, use func(string, func() (File, error))) {
		path := chosen
		use(filepath.Base(path), func() (File, error) { return os.Open(path) })
	}
	w.page.cfg.Exchange.SaveFile = func(name string, use func(func() (io.WriteCloser, error))) {
		path := filepath.Join(dir, name)
		use(func() (io.WriteCloser, error) { return os.Create(path) })
	}
	w.page.cfg.Exchange.Folder = func(use func(string)) { use(dir) }
	return func(name string) { chosen = filepath.Join(dir, name) }
}

// total is how many messages a folder holds.
func (w *town) total(name string) int { return w.row(name).Folder.Total }

// TestOutAndInAgain: a folder as mbox and as Maildir, then back; what is there already is not doubled, and said.
func TestOutAndInAgain(t *testing.T) {
	w := newTown(t)
	dir := t.TempDir()
	pick := w.disk(dir)
	n := w.total("Bauanträge/Rückfragen")
	w.Menu("Rückfragen", "Exportieren", "Ordner als eine Datei (mbox) …")
	w.Menu("Rückfragen", "Exportieren", "Ordner als einzelne Dateien (Maildir) …")
	if errs := w.TakeErrors(); len(errs) != 0 || !strings.Contains(w.LastToast().Words, "exportiert") {
		t.Fatalf("%v, says %q", errs, w.LastToast().Words)
	}
	pick("Rückfragen.mbox")
	w.Menu("Rückfragen", "Importieren", "Nachrichten aus Datei (.eml, mbox) …")
	if w.total("Bauanträge/Rückfragen") != n || !strings.Contains(w.LastToast().Words, "waren schon da") {
		t.Fatalf("%d in place of %d, says %q", w.total("Bauanträge/Rückfragen"), n, w.LastToast().Words)
	}
	before := w.total("Bauanträge/2026")
	w.page.importFile(w.row("Bauanträge/2026").Folder)
	w.Settle()
	if w.total("Bauanträge/2026") != before+n {
		t.Fatalf("%d came", w.total("Bauanträge/2026")-before)
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "Rückfragen", "cur", "*")); len(files) != n {
		t.Fatalf("%d files in the Maildir, not %d", len(files), n)
	}
	w.page.importTree(w.row("Bauanträge").Folder)
	w.Settle()
	if errs := w.TakeErrors(); len(errs) != 0 {
		t.Fatal(errs)
	}
	if w.total("Bauanträge/Rückfragen") != n {
		t.Fatalf("the folder was doubled: %d", w.total("Bauanträge/Rückfragen"))
	}
}

// TestOneMessageFromAFile by its name: what ends in .eml is one, whatever is in it.
func TestOneMessageFromAFile(t *testing.T) {
	w := newTown(t)
	dir := t.TempDir()
	pick := w.disk(dir)
	w.core.Must(os.WriteFile(filepath.Join(dir, "Brief.EML"), []byte(askingMail), 0o600))
	w.core.Must(os.WriteFile(filepath.Join(dir, "leer.mbox"), nil, 0o600))
	before := w.total("Bauanträge")
	pick("Brief.EML")
	w.page.importFile(w.row("Bauanträge").Folder)
	w.Settle()
	if w.total("Bauanträge") != before+1 || w.LastToast().Words != "1 Nachricht importiert" {
		t.Fatalf("%d came, says %q, %v", w.total("Bauanträge")-before, w.LastToast().Words, w.TakeErrors())
	}
	pick("leer.mbox")
	w.page.importFile(w.row("Bauanträge").Folder)
	w.Settle()
	if w.total("Bauanträge") != before+1 {
		t.Fatal("nothing was in it")
	}
	pick("gibt-es-nicht.mbox")
	w.page.importFile(w.row("Bauanträge").Folder)
	w.Settle()
	if errs := w.TakeErrors(); len(errs) == 0 || !errors.Is(errs[len(errs)-1], os.ErrNotExist) {
		t.Fatalf("%v", errs)
	}
}

// TestAWholeAccountOutAndIn as a ZIP file: brought into the same account nothing is doubled.
func TestAWholeAccountOutAndIn(t *testing.T) {
	w := newTown(t)
	pick := w.disk(t.TempDir())
	mails := 0
	for _, f := range w.page.nav.folders {
		mails += f.Total
	}
	w.Menu("Bauanträge", "Exportieren", "Ganzes Konto als ZIP-Datei …")
	if says := w.LastToast().Words; !strings.HasPrefix(says, "Konto exportiert: ") || len(w.TakeErrors()) != 0 {
		t.Fatalf("says %q", says)
	}
	pick("lena.brandt@stadt.example.zip")
	w.Menu("Bauanträge", "Importieren", "Ganzes Konto aus ZIP-Datei …")
	after := 0
	for _, f := range w.page.nav.folders {
		after += f.Total
	}
	if errs := w.TakeErrors(); after != mails || len(errs) != 0 || !strings.HasPrefix(w.LastToast().Words, "Konto importiert: ") {
		t.Fatalf("%d became %d, %v, says %q", mails, after, errs, w.LastToast().Words)
	}
	pick("gibt-es-nicht.zip")
	w.page.importAccount(w.core.Account)
	w.Settle()
	if errs := w.TakeErrors(); len(errs) != 1 {
		t.Fatalf("%v", errs)
	}
}

// TestAFullDiskIsSaid: what could not be written or closed is no success.
func TestAFullDiskIsSaid(t *testing.T) {
	w := newTown(t)
	full := errors.New("no space left")
	for _, bad := range []struct{ open, write, close error }{{open: full}, {write: full}, {close: full}} {
		w.page.cfg.Exchange.SaveFile = func(_ string, use func(func() (io.WriteCloser, error))) {
			use(func() (io.WriteCloser, error) { return &badFile{bad.write, bad.close}, bad.open })
		}
		w.page.exportMbox(w.row("Bauanträge/Rückfragen").Folder)
		w.Settle()
		if errs := w.TakeErrors(); len(errs) != 1 || !errors.Is(errs[0], full) {
			t.Errorf("%+v: %v", bad, errs)
		}
	}
}

type badFile struct{ write, close error }

func (b *badFile) Write(p []byte) (int, error) { return len(p), b.write }

func (b *badFile) Close() error { return b.close }

// TestFileNames are such that every disk takes them.
func TestFileNames(t *testing.T) {
	for _, row := range []struct {
		f    mail.Folder
		want string
	}{
		{mail.Folder{Name: "A/B: c?", Delim: "/"}, "B_ c_"},
		{mail.Folder{Name: "INBOX", Role: mail.RoleInbox}, "Posteingang"},
		{mail.Folder{Name: "Amt/..", Delim: "/"}, "Konto"},
	} {
		if got := fileName(row.f); got != row.want {
			t.Errorf("%q became %q", row.f.Name, got)
		}
	}
}
