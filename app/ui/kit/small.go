// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"kontor/app/ui/theme"
)

// CheckMark is the round box of a task for use in rows: objects, not a widget.
type CheckMark struct {
	ring *canvas.Circle
	tick *Icon
}

// NewCheckMark makes a round box.
func NewCheckMark() *CheckMark {
	return &CheckMark{ring: canvas.NewCircle(theme.Color(theme.Clear)), tick: NewIcon("check", theme.OnAccent)}
}

// Objects are to be part of the row's objects.
func (c *CheckMark) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{c.ring, c.tick.Image} }

// Set paints the box; tone is the colour of the circle of what is not done.
func (c *CheckMark) Set(done bool, tone theme.Token) {
	c.ring.StrokeWidth = 2
	if done {
		c.ring.FillColor, c.ring.StrokeColor = theme.Color(theme.Accent), theme.Color(theme.Accent)
		c.tick.Set("check", theme.OnAccent)
		return
	}
	c.ring.FillColor, c.ring.StrokeColor = theme.Color(theme.Clear), theme.Color(tone)
	c.tick.Set("", tone)
}

// Place puts the box with its left edge at x and its middle at y.
func (c *CheckMark) Place(x, middle float32) {
	d := theme.Px(18)
	place(c.ring, x, middle-d/2, d, d)
	c.tick.Place(x+theme.Px(2), middle, 14)
}

// Progress is a thin bar.
type Progress struct {
	widget.BaseWidget
	part       float32
	back, fill *canvas.Rectangle
}

// NewProgress makes a bar filled to part, 0 to 1.
func NewProgress(part float32) *Progress {
	p := &Progress{part: min(max(part, 0), 1), back: Rect(theme.Line, 3), fill: Rect(theme.Accent, 3)}
	p.ExtendBaseWidget(p)
	return p
}

// Set changes how far the bar is filled, 0 to 1.
func (p *Progress) Set(part float32) {
	p.part = min(max(part, 0), 1)
	p.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (p *Progress) CreateRenderer() fyne.WidgetRenderer {
	return &painter{objects: []fyne.CanvasObject{p.back, p.fill}, owner: p, layout: func(size fyne.Size) {
		place(p.back, 0, 0, size.Width, size.Height)
		place(p.fill, 0, 0, size.Width*p.part, size.Height)
	}, refresh: func() {
		Tint(p.back, theme.Line)
		Tint(p.fill, theme.Accent)
	}, min: func() fyne.Size { return fyne.NewSize(theme.Px(40), theme.Px(6)) }}
}

// Label is one line of text as a widget, cut off with an ellipsis where it does not fit.
type Label struct {
	widget.BaseWidget
	text *Text
}

// NewLabel makes a line of text; size is at 100 % text size.
func NewLabel(s string, size float32, token theme.Token, bold bool) *Label {
	l := &Label{text: NewText(s, size, token)}
	l.text.SetBold(bold)
	l.ExtendBaseWidget(l)
	return l
}

// Heading makes the title of a page or a detail panel.
func Heading(s string) *Label { return NewLabel(s, 16, theme.Text, true) }

// Caption makes a quiet line.
func Caption(s string) *Label { return NewLabel(s, 13, theme.Muted, false) }

// Section makes the title of a section within a panel.
func Section(s string) *Label { return NewLabel(s, 11.5, theme.Muted, true) }

// Set changes the words.
func (l *Label) Set(s string) {
	if s != l.text.Full() {
		l.text.Set(s, l.text.token)
		l.Refresh()
	}
}

// SetToken changes the words and their colour.
func (l *Label) SetToken(s string, token theme.Token) {
	l.text.Set(s, token)
	l.Refresh()
}

// Words is what the label says.
func (l *Label) Words() string { return l.text.Full() }

// CreateRenderer implements fyne.Widget.
func (l *Label) CreateRenderer() fyne.WidgetRenderer {
	return &painter{
		objects: []fyne.CanvasObject{l.text.Text}, owner: l, refresh: l.text.Retheme,
		layout: func(size fyne.Size) { l.text.Place(0, size.Height/2, size.Width) },
		min:    func() fyne.Size { return fyne.NewSize(theme.Px(20), l.text.LineHeight()+2) },
	}
}

// NaturalWidth is how wide the whole text is.
func (l *Label) NaturalWidth() float32 { return l.text.Width() + 1 }

// AccessibilityLabel implements fyne.Accessible.
func (l *Label) AccessibilityLabel() string { return l.text.Full() }

// Full makes a container that keeps a label as wide as its whole text.
func Full(l *Label) fyne.CanvasObject { return container.New(fullLayout{}, l) }

type fullLayout struct{}

func (fullLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	place(o[0], 0, 0, size.Width, size.Height)
}

func (fullLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(o[0].(*Label).NaturalWidth(), o[0].MinSize().Height)
}

// Panel is a rectangle of one token that follows the theme.
type Panel struct {
	widget.BaseWidget
	content fyne.CanvasObject
	back    *canvas.Rectangle
	fill    theme.Token
	line    theme.Token
	radius  float32
	pad     [4]float32 // top, right, bottom, left
}

// NewPanel puts content on a ground.
func NewPanel(fill theme.Token, content fyne.CanvasObject) *Panel {
	p := &Panel{fill: fill, line: theme.Clear, content: content, back: Rect(fill, 0)}
	p.ExtendBaseWidget(p)
	return p
}

// NewCard puts content on a ground with a border and round corners.
func NewCard(content fyne.CanvasObject) *Panel {
	return NewPanel(theme.Surface, content).Rounded(8, theme.Line).Padded(12, 14, 12, 14)
}

// Rounded gives the panel round corners and a border; theme.Clear for none.
func (p *Panel) Rounded(radius float32, line theme.Token) *Panel {
	p.radius, p.line = radius, line
	return p
}

// Padded keeps the content away from the edges, at 100 % text size.
func (p *Panel) Padded(top, right, bottom, left float32) *Panel {
	p.pad = [4]float32{top, right, bottom, left}
	return p
}

// SetContent shows something else.
func (p *Panel) SetContent(o fyne.CanvasObject) {
	p.content = o
	p.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (p *Panel) CreateRenderer() fyne.WidgetRenderer {
	r := &painter{objects: []fyne.CanvasObject{p.back, p.content}, owner: p}
	r.layout = func(size fyne.Size) {
		place(p.back, 0, 0, size.Width, size.Height)
		t, right, b, l := theme.Px(p.pad[0]), theme.Px(p.pad[1]), theme.Px(p.pad[2]), theme.Px(p.pad[3])
		place(p.content, l, t, size.Width-l-right, size.Height-t-b)
	}
	r.min = func() fyne.Size {
		return p.content.MinSize().AddWidthHeight(theme.Px(p.pad[1])+theme.Px(p.pad[3]), theme.Px(p.pad[0])+theme.Px(p.pad[2]))
	}
	r.refresh = func() {
		r.objects[1] = p.content
		p.paint()
	}
	p.paint()
	return r
}

func (p *Panel) paint() {
	Tint(p.back, p.fill)
	p.back.CornerRadius = theme.Px(p.radius)
	if p.line != theme.Clear {
		Border(p.back, p.line)
	}
}

// HLine is a horizontal line.
func HLine() fyne.CanvasObject {
	return NewPanel(theme.Line, container.New(fixed{height: 1}))
}

// fixed is a layout without children that takes room.
type fixed struct{ width, height float32 }

func (f fixed) Layout([]fyne.CanvasObject, fyne.Size) {}

func (f fixed) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(theme.Px(f.width), theme.Px(f.height))
}

// Space takes room, at 100 % text size.
func Space(width, height float32) fyne.CanvasObject { return container.New(fixed{width, height}) }

// Empty is what a list shows in place of no rows: an icon, a sentence, and what to do.
type Empty struct {
	widget.BaseWidget
	glyph       *Icon
	icon        string
	title, text *Paragraph
	button      *Button
}

// NewEmpty makes an empty state; button may be nil.
func NewEmpty(icon, title, text string, button *Button) *Empty {
	e := &Empty{icon: icon, glyph: NewIcon(icon, theme.Muted), title: newTitle(title, 15, theme.Text), text: NewParagraph(text, 13, theme.Muted), button: button}
	e.title.centre, e.text.centre = true, true
	e.ExtendBaseWidget(e)
	return e
}

// Set changes the words.
func (e *Empty) Set(icon, title, text string) {
	e.icon = icon
	e.title.Set(title, theme.Text)
	e.text.Set(text, theme.Muted)
	e.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (e *Empty) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{e.glyph.Image, e.title, e.text}
	if e.button != nil {
		objects = append(objects, e.button)
	}
	return &painter{objects: objects, layout: e.layout, owner: e, refresh: func() {
		e.glyph.Set(e.icon, theme.Muted)
		e.title.Refresh()
		e.text.Refresh()
	}, min: func() fyne.Size { return fyne.NewSize(theme.Px(120), max(theme.Px(150), e.height())) }}
}

// height is that of everything for the width of the moment.
func (e *Empty) height() float32 {
	h := theme.Px(36+10+6+2*16) + e.title.MinSize().Height + e.text.MinSize().Height
	if e.button != nil {
		h += theme.Px(10) + e.button.MinSize().Height
	}
	return h
}

func (e *Empty) layout(size fyne.Size) {
	pad := theme.Px(16)
	room := max(size.Width-2*pad, 1)
	_, title := e.title.fit(room)
	_, text := e.text.fit(room)
	y := max((size.Height-e.height())/2, 0) + pad
	e.glyph.Place((size.Width-theme.Px(36))/2, y+theme.Px(18), 36)
	y += theme.Px(46)
	place(e.title, pad, y, room, title)
	y += title + theme.Px(6)
	place(e.text, pad, y, room, text)
	if e.button != nil {
		m := e.button.MinSize()
		place(e.button, (size.Width-m.Width)/2, y+text+theme.Px(10), m.Width, m.Height)
	}
}

var _ desktop.Hoverable = (*Button)(nil)
