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

// Segments lets a person choose one of a few values that are all in view. The arrow keys choose.
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
	spans    []Span
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
func (s *Segments) Chosen() string { return s.options[s.chosen].ID }

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

func (s *Segments) min() fyne.Size {
	w := theme.Px(6)
	for _, l := range s.labels {
		w += s.width(l)
	}
	return fyne.NewSize(w, theme.Px(34))
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
	place(s.ring.Rectangle, -2, -2, s.min().Width+4, size.Height+4)
	place(s.back, 0, 0, s.min().Width, size.Height)
	s.spans = s.spans[:0]
	x := theme.Px(3)
	for i, l := range s.labels {
		w := s.width(l)
		s.spans = append(s.spans, Span{x, w})
		place(s.grounds[i], x, theme.Px(3), w, size.Height-theme.Px(6))
		l.PlaceCentre(x, size.Height/2, w)
		x += w
	}
}

func (s *Segments) at(x float32) int {
	for i, span := range s.spans {
		if x >= span.X && x < span.X+span.W {
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
	s.choose(s.at(ev.Position.X))
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
	default:
		PassKey(s, ev)
	}
}

// MouseIn implements desktop.Hoverable.
func (s *Segments) MouseIn(ev *desktop.MouseEvent) { s.MouseMoved(ev) }

// MouseMoved implements desktop.Hoverable.
func (s *Segments) MouseMoved(ev *desktop.MouseEvent) {
	if i := s.at(ev.Position.X); i != s.hover {
		s.hover = i
		s.Refresh()
	}
}

// MouseOut implements desktop.Hoverable.
func (s *Segments) MouseOut() { s.hover = -1; s.Refresh() }

// AccessibilityLabel implements fyne.Accessible.
func (s *Segments) AccessibilityLabel() string {
	return s.describe + ": " + s.options[s.chosen].Label
}
