// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"kontor/app/i18n"
	"kontor/app/ui/theme"
)

// Column is one column of a table. Widths are at 100 % text size.
type Column struct {
	ID    string
	Title string
	Width float32 // the least it gets
	Grow  float32 // its share of the room that is left over
	Right bool    // numbers: flush right
	Sort  bool    // a click on the title sorts
	Drop  float32 // hidden where the table is narrower than this, 0 for never
}

// Span is where a column lies.
type Span struct{ X, W float32 }

// Columns lays columns out. Rows ask it for the same spans as the header.
type Columns []Column

const columnGap = 12

// Spans gives the place of every column in a table of this width; a hidden column has no width.
func (c Columns) Spans(width float32) []Span {
	left := theme.Px(columnGap)
	free, grow, fixed := width-left, float32(0), float32(0)
	for _, col := range c {
		if col.hidden(width) {
			continue
		}
		free -= theme.Px(col.Width) + theme.Px(columnGap)
		grow += col.Grow
		fixed += theme.Px(col.Width)
	}
	part := float32(1) // of its width that a column gets where there is too little room for all
	if free < 0 && fixed > 0 {
		part, free = max((fixed+free)/fixed, 0), 0
	}
	spans := make([]Span, len(c))
	for i, col := range c {
		if col.hidden(width) {
			spans[i] = Span{X: left}
			continue
		}
		w := theme.Px(col.Width) * part
		if grow > 0 {
			w += free * col.Grow / grow
		}
		spans[i] = Span{X: left, W: w}
		left += w + theme.Px(columnGap)
	}
	return spans
}

func (c Column) hidden(width float32) bool { return c.Drop > 0 && width < theme.Px(c.Drop) }

// TableHeader is the line of titles above a RowList, with arrows for the sorted column.
type TableHeader struct {
	widget.BaseWidget
	OnSort func(id string, descending bool)

	columns    Columns
	sorted     string
	descending bool
	back, line *canvas.Rectangle
	titles     []*headerTitle
}

// NewTableHeader makes a header.
func NewTableHeader(columns Columns, sort func(id string, descending bool)) *TableHeader {
	h := &TableHeader{columns: columns, OnSort: sort, back: Rect(theme.Surface, 0), line: Rect(theme.Line, 0)}
	for i := range columns {
		h.titles = append(h.titles, newHeaderTitle(h, columns[i]))
	}
	h.ExtendBaseWidget(h)
	return h
}

// SetSorted shows which column the rows are sorted by.
func (h *TableHeader) SetSorted(id string, descending bool) {
	h.sorted, h.descending = id, descending
	h.Refresh()
}

// SetTitles changes the words, in the order of the columns.
func (h *TableHeader) SetTitles(titles ...string) {
	for i := range min(len(titles), len(h.titles)) {
		h.titles[i].column.Title = titles[i]
	}
	h.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (h *TableHeader) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{h.back, h.line}
	for _, t := range h.titles {
		objects = append(objects, t)
	}
	return &painter{objects: objects, layout: h.layout, refresh: h.paint, owner: h, min: func() fyne.Size {
		return fyne.NewSize(theme.Px(120), theme.Px(34))
	}}
}

func (h *TableHeader) paint() {
	Tint(h.back, theme.Surface)
	Tint(h.line, theme.Line)
	for _, t := range h.titles {
		t.Refresh()
	}
}

func (h *TableHeader) layout(size fyne.Size) {
	place(h.back, 0, 0, size.Width, size.Height)
	place(h.line, 0, size.Height-1, size.Width, 1)
	for i, span := range h.columns.Spans(size.Width) {
		t := h.titles[i]
		if span.W <= 0 {
			t.Hide()
			continue
		}
		t.Show()
		place(t, span.X-theme.Px(4), 2, span.W+theme.Px(8), size.Height-4)
	}
}

// headerTitle is one title; it can be clicked where its column sorts.
type headerTitle struct {
	widget.BaseWidget
	Pressable
	header *TableHeader
	column Column
	label  *Text
	arrow  *Icon
	back   *canvas.Rectangle
	ring   focusRing
}

func newHeaderTitle(h *TableHeader, c Column) *headerTitle {
	t := &headerTitle{header: h, column: c, label: NewBold(c.Title, 12, theme.Muted), arrow: NewIcon("arrow-up", theme.Muted), back: Rect(theme.Clear, 4), ring: newFocusRing(4)}
	t.Presses(t, t.sort)
	t.ExtendBaseWidget(t)
	return t
}

// CreateRenderer implements fyne.Widget.
func (t *headerTitle) CreateRenderer() fyne.WidgetRenderer {
	t.paint()
	return &painter{
		objects: []fyne.CanvasObject{t.back, t.label.Text, t.arrow.Image, t.ring.Rectangle}, layout: t.layout, refresh: t.paint, owner: t,
		min: func() fyne.Size { return fyne.NewSize(theme.Px(20), theme.Px(28)) },
	}
}

func (t *headerTitle) paint() {
	ground := theme.Clear
	if t.hovered && t.column.Sort {
		ground = theme.Hover
	}
	Tint(t.back, ground)
	t.label.Set(t.column.Title, theme.Muted)
	t.label.Retheme()
	icon := ""
	if t.header.sorted == t.column.ID && t.column.Sort {
		icon = "arrow-up"
		if t.header.descending {
			icon = "arrow-down"
		}
	}
	t.arrow.Set(icon, theme.Muted)
	t.ring.set(t.focused)
}

func (t *headerTitle) layout(size fyne.Size) {
	place(t.back, 0, 0, size.Width, size.Height)
	place(t.ring.Rectangle, 0, 0, size.Width, size.Height)
	pad, middle := theme.Px(4), size.Height/2
	room := size.Width - 2*pad
	if t.arrow.Visible() {
		room -= theme.Px(15)
	}
	if t.column.Right {
		left := t.label.PlaceRight(size.Width-pad, middle, room)
		t.arrow.Place(max(left-theme.Px(15), 0), middle, 12)
		return
	}
	w := max(min(t.label.Width()+1, room), 0)
	t.label.Place(pad, middle, w)
	t.arrow.Place(pad+w+theme.Px(3), middle, 12)
}

func (t *headerTitle) sort() {
	if !t.column.Sort || t.header.OnSort == nil {
		return
	}
	descending := t.header.sorted == t.column.ID && !t.header.descending
	t.header.SetSorted(t.column.ID, descending)
	t.header.OnSort(t.column.ID, descending)
}

// Disabled implements fyne.Disableable: titles that do not sort take no focus.
func (t *headerTitle) Disabled() bool { return !t.column.Sort }

// Enable implements fyne.Disableable; what a title does is fixed.
func (t *headerTitle) Enable() {}

// Disable implements fyne.Disableable; what a title does is fixed.
func (t *headerTitle) Disable() {}

// AccessibilityLabel implements fyne.Accessible.
func (t *headerTitle) AccessibilityLabel() string {
	switch {
	case t.header.sorted != t.column.ID || !t.column.Sort:
		return t.column.Title
	case t.header.descending:
		return t.column.Title + ", " + i18n.T("ui.descending")
	}
	return t.column.Title + ", " + i18n.T("ui.ascending")
}
