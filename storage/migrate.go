// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

//go:embed migrations/*.sql
var migrations embed.FS

// ErrNewer is returned for a store that a newer version of the program has written.
var ErrNewer = errors.New("the local store was written by a newer version of Kontor")

// migrate brings the schema to the newest version, each step in a transaction of its own. The version is SQLite's user_version.
func (db *DB) migrate(ctx context.Context) error {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	var have int
	if err := db.conn.QueryRowContext(ctx, "PRAGMA user_version").Scan(&have); err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	newest := 0
	for _, name := range names {
		number, _, _ := strings.Cut(strings.TrimPrefix(name, "migrations/"), "_")
		n, err := strconv.Atoi(number)
		if err != nil || n <= newest {
			return fmt.Errorf("migration %s is out of order", name)
		}
		if newest = n; n <= have {
			continue
		}
		if err := db.applyMigration(ctx, name, n); err != nil {
			return err
		}
	}
	if have > newest {
		return fmt.Errorf("schema %d: %w", have, ErrNewer)
	}
	return nil
}

func (db *DB) applyMigration(ctx context.Context, name string, version int) error {
	text, err := migrations.ReadFile(name)
	if err != nil {
		return err
	}
	script := "BEGIN IMMEDIATE;\n" + string(text) + "\nPRAGMA user_version = " + strconv.Itoa(version) + ";\nCOMMIT;"
	if _, err := db.conn.ExecContext(ctx, script); err != nil {
		_, rollback := db.conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
		return errors.Join(fmt.Errorf("migrate to %d: %w", version, err), rollback)
	}
	return nil
}
