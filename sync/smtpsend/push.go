// SPDX-License-Identifier: EUPL-1.2

package smtpsend

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/engine"
	"kontor/sync/transport"
)

// Push is part of engine.Worker.
func (w *Worker) Push(ctx context.Context, op journal.Op) (engine.Result, error) {
	var p mail.SendOp
	if err := json.Unmarshal(op.Payload, &p); err != nil {
		return engine.Result{Outcome: journal.Rejected}, fmt.Errorf("read the operation: %w", err)
	}
	if err := w.forgetDot(ctx, op.ID); err != nil {
		return engine.Result{Outcome: journal.Retry}, err
	}
	for {
		d, stale, err := w.attempt(ctx, op, p)
		if stale {
			continue // the connection of an earlier message has ended since; nothing was said over it
		}
		if err != nil {
			w.cfg.Log.Info("message was not sent", "outcome", d.outcome)
			return engine.Result{Outcome: d.outcome}, err
		}
		w.sent.Add(1)
		p.Silent = d.silent
		return engine.Result{Outcome: journal.Succeeded, Proof: d.reply.text(), Apply: sentApply(op, p, d.accepted, d.refused)}, nil
	}
}

// attempt hands the message over on one connection. stale reports that the connection was an old one and broken, so that
// nothing has happened.
func (w *Worker) attempt(ctx context.Context, op journal.Op, p mail.SendOp) (d delivery, stale bool, err error) {
	d.outcome = journal.Retry
	body, size, err := w.cfg.DB.BodyReader(ctx, p.ID)
	if errors.Is(err, storage.ErrNotFound) {
		return delivery{outcome: journal.Rejected}, false, fmt.Errorf("%w: %w", ErrNotWritten, err)
	}
	if err != nil {
		return d, false, fmt.Errorf("read the message: %w", err)
	}
	e, err := newEnvelope(p, body, size)
	if err != nil {
		if errors.Is(err, errHeader) {
			d.outcome = journal.Rejected
		}
		return d, false, err
	}
	c, used, err := w.take(ctx)
	if err != nil {
		return d, false, err
	}
	dot := false
	silent := e.notify != "" && !c.has("DSN")
	d, err = c.send(ctx, e, func(accepted []string) error {
		dot = true
		return w.cfg.DB.WriteDurable(ctx, func(tx *storage.Tx) error { return tx.SetDot(ctx, op.ID, accepted) })
	})
	d.silent = silent
	if err == nil && !c.dead {
		w.keep(c)
		return d, false, nil
	}
	c.close()
	broken := transport.IsConnectionError(err) || errors.Is(err, errHungUp)
	return d, used && !dot && broken && ctx.Err() == nil, err
}

// forgetDot clears what an earlier attempt left: whoever lets an operation run again knows that it came to nothing.
func (w *Worker) forgetDot(ctx context.Context, opID int64) error {
	set, _, err := w.cfg.DB.DotSet(ctx, opID)
	if err != nil || !set {
		return err
	}
	return w.cfg.DB.WriteDurable(ctx, func(tx *storage.Tx) error { return tx.ClearDot(ctx, opID) })
}

// sentApply shows a message among the sent ones. From here on the operation is about those who have the message; those
// who have not get operations of their own, so that nobody can ever get it twice.
func sentApply(op journal.Op, p mail.SendOp, accepted []string, refused Refusals) func(context.Context, *storage.Tx) error {
	return func(ctx context.Context, tx *storage.Tx) error {
		if !p.Rest {
			if err := tx.MarkSent(ctx, op.AccountID, p); err != nil {
				return err
			}
		}
		if len(accepted) < len(p.To) || p.Silent {
			if err := narrow(ctx, tx, op.ID, p, accepted); err != nil {
				return err
			}
		}
		if len(accepted) < len(p.To) {
			later, never := refused.split()
			now := time.Now()
			if err := addRest(ctx, tx, op, p, later, journal.Retry, now); err != nil {
				return err
			}
			if err := addRest(ctx, tx, op, p, never, journal.Rejected, now); err != nil {
				return err
			}
		}
		return tx.RecomputeMessages(ctx, op.AccountID, []int64{p.ID})
	}
}

// narrow stores who an operation was carried out for, and whether without the reports it asked for.
func narrow(ctx context.Context, tx *storage.Tx, id int64, p mail.SendOp, accepted []string) error {
	op, err := tx.Op(ctx, id)
	if err != nil {
		return err
	}
	p.To = accepted
	if op.Payload, err = json.Marshal(p); err != nil {
		return err
	}
	return tx.SaveOp(ctx, op)
}

// addRest adds the operation for recipients that the server did not take while it took others: it is tried again, or
// waits for a person.
func addRest(ctx context.Context, tx *storage.Tx, op journal.Op, p mail.SendOp, list Refusals, outcome journal.Outcome, now time.Time) error {
	if len(list) == 0 {
		return nil
	}
	p.To, p.Rest, p.Shared, p.Draft = list.addresses(), true, true, 0
	payload, err := json.Marshal(p)
	if err != nil {
		return err
	}
	rest, err := tx.AddOp(ctx, journal.Op{
		AccountID: op.AccountID, Kind: journal.MailSend, Target: op.Target, Payload: payload, Group: op.Group, Targets: op.Targets,
	})
	if err != nil {
		return err
	}
	rest.Tries, rest.Undone = max(op.Tries, 1), true
	rest = journal.Next(rest, outcome, list.Error(), now, 0)
	rest.Cause = transport.CodeOf(list)
	return tx.SaveOp(ctx, rest)
}

// Settle is part of engine.Worker. Before the final dot nothing was sent. After it SMTP cannot be asked what became of a
// message, but a copy that has turned up on the mail server proves that it was sent; without one there is doubt, once the
// folders were looked at after the event.
func (w *Worker) Settle(ctx context.Context, op journal.Op) (engine.Result, error) {
	var p mail.SendOp
	if err := json.Unmarshal(op.Payload, &p); err != nil {
		return engine.Result{Outcome: journal.Rejected}, fmt.Errorf("read the operation: %w", err)
	}
	dot, accepted, err := w.cfg.DB.DotSet(ctx, op.ID)
	if err != nil || !dot {
		return engine.Result{Outcome: journal.Retry}, err
	}
	if p.Shared {
		return engine.Result{Outcome: journal.Rejected}, ErrDoubt
	}
	folder, err := w.cfg.DB.ServerCopy(ctx, op.AccountID, p.MessageID)
	if err == nil {
		return engine.Result{Outcome: journal.Succeeded, Proof: "found in " + folder, Apply: settledApply(op, p, accepted)}, nil
	}
	if !errors.Is(err, storage.ErrNotFound) {
		return engine.Result{Outcome: journal.Unknown}, err
	}
	looked, err := w.lookedSince(ctx, op.Updated)
	if err != nil || !looked {
		return engine.Result{Outcome: journal.Unknown}, errors.Join(ErrDoubt, err)
	}
	return engine.Result{Outcome: journal.Rejected}, ErrDoubt
}

// settledApply is sentApply for a message whose copy was found. What the server had said to the other recipients is not
// known any more: it is asked again.
func settledApply(op journal.Op, p mail.SendOp, accepted []string) func(context.Context, *storage.Tx) error {
	if len(accepted) == 0 {
		accepted = p.To
	}
	has := map[string]bool{}
	for _, a := range accepted {
		has[a] = true
	}
	var rest Refusals
	for _, to := range p.To {
		if !has[to] {
			rest = append(rest, &Refusal{Addr: to, Number: 450, Reply: "450 not known"})
		}
	}
	return sentApply(op, p, accepted, rest)
}

// lookedSince reports whether the folders of the account were brought up to date after a moment. Where there is nothing
// to look at, that is as good.
func (w *Worker) lookedSince(ctx context.Context, since time.Time) (bool, error) {
	if w.cfg.Account.IMAPURL == "" {
		return true, nil
	}
	c, err := w.connection(ctx, "mail")
	return c.LastOK.After(since), err
}
