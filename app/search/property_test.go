// SPDX-License-Identifier: EUPL-1.2

package search

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestFoldIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		once := Fold(s)
		if again := Fold(once); again != once {
			t.Fatalf("%q: %q, then %q", s, once, again)
		}
		for _, w := range Words(s) {
			if w == "" || strings.ContainsAny(w, " \t\n.,;:-") || !strings.Contains(once, w) {
				t.Fatalf("%q: word %q", s, w)
			}
		}
	})
}

// Compounds finds just the words that hold the part and more, the shortest of them.
func TestCompoundsAreThoseOfTheList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfNDistinct(rapid.StringMatching(`[ab]{5,9}`), 0, 40, rapid.ID).Draw(t, "list")
		part := rapid.StringMatching(`[ab]{4,6}`).Draw(t, "part")
		var want []string
		for _, w := range list {
			if strings.Contains(w, part) && w != part {
				want = append(want, w)
			}
		}
		got := Compounds([]byte(strings.Join(list, "\n")), part)
		if !slices.IsSortedFunc(got, func(a, b string) int { return len(a) - len(b) }) {
			t.Fatalf("longer ones first: %v", got)
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("%s: %v, want %v", part, got, want)
		}
	})
}

// A snippet is short, in one line, made of words of the text, and shows what was looked for where that is there.
func TestSnippetShowsTheMatch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		filler := rapid.SliceOfN(rapid.SampledFrom([]string{"und", "der", "Plan", "Straße", "\n", "2026"}), 0, 120)
		before, after := filler.Draw(t, "before"), filler.Draw(t, "after")
		word := rapid.SampledFrom([]string{"Haushalt", "Gemeindehaushalt", "Müller"}).Draw(t, "word")
		text := strings.Join(slices.Concat(before, []string{word}, after), " ")
		got := Parse(rapid.SampledFrom([]string{"haushalt", "MÜLLER", "mueller"}).Draw(t, "query"), now).Snippet(text)
		if utf8.RuneCountInString(got) > snippetLen+4 || strings.ContainsAny(got, "\n\t") {
			t.Fatalf("%q", got)
		}
		for w := range strings.FieldsSeq(strings.Trim(got, "… ")) {
			if !strings.Contains(text, w) {
				t.Fatalf("%q is not in the text", w)
			}
		}
		if got := Parse(word, now).Snippet(text); !strings.Contains(got, word) {
			t.Fatalf("%q does not show %s", got, word)
		}
	})
}

// Shares are fair: nobody gets less than another unless there is no more of it, the order stays, and the limit holds.
func TestShareIsFair(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var lists [][]Result
		total := 0
		for k := range rapid.IntRange(0, 4).Draw(t, "kinds") {
			var list []Result
			for i := range rapid.IntRange(0, 9).Draw(t, "n") {
				list = append(list, Result{Kind: string(rune('a' + k)), ID: int64(i)})
			}
			lists = append(lists, list)
			total += len(list)
		}
		limit := rapid.IntRange(0, 25).Draw(t, "limit")
		got := Share(lists, limit)
		if len(got) != min(limit, total) {
			t.Fatalf("%d results", len(got))
		}
		taken := map[string]int{}
		for _, r := range got {
			if r.ID != int64(taken[r.Kind]) {
				t.Fatalf("not the first ones, or not in order: %v", got)
			}
			taken[r.Kind]++
		}
		for i, a := range lists {
			for j, b := range lists {
				na, nb := taken[string(rune('a'+i))], taken[string(rune('a'+j))]
				if na < len(a) && nb > na+1 {
					t.Fatalf("%d of %d and %d of %d", na, len(a), nb, len(b))
				}
			}
		}
	})
}

// Days are read back however they are written.
func TestDaysInEveryWriting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := time.Date(rapid.IntRange(2000, 2060).Draw(t, "year"), time.Month(rapid.IntRange(1, 12).Draw(t, "month")), rapid.IntRange(1, 28).Draw(t, "day"), 0, 0, 0, 0, time.UTC)
		for _, layout := range []string{"2.1.2006", "02.01.2006", "02.01.06", "2006-01-02"} {
			q := Parse("nach:"+want.Format(layout)+" ", now)
			if !q.After.Equal(want) || len(q.Terms) != 0 {
				t.Fatalf("%s: %+v", want.Format(layout), q)
			}
		}
	})
}

// FuzzParse looks for queries that break the grammar of the index: whatever is typed, quotes and brackets are paired.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", `"`, `von:"`, `-"a`, "a OR", "| | a", "OR OR a OR -b", "hat:", "nach:1.1.", "„a“ ODER ”b”", "a*b*", "\xff\xfe OR a", "NEAR(a b)", `a" AND title : "b`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		q := Parse(in, now)
		for _, e := range []string{q.Expression(Exact, nil), q.Expression(Inside, func(p string) []string { return []string{p + `"`} }), q.Exclusion()} {
			depth, quoted := 0, false
			for _, r := range e {
				switch {
				case r == '"':
					quoted = !quoted
				case quoted:
				case r == '(':
					depth++
				case r == ')':
					depth--
				}
				if depth < 0 {
					t.Fatalf("%q: %s", in, e)
				}
			}
			if depth != 0 || quoted {
				t.Fatalf("%q: %s", in, e)
			}
		}
	})
}
