// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"kontor/app/i18n"
	"kontor/app/mail"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// filterBar narrows the list: by words, to what is unread, to what is flagged.
type filterBar struct {
	widget.BaseWidget
	changed         func()
	ended           func() // nothing is filtered any more
	back, line      *canvas.Rectangle
	words           *kit.Entry
	unread, flagged *toggle
	close           *kit.Button
}

// newFilterBar makes the bar. changed is told of every change, ended of the end; into leads from the words to the rows.
func newFilterBar(changed, ended, into func()) *filterBar {
	f := &filterBar{changed: changed, ended: ended, back: canvas.NewRectangle(theme.Color(theme.Background)), line: canvas.NewRectangle(theme.Color(theme.Line))}
	f.words = kit.NewEntry(i18n.T("mailui.filter.words"))
	f.words.OnChanged = func(string) { f.changed() }
	f.unread = newToggle(i18n.T("mailui.filter.unread"), func(bool) { f.changed() })
	f.flagged = newToggle(i18n.T("mailui.filter.flagged"), func(bool) { f.changed() })
	f.close = kit.NewIconButton("close", i18n.T("mailui.filter.close"), f.end)
	f.words.OnKey = func(ev *fyne.KeyEvent) bool {
		switch ev.Name {
		case fyne.KeyEscape:
			f.end()
		case fyne.KeyDown, fyne.KeyReturn, fyne.KeyEnter:
			into()
		default:
			return false
		}
		return true
	}
	f.ExtendBaseWidget(f)
	return f
}

func (f *filterBar) end() {
	f.reset()
	f.Hide()
	f.changed()
	f.ended()
}

// reset takes all filters out without telling.
func (f *filterBar) reset() {
	on := f.words.OnChanged
	f.words.OnChanged = nil
	f.words.SetText("")
	f.words.OnChanged = on
	f.unread.On, f.flagged.On = false, false
	f.unread.Refresh()
	f.flagged.Refresh()
}

func (f *filterBar) active() bool {
	return f.unread.On || f.flagged.On || strings.TrimSpace(f.words.Text) != ""
}

func (f *filterBar) apply(q *mail.Query) {
	q.UnreadOnly = q.UnreadOnly || f.unread.On
	q.Flagged = q.Flagged || f.flagged.On
	q.Text = strings.TrimSpace(f.words.Text)
}

// CreateRenderer implements fyne.Widget.
func (f *filterBar) CreateRenderer() fyne.WidgetRenderer {
	return &painter{
		owner: f, objects: func() []fyne.CanvasObject {
			return []fyne.CanvasObject{f.back, f.line, f.words, f.close, f.unread, f.flagged}
		},
		min:   func() fyne.Size { return fyne.NewSize(theme.Px(200), theme.Px(80)) },
		paint: func() { kit.Tint(f.back, theme.Background); kit.Tint(f.line, theme.Line) },
		layout: func(s fyne.Size) {
			px := theme.Px
			place(f.back, 0, 0, s.Width, s.Height)
			place(f.line, 0, s.Height-1, s.Width, 1)
			place(f.words, px(10), px(7), s.Width-px(56), px(34))
			place(f.close, s.Width-px(40), px(9), px(30), px(30))
			w := f.unread.MinSize().Width
			place(f.unread, px(10), px(46), w, px(26))
			place(f.flagged, px(16)+w, px(46), f.flagged.MinSize().Width, px(26))
		},
	}
}

// toggle is a small button that stays pressed.
type toggle struct {
	widget.BaseWidget
	On      bool
	changed func(bool)
	back    *canvas.Rectangle
	ring    *canvas.Rectangle
	label   *kit.Text
	focused bool
}

func newToggle(label string, changed func(bool)) *toggle {
	t := &toggle{changed: changed, back: kit.Rect(theme.Surface, 6), ring: kit.Rect(theme.Clear, 7), label: kit.NewText(label, 13, theme.Text)}
	t.ring.StrokeWidth = 2
	t.ExtendBaseWidget(t)
	return t
}

// CreateRenderer implements fyne.Widget.
func (t *toggle) CreateRenderer() fyne.WidgetRenderer {
	t.paint()
	return &painter{
		owner: t, objects: func() []fyne.CanvasObject { return []fyne.CanvasObject{t.back, t.label.Text, t.ring} },
		min:   func() fyne.Size { return fyne.NewSize(t.label.Width()+theme.Px(22), theme.Px(26)) },
		paint: t.paint,
		layout: func(s fyne.Size) {
			place(t.back, 0, 0, s.Width, s.Height)
			place(t.ring, -2, -2, s.Width+4, s.Height+4)
			t.label.PlaceCentre(0, s.Height/2, s.Width)
		},
	}
}

func (t *toggle) paint() {
	ground, line, text := theme.Surface, theme.Control, theme.Text
	if t.On {
		ground, line, text = theme.AccentSoft, theme.Accent, theme.Accent
	}
	kit.Tint(t.back, ground)
	kit.Border(t.back, line)
	t.label.Retheme()
	t.label.Set(t.label.Full(), text)
	t.ring.StrokeColor = theme.Color(theme.Focus)
	setVisible(t.ring, t.focused)
}

// Tapped implements fyne.Tappable.
func (t *toggle) Tapped(*fyne.PointEvent) {
	t.On = !t.On
	t.Refresh()
	t.changed(t.On)
}

// FocusGained implements fyne.Focusable.
func (t *toggle) FocusGained() { t.focused = true; t.Refresh() }

// FocusLost implements fyne.Focusable.
func (t *toggle) FocusLost() { t.focused = false; t.Refresh() }

// TypedRune implements fyne.Focusable.
func (t *toggle) TypedRune(rune) {}

// TypedKey implements fyne.Focusable.
func (t *toggle) TypedKey(ev *fyne.KeyEvent) {
	switch ev.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		t.Tapped(nil)
	default:
		kit.PassKey(t, ev)
	}
}

// Cursor implements desktop.Cursorable.
func (t *toggle) Cursor() desktop.Cursor { return desktop.PointerCursor }
