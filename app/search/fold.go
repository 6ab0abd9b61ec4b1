// SPDX-License-Identifier: EUPL-1.2

package search

import (
	"strings"
	"unicode"
)

// folded gives letters without their marks, as the index has them (unicode61 with remove_diacritics 2).
var folded = func() map[rune]rune {
	m := map[rune]rune{}
	for base, marked := range map[rune]string{
		'a': "àáâãäåāăąǎ", 'c': "çćĉċč", 'd': "ďđ", 'e': "èéêëēĕėęěẽ", 'g': "ĝğġģǧ", 'h': "ĥħ", 'i': "ìíîïĩīĭįı", 'j': "ĵ", 'k': "ķ", 'l': "ĺļľ",
		'n': "ñńņňŉ", 'o': "òóôõöōŏőǒ", 'r': "ŕŗř", 's': "śŝşšș", 't': "ţťț", 'u': "ùúûüũūŭůűųǔ", 'w': "ŵ", 'y': "ýÿŷ", 'z': "źżž",
	} {
		for _, r := range marked {
			m[r] = base
		}
	}
	for _, r := range "đħıŉ" { // letters of their own for the index
		delete(m, r)
	}
	return m
}()

// Fold makes text comparable as the index does: lower case, letters without marks, also those that stand behind a letter as
// characters of their own, as in names of files from a Mac.
func Fold(s string) string {
	return strings.Map(foldRune, s)
}

// foldRune gives -1 for a character that leaves no trace.
func foldRune(r rune) rune {
	if r >= 0x300 && r <= 0x331 {
		return -1
	}
	r = unicode.ToLower(r)
	if base, ok := folded[r]; ok {
		return base
	}
	return r
}

// Words splits text at everything that is no letter or digit, as the index does, and folds.
func Words(s string) []string {
	return strings.FieldsFunc(Fold(s), func(r rune) bool { return !isWord(r) })
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) }

// composed makes one character of an umlaut and its mark.
var composed = strings.NewReplacer("a\u0308", "ä", "o\u0308", "ö", "u\u0308", "ü")

// maxVariants bounds the ways to write one word.
const maxVariants = 16

// Variants gives the ways in which a word may stand in the index: umlauts with and without e, ß and ss.
func Variants(word string) []string {
	lower := composed.Replace(strings.ToLower(word))
	all := []string{""}
	for i := 0; i < len(lower); {
		piece, n := spellings(lower[i:], i)
		i += n
		var next []string
		for _, head := range all {
			for _, p := range piece {
				if len(next) < maxVariants {
					next = append(next, head+p)
				}
			}
		}
		all = next
	}
	out := all[:0]
	seen := map[string]bool{}
	for _, v := range all {
		if v = Fold(v); !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}

// spellings gives the ways to write the letter or pair at the start of s, the one that is there first.
func spellings(s string, at int) ([]string, int) {
	for _, pair := range [][2]string{{"ä", "ae"}, {"ö", "oe"}, {"ü", "ue"}, {"ß", "ss"}} {
		if strings.HasPrefix(s, pair[0]) {
			return []string{pair[0], pair[1]}, len(pair[0])
		}
		if strings.HasPrefix(s, pair[1]) && (at > 0 || pair[0] != "ß") {
			return []string{pair[1], pair[0]}, len(pair[1])
		}
	}
	for _, r := range s {
		return []string{string(r)}, len(string(r))
	}
	return []string{s}, len(s)
}
