// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"strings"
	"testing"

	"kontor/app/tasks"
	"kontor/storage"
)

// Interop case 31: a subtask that only its parent names can be put elsewhere as any other, undo included: the parent does
// not name it any more where that would put it back, and what it names besides stays.
func TestCase31NamedSubtaskGoesElsewhere(t *testing.T) {
	for _, c := range []struct {
		name, want string
		disowned   bool
		act        func(d *taskDesk, ids map[string]int64) error
	}{
		{"to the top", "p >m q k", true, func(d *taskDesk, ids map[string]int64) error {
			return d.Place(d.ctx, []int64{ids["k"]}, tasks.Place{After: ids["q"]})
		}},
		{"to the top by its fields", "p >m k q", true, func(d *taskDesk, ids map[string]int64) error {
			return d.Edit(d.ctx, ids["k"], tasks.Edit{Parent: ptr("")})
		}},
		{"below another", "p >m q >k", true, func(d *taskDesk, ids map[string]int64) error {
			return d.Place(d.ctx, []int64{ids["k"]}, tasks.Place{ParentUID: "q"})
		}},
		{"further down below the same", "p >m >k q", false, func(d *taskDesk, ids map[string]int64) error {
			return d.Place(d.ctx, []int64{ids["k"]}, tasks.Place{ParentUID: "p", After: ids["m"]})
		}},
		{"the parent goes", "k m q", false, func(d *taskDesk, ids map[string]int64) error { return d.Remove(d.ctx, []int64{ids["p"]}) }},
		{"the parent goes with it", "q", false, func(d *taskDesk, ids map[string]int64) error {
			return d.RemoveWith(d.ctx, []int64{ids["p"]}, tasks.OrphansToo)
		}},
		{"into another list with its parent", "q", false, func(d *taskDesk, ids map[string]int64) error {
			return d.Move(d.ctx, []int64{ids["p"]}, d.second)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newTaskDesk(t)
			ids := map[string]int64{}
			for title, line := range map[string]string{
				"p": "X-APPLE-SORT-ORDER:10\r\nRELATED-TO;RELTYPE=CHILD:k\r\nRELATED-TO;RELTYPE=CHILD:m",
				"k": "X-APPLE-SORT-ORDER:20", "m": "X-APPLE-SORT-ORDER:30", "q": "X-APPLE-SORT-ORDER:40",
			} {
				text := "BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nUID:" + title + "\r\nSUMMARY:" + title + "\r\n" + line + "\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
				d.must(d.db.Write(d.ctx, func(tx *storage.Tx) error {
					_, _, err := tx.StoreTask(d.ctx, d.list, title, "1", text)
					return err
				}))
				id, err := d.db.TaskByUID(d.ctx, d.list, title)
				d.must(err)
				ids[title] = id
			}
			if err := d.Place(d.ctx, []int64{ids["p"]}, tasks.Place{ParentUID: "k"}); err == nil {
				t.Error("a task went below its own subtask")
			}
			const before = "p >k >m q"
			d.must(c.act(d, ids))
			if got := d.tree(d.list); got != c.want {
				t.Errorf("shown: %s, want %s", got, c.want)
			}
			if raw, err := d.Raw(d.ctx, ids["p"]); err == nil && strings.Contains(string(raw), "CHILD:k") == c.disowned || !strings.Contains(string(raw), "CHILD:m") {
				t.Errorf("%v, the parent says\n%s", err, raw)
			}
			if d.undo(); d.tree(d.list) != before {
				t.Errorf("undone: %s", d.tree(d.list))
			}
		})
	}
}
