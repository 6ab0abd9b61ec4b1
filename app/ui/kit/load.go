// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"sync/atomic"

	"fyne.io/fyne/v2"
)

// synchronous makes Go and Do run at once, on the caller: for pictures and tests.
var synchronous atomic.Bool

// Synchronous switches background work off (true) or on again. Tests and pictures want what they see to be finished.
func Synchronous(on bool) { synchronous.Store(on) }

// Go runs work that may wait (store, network) away from the UI goroutine.
func Go(work func()) {
	if synchronous.Load() {
		work()
		return
	}
	go work()
}

// Do runs f on the UI goroutine soon. Call it from Go only.
func Do(f func()) {
	if synchronous.Load() {
		f()
		return
	}
	fyne.Do(f)
}

// Load runs work away from the UI goroutine and hands what it came to to done, on the UI goroutine.
func Load[T any](work func() (T, error), done func(T, error)) {
	Go(func() {
		v, err := work()
		Do(func() { done(v, err) })
	})
}
