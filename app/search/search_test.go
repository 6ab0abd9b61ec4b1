// SPDX-License-Identifier: EUPL-1.2

package search

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

var now = time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)

func day(y, m, d int) time.Time { return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC) }

func TestParse(t *testing.T) {
	for in, want := range map[string]Query{
		"":                          {},
		"   ":                       {},
		"Haushalt":                  {Terms: []Term{{Text: "Haushalt", Prefix: true}}},
		"Haushalt ":                 {Terms: []Term{{Text: "Haushalt"}}},
		"a b":                       {Terms: []Term{{Text: "a"}, {Text: "b", Prefix: true}}},
		`"zwei Wörter" x `:          {Terms: []Term{{Text: "zwei Wörter", Phrase: true}, {Text: "x"}}},
		`„zwei Wörter“ `:            {Terms: []Term{{Text: "zwei Wörter", Phrase: true}}},
		`"offen `:                   {Terms: []Term{{Text: "offen ", Phrase: true}}},
		"-alt neu ":                 {Terms: []Term{{Text: "alt", Not: true}, {Text: "neu"}}},
		"von:Müller an:rat@x.de ":   {Terms: []Term{{Field: Sender, Text: "Müller"}, {Field: Recipient, Text: "rat@x.de", Phrase: true}}},
		"FROM:a to:b subject:c ":    {Terms: []Term{{Field: Sender, Text: "a"}, {Field: Recipient, Text: "b"}, {Field: Title, Text: "c"}}},
		`betreff:"der Plan" `:       {Terms: []Term{{Field: Title, Text: "der Plan", Phrase: true}}},
		"-von:x ":                   {Terms: []Term{{Field: Sender, Text: "x", Not: true}}},
		"hat:anhang ist:ungelesen":  {Attachments: true, Unread: true},
		"has:attachment is:read":    {Attachments: true, Read: true},
		"ist:markiert ":             {Flagged: true},
		"ordner:Gesendet":           {Folder: "Gesendet"},
		`in:"Gesendete Objekte"`:    {Folder: "Gesendete Objekte"},
		"vor:23.11.2026 nach:heute": {Before: day(2026, 11, 23), After: day(2026, 11, 23)},
		"before:2026-02 after:1.2.": {Before: day(2026, 2, 1), After: day(2026, 2, 1)},
		"vor:irgendwann ":           {Terms: []Term{{Text: "vor:irgendwann"}}},
		"hat:recht ":                {Terms: []Term{{Text: "hat:recht"}}},
		"ist:so ":                   {Terms: []Term{{Text: "ist:so"}}},
		"-ist:ungelesen ":           {Terms: []Term{{Text: "-ist:ungelesen"}}},
		"http://x.de ":              {Terms: []Term{{Text: "http://x.de"}}},
		"von: allein ":              {Terms: []Term{{Text: "von:"}, {Text: "allein"}}},
		"!!! ?":                     {},
		"a OR b c ":                 {Terms: []Term{{Text: "a"}, {Text: "b", Or: true}, {Text: "c"}}},
		"a ODER von:b ":             {Terms: []Term{{Text: "a"}, {Field: Sender, Text: "b", Or: true}}},
		"a | b | c":                 {Terms: []Term{{Text: "a"}, {Text: "b", Or: true}, {Text: "c", Or: true, Prefix: true}}},
		"OR a oder b ":              {Terms: []Term{{Text: "OR"}, {Text: "a"}, {Text: "oder"}, {Text: "b"}}},
		"a OR -b ":                  {Terms: []Term{{Text: "a"}, {Text: "b", Not: true}}},
		"-a OR b ":                  {Terms: []Term{{Text: "a", Not: true}, {Text: "OR"}, {Text: "b"}}},
		"a OR ist:gelesen b ":       {Terms: []Term{{Text: "a"}, {Text: "b"}}, Read: true},
		"Haus*":                     {Terms: []Term{{Text: "Haus", Prefix: true}}},
	} {
		if got := Parse(in, now); !reflect.DeepEqual(got, want) {
			t.Errorf("%q:\n got %+v\nwant %+v", in, got, want)
		}
	}
}

// Whatever is typed, the expressions are well formed: quotes are paired, and nothing panics.
func TestParseAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.OneOf(rapid.String(), rapid.StringMatching(`((von|in|vor|hat|ist):)?["“„-]?[a-zäß"*() .:-]{0,12}["”]? ?`)).Draw(t, "in")
		q := Parse(in, now)
		for _, mode := range []Mode{Exact, Beginning, Inside} {
			e := q.Expression(mode, func(part string) []string { return []string{"x" + part} })
			if strings.Count(e, `"`)%2 != 0 || strings.Count(e, "(") != strings.Count(e, ")") {
				t.Fatalf("%q: %s", in, e)
			}
		}
		q.Exclusion()
		if s := q.Snippet(in + " " + in); !utf8.ValidString(in) && s == "" && strings.TrimSpace(in) != "" {
			t.Fatal("no snippet")
		}
	})
}

func TestDay(t *testing.T) {
	for in, want := range map[string]time.Time{
		"heute": day(2026, 11, 23), "yesterday": day(2026, 11, 22), "morgen": day(2026, 11, 24), "3.2.2025": day(2025, 2, 3), "03.02.25": day(2025, 2, 3), "2025-2-3": day(2025, 2, 3),
		"2025": day(2025, 1, 1), "7/2025": day(2025, 7, 1), "5.6.": day(2026, 6, 5), "5.6": day(2026, 6, 5),
		"29.2.": day(2024, 2, 29), "28.2.": day(2026, 2, 28), "29.02.2024": day(2024, 2, 29), "2026-12": day(2026, 12, 1), "gestern": day(2026, 11, 22),
	} {
		if got, ok := Day(in, now); !ok || !got.Equal(want) {
			t.Errorf("%q: %v %v", in, got, ok)
		}
	}
	leap := time.Date(2028, 3, 1, 0, 0, 0, 0, time.FixedZone("", 3600))
	if got, ok := Day("29.2.", leap); !ok || !got.Equal(time.Date(2028, 2, 29, 0, 0, 0, 0, leap.Location())) {
		t.Errorf("in a leap year: %v %v", got, ok)
	}
	for _, in := range []string{"", "31.2.2026x", "bald", "32.1.2026", "29.2.2026", "30.2.", "31.4", "2026-13", "0.1."} {
		if got, ok := Day(in, now); ok {
			t.Errorf("%q: %v", in, got)
		}
	}
}

func TestMailOnly(t *testing.T) {
	for in, want := range map[string]bool{"x": false, "von:x": true, "an:x": true, "hat:anhang": true, "ist:gelesen": true, "betreff:x": false, "vor:heute": false} {
		q := Parse(in, now)
		if q.MailOnly() != want || q.Empty() {
			t.Errorf("%q: %v %v", in, q.MailOnly(), q.Empty())
		}
	}
	if !Parse(" ", now).Empty() {
		t.Error("nothing is something")
	}
}

func TestVariants(t *testing.T) {
	for in, want := range map[string]string{
		"Müller": "muller mueller", "Mueller": "mueller muller", "Straße": "straße strasse", "Strasse": "strasse straße", "Café": "cafe", "x": "x", "ss": "ss",
		"Größe": "große grosse groeße groesse", "Mu\u0308ller": "muller mueller", "Cafe\u0301": "cafe",
	} {
		if got := strings.Join(Variants(in), " "); got != want {
			t.Errorf("%s: %s", in, got)
		}
	}
	if n := len(Variants(strings.Repeat("ä", 40))); n > maxVariants {
		t.Errorf("%d variants", n)
	}
}

// Both ways to write a word find each other.
func TestSpellingsMeet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[b-dk-n]?(ä|ö|ü)[b-dk-n]{1,3}(ß|ü)?[b-dk-n]`).Draw(t, "word")
		written := strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss").Replace(word)
		indexed := map[string]bool{}
		for _, v := range Variants(written) {
			indexed[v] = true
		}
		if !indexed[Fold(word)] {
			t.Fatalf("%q does not find %q: %v", written, word, indexed)
		}
		indexed = map[string]bool{}
		for _, v := range Variants(word) {
			indexed[v] = true
		}
		if !indexed[Fold(written)] {
			t.Fatalf("%q does not find %q: %v", word, written, indexed)
		}
	})
}

func TestExpression(t *testing.T) {
	words := func(part string) []string { return []string{"gemeinde" + part + "s"} }
	for _, c := range []struct {
		in   string
		mode Mode
		want string
	}{
		{"plan ", Exact, `("plan")`},
		{"planung", Exact, `("planung"*)`},
		{"plan", Exact, `("plan")`},
		{"pla", Beginning, `("pla"*)`},
		{"a b ", Exact, `("a") AND ("b")`},
		{"von:müller x ", Exact, `sender : ("muller" OR "mueller") AND ("x")`},
		{`"grüne wiese" `, Exact, `("grune wiese" OR "gruene wiese")`},
		{"a@b.de ", Exact, `("a b de")`},
		{"a@b.de ", Beginning, `("a b de"*)`},
		{"haushalt ", Inside, `("haushalt"* OR "gemeindehaushalts")`},
		{"amt ", Inside, `("amt")`},
		{"-alt ", Exact, ``},
		{"a OR b c ", Exact, `(("a") OR ("b")) AND ("c")`},
		{"x von:a | an:b ", Exact, `("x") AND (sender : ("a") OR recipients : ("b"))`},
	} {
		if got := Parse(c.in, now).Expression(c.mode, words); got != c.want {
			t.Errorf("%q %d: %s", c.in, c.mode, got)
		}
	}
	if got := Parse("x -alt -von:y ", now).Exclusion(); got != `("alt") OR sender : ("y")` {
		t.Error(got)
	}
}

func TestCompounds(t *testing.T) {
	words := []byte("gemeindehaushalt\nhaushaltsplan\nnachtragshaushaltsgesetz\nanderes")
	if got := Compounds(words, "haushalt"); fmt.Sprint(got) != "[haushaltsplan gemeindehaushalt nachtragshaushaltsgesetz]" {
		t.Error(got)
	}
	if got := Compounds(words, "anderes"); len(got) != 0 {
		t.Error(got)
	}
	if got := Compounds(words, "amt"); got != nil {
		t.Error(got)
	}
}

func TestSnippet(t *testing.T) {
	text := strings.Repeat("Vorspann ", 30) + "Der Gemeindehaushalt ist beschlossen. " + strings.Repeat("Nachspann ", 30)
	got := Parse("haushalt", now).Snippet(text)
	if !strings.Contains(got, "Gemeindehaushalt ist beschlossen") || !strings.HasPrefix(got, "… ") || !strings.HasSuffix(got, "…") || utf8.RuneCountInString(got) > snippetLen+4 {
		t.Errorf("%q", got)
	}
	if got := Parse("fehlt", now).Snippet("Kurz  und\ngut"); got != "Kurz und gut" {
		t.Errorf("%q", got)
	}
	if got := Parse("x", now).Snippet(strings.Repeat("ä", 400) + " Ende"); got != strings.Repeat("ä", snippetLen)+" …" {
		t.Errorf("one long word: %q", got)
	}
	if q := Parse("mueller", now); !q.Matches("Frau Mu\u0308ller") || !Parse("Mu\u0308ller", now).Matches("MÜLLER") {
		t.Error("letters and marks that stand apart")
	}
	q := Parse("mueller -nicht von:x", now)
	if !q.Matches("Frau Müller") || q.Matches("nicht x") || Parse("ist:gelesen", now).Matches("x") {
		t.Error("matches")
	}
}

func TestShare(t *testing.T) {
	list := func(kind string, n int) []Result {
		out := make([]Result, n)
		for i := range out {
			out[i] = Result{Kind: kind}
		}
		return out
	}
	count := func(all []Result) string {
		n := map[string]int{}
		for _, r := range all {
			n[r.Kind]++
		}
		return fmt.Sprint(n["a"], n["b"], n["c"])
	}
	for want, limit := range map[string]int{"10 1 4": 50, "5 1 4": 10, "2 1 1": 4, "0 0 0": 0} {
		if got := count(Share([][]Result{list("a", 10), list("b", 1), list("c", 4)}, limit)); got != want {
			t.Errorf("%d: %s, want %s", limit, got, want)
		}
	}
}

func TestInFolder(t *testing.T) {
	for _, want := range []string{"Posteingang", "INBOX", "inbox"} {
		if !InFolder(want, "INBOX", "inbox") {
			t.Error(want)
		}
	}
	if !InFolder("2026", "Archiv/2026", "") || !InFolder("sub", "INBOX.Sub", "") || InFolder("box", "INBOX", "inbox") || !InFolder("Entwürfe", "Drafts", "drafts") {
		t.Error("levels")
	}
}
