// SPDX-License-Identifier: EUPL-1.2

package ical

import (
	"strconv"
	"strings"
	"time"
)

// Moment is a DATE or DATE-TIME (RFC 5545, sections 3.3.4 and 3.3.5), resolved.
type Moment struct {
	Time     time.Time // for a day: its midnight in the local zone
	AllDay   bool
	Floating bool   // without a zone: this wall time wherever one is
	Unknown  bool   // its zone could not be found out; it is read as floating
	TZID     string // as it is written, empty for UTC and floating
}

// Moment reads the value of a line; false where it makes no sense. A value of eight digits is a day even where VALUE=DATE
// is missing.
func (z *Zones) Moment(l *Line) (Moment, bool) {
	if l == nil {
		return Moment{}, false
	}
	return z.Parse(l.Value(), l.Param("TZID"))
}

// Parse reads one value with the zone that is named beside it, which may be empty.
func (z *Zones) Parse(value, tzid string) (Moment, bool) {
	y, mo, d, clock, ok := cutDate(value)
	if !ok {
		return Moment{}, false
	}
	if clock == "" {
		return Moment{Time: time.Date(y, mo, d, 0, 0, 0, 0, z.local), AllDay: true}, true
	}
	utc := clock[len(clock)-1] == 'Z' || clock[len(clock)-1] == 'z'
	if utc {
		clock = clock[:len(clock)-1]
	}
	h, mi, s, ok := cutClock(clock)
	if !ok {
		return Moment{}, false
	}
	m := Moment{TZID: tzid}
	loc := time.UTC
	if !utc {
		loc = z.local
		m.Floating = tzid == ""
		if tzid != "" {
			found, known := z.Location(tzid)
			m.Unknown = !known
			if known {
				loc = found
			}
		}
	} else {
		m.TZID = ""
	}
	m.Time = time.Date(y, mo, d, h, mi, s, 0, loc)
	return m, true
}

// cutDate reads "20261123", "20261123T..." and the same with the hyphens of ISO 8601.
func cutDate(s string) (y int, m time.Month, d int, clock string, ok bool) {
	s = strings.TrimSpace(s)
	date, clock, timed := s, "", false
	if i := strings.IndexAny(s, "Tt"); i >= 0 {
		date, clock, timed = s[:i], s[i+1:], true
	}
	date = strings.ReplaceAll(date, "-", "")
	if len(date) != 8 || (timed && clock == "") {
		return 0, 0, 0, "", false
	}
	n, ok := digits(date)
	y, m, d = n/10000, time.Month(n/100%100), n%100
	if !ok || m < 1 || m > 12 || d < 1 || d > 31 {
		return 0, 0, 0, "", false
	}
	return y, m, d, clock, true
}

func cutClock(s string) (h, m, sec int, ok bool) {
	s = strings.ReplaceAll(s, ":", "")
	if len(s) == 4 {
		s += "00"
	}
	n, ok := digits(s)
	h, m, sec = n/10000, n/100%100, n%100
	return h, m, sec, ok && len(s) == 6 && h < 25 && m < 60 && sec < 61
}

func digits(s string) (int, bool) {
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, s != ""
}

// FormatDate writes a day.
func FormatDate(t time.Time) string { return t.Format("20060102") }

// FormatLocal writes a wall time without a zone.
func FormatLocal(t time.Time) string { return t.Format("20060102T150405") }

// FormatUTC writes a moment in UTC.
func FormatUTC(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

// Duration is a DURATION (RFC 5545, section 3.3.6): days follow the calendar, the rest is exact.
type Duration struct {
	Days int
	Rest time.Duration
}

// AddTo gives the moment that is d after t, or before it for a negative one.
func (d Duration) AddTo(t time.Time) time.Time { return t.AddDate(0, 0, d.Days).Add(d.Rest) }

// Approx takes every day for 24 hours.
func (d Duration) Approx() time.Duration { return time.Duration(d.Days)*24*time.Hour + d.Rest }

// maxDuration bounds what a duration may come to, in weeks.
const maxDuration = 100 * 53

var withoutSigns = strings.NewReplacer("-", "", "+", "")

// ParseDuration reads a DURATION. A sign is taken wherever it stands ("-P1D", "P-1D", "-P-1D").
func ParseDuration(s string) (Duration, bool) {
	s = strings.ToUpper(strings.TrimSpace(s))
	negative := strings.Contains(s, "-")
	s = withoutSigns.Replace(s)
	if len(s) < 2 || s[0] != 'P' {
		return Duration{}, false
	}
	var d Duration
	clock, number := false, ""
	for i := 1; i < len(s); i++ {
		c := s[i]
		if c >= '0' && c <= '9' {
			number += string(c)
			if len(number) > 10 {
				return Duration{}, false
			}
			continue
		}
		if c == 'T' {
			clock = true
			continue
		}
		n, err := strconv.Atoi(number)
		if err != nil || !d.add(n, c, clock) {
			return Duration{}, false
		}
		number = ""
	}
	if number != "" {
		return Duration{}, false
	}
	if negative {
		d.Days, d.Rest = -d.Days, -d.Rest
	}
	return d, true
}

// add takes up n of a unit.
func (d *Duration) add(n int, unit byte, clock bool) bool {
	if n > maxDuration*7*24*3600 {
		return false
	}
	switch {
	case unit == 'W' && n <= maxDuration:
		d.Days += 7 * n
	case unit == 'D' && n <= maxDuration*7:
		d.Days += n
	case unit == 'H' && n <= maxDuration*7*24:
		d.Rest += time.Duration(n) * time.Hour
	case unit == 'M' && clock:
		d.Rest += time.Duration(n) * time.Minute
	case unit == 'S':
		d.Rest += time.Duration(n) * time.Second
	default:
		return false
	}
	return d.Rest >= 0
}

// FormatDuration writes a duration in the largest units that are exact.
func FormatDuration(d time.Duration) string {
	sign := ""
	if d < 0 {
		sign, d = "-", -d
	}
	d = d.Truncate(time.Second)
	const day = 24 * time.Hour
	switch {
	case d == 0:
		return "PT0S"
	case d%(7*day) == 0:
		return sign + "P" + strconv.Itoa(int(d/(7*day))) + "W"
	case d%day == 0:
		return sign + "P" + strconv.Itoa(int(d/day)) + "D"
	}
	out := sign + "P"
	if n := d / day; n > 0 {
		out += strconv.Itoa(int(n)) + "D"
	}
	out += "T"
	for _, u := range []struct {
		n    time.Duration
		sign string
	}{{d % day / time.Hour, "H"}, {d % time.Hour / time.Minute, "M"}, {d % time.Minute / time.Second, "S"}} {
		if u.n > 0 {
			out += strconv.Itoa(int(u.n)) + u.sign
		}
	}
	return out
}
