// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"kontor/app/i18n"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// action is something to do with what is chosen.
type action struct {
	Text  string
	Icon  string
	Bare  bool // a button shows the icon alone
	Quiet bool // a button shows no icon
	Do    func()
	Below func() []kit.MenuItem // the menu behind it, in a menu
}

// item is the action as a line of a menu.
func (a action) item() kit.MenuItem {
	i := kit.MenuItem{Label: a.Text, Icon: a.Icon, Act: a.Do}
	if a.Below != nil {
		i.Children = a.Below()
	}
	return i
}

// actionBar is a row of buttons; those that do not fit move into a menu at its end.
type actionBar struct {
	widget.BaseWidget
	actions []action
	always  []action // only in the menu
	buttons []*kit.Button
	more    *kit.Button
	fitted  int
}

func newActionBar() *actionBar {
	b := &actionBar{}
	b.more = kit.NewIconButton("more", i18n.T("mailui.action.more"), func() { kit.PopUpBelow(b.more, b.menu()...) })
	b.ExtendBaseWidget(b)
	return b
}

// Set changes the actions; always are those that only the menu has.
func (b *actionBar) Set(actions, always []action) {
	b.actions, b.always = actions, always
	b.buttons = b.buttons[:0]
	for _, a := range actions {
		switch {
		case a.Bare:
			b.buttons = append(b.buttons, kit.NewIconButton(a.Icon, a.Text, a.Do))
		case a.Quiet:
			b.buttons = append(b.buttons, kit.NewPlain(a.Text, "", a.Do))
		default:
			b.buttons = append(b.buttons, kit.NewPlain(a.Text, a.Icon, a.Do))
		}
	}
	b.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (b *actionBar) CreateRenderer() fyne.WidgetRenderer {
	return &painter{
		owner: b, paint: func() {},
		objects: func() []fyne.CanvasObject {
			out := make([]fyne.CanvasObject, 0, len(b.buttons)+1)
			for _, each := range b.buttons {
				out = append(out, each)
			}
			return append(out, b.more)
		},
		min:    func() fyne.Size { return fyne.NewSize(theme.Px(30), theme.Px(33)) },
		layout: b.layout,
	}
}

func (b *actionBar) layout(s fyne.Size) {
	gap, end := theme.Px(8), theme.Px(30)
	widths := make([]float32, len(b.buttons))
	total := float32(0)
	for i, each := range b.buttons {
		widths[i] = each.MinSize().Width
		total += widths[i] + gap
	}
	room := s.Width
	if total-gap > room || len(b.always) > 0 {
		room -= end + gap
	}
	x := float32(0)
	b.fitted = 0
	for i, each := range b.buttons {
		fits := b.fitted == i && x+widths[i] <= room+0.5
		setVisible(each, fits)
		if fits {
			h := theme.Px(33)
			if b.actions[i].Bare {
				h = theme.Px(30)
			}
			place(each, x, (s.Height-h)/2, widths[i], h)
			x += widths[i] + gap
			b.fitted = i + 1
		}
	}
	setVisible(b.more, b.fitted < len(b.buttons) || len(b.always) > 0)
	place(b.more, x, (s.Height-end)/2, end, end)
}

// menu holds what does not fit and what is never a button.
func (b *actionBar) menu() []kit.MenuItem {
	items := make([]kit.MenuItem, 0, len(b.actions)+len(b.always))
	for _, a := range b.actions[b.fitted:] {
		items = append(items, a.item())
	}
	if len(items) > 0 && len(b.always) > 0 {
		items = append(items, kit.MenuItem{})
	}
	for _, a := range b.always {
		items = append(items, a.item())
	}
	return items
}
