// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"kontor/app/ui/theme"
)

// Paragraph is a short text of several lines that wraps to the width it is given.
type Paragraph struct {
	widget.BaseWidget
	words  string
	size   float32
	token  theme.Token
	lines  []*Text
	width  float32
	bold   bool
	centre bool
	render *painter
}

// NewParagraph makes a paragraph; size is at 100 % text size.
func NewParagraph(words string, size float32, token theme.Token) *Paragraph {
	p := &Paragraph{words: words, size: size, token: token, width: theme.Px(260)}
	p.ExtendBaseWidget(p)
	return p
}

// newTitle makes a paragraph in semi-bold.
func newTitle(words string, size float32, token theme.Token) *Paragraph {
	p := NewParagraph(words, size, token)
	p.bold = true
	return p
}

// fit gives the paragraph a width and tells how wide and high its lines are then.
func (p *Paragraph) fit(width float32) (widest, height float32) {
	p.Resize(fyne.NewSize(max(width, 1), p.Size().Height))
	height = p.MinSize().Height
	for _, l := range p.lines {
		widest = max(widest, l.Width())
	}
	return min(widest+1, max(width, 0)), height
}

// Set changes the words and their colour.
func (p *Paragraph) Set(words string, token theme.Token) {
	if words == p.words && token == p.token {
		return
	}
	p.words, p.token = words, token
	p.Refresh()
}

// Words is the whole text.
func (p *Paragraph) Words() string { return p.words }

// CreateRenderer implements fyne.Widget.
func (p *Paragraph) CreateRenderer() fyne.WidgetRenderer {
	p.render = &painter{owner: p, refresh: func() { p.wrap() }, layout: p.layout, min: func() fyne.Size {
		return fyne.NewSize(theme.Px(60), p.lineHeight()*float32(len(p.lines)))
	}}
	p.wrap()
	return p.render
}

func (p *Paragraph) lineHeight() float32 { return float32(int(theme.TextPx(p.size) * 1.5)) }

// wrap cuts the words into lines for the width of the moment.
func (p *Paragraph) wrap() {
	size := theme.TextPx(p.size)
	lines := wrapLines(p.words, max(p.width, 20), func(s string) float32 { return Measure(s, size, fyne.TextStyle{Bold: p.bold}) })
	p.lines = p.lines[:0]
	p.render.objects = p.render.objects[:0]
	for _, l := range lines {
		t := NewText(strings.TrimRight(p.words[l.start:l.end], " "), p.size, p.token)
		t.SetBold(p.bold)
		p.lines = append(p.lines, t)
		p.render.objects = append(p.render.objects, t.Text)
	}
}

// Resize implements fyne.CanvasObject: another width may need another height. NewColumn asks for it again.
func (p *Paragraph) Resize(size fyne.Size) {
	if size.Width != p.width && size.Width > 0 {
		p.width = size.Width
		if p.render != nil {
			p.wrap()
			p.layout(size)
		}
	}
	p.BaseWidget.Resize(size)
}

func (p *Paragraph) layout(fyne.Size) {
	h := p.lineHeight()
	for i, l := range p.lines {
		if middle := h * (float32(i) + 0.5); p.centre {
			l.PlaceCentre(0, middle, p.width)
		} else {
			l.Place(0, middle, p.width+2)
		}
	}
}

// AccessibilityLabel implements fyne.Accessible.
func (p *Paragraph) AccessibilityLabel() string { return p.words }
