// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"kontor/sync/ical"
)

// prodID names the program that wrote an object (RFC 5545, section 3.7.3).
const prodID = "-//Kontor//Kontor//DE"

// NewText writes a new object with one task. The zone of now is the local one.
func NewText(uid string, e Edit, now time.Time) (string, error) {
	cal, todo := ical.New("VCALENDAR"), ical.New("VTODO")
	cal.Set("VERSION", "", "2.0")
	cal.Set("PRODID", "", prodID)
	cal.AddComponent(todo)
	todo.Set("UID", "", ical.Escape(uid))
	todo.Set("DTSTAMP", "", ical.FormatUTC(now))
	todo.Set("CREATED", "", ical.FormatUTC(now))
	todo.Set("LAST-MODIFIED", "", ical.FormatUTC(now))
	if e.Title == nil {
		todo.Set("SUMMARY", "", "")
	}
	todo.Set("STATUS", "", string(NeedsAction))
	return edit(cal.String(), e, now, false)
}

// Apply gives the text with an edit in it. Lines that the edit is not about stay as they are; where nothing changes, so
// does the whole text, stamps included. An edit of the dates of a series that keeps overrides is about the instance that
// is shown. The zone of now is the local one.
func Apply(text string, e Edit, now time.Time) (string, error) { return edit(text, e, now, true) }

func edit(text string, e Edit, now time.Time, stamps bool) (string, error) {
	o, err := readObject(text, now.Location())
	if err != nil {
		return "", err
	}
	ed, before := editor{object: o, now: now}, text
	if o.held {
		before = o.root.String()
	}
	if err := ed.apply(e); err != nil {
		return "", err
	}
	if o.root.String() == before {
		return text, nil
	}
	if stamps {
		ed.stamp()
	}
	return o.String(), nil
}

// editor changes an object and remembers what must be stamped.
type editor struct {
	*object
	now     time.Time
	touched []*ical.Component
	planned bool // something that matters to others who plan with it: dates, rule, cancellation
}

func (ed *editor) touch(c *ical.Component) {
	if !slices.Contains(ed.touched, c) {
		ed.touched = append(ed.touched, c)
	}
}

// stamp writes when the changed components were changed (RFC 5545, sections 3.8.7.2 to 3.8.7.4).
func (ed *editor) stamp() {
	for _, c := range ed.touched {
		c.Set("DTSTAMP", "", ical.FormatUTC(ed.now))
		c.Set("LAST-MODIFIED", "", ical.FormatUTC(ed.now))
		if ed.planned {
			c.Set("SEQUENCE", "", strconv.Itoa(number(c.Value("SEQUENCE"), 0, 1<<30)+1))
		}
	}
}

// set writes a line unless it already has that value; an empty value removes it.
func (ed *editor) set(c *ical.Component, name, value string) {
	if value == "" {
		if c.Remove(name) {
			ed.touch(c)
		}
		return
	}
	if c.Line(name) == nil || c.Value(name) != value {
		c.SetValue(name, value)
		ed.touch(c)
	}
}

// text writes a TEXT property unless it already means that text.
func (ed *editor) text(c *ical.Component, name, value string) {
	if c.Text(name) == value {
		return
	}
	if value == "" {
		ed.set(c, name, "")
		return
	}
	ed.set(c, name, ical.Escape(value))
}

func (ed *editor) apply(e Edit) error {
	inst := ed.current()
	// An override that is shown carries its own copy of every field.
	for _, c := range ed.parts(inst) {
		if e.Title != nil {
			ed.text(c, "SUMMARY", strings.TrimSpace(*e.Title))
		}
		if e.Note != nil {
			ed.text(c, "DESCRIPTION", *e.Note)
		}
		if e.URL != nil {
			ed.set(c, "URL", *e.URL)
		}
		if e.Priority != nil {
			ed.priority(c, *e.Priority)
		}
		if e.Tags != nil {
			if err := ed.tags(c, *e.Tags); err != nil {
				return err
			}
		}
	}
	if e.Parent != nil {
		ed.parent(*e.Parent)
	}
	if e.Order != nil {
		ed.set(ed.master, sortOrder, strconv.FormatInt(*e.Order, 10))
	}
	if err := ed.when(e, inst); err != nil {
		return err
	}
	if e.Remind != nil {
		ed.remind(ed.shown(), *e.Remind)
	}
	if e.Alarms != nil {
		if err := ed.alarms(*e.Alarms); err != nil {
			return err
		}
	}
	if e.Percent != nil {
		ed.percent(ed.shown(), *e.Percent)
	}
	return nil
}

// parts are the components an edit of plain fields goes to.
func (ed *editor) parts(inst instance) []*ical.Component {
	if inst.comp != ed.master {
		return []*ical.Component{ed.master, inst.comp}
	}
	return []*ical.Component{ed.master}
}

func (ed *editor) shown() *ical.Component { return ed.current().comp }

// Class is the priority as people know it.
type Class int

// The classes of RFC 5545, section 3.8.1.9.
const (
	PriorityNone Class = iota
	PriorityHigh
	PriorityMedium
	PriorityLow
)

// ClassOf gives the class of a priority from 0 to 9.
func ClassOf(priority int) Class {
	switch {
	case priority >= 1 && priority <= 4:
		return PriorityHigh
	case priority == 5:
		return PriorityMedium
	case priority >= 6 && priority <= 9:
		return PriorityLow
	}
	return PriorityNone
}

// priority keeps the number that stands there as long as its class is the same.
func (ed *editor) priority(c *ical.Component, n int) {
	n = min(9, max(0, n))
	if ClassOf(number(c.Value("PRIORITY"), 0, 9)) == ClassOf(n) {
		return
	}
	if n == 0 {
		ed.set(c, "PRIORITY", "")
		return
	}
	ed.set(c, "PRIORITY", strconv.Itoa(n))
}

// tags removes and adds single tags, so that lines of tags that stay are not rewritten.
func (ed *editor) tags(c *ical.Component, want []string) error {
	have := tagLines(c)
	var gone, added []string
	for _, tag := range have {
		if !slices.Contains(want, tag) {
			gone = append(gone, tag)
		}
	}
	for _, tag := range want {
		if tag = strings.TrimSpace(tag); tag == "" || slices.Contains(have, tag) || slices.Contains(added, tag) {
			continue
		}
		if strings.Contains(tag, ",") {
			return ErrTagComma
		}
		added = append(added, tag)
	}
	if len(gone)+len(added) > 0 {
		editList(c, "CATEGORIES", gone, added)
		ed.touch(c)
	}
	return nil
}

// editList takes values out of all lines of a name and adds others to the first of them.
func editList(c *ical.Component, name string, gone, added []string) {
	for _, l := range c.Lines(name) {
		values := ical.List(l.Value())
		kept := slices.DeleteFunc(slices.Clone(values), func(v string) bool { return slices.Contains(gone, strings.TrimSpace(v)) })
		switch {
		case len(kept) == 0:
			c.RemoveFunc(func(x *ical.Line) bool { return x == l })
		case len(kept) < len(values):
			c.Replace(l, ical.NewLine(name, l.RawParams(), joinList(kept)))
		}
	}
	if len(added) == 0 {
		return
	}
	if l := c.Line(name); l != nil && l.Value() != "" {
		c.Replace(l, ical.NewLine(name, l.RawParams(), l.Value()+","+joinList(added)))
		return
	}
	c.Set(name, "", joinList(added))
}

func joinList(values []string) string {
	escaped := make([]string, len(values))
	for i, v := range values {
		escaped[i] = ical.Escape(v)
	}
	return strings.Join(escaped, ",")
}

// parent changes the first edge that names a parent; all other relations are kept.
func (ed *editor) parent(uid string) {
	old := parentLine(ed.master)
	switch {
	case old == nil && uid == "", old != nil && ical.Text(old.Value()) == uid:
		return
	case old == nil:
		ed.master.Add(ical.NewLine("RELATED-TO", "", ical.Escape(uid)))
	case uid == "":
		ed.master.RemoveFunc(func(l *ical.Line) bool { return l == old })
	default:
		ed.master.Replace(old, ical.NewLine("RELATED-TO", old.RawParams(), ical.Escape(uid)))
	}
	ed.touch(ed.master)
}

// Disown gives the text of a task that does not name another one as its subtask any more.
func Disown(text, uid string, now time.Time) (string, error) {
	o, err := readObject(text, now.Location())
	if err != nil {
		return "", err
	}
	ed := editor{object: o, now: now}
	if !o.master.RemoveFunc(func(l *ical.Line) bool { return l.Name == "RELATED-TO" && isChild(l) && ical.Text(l.Value()) == uid }) {
		return text, nil
	}
	ed.touch(o.master)
	ed.stamp()
	return o.String(), nil
}

// remind sets the first relative reminder, or adds one; a negative duration takes all of them out.
func (ed *editor) remind(c *ical.Component, before time.Duration) {
	var first *ical.Component
	for _, v := range c.Components("VALARM") {
		if _, ok := ical.ParseDuration(v.Value("TRIGGER")); !ok || isSnooze(v) || isSilent(v) {
			continue
		}
		if before < 0 {
			c.RemoveComponent(v)
			ed.touch(c)
		} else if first == nil {
			first = v
		}
	}
	if before < 0 {
		return
	}
	params := ""
	if s := ed.spanOf(c); s.hasDue {
		params = ";RELATED=END"
	}
	if first == nil {
		first = ical.New("VALARM")
		first.Set("ACTION", "", "DISPLAY")
		first.Set("DESCRIPTION", "", ical.Escape(c.Text("SUMMARY")))
		c.AddComponent(first)
	}
	old := first.Line("TRIGGER")
	first.Set("TRIGGER", params, ical.FormatDuration(-before))
	if old == nil || old != first.Line("TRIGGER") {
		ed.touch(c)
	}
}

// percent follows the habit of other programs: 0 is open, 100 done, anything between in process.
func (ed *editor) percent(c *ical.Component, n int) {
	n = min(100, max(0, n))
	if n == percent(c) {
		return
	}
	switch n {
	case 100:
		ed.finish()
	case 0:
		ed.reopen(c)
	default:
		ed.set(c, "STATUS", string(InProcess))
		ed.set(c, "COMPLETED", "")
		ed.set(c, "PERCENT-COMPLETE", strconv.Itoa(n))
	}
}

func (ed *editor) complete(c *ical.Component) {
	ed.set(c, "STATUS", string(Completed))
	c.Set("COMPLETED", "", ical.FormatUTC(ed.now))
	ed.set(c, "PERCENT-COMPLETE", "100")
	ed.touch(c)
}

func (ed *editor) cancel(c *ical.Component) {
	ed.set(c, "STATUS", string(Canceled))
	ed.planned = true
	ed.touch(c)
}

func (ed *editor) reopen(c *ical.Component) {
	ed.set(c, "STATUS", string(NeedsAction))
	ed.set(c, "COMPLETED", "")
	ed.set(c, "PERCENT-COMPLETE", "")
}
