// SPDX-License-Identifier: EUPL-1.2

package smtpsend

import (
	"context"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kontor/app/journal"
	"kontor/storage"
	"kontor/sync/servertest"
)

// Whatever goes wrong, however often: the server delivers a message at most once, what counts as sent was delivered, and
// what was not is still there to be sent.
func TestRandomFaultsNeverSendTwice(t *testing.T) {
	ctx := context.Background()
	server := servertest.FaultSMTP(t)
	db := openStore(t, storePath(t))
	account, first := queue(t, db, accountOf(t, server), raw, "berta@amt.example")
	w := newWorker(db, account)
	steps := []servertest.Step{
		servertest.StepConnect, servertest.StepAuth, servertest.StepMail, servertest.StepRcpt, servertest.StepData, servertest.StepDot, servertest.StepReply,
	}
	rapid.Check(t, func(rt *rapid.T) {
		op := again(t, db, first)
		before := len(server.Deliveries())
		var crashed bool
		for range rapid.IntRange(0, 4).Draw(rt, "attempts") {
			step := rapid.SampledFrom(steps).Draw(rt, "step")
			fault := rapid.SampledFrom([]servertest.Fault{{Cut: true}, {Code: 451, Text: "later"}, {Code: 421, Text: "bye"}, {}}).Draw(rt, "fault")
			if step == servertest.StepReply && fault.Code != 0 {
				continue // a server that refuses what it has delivered lies; nobody can protect from that
			}
			server.FailOnce(step, fault)
			if after, _ := runOnce(t, db, w, account.ID, op.ID); rapid.Bool().Draw(rt, "crash") && after.State == journal.Waiting {
				crashed = true
				crash(t, db, after)
			}
			hurry(t, db, op.ID)
		}
		server.Script(nil)
		for range 3 {
			_, _ = runOnce(t, db, w, account.ID, op.ID)
			hurry(t, db, op.ID)
		}
		after, err := db.Op(ctx, op.ID)
		if err != nil {
			rt.Fatal(err)
		}
		n := len(server.Deliveries()) - before
		switch {
		case n > 1:
			rt.Fatalf("delivered %d times", n)
		case after.State == journal.Done && n != 1:
			rt.Fatalf("counts as sent, was delivered %d times", n)
		case after.State != journal.Done && after.State != journal.Failed:
			rt.Fatalf("left as %q (crashed %v)", after.State, crashed)
		case after.State == journal.Failed && after.LastError != ErrDoubt.Error():
			rt.Fatalf("failed: %s", after.LastError)
		}
	})
}

// again puts a stored message into the outbox once more, as a new operation; those of earlier runs are over.
func again(t *testing.T, db *storage.DB, first journal.Op) journal.Op {
	t.Helper()
	ctx := context.Background()
	var op journal.Op
	err := db.Write(ctx, func(tx *storage.Tx) error {
		pending, err := tx.PendingOps(ctx, first.AccountID)
		if err != nil {
			return err
		}
		for _, old := range pending {
			old.State = journal.Cancelled
			if err := tx.SaveOp(ctx, old); err != nil {
				return err
			}
		}
		op, err = tx.AddOp(ctx, journal.Op{AccountID: first.AccountID, Kind: journal.MailSend, Payload: first.Payload})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return op
}

// crash stores an operation as a program leaves it that is killed at work, and recovers as the next start does.
func crash(t *testing.T, db *storage.DB, op journal.Op) {
	t.Helper()
	op.State = journal.Running
	op = journal.Recover(op, time.Now())
	if err := db.Write(context.Background(), func(tx *storage.Tx) error { return tx.SaveOp(context.Background(), op) }); err != nil {
		t.Fatal(err)
	}
}

// hurry lets an operation be tried at once.
func hurry(t *testing.T, db *storage.DB, id int64) {
	t.Helper()
	ctx := context.Background()
	err := db.Write(ctx, func(tx *storage.Tx) error {
		op, err := tx.Op(ctx, id)
		if err != nil || op.State.Final() {
			return err
		}
		op.NextTry = time.Now().Add(-time.Second)
		return tx.SaveOp(ctx, op)
	})
	if err != nil {
		t.Fatal(err)
	}
}
