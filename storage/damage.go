// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"database/sql"
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
// full-text index is not. It takes seconds for a large store. A connection of its own reads: one that has looked into the
// full-text index before checks the index as it was then, and finds it broken once it was made anew.
func (db *DB) CheckPages(ctx context.Context) error {
	fresh := sql.OpenDB(&connector{dsn: dsn(db.path, true)})
	fresh.SetMaxOpenConns(1)
	found, err := quickCheck(ctx, fresh)
	if err = errors.Join(err, found, fresh.Close()); err != nil {
		return fmt.Errorf("read the whole store: %w", err)
	}
	return nil
}

// quickCheck tells what is not sound apart from what kept it from looking.
func quickCheck(ctx context.Context, db *sql.DB) (found, err error) {
	rows, err := db.QueryContext(ctx, "PRAGMA quick_check(100)")
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // Err tells
	for rows.Next() {
		var what string
		if err := rows.Scan(&what); err != nil {
			return found, err
		}
		switch {
		case what == "ok" || errors.Is(found, ErrDamaged):
		case strings.Contains(strings.ToLower(what), "fts5"):
			found = fmt.Errorf("%w: %s", ErrInvariant, what)
		default:
			found = fmt.Errorf("%w: %s", ErrDamaged, what)
		}
	}
	return found, rows.Err()
}
