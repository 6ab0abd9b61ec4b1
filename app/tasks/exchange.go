// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"kontor/sync/ical"
)

// calendarNames are the properties of a calendar that go with each of its objects; the others are about a whole file.
// METHOD above all is not for stores (RFC 4791, section 4.1).
var calendarNames = []string{"VERSION", "PRODID", "CALSCALE"}

// Object is one calendar object of a file: a task with its changed instances and the time zones that they name.
type Object struct {
	UID  string
	Text string
}

// Split takes the tasks out of a file of one or several calendars. Lines and time zones stay octet for octet; what a
// server would refuse to store without is added: VERSION, and a UID that newUID makes.
func Split(text string, newUID func() string, now time.Time) []Object {
	var all []Object
	for _, cal := range ical.Parse(text).Components("VCALENDAR") {
		zones := cal.Components("VTIMEZONE")
		head := cal.Copy() // once: a file may hold thousands
		head.Items = slices.DeleteFunc(head.Items, func(it ical.Item) bool {
			return it.Comp != nil || !slices.Contains(calendarNames, it.Line.Name)
		})
		var order []string
		byUID := map[string][]*ical.Component{}
		for _, c := range cal.Components("VTODO") {
			uid := c.Text("UID")
			if uid == "" {
				uid = newUID()
				c.Set("UID", "", ical.Escape(uid))
			}
			if c.Line("DTSTAMP") == nil {
				c.Set("DTSTAMP", "", ical.FormatUTC(now))
			}
			if byUID[uid] == nil {
				order = append(order, uid)
			}
			byUID[uid] = append(byUID[uid], c)
		}
		for _, uid := range order {
			all = append(all, Object{UID: uid, Text: objectOf(head.Copy(), zones, byUID[uid])})
		}
	}
	return all
}

// objectOf makes an object of some components of a calendar: they and the zones that they name go into it.
func objectOf(object *ical.Component, zones, todos []*ical.Component) string {
	named := map[string]bool{}
	for _, c := range todos {
		zonesNamed(c, named)
	}
	if object.Line("VERSION") == nil {
		object.Set("VERSION", "", "2.0")
	}
	if object.Line("PRODID") == nil {
		object.Set("PRODID", "", prodID)
	}
	for _, tz := range zones {
		if named[tz.Value("TZID")] {
			object.AddComponent(tz.Copy())
		}
	}
	for _, c := range todos {
		object.AddComponent(c)
	}
	object.Close()
	return object.String()
}

// zonesNamed collects the zones that the lines of a component name, as they are written in a definition.
func zonesNamed(c *ical.Component, into map[string]bool) {
	for _, l := range c.Lines("") {
		if id := l.Param("TZID"); id != "" {
			into[id], into[ical.Escape(id)] = true, true
		}
	}
	for _, sub := range c.Components("") {
		zonesNamed(sub, into)
	}
}

// Join writes objects as one file: one calendar, with each zone once. An object that defines a zone of the same name
// differently gets a calendar of its own.
func Join(texts []string) string {
	type calendar struct {
		*ical.Component
		zones map[string]string
	}
	var calendars []calendar
	for _, text := range texts {
		object := ical.Parse(Release(text)).Component("VCALENDAR")
		if object == nil {
			continue
		}
		object.Close()
		i := slices.IndexFunc(calendars, func(c calendar) bool {
			return !slices.ContainsFunc(object.Components("VTIMEZONE"), func(tz *ical.Component) bool {
				have, ok := c.zones[tz.Value("TZID")]
				return ok && have != tz.String()
			})
		})
		if i < 0 {
			cal := ical.New("VCALENDAR")
			cal.Set("VERSION", "", "2.0")
			cal.Set("PRODID", "", prodID)
			calendars = append(calendars, calendar{cal, map[string]string{}})
			i = len(calendars) - 1
		}
		for _, c := range object.Components("") {
			if id := c.Value("TZID"); c.Name == "VTIMEZONE" {
				if _, ok := calendars[i].zones[id]; ok {
					continue
				}
				calendars[i].zones[id] = c.String()
			}
			calendars[i].AddComponent(c)
		}
	}
	var b strings.Builder
	for _, c := range calendars {
		b.WriteString(c.String())
	}
	return b.String()
}

// Renamed gives the text with its relations to other tasks changed: uids maps old UIDs to new ones.
func Renamed(text string, uids map[string]string, now time.Time) (string, error) {
	o, err := readObject(text, now.Location())
	if err != nil {
		return "", err
	}
	for _, c := range o.cal.Components("VTODO") {
		for _, l := range c.Lines("RELATED-TO") {
			if fresh, ok := uids[ical.Text(l.Value())]; ok {
				c.Replace(l, ical.NewLine("RELATED-TO", l.RawParams(), ical.Escape(fresh)))
			}
		}
	}
	return o.String(), nil
}

// Replaced gives what an import makes of a task that is here already: fresh, with its place in the list where fresh names
// none, and stamped, so that every other program takes it for the newer one.
func Replaced(text, fresh string, now time.Time) (string, error) {
	old, err := readObject(text, now.Location())
	if err != nil {
		return "", err
	}
	o, err := readObject(fresh, now.Location())
	if err != nil {
		return "", err
	}
	ed := editor{object: o, now: now}
	if l := old.master.Line(sortOrder); l != nil && o.master.Line(sortOrder) == nil {
		o.master.Set(sortOrder, "", l.Value())
	}
	for _, c := range o.cal.Components("VTODO") {
		ed.touch(c)
	}
	for _, c := range o.cal.Components("VTODO") { // a server may refuse a number that is below its own
		if n := number(old.master.Value("SEQUENCE"), 0, 1<<30); n > number(c.Value("SEQUENCE"), 0, 1<<30) {
			c.Set("SEQUENCE", "", strconv.Itoa(n))
		}
	}
	ed.stamp()
	if fresh = o.String(); old.held {
		return Hold(fresh), nil
	}
	return fresh, nil
}

// Sorter gives new tasks of a file sort orders of their own, so that they stay in its order.
type Sorter struct {
	now  time.Time
	next map[int64]int64 // behind an order that is taken
}

// NewSorter makes one; tasks that do not say when they were made count as made now.
func NewSorter(now time.Time) *Sorter { return &Sorter{now: now, next: map[int64]int64{}} }

// Keep gives the text with a sort order if it names none and would otherwise stand at the place of another.
func (s *Sorter) Keep(text string) (string, error) {
	o, err := readObject(text, s.now.Location())
	if err != nil {
		return "", err
	}
	created := o.moment(o.master, "CREATED")
	order := o.order(o.master, created)
	if o.master.Line(sortOrder) == nil {
		known := !created.IsZero()
		if !known {
			order = int64(s.now.Sub(appleEpoch).Seconds())
		}
		if free := s.free(order); free != order || !known {
			order = free
			o.master.Set(sortOrder, "", strconv.FormatInt(order, 10))
			text = o.String()
		}
	}
	s.next[order] = order + 1
	return text, nil
}

// free finds the first order that is not taken from one on, and remembers how far it went.
func (s *Sorter) free(order int64) int64 {
	at := order
	for {
		next, taken := s.next[at]
		if !taken {
			break
		}
		at = next
	}
	if at != order {
		s.next[order] = at
	}
	return at
}
