// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"testing"
	"time"
)

// TestTheHeapGrowsToItsRoom, and beyond it in proportion; never without bound.
func TestTheHeapGrowsToItsRoom(t *testing.T) {
	for used := uint64(0); used < 256<<20; used += 1 << 18 {
		percent := uint64(heapPercent(used, filesRoom))
		if percent < heapSlack || percent > heapMost {
			t.Fatalf("%d octets in use: %d per cent", used, percent)
		}
		limit := max(uint64(filesRoom), used+used*heapSlack/100)
		if goal := used + used*percent/100; goal > limit {
			t.Errorf("%d octets in use: it may grow to %d, want at most %d", used, goal, limit)
		}
	}
}

// TestAfterEachCollection, and not just after the first.
func TestAfterEachCollection(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	var n atomic.Int32
	after(func() { n.Add(1) })
	for deadline := time.Now().Add(10 * time.Second); n.Load() < 3; {
		if time.Now().After(deadline) {
			t.Fatalf("called %d times", n.Load())
		}
		runtime.GC()
	}
	if inUse() == 0 {
		t.Error("nothing is in use after collections")
	}
}
