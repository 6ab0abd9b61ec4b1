// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"slices"
	"strings"

	"kontor/sync/ical"
)

// heldPrefix stands before the lines of a series on a server that takes none (OX App Suite): for it and for other programs
// the task happens once, and here it goes on. Nobody can tell the instances of such a task apart, so its dates advance.
const heldPrefix = "X-KONTOR-"

// seriesNames are the lines that make a series.
var seriesNames = []string{"RRULE", "RDATE", "EXDATE"}

// Recurs reports whether a text names a series in the way of RFC 5545, which some servers refuse.
func Recurs(text string) bool {
	return slices.ContainsFunc(todos(ical.Parse(text)), recurs)
}

// Held reports whether a text keeps its series in properties of our own.
func Held(text string) bool {
	return mayHold(text) && slices.ContainsFunc(todos(ical.Parse(text)), isHeld)
}

// Hold gives the text as a server takes it that refuses series; one without a series stays as it is.
func Hold(text string) string {
	if !Recurs(text) {
		return text
	}
	return rewritten(text, hold)
}

// Release undoes Hold.
func Release(text string) string {
	if !Held(text) {
		return text
	}
	return rewritten(text, release)
}

// KeepHeld gives what was read from a server that drops properties it does not know, with the series that known still
// holds. A task that is not the same, or that has a series of its own, stays as it is.
func KeepHeld(known, read string) string {
	if !Held(known) || Held(read) || Recurs(read) || !SameUID(known, read) {
		return read
	}
	from := todos(ical.Parse(known))
	series := from[slices.IndexFunc(from, isHeld)]
	return rewritten(read, func(c *ical.Component) {
		if c.Line("RECURRENCE-ID") != nil {
			return
		}
		c.Remove(repeatFrom)
		for _, name := range []string{heldPrefix + "RRULE", heldPrefix + "RDATE", heldPrefix + "EXDATE", repeatFrom} {
			for _, l := range series.Lines(name) {
				c.Add(ical.NewLine(l.Name, l.RawParams(), l.Value()))
			}
		}
	})
}

func rewritten(text string, fn func(*ical.Component)) string {
	root := ical.Parse(text)
	for _, c := range todos(root) {
		fn(c)
	}
	return root.String()
}

// todos are the tasks of an object, also of one without a calendar around them.
func todos(root *ical.Component) []*ical.Component {
	if cal := root.Component("VCALENDAR"); cal != nil {
		root = cal
	}
	return root.Components("VTODO")
}

// mayHold is a quick look, since nearly no task is held.
func mayHold(text string) bool { return strings.Contains(text, heldPrefix+"R") }

func isHeld(c *ical.Component) bool {
	return !recurs(c) && (c.Line(heldPrefix+"RRULE") != nil || c.Line(heldPrefix+"RDATE") != nil)
}

// hold renames the lines of a series. What an earlier one has left there is out of date.
func hold(c *ical.Component) {
	if !recurs(c) {
		return
	}
	for _, name := range seriesNames {
		c.Remove(heldPrefix + name)
		rename(c, name, heldPrefix+name)
	}
}

func release(c *ical.Component) {
	if !isHeld(c) {
		return
	}
	for _, name := range seriesNames {
		rename(c, heldPrefix+name, name)
	}
}

func rename(c *ical.Component, from, to string) {
	for _, l := range c.Lines(from) {
		c.Replace(l, ical.NewLine(to, l.RawParams(), l.Value()))
	}
}

// mergeHeld joins versions of which one is held: they are compared as if none was. Where the server holds a series now, it
// takes them.
func mergeHeld(base, mine, theirs string) (string, []Field) {
	merged, conflicts := Merge(Release(base), Release(mine), Release(theirs))
	if Held(theirs) || !Recurs(theirs) {
		merged = Hold(merged)
	}
	return merged, conflicts
}

// releaseAll makes the series of an object that is held visible to all that works with it.
func (o *object) releaseAll() {
	for _, c := range todos(o.root) {
		o.held = o.held || isHeld(c)
		release(c)
	}
}

// holdAll undoes releaseAll, with what was changed meanwhile.
func (o *object) holdAll() {
	if o.held {
		for _, c := range todos(o.root) {
			hold(c)
		}
	}
}
