// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kontor/app/journal"
	"kontor/app/tasks"
	"kontor/storage"
	"kontor/sync/caltasks"
)

// taskDesk is the task service over a store with two accounts, each with a list.
type taskDesk struct {
	*Tasks
	t            *testing.T
	ctx          context.Context
	account      int64
	list, second int64 // of the first account
	foreign      int64 // of the other account
	woken        []int64
}

func newTaskDesk(t *testing.T) *taskDesk {
	t.Helper()
	d := &taskDesk{t: t, ctx: context.Background()}
	db, err := storage.Open(d.ctx, filepath.Join(t.TempDir(), "k.db"))
	d.must(err)
	t.Cleanup(func() {
		if err := errors.Join(db.Check(d.ctx), db.Close()); err != nil {
			t.Error(err)
		}
	})
	d.must(db.Write(d.ctx, func(tx *storage.Tx) error {
		first, err := tx.AddAccount(d.ctx, storage.Account{Name: "a"})
		if err != nil {
			return err
		}
		other, err := tx.AddAccount(d.ctx, storage.Account{Name: "b"})
		if err != nil {
			return err
		}
		d.account = first
		for _, l := range []struct {
			id      *int64
			account int64
			name    string
		}{{&d.list, first, "Amt"}, {&d.second, first, "Bau"}, {&d.foreign, other, "Chor"}} {
			*l.id, err = tx.AddTaskList(d.ctx, storage.TaskList{List: tasks.List{AccountID: l.account, Name: l.name}, Href: "/" + l.name + "/", OnServer: true, RemoteName: l.name})
			if err != nil {
				return err
			}
		}
		return nil
	}))
	d.Tasks = NewTasks(db, func(account int64) { d.woken = append(d.woken, account) })
	return d
}

func (d *taskDesk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *taskDesk) add(title string, e tasks.Edit) int64 {
	d.t.Helper()
	e.Title = &title
	id, err := d.Add(d.ctx, d.list, e)
	d.must(err)
	return id
}

func (d *taskDesk) task(id int64) tasks.Task {
	d.t.Helper()
	t, err := d.Task(d.ctx, id)
	d.must(err)
	return t
}

func (d *taskDesk) titles(q tasks.Query) string {
	d.t.Helper()
	all, err := d.List(d.ctx, q)
	d.must(err)
	n, err := d.Count(d.ctx, q)
	d.must(err)
	if n != len(all) {
		d.t.Errorf("%d counted, %d listed", n, len(all))
	}
	var titles []string
	for _, t := range all {
		titles = append(titles, t.Title)
	}
	slices.Sort(titles)
	return strings.Join(titles, " ")
}

func (d *taskDesk) ops() []journal.Op {
	d.t.Helper()
	ops, err := d.db.PendingOps(d.ctx, 0)
	d.must(err)
	return ops
}

// settle makes everything that waits done, as if the server had taken it as it is.
func (d *taskDesk) settle() {
	d.t.Helper()
	for _, op := range d.ops() {
		d.must(d.db.Write(d.ctx, func(tx *storage.Tx) error {
			op.State = journal.Done
			if err := tx.SaveOp(d.ctx, op); err != nil {
				return err
			}
			var p tasks.PutOp
			if err := json.Unmarshal(op.Payload, &p); err != nil {
				return err
			}
			return tx.TaskSent(d.ctx, op.Targets[0].ID, op.ID, `"1"`, p.After, false)
		}))
	}
}

func TestTaskLife(t *testing.T) {
	d := newTaskDesk(t)
	id, err := d.Quick(d.ctx, 0, "Bericht abgeben morgen 14 Uhr #Berichte !hoch")
	d.must(err)
	got := d.task(id)
	if got.Title != "Bericht abgeben" || got.Due.Time.Hour() != 14 || got.Priority != 1 || got.Tags[0] != "Berichte" || got.ListID != d.list {
		t.Errorf("%+v", got)
	}
	before := 30 * time.Minute
	d.must(d.Edit(d.ctx, id, tasks.Edit{Remind: &before}))
	if got = d.task(id); len(got.Alarms) != 1 {
		t.Errorf("no reminder: %+v", got)
	}
	d.must(d.Edit(d.ctx, id, tasks.Edit{}))
	d.must(d.Done(d.ctx, []int64{id}))
	if got = d.task(id); !got.Done() || d.titles(tasks.Query{}) != "" {
		t.Errorf("not done: %+v", got)
	}
	d.must(d.Reopen(d.ctx, []int64{id}))
	raw, err := d.Raw(d.ctx, id)
	d.must(err)
	if d.task(id).Done() || !strings.Contains(string(raw), "BEGIN:VALARM") {
		t.Errorf("reopened:\n%s", raw)
	}
	marks, err := d.Marks(d.ctx, []int64{id})
	d.must(err)
	if len(d.ops()) != 4 || marks[id] != journal.MarkWaiting || len(d.woken) != 4 || d.woken[0] != d.account {
		t.Errorf("%d operations, marks %v, woken %v", len(d.ops()), marks, d.woken)
	}
	d.must(d.Remove(d.ctx, []int64{id}))
	if d.titles(tasks.Query{Closed: true}) != "" {
		t.Error("still there")
	}
}

// A list that a line of quick entry names goes before the one in sight, unless nobody may write to it.
func TestQuickIntoNamedList(t *testing.T) {
	d := newTaskDesk(t)
	for text, want := range map[string]int64{"Zaun @bau übermorgen": d.second, "Zaun @nirgends übermorgen": d.list, "Zaun": d.list} {
		id, err := d.Quick(d.ctx, d.list, text)
		d.must(err)
		if got := d.task(id); got.ListID != want || (want == d.second && got.Title != "Zaun") {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

// Interop case 36: no subtask is left without its parent, and several tasks are one action.
func TestTaskTrees(t *testing.T) {
	d := newTaskDesk(t)
	top := d.add("oben", tasks.Edit{})
	topUID := d.task(top).UID
	middle := d.add("mitte", tasks.Edit{Parent: &topUID})
	middleUID := d.task(middle).UID
	leaf := d.add("unten", tasks.Edit{Parent: &middleUID})
	children, err := d.Children(d.ctx, top)
	d.must(err)
	if len(children) != 1 || children[0].ID != middle || d.task(top).Children != 1 {
		t.Errorf("children %+v", children)
	}
	d.must(d.Move(d.ctx, []int64{top}, d.second))
	if d.titles(tasks.Query{ListID: d.second}) != "mitte oben unten" || d.titles(tasks.Query{ListID: d.list}) != "" {
		t.Error("the subtasks did not move along")
	}
	ops := d.ops()
	if last := ops[len(ops)-3:]; last[0].Group != last[1].Group || last[1].Group != last[2].Group || last[0].ID != last[0].Group {
		t.Errorf("not one action: %+v", last)
	}
	d.must(d.Remove(d.ctx, []int64{middle}))
	if d.task(leaf).ParentUID != topUID {
		t.Error("the subtask did not move up")
	}
	d.must(d.Move(d.ctx, []int64{leaf}, d.foreign))
	if d.titles(tasks.Query{ListID: d.foreign}) != "unten" || d.titles(tasks.Query{ListID: d.second}) != "oben" {
		t.Error("not moved to the other account")
	}
}

func TestTaskLists(t *testing.T) {
	d := newTaskDesk(t)
	id, err := d.CreateList(d.ctx, d.account, "Neu", "#112233")
	d.must(err)
	d.must(d.EditList(d.ctx, id, "Anders", "#112233"))
	d.must(d.EditList(d.ctx, id, "Anders", "#112233"))
	lists, err := d.Lists(d.ctx)
	d.must(err)
	if len(lists) != 4 || len(d.ops()) != 2 || d.ops()[1].DependsOn != d.ops()[0].ID {
		t.Errorf("lists %+v, operations %+v", lists, d.ops())
	}
	for _, place := range []int{0, 0, 99} { // its account has two lists
		d.must(d.PlaceList(d.ctx, id, place))
		if lists, err = d.Lists(d.ctx); err != nil || (lists[0].ID == id) != (place == 0) {
			t.Errorf("place %d: %+v, %v", place, lists, err)
		}
	}
	d.must(d.DeleteList(d.ctx, id))
	if lists, err = d.Lists(d.ctx); err != nil || len(lists) != 3 {
		t.Errorf("lists %+v, %v", lists, err)
	}
}

// Interop cases 50 and 51: what may not be written is not changed here either.
func TestReadOnlyTasks(t *testing.T) {
	d := newTaskDesk(t)
	id := d.add("lesbar", tasks.Edit{})
	d.settle()
	d.must(d.db.Write(d.ctx, func(tx *storage.Tx) error {
		for _, list := range []int64{d.list, d.second, d.foreign} {
			l, err := tx.TaskList(d.ctx, list)
			if err != nil {
				return err
			}
			l.ReadOnly = true
			if err := tx.StoreTaskList(d.ctx, l, 0); err != nil {
				return err
			}
		}
		return nil
	}))
	title := "x"
	for what, err := range map[string]error{
		"edit": d.Edit(d.ctx, id, tasks.Edit{Title: &title}), "done": d.Done(d.ctx, []int64{id}), "remove": d.Remove(d.ctx, []int64{id}),
		"move": d.Move(d.ctx, []int64{id}, d.second), "rename": d.EditList(d.ctx, d.list, "x", ""), "delete": d.DeleteList(d.ctx, d.list),
	} {
		if !errors.Is(err, tasks.ErrReadOnly) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := d.Quick(d.ctx, 0, "x"); !errors.Is(err, ErrNoTaskList) {
		t.Errorf("add anywhere: %v", err)
	}
	if title, _ := Explain(ErrNoTaskList); strings.Contains(title, "tasks.error") {
		t.Errorf("unexplained: %s", title)
	}
}

func TestTaskConflicts(t *testing.T) {
	for name, c := range map[string]struct {
		reason tasks.Reason
		choice Choice
		titles string
		ops    int
	}{
		"fields, mine":           {tasks.ReasonFields, Mine, "Meins", 0},
		"fields, theirs":         {tasks.ReasonFields, Theirs, "Ihres", 1},
		"fields, both":           {tasks.ReasonFields, Both, "Ihres Meins", 1},
		"deleted there, mine":    {tasks.ReasonDeletedThere, Mine, "Meins", 0},
		"deleted there, theirs":  {tasks.ReasonDeletedThere, Theirs, "", 1},
		"deleted here, mine":     {tasks.ReasonDeletedHere, Mine, "", 1},
		"deleted here, theirs":   {tasks.ReasonDeletedHere, Theirs, "Meins", 0},
		"no way through, mine":   {tasks.ReasonMoving, Mine, "Meins, geändert", 1},
		"no way through, theirs": {tasks.ReasonMoving, Theirs, "Meins", 0},
		"no way through, both":   {tasks.ReasonMoving, Both, "Meins Meins, geändert", 1},
	} {
		t.Run(name, func(t *testing.T) {
			d := newTaskDesk(t)
			id := d.add("Meins", tasks.Edit{})
			d.settle()
			theirs := []string{"BEGIN:VCALENDAR", "BEGIN:VTODO", "UID:" + d.task(id).UID, "SUMMARY:Ihres", "PRIORITY:9", "END:VTODO", "END:VCALENDAR", ""}
			detail := tasks.Conflict{Reason: c.reason, Fields: []tasks.Field{tasks.FieldTitle}, Theirs: strings.Join(theirs, "\r\n")}
			if c.reason == tasks.ReasonMoving {
				title := "Meins, geändert"
				d.must(d.Edit(d.ctx, id, tasks.Edit{Title: &title}))
				raw, err := d.Raw(d.ctx, id)
				d.must(err)
				detail.Mine = string(raw)
				op := d.ops()[0]
				op.State = journal.Failed
				d.must(d.db.Write(d.ctx, func(tx *storage.Tx) error { return tx.SaveOp(d.ctx, op) }))
			}
			row := d.conflict(id, detail)
			if marks, err := d.Marks(d.ctx, []int64{id}); err != nil || marks[id] != journal.MarkConflict {
				t.Errorf("marks %v, %v", marks, err)
			}
			d.must(d.ResolveConflict(d.ctx, row, string(c.choice)))
			if got := d.titles(tasks.Query{}); got != c.titles || len(d.ops()) != c.ops {
				t.Errorf("%q, %d operations", got, len(d.ops()))
			}
			if left, err := d.db.Conflicts(d.ctx); err != nil || len(left) != 0 {
				t.Errorf("left %v, %v", left, err)
			}
		})
	}
}

func (d *taskDesk) conflict(ref int64, detail tasks.Conflict) storage.ConflictRow {
	d.t.Helper()
	raw, err := json.Marshal(detail)
	d.must(err)
	var id int64
	d.must(d.db.Write(d.ctx, func(tx *storage.Tx) error {
		id, err = tx.AddConflict(d.ctx, storage.ConflictRow{AccountID: d.account, Kind: "task", RefID: ref, Title: "Meins", Detail: raw})
		return err
	}))
	row, err := d.db.Conflict(d.ctx, id)
	d.must(err)
	return row
}

func TestEmptiedListIsDecided(t *testing.T) {
	d := newTaskDesk(t)
	for choice, want := range map[Choice]string{Theirs: caltasks.Decision(true), Mine: caltasks.Decision(false), Both: caltasks.Decision(false)} {
		d.must(d.ResolveConflict(d.ctx, d.conflict(-d.list, tasks.Conflict{Reason: tasks.ReasonEmptied, Count: 30}), string(choice)))
		if got, err := d.db.Setting(d.ctx, caltasks.AllowKey(d.list), ""); err != nil || got != want {
			t.Errorf("%s: %q, %v", choice, got, err)
		}
	}
}
