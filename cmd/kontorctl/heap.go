// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// filesRoom and mailRoom are how large the heap may grow, in octets, before what is left over is collected at all: the trees
// of ten thousand files take most of it, or what comes of mail. Above that it may be larger than what is in use by heapSlack
// per cent.
const (
	filesRoom = 10 << 20
	mailRoom  = 24 << 20
	heapSlack = 15
	heapMost  = 300 // per cent; the runtime lets the heap grow to 4 MB times that in any case
)

// paceHeap lets the collector run by the size of the heap and not by its growth. By growth it would run two hundred times
// while ten thousand files or mails are fetched, since little is in use then, and take a tenth of the processor time.
func paceHeap(room uint64) {
	debug.SetGCPercent(heapPercent(inUse(), room))
	after(func() { debug.SetGCPercent(heapPercent(inUse(), room)) })
}

// after runs f after each collection.
func after(f func()) {
	type mark struct{ _ [16]byte }
	var watch func(*mark)
	watch = func(m *mark) {
		f()
		runtime.SetFinalizer(m, watch)
	}
	runtime.SetFinalizer(&mark{}, watch)
}

// heapPercent is how much the heap may grow beyond what is in use, in per cent of that.
func heapPercent(used, room uint64) int {
	if used == 0 {
		return heapMost
	}
	if used >= room {
		return heapSlack
	}
	return int(min(max((room-used)*100/used, heapSlack), heapMost))
}

// inUse is what the last collection found in use.
func inUse() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return mailRoom
	}
	return sample[0].Value.Uint64()
}
