// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"

	sqlite3 "github.com/mattn/go-sqlite3"
)

// querier prepares statements, once each.
type querier interface {
	stmt(ctx context.Context, query string) (*sql.Stmt, error)
}

// reads carries every method that only reads, so that each works on a DB and inside a Tx alike.
type reads struct {
	q     querier
	packs *packs
	dicts *dictionaries
}

// Tx is a transaction that writes. It lives only inside the function given to Write.
type Tx struct {
	reads
	db   *DB
	near nearby
}

// pool prepares on the read-only connections.
type pool DB

func (p *pool) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	if s, ok := p.roStmts.Load(query); ok {
		return s.(*sql.Stmt), nil
	}
	s, err := p.readers.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	if old, loaded := p.roStmts.LoadOrStore(query, s); loaded {
		return old.(*sql.Stmt), s.Close()
	}
	return s, nil
}

// single prepares on the connection that writes.
type single DB

func (c *single) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	if s, ok := c.stmts[query]; ok {
		return s, nil
	}
	s, err := c.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	c.stmts[query] = s
	return s, nil
}

func (r reads) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	s, err := r.q.stmt(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

// scan reads the one row of query into dest; ErrNotFound where there is none.
func (r reads) scan(ctx context.Context, dest []any, query string, args ...any) error {
	s, err := r.q.stmt(ctx, query)
	if err != nil {
		return err
	}
	err = s.QueryRowContext(ctx, args...).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

// each calls fn for every row of query.
func (r reads) each(ctx context.Context, query string, args []any, fn func(scan func(...any) error) error) (err error) {
	rows, err := r.query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// exec runs a statement that changes rows. Queries are prepared once and kept: their text must not carry values.
func (tx *Tx) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	tx.near = nearby{}
	s, err := tx.q.stmt(ctx, query)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	// A context that can end would cost the driver a goroutine for each statement; between statements is soon enough.
	return s.ExecContext(context.WithoutCancel(ctx), args...)
}

// run is exec for a statement with hundreds of values, whose result does not matter. As a query the driver hands them all
// over in one call of C, else in one for each; and package sql would copy them, which was a third of the memory that adding
// messages took.
func (tx *Tx) run(ctx context.Context, query string, args ...any) error {
	db := tx.db
	values := db.values[:0]
	for i, arg := range args {
		v, err := plainValue(arg)
		if err != nil {
			return err
		}
		values = append(values, driver.NamedValue{Ordinal: i + 1, Value: v})
	}
	db.values = values
	return db.conn.Raw(func(c any) error {
		s, err := db.bulkStatement(ctx, c, query)
		if err != nil {
			return err
		}
		rows, err := s.QueryContext(context.WithoutCancel(ctx), values)
		if err != nil {
			return err
		}
		if err := rows.Next(nil); !errors.Is(err, io.EOF) {
			return errors.Join(err, rows.Close())
		}
		return rows.Close()
	})
}

// plainValue gives what the driver takes.
func plainValue(v any) (driver.Value, error) {
	switch v.(type) {
	case int64, string, bool:
		return v, nil
	}
	return driver.DefaultParameterConverter.ConvertValue(v)
}

// bulkStatement prepares a statement for run, once.
func (db *DB) bulkStatement(ctx context.Context, conn any, query string) (*sqlite3.SQLiteStmt, error) {
	if s := db.bulk[query]; s != nil {
		return s, nil
	}
	c, ok := conn.(*sqlite3.SQLiteConn)
	if !ok {
		return nil, fmt.Errorf("driver of type %T", conn)
	}
	prepared, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s, ok := prepared.(*sqlite3.SQLiteStmt)
	if !ok {
		return nil, errors.Join(fmt.Errorf("statement of type %T", prepared), prepared.Close())
	}
	db.bulk[query] = s
	return s, nil
}

// insert runs an INSERT and returns the new row's ID.
func (tx *Tx) insert(ctx context.Context, query string, args ...any) (int64, error) {
	res, err := tx.exec(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return res.LastInsertId()
}

// Write runs fn in one transaction and publishes what changed once it is committed. A crash of the machine may lose the
// newest of these, never part of one: it is for what the network can bring again.
func (db *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	return db.write(ctx, false, fn)
}

// WriteDurable is Write that survives a crash of the machine: it is for everything that a person caused.
func (db *DB) WriteDurable(ctx context.Context, fn func(*Tx) error) error {
	return db.write(ctx, true, fn)
}

func (db *DB) write(ctx context.Context, durable bool, fn func(*Tx) error) (err error) {
	db.waiting.Add(1)
	db.mu.Lock()
	db.waiting.Add(-1)
	defer db.mu.Unlock()
	if err := db.setDurable(ctx, durable); err != nil {
		return err
	}
	if _, err := db.conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	db.hooks.begin()
	done := false
	defer func() {
		if !done {
			_, rollback := db.conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
			err = errors.Join(err, rollback)
		}
	}()
	if err := fn(&Tx{reads: reads{q: (*single)(db), packs: db.packs, dicts: db.dicts}, db: db}); err != nil {
		return err
	}
	// Who gives up now gets what was done: otherwise long work that was just finished would be done again.
	if _, err := db.conn.ExecContext(context.WithoutCancel(ctx), "COMMIT"); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	done = true
	db.bus.Publish(db.hooks.topics())
	return nil
}

// setDurable switches the pragma that decides whether a commit waits for the disk (sqlite.org/pragma.html#pragma_synchronous).
func (db *DB) setDurable(ctx context.Context, durable bool) error {
	if db.durable == durable {
		return nil
	}
	level := "NORMAL"
	if durable {
		level = "FULL"
	}
	if _, err := db.conn.ExecContext(ctx, "PRAGMA synchronous = "+level); err != nil {
		return fmt.Errorf("set synchronous: %w", err)
	}
	db.durable = durable
	return nil
}
