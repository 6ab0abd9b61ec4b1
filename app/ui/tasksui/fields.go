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

const captionWidth = 110

// Layout is part of fyne.Layout.
func (fields) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	y, w, h := float32(0), theme.Px(captionWidth), lineOf(objects)
	for i := 0; i+1 < len(objects); i += 2 {
		if !objects[i].Visible() {
			continue
		}
		objects[i].Move(fyne.NewPos(theme.Px(6), y))
		objects[i].Resize(fyne.NewSize(w-theme.Px(6), h))
		objects[i+1].Move(fyne.NewPos(w, y))
		objects[i+1].Resize(fyne.NewSize(size.Width-w, h))
		y += h
	}
}

// MinSize is part of fyne.Layout.
func (fields) MinSize(objects []fyne.CanvasObject) fyne.Size {
	n := 0
	for i := 0; i+1 < len(objects); i += 2 {
		if objects[i].Visible() {
			n++
		}
	}
	return fyne.NewSize(theme.Px(captionWidth+90), float32(n)*lineOf(objects))
}

// lineOf is how tall each line is: as the tallest one.
func lineOf(objects []fyne.CanvasObject) (h float32) {
	for _, o := range objects {
		if o.Visible() {
			h = max(h, o.MinSize().Height)
		}
	}
	return h
}

// newCheckLine is a subtask in the details: a button that finishes it, its title, which opens it, and a button that puts
// it further up where it can go there.
func newCheckLine(t tasks.Task, toggle, open, up func()) fyne.CanvasObject {
	icon, does := "circle-check", i18n.T("tasksui.menu.reopen")
	if !t.Closed() {
		icon, does = "circle", i18n.T("tasksui.menu.done")
	}
	name := kit.NewLink(title(t), open).Light()
	name.SetTone(theme.Text)
	if t.Closed() {
		name.SetTone(theme.Muted)
	}
	check := kit.NewIconButton(icon, does+": "+title(t), toggle)
	check.SetEnabled(!t.ReadOnly)
	words := kit.NewPanel(theme.Surface, kit.NewRowOf(0, name)).Padded(3, 0, 3, 4)
	if up == nil {
		return kit.NewDock(nil, nil, check, nil, words)
	}
	return kit.NewDock(nil, nil, check, kit.NewIconButton("arrow-up", i18n.T("tasksui.menu.up")+": "+title(t), up), words)
}
