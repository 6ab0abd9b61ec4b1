// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"slices"
	"time"

	"kontor/sync/ical"
)

// properties are the lines of each field.
var properties = map[Field][]string{
	FieldTitle: {"SUMMARY"}, FieldNote: {"DESCRIPTION"}, FieldLocation: {"LOCATION"}, FieldURL: {"URL"}, FieldWhen: whenNames,
}

// Take gives the text with some fields as they are in theirs, for a person who decides a conflict that way.
func Take(text, theirs string, fields []Field, now time.Time) (string, error) {
	o, err := readObject(text, now.Location())
	if err != nil {
		return "", err
	}
	other, err := readObject(theirs, now.Location())
	if err != nil {
		return "", err
	}
	ed := editor{object: o, now: now, planned: slices.Contains(fields, FieldWhen)}
	m := merger{zones: o.zones}
	from := m.keyed(other.cal, nil)
	mine := m.keyed(o.cal, nil)
	for _, key := range mine.order {
		there := from.byKey[key]
		if there == nil || there.Name != "VTODO" {
			continue
		}
		for _, f := range fields {
			if canonical(mine.byKey[key], properties[f]...) != canonical(there, properties[f]...) {
				put(mine.byKey[key], there, properties[f]...)
				ed.touch(mine.byKey[key])
			}
		}
	}
	ed.stamp()
	return o.String(), nil
}

// SameUID reports whether two versions are of the same task, wherever they lie.
func SameUID(a, b string) bool {
	uid := uidOf(a)
	return uid != "" && uid == uidOf(b)
}

func uidOf(text string) string {
	for _, cal := range ical.Parse(text).Components("VCALENDAR") {
		if todo := cal.Component("VTODO"); todo != nil {
			return todo.Text("UID")
		}
	}
	return ""
}

// Title is the title of the task in text, empty where there is none.
func Title(text string) string {
	for _, cal := range ical.Parse(text).Components("VCALENDAR") {
		if todo := cal.Component("VTODO"); todo != nil {
			return todo.Text("SUMMARY")
		}
	}
	return ""
}
