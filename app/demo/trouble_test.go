// SPDX-License-Identifier: EUPL-1.2

package demo_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kontor/app/demo"
	"kontor/app/journal"
	"kontor/storage"
	"kontor/sync/caltasks"
	"kontor/sync/davfiles"
	"kontor/sync/engine"
)

// TestKontorGetsOverEveryFault: each fault in turn hits files and tasks while both sides change. No run loses or doubles
// anything, and once the fault is over both sides are the same.
func TestKontorGetsOverEveryFault(t *testing.T) {
	ctx, home := context.Background(), t.TempDir()
	w, err := demo.Start(ctx, demo.Options{Empty: true})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	db, err := storage.Open(ctx, filepath.Join(home, "kontor.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // checked before
	account := w.Draft("brandt").Account()
	err = db.WriteDurable(ctx, func(tx *storage.Tx) error {
		if account.ID, err = tx.AddAccount(ctx, account); err != nil {
			return err
		}
		return tx.PinFile(ctx, account.ID, "", true)
	})
	if err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.DiscardHandler)
	secret := func(context.Context) (string, error) { return w.Password(), nil }
	files, err := davfiles.New(davfiles.Config{DB: db, Account: account, Home: home, Secret: secret, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	tasks, err := caltasks.New(caltasks.Config{DB: db, Account: account, Secret: secret, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	e := engine.New(db, quiet)
	e.Add(account.ID, files)
	e.Add(account.ID, tasks)
	defer e.Close() //nolint:errcheck // nothing is left to lose
	u, root := w.User("brandt"), davfiles.DefaultRoot(home, account)
	u.PutFile("bleibt", []byte("x"))
	u.PutTask("liste", "bleibt.ics", todo("bleibt"))
	if err := e.RunOnce(ctx, nil); err != nil {
		t.Fatal(err)
	}
	for n, f := range []demo.Faults{
		{Down: true},
		{CutAfter: 200},
		{CutAfter: 3000},
		{CutUpload: 600},
		{Status: 500},
		{Status: 503},
		{Status: 423},
		{Status: 507},
		{Status: 401},
		{Precondition: true},
		{LoseAnswer: true},
		{Latency: time.Millisecond},
	} {
		u.PutFile(fmt.Sprint("dort", n), []byte(strings.Repeat("d", 2000)))
		u.PutTask("liste", fmt.Sprint("dort", n, ".ics"), todo(fmt.Sprint("dort", n)))
		if err := os.WriteFile(filepath.Join(root, fmt.Sprint("hier", n)), []byte(strings.Repeat("h", 2000)), 0o600); err != nil {
			t.Fatal(err)
		}
		w.SetAllFaults(f)
		for range 2 {
			_ = e.RunOnce(ctx, nil) //nolint:errcheck // the fault
		}
		w.SetAllFaults(demo.Faults{})
		retry(t, db)
		for range 4 {
			err = e.RunOnce(ctx, nil)
		}
		if err != nil {
			t.Errorf("after %+v: %v", f, err)
		}
		if err := db.Check(ctx); err != nil {
			t.Error(err)
		}
		compareTown(t, db, u, root, fmt.Sprintf("%+v", f), 1+2*(n+1), 1+n+1)
	}
}

// retry is what a person does about an operation that was refused too often.
func retry(t *testing.T, db *storage.DB) {
	t.Helper()
	ctx := context.Background()
	err := db.WriteDurable(ctx, func(tx *storage.Tx) error {
		ops, err := tx.PendingOps(ctx, 0)
		if err != nil {
			return err
		}
		for _, op := range ops {
			if op.State != journal.Failed {
				continue
			}
			if op, err = journal.Again(op, time.Now()); err != nil {
				return err
			}
			if err := tx.SaveOp(ctx, op); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func todo(uid string) string {
	return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VTODO\r\nUID:" + uid + "\r\nDTSTAMP:20261101T000000Z\r\nSUMMARY:" + uid + "\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
}

func compareTown(t *testing.T, db *storage.DB, u *demo.User, root, when string, files, tasks int) {
	t.Helper()
	there := u.Files()
	for _, name := range there {
		data, _ := u.File(name)
		here, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil || string(here) != string(data) {
			t.Errorf("%s: %s has %d octets here and %d there, %v", when, name, len(here), len(data), err)
		}
	}
	totals, err := db.Totals(context.Background())
	if err != nil || len(there) != files || totals.OfflineFiles != files || totals.OpenTasks != tasks {
		t.Errorf("%s: %d files there, %d here, want %d; %d tasks, want %d; %v", when, len(there), totals.OfflineFiles, files, totals.OpenTasks, tasks, err)
	}
}
