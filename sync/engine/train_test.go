// SPDX-License-Identifier: EUPL-1.2

package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kontor/app/journal"
	"kontor/storage"
)

// joining is a worker that joins operations whose payloads are lists of numbers, and remembers what it was asked.
type joining struct {
	*script
	asked [][]int64
}

func concat(a, b []int64) ([]int64, bool) { return slices.Concat(a, b), true }

func (j *joining) Join(a, b journal.Op) (journal.Op, bool) {
	if a.Kind != journal.MailFlags {
		return a, false
	}
	return JoinPayloads(a, b, concat)
}

func (j *joining) Push(ctx context.Context, op journal.Op) (Result, error) {
	j.asked = append(j.asked, numbers(op))
	return j.script.Push(ctx, op)
}

func numbers(op journal.Op) (list []int64) {
	if err := json.Unmarshal(op.Payload, &list); err != nil {
		return nil
	}
	return list
}

func numbered(account, row, n int64) journal.Op {
	return journal.Op{
		AccountID: account, Kind: journal.MailFlags, Payload: fmt.Appendf(nil, "[%d]", n),
		Targets: []journal.Target{{Table: "messages", ID: row}},
	}
}

func TestWaitingOperationsTravelTogether(t *testing.T) {
	db, account := openStore(t)
	w := &joining{script: newScript(1)}
	e := New(db, quiet)
	e.Add(account, w)
	var ids []int64
	for n := range int64(4) {
		ids = append(ids, add(t, db, numbered(account, 1+n%2, n+1)).ID)
	}
	if err := e.RunOnce(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	if len(w.asked) != 1 || !slices.Equal(w.asked[0], []int64{1, 2, 3, 4}) {
		t.Fatalf("the server was asked %v", w.asked)
	}
	for _, id := range ids {
		if got := stateOf(t, db, id); got.State != journal.Done || got.Proof != "OK" || got.Tries != 1 {
			t.Errorf("operation %d: %+v", id, got)
		}
	}
}

// TestRefusedTogetherIsTriedAlone: one operation that the server refuses does not take others with it.
func TestRefusedTogetherIsTriedAlone(t *testing.T) {
	for _, f := range []fate{rejected, stale} {
		db, account := openStore(t)
		w := &joining{script: newScript(1, f, works, rejected)}
		e := New(db, quiet)
		e.Add(account, w)
		first, second := add(t, db, numbered(account, 1, 1)), add(t, db, numbered(account, 2, 2))
		third := add(t, db, numbered(account, 3, 3))
		if err := e.RunOnce(context.Background(), nil); err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(w.asked) != "[[1 2 3] [1] [2] [3]]" {
			t.Errorf("the server was asked %v", w.asked)
		}
		want := map[int64]journal.State{first.ID: journal.Done, second.ID: journal.Failed, third.ID: journal.Done}
		for id, state := range want {
			if got := stateOf(t, db, id); got.State != state || got.Tries != 1 {
				t.Errorf("operation %d is %s after %d tries, want %s", id, got.State, got.Tries, state)
			}
		}
	}
}

// TestDoubtAboutATrainIsSettledTogether: the answer is lost, the time of the next attempt is moved for one of them only,
// and still the server is asked once, after what both come to.
func TestDoubtAboutATrainIsSettledTogether(t *testing.T) {
	now := time.Now()
	first, second := numbered(1, 1, 1), numbered(1, 1, 2)
	first.ID, second.ID, first.State, second.State = 1, 2, journal.InDoubt, journal.InDoubt
	second.NextTry = now.Add(time.Hour)
	w := &joining{}
	trains := Pick([]journal.Op{first, second}, []journal.Kind{journal.MailFlags}, 5, now, nil, w.Join)
	if len(trains) != 1 || len(trains[0].Ops) != 2 || !slices.Equal(numbers(trains[0].As), []int64{1, 2}) {
		t.Fatalf("%+v", trains)
	}
	first.NextTry = now.Add(time.Hour)
	if trains = Pick([]journal.Op{first, second}, []journal.Kind{journal.MailFlags}, 5, now, nil, w.Join); len(trains) != 0 {
		t.Fatalf("too early: %+v", trains)
	}
}

func TestACancelledPassengerLetsTheTrainWait(t *testing.T) {
	db, account := openStore(t)
	first, second := add(t, db, numbered(account, 1, 1)), add(t, db, numbered(account, 1, 2))
	train := Train{Ops: []journal.Op{first, second}, As: first}
	cancelled, err := journal.Cancel(second, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	err = db.WriteDurable(context.Background(), func(tx *storage.Tx) error {
		return errors.Join(tx.SaveOp(context.Background(), cancelled), start(context.Background(), tx, &train, time.Now()))
	})
	if err != nil || len(train.Ops) != 0 || stateOf(t, db, first.ID).State != journal.Waiting {
		t.Fatalf("%v: %+v", err, train)
	}
}

// genPending draws pending operations of a few rows in random states, with dependencies on earlier ones.
func genPending(t *rapid.T, now time.Time) []journal.Op {
	ops := make([]journal.Op, rapid.IntRange(0, 12).Draw(t, "operations"))
	for i := range ops {
		ops[i] = numbered(1, int64(rapid.IntRange(1, 4).Draw(t, "row")), int64(i%10))
		op := &ops[i]
		op.ID = int64(i + 1)
		op.Kind = rapid.SampledFrom([]journal.Kind{journal.MailFlags, journal.MailFlags, journal.MailMove, journal.MailSend}).Draw(t, "kind")
		op.State = rapid.SampledFrom([]journal.State{
			journal.Waiting, journal.Waiting, journal.Waiting, journal.InDoubt, journal.Held, journal.Failed, journal.Running,
		}).Draw(t, "state")
		op.NextTry = now.Add(time.Duration(rapid.IntRange(-3, 1).Draw(t, "time")) * time.Second)
		if i > 0 && rapid.IntRange(0, 3).Draw(t, "depends") == 0 {
			op.DependsOn = int64(rapid.IntRange(1, i).Draw(t, "on"))
		}
		if rapid.Bool().Draw(t, "two rows") {
			op.Targets = append(op.Targets, journal.Target{Table: "messages", ID: int64(rapid.IntRange(1, 4).Draw(t, "other row"))})
		}
	}
	return ops
}

// TestPickNeverOvertakes: whatever waits, no operation runs before an earlier one about the same row, nor before what it
// depends on, nor twice; a train only holds what is in the same state and of the same kind.
func TestPickNeverOvertakes(t *testing.T) {
	now := time.Now()
	longest := 0
	rapid.Check(t, func(t *rapid.T) {
		ops := genPending(t, now)
		limit := rapid.IntRange(1, 4).Draw(t, "limit")
		state := func(id int64) journal.State { return ops[id-1].State }
		trains := Pick(ops, []journal.Kind{journal.MailFlags, journal.MailMove}, limit, now, state, (&joining{}).Join)
		if len(trains) > limit {
			t.Fatalf("%d trains", len(trains))
		}
		at := map[int64]int{}
		for k, train := range trains {
			longest = max(longest, len(train.Ops))
			for _, op := range train.Ops {
				if _, twice := at[op.ID]; twice {
					t.Fatalf("operation %d is handed out twice", op.ID)
				}
				at[op.ID] = k
				if op.State != train.As.State || op.Kind != train.As.Kind || op.Kind == journal.MailSend {
					t.Fatalf("%s %s in a train of %s %s", op.State, op.Kind, train.As.State, train.As.Kind)
				}
			}
			if !slices.IsSortedFunc(train.Ops, func(a, b journal.Op) int { return int(a.ID - b.ID) }) {
				t.Fatalf("out of order: %+v", train.Ops)
			}
		}
		for _, op := range ops {
			k, picked := at[op.ID]
			if !picked {
				continue
			}
			if other, ok := at[op.DependsOn]; op.DependsOn != 0 && op.State == journal.Waiting && (!ok || other != k) {
				t.Fatalf("operation %d runs before operation %d, on which it depends", op.ID, op.DependsOn)
			}
			for _, earlier := range ops[:op.ID-1] {
				other, ok := at[earlier.ID]
				if shares(earlier, op) && (!ok || other != k) {
					t.Fatalf("operation %d overtakes operation %d", op.ID, earlier.ID)
				}
			}
		}
	})
	if longest < 2 {
		t.Error("no train had a passenger")
	}
}

func shares(a, b journal.Op) bool {
	return slices.ContainsFunc(a.Targets, func(t journal.Target) bool { return slices.Contains(b.Targets, t) })
}

// ledger is a joining worker whose server remembers each number that it was given.
type ledger struct {
	*joining
	got map[int64]int
}

func (l *ledger) Push(ctx context.Context, op journal.Op) (Result, error) {
	before := l.applied[op.ID]
	res, err := l.joining.Push(ctx, op)
	if l.applied[op.ID] > before {
		for _, n := range numbers(op) {
			l.got[n]++
		}
	}
	return res, err
}

func (l *ledger) Settle(_ context.Context, op journal.Op) (Result, error) {
	had := 0
	for _, n := range numbers(op) {
		had += min(l.got[n], 1)
	}
	switch had {
	case 0:
		return Result{Outcome: journal.Retry}, nil
	case len(numbers(op)):
		return Result{Outcome: journal.Succeeded}, nil
	}
	return Result{Outcome: journal.Rejected}, fmt.Errorf("half of %s is there", op.Payload)
}

// TestTrainsAreDoneOnce plays lost requests, lost answers and refusals: each number arrives once, whoever travelled with
// it, and no question to the server finds half of a train.
func TestTrainsAreDoneOnce(t *testing.T) {
	db, account := openStore(t)
	rapid.Check(t, func(t *rapid.T) {
		var list []fate
		for range rapid.IntRange(0, 10).Draw(t, "fates") {
			list = append(list, rapid.SampledFrom([]fate{works, refusedBefore, lostAnswer, lostRequest}).Draw(t, "fate"))
		}
		w := &ledger{&joining{script: newScript(1, list...)}, map[int64]int{}}
		e := New(db, quiet)
		e.Add(account, w)
		n := int64(rapid.IntRange(1, 8).Draw(t, "operations"))
		added := int64(0)
		for range 30 {
			for added < n && rapid.Bool().Draw(t, "one more") {
				added++
				add(t, db, numbered(account, int64(rapid.IntRange(1, 3).Draw(t, "row")), added))
			}
			_ = e.RunOnce(context.Background(), nil) //nolint:errcheck // broken connections are part of the play
		}
		if pending, err := db.PendingOps(context.Background(), account); err != nil || len(pending) > 0 {
			t.Fatalf("%d operations wait, %v: %+v", len(pending), err, pending)
		}
		for i := int64(1); i <= added; i++ {
			if w.got[i] != 1 {
				t.Fatalf("number %d arrived %d times", i, w.got[i])
			}
		}
	})
}
