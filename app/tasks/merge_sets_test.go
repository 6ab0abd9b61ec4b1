// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kontor/sync/ical"
)

// elementsOf are the properties that are sets, with some elements of each as they are written.
var elementsOf = map[string][]string{
	"CATEGORIES": {"CATEGORIES:a", "CATEGORIES:b", `CATEGORIES:c\,d`},
	"RESOURCES":  {"RESOURCES:Beamer", "RESOURCES:Raum"},
	"EXDATE":     {"EXDATE:20260301T080000Z", "EXDATE;VALUE=DATE:20260302"},
	"RELATED-TO": {"RELATED-TO:p", "RELATED-TO;RELTYPE=SIBLING:s", "RELATED-TO;RELTYPE=CHILD:p"},
	"ATTACH":     {"ATTACH:https://a", "ATTACH;FMTTYPE=text/plain:mid:b", "ATTACH;VALUE=BINARY;ENCODING=BASE64:QUJD"},
	"ATTENDEE":   {"ATTENDEE;CN=A:mailto:a@x", "ATTENDEE:mailto:b@x"},
	"COMMENT":    {"COMMENT:eins", `COMMENT:zwei\, drei`},
	"RDATE":      {"RDATE:20260305T080000Z", "RDATE;VALUE=DATE:20260306"},
	"CONFERENCE": {"CONFERENCE;VALUE=URI:https://konferenz", "CONFERENCE;VALUE=URI;FEATURE=AUDIO:tel:+49"},
	"LINK":       {"LINK;VALUE=URI:https://akte", "LINK;VALUE=URI:https://plan"},
}

// tree is a task as elements that are there or not, unknown lines, and instances of its series with their text.
type tree struct {
	has       map[string]bool
	unknown   string
	instances map[string]string
	alarms    map[string]string
}

func (d tree) clone() tree {
	return tree{maps.Clone(d.has), d.unknown, maps.Clone(d.instances), maps.Clone(d.alarms)}
}

// text writes the object, its lines in the order that shuffle gives them.
func (d tree) text(shuffle func([]string) []string) string {
	lines := []string{"SUMMARY:Serie", "DTSTART:20260201T080000Z", "RRULE:FREQ=DAILY"}
	for e, is := range d.has {
		if is {
			lines = append(lines, e)
		}
	}
	if d.unknown != "" {
		lines = append(lines, "X-FREMD;A=\"b:c\":"+d.unknown)
	}
	slices.Sort(lines)
	lines = shuffle(lines)
	for _, key := range slices.Sorted(maps.Keys(d.alarms)) {
		lines = append(lines, "BEGIN:VALARM\r\nUID:"+key+"\r\nACTION:DISPLAY\r\nTRIGGER:"+d.alarms[key]+"\r\nEND:VALARM")
	}
	text := vtodo(lines...)
	for _, id := range slices.Sorted(maps.Keys(d.instances)) {
		text = strings.Replace(text, "END:VCALENDAR", "BEGIN:VTODO\r\nUID:u1\r\nRECURRENCE-ID:"+id+"\r\n"+d.instances[id]+"\r\nEND:VTODO\r\nEND:VCALENDAR", 1)
	}
	return text
}

func (d tree) changed(t *rapid.T, label string) tree {
	d = d.clone()
	for range rapid.IntRange(0, 6).Draw(t, label+" changes") {
		switch rapid.IntRange(0, 5).Draw(t, label+" kind") {
		case 0, 1, 2:
			name := rapid.SampledFrom(slices.Sorted(maps.Keys(elementsOf))).Draw(t, label+" name")
			e := rapid.SampledFrom(elementsOf[name]).Draw(t, label+" element")
			d.has[e] = !d.has[e]
		case 3:
			d.unknown = rapid.SampledFrom([]string{"", "1", "2"}).Draw(t, label+" unknown")
		case 4:
			alter(t, label, d.instances, fmt.Sprintf("202602%02dT080000Z", rapid.IntRange(1, 3).Draw(t, label+" day")), "STATUS:COMPLETED", "SUMMARY:anders", "PRIORITY:1")
		case 5:
			alter(t, label, d.alarms, rapid.SampledFrom([]string{"w1", "w2"}).Draw(t, label+" alarm"), "-PT5M", "-PT1H")
		}
	}
	return d
}

// alter sets, changes or removes an entry.
func alter(t *rapid.T, label string, m map[string]string, key string, values ...string) {
	if v := rapid.SampledFrom(append(values, "")).Draw(t, label+" value"); v != "" {
		m[key] = v
	} else {
		delete(m, key)
	}
}

// merged3 says what a change of one side, of both, or of none must give, for something that is there or not: a change
// beats a deletion, and of two changes either may win.
func merged3(base, mine, theirs string) []string {
	switch {
	case mine == base, mine == theirs:
		return []string{theirs}
	case theirs == base:
		return []string{mine}
	case mine == "":
		return []string{theirs}
	case theirs == "":
		return []string{mine}
	}
	return []string{mine, theirs}
}

// Sets are merged by element, instances of a series and reminders each by themselves, whatever order servers write lines
// in; nothing that nobody knows is lost, and nothing is there twice.
func TestMergeOfSetsAndInstances(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := tree{map[string]bool{}, "0", map[string]string{}, map[string]string{}}.changed(t, "base")
		mine, theirs := base.changed(t, "mine"), base.changed(t, "theirs")
		keep := func(l []string) []string { return l }
		order := rapid.Permutation([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31}).Draw(t, "order")
		mixed := func(l []string) []string {
			out := make([]string, 0, len(l))
			for _, i := range order {
				if i < len(l) {
					out = append(out, l[i])
				}
			}
			return out
		}
		b, m, th := base.text(keep), mine.text(keep), theirs.text(mixed)
		got, conflicts := Merge(b, m, th)
		fail := func(what string) {
			t.Fatalf("%s\nbase\n%s\nmine\n%s\ntheirs\n%s\nmerged\n%s\n%v", what, b, m, th, got, conflicts)
		}
		cal := ical.Parse(got).Component("VCALENDAR")
		master := cal.Component("VTODO")
		for name, all := range elementsOf {
			for _, e := range all {
				want := mine.has[e]
				if want == base.has[e] {
					want = theirs.has[e]
				}
				if n := countElement(master, name, e); (n == 1) != want || n > 1 {
					fail(fmt.Sprintf("%s stands there %d times", e, n))
				}
			}
		}
		if !slices.Contains(merged3(base.unknown, mine.unknown, theirs.unknown), master.Value("X-FREMD")) && mine.unknown != "" && theirs.unknown != "" {
			fail("the unknown line")
		}
		instances, alarms := map[string]string{}, map[string]string{}
		for _, c := range cal.Components("VTODO")[1:] {
			lines := c.Lines("")
			instances[c.Value("RECURRENCE-ID")] = lines[len(lines)-1].Content()
		}
		for _, c := range master.Components("VALARM") {
			alarms[c.Value("UID")] = c.Value("TRIGGER")
		}
		if len(instances)+1 != len(cal.Components("VTODO")) || len(alarms) != len(master.Components("VALARM")) {
			fail("something is there twice")
		}
		for _, id := range []string{"20260201T080000Z", "20260202T080000Z", "20260203T080000Z"} {
			if in := []string{base.instances[id], mine.instances[id], theirs.instances[id]}; !allowed(in, instances[id]) {
				fail("instance " + id + " is " + instances[id])
			}
		}
		for _, id := range []string{"w1", "w2"} {
			if want := merged3(base.alarms[id], mine.alarms[id], theirs.alarms[id]); !slices.Contains(want, alarms[id]) {
				fail("reminder " + id + " is " + alarms[id])
			}
		}
		if again, more := Merge(th, got, th); again != got || len(more) > 0 {
			fail("laid over the same again: " + again)
		}
	})
}

// allowed is merged3 for instances: two that both sides changed in different properties hold both.
func allowed(in []string, got string) bool {
	return slices.Contains(merged3(in[0], in[1], in[2]), got) || (in[1] != in[0] && in[2] != in[0] && got != "")
}

// countElement counts how often an element stands in a component, in a line of its own or in one with others.
func countElement(c *ical.Component, name, element string) int {
	want := ical.Parse(element + "\r\n").Lines("")[0]
	n := 0
	for _, l := range c.Lines(name) {
		if !slices.Contains(listNames, name) {
			if l.Canonical() == want.Canonical() {
				n++
			}
			continue
		}
		for _, v := range ical.List(l.Value()) {
			if v == ical.Text(want.Value()) {
				n++
			}
		}
	}
	return n
}

// TestReminderNamedByOneSide: putting a reminder off gives it a UID. It is still the one that the other side answered without
// a UID: the later answer counts, the reminder stays one, and what was put off still refers to it.
func TestReminderNamedByOneSide(t *testing.T) {
	alarm := "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\n"
	base := vtodo("DUE:20260101T100000Z", alarm+"END:VALARM")
	early, late := time.Date(2026, 1, 1, 9, 50, 0, 0, time.UTC), time.Date(2026, 1, 1, 9, 55, 0, 0, time.UTC)
	for name, at := range map[string][2]time.Time{"answered later": {early, late}, "put off later": {late, early}} {
		putOff, err := Snooze(base, late.Add(time.Hour), at[0])
		if err != nil {
			t.Fatal(err)
		}
		answered, err := Acknowledge(base, at[1])
		if err != nil {
			t.Fatal(err)
		}
		for way, texts := range map[string][2]string{"here": {putOff, answered}, "there": {answered, putOff}} {
			merged, conflicts := Merge(base, texts[0], texts[1])
			got := parse(t, merged)
			if len(conflicts) > 0 || strings.Count(merged, "BEGIN:VALARM") != 2 || strings.Count(merged, "ACKNOWLEDGED:20260101T095500Z") != 1 || len(got.Alarms) != 1 {
				t.Errorf("%s, put off %s: %v\n%s", name, way, conflicts, merged)
			}
			uid := strings.Split(strings.SplitAfter(merged, "RELTYPE=SNOOZE:")[1], "\r\n")[0]
			if !strings.Contains(merged, "UID:"+uid+"\r\n") {
				t.Errorf("%s, put off %s: what was put off refers to nothing\n%s", name, way, merged)
			}
		}
	}
}

// TestUniteKeepsTheNewer of two versions without a common past, nothing of either counts as removed, and the other is told.
func TestUniteKeepsTheNewer(t *testing.T) {
	older := vtodo("SUMMARY:Alt", "LAST-MODIFIED:20260101T000000Z", "CATEGORIES:a")
	newer := vtodo("SUMMARY:Neu", "LAST-MODIFIED:20260102T000000Z", "CATEGORIES:b", "LOCATION:Rathaus")
	for name, texts := range map[string][2]string{"one way": {older, newer}, "the other way": {newer, older}} {
		united, conflicts, told := Unite(texts[0], texts[1])
		got := parse(t, united)
		slices.Sort(got.Tags)
		if got.Title != "Neu" || !slices.Equal(got.Tags, []string{"a", "b"}) || !strings.Contains(united, "LOCATION:Rathaus") || !slices.Equal(conflicts, []Field{FieldTitle}) || told != older {
			t.Errorf("%s: %v, told\n%s\nunited\n%s", name, conflicts, told, united)
		}
	}
}
