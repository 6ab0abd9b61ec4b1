// SPDX-License-Identifier: EUPL-1.2

package engine

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync"
	"time"

	"kontor/app/journal"
	"kontor/storage"
	"kontor/sync/transport"
)

// perWorker bounds how many operations are stored as running at once, as a multiple of what runs in parallel: one
// durable write then serves several operations, and a crash puts few of them in doubt.
const perWorker = 8

// push carries out what is due for one worker and returns how many operations were tried. The error is that of the
// connection; what a server says about a single operation is stored with the operation.
func (e *Engine) push(ctx context.Context, u *unit) (int, error) {
	tried := 0
	for ctx.Err() == nil {
		batch, err := e.claim(ctx, u)
		if err != nil || len(batch) == 0 {
			return tried, err
		}
		tried += len(batch)
		if err := e.carryOut(ctx, u, batch); err != nil {
			return tried, err
		}
	}
	return tried, ctx.Err()
}

// claim picks due operations and stores them as running; what is in doubt stays in doubt while the server is asked.
func (e *Engine) claim(ctx context.Context, u *unit) ([]journal.Op, error) {
	now := time.Now()
	batch, err := e.due(ctx, u, window, now)
	if err != nil || len(batch) == 0 {
		return nil, err
	}
	err = e.db.WriteDurable(ctx, func(tx *storage.Tx) error {
		for i, op := range batch {
			current, err := tx.Op(ctx, op.ID)
			if err != nil {
				return err
			}
			if current.State != op.State {
				batch[i].State = journal.Cancelled // a person was faster
				continue
			}
			if op.State == journal.InDoubt {
				continue
			}
			started, err := journal.Start(current, now)
			if err != nil {
				return err
			}
			batch[i] = started
			if err := tx.SaveOp(ctx, started); err != nil {
				return err
			}
		}
		return nil
	})
	return slices.DeleteFunc(batch, func(op journal.Op) bool { return op.State == journal.Cancelled }), err
}

// window is how many pending operations are looked at first: thousands may wait, and the oldest are usually due.
const window = 512

// due reads the pending operations and picks from them, from all of them where the oldest are all held back.
func (e *Engine) due(ctx context.Context, u *unit, window int, now time.Time) ([]journal.Op, error) {
	pending, err := e.db.FirstPendingOps(ctx, u.account, window)
	if err != nil || len(pending) == 0 {
		return nil, err
	}
	limit := u.worker.Parallel()
	if limit > 1 {
		limit *= perWorker
	}
	batch := Pick(pending, u.worker.Kinds(), limit, now, func(id int64) journal.State {
		dep, err := e.db.Op(ctx, id)
		if err != nil {
			return journal.Waiting
		}
		return dep.State
	})
	if len(batch) == 0 && len(pending) == window {
		return e.due(ctx, u, math.MaxInt32, now)
	}
	return batch, nil
}

// Pick chooses from the pending operations of an account, given oldest first, what may run now: of the given kinds, due,
// and not about a row that an earlier pending operation is about. state tells the state of an operation that another one
// depends on.
func Pick(pending []journal.Op, kinds []journal.Kind, limit int, now time.Time, state func(id int64) journal.State) []journal.Op {
	var batch []journal.Op
	blocked := map[journal.Target]bool{}
	for _, op := range pending {
		free := !slices.ContainsFunc(op.Targets, func(t journal.Target) bool { return blocked[t] })
		for _, t := range op.Targets {
			blocked[t] = true
		}
		if !free || !slices.Contains(kinds, op.Kind) {
			continue
		}
		dependency := journal.Done
		if op.DependsOn != 0 {
			dependency = state(op.DependsOn)
		}
		if !journal.Due(op, dependency, now) {
			continue
		}
		if batch = append(batch, op); len(batch) == limit {
			break
		}
	}
	return batch
}

// carryOut runs a batch on the worker and stores each outcome, as many in one transaction as have come in by then. After
// the first connection error the rest of the batch is given back untouched.
func (e *Engine) carryOut(ctx context.Context, u *unit, batch []journal.Op) error {
	e.addBusy(1)
	defer e.addBusy(-1)
	todo, results := make(chan journal.Op), make(chan attempt, len(batch))
	broken := make(chan struct{})
	var once sync.Once
	var wg sync.WaitGroup
	for range min(u.worker.Parallel(), len(batch)) {
		wg.Go(func() {
			for op := range todo {
				a := run(ctx, u.worker, op, broken)
				if transport.IsConnectionError(a.err) || errors.Is(a.err, transport.ErrSignIn) {
					once.Do(func() { close(broken) })
				}
				results <- a
			}
		})
	}
	go func() {
		for _, op := range batch {
			todo <- op
		}
		close(todo)
		wg.Wait()
		close(results)
	}()
	return e.collect(context.WithoutCancel(ctx), u, results)
}

// attempt is what one operation came to.
type attempt struct {
	op        journal.Op
	res       Result
	err       error
	untouched bool // it was handed out, but nothing was done
}

// outcome gives the operation as it is to be stored after the attempt.
func (a attempt) outcome(now time.Time) journal.Op {
	if a.untouched {
		return journal.GiveBack(a.op, now)
	}
	reason := ""
	if a.err != nil {
		reason = a.err.Error()
	}
	next := journal.Next(a.op, a.res.Outcome, reason, now, spread())
	if a.res.Outcome == journal.Retry && a.op.State == journal.InDoubt {
		next.NextTry = now // the server says it did not happen: carry it out now
	}
	if a.res.RetryAfter > 0 && !next.State.Final() {
		next.NextTry = now.Add(a.res.RetryAfter)
	}
	if a.res.Proof != "" {
		next.Proof = a.res.Proof
	}
	return next
}

// run pushes or settles one operation, unless the connection is known to be broken or the engine is being stopped: then
// nothing has left, and the operation waits again.
func run(ctx context.Context, w Worker, op journal.Op, broken <-chan struct{}) attempt {
	stop := ctx.Err() != nil
	select {
	case <-broken:
		stop = true
	default:
	}
	a := attempt{op: op, untouched: stop}
	if stop {
		return a
	}
	if op.State == journal.InDoubt {
		a.op.Tries++
		a.res, a.err = w.Settle(ctx, op)
	} else {
		a.res, a.err = w.Push(ctx, op)
	}
	return a
}

// collect stores outcomes as they come in and returns the first error of the connection.
func (e *Engine) collect(ctx context.Context, u *unit, results <-chan attempt) error {
	var broken error
	reached := false
	for first := range results {
		group := []attempt{first}
	more:
		for {
			select {
			case a, ok := <-results:
				if !ok {
					break more
				}
				group = append(group, a)
			default:
				break more
			}
		}
		for _, a := range group {
			if broken == nil && (transport.IsConnectionError(a.err) || errors.Is(a.err, transport.ErrSignIn)) {
				broken = a.err
			}
			reached = reached || a.err == nil
		}
		if err := e.store(ctx, group); err != nil {
			return err
		}
	}
	if broken != nil || reached {
		return errors.Join(broken, e.record(ctx, u, broken, time.Time{}))
	}
	return nil
}

// store writes a group of outcomes, each with what the server now holds, in one durable transaction.
func (e *Engine) store(ctx context.Context, group []attempt) error {
	now := time.Now()
	return e.db.WriteDurable(ctx, func(tx *storage.Tx) error {
		for _, a := range group {
			if err := tx.SaveOp(ctx, a.outcome(now)); err != nil {
				return err
			}
			if a.res.Apply == nil {
				continue
			}
			if err := a.res.Apply(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
}
