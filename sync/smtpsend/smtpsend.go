// SPDX-License-Identifier: EUPL-1.2

// Package smtpsend hands messages to a submission server (RFC 5321, RFC 6409). A message goes out at most once: what
// breaks before its final dot is tried again, what breaks after it is in doubt until there is proof.
package smtpsend

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"

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
	ErrDoubt = errors.New("the server may have sent the message: look for it with the recipients or in the sent folder")
	// ErrTooLarge: the server does not take messages of this size.
	ErrTooLarge = errors.New("the message is larger than the server accepts")
	// ErrNoUTF8: an address has letters that this server cannot handle (RFC 6531).
	ErrNoUTF8 = errors.New("the server cannot handle an address with special letters")
	// ErrNotWritten: the octets of the message are not in the store.
	ErrNotWritten = errors.New("the message to be sent is not in the local store")
)

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
}

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

// Parallel is part of engine.Worker. One after the other keeps the order in which they were written.
func (w *Worker) Parallel() int { return 1 }

// Pull is part of engine.Worker. There is nothing to fetch from a submission server, and it is not bothered for nothing.
func (w *Worker) Pull(context.Context) error { return engine.ErrNotAsked }

// Close is part of engine.Worker. No connection outlives the message it was made for.
func (w *Worker) Close() error { return nil }

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

// Push is part of engine.Worker.
func (w *Worker) Push(ctx context.Context, op journal.Op) (engine.Result, error) {
	var p mail.SendOp
	if err := json.Unmarshal(op.Payload, &p); err != nil {
		return engine.Result{Outcome: journal.Rejected}, fmt.Errorf("read the operation: %w", err)
	}
	body, size, err := w.cfg.DB.BodyReader(ctx, p.ID)
	if errors.Is(err, storage.ErrNotFound) {
		return engine.Result{Outcome: journal.Rejected}, fmt.Errorf("%w: %w", ErrNotWritten, err)
	}
	if err != nil {
		return engine.Result{Outcome: journal.Retry}, fmt.Errorf("read the message: %w", err)
	}
	e, err := newEnvelope(p, body, size)
	if err == nil {
		err = w.forgetDot(ctx, op.ID)
	}
	if err != nil {
		return engine.Result{Outcome: journal.Retry}, err
	}
	e.beforeDot = func(ctx context.Context) error {
		return w.cfg.DB.WriteDurable(ctx, func(tx *storage.Tx) error { return tx.SetDot(ctx, op.ID) })
	}
	c, err := w.connect(ctx)
	if err != nil {
		return engine.Result{Outcome: journal.Retry}, err
	}
	defer c.close()
	outcome, reply, err := c.send(ctx, e)
	if err != nil {
		w.cfg.Log.Info("message was not sent", "outcome", outcome)
		return engine.Result{Outcome: outcome}, err
	}
	w.sent.Add(1)
	c.quit()
	return engine.Result{Outcome: journal.Succeeded, Proof: reply, Apply: sentApply(op, p)}, nil
}

// forgetDot clears what an earlier attempt left: whoever lets an operation run again knows that it came to nothing.
func (w *Worker) forgetDot(ctx context.Context, opID int64) error {
	set, err := w.cfg.DB.DotSet(ctx, opID)
	if err != nil || !set {
		return err
	}
	return w.cfg.DB.WriteDurable(ctx, func(tx *storage.Tx) error { return tx.ClearDot(ctx, opID) })
}

// sentApply shows a message among the sent ones.
func sentApply(op journal.Op, p mail.SendOp) func(context.Context, *storage.Tx) error {
	return func(ctx context.Context, tx *storage.Tx) error {
		return tx.MarkSent(ctx, op.AccountID, p)
	}
}

// Settle is part of engine.Worker. Before the final dot nothing was sent. After it SMTP cannot be asked what became of a
// message, but a copy that has turned up on the mail server proves that it was sent; without one there is doubt, once the
// folders were looked at after the event.
func (w *Worker) Settle(ctx context.Context, op journal.Op) (engine.Result, error) {
	var p mail.SendOp
	if err := json.Unmarshal(op.Payload, &p); err != nil {
		return engine.Result{Outcome: journal.Rejected}, fmt.Errorf("read the operation: %w", err)
	}
	if dot, err := w.cfg.DB.DotSet(ctx, op.ID); err != nil || !dot {
		return engine.Result{Outcome: journal.Retry}, err
	}
	folder, err := w.cfg.DB.ServerCopy(ctx, op.AccountID, p.MessageID)
	if err == nil {
		return engine.Result{Outcome: journal.Succeeded, Proof: "found in " + folder, Apply: sentApply(op, p)}, nil
	}
	if !errors.Is(err, storage.ErrNotFound) {
		return engine.Result{Outcome: journal.Unknown}, err
	}
	looked, err := w.lookedSince(ctx, op.AccountID, op.Updated)
	if err != nil || !looked {
		return engine.Result{Outcome: journal.Unknown}, errors.Join(ErrDoubt, err)
	}
	return engine.Result{Outcome: journal.Rejected}, ErrDoubt
}

// lookedSince reports whether the folders of the account were brought up to date after a moment. Where there is nothing
// to look at, that is as good.
func (w *Worker) lookedSince(ctx context.Context, accountID int64, since time.Time) (bool, error) {
	if w.cfg.Account.IMAPURL == "" {
		return true, nil
	}
	all, err := w.cfg.DB.Connections(ctx)
	if err != nil {
		return false, err
	}
	for _, c := range all {
		if c.AccountID == accountID && c.Protocol == "mail" {
			return c.LastOK.After(since), nil
		}
	}
	return false, nil
}

// RecipientError says why the server does not take mail for one address.
type RecipientError struct {
	Addr  string
	Code  int    // of RFC 5321, section 4.2
	Reply string // the server's words
}

// Error is part of error.
func (e *RecipientError) Error() string { return fmt.Sprintf("%s: %d %s", e.Addr, e.Code, e.Reply) }

// Unwrap is part of error.
func (e *RecipientError) Unwrap() error { return transport.ErrServer }

// isReply reports the answer of a server, as opposed to a broken connection.
func isReply(err error) (*smtp.SMTPError, bool) {
	var reply *smtp.SMTPError
	ok := errors.As(err, &reply)
	return reply, ok
}
