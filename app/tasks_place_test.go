// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kontor/app/journal"
	"kontor/app/tasks"
	"kontor/storage"
)

// tree shows a list as the window does: open tasks in their tree.
func (d *taskDesk) tree(list int64) string {
	d.t.Helper()
	all, err := d.List(d.ctx, tasks.Query{ListID: list})
	d.must(err)
	var b strings.Builder
	for _, n := range tasks.Tree(all) {
		fmt.Fprintf(&b, "%s%s ", strings.Repeat(">", n.Depth), n.Title)
	}
	return strings.TrimSpace(b.String())
}

// ordered adds tasks with sort orders.
func (d *taskDesk) ordered(orders map[string]int64) map[string]int64 {
	d.t.Helper()
	ids := map[string]int64{}
	for title, order := range orders {
		ids[title] = d.add(title, tasks.Edit{Order: &order})
	}
	return ids
}

func (d *taskDesk) uid(id int64) string { return d.task(id).UID }

// undo takes the last action back, and checks that it was one.
func (d *taskDesk) undo() {
	d.t.Helper()
	_, err := (&Journal{db: d.db, wake: func(int64) {}}).Undo(d.ctx)
	d.must(err)
}

// Interop case 41: moving one task writes one object, as long as there is room.
func TestCase41MovingWritesOneObject(t *testing.T) {
	d := newTaskDesk(t)
	ids := d.ordered(map[string]int64{"a": 100, "b": 200, "c": 300, "d": 400})
	d.settle()
	place := func(want string, ops int, after int64, moved ...int64) {
		t.Helper()
		before := d.tree(d.list)
		d.must(d.Place(d.ctx, moved, tasks.Place{After: after}))
		if got := d.tree(d.list); got != want || len(d.ops()) != ops {
			t.Errorf("%s with %d operations, want %s with %d", got, len(d.ops()), want, ops)
		}
		if ops > 0 {
			d.undo()
		}
		if got := d.tree(d.list); got != before {
			t.Errorf("undone: %s", got)
		}
	}
	place("a c b d", 1, ids["c"], ids["b"])
	place("d a b c", 1, 0, ids["d"])
	place("b c d a", 1, ids["d"], ids["a"])
	place("c d a b", 2, 0, ids["c"], ids["d"])
	place("a b c d", 0, ids["a"], ids["b"])
	d.must(d.EditAll(d.ctx, []int64{ids["a"]}, tasks.Edit{Order: ptr(int64(199))}))
	d.settle()
	place("a d b c", 2, ids["a"], ids["d"]) // no room between 199 and 200: a neighbour moves too
}

func ptr[T any](v T) *T { return &v }

func TestPlaceBelowAndAcross(t *testing.T) {
	d := newTaskDesk(t)
	ids := d.ordered(map[string]int64{"a": 100, "b": 200, "c": 300})
	d.must(d.Place(d.ctx, []int64{ids["c"]}, tasks.Place{ParentUID: d.uid(ids["b"])}))
	d.must(d.Place(d.ctx, []int64{ids["b"]}, tasks.Place{ParentUID: d.uid(ids["a"])}))
	if got := d.tree(d.list); got != "a >b >>c" {
		t.Errorf("below: %s", got)
	}
	d.settle()
	for _, parent := range []string{"b", "c"} {
		if err := d.Place(d.ctx, []int64{ids["b"]}, tasks.Place{ParentUID: d.uid(ids[parent])}); !errors.Is(err, ErrUnderItself) {
			t.Errorf("below %s: %v", parent, err)
		}
	}
	if err := d.Place(d.ctx, []int64{ids["b"]}, tasks.Place{ParentUID: "nobody"}); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("below nobody: %v", err)
	}
	// What hangs on a task goes along, in one action; what is marked together with its parent stays below it.
	d.must(d.Place(d.ctx, []int64{ids["b"], ids["c"]}, tasks.Place{ListID: d.second}))
	if d.tree(d.list) != "a" || d.tree(d.second) != "b >c" {
		t.Errorf("moved: %s, %s", d.tree(d.list), d.tree(d.second))
	}
	d.undo()
	if got := d.tree(d.list); got != "a >b >>c" {
		t.Errorf("undone: %s", got)
	}
	d.must(d.Place(d.ctx, []int64{ids["b"]}, tasks.Place{ListID: d.foreign}))
	if got := d.tree(d.foreign); got != "b >c" {
		t.Errorf("in another account: %s", got)
	}
	d.undo()
	if got := d.tree(d.list); got != "a >b >>c" || d.tree(d.foreign) != "" {
		t.Errorf("undone: %s, %s", got, d.tree(d.foreign))
	}
	d.must(d.Place(d.ctx, nil, tasks.Place{}))
}

// Wherever tasks are dropped, they stand there then, nothing else changes its place, and undo brings all back, before and
// after the server has heard of it.
func TestPlaceAnywhere(t *testing.T) {
	d := newTaskDesk(t)
	var ids []int64
	for i := range 7 {
		ids = append(ids, d.add(fmt.Sprint("t", i), tasks.Edit{Order: ptr(int64(i / 3))})) // many stand on the same order
	}
	d.settle()
	rapid.Check(t, func(t *rapid.T) {
		moved := rapid.Permutation(ids).Draw(t, "moved")[:rapid.IntRange(1, 3).Draw(t, "n")]
		shown, err := d.List(d.ctx, tasks.Query{ListID: d.list})
		d.must(err)
		before := taskIDs(shown)
		to := tasks.Place{After: rapid.SampledFrom(append([]int64{0}, ids...)).Draw(t, "after")}
		d.must(d.Place(d.ctx, moved, to))
		if shown, err = d.List(d.ctx, tasks.Query{ListID: d.list}); err != nil {
			t.Fatal(err)
		}
		if got, want := fmt.Sprint(taskIDs(shown)), fmt.Sprint(expectPlace(before, moved, to.After)); got != want {
			t.Fatalf("%v behind %d in %v: %s, want %s", moved, to.After, before, got, want)
		}
		wrote := len(d.ops()) > 0
		if rapid.Bool().Draw(t, "sent") {
			d.settle()
		}
		if wrote && rapid.Bool().Draw(t, "undo") {
			d.undo()
			if shown, err = d.List(d.ctx, tasks.Query{ListID: d.list}); err != nil || fmt.Sprint(taskIDs(shown)) != fmt.Sprint(before) {
				t.Fatalf("undone: %v, want %v", taskIDs(shown), before)
			}
		}
		d.settle()
	})
}

// expectPlace is where tasks should stand: without those moved, then these behind the one, at the end if that one moves
// itself.
func expectPlace(before, moved []int64, after int64) []int64 {
	is := map[int64]bool{}
	for _, id := range moved {
		is[id] = true
	}
	var rest []int64
	at := 0
	for _, id := range before {
		if is[id] {
			continue
		}
		rest = append(rest, id)
		if id == after {
			at = len(rest)
		}
	}
	if after != 0 && is[after] {
		at = len(rest)
	}
	return append(append(append([]int64{}, rest[:at]...), moved...), rest[at:]...)
}

func TestPlan(t *testing.T) {
	d := newTaskDesk(t)
	day := func(s string) time.Time {
		at, err := time.ParseInLocation("2006-01-02 15:04", s, time.Local)
		d.must(err)
		return at
	}
	timed := d.add("mit Uhrzeit", tasks.Edit{Due: &tasks.When{Time: day("2026-11-23 14:30")}, Start: &tasks.When{Time: day("2026-11-20 08:00")}})
	whole := d.add("ganzer Tag", tasks.Edit{Due: &tasks.When{Time: day("2026-11-23 00:00"), AllDay: true}})
	never := d.add("ohne Tag", tasks.Edit{})
	all := []int64{timed, whole, never}
	shown := func() string {
		var words []string
		for _, id := range all {
			got := d.task(id)
			words = append(words, got.Start.Time.Format("0102 15:04")+" "+got.Due.Time.Format("0102 15:04")+fmt.Sprint(" ", got.Due.AllDay))
		}
		return strings.Join(words, "; ")
	}
	before := shown()
	d.must(d.Plan(d.ctx, all, tasks.When{Time: day("2026-12-01 00:00"), AllDay: true}))
	if got := shown(); got != "1128 08:00 1201 14:30 false; 0101 00:00 1201 00:00 true; 0101 00:00 1201 00:00 true" {
		t.Errorf("planned: %s", got)
	}
	d.undo()
	if got := shown(); got != before {
		t.Errorf("undone: %s", got)
	}
	d.must(d.Plan(d.ctx, all, tasks.When{Time: day("2026-12-01 09:15")}))
	if got := shown(); !strings.HasPrefix(got, "1128 08:00 1201 09:15 false; 0101 00:00 1201 09:15 false;") {
		t.Errorf("at a time: %s", got)
	}
	d.must(d.Plan(d.ctx, all, tasks.When{}))
	if got := d.titles(tasks.Query{Search: "fällig:keine"}); got != "ganzer Tag mit Uhrzeit ohne Tag" {
		t.Errorf("without a date: %s", got)
	}
}

// TestEditRefusesCircles: an edit does not put a task below itself or below one of its subtasks; a parent that is not here may
// be named.
func TestEditRefusesCircles(t *testing.T) {
	d := newTaskDesk(t)
	top := d.add("oben", tasks.Edit{})
	topUID := d.uid(top)
	leaf := d.add("unten", tasks.Edit{Parent: &topUID})
	leafUID, elsewhere := d.uid(leaf), "nicht-hier"
	for name, err := range map[string]error{
		"itself": d.Edit(d.ctx, top, tasks.Edit{Parent: &topUID}), "its subtask": d.EditAll(d.ctx, []int64{leaf, top}, tasks.Edit{Parent: &leafUID}),
	} {
		if !errors.Is(err, ErrUnderItself) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if d.task(leaf).ParentUID != topUID || d.task(top).ParentUID != "" {
		t.Error("something was written all the same")
	}
	d.must(d.Edit(d.ctx, top, tasks.Edit{Parent: &elsewhere}))
	if _, err := d.Quick(d.ctx, d.list, " \n"); !errors.Is(err, tasks.ErrNoTitle) {
		t.Errorf("a task of nothing: %v", err)
	}
}

// Interop case 36: the subtasks go too where the person says so, and all come back together.
func TestCase36RemoveWithSubtasks(t *testing.T) {
	d := newTaskDesk(t)
	top := d.add("oben", tasks.Edit{})
	middle := d.add("mitte", tasks.Edit{Parent: ptr(d.uid(top))})
	d.add("unten", tasks.Edit{Parent: ptr(d.uid(middle))})
	d.add("anderes", tasks.Edit{})
	d.settle()
	d.must(d.RemoveWith(d.ctx, []int64{top}, tasks.OrphansToo))
	if got := d.titles(tasks.Query{}); got != "anderes" {
		t.Errorf("left: %s", got)
	}
	d.undo()
	if got := d.tree(d.list); got != "oben >mitte >>unten anderes" && got != "anderes oben >mitte >>unten" {
		t.Errorf("undone: %s", got)
	}
	d.must(d.RemoveWith(d.ctx, []int64{top}, tasks.OrphansUp))
	if got := d.tree(d.list); !strings.Contains(got, "mitte >unten") || strings.Contains(got, "oben") {
		t.Errorf("moved up: %s", got)
	}
	if ops := d.ops(); ops[0].Group != ops[len(ops)-1].Group || ops[0].Kind == journal.TaskDelete && len(ops) != 2 {
		t.Errorf("operations %+v", ops)
	}
}
