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

// doc is a task as lists of lines by name, from which an object is written.
type doc struct {
	lines map[string]string // one line of each name, with its value
	cats  map[string]bool
	alarm string // when the one reminder was acknowledged, empty for no reminder
	stamp int
}

func (d doc) clone() doc {
	d.lines, d.cats = maps.Clone(d.lines), maps.Clone(d.cats)
	return d
}

func (d doc) text() string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(d.lines)) {
		lines = append(lines, name+":"+d.lines[name])
	}
	if len(d.cats) > 0 {
		lines = append(lines, "CATEGORIES:"+strings.Join(slices.Sorted(maps.Keys(d.cats)), ","))
	}
	lines = append(lines, fmt.Sprintf("LAST-MODIFIED:202601%02dT000000Z", d.stamp))
	if d.alarm != "" {
		lines = append(lines, "BEGIN:VALARM\r\nUID:w1\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nACKNOWLEDGED:"+d.alarm+"\r\nEND:VALARM")
	}
	return vtodo(lines...)
}

// The units of tasks.md, section 6: what is changed, and kept, as a whole.
var (
	textNames  = []string{"SUMMARY", "LOCATION", "URL"}
	plainNames = []string{"PRIORITY", "X-FARBE", "CLASS", "X-APPLE-SORT-ORDER"}
	doneStates = []map[string]string{
		{},
		{"STATUS": "NEEDS-ACTION"},
		{"STATUS": "IN-PROCESS", "PERCENT-COMPLETE": "40"},
		{"STATUS": "COMPLETED", "PERCENT-COMPLETE": "100", "COMPLETED": "20260105T000000Z"},
		{"STATUS": "CANCELLED"},
	}
	whenStates = []map[string]string{
		{},
		{"DUE": "20260201T100000Z"},
		{"DTSTART": "20260201T080000Z", "DUE": "20260201T100000Z"},
		{"DTSTART": "20260203T080000Z", "DURATION": "PT1H"},
		{"DTSTART": "20260203T080000Z", "RRULE": "FREQ=DAILY"},
	}
	categories = []string{"Amt", "Bau", "Eilig"}
)

// edited gives a version of a document that one side has changed.
func edited(t *rapid.T, label string, d doc) doc {
	d = d.clone()
	d.stamp = rapid.IntRange(2, 28).Draw(t, label+" stamp")
	for range rapid.IntRange(0, 4).Draw(t, label+" changes") {
		switch rapid.IntRange(0, 4).Draw(t, label+" change") {
		case 0:
			d.one(t, label, rapid.SampledFrom(slices.Concat(textNames, plainNames)).Draw(t, label+" name"))
		case 1:
			d.group(doneNames, rapid.SampledFrom(doneStates).Draw(t, label+" done"))
		case 2:
			d.group(whenNames, rapid.SampledFrom(whenStates).Draw(t, label+" when"))
		case 3:
			c := rapid.SampledFrom(categories).Draw(t, label+" category")
			if d.cats[c] {
				delete(d.cats, c)
			} else {
				d.cats[c] = true
			}
		case 4:
			d.alarm = fmt.Sprintf("202602%02dT000000Z", rapid.IntRange(1, 28).Draw(t, label+" acknowledged"))
		}
	}
	return d
}

func (d *doc) one(t *rapid.T, label, name string) {
	if rapid.IntRange(0, 3).Draw(t, label+" removed") == 0 {
		delete(d.lines, name)
		return
	}
	d.lines[name] = rapid.SampledFrom([]string{"1", "2", "3"}).Draw(t, label+" value")
}

func (d *doc) group(names []string, to map[string]string) {
	for _, n := range names {
		delete(d.lines, n)
	}
	maps.Copy(d.lines, to)
}

// TestMergeKeepsEveryPromise merges random changes of both sides and looks at each unit by itself.
func TestMergeKeepsEveryPromise(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := edited(t, "base", doc{lines: map[string]string{"SUMMARY": "0"}, cats: map[string]bool{"Amt": true}})
		base.stamp = 1
		mine, theirs := edited(t, "mine", base), edited(t, "theirs", base)
		merged, conflicts := Merge(base.text(), mine.text(), theirs.text())
		c := ical.Parse(merged).Component("VCALENDAR").Component("VTODO")
		if c == nil || len(c.Lines("UID")) != 1 || c.Value("UID") != "u1" || !c.Closed() {
			t.Fatalf("no task any more:\n%s", merged)
		}
		promise := func(ok bool, what string) {
			if !ok {
				t.Fatalf("%s\nbase\n%s\nmine\n%s\ntheirs\n%s\nmerged\n%s\n%v", what, base.text(), mine.text(), theirs.text(), merged, conflicts)
			}
		}
		mine.singles(promise, c, base, theirs, conflicts)
		for _, group := range [][]string{doneNames, whenNames} {
			got, b, m, th := valuesOf(c, group), base.pick(group), mine.pick(group), theirs.pick(group)
			promise(got == m || got == th, "a group was mixed: "+got)
			promise(m != b || got == th, "a group that only they changed")
			promise(th != b || got == m, "a group that only I changed")
			promise(group[0] != "DTSTART" || got == m || m == b || slices.Contains(conflicts, FieldWhen) || m == th, "my dates were lost without a word")
		}
		for _, cat := range categories {
			got := slices.Contains(ical.List(c.Value("CATEGORIES")), cat)
			want := mine.cats[cat]
			if want == base.cats[cat] {
				want = theirs.cats[cat]
			}
			promise(got == want, "category "+cat)
		}
		promise(len(c.Lines("CATEGORIES")) <= 1, "categories in several lines")
		ack := max(mine.alarm, theirs.alarm)
		if mine.alarm == base.alarm {
			ack = theirs.alarm
		} else if theirs.alarm == base.alarm {
			ack = mine.alarm
		}
		if alarm := c.Component("VALARM"); ack != "" {
			promise(alarm != nil && alarm.Value("ACKNOWLEDGED") == ack, "the newest acknowledgement")
		}
		if mine.text() != base.text() && theirs.text() != base.text() {
			promise(c.Value("LAST-MODIFIED") == fmt.Sprintf("202601%02dT000000Z", max(mine.stamp, theirs.stamp)), "the newest stamp")
		}
		again, more := Merge(theirs.text(), merged, theirs.text())
		promise(again == merged && len(more) == 0, "laid over the same again")
	})
}

// singles looks at the properties that stand once.
func (d doc) singles(promise func(bool, string), c *ical.Component, base, theirs doc, conflicts []Field) {
	for _, name := range slices.Concat(textNames, plainNames) {
		got, b, m, th := c.Value(name), base.lines[name], d.lines[name], theirs.lines[name]
		switch {
		case m == th, m == b:
			promise(got == th, name+" that they changed, or both alike")
		case th == b:
			promise(got == m, name+" that only I changed")
		case slices.Contains(textNames, name):
			promise(got == m && slices.Contains(conflicts, textFields[name]), name+" that both changed: mine, and a person hears of theirs")
		default:
			newer := th
			if d.stamp >= theirs.stamp {
				newer = m
			}
			promise(got == newer && len(c.Lines(name)) <= 1, name+" that both changed: the newer")
		}
	}
}

func (d doc) pick(names []string) string {
	var all []string
	for _, n := range names {
		all = append(all, d.lines[n])
	}
	return strings.Join(all, "|")
}

func valuesOf(c *ical.Component, names []string) string {
	var all []string
	for _, n := range names {
		all = append(all, c.Value(n))
	}
	return strings.Join(all, "|")
}

// wall is a time of day in Berlin on a day.
func wall(t testing.TB, day time.Time, h, m int) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), h, m, 0, 0, zone(t, "Europe/Berlin"))
}

// TestSeriesKeepTheirTimeOfDay goes through series across both changes of the clock and compares each instance with a
// calendar that is counted by hand: the same time of day on every day, and one hour later only in the gap.
func TestSeriesKeepTheirTimeOfDay(t *testing.T) {
	for name, c := range map[string]struct {
		first    string // a day
		hour     int
		rule     string
		step     func(time.Time) time.Time
		count    int
		inTheGap int // which instance lies in it, -1 for none
	}{
		"daily into summer":   {"2026-03-26", 9, "FREQ=DAILY", func(d time.Time) time.Time { return d.AddDate(0, 0, 1) }, 6, -1},
		"daily into winter":   {"2026-10-22", 9, "FREQ=DAILY", func(d time.Time) time.Time { return d.AddDate(0, 0, 1) }, 6, -1},
		"in the gap":          {"2026-03-27", 2, "FREQ=DAILY", func(d time.Time) time.Time { return d.AddDate(0, 0, 1) }, 5, 2},
		"in the double hour":  {"2026-10-23", 2, "FREQ=DAILY", func(d time.Time) time.Time { return d.AddDate(0, 0, 1) }, 5, -1},
		"every other week":    {"2026-03-15", 10, "FREQ=WEEKLY;INTERVAL=2", func(d time.Time) time.Time { return d.AddDate(0, 0, 14) }, 4, -1},
		"monthly":             {"2026-01-30", 8, "FREQ=MONTHLY;BYMONTHDAY=-2", func(d time.Time) time.Time { return time.Date(d.Year(), d.Month()+2, -1, 0, 0, 0, 0, time.UTC) }, 5, -1},
		"over the leap day":   {"2028-02-28", 8, "FREQ=DAILY", func(d time.Time) time.Time { return d.AddDate(0, 0, 1) }, 3, -1},
		"every fourth year":   {"2028-02-29", 8, "FREQ=YEARLY", func(d time.Time) time.Time { return d.AddDate(4, 0, 0) }, 3, -1},
		"midnight every week": {"2026-10-19", 0, "FREQ=WEEKLY", func(d time.Time) time.Time { return d.AddDate(0, 0, 7) }, 3, -1},
	} {
		day, err := time.Parse(time.DateOnly, c.first)
		if err != nil {
			t.Fatal(err)
		}
		text := vtodo(fmt.Sprintf("DUE;TZID=Europe/Berlin:%sT%02d3000", day.Format("20060102"), c.hour), fmt.Sprintf("RRULE:%s;COUNT=%d", c.rule, c.count))
		for i := range c.count {
			got, want := parse(t, text), wall(t, day, c.hour, 30)
			if i == c.inTheGap {
				want = wall(t, day, c.hour+1, 30)
			}
			if !got.Due.Time.Equal(want) || got.Closed() {
				t.Errorf("%s, instance %d: %v, want %v", name, i, got.Due.Time, want)
			}
			text, day = complete(t, text), c.step(day)
		}
		if got := parse(t, text); !got.Done() {
			t.Errorf("%s: open after the last instance: %+v", name, got.Due)
		}
	}
}

// TestEveryRuleEnds: no rule of a stranger makes a client wait, and completing goes forward or ends.
func TestEveryRuleEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := []string{"FREQ=" + rapid.SampledFrom([]string{"SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY", "NIE"}).Draw(t, "frequency")}
		for _, p := range []string{
			"INTERVAL=0", "INTERVAL=7", "INTERVAL=-1", "INTERVAL=99999", "BYDAY=MO,TU", "BYDAY=5MO", "BYDAY=-53SU", "BYMONTH=2", "BYMONTH=13", "BYMONTHDAY=30",
			"BYMONTHDAY=-31", "BYSETPOS=-1", "BYWEEKNO=53", "BYYEARDAY=366", "BYHOUR=25", "BYHOUR=2", "WKST=SU", "COUNT=2", "COUNT=0", "UNTIL=20270101", "UNTIL=19000101T000000Z", "RSCALE=HEBREW", "X",
		} {
			if rapid.IntRange(0, 9).Draw(t, p) == 0 {
				parts = append(parts, p)
			}
		}
		text := vtodo("DUE;TZID=Europe/Berlin:20260131T103000", "RRULE:"+strings.Join(parts, ";"))
		for range 3 {
			before := mustParse(t, text)
			text = mustComplete(t, text)
			after := mustParse(t, text)
			if after.Closed() {
				return
			}
			if !after.Due.Time.After(before.Due.Time) {
				t.Fatalf("%v after %v by %s", after.Due.Time, before.Due.Time, parts)
			}
		}
	})
}
