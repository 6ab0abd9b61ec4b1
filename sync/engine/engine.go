// SPDX-License-Identifier: EUPL-1.2

package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"kontor/app/journal"
	"kontor/storage"
	"kontor/sync/transport"
)

// SettingOffline is the setting that holds "1" while the person works offline by choice.
const SettingOffline = "offline"

// Engine runs the workers of all accounts. It is safe for use by several goroutines.
type Engine struct {
	db    *storage.DB
	log   *slog.Logger
	mu    sync.Mutex
	units []*unit
	root  context.Context // of Run, nil before
	line  context.Context // ends when the person goes offline; nil where nobody watches for that
	hang  context.CancelFunc
	busy  int
	group sync.WaitGroup
	look  func() place  // where the computer is
	stir  time.Duration // how often that is looked at
}

// unit is one worker with its place in the supervision.
type unit struct {
	account int64
	worker  Worker
	wake    chan struct{}  // something may be due
	hint    chan struct{}  // the server may have news
	hinted  atomic.Bool    // a hint waits for the end of its burst
	alone   map[int64]bool // operations that are not joined with others; only the goroutine that pushes touches it
	cancel  context.CancelFunc
	running sync.WaitGroup
	lost    []int64 // operations whose outcome could not be stored
}

// New makes an engine without workers.
func New(db *storage.DB, log *slog.Logger) *Engine {
	return &Engine{db: db, log: log, look: here, stir: stirEvery}
}

// Add puts a worker under supervision; while Run runs it is started at once.
func (e *Engine) Add(account int64, w Worker) {
	u := &unit{account: account, worker: w, wake: make(chan struct{}, 1), hint: make(chan struct{}, 1), alone: map[int64]bool{}}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.units = append(e.units, u)
	if e.root != nil {
		e.start(u)
	}
}

// Remove ends all workers of an account and waits until they have stopped.
func (e *Engine) Remove(account int64) error {
	e.mu.Lock()
	var gone []*unit
	e.units = slices.DeleteFunc(e.units, func(u *unit) bool {
		if u.account == account {
			gone = append(gone, u)
			return true
		}
		return false
	})
	e.mu.Unlock()
	var errs []error
	for _, u := range gone {
		if u.cancel != nil {
			u.cancel()
			u.running.Wait()
		}
		errs = append(errs, u.worker.Close())
	}
	return errors.Join(errs...)
}

// Close ends every worker. Run must have returned.
func (e *Engine) Close() error {
	e.mu.Lock()
	accounts := map[int64]bool{}
	for _, u := range e.units {
		accounts[u.account] = true
	}
	e.mu.Unlock()
	var errs []error
	for id := range accounts {
		errs = append(errs, e.Remove(id))
	}
	return errors.Join(errs...)
}

// Wake lets the workers of an account look for due operations now; of all accounts for 0.
func (e *Engine) Wake(account int64) {
	e.each(account, func(u *unit) { signal(u.wake) })
}

// SyncNow lets the workers of an account push and pull now, whatever they wait for; of all accounts for 0.
func (e *Engine) SyncNow(account int64) {
	e.each(account, func(u *unit) { signal(u.hint) })
}

func (e *Engine) each(account int64, fn func(*unit)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, u := range e.units {
		if account == 0 || u.account == account {
			fn(u)
		}
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Syncing reports whether a worker is talking to its server at this moment.
func (e *Engine) Syncing() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.busy > 0
}

func (e *Engine) addBusy(n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.busy += n
}

// Recover puts every operation that was running when the program ended in doubt. Call it once, before the first hand-out.
func (e *Engine) Recover(ctx context.Context) error {
	ops, err := e.db.PendingOps(ctx, 0)
	if err != nil {
		return err
	}
	return e.db.WriteDurable(ctx, func(tx *storage.Tx) error {
		for _, op := range ops {
			if op.State != journal.Running {
				continue
			}
			if err := tx.SaveOp(ctx, journal.Recover(op, time.Now())); err != nil {
				return err
			}
		}
		return nil
	})
}

// Offline reports whether the person works offline by choice.
func (e *Engine) Offline(ctx context.Context) bool {
	value, err := e.db.Setting(ctx, SettingOffline, "")
	return err == nil && value == "1"
}

// Filter chooses workers for RunOnce; nil chooses all.
type Filter func(account int64, protocol string) bool

// RunOnce pushes what waits, pulls what is new and pushes what came of it. Waiting times after failed attempts are
// ignored, those that a person asked for (send later, undo) are not. It returns all problems joined.
func (e *Engine) RunOnce(ctx context.Context, filter Filter) error {
	if e.Offline(ctx) {
		return transport.ErrChoice
	}
	if err := e.hurry(ctx); err != nil {
		return err
	}
	units := e.chosen(filter)
	failed := &failures{units: map[*unit]error{}}
	e.pushAll(ctx, units, failed)
	var wg sync.WaitGroup
	for _, u := range units {
		if failed.of(u) != nil {
			continue
		}
		wg.Go(func() { failed.add(u, e.pull(ctx, u)) })
	}
	wg.Wait()
	e.pushAll(ctx, units, failed)
	return failed.join()
}

func (e *Engine) chosen(filter Filter) []*unit {
	e.mu.Lock()
	defer e.mu.Unlock()
	var units []*unit
	for _, u := range e.units {
		if filter == nil || filter(u.account, u.worker.Protocol()) {
			units = append(units, u)
		}
	}
	return units
}

// failures collects the first problem of each unit.
type failures struct {
	mu    sync.Mutex
	units map[*unit]error
}

func (f *failures) add(u *unit, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil && f.units[u] == nil {
		f.units[u] = err
	}
}

func (f *failures) of(u *unit) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.units[u]
}

func (f *failures) join() error {
	var errs []error
	for u, err := range f.units {
		errs = append(errs, fmt.Errorf("%s: %w", u.worker.Protocol(), err))
	}
	return errors.Join(errs...)
}

// pushAll hands out operations until nothing is due any more: one that is done may free others of another protocol.
func (e *Engine) pushAll(ctx context.Context, units []*unit, failed *failures) {
	for {
		var wg sync.WaitGroup
		var mu sync.Mutex
		progress := false
		for _, u := range units {
			if failed.of(u) != nil {
				continue
			}
			wg.Go(func() {
				n, err := e.push(ctx, u)
				failed.add(u, err)
				mu.Lock()
				defer mu.Unlock()
				progress = progress || n > 0
			})
		}
		wg.Wait()
		if !progress || ctx.Err() != nil {
			return
		}
	}
}

// hurry makes operations that wait after a failed attempt due at once.
func (e *Engine) hurry(ctx context.Context) error {
	ops, err := e.db.PendingOps(ctx, 0)
	if err != nil {
		return err
	}
	now := time.Now()
	ops = slices.DeleteFunc(ops, func(op journal.Op) bool {
		return op.Tries == 0 || !op.NextTry.After(now) || (op.State != journal.Waiting && op.State != journal.InDoubt)
	})
	if len(ops) == 0 {
		return nil
	}
	return e.db.Write(ctx, func(tx *storage.Tx) error {
		for _, op := range ops {
			op.NextTry = now
			if err := tx.SaveOp(ctx, op); err != nil {
				return err
			}
		}
		return nil
	})
}

// pull asks one worker for news and records how it went.
func (e *Engine) pull(ctx context.Context, u *unit) error {
	e.addBusy(1)
	defer e.addBusy(-1)
	line := e.connected()
	online, stop := whileOnline(ctx, line)
	defer stop()
	err := u.worker.Pull(online)
	if errors.Is(err, ErrNotAsked) {
		return nil
	}
	if err != nil && line.Err() != nil {
		return transport.ErrChoice
	}
	return errors.Join(err, e.record(ctx, u, err, time.Time{}))
}

// connected gives a context that ends when the person goes offline while Run runs.
func (e *Engine) connected() context.Context {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.line == nil {
		return context.Background()
	}
	return e.line
}

// whileOnline gives a context that ends with ctx and with line.
func whileOnline(ctx, line context.Context) (context.Context, context.CancelFunc) {
	both, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(line, cancel)
	return both, func() { stop(); cancel() }
}

// record stores what an attempt to reach a server came to.
func (e *Engine) record(ctx context.Context, u *unit, attempt error, next time.Time) error {
	if ctx.Err() != nil {
		return nil //nolint:nilerr // being stopped is no statement about the server
	}
	now := time.Now()
	c := storage.Connection{AccountID: u.account, Protocol: u.worker.Protocol(), LastTry: now, NextTry: next}
	if attempt == nil {
		c.LastOK = now
	} else {
		c.Cause, c.Message = string(transport.CauseOf(attempt)), attempt.Error()
	}
	return e.db.Write(ctx, func(tx *storage.Tx) error { return tx.SaveConnection(ctx, c) })
}

// spread is the jitter of the back-off.
func spread() float64 { return rand.Float64() } //nolint:gosec // not a secret
