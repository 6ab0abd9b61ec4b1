// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"strconv"
	"strings"
	"time"

	"kontor/sync/ical"
)

// appleEpoch is where default sort orders count their seconds from, as Nextcloud and Planify do.
var appleEpoch = time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)

// sortOrder is the property of manual order that Apple, Nextcloud and others share.
const sortOrder = "X-APPLE-SORT-ORDER"

// Parse gives the view of one object's text. Of a recurring task it is the next open instance. Days and moments without
// a zone are those of local. ErrNoTask is returned for a text that holds no VTODO.
func Parse(text string, local *time.Location) (Task, error) {
	o, err := readObject(text, local)
	if err != nil {
		return Task{}, err
	}
	return o.view(), nil
}

func (o *object) view() Task {
	inst := o.current()
	t := o.fields(o.master)
	t.Override = o.lone
	t.RepeatsHere = o.held && t.Recurs
	t.History = inst.history
	if inst.comp != o.master {
		own := o.fields(inst.comp)
		own.UID, own.RRule, own.Recurs, own.FromDone, own.Order, own.RepeatsHere = t.UID, t.RRule, t.Recurs, t.FromDone, t.Order, t.RepeatsHere
		own.ParentUID, own.ChildUIDs, own.Private, own.Broken, own.Override, own.History = t.ParentUID, t.ChildUIDs, t.Private, t.Broken, t.Override, t.History
		if own.Title == "" {
			own.Title = t.Title
		}
		t = own
	}
	t.Start, t.Due = When{}, When{}
	if inst.span.hasStart {
		t.Start = When{inst.span.start.Time, inst.span.start.AllDay}
	}
	if inst.span.hasDue {
		t.Due = When{inst.span.due.Time, inst.span.due.AllDay}
	}
	t.ZoneLost = inst.span.start.Unknown || inst.span.due.Unknown
	if inst.over && !t.Closed() {
		t.Status, t.Completed = Completed, inst.completed
	}
	o.remindersOf(inst, &t)
	return t
}

// fields reads what does not depend on the instance.
func (o *object) fields(c *ical.Component) Task {
	t := Task{
		UID:      c.Text("UID"),
		Title:    c.Text("SUMMARY"),
		Note:     c.Text("DESCRIPTION"),
		Status:   status(c),
		Percent:  percent(c),
		Priority: number(c.Value("PRIORITY"), 0, 9),
		Tags:     tagLines(c),
		RRule:    c.Value("RRULE"),
		URL:      c.Value("URL"),
		Created:  o.moment(c, "CREATED"),
		Modified: o.moment(c, "LAST-MODIFIED"),
	}
	t.Completed = o.moment(c, "COMPLETED")
	t.Recurs = t.RRule != "" || c.Line("RDATE") != nil
	t.FromDone = fromDone(c)
	t.Broken = !c.Closed() || t.UID == ""
	for _, l := range c.Lines("RELATED-TO") {
		switch uid := ical.Text(l.Value()); {
		case uid == "":
		case isChild(l):
			t.ChildUIDs = append(t.ChildUIDs, uid)
		case t.ParentUID == "" && isParent(l):
			t.ParentUID = uid
		}
	}
	class := strings.ToUpper(c.Value("CLASS"))
	t.Private = class == "PRIVATE" || class == "CONFIDENTIAL"
	t.Order = o.order(c, t.Created)
	for _, l := range c.Lines("ATTACH") {
		if v := l.Value(); strings.Contains(v, ":") && !strings.EqualFold(l.Param("VALUE"), "BINARY") {
			t.Links = append(t.Links, v)
		}
	}
	if l := c.Line("ATTENDEE"); l != nil {
		if t.Assignee = l.Param("CN"); t.Assignee == "" {
			t.Assignee = address(l)
		}
	}
	return t
}

// address is the calendar address of an attendee in lower case, without "mailto:".
func address(l *ical.Line) string {
	return strings.TrimPrefix(strings.ToLower(strings.TrimSpace(l.Value())), "mailto:")
}

func (o *object) order(c *ical.Component, created time.Time) int64 {
	if n, err := strconv.ParseInt(strings.TrimSpace(c.Value(sortOrder)), 10, 64); err == nil {
		return n
	}
	if created.IsZero() {
		return 0
	}
	return int64(created.Sub(appleEpoch).Seconds())
}

func (o *object) moment(c *ical.Component, name string) time.Time {
	m, _ := o.zones.Moment(c.Line(name))
	return m.Time
}

func percent(c *ical.Component) int { return number(c.Value("PERCENT-COMPLETE"), 0, 100) }

// number reads a whole number, low where it is none or out of bounds.
func number(s string, low, high int) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < low || n > high {
		return low
	}
	return n
}
