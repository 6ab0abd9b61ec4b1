// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// Pressable is what all widgets have in common that are pressed: they can be reached by keys, Space and Enter press them,
// and they show where keyboard and pointer are. Embed it beside widget.BaseWidget and call Presses before use.
type Pressable struct {
	self             fyne.Widget
	press            func()
	focused, hovered bool
}

// Presses says which widget it is and what pressing it does.
func (p *Pressable) Presses(self fyne.Widget, press func()) { p.self, p.press = self, press }

// Focused reports whether the keyboard is on the widget.
func (p *Pressable) Focused() bool { return p.focused }

// Hovered reports whether the pointer is on the widget.
func (p *Pressable) Hovered() bool { return p.hovered }

// Tapped implements fyne.Tappable.
func (p *Pressable) Tapped(*fyne.PointEvent) { p.press() }

// FocusGained implements fyne.Focusable.
func (p *Pressable) FocusGained() { p.focused = true; p.self.Refresh() }

// FocusLost implements fyne.Focusable.
func (p *Pressable) FocusLost() { p.focused = false; p.self.Refresh() }

// TypedRune implements fyne.Focusable.
func (p *Pressable) TypedRune(rune) {}

// TypedKey implements fyne.Focusable.
func (p *Pressable) TypedKey(ev *fyne.KeyEvent) {
	switch ev.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		p.press()
	default:
		PassKey(p.self, ev)
	}
}

// MouseIn implements desktop.Hoverable.
func (p *Pressable) MouseIn(*desktop.MouseEvent) { p.hovered = true; p.self.Refresh() }

// MouseMoved implements desktop.Hoverable.
func (p *Pressable) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (p *Pressable) MouseOut() { p.hovered = false; p.self.Refresh() }

// AccessibilityRole implements fyne.Accessible.
func (p *Pressable) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }
