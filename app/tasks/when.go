// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"time"

	"kontor/sync/ical"
)

// form is how a moment is written: a day, in UTC, with a zone or floating.
type form struct {
	allDay   bool
	utc      bool
	params   string // ";TZID=..." or empty
	location *time.Location
}

func (f form) write(c *ical.Component, name string, t time.Time) {
	switch {
	case f.allDay:
		c.Set(name, ";VALUE=DATE", ical.FormatDate(t))
	case f.utc:
		c.Set(name, "", ical.FormatUTC(t))
	default:
		c.Set(name, f.params, ical.FormatLocal(t.In(f.location)))
	}
}

// formOf keeps the form of a line that has a time of day.
func (o *object) formOf(l *ical.Line) (form, bool) {
	m, ok := o.zones.Moment(l)
	switch {
	case !ok || m.AllDay:
		return form{}, false
	case m.Floating || m.Unknown, m.TZID != "":
		return form{params: l.RawParams(), location: m.Time.Location()}, true
	}
	return form{utc: true}, true
}

// newForm is for a task that has no time of day yet. A single moment is the same everywhere in UTC; a series keeps its
// reading of the clock, so it needs a zone, or floats where the local one has no name.
func (ed *editor) newForm(recurring bool) form {
	local := ed.zones.Local()
	if !recurring || local == time.UTC {
		return form{utc: true}
	}
	if name := local.String(); name != "Local" {
		if _, err := time.LoadLocation(name); err == nil && name != "" {
			return form{params: ical.FormatParam("TZID", name), location: local}
		}
	}
	return form{location: local}
}

// chooseForm finds how a moment is to be written: as the line was so far, else like the other date.
func (ed *editor) chooseForm(c *ical.Component, name string) form {
	for _, n := range []string{name, "DUE", "DTSTART"} {
		if f, ok := ed.formOf(c.Line(n)); ok {
			return f
		}
	}
	return ed.newForm(recurs(ed.master))
}

// when edits start, due and rule.
func (ed *editor) when(e Edit, inst instance) error {
	if e.Start == nil && e.Due == nil && e.RRule == nil && e.FromDone == nil {
		return nil
	}
	if e.RRule != nil {
		if err := ed.rule(e); err != nil {
			return err
		}
	}
	before := inst.span
	c := inst.comp
	if changed(e.Start, before.start, before.hasStart) || changed(e.Due, before.due, before.hasDue) {
		if a, _, ok := ed.spanOf(ed.master).anchor(); ok && c == ed.master && !inst.at.Equal(a.Time) {
			c = ed.override(inst)
		}
		ed.dates(c, e, before)
		ed.planned = true
		ed.touch(c)
	}
	if _, _, ok := ed.spanOf(ed.master).anchor(); !ok && recurs(ed.master) {
		if e.RRule != nil && *e.RRule != "" {
			return ErrNoDate
		}
		ed.set(ed.master, "RRULE", "") // without a date there is nothing that could recur
	}
	if e.FromDone != nil {
		ed.fromDone(*e.FromDone)
	}
	if !recurs(ed.master) {
		ed.fromDone(false)
	}
	return nil
}

func (ed *editor) rule(e Edit) error {
	if *e.RRule == ed.master.Value("RRULE") {
		return nil
	}
	if *e.RRule != "" {
		if err := CheckRule(*e.RRule); err != nil {
			return err
		}
	}
	ed.planned = true
	ed.set(ed.master, "RRULE", *e.RRule)
	if *e.RRule != "" {
		ed.unUTC(ed.master)
	}
	return nil
}

// unUTC writes moments in UTC as local ones: a series keeps its reading of the clock when summer time comes or goes.
func (ed *editor) unUTC(c *ical.Component) {
	local := ed.newForm(true)
	for _, name := range []string{"DTSTART", "DUE"} {
		l := c.Line(name)
		if f, ok := ed.formOf(l); ok && f.utc {
			m, _ := ed.zones.Moment(l)
			local.write(c, name, m.Time)
			ed.touch(c)
		}
	}
}

func changed(w *When, m ical.Moment, have bool) bool {
	switch {
	case w == nil:
		return false
	case w.IsZero():
		return have
	case !have || w.AllDay != m.AllDay:
		return true
	case w.AllDay:
		return !sameDay(w.Time, m.Time)
	}
	return !w.Time.Equal(m.Time)
}

// dates writes start and due. Both get the same type, as RFC 5545, section 3.8.2.3 demands, and DURATION gives way to
// DUE: servers refuse both.
func (ed *editor) dates(c *ical.Component, e Edit, before span) {
	start, due := When{before.start.Time, before.start.AllDay}, When{before.due.Time, before.due.AllDay}
	newStart, newDue := changed(e.Start, before.start, before.hasStart), changed(e.Due, before.due, before.hasDue)
	if newStart {
		start = *e.Start
	}
	if newDue {
		due = *e.Due
	}
	duration := c.Line("DURATION") != nil
	startForm, dueForm := ed.chooseForm(c, "DTSTART"), ed.chooseForm(c, "DUE")
	if !start.IsZero() && !due.IsZero() && start.AllDay != due.AllDay {
		if newDue {
			start, newStart = sameType(start, due.AllDay, 0, 0), true
		} else {
			due, newDue = sameType(due, start.AllDay, 23, 59), true
		}
	}
	if duration && newStart && !newDue && !start.IsZero() {
		write(c, "DTSTART", start, startForm)
		return // the due moment moves along
	}
	if newStart {
		write(c, "DTSTART", start, startForm)
	}
	if newDue || duration {
		c.Remove("DURATION")
		write(c, "DUE", due, dueForm)
	}
}

// sameType makes a day of a moment, or a moment of a day.
func sameType(w When, allDay bool, hour, minute int) When {
	if allDay {
		return When{w.Time, true}
	}
	y, m, d := w.Time.Date()
	return When{time.Date(y, m, d, hour, minute, 0, 0, w.Time.Location()), false}
}

// write puts a moment into the form given for one, a day in that of days; nothing where there is none.
func write(c *ical.Component, name string, w When, f form) {
	if w.IsZero() {
		c.Remove(name)
		return
	}
	if w.AllDay {
		f = form{allDay: true}
	}
	f.write(c, name, w.Time)
}

// override makes a component of its own for one instance of a series (RFC 5545, section 3.8.4.4).
func (ed *editor) override(inst instance) *ical.Component {
	c := ed.master.Copy()
	c.Remove("RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID", "STATUS", "COMPLETED", "PERCENT-COMPLETE")
	for _, v := range c.Components("VALARM") {
		c.RemoveComponent(v)
	}
	a, name, _ := ed.spanOf(ed.master).anchor()
	f, ok := ed.formOf(ed.master.Line(name))
	if !ok {
		f = form{allDay: a.AllDay, location: ed.zones.Local()}
	}
	f.write(c, "RECURRENCE-ID", inst.at)
	c.Remove("DURATION")
	s := ed.spanOf(ed.master).moved(inst.at)
	if s.hasStart {
		ed.moveTo(c, "DTSTART", "DTSTART", s.start)
	}
	if s.hasDue {
		ed.moveTo(c, "DUE", "DTSTART", s.due)
	}
	ed.cal.AddComponent(c)
	ed.overrides = append(ed.overrides, override{c, ical.Moment{Time: inst.at, AllDay: a.AllDay}})
	ed.touch(c)
	return c
}

// moveTo writes a moment in the form its line has; like is the line whose form it takes where it has none.
func (ed *editor) moveTo(c *ical.Component, name, like string, m ical.Moment) {
	if m.AllDay {
		params := ";VALUE=DATE"
		if l := c.Line(name); l != nil {
			params = l.RawParams()
		}
		c.Set(name, params, ical.FormatDate(m.Time))
		return
	}
	f, ok := ed.formOf(c.Line(name))
	if !ok {
		f, _ = ed.formOf(c.Line(like))
	}
	f.write(c, name, m.Time)
}
