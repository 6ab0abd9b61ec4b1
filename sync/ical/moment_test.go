// SPDX-License-Identifier: EUPL-1.2

package ical

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

const customZone = `BEGIN:VCALENDAR
BEGIN:VTIMEZONE
TZID:Dienstzeit
BEGIN:STANDARD
DTSTART:19701025T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700329T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VTIMEZONE
TZID:Alias
X-LIC-LOCATION:Europe/Vienna
END:VTIMEZONE
BEGIN:VTIMEZONE
TZID:Leer
END:VTIMEZONE
END:VCALENDAR
`

// Interop cases 13 to 19.
func TestZones(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	z := NewZones(Parse(customZone), tokyo)
	want := time.Date(2026, 7, 1, 14, 0, 0, 0, berlin)
	for _, line := range []string{
		"DUE;TZID=Europe/Berlin:20260701T140000",
		"DUE;TZID=W. Europe Standard Time:20260701T140000",
		"DUE;TZID=/freeassociation.sourceforge.net/Europe/Berlin:20260701T140000",
		"DUE;TZID=\"/mozilla.org/20050126_1/Europe/Berlin\":20260701T140000",
		"DUE;TZID=Alias:20260701T140000",
		"DUE;TZID=Dienstzeit:20260701T140000",
		"DUE:20260701T120000Z",
		"DUE;TZID=Nowhere:20260701T120000z",
		"DUE;VALUE=DATE-TIME:2026-07-01T12:00:00Z",
	} {
		m, ok := z.Moment(Parse(line).Line("DUE"))
		if !ok || !m.Time.Equal(want) || m.AllDay || m.Floating || m.Unknown {
			t.Errorf("%s: %+v %v", line, m, ok)
		}
	}
	for _, line := range []string{"DUE;TZID=Nowhere:20260701T140000", "DUE;TZID=Leer:20260701T140000", "DUE;TZID=Local:20260701T140000"} {
		if m, ok := z.Moment(Parse(line).Line("DUE")); !ok || !m.Unknown || !m.Time.Equal(time.Date(2026, 7, 1, 14, 0, 0, 0, tokyo)) {
			t.Errorf("%s: %+v %v", line, m, ok)
		}
	}
	if m, ok := z.Moment(Parse("DUE:20260701T1400").Line("DUE")); !ok || !m.Floating || m.Time.Hour() != 14 {
		t.Errorf("floating: %+v %v", m, ok)
	}
	if m, ok := z.Moment(Parse("DUE:20260701").Line("DUE")); !ok || !m.AllDay || m.Time.Day() != 1 || m.Time.Location() != tokyo {
		t.Errorf("a day: %+v %v", m, ok)
	}
	for _, bad := range []string{"", "2026", "20261301", "20260732", "20260701T", "20260701T25", "20260701T999999", "2026070aT120000", "20260701TZ"} {
		if m, ok := z.Parse(bad, ""); ok {
			t.Errorf("%q gave %+v", bad, m)
		}
	}
}

func TestRulesMatchIANA(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	loc, ok := NewZones(Parse(customZone), time.UTC).Location("Dienstzeit")
	if !ok {
		t.Fatal("not found")
	}
	rapid.Check(t, func(t *rapid.T) {
		// The rules of today hold in Berlin since 1996.
		at := time.Unix(rapid.Int64Range(852076800, 2840140800).Draw(t, "second"), 0)
		_, want := at.In(berlin).Zone()
		if _, got := at.In(loc).Zone(); got != want {
			t.Fatalf("%v: offset %d, want %d", at, got, want)
		}
	})
}

func TestZoneRuleForms(t *testing.T) {
	zone := func(rule, extra string) *time.Location {
		text := "BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:Z\nBEGIN:STANDARD\nDTSTART:20000101T000000\nTZOFFSETTO:+0000\nTZOFFSETFROM:+0000\nEND:STANDARD\n" +
			"BEGIN:DAYLIGHT\nDTSTART:20100301T000000\nTZOFFSETFROM:+0000\nTZOFFSETTO:+0130\n" + rule + extra + "END:DAYLIGHT\nEND:VTIMEZONE\nEND:VCALENDAR\n"
		loc, _ := NewZones(Parse(text), time.UTC).Location("Z")
		return loc
	}
	for _, rule := range []string{
		"RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=1MO\n", "RRULE:FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=1\n", "RRULE:FREQ=YEARLY\n",
		"RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=MO;BYMONTHDAY=1,2,3,4,5,6,7;COUNT=2\n", "RRULE:FREQ=YEARLY;UNTIL=20120101T000000Z;INTERVAL=2\n",
		"RRULE:FREQ=DAILY\n", "RRULE:FREQ=YEARLY;BYDAY=XX\n", "RRULE:FREQ=YEARLY;BYDAY=9MO\n", "RDATE:20110301T000000,20120301T000000/P1D\n",
	} {
		loc := zone(rule, "")
		if loc == nil {
			t.Errorf("%s: no zone", rule)
			continue
		}
		if _, off := time.Date(2010, 6, 1, 0, 0, 0, 0, time.UTC).In(loc).Zone(); off != 5400 {
			t.Errorf("%s: offset %d", rule, off)
		}
	}
}

func TestDurations(t *testing.T) {
	for in, want := range map[string]Duration{
		"P1D": {Days: 1}, "-P1DT2H": {-1, -2 * time.Hour}, "P-1D": {Days: -1}, "-P-1D": {Days: -1}, "+PT15M": {Rest: 15 * time.Minute},
		"p2w": {Days: 14}, "PT1H30M5S": {Rest: 90*time.Minute + 5*time.Second}, "PT0S": {},
	} {
		if got, ok := ParseDuration(in); !ok || got != want {
			t.Errorf("%s: %v %v", in, got, ok)
		}
	}
	for _, bad := range []string{"", "P", "1D", "PD", "P1", "P1M", "P1X", "P99999999999D", "PT9999999999S", "P999999D"} {
		if d, ok := ParseDuration(bad); ok {
			t.Errorf("%s gave %v", bad, d)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(-1e7, 1e7).Draw(t, "seconds")) * time.Second
		if got, ok := ParseDuration(FormatDuration(d)); !ok || got.Approx() != d {
			t.Fatalf("%v became %q, %v", d, FormatDuration(d), got)
		}
	})
	day := time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)
	if got := (Duration{1, time.Hour}).AddTo(day); !got.Equal(time.Date(2026, 3, 29, 13, 0, 0, 0, time.UTC)) {
		t.Errorf("AddTo %v", got)
	}
	if FormatDate(day) != "20260328" || FormatLocal(day) != "20260328T120000" || FormatUTC(day) != "20260328T120000Z" {
		t.Error("formats")
	}
}
