// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"cmp"
	"slices"
	"time"
)

// Span is a stretch of days that tasks are put together by.
type Span string

// The stretches, in their order.
const (
	SpanLate   Span = "late"   // due before now
	SpanToday  Span = "today"  // still to come
	SpanWeek   Span = "week"   // within the six days after today
	SpanLater  Span = "later"  // after that
	SpanNoDate Span = "nodate" // not due at all
	SpanClosed Span = "closed" // done or cancelled
	SpanNone   Span = ""       // put together by list
)

var spanOrder = []Span{SpanNone, SpanLate, SpanToday, SpanWeek, SpanLater, SpanNoDate, SpanClosed}

// Section is a part of a list on paper: the tasks of one stretch of days, or those of one list in their tree.
type Section struct {
	Span   Span
	ListID int64 // 0 for a stretch of days
	Nodes  []Node
}

// Sections puts tasks together for paper: those of a smart list by the day they are due, others by their list. What is
// closed stands at the end; where lists are shown as trees, closed subtasks stay below their open parents.
func Sections(all []Task, q Query, now time.Time) []Section {
	var sections []Section
	at := func(s Span, list int64) *Section {
		i := slices.IndexFunc(sections, func(x Section) bool { return x.Span == s && x.ListID == list })
		if i < 0 {
			sections = append(sections, Section{Span: s, ListID: list})
			i = len(sections) - 1
		}
		return &sections[i]
	}
	if q.Smart != SmartNone {
		for _, t := range all {
			s := at(SpanOf(t, now), 0)
			s.Nodes = append(s.Nodes, Node{Task: t})
		}
	} else {
		var closed bool
		var apart []Task // open ones below closed ones
		for _, n := range Tree(all) {
			if n.Depth == 0 {
				closed = n.Closed()
			}
			switch {
			case !closed:
				s := at(SpanNone, n.ListID)
				s.Nodes = append(s.Nodes, n)
			case n.Closed():
				s := at(SpanClosed, 0)
				s.Nodes = append(s.Nodes, n)
			default:
				apart = append(apart, n.Task)
			}
		}
		for _, n := range Tree(apart) {
			s := at(SpanNone, n.ListID)
			s.Nodes = append(s.Nodes, n)
		}
	}
	slices.SortStableFunc(sections, func(a, b Section) int {
		return cmp.Compare(slices.Index(spanOrder, a.Span), slices.Index(spanOrder, b.Span))
	})
	return sections
}

// SpanOf says which stretch of days a task falls into.
func SpanOf(t Task, now time.Time) Span {
	today := midnight(now)
	day := midnight(t.Due.Time.In(now.Location()))
	if t.Due.AllDay {
		y, m, d := t.Due.Time.Date()
		day = time.Date(y, m, d, 0, 0, 0, 0, now.Location())
	}
	switch {
	case t.Closed():
		return SpanClosed
	case t.Due.IsZero():
		return SpanNoDate
	case day.Before(today), !t.Due.AllDay && t.Due.Time.Before(now):
		return SpanLate
	case day.Equal(today):
		return SpanToday
	case day.Before(today.AddDate(0, 0, 7)):
		return SpanWeek
	}
	return SpanLater
}
