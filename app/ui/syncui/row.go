// SPDX-License-Identifier: EUPL-1.2

package syncui

import (
	"fyne.io/fyne/v2"

	"kontor/app/i18n"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// columns are those of the list; the last one holds what can be done, which the menu and the right column do too.
var columns = kit.Columns{
	{ID: "what", Width: 186}, {ID: "about", Width: 56, Grow: 1}, {ID: "when", Width: 72, Drop: 700}, {ID: "state", Width: 172}, {ID: "act", Width: 86, Drop: 600},
}

func titles() []string {
	return []string{i18n.T("syncui.column.what"), i18n.T("syncui.column.about"), i18n.T("syncui.column.when"), i18n.T("syncui.column.state"), ""}
}

// row paints an entry.
type row struct {
	page              *Page
	glyph             *kit.Icon
	what, about, when *kit.Text
	state             *kit.Mark
	act               *kit.Text
}

func newRow(p *Page) *row {
	return &row{
		page: p, glyph: kit.NewIcon("sync", theme.Text), what: kit.NewText("", 14, theme.Text), about: kit.NewText("", 14, theme.Text),
		when: kit.NewText("", 14, theme.Muted), state: kit.NewMark(), act: kit.NewBold("", 13, theme.Accent),
	}
}

// Objects implements kit.Row.
func (r *row) Objects() []fyne.CanvasObject {
	return append(r.state.Objects(), r.glyph.Image, r.what.Text, r.about.Text, r.when.Text, r.act.Text)
}

// Paint implements kit.Row.
func (r *row) Paint(e entry, size fyne.Size, _ kit.RowState) {
	spans, middle := columns.Spans(size.Width), (size.Height-1)/2
	words, icon := e.words()
	text := theme.Text
	if e.conflict == nil && e.op.State.Final() {
		text = theme.Muted
	}
	r.glyph.Set(icon, text)
	r.glyph.Place(spans[0].X, middle, 17)
	r.what.Set(words, text)
	r.what.Place(spans[0].X+theme.Px(26), middle, spans[0].W-theme.Px(26))
	r.about.Set(e.about(), text)
	r.about.Place(spans[1].X, middle, spans[1].W)
	r.when.Set(i18n.Day(e.when(), r.page.now()), theme.Muted)
	r.when.Place(spans[2].X, middle, spans[2].W)
	r.state.Set(e.state(r.page.offline, r.page.now()))
	r.state.Place(spans[3].X, middle, spans[3].W+theme.Px(8))
	action := ""
	if verbs := e.verbs(); len(verbs) > 0 && spans[4].W > 0 {
		action = i18n.T("syncui.verb." + string(verbs[0]))
	}
	r.act.Set(action, theme.Accent)
	r.act.PlaceRight(spans[4].X+spans[4].W, middle, spans[4].W+theme.Px(10))
}

// zone tells a click on what can be done from one on the row.
func zone(e entry, size fyne.Size, at fyne.Position) string {
	span := columns.Spans(size.Width)[4]
	if len(e.verbs()) > 0 && span.W > 0 && at.X >= span.X {
		return "act"
	}
	return ""
}

// label is the row for screen readers.
func (p *Page) label(e entry) string {
	words, _ := e.words()
	state, _, _ := e.state(p.offline, p.now())
	return words + ": " + e.about() + ", " + state
}
