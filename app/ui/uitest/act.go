// SPDX-License-Identifier: EUPL-1.2

package uitest

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"kontor/app/ui/kit"
)

// showing finds words on screen and brings them into view where they lie in something that scrolls.
func (s *Scene) showing(words string) seen {
	s.T.Helper()
	named := func(o fyne.CanvasObject) bool {
		switch o.(type) {
		case *canvas.Text, *kit.Button, *kit.Entry:
			return wordsOf(o) == words
		}
		return false
	}
	v, ok := s.find(named)
	if !ok {
		s.T.Fatalf("%q is not on screen; it says %q", words, s.Words())
	}
	if y := v.middle().Y; v.inside && (y < v.clip.Y+8 || y > v.clip.Y+v.room.Height-8) {
		test.Scroll(s.Window.Canvas(), v.clip.AddXY(v.room.Width/2, v.room.Height/2), 0, v.clip.Y+v.room.Height/2-y)
		s.Settle()
		v, _ = s.find(named)
	}
	return v
}

// Click clicks on these words, wherever they are. What lies above them gets the click, as with a real pointer.
func (s *Scene) Click(words string) {
	s.T.Helper()
	c := s.Window.Canvas()
	at := s.showing(words).middle()
	if c.Overlays().Top() != nil {
		test.MoveMouse(c, at) // a line of a menu opens the menu behind it
	}
	test.TapCanvas(c, at)
	s.Settle()
}

// ClickAt clicks on a place of the window.
func (s *Scene) ClickAt(x, y float32) {
	test.TapCanvas(s.Window.Canvas(), fyne.NewPos(x, y))
	s.Settle()
}

// ClickWith clicks on these words while keys are held.
func (s *Scene) ClickWith(words string, mods fyne.KeyModifier) {
	s.T.Helper()
	s.mouse(words, desktop.MouseButtonPrimary, mods)
	s.Settle()
}

// mouse presses and releases a button over words.
func (s *Scene) mouse(words string, button desktop.MouseButton, mods fyne.KeyModifier) {
	s.T.Helper()
	target, m, ev := s.press(words, button, mods)
	m.MouseUp(ev)
	if second, ok := target.object.(fyne.SecondaryTappable); ok && button == desktop.MouseButtonSecondary {
		second.TappedSecondary(&ev.PointEvent)
	} else if tapped, ok := target.object.(fyne.Tappable); ok {
		tapped.Tapped(&ev.PointEvent)
	}
}

// press presses a button over words, and tells on what.
func (s *Scene) press(words string, button desktop.MouseButton, mods fyne.KeyModifier) (seen, desktop.Mouseable, *desktop.MouseEvent) {
	s.T.Helper()
	at := s.showing(words).middle()
	var target seen
	look(s.root(), func(v seen) bool {
		_, ok := v.object.(desktop.Mouseable)
		if end := v.at.Add(v.object.Size()); ok && at.X >= v.at.X && at.Y >= v.at.Y && at.X < end.X && at.Y < end.Y {
			target = v
		}
		return true
	})
	m, ok := target.object.(desktop.Mouseable)
	if !ok {
		s.T.Fatalf("nothing at %q takes the mouse", words)
	}
	ev := &desktop.MouseEvent{Button: button, Modifier: mods}
	ev.Position, ev.AbsolutePosition = at.Subtract(target.at), at
	m.MouseDown(ev)
	return target, m, ev
}

// Drag presses the button over words and moves the pointer to other words, where the outcome lets go.
func (s *Scene) Drag(words, to string) (release func()) {
	s.T.Helper()
	target, m, ev := s.press(words, desktop.MouseButtonPrimary, 0)
	d, ok := m.(fyne.Draggable)
	if !ok {
		s.T.Fatalf("%q cannot be dragged", words)
	}
	move := func(at fyne.Position) {
		by := at.Subtract(ev.AbsolutePosition)
		ev.Position, ev.AbsolutePosition = at.Subtract(target.at), at
		d.Dragged(&fyne.DragEvent{PointEvent: ev.PointEvent, Dragged: fyne.NewDelta(by.X, by.Y)})
	}
	move(ev.AbsolutePosition.AddXY(8, 0))
	move(s.showing(to).middle())
	return func() {
		m.MouseUp(ev)
		d.DragEnd()
		s.Settle()
	}
}

// Menu opens the context menu of what these words belong to and chooses a line of it, and one of the menu behind it.
func (s *Scene) Menu(words string, choose ...string) {
	s.T.Helper()
	s.mouse(words, desktop.MouseButtonSecondary, 0)
	s.Settle()
	for _, line := range choose {
		s.Click(line)
	}
}

// Escape closes what lies above the page.
func (s *Scene) Escape() {
	s.Key(fyne.KeyEscape)
	if top := s.Window.Canvas().Overlays().Top(); top != nil {
		s.Window.Canvas().Overlays().Remove(top)
	}
	s.Settle()
}

// Focused is what has the keyboard.
func (s *Scene) Focused() fyne.Focusable { return s.Window.Canvas().Focused() }

// Key presses keys, one after the other, where the keyboard is.
func (s *Scene) Key(names ...fyne.KeyName) {
	s.T.Helper()
	for _, name := range names {
		c := s.Window.Canvas()
		f := c.Focused()
		switch t, tabs := f.(fyne.Tabbable); {
		case name == fyne.KeyTab && (!tabs || !t.AcceptsTab()):
			c.FocusNext()
		case f != nil:
			f.TypedKey(&fyne.KeyEvent{Name: name})
		case c.OnTypedKey() != nil:
			c.OnTypedKey()(&fyne.KeyEvent{Name: name})
		}
		if now := c.Focused(); name == fyne.KeySpace && now != nil && now == f {
			now.TypedRune(' ')
		}
		s.Settle()
	}
}

// Type types text where the keyboard is.
func (s *Scene) Type(text string) {
	s.T.Helper()
	f := s.Focused()
	if f == nil {
		s.T.Fatalf("nothing takes %q", text)
	}
	for _, r := range text {
		f.TypedRune(r)
	}
	s.Settle()
}

// Fill writes a text into a field in place of what is there. The keyboard stays in the field.
func (s *Scene) Fill(caption, text string) *kit.Entry {
	s.T.Helper()
	e := s.Field(caption)
	s.Window.Canvas().Focus(e)
	e.TypedShortcut(&fyne.ShortcutSelectAll{})
	if text == "" {
		e.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDelete})
	}
	s.Type(text)
	return e
}

// SelectAll presses the keys that select everything.
func (s *Scene) SelectAll() {
	if f, ok := s.Focused().(fyne.Shortcutable); ok {
		f.TypedShortcut(&fyne.ShortcutSelectAll{})
	}
	s.Settle()
}
