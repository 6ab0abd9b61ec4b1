// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"encoding/json"
	"fmt"

	"kontor/app/journal"
	"kontor/app/tasks"
)

// The methods below change tasks and lists the way a person does: the effect here and the operation that carries it to
// the server are written together. Group is that of an action's first operation, 0 for the first one itself.

// AddTask adds a task with the given text to a list and returns its ID.
func (tx *Tx) AddTask(ctx context.Context, listID int64, name, text, title string, group int64) (int64, journal.Op, error) {
	l, err := tx.TaskList(ctx, listID)
	if err != nil {
		return 0, journal.Op{}, err
	}
	id, err := tx.ReserveTask(ctx, listID, name)
	if err != nil {
		return 0, journal.Op{}, err
	}
	dependsOn, err := tx.listCreation(ctx, l)
	if err != nil {
		return 0, journal.Op{}, err
	}
	op, err := tx.addTaskOp(ctx, journal.Op{
		AccountID: l.AccountID, Kind: journal.TaskPut, Target: title, Group: group, DependsOn: dependsOn,
		Targets: []journal.Target{{Table: "tasks", ID: id}},
	}, tasks.PutOp{List: listID, Name: name, After: text}, inverse{journal.TaskDelete, tasks.DeleteOp{Text: text}})
	return id, op, err
}

// EditTask gives a task another text.
func (tx *Tx) EditTask(ctx context.Context, id int64, text, title string, group int64) (journal.Op, error) {
	row, l, err := tx.taskAndList(ctx, id)
	if err != nil {
		return journal.Op{}, err
	}
	return tx.addTaskOp(ctx, journal.Op{
		AccountID: l.AccountID, Kind: journal.TaskPut, Target: title, Group: group, Targets: []journal.Target{{Table: "tasks", ID: id}},
	}, tasks.PutOp{List: row.RemoteList, Name: row.Name, Before: row.Text, After: text},
		inverse{journal.TaskPut, tasks.PutOp{List: row.RemoteList, Name: row.Name, Before: text, After: row.Text}})
}

// MoveTask moves a task to another list of the same account.
func (tx *Tx) MoveTask(ctx context.Context, id, listID int64, title string, group int64) (journal.Op, error) {
	row, from, err := tx.taskAndList(ctx, id)
	if err != nil {
		return journal.Op{}, err
	}
	to, err := tx.TaskList(ctx, listID)
	if err != nil {
		return journal.Op{}, err
	}
	if to.AccountID != from.AccountID {
		return journal.Op{}, fmt.Errorf("move to another account: %w", ErrNotFound)
	}
	dependsOn, err := tx.listCreation(ctx, to)
	if err != nil {
		return journal.Op{}, err
	}
	return tx.addTaskOp(ctx, journal.Op{
		AccountID: from.AccountID, Kind: journal.TaskMove, Target: title, Group: group, DependsOn: dependsOn,
		Targets: []journal.Target{{Table: "tasks", ID: id}},
	}, tasks.MoveOp{From: row.ListID, To: listID}, inverse{journal.TaskMove, tasks.MoveOp{From: listID, To: row.ListID}})
}

// DeleteTask deletes a task.
func (tx *Tx) DeleteTask(ctx context.Context, id int64, title string, group int64) (journal.Op, error) {
	row, l, err := tx.taskAndList(ctx, id)
	if err != nil {
		return journal.Op{}, err
	}
	p := tasks.DeleteOp{Text: row.Text}
	if row.Base != row.Text {
		p.Base = row.Base
	}
	return tx.addTaskOp(ctx, journal.Op{
		AccountID: l.AccountID, Kind: journal.TaskDelete, Target: title, Group: group, Targets: []journal.Target{{Table: "tasks", ID: id}},
	}, p, inverse{journal.TaskPut, tasks.PutOp{List: row.ListID, Name: row.Name, After: row.Text, Restores: true}})
}

// CreateTaskList adds a list; slug is the last part of the address it will have.
func (tx *Tx) CreateTaskList(ctx context.Context, accountID int64, slug, name, color string) (int64, journal.Op, error) {
	id, err := tx.AddTaskList(ctx, TaskList{List: tasks.List{AccountID: accountID, Name: name, Color: color}, Slug: slug})
	if err != nil {
		return 0, journal.Op{}, err
	}
	op, err := tx.addTaskOp(ctx, journal.Op{
		AccountID: accountID, Kind: journal.TaskListCreate, Target: name, Targets: []journal.Target{{Table: "lists", ID: id}},
	}, tasks.ListOp{Name: name, Color: color}, inverse{journal.TaskListDelete, tasks.ListOp{}})
	return id, op, err
}

// ChangeTaskList renames or recolours a list.
func (tx *Tx) ChangeTaskList(ctx context.Context, id int64, name, color string) (journal.Op, error) {
	l, err := tx.TaskList(ctx, id)
	if err != nil {
		return journal.Op{}, err
	}
	return tx.editTaskList(ctx, l, tasks.ListOp{Name: name, Color: color, OldName: l.Name, OldColor: l.Color}, 0)
}

// OrderTaskList gives a list another place among the lists of its account, as a change of the group if that is not 0.
func (tx *Tx) OrderTaskList(ctx context.Context, id int64, order int, group int64) (journal.Op, error) {
	l, err := tx.TaskList(ctx, id)
	if err != nil {
		return journal.Op{}, err
	}
	return tx.editTaskList(ctx, l, tasks.ListOp{
		Name: l.Name, Color: l.Color, OldName: l.Name, OldColor: l.Color, Order: order, OldOrder: l.Order,
	}, group)
}

func (tx *Tx) editTaskList(ctx context.Context, l TaskList, p tasks.ListOp, group int64) (journal.Op, error) {
	dependsOn, err := tx.listCreation(ctx, l)
	if err != nil {
		return journal.Op{}, err
	}
	return tx.addTaskOp(ctx, journal.Op{
		AccountID: l.AccountID, Kind: journal.TaskListEdit, Target: p.Name, DependsOn: dependsOn, Group: group, Targets: []journal.Target{{Table: "lists", ID: l.ID}},
	}, p, inverse{journal.TaskListEdit, tasks.ListOp{
		Name: p.OldName, Color: p.OldColor, Order: p.OldOrder, OldName: p.Name, OldColor: p.Color, OldOrder: p.Order,
	}})
}

// DeleteTaskList deletes a list with all its tasks; nothing brings them back once the server did so.
func (tx *Tx) DeleteTaskList(ctx context.Context, id int64) (journal.Op, error) {
	l, err := tx.TaskList(ctx, id)
	if err != nil {
		return journal.Op{}, err
	}
	return tx.addTaskOp(ctx, journal.Op{
		AccountID: l.AccountID, Kind: journal.TaskListDelete, Target: l.Name, Targets: []journal.Target{{Table: "lists", ID: id}},
	}, tasks.ListOp{Name: l.Name, OldName: l.Name}, inverse{})
}

// RestoreTask brings a task that is gone from the server there again, after the operation dependsOn if that is not 0.
func (tx *Tx) RestoreTask(ctx context.Context, id, dependsOn, group int64) error {
	row, l, err := tx.taskAndList(ctx, id)
	if err != nil {
		return err
	}
	if _, err := tx.exec(ctx, `UPDATE tasks SET etag = '', on_server = 0, verify = 0, base = '' WHERE id = ?`, id); err != nil {
		return fmt.Errorf("restore task: %w", err)
	}
	_, err = tx.addTaskOp(ctx, journal.Op{
		AccountID: l.AccountID, Kind: journal.TaskPut, Target: tasks.Title(row.Text), DependsOn: dependsOn, Group: group,
		Targets: []journal.Target{{Table: "tasks", ID: id}},
	}, tasks.PutOp{List: row.RemoteList, Name: row.Name, After: row.Text}, inverse{})
	return err
}

// RestoreTaskList makes a list that is gone from the server again, at its old address.
func (tx *Tx) RestoreTaskList(ctx context.Context, id int64) (journal.Op, error) {
	l, err := tx.TaskList(ctx, id)
	if err != nil {
		return journal.Op{}, err
	}
	if _, err := tx.exec(ctx, `UPDATE lists SET on_server = 0, ctag = '', sync_token = '' WHERE id = ?`, id); err != nil {
		return journal.Op{}, fmt.Errorf("restore task list: %w", err)
	}
	return tx.addTaskOp(ctx, journal.Op{
		AccountID: l.AccountID, Kind: journal.TaskListCreate, Target: l.Name, Targets: []journal.Target{{Table: "lists", ID: id}},
	}, tasks.ListOp{Name: l.Name, Color: l.Color}, inverse{})
}

type inverse struct {
	kind    journal.Kind
	payload any
}

// addTaskOp writes an operation with its payloads and lays its effect over what is shown.
func (tx *Tx) addTaskOp(ctx context.Context, op journal.Op, payload any, back inverse) (journal.Op, error) {
	var err error
	if op.Payload, err = json.Marshal(payload); err != nil {
		return op, err
	}
	if back.kind != "" {
		undo, err := json.Marshal(back.payload)
		if err != nil {
			return op, err
		}
		if op.Inverse, err = json.Marshal(journal.Inverse{Kind: back.kind, Payload: undo, Target: op.Target}); err != nil {
			return op, err
		}
	}
	if op, err = tx.AddOp(ctx, op); err != nil {
		return op, err
	}
	return op, tx.Recompute(ctx, op)
}

func (r reads) taskAndList(ctx context.Context, id int64) (TaskRow, TaskList, error) {
	row, err := r.TaskRow(ctx, id)
	if err != nil {
		return row, TaskList{}, err
	}
	l, err := r.TaskList(ctx, row.ListID)
	return row, l, err
}

// listCreation is the operation that makes a list which is not on the server yet, 0 for none.
func (r reads) listCreation(ctx context.Context, l TaskList) (int64, error) {
	if l.OnServer {
		return 0, nil
	}
	ops, err := r.OpsFor(ctx, "lists", l.ID)
	for _, op := range ops {
		if op.Kind == journal.TaskListCreate {
			return op.ID, err
		}
	}
	return 0, err
}
