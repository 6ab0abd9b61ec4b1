// SPDX-License-Identifier: EUPL-1.2

// Package smtpsend hands messages to a submission server (RFC 5321, RFC 6409). A message goes out at most once: what
// breaks before its final dot is tried again, what breaks after it is in doubt until there is proof.
package smtpsend

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/engine"
	"kontor/sync/transport"
)

// Sentinels that explain why a message did not go.
var (
	// ErrDoubt: the connection broke after the final dot, and no copy of the message has turned up. Only a person can
	// tell whether to send it again.
	ErrDoubt error = &sentinel{"send.doubt", "the server may have sent the message: look for it with the recipients or in the sent folder"}
	// ErrTooLarge: the server does not take messages of this size.
	ErrTooLarge = mail.ErrTooLarge
	// ErrNoUTF8: an address has letters that this server cannot handle (RFC 6531).
	ErrNoUTF8 error = &sentinel{"send.no-utf8", "the server cannot handle an address with special letters"}
	// ErrNotWritten: the octets of the message are not in the store.
	ErrNotWritten error = &sentinel{"send.not-written", "the message to be sent is not in the local store"}
)

// sentinel is an error with a word for its cause.
type sentinel struct{ code, text string }

// Error is part of error.
func (s *sentinel) Error() string { return s.text }

// Code is part of transport.Coded.
func (s *sentinel) Code() string { return s.code }

// SizeSetting is the key under which the limit of an account's server is remembered (RFC 1870), in octets.
func SizeSetting(accountID int64) string { return fmt.Sprintf("_send.size.%d", accountID) }

// ReportsSetting is the key under which it is remembered whether the server of an account reports what becomes of messages
// (RFC 3461): "1", "0", or nothing while no server was asked.
func ReportsSetting(accountID int64) string { return fmt.Sprintf("_send.dsn.%d", accountID) }

// Config is what a Worker needs.
type Config struct {
	DB      *storage.DB
	Account storage.Account
	Secret  func(context.Context) (string, error)
	Log     *slog.Logger
}

// Worker sends the messages of one account.
type Worker struct {
	cfg   Config
	count transport.Counter
	sent  atomic.Int64
	mu    sync.Mutex
	idle  *client // signed in, kept for the next message
	timer *time.Timer
}

// Bounds of what a connection is kept for, and of how long the state of the server counts as known.
const (
	keepIdle   = 15 * time.Second
	knownUntil = 24 * time.Hour
)

// New makes the worker of an account.
func New(cfg Config) *Worker {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Worker{cfg: cfg}
}

// Protocol is part of engine.Worker.
func (w *Worker) Protocol() string { return "send" }

// Kinds is part of engine.Worker.
func (w *Worker) Kinds() []journal.Kind { return []journal.Kind{journal.MailSend} }

// Parallel is part of engine.Worker. One after the other keeps the order in which they were written, on one connection.
func (w *Worker) Parallel() int { return 1 }

// Pull is part of engine.Worker. There is nothing to fetch from a submission server, but whether it can be used is to be
// known before something is to be sent: it is greeted where that is not known, or long ago.
func (w *Worker) Pull(ctx context.Context) error {
	known, err := w.known(ctx)
	if err != nil {
		return err
	}
	if known {
		return engine.ErrNotAsked
	}
	c, _, err := w.take(ctx)
	if err != nil {
		return err
	}
	w.keep(c)
	return nil
}

// known reports whether the server could be used not long ago.
func (w *Worker) known(ctx context.Context) (bool, error) {
	c, err := w.connection(ctx, w.Protocol())
	return err == nil && c.Cause == "" && time.Since(c.LastOK) < knownUntil, err
}

// connection gives the stored state of one of the account's connections, empty for none.
func (w *Worker) connection(ctx context.Context, protocol string) (storage.Connection, error) {
	all, err := w.cfg.DB.Connections(ctx)
	if err != nil {
		return storage.Connection{}, err
	}
	for _, c := range all {
		if c.AccountID == w.cfg.Account.ID && c.Protocol == protocol {
			return c, nil
		}
	}
	return storage.Connection{}, nil
}

// Close is part of engine.Worker.
func (w *Worker) Close() error {
	if c := w.resting(); c != nil {
		c.quit()
	}
	return nil
}

// resting gives the connection that waits for the next message, nil for none.
func (w *Worker) resting() *client {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.idle
	w.idle = nil
	if w.timer != nil {
		w.timer.Stop()
	}
	return c
}

// take gives a signed-in connection that breaks when ctx ends; used reports that an earlier message went over it.
func (w *Worker) take(ctx context.Context) (c *client, used bool, err error) {
	if c = w.resting(); c != nil {
		c.bind(ctx)
		return c, c.used, nil
	}
	c, err = w.connect(ctx)
	return c, false, err
}

// keep lets a connection wait for the next message for a while.
func (w *Worker) keep(c *client) {
	c.stop()
	w.mu.Lock()
	defer w.mu.Unlock()
	c.used = true
	w.idle = c
	w.timer = time.AfterFunc(keepIdle, func() {
		w.mu.Lock()
		mine := w.idle == c
		if mine {
			w.idle = nil
		}
		w.mu.Unlock()
		if mine {
			c.quit()
		}
	})
}

// remember keeps what the server said about the size of messages and about reports, for whoever writes one without a
// network.
func (w *Worker) remember(ctx context.Context, c *client) error {
	if w.cfg.DB == nil {
		return nil
	}
	reports := "0"
	if c.has("DSN") {
		reports = "1"
	}
	id := w.cfg.Account.ID
	for _, s := range []struct{ key, value, none string }{{SizeSetting(id), strconv.FormatInt(c.limit(), 10), "0"}, {ReportsSetting(id), reports, ""}} {
		old, err := w.cfg.DB.Setting(ctx, s.key, s.none)
		if err == nil && old != s.value {
			err = w.cfg.DB.Write(ctx, func(tx *storage.Tx) error { return tx.SetSetting(ctx, s.key, s.value) })
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Report says what was done since the start.
type Report struct {
	Sent  int64 `json:"sent"`
	Bytes int64 `json:"bytes"`
}

// Report gives the numbers so far.
func (w *Worker) Report() Report {
	return Report{Sent: w.sent.Load(), Bytes: w.count.Written.Load()}
}

// Check connects and signs in, and sends nothing.
func (w *Worker) Check(ctx context.Context) error {
	c, err := w.connect(ctx)
	if err != nil {
		return err
	}
	c.quit()
	return nil
}
