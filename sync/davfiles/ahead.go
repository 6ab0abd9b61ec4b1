// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"time"

	"kontor/app/live"
	"kontor/storage"
)

// lookLasts is how long a look at the disk counts that was taken while the server was asked.
const lookLasts = 3 * time.Second

// ahead is a look at the store and the disk that is taken while the server is still listing: it takes as long as that.
type ahead struct {
	done    chan struct{}
	s       *situation // nil where it failed: then plan looks, and says why
	root    string
	began   time.Time
	changed *live.Subscription
}

// lookAhead begins to look. Nothing is asked and nothing that is not known for sure is changed.
func (w *Worker) lookAhead(ctx context.Context, server storage.FileServer) *ahead {
	a := &ahead{done: make(chan struct{}), began: time.Now()}
	if server.Marker == "" {
		close(a.done)
		return a
	}
	a.changed = w.db.Changes().Subscribe(live.Files | live.Journal | live.Accounts)
	go func() {
		defer close(a.done)
		defer w.disk.lock()()
		root, err := w.disk.OpenRoot(ctx)
		if err != nil || w.disk.hold(root) != nil || w.disk.align(ctx, root) != nil {
			return
		}
		a.drop() // what aligning has stored is seen by what follows
		s := w.situation()
		if w.look(ctx, root, s) == nil {
			a.root, a.s = root, s
		}
	}()
	return a
}

// situation begins a plan.
func (w *Worker) situation() *situation {
	return &situation{rules: w.disk.ability().Rules, place: w.disk.local}
}

// drop forgets what has changed so far, and reports whether anything has.
func (a *ahead) drop() bool {
	select {
	case <-a.changed.C():
		return true
	default:
		return false
	}
}

// take gives once what the look saw, nil where that does not count any more: the store was changed meanwhile, or it was
// too long ago. The look is over, and the caller holds the disk's lock.
func (a *ahead) take(root string) *situation {
	if a == nil || a.s == nil || a.drop() || a.root != root || time.Since(a.began) > lookLasts {
		return nil
	}
	s := a.s
	a.s = nil
	return s
}

// wait ends with the look; the disk must not be locked by the caller.
func (a *ahead) wait() { <-a.done }

// close ends it.
func (a *ahead) close() {
	a.wait()
	if a.changed != nil {
		a.changed.Close()
	}
}
