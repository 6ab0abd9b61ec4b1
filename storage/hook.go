// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"database/sql/driver"
	"sync/atomic"
	"time"

	sqlite3 "github.com/mattn/go-sqlite3"

	"kontor/app/live"
)

// tableTopics says which views a change of a table makes stale. Tables that are not named are not observed.
var tableTopics = map[string]live.Topics{
	"accounts":   live.Accounts,
	"identities": live.Accounts,
	"settings":   live.Settings,
	"folders":    live.Folders,
	"messages":   live.Mail,
	"threads":    live.Mail,
	"files":      live.Files,
	"lists":      live.Tasks,
	"tasks":      live.Tasks,
	"rung":       live.Tasks,

	"task_searches": live.Tasks,
	"journal":       live.Journal,
	"conflicts":     live.Journal,
	"connections":   live.Status,
}

// hookSet collects the topics of the running transaction. SQLite calls it on the goroutine that writes.
type hookSet struct {
	seen live.Topics
	conn *sqlite3.SQLiteConn
}

func (h *hookSet) begin()              { h.seen = 0 }
func (h *hookSet) topics() live.Topics { return h.seen }

func (h *hookSet) update(_ int, _, table string, _ int64) { h.seen |= tableTopics[table] }

// besides runs fn, which changes rows of these topics, unobserved: to be told of each row costs as much as a tenth of
// adding it. Only for work on many rows, since the driver keeps a few octets for each time until the store is closed.
func (h *hookSet) besides(topics live.Topics, fn func() error) error {
	h.seen |= topics
	h.conn.RegisterUpdateHook(nil)
	defer h.conn.RegisterUpdateHook(h.update)
	return fn()
}

// connector opens connections of one store; with hooks it observes what they change.
type connector struct {
	dsn   string
	hooks *hookSet
	spare atomic.Bool // new connections hold few pages, see Spare
}

// Driver is part of driver.Connector.
func (c *connector) Driver() driver.Driver { return &sqlite3.SQLiteDriver{} }

// Connect is part of driver.Connector.
func (c *connector) Connect(context.Context) (driver.Conn, error) {
	d := &sqlite3.SQLiteDriver{ConnectHook: func(conn *sqlite3.SQLiteConn) error {
		if c.hooks != nil {
			c.hooks.conn = conn
			conn.RegisterUpdateHook(c.hooks.update)
		}
		if !c.spare.Load() {
			return nil
		}
		_, err := conn.Exec("PRAGMA cache_size = -512", nil)
		return err
	}}
	return d.Open(c.dsn)
}

// pollForeign is how often the store looks whether another process has written to it.
const pollForeign = time.Second

// watch publishes everything as stale when another process commits. SQLite's data_version changes only then
// (sqlite.org/pragma.html#pragma_data_version).
func (db *DB) watch() {
	ctx, cancel := context.WithCancel(context.Background())
	db.watchEnd = cancel
	db.watched.Add(1)
	last := db.checkForeign(ctx, -1)
	go func() {
		defer db.watched.Done()
		tick := time.NewTicker(pollForeign)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				last = db.checkForeign(ctx, last)
			}
		}
	}()
}

// checkForeign compares the version that the writing connection sees with the last one, and returns the new one.
func (db *DB) checkForeign(ctx context.Context, last int64) int64 {
	if !db.mu.TryLock() {
		return last
	}
	var version int64
	err := db.conn.QueryRowContext(ctx, "PRAGMA data_version").Scan(&version)
	db.mu.Unlock()
	if err != nil {
		return last
	}
	if last >= 0 && version != last {
		db.bus.Publish(live.All)
	}
	return version
}
