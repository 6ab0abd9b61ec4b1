// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	clockPattern  = regexp.MustCompile(`^(\d{1,2})(?:[:.h](\d{2}))?(uhr|h|am|pm|a\.m\.|p\.m\.)?$`)
	minutePattern = regexp.MustCompile(`^[0-5]\d$`)
	clockUnits    = []string{"uhr", "am", "pm", "a.m.", "p.m."}
)

// numerals are the numbers that people write as words.
var numerals = map[string]int{
	"ein": 1, "eine": 1, "einen": 1, "einem": 1, "einer": 1, "eins": 1, "a": 1, "an": 1, "one": 1, "zwei": 2, "two": 2, "drei": 3, "three": 3,
	"vier": 4, "four": 4, "fünf": 5, "fuenf": 5, "five": 5, "sechs": 6, "six": 6, "sieben": 7, "seven": 7, "acht": 8, "eight": 8, "neun": 9, "nine": 9,
	"zehn": 10, "ten": 10, "elf": 11, "eleven": 11, "zwölf": 12, "zwoelf": 12, "twelve": 12,
}

// clock takes a time of day, 0 where there is none.
func (d *phrase) clock(words []string) int {
	if n := d.halfAndQuarter(words); n > 0 {
		return n
	}
	w, next := plainWord(words, 0), plainWord(words, 1)
	if n := numerals[w]; n > 0 && (d.bare || next == "uhr") && w != "a" && w != "an" {
		w = strconv.Itoa(n)
	}
	m := clockPattern.FindStringSubmatch(w)
	if m == nil {
		return 0
	}
	taken, unit := 1, strings.ReplaceAll(m[3], ".", "")
	if unit == "" && slices.Contains(clockUnits, next) {
		taken, unit = 2, strings.ReplaceAll(next, ".", "")
	}
	if unit == "" && !strings.ContainsAny(w, ":h") {
		if !d.bare {
			return 0
		}
		d.guessed = d.guessed || (m[2] == "" && !d.hasDay)
	}
	if unit == "uhr" && m[2] == "" && minutePattern.MatchString(plainWord(words, taken)) { // "9 Uhr 30"
		m[2] = plainWord(words, taken)
		taken++
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
	case hour == 24 && minute == 0: // the end of the day it is said of
		hour, minute = 23, 59
	}
	return d.setClock(hour, minute, taken)
}

func (d *phrase) setClock(hour, minute, taken int) int {
	if hour < 0 || hour > 23 || minute > 59 {
		return 0
	}
	d.hour, d.min, d.hasTime = hour, minute, true
	return taken
}

// halfAndQuarter takes "halb zehn", which is half past nine, "viertel nach 9" and "quarter to nine".
func (d *phrase) halfAndQuarter(words []string) int {
	number := func(i int) int {
		w := plainWord(words, i)
		if n, err := strconv.Atoi(w); err == nil && n >= 1 && n <= 12 {
			return n
		}
		return numerals[w]
	}
	w, next := plainWord(words, 0), plainWord(words, 1)
	said, minute, taken := 0, 0, 3
	switch {
	case w == "halb":
		said, minute, taken = number(1), -30, 2
	case w == "half" && next == "past":
		said, minute = number(2), 30
	case (w == "viertel" && next == "nach") || (w == "quarter" && next == "past"):
		said, minute = number(2), 15
	case (w == "viertel" && next == "vor") || (w == "quarter" && next == "to"):
		said, minute = number(2), -15
	}
	if said == 0 {
		return 0
	}
	if plainWord(words, taken) == "uhr" {
		taken++
	}
	at := said*60 + minute
	return d.setClock(at/60, at%60, taken)
}

// lastMinute stands for the end of a day.
const lastMinute = 24

// partHours are the parts of a day that mean something behind a day or a preposition, with the hours they stand for.
var partHours = map[string]int{
	"früh": 8, "frueh": 8, "morgens": 8, "morning": 9, "vormittag": 10, "vormittags": 10, "mittag": 12, "mittags": 12, "noon": 12, "midday": 12,
	"nachmittag": 15, "nachmittags": 15, "afternoon": 15, "abend": 18, "abends": 18, "evening": 18, "tonight": 18, "nacht": 22, "nachts": 22, "night": 22,
	"mitternacht": lastMinute, "midnight": lastMinute,
}

// clearParts are those that mean a time without any other word.
var clearParts = []string{"mittags", "noon", "midday", "tonight", "mitternacht", "midnight"}

// partOfDay takes "heute Abend", "morgen früh", "am Nachmittag", "tomorrow in the evening", "this afternoon" and "noon".
func (d *phrase) partOfDay(words []string) int {
	if d.part != 0 {
		return 0
	}
	i := 0
	if plainWord(words, 0) == "in" && plainWord(words, 1) == "the" {
		i = 2
	}
	w := plainWord(words, i)
	if i == 0 && w == "this" && partHours[plainWord(words, 1)] != 0 && !d.hasDay {
		d.day, d.hasDay, i, w = midnight(d.now), true, 1, plainWord(words, 1)
	}
	hour := partHours[w]
	if hour == 0 || (!d.hasDay && !d.led && d.rule == "" && !d.hasTime && !slices.Contains(clearParts, w)) {
		return 0
	}
	if w == "tonight" && !d.hasDay {
		d.day, d.hasDay = midnight(d.now), true
	}
	d.part, d.loose = hour, !d.hasDay
	return i + 1
}

// settle puts a part of the day and a time together: "heute Abend um 8" is twenty o'clock.
func (d *phrase) settle() {
	switch {
	case d.part == 0:
	case !d.hasTime && d.part == lastMinute:
		d.hour, d.min, d.hasTime = 23, 59, true
	case !d.hasTime:
		d.hour, d.hasTime = d.part, true
	case d.part >= 15 && d.part < lastMinute && d.hour >= 1 && d.hour < 12:
		d.hour += 12
	}
	d.part = 0
}

// hours takes two numbers behind a day as a stretch of hours: "Mo 9-11".
func (d *phrase) hours(from, to string) int {
	a, errA := strconv.Atoi(from)
	b, errB := strconv.Atoi(to)
	if !d.hasDay || d.hasTime || errA != nil || errB != nil || a >= b || b > 23 {
		return 0
	}
	start, end := *d, *d
	start.setClock(a, 0, 1)
	end.setClock(b, 0, 1)
	start.rule, end.rule = "", ""
	if !d.spanning(start, end) {
		return 0
	}
	return 1
}
