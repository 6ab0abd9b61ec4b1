// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"strings"
	"testing"
	"time"
)

// readsDue checks what due date a task has, and that an edit of something else leaves its lines alone.
func readsDue(t *testing.T, want When, lines ...string) {
	t.Helper()
	text := vtodo(lines...)
	if got := parse(t, text).Due; !got.Time.Equal(want.Time) || got.AllDay != want.AllDay {
		t.Errorf("%q is due %v, want %v", lines, got, want)
	}
	expect(t, apply(t, text, Edit{Title: ptr("neu")}), lines)
}

func moment(t *testing.T, s string) When { return When{berlin(t, s), false} }
func day(t *testing.T, s string) When    { return When{berlin(t, s+" 00:00"), true} }

// Interop case 12: a day is that day wherever one is, and late only when it is over; a moment without a zone is the same
// reading of the clock everywhere (case 14).
func TestCase12DaysDoNotShift(t *testing.T) {
	readsDue(t, day(t, "2026-07-01"), "DUE;VALUE=DATE:20260701")
	for _, name := range []string{"Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kolkata", "UTC"} {
		loc := zone(t, name)
		for _, line := range []string{"DUE;VALUE=DATE:20260701", "DUE:20260701"} {
			got, err := Parse(vtodo(line), loc)
			if err != nil || got.Due.Time.Format("2006-01-02 15:04") != "2026-07-01 00:00" || !got.Due.AllDay {
				t.Errorf("%s in %s: %v, %v", line, name, got.Due, err)
			}
			over := time.Date(2026, 7, 2, 0, 0, 0, 0, loc)
			if SpanOf(got, over.Add(-time.Second)) != SpanToday || SpanOf(got, over) != SpanLate {
				t.Errorf("%s in %s is late before that day is over, or not when it is", line, name)
			}
		}
	}
}

// Interop case 13.
func TestCase13DayWithoutValue(t *testing.T) {
	readsDue(t, day(t, "2026-07-01"), "DUE:20260701")
	expect(t, complete(t, vtodo("DUE:20260701", "RRULE:FREQ=DAILY")), []string{"DUE:20260702"})
}

// Interop case 14.
func TestCase14Floating(t *testing.T) {
	readsDue(t, moment(t, "2026-07-01 14:00"), "DUE:20260701T140000")
	for _, name := range []string{"Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kolkata"} {
		if got, err := Parse(vtodo("DUE:20260701T140000"), zone(t, name)); err != nil || got.Due.Time.Format("2006-01-02 15:04") != "2026-07-01 14:00" {
			t.Errorf("in %s: %v, %v", name, got.Due, err)
		}
	}
	expect(t, apply(t, vtodo("DUE:20260701T140000"), Edit{Due: ptr(moment(t, "2026-07-02 15:00"))}), []string{"DUE:20260702T150000"})
}

// Interop case 15.
func TestCase15ZoneWithoutDefinition(t *testing.T) {
	readsDue(t, moment(t, "2026-07-01 07:00"), "DUE;TZID=Asia/Tokyo:20260701T140000")
}

// Interop case 16: a name that Windows gives a zone is understood, and an edit of the date keeps it.
func TestCase16WindowsZone(t *testing.T) {
	readsDue(t, moment(t, "2026-07-01 14:00"), "DUE;TZID=W. Europe Standard Time:20260701T140000")
	expect(t, apply(t, vtodo("DUE;TZID=W. Europe Standard Time:20260701T140000"), Edit{Due: ptr(moment(t, "2026-12-02 09:00"))}),
		[]string{"DUE;TZID=W. Europe Standard Time:20261202T090000"})
}

// Interop case 17.
func TestCase17ZoneWithPrefix(t *testing.T) {
	readsDue(t, moment(t, "2026-07-01 14:00"), "DUE;TZID=/freeassociation.sourceforge.net/Europe/Berlin:20260701T140000")
	readsDue(t, moment(t, "2026-07-01 20:00"), "DUE;TZID=/mozilla.org/20050126_1/America/Argentina/Buenos_Aires:20260701T150000")
}

// Interop case 18: a zone that only its own rules explain, in summer and in winter.
func TestCase18ZoneByItsRules(t *testing.T) {
	rules := "BEGIN:VTIMEZONE\r\nTZID:Amtszeit\r\nBEGIN:STANDARD\r\nDTSTART:20001029T030000\r\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\n" +
		"TZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\nBEGIN:DAYLIGHT\r\nDTSTART:20000326T020000\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\n" +
		"TZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n"
	for value, want := range map[string]string{"20260701T140000": "2026-07-01 14:00", "20261201T140000": "2026-12-01 14:00"} {
		text := strings.Replace(vtodo("DUE;TZID=Amtszeit:"+value), "BEGIN:VTODO", rules+"BEGIN:VTODO", 1)
		if got := parse(t, text); !got.Due.Time.Equal(berlin(t, want)) || got.ZoneLost {
			t.Errorf("%s: %v", value, got.Due)
		}
		if got := apply(t, text, Edit{Due: ptr(moment(t, "2026-08-01 10:00"))}); !strings.Contains(got, rules) || !has(got, "DUE;TZID=Amtszeit:20260801T100000") {
			t.Errorf("edited to\n%s", got)
		}
	}
}

// Interop case 19: a zone that nobody knows: local time, said so, and the text is kept.
func TestCase19UnknownZone(t *testing.T) {
	readsDue(t, moment(t, "2026-07-01 14:00"), "DUE;TZID=Weit Weg:20260701T140000")
	if got := parse(t, vtodo("DUE;TZID=Weit Weg:20260701T140000")); !got.ZoneLost {
		t.Errorf("not marked: %+v", got)
	}
	if got := parse(t, vtodo("DUE;TZID=Europe/Berlin:20260701T140000")); got.ZoneLost {
		t.Errorf("marked: %+v", got)
	}
}

// Interop case 20: a day and a moment in one task are shown as they are; an edit of one gives both one type.
func TestCase20TwoTypes(t *testing.T) {
	text := vtodo("DTSTART;VALUE=DATE:20260701", "DUE:20260702T100000Z")
	if got := parse(t, text); !got.Start.AllDay || got.Due.AllDay || !got.Due.Time.Equal(berlin(t, "2026-07-02 12:00")) {
		t.Errorf("%+v", got)
	}
	expect(t, apply(t, text, Edit{Title: ptr("neu")}), []string{"DTSTART;VALUE=DATE:20260701", "DUE:20260702T100000Z"})
	expect(t, apply(t, text, Edit{Due: ptr(day(t, "2026-07-03"))}), []string{"DTSTART;VALUE=DATE:20260701", "DUE;VALUE=DATE:20260703"})
	expect(t, apply(t, text, Edit{Due: ptr(moment(t, "2026-07-03 12:00"))}), []string{"DTSTART:20260630T220000Z", "DUE:20260703T100000Z"})
	days := vtodo("DTSTART;VALUE=DATE:20260701", "DUE;VALUE=DATE:20260702")
	expect(t, apply(t, days, Edit{Start: ptr(moment(t, "2026-07-01 08:00"))}), []string{"DTSTART:20260701T060000Z", "DUE:20260702T215900Z"})
}

// Interop case 21: due before its start is shown as it is, and stays so.
func TestCase21DueBeforeStart(t *testing.T) {
	readsDue(t, moment(t, "2026-07-01 14:00"), "DTSTART:20260702T140000", "DUE:20260701T140000")
	text := vtodo("DTSTART:20260702T140000", "DUE:20260701T140000")
	if got, _ := Merge(text, apply(t, text, Edit{Title: ptr("neu")}), apply(t, text, Edit{Priority: ptr(1)})); !has(got, "DTSTART:20260702T140000") || !has(got, "DUE:20260701T140000") {
		t.Errorf("repaired:\n%s", got)
	}
}

// Interop case 22: a duration gives the due moment; DUE takes its place where it is edited, never both.
func TestCase22Duration(t *testing.T) {
	readsDue(t, moment(t, "2026-07-01 15:30"), "DTSTART:20260701T140000", "DURATION:PT90M")
	text := vtodo("DTSTART:20260701T140000", "DURATION:PT1H")
	expect(t, apply(t, text, Edit{Due: ptr(moment(t, "2026-07-01 16:00"))}), []string{"DTSTART:20260701T140000", "DUE:20260701T160000"}, "DURATION")
	expect(t, apply(t, text, Edit{Start: ptr(moment(t, "2026-07-02 14:00"))}), []string{"DTSTART:20260702T140000", "DURATION:PT1H"}, "DUE")
	expect(t, apply(t, text, Edit{Start: &When{}}), []string{"DUE:20260701T150000"}, "DURATION", "DTSTART")
}

// Interop cases 23 to 25: any of three properties says that a task is done, and nothing is written for that.
func TestCase23OnlyStatus(t *testing.T) { isDoneUntouched(t, time.Time{}, "STATUS:COMPLETED") }

// Interop case 24.
func TestCase24OnlyPercent(t *testing.T) {
	isDoneUntouched(t, time.Time{}, "STATUS:IN-PROCESS", "PERCENT-COMPLETE:100")
}

// Interop case 25.
func TestCase25CompletedIsADay(t *testing.T) {
	isDoneUntouched(t, berlin(t, "2026-07-01 00:00"), "COMPLETED;VALUE=DATE:20260701")
	isDoneUntouched(t, berlin(t, "2026-07-01 00:00"), "COMPLETED:20260701")
}

func isDoneUntouched(t *testing.T, at time.Time, lines ...string) {
	t.Helper()
	text := vtodo(lines...)
	if got := parse(t, text); !got.Done() || !got.Completed.Equal(at) {
		t.Errorf("%q: %+v", lines, got)
	}
	if same := complete(t, text); same != text {
		t.Errorf("completed again:\n%s", same)
	}
	expect(t, apply(t, text, Edit{Note: ptr("neu")}), lines)
}

// Interop case 27: what was called off is closed but not done, and stays what it is.
func TestCase27Cancelled(t *testing.T) {
	text := vtodo("STATUS:CANCELLED")
	if got := parse(t, text); got.Done() || !got.Closed() {
		t.Error("cancelled counts as done")
	}
	expect(t, apply(t, text, Edit{Title: ptr("neu")}), []string{"STATUS:CANCELLED"})
	if same := complete(t, text); same != text {
		t.Errorf("completed:\n%s", same)
	}
}
