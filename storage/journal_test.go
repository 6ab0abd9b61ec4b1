// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"kontor/app/journal"
	"kontor/app/mail"
)

func addOp(t testing.TB, db *DB, op journal.Op) journal.Op {
	t.Helper()
	write(t, db, func(tx *Tx) (err error) {
		op, err = tx.AddOp(context.Background(), op)
		return err
	})
	return op
}

func TestOperationsComeBackAsTheyWere(t *testing.T) {
	ctx := context.Background()
	db := openTemp(t)
	account := addAccount(t, db, "amt")
	next := time.UnixMilli(time.Now().UnixMilli()).Add(time.Minute)
	op := addOp(t, db, journal.Op{
		AccountID: account, Kind: journal.FilePut, Target: "Bauamt/Plan.odt", Payload: []byte(`{}`), NextTry: next,
		Targets: []journal.Target{{Table: "files", ID: 7}, {Table: "files", ID: 8}},
	})
	got, err := db.Op(ctx, op.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got.Kind != op.Kind || got.Target != op.Target || string(got.Payload) != "{}" || !got.NextTry.Equal(next) ||
		got.State != journal.Waiting || got.Group != op.ID || len(got.Targets) != 2 || got.Targets[1].ID != 8 {
		t.Fatalf("%+v", got)
	}
	due, err := db.NextDue(ctx, account, time.Now())
	if err != nil || !due.Equal(next) {
		t.Fatalf("next due %v, %v", due, err)
	}
	for table, want := range map[string]int{"files": 1, "tasks": 0} {
		if ops, err := db.OpsFor(ctx, table, 8); err != nil || len(ops) != want {
			t.Fatalf("%s: %v, %v", table, ops, err)
		}
	}
	got.State, got.Proof = journal.Done, `"etag"`
	write(t, db, func(tx *Tx) error { return tx.SaveOp(ctx, got) })
	if ops, err := db.PendingOps(ctx, 0); err != nil || len(ops) != 0 {
		t.Fatalf("%v, %v", ops, err)
	}
	if ops, err := db.FinalOps(ctx, 5); err != nil || len(ops) != 1 || ops[0].Proof != `"etag"` {
		t.Fatalf("%v, %v", ops, err)
	}
	if _, err := db.Op(ctx, 99); !errors.Is(err, ErrNotFound) {
		t.Fatalf("got %v", err)
	}
}

func TestDropTakesDependentsAlong(t *testing.T) {
	ctx := context.Background()
	db := openTemp(t)
	account := addAccount(t, db, "amt")
	first := addOp(t, db, journal.Op{AccountID: account, Kind: journal.FileMkdir})
	second := addOp(t, db, journal.Op{AccountID: account, Kind: journal.FilePut, DependsOn: first.ID})
	third := addOp(t, db, journal.Op{AccountID: account, Kind: journal.FileMove, DependsOn: second.ID})
	write(t, db, func(tx *Tx) error {
		op, err := journal.Cancel(first, time.Now())
		if err != nil {
			return err
		}
		return tx.Drop(ctx, op)
	})
	for _, id := range []int64{first.ID, second.ID, third.ID} {
		if op, err := db.Op(ctx, id); err != nil || op.State != journal.Cancelled {
			t.Errorf("operation %d: %s, %v", id, op.State, err)
		}
	}
}

func TestHistoryIsInTheOrderOfActions(t *testing.T) {
	ctx := context.Background()
	db := openTemp(t)
	account := addAccount(t, db, "amt")
	if _, err := db.NextUndo(ctx); !errors.Is(err, ErrNotFound) {
		t.Fatalf("got %v", err)
	}
	first := addOp(t, db, journal.Op{AccountID: account, Kind: journal.FileMkdir})
	sent := addOp(t, db, journal.Op{AccountID: account, Kind: journal.MailSend})
	quiet := addOp(t, db, journal.Op{AccountID: account, Kind: journal.MailFlags, Undone: true})
	save := func(op journal.Op) { write(t, db, func(tx *Tx) error { return tx.SaveOp(ctx, op) }) }
	next := func(undo, redo int64) {
		t.Helper()
		if got, err := db.NextUndo(ctx); got != undo || (err == nil) != (undo != 0) {
			t.Errorf("undo is about %d, want %d: %v", got, undo, err)
		}
		if got, err := db.NextRedo(ctx); got != redo || (err == nil) != (redo != 0) {
			t.Errorf("redo is about %d, want %d: %v", got, redo, err)
		}
	}
	sent.State = journal.Done
	save(sent)
	next(sent.ID, 0) // what cannot come back is not passed over silently
	sent.Undone = true
	save(sent)
	next(first.ID, 0)
	first.State, first.Undone, first.Redo = journal.Cancelled, true, true
	save(first)
	next(0, first.ID)
	again := addOp(t, db, journal.Op{AccountID: account, Kind: journal.FileMkdir, Group: first.ID, Origin: first.ID, Undone: true})
	first.Undone, first.Redo = false, false
	save(first)
	next(first.ID, 0) // in effect by the operation that repeats it
	again.State = journal.Cancelled
	save(again)
	next(0, 0) // which a person has cancelled
	first.Undone, first.Redo = true, true
	save(first)
	other := addOp(t, db, journal.Op{AccountID: account, Kind: journal.FileMkdir})
	next(other.ID, 0) // something else was done since
	write(t, db, func(tx *Tx) error { return tx.ForgetRedo(ctx, other.ID) })
	other.Undone, other.Redo = true, true
	save(other)
	next(0, other.ID)
	if quiet.Group == first.Group {
		t.Error("groups are mixed up")
	}
}

func TestHistoryIsBounded(t *testing.T) {
	ctx := context.Background()
	db := openTemp(t)
	account := addAccount(t, db, "amt")
	const keep = 120
	var ops []journal.Op
	for range keep + 30 {
		op := addOp(t, db, journal.Op{AccountID: account, Kind: journal.MailFlags, Inverse: []byte(`{}`)})
		ops = append(ops, op)
	}
	write(t, db, func(tx *Tx) error {
		for i, op := range ops {
			if i == 3 {
				continue // still waits
			}
			op.State, op.Proof = journal.Done, "ok"
			if err := tx.SaveOp(ctx, op); err != nil {
				return err
			}
		}
		return tx.TrimHistory(ctx, keep)
	})
	for i, op := range ops {
		got, err := db.Op(ctx, op.ID)
		if err != nil {
			t.Fatal(err)
		}
		if kept := len(got.Inverse) > 0 && !got.Undone; kept != (i >= 30 || i == 3) {
			t.Errorf("action %d of %d: way back kept %v", i, len(ops), kept)
		}
		if i != 3 && got.Proof != "ok" {
			t.Errorf("action %d: the server's words are gone", i)
		}
	}
}

func TestParkedRowsComeBackUnderTheirIDs(t *testing.T) {
	ctx := context.Background()
	db := openTemp(t)
	account := addAccount(t, db, "amt")
	raw := []byte("Subject: Plan\r\n\r\nText")
	var folder, message int64
	write(t, db, func(tx *Tx) (err error) {
		if folder, err = tx.AddFolder(ctx, MailFolder{Folder: mail.Folder{AccountID: account, Name: "Akten", Delim: "/", Selectable: true}}); err != nil {
			return err
		}
		ids, err := tx.AddMail(ctx, []NewMail{{
			AccountID: account, FolderID: folder, MessageID: "a@b", Subject: "Plan", Received: time.Unix(1.7e9, 0), Size: int64(len(raw)),
			Flags: mail.Flagged, Keywords: []string{"rot"}, References: []string{"x@y"},
		}})
		if err != nil {
			return err
		}
		message = ids[0]
		return tx.AddRaw(ctx, message, raw, "Text", false)
	})
	before, err := db.MailHeader(ctx, message)
	if err != nil {
		t.Fatal(err)
	}
	rows := []journal.Target{{Table: "folders", ID: folder}, {Table: "messages", ID: message}}
	op := addOp(t, db, journal.Op{AccountID: account, Kind: journal.MailAppend})
	write(t, db, func(tx *Tx) error {
		for _, r := range rows {
			if err := tx.Park(ctx, op, r); err != nil {
				return err
			}
		}
		return errors.Join(tx.RemoveMail(ctx, []int64{message}), tx.RemoveFolder(ctx, folder))
	})
	write(t, db, func(tx *Tx) error {
		for range 2 { // the second time they are there already
			for _, r := range rows {
				if err := tx.Unpark(ctx, r); err != nil {
					return err
				}
			}
		}
		return nil
	})
	after, err := db.MailHeader(ctx, message)
	if err != nil || !reflect.DeepEqual(after, before) {
		t.Errorf("%+v, want %+v: %v", after, before, err)
	}
	if got, err := db.Body(ctx, message); err != nil || string(got) != string(raw) {
		t.Errorf("%q %v", got, err)
	}
}

func TestCheckFindsABrokenJournal(t *testing.T) {
	ctx := context.Background()
	db := openTemp(t)
	account := addAccount(t, db, "amt")
	op := addOp(t, db, journal.Op{AccountID: account, Kind: journal.MailSend, DependsOn: 4711})
	if err := db.Check(ctx); !errors.Is(err, ErrInvariant) {
		t.Fatalf("got %v", err)
	}
	op.DependsOn = 0
	write(t, db, func(tx *Tx) error { return tx.SaveOp(ctx, op) })
}

func TestAccountsAndSettings(t *testing.T) {
	ctx := context.Background()
	db := openTemp(t)
	id := addAccount(t, db, "amt")
	err := db.WriteDurable(ctx, func(tx *Tx) error {
		_, err := tx.AddAccount(ctx, Account{Name: "amt"})
		return err
	})
	if !errors.Is(err, ErrNameTaken) {
		t.Fatalf("got %v", err)
	}
	a, err := db.Account(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	a.FilesURL = "https://dav.stadt.example/"
	write(t, db, func(tx *Tx) error {
		return errors.Join(tx.SaveAccount(ctx, a), tx.SetSetting(ctx, "k", "1"), tx.SetSetting(ctx, "k", "2"))
	})
	if got, err := db.Account(ctx, id); err != nil || got != a {
		t.Fatalf("%+v, %v", got, err)
	}
	if v, err := db.Setting(ctx, "k", ""); err != nil || v != "2" {
		t.Fatalf("%q, %v", v, err)
	}
	addOp(t, db, journal.Op{AccountID: id, Kind: journal.MailSend})
	write(t, db, func(tx *Tx) error { return tx.RemoveAccount(ctx, id) })
	if ops, err := db.PendingOps(ctx, 0); err != nil || len(ops) != 0 {
		t.Fatalf("operations of a removed account: %v, %v", ops, err)
	}
	if _, err := db.Account(ctx, id); !errors.Is(err, ErrNotFound) {
		t.Fatalf("got %v", err)
	}
}

func TestOneOpenConflictPerItem(t *testing.T) {
	ctx := context.Background()
	db := openTemp(t)
	account := addAccount(t, db, "amt")
	row := ConflictRow{AccountID: account, Kind: "file", RefID: 3, Title: "Plan.odt", Detail: []byte(`{"a":1}`)}
	var first, second int64
	write(t, db, func(tx *Tx) (err error) {
		if first, err = tx.AddConflict(ctx, row); err != nil {
			return err
		}
		row.Detail = []byte(`{"a":2}`)
		second, err = tx.AddConflict(ctx, row)
		return err
	})
	if first != second {
		t.Fatalf("two conflicts about one file: %d and %d", first, second)
	}
	if all, err := db.Conflicts(ctx); err != nil || len(all) != 1 || string(all[0].Detail) != `{"a":2}` {
		t.Fatalf("%v, %v", all, err)
	}
	write(t, db, func(tx *Tx) error { return tx.ResolveConflict(ctx, first) })
	if c, err := db.Conflict(ctx, first); err != nil || c.Resolved.IsZero() {
		t.Fatalf("%+v, %v", c, err)
	}
	if all, err := db.Conflicts(ctx); err != nil || len(all) != 0 {
		t.Fatalf("%v, %v", all, err)
	}
}
