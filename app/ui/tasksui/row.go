// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

const (
	rowHeight  = 54
	indentStep = 24
	zoneCheck  = "check"
)

// taskRow paints one line.
type taskRow struct {
	check  *kit.CheckMark
	title  *kit.Text
	second *kit.Text
	strike *canvas.Rectangle
	mark   *kit.Mark
	link   *kit.Icon
	now    func() time.Time
}

func newTaskRow(now func() time.Time) kit.Row[item] {
	return &taskRow{
		check: kit.NewCheckMark(), title: kit.NewText("", 14, theme.Text), second: kit.NewText("", 12, theme.Muted),
		strike: kit.Rect(theme.Muted, 0), mark: kit.NewMark(), link: kit.NewIcon("mail", theme.Muted), now: now,
	}
}

// Objects implements kit.Row.
func (r *taskRow) Objects() []fyne.CanvasObject {
	o := append(r.check.Objects(), r.title.Text, r.second.Text, r.strike, r.link.Image)
	return append(o, r.mark.Objects()...)
}

// left is where the circle of a task begins.
func left(i item) float32 { return theme.Px(14 + indentStep*float32(min(i.depth, 8))) }

// Paint implements kit.Row.
func (r *taskRow) Paint(i item, size fyne.Size, _ kit.RowState) {
	px := theme.Px
	for _, o := range r.check.Objects() {
		kit.SetVisible(o, i.heading == "")
	}
	r.strike.Hide()
	r.link.Hide()
	if i.heading != "" {
		r.title.SetBold(true)
		r.title.Set(i.heading, theme.Muted)
		r.title.Place(px(14), size.Height/2, size.Width-px(28))
		r.second.Set("", theme.Muted)
		r.mark.Set("", "", kit.ToneMuted)
		return
	}
	r.title.SetBold(false)
	r.check.Set(i.Closed(), ringTone(i.Task, r.now()))
	r.check.Place(left(i), size.Height/2)
	right := size.Width - px(14)
	if icon := linkIcon(i.Task); icon != "" {
		r.link.Set(icon, theme.Muted)
		r.link.Place(right-px(16), size.Height/2, 16)
		r.link.Show()
		right -= px(28)
	}
	icon, tone := markLook(i.mark)
	r.mark.Set(markWords(i.mark), icon, tone)
	if r.mark.Width() > 0 {
		right = r.mark.PlaceRight(right, size.Height/2) - px(8)
	}
	x := left(i) + px(30)
	room := max(right-x, px(40))
	second := i.second(r.now())
	middle := size.Height * 0.35
	if second == "" {
		middle = size.Height / 2
	}
	ink, small := theme.Text, theme.Muted
	if i.Closed() {
		ink = theme.Muted
	} else if overdue(i.Task, r.now()) {
		small = theme.Bad
	}
	r.title.Set(title(i.Task), ink)
	r.title.Place(x, middle, room)
	r.second.Set(second, small)
	r.second.Place(x, size.Height*0.68, room)
	if i.Closed() {
		kit.Tint(r.strike, theme.Muted)
		r.strike.Move(fyne.NewPos(x, middle))
		r.strike.Resize(fyne.NewSize(min(r.title.Width(), room), max(px(1), 1)))
		r.strike.Show()
	}
}

// zone names the circle, which is clicked to finish or reopen a task.
func zone(i item, _ fyne.Size, at fyne.Position) string {
	if i.heading == "" && at.X >= left(i)-theme.Px(6) && at.X <= left(i)+theme.Px(26) {
		return zoneCheck
	}
	return ""
}
