// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"encoding/json"
	"fmt"
)

// FetchedTask is an object as the server holds it, read and ready to be stored.
type FetchedTask struct {
	Name, ETag, Text string
	view             []any
	children         []string // the UIDs of the subtasks that it names
}

// FetchTask reads an object. That takes longer than storing it, so it is done before the transaction begins.
func FetchTask(name, etag, text string) FetchedTask {
	v := newTaskView(text)
	return FetchedTask{name, etag, text, v.values(), v.ChildUIDs}
}

// addTasks has its columns in the order of newTaskRow.
var addTasks = insertRows(`tasks (list_id, remote_list, name, etag, on_server, base, `+viewColumns+`)`, "")

func newTaskRow(args []any, listID int64, t FetchedTask) []any {
	return append(append(args, listID, listID, t.Name, t.ETag, true, t.Text), t.view...)
}

// StoreTasks is StoreTask for many: those that are not known yet are added together.
func (tx *Tx) StoreTasks(ctx context.Context, listID int64, all []FetchedTask) (added, changed int, err error) {
	known, err := tx.knownTasks(ctx, listID, all)
	if err != nil {
		return 0, 0, err
	}
	var unknown []FetchedTask
	place := map[string]int{} // in unknown
	for _, t := range all {
		if known[t.Name] {
			isNew, isChanged, err := tx.StoreTask(ctx, listID, t.Name, t.ETag, t.Text)
			if err != nil {
				return 0, 0, err
			}
			added, changed = added+count(isNew), changed+count(isChanged)
			continue
		}
		if i, again := place[t.Name]; again { // listed twice: the last one counts
			unknown[i] = t
			continue
		}
		place[t.Name] = len(unknown)
		unknown = append(unknown, t)
	}
	if err := tx.addTaskRows(ctx, listID, unknown); err != nil {
		return 0, 0, err
	}
	tx.db.packs.arrived(len(unknown)) // a task costs about as much as a header
	return added + len(unknown), changed, nil
}

// addTaskRows adds tasks that are not known yet.
func (tx *Tx) addTaskRows(ctx context.Context, listID int64, all []FetchedTask) error {
	err := tx.runRows(ctx, addTasks, len(all), func(args []any, i int) []any { return newTaskRow(args, listID, all[i]) })
	for _, t := range all {
		if err == nil && len(t.children) > 0 {
			var row TaskRow
			if row, err = tx.TaskByName(ctx, listID, t.Name); err == nil {
				err = tx.putChildren(ctx, row.ID, t.children)
			}
		}
	}
	if err != nil {
		return fmt.Errorf("store tasks: %w", err)
	}
	return nil
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}

// knownTasks are the names that lie in a list already, whoever put them there.
func (tx *Tx) knownTasks(ctx context.Context, listID int64, all []FetchedTask) (map[string]bool, error) {
	known := map[string]bool{}
	filled := false
	if err := tx.scan(ctx, []any{&filled}, `SELECT EXISTS (SELECT 1 FROM tasks WHERE remote_list = ?)`, listID); err != nil || !filled {
		return known, err
	}
	names := make([]string, len(all))
	for i, t := range all {
		names[i] = t.Name
	}
	list, err := json.Marshal(names)
	if err != nil {
		return nil, err
	}
	err = tx.each(ctx, `SELECT name FROM tasks WHERE remote_list = ? AND name IN (SELECT value FROM json_each(?))`, []any{listID, string(list)},
		func(scan func(...any) error) error {
			var name string
			err := scan(&name)
			known[name] = true
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read tasks: %w", err)
	}
	return known, nil
}

// UnsureTasks are the names of the tasks of a list whose text should be read again.
func (r reads) UnsureTasks(ctx context.Context, listID int64) ([]string, error) {
	var names []string
	err := r.each(ctx, `SELECT name FROM tasks WHERE remote_list = ? AND on_server = 1 AND verify = 1`, []any{listID}, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		names = append(names, name)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read tasks: %w", err)
	}
	return names, nil
}
