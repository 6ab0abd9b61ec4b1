// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"kontor/app/mail"
	"kontor/app/tasks"
)

// spool stores octets as a synchronisation does.
func spool(t testing.TB, db *DB, ids []int64, raws ...[]byte) {
	t.Helper()
	spooled, err := db.Spool(raws...)
	if err != nil {
		t.Fatal(err)
	}
	bodies := make([]SpooledBody, len(ids))
	for i, id := range ids {
		bodies[i] = SpooledBody{id, spooled[i]}
	}
	write(t, db, func(tx *Tx) error { return tx.AddSpooled(context.Background(), bodies) })
}

// noise gives octets that differ from one place to the next.
func noise(n, seed int) []byte {
	raw := make([]byte, n)
	for i := range raw {
		raw[i] = byte((i + seed) * (i>>8 + 7) >> 2)
	}
	return raw
}

// spoolInto spools octets by themselves, or joined in memory that has room for so many of them.
func spoolInto(db *DB, raws [][]byte, room int) ([]Spooled, error) {
	if room < 0 {
		return db.Spool(raws...)
	}
	data, ends := SpoolBuffer(room), []int{}
	for _, raw := range raws {
		data = append(data, raw...)
		ends = append(ends, len(data))
	}
	return db.SpoolJoined(data, ends)
}

// Whatever the sizes, and whether they go past the cache and are copied before or not, octets come back as they were.
func TestSpooledOctetsComeBack(t *testing.T) {
	ctx := context.Background()
	db, account, f := mailStore(t, "INBOX")
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.SampledFrom([]int{0, 1, block - 1, block, block + 1, 70_000, minDirect, 1<<20 + 3}), 1, 4).Draw(t, "sizes")
		raws, mails := make([][]byte, len(sizes)), make([]NewMail, len(sizes))
		for i, size := range sizes {
			raws[i], mails[i] = noise(size, n), sample(account, f[0], n)
			n++
		}
		var ids []int64
		err := db.Write(ctx, func(tx *Tx) (err error) { ids, err = tx.AddMail(ctx, mails); return err })
		if err != nil {
			t.Fatal(err)
		}
		spooled, err := spoolInto(db, raws, rapid.SampledFrom([]int{-1, 1, 8 * block, 2 * minDirect, 5 << 20}).Draw(t, "room"))
		if err != nil {
			t.Fatal(err)
		}
		bodies := make([]SpooledBody, len(ids))
		for i := range ids {
			bodies[i] = SpooledBody{ids[i], spooled[i]}
		}
		if err := db.Write(ctx, func(tx *Tx) error { return tx.AddSpooled(ctx, bodies) }); err != nil {
			t.Fatal(err)
		}
		for i, id := range ids {
			if got, err := db.Body(ctx, id); err != nil || !bytes.Equal(got, raws[i]) {
				t.Fatalf("%d octets: got %d, %v", len(raws[i]), len(got), err)
			}
		}
	})
	if db.packs.id == 0 {
		t.Error("nothing was spooled")
	}
}

func TestSeveralSpoolAtOnce(t *testing.T) {
	ctx := context.Background()
	db, account, f := mailStore(t, "INBOX")
	var mails []NewMail
	for n := range 80 {
		mails = append(mails, sample(account, f[0], n))
	}
	ids := add(t, db, mails...)
	var wg sync.WaitGroup
	for lane := range 4 {
		wg.Go(func() {
			for n := lane; n < len(ids); n += 4 {
				spool(t, db, ids[n:n+1], noise(1000*n, n))
			}
		})
	}
	wg.Wait()
	for n, id := range ids {
		if got, err := db.Body(ctx, id); err != nil || !bytes.Equal(got, noise(1000*n, n)) {
			t.Errorf("%d: %d octets, %v", n, len(got), err)
		}
	}
}

func TestSpooledBodyReplacesAnother(t *testing.T) {
	ctx := context.Background()
	db, account, f := mailStore(t, "INBOX")
	ids := add(t, db, sample(account, f[0], 0), sample(account, f[0], 1))
	write(t, db, func(tx *Tx) error {
		if err := tx.AddBodyPiece(ctx, ids[0], 0, []byte("Stück")); err != nil {
			return err
		}
		return tx.AddBody(ctx, Body{ID: ids[0], Size: 6})
	})
	spool(t, db, append([]int64{4711}, ids[0]), []byte("ist schon fort"), []byte("vom Server"))
	write(t, db, func(tx *Tx) error { return tx.CopyBody(ctx, ids[0], ids[1]) })
	for _, id := range ids {
		if got, err := db.Body(ctx, id); err != nil || string(got) != "vom Server" {
			t.Errorf("%q %v", got, err)
		}
	}
	write(t, db, func(tx *Tx) error {
		return tx.AddBody(ctx, Body{ID: ids[0], Size: 4, Packed: Pack([]byte("neu!"))})
	})
	if got, err := db.Body(ctx, ids[0]); err != nil || string(got) != "neu!" {
		t.Errorf("%q %v", got, err)
	}
}

func TestDamagedPack(t *testing.T) {
	ctx := context.Background()
	db, account, f := mailStore(t, "INBOX")
	ids := add(t, db, sample(account, f[0], 0), sample(account, f[0], 1))
	spool(t, db, ids, noise(5000, 1), noise(9000, 2))
	if _, err := db.packs.file.WriteAt([]byte("x"), 6000); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Body(ctx, ids[0]); err != nil {
		t.Error(err)
	}
	if _, err := db.Body(ctx, ids[1]); !errors.Is(err, ErrPacked) {
		t.Errorf("damaged octets were read: %v", err)
	}
	if err := os.Truncate(db.packs.name(db.packs.id), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Body(ctx, ids[0]); !errors.Is(err, ErrPacked) {
		t.Errorf("octets that are gone were read: %v", err)
	}
}

func TestPacksAreSweptOnceNobodyLiesInThem(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "kontor.db")
	open := func() *DB {
		db, err := Open(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		return db
	}
	db := open()
	var ids []int64
	write(t, db, func(tx *Tx) error {
		account, err := tx.AddAccount(ctx, Account{Name: "Amt"})
		if err != nil {
			return err
		}
		folder, err := tx.AddFolder(ctx, MailFolder{Folder: mail.Folder{AccountID: account, Name: "INBOX"}})
		if err != nil {
			return err
		}
		ids, err = tx.AddMail(ctx, []NewMail{sample(account, folder, 0), sample(account, folder, 1)})
		return err
	})
	spool(t, db, ids[:1], noise(100, 1))
	name := db.packs.name(db.packs.id)
	if n, err := db.sweepPacks(ctx, -1); n != 0 || err != nil {
		t.Errorf("the pack in use: %d %v", n, err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db = open()
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	if n, err := db.sweepPacks(ctx, -1); n != 0 || err != nil {
		t.Errorf("a pack with a message: %d %v", n, err)
	}
	if got, err := db.Body(ctx, ids[0]); err != nil || !bytes.Equal(got, noise(100, 1)) {
		t.Errorf("after a restart: %d octets, %v", len(got), err)
	}
	write(t, db, func(tx *Tx) error { return tx.RemoveMail(ctx, ids) })
	if n, err := db.SweepPacks(ctx); n != 0 || err != nil {
		t.Errorf("a young pack: %d %v", n, err)
	}
	if n, err := db.sweepPacks(ctx, -1); n != 1 || err != nil {
		t.Errorf("an empty pack: %d %v", n, err)
	}
	if _, err := os.Stat(name); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

func TestArriving(t *testing.T) {
	db, _, _ := mailStore(t, "INBOX")
	if db.Arriving() {
		t.Error("nothing arrives")
	}
	for range 8 {
		if _, err := db.Spool(noise(PieceSize, 0)); err != nil {
			t.Fatal(err)
		}
	}
	if !db.Arriving() {
		t.Error("32 MB in a moment are many")
	}
	db.packs.mu.Lock()
	db.packs.rate.since = db.packs.rate.since.Add(-packAge)
	db.packs.last = db.packs.rate.since
	before := db.packs.id
	db.packs.mu.Unlock()
	if db.Arriving() {
		t.Error("it is long ago")
	}
	if _, err := db.Spool(noise(1, 0)); err != nil || db.packs.id == before {
		t.Errorf("a pack that was left alone grows again: %v", err)
	}
	fetched := make([]FetchedTask, 2000)
	for i := range fetched {
		fetched[i] = FetchTask(fmt.Sprint(i), "", taskText("t", "SUMMARY:t"))
	}
	write(t, db, func(tx *Tx) error {
		list, err := tx.AddTaskList(context.Background(), TaskList{List: tasks.List{AccountID: 1}, OnServer: true})
		if err == nil {
			_, _, err = tx.StoreTasks(context.Background(), list, fetched)
		}
		return err
	})
	if !db.Arriving() {
		t.Error("2000 tasks in a moment are many")
	}
}
