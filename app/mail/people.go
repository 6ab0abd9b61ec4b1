// SPDX-License-Identifier: EUPL-1.2

package mail

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Person is an address as it was met in messages.
type Person struct {
	Address
	Written int // times that somebody here wrote to it
	Met     int // times that it was met otherwise
}

// writtenWeight says how much more it counts that one wrote to somebody than that somebody wrote.
const writtenWeight = 10

// RankPeople gives the addresses that a prefix may mean: each address once under its most frequent name, the ones that
// are written to most first. The prefix must begin a word of the name or of the address.
func RankPeople(people []Person, prefix string, limit int) []Address {
	type known struct {
		Person
		names map[string]int
	}
	byAddr := map[string]*known{}
	for _, p := range people {
		if !begins(p.Name, prefix) && !begins(p.Addr, prefix) {
			continue
		}
		key := strings.ToLower(p.Addr)
		k := byAddr[key]
		if k == nil {
			k = &known{Person: Person{Address: Address{Addr: p.Addr}}, names: map[string]int{}}
			byAddr[key] = k
		}
		k.Written += p.Written
		k.Met += p.Met
		if p.Name != "" {
			k.names[p.Name] += p.Written*writtenWeight + p.Met
		}
	}
	ranked := make([]*known, 0, len(byAddr))
	for _, k := range byAddr {
		for name, n := range k.names {
			if best := k.names[k.Name]; k.Name == "" || n > best || n == best && name < k.Name {
				k.Name = name
			}
		}
		ranked = append(ranked, k)
	}
	slices.SortFunc(ranked, func(a, b *known) int {
		return cmp.Or(cmp.Compare(b.Written*writtenWeight+b.Met, a.Written*writtenWeight+a.Met), cmp.Compare(a.Addr, b.Addr))
	})
	var out []Address
	for _, k := range ranked[:min(limit, len(ranked))] {
		out = append(out, k.Address)
	}
	return out
}

// begins reports whether a word of s begins with prefix, without regard to case.
func begins(s, prefix string) bool {
	s, prefix = strings.ToLower(s), strings.ToLower(prefix)
	for at := 0; ; {
		i := strings.Index(s[at:], prefix)
		if i < 0 {
			return false
		}
		i += at
		if r, _ := utf8.DecodeLastRuneInString(s[:i]); i == 0 || !unicode.IsLetter(r) {
			return true
		}
		at = i + 1
	}
}
