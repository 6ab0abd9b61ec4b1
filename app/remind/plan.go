// SPDX-License-Identifier: EUPL-1.2

// Package remind rings for tasks at the moments that they ask for: once on this device, whatever is downloaded again,
// and for what was due while the program did not run as soon as it does.
package remind

import (
	"slices"
	"time"

	"kontor/app/tasks"
	"kontor/storage"
)

// plan says what is to be done with the reminders of all tasks at a moment.
type plan struct {
	ring []tasks.Ring // to be announced now: of each task at most one, the newest moment
	open []tasks.Ring // what a person has not answered yet, with what rings now; of each task the newest moment
	mark []mark       // to be stored
	next time.Time    // when to look again, zero for not before something changes
}

// mark is a moment that is over.
type mark struct {
	tasks.Ring
	closed bool // it needs no answer: it was over before this device knew of the account
}

// decide plans. Moments that passed and have not rung ring now, however long ago that was, all those of a task as one. A
// moment that has rung never rings again, also where the clock was put back. The given reminders stay as they are.
func decide(now time.Time, all []storage.Reminder) plan {
	var p plan
	byTask := map[int64]*tasks.Ring{}
	ringing := map[int64]bool{}
	for i := range all {
		r := &all[i]
		switch {
		case r.Rung && r.Closed:
			continue
		case r.Rung:
		case r.At.After(now):
			if p.next.IsZero() || r.At.Before(p.next) {
				p.next = r.At
			}
			continue
		default:
			over := !r.At.After(r.Known)
			p.mark = append(p.mark, mark{r.Ring, over})
			if over {
				continue
			}
			ringing[r.TaskID] = true
		}
		if newest := byTask[r.TaskID]; newest == nil || r.At.After(newest.At) {
			byTask[r.TaskID] = &r.Ring
		}
	}
	for id, r := range byTask {
		p.open = append(p.open, *r)
		if ringing[id] {
			p.ring = append(p.ring, *r)
		}
	}
	slices.SortFunc(p.open, inOrder)
	slices.SortFunc(p.ring, inOrder)
	return p
}

func inOrder(a, b tasks.Ring) int {
	if n := a.At.Compare(b.At); n != 0 {
		return n
	}
	return int(a.TaskID - b.TaskID)
}

// What "later" means to a person.
const (
	soon     = 10 * time.Minute
	dayStart = 8 // o'clock
)

// Soon is when a reminder rings again that is put off for a moment.
func Soon(now time.Time) time.Time { return now.Add(soon) }

// Tomorrow is when a reminder rings again that is put off to the next day: when work begins.
func Tomorrow(now time.Time) time.Time {
	y, m, d := now.Date()
	return time.Date(y, m, d+1, dayStart, 0, 0, 0, now.Location())
}
