// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"kontor/app/ui/theme"
)

// RailItem is one room of the program.
type RailItem struct {
	ID, Label, Icon string
	Bottom          bool // stands at the foot of the rail
}

// Rail is the column of rooms at the left edge: an icon over a label, with a counter.
type Rail struct {
	widget.BaseWidget
	back    *canvas.Rectangle
	buttons []*railButton
}

// NewRail makes a rail; choose is told the ID of the chosen item.
func NewRail(items []RailItem, choose func(id string)) *Rail {
	r := &Rail{back: Rect(theme.Rail, 0)}
	for _, item := range items {
		r.buttons = append(r.buttons, newRailButton(item, choose))
	}
	r.ExtendBaseWidget(r)
	return r
}

// Select shows one item as chosen.
func (r *Rail) Select(id string) {
	for _, b := range r.buttons {
		if selected := b.item.ID == id; selected != b.selected {
			b.selected = selected
			b.Refresh()
		}
	}
}

// SetCount shows a number beside an icon; 0 shows none.
func (r *Rail) SetCount(id string, n int) {
	for _, b := range r.buttons {
		if b.item.ID == id && b.count != n {
			b.count = n
			b.Refresh()
		}
	}
}

// SetLabel changes the words below an icon.
func (r *Rail) SetLabel(id, label string) {
	for _, b := range r.buttons {
		if b.item.ID == id && b.item.Label != label {
			b.item.Label = label
			b.Refresh()
		}
	}
}

// FocusSelected gives the keyboard to the chosen item.
func (r *Rail) FocusSelected() {
	for _, b := range r.buttons {
		if b.selected {
			focus(b)
		}
	}
}

// CreateRenderer implements fyne.Widget.
func (r *Rail) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{r.back}
	for _, b := range r.buttons {
		objects = append(objects, b)
	}
	return &painter{
		objects: objects, layout: r.layout, owner: r, refresh: func() { Tint(r.back, theme.Rail) },
		min: func() fyne.Size { return fyne.NewSize(theme.Px(76), theme.Px(61)*float32(min(len(r.buttons), 6))) },
	}
}

func (r *Rail) layout(size fyne.Size) {
	place(r.back, 0, 0, size.Width, size.Height)
	edge := theme.Px(9)
	pitch := min(theme.Px(61), max(size.Height-2*edge, 0)/float32(max(len(r.buttons), 1))) // they never lie over each other
	h := pitch - theme.Px(4)
	top, bottom := edge, size.Height-edge
	for i := len(r.buttons) - 1; i >= 0; i-- {
		if b := r.buttons[i]; b.item.Bottom {
			place(b, theme.Px(6), bottom-h, size.Width-theme.Px(12), h)
			bottom -= pitch
		}
	}
	for _, b := range r.buttons {
		if !b.item.Bottom {
			place(b, theme.Px(6), top, size.Width-theme.Px(12), h)
			top += pitch
		}
	}
}

type railButton struct {
	widget.BaseWidget
	Pressable
	item     RailItem
	count    int
	selected bool

	back, alert *canvas.Rectangle
	ring        focusRing
	glyph       *Icon
	label, num  *Text
}

func newRailButton(item RailItem, choose func(string)) *railButton {
	b := &railButton{item: item, back: Rect(theme.Clear, 8), alert: Rect(theme.Alert, 8), ring: newFocusRing(8)}
	b.glyph = NewIcon(item.Icon, theme.RailText)
	b.label = NewText(item.Label, 11.5, theme.RailText)
	b.num = NewText("", 11, theme.OnAlert)
	b.Presses(b, func() { choose(item.ID) })
	b.ExtendBaseWidget(b)
	return b
}

// CreateRenderer implements fyne.Widget.
func (b *railButton) CreateRenderer() fyne.WidgetRenderer {
	b.paint()
	return &painter{
		objects: []fyne.CanvasObject{b.back, b.glyph.Image, b.alert, b.num.Text, b.label.Text, b.ring.Rectangle},
		layout:  b.layout, min: func() fyne.Size { return fyne.NewSize(theme.Px(64), theme.Px(57)) }, refresh: b.paint, owner: b,
	}
}

func (b *railButton) paint() {
	text, ground := theme.RailText, theme.Clear
	if b.selected || b.hovered {
		text = theme.RailStrong
	}
	if b.selected {
		ground = theme.RailSelected
	}
	Tint(b.back, ground)
	b.glyph.Set(b.item.Icon, text)
	b.label.Set(b.item.Label, text)
	b.label.Retheme()
	b.num.Retheme()
	Tint(b.alert, theme.Alert)
	b.ring.set(b.focused)
	b.ring.StrokeColor = theme.Color(theme.RailStrong)
	if b.count == 0 {
		b.alert.Hide()
		b.num.Hide()
		return
	}
	b.num.Set(shortCount(b.count), theme.OnAlert)
	b.alert.Show()
	b.num.Show()
}

// shortCount writes a number in at most four characters.
func shortCount(n int) string {
	if n > 999 {
		return "999+"
	}
	return strconv.Itoa(n)
}

func (b *railButton) layout(size fyne.Size) {
	place(b.back, 0, 0, size.Width, size.Height)
	place(b.ring.Rectangle, 1, 1, size.Width-2, size.Height-2)
	middle := size.Height / 2
	b.glyph.Place((size.Width-theme.Px(22))/2, middle-theme.Px(8.5), 22)
	b.label.PlaceCentre(0, middle+theme.Px(13.5), size.Width)
	if size.Height < theme.Px(42) { // room for one of them
		b.glyph.Image.Hide()
		b.label.PlaceCentre(0, middle, size.Width)
	} else {
		b.glyph.Image.Show()
	}
	if b.count > 0 {
		h := theme.Px(16)
		w := max(b.num.Width()+theme.Px(9), h)
		x, y := size.Width/2+theme.Px(1), max(middle-theme.Px(24.5), 0)
		place(b.alert, x, y, w, h)
		b.alert.CornerRadius = h / 2
		b.num.PlaceCentre(x, y+h/2, w)
	}
}

// TypedKey implements fyne.Focusable.
func (b *railButton) TypedKey(ev *fyne.KeyEvent) {
	switch ev.Name {
	case fyne.KeyDown:
		canvasOf(b).FocusNext()
	case fyne.KeyUp:
		canvasOf(b).FocusPrevious()
	default:
		b.Pressable.TypedKey(ev)
	}
}

// AccessibilityLabel implements fyne.Accessible.
func (b *railButton) AccessibilityLabel() string {
	if b.count > 0 {
		return b.item.Label + ", " + strconv.Itoa(b.count)
	}
	return b.item.Label
}
