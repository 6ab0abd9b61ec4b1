// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"time"

	"kontor/app/accounts"
	"kontor/storage"
	"kontor/sync/transport"
)

// OpenThrowaway opens a home that is thrown away afterwards: its secrets are sealed with a passphrase that nobody knows,
// and the system's keyring is left alone.
func OpenThrowaway(ctx context.Context, home string, log *slog.Logger) (*App, error) {
	keys := accounts.NewVault(accounts.VaultOptions{Dir: home, FileOnly: true, Passphrase: rand.Text()})
	return Open(ctx, Options{Home: home, Log: log, Keys: keys})
}

// TestAll tries every server of every account and gives the cause of each failure by "account/protocol". The error joins
// what is to be told of each.
func (a *App) TestAll(ctx context.Context) (map[string]transport.Cause, error) {
	all, err := a.Accounts.List(ctx)
	if err != nil {
		return nil, err
	}
	causes := map[string]transport.Cause{}
	var problems []error
	for _, account := range all {
		checks, err := a.Accounts.Test(ctx, account.ID)
		problems = append(problems, err, accounts.Problem(checks))
		for _, c := range checks {
			causes[account.Name+"/"+c.Protocol] = c.Cause
		}
	}
	return causes, errors.Join(problems...)
}

// Salvage makes a new store of what can still be read of a damaged one, which is kept as it is: kept says where. It fails
// with ErrHomeInUse while another program works with the home.
func Salvage(ctx context.Context, dir string) (kept string, err error) {
	home, err := FindHome(dir)
	if err != nil {
		return "", err
	}
	unlock, err := home.Lock()
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	return storage.Salvage(ctx, home.Database(), time.Now())
}

// Examine reads the whole store and looks whether all in it holds.
func (a *App) Examine(ctx context.Context) error {
	if err := a.DB.CheckPages(ctx); err != nil {
		return err // what else is said of such a store is of no use
	}
	return a.DB.Check(ctx)
}

// Repair computes counters and conversations again and builds the search index anew. What servers or people said stays.
func (a *App) Repair(ctx context.Context) error {
	return errors.Join(a.DB.Repair(ctx), a.Search.Rebuild(ctx))
}
