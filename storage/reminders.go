// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"kontor/app/tasks"
)

// Reminder is a moment at which a task reminds of itself, with what is known of it here.
type Reminder struct {
	tasks.Ring
	Known  time.Time // since when this device knows the account and keeps reminders
	Rung   bool
	Closed bool // it needs no answer any more
}

// ringingTasks says rings <> 0 beside rings > 0 because that is what the index says; the plus keeps SQLite from another one,
// which would lead it through all open tasks.
const ringingTasks = ` FROM tasks t JOIN lists l ON l.id = t.list_id JOIN accounts a ON a.id = l.account_id
	WHERE t.rings <> 0 AND t.rings > 0 AND t.rings <= ? AND +t.deleted = 0 AND l.deleted = 0 AND +t.closed = 0 AND t.override < 2
	AND (t.override = 0 OR NOT EXISTS
		(SELECT 1 FROM tasks m WHERE m.uid = t.uid AND m.list_id = t.list_id AND m.override = 0 AND m.deleted = 0))`

const nextRing = `SELECT min(rings) FROM tasks WHERE rings <> 0 AND rings > ? AND +closed = 0 AND +deleted = 0`

// Reminders lists all unanswered moments of the open tasks whose first one is not after until.
func (r reads) Reminders(ctx context.Context, until time.Time) ([]Reminder, error) {
	setting, err := r.Setting(ctx, "_remind.since", "0")
	if err != nil {
		return nil, err
	}
	since, err := strconv.ParseInt(setting, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("read reminders: %w", err)
	}
	var all []Reminder
	err = r.each(ctx, `SELECT t.id, t.list_id, l.account_id, max(a.created, ?), iif(t.uid = '', t.name, t.uid),
			iif(t.text = '', t.base, t.text), l.read_only OR (l.shared AND t.flags & ?)`+ringingTasks,
		[]any{since, flagPrivate, millis(until)}, func(scan func(...any) error) error {
			var known int64
			var text, uid string
			var of tasks.Ring
			if err := scan(&of.TaskID, &of.ListID, &of.AccountID, &known, &uid, &text, &of.ReadOnly); err != nil {
				return err
			}
			for _, ring := range tasks.Rings(text, time.Local) {
				ring.TaskID, ring.ListID, ring.AccountID, ring.ReadOnly, ring.UID = of.TaskID, of.ListID, of.AccountID, of.ReadOnly, uid
				all = append(all, Reminder{Ring: ring, Known: fromMillis(known)})
			}
			return nil
		})
	if err == nil {
		err = r.addRung(ctx, all)
	}
	if err != nil {
		return nil, fmt.Errorf("read reminders: %w", err)
	}
	return all, nil
}

// addRung fills in what has rung.
func (r reads) addRung(ctx context.Context, all []Reminder) error {
	if len(all) == 0 {
		return nil
	}
	type moment struct {
		account int64
		uid     string
		at      int64
	}
	index := make(map[moment]int, len(all))
	uids := make([]string, 0, len(all))
	for i, m := range all {
		index[moment{m.AccountID, m.UID, millis(m.At)}] = i
		if i == 0 || all[i-1].UID != m.UID {
			uids = append(uids, m.UID)
		}
	}
	wanted, err := json.Marshal(uids)
	if err != nil {
		return err
	}
	return r.each(ctx, `SELECT r.account_id, r.uid, r.at, r.closed FROM json_each(?) u JOIN rung r ON r.uid = u.value`, []any{string(wanted)},
		func(scan func(...any) error) error {
			var m moment
			var closed bool
			err := scan(&m.account, &m.uid, &m.at, &closed)
			if i, ok := index[m]; ok {
				all[i].Rung, all[i].Closed = true, closed
			}
			return err
		})
}

// NextReminder is when the first task after a moment reminds of itself; zero for never.
func (r reads) NextReminder(ctx context.Context, after time.Time) (time.Time, error) {
	var at sql.NullInt64
	if err := r.scan(ctx, []any{&at}, nextRing, millis(after)); err != nil {
		return time.Time{}, fmt.Errorf("read reminders: %w", err)
	}
	return fromMillis(at.Int64), nil
}

// Rang stores that a reminder rang here; closed says that it needs no answer. It reports whether that was new: of several
// processes only one rings.
func (tx *Tx) Rang(ctx context.Context, ring tasks.Ring, closed bool) (bool, error) {
	res, err := tx.exec(ctx, `INSERT INTO rung (account_id, uid, at, closed) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		ring.AccountID, ring.UID, millis(ring.At), closed)
	if err != nil {
		return false, fmt.Errorf("store a reminder: %w", err)
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// AnswerHere closes what has rung of a task on this device alone, for tasks that nobody here may change.
func (tx *Tx) AnswerHere(ctx context.Context, taskID int64) error {
	_, err := tx.exec(ctx, `UPDATE rung SET closed = 1 WHERE closed = 0 AND (account_id, uid) IN
		(SELECT l.account_id, iif(t.uid = '', t.name, t.uid) FROM tasks t JOIN lists l ON l.id = t.list_id WHERE t.id = ?)`, taskID)
	if err != nil {
		return fmt.Errorf("answer a reminder: %w", err)
	}
	return nil
}

// ReadOldReminders works out when tasks ring that were stored before reminders were kept, and which subtasks they name, some
// at a time; false when there is none left.
func (tx *Tx) ReadOldReminders(ctx context.Context, limit int) (more bool, err error) {
	type task struct {
		id   int64
		text string
	}
	var all []task
	err = tx.each(ctx, `SELECT id, iif(text = '', base, text) FROM tasks WHERE rings <> 0 AND rings < 0 LIMIT ?`, []any{limit}, func(scan func(...any) error) error {
		var t task
		err := scan(&t.id, &t.text)
		all = append(all, t)
		return err
	})
	for _, t := range all {
		if err == nil {
			v := newTaskView(t.text)
			if _, err = tx.exec(ctx, `UPDATE tasks SET rings = ? WHERE id = ?`, millis(v.Ring), t.id); err == nil {
				err = tx.putChildren(ctx, t.id, v.ChildUIDs)
			}
		}
	}
	if err != nil {
		return false, fmt.Errorf("read reminders: %w", err)
	}
	return len(all) == limit, nil
}
