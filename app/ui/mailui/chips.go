// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// chip is a card for an attachment: name, size, and a menu of what to do with it.
type chip struct {
	widget.BaseWidget
	menu             func() []kit.MenuItem
	remove           func() // nil for none
	name, note       *kit.Text
	icon, cross      *kit.Icon
	back, ring       *canvas.Rectangle
	focused, hovered bool
}

func newChip(name, note, icon string, menu func() []kit.MenuItem, remove func()) *chip {
	c := &chip{
		menu: menu, remove: remove, name: kit.NewBold(name, 13, theme.Text), note: kit.NewText(note, 12, theme.Muted),
		icon: kit.NewIcon(icon, theme.Text), cross: kit.NewIcon("close", theme.Muted), back: kit.Rect(theme.Surface, 7), ring: kit.Rect(theme.Clear, 9),
	}
	c.ring.StrokeWidth = 2
	setVisible(c.cross, remove != nil)
	c.ExtendBaseWidget(c)
	return c
}

// CreateRenderer implements fyne.Widget.
func (c *chip) CreateRenderer() fyne.WidgetRenderer {
	c.paint()
	return &painter{
		owner: c, paint: c.paint, min: c.min, layout: c.layout,
		objects: func() []fyne.CanvasObject {
			return []fyne.CanvasObject{c.back, c.icon.Image, c.name.Text, c.note.Text, c.cross.Image, c.ring}
		},
	}
}

func (c *chip) min() fyne.Size {
	px := theme.Px
	w := px(38) + max(c.name.Width(), c.note.Width()) + px(14)
	if c.remove != nil {
		w += px(20)
	}
	return fyne.NewSize(min(max(w, px(150)), px(300)), px(54))
}

func (c *chip) layout(s fyne.Size) {
	px := theme.Px
	place(c.back, 0, 0, s.Width, s.Height)
	place(c.ring, -2, -2, s.Width+4, s.Height+4)
	c.icon.Place(px(12), s.Height/2, 17)
	right := s.Width - px(12)
	if c.remove != nil {
		right -= px(20)
		c.cross.Place(right+px(6), s.Height/2, 14)
	}
	c.name.Place(px(38), s.Height/2-px(9), right-px(38)+1)
	c.note.Place(px(38), s.Height/2+px(10), right-px(38)+1)
}

func (c *chip) paint() {
	kit.Tint(c.back, theme.Surface)
	if c.hovered {
		kit.Tint(c.back, theme.Hover)
	}
	kit.Border(c.back, theme.Control)
	c.ring.StrokeColor = theme.Color(theme.Focus)
	setVisible(c.ring, c.focused)
	c.name.Retheme()
	c.note.Retheme()
	c.icon.Retheme()
	c.cross.Retheme()
}

// Tapped implements fyne.Tappable.
func (c *chip) Tapped(ev *fyne.PointEvent) {
	if c.remove != nil && ev != nil && ev.Position.X > c.Size().Width-theme.Px(34) {
		c.remove()
		return
	}
	if c.menu != nil {
		kit.PopUpBelow(c, c.menu()...)
	}
}

// TappedSecondary implements fyne.SecondaryTappable.
func (c *chip) TappedSecondary(*fyne.PointEvent) {
	if c.menu != nil {
		kit.PopUpBelow(c, c.menu()...)
	}
}

// FocusGained implements fyne.Focusable.
func (c *chip) FocusGained() { c.focused = true; c.Refresh() }

// FocusLost implements fyne.Focusable.
func (c *chip) FocusLost() { c.focused = false; c.Refresh() }

// TypedRune implements fyne.Focusable.
func (c *chip) TypedRune(rune) {}

// TypedKey implements fyne.Focusable.
func (c *chip) TypedKey(ev *fyne.KeyEvent) {
	switch ev.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter, desktop.KeyMenu:
		c.Tapped(nil)
	case fyne.KeyDelete, fyne.KeyBackspace:
		if c.remove != nil {
			c.remove()
			return
		}
		kit.PassKey(c, ev)
	default:
		kit.PassKey(c, ev)
	}
}

// MouseIn implements desktop.Hoverable.
func (c *chip) MouseIn(*desktop.MouseEvent) { c.hovered = true; c.Refresh() }

// MouseMoved implements desktop.Hoverable.
func (c *chip) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (c *chip) MouseOut() { c.hovered = false; c.Refresh() }

// Cursor implements desktop.Cursorable.
func (c *chip) Cursor() desktop.Cursor { return desktop.PointerCursor }

// AccessibilityLabel implements fyne.Accessible.
func (c *chip) AccessibilityLabel() string { return c.name.Full() + ", " + c.note.Full() }

// AccessibilityRole implements fyne.Accessible.
func (c *chip) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// placeChips flows chips from the left, and gives the height they take.
func placeChips(chips []*chip, x, y, width float32) float32 {
	if len(chips) == 0 {
		return 0
	}
	gap, at, row := theme.Px(10), x, chips[0].MinSize().Height
	for _, c := range chips {
		w := min(c.MinSize().Width, width)
		if at > x && at+w > x+width {
			at = x
			y += row + gap
		}
		place(c, at, y, w, row)
		at += w + gap
	}
	return y + row
}
