// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"fmt"
)

// Free pages are worth giving back when there are many: the store needs some for what comes next.
const (
	freeShare = 8       // one page in so many
	freeLeast = 4 << 10 // pages
)

// GiveBack gives the disk back what was freed by dropping messages, in steps that keep nobody waiting, and returns how
// many octets those were. A store that was made by an older version keeps its free pages for itself.
func (db *DB) GiveBack(ctx context.Context) (int64, error) { return db.giveBack(ctx, freeLeast) }

func (db *DB) giveBack(ctx context.Context, least int64) (int64, error) {
	packed, err := db.CompactPacks(ctx)
	if err != nil {
		return packed, err
	}
	octets := packed
	for {
		var free, pages, size int64
		err := db.scan(ctx, []any{&free, &pages, &size}, `SELECT (SELECT freelist_count FROM pragma_freelist_count()),
			(SELECT page_count FROM pragma_page_count()), (SELECT page_size FROM pragma_page_size())`)
		if err != nil {
			return octets, fmt.Errorf("give space back: %w", err)
		}
		if free < least || free < pages/freeShare {
			return octets, nil
		}
		if err := db.vacuumStep(ctx); err != nil {
			return octets, fmt.Errorf("give space back: %w", err)
		}
		var left int64
		if err := db.scan(ctx, []any{&left}, `SELECT freelist_count FROM pragma_freelist_count()`); err != nil || left >= free {
			return octets, err
		}
		octets += (free - left) * size
	}
}

// vacuumStep moves some pages. The pragma is stepped through to its end: each step frees one page.
func (db *DB) vacuumStep(ctx context.Context) error {
	return db.Write(ctx, func(tx *Tx) error {
		return tx.each(ctx, "PRAGMA incremental_vacuum(256)", nil, func(func(...any) error) error { return nil })
	})
}
