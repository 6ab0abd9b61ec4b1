// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"slices"
	"testing"

	"kontor/app/tasks"
)

// TestTagsOfSeveralTasks are added and taken away as one action; what a task has besides stays, and one that has nothing to
// change is not written.
func TestTagsOfSeveralTasks(t *testing.T) {
	d := newTaskDesk(t)
	a := d.add("a", tasks.Edit{Tags: &[]string{"x", "y"}})
	b := d.add("b", tasks.Edit{Tags: &[]string{"y"}})
	c := d.add("c", tasks.Edit{Tags: &[]string{"z", "new"}})
	d.settle()
	d.must(d.Tag(d.ctx, []int64{a, b, c}, []string{"new"}, []string{"y"}))
	want := map[int64][]string{a: {"x", "new"}, b: {"new"}, c: {"z", "new"}}
	for id, tags := range want {
		if got := d.task(id).Tags; !slices.Equal(got, tags) {
			t.Errorf("%q instead of %q", got, tags)
		}
	}
	if n := len(d.ops()); n != 2 {
		t.Errorf("%d operations for two tasks", n)
	}
	d.undo()
	if got := d.task(a).Tags; !slices.Equal(got, []string{"x", "y"}) || !slices.Equal(d.task(b).Tags, []string{"y"}) {
		t.Errorf("one undo leaves %q", got)
	}
	if err := d.Tag(d.ctx, []int64{a}, []string{"two, tags"}, nil); err == nil {
		t.Error("a comma parts tags on some servers")
	}
}
