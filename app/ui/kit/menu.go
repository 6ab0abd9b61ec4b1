// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"kontor/app/ui/theme"
)

// MenuItem is one line of a pop-up menu. An empty Label is a separator.
type MenuItem struct {
	Label    string
	Icon     string
	Disabled bool
	Act      func()
	Children []MenuItem
}

// PopUp shows a menu at a position of the canvas that owner is shown on. The keyboard goes into it.
func PopUp(owner fyne.CanvasObject, at fyne.Position, items ...MenuItem) {
	c := canvasOf(owner)
	if c == nil || len(items) == 0 {
		return
	}
	m := widget.NewPopUpMenu(menu(items), c)
	m.ShowAtPosition(at)
	c.Focus(m)
}

// blank is the icon of a line that has none among lines that have one: all words begin at the same place.
var blank = fyne.NewStaticResource("blank.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24"/>`))

func menu(items []MenuItem) *fyne.Menu {
	m := &fyne.Menu{}
	icons := slices.ContainsFunc(items, func(i MenuItem) bool { return i.Icon != "" })
	for _, i := range items {
		if i.Label == "" {
			m.Items = append(m.Items, fyne.NewMenuItemSeparator())
			continue
		}
		item := &fyne.MenuItem{Label: i.Label, Action: i.Act, Disabled: i.Disabled}
		if i.Disabled {
			item.Action = func() {} // the toolkit lets the keyboard choose it
		}
		switch {
		case i.Icon != "":
			item.Icon = theme.Icon(i.Icon, theme.Text)
		case icons:
			item.Icon = blank
		}
		if len(i.Children) > 0 {
			item.ChildMenu = menu(i.Children)
		}
		m.Items = append(m.Items, item)
	}
	return m
}

// PopUpBelow shows a menu below a widget.
func PopUpBelow(o fyne.CanvasObject, items ...MenuItem) {
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(o)
	PopUp(o, at.AddXY(0, o.Size().Height+2), items...)
}
