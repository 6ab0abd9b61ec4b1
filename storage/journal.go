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
)

const opColumns = `id, account_id, kind, target, payload, inverse, state, tries, next_try, last_error, cause, proof, depends_on, grp, undone, origin, back, redo, created, updated`

func scanOp(scan func(...any) error) (op journal.Op, err error) {
	var next, created, updated int64
	err = scan(&op.ID, &op.AccountID, &op.Kind, &op.Target, &op.Payload, &op.Inverse, &op.State, &op.Tries, &next,
		&op.LastError, &op.Cause, &op.Proof, &op.DependsOn, &op.Group, &op.Undone, &op.Origin, &op.Back, &op.Redo, &created, &updated)
	op.NextTry, op.Created, op.Updated = fromMillis(next), fromMillis(created), fromMillis(updated)
	return op, err
}

// AddOp writes an operation beside its local effect, in the same transaction. ID, Created and Updated are filled in; an
// empty State means Waiting, a zero Group means a group of its own.
func (tx *Tx) AddOp(ctx context.Context, op journal.Op) (journal.Op, error) {
	now := time.Now()
	op.Created, op.Updated = now, now
	if op.State == "" {
		op.State = journal.Waiting
	}
	id, err := tx.insert(ctx, `INSERT INTO journal (account_id, kind, target, payload, inverse, state, next_try, depends_on, grp, undone, origin, back, created, updated)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		op.AccountID, string(op.Kind), op.Target, blob(op.Payload), blob(op.Inverse), string(op.State), millis(op.NextTry),
		op.DependsOn, op.Group, op.Undone, op.Origin, op.Back, millis(now), millis(now))
	if err != nil {
		return op, fmt.Errorf("add operation: %w", err)
	}
	op.ID = id
	if op.Group == 0 {
		op.Group = id
		if _, err := tx.exec(ctx, `UPDATE journal SET grp = id WHERE id = ?`, id); err != nil {
			return op, fmt.Errorf("add operation: %w", err)
		}
	}
	for _, t := range op.Targets {
		if _, err := tx.exec(ctx, `INSERT INTO journal_targets (op_id, tbl, row_id) VALUES (?, ?, ?)`, id, t.Table, t.ID); err != nil {
			return op, fmt.Errorf("add operation: %w", err)
		}
	}
	return op, nil
}

// SaveOp stores what can change in an operation: its state and progress, its payload and what undoes it.
func (tx *Tx) SaveOp(ctx context.Context, op journal.Op) error {
	res, err := tx.exec(ctx, `UPDATE journal SET payload = ?, inverse = ?, state = ?, tries = ?, next_try = ?, last_error = ?, cause = ?, proof = ?,
		depends_on = ?, undone = ?, redo = ?, updated = ? WHERE id = ?`,
		blob(op.Payload), blob(op.Inverse), string(op.State), op.Tries, millis(op.NextTry), op.LastError, op.Cause, op.Proof,
		op.DependsOn, op.Undone, op.Redo, millis(op.Updated), op.ID)
	if err != nil {
		return fmt.Errorf("save operation: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return fmt.Errorf("save operation %d: %w", op.ID, ErrNotFound)
	}
	return nil
}

// Op reads one operation with its targets.
func (r reads) Op(ctx context.Context, id int64) (journal.Op, error) {
	ops, err := r.ops(ctx, `WHERE id = ?`, id)
	if err != nil {
		return journal.Op{}, err
	}
	if len(ops) == 0 {
		return journal.Op{}, fmt.Errorf("operation %d: %w", id, ErrNotFound)
	}
	return ops[0], nil
}

// PendingOps lists what is not final, oldest first; all accounts for accountID 0.
func (r reads) PendingOps(ctx context.Context, accountID int64) ([]journal.Op, error) {
	return r.ops(ctx, `WHERE state NOT IN ('done', 'cancelled') AND (?1 = 0 OR account_id = ?1) ORDER BY id`, accountID)
}

// FirstPendingOps lists the oldest limit operations of an account that are not final.
func (r reads) FirstPendingOps(ctx context.Context, accountID int64, limit int) ([]journal.Op, error) {
	return r.ops(ctx, `WHERE state NOT IN ('done', 'cancelled') AND account_id = ? ORDER BY id LIMIT ?`, accountID, limit)
}

// OpStates gives the states of some operations; those that are not there are left out.
func (r reads) OpStates(ctx context.Context, ids []int64) (map[int64]journal.State, error) {
	states := make(map[int64]journal.State, len(ids))
	list, err := json.Marshal(ids)
	if err != nil || len(ids) == 0 {
		return states, err
	}
	err = r.each(ctx, `SELECT id, state FROM journal WHERE id IN (SELECT value FROM json_each(?))`, []any{string(list)}, func(scan func(...any) error) error {
		var id int64
		var state journal.State
		err := scan(&id, &state)
		states[id] = state
		return err
	})
	return states, err
}

// NextDue is the earliest moment after now that a waiting operation of an account is held back to; zero for none.
func (r reads) NextDue(ctx context.Context, accountID int64, now time.Time) (time.Time, error) {
	var ms int64
	err := r.scan(ctx, []any{&ms}, `SELECT coalesce(min(next_try), 0) FROM journal
		WHERE account_id = ? AND state NOT IN ('done', 'cancelled') AND state IN ('waiting', 'in-doubt') AND next_try > ?`, accountID, millis(now))
	return fromMillis(ms), err
}

// OpsFor lists the pending operations about one row, oldest first.
func (r reads) OpsFor(ctx context.Context, table string, rowID int64) ([]journal.Op, error) {
	return r.ops(ctx, `WHERE state NOT IN ('done', 'cancelled')
		AND id IN (SELECT op_id FROM journal_targets WHERE tbl = ? AND row_id = ?) ORDER BY id`, table, rowID)
}

// GroupOps lists the operations of one action, oldest first.
func (r reads) GroupOps(ctx context.Context, group int64) ([]journal.Op, error) {
	return r.ops(ctx, `WHERE grp = ? ORDER BY id`, group)
}

// Dependents lists the operations that wait for id to be done.
func (r reads) Dependents(ctx context.Context, id int64) ([]journal.Op, error) {
	return r.ops(ctx, `WHERE depends_on = ? AND state NOT IN ('done', 'cancelled') ORDER BY id`, id)
}

func (r reads) ops(ctx context.Context, where string, args ...any) ([]journal.Op, error) {
	var ops []journal.Op
	err := r.each(ctx, `SELECT `+opColumns+` FROM journal `+where, args, func(scan func(...any) error) error {
		op, err := scanOp(scan)
		ops = append(ops, op)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	if err := r.addTargets(ctx, ops); err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	return ops, nil
}

// addTargets fills in what the operations are about.
func (r reads) addTargets(ctx context.Context, ops []journal.Op) error {
	if len(ops) == 0 {
		return nil
	}
	at := make(map[int64]*journal.Op, len(ops))
	ids := make([]int64, len(ops))
	for i := range ops {
		at[ops[i].ID], ids[i] = &ops[i], ops[i].ID
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	return r.each(ctx, `SELECT op_id, tbl, row_id FROM journal_targets WHERE op_id IN (SELECT value FROM json_each(?)) ORDER BY id`,
		[]any{string(list)}, func(scan func(...any) error) error {
			var id int64
			var t journal.Target
			err := scan(&id, &t.Table, &t.ID)
			if op := at[id]; op != nil {
				op.Targets = append(op.Targets, t)
			}
			return err
		})
}

// OpCounts counts the pending operations by state.
func (r reads) OpCounts(ctx context.Context) (map[journal.State]int, error) {
	counts := map[journal.State]int{}
	err := r.each(ctx, `SELECT state, count(*) FROM journal WHERE state NOT IN ('done', 'cancelled') GROUP BY state`, nil,
		func(scan func(...any) error) error {
			var s journal.State
			var n int
			err := scan(&s, &n)
			counts[s] = n
			return err
		})
	return counts, err
}

// Drop stores an operation that will not run any more (cancelled) together with everything that waits for it, and
// computes the rows it was about again from what the server said and what still waits.
func (tx *Tx) Drop(ctx context.Context, op journal.Op) error {
	if err := tx.SaveOp(ctx, op); err != nil {
		return err
	}
	dependents, err := tx.Dependents(ctx, op.ID)
	if err != nil {
		return err
	}
	for _, d := range dependents {
		d.State, d.Updated = journal.Cancelled, op.Updated
		if err := tx.Drop(ctx, d); err != nil {
			return err
		}
	}
	return tx.Recompute(ctx, op)
}

// Recompute lays what still waits over what the server said, for every row that op is about.
func (tx *Tx) Recompute(ctx context.Context, op journal.Op) error {
	if op.Kind == journal.MailSubscribe {
		return tx.resubscribe(ctx, op)
	}
	switch protocol, _, _ := strings.Cut(string(op.Kind), "."); protocol {
	case "mail":
		return errors.Join(tx.unmarkLocal(ctx, op), tx.recomputeMail(ctx, op))
	case "file":
		return tx.recomputeFiles(ctx, op)
	case "task":
		return tx.recomputeTasks(ctx, op)
	}
	return fmt.Errorf("recompute %s: unknown kind", op.Kind)
}

// FinalOps lists the newest operations that are done or cancelled, newest first.
func (r reads) FinalOps(ctx context.Context, limit int) ([]journal.Op, error) {
	return r.ops(ctx, `WHERE state IN ('done', 'cancelled') ORDER BY id DESC LIMIT ?`, limit)
}
