// SPDX-License-Identifier: EUPL-1.2

package engine

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// pullAndPush pulls; a worker that can do both at once is handed what becomes due meanwhile.
func (e *Engine) pullAndPush(ctx context.Context, u *unit) error {
	if _, ok := u.worker.(Alongside); !ok {
		return e.pull(ctx, u)
	}
	pulled := make(chan error, 1)
	go func() { pulled <- e.pull(ctx, u) }()
	for {
		timer := time.NewTimer(e.untilDue(ctx, u))
		select {
		case err := <-pulled:
			timer.Stop()
			return err
		case <-u.wake:
		case <-timer.C:
		}
		timer.Stop()
		if _, err := e.push(ctx, u); err != nil {
			return errors.Join(err, <-pulled)
		}
	}
}

// untilDue is how long it takes until an operation becomes due by itself, at most pollEvery and never less than a moment.
func (e *Engine) untilDue(ctx context.Context, u *unit) time.Duration {
	due, err := e.db.NextDue(ctx, u.account, time.Now())
	if err != nil || due.IsZero() {
		return pollEvery
	}
	return min(max(time.Until(due), time.Second), pollEvery)
}

// Want asks for a thing that a person wants to see now, a message that is not fetched yet for example. It returns at
// once; what comes is seen by the change of the store.
func (e *Engine) Want(account int64, protocol string, id int64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.root == nil {
		return
	}
	for _, u := range e.units {
		f, ok := u.worker.(Fetcher)
		if !ok || u.account != account || u.worker.Protocol() != protocol {
			continue
		}
		ctx := e.root
		e.group.Add(1)
		go func() {
			defer e.group.Done()
			if e.Offline(ctx) || ctx.Err() != nil {
				return
			}
			if err := f.Fetch(ctx, id); err != nil && ctx.Err() == nil {
				e.log.Info("fetching out of turn failed", slog.String("protocol", protocol), slog.Any("error", err))
			}
		}()
	}
}
