// SPDX-License-Identifier: EUPL-1.2

package search

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Both languages ask for the same, in whatever case, with marks or without.
func TestOperatorsInBothLanguages(t *testing.T) {
	for _, same := range [][]string{
		{"von:x ", "from:x ", "VON:x ", "From:x "},
		{"an:x ", "to:x "},
		{"betreff:x ", "subject:x ", "Betreff:x "},
		{"ordner:Bau", "in:Bau", "folder:Bau"},
		{"hat:anhang", "hat:anhänge", "hat:anhaenge", "has:attachment", "has:attachments", "HAS:Attachment"},
		{"ist:ungelesen", "is:unread", "ist:neu", "is:new"},
		{"ist:gelesen", "is:read"},
		{"ist:markiert", "ist:gekennzeichnet", "ist:wichtig", "is:flagged", "is:starred"},
		{"vor:1.2.2026", "before:2026-02-01", "vor:01.02.26", "vor:2/2026", "before:2026-2"},
		{"nach:gestern", "after:yesterday", "nach:22.11.", "after:22.11.2026"},
		{`a ODER b `, `a OR b `, `a | b `},
		{`von:"Anna Amt" `, `von:„Anna Amt“ `, `from:“Anna Amt” `},
		{`-von:x y `, `-from:x y `},
	} {
		want := Parse(same[0], now)
		if want.Empty() {
			t.Errorf("%q asks for nothing", same[0])
		}
		for _, other := range same[1:] {
			if got := Parse(other, now); !reflect.DeepEqual(got, want) {
				t.Errorf("%q: %+v, but %q: %+v", other, got, same[0], want)
			}
		}
	}
}

// The parts of a query count wherever they stand: only the last word is special, for it may still be typed.
func TestOrderDoesNotMatter(t *testing.T) {
	parts := []string{"von:anna", "-alt", "plan", `"zwei wörter"`, "hat:anhang", "nach:2026", "ordner:Bau", "ist:ungelesen"}
	rapid.Check(t, func(t *rapid.T) {
		some := rapid.SliceOfNDistinct(rapid.SampledFrom(parts), 1, len(parts), rapid.ID[string]).Draw(t, "parts")
		sorted := func(q Query) Query {
			slices.SortFunc(q.Terms, func(a, b Term) int { return strings.Compare(a.Text, b.Text) })
			return q
		}
		want := sorted(Parse(strings.Join(some, " ")+" ", now))
		order := rapid.Permutation(some).Draw(t, "order")
		blank := rapid.SampledFrom([]string{" ", "  ", "\t", "\u00a0"}).Draw(t, "blank")
		if got := sorted(Parse(strings.Join(order, blank)+" ", now)); !reflect.DeepEqual(got, want) {
			t.Fatalf("%q: %+v, want %+v", order, got, want)
		}
	})
}

// Who types a word letter by letter never sees an error, and the word as it stands is always among what is looked for.
func TestTypingLetterByLetter(t *testing.T) {
	for _, whole := range []string{`von:"Müller, Jörg" Bericht -alt`, "Straßenbau ODER Grünfläche nach:1.2.2026", `"offene Phrase`, "hat:anhang ist:gelesen x*"} {
		runes := []rune(whole)
		for n := range len(runes) + 1 {
			typed := string(runes[:n])
			q := Parse(typed, now)
			for _, mode := range []Mode{Exact, Beginning, Inside} {
				e := q.Expression(mode, func(string) []string { return nil })
				if strings.Count(e, `"`)%2 != 0 || strings.Count(e, "(") != strings.Count(e, ")") || strings.Contains(e, "()") {
					t.Errorf("%q: %s", typed, e)
				}
				for _, term := range q.Terms {
					if w := Words(term.Text); !term.Not && len(w) == 1 && !strings.Contains(e, `"`+w[0]) {
						t.Errorf("%q: %q is not looked for in %s", typed, w[0], e)
					}
				}
			}
		}
	}
}

// A word that is stretched to its compounds stays bounded, and is looked for itself, first.
func TestCompoundsAreBounded(t *testing.T) {
	many := func(part string) []string {
		var out []string
		for i := range 1000 {
			out = append(out, fmt.Sprintf("%s%d", part, i))
		}
		return out
	}
	for _, in := range []string{"haushalt ", "grünfläche ", "größe "} {
		e := Parse(in, now).Expression(Inside, many)
		if n := strings.Count(e, " OR ") + 1; n > maxInside || n < maxInside/2 {
			t.Errorf("%s: %d alternatives", in, n)
		}
		if !strings.HasPrefix(e, `("`+Fold(strings.TrimSpace(in))) {
			t.Errorf("%s: %.60s", in, e)
		}
	}
	if e := Parse("bau ", now).Expression(Inside, many); e != `("bau")` {
		t.Errorf("too short to be inside of others, but %.60s", e)
	}
	if e := Parse(`"der haushalt" `, now).Expression(Inside, many); e != `("der haushalt")` {
		t.Errorf("a phrase stays as it is, but %.60s", e)
	}
}

// The first word that counts is shown, not one that is excluded, and not one of another field.
func TestSnippetShowsWhatWasAskedFor(t *testing.T) {
	text := strings.Repeat("Einleitung und Anrede. ", 20) + "Das Wasser ist trüb. " + strings.Repeat("Zwischenspiel. ", 30) + "Herr Ärgernis schreibt."
	for query, want := range map[string]string{
		"wasser ":            "Wasser ist trüb",
		"trueb":              "Wasser ist trüb",
		"-wasser ärgernis ":  "Herr Ärgernis",
		"von:wasser aerger":  "Herr Ärgernis",
		`"herr ärgernis" `:   "Herr Ärgernis",
		"asser ":             "Wasser ist trüb", // inside of a word
		"fehlt wasser ":      "Wasser ist trüb",
		"ist:gelesen":        "Einleitung und Anrede",
		"betreff:wasser ":    "Wasser ist trüb",
		"gibtesnicht -herr ": "Einleitung und Anrede",
	} {
		if got := Parse(query, now).Snippet(text); !strings.Contains(got, want) {
			t.Errorf("%s: %q", query, got)
		}
	}
}

// A day is that of the person's own clock, wherever that is.
func TestDayInAnyZone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone := time.FixedZone("", rapid.IntRange(-12, 14).Draw(t, "hours")*3600)
		moment := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "seconds"), 0).In(zone)
		today, ok := Day("heute", moment)
		yesterday, ok2 := Day("gestern", moment)
		if !ok || !ok2 || today.After(moment) || moment.Sub(today) >= 24*time.Hour || today.Sub(yesterday) != 24*time.Hour {
			t.Fatalf("%v: today %v, yesterday %v", moment, today, yesterday)
		}
		if short, ok := Day(moment.Format("2.1."), moment); !ok || !short.Equal(today) {
			t.Fatalf("%v: %v", moment, short)
		}
		if leap, ok := Day("29.2.", moment); !ok || leap.Day() != 29 || leap.Month() != time.February || leap.Year() > moment.Year() || leap.Year() < moment.Year()-8 {
			t.Fatalf("%v: %v", moment, leap)
		}
	})
}
