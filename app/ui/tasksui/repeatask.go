// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"

	"kontor/app/i18n"
	"kontor/app/tasks"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// repeatForm is what a person chooses a recurrence with.
type repeatForm struct {
	page  *Page
	from  rule
	freq  *kit.Segments
	every *kit.Entry
	days  map[time.Weekday]*widget.Check
	ends  *kit.Segments
	last  *kit.Entry // a day or a number, as ends says
	done  *widget.Check
	parts *fyne.Container
	week  fyne.CanvasObject
	often fyne.CanvasObject // all but the frequency
	wrong *kit.Label
}

// The ends of a recurrence.
const (
	endsNever = "never"
	endsDay   = "day"
	endsCount = "count"
)

// chooseRepeat offers how often a task repeats.
func (d *detail) chooseRepeat() {
	task := d.task
	var menu []kit.MenuItem
	now := readRule(task.RRule)
	for _, f := range freqs {
		simple := rule{freq: f.name, every: 1}
		icon := ""
		if now.String() == simple.String() {
			icon = "check"
		}
		menu = append(menu, kit.MenuItem{Label: i18n.T(f.key), Icon: icon, Act: func() { d.setRule(task.ID, simple.String(), task.FromDone) }})
	}
	menu = append(menu, kit.MenuItem{}, kit.MenuItem{Label: i18n.T("tasksui.repeat.more"), Icon: "repeat", Act: func() { d.askRepeat(task) }})
	kit.PopUpBelow(d.repeat, menu...)
}

func (d *detail) setRule(id int64, text string, fromDone bool) {
	e := tasks.Edit{RRule: &text}
	if text != "" {
		e.FromDone = &fromDone
	}
	if d.id == id {
		d.change(e)
	}
}

// askRepeat shows the form.
func (d *detail) askRepeat(task tasks.Task) {
	r := readRule(task.RRule)
	if r.freq == "" { // there is more to choose than never
		r.freq, r.days = "WEEKLY", []time.Weekday{d.page.cfg.Now().Weekday()}
	}
	f := newRepeatForm(d.page, r, task.FromDone)
	var ask *dialog.ConfirmDialog
	ask = dialog.NewCustomConfirm(i18n.T("tasksui.repeat.title"), i18n.T("ui.apply"), i18n.T("ui.cancel"), f.parts, func(ok bool) {
		if !ok {
			return
		}
		r, err := f.rule()
		if err != nil {
			ask.Show()
			return
		}
		d.setRule(task.ID, r.String(), f.done.Checked)
	}, d.page.cfg.Window)
	kit.AnswerWith(ask, f.every, f.last)
	ask.Resize(fyne.NewSize(theme.Px(520), theme.Px(380)))
	ask.Show()
	kit.Focus(f.freq)
}

func newRepeatForm(p *Page, r rule, fromDone bool) *repeatForm {
	f := &repeatForm{page: p, from: r, days: map[time.Weekday]*widget.Check{}}
	var options []kit.Option
	for _, o := range freqs {
		options = append(options, kit.Option{ID: o.name, Label: i18n.T(o.key)})
	}
	f.freq = kit.NewSegments(i18n.T("tasksui.field.repeat"), r.freq, options, func(string) { f.adapt() })
	f.every = kit.NewEntry("1")
	f.every.Name = i18n.T("tasksui.repeat.every")
	f.every.SetText(strconv.Itoa(r.every))
	boxes := container.NewGridWithColumns(len(week))
	for _, day := range week {
		f.days[day] = widget.NewCheck(i18n.Weekday(day), nil)
		f.days[day].Checked = slices.Contains(r.days, day)
		boxes.Add(f.days[day])
	}
	f.week = boxes
	chosen, last := endsNever, ""
	switch {
	case r.count > 0:
		chosen, last = endsCount, strconv.Itoa(r.count)
	case !r.until.IsZero():
		chosen, last = endsDay, exactWhen(tasks.When{Time: r.until, AllDay: true})
	}
	f.last = kit.NewEntry(i18n.T("tasksui.repeat.last"))
	f.last.SetText(last)
	f.ends = kit.NewSegments(i18n.T("tasksui.repeat.ends"), chosen, []kit.Option{
		{ID: endsNever, Label: i18n.T("tasksui.ends.never")}, {ID: endsDay, Label: i18n.T("tasksui.ends.day")}, {ID: endsCount, Label: i18n.T("tasksui.ends.count")},
	}, func(string) { f.adapt() })
	f.done = widget.NewCheck(i18n.T("tasksui.repeat.from-done"), nil)
	f.done.Checked = fromDone
	f.wrong = kit.NewLabel("", 12, theme.Bad, false)
	f.often = kit.NewColumn(8,
		kit.NewDock(nil, nil, kit.NewPanel(theme.Clear, kit.Full(kit.Caption(i18n.T("tasksui.repeat.every")))).Padded(0, 10, 0, 0), nil, f.every),
		f.week, kit.Caption(i18n.T("tasksui.repeat.ends")), f.ends, f.last, f.done)
	f.parts = kit.NewColumn(10, f.freq, f.often, f.wrong)
	f.adapt()
	return f
}

// adapt shows what belongs to what is chosen.
func (f *repeatForm) adapt() {
	kit.SetVisible(f.often, f.freq.Chosen() != "")
	kit.SetVisible(f.week, f.freq.Chosen() == "WEEKLY")
	kit.SetVisible(f.last, f.ends.Chosen() != endsNever)
	if f.parts != nil {
		f.parts.Refresh()
	}
}

// rule is what was chosen; an error where something typed makes no sense, which is then said.
func (f *repeatForm) rule() (rule, error) {
	r := rule{freq: f.freq.Chosen(), every: 1}
	if r.freq == f.from.freq {
		r.rest = f.from.rest
	}
	if r.freq == "" {
		return r, nil
	}
	n, err := strconv.Atoi(strings.TrimSpace(f.every.Text))
	if err != nil || n < 1 {
		return r, f.complain(f.every.Text)
	}
	r.every = n
	if r.freq == "WEEKLY" {
		for _, day := range week {
			if f.days[day].Checked {
				r.days = append(r.days, day)
			}
		}
	}
	switch f.ends.Chosen() {
	case endsCount:
		if r.count, err = strconv.Atoi(strings.TrimSpace(f.last.Text)); err != nil || r.count < 1 {
			return r, f.complain(f.last.Text)
		}
	case endsDay:
		w, err := tasks.ParseWhen(f.last.Text, f.page.cfg.Now())
		if err != nil || w.IsZero() {
			return r, f.complain(f.last.Text)
		}
		r.until = w.Time
	}
	return r, nil
}

func (f *repeatForm) complain(text string) error {
	f.wrong.Set(i18n.T("tasksui.repeat.wrong", "text", text))
	return errRepeat
}
