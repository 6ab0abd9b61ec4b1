// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// painter is the renderer of the widgets here: the widget itself lays out, measures and paints.
type painter struct {
	owner   fyne.CanvasObject
	objects func() []fyne.CanvasObject
	layout  func(fyne.Size)
	min     func() fyne.Size
	paint   func()
}

func (p *painter) Destroy()                     {}
func (p *painter) Layout(size fyne.Size)        { p.layout(size) }
func (p *painter) MinSize() fyne.Size           { return p.min() }
func (p *painter) Objects() []fyne.CanvasObject { return p.objects() }

func (p *painter) Refresh() {
	p.paint()
	p.layout(p.owner.Size())
	canvas.Refresh(p.owner)
}

func place(o fyne.CanvasObject, x, y, w, h float32) {
	o.Move(fyne.NewPos(x, y))
	o.Resize(fyne.NewSize(w, h))
}

func setVisible(o fyne.CanvasObject, on bool) {
	switch {
	case on && !o.Visible():
		o.Show()
	case !on && o.Visible():
		o.Hide()
	}
}
