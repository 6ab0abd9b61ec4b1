// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"slices"
	"strings"
	"time"

	"kontor/sync/ical"
)

// single joins a property that stands once.
func (m *merger) single(base, mine, theirs *ical.Component, name string, newer bool) {
	takeMine, both := side(base, mine, theirs, name)
	if both {
		field, isText := textFields[name]
		switch {
		case name == "DESCRIPTION" && strings.Contains(theirs.Text(name), mine.Text(name)):
			takeMine = false
		case name == "DESCRIPTION" && strings.Contains(mine.Text(name), theirs.Text(name)):
		case isText && mine.Text(name) == theirs.Text(name):
			takeMine = false
		case isText:
			m.conflict(field)
		case isAck(name), name == "TRIGGER" && isSnooze(mine): // the later answer, and what was put off the longest
			takeMine = mine.Value(name) > theirs.Value(name)
		default:
			takeMine = newer
		}
	}
	if takeMine {
		put(theirs, mine, name)
	}
}

// done joins STATUS, PERCENT-COMPLETE and COMPLETED, which say one thing together: done beats not done, but a task that
// one side opened again is as the newer side says.
func (m *merger) done(base, mine, theirs *ical.Component, newer bool) {
	takeMine, both := side(base, mine, theirs, doneNames...)
	if both {
		myDone, theirDone := isDone(mine), isDone(theirs)
		switch {
		case myDone && theirDone:
			takeMine = false
		case myDone != theirDone && !isDone(base):
			takeMine = myDone
		default:
			takeMine = newer
		}
	}
	if takeMine {
		put(theirs, mine, doneNames...)
	}
}

func isDone(c *ical.Component) bool {
	return c.Line("COMPLETED") != nil || status(c) == Completed || percent(c) == 100
}

// when joins the dates and the rule, which only make sense together.
func (m *merger) when(base, mine, theirs *ical.Component) {
	takeMine, both := side(base, mine, theirs, whenNames...)
	if both && m.sameWhen(mine, theirs) {
		return
	}
	if both {
		mineAt, theirsAt, ok := m.advanced(base, mine, theirs)
		if ok {
			takeMine = mineAt.After(theirsAt)
		} else {
			m.conflict(FieldWhen)
		}
	}
	if takeMine {
		put(theirs, mine, whenNames...)
	}
}

// maxSteps is how many instances the sides of a merge may be apart.
const maxSteps = 500

// advanced reports whether both sides did nothing but complete instances of the same series, and up to where: the one that
// went further has completed what the other one did as well, perhaps all of it.
func (m *merger) advanced(base, mine, theirs *ical.Component) (mineAt, theirsAt time.Time, ok bool) {
	o := object{zones: m.zones, master: base}
	from := o.spanOf(base)
	a, _, ok := from.anchor()
	if !ok || base.Line("RRULE") == nil || closed(base) || status(mine) == Canceled || status(theirs) == Canceled {
		return mineAt, theirsAt, false
	}
	next, err := o.occurrences(from)
	if err != nil {
		return mineAt, theirsAt, false
	}
	sides := map[*ical.Component]*time.Time{mine: &mineAt, theirs: &theirsAt}
	for c, at := range sides {
		s := o.spanOf(c)
		to, _, ok := s.anchor()
		if !ok || to.AllDay != a.AllDay || !to.Time.After(a.Time) || withoutCount(c.Value("RRULE")) != withoutCount(base.Value("RRULE")) ||
			!sameSpan(s, from.moved(to.Time)) {
			return mineAt, theirsAt, false
		}
		*at = to.Time
	}
	found := 0
	for range maxSteps {
		at, more := next()
		if !more || found == 2 {
			break
		}
		for _, side := range sides {
			if side.Equal(at) {
				found++
			}
		}
	}
	ahead := isDone(mine) && theirsAt.After(mineAt) || isDone(theirs) && mineAt.After(theirsAt) // of what the other one ended
	return mineAt, theirsAt, found == 2 && !ahead
}

func closed(c *ical.Component) bool { return isDone(c) || status(c) == Canceled }

func withoutCount(rule string) string {
	return strings.Join(slices.DeleteFunc(strings.Split(strings.ToUpper(rule), ";"), func(p string) bool {
		return strings.HasPrefix(strings.TrimSpace(p), "COUNT=")
	}), ";")
}

// sameWhen reports whether two components mean the same moments though they write them differently.
func (m *merger) sameWhen(a, b *ical.Component) bool {
	if a.Value("RRULE") != b.Value("RRULE") {
		return false
	}
	o := object{zones: m.zones}
	x, y := o.spanOf(a), o.spanOf(b)
	return sameSpan(x, y)
}

func sameSpan(x, y span) bool {
	return x.hasStart == y.hasStart && x.hasDue == y.hasDue && sameMoment(x.start, y.start) && sameMoment(x.due, y.due)
}

func sameMoment(a, b ical.Moment) bool { return a.AllDay == b.AllDay && a.Time.Equal(b.Time) }

// mergeList joins properties whose values are sets: what either side added is kept, what either removed is gone.
func mergeList(base, mine, theirs *ical.Component, name string) {
	if takeMine, _ := side(base, mine, theirs, name); !takeMine {
		return
	}
	b, my, t := values(base, name), values(mine, name), values(theirs, name)
	var gone []string
	for _, v := range b {
		if !slices.Contains(my, v) && slices.Contains(t, v) {
			gone = append(gone, v)
		}
	}
	if len(gone) > 0 {
		editList(theirs, name, gone, nil)
	}
	for _, l := range mine.Lines(name) {
		var added []string
		for _, v := range ical.List(l.Value()) {
			if v = strings.TrimSpace(v); v != "" && !slices.Contains(b, v) && !slices.Contains(t, v) {
				added = append(added, v)
				t = append(t, v)
			}
		}
		if len(added) > 0 {
			addValues(theirs, name, l.RawParams(), added)
		}
	}
}

func values(c *ical.Component, name string) []string {
	var all []string
	for _, l := range c.Lines(name) {
		for _, v := range ical.List(l.Value()) {
			if v = strings.TrimSpace(v); v != "" {
				all = append(all, v)
			}
		}
	}
	return all
}

// addValues adds values to a line that has the same parameters, else in a line of their own.
func addValues(c *ical.Component, name, params string, added []string) {
	for _, l := range c.Lines(name) {
		if l.RawParams() == params && l.Value() != "" {
			c.Replace(l, ical.NewLine(name, params, l.Value()+","+joinList(added)))
			return
		}
	}
	c.Add(ical.NewLine(name, params, joinList(added)))
}

// mergeLines joins properties of which each line is an element of a set.
func mergeLines(base, mine, theirs *ical.Component, name string, newer bool) {
	if takeMine, _ := side(base, mine, theirs, name); !takeMine {
		return
	}
	b, my, t := elements(base, name), elements(mine, name), elements(theirs, name)
	for _, l := range theirs.Lines(name) {
		key := elementKey(l)
		if b[key] != nil && my[key] == nil {
			theirs.RemoveFunc(func(x *ical.Line) bool { return x == l })
		}
	}
	for _, l := range mine.Lines(name) {
		key := elementKey(l)
		in, there := b[key], t[key]
		switch {
		case my[key] != l: // a second one with the same key
		case in == nil && there == nil:
			added := *l
			theirs.Add(&added)
		case there == nil || there.Canonical() == l.Canonical():
		case in != nil && in.Canonical() == l.Canonical():
		case newer || (in != nil && in.Canonical() == there.Canonical()):
			changed := *l
			theirs.Replace(there, &changed)
		}
	}
}

func elements(c *ical.Component, name string) map[string]*ical.Line {
	all := map[string]*ical.Line{}
	for _, l := range c.Lines(name) {
		if key := elementKey(l); all[key] == nil {
			all[key] = l
		}
	}
	return all
}

// elementKey is what makes two lines the same element.
func elementKey(l *ical.Line) string {
	switch l.Name {
	case "ATTENDEE":
		return address(l)
	case "RELATED-TO":
		if isParent(l) {
			return "PARENT\x00" + l.Value()
		}
		return strings.ToUpper(l.Param("RELTYPE")) + "\x00" + l.Value()
	}
	return l.Value()
}
