// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A series that goes on from the day of completion: tests take Monday, 23 November 2026 for today.
func TestRepeatFromCompletion(t *testing.T) {
	for name, c := range map[string]struct {
		lines []string
		want  string
	}{
		"late":              {[]string{"DUE;TZID=Europe/Berlin:20261101T173000", "RRULE:FREQ=DAILY;INTERVAL=3"}, "2026-11-26 17:30"},
		"early":             {[]string{"DUE;TZID=Europe/Berlin:20261224T173000", "RRULE:FREQ=WEEKLY"}, "2026-11-30 17:30"},
		"day":               {[]string{"DUE;VALUE=DATE:20261101", "RRULE:FREQ=MONTHLY"}, "2026-12-23 00:00"},
		"weekdays":          {[]string{"DUE;VALUE=DATE:20261101", "RRULE:FREQ=WEEKLY;BYDAY=MO,FR"}, "2026-11-27 00:00"},
		"with a start":      {[]string{"DTSTART;VALUE=DATE:20261101", "DUE;VALUE=DATE:20261103", "RRULE:FREQ=DAILY;INTERVAL=10"}, "2026-12-05 00:00"},
		"with done ones":    {[]string{"DTSTART;VALUE=DATE:20261101", "RRULE:FREQ=DAILY;INTERVAL=2"}, "2026-11-25 00:00"},
		"across the change": {[]string{"DUE;TZID=Europe/Berlin:20260601T173000", "RRULE:FREQ=DAILY;INTERVAL=200"}, "2027-06-11 17:30"},
	} {
		text := vtodo(append(c.lines, repeatFrom+":completion")...)
		if name == "with done ones" {
			text = series(strings.Join(c.lines, "\r\n")+"\r\n"+repeatFrom+":COMPLETION\r\n", "RECURRENCE-ID;VALUE=DATE:20261101\r\nSTATUS:COMPLETED\r\n")
		}
		done := complete(t, text)
		got := parse(t, done)
		at := got.Due
		if at.IsZero() {
			at = got.Start
		}
		if at.Time.Format("2006-01-02 15:04") != c.want || got.Done() || !got.FromDone || !got.Recurs {
			t.Errorf("%s: %v, want %s in\n%s", name, at.Time, c.want, done)
		}
	}
	last := complete(t, vtodo("DUE;VALUE=DATE:20261101", "RRULE:FREQ=DAILY;COUNT=1", repeatFrom+":COMPLETION"))
	if !parse(t, last).Done() {
		t.Errorf("the last one:\n%s", last)
	}
	over := complete(t, vtodo("DUE;VALUE=DATE:20261101", "RRULE:FREQ=DAILY;UNTIL=20261110", repeatFrom+":COMPLETION"))
	if !parse(t, over).Done() {
		t.Errorf("after its end:\n%s", over)
	}
}

func TestRepeatFromIsWritten(t *testing.T) {
	text := apply(t, vtodo("DUE;VALUE=DATE:20261101"), Edit{RRule: ptr("FREQ=DAILY"), FromDone: ptr(true)})
	if !has(text, repeatFrom+":COMPLETION") || !parse(t, text).FromDone {
		t.Errorf("not written:\n%s", text)
	}
	if same := apply(t, text, Edit{FromDone: ptr(true)}); same != text {
		t.Errorf("written again:\n%s", same)
	}
	for name, e := range map[string]Edit{"taken back": {FromDone: ptr(false)}, "no series any more": {RRule: ptr("")}, "no date any more": {Due: &When{}}} {
		if got := apply(t, text, e); strings.Contains(got, repeatFrom) {
			t.Errorf("%s:\n%s", name, got)
		}
	}
	if got := apply(t, vtodo("SUMMARY:a"), Edit{FromDone: ptr(true)}); strings.Contains(got, repeatFrom) {
		t.Errorf("without a rule:\n%s", got)
	}
}

// Two sides that complete instances of one series: what the further one has completed is completed, and nobody is asked.
func TestMergeOfAdvancedSeries(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		rule := rapid.SampledFrom([]string{"FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,TH", "FREQ=MONTHLY;BYMONTHDAY=31", "FREQ=DAILY;COUNT=9", "FREQ=DAILY;COUNT=3", "FREQ=WEEKLY;UNTIL=20261215"}).Draw(rt, "rule")
		base := vtodo("DTSTART;TZID=Europe/Berlin:20261130T083000", "DUE;TZID=Europe/Berlin:20261130T173000", "RRULE:"+rule)
		if rapid.Bool().Draw(rt, "days") {
			base = vtodo("DUE;VALUE=DATE:20261130", "RRULE:"+rule)
		}
		times := func(label string) (string, int) {
			n := rapid.IntRange(1, 4).Draw(rt, label)
			text := base
			for range n {
				text = mustComplete(rt, text)
			}
			return text, n
		}
		mine, m := times("mine")
		theirs, th := times("theirs")
		got, conflicts := Merge(base, mine, theirs)
		want := theirs
		if m > th {
			want = mine
		}
		a, b := mustParse(rt, got), mustParse(rt, want)
		if len(conflicts) > 0 || !a.Due.Time.Equal(b.Due.Time) || a.RRule != b.RRule || a.Done() != b.Done() {
			rt.Fatalf("%d and %d: due %v, %q, %v; want %v, %q", m, th, a.Due.Time, a.RRule, conflicts, b.Due.Time, b.RRule)
		}
	})
	base := vtodo("DUE;VALUE=DATE:20261130", "RRULE:FREQ=WEEKLY")
	moved := apply(t, base, Edit{Due: &When{Time: time.Date(2026, 12, 3, 0, 0, 0, 0, time.UTC), AllDay: true}})
	for name, mine := range map[string]string{
		"put off":      moved,
		"another rule": apply(t, base, Edit{RRule: ptr("FREQ=DAILY")}),
		"no date":      apply(t, base, Edit{Due: &When{}}),
		"moved back":   apply(t, base, Edit{Due: &When{Time: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), AllDay: true}}),
	} {
		if got, conflicts := Merge(base, mine, complete(t, base)); len(conflicts) != 1 || !parse(t, got).Due.Time.Equal(parse(t, mine).Due.Time) {
			t.Errorf("%s: %v in\n%s", name, conflicts, got)
		}
	}
}
