// SPDX-License-Identifier: EUPL-1.2

package search

import (
	"strings"
	"unicode/utf8"
)

// snippetLen is about how many characters a snippet has, lead how many of them come before the match.
const (
	snippetLen = 150
	lead       = 50
)

// Snippet gives the place of text that shows best why it was found, in one line: where the first term stands, else the
// beginning.
func (q Query) Snippet(text string) string {
	at := q.find(text)
	start := 0
	if at > 0 {
		start = back(text, at, lead)
	}
	out := make([]byte, 0, snippetLen*2)
	if start > 0 {
		out = append(out, "… "...)
	}
	room := snippetLen
	for word := range strings.FieldsSeq(text[start:]) {
		n := utf8.RuneCountInString(word)
		if n+1 > room {
			if room == snippetLen { // one word is longer than all: its beginning is better than nothing
				out = append(out, string([]rune(word)[:snippetLen])...)
			}
			return strings.TrimSpace(string(out)) + " …"
		}
		out = append(append(out, word...), ' ')
		room -= n + 1
	}
	return strings.TrimSpace(string(out))
}

// back goes n characters back from at, to the beginning of a word.
func back(text string, at, n int) int {
	i := at
	for ; i > 0 && n > 0; n-- {
		_, size := utf8.DecodeLastRuneInString(text[:i])
		i -= size
	}
	if i == 0 {
		return 0
	}
	if space := strings.IndexAny(text[i:at], " \n\t"); space >= 0 {
		return i + space + 1
	}
	return i
}

// Matches reports whether one of the terms that may stand anywhere is in text.
func (q Query) Matches(text string) bool { return q.find(text) >= 0 }

// find gives where the first term begins that stands in text, -1 for none. Whole words and beginnings count more than
// the inside of words.
func (q Query) find(text string) int {
	var needles []string
	for _, t := range q.Terms {
		if t.Not || t.Field == Sender || t.Field == Recipient {
			continue
		}
		for _, w := range splitRaw(t.Text) {
			needles = append(needles, Variants(w)...)
		}
	}
	if len(needles) == 0 {
		return -1
	}
	inside := -1
	word, start := make([]byte, 0, 64), -1
	for i, r := range text + " " {
		if isWord(r) {
			if start < 0 {
				start = i
			}
			if r = foldRune(r); r >= 0 {
				word = utf8.AppendRune(word, r)
			}
			continue
		}
		if start >= 0 {
			switch hit := matchWord(string(word), needles); {
			case hit == 2:
				return start
			case hit == 1 && inside < 0:
				inside = start
			}
		}
		word, start = word[:0], -1
	}
	return inside
}

// matchWord gives 2 where a needle begins the word, 1 where one is inside of it, 0 for none.
func matchWord(word string, needles []string) int {
	best := 0
	for _, n := range needles {
		switch {
		case strings.HasPrefix(word, n):
			return 2
		case len(n) >= MinInside && strings.Contains(word, n):
			best = 1
		}
	}
	return best
}
