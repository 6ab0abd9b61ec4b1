// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"strings"
	"time"

	"kontor/sync/ical"
)

// Complete gives the text with the task done. Of a series the shown instance is: where the object keeps overrides it gets
// one more, else the dates advance by the rule, and the last instance completes the whole. A task that is closed stays
// as it is. The zone of now is the local one.
func Complete(text string, now time.Time) (string, error) {
	o, err := readObject(text, now.Location())
	if err != nil {
		return "", err
	}
	ed := editor{object: o, now: now}
	if !ed.finish() {
		return text, nil
	}
	ed.stamp()
	return o.String(), nil
}

// Cancel gives the text with the task called off: closed, but not done (STATUS:CANCELLED). Of a series it is the shown
// instance, as in Complete, or the whole of it, with all instances that are still open. A task that is closed stays as it is.
func Cancel(text string, whole bool, now time.Time) (string, error) {
	o, err := readObject(text, now.Location())
	if err != nil {
		return "", err
	}
	ed := editor{object: o, now: now}
	var ended bool
	if whole {
		ended = ed.cancelAll()
	} else {
		ended = ed.end(ed.cancel)
	}
	if !ended {
		return text, nil
	}
	ed.stamp()
	return o.String(), nil
}

// cancelAll cancels a series with its open overrides; false where it is closed already.
func (ed *editor) cancelAll() bool {
	inst := ed.current()
	if _, closed := ed.doneAt(inst.comp); closed || inst.over {
		return false
	}
	ed.acknowledge()
	ed.cancel(ed.master)
	for _, ov := range ed.overrides {
		if _, closed := ed.doneAt(ov.comp); !closed {
			ed.cancel(ov.comp)
		}
	}
	return true
}

// finish completes the shown instance; false where it is closed already.
func (ed *editor) finish() bool { return ed.end(ed.complete) }

// end closes the shown instance in one way or another; false where it is closed already.
func (ed *editor) end(closing func(*ical.Component)) bool {
	inst := ed.current()
	if _, closed := ed.doneAt(inst.comp); closed || inst.over {
		return false
	}
	ed.acknowledge()
	switch {
	case inst.comp != ed.master:
		closing(inst.comp)
	case recurs(ed.master) && fromDone(ed.master) && !ed.lone && ed.advance(inst):
	case recurs(ed.master) && ed.staysPut() && !ed.lone:
		closing(ed.override(inst))
	case recurs(ed.master) && ed.advance(inst):
	default:
		closing(ed.master)
	}
	return true
}

// staysPut reports whether the dates of a series must not move on: there are instances that are told apart by them, or
// single dates beside the rule, which would be taken for its start.
func (ed *editor) staysPut() bool {
	if ed.held {
		return false
	}
	return len(ed.overrides) > 0 || (ed.master.Line("RRULE") != nil && ed.master.Line("RDATE") != nil)
}

// advance moves a series to its next instance; false where there is none, or where the rule is of no use.
func (ed *editor) advance(inst instance) bool {
	if l := ed.master.Line("RRULE"); l != nil && ruleParts(l.Value())["COUNT"] == "1" {
		return false
	}
	from, last := ed.spanOf(ed.master), inst.at
	a, _, _ := from.anchor()
	if fromDone(ed.master) {
		from, last = ed.doneToday(inst)
	}
	next, err := ed.occurrences(from)
	if err != nil {
		return false
	}
	at, ok := next()
	for ok && !at.After(last) {
		at, ok = next()
	}
	if !ok {
		return false
	}
	c, moved := ed.master, inst.span.moved(at)
	by := at.Sub(a.Time)
	passed := 1
	if !fromDone(c) {
		passed = ed.fired(from, at)
	}
	days := daysBetween(a.Time.In(at.Location()), at)
	if moved.hasStart {
		ed.goOn(c, "DTSTART", days, moved.start)
	}
	if moved.hasDue && c.Line("DUE") != nil {
		ed.goOn(c, "DUE", days, moved.due)
	}
	if l := c.Line("RRULE"); l != nil {
		c.SetValue("RRULE", countDown(l.Value(), passed))
	}
	if c.Line("STATUS") != nil {
		ed.set(c, "STATUS", string(NeedsAction))
	}
	c.Remove("COMPLETED", "PERCENT-COMPLETE")
	ed.shiftAlarms(c, by)
	ed.planned = true
	ed.touch(c)
	ed.acknowledge() // an instance that is late already does not ring in the moment that it comes into sight
	return true
}

// fired counts how often the rule fires from its start until before a moment: so much of a COUNT is used up then, also by
// instances that are left out.
func (ed *editor) fired(from span, until time.Time) int {
	l := ed.master.Line("RRULE")
	a, _, ok := from.anchor()
	if l == nil || !ok {
		return 0
	}
	start := a.Time
	if a.AllDay {
		start, until = civil(start), civil(until)
	}
	r, err := ed.object.rule(l.Value(), a, start)
	if err != nil {
		return 0
	}
	n, next := 0, r.Iterator()
	if !firesFirst(r, start) {
		n = 1
	}
	for t, ok := next(); ok && t.Before(until); t, ok = next() {
		n++
	}
	return n
}

// goOn moves a date by whole days as it is written, so that a reading of the clock that one day does not have (RFC 5545,
// section 3.3.5) is back the day after; m is where it lies then, for what is written in another way.
func (ed *editor) goOn(c *ical.Component, name string, days int, m ical.Moment) {
	l, parts := c.Line(name), ruleParts(c.Value("RRULE"))
	if t, err := time.Parse("20060102T150405", strings.TrimSpace(l.Value())); err == nil && parts["BYHOUR"]+parts["BYMINUTE"]+parts["BYSECOND"] == "" {
		c.Set(name, l.RawParams(), ical.FormatLocal(t.AddDate(0, 0, days)))
		return
	}
	ed.moveTo(c, name, "DTSTART", m)
}

// repeatFrom is the property of a series that goes on from the day an instance was completed (value COMPLETION) instead of
// from its dates. RFC 5545 has none, and programs that can do this keep it to themselves; the others ignore it and go on
// from the dates.
const repeatFrom = "X-KONTOR-REPEAT-FROM"

func fromDone(c *ical.Component) bool {
	return strings.EqualFold(strings.TrimSpace(c.Value(repeatFrom)), "COMPLETION")
}

// doneToday is the span as if the instance had been planned for today, at its time of day, and the moment it starts at.
func (ed *editor) doneToday(inst instance) (span, time.Time) {
	a, _, ok := inst.span.anchor()
	if !ok {
		return inst.span, inst.at
	}
	loc := a.Time.Location()
	y, m, d := ed.now.In(loc).Date()
	today := time.Date(y, m, d, a.Time.Hour(), a.Time.Minute(), a.Time.Second(), 0, loc)
	return inst.span.moved(today), today
}

// fromDone writes whether a series goes on from the day of completion.
func (ed *editor) fromDone(want bool) {
	switch {
	case want == fromDone(ed.master):
	case want:
		ed.set(ed.master, repeatFrom, "COMPLETION")
	default:
		ed.set(ed.master, repeatFrom, "")
	}
}

// shiftAlarms moves reminders that stand at a fixed moment along with the dates.
func (ed *editor) shiftAlarms(c *ical.Component, by time.Duration) {
	for _, v := range c.Components("VALARM") {
		l := v.Line("TRIGGER")
		if m, ok := ed.zones.Moment(l); ok && l.Value() != noAlarm && !m.AllDay {
			m.Time = m.Time.Add(by)
			if f, ok := ed.formOf(l); ok && f.utc {
				v.Replace(l, ical.NewLine("TRIGGER", l.RawParams(), ical.FormatUTC(m.Time)))
			}
		}
	}
}

// Reopen gives the text with the task open again. Of a series that keeps overrides it is the instance closed last.
func Reopen(text string, now time.Time) (string, error) {
	o, err := readObject(text, now.Location())
	if err != nil {
		return "", err
	}
	ed := editor{object: o, now: now}
	c := o.master
	if _, closed := o.doneAt(c); !closed && len(o.overrides) > 0 {
		c = ed.lastClosed()
	}
	if c == nil {
		return text, nil
	}
	if _, closed := o.doneAt(c); !closed {
		return text, nil
	}
	if ed.planned = status(c) == Canceled; ed.planned {
		for _, ov := range ed.overrides { // what was called off in the same moment comes back with it
			if ov.comp != c && status(ov.comp) == Canceled && ov.comp.Value("LAST-MODIFIED") == c.Value("LAST-MODIFIED") {
				ed.reopen(ov.comp)
			}
		}
	}
	ed.reopen(c)
	ed.stamp()
	return o.String(), nil
}

func (ed *editor) lastClosed() *ical.Component {
	var last *ical.Component
	var when time.Time
	for _, ov := range ed.overrides {
		at, closed := ed.doneAt(ov.comp)
		if at.IsZero() {
			at = ov.at.Time
		}
		if closed && (last == nil || at.After(when)) {
			last, when = ov.comp, at
		}
	}
	return last
}

// WithUID gives the text as a task of its own: a copy that may stand beside the original.
func WithUID(text, uid string, now time.Time) (string, error) {
	o, err := readObject(text, now.Location())
	if err != nil {
		return "", err
	}
	ed := editor{object: o, now: now}
	for _, c := range o.cal.Components("VTODO") {
		if !strings.EqualFold(c.Value("UID"), uid) {
			c.Set("UID", "", ical.Escape(uid))
			ed.touch(c)
		}
	}
	ed.stamp()
	return o.String(), nil
}
