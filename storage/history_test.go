// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kontor/app/journal"
)

func sqlOpen(path string) *sql.DB {
	pool := sql.OpenDB(&connector{dsn: dsn(path, false)})
	pool.SetMaxOpenConns(1)
	return pool
}

// TestOneConflictForEachRow: a second finding about the same row replaces the first one; after the decision there may be
// another.
func TestOneConflictForEachRow(t *testing.T) {
	ctx := context.Background()
	db := openTemp(t)
	account := addAccount(t, db, "amt")
	put := func(kind string, ref int64, title string) (id int64) {
		t.Helper()
		write(t, db, func(tx *Tx) (err error) {
			id, err = tx.AddConflict(ctx, ConflictRow{AccountID: account, Kind: kind, RefID: ref, Title: title, Detail: []byte(`{}`)})
			return err
		})
		return id
	}
	first := put("task", 1, "alt")
	if put("task", 1, "neu") != first || put("file", 1, "Datei") == first || put("task", 2, "anderer") == first {
		t.Error("findings about different rows are mixed up, or one about the same row is new")
	}
	if c, err := db.Conflict(ctx, first); err != nil || c.Title != "neu" || string(c.Detail) != "{}" {
		t.Errorf("%+v, %v", c, err)
	}
	write(t, db, func(tx *Tx) error { return tx.ResolveConflict(ctx, first) })
	if open, err := db.OpenConflict(ctx, account, "task", 1); err != nil || open {
		t.Errorf("still open, %v", err)
	}
	if open, err := db.OpenConflict(ctx, account, "file", 1); err != nil || !open {
		t.Errorf("another one was decided with it, %v", err)
	}
	if c, err := db.Conflict(ctx, first); err != nil || c.Resolved.IsZero() {
		t.Errorf("the decision is forgotten: %+v, %v", c, err)
	}
	if put("task", 1, "wieder") == first {
		t.Error("a decided conflict came back instead of a new one")
	}
}

// TestAConnectionRemembersItsBestDay: a failure does not make the last success forgotten.
func TestAConnectionRemembersItsBestDay(t *testing.T) {
	ctx := context.Background()
	db := openTemp(t)
	account := addAccount(t, db, "amt")
	ok := time.UnixMilli(1_764_000_000_000)
	save := func(c Connection) {
		c.AccountID, c.Protocol = account, "mail"
		write(t, db, func(tx *Tx) error { return tx.SaveConnection(ctx, c) })
	}
	save(Connection{LastOK: ok, LastTry: ok})
	save(Connection{Cause: "offline", Message: "no route", LastTry: ok.Add(time.Hour), NextTry: ok.Add(2 * time.Hour)})
	all, err := db.Connections(ctx)
	if err != nil || len(all) != 1 {
		t.Fatalf("%+v, %v", all, err)
	}
	if c := all[0]; !c.LastOK.Equal(ok) || c.Cause != "offline" || !c.LastTry.Equal(ok.Add(time.Hour)) || !c.NextTry.Equal(ok.Add(2*time.Hour)) {
		t.Errorf("%+v", c)
	}
	save(Connection{LastOK: ok.Add(3 * time.Hour), LastTry: ok.Add(3 * time.Hour)})
	if all, err = db.Connections(ctx); err != nil || all[0].Cause != "" || all[0].Message != "" || !all[0].NextTry.IsZero() {
		t.Errorf("%+v, %v", all, err)
	}
}

// entry is an operation of the model.
type entry struct {
	op        journal.Op
	dependsOn int // place in the list, -1 for none
}

// TestTheJournalFollowsItsModel plays what a person and an engine do to operations, in any order. The store tells the same
// as a list in memory, in the same order, and is consistent after every step.
func TestTheJournalFollowsItsModel(t *testing.T) {
	ctx := context.Background()
	db := openTemp(t)
	account := addAccount(t, db, "amt")
	rapid.Check(t, func(t *rapid.T) {
		var all []entry
		for range rapid.IntRange(1, 14).Draw(t, "steps") {
			now := time.UnixMilli(time.Now().UnixMilli())
			if len(all) == 0 || rapid.IntRange(0, 2).Draw(t, "step") == 0 {
				e := entry{dependsOn: rapid.IntRange(-1, len(all)-1).Draw(t, "depends on")}
				e.op = journal.Op{AccountID: account, Kind: journal.FileMove, Payload: []byte(`{}`)}
				if e.dependsOn >= 0 {
					e.op.DependsOn = all[e.dependsOn].op.ID
				}
				must(t, db.WriteDurable(ctx, func(tx *Tx) (err error) {
					e.op, err = tx.AddOp(ctx, e.op)
					return err
				}))
				if e.dependsOn >= 0 && all[e.dependsOn].op.State == journal.Cancelled {
					e.dependsOn = -1 // too late to be taken along
				}
				all = append(all, e)
				continue
			}
			at := rapid.IntRange(0, len(all)-1).Draw(t, "which")
			next, err := move(t, all[at].op, now)
			if err != nil {
				continue // not possible in this state
			}
			drop := next.State == journal.Cancelled && all[at].op.State != journal.Cancelled
			must(t, db.WriteDurable(ctx, func(tx *Tx) error {
				if drop {
					return tx.Drop(ctx, next)
				}
				return tx.SaveOp(ctx, next)
			}))
			all[at].op = next
			if drop {
				takeAlong(all, at)
			}
			compare(t, db, account, all)
		}
		must(t, db.Check(ctx))
		must(t, db.WriteDurable(ctx, func(tx *Tx) error { // the next history begins with an empty journal
			_, err := tx.exec(ctx, `DELETE FROM journal`)
			return err
		}))
	})
}

func must(t *rapid.T, err error) {
	if err != nil {
		t.Fatal(err)
	}
}

// move does one thing that a person or an engine may do.
func move(t *rapid.T, op journal.Op, now time.Time) (journal.Op, error) {
	switch rapid.IntRange(0, 6).Draw(t, "act") {
	case 0:
		return journal.Cancel(op, now)
	case 1:
		return journal.Hold(op, now)
	case 2:
		return journal.Release(op, now)
	case 3:
		return journal.Again(op, now)
	case 4:
		return journal.Start(op, now)
	case 5:
		return journal.Recover(op, now), nil
	}
	if op.State != journal.Running && op.State != journal.InDoubt {
		return op, errors.New("was not tried")
	}
	o := journal.Outcome(rapid.IntRange(int(journal.Succeeded), int(journal.Stale)).Draw(t, "outcome"))
	return journal.Next(op, o, "reason", now, 0.5), nil
}

// takeAlong cancels what waited for an operation that was dropped.
func takeAlong(all []entry, at int) {
	for i := range all {
		if all[i].dependsOn == at && !all[i].op.State.Final() {
			all[i].op.State = journal.Cancelled
			takeAlong(all, i)
		}
	}
}

func compare(t *rapid.T, db *DB, account int64, all []entry) {
	ctx := context.Background()
	var want []int64
	counts := map[journal.State]int{}
	for _, e := range all {
		got, err := db.Op(ctx, e.op.ID)
		must(t, err)
		if got.State != e.op.State || got.Tries != e.op.Tries || !got.NextTry.Equal(time.UnixMilli(max(0, e.op.NextTry.UnixMilli()))) && !e.op.NextTry.IsZero() {
			t.Fatalf("operation %d is %s after %d tries, want %s after %d", got.ID, got.State, got.Tries, e.op.State, e.op.Tries)
		}
		if e.op.State.Pending() {
			want = append(want, e.op.ID)
			counts[e.op.State]++
		}
	}
	pending, err := db.PendingOps(ctx, account)
	must(t, err)
	var ids []int64
	for _, op := range pending {
		ids = append(ids, op.ID)
	}
	if !slices.Equal(ids, want) {
		t.Fatalf("pending are %v, want %v", ids, want)
	}
	first, err := db.FirstPendingOps(ctx, account, 2)
	must(t, err)
	if len(first) != min(2, len(want)) {
		t.Fatalf("the first two are %d", len(first))
	}
	stored, err := db.OpCounts(ctx)
	must(t, err)
	for state, n := range counts {
		if stored[state] != n {
			t.Fatalf("%d are %s, want %d", stored[state], state, n)
		}
	}
}
