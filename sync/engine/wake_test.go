// SPDX-License-Identifier: EUPL-1.2

package engine

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kontor/app/journal"
	"kontor/sync/transport"
)

// TestABurstOfHintsIsOneFetch: a server that reports a thousand changes is asked once or twice, not a thousand times.
func TestABurstOfHintsIsOneFetch(t *testing.T) {
	db, account := openStore(t)
	hints := make(chan func(), 1)
	d := &desk{protocol: "mail"}
	e := New(db, quiet)
	e.Add(account, &listening{d, func(ctx context.Context, changed func()) error {
		hints <- changed
		<-ctx.Done()
		return nil
	}})
	runs(t, e)
	changed := <-hints
	eventually(t, "the first fetch", func() bool { return d.pulls.Load() >= 1 })
	before := d.pulls.Load()
	for range 1000 {
		changed()
	}
	eventually(t, "the fetch of the burst", func() bool { return d.pulls.Load() > before })
	marker := add(t, db, flags(account, 1)) // when this is done, the loop has come round again
	eventually(t, "another turn", func() bool { return stateOf(t, db, marker.ID).State == journal.Done })
	if n := d.pulls.Load() - before; n > 5 {
		t.Errorf("%d fetches for one burst", n)
	}
}

// TestFailuresAreNotHammered: while a server fails, changes of a person do not lead to new attempts; a wish to
// synchronise does.
func TestFailuresAreNotHammered(t *testing.T) {
	db, account := openStore(t)
	var fails atomic.Bool
	fails.Store(true)
	d := &desk{protocol: "mail", pull: func(context.Context) error {
		if fails.Load() {
			return fmt.Errorf("login: %w", transport.ErrSignIn)
		}
		return nil
	}}
	e := New(db, quiet)
	e.Add(account, d)
	runs(t, e)
	recorded := func() bool {
		all, err := db.Connections(context.Background())
		return err == nil && len(all) == 1 && all[0].Cause == string(transport.CauseSignIn) && all[0].NextTry.After(all[0].LastTry)
	}
	eventually(t, "the failure is known, and when it is tried again", recorded)
	for row := range int64(50) {
		add(t, db, flags(account, row))
		e.Wake(account)
	}
	if n := d.pulls.Load(); n > 2 { // the back-off is more than a second: a slow machine may see it pass once
		t.Errorf("%d attempts", n)
	}
	fails.Store(false)
	e.SyncNow(account)
	eventually(t, "all is sent", func() bool {
		pending, err := db.PendingOps(context.Background(), account)
		return err == nil && len(pending) == 0
	})
}

// TestRemoveWaitsForItsWorker: nothing of a removed account runs on, and others do not notice.
func TestRemoveWaitsForItsWorker(t *testing.T) {
	db, account := openStore(t)
	var inside atomic.Int32
	slow := func(ctx context.Context) error {
		inside.Add(1)
		<-ctx.Done()
		time.Sleep(20 * time.Millisecond) // a farewell takes its time
		inside.Add(-1)
		return ctx.Err()
	}
	gone, stays := &desk{protocol: "mail", pull: slow}, &desk{protocol: "mail"}
	e := New(db, quiet)
	runs(t, e)
	e.Add(account, &listening{gone, func(ctx context.Context, _ func()) error { return slow(ctx) }})
	e.Add(account+1, stays)
	eventually(t, "it fetches and listens", func() bool { return inside.Load() == 2 })
	if err := e.Remove(account); err != nil || inside.Load() != 0 || gone.closed.Load() != 1 {
		t.Errorf("%v: %d still inside, closed %d times", err, inside.Load(), gone.closed.Load())
	}
	e.SyncNow(0)
	eventually(t, "the other one lives", func() bool { return stays.pulls.Load() >= 1 })
	if stays.closed.Load() != 0 {
		t.Error("the worker of another account was closed")
	}
}

// timeline is a server that notes in which order it did what.
type timeline struct {
	mu     sync.Mutex
	done   map[int64]int
	order  []int64
	inside map[journal.Target]int64
	fault  []string
	fates  []fate
	cancel func() // called before an attempt once calls are used up
	calls  int
}

func (l *timeline) enter(op journal.Op) fate {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.calls--; l.calls == 0 {
		l.cancel()
	}
	if op.NextTry.After(time.Now()) {
		l.fault = append(l.fault, fmt.Sprintf("operation %d was tried before its time", op.ID))
	}
	for _, target := range op.Targets {
		if other := l.inside[target]; other != 0 {
			l.fault = append(l.fault, fmt.Sprintf("operations %d and %d ran at once", other, op.ID))
		}
		l.inside[target] = op.ID
	}
	f := works
	if len(l.fates) > 0 {
		f, l.fates = l.fates[0], l.fates[1:]
	}
	if f == works || f == lostAnswer {
		l.done[op.ID]++
		l.order = append(l.order, op.ID)
	}
	return f
}

func (l *timeline) leave(op journal.Op) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, target := range op.Targets {
		delete(l.inside, target)
	}
}

func (l *timeline) push(ctx context.Context, op journal.Op) (Result, error) {
	f := l.enter(op)
	time.Sleep(50 * time.Microsecond) // lets the others in, if anything does
	l.leave(op)
	switch {
	case f == lostAnswer || f == lostRequest:
		return Result{Outcome: journal.Unknown}, context.DeadlineExceeded
	case f == refusedBefore:
		return Result{Outcome: journal.Retry, RetryAfter: time.Minute}, fmt.Errorf("busy: %w", transport.ErrServer)
	case ctx.Err() != nil:
		return Result{Outcome: journal.Unknown}, ctx.Err()
	}
	return Result{Outcome: journal.Succeeded}, nil
}

func (l *timeline) settle(_ context.Context, op journal.Op) (Result, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.done[op.ID] > 0 {
		return Result{Outcome: journal.Succeeded}, nil
	}
	return Result{Outcome: journal.Retry}, nil
}

// TestOrderSurvivesCancellation plays runs that are cancelled at any moment, over connections that break, with several
// operations at once: each is carried out once, those about one row in their order, after what they depend on, and never
// before their time.
func TestOrderSurvivesCancellation(t *testing.T) {
	db, account := openStore(t)
	rapid.Check(t, func(t *rapid.T) {
		l := &timeline{done: map[int64]int{}, inside: map[journal.Target]int64{}}
		for range rapid.IntRange(0, 10).Draw(t, "fates") {
			l.fates = append(l.fates, fate(rapid.IntRange(0, int(lostRequest)).Draw(t, "fate")))
		}
		d := &desk{protocol: "mail", parallel: rapid.IntRange(1, 4).Draw(t, "parallel"), push: l.push, settle: l.settle}
		e := New(db, quiet)
		e.Add(account, d)
		ops := make([]journal.Op, rapid.IntRange(2, 9).Draw(t, "operations"))
		for i := range ops {
			op := flags(account, int64(rapid.IntRange(1, 4).Draw(t, "row")))
			if i > 0 && rapid.IntRange(0, 2).Draw(t, "depends") == 0 {
				op.DependsOn = ops[rapid.IntRange(0, i-1).Draw(t, "on")].ID
			}
			ops[i] = add(t, db, op)
		}
		for range 40 {
			ctx, cancel := context.WithCancel(context.Background())
			l.calls, l.cancel = rapid.IntRange(0, 5).Draw(t, "cancelled after"), cancel
			_ = e.RunOnce(ctx, nil) //nolint:errcheck // breaks and cancellations are part of the play
			cancel()
			if pending, _ := db.PendingOps(context.Background(), account); len(pending) == 0 {
				break
			}
		}
		inspect(t, l, ops)
	})
}

func inspect(t *rapid.T, l *timeline, ops []journal.Op) {
	at := map[int64]int{}
	for i, id := range l.order {
		at[id] = i
	}
	last := map[journal.Target]int64{}
	for _, op := range ops {
		if l.done[op.ID] != 1 {
			t.Fatalf("operation %d was carried out %d times", op.ID, l.done[op.ID])
		}
		if op.DependsOn != 0 && at[op.DependsOn] > at[op.ID] {
			t.Fatalf("operation %d overtook %d, which it depends on", op.ID, op.DependsOn)
		}
		if before := last[op.Targets[0]]; before != 0 && at[before] > at[op.ID] {
			t.Fatalf("operation %d overtook %d, which is about the same row", op.ID, before)
		}
		last[op.Targets[0]] = op.ID
	}
	for _, f := range l.fault {
		t.Fatal(f)
	}
}
