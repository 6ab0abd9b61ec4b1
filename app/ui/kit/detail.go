// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"kontor/app/ui/theme"
)

// Detail is one line of a DetailGrid.
type Detail struct{ Label, Value string }

// DetailGrid shows labels and their values in two columns. Empty values are left out.
type DetailGrid struct {
	widget.BaseWidget
	rows   []Detail
	labels []*Text
	values []*Text
	render *painter
}

// NewDetailGrid makes a grid.
func NewDetailGrid(rows ...Detail) *DetailGrid {
	g := &DetailGrid{}
	g.take(rows)
	g.ExtendBaseWidget(g)
	return g
}

// Set shows other lines.
func (g *DetailGrid) Set(rows ...Detail) {
	g.take(rows)
	g.Refresh()
}

func (g *DetailGrid) take(rows []Detail) {
	g.rows = g.rows[:0]
	for _, r := range rows {
		if r.Value != "" {
			g.rows = append(g.rows, r)
		}
	}
	for len(g.labels) < len(g.rows) {
		g.labels = append(g.labels, NewText("", 14, theme.Muted))
		g.values = append(g.values, NewText("", 14, theme.Text))
	}
}

const detailRow, detailLabel = 27, 120

// CreateRenderer implements fyne.Widget.
func (g *DetailGrid) CreateRenderer() fyne.WidgetRenderer {
	g.render = &painter{layout: g.layout, refresh: g.paint, owner: g, min: func() fyne.Size {
		return fyne.NewSize(theme.Px(detailLabel+60), theme.Px(detailRow)*float32(len(g.rows)))
	}}
	g.paint()
	return g.render
}

func (g *DetailGrid) paint() {
	objects := make([]fyne.CanvasObject, 0, 2*len(g.rows))
	for i, r := range g.rows {
		g.labels[i].Set(r.Label, theme.Muted)
		g.values[i].Set(r.Value, theme.Text)
		g.labels[i].Retheme()
		g.values[i].Retheme()
		objects = append(objects, g.labels[i].Text, g.values[i].Text)
	}
	g.render.objects = objects
}

func (g *DetailGrid) layout(size fyne.Size) {
	label := min(theme.Px(detailLabel), size.Width*0.45)
	for i := range g.rows {
		y := theme.Px(detailRow) * (float32(i) + 0.5)
		g.labels[i].Place(0, y, label-theme.Px(8))
		g.values[i].Place(label, y, size.Width-label)
	}
}
