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
	line := e.connected()
	if err := e.recoverLost(ctx, u); err != nil {
		return 0, err
	}
	for ctx.Err() == nil {
		if line.Err() != nil {
			return tried, transport.ErrChoice
		}
		batch, err := e.claim(ctx, u)
		if err != nil || len(batch) == 0 {
			return tried, err
		}
		tried += len(batch)
		if err := e.carryOut(ctx, line, u, batch); err != nil {
			return tried, err
		}
	}
	return tried, ctx.Err()
}

// recoverLost puts operations in doubt whose outcome could not be stored: what became of them is only known to the server.
func (e *Engine) recoverLost(ctx context.Context, u *unit) error {
	if len(u.lost) == 0 {
		return nil
	}
	err := e.db.WriteDurable(ctx, func(tx *storage.Tx) error {
		for _, id := range u.lost {
			op, err := tx.Op(ctx, id)
			if errors.Is(err, storage.ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			if err := tx.SaveOp(ctx, journal.Recover(op, time.Now())); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		u.lost = nil
	}
	return err
}

// claim picks due operations and stores them as running; what is in doubt stays in doubt while the server is asked.
func (e *Engine) claim(ctx context.Context, u *unit) ([]Train, error) {
	now := time.Now()
	batch, err := e.due(ctx, u, window, now)
	if err != nil || len(batch) == 0 {
		return nil, err
	}
	err = e.db.WriteDurable(ctx, func(tx *storage.Tx) error {
		for i := range batch {
			if err := start(ctx, tx, &batch[i], now); err != nil {
				return err
			}
		}
		return nil
	})
	return slices.DeleteFunc(batch, func(t Train) bool { return len(t.Ops) == 0 }), err
}

// start stores the operations of a train as running. It empties the train where a person was faster with one of them:
// what the others come to is planned anew.
func start(ctx context.Context, tx *storage.Tx, t *Train, now time.Time) error {
	current := make([]journal.Op, len(t.Ops))
	for i, op := range t.Ops {
		var err error
		current[i], err = tx.Op(ctx, op.ID)
		if errors.Is(err, storage.ErrNotFound) || err == nil && current[i].State != op.State {
			t.Ops = nil
			return nil
		}
		if err != nil {
			return err
		}
	}
	if t.As.State == journal.InDoubt {
		return nil
	}
	for i, op := range current {
		started, err := journal.Start(op, now)
		if err != nil {
			return err
		}
		if err := tx.SaveOp(ctx, started); err != nil {
			return err
		}
		t.Ops[i] = started
	}
	t.As.State, t.As.Tries = t.Ops[0].State, t.Ops[0].Tries
	return nil
}

// window is how many pending operations are looked at first: thousands may wait, and the oldest are usually due.
const window = 512

// due reads the pending operations and picks from them, from all of them where the oldest are all held back.
func (e *Engine) due(ctx context.Context, u *unit, window int, now time.Time) ([]Train, error) {
	pending, err := e.db.FirstPendingOps(ctx, u.account, window)
	if err != nil || len(pending) == 0 {
		return nil, err
	}
	u.hold(ctx, pending, now)
	limit := u.worker.Parallel()
	if limit > 1 {
		limit *= perWorker
	}
	states, err := e.states(ctx, pending)
	if err != nil {
		return nil, err
	}
	batch := Pick(pending, u.worker.Kinds(), limit, now, states, u.join())
	if len(batch) == 0 && len(pending) == window {
		return e.due(ctx, u, math.MaxInt32, now)
	}
	return batch, nil
}

// states tells the states of what operations depend on, all read at once: hundreds may wait, each for another one. What
// is not known any more is waited for.
func (e *Engine) states(ctx context.Context, pending []journal.Op) (func(id int64) journal.State, error) {
	var ids []int64
	for i := range pending {
		if id := pending[i].DependsOn; id != 0 {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	known, err := e.db.OpStates(ctx, slices.Compact(ids))
	return func(id int64) journal.State {
		if state, ok := known[id]; ok {
			return state
		}
		return journal.Waiting
	}, err
}

// hold makes what the worker keeps waiting look as if it were not due.
func (u *unit) hold(ctx context.Context, pending []journal.Op, now time.Time) {
	h, ok := u.worker.(Holder)
	if !ok {
		return
	}
	for i := range pending {
		if slices.Contains(u.worker.Kinds(), pending[i].Kind) && h.Holds(ctx, pending[i]) {
			pending[i].NextTry = now.Add(pollEvery)
		}
	}
}

// join gives what couples operations of this worker, nil where nothing does. Operations that were refused together
// travel alone from then on, so that one of them does not hold up the others.
func (u *unit) join() func(a, b journal.Op) (journal.Op, bool) {
	j, ok := u.worker.(Joiner)
	if !ok {
		return nil
	}
	return func(a, b journal.Op) (journal.Op, bool) {
		if u.alone[a.ID] || u.alone[b.ID] {
			return a, false
		}
		return j.Join(a, b)
	}
}

// carryOut runs a batch on the worker and stores each outcome, as many in one transaction as have come in by then. After
// the first connection error the rest of the batch is given back untouched.
func (e *Engine) carryOut(ctx, line context.Context, u *unit, batch []Train) error {
	e.addBusy(1)
	defer e.addBusy(-1)
	todo, results := make(chan Train), make(chan attempt, len(batch))
	broken := make(chan struct{})
	var once sync.Once
	var wg sync.WaitGroup
	for range min(u.worker.Parallel(), len(batch)) {
		wg.Go(func() {
			for t := range todo {
				a := run(ctx, u.worker, t, line.Done(), broken)
				if transport.IsConnectionError(a.err) || errors.Is(a.err, transport.ErrSignIn) {
					once.Do(func() { close(broken) })
				}
				results <- a
			}
		})
	}
	go func() {
		for _, t := range batch {
			todo <- t
		}
		close(todo)
		wg.Wait()
		close(results)
	}()
	return e.collect(ctx, u, results)
}

// attempt is what one train came to.
type attempt struct {
	train     Train
	res       Result
	err       error
	untouched bool // it was handed out, but nothing was done
}

// apart reports whether the operations are to be tried one by one: the server did nothing of what they asked together.
func (a attempt) apart() bool {
	return len(a.train.Ops) > 1 && a.train.As.State == journal.Running && !a.untouched &&
		(a.res.Outcome == journal.Rejected || a.res.Outcome == journal.Stale)
}

// outcome gives one of the operations as it is to be stored after the attempt; all of a train have the same jitter.
func (a attempt) outcome(op journal.Op, now time.Time, spread float64) journal.Op {
	if a.untouched || a.apart() {
		return journal.GiveBack(op, now)
	}
	if op.State == journal.InDoubt {
		op.Tries++
	}
	reason := ""
	if a.err != nil {
		reason = a.err.Error()
	}
	next := journal.Next(op, a.res.Outcome, reason, now, spread)
	if next.LastError != "" || (next.State == journal.Done && a.err != nil) { // the latter: it is done, and there is something to say
		next.Cause = transport.CodeOf(a.err)
	}
	if a.res.Outcome == journal.Retry && op.State == journal.InDoubt {
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

// run pushes or settles one train, unless the connection is known to be broken, the person has gone offline or the engine
// is being stopped: then nothing has left, and the operations wait again.
func run(ctx context.Context, w Worker, t Train, offline, broken <-chan struct{}) attempt {
	a := attempt{train: t, untouched: ctx.Err() != nil}
	select {
	case <-broken:
		a.untouched = true
	case <-offline:
		a.untouched = true
	default:
	}
	switch {
	case a.untouched:
	case t.As.State == journal.InDoubt:
		a.res, a.err = w.Settle(ctx, t.As)
	default:
		a.res, a.err = w.Push(ctx, t.As)
	}
	return a
}

// collect stores outcomes as they come in, also while the engine is being stopped, and returns the first error of the
// connection and those of the store.
func (e *Engine) collect(ctx context.Context, u *unit, results <-chan attempt) error {
	var broken, failed error
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
			u.separate(a)
			if broken == nil && (transport.IsConnectionError(a.err) || errors.Is(a.err, transport.ErrSignIn)) {
				broken = a.err
			}
			reached = reached || (a.err == nil && !a.untouched)
		}
		failed = errors.Join(failed, e.storeEach(context.WithoutCancel(ctx), u, group))
	}
	if broken != nil || reached {
		return errors.Join(broken, failed, e.record(ctx, u, broken, time.Time{}))
	}
	return failed
}

// storeEach writes a group of outcomes, each of its own where together they cannot be written.
func (e *Engine) storeEach(ctx context.Context, u *unit, group []attempt) error {
	if len(group) > 1 && e.store(ctx, group) == nil {
		return nil
	}
	var errs []error
	for _, a := range group {
		err := e.store(ctx, []attempt{a})
		if err == nil {
			continue
		}
		errs = append(errs, err)
		for _, op := range a.train.Ops {
			u.lost = append(u.lost, op.ID)
		}
	}
	return errors.Join(errs...)
}

// separate remembers operations that are to be tried one by one, until they are done.
func (u *unit) separate(a attempt) {
	for _, op := range a.train.Ops {
		switch {
		case a.apart():
			u.alone[op.ID] = true
		case !a.untouched && a.res.Outcome == journal.Succeeded:
			delete(u.alone, op.ID)
		}
	}
}

// store writes a group of outcomes, each with what the server now holds, in one durable transaction.
func (e *Engine) store(ctx context.Context, group []attempt) error {
	now := time.Now()
	return e.db.WriteDurable(ctx, func(tx *storage.Tx) error {
		for _, a := range group {
			jitter := spread()
			for _, op := range a.train.Ops {
				if err := tx.SaveOp(ctx, a.outcome(op, now, jitter)); err != nil {
					return err
				}
			}
			if a.res.Apply == nil || a.apart() {
				continue
			}
			if err := a.res.Apply(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
}
