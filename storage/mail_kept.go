// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"fmt"
	"hash/crc32"
	"slices"
	"time"
)

// keptFrom is from how many octets together on what was packed stays in a pack. Fewer go into the database: a pack for each
// message that comes in the course of a day would be a folder full of tiny files.
const keptFrom = 256 << 10

// KeepPacked writes what was packed of messages into a pack, synced to the disk, where that is worth it. PutIndex then names
// it in the store. It needs no transaction.
func (db *DB) KeepPacked(docs []IndexDoc) error {
	var blobs [][]byte
	var of []*Digest
	total := 0
	for _, d := range docs {
		if d.Digest != nil && len(d.Digest.Packed) > 0 {
			blobs, of = append(blobs, d.Digest.Packed), append(of, d.Digest)
			total += len(d.Digest.Packed)
		}
	}
	if total == 0 || total < db.kept.least {
		return nil
	}
	at, err := db.keep(blobs)
	if err != nil {
		return err
	}
	for i, d := range of {
		at[i].size = d.From.size
		d.Kept, d.Packed = at[i], nil
	}
	return nil
}

// keep appends packed octets.
func (db *DB) keep(blobs [][]byte) ([]Spooled, error) {
	out := make([]Spooled, len(blobs))
	for i, b := range blobs {
		out[i] = Spooled{packed: int64(len(b)), crc: crc32.Checksum(b, castagnoli)}
	}
	if err := db.kept.add(blobs, nil, out); err != nil {
		return nil, fmt.Errorf("keep messages: %w", err)
	}
	return out, nil
}

// wasteful is the least part of a pack that has to be in use, or else what is in use is moved elsewhere.
const wasteful = 0.5

// Each run of the program begins a pack of its own. So many small ones are joined.
const (
	smallPack = packLimit / 8
	manySmall = 16
)

// CompactPacks moves what is left in packs that are mostly empty, so that they can be removed, and gives back how many
// octets that freed on the disk.
func (db *DB) CompactPacks(ctx context.Context) (int64, error) { return db.compactPacks(ctx, packAge) }

func (db *DB) compactPacks(ctx context.Context, age time.Duration) (int64, error) {
	quiet, err := db.quietPacks(age)
	if err != nil || len(quiet) == 0 {
		return 0, err
	}
	freed := int64(0)
	small := 0
	for _, f := range quiet {
		if f.size < smallPack {
			small++
		}
	}
	for _, f := range quiet {
		live, err := db.keptIn(ctx, f.id)
		if err != nil {
			return freed, fmt.Errorf("compact packs: %w", err)
		}
		used := int64(0)
		for _, s := range live {
			used += s.packed
		}
		if len(live) == 0 || float64(used) >= wasteful*float64(f.size) && (f.size >= smallPack || small < manySmall) {
			continue
		}
		if err := db.movePack(ctx, live); err != nil {
			return freed, fmt.Errorf("compact pack: %w", err)
		}
		freed += f.size - used
	}
	_, err = db.sweepPacks(ctx, age)
	return freed, err
}

// keptIn gives what lies packed in a pack, each place once. It is empty while something there waits to be packed.
func (r reads) keptIn(ctx context.Context, pack int64) ([]Spooled, error) {
	var live []Spooled
	raw := false
	err := r.each(ctx, `SELECT DISTINCT pos, packed, crc FROM bodies WHERE pack = ? ORDER BY pos`, []any{pack}, func(scan func(...any) error) error {
		s := Spooled{pack: pack}
		err := scan(&s.pos, &s.packed, &s.crc)
		raw = raw || s.packed == 0
		live = append(live, s)
		return err
	})
	if raw {
		live = nil
	}
	return live, err
}

// movePart bounds how many octets are moved at a time.
const movePart = 4 << 20

// movePack moves octets to the pack that grows. What cannot be read stays where it is: it is told of when it is asked for.
func (db *DB) movePack(ctx context.Context, live []Spooled) error {
	for len(live) > 0 {
		n, size := 0, int64(0)
		for n < len(live) && (n == 0 || size+live[n].packed <= movePart) {
			size += live[n].packed
			n++
		}
		if err := db.movePart(ctx, live[:n]); err != nil {
			return err
		}
		live = live[n:]
	}
	return nil
}

func (db *DB) movePart(ctx context.Context, from []Spooled) error {
	from = slices.Clone(from)
	blobs := make([][]byte, 0, len(from))
	readable := from[:0]
	for _, s := range from {
		if b, err := db.packs.read(s, nil); err == nil {
			blobs, readable = append(blobs, b), append(readable, s)
		}
	}
	if len(blobs) == 0 {
		return nil
	}
	to, err := db.keep(blobs)
	if err != nil {
		return err
	}
	// The old pack may be removed right afterwards, so this has to be on the disk.
	return db.WriteDurable(ctx, func(tx *Tx) error {
		for i, s := range readable {
			if _, err := tx.exec(ctx, `UPDATE bodies SET pack = ?, pos = ? WHERE pack = ? AND pos = ?`, to[i].pack, to[i].pos, s.pack, s.pos); err != nil {
				return err
			}
		}
		return nil
	})
}

// LostPacks gives the messages that lie in packs that are not there: somebody removed a file.
func (db *DB) LostPacks(ctx context.Context) ([]int64, error) {
	packs, err := db.ids(ctx, `SELECT DISTINCT pack FROM bodies WHERE pack > 0`)
	if err != nil || len(packs) == 0 {
		return nil, err
	}
	// Read after the rows: a pack is there before a row names it.
	files, err := db.packs.files()
	if err != nil {
		return nil, fmt.Errorf("look for packs: %w", err)
	}
	packs = slices.DeleteFunc(packs, func(id int64) bool {
		return slices.ContainsFunc(files, func(f packFile) bool { return f.id == id })
	})
	if len(packs) == 0 {
		return nil, nil
	}
	return db.ids(ctx, `SELECT id FROM bodies WHERE pack IN (SELECT value FROM json_each(?))`, jsonIDs(packs))
}

// PackBytes is how many octets the packs take on the disk.
func (r reads) PackBytes() (int64, error) {
	files, err := r.packs.files()
	sum := int64(0)
	for _, f := range files {
		sum += f.size
	}
	return sum, err
}
