// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

type unit int

const (
	unitMinute unit = iota + 1
	unitHour
	unitDay
	unitWeek
	unitMonth
	unitYear
)

var unitWords = map[string]unit{
	"minute": unitMinute, "minuten": unitMinute, "minutes": unitMinute, "min": unitMinute, "stunde": unitHour, "stunden": unitHour, "hour": unitHour,
	"hours": unitHour, "tag": unitDay, "tage": unitDay, "tagen": unitDay, "day": unitDay, "days": unitDay, "woche": unitWeek, "wochen": unitWeek,
	"week": unitWeek, "weeks": unitWeek, "monat": unitMonth, "monate": unitMonth, "monaten": unitMonth, "month": unitMonth, "months": unitMonth,
	"jahr": unitYear, "jahre": unitYear, "jahren": unitYear, "year": unitYear, "years": unitYear,
}

var frequencies = map[unit]string{unitDay: "DAILY", unitWeek: "WEEKLY", unitMonth: "MONTHLY", unitYear: "YEARLY"}

// amount reads a number in digits or as a word, 0 for none.
func amount(w string) int {
	switch w {
	case "zweite", "zweiten", "zweites", "other", "second":
		return 2
	case "dritte", "dritten", "drittes", "third":
		return 3
	case "vierte", "vierten", "viertes", "fourth":
		return 4
	}
	if n := numerals[w]; n > 0 {
		return n
	}
	if n, err := strconv.Atoi(w); err == nil && n > 0 && n < 1000 {
		return n
	}
	return 0
}

// later takes "in 3 Tagen", "in a month" and "in 2 Stunden".
func (d *phrase) later(words []string) int {
	if n := d.halfAnHour(words); n > 0 {
		return n
	}
	n, by := amount(plainWord(words, 1)), unitWords[plainWord(words, 2)]
	if plainWord(words, 0) != "in" || n == 0 || by == 0 {
		return 0
	}
	today := midnight(d.now)
	switch by {
	case unitMinute, unitHour:
		step := time.Minute
		if by == unitHour {
			step = time.Hour
		}
		return d.after(time.Duration(n)*step, 3)
	case unitDay:
		today = today.AddDate(0, 0, n)
	case unitWeek:
		today = today.AddDate(0, 0, 7*n)
	case unitMonth:
		today = today.AddDate(0, n, 0)
	case unitYear:
		today = today.AddDate(n, 0, 0)
	}
	if d.hasDay {
		return 0
	}
	d.day, d.hasDay = today, true
	return 3
}

// halfAnHour takes "in einer halben Stunde" and "in half an hour".
func (d *phrase) halfAnHour(words []string) int {
	said := make([]string, 0, 4)
	for i := range min(4, len(words)) {
		said = append(said, plainWord(words, i))
	}
	if !slices.Contains([]string{"in einer halben stunde", "in half an hour"}, strings.Join(said, " ")) {
		return 0
	}
	return d.after(30*time.Minute, 4)
}

// after is a moment that is so far from now.
func (d *phrase) after(by time.Duration, taken int) int {
	if d.hasDay || d.hasTime {
		return 0
	}
	at := d.now.Add(by)
	d.day, d.hasDay, d.hour, d.min, d.hasTime = midnight(at), true, at.Hour(), at.Minute(), true
	return taken
}

var adverbs = map[string]unit{
	"täglich": unitDay, "taeglich": unitDay, "daily": unitDay, "wöchentlich": unitWeek, "woechentlich": unitWeek, "weekly": unitWeek,
	"monatlich": unitMonth, "monthly": unitMonth, "jährlich": unitYear, "jaehrlich": unitYear, "yearly": unitYear, "annually": unitYear,
}

// months are adverbs of several months.
var months = map[string]int{
	"vierteljährlich": 3, "vierteljaehrlich": 3, "quartalsweise": 3, "quarterly": 3, "halbjährlich": 6, "halbjaehrlich": 6,
}

// workdays are the words for Monday to Friday.
var workdays = []string{"werktag", "werktags", "wochentags", "arbeitstag", "weekday", "weekdays", "workday", "workdays"}

var dayCodes = []string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}

// repeat takes "jeden Montag und Freitag", "alle 2 Wochen", "every weekday", "jeden 15." and "monatlich".
func (d *phrase) repeat(words []string) int {
	w := plainWord(words, 0)
	if by, ok := adverbs[w]; ok {
		d.every(1, by)
		d.adverb = true
		return 1
	}
	if n, ok := months[w]; ok {
		d.every(n, unitMonth)
		d.adverb = true
		return 1
	}
	if slices.Contains(workdays, w) && strings.HasSuffix(w, "s") {
		d.onDays(1, []time.Weekday{1, 2, 3, 4, 5})
		d.adverb = true
		return 1
	}
	if days, n := weekdays(words, "s"); n > 0 { // "montags und donnerstags"
		d.onDays(1, days)
		return n
	}
	if !slices.Contains([]string{"jeden", "jede", "jedes", "every", "each", "alle"}, w) {
		return 0
	}
	if taken := d.ofMonth(words); taken > 0 {
		return taken
	}
	at, n := 1, 1
	if m := amount(plainWord(words, 1)); m > 0 && plainWord(words, 2) != "" {
		if _, isDay := weekdayWords[plainWord(words, 2)]; isDay || unitWords[plainWord(words, 2)] != 0 {
			at, n = 2, m
		}
	}
	next := plainWord(words, at)
	switch {
	case w == "alle" && at == 1:
		return 0 // "alle Kollegen"
	case frequencies[unitWords[next]] != "":
		d.every(n, unitWords[next])
		return at + 1
	case slices.Contains(workdays, next):
		d.onDays(n, []time.Weekday{1, 2, 3, 4, 5})
		return at + 1
	}
	if days, taken := weekdays(words[at:], ""); taken > 0 {
		d.onDays(n, days)
		return at + taken
	}
	if m := dayPattern.FindStringSubmatch(next); m != nil && next != m[1] {
		day, _ := strconv.Atoi(m[1])
		return d.onDayOfMonth(day, words, at+1)
	}
	return 0
}

// weekdays takes a list of days: "Montag, Mittwoch und Freitag". With an ending only full names that have it count.
func weekdays(words []string, ending string) (days []time.Weekday, taken int) {
	for i := 0; i < len(words); i++ {
		w := strings.TrimSuffix(plainWord(words, i), ".")
		name, ok := strings.CutSuffix(w, ending)
		day, isDay := weekdayWords[name]
		if ok && isDay && (ending == "" || len(name) > 3) {
			if !slices.Contains(days, day) {
				days = append(days, day)
			}
			taken = i + 1
		} else if len(days) == 0 || (w != "und" && w != "and" && w != "&") {
			break
		}
	}
	return days, taken
}

var ordinals = map[string]int{
	"erste": 1, "ersten": 1, "first": 1, "zweiten": 2, "second": 2, "dritten": 3, "third": 3, "vierten": 4, "fourth": 4, "letzte": -1, "letzten": -1, "last": -1,
}

// ofMonth takes "jeden ersten Montag im Monat" and "every last day of the month". Without the month, "jeden zweiten Montag" is
// every other one.
func (d *phrase) ofMonth(words []string) int {
	n := ordinals[plainWord(words, 1)]
	w := strings.TrimSuffix(plainWord(words, 2), ".")
	day, isDay := weekdayWords[w]
	if n == 0 || (!isDay && unitWords[w] != unitDay) {
		return 0
	}
	end := monthEnding(words, 3)
	if end == 3 && (n == 2 || n == 3 || n == 4 || !isDay) {
		return 0
	}
	if !isDay {
		if n > 0 {
			d.onDayOfMonth(n, nil, 0)
			return end
		}
		d.rule = "FREQ=MONTHLY;BYMONTHDAY=-1"
		d.first = func(today time.Time) time.Time {
			return time.Date(today.Year(), today.Month()+1, 0, 0, 0, 0, 0, today.Location())
		}
		return end
	}
	d.rule = fmt.Sprintf("FREQ=MONTHLY;BYDAY=%d%s", n, dayCodes[day])
	d.first = func(today time.Time) time.Time {
		for !(today.Weekday() == day && (n < 0 && today.AddDate(0, 0, 7).Month() != today.Month() || n > 0 && (today.Day()+6)/7 == n)) {
			today = today.AddDate(0, 0, 1)
		}
		return today
	}
	return end
}

// monthEnding gives where the words go on behind "im Monat" or the like.
func monthEnding(words []string, at int) int {
	for _, end := range []string{"im monat", "des monats", "of the month", "of each month", "of every month"} {
		parts := strings.Fields(end)
		if at+len(parts) <= len(words) && strings.EqualFold(strings.Join(words[at:at+len(parts)], " "), end) {
			return at + len(parts)
		}
	}
	return at
}

// every repeats from today on.
func (d *phrase) every(n int, by unit) {
	d.rule = "FREQ=" + frequencies[by] + interval(n)
	d.first = func(today time.Time) time.Time { return today }
}

func interval(n int) string {
	if n == 1 {
		return ""
	}
	return fmt.Sprint(";INTERVAL=", n)
}

func (d *phrase) onDays(n int, days []time.Weekday) {
	codes := make([]string, len(days))
	for i, day := range days {
		codes[i] = dayCodes[day]
	}
	d.rule = "FREQ=WEEKLY" + interval(n) + ";BYDAY=" + strings.Join(codes, ",")
	d.first = func(today time.Time) time.Time {
		for !slices.Contains(days, today.Weekday()) {
			today = today.AddDate(0, 0, 1)
		}
		return today
	}
}

// onDayOfMonth takes what may follow: "jeden 15. im Monat", "every 15th of the month".
func (d *phrase) onDayOfMonth(day int, words []string, at int) int {
	if day < 1 || day > 31 {
		return 0
	}
	d.rule = fmt.Sprint("FREQ=MONTHLY;BYMONTHDAY=", day)
	d.first = func(today time.Time) time.Time {
		for today.Day() != day {
			today = today.AddDate(0, 0, 1)
		}
		return today
	}
	return monthEnding(words, at)
}
