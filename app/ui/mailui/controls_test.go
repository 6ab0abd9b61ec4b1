// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	fynestorage "fyne.io/fyne/v2/storage"

	"kontor/app/i18n"
	"kontor/app/mail"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// TestColumnsAreDragged within their bounds, and the widths come back after a new start, whatever the text size is then.
func TestColumnsAreDragged(t *testing.T) {
	w := newTown(t)
	var left Left
	w.cfg.Leave = func(l Left) { left = l }
	w.show()
	drag := func(i int, dx float32) {
		g := w.page.cols.grips[i]
		g.MouseIn(nil)
		g.Dragged(&fyne.DragEvent{Dragged: fyne.NewDelta(dx, 0)})
		g.DragEnd()
		g.MouseOut()
		w.Settle()
	}
	nav, list := w.page.nav.Size().Width, w.page.list.Size().Width
	drag(0, 40)
	drag(1, -30)
	if got := w.page.nav.Size().Width - nav; got < 35 || got > 45 {
		t.Errorf("the folders are %.0f wider", got)
	}
	if got := w.page.list.Size().Width - list; got > -25 || got < -35 {
		t.Errorf("the list is %.0f wider", got)
	}
	if left.Nav == 0 || left.List == 0 {
		t.Fatalf("nobody was told: %+v", left)
	}
	w.cfg.Left = left
	w.show()
	if got := w.page.nav.Size().Width - nav; got < 35 || got > 45 {
		t.Errorf("after a new start the folders are %.0f wider", got)
	}
	for range 4 {
		drag(0, -5000)
		drag(1, 5000)
	}
	if n, l, r := w.page.nav.Size().Width, w.page.list.Size().Width, w.page.reader.Size().Width; n < 100 || l < 150 || r < 200 {
		t.Errorf("dragged out of sight: %.0f, %.0f, %.0f", n, l, r)
	}
	if wrong := w.Misfits(); len(wrong) != 0 {
		t.Errorf("%q", wrong)
	}
}

// focusOn gives a widget the keyboard and presses a key there.
func (w *town) focusOn(f fyne.Focusable, keys ...fyne.KeyName) {
	w.T.Helper()
	w.Window.Canvas().Focus(f)
	w.Key(keys...)
}

// TestSmallControlsByKeyboard: attachments, filters and the other messages of a conversation can be used without a mouse, show
// where the keyboard is, and let go of it.
func TestSmallControlsByKeyboard(t *testing.T) {
	w := newTown(t)
	w.place(mail.RoleInbox, "")
	w.files()
	w.choose("Ortstermin Lindenstraße 14 – Unterlagen")
	chip := w.page.reader.sheet.chips[0]
	w.focusOn(chip, fyne.KeyReturn)
	if !chip.focused || !chip.ring.Visible() {
		t.Error("nobody sees where the keyboard is")
	}
	w.MustSay("Speichern unter …")
	w.Escape()
	if chip.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDelete}); len(w.page.reader.sheet.chips) != 2 {
		t.Error("nobody deletes from a message that somebody else wrote")
	}
	w.page.reader.earlier = true
	w.page.reader.again()
	w.Settle()
	line := w.page.reader.sheet.previous[0]
	first := w.page.reader.id
	if !strings.Contains(line.AccessibilityLabel(), line.view.Who) {
		t.Errorf("a screen reader says %q", line.AccessibilityLabel())
	}
	w.focusOn(line, fyne.KeyReturn)
	if w.page.reader.id == first || w.page.reader.id != line.view.ID {
		t.Errorf("reads %d", w.page.reader.id)
	}
	w.page.Filter()
	w.Settle()
	unread := w.page.list.filter.unread
	all := w.page.list.rows.Count()
	w.focusOn(unread, fyne.KeySpace)
	if w.page.list.rows.Count() >= all || !unread.ring.Visible() {
		t.Errorf("%d rows of %d", w.page.list.rows.Count(), all)
	}
	w.Key(fyne.KeyReturn, fyne.KeyTab)
	if w.page.list.rows.Count() != all || unread.ring.Visible() {
		t.Errorf("%d rows of %d", w.page.list.rows.Count(), all)
	}
}

// TestHoverShowsWhatReacts and goes again.
func TestHoverShowsWhatReacts(t *testing.T) {
	w := newTown(t)
	w.place(mail.RoleInbox, "")
	w.choose("Ortstermin Lindenstraße 14 – Unterlagen")
	w.page.reader.earlier = true
	w.page.reader.again()
	w.Settle()
	chip, line := w.page.reader.sheet.chips[0], w.page.reader.sheet.previous[0]
	chip.MouseIn(nil)
	line.MouseIn(nil)
	if chip.back.FillColor != theme.Color(theme.Hover) || line.back.FillColor != theme.Color(theme.Hover) {
		t.Error("nothing shows under the pointer")
	}
	chip.MouseOut()
	line.MouseOut()
	if chip.back.FillColor != theme.Color(theme.Surface) || line.back.FillColor != theme.Color(theme.Clear) {
		t.Error("it stays as if the pointer were there")
	}
	if chip.Cursor() != desktop.PointerCursor || w.page.cols.grips[0].Cursor() != desktop.HResizeCursor {
		t.Error("the pointer does not tell")
	}
}

// attached begins a message with files and gives what it is.
func (w *town) attached(sizes ...int) (c *compose, back func()) {
	w.T.Helper()
	c, back = w.writing(w.page.Write)
	for i, n := range sizes {
		c.attach([]NamedFile{{Name: "Datei " + i18n.Count(i) + ".pdf", Data: func() ([]byte, error) { return bytes.Repeat([]byte("x"), n), nil }}})
	}
	w.Settle()
	return c, back
}

// TestAttachmentsAreTakenOut by the cross, by the keyboard, and come back by the toast; too many of them are warned of.
func TestAttachmentsAreTakenOut(t *testing.T) {
	w := newTown(t)
	c, _ := w.attached(1000, 2000, 3000)
	names := func() string {
		var all []string
		for _, a := range c.msg.Attachments {
			all = append(all, strings.TrimSuffix(strings.TrimPrefix(a.Name, "Datei "), ".pdf"))
		}
		return strings.Join(all, " ")
	}
	cross := func(i int) {
		chip := c.view.chips[i]
		chip.Tapped(&fyne.PointEvent{Position: fyne.NewPos(chip.Size().Width-4, 8)})
		w.Settle()
	}
	cross(1)
	if names() != "0 2" {
		t.Fatalf("left: %s", names())
	}
	w.focusOn(c.view.chips[1], fyne.KeyDelete)
	if names() != "0" {
		t.Fatalf("left: %s", names())
	}
	w.Click("Rückgängig")
	if !slices.Contains(strings.Fields(names()), "2") {
		t.Fatalf("left: %s", names())
	}
	w.MustNotSay("Viele Server nehmen")
	c.attach([]NamedFile{{Name: "Film.mp4", Data: func() ([]byte, error) { return make([]byte, heavy+1), nil }}})
	w.Settle()
	w.MustSay("Viele Server nehmen so große Nachrichten nicht an.")
}

// TestFilesAreDroppedOnTheMessage, those that can be read; what cannot be is said and attaches nothing.
func TestFilesAreDroppedOnTheMessage(t *testing.T) {
	w := newTown(t)
	c, _ := w.writing(w.page.Write)
	dir := t.TempDir()
	path := filepath.Join(dir, "Lageplan.pdf")
	w.core.Must(os.WriteFile(path, []byte("%PDF-1.7"), 0o600))
	c.dropped([]fyne.URI{fynestorage.NewFileURI(path)})
	w.Settle()
	if a := c.msg.Attachments; len(a) != 1 || a[0].Name != "Lageplan.pdf" || a[0].MIMEType != "application/pdf" || string(a[0].Data) != "%PDF-1.7" {
		t.Fatalf("%+v", a)
	}
	w.MustSay("Lageplan.pdf")
	c.dropped([]fyne.URI{fynestorage.NewFileURI(filepath.Join(dir, "fehlt.pdf"))})
	w.Settle()
	if errs := w.TakeErrors(); len(errs) != 1 || len(c.msg.Attachments) != 1 {
		t.Errorf("errors %v, %d attached", errs, len(c.msg.Attachments))
	}
}

// TestTheKeyboardGoesRoundInTheEditor with F6: Tab alone does not lead out of the text.
func TestTheKeyboardGoesRoundInTheEditor(t *testing.T) {
	w := newTown(t)
	c, _ := w.writing(w.page.Write)
	f6 := func() fyne.Focusable {
		c.win.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyF6})
		return c.win.Canvas().Focused()
	}
	for _, from := range []fyne.Focusable{c.view.to.entry, c.view.subject} {
		c.win.Canvas().Focus(from)
		if f6() != fyne.Focusable(c.view.text) || f6() != fyne.Focusable(c.view.send) || f6() != fyne.Focusable(c.view.to.entry) {
			t.Fatalf("from %T the keyboard comes to %T", from, c.win.Canvas().Focused())
		}
	}
	// What is asked before sending is the next thing: F6 and Return answer it.
	w.Fill("An", "a@fern.example, jonas.weber@stadt.example")
	w.Fill("Betreff", "Plan")
	c.send()
	w.Settle()
	c.win.Canvas().Focus(c.view.text)
	if f6() != fyne.Focusable(c.view.notice.act) || f6() != fyne.Focusable(c.view.send) {
		t.Fatalf("asked, the keyboard comes to %T", c.win.Canvas().Focused())
	}
	c.win.Canvas().Focus(c.view.text)
	f6()
	w.Key(fyne.KeyReturn)
	if ops, _ := w.waiting(); len(ops) != 1 || !c.ended {
		t.Errorf("%d wait", len(ops))
	}
}

// TestAPlanIsGivenUp: what was to leave later leaves at once again.
func TestAPlanIsGivenUp(t *testing.T) {
	w := newTown(t)
	c, _ := w.writing(w.page.Write)
	w.Fill("An", "jonas.weber@stadt.example")
	c.planMenu()
	w.Settle()
	w.MustNotSay("Sofort senden")
	w.Escape()
	c.plan(c.cfg.Now().AddDate(0, 0, 1))
	w.MustSay("Geplant: ")
	c.planMenu()
	w.Settle()
	w.Click("Sofort senden")
	w.MustNotSay("Geplant: ")
	if !c.msg.SendAt.IsZero() || w.Button("Senden") == nil {
		t.Errorf("leaves at %v", c.msg.SendAt)
	}
}

// TestPickingAFolderByKeyboard: the arrows choose, Escape leaves and changes nothing, Enter on no hit does nothing.
func TestPickingAFolderByKeyboard(t *testing.T) {
	w := newTown(t)
	inbox := w.place(mail.RoleInbox, "")
	id := w.choose("Prüfbericht Nr. 2026/118")
	folder := func() int64 { m, err := w.core.Mail.Open(w.ctx(), id); w.core.Must(err); return m.FolderID }
	w.page.Move()
	w.Settle()
	w.Type("gibt es nicht")
	w.Key(fyne.KeyReturn, fyne.KeyEscape)
	if folder() != inbox.ID || w.Focused() != fyne.Focusable(w.page.list.rows) {
		t.Fatalf("in %d, the keyboard is on %T", folder(), w.Focused())
	}
	w.page.Move()
	w.Settle()
	w.Type("bau")
	w.Key(fyne.KeyDown, fyne.KeyDown, fyne.KeyUp, fyne.KeyReturn)
	if got := folder(); got == inbox.ID {
		t.Error("not moved")
	}
}

// TestDeletingForGood asks first, and what is in the bin stays there for who says no.
func TestDeletingForGood(t *testing.T) {
	w := newTown(t)
	w.place(mail.RoleInbox, "")
	w.choose("Prüfbericht Nr. 2026/118")
	w.page.Delete()
	w.Settle()
	bin := w.place(mail.RoleTrash, "")
	w.choose("Prüfbericht Nr. 2026/118")
	w.page.Delete()
	w.Settle()
	w.MustSay("Das lässt sich nicht rückgängig machen.")
	w.Click("Abbrechen")
	if f, _ := w.page.nav.folder(bin.ID); f.Total != bin.Total {
		t.Fatalf("%d in the bin, %d before", f.Total, bin.Total)
	}
	w.page.Delete()
	w.Settle()
	w.Click("Endgültig löschen")
	if f, _ := w.page.nav.folder(bin.ID); f.Total != bin.Total-1 {
		t.Fatalf("%d in the bin, %d before", f.Total, bin.Total)
	}
}

// TestItWasNoJunk: what was taken for junk goes back to where it came from.
func TestItWasNoJunk(t *testing.T) {
	w := newTown(t)
	inbox := w.place(mail.RoleInbox, "")
	id := w.choose("Prüfbericht Nr. 2026/118")
	w.page.Junk()
	w.Settle()
	w.place(mail.RoleJunk, "")
	w.choose("Prüfbericht Nr. 2026/118")
	w.page.Junk()
	w.Settle()
	m, err := w.core.Mail.Open(w.ctx(), id)
	w.core.Must(err)
	if m.FolderID != inbox.ID || !m.Flags.Has(mail.NotJunk) || m.Flags.Has(mail.Junk) {
		t.Errorf("in %d, %v", m.FolderID, m.Flags)
	}
	if got := w.LastToast().Words; got != "1 Nachricht zurück in den Posteingang gelegt" {
		t.Errorf("says %q", got)
	}
}

// TestRecallingByTheButton takes a message out of the outbox; it lies among the drafts again, and nothing is sent.
func TestRecallingByTheButton(t *testing.T) {
	w := newTown(t)
	w.page.cfg.Recall = w.recall
	drafts := w.place(mail.RoleDrafts, "").Total
	w.outbox(t)
	w.Click("Senden zurückholen")
	if ops, _ := w.waiting(); len(ops) != 0 || w.page.list.rows.Count() != 0 {
		t.Fatalf("%d wait, %d rows", len(ops), w.page.list.rows.Count())
	}
	if f := w.place(mail.RoleDrafts, ""); f.Total != drafts+1 {
		t.Errorf("%d drafts, %d before", f.Total, drafts)
	}
	if got := w.LastToast().Words; !strings.HasPrefix(got, "Zurückgeholt.") {
		t.Errorf("says %q", got)
	}
}

// TestAVeryLongQuote stays out of the editor, goes along all the same, and can be left out and brought back.
func TestAVeryLongQuote(t *testing.T) {
	w := newTown(t)
	w.receive("From: a@stadt.example\r\nTo: lena.brandt@stadt.example\r\nSubject: Lang\r\nMessage-ID: <lang@x>\r\n\r\n" + strings.Repeat("Eine Zeile von vielen.\r\n", 2000))
	w.choose("Lang")
	c, back := w.writing(func() { w.page.Reply(false) })
	quote := c.quote
	w.Click(i18n.T("mailui.reader.quote", "n", strings.Count(quote, "\n")+1))
	w.MustSay("Das Zitat ist zu lang, um es hier zu bearbeiten.")
	w.Click("Zitat weglassen")
	if c.quote != "" {
		t.Fatal("it is still there")
	}
	w.Click("Rückgängig")
	if c.quote != quote {
		t.Fatal("it does not come back")
	}
	c.view.text.SetText("Danke.")
	c.send()
	back()
	if _, raw := w.waiting(); strings.Count(raw, "Eine Zeile von vielen.") != 2000 {
		t.Errorf("%d lines go along, errors %v", strings.Count(raw, "Eine Zeile von vielen."), w.TakeErrors())
	}
}

// TestThousandsAreChosen: what lies beyond what is in memory belongs to a selection as well, with all of its conversation.
func TestThousandsAreChosen(t *testing.T) {
	w := newTown(t)
	var box strings.Builder
	const many = 1700
	for i := range many {
		box.WriteString("From a@x Mon Nov 23 09:00:00 2026\nFrom: a@stadt.example\nStatus: O\nSubject: Umlauf " + i18n.Count(i) + "\nMessage-ID: <u" + i18n.Count(i) + "@x>\n\nx\n\n")
	}
	folder := w.place("", "Bauanträge")
	_, err := w.core.Mail.ImportNew(w.ctx(), folder.ID, strings.NewReader(box.String()), true)
	w.core.Must(err)
	w.Settle()
	kit.Focus(w.page.list.rows)
	w.page.list.rows.SelectAll()
	w.Settle()
	w.page.Flag()
	w.Settle()
	n, err := w.core.Mail.Count(w.ctx(), mail.Query{FolderID: folder.ID, Flagged: true})
	w.core.Must(err)
	if all, _ := w.page.nav.folder(folder.ID); n != all.Total || n < many {
		t.Errorf("%d of %d are flagged", n, all.Total)
	}
	w.page.Archive()
	w.Settle()
	if f, _ := w.page.nav.folder(folder.ID); f.Total != 0 {
		t.Errorf("%d are left", f.Total)
	}
	w.LastToast().Do()
	w.Settle()
	if f, _ := w.page.nav.folder(folder.ID); f.Total < many {
		t.Errorf("%d came back", f.Total)
	}
}
