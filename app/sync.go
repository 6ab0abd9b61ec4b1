// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/storage"
	"kontor/sync/caltasks"
	"kontor/sync/davfiles"
	"kontor/sync/engine"
	"kontor/sync/imapsync"
	"kontor/sync/smtpsend"
	"kontor/sync/transport"
)

// SyncOptions chooses what Sync works on; empty fields choose everything.
type SyncOptions struct {
	Account   string
	Protocols []string // "mail", "files", "tasks"; mail includes sending
}

// SyncReport says what a synchronisation did, over all accounts.
type SyncReport struct {
	Mail    imapsync.Report `json:"mail"`
	Files   davfiles.Report `json:"files"`
	Tasks   caltasks.Report `json:"tasks"`
	Waiting int             `json:"waiting"`
	Failed  int             `json:"failed"`
	InDoubt int             `json:"in_doubt"`
	Seconds float64         `json:"seconds"`
}

// Sync pushes what waits and pulls what is new, once. The report is filled in as far as it came, also with an error.
func (a *App) Sync(ctx context.Context, opts SyncOptions) (report SyncReport, err error) {
	started := time.Now()
	filter, err := a.filter(ctx, opts)
	if err != nil {
		return report, err
	}
	unlock, err := a.Home.Lock()
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	return a.syncHeld(ctx, started, filter)
}

// Watch synchronises once as Sync does, hands over what came of it, and goes on as Run does. In between, no other process
// takes the home.
func (a *App) Watch(ctx context.Context, opts SyncOptions, first func(SyncReport, error)) (err error) {
	started := time.Now()
	filter, err := a.filter(ctx, opts)
	if err != nil {
		return err
	}
	unlock, err := a.Home.Lock()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	first(a.syncHeld(ctx, started, filter))
	if ctx.Err() != nil {
		return nil
	}
	return a.runHeld(ctx)
}

// syncHeld is Sync while the home is held.
func (a *App) syncHeld(ctx context.Context, started time.Time, filter engine.Filter) (report SyncReport, err error) {
	if err := a.Engine.Recover(ctx); err != nil {
		return report, err
	}
	before := a.reports()
	err = errors.Join(a.unusable(filter), a.runIndexing(ctx, filter))
	report = a.reports().since(before)
	counts, countErr := a.DB.OpCounts(context.WithoutCancel(ctx))
	report.Waiting = counts[journal.Waiting] + counts[journal.Held] + counts[journal.Running]
	report.Failed, report.InDoubt = counts[journal.Failed], counts[journal.InDoubt]
	report.Seconds = time.Since(started).Seconds()
	return report, errors.Join(err, countErr)
}

// A single synchronisation indexes what it brought before it ends, for so long at the most, unless it is so many rows that
// it was a first one.
const (
	indexAfter = 500 * time.Millisecond
	indexMost  = 5000
)

// runIndexing synchronises while the search index follows, and ends when both are done: fetching waits for the network,
// indexing does not.
func (a *App) runIndexing(ctx context.Context, filter engine.Filter) error {
	beside, stop := context.WithCancel(ctx)
	defer stop()
	indexed := make(chan error, 1)
	go func() { indexed <- a.Search.Run(beside) }()
	err := a.Engine.RunOnce(ctx, filter)
	stop()
	err = errors.Join(err, <-indexed)
	if errors.Is(err, transport.ErrChoice) {
		return err
	}
	behind, countErr := a.Search.Behind(ctx)
	if countErr != nil || behind > indexMost {
		return errors.Join(err, countErr)
	}
	// What a first synchronisation brought takes longer to read than to fetch: the window, and each search, go on with it.
	return errors.Join(err, a.Search.CatchUp(ctx, indexAfter))
}

// filter turns the options into a choice of workers.
func (a *App) filter(ctx context.Context, opts SyncOptions) (engine.Filter, error) {
	var id int64
	if opts.Account != "" {
		account, err := a.DB.AccountByName(ctx, opts.Account)
		if err != nil {
			return nil, fmt.Errorf("synchronise: %w", err)
		}
		id = account.ID
	}
	return func(account int64, protocol string) bool {
		if protocol == "send" {
			protocol = "mail"
		}
		return (id == 0 || account == id) && (len(opts.Protocols) == 0 || slices.Contains(opts.Protocols, protocol))
	}, nil
}

// unusable gives the problems of chosen accounts whose workers could not be made.
func (a *App) unusable(chosen engine.Filter) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	var errs []error
	for id, err := range a.trouble {
		if chosen(id, "mail") || chosen(id, "files") || chosen(id, "tasks") {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// reports sums up what all workers have done since they were made.
func (a *App) reports() (sum SyncReport) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, list := range a.workers {
		for _, w := range list {
			switch w := w.(type) {
			case *imapsync.Worker:
				sum.Mail = plusMail(sum.Mail, w.Report(), 1)
			case *davfiles.Worker:
				sum.Files = plusFiles(sum.Files, w.Report(), 1)
			case *caltasks.Worker:
				sum.Tasks = plusTasks(sum.Tasks, w.Report(), 1)
			}
		}
	}
	return sum
}

// since gives what was done after before was taken.
func (r SyncReport) since(before SyncReport) SyncReport {
	return SyncReport{Mail: plusMail(r.Mail, before.Mail, -1), Files: plusFiles(r.Files, before.Files, -1), Tasks: plusTasks(r.Tasks, before.Tasks, -1)}
}

func plusMail(a, b imapsync.Report, sign int) imapsync.Report {
	return imapsync.Report{
		Folders: a.Folders + sign*b.Folders, New: a.New + sign*b.New, Changed: a.Changed + sign*b.Changed, Gone: a.Gone + sign*b.Gone,
		Bodies: a.Bodies + sign*b.Bodies, Bytes: a.Bytes + int64(sign)*b.Bytes, Odd: a.Odd + sign*b.Odd,
	}
}

func plusFiles(a, b davfiles.Report, sign int64) davfiles.Report {
	return davfiles.Report{
		Downloaded: a.Downloaded + sign*b.Downloaded, Uploaded: a.Uploaded + sign*b.Uploaded, Moved: a.Moved + sign*b.Moved,
		Deleted: a.Deleted + sign*b.Deleted, Conflicts: a.Conflicts + sign*b.Conflicts, Bytes: a.Bytes + sign*b.Bytes,
		Requests: a.Requests + sign*b.Requests,
	}
}

func plusTasks(a, b caltasks.Report, sign int64) caltasks.Report {
	return caltasks.Report{
		Lists: a.Lists + sign*b.Lists, New: a.New + sign*b.New, Changed: a.Changed + sign*b.Changed, Gone: a.Gone + sign*b.Gone,
		Uploaded: a.Uploaded + sign*b.Uploaded, Merged: a.Merged + sign*b.Merged, Conflicts: a.Conflicts + sign*b.Conflicts,
		Requests: a.Requests + sign*b.Requests,
	}
}

// addWorkers puts a worker for each server of an account under supervision.
func (a *App) addWorkers(account storage.Account) {
	workers, err := a.makeWorkers(account)
	a.mu.Lock()
	a.workers[account.ID], a.accounts[account.ID] = workers, account
	if err != nil {
		a.trouble[account.ID] = fmt.Errorf("%s: %w", account.Name, err)
	}
	a.mu.Unlock()
	for _, w := range workers {
		a.Engine.Add(account.ID, w)
	}
}

func (a *App) makeWorkers(account storage.Account) (workers []engine.Worker, err error) {
	secret := func(ctx context.Context) (string, error) { return a.Accounts.Secret(ctx, account.ID) }
	add := func(w engine.Worker, failed error) {
		if failed != nil {
			err = errors.Join(err, failed)
			return
		}
		workers = append(workers, w)
	}
	if account.IMAPURL != "" {
		add(imapsync.New(imapsync.Config{DB: a.DB, Account: account, Secret: secret, Log: a.log}), nil)
	}
	if account.SMTPURL != "" {
		add(smtpsend.New(smtpsend.Config{DB: a.DB, Account: account, Secret: secret, Log: a.log}), nil)
	}
	if account.FilesURL != "" {
		w, failed := davfiles.New(davfiles.Config{
			DB: a.DB, Account: account, Home: string(a.Home), DesktopBin: a.Home.Usual(), Secret: secret, Log: a.log,
			Who: account.DisplayName, ConflictWord: i18n.T("app.conflict"), Traffic: a.Files.traffic,
		})
		add(w, failed)
	}
	if account.TasksURL != "" {
		w, failed := caltasks.New(caltasks.Config{DB: a.DB, Account: account, Secret: secret, Log: a.log})
		add(w, failed)
	}
	return workers, err
}
