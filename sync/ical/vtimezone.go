// SPDX-License-Identifier: EUPL-1.2

package ical

import (
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
	"time"
)

// transition is the moment from which an offset holds.
type transition struct {
	at  int64 // Unix seconds
	typ uint8 // index into the offsets
}

type offset struct {
	seconds int32
	dst     bool
}

// Bounds of the rules of a VTIMEZONE: rules without an end are followed up to lastYear.
const (
	lastYear       = 2060
	maxTransitions = 2000
)

// fromRules makes a zone of a VTIMEZONE (RFC 5545, section 3.6.5), nil where it defines nothing. The standard library
// makes zones only from the form they have on disk (RFC 8536), so that form is written first.
func fromRules(name string, def *Component) *time.Location {
	var offsets []offset
	var all []transition
	for _, part := range def.Components("") {
		to, okTo := utcOffset(part.Value("TZOFFSETTO"))
		from, okFrom := utcOffset(part.Value("TZOFFSETFROM"))
		if !okTo {
			continue
		}
		if !okFrom {
			from = to
		}
		offsets = append(offsets, offset{to, part.Name == "DAYLIGHT"})
		for _, local := range onsets(part) {
			all = append(all, transition{local.Unix() - int64(from), uint8(len(offsets) - 1)})
		}
		if len(offsets) == 255 {
			break
		}
	}
	if len(offsets) == 0 {
		return nil
	}
	slices.SortStableFunc(all, func(a, b transition) int { return int(min(1, max(-1, a.at-b.at))) })
	if len(all) > maxTransitions {
		all = all[:maxTransitions]
	}
	loc, err := time.LoadLocationFromTZData(name, tzif(offsets, all))
	if err != nil {
		return nil
	}
	return loc
}

// utcOffset reads "+0100" and "-033000" as seconds.
func utcOffset(s string) (int32, bool) {
	s = strings.TrimSpace(s)
	if len(s) != 5 && len(s) != 7 {
		return 0, false
	}
	n, ok := digits(s[1:])
	if !ok || (s[0] != '+' && s[0] != '-') {
		return 0, false
	}
	if len(s) == 5 {
		n *= 100
	}
	seconds := int32(n/10000*3600 + n/100%100*60 + n%100)
	if s[0] == '-' {
		seconds = -seconds
	}
	return seconds, seconds > -26*3600 && seconds < 26*3600
}

// onsets lists the local times at which a STANDARD or DAYLIGHT part begins to hold, as if they were UTC.
func onsets(part *Component) []time.Time {
	start, ok := civil(part.Value("DTSTART"))
	if !ok {
		return nil
	}
	all := []time.Time{start}
	for _, l := range part.Lines("RDATE") {
		for _, v := range List(l.Value()) {
			v, _, _ = strings.Cut(v, "/")
			if t, ok := civil(v); ok && len(all) < maxTransitions {
				all = append(all, t)
			}
		}
	}
	for _, l := range part.Lines("RRULE") {
		all = append(all, yearly(l.Value(), start)...)
	}
	return all
}

func civil(s string) (time.Time, bool) {
	m, ok := (&Zones{local: time.UTC}).Parse(strings.TrimSuffix(s, "Z"), "")
	return m.Time, ok
}

// yearly follows a rule that names a day in each year, which is what zone definitions use.
func yearly(rule string, start time.Time) []time.Time {
	r := parts(rule)
	if r["FREQ"] != "YEARLY" {
		return nil
	}
	step, until := 1, time.Date(lastYear, 12, 31, 0, 0, 0, 0, time.UTC)
	if n, err := strconv.Atoi(r["INTERVAL"]); err == nil && n > 0 {
		step = n
	}
	if t, ok := civil(r["UNTIL"]); ok && t.Before(until) {
		until = t.Add(24 * time.Hour) // it is in UTC, the onsets are local
	}
	count, err := strconv.Atoi(r["COUNT"])
	if err != nil || count <= 0 {
		count = maxTransitions
	}
	month := start.Month()
	if n, err := strconv.Atoi(r["BYMONTH"]); err == nil && n >= 1 && n <= 12 {
		month = time.Month(n)
	}
	var all []time.Time
	for y := start.Year(); y <= lastYear && len(all) < count; y += step {
		t, ok := dayOf(y, month, r["BYDAY"], r["BYMONTHDAY"], start)
		if !ok || t.After(until) {
			break
		}
		if t.After(start) || t.Equal(start) {
			all = append(all, t)
		}
	}
	return all
}

func parts(rule string) map[string]string {
	all := map[string]string{}
	for _, p := range strings.Split(strings.ToUpper(rule), ";") {
		k, v, _ := strings.Cut(p, "=")
		all[strings.TrimSpace(k)] = strings.TrimSpace(v)
	}
	return all
}

var weekdays = map[string]time.Weekday{
	"SU": time.Sunday, "MO": time.Monday, "TU": time.Tuesday, "WE": time.Wednesday,
	"TH": time.Thursday, "FR": time.Friday, "SA": time.Saturday,
}

// dayOf finds the day that "-1SU", or "SU" with a list of days of the month, means in a month.
func dayOf(y int, m time.Month, byDay, byMonthDay string, start time.Time) (time.Time, bool) {
	on := func(d int) time.Time {
		return time.Date(y, m, d, start.Hour(), start.Minute(), start.Second(), 0, time.UTC)
	}
	last := time.Date(y, m+1, 0, 0, 0, 0, 0, time.UTC).Day()
	if len(byDay) < 2 {
		if d, err := strconv.Atoi(byMonthDay); err == nil && d >= 1 && d <= last {
			return on(d), true
		}
		return on(start.Day()), byDay == ""
	}
	weekday, ok := weekdays[byDay[len(byDay)-2:]]
	if !ok {
		return time.Time{}, false
	}
	if byMonthDay != "" {
		for _, s := range strings.Split(byMonthDay, ",") {
			if d, err := strconv.Atoi(s); err == nil && d >= 1 && d <= last && on(d).Weekday() == weekday {
				return on(d), true
			}
		}
		return time.Time{}, false
	}
	n := 1
	if number := byDay[:len(byDay)-2]; number != "" {
		if n, ok = atoi(number); !ok {
			return time.Time{}, false
		}
	}
	d := 1 + (int(weekday-on(1).Weekday())+7)%7 + (n-1)*7
	if n < 0 {
		d = last - (int(on(last).Weekday()-weekday)+7)%7 + (n+1)*7
	}
	return on(d), d >= 1 && d <= last
}

func atoi(s string) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && n != 0 && n >= -5 && n <= 5
}

// tzif writes a zone as RFC 8536, section 3: an empty block of version 1, then one with 64-bit times.
func tzif(offsets []offset, all []transition) []byte {
	header := func(times, types, chars int) []byte {
		b := append([]byte("TZif2"), make([]byte, 15)...)
		for _, n := range []int{0, 0, 0, times, types, chars} {
			b = binary.BigEndian.AppendUint32(b, uint32(n))
		}
		return b
	}
	const names = "STD\x00DST\x00"
	b := append(header(0, 0, 0), header(len(all), len(offsets), len(names))...)
	for _, t := range all {
		b = binary.BigEndian.AppendUint64(b, uint64(t.at))
	}
	for _, t := range all {
		b = append(b, t.typ)
	}
	for _, o := range offsets {
		b = binary.BigEndian.AppendUint32(b, uint32(o.seconds))
		if o.dst {
			b = append(b, 1, 4)
		} else {
			b = append(b, 0, 0)
		}
	}
	return append(append(b, names...), "\n\n"...)
}
