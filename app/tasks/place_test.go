// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Wherever tasks are put among siblings, the orders say so afterwards; nobody far away is touched, and nobody at all where
// there is room.
func TestSlots(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		some := rapid.OneOf(rapid.Int64Range(-3, 12), rapid.SampledFrom([]int64{math.MinInt64, math.MaxInt64, maxOrder, -maxOrder, 1 << 40}))
		orders := rapid.SliceOfN(some, 0, 8).Draw(t, "orders")
		slices.Sort(orders)
		bounded := slices.Clone(orders)
		for i, o := range bounded {
			bounded[i] = min(maxOrder, max(-maxOrder, o))
		}
		at, n := rapid.IntRange(0, len(orders)).Draw(t, "at"), rapid.IntRange(1, 3).Draw(t, "n")
		fresh, changed := Slots(orders, at, n)
		var all []int64
		var mine []bool
		put := func() {
			for _, f := range fresh {
				all, mine = append(all, f), append(mine, true)
			}
		}
		for i, o := range bounded {
			if i == at {
				put()
			}
			if c, ok := changed[i]; ok {
				o = c
			}
			all, mine = append(all, o), append(mine, false)
		}
		if at == len(orders) {
			put()
		}
		for i := 1; i < len(all); i++ {
			if all[i] < all[i-1] || (all[i] == all[i-1] && (mine[i] || mine[i-1])) {
				t.Fatalf("%v with %d at %d: %v", orders, n, at, all)
			}
		}
		roomy := at == 0 || at == len(orders) || bounded[at]-bounded[at-1] > int64(n)
		if (roomy && len(changed) > 0) || len(fresh) != n {
			t.Fatalf("%v with %d at %d changes %v", orders, n, at, changed)
		}
		if len(changed) > min(at, len(orders)-at) {
			t.Fatalf("%v with %d at %d changes %v", orders, n, at, changed)
		}
	})
}

func TestSiblings(t *testing.T) {
	all := []Task{
		{ID: 1, UID: "a"},
		{ID: 2, UID: "b", ParentUID: "a"},
		{ID: 3, UID: "c", ParentUID: "gone"},
		{ID: 4, UID: "d", ParentUID: "a"},
		{ID: 5, UID: "e", ParentUID: "e"},
	}
	for parent, want := range map[string][]int64{"": {1, 3, 5}, "a": {2, 4}, "gone": nil} {
		var got []int64
		for _, s := range Siblings(all, parent) {
			got = append(got, s.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("below %q: %v", parent, got)
		}
	}
	some := stubs(all)
	some[3].Closed = true
	if got := Lines(some, false); !reflect.DeepEqual(got, []Line{{ID: 1}, {ID: 2, Depth: 1}, {ID: 3}, {ID: 5}, {ID: 4, Closed: true}}) {
		t.Errorf("lines %+v", got)
	}
	if got := Lines(some, true); !reflect.DeepEqual(got, []Line{{ID: 1}, {ID: 2}, {ID: 3}, {ID: 5}, {ID: 4, Closed: true}}) {
		t.Errorf("flat %+v", got)
	}
}

// Planning keeps the time of day and the days between start and due, across the change of the clock.
func TestPlanKeepsTheRest(t *testing.T) {
	now := monday(t)
	rapid.Check(t, func(rt *rapid.T) {
		form := rapid.SampledFrom([]string{
			"DUE;TZID=Europe/Berlin:20261020T143000", "DTSTART;TZID=Europe/Berlin:20261018T080000\r\nDUE;TZID=Europe/Berlin:20261020T143000",
			"DTSTART;VALUE=DATE:20261018\r\nDUE;VALUE=DATE:20261020", "SUMMARY:x", "DTSTART;TZID=Europe/Berlin:20261018T080000\r\nDURATION:PT54H30M",
		}).Draw(rt, "form")
		text := vtodo(form)
		before, err := Parse(text, now.Location())
		if err != nil {
			rt.Fatal(err)
		}
		to := midnight(now).AddDate(0, 0, rapid.IntRange(-60, 200).Draw(rt, "days"))
		got, err := Plan(text, When{to, true}, now)
		if err != nil {
			rt.Fatal(err)
		}
		after, err := Parse(got, now.Location())
		if err != nil {
			rt.Fatal(err)
		}
		clock := func(w When) string { return w.Time.In(now.Location()).Format("15:04") }
		if !sameDay(after.Due.Time.In(now.Location()), to) || (!before.Due.IsZero() && (after.Due.AllDay != before.Due.AllDay || clock(after.Due) != clock(before.Due))) {
			rt.Fatalf("due %v, planned for %v:\n%s", after.Due, to, got)
		}
		if !before.Start.IsZero() && (clock(after.Start) != clock(before.Start) || daysBetween(after.Start.Time, after.Due.Time) != 2) {
			rt.Fatalf("start %v, due %v:\n%s", after.Start, after.Due, got)
		}
		if again, err := Plan(got, When{to, true}, now.Add(time.Hour)); err != nil || again != got {
			rt.Fatalf("planned again: %v\n%s", err, again)
		}
		none, err := Plan(got, When{}, now)
		if view, _ := Parse(none, now.Location()); err != nil || !view.Due.IsZero() || view.Start.IsZero() != before.Start.IsZero() {
			rt.Fatalf("without a date: %v\n%s", err, none)
		}
	})
}
