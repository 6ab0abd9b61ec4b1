// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kontor/sync/ical"
)

// ruleModel is a rule of RFC 5545, section 3.3.10, that is tried on one day after the other.
type ruleModel struct {
	start              time.Time // a day, in UTC
	freq               string
	interval           int
	days               []time.Weekday // BYDAY
	nth                int            // the number before the one day of BYDAY, 0 for none
	monthDays, months  []int
	setPos, count      int
	weekStart          time.Weekday
	until              time.Time // the last day
	exceptions, extras []time.Time
}

func (m ruleModel) String() string {
	parts := []string{"FREQ=" + m.freq}
	add := func(is bool, name string, value any) {
		if is {
			parts = append(parts, name+"="+strings.Trim(strings.ReplaceAll(fmt.Sprint(value), " ", ","), "[]"))
		}
	}
	add(m.interval > 1, "INTERVAL", m.interval)
	add(m.weekStart != time.Monday, "WKST", dayCodes[m.weekStart])
	var days []string
	for _, d := range m.days {
		code := dayCodes[d]
		if m.nth != 0 {
			code = fmt.Sprint(m.nth, code)
			code = strings.ReplaceAll(code, " ", "")
		}
		days = append(days, code)
	}
	add(len(days) > 0, "BYDAY", days)
	add(len(m.monthDays) > 0, "BYMONTHDAY", m.monthDays)
	add(len(m.months) > 0, "BYMONTH", m.months)
	add(m.setPos != 0, "BYSETPOS", m.setPos)
	add(m.count > 0, "COUNT", m.count)
	add(!m.until.IsZero(), "UNTIL", m.until.Format("20060102"))
	return strings.Join(parts, ";")
}

func lastOfMonth(d time.Time) int {
	return time.Date(d.Year(), d.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// fires reports whether the rule names a day, its start, count and end aside.
func (m ruleModel) fires(d time.Time) bool {
	if m.setPos == 0 {
		return m.inPeriod(d) && m.fits(d)
	}
	if !m.inPeriod(d) {
		return false
	}
	var set []int
	for n := 1; n <= lastOfMonth(d); n++ {
		if m.fits(time.Date(d.Year(), d.Month(), n, 0, 0, 0, 0, time.UTC)) {
			set = append(set, n)
		}
	}
	at := m.setPos - 1
	if m.setPos < 0 {
		at = len(set) + m.setPos
	}
	return at >= 0 && at < len(set) && set[at] == d.Day()
}

func (m ruleModel) inPeriod(d time.Time) bool {
	between := func(a, b time.Time) int { return int(b.Sub(a).Hours() / 24) }
	switch m.freq {
	case "DAILY":
		return between(m.start, d)%m.interval == 0
	case "WEEKLY":
		week := func(d time.Time) time.Time { return d.AddDate(0, 0, -int(d.Weekday()-m.weekStart+7)%7) }
		return between(week(m.start), week(d))/7%m.interval == 0
	case "MONTHLY":
		return ((d.Year()-m.start.Year())*12+int(d.Month()-m.start.Month()))%m.interval == 0
	}
	return (d.Year()-m.start.Year())%m.interval == 0
}

func (m ruleModel) fits(d time.Time) bool {
	if len(m.months) > 0 && !slices.Contains(m.months, int(d.Month())) {
		return false
	}
	if len(m.monthDays) > 0 && !slices.Contains(m.monthDays, d.Day()) && !slices.Contains(m.monthDays, d.Day()-lastOfMonth(d)-1) {
		return false
	}
	switch {
	case len(m.days) > 0 && !slices.Contains(m.days, d.Weekday()):
		return false
	case m.nth > 0 && (d.Day()+6)/7 != m.nth, m.nth < 0 && (lastOfMonth(d)-d.Day())/7+1 != -m.nth:
		return false
	case len(m.days) > 0 || len(m.monthDays) > 0:
		return true
	case m.freq == "WEEKLY":
		return d.Weekday() == m.start.Weekday()
	case m.freq == "MONTHLY":
		return d.Day() == m.start.Day()
	case m.freq == "YEARLY":
		return d.Day() == m.start.Day() && (len(m.months) > 0 || d.Month() == m.start.Month())
	}
	return true
}

// instances gives the days of a series, at most n, by looking at each day.
func (m ruleModel) instances(n int) []time.Time {
	years := 11
	if m.freq == "YEARLY" {
		years = 40
	}
	var all []time.Time
	fired := 0
	for d := m.start; d.Before(m.start.AddDate(years, 0, 0)) && len(all) < n; d = d.AddDate(0, 0, 1) {
		fires := (m.count == 0 || fired < m.count) && (m.until.IsZero() || !d.After(m.until)) && m.fires(d)
		if fires || d.Equal(m.start) {
			fired++
		}
		if (fires || d.Equal(m.start) || slices.Contains(m.extras, d)) && !slices.Contains(m.exceptions, d) {
			all = append(all, d)
		}
	}
	return all
}

func drawRule(t *rapid.T) ruleModel {
	pick := func(label string) bool { return rapid.IntRange(0, 2).Draw(t, label) == 0 }
	m := ruleModel{
		freq:      rapid.SampledFrom([]string{"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}).Draw(t, "freq"),
		interval:  rapid.IntRange(1, 4).Draw(t, "interval"),
		weekStart: rapid.SampledFrom([]time.Weekday{time.Monday, time.Sunday, time.Saturday}).Draw(t, "week start"),
		start: rapid.SampledFrom([]time.Time{
			time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC), time.Date(2028, 2, 29, 0, 0, 0, 0, time.UTC), time.Date(2026, 3, 27, 0, 0, 0, 0, time.UTC),
			time.Date(2026, 10, 23, 0, 0, 0, 0, time.UTC), time.Date(1999, 12, 26, 0, 0, 0, 0, time.UTC), time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC),
		}).Draw(t, "start"),
	}
	if pick("by day") && m.freq != "YEARLY" {
		m.days = rapid.SliceOfNDistinct(rapid.SampledFrom([]time.Weekday{0, 1, 2, 3, 4, 5, 6}), 1, 5, rapid.ID).Draw(t, "days")
		if m.freq == "MONTHLY" && pick("numbered") {
			m.days, m.nth = m.days[:1], rapid.SampledFrom([]int{1, 2, 4, -1, -2}).Draw(t, "nth")
		} else if m.freq == "MONTHLY" && pick("one of the set") {
			m.setPos = rapid.SampledFrom([]int{1, 2, -1, -3}).Draw(t, "position")
		}
	}
	if (m.freq == "MONTHLY" || m.freq == "YEARLY") && len(m.days) == 0 && pick("by day of the month") {
		m.monthDays = rapid.SliceOfNDistinct(rapid.SampledFrom([]int{1, 15, 29, 30, 31, -1, -2, -31}), 1, 3, rapid.ID).Draw(t, "days of the month")
		if m.freq == "YEARLY" {
			m.months = []int{rapid.IntRange(1, 12).Draw(t, "its month")}
		}
	}
	if m.freq != "YEARLY" && m.interval == 1 && pick("by month") {
		m.months = rapid.SliceOfNDistinct(rapid.IntRange(1, 12), 1, 4, rapid.ID).Draw(t, "months")
	}
	if pick("counted") {
		m.count = rapid.IntRange(1, 6).Draw(t, "count")
	} else if pick("until") {
		m.until = m.start.AddDate(0, 0, rapid.IntRange(0, 90).Draw(t, "days until"))
	}
	return m
}

// written is how the dates of a series are written, with the instance that a day stands for.
type written struct {
	line string
	at   func(d time.Time) time.Time
	date func(d time.Time) string
}

func drawWritten(t *rapid.T, berlin *time.Location, start time.Time) written {
	hour := rapid.SampledFrom([]int{0, 2, 9, 23}).Draw(t, "hour")
	wall := func(d time.Time) time.Time { return time.Date(d.Year(), d.Month(), d.Day(), hour, 30, 0, 0, berlin) }
	clock := fmt.Sprintf("T%02d3000", hour)
	day := func(d time.Time) string { return d.Format("20060102") }
	return rapid.SampledFrom([]written{
		{"DUE;VALUE=DATE:" + day(start), func(d time.Time) time.Time { return time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, berlin) }, func(d time.Time) string { return ";VALUE=DATE:" + day(d) }},
		{"DUE;TZID=Europe/Berlin:" + day(start) + clock, wall, func(d time.Time) string { return ";TZID=Europe/Berlin:" + day(d) + clock }},
		{"DUE:" + day(start) + clock, wall, func(d time.Time) string { return ";VALUE=DATE:" + day(d) }},
	}).Draw(t, "written")
}

// TestSeriesFollowTheCalendar: the instances of a series are those that somebody finds who looks at each day of the calendar,
// by expansion and by completing one after the other, whether the dates advance or overrides are kept. Exceptions may leave
// out any of them, also the first.
func TestSeriesFollowTheCalendar(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	rapid.Check(t, func(t *rapid.T) {
		m := drawRule(t)
		w := drawWritten(t, berlin, m.start)
		lines := []string{w.line, "RRULE:" + m.String()}
		for _, d := range m.instances(6) {
			if rapid.IntRange(0, 5).Draw(t, "excepted") == 0 {
				m.exceptions = append(m.exceptions, d)
				lines = append(lines, "EXDATE"+w.date(d))
			}
		}
		if rapid.IntRange(0, 4).Draw(t, "extra") == 0 {
			m.extras = []time.Time{m.start.AddDate(0, 0, rapid.IntRange(1, 40).Draw(t, "extra day"))}
			lines = append(lines, "RDATE"+strings.Replace(w.date(m.extras[0]), ";VALUE=DATE:"+m.extras[0].Format("20060102"), extraDate(w, m.extras[0]), 1))
		}
		want := m.instances(7)
		if len(want) == 0 {
			return // nothing is left of it
		}
		text := vtodo(lines...)
		expanded := expand(t, text, berlin, len(want))
		for i, d := range want {
			if i >= len(expanded) || !expanded[i].Equal(w.at(d)) {
				t.Fatalf("instance %d of %s is not %v: %v", i, lines, w.at(d), expanded)
			}
		}
		now := time.Date(2026, 11, 23, 9, 0, 0, 0, berlin)
		for i, d := range want {
			got, err := Parse(text, berlin)
			if err != nil || got.Closed() || !got.Due.Time.Equal(w.at(d)) {
				t.Fatalf("%v: instance %d of %s is shown as %v (closed: %v), want %v, in\n%s", err, i, lines, got.Due.Time, got.Closed(), w.at(d), text)
			}
			if text, err = Complete(text, now); err != nil {
				t.Fatal(err)
			}
		}
		ends := !m.until.IsZero() || (m.count > 0 && m.freq != "YEARLY")
		if got := mustParse(t, text); ends && len(want) < 7 && !got.Closed() {
			t.Fatalf("after its last instance %s is open, due %v:\n%s", lines, got.Due.Time, text)
		}
	})
}

// extraDate writes a day beside the rule in the way the series is written, since a day alone would be another type.
func extraDate(w written, d time.Time) string {
	if strings.Contains(w.line, "VALUE=DATE") {
		return ";VALUE=DATE:" + d.Format("20060102")
	}
	return ":" + w.at(d).Format("20060102T150405")
}

// expand lists the first instances of a text.
func expand(t *rapid.T, text string, loc *time.Location, n int) []time.Time {
	o, err := readObject(text, loc)
	if err != nil {
		t.Fatal(err)
	}
	next, err := o.occurrences(o.spanOf(o.master))
	if err != nil {
		t.Fatalf("%v: %s", err, ical.Parse(text).String())
	}
	var all []time.Time
	for range n {
		at, ok := next()
		if !ok {
			break
		}
		all = append(all, at)
	}
	return all
}
