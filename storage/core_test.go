// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"kontor/app/journal"
)

// versions are the numbers of the migrations, oldest first.
func versions(t *testing.T) []int {
	t.Helper()
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	var all []int
	for _, name := range names {
		number, _, _ := strings.Cut(strings.TrimPrefix(name, "migrations/"), "_")
		n, err := strconv.Atoi(number)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, n)
	}
	return all
}

// older makes a store as the version of the program wrote it that knew migrations up to version.
func older(t *testing.T, path string, version int) {
	t.Helper()
	ctx := context.Background()
	w := (&connector{dsn: dsn(path, false)})
	raw, err := w.Connect(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := raw.Close(); err != nil {
		t.Fatal(err)
	}
	db := rawDB(t, path)
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for i, n := range versions(t) {
		if n <= version {
			if err := db.applyMigration(ctx, names[i], n); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, q := range []string{
		`INSERT INTO accounts (name, email) VALUES ('amt', 'amt@stadt.example')`,
		`INSERT INTO settings (key, value) VALUES ('theme', 'dark')`,
		`INSERT INTO journal (account_id, kind, target, state, grp) VALUES (1, 'mail.flags', 'Betreff', 'waiting', 1)`,
		`INSERT INTO conflicts (account_id, kind, ref_id, title) VALUES (1, 'mail', 1, 'Titel')`,
	} {
		if _, err := db.conn.ExecContext(ctx, q); err != nil {
			t.Fatal(err)
		}
	}
}

// rawDB is the writing half of a store, without its migrations.
func rawDB(t *testing.T, path string) *DB {
	t.Helper()
	pool := sqlOpen(path)
	conn, err := pool.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = errors.Join(conn.Close(), pool.Close()) })
	return &DB{path: path, writer: pool, conn: conn, hooks: &hookSet{}}
}

// TestEveryOlderStoreIsBroughtUpToDate: a store of each version that ever was opens, keeps what it held and is consistent.
func TestEveryOlderStoreIsBroughtUpToDate(t *testing.T) {
	ctx := context.Background()
	all := versions(t)
	for _, version := range all {
		t.Run(fmt.Sprint("from ", version), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "kontor.db")
			older(t, path, version)
			db, err := Open(ctx, path)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close() //nolint:errcheck // the test is about what was read
			a, err := db.AccountByName(ctx, "amt")
			if err != nil || a.Email != "amt@stadt.example" {
				t.Errorf("account: %+v, %v", a, err)
			}
			if v, err := db.Setting(ctx, "theme", ""); v != "dark" {
				t.Errorf("setting: %q, %v", v, err)
			}
			op, err := db.Op(ctx, 1)
			if err != nil || op.Kind != journal.MailFlags || op.State != journal.Waiting || op.Target != "Betreff" {
				t.Errorf("operation: %+v, %v", op, err)
			}
			if open, err := db.Conflicts(ctx); err != nil || len(open) != 1 {
				t.Errorf("conflicts: %v, %v", open, err)
			}
			if err := db.Check(ctx); err != nil {
				t.Error(err)
			}
			var have int
			if err := db.conn.QueryRowContext(ctx, "PRAGMA user_version").Scan(&have); err != nil || have != all[len(all)-1] {
				t.Errorf("schema %d, %v", have, err)
			}
		})
	}
}

// TestAMigrationThatFailsChangesNothing: the step that cannot be done is undone as a whole, and the store stays of use to
// the version that wrote it.
func TestAMigrationThatFailsChangesNothing(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "kontor.db")
	older(t, path, 1)
	db := rawDB(t, path)
	if _, err := db.conn.ExecContext(ctx, `CREATE TABLE messages (somebody TEXT)`); err != nil { // in the way of step 2
		t.Fatal(err)
	}
	if _, err := Open(ctx, path); err == nil || !strings.Contains(err.Error(), "migrate to 2") {
		t.Fatalf("got %v", err)
	}
	var have, tables int
	if err := db.conn.QueryRowContext(ctx, "PRAGMA user_version").Scan(&have); err != nil || have != 1 {
		t.Errorf("schema %d, %v", have, err)
	}
	if err := db.conn.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_master WHERE name = 'folders'`).Scan(&tables); err != nil || tables != 0 {
		t.Errorf("half of the step is there: %d, %v", tables, err)
	}
	if _, err := db.conn.ExecContext(ctx, `DROP TABLE messages`); err != nil {
		t.Fatal(err)
	}
	again, err := Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(again.Check(ctx), again.Close()); err != nil {
		t.Error(err)
	}
}

// TestTwoProgramsWrite: two stores on one file, as the window and the command line, write at the same time. Nothing is
// lost, no write fails, and both see all of it.
func TestTwoProgramsWrite(t *testing.T) {
	ctx := context.Background()
	first := openTemp(t)
	second, err := Open(ctx, first.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close() //nolint:errcheck // the test is about what was read
	account := addAccount(t, first, "amt")
	const each = 40
	var wg sync.WaitGroup
	for i, db := range []*DB{first, second} {
		wg.Go(func() {
			for n := range each {
				err := db.WriteDurable(ctx, func(tx *Tx) error {
					count, err := tx.Setting(ctx, "count", "0")
					if err != nil {
						return err
					}
					before, err := strconv.Atoi(count)
					if err != nil {
						return err
					}
					if _, err := tx.AddOp(ctx, journal.Op{AccountID: account, Kind: journal.MailFlags, Target: fmt.Sprint(i, " ", n)}); err != nil {
						return err
					}
					return tx.SetSetting(ctx, "count", strconv.Itoa(before+1))
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	for _, db := range []*DB{first, second} {
		ops, err := db.PendingOps(ctx, account)
		if err != nil || len(ops) != 2*each {
			t.Errorf("%d operations, %v", len(ops), err)
		}
		if n, err := db.Setting(ctx, "count", ""); n != strconv.Itoa(2*each) {
			t.Errorf("counted %s, %v", n, err)
		}
	}
}

// TestNoRoomOnTheDisk: a write that does not fit fails as a whole with a clear word, reading goes on, and once there is
// room writing does too.
func TestNoRoomOnTheDisk(t *testing.T) {
	ctx := context.Background()
	db := openTemp(t)
	account := addAccount(t, db, "amt")
	limit := func(pages int) {
		t.Helper()
		db.mu.Lock()
		defer db.mu.Unlock()
		var got int
		if err := db.conn.QueryRowContext(ctx, fmt.Sprint("PRAGMA max_page_count = ", pages)).Scan(&got); err != nil {
			t.Fatal(err)
		}
	}
	limit(1) // SQLite takes it for "no more than there are"
	err := db.WriteDurable(ctx, func(tx *Tx) error {
		if err := tx.SetSetting(ctx, "half", "x"); err != nil {
			return err
		}
		_, err := tx.AddOp(ctx, journal.Op{AccountID: account, Kind: journal.MailAppend, Payload: bytes.Repeat([]byte("x"), 4<<20)})
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "full") {
		t.Fatalf("got %v", err)
	}
	if v, err := db.Setting(ctx, "half", ""); err != nil || v != "" {
		t.Errorf("half of the write is there: %q, %v", v, err)
	}
	limit(1 << 30)
	addOp(t, db, journal.Op{AccountID: account, Kind: journal.MailAppend, Payload: bytes.Repeat([]byte("x"), 4<<20)})
	if err := db.Check(ctx); err != nil {
		t.Error(err)
	}
}

// TestStoresThatCannotBeUsed: what is damaged, of another kind or not to be written is refused and left as it is.
func TestStoresThatCannotBeUsed(t *testing.T) {
	ctx := context.Background()
	whole := filepath.Join(t.TempDir(), "kontor.db")
	db, err := Open(ctx, whole)
	if err != nil {
		t.Fatal(err)
	}
	addAccount(t, db, "amt")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	noise := slices.Clone(data)
	for i := range noise {
		noise[i] ^= 0x5a
	}
	for name, content := range map[string][]byte{
		"a letter":       []byte(strings.Repeat("Sehr geehrte Damen und Herren, ", 100)),
		"noise":          noise,
		"header is gone": append(make([]byte, 100), data[100:]...),
	} {
		path := filepath.Join(t.TempDir(), "kontor.db")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if opened, err := Open(ctx, path); err == nil {
			t.Errorf("%s was opened", name)
			_ = opened.Close() //nolint:errcheck // the test has failed
		}
		if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, content) {
			t.Errorf("%s was changed, %v", name, err)
		}
	}
	if _, err := Open(ctx, filepath.Join(t.TempDir(), "fehlt", "kontor.db")); err == nil {
		t.Error("a store in a folder that is not there was opened")
	}
	if _, err := Open(ctx, t.TempDir()); err == nil {
		t.Error("a folder was opened as a store")
	}
}

// TestADamagedPageIsAnErrorAndNotAnAnswer: a page in the middle is overwritten. Whoever reads it gets an error, and not
// fewer rows.
func TestADamagedPageIsAnErrorAndNotAnAnswer(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "kontor.db")
	db, err := Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	account := addAccount(t, db, "amt")
	write(t, db, func(tx *Tx) error {
		for n := range 500 {
			op := journal.Op{AccountID: account, Kind: journal.MailFlags, Target: fmt.Sprintf("marke-%03d-%s", n, strings.Repeat("x", 400))}
			if _, err := tx.AddOp(ctx, op); err != nil {
				return err
			}
		}
		return nil
	})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(data, []byte("marke-250-")) / 4096 * 4096
	copy(data[at:at+4096], bytes.Repeat([]byte{0xee}, 4096))
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if db, err = Open(ctx, path); err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // the store is broken
	if ops, err := db.PendingOps(ctx, account); err == nil {
		t.Errorf("%d of 500 operations were read from a broken store without a word", len(ops))
	}
	if err := db.Check(ctx); err == nil {
		t.Error("the check finds nothing")
	}
}

// TestCheckFindsWhatIsPlanted: each rule about the core finds what breaks it, and the repair mends what can be mended.
func TestCheckFindsWhatIsPlanted(t *testing.T) {
	ctx := context.Background()
	for name, plant := range map[string]struct {
		query  string
		mended bool
	}{
		"operation that waits for one that is gone": {`INSERT INTO journal (account_id, kind, state, depends_on) VALUES (1, 'mail.flags', 'waiting', 77)`, false},
		"operation without an account":              {`INSERT INTO journal (account_id, kind, state) VALUES (9, 'mail.flags', 'waiting')`, false},
		"target without an operation":               {`INSERT INTO journal_targets (op_id, tbl, row_id) VALUES (77, 'messages', 1)`, true},
	} {
		db, err := Open(ctx, filepath.Join(t.TempDir(), "kontor.db"))
		if err != nil {
			t.Fatal(err)
		}
		addAccount(t, db, "amt")
		for _, q := range []string{"PRAGMA foreign_keys = OFF", plant.query} {
			if _, err := db.conn.ExecContext(ctx, q); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.Check(ctx); !errors.Is(err, ErrInvariant) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
		if err := db.Repair(ctx); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if mended := db.Check(ctx) == nil; mended != plant.mended {
			t.Errorf("%s: mended %v", name, mended)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestRemovingAnAccountTakesAllOfIt: no row of any table is left, and those of others stay.
func TestRemovingAnAccountTakesAllOfIt(t *testing.T) {
	ctx := context.Background()
	db := openTemp(t)
	gone, stays := addAccount(t, db, "geht"), addAccount(t, db, "bleibt")
	for _, account := range []int64{gone, stays} {
		var targets []journal.Target
		if account == gone { // a target that is left behind breaks a rule of the check
			targets = []journal.Target{{Table: "tasks", ID: 1}}
		}
		op := addOp(t, db, journal.Op{AccountID: account, Kind: journal.TaskPut, Targets: targets})
		addOp(t, db, journal.Op{AccountID: account, Kind: journal.TaskPut, DependsOn: op.ID})
		write(t, db, func(tx *Tx) error {
			_, err := tx.AddConflict(ctx, ConflictRow{AccountID: account, Kind: "task", RefID: 1, Title: "x"})
			err = errors.Join(err, tx.SetSetting(ctx, fmt.Sprintf("_files.notes.%d", account), "geheim"), tx.SetSetting(ctx, fmt.Sprintf("_files.pinned.1%d", account), "1"))
			return errors.Join(err, tx.SaveConnection(ctx, Connection{AccountID: account, Protocol: "tasks", LastOK: time.Now()}))
		})
	}
	write(t, db, func(tx *Tx) error { return tx.RemoveAccount(ctx, gone) })
	if left, err := db.Settings(ctx, "_files."); err != nil || len(left) != 3 || left[fmt.Sprintf("_files.notes.%d", gone)] != "" {
		t.Errorf("%v, %v", left, err)
	}
	ops, err := db.PendingOps(ctx, 0)
	if err != nil || len(ops) != 2 || ops[0].AccountID != stays {
		t.Errorf("%+v, %v", ops, err)
	}
	if open, err := db.Conflicts(ctx); err != nil || len(open) != 1 || open[0].AccountID != stays {
		t.Errorf("%+v, %v", open, err)
	}
	if all, err := db.Connections(ctx); err != nil || len(all) != 1 || all[0].AccountID != stays {
		t.Errorf("%+v, %v", all, err)
	}
	if _, err := db.Account(ctx, gone); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v", err)
	}
	if again := addAccount(t, db, "geht"); again == gone {
		t.Error("the number of an account is given out again: what still refers to it would mean another one")
	}
}
