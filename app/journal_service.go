// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"kontor/app/journal"
	"kontor/storage"
)

// Choice is how a person decides a conflict.
type Choice string

// The choices.
const (
	Mine   Choice = "mine"
	Theirs Choice = "theirs"
	Both   Choice = "both"
)

// ErrChoice is returned for a decision that does not exist.
var ErrChoice = errors.New("choose mine, theirs or both")

// Conflict is a decision that waits for a person, with both versions in words.
type Conflict struct {
	ID        int64
	AccountID int64
	Kind      string // "file", "task" or "mail"
	RefID     int64
	Title     string
	Created   time.Time
	Detail    json.RawMessage
}

// resolver decides conflicts of one kind.
type resolver interface {
	ResolveConflict(ctx context.Context, c storage.ConflictRow, choice string) error
}

// Journal is what a person can see of and do to the operations that travel to the servers.
type Journal struct {
	db        *storage.DB
	wake      func(accountID int64)
	resolvers map[string]resolver
}

// List gives what is pending, oldest first, followed by the newest limit operations that are final.
func (j *Journal) List(ctx context.Context, limit int) ([]journal.Op, error) {
	ops, err := j.db.PendingOps(ctx, 0)
	if err != nil || limit <= 0 {
		return ops, err
	}
	recent, err := j.db.FinalOps(ctx, limit)
	return append(ops, recent...), err
}

// Cancel drops an operation, and what waits for it, before it reaches its server.
func (j *Journal) Cancel(ctx context.Context, id int64) error {
	return j.change(ctx, "cancel", id, journal.Cancel)
}

// Retry lets an operation be tried at once. A message that was to leave later leaves now, and says so in its Date.
func (j *Journal) Retry(ctx context.Context, id int64) error {
	op, err := j.db.Op(ctx, id)
	if err != nil {
		return fmt.Errorf("retry operation %d: %w", id, err)
	}
	if message, ok := planned(op, time.Now()); ok {
		return NewMail(j.db, j.wake).SendNow(ctx, message)
	}
	return j.change(ctx, "retry", id, journal.Again)
}

// planned gives the message whose sending was put off by the person who wrote it.
func planned(op journal.Op, now time.Time) (message int64, ok bool) {
	if op.Kind != journal.MailSend || op.State != journal.Waiting || op.Tries > 0 || !op.NextTry.After(now) {
		return 0, false
	}
	for _, t := range op.Targets {
		if t.Table == "messages" {
			return t.ID, true
		}
	}
	return 0, false
}

// Hold keeps an operation back until Release.
func (j *Journal) Hold(ctx context.Context, id int64) error {
	return j.change(ctx, "hold", id, journal.Hold)
}

// Release lets a held operation go on.
func (j *Journal) Release(ctx context.Context, id int64) error {
	return j.change(ctx, "release", id, journal.Release)
}

func (j *Journal) change(ctx context.Context, what string, id int64, act func(journal.Op, time.Time) (journal.Op, error)) error {
	var op journal.Op
	err := j.db.WriteDurable(ctx, func(tx *storage.Tx) (err error) {
		if op, err = tx.Op(ctx, id); err != nil {
			return err
		}
		next, err := act(op, time.Now())
		if err != nil {
			return err
		}
		if next.State == journal.Cancelled {
			return tx.Drop(ctx, next)
		}
		return tx.SaveOp(ctx, next)
	})
	if err != nil {
		return fmt.Errorf("%s operation %d: %w", what, id, err)
	}
	j.wake(op.AccountID)
	return j.follow(ctx, op)
}

// follow lets the disk follow what became of operations on files.
func (j *Journal) follow(ctx context.Context, ops ...journal.Op) error {
	disk, ok := j.resolvers["file"].(*Files)
	if !ok {
		return nil
	}
	done := map[int64]bool{}
	var errs []error
	for _, op := range ops {
		if isFileOp(op) && !done[op.AccountID] {
			done[op.AccountID] = true
			errs = append(errs, disk.align(ctx, op.AccountID))
		}
	}
	return errors.Join(errs...)
}

func isFileOp(op journal.Op) bool { return strings.HasPrefix(string(op.Kind), "file.") }

// Conflicts lists what waits for a decision, oldest first.
func (j *Journal) Conflicts(ctx context.Context) ([]Conflict, error) {
	rows, err := j.db.Conflicts(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]Conflict, 0, len(rows))
	for _, r := range rows {
		all = append(all, Conflict{ID: r.ID, AccountID: r.AccountID, Kind: r.Kind, RefID: r.RefID, Title: r.Title, Created: r.Created, Detail: r.Detail})
	}
	return all, nil
}

// Resolve decides a conflict.
func (j *Journal) Resolve(ctx context.Context, id int64, choice Choice) error {
	if choice != Mine && choice != Theirs && choice != Both {
		return fmt.Errorf("resolve conflict %d: %w", id, ErrChoice)
	}
	row, err := j.db.Conflict(ctx, id)
	if err != nil {
		return fmt.Errorf("resolve conflict: %w", err)
	}
	r := j.resolvers[row.Kind]
	if r == nil || !row.Resolved.IsZero() {
		return fmt.Errorf("resolve conflict %d: %w", id, storage.ErrNotFound)
	}
	if err := r.ResolveConflict(ctx, row, string(choice)); err != nil {
		return fmt.Errorf("resolve conflict %d: %w", id, err)
	}
	j.wake(row.AccountID)
	return nil
}
