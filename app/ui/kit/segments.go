// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"kontor/app/ui/theme"
)

// Option is one of the values of Segments.
type Option struct{ ID, Label string }

// Segments lets a person choose one of a few values that are all in view. The arrow keys choose. Where the width does
// not do, the values take several lines: put it into a column, which gives it its width first.
type Segments struct {
	widget.BaseWidget
	OnChange func(id string)

	options  []Option
	chosen   int
	focused  bool
	hover    int
	back     *canvas.Rectangle
	ring     focusRing
	grounds  []*canvas.Rectangle
	labels   []*Text
	spans    []segment
	describe string
}

// NewSegments makes a choice; describe says what is chosen, for screen readers.
func NewSegments(describe, chosen string, options []Option, change func(id string)) *Segments {
	s := &Segments{OnChange: change, options: options, hover: -1, back: Rect(theme.Chip, 7), ring: newFocusRing(8), describe: describe}
	for i, o := range options {
		s.grounds = append(s.grounds, Rect(theme.Clear, 5))
		s.labels = append(s.labels, NewText(o.Label, 13, theme.Text))
		if o.ID == chosen {
			s.chosen = i
		}
	}
	s.ExtendBaseWidget(s)
	return s
}

// Chosen is the ID of the value in use.
func (s *Segments) Chosen() string {
	if len(s.options) == 0 {
		return ""
	}
	return s.options[s.chosen].ID
}

// Set shows another value without telling OnChange.
func (s *Segments) Set(id string) {
	for i, o := range s.options {
		if o.ID == id && i != s.chosen {
			s.chosen = i
			s.Refresh()
		}
	}
}

// CreateRenderer implements fyne.Widget.
func (s *Segments) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{s.back}
	for i := range s.options {
		objects = append(objects, s.grounds[i], s.labels[i].Text)
	}
	s.paint()
	return &painter{objects: append(objects, s.ring.Rectangle), layout: s.layout, min: s.min, refresh: s.paint, owner: s}
}

// segment is where a value lies.
type segment struct {
	Span
	line int
}

const segmentHeight, segmentEdge = 28, 3

// flow lays the values out in lines of a width.
func (s *Segments) flow(width float32) (spans []segment, widest float32, lines int) {
	edge := theme.Px(segmentEdge)
	x, line := edge, 0
	for _, l := range s.labels {
		w := s.width(l)
		if x > edge && x+w+edge > width {
			x, line = edge, line+1
		}
		spans = append(spans, segment{Span{x, w}, line})
		x += w
		widest = max(widest, x+edge)
	}
	return spans, widest, line + 1
}

func (s *Segments) min() fyne.Size {
	w, lines := float32(0), 1
	for _, l := range s.labels {
		w = max(w, s.width(l))
	}
	if s.Size().Width > 0 {
		_, _, lines = s.flow(s.Size().Width)
	}
	return fyne.NewSize(w+theme.Px(2*segmentEdge), theme.Px(2*segmentEdge)+float32(lines)*theme.Px(segmentHeight))
}

// width is that of a label in its bold form, so that nothing moves when another one is chosen.
func (s *Segments) width(l *Text) float32 {
	return Measure(l.Full(), theme.TextPx(13), fyne.TextStyle{Bold: true}) + theme.Px(24)
}

func (s *Segments) paint() {
	Tint(s.back, theme.Chip)
	s.back.CornerRadius = theme.Px(7)
	for i, l := range s.labels {
		ground, text := theme.Clear, theme.Muted
		s.grounds[i].StrokeWidth = 0
		switch i {
		case s.chosen:
			ground, text = theme.Surface, theme.Text
			Border(s.grounds[i], theme.Control)
		case s.hover:
			text = theme.Text
		}
		Tint(s.grounds[i], ground)
		l.SetBold(i == s.chosen)
		l.Set(l.Full(), text)
		l.Retheme()
	}
	s.ring.set(s.focused)
}

func (s *Segments) layout(size fyne.Size) {
	var widest float32
	s.spans, widest, _ = s.flow(size.Width)
	place(s.ring.Rectangle, -2, -2, widest+4, size.Height+4)
	place(s.back, 0, 0, widest, size.Height)
	h := theme.Px(segmentHeight)
	for i, l := range s.labels {
		span := s.spans[i]
		y := theme.Px(segmentEdge) + float32(span.line)*h
		place(s.grounds[i], span.X, y, span.W, h)
		l.PlaceCentre(span.X, y+h/2, span.W)
	}
}

func (s *Segments) at(pos fyne.Position) int {
	line := int((pos.Y - theme.Px(segmentEdge)) / theme.Px(segmentHeight))
	for i, span := range s.spans {
		if line == span.line && pos.X >= span.X && pos.X < span.X+span.W {
			return i
		}
	}
	return -1
}

func (s *Segments) choose(i int) {
	if i < 0 || i >= len(s.options) || i == s.chosen {
		return
	}
	s.chosen = i
	s.Refresh()
	if s.OnChange != nil {
		s.OnChange(s.options[i].ID)
	}
}

// Tapped implements fyne.Tappable.
func (s *Segments) Tapped(ev *fyne.PointEvent) {
	focus(s)
	s.choose(s.at(ev.Position))
}

// FocusGained implements fyne.Focusable.
func (s *Segments) FocusGained() { s.focused = true; s.Refresh() }

// FocusLost implements fyne.Focusable.
func (s *Segments) FocusLost() { s.focused = false; s.Refresh() }

// TypedRune implements fyne.Focusable.
func (s *Segments) TypedRune(rune) {}

// TypedKey implements fyne.Focusable.
func (s *Segments) TypedKey(ev *fyne.KeyEvent) {
	switch ev.Name {
	case fyne.KeyLeft, fyne.KeyUp:
		s.choose(s.chosen - 1)
	case fyne.KeyRight, fyne.KeyDown:
		s.choose(s.chosen + 1)
	case fyne.KeyHome:
		s.choose(0)
	case fyne.KeyEnd:
		s.choose(len(s.options) - 1)
	default:
		PassKey(s, ev)
	}
}

// MouseIn implements desktop.Hoverable.
func (s *Segments) MouseIn(ev *desktop.MouseEvent) { s.MouseMoved(ev) }

// MouseMoved implements desktop.Hoverable.
func (s *Segments) MouseMoved(ev *desktop.MouseEvent) {
	if i := s.at(ev.Position); i != s.hover {
		s.hover = i
		s.Refresh()
	}
}

// MouseOut implements desktop.Hoverable.
func (s *Segments) MouseOut() { s.hover = -1; s.Refresh() }

// AccessibilityLabel implements fyne.Accessible.
func (s *Segments) AccessibilityLabel() string {
	if len(s.options) == 0 {
		return s.describe
	}
	return s.describe + ": " + s.options[s.chosen].Label
}
