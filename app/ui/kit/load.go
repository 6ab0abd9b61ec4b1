// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"context"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
)

// synchronous makes Go and Do run at once, on the caller: for pictures and tests.
var synchronous atomic.Bool

// Synchronous switches background work off (true) or on again. Tests and pictures want what they see to be finished.
func Synchronous(on bool) { synchronous.Store(on) }

// Every calls something on the UI goroutine again and again, until ctx ends or it is stopped. Where everything happens at
// once, for tests and pictures, time stands still.
func Every(ctx context.Context, pause time.Duration, do func()) (stop func()) {
	if synchronous.Load() {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		ticks := time.NewTicker(pause)
		defer ticks.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticks.C:
				Do(func() {
					if ctx.Err() == nil {
						do()
					}
				})
			}
		}
	}()
	return cancel
}

// Runner carries out what Go and Do are given.
type Runner interface {
	Go(work func())
	Do(f func())
}

var runner atomic.Pointer[Runner]

// RunWith lets a test decide when work is done and when its outcome arrives; nil ends that.
func RunWith(r Runner) {
	if r == nil {
		runner.Store(nil)
		return
	}
	runner.Store(&r)
}

// Go runs work that may wait (store, network) away from the UI goroutine.
func Go(work func()) {
	if r := runner.Load(); r != nil {
		(*r).Go(work)
		return
	}
	if synchronous.Load() {
		work()
		return
	}
	go work()
}

// Do runs f on the UI goroutine soon. Call it from other goroutines only.
func Do(f func()) {
	if r := runner.Load(); r != nil {
		(*r).Do(f)
		return
	}
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

// Act runs a change away from the UI goroutine and hands what came of it to done, on the UI goroutine.
func Act(change func() error, done func(error)) {
	Load(func() (struct{}, error) { return struct{}{}, change() }, func(_ struct{}, err error) { done(err) })
}
