// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"errors"
	"fmt"
	"strings"

	sqlite3 "github.com/mattn/go-sqlite3"
)

// ErrDamaged is returned for a database file that is not what was written to it.
var ErrDamaged = errors.New("the local store is damaged")

// IsCorrupt reports whether the database or its index turned out to be damaged.
func IsCorrupt(err error) bool {
	var e sqlite3.Error
	return errors.Is(err, ErrDamaged) || errors.As(err, &e) && (e.Code == sqlite3.ErrCorrupt || e.Code == sqlite3.ErrNotADB)
}

// IsIndexDamaged reports whether it is the full-text index that is damaged, which can be made anew (ClearIndex).
func IsIndexDamaged(err error) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && e.ExtendedCode == sqlite3.ErrCorruptVTab
}

// CheckPages reads the whole file and returns ErrDamaged where a page is not sound, ErrInvariant where only the
// full-text index is not. It takes seconds for a large store.
func (r reads) CheckPages(ctx context.Context) error {
	var found error
	err := r.each(ctx, "PRAGMA quick_check(100)", nil, func(scan func(...any) error) error {
		var what string
		err := scan(&what)
		switch {
		case what == "ok" || errors.Is(found, ErrDamaged):
		case strings.Contains(strings.ToLower(what), "fts5"):
			found = fmt.Errorf("%w: %s", ErrInvariant, what)
		default:
			found = fmt.Errorf("%w: %s", ErrDamaged, what)
		}
		return err
	})
	if err = errors.Join(err, found); err != nil {
		return fmt.Errorf("read the whole store: %w", err)
	}
	return nil
}
