// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"kontor/app/live"
)

// openTemp opens a store in a temporary folder and checks its invariants when the test ends.
func openTemp(t testing.TB) *DB {
	t.Helper()
	db, err := Open(context.Background(), filepath.Join(t.TempDir(), "kontor.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(db.Check(context.Background()), db.Close()); err != nil {
			t.Error(err)
		}
	})
	return db
}

// write runs fn in a durable transaction that must succeed.
func write(t testing.TB, db *DB, fn func(tx *Tx) error) {
	t.Helper()
	if err := db.WriteDurable(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

func addAccount(t testing.TB, db *DB, name string) (id int64) {
	t.Helper()
	write(t, db, func(tx *Tx) (err error) {
		id, err = tx.AddAccount(context.Background(), Account{Name: name, Email: name + "@stadt.example"})
		return err
	})
	return id
}

func TestOpenAgainKeepsEverything(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "Ämter & Co", "kontor.db")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	db, err := Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	addAccount(t, db, "amt")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if db, err = Open(ctx, path); err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // the test is about what was read
	a, err := db.AccountByName(ctx, "amt")
	if err != nil || a.Email != "amt@stadt.example" || db.Path() != path {
		t.Fatalf("%+v, %v", a, err)
	}
}

// To look at a store costs no wait for the disk: a command that runs every minute often finds nothing to do.
func TestOpenAgainWritesNothing(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "kontor.db")
	for i := range 2 {
		db, err := Open(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path + "-wal"); err != nil || (info.Size() == 0) != (i > 0) {
			t.Errorf("write-ahead log at start %d: %d octets, %v", i, info.Size(), err)
		}
		var incremental int
		if err := db.scan(ctx, []any{&incremental}, `PRAGMA auto_vacuum`); err != nil || incremental != 2 {
			t.Errorf("auto_vacuum = %d, %v", incremental, err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestANewerStoreIsRefused(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "kontor.db")
	db, err := Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.conn.ExecContext(ctx, "PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(ctx, path); !errors.Is(err, ErrNewer) {
		t.Fatalf("got %v", err)
	}
}

func TestAFailedWriteLeavesNothing(t *testing.T) {
	ctx := context.Background()
	db := openTemp(t)
	sub := db.Changes().Subscribe(live.All)
	defer sub.Close()
	boom := errors.New("boom")
	err := db.Write(ctx, func(tx *Tx) error {
		if _, err := tx.AddAccount(ctx, Account{Name: "half"}); err != nil {
			return err
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatalf("got %v", err)
	}
	if all, err := db.Accounts(ctx); err != nil || len(all) != 0 {
		t.Fatalf("%v, %v", all, err)
	}
	select {
	case got := <-sub.C():
		t.Fatalf("a change was published that was rolled back: %b", got)
	default:
	}
}

func TestCommittedChangesArePublished(t *testing.T) {
	db := openTemp(t)
	sub := db.Changes().Subscribe(live.All)
	defer sub.Close()
	addAccount(t, db, "amt")
	if got := <-sub.C(); got != live.Accounts {
		t.Fatalf("got %b", got)
	}
}

func TestChangesOfAnotherProcessAreHeard(t *testing.T) {
	ctx := context.Background()
	db := openTemp(t)
	other, err := Open(ctx, db.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close() //nolint:errcheck // the test is about db
	sub := db.Changes().Subscribe(live.All)
	defer sub.Close()
	last := db.checkForeign(ctx, -1)
	addAccount(t, other, "elsewhere")
	if db.checkForeign(ctx, last) == last {
		t.Fatal("the version did not change")
	}
	select {
	case got := <-sub.C():
		if got != live.All {
			t.Fatalf("got %b", got)
		}
	default:
		t.Fatal("nothing was published")
	}
}

func TestReadersDoNotWaitForAWriter(t *testing.T) {
	ctx := context.Background()
	db := openTemp(t)
	addAccount(t, db, "amt")
	inside, leave := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		err := db.Write(ctx, func(tx *Tx) error {
			if _, err := tx.AddAccount(ctx, Account{Name: "second"}); err != nil {
				return err
			}
			close(inside)
			<-leave
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-inside
	all, err := db.Accounts(ctx)
	close(leave)
	wg.Wait()
	if err != nil || len(all) != 1 {
		t.Fatalf("a reader saw %d accounts, %v", len(all), err)
	}
}

// TestAcknowledgedWritesSurviveAKill kills a process that writes and counts what it had acknowledged.
func TestAcknowledgedWritesSurviveAKill(t *testing.T) {
	if path := os.Getenv("KONTOR_TEST_WRITER"); path != "" {
		writeUntilKilled(t, path)
		return
	}
	path := filepath.Join(t.TempDir(), "kontor.db")
	for round := range 3 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestAcknowledgedWritesSurviveAKill$")
		cmd.Env = append(os.Environ(), "KONTOR_TEST_WRITER="+path)
		out := &lockedBuffer{}
		cmd.Stdout = out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		deadline := time.Now().Add(20 * time.Second)
		for strings.Count(out.String(), "\n") < 20*(round+1) && time.Now().Before(deadline) {
			time.Sleep(time.Millisecond)
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() //nolint:errcheck // it was killed
		lines := strings.Fields(out.String())
		if len(lines) < 20 {
			t.Fatalf("round %d: only %d writes", round, len(lines))
		}
		db, err := Open(context.Background(), path)
		if err != nil {
			t.Fatal(err)
		}
		last, err := db.Setting(context.Background(), "n", "")
		if err := errors.Join(err, db.Check(context.Background()), db.Close()); err != nil {
			t.Fatal(err)
		}
		acknowledged, _ := strconv.Atoi(lines[len(lines)-1]) //nolint:errcheck // a cut last line counts as 0
		if stored, err := strconv.Atoi(last); err != nil || stored < acknowledged {
			t.Fatalf("round %d: %d was acknowledged, %q is stored", round, acknowledged, last)
		}
	}
}

// lockedBuffer is written by a child process while the test reads it.
type lockedBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func writeUntilKilled(t *testing.T, path string) {
	ctx := context.Background()
	db, err := Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	last, err := db.Setting(ctx, "n", "0")
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(last)
	if err != nil {
		t.Fatal(err)
	}
	for {
		n++
		err := db.WriteDurable(ctx, func(tx *Tx) error { return tx.SetSetting(ctx, "n", strconv.Itoa(n)) })
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stdout.WriteString(strconv.Itoa(n) + "\n"); err != nil {
			t.Fatal(err)
		}
	}
}
