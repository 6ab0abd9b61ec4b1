// SPDX-License-Identifier: EUPL-1.2

package tasks

import "time"

// Over is the moment from which something that is due at w is late. A day is over at its end, in the zone of loc.
func (w When) Over(loc *time.Location) time.Time {
	if !w.AllDay {
		return w.Time
	}
	y, m, d := w.Time.Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, loc)
}

// Backward reports whether a task that starts and is due then would be late before it starts, in the zone of loc.
func Backward(start, due When, loc *time.Location) bool {
	if start.IsZero() || due.IsZero() {
		return false
	}
	begins := start.Time
	if start.AllDay {
		y, m, d := begins.Date()
		begins = time.Date(y, m, d, 0, 0, 0, 0, loc)
	}
	return due.Time.Before(begins) && due.Over(loc).Compare(begins) <= 0
}

// Turns reports whether an edit would let a task end before it begins that does not do so already: what others wrote that
// way can be mended in steps.
func (e Edit) Turns(t Task, loc *time.Location) bool {
	if Backward(t.Start, t.Due, loc) {
		return false
	}
	if e.Start != nil {
		t.Start = *e.Start
	}
	if e.Due != nil {
		t.Due = *e.Due
	}
	return Backward(t.Start, t.Due, loc)
}

// CompareDue orders tasks by when they are late, in the zone of loc; those without a date come last.
func CompareDue(loc *time.Location) func(a, b Task) int {
	return func(a, b Task) int {
		switch {
		case a.Due.IsZero() && b.Due.IsZero():
			return 0
		case a.Due.IsZero():
			return 1
		case b.Due.IsZero():
			return -1
		}
		return a.Due.Over(loc).Compare(b.Due.Over(loc))
	}
}
