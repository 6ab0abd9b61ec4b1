// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"fmt"
	"time"

	"kontor/app/index"
	"kontor/app/mail"
	"kontor/storage"
)

// Kept tells which messages of an account are to be kept here, and what of them is.
type Kept struct {
	Rules mail.Keep `json:"rules"`
	storage.KeptMail
}

// Kept reads which messages of an account are kept here.
func (m *Mail) Kept(ctx context.Context, accountID int64) (Kept, error) {
	var k Kept
	var err error
	if k.Rules, err = m.db.Keep(ctx, accountID); err != nil {
		return k, err
	}
	k.KeptMail, err = m.db.KeptMail(ctx, accountID)
	return k, err
}

// KeepEffect tells what rules would change, and changes nothing.
func (m *Mail) KeepEffect(ctx context.Context, accountID int64, rules mail.Keep) (mail.KeepEffect, error) {
	held, err := m.db.HeldMail(ctx, accountID)
	if err != nil {
		return mail.KeepEffect{}, err
	}
	return mail.PlanKeep(rules, held, time.Now()).Effect(held), nil
}

// Keep sets which messages of an account are kept here, and makes it so: what is not to be kept is dropped, the rest is
// fetched when the server can be reached. Headers stay, and so does what the search knows of texts: what is not here is found
// all the same, and fetched when it is opened. Only a damaged index forgets it. Space on the disk is given back later. It may take seconds.
func (m *Mail) Keep(ctx context.Context, accountID int64, rules mail.Keep) error {
	err := m.db.WriteDurable(ctx, func(tx *storage.Tx) error { return tx.SetKeep(ctx, accountID, rules) })
	if err != nil {
		return fmt.Errorf("keep messages: %w", err)
	}
	if err := index.New(m.db).ApplyKeep(ctx, time.Now()); err != nil {
		return fmt.Errorf("keep messages: %w", err)
	}
	m.wake(accountID)
	return nil
}
