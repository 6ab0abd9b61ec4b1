// SPDX-License-Identifier: EUPL-1.2

// Package app is the composition root and the use cases: what a person can do, whatever the window or command line it is
// done from. Every use case works on the local store; the engine carries it to the servers.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"kontor/app/accounts"
	"kontor/app/live"
	"kontor/app/remind"
	"kontor/storage"
	"kontor/sync/davfiles"
	"kontor/sync/engine"
	"kontor/sync/transport"
)

// Options says where and how to open the core.
type Options struct {
	Home   string // the home folder, empty for the default
	Log    *slog.Logger
	Prompt func(context.Context) (string, error) // asks for the passphrase of sealed secrets; nil where nobody can be asked
	Keys   accounts.Keyring                      // keeps the secrets; nil for the system's keyring or the sealed file
	Soon   bool                                  // servers will be asked at once: what that needs is made ready beside opening
}

// App is the core behind the window and the command line.
type App struct {
	DB       *storage.DB
	Home     Home
	Accounts *Accounts
	Mail     *Mail
	Files    *Files
	Tasks    *Tasks
	Search   *Search
	Journal  *Journal
	Status   *Status
	Remind   *remind.Service
	Engine   *engine.Engine

	log      *slog.Logger
	mu       sync.Mutex
	changing sync.Mutex                // held while the workers of an account are replaced
	workers  map[int64][]engine.Worker // by account
	accounts map[int64]storage.Account // as their workers were made
	trouble  map[int64]error           // accounts whose workers could not be made, and why
}

// Open opens the home and puts a worker for each server of each account under supervision. It touches no network.
func Open(ctx context.Context, opts Options) (*App, error) {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	home, err := FindHome(opts.Home)
	if err != nil {
		return nil, err
	}
	if opts.Keys == nil {
		vault := accounts.OpenVault(string(home), opts.Prompt)
		if opts.Keys = vault; opts.Soon {
			vault.Prepare(ctx)
		}
	}
	if opts.Soon {
		transport.Prepare()
	}
	db, err := storage.Open(ctx, home.Database())
	if err != nil {
		return nil, err
	}
	a := &App{DB: db, Home: home, log: opts.Log, Engine: engine.New(db, opts.Log), workers: map[int64][]engine.Worker{}, accounts: map[int64]storage.Account{}, trouble: map[int64]error{}}
	wake := a.Engine.Wake
	a.Mail, a.Files, a.Tasks, a.Search = NewMail(db, wake), NewFiles(db, string(home), wake), NewTasks(db, wake), NewSearch(db)
	a.Files.syncNow, a.Files.server = a.Engine.SyncNow, a.fileServer
	a.Files.want = func(account, id int64) { a.Engine.Want(account, "files", id) }
	a.Mail.want = func(account, id int64) { a.Engine.Want(account, "mail", id) }
	a.Accounts = NewAccounts(db, opts.Keys, a.accountChanged, func(account storage.Account) string {
		if account.FilesRoot != "" {
			return account.FilesRoot
		}
		return davfiles.DefaultRoot(string(home), account)
	})
	a.Status = &Status{db: db, engine: a.Engine}
	a.Remind = remind.New(db, opts.Log)
	a.Journal = &Journal{db: db, wake: wake, resolvers: map[string]resolver{"file": a.Files, "task": a.Tasks, "mail": a.Mail}}
	all, err := db.Accounts(ctx)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	for _, account := range all {
		a.addWorkers(account)
	}
	return a, nil
}

// accountChanged brings the workers of an account in line with its settings: new ones take the place of the old, none
// for an account that is gone.
func (a *App) accountChanged(id int64) {
	a.changing.Lock()
	defer a.changing.Unlock()
	a.mu.Lock()
	delete(a.workers, id)
	delete(a.accounts, id)
	delete(a.trouble, id)
	a.mu.Unlock()
	if err := a.Engine.Remove(id); err != nil {
		a.log.Warn("ending the workers of an account failed", slog.Any("error", err))
	}
	account, err := a.DB.Account(context.Background(), id)
	if err == nil {
		a.addWorkers(account)
	}
}

// Run synchronises and indexes until ctx ends. Only one process does so for a home: ErrHomeInUse where another does.
func (a *App) Run(ctx context.Context) (err error) {
	unlock, err := a.Home.Lock()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	return a.runHeld(ctx)
}

// runHeld is Run while the home is held.
func (a *App) runHeld(ctx context.Context) error {
	if err := a.Mail.FinishDrafts(ctx); err != nil {
		a.log.Error("drafts of an earlier run could not be completed", slog.Any("error", err))
	}
	if err := a.Journal.Tidy(ctx); err != nil {
		a.log.Error("the history could not be shortened", slog.Any("error", err))
	}
	var indexing sync.WaitGroup
	indexing.Go(func() {
		if err := a.Search.Run(ctx); err != nil && ctx.Err() == nil {
			a.log.Error("the search index could not be brought up to date", slog.Any("error", err))
		}
	})
	indexing.Go(func() { a.followAccounts(ctx) })
	err := a.Engine.Run(ctx)
	indexing.Wait()
	return err
}

// followAccounts notices accounts that another process adds, changes or removes.
func (a *App) followAccounts(ctx context.Context) {
	changes := a.DB.Changes().Subscribe(live.Accounts)
	defer changes.Close()
	for {
		select {
		case <-ctx.Done():
			return
		case <-changes.C():
		}
		all, err := a.DB.Accounts(ctx)
		if err != nil {
			continue
		}
		for _, id := range a.outdated(all) {
			if ctx.Err() == nil {
				a.accountChanged(id)
			}
		}
	}
}

// outdated lists the accounts whose workers do not fit what is stored: new ones, changed ones, and those that are gone.
func (a *App) outdated(stored []storage.Account) []int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	var ids []int64
	there := map[int64]bool{}
	for _, account := range stored {
		there[account.ID] = true
		if a.accounts[account.ID] != account {
			ids = append(ids, account.ID)
		}
	}
	for id := range a.accounts {
		if !there[id] {
			ids = append(ids, id)
		}
	}
	return ids
}

// Close ends all workers and closes the store. Run must have returned.
func (a *App) Close() error {
	drafts := a.Mail.FlushDrafts(context.Background())
	if err := errors.Join(drafts, a.Engine.Close(), a.DB.Close()); err != nil {
		return fmt.Errorf("close: %w", err)
	}
	return nil
}
