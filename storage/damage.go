// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"errors"
	"fmt"

	sqlite3 "github.com/mattn/go-sqlite3"
)

// ErrDamaged is returned for a database file that is not what was written to it.
var ErrDamaged = errors.New("the local store is damaged")

// IsCorrupt reports whether the database or its index turned out to be damaged.
func IsCorrupt(err error) bool {
	var e sqlite3.Error
	return errors.Is(err, ErrDamaged) || errors.As(err, &e) && (e.Code == sqlite3.ErrCorrupt || e.Code == sqlite3.ErrNotADB)
}

// CheckPages reads the whole file and returns ErrDamaged where a page is not sound. It takes seconds for a large store.
func (r reads) CheckPages(ctx context.Context) error {
	var first string
	err := r.scan(ctx, []any{&first}, "PRAGMA quick_check(1)")
	if err == nil && first != "ok" {
		err = fmt.Errorf("%w: %s", ErrDamaged, first)
	}
	if err != nil {
		return fmt.Errorf("read the whole store: %w", err)
	}
	return nil
}
