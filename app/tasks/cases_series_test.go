// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"strings"
	"testing"
)

// expect checks a text for whole lines and for the absence of properties.
func expect(t *testing.T, text string, want []string, not ...string) {
	t.Helper()
	for _, line := range want {
		if !has(text, line) {
			t.Errorf("%s is missing in\n%s", line, text)
		}
	}
	for _, name := range not {
		if strings.Contains(text, "\r\n"+name) {
			t.Errorf("%s is in\n%s", name, text)
		}
	}
}

const weekly = "DTSTART:20261102T080000Z\r\nDUE:20261102T100000Z\r\nRRULE:FREQ=WEEKLY\r\n"

// closedAt is an instance that another program has completed.
func closedAt(rid string) string {
	return "RECURRENCE-ID:" + rid + "\r\nSTATUS:COMPLETED\r\nCOMPLETED:20261102T080000Z\r\nX-MOZ-GENERATION:2\r\n"
}

// shownDue checks which instance is shown.
func shownDue(t *testing.T, text, due string, history int) {
	t.Helper()
	got := parse(t, text)
	if !got.Due.Time.Equal(berlin(t, due)) || got.History != history || got.Closed() || !got.Recurs {
		t.Errorf("due %v, history %d, closed %v of\n%s", got.Due.Time, got.History, got.Closed(), text)
	}
}

// Interop case 1: Thunderbird adds an override for each instance that is done. The next open one is shown, what is done
// counts as history, and every way of writing keeps both.
func TestCase01OverridesAsHistory(t *testing.T) {
	text := series(weekly, closedAt("20261102T080000Z"))
	shownDue(t, text, "2026-11-09 11:00", 1)
	shownDue(t, series(weekly, closedAt("20261102")), "2026-11-09 11:00", 1)
	shownDue(t, series(weekly, closedAt("20261102T080000Z"), "RECURRENCE-ID:20261109T080000Z\r\nDUE:20261110T100000Z\r\n"), "2026-11-10 11:00", 1)
	edited := apply(t, text, Edit{Note: ptr("neu")})
	expect(t, edited, []string{"RECURRENCE-ID:20261102T080000Z", "X-MOZ-GENERATION:2", "DTSTART:20261102T080000Z", "DESCRIPTION:neu"})
	if _, kept, _ := strings.Cut(text, "RECURRENCE-ID"); !strings.HasSuffix(edited, kept) {
		t.Errorf("the instance that is done was changed:\n%s", edited)
	}
	done := complete(t, text)
	expect(t, done, []string{"RECURRENCE-ID:20261102T080000Z", "RECURRENCE-ID:20261109T080000Z", "DTSTART:20261102T080000Z"})
	shownDue(t, done, "2026-11-16 11:00", 2)
}

// Interop case 2: eM Client moves the master on and adds an override as well: the same view, nothing twice.
func TestCase02AdvancedMasterWithOverride(t *testing.T) {
	text := series(strings.ReplaceAll(weekly, "20261102", "20261109"), closedAt("20261102T080000Z"))
	shownDue(t, text, "2026-11-09 11:00", 1)
	done := complete(t, text)
	shownDue(t, done, "2026-11-16 11:00", 2)
	if strings.Count(done, "RECURRENCE-ID:20261102T080000Z") != 1 {
		t.Errorf("twice:\n%s", done)
	}
}

// Interop case 5: completing goes on by the rule, or adds an override where there are some; the last one completes all.
func TestCase05CompletingARecurringTask(t *testing.T) {
	expect(t, complete(t, vtodo("DTSTART;TZID=Europe/Berlin:20261024T080000", "DUE;TZID=Europe/Berlin:20261024T103000", "RRULE:FREQ=DAILY;COUNT=3",
		"STATUS:IN-PROCESS", "PERCENT-COMPLETE:50")),
		[]string{"DTSTART;TZID=Europe/Berlin:20261025T080000", "DUE;TZID=Europe/Berlin:20261025T103000", "RRULE:FREQ=DAILY;COUNT=2", "STATUS:NEEDS-ACTION", "SEQUENCE:1"},
		"COMPLETED", "PERCENT")
	expect(t, complete(t, vtodo("DUE:20261102T100000Z", "RRULE:FREQ=WEEKLY;UNTIL=20261105T000000Z")),
		[]string{"STATUS:COMPLETED", "PERCENT-COMPLETE:100", "COMPLETED:20261123T080000Z", "DUE:20261102T100000Z", "RRULE:FREQ=WEEKLY;UNTIL=20261105T000000Z"})
	expect(t, complete(t, series(weekly, closedAt("20261102T080000Z"))),
		[]string{"RECURRENCE-ID:20261109T080000Z", "DUE:20261109T100000Z", "DTSTART:20261102T080000Z", "STATUS:COMPLETED"})
	expect(t, complete(t, vtodo("DUE;VALUE=DATE:20261102", "RRULE:FREQ=DAILY;COUNT=5", "EXDATE;VALUE=DATE:20261103,20261104")),
		[]string{"DUE;VALUE=DATE:20261105", "RRULE:FREQ=DAILY;COUNT=2"}) // what is left out counts as well
	beside := complete(t, vtodo("DUE:20261102T100000Z", "RRULE:FREQ=WEEKLY", "RDATE:20261104T100000Z"))
	expect(t, beside, []string{"DUE:20261102T100000Z", "RECURRENCE-ID:20261102T100000Z", "STATUS:COMPLETED"})
	shownDue(t, beside, "2026-11-04 11:00", 1)
	shownDue(t, complete(t, beside), "2026-11-09 11:00", 2)
	expect(t, complete(t, series("DTSTART:20261102T080000Z\r\nRRULE:FREQ=WEEKLY\r\n", "RECURRENCE-ID:20261102T080000Z\r\nSTATUS:IN-PROCESS\r\n")),
		[]string{"RECURRENCE-ID:20261102T080000Z", "STATUS:COMPLETED"}, "STATUS:IN-PROCESS")
}

// Interop case 6: a rule that has nothing but DUE starts from there; no DTSTART is invented.
func TestCase06RuleFromDue(t *testing.T) {
	expect(t, complete(t, vtodo("DUE:20261102T100000Z", "RRULE:FREQ=DAILY")), []string{"DUE:20261103T100000Z"}, "DTSTART", "STATUS")
	shownDue(t, series("DUE:20261102T100000Z\r\nRRULE:FREQ=DAILY\r\n", closedAt("20261102T100000Z")), "2026-11-03 11:00", 1)
}

// Interop case 7: the last day of a rule counts as a whole, in the zone of the series.
func TestCase07UntilIsADay(t *testing.T) {
	for form, until := range map[string]string{
		"DUE;TZID=Europe/Berlin:2026110%dT233000": "20261103",
		"DUE:2026110%dT100000":                    "20261103T100000",
		"DUE;VALUE=DATE:2026110%d":                "20261103",
	} {
		due := func(day string) string { return strings.Replace(form, "%d", day, 1) }
		last := complete(t, vtodo(due("2"), "RRULE:FREQ=DAILY;UNTIL="+until))
		expect(t, last, []string{due("3"), "RRULE:FREQ=DAILY;UNTIL=" + until}, "STATUS:COMPLETED")
		expect(t, complete(t, last), []string{due("3"), "STATUS:COMPLETED"})
	}
}

// Interop case 8: the only instance completes the task; the rule stays.
func TestCase08CountOne(t *testing.T) {
	expect(t, complete(t, vtodo("DUE:20261102T100000Z", "RRULE:FREQ=DAILY;COUNT=1")), []string{"STATUS:COMPLETED", "RRULE:FREQ=DAILY;COUNT=1", "DUE:20261102T100000Z"})
}

// Interop case 9: months without a 31st are left out.
func TestCase09The31st(t *testing.T) {
	text := vtodo("DUE;VALUE=DATE:20260131", "RRULE:FREQ=MONTHLY")
	for _, want := range []string{"20260331", "20260531", "20260731", "20260831", "20261031"} {
		text = complete(t, text)
		expect(t, text, []string{"DUE;VALUE=DATE:" + want})
	}
}

// Interop case 10: half past two does not exist when summer time begins; the days after it are not shifted by that.
func TestCase10GapOfSummerTime(t *testing.T) {
	advanced := complete(t, vtodo("DUE;TZID=Europe/Berlin:20260328T023000", "RRULE:FREQ=DAILY"))
	if got := parse(t, advanced); !got.Due.Time.Equal(berlin(t, "2026-03-29 03:30")) {
		t.Errorf("in the gap %v", got.Due.Time)
	}
	expect(t, complete(t, advanced), []string{"DUE;TZID=Europe/Berlin:20260330T023000"})
	text := series("DTSTART;TZID=Europe/Berlin:20260328T023000\r\nRRULE:FREQ=DAILY\r\n",
		"RECURRENCE-ID;TZID=Europe/Berlin:20260328T023000\r\nSTATUS:COMPLETED\r\n", "RECURRENCE-ID;TZID=Europe/Berlin:20260329T033000\r\nSTATUS:COMPLETED\r\n")
	if got := parse(t, text); !got.Start.Time.Equal(berlin(t, "2026-03-30 02:30")) {
		t.Errorf("next %v", got.Start.Time)
	}
}

// Interop case 11: several exceptions in one line, and one that is a day where the series has times.
func TestCase11Exceptions(t *testing.T) {
	daily := []string{"DUE:20261102T100000Z", "RRULE:FREQ=DAILY"}
	for exdate, want := range map[string]string{
		"EXDATE:20261103T100000Z,20261104T100000Z":   "DUE:20261105T100000Z",
		"EXDATE;VALUE=DATE:20261103":                 "DUE:20261104T100000Z",
		"EXDATE;VALUE=DATE:20261103,20261104":        "DUE:20261105T100000Z",
		"EXDATE;TZID=Europe/Berlin:20261103T110000":  "DUE:20261104T100000Z",
		"EXDATE:20261103T100000Z\r\nEXDATE:20261104": "DUE:20261105T100000Z",
		"EXDATE:20261103T110000Z":                    "DUE:20261103T100000Z",
		"EXDATE:unsinn,20261103T100000Z":             "DUE:20261104T100000Z",
	} {
		done := complete(t, vtodo(append(daily, exdate)...))
		expect(t, done, append(strings.Split(exdate, "\r\n"), want))
	}
	shownDue(t, series(weekly+"EXDATE:20261109T080000Z,20261116T080000Z\r\n", closedAt("20261102T080000Z")), "2026-11-23 11:00", 1)
	shownDue(t, series(weekly+"EXDATE;VALUE=DATE:20261109\r\n", closedAt("20261102T080000Z")), "2026-11-16 11:00", 1)
	first := vtodo(append(daily, "EXDATE:20261102T100000Z")...)
	shownDue(t, first, "2026-11-03 11:00", 0)
	expect(t, complete(t, first), []string{"DUE:20261104T100000Z"})
	shownDue(t, apply(t, first, Edit{Due: ptr(moment(t, "2026-11-03 15:00"))}), "2026-11-03 15:00", 0)
	if none := vtodo("DUE:20261102T100000Z", "RRULE:FREQ=DAILY;COUNT=1", "EXDATE:20261102T100000Z"); parse(t, none).Closed() {
		t.Error("a task of which every instance is left out is taken for done")
	}
}

// Interop case 26: opening again takes the moment and the percents away; of a series it is the instance closed last.
func TestCase26Reopen(t *testing.T) {
	text := vtodo("SUMMARY:a", "STATUS:COMPLETED", "COMPLETED:20260101T000000Z", "PERCENT-COMPLETE:100")
	got, err := Reopen(text, monday(t))
	if err != nil {
		t.Fatal(err)
	}
	expect(t, got, []string{"STATUS:NEEDS-ACTION"}, "COMPLETED", "PERCENT")
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
