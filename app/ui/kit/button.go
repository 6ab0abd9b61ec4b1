// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"kontor/app/ui/theme"
)

// buttonKind is how loud a button is.
type buttonKind uint8

const (
	primary buttonKind = iota
	plain
	link
	iconOnly
)

// Button is a push button. Make it with NewPrimary, NewPlain, NewLink or NewIconButton.
type Button struct {
	widget.BaseWidget
	Pressable
	OnTap func()

	kind            buttonKind
	text, icon, tip string
	tone            theme.Token
	light           bool // usual letters in place of bold ones
	disabled        bool
	back            *canvas.Rectangle
	ring            focusRing
	label           *Text
	glyph           *Icon
	hint            tipTimer
}

// NewPrimary makes the one button of a view that does what most people want.
func NewPrimary(text string, tap func()) *Button { return newButton(primary, text, "", tap) }

// NewPlain makes an ordinary button; icon may be empty.
func NewPlain(text, icon string, tap func()) *Button { return newButton(plain, text, icon, tap) }

// NewLink makes a button that looks like a link.
func NewLink(text string, tap func()) *Button { return newButton(link, text, "", tap) }

// NewIconButton makes a button without a visible text; tip is shown under the pointer and read by screen readers.
func NewIconButton(icon, tip string, tap func()) *Button {
	b := newButton(iconOnly, "", icon, tap)
	b.tip = tip
	return b
}

func newButton(kind buttonKind, text, icon string, tap func()) *Button {
	b := &Button{kind: kind, text: text, icon: icon, OnTap: tap, tone: theme.Accent}
	b.back = Rect(theme.Clear, 6)
	b.ring = newFocusRing(7)
	b.label = NewBold(text, 13, theme.Text)
	b.glyph = NewIcon(icon, theme.Text)
	if icon == "" {
		b.glyph.Hide()
	}
	b.Presses(b, b.pressed)
	b.ExtendBaseWidget(b)
	return b
}

// SetText changes the words.
func (b *Button) SetText(s string) {
	if s != b.text {
		b.text = s
		b.Refresh()
	}
}

// SetIcon changes the icon.
func (b *Button) SetIcon(name string) {
	if name != b.icon {
		b.icon = name
		b.Refresh()
	}
}

// SetTip changes what is shown under the pointer.
func (b *Button) SetTip(s string) { b.tip = s }

// SetTone colours a link, for example theme.Bad.
func (b *Button) SetTone(t theme.Token) {
	if t != b.tone {
		b.tone = t
		b.Refresh()
	}
}

// Light writes a link with the letters of other words, where it is one of several lines.
func (b *Button) Light() *Button {
	b.light = true
	b.Refresh()
	return b
}

// Enable and Disable switch the button on and off; a disabled one cannot be focused.
func (b *Button) Enable() { b.setDisabled(false) }

// Disable switches the button off.
func (b *Button) Disable() { b.setDisabled(true) }

// SetEnabled switches the button on or off.
func (b *Button) SetEnabled(on bool) { b.setDisabled(!on) }

// Disabled implements fyne.Disableable.
func (b *Button) Disabled() bool { return b.disabled }

func (b *Button) setDisabled(d bool) {
	if d != b.disabled {
		b.disabled = d
		b.Refresh()
	}
}

// CreateRenderer implements fyne.Widget.
func (b *Button) CreateRenderer() fyne.WidgetRenderer {
	p := &painter{
		objects: []fyne.CanvasObject{b.back, b.glyph.Image, b.label.Text, b.ring.Rectangle},
		layout:  b.layout, min: b.min, refresh: b.paint, owner: b,
	}
	b.paint()
	return p
}

func (b *Button) min() fyne.Size {
	h := theme.Px(32)
	switch b.kind {
	case iconOnly:
		return fyne.NewSize(theme.Px(30), theme.Px(30))
	case link:
		return fyne.NewSize(b.contentWidth()+theme.Px(8), theme.Px(24))
	case primary, plain:
	}
	return fyne.NewSize(b.contentWidth()+theme.Px(28), h)
}

func (b *Button) contentWidth() float32 {
	w := b.label.Width()
	if b.icon != "" {
		w += theme.Px(17)
		if b.text != "" {
			w += theme.Px(8)
		}
	}
	return w
}

func (b *Button) layout(size fyne.Size) {
	place(b.back, 0, 0, size.Width, size.Height)
	place(b.ring, -2, -2, size.Width+4, size.Height+4)
	room := size.Width - theme.Px(8)
	content := min(b.contentWidth(), room)
	x, middle := (size.Width-content)/2, size.Height/2
	if b.icon != "" {
		b.glyph.Place(x, middle, 17)
		x += theme.Px(25)
		content -= theme.Px(25)
	}
	b.label.Place(x, middle, content+1)
}

func (b *Button) paint() {
	fill, text, line := theme.Clear, theme.Text, theme.Clear
	switch b.kind {
	case primary:
		fill, text = theme.Accent, theme.OnAccent
		if b.hovered {
			fill = theme.AccentHover
		}
	case plain:
		fill, line = theme.Surface, theme.Control
		if b.hovered {
			fill = theme.Hover
		}
	case link:
		text = b.tone
		switch {
		case b.hovered && b.tone == theme.AccentSoft: // on a toast, where the ground is that of words
			line = b.tone
		case b.hovered:
			fill = theme.Hover
		}
	case iconOnly:
		if b.hovered {
			fill = theme.Hover
		}
	}
	if b.disabled {
		text = theme.Muted
		if b.kind == primary {
			fill = theme.Chip
		}
	}
	Tint(b.back, fill)
	b.back.CornerRadius = theme.Px(6)
	Border(b.back, line)
	b.label.size = 13
	b.label.SetBold(!b.light)
	b.label.Set(b.text, text)
	b.label.Retheme()
	b.glyph.Set(b.icon, text)
	b.ring.set(b.focused)
}

func (b *Button) pressed() {
	b.hint.cancel()
	if !b.disabled && b.OnTap != nil {
		b.OnTap()
	}
}

// MouseIn implements desktop.Hoverable.
func (b *Button) MouseIn(*desktop.MouseEvent) {
	b.hovered = true
	b.hint.arm(b, b.tip)
	b.Refresh()
}

// MouseOut implements desktop.Hoverable.
func (b *Button) MouseOut() {
	b.hovered = false
	b.hint.cancel()
	b.Refresh()
}

// Cursor implements desktop.Cursorable.
func (b *Button) Cursor() desktop.Cursor {
	if b.disabled {
		return desktop.DefaultCursor
	}
	return desktop.PointerCursor
}

// AccessibilityLabel implements fyne.Accessible.
func (b *Button) AccessibilityLabel() string {
	if b.text != "" {
		return b.text
	}
	return b.tip
}
