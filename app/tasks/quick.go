// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"slices"
	"strings"
	"time"
	"unicode"
)

// Quick reads one line of a person's quick entry, in German or English: "Bericht abgeben fr 14 Uhr #Berichte !hoch",
// "water the plants every 3 days", "Klausur 24.12.-27.12.". Tags and priority may stand anywhere, day, time and repetition
// at the end or, in full words, at the start. What is left is the title; there always is one where there is text.
func Quick(text string, now time.Time) Edit {
	var e Edit
	var words, tags []string
	var kept []bool
	all := strings.Fields(text)
	for i, quoted := range inQuotes(all) {
		w := all[i]
		if p, ok := priorityWords[strings.ToLower(w)]; ok && e.Priority == nil && !quoted {
			e.Priority = &p
		} else if isTag(w) && !quoted {
			tags = append(tags, w[1:])
		} else {
			words, kept = append(words, w), append(kept, quoted)
		}
	}
	if len(tags) > 0 {
		e.Tags = &tags
	}
	words, when := cutWhen(words, kept, now)
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

// isTag reports whether a word is a tag: "#Berichte", but not "#12", which is a number of something.
func isTag(w string) bool {
	return len(w) > 1 && w[0] == '#' && !strings.Contains(w, ",") && strings.ContainsFunc(w, unicode.IsLetter)
}

// inQuotes tells which words stand between quotation marks; a mark that nobody closes is none.
func inQuotes(words []string) []bool {
	quoted := make([]bool, len(words))
	from := -1
	for i, w := range words {
		if from < 0 && strings.ContainsAny(firstOf(strings.TrimLeft(w, "([")), "\"„“”«»") {
			from = i
		}
		end := strings.TrimRight(w, ".,;:!?)]")
		if from < 0 || (from == i && len([]rune(end)) < 2) || !endsQuote(end) {
			continue
		}
		for k := from; k <= i; k++ {
			quoted[k] = true
		}
		from = -1
	}
	return quoted
}

func firstOf(w string) string {
	for _, r := range w {
		return string(r)
	}
	return ""
}

func endsQuote(w string) bool {
	return slices.ContainsFunc([]string{"\"", "“", "”", "«", "»"}, func(mark string) bool { return strings.HasSuffix(w, mark) })
}

// CutList takes the name of a list out of a line of quick entry: "@Bauamt", with as many words as the name has. names are
// the lists there are; without such a name, or with nothing else, the line stays as it is.
func CutList(text string, names []string) (rest, name string) {
	words := strings.Fields(text)
	quoted := inQuotes(words)
	for i, w := range words {
		if len(w) < 2 || w[0] != '@' || quoted[i] {
			continue
		}
		best := 0
		for _, n := range names {
			parts := strings.Fields(n)
			if len(parts) > best && i+len(parts) <= len(words) && strings.EqualFold(strings.Join(words[i:i+len(parts)], " ")[1:], strings.Join(parts, " ")) {
				best, name = len(parts), n
			}
		}
		if best > 0 && best < len(words) {
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

// openWords are words that want another one behind them: with what follows taken away, a title would be cut in two. Names
// follow the last of them, and dates of papers.
var openWords = []string{
	"und", "oder", "bis", "von", "vom", "ab", "seit", "geb.", "geboren", "für", "mit", "ohne", "an", "guten", "and", "or", "to", "from", "of", "since", "born", "dated",
	"the", "this", "diesen", "dieser", "with", "without", "for", "good", "herr", "herrn", "frau", "mr", "mr.", "mrs", "mrs.", "ms", "ms.", "dr.", "§", "nr.", "no.", "art.",
	"abs.", "kapitel", "seite", "version", "az.",
}

// cutWhen takes the longest phrase of day, time and repetition off the end of words, or off their start. What is in quotes
// stays, and so does a day with its year that is over: it belongs to what the task is about.
func cutWhen(words []string, quoted []bool, now time.Time) ([]string, *phrase) {
	for n := min(maxPhrase, len(words)-1); n > 0; n-- {
		d := phrase{now: now}
		rest := len(words) - n
		if n == 1 && slices.Contains(alsoWords, words[len(words)-1]) {
			break
		}
		if slices.Contains(quoted[rest:], true) || slices.Contains(openWords, plainWord(words, rest-1)) || goesOn(words, rest) {
			continue
		}
		if d.read(words[rest:]) == n && !d.over() {
			return words[:rest], &d
		}
	}
	for n := min(maxPhrase, len(words)-1); n > 0; n-- {
		d := phrase{now: now}
		if slices.Contains(quoted[:n], true) {
			continue
		}
		if d.read(words[:n]) != n || d.adverb || d.loose || d.over() || (n == 1 && len(words[0]) < 3) {
			continue
		}
		if first := plainWord(words, 0); !d.guessed || (d.hasDay && first != "zum" && first != "the") { // "um 3 Akten", "zum 2. Bescheid"
			return words[n:], &d
		}
	}
	return words, nil
}

// goesOn reports whether the words from at on end a stretch of numbers: "Kapitel 3 bis 15.".
func goesOn(words []string, at int) bool {
	last := strings.TrimRight(words[at-1], ".")
	return last != "" && strings.Trim(last, "0123456789") == "" && slices.Contains(toWords, plainWord(words, at))
}

// over reports whether the phrase ends before today.
func (d *phrase) over() bool { return d.hasDay && d.day.Before(midnight(d.now)) }
