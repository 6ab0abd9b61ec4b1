// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"kontor/app/journal"
	"kontor/app/tasks"
)

// TaskRow is a task as synchronisation sees it.
type TaskRow struct {
	ID         int64
	ListID     int64 // where it is shown
	RemoteList int64 // where it lies on the server
	Name       string
	UID        string
	ETag       string
	OnServer   bool
	Verify     bool
	Deleted    bool
	Base       string // the server's text
	Text       string // the text that is shown, which is that of Base where nothing was changed here
}

const taskRowColumns = `id, list_id, remote_list, name, uid, etag, on_server, verify, deleted, base, text`

// TaskRow reads one task with its texts.
func (r reads) TaskRow(ctx context.Context, id int64) (TaskRow, error) {
	return r.taskRow(ctx, `id = ?`, id)
}

// TaskByName reads the task that lies in a list on the server under a name.
func (r reads) TaskByName(ctx context.Context, listID int64, name string) (TaskRow, error) {
	return r.taskRow(ctx, `remote_list = ? AND name = ?`, listID, name)
}

func (r reads) taskRow(ctx context.Context, where string, args ...any) (TaskRow, error) {
	var t TaskRow
	err := r.scan(ctx, []any{&t.ID, &t.ListID, &t.RemoteList, &t.Name, &t.UID, &t.ETag, &t.OnServer, &t.Verify, &t.Deleted, &t.Base, &t.Text},
		`SELECT `+taskRowColumns+` FROM tasks WHERE `+where, args...)
	if err != nil {
		return t, fmt.Errorf("read task: %w", err)
	}
	if t.Text == "" {
		t.Text = t.Base
	}
	return t, nil
}

// TaskState is what is known of a task on the server.
type TaskState struct {
	ID     int64
	ETag   string
	Verify bool
}

// TaskStates lists what a list holds on the server as far as it is known, by name.
func (r reads) TaskStates(ctx context.Context, listID int64) (map[string]TaskState, error) {
	all := map[string]TaskState{}
	err := r.each(ctx, `SELECT id, name, etag, verify FROM tasks WHERE remote_list = ? AND on_server = 1`, []any{listID},
		func(scan func(...any) error) error {
			var t TaskState
			var name string
			err := scan(&t.ID, &name, &t.ETag, &t.Verify)
			all[name] = t
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read tasks: %w", err)
	}
	return all, nil
}

// StoreTask stores what the server holds under a name and lays what waits over it. added reports a task that was not
// known, changed one whose content is another than before.
func (tx *Tx) StoreTask(ctx context.Context, listID int64, name, etag, text string) (added, changed bool, err error) {
	row, err := tx.TaskByName(ctx, listID, name)
	switch {
	case errors.Is(err, ErrNotFound):
		return true, false, tx.addTaskRows(ctx, listID, []FetchedTask{FetchTask(name, etag, text)})
	case err != nil:
		return false, false, err
	}
	changed = !row.OnServer || !tasks.SameContent(row.Base, text)
	if row.OnServer && row.Base == text && row.Text == text && !row.Deleted {
		_, err = tx.exec(ctx, `UPDATE tasks SET etag = ?, verify = 0 WHERE id = ?`, etag, row.ID)
	} else if _, err = tx.exec(ctx, `UPDATE tasks SET etag = ?, base = ?, on_server = 1, verify = 0 WHERE id = ?`, etag, text, row.ID); err == nil {
		err = tx.recomputeTask(ctx, row.ID, journal.Op{})
	}
	if err != nil {
		return false, false, fmt.Errorf("store task: %w", err)
	}
	return false, changed, nil
}

// TaskSent stores what the server holds after the operation opID was carried out. verify marks a text that should be
// read again because the server may have changed it.
func (tx *Tx) TaskSent(ctx context.Context, id, opID int64, etag, text string, verify bool) error {
	_, err := tx.exec(ctx, `UPDATE tasks SET etag = ?, base = ?, on_server = 1, verify = ? WHERE id = ?`, etag, text, verify, id)
	if err != nil {
		return fmt.Errorf("store sent task: %w", err)
	}
	return tx.recomputeTask(ctx, id, journal.Op{ID: opID})
}

// TaskMoved stores that a task lies in another list on the server. If the row that it has there was read already, what
// waits for that one waits for this one now. opID is the operation that moved it, 0 for none.
func (tx *Tx) TaskMoved(ctx context.Context, id, opID, listID int64, name, etag string) error {
	_, err := tx.exec(ctx, `UPDATE journal_targets SET row_id = ?1
		WHERE tbl = 'tasks' AND row_id IN (SELECT id FROM tasks WHERE remote_list = ?2 AND name = ?3 AND id <> ?1)`, id, listID, name)
	if err == nil {
		_, err = tx.exec(ctx, `DELETE FROM tasks WHERE remote_list = ? AND name = ? AND id <> ?`, listID, name, id)
	}
	if err == nil {
		_, err = tx.exec(ctx, `UPDATE tasks SET remote_list = ?, name = ?, etag = ?, on_server = 1, verify = 1 WHERE id = ?`, listID, name, etag, id)
	}
	if err != nil {
		return fmt.Errorf("store moved task: %w", err)
	}
	return tx.recomputeTask(ctx, id, journal.Op{ID: opID})
}

// TaskGone stores that the server does not hold a task any more. What waits to change it keeps it alive here. opID is
// the operation that deleted it, 0 for none.
func (tx *Tx) TaskGone(ctx context.Context, id, opID int64) error {
	_, err := tx.exec(ctx, `UPDATE tasks SET etag = '', on_server = 0, verify = 0 WHERE id = ?`, id)
	if err != nil {
		return fmt.Errorf("store deleted task: %w", err)
	}
	if opID != 0 { // what a later operation brings back starts afresh
		if _, err := tx.exec(ctx, `UPDATE tasks SET base = '' WHERE id = ?`, id); err != nil {
			return fmt.Errorf("store deleted task: %w", err)
		}
	}
	return tx.recomputeTask(ctx, id, journal.Op{ID: opID})
}

// ReserveTask makes the row of a task that only exists here so far, so that an operation can be about it.
func (tx *Tx) ReserveTask(ctx context.Context, listID int64, name string) (int64, error) {
	id, err := tx.insert(ctx, `INSERT INTO tasks (list_id, remote_list, name) VALUES (?, ?, ?)`, listID, listID, name)
	if err != nil {
		return 0, fmt.Errorf("add task: %w", err)
	}
	return id, nil
}

// recomputeTasks computes the rows that op is about again.
func (tx *Tx) recomputeTasks(ctx context.Context, op journal.Op) error {
	for _, t := range op.Targets {
		var err error
		switch t.Table {
		case "tasks":
			if err = tx.reviveTask(ctx, t.ID, op); err == nil {
				err = tx.recomputeTask(ctx, t.ID, journal.Op{})
			}
		case "lists":
			err = tx.recomputeList(ctx, t.ID, 0)
		}
		if err != nil {
			return fmt.Errorf("recompute %s: %w", t.Table, err)
		}
	}
	return nil
}

// reviveTask makes the row again that an operation brings back after its deletion was carried out.
func (tx *Tx) reviveTask(ctx context.Context, id int64, op journal.Op) error {
	if op.Kind != journal.TaskPut || op.State.Final() {
		return nil
	}
	if _, err := tx.TaskRow(ctx, id); !errors.Is(err, ErrNotFound) {
		return err
	}
	var p tasks.PutOp
	if err := json.Unmarshal(op.Payload, &p); err != nil {
		return err
	}
	_, err := tx.exec(ctx, `INSERT INTO tasks (id, list_id, remote_list, name) VALUES (?, ?, ?, ?)`, id, p.List, p.List, p.Name)
	return err
}

// recomputeTask lays what waits over what the server said last. The operation done counts as final already.
func (tx *Tx) recomputeTask(ctx context.Context, id int64, done journal.Op) error {
	row, err := tx.TaskRow(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	ops, err := tx.OpsFor(ctx, "tasks", id)
	if err != nil {
		return err
	}
	text, list, deleted, pending := row.Base, row.RemoteList, false, 0
	for _, op := range ops {
		if op.ID == done.ID {
			continue
		}
		pending++
		switch op.Kind {
		case journal.TaskPut:
			var p tasks.PutOp
			if err := json.Unmarshal(op.Payload, &p); err != nil {
				return err
			}
			text, _ = p.Lay(text)
			deleted = false
		case journal.TaskMove:
			var p tasks.MoveOp
			if err := json.Unmarshal(op.Payload, &p); err != nil {
				return err
			}
			list = p.To
		case journal.TaskDelete:
			deleted = true
		}
	}
	if pending == 0 && !row.OnServer {
		_, err := tx.exec(ctx, `DELETE FROM tasks WHERE id = ?`, id)
		if err == nil { // there is nothing left to decide
			_, err = tx.exec(ctx, `UPDATE conflicts SET resolved = ? WHERE kind = 'task' AND ref_id = ? AND resolved = 0`, millis(time.Now()), id)
		}
		return err
	}
	v := newTaskView(text)
	if text == row.Base {
		text = ""
	}
	_, err = tx.exec(ctx, `UPDATE tasks SET list_id = ?, deleted = ?, text = ?, `+viewSets+` WHERE id = ?`,
		append(append([]any{list, deleted, text}, v.values()...), id)...)
	if err == nil {
		err = tx.putChildren(ctx, id, v.ChildUIDs)
	}
	return err
}

// putChildren stores the subtasks that a task names.
func (tx *Tx) putChildren(ctx context.Context, id int64, uids []string) error {
	_, err := tx.exec(ctx, `DELETE FROM task_children WHERE task_id = ?`, id)
	for _, uid := range uids {
		if err == nil {
			_, err = tx.exec(ctx, `INSERT OR IGNORE INTO task_children (task_id, child_uid) VALUES (?, ?)`, id, uid)
		}
	}
	return err
}

// taskView is what the columns for lists hold.
type taskView struct {
	tasks.Task
	none bool // the object holds no task
}

func newTaskView(text string) taskView {
	t, err := tasks.Parse(text, time.Local)
	return taskView{t, err != nil}
}

// The values of the column override.
const (
	overrideNo   = 0
	overrideOnly = 1 // only instances of a series whose master lies elsewhere
	overrideNone = 2 // no task at all: an appointment, or what cannot be read
)

const (
	viewColumns = `uid, title, note, status, percent, closed, completed, start, start_day, due, due_day, priority, tags, parent_uid, rrule,
		ord, sort, created, modified, url, links, assignee, history, override, flags, rings`
	viewSets = `uid = ?, title = ?, note = ?, status = ?, percent = ?, closed = ?, completed = ?, start = ?, start_day = ?, due = ?, due_day = ?,
		priority = ?, tags = ?, parent_uid = ?, rrule = ?, ord = ?, sort = ?, created = ?, modified = ?, url = ?, links = ?, assignee = ?,
		history = ?, override = ?, flags = ?, rings = ?`
)

const (
	flagRecurs = 1 << iota
	flagPrivate
	flagBroken
	flagZoneLost
)

func (v taskView) values() []any {
	flags := 0
	for bit, set := range map[int]bool{flagRecurs: v.Recurs, flagPrivate: v.Private, flagBroken: v.Broken, flagZoneLost: v.ZoneLost} {
		if set {
			flags |= bit
		}
	}
	override := overrideNo
	switch {
	case v.none:
		override = overrideNone
	case v.Override:
		override = overrideOnly
	}
	return []any{
		v.UID, v.Title, v.Note, string(v.Status), v.Percent, v.Closed(), millis(v.Completed), whenMillis(v.Start), v.Start.AllDay,
		whenMillis(v.Due), v.Due.AllDay, v.Priority, strings.Join(v.Tags, "\n"), v.ParentUID, v.RRule, v.Order, v.SortKey(),
		millis(v.Created), millis(v.Modified), v.URL, strings.Join(v.Links, "\n"), v.Assignee, v.History, override, flags, millis(v.Ring),
	}
}

// whenMillis keeps a day apart from time zones: it is stored as its midnight in UTC.
func whenMillis(w tasks.When) int64 {
	if w.AllDay {
		y, m, d := w.Time.Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).UnixMilli()
	}
	return millis(w.Time)
}

func whenOf(ms int64, allDay bool) tasks.When {
	if ms == 0 && !allDay {
		return tasks.When{}
	}
	if allDay {
		y, m, d := time.UnixMilli(ms).UTC().Date()
		return tasks.When{Time: time.Date(y, m, d, 0, 0, 0, 0, time.Local), AllDay: true}
	}
	return tasks.When{Time: time.UnixMilli(ms)}
}

var taskInvariants = []invariant{
	{"task without a list", `SELECT 'task ' || id FROM tasks WHERE list_id NOT IN (SELECT id FROM lists)`},
	{"task whose list on the server is gone", `SELECT 'task ' || id FROM tasks WHERE on_server = 1 AND remote_list NOT IN (SELECT id FROM lists)`},
	{"task that is nowhere", `SELECT 'task ' || id FROM tasks t WHERE on_server = 0
		AND NOT EXISTS (SELECT 1 FROM journal_targets g JOIN journal o ON o.id = g.op_id
			WHERE g.tbl = 'tasks' AND g.row_id = t.id AND o.state NOT IN ('done', 'cancelled'))`},
	{"task that is shown differently although nothing waits", `SELECT 'task ' || id FROM tasks t
		WHERE (text <> '' OR deleted <> 0 OR list_id <> remote_list)
		AND NOT EXISTS (SELECT 1 FROM journal_targets g JOIN journal o ON o.id = g.op_id
			WHERE g.tbl = 'tasks' AND g.row_id = t.id AND o.state NOT IN ('done', 'cancelled'))`},
	{"operation about a task that is gone", `SELECT 'operation ' || o.id FROM journal o JOIN journal_targets g ON g.op_id = o.id
		WHERE g.tbl = 'tasks' AND o.state NOT IN ('done', 'cancelled') AND g.row_id NOT IN (SELECT id FROM tasks)`},
	{"list that is nowhere", `SELECT 'list ' || id FROM lists l WHERE on_server = 0
		AND NOT EXISTS (SELECT 1 FROM journal_targets g JOIN journal o ON o.id = g.op_id
			WHERE g.tbl = 'lists' AND g.row_id = l.id AND o.state NOT IN ('done', 'cancelled'))
		AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.list_id = l.id)`},
}
