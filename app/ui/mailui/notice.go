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
	name  string
	alert bool
}

func newNoticeBar(icon, action string, do func()) *noticeBar {
	n := &noticeBar{
		back: kit.Rect(theme.Chip, 7), icon: kit.NewIcon(icon, theme.Muted), words: wrapped{size: 13, most: 4, plain: true},
		act: kit.NewLink(action, do), name: icon, alert: icon == "warning",
	}
	if do == nil {
		n.act.Hide()
	}
	n.ExtendBaseWidget(n)
	return n
}

func (n *noticeBar) set(words string) {
	n.words.text = words
	n.Refresh()
}

// heightFor is how high the bar has to be for a width: its words wrap.
func (n *noticeBar) heightFor(width float32) float32 {
	_, room, _ := n.spans(width)
	return max(theme.Px(34), n.words.height(room)+theme.Px(16))
}

// spans gives where the words begin, how much room they have, and the width of the action.
func (n *noticeBar) spans(width float32) (x, room, act float32) {
	px := theme.Px
	x = px(38)
	right := width - px(10)
	if n.act.Visible() {
		act = n.act.MinSize().Width
		right -= act + px(6)
	}
	return x, max(px(60), right-x), act
}

// CreateRenderer implements fyne.Widget.
func (n *noticeBar) CreateRenderer() fyne.WidgetRenderer {
	n.paint()
	return &painter{
		owner: n, paint: n.paint, min: func() fyne.Size { return fyne.NewSize(theme.Px(100), theme.Px(34)) },
		objects: func() []fyne.CanvasObject {
			return append([]fyne.CanvasObject{n.back, n.icon.Image, n.act}, n.words.objects()...)
		},
		layout: n.layout,
	}
}

func (n *noticeBar) layout(s fyne.Size) {
	px := theme.Px
	x, room, act := n.spans(s.Width)
	place(n.back, 0, 0, s.Width, s.Height)
	n.icon.Place(px(12), s.Height/2, 15)
	place(n.act, s.Width-px(8)-act, (s.Height-px(26))/2, act, px(26))
	n.words.layout(x, (s.Height-n.words.height(room))/2, room)
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
