// SPDX-License-Identifier: EUPL-1.2

package engine

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"kontor/app/journal"
	"kontor/storage"
	"kontor/sync/transport"
)

// desk is a worker whose every step a test decides; what is not set works at once.
type desk struct {
	protocol string
	parallel int
	reads    bool // carries nothing out
	pulls    atomic.Int32
	pushes   atomic.Int32
	closed   atomic.Int32
	pull     func(ctx context.Context) error
	push     func(ctx context.Context, op journal.Op) (Result, error)
	settle   func(ctx context.Context, op journal.Op) (Result, error)
}

func (d *desk) Protocol() string { return d.protocol }
func (d *desk) Parallel() int    { return max(1, d.parallel) }

func (d *desk) Kinds() []journal.Kind {
	if d.reads {
		return nil
	}
	return []journal.Kind{journal.MailFlags}
}

func (d *desk) Close() error {
	d.closed.Add(1)
	return nil
}

func (d *desk) Pull(ctx context.Context) error {
	d.pulls.Add(1)
	if d.pull == nil {
		return nil
	}
	return d.pull(ctx)
}

func (d *desk) Push(ctx context.Context, op journal.Op) (Result, error) {
	d.pushes.Add(1)
	if d.push == nil {
		return Result{Outcome: journal.Succeeded}, nil
	}
	return d.push(ctx, op)
}

func (d *desk) Settle(ctx context.Context, op journal.Op) (Result, error) {
	if d.settle == nil {
		return Result{Outcome: journal.Succeeded}, nil
	}
	return d.settle(ctx, op)
}

// listening is a desk that hears of changes.
type listening struct {
	*desk
	watch func(ctx context.Context, changed func()) error
}

func (l *listening) Watch(ctx context.Context, changed func()) error { return l.watch(ctx, changed) }

// eventually waits for what another goroutine brings about.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(15 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("in vain: %s", what)
		}
	}
}

// runs lets an engine run for the test and gives what ends it and waits for that.
func runs(t *testing.T, e *Engine) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	stop = func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Error(err)
			}
			ended <- nil
		case <-time.After(15 * time.Second):
			t.Fatal("the engine does not stop")
		}
	}
	t.Cleanup(stop)
	return stop
}

func setOffline(t *testing.T, db *storage.DB, value string) {
	t.Helper()
	err := db.WriteDurable(context.Background(), func(tx *storage.Tx) error {
		return tx.SetSetting(context.Background(), SettingOffline, value)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func flags(account, row int64) journal.Op {
	return journal.Op{AccountID: account, Kind: journal.MailFlags, Targets: []journal.Target{{Table: "messages", ID: row}}}
}

// waits blocks until a context ends and notes that it was there.
func waits(begun, ended *atomic.Int32) func(context.Context) error {
	return func(ctx context.Context) error {
		begun.Add(1)
		defer ended.Add(1)
		<-ctx.Done()
		return fmt.Errorf("fetch: %w", ctx.Err())
	}
}

// TestGoingOfflineEndsFetchingAndListening: a person who goes offline means it at once, and it is no failure of the server.
func TestGoingOfflineEndsFetchingAndListening(t *testing.T) {
	db, account := openStore(t)
	var fetching, fetched, hearing, heard atomic.Int32
	d := &desk{protocol: "mail", pull: waits(&fetching, &fetched)}
	e := New(db, quiet)
	listen := waits(&hearing, &heard)
	e.Add(account, &listening{d, func(ctx context.Context, _ func()) error { return listen(ctx) }})
	stop := runs(t, e)
	eventually(t, "fetching and listening", func() bool { return fetching.Load() == 1 && hearing.Load() == 1 })
	setOffline(t, db, "1")
	eventually(t, "silence", func() bool { return fetched.Load() == 1 && heard.Load() == 1 })
	op := add(t, db, flags(account, 1))
	e.SyncNow(0)
	if all, err := db.Connections(context.Background()); err != nil || len(all) != 0 {
		t.Errorf("going offline says nothing about a server: %+v, %v", all, err)
	}
	if d.pushes.Load() != 0 || stateOf(t, db, op.ID).State != journal.Waiting {
		t.Error("an operation left while offline")
	}
	setOffline(t, db, "")
	eventually(t, "back online", func() bool { return fetching.Load() == 2 && stateOf(t, db, op.ID).State == journal.Done })
	stop()
	if e.Syncing() {
		t.Error("still busy after the end")
	}
}

// TestGoingOfflineFinishesWhatRuns: an operation under way is not broken off, the next one does not start.
func TestGoingOfflineFinishesWhatRuns(t *testing.T) {
	db, account := openStore(t)
	begun, answer := make(chan struct{}, 8), make(chan struct{})
	d := &desk{protocol: "mail", push: func(ctx context.Context, _ journal.Op) (Result, error) {
		begun <- struct{}{}
		select {
		case <-answer:
			return Result{Outcome: journal.Succeeded}, nil
		case <-ctx.Done():
			return Result{Outcome: journal.Unknown}, ctx.Err()
		}
	}}
	e := New(db, quiet)
	e.Add(account, d)
	first, second := add(t, db, flags(account, 1)), add(t, db, flags(account, 2))
	runs(t, e)
	<-begun
	line := e.connected()
	if !e.Syncing() {
		t.Error("an operation is under way, and the engine says it is idle")
	}
	setOffline(t, db, "1")
	<-line.Done()
	close(answer)
	eventually(t, "the first one is done", func() bool { return stateOf(t, db, first.ID).State == journal.Done })
	if got := stateOf(t, db, second.ID); got.State != journal.Waiting || got.Tries != 0 {
		t.Errorf("the second one: %+v", got)
	}
}

// TestStoppingIsPromptAndSaysNothing: what was under way is in doubt, the rest waits as before, and no connection is
// called broken or fine because of it.
func TestStoppingIsPromptAndSaysNothing(t *testing.T) {
	db, account := openStore(t)
	d := &desk{protocol: "mail", parallel: 2, push: func(ctx context.Context, _ journal.Op) (Result, error) {
		<-ctx.Done()
		return Result{Outcome: journal.Unknown}, ctx.Err()
	}}
	e := New(db, quiet)
	e.Add(account, d)
	for row := range int64(6) {
		add(t, db, flags(account, row))
	}
	stop := runs(t, e)
	eventually(t, "two under way", func() bool { return d.pushes.Load() == 2 })
	stop()
	pending, err := db.PendingOps(context.Background(), account)
	if err != nil {
		t.Fatal(err)
	}
	got := map[journal.State]int{}
	for _, op := range pending {
		got[op.State] += op.Tries
	}
	if len(pending) != 6 || got[journal.InDoubt] != 2 || got[journal.Waiting] != 0 || got[journal.Running] != 0 {
		t.Errorf("tries by state: %v of %d", got, len(pending))
	}
	if all, err := db.Connections(context.Background()); err != nil || len(all) != 0 {
		t.Errorf("%+v, %v", all, err)
	}
}

// TestRefusedSignInGivesTheRestBack: one wrong password is one attempt, not one for each operation.
func TestRefusedSignInGivesTheRestBack(t *testing.T) {
	db, account := openStore(t)
	d := &desk{protocol: "mail", parallel: 3, push: func(context.Context, journal.Op) (Result, error) {
		return Result{Outcome: journal.Retry}, fmt.Errorf("login: %w", transport.ErrSignIn)
	}}
	e := New(db, quiet)
	e.Add(account, d)
	for row := range int64(20) {
		add(t, db, flags(account, row))
	}
	if err := e.RunOnce(context.Background(), nil); !errors.Is(err, transport.ErrSignIn) {
		t.Fatal(err)
	}
	if n := d.pushes.Load(); n > 3 || d.pulls.Load() != 0 {
		t.Errorf("tried %d times and pulled %d times with a password that is wrong", n, d.pulls.Load())
	}
	pending, err := db.PendingOps(context.Background(), account)
	if err != nil || len(pending) != 20 {
		t.Fatalf("%d, %v", len(pending), err)
	}
	tries := 0
	for _, op := range pending {
		tries += op.Tries
		if op.State != journal.Waiting {
			t.Errorf("operation %d is %s", op.ID, op.State)
		}
	}
	if tries != int(d.pushes.Load()) {
		t.Errorf("%d tries are stored, %d were made", tries, d.pushes.Load())
	}
}

// TestWhatCannotBeStoredIsAskedFor: the server has acted, the store fails. The others of the batch are stored, the one is
// settled with the server at the next turn of the same run, and not sent again.
func TestWhatCannotBeStoredIsAskedFor(t *testing.T) {
	db, account := openStore(t)
	full := errors.New("disk full")
	var broken atomic.Bool
	broken.Store(true)
	apply := func(id int64) func(context.Context, *storage.Tx) error {
		return func(context.Context, *storage.Tx) error {
			if id == 2 && broken.Load() {
				return full
			}
			return nil
		}
	}
	sent := map[int64]*atomic.Int32{1: {}, 2: {}, 3: {}}
	d := &desk{protocol: "mail", parallel: 4}
	d.push = func(_ context.Context, op journal.Op) (Result, error) {
		sent[op.ID].Add(1)
		return Result{Outcome: journal.Succeeded, Apply: apply(op.ID)}, nil
	}
	d.settle = func(_ context.Context, op journal.Op) (Result, error) {
		return Result{Outcome: journal.Succeeded, Proof: "found", Apply: apply(op.ID)}, nil
	}
	e := New(db, quiet)
	e.Add(account, d)
	for row := range int64(3) {
		add(t, db, flags(account, row))
	}
	if err := e.RunOnce(context.Background(), nil); !errors.Is(err, full) {
		t.Fatal(err)
	}
	for id, want := range map[int64]journal.State{1: journal.Done, 2: journal.Running, 3: journal.Done} {
		if got := stateOf(t, db, id); got.State != want {
			t.Errorf("operation %d is %s", id, got.State)
		}
	}
	broken.Store(false)
	if err := e.RunOnce(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	if got := stateOf(t, db, 2); got.State != journal.Done || got.Proof != "found" || sent[2].Load() != 1 {
		t.Errorf("%+v, sent %d times", got, sent[2].Load())
	}
}

// TestRunOnceHurriesFailuresOnly: "synchronise now" does not wait for a back-off, but for a moment that a person chose.
func TestRunOnceHurriesFailuresOnly(t *testing.T) {
	db, account := openStore(t)
	d := &desk{protocol: "mail"}
	e := New(db, quiet)
	e.Add(account, d)
	later := time.Now().Add(time.Hour)
	failed, chosen := flags(account, 1), flags(account, 2)
	failed.NextTry, chosen.NextTry = later, later
	failed, chosen = add(t, db, failed), add(t, db, chosen)
	failed.Tries = 4
	err := db.Write(context.Background(), func(tx *storage.Tx) error { return tx.SaveOp(context.Background(), failed) })
	if err := errors.Join(err, e.RunOnce(context.Background(), nil)); err != nil {
		t.Fatal(err)
	}
	if a, b := stateOf(t, db, failed.ID), stateOf(t, db, chosen.ID); a.State != journal.Done || b.State != journal.Waiting {
		t.Errorf("after a failure: %s, by choice: %s", a.State, b.State)
	}
}

// TestOneServerDownLeavesTheOthers: a failure stays with its worker; the filter leaves workers alone.
func TestOneServerDownLeavesTheOthers(t *testing.T) {
	db, account := openStore(t)
	down := &desk{protocol: "send", push: func(context.Context, journal.Op) (Result, error) {
		return Result{Outcome: journal.Retry}, fmt.Errorf("dial: %w", context.DeadlineExceeded)
	}}
	up, left := &desk{protocol: "files", reads: true}, &desk{protocol: "mail", reads: true}
	idle := &desk{protocol: "tasks", reads: true, pull: func(context.Context) error { return ErrNotAsked }}
	e := New(db, quiet)
	for _, d := range []*desk{down, up, idle, left} {
		e.Add(account, d)
	}
	add(t, db, flags(account, 1))
	err := e.RunOnce(context.Background(), func(_ int64, protocol string) bool { return protocol != "mail" && protocol != "files" })
	if transport.CauseOf(err) != transport.CauseUnreachable || down.pulls.Load() != 0 {
		t.Fatalf("%v, %d pulls", err, down.pulls.Load())
	}
	if up.pulls.Load() != 0 || left.pulls.Load() != 0 || idle.pulls.Load() != 1 {
		t.Error("the filter was not honoured")
	}
	all, err := db.Connections(context.Background())
	if err != nil || len(all) != 1 || all[0].Protocol != "send" || !all[0].LastOK.IsZero() {
		t.Errorf("only the server that was asked has a state: %+v, %v", all, err)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	for _, d := range []*desk{down, up, idle, left} {
		if d.closed.Load() != 1 {
			t.Errorf("%s was closed %d times", d.protocol, d.closed.Load())
		}
	}
}
