// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"path/filepath"
	"testing"
)

// TestSpareHoldsFewPages: work that touches few pages again and again holds few, whoever reads.
func TestSpareHoldsFewPages(t *testing.T) {
	ctx := context.Background()
	db, err := Open(ctx, filepath.Join(t.TempDir(), "kontor.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := db.Spare(ctx); err != nil {
		t.Fatal(err)
	}
	pages := func(query func(ctx context.Context, into []any, sql string, args ...any) error) (n int) {
		t.Helper()
		if err := query(ctx, []any{&n}, `PRAGMA cache_size`); err != nil {
			t.Fatal(err)
		}
		return n
	}
	db.readers.SetMaxIdleConns(0) // what was opened before may keep what it has
	if n := pages(db.scan); n != -512 {
		t.Errorf("a reader holds %d", n)
	}
	err = db.Write(ctx, func(tx *Tx) error {
		if n := pages(tx.scan); n != -4096 {
			t.Errorf("the writer holds %d", n)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
