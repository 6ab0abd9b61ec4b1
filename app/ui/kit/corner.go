// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"kontor/app/ui/theme"
)

// Cornered is an object that knows how high it is in a width.
type Cornered interface {
	fyne.CanvasObject
	HeightIn(width float32) float32
}

// cornerWidth is that of what stands in the corner, at 100 %.
const cornerWidth = 428

// Corner keeps an object in the lower right corner above the page, until another one or nil takes its place. It takes
// nothing away from the page: neither the keyboard nor clicks beside it.
func (s *Stage) Corner(o Cornered) {
	if s.corner != nil {
		s.drop([]fyne.CanvasObject{s.corner})
	}
	if s.corner = o; o == nil {
		return
	}
	at := 0
	if s.float != nil {
		at = 2 // behind what Float has put first
	}
	s.layer.Objects = slices.Insert(slices.Clone(s.layer.Objects), at, fyne.CanvasObject(o))
	s.placeCorner()
	canvas.Refresh(s.layer)
}

// placeCorner lays out again what Corner shows, after it changed its size.
func (s *Stage) placeCorner() {
	if s.corner == nil {
		return
	}
	size, gap, bottom := s.Size(), theme.Px(14), theme.Px(s.Bottom)
	w := max(min(theme.Px(cornerWidth), size.Width-2*gap), 1)
	h := max(min(s.corner.HeightIn(w), (size.Height-bottom)*0.7), 1)
	place(s.corner, size.Width-w-gap, size.Height-bottom-h, w, h)
}
