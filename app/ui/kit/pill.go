// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"kontor/app/ui/theme"
)

// Pill is the connection state at the top right: a dot and words. It can be clicked.
type Pill struct {
	widget.BaseWidget
	Pressable
	OnTap func()
	words string
	tone  Tone
	back  *canvas.Rectangle
	dot   *canvas.Circle
	ring  focusRing
	label *Text
}

// NewPill makes a pill.
func NewPill(words string, tone Tone, tap func()) *Pill {
	p := &Pill{OnTap: tap, words: words, tone: tone, back: Rect(theme.Chip, 13), ring: newFocusRing(15)}
	p.dot = canvas.NewCircle(theme.Color(theme.Muted))
	p.label = NewBold(words, 13, theme.Text)
	p.Presses(p, func() {
		if p.OnTap != nil {
			p.OnTap()
		}
	})
	p.ExtendBaseWidget(p)
	return p
}

// Set changes what the pill says.
func (p *Pill) Set(words string, tone Tone) {
	if words == p.words && tone == p.tone {
		return
	}
	p.words, p.tone = words, tone
	p.Refresh()
}

// Words is what the pill says.
func (p *Pill) Words() string { return p.words }

// CreateRenderer implements fyne.Widget.
func (p *Pill) CreateRenderer() fyne.WidgetRenderer {
	p.paint()
	return &painter{
		objects: []fyne.CanvasObject{p.back, p.dot, p.label.Text, p.ring.Rectangle},
		layout:  p.layout, min: p.min, refresh: p.paint, owner: p,
	}
}

func (p *Pill) paint() {
	text, ground := p.tone.Colors()
	Tint(p.back, ground)
	p.back.CornerRadius = theme.Px(13)
	if p.hovered {
		Border(p.back, text)
	} else {
		p.back.StrokeWidth = 0
	}
	p.dot.FillColor = theme.Color(text)
	p.label.Set(p.words, text)
	p.label.Retheme()
	p.ring.set(p.focused)
}

func (p *Pill) min() fyne.Size { return fyne.NewSize(p.label.Width()+theme.Px(41), theme.Px(26)) }

func (p *Pill) layout(size fyne.Size) {
	place(p.back, 0, 0, size.Width, size.Height)
	place(p.ring.Rectangle, -2, -2, size.Width+4, size.Height+4)
	d := theme.Px(8)
	place(p.dot, theme.Px(12), (size.Height-d)/2, d, d)
	p.label.Place(theme.Px(28), size.Height/2, size.Width-theme.Px(40)+1)
}

// AccessibilityLabel implements fyne.Accessible.
func (p *Pill) AccessibilityLabel() string { return p.words }
