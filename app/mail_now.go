// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"fmt"
	"time"

	"kontor/app/journal"
	"kontor/storage"
	"kontor/sync/mimemsg"
)

// SendNow lets a message that waits in the outbox leave at once, whatever it waits for. One that was to leave later says so
// in its Date; it gets the date of now. Errors: journal.ErrState where it is under way already, storage.ErrNotFound where
// nothing waits.
func (m *Mail) SendNow(ctx context.Context, id int64) error {
	msg, err := m.db.MailHeader(ctx, id)
	if err != nil {
		return fmt.Errorf("send now: %w", err)
	}
	raw, err := m.db.Body(ctx, id)
	if err != nil {
		return fmt.Errorf("send now: %w", err)
	}
	return m.change(ctx, "send now", func(t *mailTx) error {
		now, found, planned := time.Now(), false, false
		ops, err := t.OpsFor(ctx, "messages", id)
		if err != nil {
			return err
		}
		for _, op := range ops {
			if op.Kind != journal.MailSend {
				continue
			}
			if err := t.atOnce(ctx, op, now); err != nil {
				return err
			}
			found, planned = true, planned || op.Tries == 0 && !op.NextTry.Before(msg.Sent) // what somebody else dated stays
		}
		if !found {
			return storage.ErrNotFound
		}
		if !planned || !msg.Sent.After(now) {
			return nil
		}
		raw = mimemsg.Redate(raw, now)
		if err := t.AddRaw(ctx, id, raw, msg.Snippet, msg.HasAttachment); err != nil {
			return err
		}
		return t.Redate(ctx, id, now, int64(len(raw)))
	})
}

// atOnce lets an operation be carried out as soon as the server is reached.
func (t *mailTx) atOnce(ctx context.Context, op journal.Op, now time.Time) error {
	act := journal.Again
	if op.State == journal.Held {
		act = journal.Release
	}
	next, err := act(op, now)
	if err != nil {
		return err
	}
	t.accounts[op.AccountID] = true
	return t.SaveOp(ctx, next)
}
