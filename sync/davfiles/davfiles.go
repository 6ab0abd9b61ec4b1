// SPDX-License-Identifier: EUPL-1.2

// Package davfiles synchronises the files of an account with a WebDAV server (RFC 4918). It only reads and writes: what
// has to happen is decided by sync/reconcile, and every change that travels is an operation of the journal.
package davfiles

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"sync"
	"sync/atomic"

	"kontor/app/journal"
	"kontor/storage"
	"kontor/sync/dav"
	"kontor/sync/transport"
)

// Config is what a worker needs.
type Config struct {
	DB      *storage.DB
	Account storage.Account
	Home    string // below which local copies and the recycle bin lie
	// DesktopBin: what was deleted on the server goes into the recycle bin of the desktop, outside of Home.
	DesktopBin bool
	Secret     func(context.Context) (string, error)
	Log        *slog.Logger
	// Who and ConflictWord name the copies that conflicts make; empty for the account's person and "Konflikt".
	Who, ConflictWord string
	// Traffic is shared by all workers of a process; nil for one of its own.
	Traffic *Traffic
}

// parallel is how many transfers run at once.
const parallel = 8

// Worker is an engine.Worker and engine.Watcher for the files of one account.
type Worker struct {
	cfg   Config
	db    *storage.DB
	log   *slog.Logger
	dav   *dav.Client
	disk  *Disk
	bytes transport.Counter
	count counters
	cloud clouds

	host    string // of the server
	lining  sync.Mutex
	lined   atomic.Int64 // uploads that are counted as waiting
	swept   atomic.Bool  // no interrupted downloads are left on the disk
	tidied  atomic.Int64 // when the recycle bin was looked through, in Unix seconds
	loading sync.Map     // files that are just being downloaded

	confirms confirmations

	probing  sync.Mutex
	ownProbe string                     // the probe that this run has sent
	flush    func(paths []string) error // waits until files are on the disk
}

// counters are what Report tells.
type counters struct{ down, up, moved, deleted, conflicts atomic.Int64 }

// New makes a worker without connecting.
func New(cfg Config) (*Worker, error) {
	w := &Worker{cfg: cfg, db: cfg.DB, log: cfg.Log, disk: NewDisk(cfg.DB, cfg.Account, cfg.Home), flush: syncEach}
	w.disk.DesktopBin = cfg.DesktopBin
	if w.log == nil {
		w.log = slog.New(slog.DiscardHandler)
	}
	if w.cfg.Who == "" {
		w.cfg.Who = cfg.Account.DisplayName
	}
	if w.cfg.Traffic == nil {
		w.cfg.Traffic = NewTraffic(cfg.DB)
	}
	if w.cfg.ConflictWord == "" {
		w.cfg.ConflictWord = "Konflikt"
	}
	client, err := dav.New(cfg.Account.FilesURL, dav.Options{
		User: cfg.Account.User, Secret: cfg.Secret, CAPEM: cfg.Account.CAPEM, UserAgent: "Kontor", Counter: &w.bytes,
	})
	if err != nil {
		return nil, fmt.Errorf("files: %w", err)
	}
	w.dav = client
	if u, err := url.Parse(cfg.Account.FilesURL); err == nil {
		w.host = u.Host
	}
	return w, nil
}

// Protocol is part of engine.Worker.
func (w *Worker) Protocol() string { return "files" }

// Kinds is part of engine.Worker.
func (w *Worker) Kinds() []journal.Kind {
	return []journal.Kind{journal.FilePut, journal.FileMkdir, journal.FileMove, journal.FileDelete}
}

// Parallel is part of engine.Worker. It is more than may be transferred at once: small uploads are confirmed together.
func (w *Worker) Parallel() int { return parallel + parallel/2 }

// Close is part of engine.Worker.
func (w *Worker) Close() error {
	w.dav.Close()
	w.disk.giveBack()
	return nil
}

// Report is what was transferred since New.
type Report struct {
	Downloaded int64 `json:"downloaded"`
	Uploaded   int64 `json:"uploaded"`
	Moved      int64 `json:"moved"`
	Deleted    int64 `json:"deleted"`
	Conflicts  int64 `json:"conflicts"`
	Bytes      int64 `json:"bytes"`
	Requests   int64 `json:"requests"`
}

// Report tells what was transferred since New; its JSON is part of the command line's contract.
func (w *Worker) Report() Report {
	return Report{
		Downloaded: w.count.down.Load(), Uploaded: w.count.up.Load(), Moved: w.count.moved.Load(), Deleted: w.count.deleted.Load(),
		Conflicts: w.count.conflicts.Load(), Bytes: w.bytes.Read.Load() + w.bytes.Written.Load(), Requests: w.dav.Requests(),
	}
}

// Test looks whether the collection can be reached and is one.
func (w *Worker) Test(ctx context.Context) error {
	return w.dav.Propfind(ctx, w.dav.Root(), dav.Depth0, propfind, func(r dav.Response) error {
		if r.Err == nil && !r.IsCollection() {
			return fmt.Errorf("the address is not a folder: %w", transport.ErrServer)
		}
		return nil
	})
}
