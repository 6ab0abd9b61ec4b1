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
	w       *Worker
	server  storage.FileServer
	done    chan struct{} // nil before begin
	s       *situation    // nil where it failed: then plan looks, and says why
	root    string
	began   time.Time
	changed *live.Subscription
}

// begin looks, in the background. Nothing is asked, and nothing that is not known for sure is changed.
func (a *ahead) begin(ctx context.Context) {
	if a.server.Marker == "" || a.done != nil {
		return
	}
	a.done, a.began = make(chan struct{}), time.Now()
	a.changed = a.w.db.Changes().Subscribe(live.Files | live.Journal | live.Accounts)
	go func() {
		defer close(a.done)
		defer a.w.disk.lock()()
		root, err := a.w.disk.OpenRoot(ctx)
		if err != nil || a.w.disk.hold(root) != nil || a.w.disk.align(ctx, root) != nil {
			return
		}
		a.drop() // what aligning has stored is seen by what follows
		s := a.w.situation()
		if a.w.look(ctx, root, s) == nil {
			a.root, a.s = root, s
		}
	}()
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

// wait ends with the look, if it was begun; the disk must not be locked by the caller.
func (a *ahead) wait() {
	if a.done != nil {
		<-a.done
	}
}

// close ends it.
func (a *ahead) close() {
	a.wait()
	if a.changed != nil {
		a.changed.Close()
	}
}
