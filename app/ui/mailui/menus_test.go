// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	fynestorage "fyne.io/fyne/v2/storage"

	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/app/ui/kit"
)

// files notes what the page does with attachments, in place of the desktop.
type files struct{ opened, saved, stored []string }

func (w *town) files() *files {
	f := &files{}
	note := func(list *[]string) func(string, func() ([]byte, error)) {
		return func(name string, data func() ([]byte, error)) {
			kit.Load(data, func(raw []byte, err error) {
				w.core.Must(err)
				*list = append(*list, name+" "+i18n.Count(len(raw)))
			})
		}
	}
	w.page.cfg.OpenData, w.page.cfg.SaveData = note(&f.opened), note(&f.saved)
	w.page.cfg.ToFiles = func(name string, data []byte) { f.stored = append(f.stored, name+" "+i18n.Count(len(data))) }
	w.page.cfg.SaveAll = func(all []NamedFile) {
		for _, one := range all {
			w.page.cfg.SaveData(one.Name, one.Data)
		}
	}
	return f
}

// TestTheMenuOfAMessage does what the buttons do, and holds the rest behind "more".
func TestTheMenuOfAMessage(t *testing.T) {
	w := newTown(t)
	w.place(mail.RoleInbox, "")
	id := w.choose("Prüfbericht Nr. 2026/118")
	w.page.MarkUnread()
	w.Settle()
	flags := func() mail.Flags { m, _ := w.core.Mail.Open(w.ctx(), id); return m.Flags }
	w.Menu("Prüfbericht Nr. 2026/118", "Als gelesen kennzeichnen")
	if !flags().Has(mail.Seen) {
		t.Fatal("not read")
	}
	w.Menu("Prüfbericht Nr. 2026/118", "Schlagwort", "Wichtig")
	if len(w.keywordsOf(id)) != 1 {
		t.Fatal("not tagged")
	}
	f := w.files()
	w.Menu("Prüfbericht Nr. 2026/118", "Mehr", "Als Datei speichern …")
	if len(f.saved) != 1 || !strings.HasPrefix(f.saved[0], "Prüfbericht Nr. 2026_118.eml ") && !strings.HasPrefix(f.saved[0], "118.eml ") {
		t.Fatalf("saved %q", f.saved)
	}
	w.Menu("Prüfbericht Nr. 2026/118", "Mehr", "Drucken …")
	w.page.list.rows.SelectAll()
	w.Settle()
	w.Menu("Prüfbericht Nr. 2026/118", "Drucken …")
	if len(f.opened) != 2 || !strings.HasPrefix(f.opened[0], "Prüfbericht Nr. 2026_118.html ") && !strings.HasPrefix(f.opened[0], "118.html ") || !strings.HasPrefix(f.opened[1], "Ausdruck.html ") {
		t.Fatalf("printed %q", f.opened)
	}
	w.Menu("Prüfbericht Nr. 2026/118", "Als ungelesen kennzeichnen")
	if flags().Has(mail.Seen) {
		t.Fatal("all chosen ones are meant")
	}
	w.choose("Prüfbericht Nr. 2026/118")
	w.Menu("Prüfbericht Nr. 2026/118", "Mehr", "Quelltext anzeigen")
	if len(w.opened) != 1 {
		t.Fatal("no source")
	}
}

// TestLeavingAListByTheMenu: a message to the list is prepared from the account that it came to, and nothing is sent; a page
// opens only after a question; what came by no list offers neither.
func TestLeavingAListByTheMenu(t *testing.T) {
	w := newTown(t)
	w.place(mail.RoleInbox, "")
	var pages []string
	w.page.cfg.OpenURL = func(href string) error { pages = append(pages, href); return nil }
	for i, field := range []string{"", "<https://liste.example/aus>", "<https://liste.example/x>, <mailto:aus@liste.example?subject=abmelden>"} {
		subject := fmt.Sprint("Rundbrief ", i)
		raw := "From: liste@liste.example\r\nSubject: " + subject + "\r\n"
		if field != "" {
			raw += "List-Unsubscribe: " + field + "\r\n"
		}
		w.receive(raw + "\r\nText\r\n")
		w.choose(subject)
		switch i {
		case 0:
			w.Menu(subject, "Mehr")
			w.MustNotSay("Vom Verteiler abmelden …")
			w.Escape()
		case 1:
			w.Menu(subject, "Mehr", "Vom Verteiler abmelden …")
			w.MustSay("Wirklich liste.example öffnen?", "bestätigt der Besuch Ihre Adresse")
			if len(pages) != 0 {
				t.Error("opened without a question")
			}
			w.Click("Trotzdem öffnen")
		default:
			back := w.beside(func() { w.Menu(subject, "Mehr", "Vom Verteiler abmelden …") })
			w.MustSay("aus@liste.example", "abmelden")
			back()
		}
	}
	if len(pages) != 1 || pages[0] != "https://liste.example/aus" {
		t.Errorf("opened %q", pages)
	}
	if ops, err := w.core.DB.PendingOps(w.ctx(), 0); err != nil || slices.ContainsFunc(ops, func(op journal.Op) bool { return op.Kind == journal.MailSend }) {
		t.Errorf("something was sent: %v", err)
	}
}

// TestTheMenuOfTheList changes what is shown and how, and marks all as read; a step that can be taken back.
func TestTheMenuOfTheList(t *testing.T) {
	w := newTown(t)
	place := w.place(mail.RoleInbox, "")
	all := w.page.list.rows.Count()
	open := func(line string) {
		w.page.listMenu()
		w.Settle()
		w.Click(line)
	}
	open(i18n.T("mailui.list.threads"))
	if w.page.list.rows.Count() <= all {
		t.Errorf("%d single messages, %d conversations", w.page.list.rows.Count(), all)
	}
	open(i18n.T("mailui.list.unread-only"))
	if n := w.page.list.rows.Count(); n != place.Unread {
		t.Errorf("%d rows of %d unread", n, place.Unread)
	}
	open(i18n.T("mailui.list.flagged-only"))
	open(i18n.T("mailui.list.unread-only"))
	for i := range w.page.list.rows.Count() {
		if item, _ := w.page.list.rows.At(i); !item.Flags.Has(mail.Flagged) {
			t.Errorf("%q is not flagged", item.Subject)
		}
	}
	w.page.Filter()
	w.Settle()
	w.Key(fyne.KeyEscape)
	open(i18n.T("mailui.list.all-read"))
	if f, _ := w.page.nav.folder(place.ID); f.Unread != 0 {
		t.Errorf("%d unread", f.Unread)
	}
	w.LastToast().Do()
	w.Settle()
	if f, _ := w.page.nav.folder(place.ID); f.Unread != place.Unread {
		t.Errorf("%d unread, not %d", f.Unread, place.Unread)
	}
}

// TestSearchingInAList while typing; what is found is what holds the word.
func TestSearchingInAList(t *testing.T) {
	w := newTown(t)
	w.place(mail.RoleInbox, "")
	w.page.Filter()
	w.Settle()
	w.Type("Teilversammlung")
	if n := w.page.list.rows.Count(); n < 1 || n > 3 {
		t.Fatalf("%d found", n)
	}
	w.Type(" qqxx")
	w.MustSay("Nichts gefunden")
	w.Key(fyne.KeyEscape)
	if w.page.list.rows.Count() < 5 {
		t.Fatal("everything is shown again")
	}
}

// TestAttachments are opened, saved, put into the files, one or all, by mouse and by keyboard; what could run asks first.
func TestAttachments(t *testing.T) {
	w := newTown(t)
	f := w.files()
	w.choose("Ortstermin Lindenstraße 14 – Unterlagen")
	for _, line := range []string{"Öffnen", "Speichern unter …", "In Dateien ablegen"} {
		w.Window.Canvas().Focus(w.page.reader.sheet.chips[0])
		w.Key(fyne.KeyReturn)
		w.Click(line)
	}
	if len(f.opened) != 1 || !slices.Equal(f.opened, f.saved) || !slices.Equal(f.opened, f.stored) || !strings.HasPrefix(f.opened[0], "Lageplan.pdf ") {
		t.Fatalf("%+v", f)
	}
	w.Click(i18n.T("mailui.reader.save-all"))
	if len(f.saved) != 3 || !strings.HasPrefix(f.saved[2], "Protokoll_0311.odt ") {
		t.Fatalf("saved %q", f.saved)
	}
	id := w.receive("From: a@b.example\r\nSubject: Programm\r\nMIME-Version: 1.0\r\nContent-Type: application/octet-stream; name=\"Rechnung.pdf.exe\"\r\nContent-Disposition: attachment; filename=\"Rechnung.pdf.exe\"\r\n\r\nMZ\r\n")
	w.page.Open(id)
	w.Settle()
	w.Click("Rechnung.pdf.exe")
	w.Click("Öffnen")
	w.MustSay("„Rechnung.pdf.exe“ öffnen?")
	w.Click("Abbrechen")
	if len(f.opened) != 1 {
		t.Fatal("it ran")
	}
}

// TestExternalContentIsOpenedOnlyOnRequest, after a warning.
func TestExternalContentIsOpenedOnlyOnRequest(t *testing.T) {
	w := newTown(t)
	f := w.files()
	w.choose("Ortstermin Lindenstraße 14 – Unterlagen")
	w.page.originalMenu(w.page.reader.sheet.blocked)
	w.Settle()
	w.Click(i18n.T("mailui.original.open"))
	if len(f.opened) != 0 {
		t.Fatal("opened without a question")
	}
	w.Click(i18n.T("mailui.original.open"))
	if len(f.opened) != 1 || !strings.Contains(f.opened[0], ".html ") {
		t.Fatalf("%+v", f)
	}
}

// TestFilesForAMessage come from the disk by choice or by dropping, and go again with a way back.
func TestFilesForAMessage(t *testing.T) {
	w := newTown(t)
	local := filepath.Join(t.TempDir(), "Aufmaß.ods")
	w.core.Must(os.WriteFile(local, []byte("Inhalt"), 0o600))
	w.page.cfg.PickFiles = func(_ fyne.Window, done func([]NamedFile)) {
		done([]NamedFile{{Name: "../../böse.sh", Data: func() ([]byte, error) { return []byte("x"), nil }}})
	}
	c, _ := w.writing(w.page.Write)
	w.Click("Anhang")
	c.dropped([]fyne.URI{fynestorage.NewFileURI(local)})
	c.dropped([]fyne.URI{fynestorage.NewFileURI(local + ".weg")})
	w.Settle()
	if n := len(c.msg.Attachments); n != 2 || c.msg.Attachments[0].Name != "böse.sh" || string(c.msg.Attachments[1].Data) != "Inhalt" || len(w.TakeErrors()) != 1 {
		t.Fatalf("%+v", c.msg.Attachments)
	}
	c.remove(0)
	w.Settle()
	w.MustSay("„böse.sh“ entfernt")
	w.Click("Rückgängig")
	if len(c.msg.Attachments) != 2 || c.msg.Attachments[0].Name != "böse.sh" {
		t.Fatalf("%+v", c.msg.Attachments)
	}
}

// TestForwardingTakesTheAttachmentsAlong.
func TestForwardingTakesTheAttachmentsAlong(t *testing.T) {
	w := newTown(t)
	w.choose("Ortstermin Lindenstraße 14 – Unterlagen")
	c, _ := w.writing(w.page.Forward)
	if len(c.msg.Attachments) != 2 || !strings.HasPrefix(c.view.subject.Text, "WG: ") || c.msg.ForwardOf == 0 || len(c.view.chips) != 2 {
		t.Fatalf("%+v", c.msg.Subject)
	}
}

// TestDraftsOpenInTheEditor by Enter, only once, and closing them keeps them.
func TestDraftsOpenInTheEditor(t *testing.T) {
	w := newTown(t)
	folder := w.place(mail.RoleDrafts, "")
	kit.Focus(w.page.list.rows)
	w.page.list.rows.SelectRow(0)
	w.Settle()
	w.Key(fyne.KeyReturn)
	w.Key(fyne.KeyReturn)
	if len(w.opened) != 1 || len(w.page.Writing()) != 1 {
		t.Fatalf("%d windows", len(w.opened))
	}
	closed := false
	w.page.CloseAll(func() { closed = true })
	w.Settle()
	if f, _ := w.page.nav.folder(folder.ID); !closed || f.Total != folder.Total {
		t.Fatalf("closed %v, %d drafts in place of %d", closed, f.Total, folder.Total)
	}
}

// TestReadingOnWithSpace scrolls the message, then goes to the next one.
func TestReadingOnWithSpace(t *testing.T) {
	w := newTown(t)
	w.Resize(948, 300)
	w.choose("Ortstermin Lindenstraße 14 – Unterlagen")
	kit.Focus(w.page.list.rows)
	first := w.page.reader.id
	w.Key(fyne.KeySpace)
	if w.page.reader.id != first || w.page.reader.scroll.Offset.Y == 0 {
		t.Fatal("it must scroll first")
	}
	for range 20 {
		if w.Key(fyne.KeySpace); w.page.reader.id != first {
			return
		}
	}
	t.Fatal("it never goes on")
}

// TestSelectingText with the mouse and copying it; a double click takes the word.
func TestSelectingText(t *testing.T) {
	w := newTown(t)
	w.choose("Ortstermin Lindenstraße 14 – Unterlagen")
	body := w.page.reader.sheet.body
	at := func(x, y float32) *desktop.MouseEvent {
		return &desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(x, y)}, Button: desktop.MouseButtonPrimary}
	}
	body.MouseDown(at(1, 5))
	body.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(400, 45)}})
	body.MouseUp(at(400, 45))
	body.DragEnd()
	body.TypedShortcut(&fyne.ShortcutCopy{})
	if got := fyne.CurrentApp().Clipboard().Content(); !strings.HasPrefix(got, "Guten Morgen Frau Brandt,") || got != body.SelectedText() {
		t.Fatalf("copied %q", got)
	}
	body.MouseDown(at(60, 5))
	body.MouseDown(at(60, 5))
	if got := body.SelectedText(); got != "Morgen" {
		t.Fatalf("the word is %q", got)
	}
	body.TappedSecondary(&fyne.PointEvent{Position: fyne.NewPos(60, 5), AbsolutePosition: fyne.NewPos(700, 300)})
	w.Settle()
	w.Click(i18n.T("mailui.text.copy"))
	if got := fyne.CurrentApp().Clipboard().Content(); got != "Morgen" {
		t.Fatalf("copied %q", got)
	}
}

// TestCopyingIntoAFolder leaves the message where it is.
func TestCopyingIntoAFolder(t *testing.T) {
	w := newTown(t)
	before := w.total("Bauanträge/2026")
	id := w.choose("Prüfbericht Nr. 2026/118")
	w.page.Copy()
	w.Settle()
	w.Type("2026")
	w.Key(fyne.KeyReturn)
	m, err := w.core.Mail.Open(w.ctx(), id)
	w.core.Must(err)
	if w.total("Bauanträge/2026") != before+1 || w.page.roleOf(m.FolderID) != mail.RoleInbox {
		t.Fatalf("%d in the folder, was %d", w.total("Bauanträge/2026"), before)
	}
}

// TestFoldingATree hides what lies below and shows its unread messages above.
func TestFoldingATree(t *testing.T) {
	w := newTown(t)
	rows := len(w.page.nav.rows)
	r := w.row("Bauanträge")
	w.page.nav.fold(r, true)
	if len(w.page.nav.rows) != rows-2 || w.row("Bauanträge").Count != r.Count+2 {
		t.Fatalf("%d rows, %d unread", len(w.page.nav.rows), w.row("Bauanträge").Count)
	}
	w.page.nav.fold(w.row("Bauanträge"), false)
	if len(w.page.nav.rows) != rows {
		t.Fatal("not unfolded")
	}
}
