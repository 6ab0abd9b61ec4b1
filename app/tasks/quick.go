// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Quick reads one line of a person's quick entry, in German or English: "Bericht abgeben fr 14 Uhr #Berichte !hoch".
// Tags and priority may stand anywhere, day and time at the end or, in full words, at the start. What is left is the title.
func Quick(text string, now time.Time) Edit {
	var e Edit
	var words, tags []string
	for _, w := range strings.Fields(text) {
		if p, ok := priorityWords[strings.ToLower(w)]; ok && e.Priority == nil {
			e.Priority = &p
		} else if len(w) > 1 && w[0] == '#' && !strings.Contains(w, ",") {
			tags = append(tags, w[1:])
		} else {
			words = append(words, w)
		}
	}
	if len(tags) > 0 {
		e.Tags = &tags
	}
	words, e.Due = cutWhen(words, now)
	title := strings.Join(words, " ")
	e.Title = &title
	return e
}

// ParseWhen reads a day or a moment as people write it: "2026-11-23 14:00", "23.11.", "morgen 9 Uhr", "fr". Empty text
// gives the zero When.
func ParseWhen(text string, now time.Time) (When, error) {
	words := strings.Fields(strings.Replace(text, "T", " ", min(1, strings.Count(text, "-")/2)))
	if len(words) == 0 {
		return When{}, nil
	}
	d := phrase{now: now}
	if d.read(words) != len(words) {
		return When{}, ErrDate
	}
	return d.when(), nil
}

var priorityWords = map[string]int{
	"!hoch": 1, "!high": 1, "!1": 1, "!wichtig": 1, "!mittel": 5, "!medium": 5, "!2": 5, "!niedrig": 9, "!low": 9, "!3": 9,
}

// maxPhrase is how many words day and time may have together.
const maxPhrase = 6

// alsoWords are short names of days that mean something else at the end of a sentence ("what to do").
var alsoWords = []string{"do", "so", "sun", "sat"}

// cutWhen takes the longest phrase of day and time off the end of words, or off their start.
func cutWhen(words []string, now time.Time) ([]string, *When) {
	for n := min(maxPhrase, len(words)-1); n > 0; n-- {
		d := phrase{now: now}
		if n == 1 && slices.Contains(alsoWords, words[len(words)-1]) {
			break
		}
		if d.read(words[len(words)-n:]) == n {
			w := d.when()
			return words[:len(words)-n], &w
		}
	}
	for n := min(maxPhrase, len(words)-1); n > 0; n-- {
		d := phrase{now: now}
		if d.read(words[:n]) == n && (len(words[0]) > 2 || n > 1) {
			w := d.when()
			return words[n:], &w
		}
	}
	return words, nil
}

// phrase collects what a few words say about day and time.
type phrase struct {
	now       time.Time
	day       time.Time
	hasDay    bool
	hour, min int
	hasTime   bool
}

// read takes words as long as they make sense and returns how many it took.
func (d *phrase) read(words []string) int {
	i := 0
	for i < len(words) {
		n := d.word(words[i:])
		if n == 0 {
			break
		}
		i += n
	}
	if !d.hasDay && !d.hasTime {
		return 0
	}
	return i
}

var prepositions = []string{"am", "um", "bis", "zum", "on", "at", "by", "den", "der", "ab"}

// word takes the next words, 0 for none.
func (d *phrase) word(words []string) int {
	w := strings.Trim(strings.ToLower(words[0]), ",;")
	next := ""
	if len(words) > 1 {
		next = strings.Trim(strings.ToLower(words[1]), ",;")
	}
	switch {
	case slices.Contains(prepositions, w) && next != "":
		if n := d.word(words[1:]); n > 0 {
			return n + 1
		}
		return 0
	case !d.hasTime:
		if n := d.clock(w, next); n > 0 {
			return n
		}
	}
	if d.hasDay {
		return 0
	}
	return d.date(w, words)
}

var (
	clockPattern = regexp.MustCompile(`^(\d{1,2})(?:[:.](\d{2}))?(uhr|h|am|pm)?$`)
	isoPattern   = regexp.MustCompile(`^(\d{4})-(\d{1,2})-(\d{1,2})$`)
	datePattern  = regexp.MustCompile(`^(\d{1,2})\.(\d{1,2})\.(\d{2}|\d{4})?$`)
)

// clock takes a time of day, 0 where there is none.
func (d *phrase) clock(w, next string) int {
	m := clockPattern.FindStringSubmatch(w)
	if m == nil {
		return 0
	}
	taken, unit := 1, m[3]
	if unit == "" && (next == "uhr" || next == "am" || next == "pm") {
		taken, unit = 2, next
	}
	if unit == "" && !strings.Contains(w, ":") {
		return 0
	}
	hour, _ := strconv.Atoi(m[1])
	minute, _ := strconv.Atoi(m[2])
	switch {
	case (unit == "am" || unit == "pm") && (hour < 1 || hour > 12):
		return 0
	case unit == "am" && hour == 12:
		hour = 0
	case unit == "pm" && hour < 12:
		hour += 12
	}
	if hour > 23 || minute > 59 {
		return 0
	}
	d.hour, d.min, d.hasTime = hour, minute, true
	return taken
}

var dayWords = map[string]int{
	"heute": 0, "today": 0, "morgen": 1, "tomorrow": 1, "übermorgen": 2, "uebermorgen": 2,
}

var weekdayWords = map[string]time.Weekday{
	"mo": 1, "montag": 1, "mon": 1, "monday": 1, "di": 2, "dienstag": 2, "tue": 2, "tuesday": 2,
	"mi": 3, "mittwoch": 3, "wed": 3, "wednesday": 3, "do": 4, "donnerstag": 4, "thu": 4, "thursday": 4,
	"fr": 5, "freitag": 5, "fri": 5, "friday": 5, "sa": 6, "samstag": 6, "sat": 6, "saturday": 6, "so": 0, "sonntag": 0, "sun": 0, "sunday": 0,
}

var (
	nextWords = []string{"next", "nächste", "nächsten", "nächster", "naechste", "naechsten", "kommenden"}
	unitWords = map[string]int{"tag": 1, "tage": 1, "tagen": 1, "day": 1, "days": 1, "woche": 7, "wochen": 7, "week": 7, "weeks": 7}
)

// date takes a day, 0 where there is none.
func (d *phrase) date(w string, words []string) int {
	today := time.Date(d.now.Year(), d.now.Month(), d.now.Day(), 0, 0, 0, 0, d.now.Location())
	set := func(t time.Time, n int) int {
		d.day, d.hasDay = t, true
		return n
	}
	if n, ok := dayWords[w]; ok {
		return set(today.AddDate(0, 0, n), 1)
	}
	if day, ok := weekdayWords[strings.TrimSuffix(w, ".")]; ok {
		return set(today.AddDate(0, 0, daysUntil(today, day)), 1)
	}
	if t, ok := d.numeric(w, today); ok {
		return set(t, 1)
	}
	if len(words) < 2 {
		return 0
	}
	second := strings.ToLower(words[1])
	if slices.Contains(nextWords, w) {
		if day, ok := weekdayWords[second]; ok {
			return set(today.AddDate(0, 0, daysUntil(today, day)), 2)
		}
		if unitWords[second] == 7 {
			return set(today.AddDate(0, 0, daysUntil(today, time.Monday)), 2)
		}
	}
	if n, err := strconv.Atoi(second); err == nil && w == "in" && n >= 0 && n < 1000 && len(words) > 2 {
		if unit := unitWords[strings.ToLower(words[2])]; unit > 0 {
			return set(today.AddDate(0, 0, n*unit), 3)
		}
	}
	return 0
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
	for y := range 8 { // 29 February may be that far away
		t, ok := exactDay(strconv.Itoa(today.Year()+y), m[2], m[1], today.Location())
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

// when puts day and time together. A time alone is the next such moment.
func (d *phrase) when() When {
	if !d.hasTime {
		return When{d.day, true}
	}
	day := d.day
	if !d.hasDay {
		day = d.now
	}
	at := func(t time.Time) time.Time {
		return time.Date(t.Year(), t.Month(), t.Day(), d.hour, d.min, 0, 0, d.now.Location())
	}
	t := at(day)
	if !d.hasDay && !t.After(d.now) {
		t = at(day.AddDate(0, 0, 1))
	}
	return When{t, false}
}
