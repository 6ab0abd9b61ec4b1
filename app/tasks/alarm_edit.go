// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"kontor/sync/ical"
)

// ErrAlarmDate is returned for a reminder that counts from a date the task does not have.
var ErrAlarmDate = errors.New("the reminder needs a date to count from")

// Acknowledge gives the text with everything answered that has rung by now, so that no device rings for it again. What
// was put off is answered too. The zone of now is the local one.
func Acknowledge(text string, now time.Time) (string, error) {
	return answer(text, now, func(ed *editor) { ed.acknowledge() })
}

// Snooze gives the text with the reminder put off until then: what has rung is answered, and rings again at that time, on
// every device. It is written so that programs that follow RFC 9074 understand it, and Thunderbird. A task without any
// reminder gets one. What is not a minute away rings in a minute.
func Snooze(text string, until, now time.Time) (string, error) {
	if soon := now.Add(time.Minute); until.Before(soon) {
		until = soon
	}
	return answer(text, now, func(ed *editor) { ed.snooze(until) })
}

func answer(text string, now time.Time, do func(*editor)) (string, error) {
	o, err := readObject(text, now.Location())
	if err != nil {
		return "", err
	}
	ed := editor{object: o, now: now}
	do(&ed)
	if len(ed.touched) == 0 {
		return text, nil
	}
	ed.stamp()
	return o.String(), nil
}

// acknowledge answers what has rung by now.
func (ed *editor) acknowledge() {
	inst := ed.current()
	if ed.hush(inst) || slices.ContainsFunc(ed.rings(inst), func(r ringAt) bool { return !r.at.After(ed.now) }) {
		ed.answered(inst)
	}
}

// hush takes back that an instance was put off; false where it was not.
func (ed *editor) hush(inst instance) bool {
	found := false
	for _, c := range ed.parts(inst) {
		for _, v := range c.Components("VALARM") {
			if isSnooze(v) {
				c.RemoveComponent(v)
				ed.touch(c)
				found = true
			}
		}
		if c.Remove(ed.snoozeNames(inst)...) {
			ed.touch(c)
			found = true
		}
	}
	return found
}

// answered writes into all reminders that have rung that a person saw them.
func (ed *editor) answered(inst instance) {
	now := ical.FormatUTC(ed.now)
	for _, k := range ed.visible(inst) {
		if !k.At.After(ed.now) && k.At.After(k.Acknowledged) {
			k.comp.Set("ACKNOWLEDGED", "", now)
		}
	}
	for _, c := range ed.parts(inst) {
		if c == ed.master || c.Line(lastAck) != nil {
			c.Set(lastAck, "", now)
		}
	}
	ed.touch(inst.comp)
	ed.touch(ed.master)
}

// snooze answers what has rung and lets it ring again.
func (ed *editor) snooze(until time.Time) {
	inst := ed.current()
	var of *alarmPart
	for _, k := range ed.visible(inst) {
		if of == nil || (!k.At.After(ed.now) && k.At.After(of.At)) {
			of = &k
		}
	}
	ed.hush(inst)
	ed.answered(inst)
	at := ical.FormatUTC(until)
	if of == nil {
		ed.addAlarm(inst.comp, ";VALUE=DATE-TIME", at)
		return
	}
	if !of.At.After(ed.now) || of.Acknowledged.After(ed.now) { // a clock elsewhere may be ahead
		of.comp.Set("ACKNOWLEDGED", "", ical.FormatUTC(ed.now))
	}
	uid := alarmUID(of.comp)
	if uid == "" {
		uid = nameOf(ed.master.Value("UID"), of.Key)
		of.comp.Set("UID", "", uid)
	}
	again := ical.New("VALARM")
	again.Set("UID", "", nameOf(uid, "snooze"))
	again.Set("RELATED-TO", ";RELTYPE=SNOOZE", uid)
	again.Set("TRIGGER", ";VALUE=DATE-TIME", at)
	again.Set("ACTION", "", "DISPLAY")
	again.Set("DESCRIPTION", "", ical.Escape(inst.comp.Text("SUMMARY")))
	inst.comp.AddComponent(again)
	ed.master.Set(ed.snoozeNames(inst)[0], "", at)
}

// nameOf makes a UID that is the same on every device: two of them that put the same reminder off do not make two alarms
// of it (RFC 9562, section 5.8).
func nameOf(space, name string) string {
	b := sha256.Sum256([]byte(space + "\x00" + name))
	b[6], b[8] = b[6]&0x0f|0x80, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

// alarms makes the reminders that are shown those of want. Reminders that stay keep every line of theirs, those whose time
// changes all but the trigger.
func (ed *editor) alarms(want []Alarm) error {
	inst := ed.current()
	have := ed.visible(inst)
	used := map[string]bool{}
	var added []Alarm
	for _, w := range want {
		i := slices.IndexFunc(have, func(k alarmPart) bool {
			return !used[k.Key] && (k.Key == w.Key || (w.Key == "" && sameTrigger(k.Alarm, w)))
		})
		params, value, err := triggerOf(w, inst.span)
		switch {
		case i >= 0 && sameTrigger(have[i].Alarm, w):
			used[have[i].Key] = true
		case err != nil:
			return err
		case i >= 0:
			used[have[i].Key] = true
			have[i].comp.Set("TRIGGER", params, value)
			ed.touch(inst.comp)
		case !slices.ContainsFunc(added, func(a Alarm) bool { return sameTrigger(a, w) }):
			added = append(added, w)
			ed.addAlarm(inst.comp, params, value)
		}
	}
	for _, k := range have {
		if !used[k.Key] {
			ed.dropAlarm(inst, k)
		}
	}
	return nil
}

func (ed *editor) addAlarm(c *ical.Component, params, trigger string) {
	v := ical.New("VALARM")
	v.Set("UID", "", nameOf(ed.master.Value("UID"), params+":"+trigger))
	v.Set("TRIGGER", params, trigger)
	v.Set("ACTION", "", "DISPLAY")
	v.Set("DESCRIPTION", "", ical.Escape(c.Text("SUMMARY")))
	c.AddComponent(v)
	ed.touch(c)
}

// dropAlarm removes a reminder, and what stands for it while it is put off. The last one takes along all of that.
func (ed *editor) dropAlarm(inst instance, k alarmPart) {
	inst.comp.RemoveComponent(k.comp)
	for _, v := range inst.comp.Components("VALARM") {
		if of := snoozed(v); of != nil && of.Value() == alarmUID(k.comp) {
			inst.comp.RemoveComponent(v)
		}
	}
	ed.touch(inst.comp)
	if len(ed.visible(inst)) == 0 {
		ed.hush(inst)
	}
}

func sameTrigger(a, b Alarm) bool {
	if a.Absolute || b.Absolute {
		return a.Absolute == b.Absolute && a.At.Equal(b.At)
	}
	return a.Before == b.Before && a.FromStart == b.FromStart
}

// triggerOf writes a trigger (RFC 5545, section 3.8.6.3).
func triggerOf(a Alarm, s span) (params, value string, err error) {
	switch {
	case a.Absolute:
		return ";VALUE=DATE-TIME", ical.FormatUTC(a.At), nil
	case s.hasDue && (!a.FromStart || !s.hasStart):
		return ";RELATED=END", ical.FormatDuration(-a.Before), nil
	case s.hasStart:
		return "", ical.FormatDuration(-a.Before), nil
	}
	return "", "", ErrAlarmDate
}
