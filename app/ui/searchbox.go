// SPDX-License-Identifier: EUPL-1.2

package ui

import (
	"context"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"kontor/app/i18n"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// searchBox is the field on top and the list of results below it. Every search runs away from the UI goroutine on the
// local store; what was found stays until the next result is there.
type searchBox struct {
	shell  *Shell
	field  *kit.SearchField
	list   *kit.RowList[string, hitRow]
	panel  *kit.Panel
	rows   []hitRow
	wait   *time.Timer
	cancel context.CancelFunc
	asked  string // the words of the newest search
	found  string // the words that the results are of
}

const (
	searchDelay = 90 * time.Millisecond
	searchAgain = 1500 * time.Millisecond // while the index is behind
	searchLimit = 42
	hitHeight   = 46
)

// hitRow is a result or the heading of a group.
type hitRow struct {
	Hit
	heading string
	note    string // nothing was found
}

func newSearchBox(s *Shell) *searchBox {
	b := &searchBox{shell: s}
	b.field = kit.NewSearchField(i18n.T("ui.search-all"), Action{Key: fyne.KeyK, Mod: Ctrl}.Keys())
	b.list = kit.NewRowList(kit.RowListConfig[string, hitRow]{
		Height: hitHeight, NoLine: true, Inset: 6,
		Key:    func(r hitRow) string { return r.Kind + "/" + strconv.FormatInt(r.ID, 10) + r.heading },
		NewRow: func() kit.Row[hitRow] { return newHitLine(s.Now) },
		Skip:   func(r hitRow) bool { return r.heading != "" || r.note != "" },
		Label:  func(r hitRow) string { return r.Title },
		OnOpen: b.choose,
	})
	b.panel = kit.NewPanel(theme.Surface, b.list).Rounded(8, theme.Control).Padded(6, 1, 6, 1)
	b.field.Entry.OnChanged = func(string) { b.later() }
	b.field.Entry.OnKey = b.key
	return b
}

// open gives the keyboard to the field.
func (b *searchBox) open() {
	b.shell.win.Canvas().Focus(b.field.Entry)
	if b.field.Entry.Text != "" {
		b.field.Entry.TypedShortcut(&fyne.ShortcutSelectAll{})
		b.run()
	}
}

// SearchFor searches as if the words had been typed.
func (s *Shell) SearchFor(words string) {
	s.search.field.Entry.SetText(words)
	s.search.open()
	s.search.run()
}

func (b *searchBox) key(ev *fyne.KeyEvent) bool {
	switch ev.Name {
	case fyne.KeyEscape:
		b.close()
		return true
	case fyne.KeyDown, fyne.KeyUp, fyne.KeyPageDown, fyne.KeyPageUp:
		if b.isOpen() {
			b.list.TypedKey(ev)
			return true
		}
	case fyne.KeyReturn, fyne.KeyEnter:
		if r, ok := b.list.Current(); ok && b.isOpen() && b.found == b.words() {
			b.choose(r)
		} else {
			b.run()
		}
		return true
	}
	return false
}

func (b *searchBox) words() string { return strings.TrimSpace(b.field.Entry.Text) }

func (b *searchBox) isOpen() bool { return b.shell.stage.Floating() == fyne.CanvasObject(b.panel) }

// close takes the results away and gives the keyboard back to the page.
func (b *searchBox) close() {
	wasOpen := b.isOpen()
	b.drop()
	if wasOpen {
		b.shell.stage.Unfloat()
	}
	if !wasOpen || b.words() == "" {
		b.field.Entry.SetText("")
		b.shell.focusPage()
	}
}

// drop forgets what is being searched for: its results would come up over something else.
func (b *searchBox) drop() {
	if b.wait != nil {
		b.wait.Stop()
		b.wait = nil
	}
	if b.cancel != nil {
		b.cancel()
	}
}

// later searches once typing pauses.
func (b *searchBox) later() {
	b.drop()
	if b.words() == "" {
		if b.isOpen() {
			b.shell.stage.Unfloat()
		}
		return
	}
	var wait *time.Timer
	wait = time.AfterFunc(searchDelay, func() {
		kit.Do(func() {
			if wait == b.wait {
				b.run()
			}
		})
	})
	b.wait = wait
}

func (b *searchBox) run() {
	b.drop()
	words := b.words()
	if words == "" || b.shell.Search == nil {
		return
	}
	ctx, cancel := context.WithCancel(b.shell.ctx)
	b.cancel, b.asked = cancel, words
	b.ask(ctx, words, false)
}

// answer is what a search found, and how much it did not look through.
type answer struct {
	hits   []Hit
	behind int
}

// ask searches. While the index is behind, it says so and searches again as long as the results are shown.
func (b *searchBox) ask(ctx context.Context, words string, again bool) {
	kit.Load(func() (found answer, err error) {
		if b.shell.Behind != nil { // asked first: what is read meanwhile is found next time
			if found.behind, err = b.shell.Behind(ctx); err != nil {
				return found, err
			}
		}
		found.hits, err = b.shell.Search(ctx, words, searchLimit)
		return found, err
	}, func(found answer, err error) {
		if words != b.asked || ctx.Err() != nil {
			return
		}
		if err != nil {
			b.shell.ShowError(err)
			return
		}
		rows := groupHits(found.hits)
		if found.behind > 0 {
			rows = append(rows, hitRow{Hit: Hit{Kind: "behind"}, note: i18n.T("ui.search-behind", "n", found.behind)})
			b.wait = time.AfterFunc(searchAgain, func() { // drop stops it
				kit.Do(func() {
					if ctx.Err() == nil && b.isOpen() {
						b.ask(ctx, words, true)
					}
				})
			})
		}
		b.found = words
		if again {
			b.renew(rows)
			return
		}
		b.show(rows)
	})
}

// renew shows more results than before, and leaves the person's choice where it is.
func (b *searchBox) renew(rows []hitRow) {
	b.rows = rows
	b.list.SetRows(rows)
	b.shell.stage.PlaceFloat()
}

// groupHits puts a heading before each kind, in a fixed order, and keeps the order within.
func groupHits(hits []Hit) []hitRow {
	var rows []hitRow
	for _, kind := range []string{"mail", "files", "tasks"} {
		first := true
		for _, h := range hits {
			if h.Kind != kind {
				continue
			}
			if first {
				rows = append(rows, hitRow{Hit: Hit{Kind: kind}, heading: i18n.T("ui.kind." + kind)})
				first = false
			}
			rows = append(rows, hitRow{Hit: h})
		}
	}
	if rows == nil {
		rows = []hitRow{{note: i18n.T("ui.nothing-found")}}
	}
	return rows
}

func (b *searchBox) show(rows []hitRow) {
	b.rows = rows
	b.list.ClearSelection()
	b.list.SetRows(rows)
	if b.isOpen() {
		b.shell.stage.PlaceFloat()
	} else {
		b.shell.stage.Float(b.panel, b.placed, func() { b.shell.stage.Unfloat() })
	}
	if len(rows) > 1 {
		b.list.SelectRow(0)
	}
}

func (b *searchBox) placed(stage fyne.Size) (fyne.Position, fyne.Size) {
	at := b.field.Position().Add(b.shell.top.Position())
	w := max(b.field.Size().Width, min(theme.Px(460), stage.Width-at.X-theme.Px(16)))
	h := theme.Px(hitHeight)*float32(len(b.rows)) + theme.Px(12)
	return at.AddXY(0, b.field.Size().Height+theme.Px(5)), fyne.NewSize(w, min(h, stage.Height-theme.Px(100)))
}

func (b *searchBox) choose(r hitRow) {
	b.drop()
	b.shell.stage.Unfloat()
	b.shell.Open(r.Kind, r.ID)
}

// hitLine paints a hitRow.
type hitLine struct {
	now                func() time.Time
	glyph              *kit.Icon
	title, where, date *kit.Text
}

func newHitLine(now func() time.Time) *hitLine {
	return &hitLine{
		now:   now,
		glyph: kit.NewIcon("mail", theme.Muted), title: kit.NewText("", 14, theme.Text), where: kit.NewText("", 12, theme.Muted), date: kit.NewText("", 12, theme.Muted),
	}
}

// Objects implements kit.Row.
func (l *hitLine) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{l.glyph.Image, l.title.Text, l.where.Text, l.date.Text}
}

var hitIcons = map[string]string{"mail": "mail", "files": "file", "tasks": "check-square"}

// icon is the glyph of what was found.
func (r hitRow) icon() string {
	if r.Dir {
		return "folder"
	}
	return hitIcons[r.Kind]
}

// Paint implements kit.Row.
func (l *hitLine) Paint(r hitRow, size fyne.Size, _ kit.RowState) {
	left, right := theme.Px(46), size.Width-theme.Px(18)
	if r.heading != "" || r.note != "" {
		l.glyph.Set("", theme.Muted)
		l.where.Set("", theme.Muted)
		l.date.Set("", theme.Muted)
		l.title.SetBold(r.heading != "")
		l.title.Set(strings.ToUpper(r.heading)+r.note, theme.Muted)
		middle := size.Height / 2
		if r.heading != "" {
			middle += theme.Px(7)
		}
		l.title.Place(theme.Px(18), middle, right-theme.Px(18))
		return
	}
	l.glyph.Set(r.icon(), theme.Muted)
	l.glyph.Place(theme.Px(18), size.Height/2, 18)
	l.date.Set("", theme.Muted)
	end := right
	if !r.Date.IsZero() {
		l.date.Set(i18n.Day(r.Date, l.now()), theme.Muted)
		end = l.date.PlaceRight(right, size.Height*0.32, theme.Px(90)) - theme.Px(10)
	}
	l.title.SetBold(false)
	l.title.Set(r.Title, theme.Text)
	l.title.Place(left, size.Height*0.32, end-left)
	where := r.Where
	if r.Snippet != "" && r.Kind == "mail" {
		where += " · " + r.Snippet
	}
	l.where.Set(strings.TrimPrefix(where, " · "), theme.Muted)
	l.where.Place(left, size.Height*0.70, right-left)
}
