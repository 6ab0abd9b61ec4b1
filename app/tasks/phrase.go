// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// phrase collects what a few words say about day, time and repetition.
type phrase struct {
	now       time.Time
	day       time.Time
	hasDay    bool
	hour, min int
	hasTime   bool
	rule      string                          // RRULE, empty for none
	first     func(today time.Time) time.Time // the first day of the rule
	adverb    bool                            // nothing but "weekly" or the like was said
	from      *phrase                         // where a stretch of time starts; the phrase itself is its end
	bare      bool                            // a number alone may be an hour
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
	if !d.said() {
		return 0
	}
	d.adverb = d.adverb && !d.hasDay && !d.hasTime
	return i
}

func (d *phrase) said() bool { return d.hasDay || d.hasTime || d.rule != "" }

var (
	prepositions = []string{"am", "um", "bis", "zum", "on", "at", "by", "den", "der", "ab", "fällig", "due"}
	fromWords    = []string{"von", "vom", "from", "between", "zwischen"}
	toWords      = []string{"bis", "to", "until", "till", "-", "–", "und", "and"}
)

func plainWord(words []string, i int) string {
	if i >= len(words) {
		return ""
	}
	return strings.Trim(strings.ToLower(words[i]), ",;")
}

// word takes the next words, 0 for none.
func (d *phrase) word(words []string) int {
	w, next := plainWord(words, 0), plainWord(words, 1)
	if n := d.stretch(words); n > 0 {
		return n
	}
	if slices.Contains(prepositions, w) && next != "" {
		if n := d.word(words[1:]); n > 0 {
			return n + 1
		}
		return 0
	}
	if !d.hasTime {
		if n := d.clock(w, next); n > 0 {
			return n
		}
	}
	if d.rule == "" {
		if n := d.repeat(words); n > 0 {
			return n
		}
	}
	if n := d.later(words); n > 0 {
		return n
	}
	if d.hasDay {
		return 0
	}
	return d.date(w, words)
}

var stretchPattern = regexp.MustCompile(`^(\d[\d.:]*)(?:-|–)(\d[\d.:]*(?:uhr|h|am|pm)?)$`)

// stretch takes "von 10 bis 12 Uhr", "24.12.-27.12." and, behind a day or a time, "bis 12 Uhr".
func (d *phrase) stretch(words []string) int {
	if d.from != nil {
		return 0
	}
	w := plainWord(words, 0)
	if m := stretchPattern.FindStringSubmatch(w); m != nil {
		rest := append([]string{m[2]}, words[1:]...)
		if n := d.between([]string{m[1]}, rest); n > 0 {
			return n
		}
		return 0
	}
	if slices.Contains(fromWords, w) {
		for i := 2; i < min(len(words), 7); i++ {
			if slices.Contains(toWords, plainWord(words, i)) {
				if n := d.between(words[1:i], words[i+1:]); n > 0 {
					return i + 1 + n
				}
			}
		}
		return 0
	}
	if slices.Contains(toWords, w) && (d.hasDay || d.hasTime) && d.rule == "" && w != "und" && w != "and" {
		start := *d
		end := phrase{now: d.now}
		if n := end.read(words[1:]); n > 0 && d.spanning(start, end) {
			return n + 1
		}
	}
	return 0
}

// between takes a stretch whose two ends are said by words; those of the end may go on with something else.
func (d *phrase) between(from, to []string) int {
	start, end := phrase{now: d.now}, phrase{now: d.now}
	n := end.read(to)
	if start.read(from) != len(from) {
		if start = (phrase{now: d.now, bare: true}); start.read(from) != len(from) {
			return 0
		}
	}
	if n == 0 {
		return 0
	}
	if start.hasTime && !start.hasDay && !end.hasTime { // "10" is an hour only where an hour follows
		return 0
	}
	if d.hasDay {
		if start.hasDay {
			return 0
		}
		start.day, start.hasDay = d.day, true
	}
	if !d.spanning(start, end) {
		return 0
	}
	return n
}

// spanning makes d the stretch from start to end; false where that is none.
func (d *phrase) spanning(start, end phrase) bool {
	if start.from != nil || end.from != nil || start.rule != "" || end.rule != "" {
		return false
	}
	if !end.hasDay && start.hasDay {
		end.day, end.hasDay = start.day, true
	}
	if !start.hasDay && end.hasDay { // "von 10 bis 12 Uhr am Freitag"
		start.day, start.hasDay = end.day, true
	}
	begin, finish := start.when(), end.when()
	if finish.Time.Before(begin.Time) {
		if !start.hasTime || !end.hasTime || !sameDay(begin.Time, finish.Time) {
			return false
		}
		end.day, end.hasDay = midnight(begin.Time).AddDate(0, 0, 1), true // over midnight
	}
	rule, first := d.rule, d.first
	*d = end
	d.from, d.rule, d.first = &start, rule, first
	return true
}

var (
	clockPattern = regexp.MustCompile(`^(\d{1,2})(?:[:.](\d{2}))?(uhr|h|am|pm)?$`)
	isoPattern   = regexp.MustCompile(`^(\d{4})-(\d{1,2})-(\d{1,2})$`)
	datePattern  = regexp.MustCompile(`^(\d{1,2})\.(\d{1,2})\.(\d{2}|\d{4})?$`)
	dayPattern   = regexp.MustCompile(`^(\d{1,2})(?:\.|st|nd|rd|th)?$`)
	yearPattern  = regexp.MustCompile(`^\d{4}$`)
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
	if unit == "" && !strings.Contains(w, ":") && !d.bare {
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

var monthWords = map[string]time.Month{
	"januar": 1, "january": 1, "jan": 1, "februar": 2, "february": 2, "feb": 2, "märz": 3, "maerz": 3, "march": 3, "mar": 3, "april": 4, "apr": 4,
	"mai": 5, "may": 5, "juni": 6, "june": 6, "jun": 6, "juli": 7, "july": 7, "jul": 7, "august": 8, "aug": 8, "september": 9, "sep": 9, "sept": 9,
	"oktober": 10, "october": 10, "okt": 10, "oct": 10, "november": 11, "nov": 11, "dezember": 12, "december": 12, "dez": 12, "dec": 12,
}

var nextWords = []string{"next", "nächste", "nächsten", "nächster", "nächstes", "naechste", "naechsten", "kommende", "kommenden"}

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
		return set(today.AddDate(0, 0, daysUntil(today, day)), 1)
	}
	if t, ok := d.numeric(w, today); ok {
		return set(t, 1)
	}
	if t, n := named(words, today); n > 0 {
		return set(t, n)
	}
	second := plainWord(words, 1)
	if !slices.Contains(nextWords, w) {
		return 0
	}
	if day, ok := weekdayWords[second]; ok {
		return set(today.AddDate(0, 0, daysUntil(today, day)), 2)
	}
	switch unitWords[second] {
	case unitWeek:
		return set(today.AddDate(0, 0, daysUntil(today, time.Monday)), 2)
	case unitMonth:
		return set(time.Date(today.Year(), today.Month()+1, 1, 0, 0, 0, 0, today.Location()), 2)
	case unitYear:
		return set(time.Date(today.Year()+1, 1, 1, 0, 0, 0, 0, today.Location()), 2)
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
	return nextDay(m[2], m[1], today)
}

// named reads "15. Dezember", "15 December 2026" and "Dec 15th".
func named(words []string, today time.Time) (time.Time, int) {
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

// when puts day and time together. A time alone is the next such moment, a rule alone starts with its first day.
func (d *phrase) when() When {
	day := d.day
	if !d.hasDay {
		day = midnight(d.now)
		if d.first != nil {
			day = d.first(day)
		}
	}
	if !d.hasTime {
		return When{day, true}
	}
	at := func(t time.Time) time.Time {
		return time.Date(t.Year(), t.Month(), t.Day(), d.hour, d.min, 0, 0, d.now.Location())
	}
	t := at(day)
	if !d.hasDay && !t.After(d.now) {
		day = day.AddDate(0, 0, 1)
		if d.first != nil {
			day = d.first(day)
		}
		t = at(day)
	}
	return When{t, false}
}

// span gives what the phrase says as start and due; without a stretch there is no start.
func (d *phrase) span() (start, due *When) {
	end := d.when()
	if d.from == nil {
		return nil, &end
	}
	begin := d.from.when()
	if !d.hasDay && !d.from.hasDay && !sameDay(begin.Time, end.Time) && d.hasTime && d.from.hasTime { // both are today, or both are not
		begin.Time = time.Date(end.Time.Year(), end.Time.Month(), end.Time.Day(), d.from.hour, d.from.min, 0, 0, d.now.Location())
	}
	return &begin, &end
}
