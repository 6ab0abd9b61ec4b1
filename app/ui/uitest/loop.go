// SPDX-License-Identifier: EUPL-1.2

// Package uitest drives pages the way a person does: it finds what is on screen by its words, clicks where they are,
// types, presses keys, and takes pictures. Background work is carried out when the test says so, on one goroutine, so
// that nothing has to be waited for and nothing may touch the store while the window is drawn.
package uitest

import "slices"

// Loop carries out background work in the order it was asked for. It is no window's loop: a test's own goroutine is the
// UI goroutine, and Settle does what other goroutines would have done by then.
type Loop struct {
	work, ui []func()
	held     bool
	away     bool // work is being done that would be on another goroutine
}

// Go implements kit.Runner.
func (l *Loop) Go(work func()) { l.work = append(l.work, work) }

// Do implements kit.Runner.
func (l *Loop) Do(f func()) { l.ui = append(l.ui, f) }

// Hold lets no work begin until Release: the store is slow, a server does not answer.
func (l *Loop) Hold() { l.held = true }

// Release ends Hold.
func (l *Loop) Release() { l.held = false }

// Waiting is how much work has not begun.
func (l *Loop) Waiting() int { return len(l.work) }

// Reverse lets what was asked for last begin first.
func (l *Loop) Reverse() { slices.Reverse(l.work) }

// Away reports whether the caller is where waiting is allowed.
func (l *Loop) Away() bool { return l.away }

// step does one piece of work, or hands one outcome over; false if there is nothing to do.
func (l *Loop) step() bool {
	switch {
	case len(l.ui) > 0:
		f := l.ui[0]
		l.ui = l.ui[1:]
		f()
	case len(l.work) > 0 && !l.held:
		work := l.work[0]
		l.work = l.work[1:]
		l.away = true
		work()
		l.away = false
	default:
		return false
	}
	return true
}
