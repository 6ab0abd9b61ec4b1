// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// fold makes text comparable while typing: lower case, without accents, ß as ss.
func fold(s string) string {
	t := transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC)
	out, _, err := transform.String(t, strings.ToLower(s))
	if err != nil {
		out = strings.ToLower(s)
	}
	return strings.ReplaceAll(out, "ß", "ss")
}

// fuzzyScore says how well typed letters fit a name, less than 0 for not at all. Letters must come in order; beginnings
// of words and letters that follow each other count more, short names win.
func fuzzyScore(typed, name string) int {
	want, have := []rune(fold(typed)), []rune(fold(name))
	if len(want) == 0 {
		return 0
	}
	score, at, run := 0, 0, 0
	for i, r := range have {
		if at == len(want) {
			break
		}
		if r != want[at] {
			run = 0
			continue
		}
		score += 2 + 3*run
		if i == 0 || !unicode.IsLetter(have[i-1]) && !unicode.IsDigit(have[i-1]) {
			score += 8
		}
		run++
		at++
	}
	if at < len(want) {
		return -1
	}
	return score*4 - len(have)/4
}

// fuzzyOrder gives the positions of the names that fit, best first; without typed letters all, in their order.
func fuzzyOrder(typed string, names []string) []int {
	type hit struct{ at, score int }
	hits := make([]hit, 0, len(names))
	for i, n := range names {
		if s := fuzzyScore(strings.TrimSpace(typed), n); s >= 0 {
			hits = append(hits, hit{i, s})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(b.score, a.score) })
	out := make([]int, len(hits))
	for i, h := range hits {
		out[i] = h.at
	}
	return out
}
