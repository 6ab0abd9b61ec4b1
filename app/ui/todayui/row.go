// SPDX-License-Identifier: EUPL-1.2

package todayui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"kontor/app/i18n"
	"kontor/app/mail"
	"kontor/app/tasks"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// taskRow paints a task: the round box, title, when it is due and its list.
type taskRow struct {
	page        *Page
	check       *kit.CheckMark
	title, info *kit.Text
	mark        *kit.Mark
}

func newTaskRow(p *Page) *taskRow {
	return &taskRow{page: p, check: kit.NewCheckMark(), title: kit.NewText("", 14, theme.Text), info: kit.NewText("", 12, theme.Muted), mark: kit.NewMark()}
}

// Objects implements kit.Row.
func (r *taskRow) Objects() []fyne.CanvasObject {
	return append(append(r.check.Objects(), r.title.Text, r.info.Text), r.mark.Objects()...)
}

// Paint implements kit.Row.
func (r *taskRow) Paint(t task, size fyne.Size, _ kit.RowState) {
	tone := theme.Muted
	if t.Priority >= 1 && t.Priority <= 4 {
		tone = theme.Bad
	}
	r.check.Set(t.Closed(), tone)
	r.check.Place(theme.Px(14), size.Height/2)
	left, right := theme.Px(44), size.Width-theme.Px(16)
	words, late := dueWords(t.Due, r.page.cfg.Now())
	r.mark.Set("", "", kit.ToneMuted)
	if late {
		r.mark.Set(i18n.T("today.overdue"), "clock", kit.ToneBad)
		right = r.mark.PlaceRight(right, size.Height/2) - theme.Px(8)
	}
	r.title.Set(t.name(), theme.Text)
	r.title.Place(left, size.Height*0.34, right-left)
	if t.list != "" && words != "" {
		words += " · "
	}
	r.info.Set(words+t.list, theme.Muted)
	r.info.Place(left, size.Height*0.67, right-left)
}

// dueWords says when something is due, and whether that is over.
func dueWords(w tasks.When, now time.Time) (string, bool) {
	if w.IsZero() {
		return "", false
	}
	due := w.Time.Local()
	y, m, d := now.Local().Date()
	midnight := time.Date(y, m, d, 0, 0, 0, 0, time.Local)
	if w.AllDay {
		due = time.Date(w.Time.Year(), w.Time.Month(), w.Time.Day(), 0, 0, 0, 0, time.Local)
	}
	late := due.Before(midnight) || (!w.AllDay && due.Before(now))
	day := i18n.T("today.today")
	switch {
	case due.Before(midnight.AddDate(0, 0, -1)), !due.Before(midnight.AddDate(0, 0, 1)):
		day = i18n.Date(due)
	case due.Before(midnight):
		day = i18n.T("date.yesterday")
	}
	if !w.AllDay {
		day += ", " + i18n.Clock(due)
	}
	return day, late
}

// checkZone tells a click on the round box from one on the row.
func checkZone(_ task, _ fyne.Size, at fyne.Position) string {
	if at.X < theme.Px(40) {
		return "check"
	}
	return ""
}

// mailRow paints an unread message.
type mailRow struct {
	page                *Page
	dot                 *canvas.Circle
	from, subject, date *kit.Text
	clip                *kit.Icon
}

func newMailRow(p *Page) *mailRow {
	return &mailRow{
		page: p, dot: canvas.NewCircle(theme.Color(theme.Accent)), from: kit.NewBold("", 14, theme.Text), subject: kit.NewText("", 13, theme.Muted),
		date: kit.NewText("", 12, theme.Muted), clip: kit.NewIcon("paperclip", theme.Muted),
	}
}

// Objects implements kit.Row.
func (r *mailRow) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.dot, r.from.Text, r.subject.Text, r.date.Text, r.clip.Image}
}

// Paint implements kit.Row.
func (r *mailRow) Paint(m mail.Summary, size fyne.Size, _ kit.RowState) {
	left, right := theme.Px(26), size.Width-theme.Px(16)
	d := theme.Px(8)
	r.dot.FillColor = theme.Color(theme.Accent)
	r.dot.Move(fyne.NewPos(theme.Px(10), size.Height*0.34-d/2))
	r.dot.Resize(fyne.NewSquareSize(d))
	r.date.Set(i18n.Day(m.Date, r.page.cfg.Now()), theme.Muted)
	end := r.date.PlaceRight(right, size.Height*0.34, theme.Px(110)) - theme.Px(10)
	name := m.From.Name
	if name == "" {
		name = m.From.Addr
	}
	r.from.Set(name, theme.Text)
	r.from.Place(left, size.Height*0.34, end-left)
	icon := ""
	if m.HasAttachment {
		icon = "paperclip"
	}
	r.clip.Set(icon, theme.Muted)
	r.clip.Place(right-theme.Px(16), size.Height*0.67, 16)
	r.subject.Set(m.Subject, theme.Text)
	r.subject.Place(left, size.Height*0.67, right-left-theme.Px(24))
}
