// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"bytes"
	netmail "net/mail"
	"strings"
	"time"
)

// parseDate reads a Date header (RFC 5322, section 3.3), the usual form on a path of its own, or gives the zero time.
func parseDate(value []byte) time.Time {
	value = unfold(value)
	if t, ok := quickDate(value); ok {
		return t
	}
	s := strings.TrimSpace(string(value))
	if t, err := netmail.ParseDate(s); err == nil {
		return t
	}
	return looseDate(s)
}

// looseLayouts are forms that programs write although no standard allows them.
var looseLayouts = []string{
	time.RFC1123Z, time.RFC1123, time.RFC850, time.ANSIC, time.UnixDate, time.RubyDate, time.RFC3339, time.DateTime,
	"Mon, 2 Jan 2006 15:04:05", "2 Jan 2006 15:04:05", "Mon, 2 Jan 2006 15:04 MST", "Mon, 2 Jan 06 15:04:05 -0700",
	"Mon, 2 Jan 2006 15:04:05 -07:00", "Mon, 02 Jan 2006 15.04.05 -0700", "Mon Jan 2 15:04:05 2006 -0700", "2 Jan 2006", "2006-01-02",
	"02.01.2006 15:04:05", "02.01.2006 15:04",
}

func looseDate(s string) time.Time {
	if open := strings.IndexByte(s, '('); open > 0 {
		s = strings.TrimSpace(s[:open])
	}
	s = strings.Join(strings.Fields(s), " ")
	for _, layout := range looseLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t
		}
	}
	if i := strings.LastIndexByte(s, ' '); i > 0 { // a zone that nobody knows
		for _, layout := range looseLayouts {
			if t, err := time.Parse(layout, s[:i]); err == nil {
				return t
			}
		}
	}
	return time.Time{}
}

// quickDate reads "[Mon, ]2 Jan 2006 15:04:05 -0700[ (CET)]".
func quickDate(b []byte) (time.Time, bool) {
	if len(b) > 4 && b[3] == ',' {
		b = bytes.TrimLeft(b[4:], " ")
	}
	day, b, ok := number(b, 1, 2)
	if !ok || len(b) < 10 || b[0] != ' ' {
		return time.Time{}, false
	}
	month, ok := monthOf(b[1:4])
	if !ok || b[4] != ' ' {
		return time.Time{}, false
	}
	year, b, ok := number(b[5:], 4, 4)
	if !ok || len(b) < 15 || b[0] != ' ' || b[3] != ':' || b[6] != ':' || b[9] != ' ' {
		return time.Time{}, false
	}
	hour, _, ok1 := number(b[1:3], 2, 2)
	minute, _, ok2 := number(b[4:6], 2, 2)
	second, _, ok3 := number(b[7:9], 2, 2)
	zoneHour, _, ok4 := number(b[11:13], 2, 2)
	zoneMinute, _, ok5 := number(b[13:15], 2, 2)
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 || b[10] != '+' && b[10] != '-' {
		return time.Time{}, false
	}
	if day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60 || zoneHour > 15 || zoneMinute > 59 {
		return time.Time{}, false
	}
	offset := (zoneHour*60 + zoneMinute) * 60
	if b[10] == '-' {
		offset = -offset
	}
	t := time.Date(year, month, day, hour, minute, second, 0, time.UTC).Add(-time.Duration(offset) * time.Second)
	if offset == 0 {
		return t, true
	}
	return t.In(time.FixedZone("", offset)), true
}

func number(b []byte, least, most int) (n int, rest []byte, ok bool) {
	i := 0
	for i < len(b) && i < most && '0' <= b[i] && b[i] <= '9' {
		n = n*10 + int(b[i]-'0')
		i++
	}
	return n, b[i:], i >= least
}

const monthNames = "janfebmaraprmayjunjulaugsepoctnovdec"

func monthOf(b []byte) (time.Month, bool) {
	for m := range 12 {
		if equalFold(b, monthNames[m*3:m*3+3]) {
			return time.Month(m + 1), true
		}
	}
	return 0, false
}
