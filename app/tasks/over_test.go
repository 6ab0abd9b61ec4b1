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
