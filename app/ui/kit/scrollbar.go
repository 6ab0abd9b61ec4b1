// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"kontor/app/ui/theme"
)

// ScrollBar is the thin bar at the right edge of a list. It hides where everything is in view.
type ScrollBar struct {
	widget.BaseWidget
	moved               func(offset float64)
	offset, view, total float64
	thumb               *canvas.Rectangle
	hovered             bool
}

// NewScrollBar makes a bar; moved is told the new offset while it is dragged.
func NewScrollBar(moved func(offset float64)) *ScrollBar {
	b := &ScrollBar{moved: moved, thumb: Rect(theme.Muted, 3)}
	b.ExtendBaseWidget(b)
	b.Hide()
	return b
}

const (
	barWidth  = 10
	minThumb  = 28
	barMargin = 2
)

func (b *ScrollBar) placeIn(size fyne.Size) {
	place(b, size.Width-barWidth, 0, barWidth, size.Height)
}

func (b *ScrollBar) set(offset, view, total float64) {
	b.offset, b.view, b.total = offset, view, total
	if total <= view+0.5 {
		if b.Visible() {
			b.Hide()
		}
		return
	}
	if !b.Visible() {
		b.Show()
	}
	b.layout(b.Size())
}

// CreateRenderer implements fyne.Widget.
func (b *ScrollBar) CreateRenderer() fyne.WidgetRenderer {
	return &painter{
		objects: []fyne.CanvasObject{b.thumb}, layout: b.layout,
		min: func() fyne.Size { return fyne.NewSize(barWidth, minThumb) }, refresh: func() {}, owner: b,
	}
}

func (b *ScrollBar) thumbSize() (y, h float64) {
	track := float64(b.Size().Height)
	if b.total <= 0 {
		return 0, track
	}
	h = max(minThumb, track*b.view/b.total)
	return (track - h) * b.offset / max(b.total-b.view, 1), h
}

func (b *ScrollBar) layout(fyne.Size) {
	y, h := b.thumbSize()
	c := theme.Color(theme.Muted)
	c.A, b.thumb.CornerRadius = 0x70, 3
	w := float32(4)
	if b.hovered {
		c.A, w = 0xb0, 7
	}
	b.thumb.FillColor = c
	place(b.thumb, barWidth-w-barMargin, float32(y)+barMargin, w, float32(h)-2*barMargin)
}

// Dragged implements fyne.Draggable.
func (b *ScrollBar) Dragged(ev *fyne.DragEvent) {
	_, h := b.thumbSize()
	room := max(float64(b.Size().Height)-h, 1)
	b.moved(b.offset + float64(ev.Dragged.DY)*(b.total-b.view)/room)
}

// DragEnd implements fyne.Draggable.
func (b *ScrollBar) DragEnd() {}

// Tapped implements fyne.Tappable: a click beside the thumb turns a page.
func (b *ScrollBar) Tapped(ev *fyne.PointEvent) {
	y, h := b.thumbSize()
	switch {
	case float64(ev.Position.Y) < y:
		b.moved(b.offset - b.view)
	case float64(ev.Position.Y) > y+h:
		b.moved(b.offset + b.view)
	}
}

// MouseIn implements desktop.Hoverable.
func (b *ScrollBar) MouseIn(*desktop.MouseEvent) { b.hovered = true; b.Refresh() }

// MouseMoved implements desktop.Hoverable.
func (b *ScrollBar) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (b *ScrollBar) MouseOut() { b.hovered = false; b.Refresh() }
