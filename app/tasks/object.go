// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"errors"
	"slices"
	"strings"
	"time"

	"kontor/sync/ical"
)

// Sentinels of what cannot be read or written.
var (
	ErrNoTask   = errors.New("the object holds no task")
	ErrTagComma = errors.New("a tag must not contain a comma")
	ErrRule     = errors.New("the recurrence rule cannot be used")
	ErrNoDate   = errors.New("a recurring task needs a date")
	ErrReadOnly = errors.New("the task cannot be changed")
	ErrDate     = errors.New("the date cannot be read")
	ErrBackward = errors.New("the task is due before it starts")
	ErrNoTitle  = errors.New("a task needs a title")
)

// object is the text of one calendar object (RFC 4791, section 4.1) taken apart.
type object struct {
	root      *ical.Component
	cal       *ical.Component // the VCALENDAR, or the root of a text without one
	zones     *ical.Zones
	master    *ical.Component // the VTODO without RECURRENCE-ID; without one, the first there is
	overrides []override
	lone      bool // there are only overrides
	held      bool // its text keeps the series in properties of our own
}

// override is one changed or closed instance (RFC 5545, section 3.8.4.4).
type override struct {
	comp *ical.Component
	at   ical.Moment // its RECURRENCE-ID
}

func readObject(text string, local *time.Location) (*object, error) {
	o := &object{root: ical.Parse(text)}
	o.cal = o.root
	if cal := o.root.Component("VCALENDAR"); cal != nil {
		o.cal = cal
	}
	o.zones = ical.NewZones(o.root, local)
	if mayHold(text) {
		o.releaseAll()
	}
	for _, c := range o.cal.Components("VTODO") {
		rid := c.Line("RECURRENCE-ID")
		if rid == nil {
			if o.master == nil {
				o.master = c
			}
			continue
		}
		if at, ok := o.zones.Moment(rid); ok {
			o.overrides = append(o.overrides, override{c, at})
		}
	}
	if o.master != nil {
		return o, nil
	}
	if len(o.overrides) == 0 {
		return nil, ErrNoTask
	}
	o.master, o.lone = o.overrides[0].comp, true
	return o, nil
}

// String writes the object; what the text lacks at its end is added.
func (o *object) String() string {
	o.holdAll()
	o.root.Close()
	return o.root.String()
}

// UID reads only the UID of the task in text, empty where there is none.
func UID(text string) string {
	o, err := readObject(text, time.UTC)
	if err != nil {
		return ""
	}
	return o.master.Text("UID")
}

// span is when something happens, as its component says it.
type span struct {
	start, due ical.Moment
	hasStart   bool
	hasDue     bool
}

// spanOf reads DTSTART, DUE and DURATION (RFC 5545, sections 3.8.2.3 to 3.8.2.5).
func (o *object) spanOf(c *ical.Component) span {
	var s span
	s.start, s.hasStart = o.zones.Moment(c.Line("DTSTART"))
	s.due, s.hasDue = o.zones.Moment(c.Line("DUE"))
	if s.hasDue || !s.hasStart {
		return s
	}
	if d, ok := ical.ParseDuration(c.Value("DURATION")); ok {
		s.due, s.hasDue = s.start, true
		s.due.Time = d.AddTo(s.start.Time)
	}
	return s
}

// anchor is the moment that the rule starts from: DTSTART, else DUE. The name is that of its line.
func (s span) anchor() (m ical.Moment, name string, ok bool) {
	if s.hasStart {
		return s.start, "DTSTART", true
	}
	return s.due, "DUE", s.hasDue
}

// moved is the span whose anchor lies at the given moment: the distance on the clock stays.
func (s span) moved(to time.Time) span {
	a, _, ok := s.anchor()
	if !ok {
		return s
	}
	loc, by := a.Time.Location(), civil(to.In(a.Time.Location())).Sub(civil(a.Time))
	shift := func(m *ical.Moment) {
		home := m.Time.Location()
		t := civil(m.Time.In(loc)).Add(by)
		m.Time = time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, loc).In(home)
	}
	if s.hasStart {
		shift(&s.start)
	}
	if s.hasDue {
		shift(&s.due)
	}
	return s
}

// civil is the same reading of the clock in UTC, so that differences do not feel daylight saving.
func civil(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

// doneAt reports whether a component counts as closed, and since when as far as it says.
func (o *object) doneAt(c *ical.Component) (at time.Time, closed bool) {
	if m, ok := o.zones.Moment(c.Line("COMPLETED")); ok {
		return m.Time, true
	}
	switch status(c) {
	case Completed, Canceled:
		return time.Time{}, true
	case NeedsAction, InProcess:
	}
	return time.Time{}, percent(c) == 100
}

func status(c *ical.Component) Status {
	switch s := Status(strings.ToUpper(strings.TrimSpace(c.Value("STATUS")))); s {
	case InProcess, Completed, Canceled:
		return s
	default:
		return NeedsAction
	}
}

// tagLines reads the tags of all CATEGORIES lines, each once.
func tagLines(c *ical.Component) []string {
	var tags []string
	for _, l := range c.Lines("CATEGORIES") {
		for _, tag := range ical.List(l.Value()) {
			if tag = strings.TrimSpace(tag); tag != "" && !slices.Contains(tags, tag) {
				tags = append(tags, tag)
			}
		}
	}
	return tags
}

// parentLine is the first RELATED-TO that names a parent (RFC 5545, section 3.8.4.5), nil where there is none.
func parentLine(c *ical.Component) *ical.Line {
	for _, l := range c.Lines("RELATED-TO") {
		if isParent(l) && l.Value() != "" {
			return l
		}
	}
	return nil
}

// isChild reports whether a relation names a subtask: the same edge as a parent's, told by its other end.
func isChild(l *ical.Line) bool { return strings.EqualFold(l.Param("RELTYPE"), "CHILD") }

func isParent(l *ical.Line) bool {
	reltype := strings.ToUpper(l.Param("RELTYPE"))
	return reltype == "" || reltype == "PARENT"
}
