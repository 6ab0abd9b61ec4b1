// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"kontor/app/journal"
	"kontor/app/tasks"
)

// TaskList is a task list together with what synchronisation knows of it.
type TaskList struct {
	tasks.List
	Href        string // decoded path on the server with a slash at its end, empty while nobody knows where it will lie
	Slug        string // the last part of that path for a list that is made here
	Deleted     bool   // a deletion waits
	OnServer    bool
	RemoteName  string
	RemoteColor string
	RemoteOrder int
	CTag        string
	SyncToken   string
}

const listColumns = `id, account_id, href, slug, name, color, ord, read_only, shared, deleted, on_server, remote_name, remote_color, ctag, sync_token, owner, remote_ord`

// TaskLists lists the task lists to show with their counts, of all accounts.
func (r reads) TaskLists(ctx context.Context) ([]tasks.List, error) {
	all, err := r.taskLists(ctx, `WHERE deleted = 0 ORDER BY account_id, ord, name COLLATE NOCASE, id`)
	if err != nil {
		return nil, err
	}
	type counts struct{ total, closed int }
	byList := map[int64]counts{}
	err = r.each(ctx, `SELECT list_id, closed, count(*) FROM tasks WHERE deleted = 0 AND override < 2 GROUP BY list_id, closed`, nil, func(scan func(...any) error) error {
		var id int64
		var closed bool
		var n int
		err := scan(&id, &closed, &n)
		c := byList[id]
		c.total += n
		if closed {
			c.closed += n
		}
		byList[id] = c
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("count tasks: %w", err)
	}
	lists := make([]tasks.List, len(all))
	for i, l := range all {
		lists[i] = l.List
		lists[i].Total, lists[i].Open = byList[l.ID].total, byList[l.ID].total-byList[l.ID].closed
	}
	return lists, nil
}

// SyncTaskLists lists all task lists of an account, those too that are deleted or only local.
func (r reads) SyncTaskLists(ctx context.Context, accountID int64) ([]TaskList, error) {
	return r.taskLists(ctx, `WHERE account_id = ? ORDER BY id`, accountID)
}

// TaskList reads one task list; its counts are not filled in.
func (r reads) TaskList(ctx context.Context, id int64) (TaskList, error) {
	all, err := r.taskLists(ctx, `WHERE id = ?`, id)
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("task list %d: %w", id, ErrNotFound)
	}
	if err != nil {
		return TaskList{}, err
	}
	return all[0], nil
}

func (r reads) taskLists(ctx context.Context, where string, args ...any) ([]TaskList, error) {
	var all []TaskList
	err := r.each(ctx, `SELECT `+listColumns+` FROM lists `+where, args, func(scan func(...any) error) error {
		var l TaskList
		err := scan(&l.ID, &l.AccountID, &l.Href, &l.Slug, &l.Name, &l.Color, &l.Order, &l.ReadOnly, &l.Shared, &l.Deleted, &l.OnServer,
			&l.RemoteName, &l.RemoteColor, &l.CTag, &l.SyncToken, &l.Owner, &l.RemoteOrder)
		all = append(all, l)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read task lists: %w", err)
	}
	return all, nil
}

// AddTaskList stores a new list and returns its ID.
func (tx *Tx) AddTaskList(ctx context.Context, l TaskList) (int64, error) {
	id, err := tx.insert(ctx, `INSERT INTO lists (account_id, href, slug, name, color, ord, read_only, shared, on_server, remote_name, remote_color, owner, remote_ord)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		l.AccountID, l.Href, l.Slug, l.Name, l.Color, l.Order, l.ReadOnly, l.Shared, l.OnServer, l.RemoteName, l.RemoteColor, l.Owner, l.RemoteOrder)
	if err != nil {
		return 0, fmt.Errorf("add task list: %w", err)
	}
	return id, nil
}

// StoreTaskList stores what the server says of a list and lays what waits over it. opID is the operation that was just
// carried out, 0 for none. The cursor is kept.
func (tx *Tx) StoreTaskList(ctx context.Context, l TaskList, opID int64) error {
	_, err := tx.exec(ctx, `UPDATE lists SET href = ?, remote_ord = ?, read_only = ?, shared = ?, owner = ?, on_server = ?, remote_name = ?, remote_color = ? WHERE id = ?`,
		l.Href, l.RemoteOrder, l.ReadOnly, l.Shared, l.Owner, l.OnServer, l.RemoteName, l.RemoteColor, l.ID)
	if err == nil {
		err = tx.recomputeList(ctx, l.ID, opID)
	}
	if err != nil {
		return fmt.Errorf("store task list: %w", err)
	}
	return nil
}

// SaveTaskCursor stores up to where a list was read.
func (tx *Tx) SaveTaskCursor(ctx context.Context, listID int64, ctag, token string) error {
	_, err := tx.exec(ctx, `UPDATE lists SET ctag = ?, sync_token = ? WHERE id = ?`, ctag, token, listID)
	if err != nil {
		return fmt.Errorf("store task cursor: %w", err)
	}
	return nil
}

// TaskListGone stores that the server does not have a list any more. It stays here as long as something waits for it or
// for one of its tasks; gone is how many tasks went with it.
func (tx *Tx) TaskListGone(ctx context.Context, id, opID int64) (gone int, err error) {
	ids, err := tx.ids(ctx, `SELECT id FROM tasks WHERE remote_list = ?`, id)
	if err != nil {
		return 0, err
	}
	for _, task := range ids {
		if err := tx.TaskGone(ctx, task, 0); err != nil {
			return 0, err
		}
	}
	left, err := tx.ids(ctx, `SELECT id FROM tasks WHERE remote_list = ?1 OR list_id = ?1`, id)
	if err != nil {
		return 0, err
	}
	if _, err := tx.exec(ctx, `UPDATE lists SET on_server = 0, ctag = '', sync_token = '' WHERE id = ?`, id); err != nil {
		return 0, fmt.Errorf("store deleted list: %w", err)
	}
	if len(left) == 0 {
		err = tx.recomputeList(ctx, id, opID)
	}
	return len(ids) - len(left), err
}

// recomputeList lays what waits over what the server said last of a list. A list that is neither there nor waits to be
// is removed with its tasks.
func (tx *Tx) recomputeList(ctx context.Context, id, doneOp int64) error {
	l, err := tx.TaskList(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	ops, err := tx.OpsFor(ctx, "lists", id)
	if err != nil {
		return err
	}
	name, color, order, deleted, pending := l.RemoteName, l.RemoteColor, l.RemoteOrder, false, 0
	for _, op := range ops {
		if op.ID == doneOp {
			continue
		}
		pending++
		var p tasks.ListOp
		if err := json.Unmarshal(op.Payload, &p); err != nil {
			return err
		}
		switch op.Kind {
		case journal.TaskListDelete:
			deleted = true
		case journal.TaskListCreate, journal.TaskListEdit:
			name, color, order = p.Lay(name, color, order)
		}
	}
	if pending == 0 && !l.OnServer {
		_, err := tx.exec(ctx, `DELETE FROM lists WHERE id = ?`, id)
		return err
	}
	_, err = tx.exec(ctx, `UPDATE lists SET name = ?, color = ?, ord = ?, deleted = ? WHERE id = ?`, name, color, order, deleted, id)
	return err
}
