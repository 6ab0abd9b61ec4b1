// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Interop cases 5 to 11: what completing a series writes.
func TestCompleteSeries(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string
		not  []string
	}{
		"5 advances": {
			vtodo("DTSTART;TZID=Europe/Berlin:20261024T080000", "DUE;TZID=Europe/Berlin:20261024T103000", "RRULE:FREQ=DAILY;COUNT=3", "STATUS:IN-PROCESS", "PERCENT-COMPLETE:50"),
			[]string{"DTSTART;TZID=Europe/Berlin:20261025T080000", "DUE;TZID=Europe/Berlin:20261025T103000", "RRULE:FREQ=DAILY;COUNT=2", "STATUS:NEEDS-ACTION", "SEQUENCE:1"},
			[]string{"COMPLETED", "PERCENT"},
		},
		"5 the last one": {
			vtodo("DUE:20261102T100000Z", "RRULE:FREQ=WEEKLY;UNTIL=20261105T000000Z"),
			[]string{"STATUS:COMPLETED", "PERCENT-COMPLETE:100", "COMPLETED:20261123T080000Z", "DUE:20261102T100000Z", "RRULE:FREQ=WEEKLY;UNTIL=20261105T000000Z"},
			nil,
		},
		"5 with overrides": {
			series("DTSTART:20261102T080000Z\r\nDUE:20261102T100000Z\r\nRRULE:FREQ=WEEKLY\r\n", "RECURRENCE-ID:20261102T080000Z\r\nSTATUS:COMPLETED\r\n"),
			[]string{"RECURRENCE-ID:20261109T080000Z", "DUE:20261109T100000Z", "DTSTART:20261102T080000Z", "STATUS:COMPLETED"},
			nil,
		},
		"5 an open override": {
			series("DTSTART:20261102T080000Z\r\nRRULE:FREQ=WEEKLY\r\n", "RECURRENCE-ID:20261102T080000Z\r\nSTATUS:IN-PROCESS\r\n"),
			[]string{"RECURRENCE-ID:20261102T080000Z", "STATUS:COMPLETED"},
			[]string{"STATUS:IN-PROCESS"},
		},
		"6 only DUE":           {vtodo("DUE:20261102T100000Z", "RRULE:FREQ=DAILY"), []string{"DUE:20261103T100000Z"}, []string{"DTSTART", "STATUS"}},
		"7 UNTIL is a day":     {vtodo("DUE;TZID=Europe/Berlin:20261102T100000", "RRULE:FREQ=DAILY;UNTIL=20261103"), []string{"DUE;TZID=Europe/Berlin:20261103T100000"}, nil},
		"7 floating UNTIL":     {vtodo("DUE:20261102T100000", "RRULE:FREQ=DAILY;UNTIL=20261103T100000"), []string{"DUE:20261103T100000"}, nil},
		"8 COUNT=1":            {vtodo("DUE:20261102T100000Z", "RRULE:FREQ=DAILY;COUNT=1"), []string{"STATUS:COMPLETED", "RRULE:FREQ=DAILY;COUNT=1"}, nil},
		"9 the 31st":           {vtodo("DUE;VALUE=DATE:20260131", "RRULE:FREQ=MONTHLY"), []string{"DUE;VALUE=DATE:20260331"}, nil},
		"10 into the gap":      {vtodo("DUE;TZID=Europe/Berlin:20260328T023000", "RRULE:FREQ=DAILY"), []string{"DUE;TZID=Europe/Berlin:20260329T033000"}, nil},
		"11 EXDATE":            {vtodo("DUE:20261102T100000Z", "RRULE:FREQ=DAILY", "EXDATE:20261103T100000Z,20261104T100000Z"), []string{"DUE:20261105T100000Z"}, nil},
		"11 EXDATE is a day":   {vtodo("DUE:20261102T100000Z", "RRULE:FREQ=DAILY", "EXDATE;VALUE=DATE:20261103"), []string{"DUE:20261104T100000Z"}, nil},
		"13 without VALUE":     {vtodo("DUE:20260701", "RRULE:FREQ=DAILY"), []string{"DUE:20260702"}, nil},
		"start and duration":   {vtodo("DTSTART:20261102T100000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY"), []string{"DTSTART:20261103T100000Z", "DURATION:PT1H"}, []string{"DUE"}},
		"a rule of no use":     {vtodo("DUE:20261102T100000Z", "RRULE:FREQ=SECONDLY"), []string{"STATUS:COMPLETED"}, nil},
		"a rule without dates": {vtodo("RRULE:FREQ=DAILY"), []string{"STATUS:COMPLETED"}, nil},
		"never again":          {vtodo("DUE:20261102T100000Z", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), []string{"STATUS:COMPLETED"}, nil},
		"RDATE":                {vtodo("DUE;VALUE=DATE:20261102", "RDATE;VALUE=DATE:20261111,20261222"), []string{"DUE;VALUE=DATE:20261111"}, nil},
		"a fixed reminder": {
			vtodo("DUE:20261102T100000Z", "RRULE:FREQ=DAILY", "BEGIN:VALARM\r\nTRIGGER;VALUE=DATE-TIME:20261102T090000Z\r\nEND:VALARM"),
			[]string{"TRIGGER;VALUE=DATE-TIME:20261103T090000Z"},
			nil,
		},
	} {
		got := complete(t, c.text)
		for _, line := range c.want {
			if !has(got, line) {
				t.Errorf("%s: %s is missing in\n%s", name, line, got)
			}
		}
		for _, prop := range c.not {
			if strings.Contains(got, "\r\n"+prop) {
				t.Errorf("%s: %s is in\n%s", name, prop, got)
			}
		}
	}
}

// Interop case 10, second half: the gap does not shift what comes after it.
func TestAfterTheGap(t *testing.T) {
	text := series("DTSTART;TZID=Europe/Berlin:20260328T023000\r\nRRULE:FREQ=DAILY\r\n",
		"RECURRENCE-ID;TZID=Europe/Berlin:20260328T023000\r\nSTATUS:COMPLETED\r\n", "RECURRENCE-ID;TZID=Europe/Berlin:20260329T033000\r\nSTATUS:COMPLETED\r\n")
	if got := parse(t, text); !got.Start.Time.Equal(berlin(t, "2026-03-30 02:30")) {
		t.Errorf("next %v", got.Start.Time)
	}
}

// Interop case 26.
func TestReopen(t *testing.T) {
	text := vtodo("SUMMARY:a", "STATUS:COMPLETED", "COMPLETED:20260101T000000Z", "PERCENT-COMPLETE:100")
	got, err := Reopen(text, monday(t))
	if err != nil || !has(got, "STATUS:NEEDS-ACTION") || strings.Contains(got, "\r\nCOMPLETED") || strings.Contains(got, "PERCENT") {
		t.Errorf("%v\n%s", err, got)
	}
	if again, err := Reopen(got, monday(t)); err != nil || again != got {
		t.Errorf("an open one: %v\n%s", err, again)
	}
	if same := complete(t, text); same != text {
		t.Errorf("a closed one:\n%s", same)
	}
	master := "DTSTART:20261102T080000Z\r\nRRULE:FREQ=WEEKLY\r\n"
	two := series(master, "RECURRENCE-ID:20261102T080000Z\r\nSTATUS:COMPLETED\r\n", "RECURRENCE-ID:20261109T080000Z\r\nSTATUS:COMPLETED\r\n")
	got, err = Reopen(two, monday(t))
	if view := parse(t, got); err != nil || !view.Start.Time.Equal(berlin(t, "2026-11-09 09:00")) || view.History != 1 {
		t.Errorf("%v: %+v", err, view)
	}
	none := series(master, "RECURRENCE-ID:20261102T080000Z\r\nSTATUS:NEEDS-ACTION\r\n")
	if got, err := Reopen(none, monday(t)); err != nil || got != none {
		t.Errorf("nothing closed: %v\n%s", err, got)
	}
}

// Completing goes through a series one by one, whichever way the object keeps what is done.
func TestCompleteGoesOn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rule := rapid.SampledFrom([]string{"FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,TH", "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=YEARLY", "FREQ=MONTHLY;INTERVAL=2"}).Draw(t, "rule")
		form := rapid.SampledFrom([]string{"DUE;VALUE=DATE:20261030", "DUE:20261030T013000Z", "DUE;TZID=Europe/Berlin:20261030T023000", "DUE:20261030T090000"}).Draw(t, "form")
		body := form + "\r\nRRULE:" + rule + ";COUNT=6\r\n"
		advancing := series(body)
		overriding := series(body, "RECURRENCE-ID:19990101T000000Z\r\nSTATUS:COMPLETED\r\n")
		var last Task
		for i := range 5 {
			a, b := mustParse(t, advancing), mustParse(t, overriding)
			if a.Closed() || b.Closed() || !a.Due.Time.Equal(b.Due.Time) || a.Due.AllDay != b.Due.AllDay || (i > 0 && !a.Due.Time.After(last.Due.Time)) {
				t.Fatalf("step %d: %v and %v after %v", i, a.Due, b.Due, last.Due)
			}
			last = a
			advancing, overriding = mustComplete(t, advancing), mustComplete(t, overriding)
		}
	})
}
