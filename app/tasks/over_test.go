// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestADayIsOverAtItsEnd: what is due at a time of a day stands before what is due on that day, and both after the day
// before, wherever one is and whatever the order was.
func TestADayIsOverAtItsEnd(t *testing.T) {
	for _, zone := range []string{"Europe/Berlin", "Pacific/Kiritimati", "America/Los_Angeles", "UTC"} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		day := func(d int) When { return When{Time: time.Date(2026, 11, d, 0, 0, 0, 0, time.UTC), AllDay: true} }
		at := func(d, hour int) When { return When{Time: time.Date(2026, 11, d, hour, 0, 0, 0, loc).UTC()} }
		want := []When{day(22), at(23, 1), at(23, 11), at(23, 23), day(23), at(24, 1), day(24), {}}
		rapid.Check(t, func(rt *rapid.T) {
			var all []Task
			for _, n := range rapid.Permutation([]int{0, 1, 2, 3, 4, 5, 6, 7}).Draw(rt, "order") {
				all = append(all, Task{ID: int64(n), Due: want[n]})
			}
			slices.SortStableFunc(all, CompareDue(loc))
			for n, task := range all {
				if task.ID != int64(n) {
					rt.Fatalf("%s: %v stands at place %d", zone, task.Due, n)
				}
			}
		})
	}
	same := []Task{{ID: 1}, {ID: 2}}
	if slices.SortStableFunc(same, CompareDue(time.UTC)); same[0].ID != 1 {
		t.Error("what has no date changes its order")
	}
}

// A task that would end before it begins: a day is over at its end, and what others wrote that way can be mended in steps.
func TestTurns(t *testing.T) {
	loc := zone(t, "Europe/Berlin")
	day := func(d int) When { return When{Time: time.Date(2026, 11, d, 0, 0, 0, 0, loc), AllDay: true} }
	at := func(d, hour int) When { return When{Time: time.Date(2026, 11, d, hour, 0, 0, 0, loc)} }
	for _, c := range []struct {
		name       string
		start, due When
		e          Edit
		want       bool
	}{
		{"start after due", at(23, 9), at(23, 10), Edit{Start: ptr(at(23, 11))}, true},
		{"due before start", at(23, 9), at(23, 10), Edit{Due: ptr(at(23, 8))}, true},
		{"at the same moment", at(23, 9), at(23, 10), Edit{Start: ptr(at(23, 10))}, false},
		{"within the day", When{}, day(23), Edit{Start: ptr(at(23, 23))}, false},
		{"the day after", When{}, day(23), Edit{Start: ptr(day(24))}, true},
		{"on the day", day(23), When{}, Edit{Due: ptr(day(23))}, false},
		{"from a day, earlier", day(23), When{}, Edit{Due: ptr(at(22, 23))}, true},
		{"both at once", day(1), day(2), Edit{Start: ptr(day(11)), Due: ptr(day(12))}, false},
		{"no start any more", day(1), day(2), Edit{Start: &When{}, Due: ptr(at(0, 1))}, false},
		{"mended in steps", day(9), day(2), Edit{Start: ptr(day(8))}, false},
		{"not about dates", day(9), day(10), Edit{Title: ptr("x")}, false},
	} {
		if got := c.e.Turns(Task{Start: c.start, Due: c.due}, loc); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
	planned, err := Plan(vtodo("DTSTART;VALUE=DATE:20261201"), day(25), monday(t))
	if view := parse(t, planned); err != nil || !view.Start.Time.Equal(day(25).Time) || !view.Due.Time.Equal(day(25).Time) {
		t.Errorf("%v, planned before its start\n%s", err, planned)
	}
}
