// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"kontor/app/ui/theme"
)

// Notice is a quiet bar with an icon, a sentence and what can be done. Without words it takes no room.
type Notice struct {
	widget.BaseWidget
	icon   string
	tone   Tone
	words  *Paragraph
	glyph  *Icon
	back   *canvas.Rectangle
	action *Button
}

// NewNotice makes an empty notice; act belongs to the action that Set names.
func NewNotice(act func()) *Notice {
	n := &Notice{words: NewParagraph("", 13, theme.Muted), glyph: NewIcon("info", theme.Muted), back: Rect(theme.Chip, 7), action: NewLink("", act)}
	n.ExtendBaseWidget(n)
	return n
}

// Set says something, with an action where that is not empty.
func (n *Notice) Set(words, icon string, tone Tone, action string) {
	n.icon, n.tone = icon, tone
	n.words.Set(words, theme.Text)
	n.action.SetText(action)
	if action == "" {
		n.action.Hide()
	} else {
		n.action.Show()
	}
	if words == "" {
		n.Hide()
	} else {
		n.Show()
	}
	n.Refresh()
}

// Words is what the notice says.
func (n *Notice) Words() string { return n.words.Words() }

// CreateRenderer implements fyne.Widget.
func (n *Notice) CreateRenderer() fyne.WidgetRenderer {
	n.paint()
	return &painter{
		objects: []fyne.CanvasObject{n.back, n.glyph.Image, n.words, n.action}, owner: n, refresh: n.paint, layout: n.layout,
		min: n.min,
	}
}

func (n *Notice) paint() {
	text, ground := n.tone.Colors()
	Tint(n.back, ground)
	n.back.CornerRadius = theme.Px(7)
	n.glyph.Set(n.icon, text)
	n.action.SetTone(text)
	if n.tone == ToneMuted {
		n.action.SetTone(theme.Accent)
	} else {
		n.words.Set(n.words.Words(), text)
	}
	n.words.Refresh()
}

func (n *Notice) min() fyne.Size {
	w := theme.Px(160)
	if n.action.Visible() {
		w += n.action.MinSize().Width
	}
	return fyne.NewSize(w, max(theme.Px(36), n.words.MinSize().Height+theme.Px(14)))
}

func (n *Notice) layout(size fyne.Size) {
	place(n.back, 0, 0, size.Width, size.Height)
	middle, pad := size.Height/2, theme.Px(12)
	n.glyph.Place(pad, middle, 17)
	right := size.Width - pad
	if n.action.Visible() {
		m := n.action.MinSize()
		place(n.action, right-m.Width, middle-m.Height/2, m.Width, m.Height)
		right -= m.Width + pad
	}
	left := pad + theme.Px(26)
	_, high := n.words.fit(right - left - theme.Px(4))
	place(n.words, left, middle-high/2, max(right-left-theme.Px(4), 1), high)
}
