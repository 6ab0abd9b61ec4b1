// SPDX-License-Identifier: EUPL-1.2

package mail

import "testing"

func TestRankPeople(t *testing.T) {
	person := func(name, addr string, written, met int) Person {
		return Person{Address: Address{Name: name, Addr: addr}, Written: written, Met: met}
	}
	people := []Person{
		person("Bernd Beispiel", "bernd@kreis.example", 0, 5), person("", "Bernd@Kreis.example", 0, 1), person("B. Beispiel", "bernd@kreis.example", 0, 1),
		person("Berta", "berta@amt.example", 1, 1), person("Zoe Berger", "zoe@amt.example", 0, 1), person("Albert", "albert@amt.example", 9, 9),
		person("Jörg Über", "j@ueber.example", 0, 1),
	}
	for _, c := range []struct {
		prefix string
		limit  int
		want   string
	}{
		{"be", 9, "Berta <berta@amt.example>, Bernd Beispiel <bernd@kreis.example>, Zoe Berger <zoe@amt.example>"},
		{"BE", 1, "Berta <berta@amt.example>"},
		{"beispiel", 9, "Bernd Beispiel <bernd@kreis.example>"},
		{"kreis", 9, "Bernd Beispiel <bernd@kreis.example>"},
		{"amt.ex", 2, "Albert <albert@amt.example>, Berta <berta@amt.example>"},
		{"über", 9, "Jörg Über <j@ueber.example>"},
		{"x", 9, ""},
	} {
		if got := FormatAddresses(RankPeople(people, c.prefix, c.limit)); got != c.want {
			t.Errorf("%q: %s", c.prefix, got)
		}
	}
}
