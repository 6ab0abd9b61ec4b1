// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"kontor/app/ui/theme"
)

// HeadBar is the line at the top of a page or column: a title, a note or badge beside it, buttons at the right.
type HeadBar struct {
	widget.BaseWidget
	title, note *Text // the note is shown where there is room for the whole of it
	badge       *Mark
	buttons     []fyne.CanvasObject
	back, line  *canvas.Rectangle
	height      float32
}

// NewHeadBar makes a head; height is at 100 % text size, 42 for a column, 52 for a page.
func NewHeadBar(title string, height float32, buttons ...fyne.CanvasObject) *HeadBar {
	h := &HeadBar{
		title: NewBold(title, 16, theme.Text), note: NewText("", 14, theme.Muted), badge: NewMark(), buttons: buttons,
		back: Rect(theme.Surface, 0), line: Rect(theme.Line, 0), height: height,
	}
	h.badge.Set("", "", ToneMuted)
	h.ExtendBaseWidget(h)
	return h
}

// Set changes title and note.
func (h *HeadBar) Set(title, note string) {
	h.title.Set(title, theme.Text)
	h.note.Set(note, theme.Muted)
	h.Refresh()
}

// SetBadge shows a quiet badge beside the title, none without words.
func (h *HeadBar) SetBadge(words string, tone Tone) {
	h.badge.Set(words, "", tone)
	h.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (h *HeadBar) CreateRenderer() fyne.WidgetRenderer {
	objects := append([]fyne.CanvasObject{h.back, h.line, h.title.Text, h.note.Text}, h.badge.Objects()...)
	objects = append(objects, h.buttons...)
	return &painter{objects: objects, layout: h.layout, owner: h, refresh: h.paint, min: func() fyne.Size {
		w := theme.Px(14 + 60 + 14)
		for _, b := range h.buttons {
			if b.Visible() {
				w += b.MinSize().Width + theme.Px(8)
			}
		}
		return fyne.NewSize(max(w, theme.Px(160)), theme.Px(h.height))
	}}
}

func (h *HeadBar) paint() {
	Tint(h.back, theme.Surface)
	Tint(h.line, theme.Line)
	h.title.Retheme()
	h.note.Retheme()
	h.badge.Retheme()
}

func (h *HeadBar) layout(size fyne.Size) {
	place(h.back, 0, 0, size.Width, size.Height)
	place(h.line, 0, size.Height-1, size.Width, 1)
	middle, pad, gap := (size.Height-1)/2, theme.Px(14), theme.Px(8)
	right := size.Width - pad
	for i := len(h.buttons) - 1; i >= 0; i-- {
		b := h.buttons[i]
		if !b.Visible() {
			continue
		}
		m := b.MinSize()
		right -= m.Width
		place(b, right, middle-m.Height/2, m.Width, m.Height)
		right -= gap
	}
	x := pad
	w := max(min(h.title.Width()+1, right-x), 0)
	h.title.Place(x, middle, w)
	x += w + gap
	if h.badge.shown {
		h.badge.Place(x, middle, right-x)
		x += min(h.badge.Width(), max(right-x, 0)) + gap
	}
	room := right - x
	if h.note.Width() > room { // half a sentence helps nobody
		room = 0
	}
	h.note.Place(x, middle, room)
}
