// SPDX-License-Identifier: EUPL-1.2

package index

import (
	"context"
	"slices"
	"time"

	"kontor/app/mail"
	"kontor/storage"
)

// keepBatch is how many messages are dropped in one transaction: nobody waits for it noticeably.
const keepBatch = 100

// keepAge is how often the rules of what is kept are applied.
const keepAge = time.Hour

// settingKept says when that was done last, by whatever process: a command that runs every minute need not.
const settingKept = "mail.kept"

// keepOften applies the rules unless that was done within keepAge.
func (x *Indexer) keepOften(ctx context.Context) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	now := time.Now()
	said, err := x.db.Setting(ctx, settingKept, "")
	if err != nil {
		return err
	}
	if last, err := time.Parse(time.RFC3339, said); err == nil && last.Before(now) && now.Sub(last) < keepAge {
		return nil
	}
	if err := x.ApplyKeep(ctx, now); err != nil {
		return err
	}
	if _, err := x.db.GiveBack(ctx); err != nil {
		return err
	}
	return x.db.Write(ctx, func(tx *storage.Tx) error { return tx.SetSetting(ctx, settingKept, now.Format(time.RFC3339)) })
}

// ApplyKeep drops the octets of messages that are not to be kept by the rules of their accounts, and lets those be fetched
// that are.
func (x *Indexer) ApplyKeep(ctx context.Context, now time.Time) error {
	accounts, err := x.db.Accounts(ctx)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		rules, err := x.db.Keep(ctx, a.ID)
		if err != nil {
			return err
		}
		held, err := x.db.HeldMail(ctx, a.ID)
		if err != nil {
			return err
		}
		plan := mail.PlanKeep(rules, held, now)
		if err := x.apply(ctx, plan); err != nil {
			return err
		}
	}
	return nil
}

func (x *Indexer) apply(ctx context.Context, plan mail.KeepPlan) error {
	part := func(p mail.KeepPlan) error {
		return x.db.Write(ctx, func(tx *storage.Tx) error { return tx.ApplyKeep(ctx, p) })
	}
	for ids := range slices.Chunk(plan.Drop, keepBatch) {
		if err := part(mail.KeepPlan{Drop: ids}); err != nil {
			return err
		}
	}
	for ids := range slices.Chunk(plan.Fetch, 10*keepBatch) {
		if err := part(mail.KeepPlan{Fetch: ids}); err != nil {
			return err
		}
	}
	for ids := range slices.Chunk(plan.Forgo, 10*keepBatch) {
		if err := part(mail.KeepPlan{Forgo: ids}); err != nil {
			return err
		}
	}
	return nil
}
