// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"kontor/app/ui/theme"
)

// NewColumn stacks objects with a gap (at 100 % text size) and gives each its width before it is asked for its height,
// as wrapping text needs.
func NewColumn(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(column{gap}, objects...)
}

type column struct{ gap float32 }

// Layout implements fyne.Layout.
func (c column) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	y := float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		o.Resize(fyne.NewSize(size.Width, o.MinSize().Height))
		h := o.MinSize().Height
		place(o, 0, y, size.Width, h)
		y += h + theme.Px(c.gap)
	}
}

// MinSize implements fyne.Layout.
func (c column) MinSize(objects []fyne.CanvasObject) fyne.Size {
	least, n := fyne.Size{}, 0
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		m := o.MinSize()
		least.Width = max(least.Width, m.Width)
		least.Height += m.Height
		n++
	}
	least.Height += theme.Px(c.gap) * float32(max(n-1, 0))
	return least
}

// Scroller scrolls a column that fills its width.
type Scroller struct {
	*fyne.Container
	scroll *container.Scroll
	inner  fyne.CanvasObject
}

// NewScroller makes a scroller.
func NewScroller(inner fyne.CanvasObject) *Scroller {
	s := &Scroller{scroll: container.NewVScroll(inner), inner: inner}
	s.Container = container.New(s, s.scroll)
	return s
}

// Layout implements fyne.Layout: the width first, so that the height that follows from it is right.
func (s *Scroller) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	s.inner.Resize(fyne.NewSize(size.Width, s.inner.MinSize().Height))
	s.scroll.Resize(size)
	s.scroll.Refresh()
}

// MinSize implements fyne.Layout.
func (s *Scroller) MinSize(_ []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(theme.Px(120), theme.Px(60))
}

// Reflow lays the content out again after it was changed.
func (s *Scroller) Reflow() {
	size := s.Container.Size()
	if size.Width > 0 {
		s.inner.Resize(fyne.NewSize(size.Width, s.inner.MinSize().Height+1))
		s.Layout(nil, size)
	}
}

// ScrollTop goes back to the beginning.
func (s *Scroller) ScrollTop() { s.scroll.ScrollToTop() }

// NewRowOf places objects beside each other at their natural widths, with a gap, and wraps to further lines where the
// width does not do.
func NewRowOf(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&flow{gap: gap}, objects...)
}

type flow struct {
	gap    float32
	height float32
}

// Layout implements fyne.Layout.
func (f *flow) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	gap := theme.Px(f.gap)
	x, y, line := float32(0), float32(0), float32(0)
	var placed []fyne.CanvasObject // of the line
	align := func() {
		for _, o := range placed {
			o.Move(fyne.NewPos(o.Position().X, y+(line-o.Size().Height)/2))
		}
		placed = placed[:0]
	}
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		m := o.MinSize()
		if x > 0 && x+m.Width > size.Width {
			align()
			x, y, line = 0, y+line+gap, 0
		}
		place(o, x, y, min(m.Width, size.Width), m.Height)
		placed = append(placed, o)
		x += m.Width + gap
		line = max(line, m.Height)
	}
	align()
	f.height = y + line
}

// MinSize implements fyne.Layout.
func (f *flow) MinSize(objects []fyne.CanvasObject) fyne.Size {
	s := fyne.Size{Height: f.height}
	for _, o := range objects {
		if o.Visible() {
			m := o.MinSize()
			s.Width, s.Height = max(s.Width, min(m.Width, theme.Px(60))), max(s.Height, m.Height)
		}
	}
	return s
}
