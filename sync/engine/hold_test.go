// SPDX-License-Identifier: EUPL-1.2

package engine

import (
	"context"
	"sync/atomic"
	"testing"

	"kontor/app/journal"
)

// keeper is a desk that keeps operations about some rows waiting.
type keeper struct {
	*desk
	keeps atomic.Int64 // the row
	asked []int64
}

func (k *keeper) Holds(_ context.Context, op journal.Op) bool {
	k.asked = append(k.asked, op.ID)
	return op.Targets[0].ID == k.keeps.Load()
}

// What a worker keeps waiting is not tried, whatever else is: not counted as an attempt, not put in doubt, and later
// changes of the same row stay behind it.
func TestHeldOperationsWait(t *testing.T) {
	ctx := context.Background()
	db, account := openStore(t)
	k := &keeper{desk: &desk{protocol: "mail"}}
	k.keeps.Store(7)
	e := New(db, quiet)
	e.Add(account, k)
	var held []journal.Op
	for _, row := range []int64{7, 8, 7, 9} {
		op := add(t, db, flags(account, row))
		if row == 7 {
			held = append(held, op)
		}
	}
	if err := e.RunOnce(ctx, nil); err != nil {
		t.Fatal(err)
	}
	if n := k.pushes.Load(); n != 2 {
		t.Errorf("%d operations were tried", n)
	}
	for _, op := range held {
		if now := stateOf(t, db, op.ID); now.State != journal.Waiting || now.Tries != 0 || now.NextTry != op.NextTry {
			t.Errorf("%+v", now)
		}
	}
	k.keeps.Store(0)
	if err := e.RunOnce(ctx, nil); err != nil {
		t.Fatal(err)
	}
	for _, op := range held {
		if now := stateOf(t, db, op.ID); now.State != journal.Done {
			t.Errorf("%+v", now)
		}
	}
}

// A worker is asked about its own operations only.
func TestHoldersAreAskedAboutTheirOwn(t *testing.T) {
	db, account := openStore(t)
	k := &keeper{desk: &desk{protocol: "mail"}}
	e := New(db, quiet)
	e.Add(account, k)
	mine := add(t, db, flags(account, 1))
	add(t, db, journal.Op{AccountID: account, Kind: journal.MailMove, Targets: []journal.Target{{Table: "messages", ID: 2}}})
	if err := e.RunOnce(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	for _, id := range k.asked {
		if id != mine.ID {
			t.Errorf("asked about operation %d", id)
		}
	}
	if len(k.asked) == 0 {
		t.Error("nobody was asked")
	}
}
