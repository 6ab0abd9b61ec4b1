// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"kontor/app/journal"
	"kontor/app/tasks"
)

// taskStore is a store with an account and a list on the server.
type taskStore struct {
	*DB
	t    testing.TB
	ctx  context.Context
	acct int64
	list int64
}

func newTaskStore(t testing.TB) *taskStore {
	t.Helper()
	s := &taskStore{DB: openTemp(t), t: t, ctx: context.Background()}
	s.write(func(tx *Tx) (err error) {
		if s.acct, err = tx.AddAccount(s.ctx, Account{Name: "a"}); err != nil {
			return err
		}
		s.list, err = tx.AddTaskList(s.ctx, TaskList{List: tasks.List{AccountID: s.acct, Name: "Amt"}, Href: "/l/", OnServer: true, RemoteName: "Amt"})
		return err
	})
	return s
}

func (s *taskStore) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *taskStore) write(fn func(*Tx) error) {
	s.t.Helper()
	s.must(s.DB.Write(s.ctx, fn))
}

func strPtr(s string) *string { return &s }

func taskText(uid string, lines ...string) string {
	return "BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nUID:" + uid + "\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
}

// remote stores what a server holds and gives its ID.
func (s *taskStore) remote(name string, lines ...string) int64 {
	s.t.Helper()
	s.write(func(tx *Tx) error {
		_, _, err := tx.StoreTask(s.ctx, s.list, name, `"1"`, taskText(name, lines...))
		return err
	})
	row, err := s.TaskByName(s.ctx, s.list, name)
	s.must(err)
	return row.ID
}

func (s *taskStore) edit(id int64, e tasks.Edit) journal.Op {
	s.t.Helper()
	var op journal.Op
	s.write(func(tx *Tx) error {
		row, err := tx.TaskRow(s.ctx, id)
		if err != nil {
			return err
		}
		text, err := tasks.Apply(row.Text, e, time.Now())
		if err != nil {
			return err
		}
		op, err = tx.EditTask(s.ctx, id, text, "t", 0)
		return err
	})
	return op
}

func (s *taskStore) cancel(op journal.Op) {
	s.t.Helper()
	s.write(func(tx *Tx) error {
		current, err := tx.Op(s.ctx, op.ID)
		if err != nil {
			return err
		}
		dropped, err := journal.Cancel(current, time.Now())
		if err != nil {
			return err
		}
		return tx.Drop(s.ctx, dropped)
	})
}

// done stores an operation as carried out, with what the server holds then.
func (s *taskStore) done(op journal.Op, apply func(*Tx) error) {
	s.t.Helper()
	s.write(func(tx *Tx) error {
		op.State = journal.Done
		if err := tx.SaveOp(s.ctx, op); err != nil {
			return err
		}
		return apply(tx)
	})
}

func (s *taskStore) titles(q tasks.Query) string {
	s.t.Helper()
	all, err := s.Tasks(s.ctx, q, time.Date(2026, 11, 23, 12, 0, 0, 0, time.Local))
	s.must(err)
	n, err := s.CountTasks(s.ctx, q, time.Date(2026, 11, 23, 12, 0, 0, 0, time.Local))
	s.must(err)
	var titles []string
	for _, t := range all {
		titles = append(titles, t.Title)
	}
	if q.Limit == 0 && n != len(all) {
		s.t.Errorf("%d counted, %d listed", n, len(all))
	}
	return strings.Join(titles, " ")
}

func (s *taskStore) task(id int64) tasks.Task {
	s.t.Helper()
	t, err := s.Task(s.ctx, id)
	s.must(err)
	return t
}

func TestTaskQueries(t *testing.T) {
	s := newTaskStore(t)
	s.remote("a", "SUMMARY:heute", "DUE;VALUE=DATE:20261123", "X-APPLE-SORT-ORDER:3")
	s.remote("b", "SUMMARY:früher", "DUE:20261123T080000", "X-APPLE-SORT-ORDER:2", "PRIORITY:1")
	s.remote("c", "SUMMARY:gestern", "DUE;VALUE=DATE:20261122", "X-APPLE-SORT-ORDER:5")
	s.remote("d", "SUMMARY:bald", "DUE;VALUE=DATE:20261124", "X-APPLE-SORT-ORDER:1", "CATEGORIES:x,y")
	s.remote("e", "SUMMARY:offen", "RELATED-TO:a", "X-APPLE-SORT-ORDER:4", "DESCRIPTION:Notiz")
	s.remote("f", "SUMMARY:fertig", "STATUS:COMPLETED", "COMPLETED:"+time.Date(2026, 11, 23, 9, 0, 0, 0, time.Local).UTC().Format("20060102T150405Z"), "RELATED-TO:a")
	s.remote("g", "SUMMARY:alt", "STATUS:COMPLETED", "COMPLETED:20250101T000000Z")
	s.remote("i", "SUMMARY:entfällt", "STATUS:CANCELLED", "LAST-MODIFIED:"+time.Date(2026, 11, 23, 9, 0, 0, 0, time.Local).UTC().Format("20060102T150405Z"))
	s.remote("h", "SUMMARY:fern", "DUE;VALUE=DATE:20270601")
	s.write(func(tx *Tx) error { // interop case 3, and an appointment
		if _, _, err := tx.StoreTask(s.ctx, s.list, "a2", "1", taskText("a", "SUMMARY:heute", "RECURRENCE-ID:20261101", "STATUS:COMPLETED")); err != nil {
			return err
		}
		_, _, err := tx.StoreTask(s.ctx, s.list, "v", "1", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
		return err
	})
	for name, c := range map[string]struct {
		q    tasks.Query
		want string
	}{
		"list":            {tasks.Query{ListID: s.list}, "fern bald früher heute offen gestern"},
		"closed too":      {tasks.Query{ListID: s.list, Closed: true}, "fern bald früher heute offen gestern fertig entfällt alt"},
		"window":          {tasks.Query{ListID: s.list, Closed: true, Offset: 5, Limit: 2}, "gestern fertig"},
		"all, by date":    {tasks.Query{}, "gestern heute früher bald fern offen"},
		"today":           {tasks.Query{Smart: tasks.SmartToday}, "gestern heute früher"},
		"today, closed":   {tasks.Query{Smart: tasks.SmartToday, Closed: true}, "gestern heute früher fertig entfällt"},
		"overdue":         {tasks.Query{Smart: tasks.SmartOverdue}, "gestern früher"},
		"upcoming":        {tasks.Query{Smart: tasks.SmartUpcoming}, "bald"},
		"important":       {tasks.Query{Smart: tasks.SmartImportant}, "früher"},
		"no date":         {tasks.Query{Smart: tasks.SmartNoDate, ListID: s.list}, "offen"},
		"text":            {tasks.Query{Text: "noti"}, "offen"},
		"tag":             {tasks.Query{ListID: s.list, Text: "y"}, "bald"},
		"subtasks":        {tasks.Query{ListID: s.list, Parent: "a", Closed: true}, "offen fertig"},
		"of another list": {tasks.Query{ListID: s.list + 1}, ""},
	} {
		if got := s.titles(c.q); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
	id, err := s.TaskByUID(s.ctx, s.list, "a")
	s.must(err)
	got := s.task(id)
	if got.Children != 2 || got.ChildDone != 1 || !got.Due.AllDay || got.Due.Time.Day() != 23 || got.ListID != s.list {
		t.Errorf("%+v", got)
	}
	lists, err := s.TaskLists(s.ctx)
	s.must(err)
	if len(lists) != 1 || lists[0].Open != 6 || lists[0].Total != 10 {
		t.Errorf("lists %+v", lists)
	}
	if n, open, err := s.TaskListsSummary(s.ctx); err != nil || n != 1 || open != 6 {
		t.Errorf("summary %d %d %v", n, open, err)
	}
	if _, err := s.Task(s.ctx, 999); !errors.Is(err, ErrNotFound) {
		t.Errorf("no task: %v", err)
	}
}

// What is shown is what the server said with everything that waits laid over it, whatever comes and goes in between.
func TestTaskOperationsAreLaidOver(t *testing.T) {
	s := newTaskStore(t)
	id := s.remote("a", "SUMMARY:Alt", "PRIORITY:5")
	first := s.edit(id, tasks.Edit{Title: strPtr("Neu")})
	second := s.edit(id, tasks.Edit{Note: strPtr("Notiz")})
	s.remote("a", "SUMMARY:Alt", "PRIORITY:1") // changed there meanwhile
	if got := s.task(id); got.Title != "Neu" || got.Note != "Notiz" || got.Priority != 1 {
		t.Errorf("laid over: %+v", got)
	}
	s.cancel(first)
	if got := s.task(id); got.Title != "Alt" || got.Note != "Notiz" || got.Priority != 1 {
		t.Errorf("first taken back: %+v", got)
	}
	s.done(second, func(tx *Tx) error {
		row, err := tx.TaskRow(s.ctx, id)
		if err != nil {
			return err
		}
		return tx.TaskSent(s.ctx, id, second.ID, `"2"`, row.Text, true)
	})
	row, err := s.TaskRow(s.ctx, id)
	s.must(err)
	if row.Text != row.Base || row.ETag != `"2"` || !row.Verify {
		t.Errorf("sent: %+v", row)
	}
	states, err := s.TaskStates(s.ctx, s.list)
	s.must(err)
	if st := states["a"]; st.ID != id || !st.Verify || st.ETag != `"2"` {
		t.Errorf("states: %+v", states)
	}
}

func TestTaskIsAddedAndTakenBack(t *testing.T) {
	s := newTaskStore(t)
	var id int64
	var op journal.Op
	add := func() {
		s.write(func(tx *Tx) (err error) {
			id, op, err = tx.AddTask(s.ctx, s.list, "neu.ics", taskText("neu", "SUMMARY:Neu"), "Neu", 0)
			return err
		})
	}
	add()
	if s.titles(tasks.Query{}) != "Neu" {
		t.Error("it is not shown")
	}
	s.cancel(op)
	if s.titles(tasks.Query{}) != "" {
		t.Error("it is still shown")
	}
	add()
	s.done(op, func(tx *Tx) error { return tx.TaskSent(s.ctx, id, op.ID, `"1"`, taskText("neu", "SUMMARY:Neu"), false) })
	var deletion journal.Op
	s.write(func(tx *Tx) (err error) {
		deletion, err = tx.DeleteTask(s.ctx, id, "Neu", 0)
		return err
	})
	if s.titles(tasks.Query{}) != "" {
		t.Error("deleted, but shown")
	}
	s.done(deletion, func(tx *Tx) error { return tx.TaskGone(s.ctx, id, deletion.ID) })
	if _, err := s.TaskRow(s.ctx, id); !errors.Is(err, ErrNotFound) {
		t.Errorf("the row is there: %v", err)
	}
	// Undo of what the server has done: the task comes back as the row it was.
	var back journal.Inverse
	s.must(json.Unmarshal(deletion.Inverse, &back))
	s.write(func(tx *Tx) error {
		added, err := tx.AddOp(s.ctx, journal.Op{AccountID: s.acct, Kind: back.Kind, Payload: back.Payload, Targets: deletion.Targets})
		if err != nil {
			return err
		}
		return tx.Recompute(s.ctx, added)
	})
	if got := s.task(id); got.Title != "Neu" {
		t.Errorf("restored: %+v", got)
	}
}

// What waits keeps a task alive that is gone from the server.
func TestGoneTaskWithPendingEdit(t *testing.T) {
	s := newTaskStore(t)
	id, other := s.remote("a", "SUMMARY:Alt"), s.remote("b", "SUMMARY:Weg")
	op := s.edit(id, tasks.Edit{Title: strPtr("Neu")})
	s.write(func(tx *Tx) error {
		if err := tx.TaskGone(s.ctx, other, 0); err != nil {
			return err
		}
		return tx.TaskGone(s.ctx, id, 0)
	})
	if got := s.titles(tasks.Query{}); got != "Neu" {
		t.Errorf("titles %q", got)
	}
	row, err := s.TaskRow(s.ctx, id)
	s.must(err)
	if row.OnServer || row.Base == "" {
		t.Errorf("%+v", row)
	}
	s.cancel(op)
	if got := s.titles(tasks.Query{}); got != "" {
		t.Errorf("titles %q", got)
	}
}

func TestTaskMoves(t *testing.T) {
	s := newTaskStore(t)
	id := s.remote("a", "SUMMARY:A")
	var other int64
	var creation, move journal.Op
	s.write(func(tx *Tx) (err error) {
		if other, creation, err = tx.CreateTaskList(s.ctx, s.acct, "slug", "Neu", "#112233"); err != nil {
			return err
		}
		move, err = tx.MoveTask(s.ctx, id, other, "A", 0)
		return err
	})
	if got := s.task(id); got.ListID != other || move.DependsOn != creation.ID {
		t.Errorf("moved: %+v, %+v", got, move)
	}
	s.cancel(creation) // what depends on it goes with it
	if got := s.task(id); got.ListID != s.list {
		t.Errorf("moved back: %+v", got)
	}
	if lists, err := s.SyncTaskLists(s.ctx, s.acct); err != nil || len(lists) != 1 {
		t.Errorf("lists %+v, %v", lists, err)
	}
	if _, err := s.TaskList(s.ctx, other); !errors.Is(err, ErrNotFound) {
		t.Errorf("the list is there: %v", err)
	}
}

func TestTaskListEdits(t *testing.T) {
	s := newTaskStore(t)
	id := s.remote("a", "SUMMARY:A")
	var rename, deletion journal.Op
	s.write(func(tx *Tx) (err error) {
		rename, err = tx.ChangeTaskList(s.ctx, s.list, "Bau", "#112233")
		return err
	})
	l, err := s.TaskList(s.ctx, s.list)
	s.must(err)
	l.RemoteColor = "#445566" // changed there meanwhile
	s.write(func(tx *Tx) error { return tx.StoreTaskList(s.ctx, l, 0) })
	if l, err = s.TaskList(s.ctx, s.list); err != nil || l.Name != "Bau" || l.Color != "#112233" || l.RemoteName != "Amt" {
		t.Errorf("%+v %v", l, err)
	}
	s.cancel(rename)
	if l, err = s.TaskList(s.ctx, s.list); err != nil || l.Name != "Amt" || l.Color != "#445566" {
		t.Errorf("%+v %v", l, err)
	}
	var order journal.Op
	s.write(func(tx *Tx) (err error) {
		order, err = tx.OrderTaskList(s.ctx, s.list, 3, 0)
		return err
	})
	l.RemoteOrder = 8 // moved there meanwhile
	s.write(func(tx *Tx) error { return tx.StoreTaskList(s.ctx, l, 0) })
	if l, err = s.TaskList(s.ctx, s.list); err != nil || l.Order != 3 || l.RemoteOrder != 8 || l.Name != "Amt" {
		t.Errorf("%+v %v", l, err)
	}
	s.cancel(order)
	if l, err = s.TaskList(s.ctx, s.list); err != nil || l.Order != 8 {
		t.Errorf("%+v %v", l, err)
	}
	s.write(func(tx *Tx) (err error) {
		if err = tx.SaveTaskCursor(s.ctx, s.list, "c", "t"); err != nil {
			return err
		}
		deletion, err = tx.DeleteTaskList(s.ctx, s.list)
		return err
	})
	if lists, err := s.TaskLists(s.ctx); err != nil || len(lists) != 0 || s.titles(tasks.Query{}) != "" {
		t.Errorf("%+v %v", lists, err)
	}
	s.cancel(deletion)
	if s.titles(tasks.Query{}) != "A" {
		t.Error("the list does not come back")
	}
	pending := s.edit(id, tasks.Edit{Title: strPtr("Wartet")})
	s.write(func(tx *Tx) error {
		_, err := tx.TaskListGone(s.ctx, s.list, 0)
		return err
	})
	if s.titles(tasks.Query{}) != "Wartet" {
		t.Error("what waits went with the list")
	}
	s.cancel(pending)
	var gone int
	s.write(func(tx *Tx) (err error) {
		gone, err = tx.TaskListGone(s.ctx, s.list, 0)
		return err
	})
	if lists, err := s.SyncTaskLists(s.ctx, s.acct); err != nil || len(lists) != 0 || gone != 0 {
		t.Errorf("%+v %d %v", lists, gone, err)
	}
}

// A window of a long list is read without reading the list.
func TestManyTasks(t *testing.T) {
	s := newTaskStore(t)
	s.write(func(tx *Tx) error {
		for i := range 5000 {
			name := fmt.Sprint("t", i)
			if _, _, err := tx.StoreTask(s.ctx, s.list, name, "1", taskText(name, "SUMMARY:"+name, "X-APPLE-SORT-ORDER:"+fmt.Sprint(i))); err != nil {
				return err
			}
		}
		return nil
	})
	if got := s.titles(tasks.Query{ListID: s.list, Limit: 2, Offset: 4000}); got != "t4000 t4001" {
		t.Errorf("window %s", got)
	}
	where, order, args, err := taskQuery(tasks.Query{ListID: s.list}, time.Now())
	s.must(err)
	var plan strings.Builder
	err = s.each(s.ctx, `EXPLAIN QUERY PLAN SELECT t.id, `+shownParent+where+order, args, func(scan func(...any) error) error {
		var id, parent, unused int
		var detail string
		err := scan(&id, &parent, &unused, &detail)
		plan.WriteString(detail + "\n")
		return err
	})
	s.must(err)
	if !strings.Contains(plan.String(), "tasks_list") || strings.Contains(plan.String(), "TEMP B-TREE") {
		t.Errorf("plan:\n%s", plan.String())
	}
}
