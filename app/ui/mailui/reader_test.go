// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"kontor/app/mail"
)

// textScene shows a text in the reader of a page.
func textScene(t *testing.T, text, html string) (*scene, *textView) {
	t.Helper()
	core := sample()
	core.messages[0].Text, core.messages[0].HTML = text, html
	s := newScene(t, core, 1300, 800)
	s.page.list.rows.SelectRow(0)
	return s, s.page.reader.sheet.body
}

func at(x, y float32) *desktop.MouseEvent {
	return &desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(x, y)}, Button: desktop.MouseButtonPrimary}
}

func TestTextIsSelectedAndCopied(t *testing.T) {
	s, body := textScene(t, "Erste Zeile\n\nZweite Zeile mit Text", "")
	line := body.lines[1]
	body.MouseDown(at(0, 2))
	body.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(body.offset(1, 6), line.Y+line.H/2)}})
	body.MouseUp(nil)
	if got := body.SelectedText(); got != "Erste Zeile\n\nZweite" {
		t.Errorf("selected %q", got)
	}
	body.TypedShortcut(&fyne.ShortcutCopy{})
	if got := s.app.Clipboard().Content(); got != "Erste Zeile\n\nZweite" {
		t.Errorf("copied %q", got)
	}
	word := at(body.offset(1, 2), line.Y+line.H/2)
	body.MouseDown(word)
	body.MouseDown(word)
	if got := body.SelectedText(); got != "Zweite" {
		t.Errorf("a double click selects %q", got)
	}
	body.TypedShortcut(&fyne.ShortcutSelectAll{})
	if got := body.SelectedText(); got != "Erste Zeile\n\nZweite Zeile mit Text" {
		t.Errorf("all is %q", got)
	}
}

func TestLinksAreFollowedByMouseAndKeyboard(t *testing.T) {
	s, body := textScene(t, "siehe https://stadt.example/a und k@stadt.example", "")
	var opened []string
	s.page.cfg.OpenURL = func(href string) error { opened = append(opened, href); return nil }
	x := body.offset(0, 10)
	body.MouseMoved(at(x, 5))
	if s.page.reader.target.Full() != "https://stadt.example/a" || body.Cursor() != desktop.PointerCursor {
		t.Errorf("the target says %q", s.page.reader.target.Full())
	}
	body.MouseDown(at(x, 5))
	body.Tapped(&fyne.PointEvent{Position: fyne.NewPos(x, 5)})
	body.MouseOut()
	if !slices.Equal(opened, []string{"https://stadt.example/a"}) || s.page.reader.target.Full() != "" {
		t.Errorf("opened %q", opened)
	}
	body.FocusGained()
	body.TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
	body.TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
	c := s.writing(func() { body.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn}) })
	if c.view.to.Text() != "k@stadt.example" {
		t.Errorf("writes to %q", c.view.to.Text())
	}
}

func TestDeceivingLinksWarnAndAsk(t *testing.T) {
	s, body := textScene(t, "Bitte melden Sie sich an: www.stadt.example <https://evil.example/x>", `<a href="https://evil.example/x">www.stadt.example</a>`)
	var opened []string
	s.page.cfg.OpenURL = func(href string) error { opened = append(opened, href); return nil }
	if !s.page.reader.sheet.warning.Visible() || !strings.Contains(s.page.reader.sheet.warning.words.text, "www.stadt.example") {
		t.Error("no warning")
	}
	body.follow(deceivingSpan(s.page.reader.shown.paras))
	if len(opened) != 0 || s.win.Canvas().Overlays().Top() == nil {
		t.Errorf("opened %q without a question", opened)
	}
	body.follow(&span{Text: "x", Href: "file:///etc/passwd"})
	body.follow(&span{Text: "x", Href: "javascript:alert(1)"})
	if len(opened) != 0 {
		t.Errorf("opened %q", opened)
	}
}

func TestLongTextsAreLaidOutInPartAndPaintOnlyWhatIsSeen(t *testing.T) {
	s, body := textScene(t, strings.Repeat("Eine Zeile, die nicht besonders lang ist.\n", 20_000), "")
	if !s.page.reader.sheet.more.Visible() || len(body.objects) > 200 {
		t.Errorf("%d objects for %d lines", len(body.objects), len(body.lines))
	}
	before := len(body.lines)
	s.page.reader.sheet.more.Tapped(nil)
	if len(body.lines) <= before || s.page.reader.sheet.more.Visible() {
		t.Errorf("%d lines", len(body.lines))
	}
	for range 3 {
		if !s.page.reader.scrollBy(&fyne.KeyEvent{Name: fyne.KeyPageDown}) {
			t.Fatal("does not scroll")
		}
	}
	if s.page.reader.scroll.Offset.Y < 1000 || s.page.reader.atEnd() {
		t.Errorf("scrolled to %v", s.page.reader.scroll.Offset.Y)
	}
	s.page.reader.scrollBy(&fyne.KeyEvent{Name: fyne.KeyEnd})
	if !s.page.reader.atEnd() {
		t.Error("End goes to the end")
	}
}

func TestAttachmentsOfferWhatCanBeDone(t *testing.T) {
	s := newScene(t, sample(), 1300, 800)
	var stored, openedFiles []string
	s.page.cfg.ToFiles = func(name string, _ []byte) { stored = append(stored, name) }
	s.page.cfg.OpenData = func(name string, _ func() ([]byte, error)) { openedFiles = append(openedFiles, name) }
	s.page.list.rows.SelectRow(0)
	chip := s.page.reader.sheet.chips[0]
	if got := chip.AccessibilityLabel(); !strings.HasPrefix(got, "Lageplan.pdf, 2,4") {
		t.Errorf("label %q", got)
	}
	items := chip.menu()
	if len(items) != 3 {
		t.Fatalf("%d items", len(items))
	}
	items[0].Act()
	items[2].Act()
	if !slices.Equal(stored, []string{"Lageplan.pdf"}) || !slices.Equal(openedFiles, []string{"Lageplan.pdf"}) {
		t.Errorf("stored %q, opened %q", stored, openedFiles)
	}
	items = s.page.attachmentMenu(101, mail.Attachment{Name: "Rechnung.pdf.exe"})
	items[0].Act()
	if len(openedFiles) != 1 || s.win.Canvas().Overlays().Top() == nil {
		t.Error("a program opens without a question")
	}
}

func TestNamesOfAttachmentsAreSafe(t *testing.T) {
	for give, want := range map[string]string{
		"../../etc/passwd": "passwd", `C:\a\b.txt`: "b.txt", "a:b?.pdf": "a_b_.pdf", "..": "", "x.pdf. ": "x.pdf", "a\u202Efdp.exe": "afdp.exe", "": "",
	} {
		if got := safeName(give); got != want {
			t.Errorf("%q became %q", give, got)
		}
	}
	if !runs("a.EXE") || !runs("b.docm") || runs("c.pdf") {
		t.Error("programs and documents are mixed up")
	}
}

func TestConversationOpensAndActsOnOneMessage(t *testing.T) {
	s := newScene(t, sample(), 1300, 800)
	s.page.list.rows.SelectRow(0)
	r := s.page.reader
	r.sheet.earlier.Tapped(nil)
	if len(r.sheet.previous) != 2 {
		t.Fatalf("%d earlier messages", len(r.sheet.previous))
	}
	r.sheet.previous[0].Tapped(nil)
	if r.shown.msg.FolderID != 2 {
		t.Fatalf("shows folder %d", r.shown.msg.FolderID)
	}
	opened := r.id
	s.page.Delete()
	if m, _ := s.core.Open(t.Context(), opened); m.FolderID != 6 {
		t.Error("the opened message is not deleted")
	}
	if s.folderOf("Ortstermin Lindenstraße 14 – Unterlagen") != 1 || r.shown.msg.ID != 101 {
		t.Errorf("the chosen one must stay, and be shown; shown is %d", r.shown.msg.ID)
	}
}

func TestOutboxAndDraftsHaveTheirOwnActions(t *testing.T) {
	s := newScene(t, sample(), 1300, 800)
	place, _ := s.page.nav.row("all/outbox")
	s.page.show(place)
	s.page.list.rows.SelectRow(0)
	if got := s.page.reader.bar.actions; len(got) != 0 {
		t.Errorf("%d actions", len(got))
	}
	if item, _ := s.page.list.rows.At(0); !strings.HasPrefix(rowOf(item.Summary, "", true, now).Who, "An: ") {
		t.Error("the outbox shows recipients")
	}
	place, _ = s.page.nav.row("all/drafts")
	s.page.show(place)
	s.page.list.rows.SelectRow(0)
	if got := s.page.reader.bar.actions; len(got) != 2 || got[0].Text != "Weiter schreiben" {
		t.Errorf("actions %+v", got)
	}
}

func TestActionsThatDoNotFitGoIntoTheMenu(t *testing.T) {
	s := newScene(t, sample(), 1300, 800)
	s.page.list.rows.SelectRow(0)
	bar := s.page.reader.bar
	wide, all := bar.fitted, len(bar.actions)+len(bar.always)
	s.win.Resize(fyne.NewSize(950, 600))
	if bar.fitted >= wide || bar.fitted == 0 {
		t.Errorf("%d of %d buttons", bar.fitted, wide)
	}
	words := 0
	for _, i := range bar.menu() {
		if i.Label != "" {
			words++
		}
	}
	if bar.fitted+words != all-1 { // one of the always is a separator
		t.Errorf("%d buttons and %d lines for %d actions", bar.fitted, words, all)
	}
}
