// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"kontor/app/i18n"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

const (
	rowHeight  = 54
	indentStep = 24
	zoneCheck  = "check"
	zoneFold   = "fold"
)

// taskRow paints one line.
type taskRow struct {
	check  *kit.CheckMark
	title  *kit.Text
	due    *kit.Text // when it is due
	second *kit.Text // what else is to be said, behind it
	strike *canvas.Rectangle
	mark   *kit.Mark
	link   *kit.Icon
	fold   *kit.Icon
	drop   *canvas.Rectangle // where dragged rows would go in
	page   *Page
}

func newTaskRow(p *Page) kit.Row[item] {
	return &taskRow{
		check: kit.NewCheckMark(), title: kit.NewText("", 14, theme.Text), due: kit.NewText("", 12, theme.Muted), second: kit.NewText("", 12, theme.Muted),
		strike: kit.Rect(theme.Muted, 0), mark: kit.NewMark(), link: kit.NewIcon("mail", theme.Muted), fold: kit.NewIcon("chevron-down", theme.Muted),
		drop: kit.Rect(theme.Accent, 1), page: p,
	}
}

// Objects implements kit.Row.
func (r *taskRow) Objects() []fyne.CanvasObject {
	o := append(r.check.Objects(), r.title.Text, r.due.Text, r.second.Text, r.strike, r.link.Image, r.fold.Image)
	return append(append(o, r.mark.Objects()...), r.drop)
}

// left is where the circle of a task begins.
func left(i item) float32 { return theme.Px(14 + indentStep*float32(min(i.depth, 8))) }

// Paint implements kit.Row.
func (r *taskRow) Paint(i item, size fyne.Size, _ kit.RowState) {
	for _, o := range r.check.Objects() {
		kit.SetVisible(o, i.heading == "")
	}
	r.strike.Hide()
	r.link.Hide()
	r.arrow(i, size)
	r.edge(i, size)
	if i.heading != "" {
		r.head(i, size)
		return
	}
	now := r.page.cfg.Now()
	r.title.SetBold(false)
	r.check.Set(i.Closed(), ringTone(i.Task, now))
	r.check.Place(left(i), size.Height/2)
	right := r.right(i, size)
	x := left(i) + theme.Px(30)
	r.words(i, x, max(right-x, theme.Px(40)), size.Height)
}

// arrow shows that there is something below a line, and whether it is hidden.
func (r *taskRow) arrow(i item, size fyne.Size) {
	icon := ""
	switch {
	case i.folded:
		icon = "chevron-right"
	case i.parent:
		icon = "chevron-down"
	}
	r.fold.Set(icon, theme.Muted)
	x := left(i) - theme.Px(13)
	if i.heading != "" {
		x = theme.Px(14) + r.page.headingWidth(i.heading)
	}
	r.fold.Place(x, size.Height/2, 12)
}

// headingWidth is how wide the words of a heading are, with the gap behind them.
func (p *Page) headingWidth(words string) float32 {
	return kit.Measure(words, theme.TextPx(14), fyne.TextStyle{Bold: true}) + theme.Px(8)
}

// edge shows that dragged rows would go in above or below a line.
func (r *taskRow) edge(i item, size fyne.Size) {
	m := r.page.drop
	if m.edge == onto || keyOf(i) != m.key {
		r.drop.Hide()
		return
	}
	y := float32(0)
	if m.edge == below {
		y = size.Height - 2
	}
	kit.Tint(r.drop, theme.Accent)
	r.drop.Move(fyne.NewPos(left(i), y))
	r.drop.Resize(fyne.NewSize(max(size.Width-left(i)-theme.Px(14), 1), 2))
	r.drop.Show()
}

// head is the line above what is closed.
func (r *taskRow) head(i item, size fyne.Size) {
	r.title.SetBold(true)
	r.title.Set(i.heading, theme.Muted)
	r.title.Place(theme.Px(14), size.Height/2, size.Width-theme.Px(40))
	r.due.Set("", theme.Muted)
	r.second.Set("", theme.Muted)
	r.mark.Set("", "", kit.ToneMuted)
}

// right paints what stands at the right end and gives where that begins.
func (r *taskRow) right(i item, size fyne.Size) float32 {
	px := theme.Px
	right := size.Width - px(14)
	if icon := linkIcon(i.Task, r.page.cfg.IsFile); icon != "" {
		r.link.Set(icon, theme.Muted)
		r.link.Place(right-px(16), size.Height/2, 16)
		r.link.Show()
		right -= px(28)
	}
	icon, tone := kit.MarkLook(i.mark)
	r.mark.Set(kit.MarkWords(i.mark), icon, tone)
	if r.mark.Width() > 0 {
		right = r.mark.PlaceRight(right, size.Height/2) - px(8)
	}
	return right
}

func (r *taskRow) words(i item, x, room, height float32) {
	now := r.page.cfg.Now()
	due, rest := dueWords(i.Due, now), i.rest()
	ink, small := theme.Text, theme.Muted
	if i.Closed() {
		ink = theme.Muted
	} else if overdue(i.Task, now) {
		due, small = joined(i18n.T("tasksui.smart.overdue"), due), theme.Bad
	}
	middle := height * 0.35
	if due+rest == "" {
		middle = height / 2
	}
	r.title.Set(title(i.Task), ink)
	r.title.Place(x, middle, room)
	r.due.Set(due, small)
	r.due.Place(x, height*0.68, room)
	used := float32(0)
	if due != "" && rest != "" {
		used, rest = r.due.Width(), dot+rest
	}
	r.second.Set(rest, theme.Muted)
	r.second.Place(x+used, height*0.68, max(room-used, 0))
	if i.Closed() {
		kit.Tint(r.strike, theme.Muted)
		r.strike.Move(fyne.NewPos(x, middle))
		r.strike.Resize(fyne.NewSize(min(r.title.Width(), room), max(theme.Px(1), 1)))
		r.strike.Show()
	}
}

// zone names the circle, which is clicked to finish or reopen a task, and the arrow, which folds.
func zone(i item, _ fyne.Size, at fyne.Position) string {
	switch x := at.X - left(i); {
	case i.heading != "":
		return zoneFold
	case i.parent && x >= -theme.Px(14) && x < -theme.Px(1):
		return zoneFold
	case x >= -theme.Px(6) && x <= theme.Px(26):
		return zoneCheck
	}
	return ""
}

// zoneTapped is a click on such a part.
func (p *Page) zoneTapped(i item, part string) {
	if part == zoneFold {
		p.fold(i, !i.folded)
		return
	}
	p.toggle([]item{i})
}
