// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"kontor/sync/ical"
)

// Field names what both sides changed in different ways, for a person to look at.
type Field string

// The fields that are shown as conflicts.
const (
	FieldTitle    Field = "title"
	FieldNote     Field = "note"
	FieldLocation Field = "location"
	FieldURL      Field = "url"
	FieldWhen     Field = "when"
)

// Merge joins two versions of an object that both come from base: it starts from the octets of theirs and puts in what
// mine changed. Of fields that both changed, those that only one answer can be right for keep mine and are returned as
// conflicts; the rest is settled by rule. base is empty where there is none.
func Merge(base, mine, theirs string) (merged string, conflicts []Field) {
	if mine == base || mine == theirs {
		return theirs, nil
	}
	if theirs == base {
		return mine, nil
	}
	if Held(mine) || Held(theirs) {
		return mergeHeld(base, mine, theirs)
	}
	m := merger{}
	t := ical.Parse(theirs)
	if t.Component("VCALENDAR") == nil {
		return mine, nil // what is there now is not a calendar object at all
	}
	my := ical.Parse(mine)
	m.zones = ical.NewZones(my, time.UTC)
	m.children(ical.Parse(base), my, t)
	t.Close()
	return t.String(), m.conflicts
}

// Unite joins two versions of an object of which nobody knows what they have in common. Nothing counts as removed; where
// they say different things, the newer one is kept and the other one is given as told.
func Unite(a, b string) (united string, conflicts []Field, told string) {
	if newest(a) < newest(b) {
		a, b = b, a
	}
	united, conflicts = Merge("", a, b)
	return united, conflicts, b
}

// newest is the last stamp of all components.
func newest(text string) (stamp string) {
	for _, c := range todos(ical.Parse(text)) {
		stamp = max(stamp, stampOf(c))
	}
	return stamp
}

// SameContent reports whether two versions differ in nothing but stamps, acknowledged reminders and sort order, which
// are not worth keeping a task for that somebody deleted.
func SameContent(a, b string) bool {
	return a == b || content(ical.Parse(Release(a))) == content(ical.Parse(Release(b)))
}

func content(c *ical.Component) string { return signature(c, trivialNames) }

// SameButStamps reports whether two versions differ in nothing but the stamps that every change leaves, and in the order
// of their lines.
func SameButStamps(a, b string) bool {
	return a == b || signature(ical.Parse(Release(a)), stampNames) == signature(ical.Parse(Release(b)), stampNames)
}

// signature is equal for components that mean the same, whatever order their lines stand in; the names in without do
// not count.
func signature(c *ical.Component, without []string) string {
	var all []string
	trivial := slices.Contains(without, lastAck)
	for _, l := range c.Lines("") {
		switch {
		case l.Name == "" || slices.Contains(without, l.Name) || (trivial && isAck(l.Name)):
		case slices.Contains(listNames, l.Name): // servers write several values in one line or in many
			for _, v := range ical.List(l.Value()) {
				all = append(all, ical.NewLine(l.Name, l.RawParams(), ical.Escape(strings.TrimSpace(v))).Canonical())
			}
		default:
			all = append(all, l.Canonical())
		}
	}
	for _, sub := range c.Components("") {
		if !trivial || !isSnooze(sub) {
			all = append(all, sub.Name+"\x01"+signature(sub, without)+"\x02")
		}
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// How properties are joined. Names that stand nowhere here are taken from the newer side.
var (
	stampNames = []string{
		"LAST-MODIFIED", "DTSTAMP", "SEQUENCE", "CREATED", "X-MOZ-GENERATION", "PRODID", "VERSION", "CALSCALE", "METHOD", "UID", "RECURRENCE-ID",
	}
	ackNames = []string{"ACKNOWLEDGED", lastAck, snoozeTime}
	// What alone does not make a version worth keeping.
	trivialNames = slices.Concat(stampNames, ackNames, []string{sortOrder})

	doneNames = []string{"STATUS", "PERCENT-COMPLETE", "COMPLETED"}
	whenNames = []string{"DTSTART", "DUE", "DURATION", "RRULE"}
	listNames = []string{"CATEGORIES", "RESOURCES", "EXDATE", "RDATE"}
	lineNames = []string{"RELATED-TO", "ATTACH", "ATTENDEE", "COMMENT", "CONFERENCE", "LINK"}
)

var textFields = map[string]Field{
	"SUMMARY": FieldTitle, "DESCRIPTION": FieldNote, "LOCATION": FieldLocation, "URL": FieldURL,
}

type merger struct {
	zones     *ical.Zones
	conflicts []Field
}

func (m *merger) conflict(f Field) {
	if !slices.Contains(m.conflicts, f) {
		m.conflicts = append(m.conflicts, f)
	}
}

// children joins the components inside of three versions of one component. Any of base's may be missing.
func (m *merger) children(base, mine, theirs *ical.Component) {
	plain := plainAlarms(base, mine, theirs)
	b, my, t := m.keyed(base, plain), m.keyed(mine, plain), m.keyed(theirs, plain)
	for _, key := range my.order {
		in, there := b.byKey[key], t.byKey[key]
		switch {
		case there != nil:
			m.component(in, my.byKey[key], there)
		case in == nil || content(in) != content(my.byKey[key]):
			theirs.AddComponent(my.byKey[key].Copy()) // a change beats a deletion
		}
	}
	for _, key := range t.order {
		if in := b.byKey[key]; in != nil && my.byKey[key] == nil && content(in) == content(t.byKey[key]) {
			theirs.RemoveComponent(t.byKey[key])
		}
	}
}

type keyedComponents struct {
	byKey map[string]*ical.Component
	order []string
}

// keyed names each sub-component so that the same one is found in every version.
func (m *merger) keyed(c *ical.Component, plain map[string]bool) keyedComponents {
	k := keyedComponents{byKey: map[string]*ical.Component{}}
	if c == nil {
		return k
	}
	for _, sub := range c.Components("") {
		key := sub.Name
		switch sub.Name {
		case "VTODO", "VEVENT", "VJOURNAL":
			key += "\x00" + sub.Value("UID") + "\x00" + m.instanceKey(sub)
		case "VALARM":
			key += "\x00" + alarmKey(sub, plain)
		case "VTIMEZONE":
			key += "\x00" + sub.Value("TZID")
		}
		for n, plain := 2, key; k.byKey[key] != nil; n++ {
			key = plain + "\x00" + strconv.Itoa(n)
		}
		k.byKey[key] = sub
		k.order = append(k.order, key)
	}
	return k
}

func (m *merger) instanceKey(c *ical.Component) string {
	l := c.Line("RECURRENCE-ID")
	if l == nil {
		return ""
	}
	at, ok := m.zones.Moment(l)
	switch {
	case !ok:
		return l.Value()
	case at.AllDay:
		return ical.FormatDate(at.Time)
	}
	return ical.FormatUTC(at.Time)
}

func alarmKey(c *ical.Component, plain map[string]bool) string {
	rings := ringsKey(c)
	if uid := alarmUID(c); uid != "" && !plain[rings] {
		return uid
	}
	return rings
}

func ringsKey(c *ical.Component) string {
	trigger := ""
	if l := c.Line("TRIGGER"); l != nil {
		trigger = l.Canonical()
	}
	return trigger + "\x00" + c.Value("ACTION")
}

// plainAlarms are the reminders that have no name in one of the versions, by when they ring: the one that puts a reminder
// off gives it a UID, and it is still the one that others answer without.
func plainAlarms(versions ...*ical.Component) map[string]bool {
	plain := map[string]bool{}
	for _, c := range versions {
		if c == nil {
			continue
		}
		for _, a := range c.Components("VALARM") {
			if alarmUID(a) == "" {
				plain[ringsKey(a)] = true
			}
		}
	}
	return plain
}

// component joins the lines of one component, then what is inside of it.
func (m *merger) component(base, mine, theirs *ical.Component) {
	if base == nil {
		base = &ical.Component{}
	}
	newer := stampOf(mine) >= stampOf(theirs)
	m.when(base, mine, theirs) // before theirs is done as well
	m.done(base, mine, theirs, newer)
	for _, name := range names(mine, theirs, base) {
		switch {
		case slices.Contains(stampNames, name), slices.Contains(doneNames, name), slices.Contains(whenNames, name):
		case slices.Contains(listNames, name):
			mergeList(base, mine, theirs, name)
		case slices.Contains(lineNames, name):
			mergeLines(base, mine, theirs, name, newer)
		default:
			m.single(base, mine, theirs, name, newer)
		}
	}
	for _, name := range []string{"LAST-MODIFIED", "DTSTAMP"} {
		if mine.Value(name) > theirs.Value(name) {
			put(theirs, mine, name)
		}
	}
	if number(mine.Value("SEQUENCE"), 0, 1<<30) > number(theirs.Value("SEQUENCE"), 0, 1<<30) {
		put(theirs, mine, "SEQUENCE")
	}
	if theirs.Line("UID") == nil { // of a reminder that only one side gave a name
		put(theirs, mine, "UID")
	}
	m.children(base, mine, theirs)
}

// names lists the property names of some components, each once.
func names(all ...*ical.Component) []string {
	var list []string
	seen := map[string]bool{"": true}
	for _, c := range all {
		for _, l := range c.Lines("") {
			if !seen[l.Name] {
				seen[l.Name] = true
				list = append(list, l.Name)
			}
		}
	}
	return list
}

func stampOf(c *ical.Component) string {
	if v := c.Value("LAST-MODIFIED"); v != "" {
		return v
	}
	return c.Value("DTSTAMP")
}

// canonical is equal where the lines of the names mean the same.
func canonical(c *ical.Component, names ...string) string {
	var all []string
	for _, n := range names {
		for _, l := range c.Lines(n) {
			all = append(all, l.Canonical())
		}
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// side says which version of a unit is taken where only one changed; both reports that a rule must decide.
func side(base, mine, theirs *ical.Component, names ...string) (takeMine, both bool) {
	b, my, t := canonical(base, names...), canonical(mine, names...), canonical(theirs, names...)
	if my == b || my == t {
		return false, false
	}
	return true, t != b
}

// put replaces the lines of a name in theirs by those of mine, octet for octet.
func put(theirs, mine *ical.Component, names ...string) {
	for _, name := range names {
		old, fresh := theirs.Lines(name), mine.Lines(name)
		if len(old) == 1 && len(fresh) == 1 {
			l := *fresh[0]
			theirs.Replace(old[0], &l)
			continue
		}
		theirs.Remove(name)
		for _, f := range fresh {
			l := *f
			theirs.Add(&l)
		}
	}
}
