// SPDX-License-Identifier: EUPL-1.2

// Package engine supervises synchronisation: it hands due operations to one worker per account and protocol, asks the
// workers for news, measures connectivity by real attempts and waits between them. Workers decide nothing of that.
package engine

import (
	"context"
	"errors"
	"time"

	"kontor/app/journal"
	"kontor/storage"
)

// Result is what an attempt to carry out or settle an operation came to.
type Result struct {
	Outcome    journal.Outcome
	Proof      string        // the server's own words, for Succeeded
	RetryAfter time.Duration // the server's wish for Retry, 0 for the usual back-off
	// Apply stores what the server now holds. It runs in the transaction that stores the operation's new state.
	Apply func(context.Context, *storage.Tx) error
}

// ErrNotAsked is returned by the Pull of a worker that did not speak to its server, because there is nothing to fetch:
// that is no statement about the connection.
var ErrNotAsked = errors.New("the server was not asked")

// Worker speaks one protocol for one account. The engine calls Push and Settle from at most Parallel goroutines, never
// two at a time for operations about the same row, and Pull from one.
type Worker interface {
	// Protocol is "mail", "send", "files" or "tasks".
	Protocol() string
	// Kinds are the operations it carries out.
	Kinds() []journal.Kind
	// Parallel is how many operations may run at once, at least 1.
	Parallel() int
	// Pull brings the local store up to what the server holds. It can be repeated and interrupted at any time.
	Pull(ctx context.Context) error
	// Push carries out an operation that is stored as running. The error says why the Outcome is not Succeeded.
	Push(ctx context.Context, op journal.Op) (Result, error)
	// Settle asks the server whether an operation in doubt was carried out: Succeeded, Retry (it was not), Unknown
	// (cannot tell now) or Rejected (cannot be told by the server: a person must decide).
	Settle(ctx context.Context, op journal.Op) (Result, error)
	// Close ends its connections.
	Close() error
}

// Watcher is a Worker that can hear of changes. Watch blocks until ctx ends or the connection breaks and calls changed
// for each hint; a hint leads to a Pull.
type Watcher interface {
	Watch(ctx context.Context, changed func()) error
}

// Alongside is a Worker whose Push and Settle may run while Pull does: what a person changes does not wait for a long
// synchronisation.
type Alongside interface {
	PushesAlongside()
}

// Holder is a Worker that keeps operations waiting although they are due, because a person has paused them or the line
// costs money. What comes later about the same rows waits with them.
type Holder interface {
	Holds(ctx context.Context, op journal.Op) bool
}

// Fetcher is a Worker that can be asked for one thing out of turn, because a person wants to see it now.
type Fetcher interface {
	Fetch(ctx context.Context, id int64) error
}
