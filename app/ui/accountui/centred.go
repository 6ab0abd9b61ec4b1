// SPDX-License-Identifier: EUPL-1.2

package accountui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"kontor/app/ui/theme"
)

// centred keeps an object in the middle, at most as wide as given at 100 % text size.
func centred(o fyne.CanvasObject, width float32) fyne.CanvasObject {
	return container.New(middle{width: width, centre: true}, o)
}

// limited keeps an object at the left, at most as wide as given at 100 % text size.
func limited(o fyne.CanvasObject, width float32) fyne.CanvasObject {
	return container.New(middle{width: width}, o)
}

type middle struct {
	width  float32
	centre bool
}

// Layout implements fyne.Layout.
func (m middle) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	w := min(theme.Px(m.width), size.Width)
	x := float32(0)
	if m.centre {
		x = (size.Width - w) / 2
	}
	o := objects[0]
	o.Move(fyne.NewPos(x, 0))
	o.Resize(fyne.NewSize(w, o.MinSize().Height))
	o.Resize(fyne.NewSize(w, o.MinSize().Height))
}

// MinSize implements fyne.Layout.
func (m middle) MinSize(objects []fyne.CanvasObject) fyne.Size {
	s := objects[0].MinSize()
	return fyne.NewSize(min(s.Width, theme.Px(m.width)), s.Height)
}
