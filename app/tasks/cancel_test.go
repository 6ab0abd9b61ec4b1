// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"strings"
	"testing"
)

// What calling a task off writes: closed but not done, one line of it, and of a series this instance or all of it.
func TestCancel(t *testing.T) {
	const weekly = "DTSTART:20261116T100000Z\r\nDUE:20261116T110000Z\r\nRRULE:FREQ=WEEKLY;COUNT=3\r\n"
	done := "RECURRENCE-ID:20261116T100000Z\r\nSTATUS:COMPLETED\r\nCOMPLETED:20261116T110000Z\r\n"
	moved := "RECURRENCE-ID:20261123T100000Z\r\nDTSTART:20261124T100000Z\r\nSUMMARY:verlegt\r\n"
	for _, c := range []struct {
		name, text string
		whole      bool
		want, not  []string
		closed     bool
	}{
		{"a single one", vtodo("SUMMARY:a", "STATUS:IN-PROCESS", "PERCENT-COMPLETE:40"), false, []string{"STATUS:CANCELLED", "PERCENT-COMPLETE:40", "SEQUENCE:1"}, []string{"COMPLETED:"}, true},
		{"without a status", vtodo("SUMMARY:a", "SEQUENCE:4"), true, []string{"STATUS:CANCELLED", "SEQUENCE:5"}, nil, true},
		{"an instance of a series", series(weekly), false, []string{"DTSTART:20261123T100000Z", "DUE:20261123T110000Z", "RRULE:FREQ=WEEKLY;COUNT=2"}, []string{"STATUS:CANCELLED"}, false},
		{"its last instance", series(strings.Replace(weekly, "COUNT=3", "COUNT=1", 1)), false, []string{"STATUS:CANCELLED", "DTSTART:20261116T100000Z"}, nil, true},
		{"a whole series", series(weekly), true, []string{"STATUS:CANCELLED", "DTSTART:20261116T100000Z", "RRULE:FREQ=WEEKLY;COUNT=3"}, nil, true},
		{"an instance of one that keeps what is done", series(weekly, done), false, []string{"RECURRENCE-ID:20261123T100000Z", "STATUS:CANCELLED", "DTSTART:20261116T100000Z", "STATUS:COMPLETED"}, nil, false},
		{"a changed instance", series(weekly, done, moved), false, []string{"SUMMARY:verlegt", "STATUS:CANCELLED"}, nil, false},
		{"a series with a changed instance", series(weekly, done, moved), true, []string{"STATUS:CANCELLED", "STATUS:COMPLETED", "RRULE:FREQ=WEEKLY;COUNT=3"}, []string{"DTSTART:20261123"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Cancel(c.text, c.whole, monday(t))
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range c.want {
				if !has(got, line) {
					t.Errorf("%s is missing in\n%s", line, got)
				}
			}
			for _, prop := range c.not {
				if strings.Contains(got, "\r\n"+prop) {
					t.Errorf("%s is in\n%s", prop, got)
				}
			}
			view := parse(t, got)
			if view.Closed() != c.closed || view.Done() {
				t.Errorf("closed %t, done %t", view.Closed(), view.Done())
			}
			if !c.closed {
				return
			}
			if again, err := Cancel(got, c.whole, monday(t)); err != nil || again != got {
				t.Errorf("%v, called off twice\n%s", err, again)
			}
			open, err := Reopen(got, monday(t))
			if view := parse(t, open); err != nil || view.Closed() || view.Status != NeedsAction || view.RRule != parse(t, c.text).RRule || view.Title != parse(t, c.text).Title {
				t.Errorf("%v, taken up again\n%s", err, open)
			}
		})
	}
	finished := vtodo("STATUS:COMPLETED")
	if got, err := Cancel(finished, true, monday(t)); err != nil || got != finished {
		t.Errorf("%v, what is done was called off\n%s", err, got)
	}
}
