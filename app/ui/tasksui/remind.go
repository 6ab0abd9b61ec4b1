// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"context"
	"slices"
	"time"

	"kontor/app/i18n"
	"kontor/app/tasks"
	"kontor/app/ui/kit"
)

// remindBefore are the reminders that can be chosen at once.
var remindBefore = []time.Duration{
	0, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 24 * time.Hour, 48 * time.Hour, 7 * 24 * time.Hour,
}

// chooseRemind offers reminders: those that the task has carry a tick and go away when they are chosen.
func (d *detail) chooseRemind() {
	t, now := d.task, d.page.cfg.Now()
	var menu []kit.MenuItem
	if !t.Ring.IsZero() && !t.Ring.After(now) || !t.Snoozed.IsZero() {
		menu = append(d.ringing(t.ID, now), kit.MenuItem{})
	}
	dated := !t.Due.IsZero() || !t.Start.IsZero()
	for _, before := range remindBefore {
		have := slices.IndexFunc(t.Alarms, func(a tasks.Alarm) bool { return !a.Absolute && !a.FromStart && a.Before == before })
		if have < 0 {
			menu = append(menu, kit.MenuItem{Label: beforeWords(before), Disabled: !dated, Act: func() { d.addAlarm(tasks.Alarm{Before: before}) }})
		}
	}
	for n, a := range t.Alarms {
		menu = append(menu, kit.MenuItem{Label: alarmWords(a, now), Icon: "check", Act: func() {
			d.setAlarms(slices.Delete(slices.Clone(t.Alarms), n, n+1))
		}})
	}
	menu = append(menu, kit.MenuItem{}, kit.MenuItem{Label: i18n.T("tasksui.remind.at"), Icon: "clock", Act: d.askAlarm})
	if len(t.Alarms) > 0 {
		menu = append(menu, kit.MenuItem{Label: i18n.T("tasksui.remind.none"), Act: func() { d.setAlarms(nil) }})
	}
	kit.PopUpBelow(d.remind, menu...)
}

// ringing are the answers to a reminder that has rung.
func (d *detail) ringing(id int64, now time.Time) []kit.MenuItem {
	core := d.page.cfg.Tasks
	y, m, day := now.Date()
	later := func(key string, until time.Time) kit.MenuItem {
		return kit.MenuItem{Label: i18n.T(key), Icon: "bell", Act: func() {
			d.page.do(i18n.T("tasksui.toast.snoozed", "when", dueWords(tasks.When{Time: until}, now)), func(ctx context.Context) error {
				return core.Snooze(ctx, id, until)
			})
		}}
	}
	return []kit.MenuItem{
		{Label: i18n.T("tasksui.remind.seen"), Icon: "check", Act: func() {
			d.page.do("", func(ctx context.Context) error { return core.Acknowledge(ctx, []int64{id}) })
		}},
		later("tasksui.snooze.minutes", now.Add(10*time.Minute)),
		later("tasksui.snooze.hour", now.Add(time.Hour)),
		later("tasksui.snooze.tomorrow", time.Date(y, m, day+1, 9, 0, 0, 0, now.Location())),
	}
}

func (d *detail) addAlarm(a tasks.Alarm) { d.setAlarms(append(slices.Clone(d.task.Alarms), a)) }

func (d *detail) setAlarms(all []tasks.Alarm) {
	d.change(tasks.Edit{Alarms: &all})
}

// askAlarm lets a person type when to be reminded.
func (d *detail) askAlarm() {
	id := d.id
	d.page.cfg.AskName(i18n.T("tasksui.remind.ask"), "", func(text string) {
		w, err := tasks.ParseWhen(text, d.page.cfg.Now())
		if err != nil || d.id != id {
			d.page.cfg.Toast(i18n.T("tasksui.date.wrong", "text", text), "", nil)
			return
		}
		if w.AllDay { // a day begins in the morning
			y, m, day := w.Time.Date()
			w.Time = time.Date(y, m, day, 9, 0, 0, 0, d.page.cfg.Now().Location())
		}
		d.addAlarm(tasks.Alarm{At: w.Time, Absolute: true})
	})
}
