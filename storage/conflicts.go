// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"fmt"
	"time"
)

// ConflictRow is a decision that waits for a person. Detail is JSON of the package that found it.
type ConflictRow struct {
	ID        int64
	AccountID int64
	Kind      string // "file", "task" or "mail"
	RefID     int64  // the row it is about, in the table of that kind
	Title     string
	Detail    []byte
	Created   time.Time
	Resolved  time.Time
}

// AddConflict stores a conflict. An open one about the same row takes over the new detail instead of a second row.
func (tx *Tx) AddConflict(ctx context.Context, c ConflictRow) (int64, error) {
	return tx.PutConflict(ctx, c, func([]byte) bool { return true })
}

// PutConflict stores a conflict in place of the newest open one about the same row whose detail is replaced by it. Where
// there is none, it is another one, and both wait for a decision.
func (tx *Tx) PutConflict(ctx context.Context, c ConflictRow, replaces func(detail []byte) bool) (int64, error) {
	open, err := tx.conflicts(ctx, `WHERE account_id = ? AND kind = ? AND ref_id = ? AND resolved = 0 ORDER BY id DESC`, c.AccountID, c.Kind, c.RefID)
	if err != nil {
		return 0, err
	}
	for _, o := range open {
		if replaces(o.Detail) {
			_, err = tx.exec(ctx, `UPDATE conflicts SET detail = ?, title = ? WHERE id = ?`, blob(c.Detail), c.Title, o.ID)
			return o.ID, err
		}
	}
	return tx.insert(ctx, `INSERT INTO conflicts (account_id, kind, ref_id, title, detail, created) VALUES (?, ?, ?, ?, ?, ?)`,
		c.AccountID, c.Kind, c.RefID, c.Title, blob(c.Detail), millis(time.Now()))
}

// OpenConflict reports whether a decision about a row waits.
func (r reads) OpenConflict(ctx context.Context, accountID int64, kind string, refID int64) (bool, error) {
	var n int
	err := r.scan(ctx, []any{&n}, `SELECT count(*) FROM conflicts WHERE account_id = ? AND kind = ? AND ref_id = ? AND resolved = 0`, accountID, kind, refID)
	return n > 0, err
}

// ResolveConflict marks a conflict as decided.
func (tx *Tx) ResolveConflict(ctx context.Context, id int64) error {
	_, err := tx.exec(ctx, `UPDATE conflicts SET resolved = ? WHERE id = ?`, millis(time.Now()), id)
	return err
}

// Conflicts lists what waits for a decision, oldest first.
func (r reads) Conflicts(ctx context.Context) ([]ConflictRow, error) {
	return r.conflicts(ctx, `WHERE resolved = 0 ORDER BY id`)
}

// Conflict reads one conflict, decided or not.
func (r reads) Conflict(ctx context.Context, id int64) (ConflictRow, error) {
	all, err := r.conflicts(ctx, `WHERE id = ?`, id)
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("conflict %d: %w", id, ErrNotFound)
	}
	if err != nil {
		return ConflictRow{}, err
	}
	return all[0], nil
}

func (r reads) conflicts(ctx context.Context, where string, args ...any) ([]ConflictRow, error) {
	var all []ConflictRow
	err := r.each(ctx, `SELECT id, account_id, kind, ref_id, title, detail, created, resolved FROM conflicts `+where, args,
		func(scan func(...any) error) error {
			var c ConflictRow
			var created, resolved int64
			err := scan(&c.ID, &c.AccountID, &c.Kind, &c.RefID, &c.Title, &c.Detail, &created, &resolved)
			c.Created, c.Resolved = fromMillis(created), fromMillis(resolved)
			all = append(all, c)
			return err
		})
	return all, err
}

// Connection is what the last attempt to reach one server came to.
type Connection struct {
	AccountID                int64
	Protocol                 string // "mail", "send", "files" or "tasks"
	Cause                    string // a transport.Cause, empty while connected
	Message                  string
	LastOK, LastTry, NextTry time.Time
}

// Connections lists the state of every server that was tried.
func (r reads) Connections(ctx context.Context) ([]Connection, error) {
	var all []Connection
	err := r.each(ctx, `SELECT account_id, protocol, cause, message, last_ok, last_try, next_try FROM connections ORDER BY account_id, id`, nil,
		func(scan func(...any) error) error {
			var c Connection
			var ok, try, next int64
			err := scan(&c.AccountID, &c.Protocol, &c.Cause, &c.Message, &ok, &try, &next)
			c.LastOK, c.LastTry, c.NextTry = fromMillis(ok), fromMillis(try), fromMillis(next)
			all = append(all, c)
			return err
		})
	return all, err
}

// SaveConnection stores what an attempt came to; a zero LastOK keeps the stored one.
func (tx *Tx) SaveConnection(ctx context.Context, c Connection) error {
	_, err := tx.exec(ctx, `INSERT INTO connections (account_id, protocol, cause, message, last_ok, last_try, next_try) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (account_id, protocol) DO UPDATE SET cause = excluded.cause, message = excluded.message,
			last_ok = max(last_ok, excluded.last_ok), last_try = excluded.last_try, next_try = excluded.next_try`,
		c.AccountID, c.Protocol, c.Cause, c.Message, millis(c.LastOK), millis(c.LastTry), millis(c.NextTry))
	return err
}
