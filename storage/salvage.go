// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	sqlite3 "github.com/mattn/go-sqlite3"
)

// The files that SQLite keeps beside a database (sqlite.org/walformat.html).
const (
	walSuffix = "-wal"
	shmSuffix = "-shm"
)

// Salvage makes a new store at path of all that can still be read of the damaged one there, and gives back where the
// damaged one is kept: nothing of it is removed. What servers have is fetched again where it is missing; messages that
// waited to be sent are held, for the damage may have taken back that they were. Nobody else may have the store open.
func Salvage(ctx context.Context, path string, now time.Time) (kept string, err error) {
	kept = path + ".damaged-" + now.UTC().Format("20060102-150405")
	if err := copyFile(path, kept); err != nil {
		return "", fmt.Errorf("keep the damaged store: %w", err)
	}
	if err := copyFile(path+walSuffix, kept+walSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("keep the damaged store: %w", err)
	}
	fresh := path + ".salvaged"
	if err := removeStore(fresh); err != nil { // of an earlier attempt
		return kept, fmt.Errorf("salvage: %w", err)
	}
	if err := salvageInto(ctx, path, fresh); err != nil {
		return kept, errors.Join(fmt.Errorf("salvage: %w", err), removeStore(fresh))
	}
	// The log goes first: a new database must not meet the log of the old one.
	for _, suffix := range []string{walSuffix, shmSuffix} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return kept, fmt.Errorf("salvage: %w", err)
		}
	}
	if err := os.Rename(fresh, path); err != nil {
		return kept, fmt.Errorf("salvage: %w", err)
	}
	return kept, syncDir(filepath.Dir(path))
}

func removeStore(path string) error {
	for _, suffix := range []string{"", walSuffix, shmSuffix} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// copyFile copies a file to one that is not there yet, and to the disk.
func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

func salvageInto(ctx context.Context, from, to string) (err error) {
	db, err := Open(ctx, to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	old, err := openDamaged(ctx, from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, old.Close()) }()
	triggers, err := db.takeTriggers(ctx)
	if err != nil {
		return err
	}
	tables, err := db.salvageable(ctx)
	if err != nil {
		return err
	}
	for _, t := range tables {
		if err := db.salvageTable(ctx, old, t); err != nil {
			return fmt.Errorf("table %s: %w", t, err)
		}
	}
	if err := db.mendSalvaged(ctx); err != nil {
		return err
	}
	for _, t := range triggers {
		if _, err := db.conn.ExecContext(ctx, t); err != nil {
			return err
		}
	}
	if err := db.Repair(ctx); err != nil {
		return err
	}
	return db.WriteDurable(ctx, func(tx *Tx) error { return tx.RebuildIndex(ctx) })
}

// openDamaged attaches a damaged database, as "old", to an empty one: only so does SQLite, told before, make do with the
// part of the schema that can be read, and with a file that lost its end (sqlite.org/pragma.html#pragma_writable_schema).
// Where there is nothing to be read there are no tables.
func openDamaged(ctx context.Context, path string) (*sql.DB, error) {
	old := sql.OpenDB(&connector{dsn: ":memory:"})
	old.SetMaxOpenConns(1)
	if _, err := old.ExecContext(ctx, `PRAGMA writable_schema = ON; PRAGMA cell_size_check = ON`); err != nil {
		return nil, errors.Join(err, old.Close())
	}
	if _, err := old.ExecContext(ctx, `ATTACH ? AS old`, path); err != nil && !IsCorrupt(err) {
		return nil, errors.Join(err, old.Close())
	}
	return old, nil
}

// takeTriggers removes the triggers, so that rows can be copied as they are, and gives them to be put back.
func (db *DB) takeTriggers(ctx context.Context) ([]string, error) {
	var triggers, drop []string
	err := db.each(ctx, `SELECT sql, 'DROP TRIGGER ' || name FROM sqlite_schema WHERE type = 'trigger' ORDER BY rowid`, nil, func(scan func(...any) error) error {
		var text, gone string
		err := scan(&text, &gone)
		triggers, drop = append(triggers, text), append(drop, gone)
		return err
	})
	for _, d := range append(drop, "PRAGMA foreign_keys = OFF") {
		if err == nil {
			_, err = db.conn.ExecContext(ctx, d)
		}
	}
	return triggers, err
}

// salvageable lists the tables whose rows cannot be made of others.
func (db *DB) salvageable(ctx context.Context) ([]string, error) {
	var tables []string
	err := db.each(ctx, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'search%'
		AND name NOT IN ('threads', 'mail_groups', 'mail_refs') ORDER BY rowid`, nil, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		tables = append(tables, name)
		return err
	})
	return tables, err
}

// salvageRows is how many rows are copied in one transaction.
const salvageRows = 2000

// salvage copies the rows of one table.
type salvage struct {
	db      *DB
	old     *sql.DB
	table   string
	columns int
	fetch   string // reads columns of rows; a condition follows
	insert  string
}

func (db *DB) salvageTable(ctx context.Context, old *sql.DB, table string) error {
	columns, err := sharedColumns(ctx, old, db.conn, table)
	if err != nil || len(columns) == 0 {
		return err
	}
	list := `"` + strings.Join(columns, `", "`) + `"`
	s := salvage{
		db: db, old: old, table: table, columns: len(columns), fetch: `SELECT rowid, ` + list + ` FROM old."` + table + `" NOT INDEXED WHERE `,
		insert: `INSERT OR IGNORE INTO "` + table + `" (` + list + `) VALUES (?` + strings.Repeat(", ?", len(columns)-1) + `)`,
	}
	whole, err := s.inOrder(ctx)
	if err != nil || whole {
		return err
	}
	return s.oneByOne(ctx)
}

// inOrder copies rows as they lie in the table. Behind a damaged place it goes on with the next row that can be read: it
// looks twice as far each time. It reports whether there was no such place.
func (s *salvage) inOrder(ctx context.Context) (whole bool, err error) {
	whole = true
	after, step := int64(math.MinInt64), int64(1)
	for {
		n, last, damage := 0, after, error(nil)
		err := s.db.Write(ctx, func(tx *Tx) (err error) {
			n, last, damage, err = s.copyRows(ctx, tx, after, `rowid > ? ORDER BY rowid LIMIT ?`, after, salvageRows)
			return err
		})
		whole = whole && damage == nil
		switch {
		case err != nil:
			return false, err
		case n > 0:
			after, step = last, 1
		case damage == nil || after >= math.MaxInt64/4:
			return whole, nil
		case after == math.MinInt64: // the very first row cannot be read: no table has one below 0
			after = 0
		default:
			after += step
			step *= 2
		}
	}
}

// oneByOne copies rows that inOrder has stepped over, by what indexes and other tables know of them.
func (s *salvage) oneByOne(ctx context.Context) error {
	known := map[int64]bool{}
	have, err := s.db.ids(ctx, `SELECT rowid FROM "`+s.table+`"`)
	if err != nil {
		return err
	}
	for _, id := range have {
		known[id] = true
	}
	var missing []int64
	add := func(id int64) {
		if !known[id] {
			known[id], missing = true, append(missing, id)
		}
	}
	var indexes []string
	note := func(name string) { indexes = append(indexes, name) }
	_ = eachOf(ctx, s.old, note, `SELECT name FROM pragma_index_list(?, 'old') WHERE partial = 0`, s.table) // none, where that is damaged
	for _, index := range indexes {
		_ = eachOf(ctx, s.old, add, `SELECT rowid FROM old."`+s.table+`" INDEXED BY "`+index+`"`) // as far as it can be read
	}
	if s.table == "bodies" {
		ids, err := s.db.ids(ctx, `SELECT id FROM messages`)
		if err != nil {
			return err
		}
		for _, id := range ids {
			add(id)
		}
	}
	for part := range slices.Chunk(missing, salvageRows) {
		err := s.db.Write(ctx, func(tx *Tx) error {
			for _, id := range part {
				if _, _, _, err := s.copyRows(ctx, tx, id-1, `rowid = ?`, id); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// errOrder is damage that SQLite does not see itself: in a page with a lost part, or in the wrong place, rows come again.
var errOrder = errors.New("rows out of their order")

// errHollow is a row whose octets were lost.
var errHollow = errors.New("a row that lost a part")

// hollow reports text that nobody has written: it holds NUL, as a part of a file that never reached the disk does.
func hollow(value any) bool {
	text, ok := value.(string)
	return ok && strings.ContainsRune(text, 0)
}

// copyRows copies rows with rising IDs above after, but hollow ones, and gives back how many, and the last one's ID. damage is what stopped
// the reading, err what stopped the writing.
func (s *salvage) copyRows(ctx context.Context, tx *Tx, after int64, where string, args ...any) (n int, last int64, damage, err error) {
	last = after
	rows, damage := s.old.QueryContext(ctx, s.fetch+where, args...)
	if damage != nil {
		return 0, last, damage, ctx.Err()
	}
	defer func() { damage = errors.Join(damage, rows.Close()) }()
	id, values, dest := int64(0), make([]any, s.columns), make([]any, s.columns+1)
	dest[0] = &id
	for i := range values {
		dest[i+1] = &values[i]
	}
	for rows.Next() {
		if damage = rows.Scan(dest...); damage != nil {
			return n, last, damage, nil
		}
		if id <= last {
			return n, last, errOrder, nil
		}
		n, last = n+1, id
		if slices.ContainsFunc(values, hollow) {
			damage = errHollow
			continue
		}
		if _, err := tx.exec(ctx, s.insert, values...); err != nil && !isConstraint(err) { // what a column cannot hold was damaged, too
			return n, last, nil, err
		}
	}
	return n, last, errors.Join(damage, rows.Err()), ctx.Err()
}

func isConstraint(err error) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && (e.Code == sqlite3.ErrConstraint || e.Code == sqlite3.ErrMismatch)
}

// sharedColumns gives the columns that a table has in both databases; none where it cannot be read.
func sharedColumns(ctx context.Context, old *sql.DB, conn *sql.Conn, table string) ([]string, error) {
	const query = `SELECT name FROM pragma_table_info(?, ?)`
	had := map[string]bool{}
	err := eachOf(ctx, old, func(name string) { had[name] = true }, query, table, "old")
	if err != nil {
		return nil, ctx.Err()
	}
	var columns []string
	err = eachOf(ctx, conn, func(name string) {
		if had[name] {
			columns = append(columns, name)
		}
	}, query, table, "main")
	return columns, err
}

// asked is a database or one connection of it.
type asked interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// eachOf hands the one column of rows to fn, as far as they can be read.
func eachOf[T any](ctx context.Context, db asked, fn func(T), query string, args ...any) error {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	for rows.Next() {
		var value T
		if err := rows.Scan(&value); err != nil {
			return errors.Join(err, rows.Close())
		}
		fn(value)
	}
	return errors.Join(rows.Err(), rows.Close())
}

// mends bring rows in line with those that were lost: what hung on them goes, and servers are asked for everything again.
var mends = []string{
	`DELETE FROM messages WHERE account_id NOT IN (SELECT id FROM accounts)`,
	`DELETE FROM bodies WHERE pieces > 0 AND (SELECT sum(p.size) FROM body_pieces p WHERE p.message_id = bodies.id) IS NOT size`,
	`DELETE FROM bodies WHERE pack = 0 AND length(data) = 0 AND pieces = 0`,
	`UPDATE messages SET body_state = 0 WHERE body_state = 1 AND id NOT IN (SELECT id FROM bodies)`,
	`UPDATE folders SET uidnext = 0, modseq = 0, complete = 0`,
	`UPDATE files SET r_etag = '' WHERE dir = 1`,
	`UPDATE file_servers SET root_etag = '', asked = 0`,
	`UPDATE lists SET ctag = '', sync_token = ''`,
	`UPDATE journal SET state = 'held' WHERE state = 'waiting' AND (kind = 'mail.send' OR depends_on <> 0 AND depends_on NOT IN (SELECT id FROM journal))`,
	`UPDATE journal SET depends_on = 0 WHERE depends_on <> 0 AND depends_on NOT IN (SELECT id FROM journal)`,
	`DELETE FROM settings WHERE key IN ('_index_checked', 'mail.kept')`,
}

// mendSalvaged makes the rows fit each other.
func (db *DB) mendSalvaged(ctx context.Context) error {
	for {
		var orphans []string
		err := eachOf(ctx, db.conn, func(statement string) { orphans = append(orphans, statement) },
			`SELECT DISTINCT 'DELETE FROM "' || "table" || '" WHERE rowid = ' || rowid FROM pragma_foreign_key_check`)
		if err != nil {
			return err
		}
		if len(orphans) == 0 {
			break
		}
		for _, statement := range orphans { // one might hang on another
			if _, err := db.conn.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
	}
	return db.Write(ctx, func(tx *Tx) error {
		for _, statement := range mends {
			if _, err := tx.exec(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
}
