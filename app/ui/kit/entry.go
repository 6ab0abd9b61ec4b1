// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"kontor/app/ui/theme"
)

// Entry is a text field that lets the window have the keys it does not use itself: shortcuts, F keys, and through OnKey
// any other.
type Entry struct {
	widget.Entry
	OnKey   func(ev *fyne.KeyEvent) bool // true if the key was used
	OnFocus func(on bool)
	Name    string // what the field is for, for screen readers; the hint where it is empty

	hint, cut string // the whole placeholder, and as much of it as fits
}

// NewEntry makes a field of one line.
func NewEntry(placeholder string) *Entry {
	e := &Entry{}
	e.PlaceHolder = placeholder
	e.ExtendBaseWidget(e)
	return e
}

// NewPassword makes a field that does not show what is typed.
func NewPassword(placeholder string) *Entry {
	e := NewEntry(placeholder)
	e.Password = true
	return e
}

// NewMultiline makes a field of many lines that wraps words.
func NewMultiline(placeholder string) *Entry {
	e := NewEntry(placeholder)
	e.MultiLine = true
	e.Wrapping = fyne.TextWrapWord
	return e
}

// Resize implements fyne.CanvasObject. A placeholder that does not fit is cut off: it would make the field scroll.
func (e *Entry) Resize(size fyne.Size) {
	if e.PlaceHolder != e.cut {
		e.hint = e.PlaceHolder
	}
	if !e.MultiLine && size.Width > 0 {
		th := e.Theme()
		room := size.Width - 4*th.Size(fynetheme.SizeNameInnerPadding)
		if e.ActionItem != nil {
			room -= e.ActionItem.MinSize().Width
		}
		e.cut = Ellipsis(e.hint, room, th.Size(fynetheme.SizeNameText), e.TextStyle)
		if e.cut != e.PlaceHolder {
			e.SetPlaceHolder(e.cut)
		}
	}
	e.Entry.Resize(size.Max(fyne.NewSquareSize(4))) // less than its border would be less than nothing
}

// TypedKey implements fyne.Focusable.
func (e *Entry) TypedKey(ev *fyne.KeyEvent) {
	if e.OnKey != nil && e.OnKey(ev) {
		return
	}
	switch ev.Name {
	case fyne.KeyF1, fyne.KeyF2, fyne.KeyF3, fyne.KeyF4, fyne.KeyF5, fyne.KeyF6, fyne.KeyF7, fyne.KeyF8, fyne.KeyF9, fyne.KeyF10,
		fyne.KeyF11, fyne.KeyF12, fyne.KeyEscape:
		PassKey(e, ev)
	default:
		e.Entry.TypedKey(ev)
	}
}

// TypedShortcut implements fyne.Shortcutable.
func (e *Entry) TypedShortcut(s fyne.Shortcut) {
	e.Entry.TypedShortcut(s)
	if c, ok := s.(*desktop.CustomShortcut); ok && c.KeyName != fyne.KeyLeft && c.KeyName != fyne.KeyRight {
		PassShortcut(e, s)
	}
}

// FocusGained implements fyne.Focusable.
func (e *Entry) FocusGained() {
	e.Entry.FocusGained()
	if e.OnFocus != nil {
		e.OnFocus(true)
	}
}

// FocusLost implements fyne.Focusable.
func (e *Entry) FocusLost() {
	e.Entry.FocusLost()
	if e.OnFocus != nil {
		e.OnFocus(false)
	}
}

// bare is the theme of a field without a ground and border of its own.
type bare struct{ text float32 }

func (bare) base() fyne.Theme { return fyne.CurrentApp().Settings().Theme() }

// Font implements fyne.Theme.
func (b bare) Font(s fyne.TextStyle) fyne.Resource { return b.base().Font(s) }

// Icon implements fyne.Theme.
func (b bare) Icon(n fyne.ThemeIconName) fyne.Resource { return b.base().Icon(n) }

// Color implements fyne.Theme.
func (b bare) Color(n fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	switch n {
	case fynetheme.ColorNameInputBackground, fynetheme.ColorNameInputBorder:
		return color.Transparent
	}
	return b.base().Color(n, v)
}

// Size implements fyne.Theme.
func (b bare) Size(n fyne.ThemeSizeName) float32 {
	switch n {
	case fynetheme.SizeNameInputBorder:
		return 0
	case fynetheme.SizeNameInnerPadding:
		return theme.Px(6)
	case fynetheme.SizeNameText:
		if b.text > 0 {
			return theme.TextPx(b.text)
		}
	}
	return b.base().Size(n)
}

// Bare shows a field without a ground and border, for use inside a frame of its own.
func Bare(o fyne.CanvasObject) fyne.CanvasObject { return container.NewThemeOverride(o, bare{}) }

// BareSized is Bare with text of another size, at 100 % text size.
func BareSized(o fyne.CanvasObject, text float32) fyne.CanvasObject {
	return container.NewThemeOverride(o, bare{text})
}

// SearchField is a quiet field with the shortcut that leads to it at its right.
type SearchField struct {
	widget.BaseWidget
	Entry *Entry

	back, key *canvas.Rectangle
	ring      focusRing
	hint      *Text
	field     fyne.CanvasObject
	focused   bool
}

// NewSearchField makes a search field; shortcut is shown while it is empty, and may be empty itself.
func NewSearchField(placeholder, shortcut string) *SearchField {
	s := &SearchField{Entry: NewEntry(placeholder), back: Rect(theme.Chip, 7), key: Rect(theme.Surface, 4), ring: newFocusRing(7)}
	s.hint = NewText(shortcut, 11.5, theme.Muted)
	s.field = Bare(s.Entry)
	s.Entry.OnFocus = func(on bool) {
		s.focused = on
		s.Refresh()
	}
	s.ExtendBaseWidget(s)
	return s
}

// CreateRenderer implements fyne.Widget.
func (s *SearchField) CreateRenderer() fyne.WidgetRenderer {
	s.paint()
	return &painter{
		objects: []fyne.CanvasObject{s.back, s.field, s.key, s.hint.Text, s.ring.Rectangle}, layout: s.layout, refresh: s.paint, owner: s,
		min: func() fyne.Size { return fyne.NewSize(theme.Px(160), theme.Px(34)) },
	}
}

func (s *SearchField) paint() {
	Tint(s.back, theme.Chip)
	Tint(s.key, theme.Surface)
	Border(s.key, theme.Line)
	s.hint.Retheme()
	s.ring.set(s.focused)
	if s.hint.Full() == "" || s.focused {
		s.key.Hide()
		s.hint.Hide()
	} else {
		s.key.Show()
		s.hint.Show()
	}
}

func (s *SearchField) layout(size fyne.Size) {
	place(s.back, 0, 0, size.Width, size.Height)
	place(s.ring.Rectangle, 0, 0, size.Width, size.Height)
	h := s.field.MinSize().Height
	w := s.hint.Width() + theme.Px(12)
	place(s.field, theme.Px(4), (size.Height-h)/2, size.Width-w-theme.Px(20), h)
	kh := theme.Px(19)
	place(s.key, size.Width-w-theme.Px(11), (size.Height-kh)/2, w, kh)
	s.hint.PlaceCentre(size.Width-w-theme.Px(11), size.Height/2, w)
}
