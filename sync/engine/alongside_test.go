// SPDX-License-Identifier: EUPL-1.2

package engine

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"

	"kontor/app/journal"
)

// ambidextrous is a worker that is pushed to while it pulls, for as long as the test wants it to.
type ambidextrous struct {
	*script
	pulling atomic.Bool
	end     chan struct{}
	fetched chan int64
}

func (*ambidextrous) PushesAlongside() {}

func (a *ambidextrous) Pull(ctx context.Context) error {
	a.pulling.Store(true)
	defer a.pulling.Store(false)
	select {
	case <-a.end:
	case <-ctx.Done():
	}
	return ctx.Err()
}

func (a *ambidextrous) Fetch(_ context.Context, id int64) error {
	a.fetched <- id
	return nil
}

func TestChangesDoNotWaitForALongPull(t *testing.T) {
	db, account := openStore(t)
	w := &ambidextrous{script: newScript(1), end: make(chan struct{}), fetched: make(chan int64, 1)}
	e := New(db, slog.New(slog.DiscardHandler))
	e.Add(account, w)
	e.Want(account, "mail", 1) // nobody runs yet: nothing to do
	stop := runs(t, e)
	defer stop()
	eventually(t, "the pull begins", w.pulling.Load)
	op := add(t, db, flags(account, 7))
	eventually(t, "the change is there", func() bool { return stateOf(t, db, op.ID).State == journal.Done })
	if !w.pulling.Load() {
		t.Error("the pull had ended")
	}
	e.Want(account, "files", 3)
	e.Want(account+1, "mail", 4)
	e.Want(account, "mail", 5)
	if id := <-w.fetched; id != 5 {
		t.Errorf("%d was asked for, want 5", id)
	}
	close(w.end)
	setOffline(t, db, "1")
	e.Want(account, "mail", 6)
	stop()
	if len(w.fetched) != 0 {
		t.Error("something was fetched although the person works offline")
	}
}

// A connection that breaks for a change ends the turn; the pull that runs beside is waited for.
func TestABrokenLineBesideAPull(t *testing.T) {
	db, account := openStore(t)
	w := &ambidextrous{script: newScript(1, lostRequest), end: make(chan struct{}), fetched: make(chan int64, 1)}
	e := New(db, slog.New(slog.DiscardHandler))
	e.Add(account, w)
	stop := runs(t, e)
	defer stop()
	eventually(t, "the pull begins", w.pulling.Load)
	op := add(t, db, flags(account, 7))
	eventually(t, "the change is in doubt", func() bool { return stateOf(t, db, op.ID).State == journal.InDoubt })
	close(w.end)
	eventually(t, "the failure is noted", func() bool {
		list, err := db.Connections(context.Background())
		return err == nil && len(list) == 1 && list[0].Cause != ""
	})
}
