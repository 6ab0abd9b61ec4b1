// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"kontor/app/journal"
	"kontor/app/mail"
)

// filled is a closed store of one account with messages, their octets, and two operations that wait. It returns its path
// and the subjects by UID.
func filled(t *testing.T) (path string, subjects map[uint32]string) {
	t.Helper()
	ctx := context.Background()
	path = filepath.Join(t.TempDir(), "kontor.db")
	db, err := Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	subjects = map[uint32]string{}
	err = db.WriteDurable(ctx, func(tx *Tx) error {
		account, err := tx.AddAccount(ctx, Account{Name: "Amt"})
		if err != nil {
			return err
		}
		folder, err := tx.AddFolder(ctx, MailFolder{
			Folder: mail.Folder{AccountID: account, Name: "INBOX", Role: mail.RoleInbox, Selectable: true, Complete: true}, RemoteName: "INBOX", UIDNext: 999,
		})
		if err != nil {
			return err
		}
		var batch []NewMail
		for n := range 400 {
			batch = append(batch, sample(account, folder, n))
			subjects[uint32(n+1)] = batch[n].Subject
		}
		ids, err := tx.AddMail(ctx, batch)
		if err != nil {
			return err
		}
		for i, id := range ids {
			if err := tx.AddRaw(ctx, id, []byte(fmt.Sprintf("Text %d %s", i, bytes.Repeat([]byte{'x', byte(i)}, 300))), "Text", false); err != nil {
				return err
			}
		}
		for _, kind := range []journal.Kind{journal.MailSend, journal.MailFlags} {
			if _, err := tx.AddOp(ctx, journal.Op{Kind: kind, AccountID: account, Targets: []journal.Target{{Table: "messages", ID: ids[7]}}}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	index(t, db, func(id int64) string { return fmt.Sprint("Text ", id) })
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path + walSuffix); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("a part of the store lies in its log: %v", err)
	}
	return path, subjects
}

// rescue damages the store, makes a new one of it and looks whether that is sound. It returns how many messages are left.
func rescue(t *testing.T, path string, subjects map[uint32]string, damaged []byte) (left int) {
	t.Helper()
	ctx := context.Background()
	if err := errors.Join(removeStore(path), os.WriteFile(path, damaged, 0o600)); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	kept, err := Salvage(ctx, path, now)
	if err != nil {
		t.Fatal(err)
	}
	if octets, err := os.ReadFile(kept); err != nil || !bytes.Equal(octets, damaged) {
		t.Fatalf("the damaged store is not kept as it was: %v", err)
	}
	if _, err := Salvage(ctx, path, now); err == nil {
		t.Fatal("a copy that is kept was overwritten")
	}
	db, err := Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		if err := removeStore(kept); err != nil {
			t.Error(err)
		}
	}()
	index(t, db, func(id int64) string { return fmt.Sprint("Text ", id) })
	for _, err := range []error{db.Check(ctx), db.CheckPages(ctx)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	list, err := db.MailList(ctx, mail.Query{}, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list {
		if m.Subject == "" || m.From.Addr != "anna@amt.example" {
			t.Errorf("a message became %+v", m)
		}
		if _, err := db.Body(ctx, m.ID); m.HasBody && err != nil {
			t.Errorf("message %d: %v", m.ID, err)
		}
	}
	folders, err := db.folders(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		if f.Complete || f.UIDNext != 0 {
			t.Error("what is missing of a folder is not asked for again")
		}
	}
	if n, err := db.triggers(ctx); err != nil || n < 10 {
		t.Errorf("%d triggers, %v", n, err)
	}
	return len(list)
}

func (r reads) triggers(ctx context.Context) (n int, err error) {
	err = r.scan(ctx, []any{&n}, `SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'`)
	return n, err
}

// Whatever page is destroyed, a sound store is made of the rest, which is nearly everything.
func TestSalvageOfDestroyedPages(t *testing.T) {
	path, subjects := filled(t)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	r := rand.New(rand.NewPCG(3, 4))
	emptied := 0
	for range 20 {
		damaged := bytes.Clone(whole)
		at := (1 + r.IntN(len(whole)/page-1)) * page
		for i := range page {
			damaged[at+i] = byte(r.Uint32())
		}
		switch left := rescue(t, path, subjects, damaged); {
		case left == 0: // the page of the only account, or of the root of the messages
			emptied++
		case left < len(subjects)*3/4:
			t.Errorf("page %d: only %d messages are left", at/page, left)
		}
	}
	if emptied > 4 {
		t.Errorf("%d of 20 destroyed pages took everything along", emptied)
	}
}

// A page that lost a part, or that was written in another's place, looks sound in its head: SQLite gives rows of it out of
// their order, or the same ones again and again. Making a new store comes to an end all the same.
func TestSalvageOfMisleadingPages(t *testing.T) {
	path, subjects := filled(t)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	r := rand.New(rand.NewPCG(5, 6))
	best := 0
	for i := range 24 {
		damaged := bytes.Clone(whole)
		at := (1 + r.IntN(len(whole)/page-1)) * page
		switch i % 3 {
		case 0:
			clear(damaged[at+8+r.IntN(page/2) : at+page])
		case 1:
			copy(damaged[at:at+page], whole[(1+r.IntN(len(whole)/page-1))*page:])
		default:
			damaged = damaged[:at+100]
		}
		best = max(best, rescue(t, path, subjects, damaged))
	}
	if best < len(subjects)/2 {
		t.Errorf("at most %d messages were left", best)
	}
}

func TestSalvageOfOtherDamage(t *testing.T) {
	path, subjects := filled(t)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	noise := bytes.Clone(whole)
	for i := range 100 {
		noise[i] = byte(i*7 + 1)
	}
	for _, c := range []struct {
		name    string
		octets  []byte
		least   int
		refused bool // it cannot even be opened
	}{
		{"sound", whole, len(subjects), false},
		{"without its last tenth", whole[:len(whole)/10*9/4096*4096], len(subjects) / 4, true},
		{"cut within a page", whole[:len(whole)/5*4+100], 50, true},
		{"without a header", noise, 0, true},
		{"empty", nil, 0, false},
		{"text", []byte("this is no database, but some text that is longer than a header of a hundred octets would have been, by far"), 0, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := os.WriteFile(path, c.octets, 0o600); err != nil {
				t.Fatal(err)
			}
			db, err := Open(context.Background(), path)
			if err == nil {
				err = db.Close()
			}
			if IsCorrupt(err) != c.refused {
				t.Errorf("opened: %v", err)
			}
			if left := rescue(t, path, subjects, c.octets); left < c.least {
				t.Errorf("%d messages are left", left)
			}
		})
	}
}

// What waits is not lost, but what may have been sent already is not sent again.
func TestSalvageHoldsWhatMayBeSent(t *testing.T) {
	ctx := context.Background()
	path, _ := filled(t)
	if _, err := Salvage(ctx, path, time.Now()); err != nil {
		t.Fatal(err)
	}
	db, err := Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	ops, err := db.PendingOps(ctx, 0)
	if err != nil || len(ops) != 2 {
		t.Fatal(ops, err)
	}
	for _, op := range ops {
		if want := map[journal.Kind]journal.State{journal.MailSend: journal.Held, journal.MailFlags: journal.Waiting}[op.Kind]; op.State != want || len(op.Targets) != 1 {
			t.Errorf("%s: %s %v", op.Kind, op.State, op.Targets)
		}
	}
}

// A store that cannot be copied is left as it is.
func TestSalvageWithoutAStore(t *testing.T) {
	dir := t.TempDir()
	if _, err := Salvage(context.Background(), filepath.Join(dir, "kontor.db"), time.Now()); err == nil {
		t.Error("salvaged what is not there")
	}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			t.Error("left behind: ", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
