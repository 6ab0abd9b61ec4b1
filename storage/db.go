// SPDX-License-Identifier: EUPL-1.2

// Package storage is the local store: one SQLite database that holds all that Kontor knows. It is concrete on purpose;
// tests use a real database in a temporary folder. One connection writes, a pool of read-only ones reads.
package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	sqlite3 "github.com/mattn/go-sqlite3"

	"kontor/app/live"
)

// ErrNotFound is returned where a row that was asked for by its ID is not there.
var ErrNotFound = errors.New("not found in the local store")

// ErrBuild is returned by a program that was built without the full-text index: it needs the tag sqlite_fts5.
var ErrBuild = errors.New("this program was built without the tag sqlite_fts5; build it with make build")

// DB is an open store. It is safe for use by several goroutines.
type DB struct {
	reads
	path     string
	writer   *sql.DB
	readers  *sql.DB
	reading  *connector // makes the connections of readers
	conn     *sql.Conn  // the one connection that writes, guarded by mu
	mu       sync.Mutex
	stmts    map[string]*sql.Stmt // prepared on conn
	bulk     map[string]*sqlite3.SQLiteStmt
	values   []driver.NamedValue // of a statement of bulk, reused
	roStmts  sync.Map            // query -> *sql.Stmt, prepared on readers
	durable  bool                // what conn's synchronous pragma is set to
	bus      live.Bus
	hooks    *hookSet
	packs    *packs
	kept     *packs       // the one that what stays is added to; reading is up to packs
	waiting  atomic.Int32 // how many wait for mu to write
	watchEnd context.CancelFunc
	watched  sync.WaitGroup
}

// Open opens the store at path, makes it where it is missing and brings its schema up to date.
// A store that a newer version of the program wrote is refused with ErrNewer.
func Open(ctx context.Context, path string) (*DB, error) {
	hooks := &hookSet{}
	writer := sql.OpenDB(&connector{dsn: dsn(path, false), hooks: hooks})
	writer.SetMaxOpenConns(1)
	conn, err := writer.Conn(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open store: %w", err), writer.Close())
	}
	db := &DB{path: path, writer: writer, conn: conn, hooks: hooks, stmts: map[string]*sql.Stmt{}, bulk: map[string]*sqlite3.SQLiteStmt{}}
	db.packs = &packs{dir: path + ".packs", open: map[int64]*os.File{}}
	db.kept = &packs{dir: db.packs.dir, kept: true, least: keptFrom, open: map[int64]*os.File{}}
	db.reads.packs, db.reads.dicts = db.packs, &dictionaries{loaded: map[int64]*dictionary{}}
	if err := db.migrate(ctx); err != nil {
		if strings.Contains(err.Error(), "no such module: fts5") {
			err = ErrBuild
		}
		return nil, errors.Join(fmt.Errorf("open store: %w", err), conn.Close(), writer.Close())
	}
	// 32 MB between checkpoints: each of them waits for the disk, and a first synchronisation would make hundreds. As many
	// pages are kept: keys of messages are random, and each would have its page read again.
	if _, err := conn.ExecContext(ctx, "PRAGMA wal_autocheckpoint = 8192; PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY"); err != nil {
		return nil, errors.Join(fmt.Errorf("open store: %w", err), conn.Close(), writer.Close())
	}
	db.reading = &connector{dsn: dsn(path, true)}
	db.readers = sql.OpenDB(db.reading)
	db.readers.SetMaxOpenConns(max(4, runtime.NumCPU()))
	db.readers.SetMaxIdleConns(max(4, runtime.NumCPU()))
	db.q = (*pool)(db)
	if err := db.completeThreads(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open store: %w", err), db.readers.Close(), conn.Close(), writer.Close())
	}
	db.watch()
	return db, nil
}

// dsn names the database for the driver. Writers take their lock at BEGIN, readers cannot write at all.
func dsn(path string, readOnly bool) string {
	v := url.Values{}
	v.Set("_busy_timeout", "10000")
	v.Set("_foreign_keys", "on")
	v.Set("_journal_mode", "WAL")
	v.Set("_synchronous", "NORMAL")
	v.Set("_mutex", "no") // database/sql lets only one goroutine use a connection
	if readOnly {
		v.Set("mode", "ro")
		v.Del("_journal_mode")
		v.Set("_query_only", "on")
	} else if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		v.Set("_auto_vacuum", "incremental") // see GiveBack; in an older store it changes nothing, but waits for the disk
	}
	return (&url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path), RawQuery: v.Encode()}).String()
}

// Spare makes the store hold few pages in memory, for work that touches few again and again: a first synchronisation of
// files, unlike one of mail, gains nothing from more.
func (db *DB) Spare(ctx context.Context) error {
	db.mu.Lock()
	defer db.mu.Unlock()
	if _, err := db.conn.ExecContext(ctx, "PRAGMA cache_size = -4096"); err != nil {
		return fmt.Errorf("spare memory: %w", err)
	}
	db.reading.spare.Store(true)
	return nil
}

// Path is where the database file lies.
func (db *DB) Path() string { return db.path }

// Changes is the bus that hears of every committed change, its own and those of other processes.
func (db *DB) Changes() *live.Bus { return &db.bus }

// A write-ahead log that is small, and small beside the database, is left as it is when the store is closed: who brought
// little would wait longer for the disk than that took. It is read when the store is opened the next time, and what was to
// survive a crash of the machine is on the disk already.
const (
	logSmall = 8 << 20 // octets
	logShare = 16
)

// leavesLog reports whether the log is to be left.
func (db *DB) leavesLog() bool {
	log, err := os.Stat(db.path + "-wal")
	if err != nil || log.Size() > logSmall {
		return false
	}
	info, err := os.Stat(db.path)
	return err == nil && log.Size() <= info.Size()/logShare
}

// Close ends all connections. Pending write-ahead pages are moved into the database file, unless they are few.
func (db *DB) Close() error {
	db.watchEnd()
	db.watched.Wait()
	db.mu.Lock()
	defer db.mu.Unlock()
	var errs []error
	db.roStmts.Range(func(_, s any) bool {
		errs = append(errs, s.(*sql.Stmt).Close())
		return true
	})
	for _, s := range db.stmts {
		errs = append(errs, s.Close())
	}
	for _, s := range db.bulk {
		errs = append(errs, s.Close())
	}
	ends := []func() error{db.readers.Close, db.conn.Close, db.writer.Close}
	if db.leavesLog() {
		ends = []func() error{db.conn.Close, db.writer.Close, db.readers.Close} // the last one moves them, if it may write
	}
	for _, end := range append(ends, db.packs.close, db.kept.close) {
		errs = append(errs, end())
	}
	return errors.Join(errs...)
}
