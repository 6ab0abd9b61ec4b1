// SPDX-License-Identifier: EUPL-1.2

package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kontor/app/journal"
	"kontor/storage"
	"kontor/sync/transport"
)

// script is a worker whose server obeys a list of fates.
type script struct {
	mu       sync.Mutex
	parallel int
	fates    []fate
	applied  map[int64]int // how often the server carried an operation out
	pulls    int
	pullErr  error
	running  map[journal.Target]bool
	overlaps int
	applyErr error
}

type fate uint8

const (
	works fate = iota
	refusedBefore
	lostAnswer
	lostRequest
	rejected
	stale
	fates
)

func newScript(parallel int, f ...fate) *script {
	return &script{parallel: parallel, fates: f, applied: map[int64]int{}, running: map[journal.Target]bool{}}
}

func (s *script) Protocol() string      { return "mail" }
func (s *script) Kinds() []journal.Kind { return []journal.Kind{journal.MailFlags, journal.MailMove} }
func (s *script) Parallel() int         { return s.parallel }
func (s *script) Close() error          { return nil }

func (s *script) Pull(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pulls++
	return s.pullErr
}

func (s *script) next() fate {
	if len(s.fates) == 0 {
		return works
	}
	f := s.fates[0]
	s.fates = s.fates[1:]
	return f
}

func (s *script) enter(op journal.Op) {
	for _, t := range op.Targets {
		if s.running[t] {
			s.overlaps++
		}
		s.running[t] = true
	}
}

func (s *script) Push(_ context.Context, op journal.Op) (Result, error) {
	s.mu.Lock()
	s.enter(op)
	f := s.next()
	s.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range op.Targets {
		delete(s.running, t)
	}
	switch f {
	case refusedBefore:
		return Result{Outcome: journal.Retry}, fmt.Errorf("busy: %w", transport.ErrServer)
	case lostRequest:
		return Result{Outcome: journal.Unknown}, io.ErrUnexpectedEOF
	case rejected:
		return Result{Outcome: journal.Rejected}, fmt.Errorf("no: %w", transport.ErrServer)
	case stale:
		return Result{Outcome: journal.Stale}, fmt.Errorf("changed: %w", transport.ErrServer)
	case lostAnswer:
		s.applied[op.ID]++
		return Result{Outcome: journal.Unknown}, io.ErrUnexpectedEOF
	case works, fates:
	}
	s.applied[op.ID]++
	return Result{Outcome: journal.Succeeded, Proof: "OK", Apply: func(context.Context, *storage.Tx) error { return s.applyErr }}, nil
}

func (s *script) Settle(_ context.Context, op journal.Op) (Result, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.applied[op.ID] > 0 {
		return Result{Outcome: journal.Succeeded, Proof: "found"}, nil
	}
	return Result{Outcome: journal.Retry}, nil
}

func openStore(t testing.TB) (*storage.DB, int64) {
	t.Helper()
	db, err := storage.Open(context.Background(), filepath.Join(t.TempDir(), "kontor.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(db.Check(context.Background()), db.Close()); err != nil {
			t.Error(err)
		}
	})
	var account int64
	err = db.WriteDurable(context.Background(), func(tx *storage.Tx) (err error) {
		account, err = tx.AddAccount(context.Background(), storage.Account{Name: t.Name()})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return db, account
}

func add(t fataler, db *storage.DB, op journal.Op) journal.Op {
	err := db.WriteDurable(context.Background(), func(tx *storage.Tx) (err error) {
		op, err = tx.AddOp(context.Background(), op)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return op
}

type fataler interface{ Fatal(args ...any) }

func stateOf(t fataler, db *storage.DB, id int64) journal.Op {
	op, err := db.Op(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return op
}

var quiet = slog.New(slog.DiscardHandler)

// TestNothingIsDoneTwiceOrLost plays random fates, among them lost answers and crashes, against operations that depend
// on and overlap each other. In the end each one was carried out exactly once.
func TestNothingIsDoneTwiceOrLost(t *testing.T) {
	db, account := openStore(t)
	rapid.Check(t, func(t *rapid.T) {
		var list []fate
		for range rapid.IntRange(0, 12).Draw(t, "fates") {
			list = append(list, fate(rapid.IntRange(0, int(lostRequest)).Draw(t, "fate")))
		}
		s := newScript(rapid.SampledFrom([]int{1, 3}).Draw(t, "parallel"), list...)
		e := New(db, quiet)
		e.Add(account, s)
		var ids []int64
		for i := range rapid.IntRange(1, 6).Draw(t, "operations") {
			op := journal.Op{AccountID: account, Kind: journal.MailFlags, Targets: []journal.Target{
				{Table: "messages", ID: int64(rapid.IntRange(1, 3).Draw(t, "row"))},
			}}
			if i > 0 && rapid.Bool().Draw(t, "depends") {
				op.DependsOn = ids[i-1]
			}
			ids = append(ids, add(t, db, op).ID)
		}
		for range 40 {
			if rapid.IntRange(0, 4).Draw(t, "crash") == 0 {
				crash(t, db, account)
			}
			if err := e.Recover(context.Background()); err != nil {
				t.Fatal(err)
			}
			_ = e.RunOnce(context.Background(), nil) //nolint:errcheck // broken connections are part of the play
			if pending, _ := db.PendingOps(context.Background(), account); len(pending) == 0 {
				break
			}
		}
		for _, id := range ids {
			if got := stateOf(t, db, id); got.State != journal.Done || s.applied[id] != 1 {
				t.Fatalf("operation %d is %s and was carried out %d times", id, got.State, s.applied[id])
			}
		}
		if s.overlaps > 0 {
			t.Fatalf("%d operations about one row ran at once", s.overlaps)
		}
	})
}

// crash leaves the newest waiting operation stored as running, as a killed process would just before its first octet.
func crash(t *rapid.T, db *storage.DB, account int64) {
	err := db.WriteDurable(context.Background(), func(tx *storage.Tx) error {
		ops, err := tx.PendingOps(context.Background(), account)
		if err != nil || len(ops) == 0 || ops[len(ops)-1].State != journal.Waiting {
			return err
		}
		op, err := journal.Start(ops[len(ops)-1], time.Now())
		if err != nil {
			return err
		}
		return tx.SaveOp(context.Background(), op)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestRejectedStaysVisibleAndLetsOthersPass(t *testing.T) {
	db, account := openStore(t)
	s := newScript(1, rejected)
	e := New(db, quiet)
	e.Add(account, s)
	first := add(t, db, journal.Op{AccountID: account, Kind: journal.MailMove})
	second := add(t, db, journal.Op{AccountID: account, Kind: journal.MailMove})
	if err := e.RunOnce(context.Background(), nil); err != nil {
		t.Fatalf("one refused operation is not a broken connection: %v", err)
	}
	if got := stateOf(t, db, first.ID); got.State != journal.Failed || got.LastError == "" {
		t.Errorf("refused operation: %+v", got)
	}
	if got := stateOf(t, db, second.ID); got.State != journal.Done || got.Proof != "OK" {
		t.Errorf("the next operation: %+v", got)
	}
}

func TestStaleIsPlannedAgainAFewTimes(t *testing.T) {
	db, account := openStore(t)
	s := newScript(1, stale, stale, stale, stale)
	e := New(db, quiet)
	e.Add(account, s)
	op := add(t, db, journal.Op{AccountID: account, Kind: journal.MailMove})
	if err := e.RunOnce(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	if got := stateOf(t, db, op.ID); got.State != journal.Failed || got.Tries != 3 {
		t.Errorf("after three failed preconditions a person is asked: %+v", got)
	}
}

func TestAFailingApplyLeavesTheOperationInDoubt(t *testing.T) {
	db, account := openStore(t)
	s := newScript(1)
	s.applyErr = errors.New("disk full")
	e := New(db, quiet)
	e.Add(account, s)
	op := add(t, db, journal.Op{AccountID: account, Kind: journal.MailMove})
	if err := e.RunOnce(context.Background(), nil); !errors.Is(err, s.applyErr) {
		t.Fatalf("got %v", err)
	}
	if got := stateOf(t, db, op.ID); got.State != journal.Running {
		t.Fatalf("the outcome must not be stored without what the server holds: %s", got.State)
	}
	s.applyErr = nil
	if err := errors.Join(e.Recover(context.Background()), e.RunOnce(context.Background(), nil)); err != nil {
		t.Fatal(err)
	}
	if got := stateOf(t, db, op.ID); got.State != journal.Done || s.applied[op.ID] != 1 {
		t.Fatalf("%s after %d times", got.State, s.applied[op.ID])
	}
}

func TestOfflineByChoiceTouchesNoServer(t *testing.T) {
	db, account := openStore(t)
	s := newScript(1)
	e := New(db, quiet)
	e.Add(account, s)
	op := add(t, db, journal.Op{AccountID: account, Kind: journal.MailFlags})
	set := func(v string) {
		if err := db.WriteDurable(context.Background(), func(tx *storage.Tx) error {
			return tx.SetSetting(context.Background(), SettingOffline, v)
		}); err != nil {
			t.Fatal(err)
		}
	}
	set("1")
	if err := e.RunOnce(context.Background(), nil); !errors.Is(err, transport.ErrChoice) {
		t.Fatalf("got %v", err)
	}
	if s.pulls != 0 || stateOf(t, db, op.ID).State != journal.Waiting {
		t.Fatal("the worker was used while offline by choice")
	}
	set("")
	if err := e.RunOnce(context.Background(), nil); err != nil || s.pulls != 1 {
		t.Fatalf("%v, %d pulls", err, s.pulls)
	}
}

func TestConnectionStateIsRecorded(t *testing.T) {
	db, account := openStore(t)
	s := newScript(1)
	s.pullErr = fmt.Errorf("sign in: %w", transport.ErrSignIn)
	e := New(db, quiet)
	e.Add(account, s)
	if err := e.RunOnce(context.Background(), nil); !errors.Is(err, transport.ErrSignIn) {
		t.Fatalf("got %v", err)
	}
	all, err := db.Connections(context.Background())
	if err != nil || len(all) != 1 || all[0].Cause != string(transport.CauseSignIn) || !all[0].LastOK.IsZero() {
		t.Fatalf("%+v, %v", all, err)
	}
	s.pullErr = nil
	if err := e.RunOnce(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	if all, _ = db.Connections(context.Background()); all[0].Cause != "" || all[0].LastOK.IsZero() {
		t.Fatalf("%+v", all)
	}
}

// TestRunPushesWhatIsAddedLater: the loop hears of a new operation through the store, without being told.
func TestRunPushesWhatIsAddedLater(t *testing.T) {
	db, account := openStore(t)
	s := newScript(1)
	e := New(db, quiet)
	e.Add(account, s)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	op := add(t, db, journal.Op{AccountID: account, Kind: journal.MailFlags})
	later := add(t, db, journal.Op{AccountID: account, Kind: journal.MailFlags, NextTry: time.Now().Add(300 * time.Millisecond)})
	deadline := time.Now().Add(10 * time.Second)
	for stateOf(t, db, op.ID).State != journal.Done || stateOf(t, db, later.ID).State != journal.Done {
		if time.Now().After(deadline) {
			t.Fatal("the operations were not carried out")
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err := e.Remove(account); err != nil {
		t.Error(err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestPickKeepsOrderPerRow(t *testing.T) {
	now := time.Now()
	row := []journal.Target{{Table: "messages", ID: 1}}
	pending := []journal.Op{
		{ID: 1, Kind: journal.MailFlags, State: journal.Held, Targets: row},
		{ID: 2, Kind: journal.MailFlags, State: journal.Waiting, Targets: row},
		{ID: 3, Kind: journal.MailSend, State: journal.Waiting},
		{ID: 4, Kind: journal.MailFlags, State: journal.Waiting},
		{ID: 5, Kind: journal.MailFlags, State: journal.Waiting, DependsOn: 4},
		{ID: 6, Kind: journal.MailFlags, State: journal.Waiting, NextTry: now.Add(time.Hour)},
		{ID: 7, Kind: journal.MailFlags, State: journal.InDoubt},
	}
	var got []int64
	for _, train := range Pick(pending, []journal.Kind{journal.MailFlags}, 10, now, func(int64) journal.State { return journal.Waiting }, nil) {
		got = append(got, train.As.ID)
	}
	if want := []int64{4, 7}; !slices.Equal(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
}
