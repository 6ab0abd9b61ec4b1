// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"fyne.io/fyne/v2"

	"kontor/app/i18n"
	"kontor/app/tasks"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// fields lays captions and their fields out in two columns.
type fields struct{}

const captionWidth = 104

// Layout is part of fyne.Layout.
func (fields) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	y, w := float32(0), theme.Px(captionWidth)
	for i := 0; i+1 < len(objects); i += 2 {
		h := max(objects[i].MinSize().Height, objects[i+1].MinSize().Height)
		objects[i].Move(fyne.NewPos(0, y))
		objects[i].Resize(fyne.NewSize(w, h))
		field, width := objects[i+1], size.Width-w
		if _, ok := field.(*kit.Button); ok { // a link is as wide as its words, its text flush with that of the fields
			width = min(field.MinSize().Width, width)
		}
		field.Move(fyne.NewPos(w, y))
		field.Resize(fyne.NewSize(width, h))
		y += h + theme.Px(2)
	}
}

// MinSize is part of fyne.Layout.
func (fields) MinSize(objects []fyne.CanvasObject) fyne.Size {
	h := float32(0)
	for i := 0; i+1 < len(objects); i += 2 {
		h += max(objects[i].MinSize().Height, objects[i+1].MinSize().Height) + theme.Px(2)
	}
	return fyne.NewSize(theme.Px(captionWidth+90), h)
}

// newCheckLine is a subtask in the details: a button that finishes it, and its title, which opens it.
func newCheckLine(t tasks.Task, toggle, open func()) fyne.CanvasObject {
	icon, does := "circle-check", i18n.T("tasksui.menu.reopen")
	if !t.Closed() {
		icon, does = "circle", i18n.T("tasksui.menu.done")
	}
	name := kit.NewLink(title(t), open)
	name.SetTone(theme.Text)
	if t.Closed() {
		name.SetTone(theme.Muted)
	}
	return kit.NewDock(nil, nil, kit.NewIconButton(icon, does+": "+title(t), toggle), nil, kit.NewPanel(theme.Surface, kit.NewRowOf(0, name)).Padded(3, 0, 3, 4))
}
