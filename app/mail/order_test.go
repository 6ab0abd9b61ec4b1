// SPDX-License-Identifier: EUPL-1.2

package mail

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestOrders(t *testing.T) {
	rows := []SortRow{{1, "zoll", 0}, {2, "amt", 0}, {3, "", 0}, {4, "amt", 0}}
	sizes := []SortRow{{1, "", 10}, {2, "", 30}, {3, "", 20}}
	for _, c := range []struct {
		word string
		rows []SortRow
		want []int64
	}{
		{"sender", rows, []int64{4, 2, 1, 3}},
		{"-sender", rows, []int64{3, 1, 4, 2}},
		{"size", sizes, []int64{2, 3, 1}},
		{"-size", sizes, []int64{1, 3, 2}},
		{"nonsense", []SortRow{{ID: 7}, {ID: 9}, {ID: 8}}, []int64{9, 8, 7}},
		{"-", []SortRow{{ID: 7}, {ID: 9}, {ID: 8}}, []int64{7, 8, 9}},
	} {
		if got := Sorted(slices.Clone(c.rows), ReadOrder(c.word)); !slices.Equal(got, c.want) {
			t.Errorf("%q: %v, want %v", c.word, got, c.want)
		}
	}
}

// TestSortedIsAnOrder: all rows are there once, whatever the order; turning it round turns round all that differ.
func TestSortedIsAnOrder(t *testing.T) {
	words := []string{"", "-", "sender", "-sender", "recipient", "subject", "-subject", "size", "-size", "unread", "-unread"}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 30).Draw(t, "rows")
		rows := make([]SortRow, n)
		for i := range rows {
			rows[i] = SortRow{int64(i + 1), rapid.SampledFrom([]string{"", "a", "b", "bb"}).Draw(t, "text"), int64(rapid.IntRange(0, 2).Draw(t, "number"))}
		}
		o := ReadOrder(rapid.SampledFrom(words).Draw(t, "order"))
		if ReadOrder(o.String()) != o {
			t.Fatalf("%+v is written as %q", o, o)
		}
		there, back := Sorted(slices.Clone(rows), o), Sorted(slices.Clone(rows), Order{o.By, !o.Reverse})
		if got := slices.Sorted(slices.Values(there)); len(got) != n || n > 0 && (got[0] != 1 || got[n-1] != int64(n)) {
			t.Fatalf("%v of %d", there, n)
		}
		place := map[int64]int{}
		for i, id := range back {
			place[id] = i
		}
		for i, a := range there {
			for _, b := range there[i+1:] {
				x, y := rows[a-1], rows[b-1]
				same := x.Text == y.Text && x.Number == y.Number
				switch {
				case same && o.By != ByDate && a < b:
					t.Fatalf("%v: of equal rows the newest comes first", o)
				case (!same || o.By == ByDate) && place[a] < place[b]:
					t.Fatalf("%v: %v is not %v turned round", o, back, there)
				}
			}
		}
	})
}
