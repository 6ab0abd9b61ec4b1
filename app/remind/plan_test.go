// SPDX-License-Identifier: EUPL-1.2

package remind

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kontor/app/tasks"
	"kontor/storage"
)

var base = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func minute(n int) time.Time { return base.Add(time.Duration(n) * time.Minute) }

// device is what a device knows: the tasks that the server told it of, what rang, and what a person heard.
type device struct {
	known time.Time
	tasks map[int64][]int  // unanswered moments in minutes
	rung  map[string]bool  // closed or not
	heard map[string]int   // how often a moment was announced, by itself or with a later one of its task
	due   map[string]int64 // moments that were unanswered while the program looked at them after their time
}

func moment(task int64, at time.Time) string { return fmt.Sprint(task, " ", at.Sub(base).Minutes()) }

// look does what the service does at a moment.
func (d *device) look(now time.Time) plan {
	var all []storage.Reminder
	for id, moments := range d.tasks {
		for _, m := range moments {
			at := minute(m)
			closed, rung := d.rung[moment(id, at)]
			all = append(all, storage.Reminder{Ring: tasks.Ring{TaskID: id, UID: fmt.Sprint(id), At: at}, Known: d.known, Rung: rung, Closed: closed})
			if !at.After(now) && at.After(d.known) {
				d.due[moment(id, at)] = id
			}
		}
	}
	p := decide(now, all)
	rings := map[int64]time.Time{}
	for _, r := range p.ring {
		if _, twice := rings[r.TaskID]; twice {
			panic("one task rings twice at once")
		}
		rings[r.TaskID] = r.At
	}
	for _, m := range p.mark {
		d.rung[moment(m.TaskID, m.At)] = m.closed
		if at, ok := rings[m.TaskID]; ok && !m.closed && !m.At.After(at) {
			d.heard[moment(m.TaskID, m.At)]++
		}
	}
	return p
}

// TestRingsOnceAndAlways lets a program run and not run, the clock jump, and other devices change and answer tasks: no
// moment rings twice, none that was unanswered when the program looked is missed, and what has rung stays open until it
// is answered.
func TestRingsOnceAndAlways(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := &device{known: minute(rapid.IntRange(-50, 50).Draw(t, "known")), tasks: map[int64][]int{}, rung: map[string]bool{}, heard: map[string]int{}, due: map[string]int64{}}
		now := 0
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			id := int64(rapid.IntRange(1, 3).Draw(t, "task"))
			switch rapid.SampledFrom([]string{"set", "answer", "gone", "time", "time", "asleep", "clock"}).Draw(t, "step") {
			case "set":
				if at := rapid.IntRange(-60, 120).Draw(t, "at"); !slices.Contains(d.tasks[id], at) {
					d.tasks[id] = append(d.tasks[id], at)
				}
			case "answer":
				d.tasks[id] = slices.DeleteFunc(d.tasks[id], func(m int) bool { return m <= now })
			case "gone": // and downloaded again later
				delete(d.tasks, id)
			case "time":
				now += rapid.IntRange(0, 20).Draw(t, "passes")
			case "asleep":
				now += 60
				continue // nothing looks meanwhile
			case "clock":
				now -= rapid.IntRange(0, 30).Draw(t, "back")
			}
			p := d.look(minute(now))
			if !p.next.IsZero() && !p.next.After(minute(now)) {
				t.Fatalf("looks again at %v, which is over", p.next)
			}
			if again := d.look(minute(now)); len(again.ring) > 0 || len(again.mark) > 0 || len(again.open) != len(p.open) {
				t.Fatalf("the second look rings %v", again.ring)
			}
			d.check(t, p, now)
		}
	})
}

func (d *device) check(t *rapid.T, p plan, now int) {
	for m, n := range d.heard {
		if n > 1 {
			t.Fatalf("%s rang %d times", m, n)
		}
	}
	for m := range d.due {
		if d.heard[m] != 1 {
			t.Fatalf("%s was due and rang %d times", m, d.heard[m])
		}
	}
	for id, moments := range d.tasks {
		waits := slices.ContainsFunc(moments, func(m int) bool {
			closed, rung := d.rung[moment(id, minute(m))]
			return rung && !closed
		})
		if open := slices.ContainsFunc(p.open, func(r tasks.Ring) bool { return r.TaskID == id }); open != waits {
			t.Fatalf("at %d task %d is open: %v, has rung unanswered: %v", now, id, open, waits)
		}
		for _, m := range moments {
			_, rung := d.rung[moment(id, minute(m))]
			if m > now && !rung && (p.next.IsZero() || p.next.After(minute(m))) {
				t.Fatalf("%d is ahead, but it looks again at %v", m, p.next)
			}
		}
	}
}

// TestLater says what ten minutes and tomorrow mean, also on the days that the clock changes.
func TestLater(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for now, want := range map[time.Time]time.Time{
		time.Date(2026, 11, 23, 17, 30, 0, 0, berlin): time.Date(2026, 11, 24, 8, 0, 0, 0, berlin),
		time.Date(2026, 11, 30, 0, 10, 0, 0, berlin):  time.Date(2026, 12, 1, 8, 0, 0, 0, berlin),
		time.Date(2026, 10, 24, 23, 0, 0, 0, berlin):  time.Date(2026, 10, 25, 8, 0, 0, 0, berlin),
	} {
		if got := Tomorrow(now); !got.Equal(want) {
			t.Errorf("tomorrow of %v is %v", now, got)
		}
		if got := Soon(now).Sub(now); got != 10*time.Minute {
			t.Errorf("soon is in %v", got)
		}
	}
}
