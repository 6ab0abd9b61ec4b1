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
