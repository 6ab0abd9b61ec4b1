// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"slices"
	"strings"
	"time"
)

// Quick reads one line of a person's quick entry, in German or English: "Bericht abgeben fr 14 Uhr #Berichte !hoch",
// "water the plants every 3 days", "Klausur 24.12.-27.12.". Tags and priority may stand anywhere, day, time and repetition
// at the end or, in full words, at the start. What is left is the title; there always is one where there is text.
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
	words, when := cutWhen(words, now)
	if when != nil {
		e.Start, e.Due = when.span()
		if when.rule != "" {
			e.RRule = &when.rule
		}
	}
	title := strings.Join(words, " ")
	if title == "" {
		title = strings.TrimSpace(text)
	}
	e.Title = &title
	return e
}

// CutList takes the name of a list out of a line of quick entry: "@Bauamt", with as many words as the name has. names are
// the lists there are; without such a name the line stays as it is.
func CutList(text string, names []string) (rest, name string) {
	words := strings.Fields(text)
	for i, w := range words {
		if len(w) < 2 || w[0] != '@' {
			continue
		}
		best := 0
		for _, n := range names {
			parts := strings.Fields(n)
			if len(parts) > best && i+len(parts) <= len(words) && strings.EqualFold(strings.Join(words[i:i+len(parts)], " ")[1:], strings.Join(parts, " ")) {
				best, name = len(parts), n
			}
		}
		if best > 0 {
			return strings.Join(append(words[:i:i], words[i+best:]...), " "), name
		}
	}
	return text, ""
}

// ParseWhen reads a day or a moment as people write it: "2026-11-23 14:00", "23.11.", "morgen 9 Uhr", "fr". Empty text
// gives the zero When.
func ParseWhen(text string, now time.Time) (When, error) {
	words := strings.Fields(strings.Replace(text, "T", " ", min(1, strings.Count(text, "-")/2)))
	if len(words) == 0 {
		return When{}, nil
	}
	d := phrase{now: now}
	if d.read(words) != len(words) || d.from != nil || d.rule != "" {
		return When{}, ErrDate
	}
	return d.when(), nil
}

var priorityWords = map[string]int{
	"!hoch": 1, "!high": 1, "!1": 1, "!wichtig": 1, "!mittel": 5, "!medium": 5, "!2": 5, "!niedrig": 9, "!low": 9, "!3": 9,
}

// maxPhrase is how many words day, time and repetition may have together.
const maxPhrase = 12

// alsoWords are short names of days that mean something else at the end of a sentence ("what to do").
var alsoWords = []string{"do", "so", "sun", "sat"}

// cutWhen takes the longest phrase of day, time and repetition off the end of words, or off their start.
func cutWhen(words []string, now time.Time) ([]string, *phrase) {
	for n := min(maxPhrase, len(words)-1); n > 0; n-- {
		d := phrase{now: now}
		if n == 1 && slices.Contains(alsoWords, words[len(words)-1]) {
			break
		}
		if d.read(words[len(words)-n:]) == n {
			return words[:len(words)-n], &d
		}
	}
	for n := min(maxPhrase, len(words)-1); n > 0; n-- {
		d := phrase{now: now}
		if d.read(words[:n]) == n && !d.adverb && (len(words[0]) > 2 || n > 1) {
			return words[n:], &d
		}
	}
	return words, nil
}
