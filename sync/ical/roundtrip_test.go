// SPDX-License-Identifier: EUPL-1.2

package ical

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// genText draws text with everything that needs an escape somewhere.
func genText(t *rapid.T, label string) string {
	return rapid.StringOfN(rapid.RuneFrom([]rune("aZ äß€😀,;:\\\n\"^'=%&<>\t")), 0, 40, -1).Draw(t, label)
}

// TestTextsComeBack: what is written as a value, a list or a parameter is read as it was.
func TestTextsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := genText(t, "text")
		if got := Text(Escape(text)); got != text {
			t.Fatalf("%q became %q", text, got)
		}
		list := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string { return genText(t, "part") }), 1, 4).Draw(t, "list")
		escaped := make([]string, len(list))
		for i, part := range list {
			escaped[i] = Escape(part)
		}
		if got := List(strings.Join(escaped, ",")); !slices.Equal(got, list) {
			t.Fatalf("%q became %q", list, got)
		}
		params := FormatParam("X-A", text) + FormatParam("X-B", list[0]) + ";VALUE=TEXT"
		l := NewLine("SUMMARY", params, Escape(text))
		again := Parse(fold(l.Content(), "\r\n")).Line("SUMMARY")
		if again == nil || again.Param("X-A") != text || again.Param("X-B") != list[0] || again.Param("VALUE") != "TEXT" || Text(again.Value()) != text {
			t.Fatalf("%+v was read from %q", again, l.Content())
		}
	})
}

// TestNothingBreaksOutOfALine: whatever a person or a program puts into a value or a parameter, it stays in one content
// line and can be carried by XML.
func TestNothingBreaksOutOfALine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		evil := rapid.StringOfN(rapid.RuneFrom([]rune("a\r\n\x00\x07\x1b\x7f\ufffe\uffff:;,\"")), 0, 30, -1).Draw(t, "text") + rapid.SampledFrom([]string{"", "\xff", "\xc3"}).Draw(t, "octets")
		c := New("VTODO")
		c.Set("SUMMARY", FormatParam("X-A", evil), Escape(evil))
		c.Add(NewLine("X-RAW", "", evil))
		text := c.String()
		again := Parse(text)
		v := again.Component("VTODO")
		if v == nil || len(v.Lines("")) != 2 || len(again.Items) != 1 || !v.Closed() {
			t.Fatalf("%q broke out: %q", evil, text)
		}
		for _, r := range text {
			if (r < ' ' && r != '\r' && r != '\n' && r != '\t') || r == 0x7f || r == 0xfffe || r == 0xffff || r == 0xfffd && !strings.Contains(evil, "\xff") && !strings.Contains(evil, "\xc3") {
				t.Fatalf("%q is in %q", r, text)
			}
		}
	})
}

// TestMomentsComeBack: days, moments in UTC, of a zone and without one are read as they were written.
func TestMomentsComeBack(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	z := NewZones(Parse(""), berlin)
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(-2e9, 4e9).Draw(t, "second"), 0).In(berlin)
		utc, ok := z.Parse(FormatUTC(at), "")
		if !ok || !utc.Time.Equal(at) || utc.AllDay || utc.Floating {
			t.Fatalf("%v became %+v", at, utc)
		}
		day, ok := z.Parse(FormatDate(at), "")
		if y, m, d := at.Date(); !ok || !day.AllDay || day.Time != time.Date(y, m, d, 0, 0, 0, 0, berlin) {
			t.Fatalf("%v became %+v", at, day)
		}
		floating, ok := z.Parse(FormatLocal(at), "")
		if !ok || !floating.Floating || FormatLocal(floating.Time) != FormatLocal(at) {
			t.Fatalf("%v became %+v", at, floating)
		}
		zoned, ok := z.Parse(FormatLocal(at), "America/New_York")
		if !ok || zoned.Floating || zoned.TZID != "America/New_York" || zoned.Time.Location().String() != "America/New_York" {
			t.Fatalf("%v became %+v", at, zoned)
		}
	})
}

// TestDatesThatMakeNoSense are refused rather than moved to another day.
func TestDatesThatMakeNoSense(t *testing.T) {
	z := NewZones(Parse(""), time.UTC)
	for _, v := range []string{
		"", "T", "2026", "202607", "2026070", "202607011", "20261301", "20260001", "20260132", "20260100", "x0260701", "20260701T", "20260701T1", "20260701T12", "20260701T12345",
		"20260701T126000", "20260701T250000", "20260701T120000ZZ", "20260701T12000Z0", "2026-07-01T", "+2026701", "20260701T-10000", "99999999999999999999",
	} {
		if m, ok := z.Parse(v, ""); ok {
			t.Errorf("%q became %v", v, m.Time)
		}
	}
	for v, want := range map[string]string{
		" 20260701 ": "2026-07-01T00:00:00Z", "2026-07-01": "2026-07-01T00:00:00Z", "20260701t1430": "2026-07-01T14:30:00Z", "20260701T240000": "2026-07-02T00:00:00Z",
		"20260701T235960Z": "2026-07-02T00:00:00Z", "2026-07-01T14:30:05Z": "2026-07-01T14:30:05Z",
	} {
		if m, ok := z.Parse(v, ""); !ok || m.Time.Format(time.RFC3339) != want {
			t.Errorf("%q became %v", v, m.Time)
		}
	}
}

// TestDurationsComeBack: a duration of whole seconds is read as it was written; days follow the calendar.
func TestDurationsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(-4e6, 4e6).Draw(t, "seconds")) * time.Second
		got, ok := ParseDuration(FormatDuration(d))
		if !ok || got.Approx() != d {
			t.Fatalf("%v became %q and %+v", d, FormatDuration(d), got)
		}
		at := time.Unix(1_774_000_000, 0).UTC()
		if !got.AddTo(at).Equal(at.Add(d)) {
			t.Fatalf("%v after %v is %v", d, at, got.AddTo(at))
		}
		raw := rapid.StringMatching(`[-+]?P?[0-9WDTHMS+-]{0,14}`).Draw(t, "any")
		if got, ok := ParseDuration(raw); ok && got.Approx() > 0 && strings.Contains(raw, "-") {
			t.Fatalf("%q is %v", raw, got)
		}
	})
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	before := time.Date(2026, 3, 28, 12, 0, 0, 0, berlin) // the night has 23 hours
	day, _ := ParseDuration("P1D")
	hours, _ := ParseDuration("PT24H")
	if a, b := day.AddTo(before), hours.AddTo(before); a.Hour() != 12 || b.Hour() != 13 {
		t.Errorf("a day later %v, 24 hours later %v", a, b)
	}
}

// TestRandomRulesOfZones: a definition with the usual yearly rules, whatever they are, gives on every day the offset that
// its rules say.
func TestRandomRulesOfZones(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		standard := rapid.IntRange(-11, 12).Draw(t, "offset")
		spring, autumn := rapid.IntRange(2, 5).Draw(t, "spring"), rapid.IntRange(8, 11).Draw(t, "autumn")
		week := rapid.SampledFrom([]int{1, 2, 3, -1}).Draw(t, "week")
		offset := func(h int) string {
			sign := '+'
			if h < 0 {
				sign, h = '-', -h
			}
			return fmt.Sprintf("%c%02d00", sign, h)
		}
		part := func(kind string, month, from, to int) string {
			return fmt.Sprintf("BEGIN:%s\r\nDTSTART:1970%02d01T020000\r\nTZOFFSETFROM:%s\r\nTZOFFSETTO:%s\r\nRRULE:FREQ=YEARLY;BYMONTH=%d;BYDAY=%dSU\r\nEND:%s\r\n",
				kind, month, offset(from), offset(to), month, week, kind)
		}
		z := NewZones(Parse("BEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\nTZID:Eigene\r\n"+part("DAYLIGHT", spring, standard, standard+1)+
			part("STANDARD", autumn, standard+1, standard)+"END:VTIMEZONE\r\nEND:VCALENDAR\r\n"), time.UTC)
		loc, ok := z.Location("Eigene")
		if !ok {
			t.Fatal("not found")
		}
		year := rapid.IntRange(1990, 2036).Draw(t, "year")
		for month := time.January; month <= time.December; month++ {
			at := time.Date(year, month, 28, 12, 0, 0, 0, time.UTC) // far from any change but those of the last Sunday
			if week == -1 && (int(month) == spring || int(month) == autumn) {
				continue
			}
			want := standard
			if int(month) >= spring && int(month) < autumn {
				want++
			}
			if _, got := at.In(loc).Zone(); got != want*3600 {
				t.Fatalf("%v: %d hours, want %d", at, got/3600, want)
			}
		}
	})
}
