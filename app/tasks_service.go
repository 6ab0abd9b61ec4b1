// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kontor/app/journal"
	"kontor/app/tasks"
	"kontor/storage"
	"kontor/sync/caltasks"
)

// ErrNoTaskList is returned where a task is to be added and there is no list that takes one.
var ErrNoTaskList = errors.New("there is no task list to write to")

// ErrSeveralLists is returned for a name that several task lists have.
var ErrSeveralLists = errors.New("several task lists have this name")

// Tasks is what a person can do with tasks and their lists. Everything takes effect at once; the engine carries it out.
type Tasks struct {
	db   *storage.DB
	wake func(accountID int64)
}

// NewTasks makes the task service. wake is called with the account of every change that waits for the server.
func NewTasks(db *storage.DB, wake func(accountID int64)) *Tasks { return &Tasks{db: db, wake: wake} }

func init() {
	explain(ErrNoTaskList, "tasks.error.no-list")
	explain(ErrSeveralLists, "tasks.error.ambiguous")
	explain(tasks.ErrReadOnly, "tasks.error.read-only")
	explain(tasks.ErrTagComma, "tasks.error.tag-comma")
	explain(tasks.ErrRule, "tasks.error.rule")
	explain(tasks.ErrNoDate, "tasks.error.no-date")
	explain(tasks.ErrDate, "tasks.error.date")
	explain(tasks.ErrBackward, "tasks.error.backwards")
	explain(tasks.ErrNoTitle, "tasks.error.no-title")
	explain(tasks.ErrNoTask, "tasks.error.broken")
	explain(caltasks.ErrRefused, "tasks.error.refused")
	explain(caltasks.ErrListGone, "tasks.error.list-gone")
	explain(caltasks.ErrMoving, "tasks.error.moving")
	explain(caltasks.ErrNoHome, "tasks.error.no-home")
	explain(caltasks.ErrNoTasks, "tasks.error.no-tasks")
}

// Lists lists the task lists of all accounts with their counts.
func (s *Tasks) Lists(ctx context.Context) ([]tasks.List, error) { return s.db.TaskLists(ctx) }

// List reads the tasks that q asks for.
func (s *Tasks) List(ctx context.Context, q tasks.Query) ([]tasks.Task, error) {
	return s.db.Tasks(ctx, q, time.Now())
}

// Lines lays out the tasks that q asks for, open ones of one list in their tree, without reading their rows: a list of any
// length stands at once, and Rows reads what is in sight.
func (s *Tasks) Lines(ctx context.Context, q tasks.Query) ([]tasks.Line, error) {
	return s.db.TaskLines(ctx, q, time.Now())
}

// Rows reads tasks as List does, in the order of ids; those that are gone are left out.
func (s *Tasks) Rows(ctx context.Context, ids []int64) ([]tasks.Task, error) {
	return s.db.TasksByID(ctx, ids)
}

// Count counts the tasks that q asks for, whatever its limit.
func (s *Tasks) Count(ctx context.Context, q tasks.Query) (int, error) {
	return s.db.CountTasks(ctx, q, time.Now())
}

// Task reads one task with its reminders and attachments.
func (s *Tasks) Task(ctx context.Context, id int64) (tasks.Task, error) {
	t, err := s.db.Task(ctx, id)
	if err != nil {
		return t, err
	}
	row, err := s.db.TaskRow(ctx, id)
	if err != nil {
		return t, err
	}
	if row.Deleted { // it only waits for the server to be told
		return tasks.Task{}, fmt.Errorf("read task: %w", storage.ErrNotFound)
	}
	if full, err := tasks.Parse(row.Text, time.Local); err == nil {
		t.Alarms, t.Snoozed, t.Ring, t.FromDone, t.RepeatsHere = full.Alarms, full.Snoozed, full.Ring, full.FromDone, full.RepeatsHere
	}
	if all, err := tasks.Attachments(row.Text); err == nil {
		t.Attachments = all
	}
	return t, nil
}

// Raw is the object of a task as it is kept here, local changes included.
func (s *Tasks) Raw(ctx context.Context, id int64) ([]byte, error) {
	row, err := s.db.TaskRow(ctx, id)
	return []byte(row.Text), err
}

// Children lists the subtasks of a task, closed ones too.
func (s *Tasks) Children(ctx context.Context, id int64) ([]tasks.Task, error) {
	t, err := s.db.Task(ctx, id)
	if err != nil || t.UID == "" {
		return nil, err
	}
	return s.db.Tasks(ctx, tasks.Query{ListID: t.ListID, Parent: t.UID, Closed: true}, time.Now())
}

// Marks gives the state of each task that is not simply on the server.
func (s *Tasks) Marks(ctx context.Context, ids []int64) (map[int64]journal.Mark, error) {
	marks, err := s.db.ItemMarks(ctx, "tasks", ids)
	if err != nil {
		return nil, err
	}
	conflicts, err := s.db.Conflicts(ctx)
	for _, c := range conflicts {
		if c.Kind == "task" && slices.Contains(ids, c.RefID) {
			marks[c.RefID] = journal.MarkConflict
		}
	}
	return marks, err
}

// Add adds a task and returns its ID. For list 0 it goes to the first list that takes one.
func (s *Tasks) Add(ctx context.Context, listID int64, e tasks.Edit) (int64, error) {
	now := time.Now()
	if e.Turns(tasks.Task{}, now.Location()) {
		return 0, fmt.Errorf("add task: %w", tasks.ErrBackward)
	}
	uid := newUID()
	text, err := tasks.NewText(uid, e, now)
	if err != nil {
		return 0, fmt.Errorf("add task: %w", err)
	}
	var id int64
	err = s.change(ctx, "add task", func(tx *storage.Tx) (account int64, err error) {
		l, err := writableList(ctx, tx, listID)
		if err != nil {
			return 0, err
		}
		id, _, err = tx.AddTask(ctx, l.ID, uid+".ics", text, tasks.Title(text), 0)
		return l.AccountID, err
	})
	return id, err
}

// Quick adds a task from one line as people write it, see tasks.Quick. A list that the line names ("@Bauamt") goes before
// listID.
func (s *Tasks) Quick(ctx context.Context, listID int64, text string) (int64, error) {
	if strings.TrimSpace(text) == "" {
		return 0, fmt.Errorf("add task: %w", tasks.ErrNoTitle)
	}
	lists, err := s.Lists(ctx)
	if err != nil {
		return 0, err
	}
	byName := map[string]int64{}
	var names []string
	for _, l := range lists {
		if _, taken := byName[l.Name]; !taken && !l.ReadOnly {
			byName[l.Name] = l.ID
			names = append(names, l.Name)
		}
	}
	rest, name := tasks.CutList(text, names)
	if name != "" {
		listID, text = byName[name], rest
	}
	return s.Add(ctx, listID, tasks.Quick(text, time.Now()))
}

// newUID is the name of a new object: a random UUID (RFC 9562, section 5.4), as RFC 7986, section 5.3, advises.
func newUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand, since Go 1.24)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// taskLists is what is asked about lists, of the store or inside of a transaction.
type taskLists interface {
	TaskLists(ctx context.Context) ([]tasks.List, error)
	TaskList(ctx context.Context, id int64) (storage.TaskList, error)
}

func writableList(ctx context.Context, tx taskLists, id int64) (storage.TaskList, error) {
	if id == 0 {
		lists, err := tx.TaskLists(ctx)
		if err != nil {
			return storage.TaskList{}, err
		}
		for _, l := range lists {
			if !l.ReadOnly {
				return tx.TaskList(ctx, l.ID)
			}
		}
		return storage.TaskList{}, ErrNoTaskList
	}
	l, err := tx.TaskList(ctx, id)
	if err == nil && l.ReadOnly {
		err = tasks.ErrReadOnly
	}
	return l, err
}

// change runs fn in one durable transaction and wakes the engine for the account that fn names.
func (s *Tasks) change(ctx context.Context, what string, fn func(*storage.Tx) (account int64, err error)) error {
	var account int64
	err := s.db.WriteDurable(ctx, func(tx *storage.Tx) (err error) {
		account, err = fn(tx)
		return err
	})
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if account != 0 {
		s.wake(account)
	}
	return nil
}

// action is one action of a person on some tasks: all its operations are of one group.
type action struct {
	*storage.Tx
	ctx     context.Context
	account int64
	group   int64
}

func (a *action) note(op journal.Op, err error) error {
	if err != nil {
		return err
	}
	a.account = op.AccountID
	if a.group == 0 {
		a.group = op.Group
	}
	return nil
}

// act runs one action.
func (s *Tasks) act(ctx context.Context, what string, fn func(*action) error) error {
	return s.change(ctx, what, func(tx *storage.Tx) (int64, error) {
		a := action{Tx: tx, ctx: ctx}
		err := fn(&a)
		return a.account, err
	})
}

// editable reads a task that a person may change.
func (a *action) editable(id int64) (tasks.Task, storage.TaskRow, error) {
	view, err := a.Task(a.ctx, id)
	if err != nil {
		return view, storage.TaskRow{}, err
	}
	if view.ReadOnly {
		return view, storage.TaskRow{}, tasks.ErrReadOnly
	}
	row, err := a.TaskRow(a.ctx, id)
	return view, row, err
}

// rewrite gives a task another text, unless it stays the same.
func (a *action) rewrite(id int64, fn func(text string) (string, error)) error {
	view, row, err := a.editable(id)
	if err != nil {
		return err
	}
	text, err := fn(row.Text)
	if err != nil || text == row.Text {
		return err
	}
	return a.note(a.EditTask(a.ctx, id, text, view.Title, a.group))
}

// rewriteAll is rewrite for several tasks as one action.
func (s *Tasks) rewriteAll(ctx context.Context, what string, ids []int64, fn func(text string) (string, error)) error {
	return s.act(ctx, what, func(a *action) error {
		for _, id := range ids {
			if err := a.rewrite(id, fn); err != nil {
				return err
			}
		}
		return nil
	})
}

// Edit changes the fields that e names. A parent that lies below the task gives ErrUnderItself.
func (s *Tasks) Edit(ctx context.Context, id int64, e tasks.Edit) error {
	return s.EditAll(ctx, []int64{id}, e)
}

// Done completes tasks; of a series, the instance that is shown.
func (s *Tasks) Done(ctx context.Context, ids []int64) error {
	now := time.Now()
	return s.rewriteAll(ctx, "complete task", ids, func(text string) (string, error) { return tasks.Complete(text, now) })
}

// Cancel calls tasks off: they are closed without being done. Of a series it is the instance that is shown, or the whole.
func (s *Tasks) Cancel(ctx context.Context, ids []int64, whole bool) error {
	now := time.Now()
	return s.rewriteAll(ctx, "cancel task", ids, func(text string) (string, error) { return tasks.Cancel(text, whole, now) })
}

// Reopen opens tasks again.
func (s *Tasks) Reopen(ctx context.Context, ids []int64) error {
	now := time.Now()
	return s.rewriteAll(ctx, "reopen task", ids, func(text string) (string, error) { return tasks.Reopen(text, now) })
}
