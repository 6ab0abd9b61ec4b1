// SPDX-License-Identifier: EUPL-1.2

package tasks

import "time"

// room is how far apart sort orders are put at either end of a list, so that something fits between them later.
const room = 10

// maxOrder bounds sort orders, so that there is always room beside one.
const maxOrder = 1 << 53

// Slots finds sort orders for n tasks that are put at index at among siblings, whose orders are given as they are shown.
// changed holds the siblings, by their index, that must be moved to make room, as few as one side of the place allows.
func Slots(siblings []int64, at, n int) (fresh []int64, changed map[int]int64) {
	orders := make([]int64, len(siblings))
	for i, o := range siblings {
		orders[i] = min(maxOrder, max(-maxOrder, o))
	}
	fresh = make([]int64, n)
	switch {
	case len(orders) == 0:
		for i := range fresh {
			fresh[i] = int64(i+1) * room
		}
	case at >= len(orders):
		for i := range fresh {
			fresh[i] = orders[len(orders)-1] + int64(i+1)*room
		}
	case at <= 0:
		for i := range fresh {
			fresh[i] = orders[0] - int64(n-i)*room
		}
	default:
		return between(orders, at, n)
	}
	return fresh, nil
}

func between(orders []int64, at, n int) (fresh []int64, changed map[int]int64) {
	left, right := orders[at-1], orders[at]
	fresh = make([]int64, n)
	if gap := right - left; gap > int64(n) {
		for i := range fresh {
			fresh[i] = left + gap*int64(i+1)/int64(n+1)
		}
		return fresh, nil
	}
	up, down := map[int]int64{}, map[int]int64{}
	last := left + int64(n)
	for i := at; i < len(orders) && orders[i] <= last; i++ {
		last++
		up[i] = last
	}
	first := right - int64(n)
	for i := at - 1; i >= 0 && orders[i] >= first; i-- {
		first--
		down[i] = first
	}
	start := left + 1
	changed = up
	if len(down) < len(up) {
		start, changed = right-int64(n), down
	}
	for i := range fresh {
		fresh[i] = start + int64(i)
	}
	return fresh, changed
}

// Siblings gives the tasks that are shown directly below a parent, at the top level for none, in the order of all.
func Siblings(all []Task, parentUID string) []Task {
	var found []Task
	for i, p := range parents(stubs(all)) {
		if (p < 0 && parentUID == "") || (p >= 0 && all[p].UID == parentUID) {
			found = append(found, all[i])
		}
	}
	return found
}

// Plan gives the text with another due moment. Where a day is given and the task is due at a time of day, that stays; a
// start keeps its distance in days. One that would begin after a first due day begins on it.
func Plan(text string, due When, now time.Time) (string, error) {
	view, err := Parse(text, now.Location())
	if err != nil {
		return "", err
	}
	e := Edit{Due: &due}
	if view.Due.IsZero() || due.IsZero() {
		if Backward(view.Start, due, now.Location()) { // it is to be done before it was to begin
			e.Start = &due
		}
		return Apply(text, e, now)
	}
	if at := view.Due.Time.In(now.Location()); due.AllDay && !view.Due.AllDay {
		y, m, d := due.Time.Date()
		due = When{Time: time.Date(y, m, d, at.Hour(), at.Minute(), at.Second(), 0, now.Location())}
	}
	if !view.Start.IsZero() {
		start := view.Start
		start.Time = start.Time.AddDate(0, 0, daysBetween(view.Due.Time.In(now.Location()), due.Time.In(now.Location())))
		e.Start = &start
	}
	return Apply(text, e, now)
}

func daysBetween(a, b time.Time) int {
	day := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	return int(day(b).Sub(day(a)).Hours() / 24)
}
