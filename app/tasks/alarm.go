// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"kontor/sync/ical"
)

// Alarm is a reminder (VALARM, RFC 5545, section 3.6.6) that a person sees, its trigger resolved to a moment.
type Alarm struct {
	At           time.Time     // when it rings; of one that is to be written it counts only with Absolute
	Acknowledged time.Time     // up to when it was answered (RFC 9074, section 6.1)
	Before       time.Duration // before the due moment (or the start), for relative triggers; negative for after it
	Absolute     bool          // it rings at At, whatever becomes of the dates
	FromStart    bool          // Before counts from the start although there is a due moment
	Key          string        // names it among the reminders of its task; empty for one that is to be added
}

// Ring is a moment at which a task reminds of itself.
type Ring struct {
	TaskID, ListID, AccountID int64
	UID                       string
	Title                     string
	At                        time.Time
	Due                       When
	Again                     bool // it had been put off
	ReadOnly                  bool
}

// noAlarm is a moment that Apple's programs write where there is no reminder.
const noAlarm = "19760401T005545Z"

// maxRepeat bounds how often an alarm repeats itself.
const maxRepeat = 24

const (
	lastAck    = "X-MOZ-LASTACK"
	snoozeTime = "X-MOZ-SNOOZE-TIME"
)

// Rings gives every moment at which the open instance of a task reminds of itself and that nobody has answered, in
// order, each once. Days and moments without a zone are those of local.
func Rings(text string, local *time.Location) []Ring {
	o, err := readObject(text, local)
	if err != nil {
		return nil
	}
	t := o.view()
	if t.Ring.IsZero() {
		return nil
	}
	var all []Ring
	for _, r := range o.rings(o.current()) {
		all = append(all, Ring{UID: t.UID, Title: t.Title, At: r.at, Due: t.Due, Again: r.again})
	}
	return all
}

// remindersOf fills in what a task says of its reminders.
func (o *object) remindersOf(inst instance, t *Task) {
	visible := o.visible(inst)
	for _, k := range visible {
		t.Alarms = append(t.Alarms, k.Alarm)
	}
	if t.Closed() || inst.comp.Component("VALARM") == nil {
		return
	}
	for _, r := range o.ringsOf(inst, visible) {
		if t.Ring.IsZero() {
			t.Ring = r.at
		}
		if r.again {
			t.Snoozed = r.at
		}
	}
}

// alarmPart is a VALARM and what it means.
type alarmPart struct {
	Alarm
	comp *ical.Component
}

// visible resolves the reminders that a person sees. Those that refer to a moment the task does not have are left out, and
// what other programs write where there is no reminder.
func (o *object) visible(inst instance) []alarmPart {
	var all []alarmPart
	var seen map[string]int
	for _, v := range inst.comp.Components("VALARM") {
		if seen == nil {
			seen = map[string]int{}
		}
		key := alarmKey(v, nil)
		if seen[key]++; seen[key] > 1 {
			key += "\x00" + strconv.Itoa(seen[key])
		}
		l := v.Line("TRIGGER")
		if l == nil || l.Value() == noAlarm || isSnooze(v) || isSilent(v) {
			continue
		}
		a := Alarm{Key: key, Acknowledged: latest(o.moment(v, "ACKNOWLEDGED"), o.lastAck(inst))}
		if m, ok := o.zones.Moment(l); ok {
			a.At, a.Absolute = m.Time, true
		} else if !relative(l, inst.span, &a) {
			continue
		}
		all = append(all, alarmPart{a, v})
	}
	return all
}

// relative resolves a trigger that counts from start or end (RFC 5545, section 3.8.6.3).
func relative(l *ical.Line, s span, a *Alarm) bool {
	d, ok := ical.ParseDuration(l.Value())
	if !ok {
		return false
	}
	base, have := s.start, s.hasStart
	if a.FromStart = have && s.hasDue; strings.EqualFold(l.Param("RELATED"), "END") || !have {
		base, have, a.FromStart = s.due, s.hasDue, false
	}
	a.At, a.Before = d.AddTo(base.Time), -d.Approx()
	return have
}

// isSnooze reports whether an alarm only stands for another one that was put off (RFC 9074, section 7).
func isSnooze(v *ical.Component) bool { return snoozed(v) != nil }

// snoozed is the line that names the alarm which was put off.
func snoozed(v *ical.Component) *ical.Line {
	for _, l := range v.Lines("RELATED-TO") {
		if strings.EqualFold(l.Param("RELTYPE"), "SNOOZE") {
			return l
		}
	}
	return nil
}

// isSilent reports whether an alarm never rings by the clock: Apple's placeholders and those of places (RFC 9074,
// section 8.1).
func isSilent(v *ical.Component) bool {
	return strings.EqualFold(strings.TrimSpace(v.Value("ACTION")), "NONE") || v.Line("PROXIMITY") != nil || v.Line("X-APPLE-PROXIMITY") != nil
}

// lastAck is until when all reminders of a task were answered, as Thunderbird writes it.
func (o *object) lastAck(inst instance) time.Time {
	return latest(o.moment(inst.comp, lastAck), o.moment(o.master, lastAck))
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// ringAt is one moment of one object.
type ringAt struct {
	at    time.Time
	again bool
}

// rings gives the moments of an instance that nobody has answered, in order, each once.
func (o *object) rings(inst instance) []ringAt { return o.ringsOf(inst, o.visible(inst)) }

// ringsOf is rings where the visible reminders are known.
func (o *object) ringsOf(inst instance, visible []alarmPart) []ringAt {
	var all []ringAt
	for _, at := range o.again(inst, visible) {
		all = append(all, ringAt{at, true})
	}
	for _, k := range visible {
		if !k.At.After(k.Acknowledged) {
			continue
		}
		all = append(all, ringAt{at: k.At})
		if every, ok := ical.ParseDuration(k.comp.Value("DURATION")); ok && every.Approx() >= time.Minute {
			for n := range min(number(k.comp.Value("REPEAT"), 0, 1<<20), maxRepeat) {
				all = append(all, ringAt{at: k.At.Add(time.Duration(n+1) * every.Approx())})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b ringAt) int { return a.at.Compare(b.at) })
	return slices.CompactFunc(all, func(a, b ringAt) bool { return a.at.Equal(b.at) })
}

// again lists when reminders ring that were put off: by an alarm of its own (RFC 9074) or by Thunderbird's property.
func (o *object) again(inst instance, visible []alarmPart) []time.Time {
	var all []time.Time
	answered := o.lastAck(inst)
	for _, v := range inst.comp.Components("VALARM") {
		of := snoozed(v)
		if of == nil || v.Line("TRIGGER") == nil {
			continue
		}
		a := Alarm{}
		if m, ok := o.zones.Moment(v.Line("TRIGGER")); ok {
			a.At = m.Time
		} else if !relative(v.Line("TRIGGER"), inst.span, &a) {
			continue
		}
		done := latest(answered, o.moment(v, "ACKNOWLEDGED"))
		for _, k := range visible {
			if alarmUID(k.comp) == of.Value() {
				done = latest(done, k.Acknowledged)
			}
		}
		if a.At.After(done) {
			all = append(all, a.At)
		}
	}
	for _, name := range o.snoozeNames(inst) {
		for _, c := range []*ical.Component{inst.comp, o.master} {
			at := o.moment(c, name)
			if at.After(answered) && slices.ContainsFunc(visible, func(k alarmPart) bool { return at.After(k.At) }) {
				all = append(all, at)
			}
		}
	}
	return all
}

// snoozeNames are the properties in which Thunderbird keeps until when an instance was put off. Those of a series name
// the instance by its microseconds since 1970.
func (o *object) snoozeNames(inst instance) []string {
	if !recurs(o.master) {
		return []string{snoozeTime}
	}
	at := inst.at
	if a, _, _ := o.spanOf(o.master).anchor(); a.AllDay || a.Floating {
		at = civil(at)
	}
	return []string{snoozeTime + "-" + strconv.FormatInt(at.UnixMicro(), 10), snoozeTime}
}

// isAck reports whether a property only says that a reminder was answered or put off.
func isAck(name string) bool {
	return slices.Contains(ackNames, name) || strings.HasPrefix(name, snoozeTime)
}

func alarmUID(v *ical.Component) string {
	if uid := v.Value("UID"); uid != "" {
		return uid
	}
	return v.Value("X-WR-ALARMUID")
}
