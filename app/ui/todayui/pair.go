// SPDX-License-Identifier: EUPL-1.2

package todayui

import (
	"fyne.io/fyne/v2"

	"kontor/app/ui/theme"
)

// pair lays two objects side by side with a line between them or, where there is no room for that, one above the other.
type pair struct{}

// pairMin is the width below which a list of the pair cannot be read, at 100 % text size.
const pairMin = 300

// Layout implements fyne.Layout for two objects and the line.
func (pair) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	put := func(o fyne.CanvasObject, x, y, w, h float32) {
		o.Move(fyne.NewPos(x, y))
		o.Resize(fyne.NewSize(max(w, 0), max(h, 0)))
	}
	first, second, line := objects[0], objects[1], objects[2]
	if size.Width < 2*theme.Px(pairMin) {
		half := float32(int(size.Height / 2))
		put(first, 0, 0, size.Width, half)
		put(line, 0, half, size.Width, 1)
		put(second, 0, half+1, size.Width, size.Height-half-1)
		return
	}
	half := float32(int(size.Width * 0.52))
	put(first, 0, 0, half, size.Height)
	put(line, half, 0, 1, size.Height)
	put(second, half+1, 0, size.Width-half-1, size.Height)
}

// MinSize implements fyne.Layout.
func (pair) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(theme.Px(pairMin), theme.Px(240))
}
