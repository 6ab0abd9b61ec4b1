// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"pgregory.net/rapid"

	"kontor/app/live"
	"kontor/app/mail"
	"kontor/app/ui"
)

var (
	_ ui.Page   = (*Page)(nil)
	_ ui.Opener = (*Page)(nil)
)

// refresh is what the shell does when the store has changed.
func (s *scene) refresh() { s.page.Refresh(live.Mail | live.Folders) }

func (s *scene) subjects() []string {
	var out []string
	for i := range s.page.list.rows.Count() {
		if item, ok := s.page.list.rows.At(i); ok {
			out = append(out, item.Subject)
		}
	}
	return out
}

func (s *scene) folderOf(subject string) int64 {
	for _, m := range s.core.messages {
		if m.Subject == subject {
			return m.FolderID
		}
	}
	return 0
}

func TestPageOpensOnTheInboxOfAllAccounts(t *testing.T) {
	s := newScene(t, sample(), 1300, 800)
	if s.page.list.place.Key != "all/inbox" || s.page.nav.list.SelectedID() != "all/inbox" {
		t.Fatalf("shows %q", s.page.list.place.Key)
	}
	if got := s.subjects(); len(got) != 16 || got[0] != "Ortstermin Lindenstraße 14 – Unterlagen" {
		t.Errorf("got %d rows: %q", len(got), got)
	}
	if s.page.list.place.Count != 4 {
		t.Errorf("%d unread", s.page.list.place.Count)
	}
	if len(s.errs) > 0 {
		t.Error(s.errs)
	}
}

func TestReaderShowsWhatIsChosenAndCountsItAsRead(t *testing.T) {
	s := newScene(t, sample(), 1300, 800)
	s.page.list.rows.SelectRow(0)
	r := s.page.reader
	if r.shown.msg.Subject != "Ortstermin Lindenstraße 14 – Unterlagen" || r.shown.facts.Pixels != 2 || len(r.shown.thread) != 3 {
		t.Fatalf("shows %+v", r.shown.msg.Summary)
	}
	if !r.sheet.blocked.Visible() || len(r.sheet.chips) != 2 || !strings.Contains(r.sheet.body.AccessibilityLabel(), "Zitat anzeigen (7 Zeilen)") {
		t.Errorf("text: %q", r.sheet.body.AccessibilityLabel())
	}
	r.sheet.body.OnFold(1)
	if !strings.Contains(r.sheet.body.AccessibilityLabel(), "wann können wir uns treffen?") {
		t.Error("the quote must unfold")
	}
	s.page.looked(r.id)
	if m, _ := s.core.Open(t.Context(), r.id); !m.Flags.Has(mail.Seen) {
		t.Error("a message that was looked at is read")
	}
	s.page.looked(12345)
	s.refresh()
	if s.page.list.place.Count != 3 || r.shown.msg.Flags&mail.Seen == 0 {
		t.Errorf("%d unread", s.page.list.place.Count)
	}
}

func TestLateAnswersAreDropped(t *testing.T) {
	s := newScene(t, sample(), 1300, 800)
	late := &lateCore{fakeMail: s.core, page: s.page, slow: 101, next: 102}
	s.page.cfg.Mail = late
	s.page.openMessage(101)
	if s.page.reader.shown.msg.ID != 102 {
		t.Errorf("shows %d, the older wish", s.page.reader.shown.msg.ID)
	}
}

// lateCore lets a person go on to the next message while one is being read.
type lateCore struct {
	*fakeMail
	page       *Page
	slow, next int64
}

func (l *lateCore) Open(ctx context.Context, id int64) (mail.Message, error) {
	if id == l.slow {
		l.slow = 0
		l.page.openMessage(l.next)
	}
	return l.fakeMail.Open(ctx, id)
}

func TestDeletingAConversationTakesAllOfItInTheFolder(t *testing.T) {
	core := sample()
	extra := core.messages[0]
	extra.ID, extra.Subject, extra.Date = 900, "Ältere Nachricht", now.Add(-100*time.Hour)
	core.messages = append(core.messages, extra)
	s := newScene(t, core, 1300, 800)
	s.page.list.rows.SelectRow(0)
	s.page.Delete()
	s.refresh()
	if s.folderOf("Ältere Nachricht") != 6 || s.folderOf("Re: Ortstermin Lindenstraße 14 – Unterlagen") != 2 {
		t.Error("what lies in the folder goes, what was sent stays")
	}
	if len(s.toasts) != 1 || s.toasts[0] != "2 Nachrichten gelöscht" || s.undo == nil {
		t.Errorf("toasts %q", s.toasts)
	}
	if s.page.reader.shown.msg.Subject != "Prüfbericht Nr. 2026/118" {
		t.Errorf("the next message takes its place, not %q", s.page.reader.shown.msg.Subject)
	}
}

func TestSeveralMessagesMoveToAFolderThatIsTyped(t *testing.T) {
	s := newScene(t, sample(), 1300, 800)
	s.page.list.threads = false
	s.page.list.show()
	s.page.list.rows.SelectAll()
	if n := len(s.page.target()); n != 16 {
		t.Fatalf("%d chosen", n)
	}
	if got := s.page.manyActions(); len(got) < 5 {
		t.Errorf("%d actions", len(got))
	}
	s.page.Move()
	picker := topPicker(t, s.win)
	picker.field.SetText("rück")
	picker.key(&fyne.KeyEvent{Name: fyne.KeyReturn})
	s.refresh()
	if s.page.list.rows.Count() != 0 || s.folderOf("Mittagessen?") != 5 {
		t.Errorf("%d left", s.page.list.rows.Count())
	}
	if len(s.toasts) != 1 || !strings.Contains(s.toasts[0], "16 Nachrichten nach") || !strings.Contains(s.toasts[0], "Rückfragen") {
		t.Errorf("toasts %q", s.toasts)
	}
}

func topPicker(t *testing.T, w fyne.Window) *folderPicker {
	t.Helper()
	top := w.Canvas().Overlays().Top()
	if top == nil {
		t.Fatal("no folder picker")
	}
	var found *folderPicker
	var walk func(o fyne.CanvasObject)
	walk = func(o fyne.CanvasObject) {
		switch o := o.(type) {
		case *folderPicker:
			found = o
		case *fyne.Container:
			for _, c := range o.Objects {
				walk(c)
			}
		case fyne.Widget:
			for _, c := range rendered(o) {
				walk(c)
			}
		}
	}
	walk(top)
	if found == nil {
		t.Fatal("no folder picker")
	}
	return found
}

func TestNewMailMovesNothingThatIsOnScreen(t *testing.T) {
	core := sample()
	for i := range 500 {
		core.messages = append(core.messages, mail.Message{Summary: mail.Summary{
			ID: int64(2000 + i), AccountID: 1, FolderID: 1, Subject: fmt.Sprint("alt ", i), Date: now.Add(-time.Duration(i+400) * time.Hour), Flags: mail.Seen,
		}})
	}
	s := newScene(t, core, 1300, 800)
	rows := s.page.list.rows
	rows.SelectRow(200)
	before, _ := rows.VisibleRows()
	top, _ := rows.At(before)
	chosen := s.page.reader.id
	for i := range 30 {
		core.messages = append(core.messages, mail.Message{Summary: mail.Summary{ID: int64(5000 + i), AccountID: 1, FolderID: 1, Subject: "neu", Date: now}})
	}
	s.refresh()
	after, _ := rows.VisibleRows()
	if now, ok := rows.At(after); !ok || now.ID != top.ID || after != before+30 {
		t.Errorf("row %d moved to %d", before, after)
	}
	if s.page.reader.id != chosen || !slices.Equal(rows.Selected(), []int64{chosen}) {
		t.Error("the choice must stay")
	}
}

// bigCore has a hundred thousand messages and counts how often it is asked.
type bigCore struct {
	*fakeMail
	asked int
}

func (b *bigCore) Count(context.Context, mail.Query) (int, error) { return 100_000, nil }

func (b *bigCore) List(_ context.Context, _ mail.Query, offset, limit int) ([]mail.Summary, error) {
	b.asked++
	out := make([]mail.Summary, limit)
	for i := range out {
		out[i] = mail.Summary{ID: int64(offset + i + 1), FolderID: 1, Subject: fmt.Sprint(offset + i), Date: now.Add(-time.Duration(offset+i) * time.Minute)}
	}
	return out, nil
}

func TestAHundredThousandRowsAreReadByWindows(t *testing.T) {
	s := newScene(t, sample(), 1300, 800)
	big := &bigCore{fakeMail: s.core}
	s.page.cfg.Mail = big
	s.page.list.show()
	rows := s.page.list.rows
	if rows.Count() != 100_000 || big.asked > 2 {
		t.Fatalf("%d rows after %d reads", rows.Count(), big.asked)
	}
	for _, at := range []int{50_000, 99_999, 12, 77_777} {
		rows.ScrollToRow(at)
		first, n := rows.VisibleRows()
		for i := first; i < first+n; i++ {
			if item, ok := rows.At(i); !ok || item.Subject != fmt.Sprint(i) {
				t.Fatalf("a hole at row %d", i)
			}
		}
	}
	if big.asked > 20 {
		t.Errorf("%d reads", big.asked)
	}
}

func TestFilters(t *testing.T) {
	s := newScene(t, sample(), 1300, 800)
	s.page.Filter()
	s.page.list.filter.unread.Tapped(nil)
	if got := s.subjects(); len(got) != 4 {
		t.Errorf("unread: %q", got)
	}
	s.page.list.filter.words.SetText("prüf")
	if got := s.subjects(); len(got) != 1 || got[0] != "Prüfbericht Nr. 2026/118" {
		t.Errorf("with words: %q", got)
	}
	s.page.list.filter.words.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if got := s.subjects(); len(got) != 16 || s.page.list.filter.Visible() {
		t.Errorf("without: %d", len(got))
	}
}

// TestTheKeyboardLeavesTheFilter for the rows and comes back to the message that was being read: it can be acted on at once.
func TestTheKeyboardLeavesTheFilter(t *testing.T) {
	s := newScene(t, sample(), 1300, 800)
	words := func(k fyne.KeyName) { s.page.list.filter.words.TypedKey(&fyne.KeyEvent{Name: k}); s.refresh() }
	focused := func() fyne.Focusable { return s.win.Canvas().Focused() }
	rows := s.page.list.rows
	rows.SelectRow(3)
	s.refresh()
	reading := s.page.reader.id
	s.page.Filter()
	s.page.list.filter.words.SetText("prüf")
	s.refresh()
	words(fyne.KeyDown)
	if first, ok := rows.At(0); !ok || focused() != fyne.Focusable(rows) || rows.CursorRow() != 0 || s.page.reader.id != first.ID {
		t.Fatalf("down leads to row %d, %T", rows.CursorRow(), focused())
	}
	rows.SelectRow(0)
	s.page.openMessage(reading)
	s.page.Filter()
	words(fyne.KeyEscape)
	if got := rows.Selected(); len(got) != 1 || got[0] != reading || focused() != fyne.Focusable(rows) || rows.CursorRow() != 3 {
		t.Fatalf("chosen %v, row %d, %T", got, rows.CursorRow(), focused())
	}
	before := s.subjects()
	rows.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDelete})
	s.refresh()
	if after := s.subjects(); len(after) != len(before)-1 || after[3] == before[3] || s.page.reader.id == reading {
		t.Errorf("after deleting: %d of %d, reading %d", len(after), len(before), s.page.reader.id)
	}
	rows.ClearSelection()
	s.page.Delete()
	s.refresh()
	if s.page.reader.id != 0 {
		t.Errorf("what was deleted is still shown: %d", s.page.reader.id)
	}
}

func TestKeysOfTheList(t *testing.T) {
	s := newScene(t, sample(), 1300, 800)
	s.page.list.rows.SelectRow(1)
	press := func(k fyne.KeyName) { s.page.list.rows.TypedKey(&fyne.KeyEvent{Name: k}); s.refresh() }
	press(fyne.KeyInsert)
	id := s.page.reader.id
	if m, _ := s.core.Open(t.Context(), id); !m.Flags.Has(mail.Flagged) {
		t.Error("Insert marks")
	}
	press(fyne.KeyInsert)
	if m, _ := s.core.Open(t.Context(), id); m.Flags.Has(mail.Flagged) {
		t.Error("Insert takes the mark away again")
	}
	press(fyne.KeyDown)
	if s.page.reader.shown.msg.Subject != "Re: Vertretung KW 48" {
		t.Errorf("Down goes to %q", s.page.reader.shown.msg.Subject)
	}
	keys := map[string]func(){}
	for _, a := range s.page.Actions() {
		if !a.Silent {
			if keys[a.Keys()] != nil && a.Keys() != "" {
				t.Errorf("%s is bound twice", a.Keys())
			}
			keys[a.Keys()] = a.Do
		}
	}
	keys["Strg+U"]()
	if m, _ := s.core.Open(t.Context(), s.page.reader.id); m.Flags.Has(mail.Seen) {
		t.Error("Ctrl+U marks as unread")
	}
	keys["Strg+Q"]()
	if m, _ := s.core.Open(t.Context(), s.page.reader.id); !m.Flags.Has(mail.Seen) {
		t.Error("Ctrl+Q marks as read")
	}
	keys["Strg+Umschalt+A"]()
	s.refresh()
	if s.folderOf("Re: Vertretung KW 48") != 9 {
		t.Error("Ctrl+Shift+A archives")
	}
	press(fyne.KeyDelete)
	if len(s.toasts) != 2 {
		t.Errorf("toasts %q", s.toasts)
	}
}

func TestMessagesWithoutTextSaySo(t *testing.T) {
	core := sample()
	core.messages[1].HasBody = false
	s := newScene(t, core, 1300, 800)
	s.page.list.rows.SelectRow(1)
	if got := s.page.reader.sheet.body.AccessibilityLabel(); !strings.Contains(got, "sobald eine Verbindung besteht") {
		t.Errorf("got %q", got)
	}
	core.messages[1].HasBody, core.messages[1].Text = true, "Jetzt da."
	s.refresh()
	if got := s.page.reader.sheet.body.AccessibilityLabel(); got != "Jetzt da." {
		t.Errorf("got %q", got)
	}
}

func TestOpenFindsAMessageWhereverItLies(t *testing.T) {
	s := newScene(t, sample(), 1300, 800)
	var id int64
	for _, m := range s.core.messages {
		if m.FolderID == 5 {
			id = m.ID
		}
	}
	s.page.Open(id)
	if s.page.list.place.Folder.ID != 5 || s.page.reader.shown.msg.ID != id || !slices.Equal(s.page.list.rows.Selected(), []int64{id}) {
		t.Errorf("shows %q and %d", s.page.list.place.Title, s.page.reader.shown.msg.ID)
	}
}

func TestFoldersAreMadeRenamedAndRemoved(t *testing.T) {
	s := newScene(t, sample(), 1300, 800)
	row, _ := s.page.nav.row("folder/3")
	s.page.deleteFolder(row) // empty: no question
	s.refresh()
	if _, ok := s.page.nav.row("folder/3"); ok || len(s.toasts) != 1 {
		t.Error("the folder is still there")
	}
	s.core.folders = slices.DeleteFunc(s.core.folders, func(f mail.Folder) bool { return f.Role == mail.RoleTrash })
	s.refresh()
	full, _ := s.page.nav.row("folder/5")
	s.page.deleteFolder(full)
	if _, ok := s.page.nav.folder(5); !ok || s.win.Canvas().Overlays().Top() == nil {
		t.Error("without a bin a folder with messages asks first")
	}
}

func TestColumnsFitEveryWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.Float32Range(280, 4000).Draw(t, "width")
		front := pane(rapid.IntRange(0, 2).Draw(t, "front"))
		w := fitColumns(width, rapid.Float32Range(0, 900).Draw(t, "nav"), rapid.Float32Range(0, 900).Draw(t, "list"), front)
		if sum := w.nav + w.list + w.reader; sum < width-0.5 || sum > width+0.5 {
			t.Fatalf("%+v is not %v", w, width)
		}
		for _, each := range []float32{w.nav, w.list, w.reader} {
			if each != 0 && each < 170 && each < width {
				t.Fatalf("a column of %v in %+v", each, w)
			}
		}
		shown := map[pane]float32{paneNav: w.nav, paneList: w.list, paneReader: w.reader}
		if shown[front] == 0 && !(front == paneNav && width >= 820) {
			t.Fatalf("pane %d is out of view in %+v", front, w)
		}
	})
}

func TestPanesFollowEachOther(t *testing.T) {
	s := newScene(t, sample(), 500, 700)
	if !s.page.cols.Shows(paneList) || s.page.cols.Shows(paneReader) || !s.page.list.menu.Visible() {
		t.Fatal("a narrow window shows the list")
	}
	s.page.list.rows.SelectRow(0)
	if !s.page.NextPane(1) || !s.page.cols.Shows(paneReader) || !s.page.reader.goBack.Visible() {
		t.Error("the next pane is the message")
	}
	if s.page.NextPane(1) {
		t.Error("there is none behind it")
	}
	if !s.page.NextPane(-1) || !s.page.cols.Shows(paneList) {
		t.Error("back to the list")
	}
	if !s.page.NextPane(-1) || !s.page.cols.Shows(paneNav) {
		t.Error("back to the folders")
	}
}
