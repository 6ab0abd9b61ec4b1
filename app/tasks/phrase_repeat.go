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
	case "ein", "eine", "einen", "einem", "einer", "a", "an", "one":
		return 1
	case "zwei", "zweite", "zweiten", "zweites", "two", "other", "second":
		return 2
	case "drei", "dritte", "dritten", "drittes", "three", "third":
		return 3
	}
	if n, err := strconv.Atoi(w); err == nil && n > 0 && n < 1000 {
		return n
	}
	return 0
}

// later takes "in 3 Tagen", "in a month" and "in 2 Stunden".
func (d *phrase) later(words []string) int {
	n, by := amount(plainWord(words, 1)), unitWords[plainWord(words, 2)]
	if plainWord(words, 0) != "in" || n == 0 || by == 0 {
		return 0
	}
	today := midnight(d.now)
	switch by {
	case unitMinute, unitHour:
		if d.hasDay || d.hasTime {
			return 0
		}
		step := time.Minute
		if by == unitHour {
			step = time.Hour
		}
		at := d.now.Add(time.Duration(n) * step)
		d.day, d.hasDay, d.hour, d.min, d.hasTime = midnight(at), true, at.Hour(), at.Minute(), true
		return 3
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

var adverbs = map[string]unit{
	"täglich": unitDay, "taeglich": unitDay, "daily": unitDay, "wöchentlich": unitWeek, "woechentlich": unitWeek, "weekly": unitWeek,
	"monatlich": unitMonth, "monthly": unitMonth, "jährlich": unitYear, "jaehrlich": unitYear, "yearly": unitYear, "annually": unitYear,
}

var dayCodes = []string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}

// repeat takes "jeden Montag und Freitag", "alle 2 Wochen", "every weekday", "jeden 15." and "monatlich".
func (d *phrase) repeat(words []string) int {
	w := plainWord(words, 0)
	if by, ok := adverbs[w]; ok {
		d.every(1, by)
		d.adverb = true
		return 1
	}
	if !slices.Contains([]string{"jeden", "jede", "jedes", "every", "each", "alle"}, w) {
		return 0
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
	case next == "werktag" || next == "arbeitstag" || next == "weekday" || next == "workday":
		d.onDays(n, []time.Weekday{1, 2, 3, 4, 5})
		return at + 1
	}
	if days, taken := weekdays(words[at:]); taken > 0 {
		d.onDays(n, days)
		return at + taken
	}
	if m := dayPattern.FindStringSubmatch(next); m != nil && next != m[1] {
		day, _ := strconv.Atoi(m[1])
		return d.onDayOfMonth(day, words, at+1)
	}
	return 0
}

// weekdays takes a list of days: "Montag, Mittwoch und Freitag".
func weekdays(words []string) (days []time.Weekday, taken int) {
	for i := 0; i < len(words); i++ {
		w := strings.TrimSuffix(plainWord(words, i), ".")
		if day, ok := weekdayWords[w]; ok {
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
	for _, end := range []string{"im monat", "des monats", "of the month", "of each month", "of every month"} {
		parts := strings.Fields(end)
		if at+len(parts) <= len(words) && strings.EqualFold(strings.Join(words[at:at+len(parts)], " "), end) {
			return at + len(parts)
		}
	}
	return at
}
