// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestSpansOfDays: which stretch of days a task falls into, at the edges of each.
func TestSpansOfDays(t *testing.T) {
	now := time.Date(2026, 3, 28, 12, 0, 0, 0, zone(t, "Europe/Berlin")) // the day before the clock goes forward
	day := func(n int) When {
		return When{Time: time.Date(2026, 3, 28+n, 0, 0, 0, 0, time.UTC), AllDay: true}
	}
	at := func(d time.Duration) When { return When{Time: now.Add(d).UTC()} }
	for name, c := range map[string]struct {
		due  When
		want Span
	}{
		"no date": {When{}, SpanNoDate}, "yesterday": {day(-1), SpanLate}, "today": {day(0), SpanToday}, "in six days": {day(6), SpanWeek}, "in a week": {day(7), SpanLater},
		"a second ago": {at(-time.Second), SpanLate}, "tonight": {at(11 * time.Hour), SpanToday}, "after midnight": {at(12 * time.Hour), SpanWeek},
		"last hour of the week": {When{Time: time.Date(2026, 4, 3, 23, 59, 0, 0, now.Location())}, SpanWeek}, "first after it": {When{Time: time.Date(2026, 4, 4, 0, 0, 0, 0, now.Location())}, SpanLater},
	} {
		if got := SpanOf(Task{Due: c.due}, now); got != c.want {
			t.Errorf("%s: %q", name, got)
		}
		if got := SpanOf(Task{Due: c.due, Percent: 100}, now); got != SpanClosed {
			t.Errorf("%s, done: %q", name, got)
		}
	}
}

// TestSectionsHoldEverythingOnce: whatever the tree, each task stands on paper once, and no open one among those that are closed.
func TestSectionsHoldEverythingOnce(t *testing.T) {
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		var all []Task
		for i := range rapid.IntRange(0, 12).Draw(t, "tasks") {
			task := Task{ID: int64(i + 1), UID: fmt.Sprint("u", i), ListID: rapid.Int64Range(1, 2).Draw(t, "list")}
			if p := rapid.IntRange(-1, 12).Draw(t, "parent"); p >= 0 {
				task.ParentUID = fmt.Sprint("u", p)
			}
			if rapid.Bool().Draw(t, "closed") {
				task.Percent = 100
			}
			if rapid.Bool().Draw(t, "dated") {
				task.Due = When{Time: now.AddDate(0, 0, rapid.IntRange(-9, 9).Draw(t, "day"))}
			}
			all = append(all, task)
		}
		q := Query{Smart: rapid.SampledFrom([]Smart{SmartNone, SmartUpcoming}).Draw(t, "smart")}
		seen := map[int64]int{}
		last := -1
		for _, s := range Sections(all, q, now) {
			if len(s.Nodes) == 0 || slices.Index(spanOrder, s.Span) < last {
				t.Fatalf("an empty section, or one at the wrong place: %+v", s)
			}
			last = slices.Index(spanOrder, s.Span)
			for _, n := range s.Nodes {
				seen[n.ID]++
				if s.Span == SpanClosed && !n.Closed() || q.Smart != SmartNone && n.Depth > 0 {
					t.Fatalf("%+v stands in %q", n, s.Span)
				}
			}
		}
		for _, task := range all {
			if seen[task.ID] != 1 {
				t.Fatalf("%d stands there %d times", task.ID, seen[task.ID])
			}
		}
	})
}

// TestSorterKeepsTheOrder of tasks of the same second, however many, and leaves alone what says where it stands.
func TestSorterKeepsTheOrder(t *testing.T) {
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		s := NewSorter(now)
		before := map[string]int64{} // the last order, by what the tasks had in common
		for range rapid.IntRange(1, 30).Draw(t, "tasks") {
			line := rapid.SampledFrom([]string{"CREATED:20260101T000000Z", "CREATED:20260101T000003Z", "X-EGEN:1", sortOrder + ":5"}).Draw(t, "line")
			text := vtodo(line)
			got, err := s.Keep(text)
			if err != nil {
				t.Fatal(err)
			}
			order := mustParse(t, got).Order
			if last, again := before[line]; again && order <= last && !strings.HasPrefix(line, sortOrder) {
				t.Fatalf("%d after %d", order, last)
			}
			if strings.HasPrefix(line, sortOrder) && got != text {
				t.Fatalf("changed\n%s", got)
			}
			before[line] = order
		}
	})
}
