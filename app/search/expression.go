// SPDX-License-Identifier: EUPL-1.2

package search

import (
	"strings"
	"unicode/utf8"
)

// Mode says how far a word may be stretched.
type Mode uint8

// The modes.
const (
	Exact     Mode = iota // whole words; the last one as a beginning if it is long enough to be looked up quickly
	Beginning             // each word as the beginning of one
	Inside                // each word also inside of compounds
)

// minPrefix is how long the beginning of a word must be for an index without prefixes: a shorter one stands for so many
// words that looking all of them up takes too long. Shorter ones are found in the list of words, see Compounds.
const minPrefix = 6

// MinInside is how long a word must be to be looked for inside of others.
const MinInside = 4

// maxInside bounds how many compounds one word is stretched to.
const maxInside = 150

// Expression writes the terms that must be there for the full-text index (sqlite.org/fts5.html, section 3). compounds
// gives the words of the index that have one inside; only Inside asks it. It is empty where no term must be there.
func (q Query) Expression(mode Mode, compounds func(part string) []string) string {
	var parts []string
	for _, t := range q.Terms {
		if t.Not {
			continue
		}
		switch e := t.expression(mode, compounds); {
		case e == "":
		case t.Or && len(parts) > 0:
			last := &parts[len(parts)-1]
			*last = "(" + *last + " OR " + e + ")"
		default:
			parts = append(parts, e)
		}
	}
	return strings.Join(parts, " AND ")
}

// Exclusion writes the terms that must not be there, empty for none.
func (q Query) Exclusion() string {
	var parts []string
	for _, t := range q.Terms {
		if t.Not {
			if e := t.expression(Exact, nil); e != "" {
				parts = append(parts, e)
			}
		}
	}
	return strings.Join(parts, " OR ")
}

var columns = map[Field]string{Anywhere: "", Title: "title : ", Sender: "sender : ", Recipient: "recipients : "}

func (t Term) expression(mode Mode, compounds func(string) []string) string {
	words := splitRaw(t.Text)
	if len(words) == 0 {
		return ""
	}
	if t.Phrase || len(words) > 1 {
		return columns[t.Field] + "(" + phrase(words, mode == Beginning && !t.Phrase) + ")"
	}
	word := words[0]
	var alternatives []string
	for _, v := range Variants(word) {
		alternatives = append(alternatives, quote(v, mode == Beginning || (mode == Inside || t.Prefix) && utf8.RuneCountInString(v) >= minPrefix))
	}
	if mode == Inside && compounds != nil && utf8.RuneCountInString(word) >= MinInside {
		for _, v := range Variants(word) {
			for _, c := range compounds(v) {
				if len(alternatives) < maxInside {
					alternatives = append(alternatives, quote(c, false))
				}
			}
		}
	}
	return columns[t.Field] + "(" + strings.Join(alternatives, " OR ") + ")"
}

// phrase writes words that follow each other. Of their spellings the one that was typed and the one with all umlauts
// written out are tried: all together would be too many.
func phrase(words []string, prefix bool) string {
	plain, other := make([]string, len(words)), make([]string, len(words))
	for i, w := range words {
		v := Variants(w)
		plain[i], other[i] = v[0], v[len(v)-1]
	}
	a, b := quote(strings.Join(plain, " "), prefix), quote(strings.Join(other, " "), prefix)
	if a == b {
		return a
	}
	return a + " OR " + b
}

func quote(s string, prefix bool) string {
	s = `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	if prefix {
		s += "*"
	}
	return s
}

// splitRaw is Words without folding, so that the spellings can still be told.
func splitRaw(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !isWord(r) })
}
