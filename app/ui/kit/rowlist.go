// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"context"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"kontor/app/ui/theme"
)

// BackToken is the ground of a list; its zero value is theme.Surface.
type BackToken struct{ token theme.Token }

// Ground makes the ground of a list.
func Ground(t theme.Token) BackToken { return BackToken{token: t + 1} }

func (b BackToken) get() theme.Token {
	if b.token == 0 {
		return theme.Surface
	}
	return b.token - 1
}

// RowList shows any number of rows of one height. It reads only the windows that are on screen, away from the UI
// goroutine, and shows what it had until they are there. All methods belong to the UI goroutine.
type RowList[K comparable, T any] struct {
	widget.BaseWidget
	cfg  RowListConfig[K, T]
	self rowWidget

	data   pages[T]
	cancel context.CancelFunc
	ctx    context.Context

	offset    float64 // of the first pixel shown
	cursor    int     // -1 for none
	selected  map[K]bool
	anchor    int // where a selection with Shift begins
	anchorKey K
	hover     int
	focused   bool
	follow    bool   // select the cursor's row when it is read
	wanted    *K     // select this key once it is found
	ranges    int    // counts selections of many rows: only the newest one is of use
	told      bool   // the selection lost rows, which has to be told
	again     func() // selects many rows once the list has been read

	back    *canvas.Rectangle
	area    *fyne.Container
	clip    *container.Clip
	slots   []*slot[T]
	bar     *ScrollBar
	ring    focusRing // around the list while it has no rows
	empty   fyne.CanvasObject
	version int
	press   clicks
	typed   typeAhead
	drag    dragging
	target  *K // that something can be dropped on
}

// rowWidget is what lies in the window and has the keyboard: the list itself, or the widget that it is embedded in.
type rowWidget interface {
	fyne.Widget
	fyne.Focusable
}

// slot is one line on screen: the row and what lies behind and around it.
type slot[T any] struct {
	box     *fyne.Container
	back    *canvas.Rectangle
	line    *canvas.Rectangle
	ring    focusRing
	row     Row[T]
	objects []fyne.CanvasObject
	index   int
	version int
	width   float32
}

// NewRowList makes a list.
func NewRowList[K comparable, T any](cfg RowListConfig[K, T]) *RowList[K, T] {
	l := newRowList(cfg)
	l.become(l)
	return l
}

func newRowList[K comparable, T any](cfg RowListConfig[K, T]) *RowList[K, T] {
	l := &RowList[K, T]{cfg: cfg, cursor: -1, anchor: -1, hover: -1, selected: map[K]bool{}}
	l.back = canvas.NewRectangle(theme.Color(cfg.Back.get()))
	l.area = container.NewWithoutLayout()
	l.clip = container.NewClip(l.area)
	l.bar = NewScrollBar(func(offset float64) { l.scrollTo(offset) })
	l.ring = newFocusRing(4)
	return l
}

// become makes the list work as self. Call it once.
func (l *RowList[K, T]) become(self rowWidget) {
	l.self = self
	l.ExtendBaseWidget(self)
	if l.cfg.Source != nil {
		l.SetSource(l.cfg.Source)
	}
}

// SetEmpty sets what is shown in place of no rows. Call it before the list is shown.
func (l *RowList[K, T]) SetEmpty(o fyne.CanvasObject) {
	l.empty = o
	o.Hide()
	l.Refresh()
}

func (l *RowList[K, T]) rowHeight() float32 { return theme.Px(l.cfg.Height) }

// CreateRenderer implements fyne.Widget.
func (l *RowList[K, T]) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{l.back, l.clip}
	if l.empty != nil {
		objects = append(objects, l.empty)
	}
	objects = append(objects, l.bar, l.ring.Rectangle)
	return &painter{objects: objects, layout: l.layout, min: l.min, refresh: l.retheme, owner: l.self}
}

func (l *RowList[K, T]) min() fyne.Size { return fyne.NewSize(theme.Px(80), l.rowHeight()) }

func (l *RowList[K, T]) retheme() {
	Tint(l.back, l.cfg.Back.get())
	l.version++
}

func (l *RowList[K, T]) layout(size fyne.Size) {
	place(l.back, 0, 0, size.Width, size.Height)
	place(l.clip, 0, 0, size.Width, size.Height)
	if l.empty != nil {
		place(l.empty, 0, 0, size.Width, size.Height)
	}
	l.bar.placeIn(size)
	place(l.ring.Rectangle, 2, 2, size.Width-4, size.Height-4)
	l.fill()
}

// fill brings the slots in step with offset, data and selection.
func (l *RowList[K, T]) fill() {
	size := l.Size()
	if size.Height <= 0 {
		return
	}
	h := float64(l.rowHeight())
	if l.held() {
		l.bar.set(l.offset, float64(size.Height), h*float64(l.data.count))
		l.ensure()
		return
	}
	l.offset = math.Max(0, math.Min(l.offset, l.maxOffset()))
	l.makeSlots(int(math.Ceil(float64(size.Height)/h)) + 1)
	first := int(l.offset / h)
	for i := range l.slots {
		index := first + i
		s := l.slots[index%len(l.slots)]
		if index >= l.data.count {
			s.index = -1
			s.box.Hide()
			continue
		}
		l.bind(s, index, size.Width)
		s.box.Move(fyne.NewPos(0, float32(float64(index)*h-l.offset)))
		if !s.box.Visible() {
			s.box.Show()
		}
	}
	l.bar.set(l.offset, float64(size.Height), h*float64(l.data.count))
	l.showEmpty()
	l.ensure()
}

// held reports whether the rows that are to be on screen are still being read: what was there stays until then, so that
// a jump over thousands of rows shows no holes.
func (l *RowList[K, T]) held() bool {
	if len(l.slots) == 0 || l.data.failed || !l.data.known {
		return false
	}
	first, n := l.VisibleRows()
	for row := first; row < min(first+n, l.data.count); row++ {
		if l.data.byIndex[row/pageSize] == nil {
			return true
		}
	}
	return false
}

func (l *RowList[K, T]) showEmpty() {
	l.ring.set(l.focused && l.data.known && l.data.count == 0)
	if l.empty == nil {
		return
	}
	if l.data.known && l.data.count == 0 {
		l.empty.Show()
	} else {
		l.empty.Hide()
	}
}

func (l *RowList[K, T]) makeSlots(n int) {
	if len(l.slots) >= n {
		return
	}
	for _, s := range l.slots {
		s.index = -1 // the ring of slots is dealt anew
	}
	for len(l.slots) < n {
		s := &slot[T]{row: l.cfg.NewRow(), index: -1, ring: newFocusRing(4)}
		s.back, s.line = Rect(theme.Clear, 0), Rect(theme.Line, 0)
		s.objects = s.row.Objects()
		objects := append([]fyne.CanvasObject{s.back, s.line}, s.objects...)
		s.box = container.NewWithoutLayout(append(objects, s.ring.Rectangle)...)
		s.box.Hide()
		l.slots = append(l.slots, s)
		l.area.Add(s.box)
	}
}

func (l *RowList[K, T]) bind(s *slot[T], index int, width float32) {
	if s.index == index && s.version == l.version && s.width == width {
		return
	}
	s.index, s.version, s.width = index, l.version, width
	h := l.rowHeight()
	item, ok := l.data.at(index)
	state := RowState{Index: index, Cursor: index == l.cursor, Focused: l.focused, Hovered: index == l.hover}
	heading := ok && l.cfg.Skip != nil && l.cfg.Skip(item)
	state.Selected = ok && !heading && l.isSelected(item)
	s.box.Resize(fyne.NewSize(width, h))
	l.ground(s, state, heading, width, h)
	if ok && l.isTarget(item) {
		Tint(s.back, theme.AccentSoft)
		s.ring.set(true)
	}
	for _, o := range s.objects {
		if ok {
			if !o.Visible() {
				o.Show()
			}
		} else {
			o.Hide()
		}
	}
	if ok {
		s.row.Paint(item, fyne.NewSize(width, h), state)
	}
}

// ground paints what lies behind a row.
func (l *RowList[K, T]) ground(s *slot[T], state RowState, heading bool, width, h float32) {
	inset := theme.Px(l.cfg.Inset)
	fill := theme.Clear
	switch {
	case state.Selected:
		fill = theme.AccentSoft
	case state.Hovered && !heading:
		fill = theme.Hover
	}
	Tint(s.back, fill)
	lines := float32(1)
	if l.cfg.NoLine {
		lines = 0
	}
	s.back.CornerRadius = 0
	if inset > 0 {
		s.back.CornerRadius = theme.Px(6)
	}
	place(s.back, inset, 0, width-2*inset, h-lines)
	Tint(s.line, theme.Line)
	place(s.line, 0, h-1, width, lines)
	place(s.ring.Rectangle, inset+2, 2, width-2*inset-4, h-lines-4)
	s.ring.CornerRadius = s.back.CornerRadius
	s.ring.set(state.Cursor && state.Focused && !heading)
}

func (l *RowList[K, T]) maxOffset() float64 {
	return math.Max(0, float64(l.rowHeight())*float64(l.data.count)-float64(l.Size().Height))
}

// repaint paints every visible row anew.
func (l *RowList[K, T]) repaint() {
	l.version++
	l.fill()
	canvas.Refresh(l.self)
}

// Scrolled implements fyne.Scrollable.
func (l *RowList[K, T]) Scrolled(ev *fyne.ScrollEvent) {
	l.scrollTo(l.offset - float64(ev.Scrolled.DY))
}

func (l *RowList[K, T]) scrollTo(offset float64) {
	offset = math.Max(0, math.Min(offset, l.maxOffset()))
	if offset == l.offset {
		return
	}
	l.offset = offset
	l.fill()
	canvas.Refresh(l.self)
}

// ScrollToRow brings a row into view, with the heading above it if it has one.
func (l *RowList[K, T]) ScrollToRow(index int) {
	h, height := float64(l.rowHeight()), float64(l.Size().Height)
	if height <= 0 {
		return
	}
	top := h * float64(index)
	switch {
	case top < l.offset || index > 0 && top-h < l.offset && l.isHeading(index-1):
		if index > 0 && l.isHeading(index-1) {
			top -= h
		}
		l.scrollTo(top)
	case top+h > l.offset+height:
		l.scrollTo(top + h - height)
	}
}

func (l *RowList[K, T]) isHeading(index int) bool {
	item, ok := l.data.at(index)
	return ok && l.cfg.Skip != nil && l.cfg.Skip(item)
}

// Count is the number of rows as last read.
func (l *RowList[K, T]) Count() int { return l.data.count }

// Loaded reports whether the number of rows was read at least once since SetSource.
func (l *RowList[K, T]) Loaded() bool { return l.data.known }

// At gives the item of a row if it is in memory.
func (l *RowList[K, T]) At(index int) (T, bool) { return l.data.at(index) }

// VisibleRows gives the first row on screen and how many are.
func (l *RowList[K, T]) VisibleRows() (first, n int) {
	h := float64(l.rowHeight())
	first = int(l.offset / h)
	return first, min(int(math.Ceil(float64(l.Size().Height)/h))+1, l.data.count-first)
}
