// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// NewDock puts objects at the edges and one in what is left, without any gaps. Edges may be nil.
func NewDock(top, bottom, left, right, middle fyne.CanvasObject) *fyne.Container {
	d := &dock{top, bottom, left, right, middle}
	var objects []fyne.CanvasObject
	for _, o := range []fyne.CanvasObject{top, left, middle, right, bottom} {
		if o != nil {
			objects = append(objects, o)
		}
	}
	return container.New(d, objects...)
}

type dock struct{ top, bottom, left, right, middle fyne.CanvasObject }

func shownMin(o fyne.CanvasObject) fyne.Size {
	if o == nil || !o.Visible() {
		return fyne.Size{}
	}
	return o.MinSize()
}

// heightAt is the height of an edge in that width: words that wrap need to know it first.
func heightAt(o fyne.CanvasObject, width float32) float32 {
	if o == nil || !o.Visible() {
		return 0
	}
	o.Resize(fyne.NewSize(width, o.MinSize().Height))
	return o.MinSize().Height
}

// Layout implements fyne.Layout.
func (d *dock) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	t, b, l, r := heightAt(d.top, size.Width), heightAt(d.bottom, size.Width), shownMin(d.left).Width, shownMin(d.right).Width
	h := max(size.Height-t-b, 0)
	if d.top != nil {
		place(d.top, 0, 0, size.Width, t)
	}
	if d.bottom != nil {
		place(d.bottom, 0, size.Height-b, size.Width, b)
	}
	if d.left != nil {
		place(d.left, 0, t, l, h)
	}
	if d.right != nil {
		place(d.right, size.Width-r, t, r, h)
	}
	if d.middle != nil {
		place(d.middle, l, t, max(size.Width-l-r, 0), h)
	}
}

// MinSize implements fyne.Layout.
func (d *dock) MinSize([]fyne.CanvasObject) fyne.Size {
	t, b, l, r, m := shownMin(d.top), shownMin(d.bottom), shownMin(d.left), shownMin(d.right), shownMin(d.middle)
	return fyne.NewSize(max(t.Width, b.Width, l.Width+m.Width+r.Width), t.Height+b.Height+max(l.Height, m.Height, r.Height))
}
