// SPDX-License-Identifier: EUPL-1.2

package mail

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestKeywords(t *testing.T) {
	for _, c := range []struct{ name, keyword, back string }{
		{"Wichtig", "Wichtig", "Wichtig"},
		{"$label1", "$label1", "$label1"},
		{" Zu prüfen ", "Zu_pr&APw-fen", "Zu_prüfen"},
		{"Bau & Straße", "Bau_&-_Stra&AN8-e", "Bau_&_Straße"},
		{"(neu)", "_neu_", "_neu_"},
		{"für 𝄞", "f&APw-r_&2DTdHg-", "für_𝄞"},
		{"", "", ""},
		{"&kaputt", "&kaputt", "&kaputt"},
		{"Zu_pr&APw-fen", "Zu_pr&APw-fen", "Zu_prüfen"},
	} {
		if got := KeywordOf(c.name); got != c.keyword {
			t.Errorf("%q: keyword %q, want %q", c.name, got, c.keyword)
		}
		if got := NameOf(c.keyword); got != c.back {
			t.Errorf("%q: name %q, want %q", c.keyword, got, c.back)
		}
	}
	for _, odd := range []string{"&", "&!-", "R&D", "&APw", "&QUJD-"} { // of other programs: shown as they are
		if got := NameOf(odd); got != odd {
			t.Errorf("%q is shown as %q", odd, got)
		}
	}
}

// TestKeywordsAreAtoms: whatever a person types can be said to a server, means one thing and stays what it is when said again.
func TestKeywordsAreAtoms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.String().Draw(t, "name")
		k := KeywordOf(name)
		if strings.ContainsFunc(k, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`(){%*"\]`, r) }) {
			t.Fatalf("%q gives %q", name, k)
		}
		if again := KeywordOf(k); again != k {
			t.Fatalf("%q gives %q, which gives %q", name, k, again)
		}
	})
}
