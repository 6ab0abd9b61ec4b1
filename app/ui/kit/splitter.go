// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"kontor/app/ui/theme"
)

// Pane is one part of a Split. Widths are at 100 % text size.
type Pane struct {
	Content fyne.CanvasObject
	Width   float32 // at first; 0 for the pane that takes the rest
	Share   float32 // of the whole width at first, in place of Width
	Min     float32
	Drop    float32 // hidden where the split is narrower than this, 0 for never
}

// Split lays panes side by side with thin lines that can be dragged.
type Split struct {
	widget.BaseWidget
	OnMoved func(widths []float32) // after a drag, at 100 % text size
	Stack   float32                // narrower than this, panes lie above each other; 0 for never

	// OnNarrow is told when the split becomes too narrow for a pane that drops, or for one more, and when it is wide again.
	OnNarrow func(narrow bool)

	panes  []Pane
	lines  []*splitLine
	hidden []bool
	front  int // pane that is shown alone where it would be dropped, -1 for none
	narrow int // panes that are dropped
}

// NewSplit makes a split. Exactly one pane must have neither Width nor Share.
func NewSplit(panes ...Pane) *Split {
	s := &Split{panes: panes, hidden: make([]bool, len(panes)), front: -1}
	for i := range len(panes) - 1 {
		s.lines = append(s.lines, newSplitLine(s, i))
	}
	s.ExtendBaseWidget(s)
	return s
}

// SetWidths sets the widths of all panes, 0 for the one that takes the rest.
func (s *Split) SetWidths(widths []float32) {
	for i := range min(len(widths), len(s.panes)) {
		if p := s.panes[i]; (p.Width > 0 || p.Share > 0) && widths[i] > 0 {
			s.panes[i].Width = widths[i]
		}
	}
	s.Refresh()
}

// ShowPane shows or hides a pane.
func (s *Split) ShowPane(index int, show bool) {
	if s.hidden[index] == !show {
		return
	}
	s.hidden[index] = !show
	s.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (s *Split) CreateRenderer() fyne.WidgetRenderer {
	var objects []fyne.CanvasObject
	for _, p := range s.panes {
		objects = append(objects, p.Content)
	}
	for _, l := range s.lines {
		objects = append(objects, l)
	}
	return &painter{objects: objects, layout: s.layout, owner: s, refresh: func() {
		for _, l := range s.lines {
			l.Refresh()
		}
	}, min: func() fyne.Size {
		return fyne.NewSize(theme.Px(300), theme.Px(120))
	}}
}

// Front shows a pane alone while there is no room for it beside the others, -1 for none.
func (s *Split) Front(index int) {
	if s.front != index {
		s.front = index
		s.Refresh()
	}
}

func (s *Split) dropped(i int, width float32) bool {
	return s.panes[i].Drop > 0 && width < theme.Px(s.panes[i].Drop)
}

func (s *Split) shown(i int, width float32) bool {
	if s.front >= 0 && s.dropped(s.front, width) {
		return i == s.front
	}
	return !s.hidden[i] && !s.dropped(i, width)
}

// Dropped reports whether there is no room for a pane beside the others.
func (s *Split) Dropped(i int) bool { return s.dropped(i, s.Size().Width) }

// watch tells OnNarrow of a change.
func (s *Split) watch(width float32) {
	narrow := 0
	for i := range s.panes {
		if s.dropped(i, width) {
			narrow++
		}
	}
	if narrow != s.narrow {
		s.narrow = narrow
		if s.OnNarrow != nil {
			s.OnNarrow(narrow > 0)
		}
	}
}

// widths shares the room out and makes sure that nothing lies outside of it.
func (s *Split) widths(total float32) []float32 {
	w := s.wanted(total)
	sum := float32(0)
	for _, one := range w {
		sum += one
	}
	if sum > total && sum > 0 {
		for i := range w {
			w[i] *= max(total, 0) / sum
		}
	}
	return w
}

// wanted shares the room out: fixed panes first, shrunk to their minimum where the rest would be too narrow.
func (s *Split) wanted(total float32) []float32 {
	w := make([]float32, len(s.panes))
	rest, restMin, used := -1, float32(0), float32(0)
	for i, p := range s.panes {
		switch {
		case !s.shown(i, total):
		case p.Width == 0 && p.Share > 0:
			w[i] = max(total*p.Share, theme.Px(p.Min))
			used += w[i]
		case p.Width == 0:
			rest, restMin = i, theme.Px(p.Min)
		default:
			w[i] = max(theme.Px(p.Width), theme.Px(p.Min))
			used += w[i]
		}
	}
	for i := len(w) - 1; i >= 0 && total-used < restMin; i-- {
		if i == rest || w[i] == 0 {
			continue
		}
		less := min(restMin-(total-used), w[i]-theme.Px(s.panes[i].Min))
		w[i] -= max(less, 0)
		used -= max(less, 0)
	}
	switch {
	case rest >= 0:
		w[rest] = max(total-used, 0)
	case s.front >= 0:
		w[s.front] = total
	}
	return w
}

func (s *Split) layout(size fyne.Size) {
	s.watch(size.Width)
	x := float32(0)
	last := -1
	for _, l := range s.lines {
		l.Hide()
	}
	if size.Width < theme.Px(s.Stack) {
		s.stack(size)
		return
	}
	for i, w := range s.widths(size.Width) {
		content := s.panes[i].Content
		if w <= 0 {
			content.Hide()
			continue
		}
		if last >= 0 {
			l := s.lines[last]
			place(l, x-grab/2, 0, grab, size.Height)
			l.Show()
			x++
			w--
		}
		content.Show()
		place(content, x, 0, w, size.Height)
		x += w
		last = i
	}
}

// stack gives each pane the whole width and an equal part of the height.
func (s *Split) stack(size fyne.Size) {
	h := float32(int(size.Height / float32(len(s.panes))))
	for i, p := range s.panes {
		p.Content.Show()
		place(p.Content, 0, h*float32(i), size.Width, h)
	}
}

// drag moves the line after a pane.
func (s *Split) drag(line int, dx float32) {
	factor := theme.Px(100) / 100
	left, right := line, line+1
	for right < len(s.panes)-1 && !s.shown(right, s.Size().Width) {
		right++
	}
	w := s.widths(s.Size().Width)
	room := func(i int) float32 { return w[i] - theme.Px(s.panes[i].Min) }
	dx = max(-room(left), min(dx, room(right)))
	for i, change := range map[int]float32{left: dx, right: -dx} {
		if s.panes[i].Width > 0 || s.panes[i].Share > 0 {
			s.panes[i].Width = (w[i] + change) / factor
		}
	}
	s.Refresh()
}

func (s *Split) dragged() {
	if s.OnMoved == nil {
		return
	}
	widths := make([]float32, len(s.panes))
	for i, p := range s.panes {
		widths[i] = p.Width
	}
	s.OnMoved(widths)
}

// grab is how wide the area is that a line can be dragged at.
const grab = 9

type splitLine struct {
	widget.BaseWidget
	split   *Split
	index   int
	line    *canvas.Rectangle
	hovered bool
	focused bool
}

func newSplitLine(s *Split, index int) *splitLine {
	l := &splitLine{split: s, index: index, line: Rect(theme.Line, 0)}
	l.ExtendBaseWidget(l)
	return l
}

// CreateRenderer implements fyne.Widget.
func (l *splitLine) CreateRenderer() fyne.WidgetRenderer {
	return &painter{objects: []fyne.CanvasObject{l.line}, owner: l, min: func() fyne.Size { return fyne.NewSize(grab, 1) }, layout: func(size fyne.Size) {
		w := float32(1)
		if l.hovered || l.focused {
			w = 3
		}
		place(l.line, float32(int(grab/2))+0.5-w/2, 0, w, size.Height)
	}, refresh: func() {
		Tint(l.line, theme.Line)
		switch {
		case l.focused:
			Tint(l.line, theme.Focus)
		case l.hovered:
			Tint(l.line, theme.Accent)
		}
	}}
}

// Dragged implements fyne.Draggable.
func (l *splitLine) Dragged(ev *fyne.DragEvent) { l.split.drag(l.index, ev.Dragged.DX) }

// DragEnd implements fyne.Draggable.
func (l *splitLine) DragEnd() { l.split.dragged() }

// MouseIn implements desktop.Hoverable.
func (l *splitLine) MouseIn(*desktop.MouseEvent) { l.hovered = true; l.Refresh() }

// MouseMoved implements desktop.Hoverable.
func (l *splitLine) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (l *splitLine) MouseOut() { l.hovered = false; l.Refresh() }

// Cursor implements desktop.Cursorable.
func (l *splitLine) Cursor() desktop.Cursor { return desktop.HResizeCursor }

// FocusGained implements fyne.Focusable.
func (l *splitLine) FocusGained() { l.focused = true; l.Refresh() }

// FocusLost implements fyne.Focusable.
func (l *splitLine) FocusLost() { l.focused = false; l.Refresh() }

// TypedRune implements fyne.Focusable.
func (l *splitLine) TypedRune(rune) {}

// TypedKey implements fyne.Focusable: the arrows move the line.
func (l *splitLine) TypedKey(ev *fyne.KeyEvent) {
	step := theme.Px(20)
	switch ev.Name {
	case fyne.KeyLeft:
		step = -step
	case fyne.KeyRight:
	default:
		PassKey(l, ev)
		return
	}
	l.split.drag(l.index, step)
	l.split.dragged()
}
