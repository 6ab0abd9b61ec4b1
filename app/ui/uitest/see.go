// SPDX-License-Identifier: EUPL-1.2

package uitest

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"kontor/app/ui/kit"
)

// seen is an object on screen.
type seen struct {
	object fyne.CanvasObject
	at     fyne.Position
	inside bool              // something that scrolls
	scroll *container.Scroll // that it lies in
	clip   fyne.Position     // top left and size of what is shown of it at the most
	room   fyne.Size
}

// cut reports whether so much of an object is scrolled out of sight that nobody could read it.
func (v seen) cut() bool {
	y := v.middle().Y
	return y < v.clip.Y || y > v.clip.Y+v.room.Height
}

func (v seen) middle() fyne.Position {
	size := v.object.Size()
	return v.at.AddXY(size.Width/2, size.Height/2)
}

// look walks over everything that is visible, from back to front, until visit returns false.
func look(v seen, visit func(seen) bool) bool {
	if v.object == nil || !v.object.Visible() {
		return true
	}
	if !visit(v) {
		return false
	}
	var children []fyne.CanvasObject
	switch o := v.object.(type) {
	case *fyne.Container:
		children = o.Objects
	case *container.Clip:
		v.inside, v.clip, v.room = true, v.at, o.Size()
		children = []fyne.CanvasObject{o.Content}
	case *container.Scroll:
		v.inside, v.scroll, v.clip, v.room = true, o, v.at, o.Size()
		children = []fyne.CanvasObject{o.Content}
	case *kit.Entry, *widget.Entry:
		return true
	case fyne.Widget:
		children = test.WidgetRenderer(o).Objects()
	}
	at := v.at
	for _, c := range children {
		v.object, v.at = c, at.Add(c.Position())
		if !look(v, visit) {
			return false
		}
	}
	return true
}

// roots are what can be clicked: what lies above everything else, or the page.
func (s *Scene) root() seen {
	c := s.Window.Canvas()
	o := c.Overlays().Top()
	if o == nil {
		o = c.Content()
	}
	return seen{object: o, at: o.Position(), room: c.Size()}
}

// find gives the first visible object that fits.
func (s *Scene) find(fits func(fyne.CanvasObject) bool) (found seen, ok bool) {
	look(s.root(), func(v seen) bool {
		if fits(v.object) {
			found, ok = v, true
		}
		return !ok
	})
	return found, ok
}

// wordsOf are the words that an object shows by itself.
func wordsOf(o fyne.CanvasObject) string {
	switch o := o.(type) {
	case *canvas.Text:
		return o.Text
	case *kit.Entry:
		if o.Text == "" {
			return o.PlaceHolder
		}
		return o.Text
	case *widget.RichText:
		return o.String()
	case *kit.Button:
		return o.AccessibilityLabel()
	case *kit.Paragraph:
		return o.Words()
	case *kit.Badge:
		return o.AccessibilityLabel()
	case *kit.Label:
		return o.Words()
	}
	return ""
}

// Words are all words on screen, in their order.
func (s *Scene) Words() []string {
	var all []string
	look(s.root(), func(v seen) bool {
		if w := wordsOf(v.object); w != "" {
			all = append(all, w)
		}
		return true
	})
	return all
}

// Says reports whether these words are on screen, alone or within others.
func (s *Scene) Says(words string) bool {
	_, ok := s.find(func(o fyne.CanvasObject) bool { return strings.Contains(wordsOf(o), words) })
	return ok
}

// MustSay fails the test unless all these words are on screen.
func (s *Scene) MustSay(words ...string) {
	s.T.Helper()
	for _, w := range words {
		if !s.Says(w) {
			s.T.Fatalf("%q is not on screen; it says %q", w, s.Words())
		}
	}
}

// MustNotSay fails the test if any of these words are on screen.
func (s *Scene) MustNotSay(words ...string) {
	s.T.Helper()
	for _, w := range words {
		if s.Says(w) {
			s.T.Fatalf("%q is on screen", w)
		}
	}
}

// Button gives the button of these words, nil where there is none.
func (s *Scene) Button(words string) *kit.Button {
	v, ok := s.find(func(o fyne.CanvasObject) bool {
		b, is := o.(*kit.Button)
		return is && b.AccessibilityLabel() == words
	})
	if !ok {
		return nil
	}
	return v.object.(*kit.Button)
}

// Field gives the entry that stands behind a caption, or whose hint this is.
func (s *Scene) Field(caption string) *kit.Entry {
	s.T.Helper()
	var found *kit.Entry
	captioned := false
	look(s.root(), func(v seen) bool {
		if e, ok := v.object.(*kit.Entry); ok && (captioned || e.PlaceHolder == caption) {
			found = e
			return false
		}
		captioned = captioned || wordsOf(v.object) == caption
		return true
	})
	if found == nil {
		s.T.Fatalf("no field %q; it says %q", caption, s.Words())
	}
	return found
}

// Misfits lists the words that are wider than their place, that end beside what is shown of them, or that lie over other
// words (EN 301 549, 11.1.4.4). Fields scroll by themselves and are left out.
func (s *Scene) Misfits() []string {
	var wrong []string
	var texts []seen
	look(s.root(), func(v seen) bool {
		if i, ok := v.object.(*canvas.Image); ok && v.at.X+i.Size().Width > v.clip.X+v.room.Width+1 {
			wrong = append(wrong, fmt.Sprintf("an icon of %.0f ends beside what is shown", i.Size().Width))
		}
		o, ok := v.object.(*canvas.Text)
		if !ok || o.Text == "" || v.cut() {
			return true
		}
		size := fyne.MeasureText(o.Text, o.TextSize, o.TextStyle)
		if size.Width > o.Size().Width+2 {
			wrong = append(wrong, fmt.Sprintf("%q is %.0f wide in a place of %.0f", o.Text, size.Width, o.Size().Width))
		}
		if end := v.clip.X + v.room.Width; v.at.X+size.Width > end+1 {
			wrong = append(wrong, fmt.Sprintf("%q ends %.0f beside what is shown", o.Text, v.at.X+size.Width-end))
		}
		texts = append(texts, v)
		return true
	})
	return append(wrong, overlaps(texts)...)
}

// overlaps finds texts that lie over each other.
func overlaps(texts []seen) []string {
	var wrong []string
	for i, a := range texts {
		for _, b := range texts[:i] {
			ta, tb := a.object.(*canvas.Text), b.object.(*canvas.Text)
			if a.scroll != b.scroll {
				continue // one of them may be scrolled out of sight
			}
			ax, ay, aw, ah := inked(a.at, ta)
			bx, by, bw, bh := inked(b.at, tb)
			if min(ax+aw, bx+bw)-max(ax, bx) > 2 && min(ay+ah, by+bh)-max(ay, by) > 2 {
				wrong = append(wrong, fmt.Sprintf("%q lies over %q", ta.Text, tb.Text))
			}
		}
	}
	return wrong
}

// inked is where the letters of a text are: in the middle of its height, without the room above and below them.
func inked(at fyne.Position, t *canvas.Text) (x, y, w, h float32) {
	size := fyne.MeasureText(t.Text, t.TextSize, t.TextStyle)
	h = t.TextSize * 0.8
	return at.X, at.Y + (t.Size().Height-h)/2, min(size.Width, t.Size().Width), h
}
