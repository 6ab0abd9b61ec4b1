// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

var (
	isoPattern   = regexp.MustCompile(`^(\d{4})-(\d{1,2})-(\d{1,2})$`)
	shortPattern = regexp.MustCompile(`^(\d{1,2})\.(\d{1,2})$`)
	datePattern  = regexp.MustCompile(`^(\d{1,2})\.(\d{1,2})\.(\d{2}|\d{4})?$`)
	dayPattern   = regexp.MustCompile(`^(\d{1,2})(?:\.|st|nd|rd|th)?$`)
	yearPattern  = regexp.MustCompile(`^\d{4}$`)
)

var dayWords = map[string]int{
	"gestern": -1, "yesterday": -1, "heute": 0, "today": 0, "morgen": 1, "tomorrow": 1, "übermorgen": 2, "uebermorgen": 2,
}

var weekdayWords = map[string]time.Weekday{
	"mo": 1, "montag": 1, "mon": 1, "monday": 1, "di": 2, "dienstag": 2, "tue": 2, "tuesday": 2,
	"mi": 3, "mittwoch": 3, "wed": 3, "wednesday": 3, "do": 4, "donnerstag": 4, "thu": 4, "thursday": 4,
	"fr": 5, "freitag": 5, "fri": 5, "friday": 5, "sa": 6, "samstag": 6, "sat": 6, "saturday": 6, "sonnabend": 6, "so": 0, "sonntag": 0, "sun": 0, "sunday": 0,
}

var monthWords = map[string]time.Month{
	"januar": 1, "january": 1, "jan": 1, "februar": 2, "february": 2, "feb": 2, "märz": 3, "maerz": 3, "march": 3, "mar": 3, "april": 4, "apr": 4,
	"mai": 5, "may": 5, "juni": 6, "june": 6, "jun": 6, "juli": 7, "july": 7, "jul": 7, "august": 8, "aug": 8, "september": 9, "sep": 9, "sept": 9,
	"oktober": 10, "october": 10, "okt": 10, "oct": 10, "november": 11, "nov": 11, "dezember": 12, "december": 12, "dez": 12, "dec": 12,
}

var nextWords = []string{"next", "nächste", "nächsten", "nächster", "nächstes", "naechste", "naechsten", "kommende", "kommenden"}

var thisWords = []string{"this", "diese", "diesen", "dieser", "dieses"}

// date takes a day, 0 where there is none.
func (d *phrase) date(w string, words []string) int {
	today := midnight(d.now)
	set := func(t time.Time, n int) int {
		d.day, d.hasDay = t, true
		return n
	}
	if n, ok := dayWords[w]; ok {
		return set(today.AddDate(0, 0, n), 1)
	}
	if day, ok := weekdayWords[strings.TrimSuffix(w, ".")]; ok {
		if t, n := weekAhead(words[1:], today); n > 0 && t.Weekday() == time.Monday { // "Freitag nächste Woche"
			return set(t.AddDate(0, 0, fromMonday(day)), n+1)
		}
		d.weekday = true
		return set(today.AddDate(0, 0, daysUntil(today, day)), 1)
	}
	if t, ok := d.numeric(w, today); ok {
		return set(t, 1)
	}
	if t, n := named(words, today); n > 0 {
		return set(t, n)
	}
	if t, n := d.ordinal(words, today); n > 0 {
		return set(t, n)
	}
	if t, n := weekAhead(words, today); n > 0 {
		if day, ok := weekdayWords[plainWord(words, n)]; ok { // "nächste Woche Freitag"
			return set(t.AddDate(0, 0, fromMonday(day)), n+1)
		}
		return set(t, n)
	}
	if t, n := lastDay(words, today); n > 0 {
		return set(t, n)
	}
	day, ok := weekdayWords[plainWord(words, 1)]
	switch second := unitWords[plainWord(words, 1)]; {
	case slices.Contains(thisWords, w) && plainWord(words, 1) == "weekend":
		return set(today.AddDate(0, 0, daysUntil(today, time.Saturday)), 2)
	case ok && slices.Contains(thisWords, w), ok && slices.Contains(nextWords, w):
		d.weekday = true
		return set(today.AddDate(0, 0, daysUntil(today, day)), 2)
	case second == unitMonth && slices.Contains(nextWords, w):
		return set(time.Date(today.Year(), today.Month()+1, 1, 0, 0, 0, 0, today.Location()), 2)
	case second == unitYear && slices.Contains(nextWords, w):
		return set(time.Date(today.Year()+1, 1, 1, 0, 0, 0, 0, today.Location()), 2)
	case w == "wochenende" && d.led:
		return set(today.AddDate(0, 0, daysUntil(today, time.Saturday)), 1)
	}
	return 0
}

// sameDate takes the date behind a day of the week: "Freitag, den 27.11.". Where they differ only the date can be meant for
// something else.
func (d *phrase) sameDate(w string, words []string) int {
	if !d.weekday {
		return 0
	}
	other := phrase{now: d.now, led: d.led}
	n := other.date(w, words)
	if n == 0 || other.weekday || other.day.Weekday() != d.day.Weekday() {
		return 0
	}
	d.day, d.weekday = other.day, false
	return n
}

// weekAhead reads "nächste Woche", which is its Monday, and "übernächste Woche".
func weekAhead(words []string, today time.Time) (time.Time, int) {
	w, later := plainWord(words, 0), 0
	if rest, ok := strings.CutPrefix(w, "über"); ok {
		w, later = rest, 7
	}
	if !slices.Contains(nextWords, w) || unitWords[plainWord(words, 1)] != unitWeek {
		return time.Time{}, 0
	}
	return today.AddDate(0, 0, daysUntil(today, time.Monday)+later), 2
}

// fromMonday counts the days from a Monday.
func fromMonday(day time.Weekday) int { return (int(day) + 6) % 7 }

// lastDay reads "Ende Januar", "Ende des Monats", "end of the week", which is its Friday, and "Monatsende".
func lastDay(words []string, today time.Time) (time.Time, int) {
	endOf := func(year int, month time.Month) time.Time {
		return time.Date(year, month+1, 0, 0, 0, 0, 0, today.Location())
	}
	switch plainWord(words, 0) {
	case "monatsende":
		return endOf(today.Year(), today.Month()), 1
	case "jahresende":
		return endOf(today.Year(), time.December), 1
	case "ende", "end":
	default:
		return time.Time{}, 0
	}
	n := 1
	for slices.Contains([]string{"of", "the", "der", "des", "this", "dieser", "diesen", "dieses"}, plainWord(words, n)) {
		n++
	}
	w := plainWord(words, n)
	if month, ok := monthWords[w]; ok {
		year := today.Year()
		if endOf(year, month).Before(today) {
			year++
		}
		return endOf(year, month), n + 1
	}
	switch w {
	case "woche", "week":
		return today.AddDate(0, 0, daysUntil(today.AddDate(0, 0, -1), time.Friday)-1), n + 1
	case "monats", "month":
		return endOf(today.Year(), today.Month()), n + 1
	case "jahres", "year":
		return endOf(today.Year(), time.December), n + 1
	}
	return time.Time{}, 0
}

// ordinal reads what only means a day behind a preposition: "am 15.", "on the 15th", "bis 3.12", "am 3. 12. 2026".
func (d *phrase) ordinal(words []string, today time.Time) (time.Time, int) {
	w := plainWord(words, 0)
	if !d.led {
		return time.Time{}, 0
	}
	if m := shortPattern.FindStringSubmatch(w); m != nil {
		t, ok := nextDay(m[2], m[1], today)
		if !ok {
			return time.Time{}, 0
		}
		return t, 1
	}
	day := dayPattern.FindStringSubmatch(w)
	if day == nil || day[1] == w {
		return time.Time{}, 0
	}
	if month := dayPattern.FindStringSubmatch(plainWord(words, 1)); month != nil && strings.HasSuffix(plainWord(words, 1), ".") {
		if year := plainWord(words, 2); yearPattern.MatchString(year) {
			if t, ok := exactDay(year, month[1], day[1], today.Location()); ok {
				return t, 3
			}
		} else if t, ok := nextDay(month[1], day[1], today); ok {
			return t, 2
		}
		return time.Time{}, 0
	}
	d.guessed = true
	for m := range 13 {
		first := time.Date(today.Year(), today.Month()+time.Month(m), 1, 0, 0, 0, 0, today.Location())
		if t, ok := exactDay(strconv.Itoa(first.Year()), strconv.Itoa(int(first.Month())), day[1], today.Location()); ok && !t.Before(today) {
			return t, 1
		}
	}
	return time.Time{}, 0
}

// dayBefore takes the day alone that a stretch starts with, whose end says the month: "1.-5.12.".
func (d *phrase) dayBefore(words []string, end phrase) bool {
	if len(words) != 1 || !end.hasDay {
		return false
	}
	w := plainWord(words, 0)
	m := dayPattern.FindStringSubmatch(w)
	if m == nil || m[1] == w {
		return false
	}
	t, ok := exactDay(strconv.Itoa(end.day.Year()), strconv.Itoa(int(end.day.Month())), m[1], d.now.Location())
	*d = phrase{now: d.now, day: t, hasDay: ok}
	return ok
}

// daysUntil counts the days to the next such weekday, a week for today's.
func daysUntil(today time.Time, day time.Weekday) int {
	return (int(day-today.Weekday())+6)%7 + 1
}

// numeric reads 2026-11-23, 23.11.2026, 23.11.26 and 23.11., which is the next such day.
func (d *phrase) numeric(w string, today time.Time) (time.Time, bool) {
	if m := isoPattern.FindStringSubmatch(w); m != nil {
		return exactDay(m[1], m[2], m[3], today.Location())
	}
	m := datePattern.FindStringSubmatch(w)
	if m == nil {
		return time.Time{}, false
	}
	if len(m[3]) == 2 {
		m[3] = "20" + m[3]
	}
	if m[3] != "" {
		return exactDay(m[3], m[2], m[1], today.Location())
	}
	return nextDay(m[2], m[1], today)
}

// named reads "15. Dezember", "15 December 2026", "15th of December" and "Dec 15th".
func named(words []string, today time.Time) (time.Time, int) {
	if plainWord(words, 1) == "of" && dayPattern.MatchString(plainWord(words, 0)) && monthWords[plainWord(words, 2)] != 0 {
		if t, n := named(append([]string{words[0]}, words[2:]...), today); n > 0 {
			return t, n + 1
		}
		return time.Time{}, 0
	}
	first, second := plainWord(words, 0), plainWord(words, 1)
	month, ok := monthWords[strings.TrimSuffix(second, ".")]
	day := dayPattern.FindStringSubmatch(first)
	if day == nil || !ok {
		month, ok = monthWords[strings.TrimSuffix(first, ".")]
		day = dayPattern.FindStringSubmatch(second)
	}
	if day == nil || !ok {
		return time.Time{}, 0
	}
	m := strconv.Itoa(int(month))
	if year := plainWord(words, 2); yearPattern.MatchString(year) {
		if t, ok := exactDay(year, m, day[1], today.Location()); ok {
			return t, 3
		}
		return time.Time{}, 0
	}
	if t, ok := nextDay(m, day[1], today); ok {
		return t, 2
	}
	return time.Time{}, 0
}

func nextDay(month, day string, today time.Time) (time.Time, bool) {
	for y := range 8 { // 29 February may be that far away
		t, ok := exactDay(strconv.Itoa(today.Year()+y), month, day, today.Location())
		if ok && !t.Before(today) {
			return t, true
		}
	}
	return time.Time{}, false
}

func exactDay(y, m, d string, loc *time.Location) (time.Time, bool) {
	year, _ := strconv.Atoi(y)
	month, _ := strconv.Atoi(m)
	day, _ := strconv.Atoi(d)
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, loc)
	return t, int(t.Month()) == month && t.Day() == day
}
