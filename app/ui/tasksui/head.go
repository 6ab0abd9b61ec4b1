// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"fyne.io/fyne/v2"

	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// headLine lays out the line above the list: the way to the lists where they are hidden, the title, what is said about it,
// and tools at the right. What does not fit is cut off, the title last.
type headLine struct {
	places, tools fyne.CanvasObject
	title         *kit.Label
	badge         *kit.Badge
}

func (h headLine) objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{h.places, h.title, h.badge, h.tools}
}

// Layout is part of fyne.Layout.
func (h headLine) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	put := func(o fyne.CanvasObject, x, w float32) {
		height := min(o.MinSize().Height, size.Height)
		o.Move(fyne.NewPos(x, (size.Height-height)/2))
		o.Resize(fyne.NewSize(max(w, 0), height))
	}
	tools, gap := h.tools.MinSize().Width, theme.Px(10)
	put(h.tools, size.Width-tools, tools)
	x, right := float32(0), size.Width-tools-gap
	if h.places.Visible() {
		w := h.places.MinSize().Width
		put(h.places, 0, w)
		x = w + gap
	}
	title := min(h.title.NaturalWidth(), right-x)
	put(h.title, x, title)
	x += title + gap
	put(h.badge, x, min(h.badge.MinSize().Width, right-x))
}

// MinSize is part of fyne.Layout.
func (h headLine) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(h.tools.MinSize().Width+theme.Px(100), max(h.tools.MinSize().Height, h.title.MinSize().Height, theme.Px(30)))
}
