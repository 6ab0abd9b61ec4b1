// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"bytes"
	"context"
	"errors"
	"os"
	"testing"

	"pgregory.net/rapid"
)

// keepAll packs what was spooled, as the background does, in one lot that is large enough for a pack.
func keepAll(t testing.TB, db *DB, ids []int64) {
	t.Helper()
	ctx := context.Background()
	docs := make([]IndexDoc, len(ids))
	for i, id := range ids {
		s, err := db.StoredBody(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		docs[i] = IndexDoc{Job: IndexJob{ID: id, What: IndexText}, HasText: true, Digest: &Digest{From: s.At}}
		if docs[i].Digest.Packed, err = db.Pack(ctx, s.Raw); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.KeepPacked(docs); err != nil {
		t.Fatal(err)
	}
	if docs[0].Digest.Packed != nil {
		t.Fatal("the lot was too small for a pack")
	}
	write(t, db, func(tx *Tx) error {
		n, err := tx.PutIndex(ctx, docs)
		if err == nil && n < len(docs) {
			err = errors.New("not all was stored")
		}
		if err == nil {
			_, err = tx.exec(ctx, `DELETE FROM search_queue WHERE what = 2`)
		}
		return err
	})
}

// keptStore has messages of random octets, packed, in packs.
func keptStore(t testing.TB, n int) (db *DB, ids []int64, raws [][]byte) {
	t.Helper()
	db, account, f := mailStore(t, "INBOX")
	db.kept.least = 1
	ids, raws = keepSome(t, db, account, f[0], 0, n)
	return db, ids, raws
}

// keepSome adds messages, packed, to a store.
func keepSome(t testing.TB, db *DB, account, folder int64, first, n int) (ids []int64, raws [][]byte) {
	t.Helper()
	mails := make([]NewMail, n)
	raws = make([][]byte, n)
	for i := range n {
		mails[i], raws[i] = sample(account, folder, first+i), scramble(6000+i, byte(first+i))
	}
	ids = add(t, db, mails...)
	spool(t, db, ids, raws...)
	keepAll(t, db, ids)
	return ids, raws
}

// scramble gives octets that do not compress.
func scramble(n int, seed byte) []byte {
	raw := make([]byte, n)
	x := uint32(seed)*2654435761 + 1
	for i := range raw {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		raw[i] = byte(x)
	}
	return raw
}

func same(t interface {
	Helper()
	Errorf(format string, args ...any)
}, db *DB, ids []int64, raws [][]byte,
) {
	t.Helper()
	for i, id := range ids {
		if got, err := db.Body(context.Background(), id); err != nil || !bytes.Equal(got, raws[i]) {
			t.Errorf("message %d: %d octets, %v", i, len(got), err)
		}
	}
}

func TestKeptOctetsComeBackAndCountAsSpace(t *testing.T) {
	ctx := context.Background()
	db, ids, raws := keptStore(t, 20)
	same(t, db, ids, raws)
	s, err := db.StoredBody(ctx, ids[3])
	if err != nil || s.Spooled() || s.At.packed == 0 {
		t.Errorf("waits to be packed: %+v %v", s.At, err)
	}
	before, err := db.Totals(ctx)
	packed, packErr := db.PackBytes()
	if err != nil || packErr != nil || packed < 20*6000 || before.OfflineBytes < packed {
		t.Errorf("%d octets in packs, %d offline, %v %v", packed, before.OfflineBytes, err, packErr)
	}
	// The octets as they came lie in another pack, which nobody needs now.
	if n, err := db.sweepPacks(ctx, -1); n != 0 || err != nil {
		t.Errorf("packs that still grow: %d %v", n, err)
	}
	db.packs.forget()
	if n, err := db.sweepPacks(ctx, -1); n != 1 || err != nil {
		t.Errorf("%d packs swept, %v", n, err)
	}
	same(t, db, ids, raws)
}

// forget lets the next octets begin a pack of their own, as after a restart.
func (p *packs) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.file, p.id = nil, 0
}

// Whatever is removed, copied or compacted in whichever order, what is left reads as it was, and packs do not stay empty.
func TestCompactionLosesNothing(t *testing.T) {
	ctx := context.Background()
	db, account, f := mailStore(t, "INBOX")
	db.kept.least = 1
	first := 0
	rapid.Check(t, func(r *rapid.T) {
		ids, raws := keepSome(t, db, account, f[0], first, 12)
		first += 12
		for range rapid.IntRange(1, 3).Draw(r, "rounds") {
			var stay []int64
			var octets [][]byte
			var gone []int64
			for i, id := range ids {
				if rapid.IntRange(0, 2).Draw(r, "removed") == 0 {
					stay, octets = append(stay, id), append(octets, raws[i])
				} else {
					gone = append(gone, id)
				}
			}
			write(t, db, func(tx *Tx) error {
				if len(stay) > 1 && rapid.Bool().Draw(r, "copied") {
					if err := tx.ForgetBody(ctx, stay[0], 1); err != nil {
						return err
					}
					octets[0] = octets[1]
					if err := tx.CopyBody(ctx, stay[1], stay[0]); err != nil {
						return err
					}
				}
				return tx.RemoveMail(ctx, gone)
			})
			ids, raws = stay, octets
			db.packs.forget()
			db.kept.forget()
			if _, err := db.compactPacks(ctx, -1); err != nil {
				r.Fatal(err)
			}
			same(r, db, ids, raws)
		}
		used := int64(4 * block)
		for _, raw := range raws {
			used += int64(len(raw)) + block
		}
		if all, err := db.PackBytes(); err != nil || all > 3*used {
			r.Errorf("%d octets on the disk for %d", all, used)
		}
		write(t, db, func(tx *Tx) error { return tx.RemoveMail(ctx, ids) })
	})
}

// A crash between writing a pack and naming it leaves octets that nobody needs, and the message where it was.
func TestPackThatNobodyNames(t *testing.T) {
	ctx := context.Background()
	db, ids, raws := keptStore(t, 10)
	if _, err := db.keep([][]byte{scramble(300_000, 9)}); err != nil {
		t.Fatal(err)
	}
	db.kept.forget()
	live, err := db.keptIn(ctx, db.mustPack(t, ids[0]))
	if err != nil || len(live) != len(ids) {
		t.Fatalf("%d places, %v", len(live), err)
	}
	if _, err := db.compactPacks(ctx, -1); err != nil {
		t.Error(err)
	}
	same(t, db, ids, raws)
}

func (db *DB) mustPack(t *testing.T, id int64) int64 {
	t.Helper()
	row, err := db.body(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return row.pack
}

func TestLostPacksAreKnown(t *testing.T) {
	ctx := context.Background()
	db, ids, _ := keptStore(t, 10)
	if lost, err := db.LostPacks(ctx); len(lost) != 0 || err != nil {
		t.Errorf("%v %v", lost, err)
	}
	if err := os.Remove(db.packs.name(db.mustPack(t, ids[0]))); err != nil {
		t.Fatal(err)
	}
	if lost, err := db.LostPacks(ctx); len(lost) != len(ids) || err != nil {
		t.Errorf("%v %v", lost, err)
	}
}

func TestSpaceIsGivenBack(t *testing.T) {
	ctx := context.Background()
	db, account, f := mailStore(t, "INBOX")
	var mails []NewMail
	for i := range 40 {
		mails = append(mails, sample(account, f[0], i))
	}
	ids := add(t, db, mails...)
	write(t, db, func(tx *Tx) error {
		for i, id := range ids {
			raw := scramble(100_000, byte(i))
			if err := tx.AddBody(ctx, Body{ID: id, Size: int64(len(raw)), Packed: Pack(raw)}); err != nil {
				return err
			}
		}
		return nil
	})
	full, err := db.Totals(ctx)
	if err != nil {
		t.Fatal(err)
	}
	write(t, db, func(tx *Tx) error { return tx.RemoveMail(ctx, ids[2:]) })
	freed, err := db.giveBack(ctx, 10)
	if err != nil || freed < 3_000_000 {
		t.Errorf("%d octets given back, %v", freed, err)
	}
	after, err := db.Totals(ctx)
	if err != nil || after.OfflineBytes > full.OfflineBytes-3_000_000 {
		t.Errorf("%d octets before, %d after, %v", full.OfflineBytes, after.OfflineBytes, err)
	}
}
