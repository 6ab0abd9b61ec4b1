// SPDX-License-Identifier: EUPL-1.2

package journal

import (
	"errors"
	"fmt"
	"time"
)

// Back-off bounds: the first retry comes after about two seconds, no retry waits longer than half an hour.
const (
	firstDelay = 2 * time.Second
	maxDelay   = 30 * time.Minute
)

// CauseInterrupted is the cause of an operation that was running when the program ended.
const CauseInterrupted = "interrupted"

// maxStale is how often an Op is planned again after a failed precondition before a person is asked.
const maxStale = 3

// ErrState is returned when an action does not fit the state an Op is in.
var ErrState = errors.New("the operation is not in a state that allows this")

// Start marks an Op as running. It must be stored before the first byte leaves.
func Start(op Op, now time.Time) (Op, error) {
	if op.State != Waiting && op.State != InDoubt {
		return op, fmt.Errorf("start %s: %w", op.State, ErrState)
	}
	op.State, op.Updated = Running, now
	op.Tries++
	return op, nil
}

// GiveBack undoes Start for an Op that was never tried: not one octet has left. What is in doubt stays in doubt.
func GiveBack(op Op, now time.Time) Op {
	if op.State == Running {
		op.State, op.Updated = Waiting, now
		op.Tries--
	}
	return op
}

// Next gives the Op that follows from the outcome of an attempt. spread in [0,1) is the jitter of the back-off.
func Next(op Op, o Outcome, reason string, now time.Time, spread float64) Op {
	if op.State.Final() {
		return op
	}
	op.Updated, op.LastError, op.Cause = now, reason, ""
	switch o {
	case Succeeded:
		op.State, op.LastError = Done, ""
	case Retry:
		op.State, op.NextTry = Waiting, now.Add(Delay(op.Tries, spread))
	case Unknown:
		op.State, op.NextTry = InDoubt, now.Add(Delay(op.Tries, spread))
	case Rejected:
		op.State = Failed
	case Stale:
		op.State, op.NextTry = Waiting, now
		if op.Tries >= maxStale {
			op.State = Failed
		}
	}
	return op
}

// Recover gives the Op as it must be seen after a crash: what was running is in doubt, and nothing else changes.
func Recover(op Op, now time.Time) Op {
	if op.State != Running {
		return op
	}
	op.State, op.NextTry, op.Updated = InDoubt, now, now
	op.LastError, op.Cause = "interrupted", CauseInterrupted
	return op
}

// Delay is how long to wait after the given number of attempts: doubling, bounded, spread over a quarter either way.
func Delay(tries int, spread float64) time.Duration {
	d := firstDelay
	for i := 1; i < tries && d < maxDelay; i++ {
		d *= 2
	}
	d = min(d, maxDelay)
	return time.Duration(float64(d) * (0.75 + spread/2))
}

// Cancel drops an Op that has not reached the server. What may have reached it cannot be cancelled.
func Cancel(op Op, now time.Time) (Op, error) {
	switch op.State {
	case Waiting, Held, Failed:
		op.State, op.Updated = Cancelled, now
		return op, nil
	case Running, InDoubt, Done, Cancelled:
	}
	return op, fmt.Errorf("cancel %s: %w", op.State, ErrState)
}

// Revive lets a cancelled Op wait again.
func Revive(op Op, now time.Time) (Op, error) {
	if op.State != Cancelled {
		return op, fmt.Errorf("revive %s: %w", op.State, ErrState)
	}
	op.State, op.Tries, op.NextTry, op.Updated = Waiting, 0, now, now
	return op, nil
}

// Hold keeps a waiting Op back until it is released.
func Hold(op Op, now time.Time) (Op, error) {
	if op.State != Waiting {
		return op, fmt.Errorf("hold %s: %w", op.State, ErrState)
	}
	op.State, op.Updated = Held, now
	return op, nil
}

// Release lets a held Op go on.
func Release(op Op, now time.Time) (Op, error) {
	if op.State != Held {
		return op, fmt.Errorf("release %s: %w", op.State, ErrState)
	}
	op.State, op.NextTry, op.Updated = Waiting, now, now
	return op, nil
}

// Again lets a failed, waiting or doubtful Op be tried at once. Doubt stays doubt: the server is asked first.
func Again(op Op, now time.Time) (Op, error) {
	switch op.State {
	case Failed:
		op.State, op.Tries = Waiting, 0
	case Waiting, InDoubt:
	case Running, Held, Done, Cancelled:
		return op, fmt.Errorf("retry %s: %w", op.State, ErrState)
	}
	op.NextTry, op.Updated = now, now
	return op, nil
}

// Due reports whether an Op may be handed out now, given the state of the Op it depends on (ignored without one).
func Due(op Op, dependency State, now time.Time) bool {
	if op.State != Waiting && op.State != InDoubt {
		return false
	}
	if op.DependsOn != 0 && dependency != Done {
		return false
	}
	return !op.NextTry.After(now)
}
