// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// noticeBar is a quiet line across the message: a symbol, a sentence, and something to do about it.
type noticeBar struct {
	widget.BaseWidget
	back  *canvas.Rectangle
	icon  *kit.Icon
	words wrapped
	act   *kit.Button
	other *kit.Button // another answer, hidden where there is none
	name  string
	alert bool
}

func newNoticeBar(icon, action string, do func()) *noticeBar {
	n := &noticeBar{
		back: kit.Rect(theme.Chip, 7), icon: kit.NewIcon(icon, theme.Muted), words: wrapped{size: 13, most: 4, plain: true},
		act: kit.NewLink(action, do), other: kit.NewLink("", nil), name: icon, alert: icon == "warning",
	}
	n.other.Hide()
	if do == nil {
		n.act.Hide()
	}
	n.ExtendBaseWidget(n)
	return n
}

// or adds another answer.
func (n *noticeBar) or(action string, do func()) {
	n.other = kit.NewLink(action, do)
	n.other.SetTone(theme.Muted)
}

func (n *noticeBar) set(words string) {
	n.words.text = words
	n.Refresh()
}

// heightFor is how high the bar has to be for a width: its words wrap, and answers for which there is no room beside them
// stand below.
func (n *noticeBar) heightFor(width float32) float32 {
	_, room, _, below := n.spans(width)
	h := n.words.height(room) + theme.Px(16)
	if below {
		h += theme.Px(28)
	}
	return max(theme.Px(34), h)
}

// spans gives where the words begin, how much room they have, the width of the answers, and whether these stand below.
func (n *noticeBar) spans(width float32) (x, room, acts float32, below bool) {
	px := theme.Px
	x = px(38)
	room = width - px(10) - x
	for _, b := range []*kit.Button{n.act, n.other} {
		if b.Visible() {
			acts += b.MinSize().Width + px(6)
		}
	}
	if acts > width*0.45 {
		return x, max(px(60), room), acts, true
	}
	return x, max(px(60), room-acts), acts, false
}

// CreateRenderer implements fyne.Widget.
func (n *noticeBar) CreateRenderer() fyne.WidgetRenderer {
	n.paint()
	return &painter{
		owner: n, paint: n.paint, min: func() fyne.Size { return fyne.NewSize(theme.Px(100), theme.Px(34)) },
		objects: func() []fyne.CanvasObject {
			return append([]fyne.CanvasObject{n.back, n.icon.Image, n.act, n.other}, n.words.objects()...)
		},
		layout: n.layout,
	}
}

func (n *noticeBar) layout(s fyne.Size) {
	px := theme.Px
	x, room, acts, below := n.spans(s.Width)
	high := n.words.height(room)
	place(n.back, 0, 0, s.Width, s.Height)
	top, left, row := (s.Height-high)/2, s.Width-px(2)-acts, (s.Height-px(26))/2
	if below {
		top, left, row = px(8), x-px(6), high+px(12)
	}
	n.icon.Place(px(12), top+min(high/2, px(10)), 15)
	for _, b := range []*kit.Button{n.act, n.other} {
		if b.Visible() {
			w := b.MinSize().Width
			place(b, left, row, min(w, s.Width-left), px(26))
			left += w + px(6)
		}
	}
	n.words.layout(x, top, room)
}

func (n *noticeBar) paint() {
	text, ground := theme.Muted, theme.Chip
	if n.alert {
		text, ground = theme.Bad, theme.BadSoft
	}
	kit.Tint(n.back, ground)
	n.back.CornerRadius = theme.Px(7)
	n.icon.Set(n.name, text)
	n.words.token = text
}

// threadLine is another message of the conversation.
type threadLine struct {
	widget.BaseWidget
	open             func()
	view             rowView
	back, ring       *canvas.Rectangle
	dot              *canvas.Circle
	who, text, when  *kit.Text
	focused, hovered bool
}

func newThreadLine(v rowView, open func()) *threadLine {
	l := &threadLine{
		open: open, view: v, back: kit.Rect(theme.Clear, 6), ring: kit.Rect(theme.Clear, 6), dot: canvas.NewCircle(theme.Color(theme.Accent)),
		who: kit.NewText(v.Who, 13, theme.Text), text: kit.NewText(v.Snippet, 13, theme.Muted), when: kit.NewText(v.When, 13, theme.Muted),
	}
	l.who.SetBold(v.Unread)
	l.ring.StrokeWidth = 2
	l.ExtendBaseWidget(l)
	return l
}

// CreateRenderer implements fyne.Widget.
func (l *threadLine) CreateRenderer() fyne.WidgetRenderer {
	l.paint()
	return &painter{
		owner: l, paint: l.paint, min: func() fyne.Size { return fyne.NewSize(theme.Px(120), theme.Px(40)) },
		objects: func() []fyne.CanvasObject {
			return []fyne.CanvasObject{l.back, l.dot, l.who.Text, l.text.Text, l.when.Text, l.ring}
		},
		layout: func(s fyne.Size) {
			px := theme.Px
			place(l.back, 0, 0, s.Width, s.Height)
			place(l.ring, 0, 0, s.Width, s.Height)
			place(l.dot, px(6), s.Height/2-px(3.5), px(7), px(7))
			x := l.when.PlaceRight(s.Width-px(10), s.Height/2, px(120))
			who := min(l.who.Width()+1, s.Width*0.35)
			l.who.Place(px(20), s.Height/2, who)
			l.text.Place(px(20)+who+px(12), s.Height/2, x-px(12)-(px(20)+who+px(12)))
		},
	}
}

func (l *threadLine) paint() {
	ground := theme.Clear
	if l.hovered {
		ground = theme.Hover
	}
	kit.Tint(l.back, ground)
	l.dot.FillColor = theme.Color(theme.Accent)
	setVisible(l.dot, l.view.Unread)
	l.ring.StrokeColor = theme.Color(theme.Focus)
	setVisible(l.ring, l.focused)
	l.who.Retheme()
	l.text.Retheme()
	l.when.Retheme()
}

// Tapped implements fyne.Tappable.
func (l *threadLine) Tapped(*fyne.PointEvent) { l.open() }

// FocusGained implements fyne.Focusable.
func (l *threadLine) FocusGained() { l.focused = true; l.Refresh() }

// FocusLost implements fyne.Focusable.
func (l *threadLine) FocusLost() { l.focused = false; l.Refresh() }

// TypedRune implements fyne.Focusable.
func (l *threadLine) TypedRune(rune) {}

// TypedKey implements fyne.Focusable.
func (l *threadLine) TypedKey(ev *fyne.KeyEvent) {
	switch ev.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		l.open()
	default:
		kit.PassKey(l, ev)
	}
}

// MouseIn implements desktop.Hoverable.
func (l *threadLine) MouseIn(*desktop.MouseEvent) { l.hovered = true; l.Refresh() }

// MouseMoved implements desktop.Hoverable.
func (l *threadLine) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (l *threadLine) MouseOut() { l.hovered = false; l.Refresh() }

// Cursor implements desktop.Cursorable.
func (l *threadLine) Cursor() desktop.Cursor { return desktop.PointerCursor }

// AccessibilityLabel implements fyne.Accessible.
func (l *threadLine) AccessibilityLabel() string { return l.view.Spoken() }
