// SPDX-License-Identifier: EUPL-1.2

package engine

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"kontor/app/journal"
	"kontor/app/live"
	"kontor/sync/transport"
)

// How often a worker looks for news where nothing tells it of any, and how long it waits after a broken watch.
const (
	pollEvery  = 5 * time.Minute
	rewatch    = 30 * time.Second       // at the longest, after a second at first
	hintSettle = 300 * time.Millisecond // hints of one change come in bursts
)

// Run supervises all workers until ctx ends: it pushes what becomes due, pulls on hints and in intervals, and waits
// longer after each failure. It returns when all have stopped.
func (e *Engine) Run(ctx context.Context) error {
	if err := e.Recover(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	sub := e.db.Changes().Subscribe(live.Journal | live.Settings)
	defer sub.Close()
	offline := e.Offline(ctx)
	e.connect(ctx, offline)
	e.mu.Lock()
	e.root = ctx
	for _, u := range e.units {
		e.start(u)
	}
	e.mu.Unlock()
	e.group.Go(func() { e.watchNetwork(ctx) })
	for {
		select {
		case <-ctx.Done():
			e.mu.Lock()
			e.root = nil
			e.mu.Unlock()
			e.group.Wait()
			e.mu.Lock()
			e.line, e.hang = nil, nil
			e.mu.Unlock()
			return nil
		case topics := <-sub.C():
			e.Wake(0)
			if !topics.Has(live.Settings) {
				continue
			}
			was := offline
			if offline = e.Offline(ctx); was != offline {
				e.connect(ctx, offline)
			}
			if was && !offline {
				e.SyncNow(0)
			}
		}
	}
}

// connect ends whatever listens or fetches when the person goes offline, and allows it again afterwards. An operation
// that is just being carried out is finished: to break it off would leave it in doubt.
func (e *Engine) connect(ctx context.Context, offline bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.hang != nil {
		e.hang()
	}
	e.line, e.hang = context.WithCancel(ctx)
	if offline {
		e.hang()
	}
}

// start begins a unit's loop; the caller holds the lock.
func (e *Engine) start(u *unit) {
	ctx, cancel := context.WithCancel(e.root)
	u.cancel = cancel
	u.running.Go(func() { e.loop(ctx, u) })
	if w, ok := u.worker.(Watcher); ok {
		u.running.Go(func() { e.keepWatching(ctx, u, w) })
	}
	e.group.Go(u.running.Wait)
}

// loop is the life of one worker.
func (e *Engine) loop(ctx context.Context, u *unit) {
	nextPull := time.Now()
	fails := 0
	for ctx.Err() == nil {
		if !e.Offline(ctx) && (fails == 0 || !time.Now().Before(nextPull)) {
			switch err := e.turn(ctx, u, &nextPull); {
			case err == nil && fails > 0: // what waits after the failures need not wait any longer
				fails = 0
				e.hurryNow(ctx)
				continue
			case err == nil:
			case !errors.Is(err, transport.ErrChoice):
				fails++
				nextPull = time.Now().Add(min(journal.Delay(fails, spread()), pollEvery))
				e.noteFailure(ctx, u, err, nextPull)
			}
		}
		if !e.pause(ctx, u, &nextPull, fails > 0) {
			return
		}
	}
}

// turn pushes what is due and, when it is time, pulls and pushes again.
func (e *Engine) turn(ctx context.Context, u *unit, nextPull *time.Time) error {
	if _, err := e.push(ctx, u); err != nil {
		return err
	}
	if time.Now().Before(*nextPull) {
		return nil
	}
	if err := e.pullAndPush(ctx, u); err != nil {
		return err
	}
	*nextPull = time.Now().Add(pollEvery)
	_, err := e.push(ctx, u)
	return err
}

func (e *Engine) noteFailure(ctx context.Context, u *unit, err error, next time.Time) {
	if ctx.Err() != nil {
		return
	}
	e.log.Info("synchronisation failed", slog.String("protocol", u.worker.Protocol()), slog.Time("next", next), slog.Any("error", err))
	if err := e.record(ctx, u, err, next); err != nil {
		e.log.Error("storing the state of a connection failed", slog.Any("error", err))
	}
}

// pause waits for the next reason to act: a wake-up, a hint (which brings the pull forward), the next pull or the next
// operation that becomes due. While attempts fail only a hint or the time cuts the wait short.
func (e *Engine) pause(ctx context.Context, u *unit, nextPull *time.Time, failing bool) bool {
	until := *nextPull
	if due, err := e.db.NextDue(ctx, u.account, time.Now()); !failing && err == nil && !due.IsZero() && due.Before(until) {
		until = due
	}
	if e.Offline(ctx) {
		until = time.Now().Add(pollEvery) // a change of the setting is a hint
	}
	timer := time.NewTimer(max(time.Until(until), 50*time.Millisecond))
	defer timer.Stop()
	wake := u.wake
	if failing {
		wake = nil
	}
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
	case <-wake:
	case <-u.hint:
		*nextPull = time.Now()
		e.hurryNow(ctx)
	}
	return true
}

func (e *Engine) hurryNow(ctx context.Context) {
	if err := e.hurry(ctx); err != nil && ctx.Err() == nil {
		e.log.Error("preparing waiting operations failed", slog.Any("error", err))
	}
}

// keepWatching listens for hints of a server, again and again.
func (e *Engine) keepWatching(ctx context.Context, u *unit, w Watcher) {
	wait := time.Second
	for ctx.Err() == nil {
		started := time.Now()
		if !e.Offline(ctx) {
			online, stop := whileOnline(ctx, e.connected())
			err := w.Watch(online, func() { e.hintLater(ctx, u) })
			if err != nil && online.Err() == nil {
				e.log.Debug("watching ended", slog.String("protocol", u.worker.Protocol()), slog.Any("error", err))
			}
			stop()
		}
		if time.Since(started) > rewatch {
			wait = time.Second
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		wait = min(2*wait, rewatch)
	}
}

// hintLater passes a hint on after a short moment, so that a burst leads to one pull.
func (e *Engine) hintLater(ctx context.Context, u *unit) {
	if u.hinted.Swap(true) {
		return
	}
	time.AfterFunc(hintSettle, func() {
		u.hinted.Store(false)
		if ctx.Err() == nil {
			signal(u.hint)
		}
	})
}
