// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kontor/app/journal"
	"kontor/app/tasks"
)

// edited is a pending change of the model: one field that one operation sets.
type edited struct {
	op    journal.Op
	field string
	value string
}

// taskModel is what must be shown of one task: what the server said last, with what waits laid over it.
type taskModel struct {
	remote  map[string]string
	pending []edited
}

func (m taskModel) shown() map[string]string {
	shown := map[string]string{}
	for k, v := range m.remote {
		shown[k] = v
	}
	for _, e := range m.pending {
		shown[e.field] = e.value
	}
	return shown
}

func (m taskModel) lines() []string {
	return []string{"SUMMARY:" + m.remote["title"], "DESCRIPTION:" + m.remote["note"], "URL:" + m.remote["url"]}
}

func editOf(field, value string) tasks.Edit {
	switch field {
	case "title":
		return tasks.Edit{Title: &value}
	case "note":
		return tasks.Edit{Note: &value}
	}
	return tasks.Edit{URL: &value}
}

// Whatever order changes, news from the server, confirmations and cancellations come in, what is shown follows the model.
func TestTaskRowsFollowTheModel(t *testing.T) {
	s := newTaskStore(t)
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		name := fmt.Sprint("t", n)
		m := taskModel{remote: map[string]string{"title": "a", "note": "b", "url": "c"}}
		id := s.remote(name, m.lines()...)
		for i := range rapid.IntRange(1, 12).Draw(rt, "steps") {
			field := rapid.SampledFrom([]string{"title", "note", "url"}).Draw(rt, "field")
			value := fmt.Sprintf("%s%02d", field, i) // none begins like another: who adds to a note loses nothing of it
			switch rapid.IntRange(0, 4).Draw(rt, "step") {
			case 0, 1: // a person changes it
				m.pending = append(m.pending, edited{s.edit(id, editOf(field, value)), field, value})
			case 2: // the server has news
				m.remote[field] = value
				s.remote(name, m.lines()...)
			case 3: // the oldest change is confirmed
				if len(m.pending) == 0 {
					continue
				}
				first := m.pending[0]
				m.remote[first.field], m.pending = first.value, m.pending[1:]
				s.done(first.op, func(tx *Tx) error {
					return tx.TaskSent(s.ctx, id, first.op.ID, `"2"`, taskText(name, m.lines()...), false)
				})
			case 4: // one is taken back
				if len(m.pending) == 0 {
					continue
				}
				at := rapid.IntRange(0, len(m.pending)-1).Draw(rt, "which")
				s.cancel(m.pending[at].op)
				m.pending = slices.Delete(m.pending, at, at+1)
			}
			got, want := s.task(id), m.shown()
			if got.Title != want["title"] || got.Note != want["note"] || got.URL != want["url"] {
				rt.Fatalf("shown %q %q %q, want %v", got.Title, got.Note, got.URL, want)
			}
		}
		for _, e := range m.pending {
			s.cancel(e.op)
		}
		row, err := s.TaskRow(s.ctx, id)
		s.must(err)
		if row.Text != row.Base || row.Text != taskText(name, m.lines()...) {
			rt.Fatalf("nothing waits, but it is shown as\n%s", row.Text)
		}
	})
}

// A list and its tasks, made and taken back in any order, leave nothing behind.
func TestTaskListsLeaveNothing(t *testing.T) {
	s := newTaskStore(t)
	rapid.Check(t, func(rt *rapid.T) {
		var ops []journal.Op
		note := func(op journal.Op, err error) error {
			ops = append(ops, op)
			return err
		}
		var list int64
		s.write(func(tx *Tx) error {
			id, op, err := tx.CreateTaskList(s.ctx, s.acct, "slug", "Neu", "")
			list = id
			return note(op, err)
		})
		for i := range rapid.IntRange(0, 4).Draw(rt, "tasks") {
			s.write(func(tx *Tx) error {
				id, op, err := tx.AddTask(s.ctx, list, fmt.Sprint(i), taskText(fmt.Sprint(i), "SUMMARY:x"), "x", 0)
				if err := note(op, err); err != nil {
					return err
				}
				if rapid.Bool().Draw(rt, "deleted") {
					return note(tx.DeleteTask(s.ctx, id, "x", 0))
				}
				return note(tx.MoveTask(s.ctx, id, s.list, "x", 0))
			})
		}
		for _, op := range rapid.Permutation(ops).Draw(rt, "order") {
			current, err := s.Op(s.ctx, op.ID)
			s.must(err)
			if !current.State.Final() { // another one may have taken it along
				s.cancel(current)
			}
		}
		all, err := s.Tasks(s.ctx, tasks.Query{Closed: true}, time.Now())
		s.must(err)
		lists, err := s.SyncTaskLists(s.ctx, s.acct)
		s.must(err)
		if len(all) > 0 || len(lists) != 1 {
			rt.Fatalf("left: %v, %v", all, lists)
		}
		s.must(s.Check(s.ctx))
	})
}
