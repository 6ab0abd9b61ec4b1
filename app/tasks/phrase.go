// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"regexp"
	"slices"
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
	led       bool                            // a preposition stands before what is read
	weekday   bool                            // the day was said as a day of the week, and nothing else
	part      int                             // the hour that a part of the day stands for, 0 for none
	loose     bool                            // a part of the day was said without a day
	guessed   bool                            // a number alone was taken for an hour, or for a day of a month
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
	d.settle()
	if !d.said() {
		return 0
	}
	d.adverb = d.adverb && !d.hasDay && !d.hasTime
	return i
}

func (d *phrase) said() bool { return d.hasDay || d.hasTime || d.rule != "" }

var (
	prepositions = []string{"am", "um", "bis", "zum", "on", "at", "by", "den", "der", "the", "ab", "gegen", "fällig", "due"}
	hourWords    = []string{"um", "at"} // behind these a number alone is an hour
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
		before := *d
		d.led, d.bare = d.led || (w != "der" && w != "the"), d.bare || slices.Contains(hourWords, w)
		n := d.word(words[1:])
		d.led, d.bare = before.led, before.bare
		if n > 0 {
			return n + 1
		}
		return 0
	}
	if !d.hasTime {
		if n := d.clock(words); n > 0 {
			return n
		}
	}
	if n := d.partOfDay(words); n > 0 {
		return n
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
		return d.sameDate(w, words)
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
		return d.hours(m[1], m[2])
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
		start.settle()
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
	if start.read(from) != len(from) && !start.dayBefore(from, end) {
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
	if !start.hasDay && !end.hasDay { // hours alone: the first day of the rule, or the next one on which the start is still to come
		start.first = d.first
		start.day, start.hasDay = midnight(start.when().Time), true
		end.day, end.hasDay = start.day, true
	}
	begin, finish := start.when(), end.when()
	if end.weekday && finish.Time.Before(begin.Time) { // the first such day after the start
		end.day = end.day.AddDate(0, 0, 7)
		finish = end.when()
	}
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
	return &begin, &end
}
