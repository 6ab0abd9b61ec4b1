// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// forms are the ways a date is written in real objects.
var forms = []string{
	"", "DUE;VALUE=DATE:20260701", "DUE:20260701", "DUE:20260701T120000Z", "DUE:20260701T140000", "DUE;TZID=Europe/Berlin:20260701T140000",
	"DUE;TZID=Tokyo Standard Time:20260701T210000", "DUE;TZID=Weit Weg:20260701T140000",
	"DTSTART:20260701T100000Z\r\nDURATION:PT2H", "DTSTART;VALUE=DATE:20260630\r\nDUE;VALUE=DATE:20260701",
	"DTSTART;TZID=Europe/Berlin:20260701T100000\r\nDUE;TZID=Europe/Berlin:20260701T140000", "DTSTART;VALUE=DATE:20260630\r\nDUE:20260701T120000Z",
}

// Whatever form the dates have: what is written is what is read again, start and due are of one type, there is never
// DURATION beside DUE, and a second edit of the same kind changes nothing.
func TestDatesAreReadAsWritten(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, berlin)
	rapid.Check(t, func(t *rapid.T) {
		text := vtodo("SUMMARY:a", rapid.SampledFrom(forms).Draw(t, "form"))
		text = strings.ReplaceAll(text, "\r\n\r\n", "\r\n")
		draw := func(label string) *When {
			at := time.Date(2026, time.Month(rapid.IntRange(1, 12).Draw(t, label+" month")), rapid.IntRange(1, 28).Draw(t, label+" day"),
				rapid.IntRange(4, 23).Draw(t, label+" hour"), 0, 0, 0, berlin)
			if rapid.Bool().Draw(t, label+" all day") {
				return &When{time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, berlin), true}
			}
			return &When{at, false}
		}
		var e Edit
		if rapid.Bool().Draw(t, "due") {
			e.Due = draw("due")
		}
		if rapid.Bool().Draw(t, "start") {
			e.Start = draw("start")
			if e.Due != nil {
				e.Start.AllDay = e.Due.AllDay
			}
		}
		got, err := Apply(text, e, now)
		if err != nil {
			t.Fatal(err)
		}
		view, err := Parse(got, berlin)
		if err != nil {
			t.Fatal(err)
		}
		if e.Due != nil && !sameWhen(*e.Due, view.Due) {
			t.Fatalf("due %v was read as %v of\n%s", e.Due, view.Due, got)
		}
		if e.Start != nil && !sameWhen(*e.Start, view.Start) {
			t.Fatalf("start %v was read as %v of\n%s", e.Start, view.Start, got)
		}
		if (e.Due != nil || e.Start != nil) && got != text && !view.Start.IsZero() && !view.Due.IsZero() && view.Start.AllDay != view.Due.AllDay {
			t.Fatalf("two types in\n%s", got)
		}
		if strings.Contains(got, "\r\nDUE") && strings.Contains(got, "\r\nDURATION") {
			t.Fatalf("DUE beside DURATION in\n%s", got)
		}
		if again, err := Apply(got, e, now.Add(time.Hour)); err != nil || again != got {
			t.Fatalf("a second time, %v:\n%s", err, again)
		}
	})
}

func sameWhen(a, b When) bool {
	if a.AllDay != b.AllDay {
		return false
	}
	if a.AllDay {
		return sameDay(a.Time, b.Time)
	}
	return a.Time.Equal(b.Time)
}

// Completing a task and opening it again leads back to where it was, stamps aside.
func TestCompleteAndReopen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := vtodo("SUMMARY:a", "STATUS:NEEDS-ACTION", "X-A;P=\"q:r\":s", "CATEGORIES:a,b", "DUE:20260701T120000Z")
		now := time.Unix(rapid.Int64Range(1.7e9, 1.9e9).Draw(t, "now"), 0).UTC()
		done, err := Complete(text, now)
		if err != nil {
			t.Fatal(err)
		}
		view, err := Parse(done, time.UTC)
		if err != nil || !view.Done() || !view.Completed.Equal(now) || view.Percent != 100 {
			t.Fatalf("%v: %+v", err, view)
		}
		open, err := Reopen(done, now.Add(time.Minute))
		if err != nil || !SameButStamps(open, text) {
			t.Fatalf("%v\n%s", err, open)
		}
	})
}
