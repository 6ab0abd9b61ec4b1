// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"kontor/app/journal"
)

// Pull is part of engine.Worker: folders, then headers and flags, INBOX first, then missing octets, newest first. While
// the engine watches, fetching octets gives way to operations that became due and to news.
func (w *Worker) Pull(ctx context.Context) error {
	w.hinted.Store(false)
	var todo []work
	err := w.repeatable(ctx, func(c *client) error {
		var err error
		if todo, err = w.syncFolders(ctx, c); err != nil {
			return err
		}
		w.folders.Store(int64(len(todo)))
		todo, err = w.pullFirst(ctx, c, todo)
		return err
	})
	if err != nil {
		return fmt.Errorf("fetch headers: %w", err)
	}
	if err := w.pullRest(ctx, todo); err != nil {
		return fmt.Errorf("fetch headers: %w", err)
	}
	if err := w.pullBodies(ctx); err != nil {
		return fmt.Errorf("fetch messages: %w", err)
	}
	return nil
}

// pullFirst brings INBOX up to date and gives back the other folders that have news.
func (w *Worker) pullFirst(ctx context.Context, c *client, todo []work) (rest []work, err error) {
	for i, t := range todo {
		same, err := w.compare(ctx, t)
		switch {
		case err != nil:
			return nil, err
		case same:
		case i > 0:
			rest = append(rest, t)
		default:
			if err := w.pullOne(ctx, c, t); err != nil {
				return nil, err
			}
		}
	}
	return rest, nil
}

// compare tells whether the server's folder is as the store has it.
func (w *Worker) compare(ctx context.Context, t work) (same bool, err error) {
	have, err := w.db.CountUIDs(ctx, t.folder.ID)
	if err != nil {
		return false, err
	}
	f, s := t.folder, t.status
	return f.Complete && f.UIDValidity == s.uidValidity && f.UIDNext == s.uidNext && have == int(s.messages) &&
		(have == 0 || f.ModSeq != 0 && f.ModSeq == s.modseq), nil
}

// Where a further connection pays off: for so many folders, or so many messages in them.
const (
	foldersPerClient = 4
	mailsPerClient   = 1000
)

// pullRest brings folders up to date, many of them over several connections. Where the server allows fewer, the first
// one does it all.
func (w *Worker) pullRest(ctx context.Context, todo []work) error {
	jobs := make(chan work, len(todo))
	news := 0
	for _, t := range todo {
		jobs <- t
		if !t.folder.Complete {
			news += int(t.status.messages)
		}
	}
	close(jobs)
	n := min(maxClients, len(todo), 1+max(len(todo)/foldersPerClient, news/mailsPerClient))
	return w.parallel(ctx, n, func(ctx context.Context, c *client) error {
		for t := range jobs {
			if err := w.pullOne(ctx, c, t); err != nil {
				return err
			}
		}
		return nil
	})
}

// parallel runs fn on up to n connections. It fails when the first of them does; that further ones cannot be made is no failure.
func (w *Worker) parallel(ctx context.Context, n int, fn func(context.Context, *client) error) error {
	if n <= 0 {
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			started := false
			err := w.with(ctx, func(c *client) error {
				started = true
				return fn(ctx, c)
			})
			if err != nil && !started && i > 0 {
				w.log.Debug("no further connection", slog.Any("error", err))
				return
			}
			if errs[i] = err; err != nil {
				cancel()
			}
		})
	}
	wg.Wait()
	var first error
	for _, err := range errs {
		if err != nil && (first == nil || errors.Is(first, context.Canceled)) {
			first = err
		}
	}
	return first
}

// pullOne brings one folder up to date. That the server refuses a single folder is noted and does not stop the others.
func (w *Worker) pullOne(ctx context.Context, c *client, t work) error {
	err := w.pullFolder(ctx, c, t, false)
	if refused(err) || errors.Is(err, errOdd) {
		w.log.Warn("a folder could not be read", slog.Int64("folder", t.folder.ID), slog.Any("error", err))
		c.box = mailbox{}
		return nil
	}
	return err
}

// interrupted reports whether something is more urgent than octets of old messages: news, or an operation that is due.
// Only an engine that watches comes back for the rest. An operation interrupts once: what cannot be carried out now must
// not keep the rest from being fetched.
func (w *Worker) interrupted(ctx context.Context) bool {
	changed := w.watched.Load()
	if changed == nil {
		return false
	}
	if w.hinted.Load() {
		return true
	}
	ops, err := w.db.FirstPendingOps(ctx, w.account, pendingLook)
	if err != nil {
		return false
	}
	now := time.Now()
	for _, op := range ops {
		if op.DependsOn == 0 && journal.Due(op, journal.Done, now) && slices.Contains(w.Kinds(), op.Kind) && w.firstTime(op.ID) {
			(*changed)()
			return true
		}
	}
	return false
}

// pendingLook is how many pending operations are looked at for one that is due.
const pendingLook = 64

// firstTime reports whether an operation has not interrupted before.
func (w *Worker) firstTime(id int64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.yielded[id] {
		return false
	}
	w.yielded[id] = true
	return true
}
