// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"kontor/app/ui/theme"
)

// Tone is how urgent a badge or pill is.
type Tone uint8

// The tones.
const (
	ToneMuted Tone = iota
	ToneAccent
	ToneGood
	ToneWarn
	ToneBad
)

// Colors gives the tokens of text and ground.
func (t Tone) Colors() (text, ground theme.Token) {
	switch t {
	case ToneAccent:
		return theme.Accent, theme.AccentSoft
	case ToneGood:
		return theme.Good, theme.GoodSoft
	case ToneWarn:
		return theme.Warn, theme.WarnSoft
	case ToneBad:
		return theme.Bad, theme.BadSoft
	case ToneMuted:
	}
	return theme.Muted, theme.Chip
}

// Mark is a badge for use in rows: objects, not a widget. Its glyph keeps it from being told by colour alone.
type Mark struct {
	back  *canvas.Rectangle
	glyph *Icon
	label *Text
	icon  string
	tone  Tone
	shown bool
}

// NewMark makes a badge for a row.
func NewMark() *Mark {
	return &Mark{back: Rect(theme.Chip, 5), glyph: NewIcon("check", theme.Muted), label: NewBold("", 11.5, theme.Muted)}
}

// Objects are to be part of the row's objects.
func (m *Mark) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{m.back, m.glyph.Image, m.label.Text}
}

// Set says what the badge shows; without words it hides. icon may be empty.
func (m *Mark) Set(words, icon string, tone Tone) {
	m.shown = words != ""
	m.icon, m.tone = icon, tone
	if !m.shown {
		m.back.Hide()
		m.label.Hide()
		m.glyph.Hide()
		return
	}
	text, ground := tone.Colors()
	Tint(m.back, ground)
	m.back.CornerRadius = theme.Px(5)
	m.label.Set(words, text)
	m.back.Show()
	m.label.Show()
	m.glyph.Set(icon, text)
}

// Retheme takes on the colours and sizes of the moment.
func (m *Mark) Retheme() {
	m.label.Retheme()
	if m.shown {
		m.Set(m.label.Full(), m.icon, m.tone)
	}
}

// Width is how wide the badge is, 0 while it is hidden.
func (m *Mark) Width() float32 {
	if !m.shown {
		return 0
	}
	w := m.label.Width() + theme.Px(14)
	if m.icon != "" {
		w += theme.Px(16)
	}
	return w
}

// Place puts the badge with its left edge at x and its middle at y.
func (m *Mark) Place(x, middle, maxWidth float32) {
	if !m.shown {
		return
	}
	w, h := max(min(m.Width(), maxWidth), 0), theme.Px(20)
	place(m.back, x, middle-h/2, w, h)
	x, w = x+theme.Px(7), w-theme.Px(14)
	if m.icon != "" {
		m.glyph.Place(x-theme.Px(1), middle, 13)
		x, w = x+theme.Px(16), w-theme.Px(16)
	}
	m.label.Place(x, middle, w+1)
}

// PlaceRight puts the badge with its right edge at x and returns its left edge.
func (m *Mark) PlaceRight(x, middle float32) float32 {
	m.Place(x-m.Width(), middle, m.Width())
	return x - m.Width()
}

// Badge is a small pill with words, for use outside of rows.
type Badge struct {
	widget.BaseWidget
	mark  *Mark
	words string
	icon  string
	tone  Tone
}

// NewBadge makes a badge; icon may be empty.
func NewBadge(words, icon string, tone Tone) *Badge {
	b := &Badge{mark: NewMark(), words: words, icon: icon, tone: tone}
	b.ExtendBaseWidget(b)
	return b
}

// Set changes what the badge shows; without words it takes no room.
func (b *Badge) Set(words, icon string, tone Tone) {
	b.words, b.icon, b.tone = words, icon, tone
	b.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (b *Badge) CreateRenderer() fyne.WidgetRenderer {
	p := &painter{objects: b.mark.Objects(), layout: b.layout, min: b.min, refresh: b.paint, owner: b}
	b.paint()
	return p
}

func (b *Badge) paint() {
	b.mark.label.Retheme()
	b.mark.Set(b.words, b.icon, b.tone)
}

func (b *Badge) min() fyne.Size { return fyne.NewSize(b.mark.Width(), theme.Px(20)) }

func (b *Badge) layout(size fyne.Size) { b.mark.Place(0, size.Height/2, size.Width) }

// AccessibilityLabel implements fyne.Accessible.
func (b *Badge) AccessibilityLabel() string { return b.words }
