// SPDX-License-Identifier: EUPL-1.2

package journal

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var (
	allStates   = []State{Waiting, Running, InDoubt, Failed, Held, Done, Cancelled}
	allOutcomes = []Outcome{Succeeded, Retry, Unknown, Rejected, Stale}
	start       = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
)

func genOp(t *rapid.T) Op {
	return Op{
		ID:      rapid.Int64Range(1, 9).Draw(t, "id"),
		State:   rapid.SampledFrom(allStates).Draw(t, "state"),
		Tries:   rapid.IntRange(0, 40).Draw(t, "tries"),
		NextTry: start.Add(time.Duration(rapid.IntRange(-100, 100).Draw(t, "next")) * time.Second),
	}
}

func TestFinalStatesNeverChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		op := genOp(t)
		if !op.State.Final() {
			return
		}
		o := rapid.SampledFrom(allOutcomes).Draw(t, "outcome")
		if got := Next(op, o, "reason", start, 0.5); got.State != op.State {
			t.Fatalf("%s became %s", op.State, got.State)
		}
		for name, act := range actions {
			if _, err := act(op, start); !errors.Is(err, ErrState) {
				t.Fatalf("%s of %s: %v", name, op.State, err)
			}
		}
	})
}

var actions = map[string]func(Op, time.Time) (Op, error){
	"start": Start, "cancel": Cancel, "hold": Hold, "release": Release, "again": Again,
}

// TestOnlyStartLeadsToRunning: no outcome and no other action may put an operation on the wire.
func TestOnlyStartLeadsToRunning(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		op := genOp(t)
		if op.State == Running {
			return
		}
		for name, act := range actions {
			got, err := act(op, start)
			if name != "start" && err == nil && got.State == Running {
				t.Fatalf("%s of %s led to running", name, op.State)
			}
			if err != nil && !reflect.DeepEqual(got, op) {
				t.Fatalf("%s changed the operation although it failed", name)
			}
		}
	})
}

func TestDoubtIsNeverCancelled(t *testing.T) {
	for _, s := range []State{Running, InDoubt} {
		if _, err := Cancel(Op{State: s}, start); !errors.Is(err, ErrState) {
			t.Errorf("cancel of %s: %v", s, err)
		}
	}
	if op, err := Again(Op{State: InDoubt}, start); err != nil || op.State != InDoubt {
		t.Errorf("retry of a doubtful operation gave %s, %v: it must be settled first", op.State, err)
	}
}

func TestCrashWhileRunningIsDoubt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		op := genOp(t)
		got := Recover(op, start)
		switch {
		case op.State == Running && got.State != InDoubt:
			t.Fatalf("running became %s", got.State)
		case op.State != Running && got.State != op.State:
			t.Fatalf("%s became %s", op.State, got.State)
		case got.State == InDoubt && op.State == Running && !Due(got, "", start):
			t.Fatal("a doubtful operation must be settled at once")
		}
	})
}

func TestDelayGrowsAndIsBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tries := rapid.IntRange(0, 1000).Draw(t, "tries")
		spread := rapid.Float64Range(0, 0.999).Draw(t, "spread")
		d := Delay(tries, spread)
		if d < firstDelay*3/4 || d > maxDelay*5/4 {
			t.Fatalf("delay %s after %d tries", d, tries)
		}
		if Delay(tries+1, spread) < d {
			t.Fatalf("delay shrinks after %d tries", tries)
		}
	})
}

func TestOutcomes(t *testing.T) {
	running := Op{State: Running, Tries: 1}
	cases := []struct {
		outcome Outcome
		tries   int
		want    State
	}{
		{Succeeded, 1, Done},
		{Retry, 1, Waiting},
		{Unknown, 1, InDoubt},
		{Rejected, 1, Failed},
		{Stale, 1, Waiting},
		{Stale, maxStale, Failed},
	}
	for _, c := range cases {
		running.Tries = c.tries
		got := Next(running, c.outcome, "why", start, 0)
		if got.State != c.want {
			t.Errorf("outcome %d: %s, want %s", c.outcome, got.State, c.want)
		}
		if wantReason := c.outcome != Succeeded; (got.LastError == "why") != wantReason {
			t.Errorf("outcome %d: reason %q", c.outcome, got.LastError)
		}
		if c.outcome == Retry && !got.NextTry.After(start) {
			t.Error("a retry must wait")
		}
	}
}

func TestDueWaitsForTimeAndDependency(t *testing.T) {
	op := Op{State: Waiting, NextTry: start}
	if !Due(op, "", start) || Due(op, "", start.Add(-time.Second)) {
		t.Error("due depends on NextTry")
	}
	op.DependsOn = 3
	for _, s := range allStates {
		if Due(op, s, start) != (s == Done) {
			t.Errorf("dependency %s", s)
		}
	}
	for _, s := range allStates {
		if want := s == Waiting || s == InDoubt; Due(Op{State: s}, "", start) != want {
			t.Errorf("state %s", s)
		}
	}
}

func TestHoldAndRelease(t *testing.T) {
	op, err := Hold(Op{State: Waiting}, start)
	if err != nil || op.State != Held {
		t.Fatalf("hold: %s, %v", op.State, err)
	}
	if op, err = Release(op, start); err != nil || op.State != Waiting || !op.NextTry.Equal(start) {
		t.Fatalf("release: %+v, %v", op, err)
	}
	failed, err := Again(Op{State: Failed, Tries: 7}, start)
	if err != nil || failed.State != Waiting || failed.Tries != 0 {
		t.Fatalf("retry of a failed operation: %+v, %v", failed, err)
	}
}

func TestMarks(t *testing.T) {
	want := map[State]Mark{
		Waiting: MarkWaiting, Running: MarkRunning, Held: MarkHeld, InDoubt: MarkInDoubt, Failed: MarkRejected,
		Done: MarkServer, Cancelled: MarkServer, "": MarkServer,
	}
	for s, m := range want {
		if MarkOf(s) != m {
			t.Errorf("%s: %s", s, MarkOf(s))
		}
	}
	if Waiting.Final() || !Failed.Pending() || Done.Pending() {
		t.Error("final and pending exclude each other")
	}
}

func TestGiveBackUndoesStart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		op := genOp(t)
		started, err := Start(op, start)
		if err != nil || op.State == InDoubt {
			return
		}
		got := GiveBack(started, start)
		if got.State != op.State || got.Tries != op.Tries || !got.NextTry.Equal(op.NextTry) {
			t.Fatalf("%+v became %+v", op, got)
		}
	})
}

// TestOnlyWhatWasDroppedIsRevived: it waits as if it were new; what is alive, or done, is not started a second time.
func TestOnlyWhatWasDroppedIsRevived(t *testing.T) {
	for _, s := range []State{Waiting, Running, InDoubt, Held, Failed, Done} {
		if op, err := Revive(Op{State: s}, start); !errors.Is(err, ErrState) || op.State != s {
			t.Errorf("%s: %s, %v", s, op.State, err)
		}
	}
	op, err := Revive(Op{State: Cancelled, Tries: 4, NextTry: start.Add(time.Hour)}, start)
	if err != nil || op.State != Waiting || op.Tries != 0 || !Due(op, "", start) {
		t.Errorf("%+v, %v", op, err)
	}
}
