// SPDX-License-Identifier: EUPL-1.2

package files

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestTheBinForgets the oldest that may go, and only as much as it must; what is held never goes.
func TestTheBinForgets(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		rule := BinRule{Age: time.Duration(rapid.IntRange(0, 40).Draw(t, "days")) * 24 * time.Hour, Size: rapid.Int64Range(0, 50).Draw(t, "size")}
		var all []BinItem
		for i := range rapid.IntRange(0, 12).Draw(t, "files") {
			all = append(all, BinItem{
				File: fmt.Sprint(i), Size: rapid.Int64Range(0, 20).Draw(t, "of one"), Held: rapid.Bool().Draw(t, "held"),
				Deleted: now.Add(-time.Duration(rapid.IntRange(0, 60).Draw(t, "ago")) * 24 * time.Hour),
			})
		}
		gone := rule.Expired(all, now)
		goes := func(it BinItem) bool { return slices.Contains(gone, it) }
		left := slices.DeleteFunc(slices.Clone(all), goes)
		if len(left)+len(gone) != len(all) {
			t.Fatalf("%d and %d of %d", len(left), len(gone), len(all))
		}
		for _, it := range gone {
			if it.Held {
				t.Fatalf("%+v is the only copy", it)
			}
		}
		young := func(it BinItem) bool { return now.Sub(it.Deleted) <= rule.Age }
		if i := slices.IndexFunc(left, func(it BinItem) bool { return !it.Held && !young(it) }); i >= 0 {
			t.Fatalf("%+v is too old", left[i])
		}
		sum := SumBin(left)
		if sum.Size > rule.Size && sum.Held < sum.Files {
			t.Fatalf("%+v is too much", sum)
		}
		if n := len(gone); n > 0 && young(gone[n-1]) && sum.Size+gone[n-1].Size <= rule.Size {
			t.Fatalf("%+v did not have to go", gone[n-1])
		}
		for _, stays := range left {
			if !stays.Held && slices.ContainsFunc(gone, func(g BinItem) bool { return g.Deleted.After(stays.Deleted) }) {
				t.Fatalf("%+v is older", stays)
			}
		}
	})
}
