// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// choice is a value of the details that is chosen, not typed: its words, and a sign that there is something to choose
// where keyboard or pointer are.
type choice struct {
	widget.BaseWidget
	kit.Pressable
	caption  string
	words    *kit.Text
	back     *canvas.Rectangle
	arrow    *kit.Icon
	disabled bool
}

func newChoice(caption string, press func()) *choice {
	c := &choice{caption: caption, words: kit.NewText("", 14, theme.Text), back: kit.Rect(theme.Clear, 6), arrow: kit.NewIcon("chevron-down", theme.Muted)}
	c.Presses(c, func() {
		if !c.disabled {
			kit.Focus(c)
			press()
		}
	})
	c.ExtendBaseWidget(c)
	return c
}

// SetText shows another value.
func (c *choice) SetText(words string) {
	c.words.Set(words, theme.Text)
	c.Refresh()
}

// SetEnabled switches it on or off.
func (c *choice) SetEnabled(on bool) {
	c.disabled = !on
	c.Refresh()
}

// Disabled implements fyne.Disableable, together with Enable and Disable.
func (c *choice) Disabled() bool { return c.disabled }

// Enable implements fyne.Disableable.
func (c *choice) Enable() { c.SetEnabled(true) }

// Disable implements fyne.Disableable.
func (c *choice) Disable() { c.SetEnabled(false) }

// Refresh takes on the colours of the moment.
func (c *choice) Refresh() {
	c.words.Retheme()
	c.back.CornerRadius = theme.Px(6)
	hovered := c.Hovered() && !c.disabled
	fill := theme.Clear
	if hovered {
		fill = theme.Hover
	}
	kit.Tint(c.back, fill)
	c.back.StrokeWidth = 0
	if c.Focused() {
		c.back.StrokeColor, c.back.StrokeWidth = theme.Color(theme.Focus), 2
	}
	icon := ""
	if hovered || c.Focused() && !c.disabled {
		icon = "chevron-down"
	}
	c.arrow.Set(icon, theme.Muted)
	c.BaseWidget.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (c *choice) CreateRenderer() fyne.WidgetRenderer {
	c.arrow.Hide()
	return widget.NewSimpleRenderer(container.New(choiceLayout{c}, c.back, c.words.Text, c.arrow.Image))
}

// AccessibilityLabel implements fyne.Accessible.
func (c *choice) AccessibilityLabel() string { return c.caption + ": " + c.words.Full() }

// choiceLayout places the parts of a choice; its words begin where those of the fields do.
type choiceLayout struct{ *choice }

// Layout is part of fyne.Layout.
func (l choiceLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	l.back.Resize(size)
	x := theme.Px(6)
	room := size.Width - 2*x - theme.Px(16)
	l.words.Place(x, size.Height/2, room)
	l.arrow.Place(min(x+l.words.Width()+theme.Px(4), size.Width-theme.Px(18)), size.Height/2, 14)
}

// MinSize is part of fyne.Layout.
func (l choiceLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(theme.Px(60), theme.Px(27))
}
