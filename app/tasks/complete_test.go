// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// What completing a series writes, besides the interop cases.
func TestCompleteSeries(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string
		not  []string
	}{
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
