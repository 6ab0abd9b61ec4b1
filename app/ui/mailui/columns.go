// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"kontor/app/ui/theme"
)

// pane is one of the three columns.
type pane uint8

const (
	paneNav pane = iota
	paneList
	paneReader
)

// columnWidths says how wide the columns are; 0 hides one. All lengths are at 100 % text size.
type columnWidths struct{ nav, list, reader float32 }

// fitColumns shares out a width: three columns where they fit; else two, with the folders in the place of the list when
// asked for; else one at a time. wantNav and wantList are what the person has dragged.
func fitColumns(width, wantNav, wantList float32, front pane) columnWidths {
	const minNav, minList, minReader, goodReader = 176, 264, 380, 480
	if width >= minNav+minList+minReader {
		nav := clamp(wantNav, minNav, 380)
		list := clamp(wantList, minList, 640)
		if over := nav + list + goodReader - width; over > 0 {
			cut := min(over*0.7, list-minList)
			list -= cut
			nav -= min(over-cut, nav-minNav)
			list -= clamp(nav+list+minReader-width, 0, list-minList)
		}
		return columnWidths{nav, list, width - nav - list}
	}
	if width >= minList+300 {
		side := clamp(wantList, minList, max(minList, width-minReader))
		if front == paneNav {
			return columnWidths{nav: side, reader: width - side}
		}
		return columnWidths{list: side, reader: width - side}
	}
	switch front {
	case paneNav:
		return columnWidths{nav: width}
	case paneReader:
		return columnWidths{reader: width}
	case paneList:
	}
	return columnWidths{list: width}
}

func clamp(v, low, high float32) float32 { return max(low, min(v, high)) }

// columns lays the three panes side by side with lines between them that can be dragged.
type columns struct {
	widget.BaseWidget
	panes  [3]fyne.CanvasObject
	grips  [2]*grip
	nav    float32 // wanted widths at 100 %
	list   float32
	front  pane
	widths columnWidths
	onFit  func(columnWidths)
	moved  func() // after a line was dragged
}

func newColumns(nav, list, reader fyne.CanvasObject, onFit func(columnWidths)) *columns {
	c := &columns{panes: [3]fyne.CanvasObject{nav, list, reader}, nav: 236, list: 372, front: paneList, onFit: onFit}
	c.grips[0] = newGrip(func(dx float32) { c.nav = clamp(c.widths.nav+dx, 140, 500); c.fit() })
	c.grips[1] = newGrip(func(dx float32) { c.list = clamp(c.widths.list+dx, 200, 900); c.fit() })
	for _, g := range c.grips {
		g.done = func() {
			if c.moved != nil {
				c.moved()
			}
		}
	}
	c.ExtendBaseWidget(c)
	return c
}

// restore takes the widths that a person left behind.
func (c *columns) restore(l Left) {
	if l.Nav > 0 && l.List > 0 {
		c.nav, c.list = clamp(l.Nav, 140, 500), clamp(l.List, 200, 900)
	}
}

// Front brings a pane to view where not all of them fit.
func (c *columns) Front(p pane) {
	if c.front != p {
		c.front = p
		c.fit()
	}
}

// Shows reports whether a pane is in view.
func (c *columns) Shows(p pane) bool { return c.panes[p].Visible() }

// CreateRenderer implements fyne.Widget.
func (c *columns) CreateRenderer() fyne.WidgetRenderer {
	return &painter{
		owner: c, paint: func() {},
		objects: func() []fyne.CanvasObject {
			return []fyne.CanvasObject{c.panes[0], c.panes[1], c.panes[2], c.grips[0], c.grips[1]}
		},
		min:    func() fyne.Size { return fyne.NewSize(280, 200) },
		layout: func(fyne.Size) { c.fit() },
	}
}

func (c *columns) fit() {
	size := c.Size()
	if size.Width <= 0 {
		return
	}
	factor := theme.Px(100) / 100
	w := fitColumns(size.Width/factor, c.nav, c.list, c.front)
	c.widths = w
	x := float32(0)
	for i, each := range []float32{w.nav, w.list, w.reader} {
		setVisible(c.panes[i], each > 0)
		if each > 0 {
			width := each * factor
			if i == 2 {
				width = size.Width - x
			}
			place(c.panes[i], x, 0, width, size.Height)
			x += width
		}
		if i < 2 {
			setVisible(c.grips[i], each > 0 && x < size.Width-1)
			place(c.grips[i], x-gripLeft, 0, gripWidth, size.Height)
		}
	}
	if c.onFit != nil {
		c.onFit(w)
	}
	canvas.Refresh(c)
}

// A grip reaches further to the right of its line than to the left, where the scroll bar of a list is.
const gripWidth, gripLeft = 8, 2

// grip is the line between two columns.
type grip struct {
	widget.BaseWidget
	drag func(dx float32)
	done func()
	line *canvas.Rectangle
	over bool
}

func newGrip(drag func(dx float32)) *grip {
	g := &grip{drag: drag, line: canvas.NewRectangle(theme.Color(theme.Line))}
	g.ExtendBaseWidget(g)
	return g
}

// CreateRenderer implements fyne.Widget.
func (g *grip) CreateRenderer() fyne.WidgetRenderer {
	return &painter{
		owner: g, objects: func() []fyne.CanvasObject { return []fyne.CanvasObject{g.line} },
		min: func() fyne.Size { return fyne.NewSize(gripWidth, gripWidth) },
		paint: func() {
			g.line.FillColor = theme.Color(theme.Line)
			if g.over {
				g.line.FillColor = theme.Color(theme.Accent)
			}
		},
		layout: func(s fyne.Size) {
			w := float32(1)
			if g.over {
				w = 2
			}
			place(g.line, gripLeft-w/2-0.5, 0, w, s.Height)
		},
	}
}

// Dragged implements fyne.Draggable.
func (g *grip) Dragged(ev *fyne.DragEvent) { g.drag(ev.Dragged.DX / (theme.Px(100) / 100)) }

// DragEnd implements fyne.Draggable.
func (g *grip) DragEnd() { g.done() }

// MouseIn implements desktop.Hoverable.
func (g *grip) MouseIn(*desktop.MouseEvent) { g.over = true; g.Refresh() }

// MouseMoved implements desktop.Hoverable.
func (g *grip) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (g *grip) MouseOut() { g.over = false; g.Refresh() }

// Cursor implements desktop.Cursorable.
func (g *grip) Cursor() desktop.Cursor { return desktop.HResizeCursor }
