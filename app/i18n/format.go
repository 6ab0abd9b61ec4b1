// SPDX-License-Identifier: EUPL-1.2

package i18n

import (
	"strconv"
	"strings"
	"time"
)

// Size writes a number of octets for people: "184 KB", "2,4 MB". Units are powers of 1000 as file managers use them.
func Size(octets int64) string {
	if octets < 0 {
		return "–"
	}
	value, unit := float64(octets), 0
	for value >= 999.5 && unit < len(units)-1 {
		value /= 1000
		unit++
	}
	decimals := 0
	if unit >= 2 && value < 99.95 {
		decimals = 1
	}
	return decimal(strconv.FormatFloat(value, 'f', decimals, 64)) + "\u00a0" + units[unit]
}

var units = []string{"B", "KB", "MB", "GB", "TB"}

// decimal puts the language's decimal sign in place of the point.
func decimal(s string) string {
	if Current() == German {
		return strings.Replace(s, ".", ",", 1)
	}
	return s
}

// Count writes a whole number with the language's grouping: "48 213" (DIN 1333) and "48,213".
func Count(n int) string {
	s := strconv.Itoa(n)
	sep := ","
	if Current() == German {
		sep = "\u202f"
	}
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + sep + s[i:]
	}
	return s
}

// Clock writes a time of day.
func Clock(t time.Time) string { return t.Local().Format("15:04") }

// Date writes a day in full: "23.11.2026" or "23 Nov 2026".
func Date(t time.Time) string {
	if Current() == German {
		return t.Format("02.01.2006")
	}
	return t.Format("2 Jan 2006")
}

// DateTime writes a day and time of day.
func DateTime(t time.Time) string { return Date(t.Local()) + ", " + Clock(t) }

// Day writes the day of t as short as it is clear at the moment now: a time today, "Gestern", a weekday, a date.
func Day(t, now time.Time) string {
	t, now = t.Local(), now.Local()
	switch days := dayNumber(now) - dayNumber(t); {
	case days == 0:
		return Clock(t)
	case days == 1:
		return T("date.yesterday")
	case days > 1 && days < 7:
		return Weekday(t.Weekday())
	case t.Year() == now.Year():
		return shortDate(t)
	}
	return Date(t)
}

// dayNumber counts days so that neighbours differ by one, whatever the hour.
func dayNumber(t time.Time) int {
	y, m, d := t.Date()
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

func shortDate(t time.Time) string {
	if Current() == German {
		return t.Format("02.01.")
	}
	return t.Format("2 Jan")
}

// Weekday gives the short name of a day of the week.
func Weekday(d time.Weekday) string {
	return T("date.weekday." + strings.ToLower(d.String()[:3]))
}

// LongDate writes weekday, day and month: "Montag, 23. November" or "Monday, 23 November".
func LongDate(t time.Time) string {
	day := T("date.day."+strings.ToLower(t.Weekday().String()[:3])) + ", "
	month := T("date.month." + strings.ToLower(t.Month().String()[:3]))
	if Current() == German {
		return day + strconv.Itoa(t.Day()) + ". " + month
	}
	return day + strconv.Itoa(t.Day()) + " " + month
}
