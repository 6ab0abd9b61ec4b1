// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"kontor/app/journal"
	"kontor/app/tasks"
)

// Interop case 3: Nextcloud keeps a completed instance in an object of its own, of the same UID. The series is shown once,
// what is changed is written to the object it stands in, and the instance comes to light where the series goes.
func TestCase03InstanceInItsOwnObject(t *testing.T) {
	s := newTaskStore(t)
	master := s.remote("a", "SUMMARY:Serie", "DUE:20261201T100000Z", "RRULE:FREQ=WEEKLY")
	s.write(func(tx *Tx) error {
		_, _, err := tx.StoreTask(s.ctx, s.list, "a-done", "1", taskText("a", "SUMMARY:Serie", "RECURRENCE-ID:20261124T100000Z", "STATUS:COMPLETED"))
		return err
	})
	q := tasks.Query{ListID: s.list, Closed: true}
	if got := s.titles(q); got != "Serie" || s.task(master).Twin {
		t.Errorf("shown: %s, %+v", got, s.task(master))
	}
	if id, err := s.TaskByUID(s.ctx, s.list, "a"); err != nil || id != master {
		t.Errorf("found %d, %v", id, err)
	}
	op := s.edit(master, tasks.Edit{Title: strPtr("Neu")})
	if len(op.Targets) != 1 || op.Targets[0].ID != master || op.Kind != journal.TaskPut {
		t.Errorf("operation %+v", op)
	}
	part, err := s.TaskByName(s.ctx, s.list, "a-done")
	s.must(err)
	if parts, err := s.TaskParts(s.ctx, TaskRow{ID: master, ListID: s.list, UID: "a"}); err != nil || len(parts) != 1 || parts[0] != part.Base {
		t.Errorf("parts %q, %v", parts, err)
	}
	s.cancel(op)
	s.write(func(tx *Tx) error { return tx.TaskGone(s.ctx, master, 0) })
	if got := s.titles(q); got != "Serie" || !s.task(part.ID).Override {
		t.Errorf("without the series: %s", got)
	}
}

// Interop case 4: two objects of one UID, which no server should have: both are shown and marked, neither is deleted.
func TestCase04TwoObjectsOfOneUID(t *testing.T) {
	s := newTaskStore(t)
	first, single := s.remote("a", "SUMMARY:eins", "X-APPLE-SORT-ORDER:1"), s.remote("b", "SUMMARY:allein", "X-APPLE-SORT-ORDER:3")
	s.write(func(tx *Tx) error {
		_, _, err := tx.StoreTask(s.ctx, s.list, "kopie", "1", taskText("a", "SUMMARY:zwei", "X-APPLE-SORT-ORDER:2"))
		return err
	})
	if got := s.titles(tasks.Query{ListID: s.list}); got != "eins zwei allein" {
		t.Errorf("shown: %s", got)
	}
	second, err := s.TaskByName(s.ctx, s.list, "kopie")
	s.must(err)
	if !s.task(first).Twin || !s.task(second.ID).Twin || s.task(single).Twin {
		t.Error("not marked")
	}
	s.write(func(tx *Tx) error { return tx.TaskGone(s.ctx, second.ID, 0) })
	if s.task(first).Twin {
		t.Error("still marked")
	}
}

// tree shows a list as the window does, once from the rows and once from the lines.
func (s *taskStore) tree() string {
	s.t.Helper()
	all, err := s.Tasks(s.ctx, tasks.Query{ListID: s.list}, time.Now())
	s.must(err)
	lines, err := s.TaskLines(s.ctx, tasks.Query{ListID: s.list}, time.Now())
	s.must(err)
	var words []string
	for i, n := range tasks.Tree(all) {
		words = append(words, strings.Repeat(">", n.Depth)+n.Title)
		if i >= len(lines) || lines[i].ID != n.ID || lines[i].Depth != n.Depth {
			s.t.Fatalf("the lines %+v are not the rows", lines)
		}
	}
	return strings.Join(words, " ")
}

// Interop case 31: a subtask that only its parent names (RELTYPE=CHILD) is shown below it, whichever of them came first.
// What the child says itself goes before; a relation in a circle, to the task itself or to nothing hides no task.
func TestCase31ChildNamedByItsParent(t *testing.T) {
	for _, c := range []struct {
		name  string
		tasks [][]string // title, which is the UID too, and the relations
		want  string
	}{
		{"parent first", [][]string{{"p", ";RELTYPE=CHILD:k"}, {"k"}}, "p >k"},
		{"child first", [][]string{{"k"}, {"p", ";RELTYPE=CHILD:k"}}, "p >k"},
		{"several", [][]string{{"p", ";RELTYPE=CHILD:k", ";reltype=child:m"}, {"k", ";RELTYPE=CHILD:n"}, {"m"}, {"n"}}, "p >k >>n >m"},
		{"both ends", [][]string{{"p", ";RELTYPE=CHILD:k"}, {"k", ":p"}}, "p >k"},
		{"the child says otherwise", [][]string{{"p", ";RELTYPE=CHILD:k"}, {"k", ":q"}, {"q"}}, "p q >k"},
		{"the child names what is not here", [][]string{{"p", ";RELTYPE=CHILD:k"}, {"k", ":fort"}}, "p k"},
		{"two parents", [][]string{{"p", ";RELTYPE=CHILD:k"}, {"q", ";RELTYPE=CHILD:k"}, {"k"}}, "p >k q"},
		{"itself", [][]string{{"p", ";RELTYPE=CHILD:p"}, {"k"}}, "p k"},
		{"in a circle", [][]string{{"p", ";RELTYPE=CHILD:k"}, {"k", ";RELTYPE=CHILD:p"}}, "p k"},
		{"in a circle by both", [][]string{{"p", ";RELTYPE=CHILD:k", ":k"}, {"k"}}, "p k"},
		{"missing", [][]string{{"p", ";RELTYPE=CHILD:fort"}}, "p"},
		{"a sibling", [][]string{{"p", ";RELTYPE=SIBLING:k"}, {"k"}}, "p k"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newTaskStore(t)
			for i, task := range c.tasks {
				lines := []string{"SUMMARY:" + task[0], fmt.Sprintf("X-APPLE-SORT-ORDER:%d", 10*i)}
				for _, related := range task[1:] {
					lines = append(lines, "RELATED-TO"+related)
				}
				s.remote(task[0], lines...)
			}
			if got := s.tree(); got != c.want {
				t.Errorf("shown: %s, want %s", got, c.want)
			}
			for _, v := range strings.Fields(c.want) {
				title := strings.Trim(v, ">")
				row, err := s.TaskByName(s.ctx, s.list, title)
				s.must(err)
				view := s.task(row.ID)
				if below := s.titles(tasks.Query{ListID: s.list, Parent: title}); len(strings.Fields(below)) != view.Children {
					t.Errorf("%s: %d counted, below it %q", title, view.Children, below)
				}
			}
		})
	}
}

// The relation goes and comes back with the text of the parent, and with the parent.
func TestChildFollowsItsParentsText(t *testing.T) {
	s := newTaskStore(t)
	parent, child := s.remote("p", "SUMMARY:p", "RELATED-TO;RELTYPE=CHILD:k"), s.remote("k", "SUMMARY:k")
	step := func(what, want string, fn func(*Tx) error) {
		t.Helper()
		s.write(fn)
		if got := s.tree(); got != want {
			t.Errorf("%s: %s", what, got)
		}
	}
	var op journal.Op
	step("disowned", "p k", func(tx *Tx) error {
		row, err := tx.TaskRow(s.ctx, parent)
		s.must(err)
		text, err := tasks.Disown(row.Text, "k", time.Now())
		s.must(err)
		op, err = tx.EditTask(s.ctx, parent, text, "p", 0)
		return err
	})
	s.cancel(op)
	step("undone", "p >k", func(*Tx) error { return nil })
	step("the child is done", "p", func(tx *Tx) error {
		_, _, err := tx.StoreTask(s.ctx, s.list, "k", "2", taskText("k", "SUMMARY:k", "STATUS:COMPLETED"))
		return err
	})
	if got := s.task(parent); got.Children != 1 || got.ChildDone != 1 || s.task(child).ParentUID != "p" {
		t.Errorf("%d of %d done", got.ChildDone, got.Children)
	}
	step("the parent is gone", "", func(tx *Tx) error { return tx.TaskGone(s.ctx, parent, 0) })
	if got := s.task(child).ParentUID; got != "" {
		t.Errorf("below %q", got)
	}
	s.remote("p", "SUMMARY:p", "RELATED-TO;RELTYPE=CHILD:k")
	s.write(func(tx *Tx) error { // as tasks lie there that were read before subtasks were kept by what their parent says
		_, err := tx.exec(s.ctx, `DELETE FROM task_children`)
		if err == nil {
			_, err = tx.exec(s.ctx, `UPDATE tasks SET rings = -1`)
		}
		return err
	})
	if got := s.task(child).ParentUID; got != "" {
		t.Errorf("below %q before it is read again", got)
	}
	s.write(func(tx *Tx) error { _, err := tx.ReadOldReminders(s.ctx, 10); return err })
	if got := s.task(child).ParentUID; got != "p" {
		t.Errorf("below %q after it was read again", got)
	}
}
