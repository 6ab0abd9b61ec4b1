// SPDX-License-Identifier: EUPL-1.2

// Package caltasks speaks CalDAV (RFC 4791) for the tasks of one account: it finds the lists, reads what changed and
// carries out operations with preconditions. What to do with two versions is decided in app/tasks.
package caltasks

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"

	"kontor/app/journal"
	"kontor/app/tasks"
	"kontor/storage"
	"kontor/sync/dav"
	"kontor/sync/transport"
)

// Config is what a Worker needs.
type Config struct {
	DB      *storage.DB
	Account storage.Account
	Secret  func(context.Context) (string, error)
	Log     *slog.Logger
}

// parallel is how many operations run at once.
const parallel = 4

// Worker is an engine.Worker for the tasks of one account.
type Worker struct {
	cfg   Config
	db    *storage.DB
	log   *slog.Logger
	bytes transport.Counter
	count counters
	spent atomic.Int64 // requests of clients that were replaced

	finding sync.Mutex

	mu     sync.Mutex
	client *dav.Client
	base   *url.URL // what client was made for
	found  *place   // nil until discovered
}

type counters struct{ lists, added, changed, gone, uploaded, merged, conflicts atomic.Int64 }

// New makes a worker without connecting.
func New(cfg Config) (*Worker, error) {
	w := &Worker{cfg: cfg, db: cfg.DB, log: cfg.Log}
	if w.log == nil {
		w.log = slog.New(slog.DiscardHandler)
	}
	if err := w.use(cfg.Account.TasksURL, false); err != nil {
		return nil, fmt.Errorf("tasks: %w", err)
	}
	return w, nil
}

// use makes the client for an address, in place of the one there was. basic says that the server is known to take Basic.
func (w *Worker) use(address string, basic bool) error {
	base, err := url.Parse(address)
	if err != nil {
		return fmt.Errorf("%w: %w", transport.ErrURL, err)
	}
	client, err := dav.New(address, dav.Options{
		User: w.cfg.Account.User, Secret: w.cfg.Secret, CAPEM: w.cfg.Account.CAPEM, UserAgent: "Kontor", Counter: &w.bytes, Basic: basic,
	})
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.client != nil {
		w.spent.Add(w.client.Requests())
		w.client.Close()
	}
	w.client, w.base = client, base
	return nil
}

func (w *Worker) dav() *dav.Client {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.client
}

// Protocol is part of engine.Worker.
func (w *Worker) Protocol() string { return "tasks" }

// Kinds is part of engine.Worker.
func (w *Worker) Kinds() []journal.Kind { return tasks.Kinds() }

// Parallel is part of engine.Worker.
func (w *Worker) Parallel() int { return parallel }

// Close is part of engine.Worker.
func (w *Worker) Close() error {
	w.dav().Close()
	return nil
}

// Report is what was done since New.
type Report struct {
	Lists     int64 `json:"lists"`
	New       int64 `json:"new"`
	Changed   int64 `json:"changed"`
	Gone      int64 `json:"gone"`
	Uploaded  int64 `json:"uploaded"`
	Merged    int64 `json:"merged"`
	Conflicts int64 `json:"conflicts"`
	Requests  int64 `json:"requests"`
}

// Add sums up what two workers did.
func (r Report) Add(o Report) Report {
	return Report{
		Lists: r.Lists + o.Lists, New: r.New + o.New, Changed: r.Changed + o.Changed, Gone: r.Gone + o.Gone, Uploaded: r.Uploaded + o.Uploaded,
		Merged: r.Merged + o.Merged, Conflicts: r.Conflicts + o.Conflicts, Requests: r.Requests + o.Requests,
	}
}

// Sub gives what was done since before. The number of lists is not something that is done: it stays.
func (r Report) Sub(before Report) Report {
	return Report{
		Lists: r.Lists, New: r.New - before.New, Changed: r.Changed - before.Changed, Gone: r.Gone - before.Gone, Uploaded: r.Uploaded - before.Uploaded,
		Merged: r.Merged - before.Merged, Conflicts: r.Conflicts - before.Conflicts, Requests: r.Requests - before.Requests,
	}
}

// Report tells what was done since New; its JSON is part of the command line's contract.
func (w *Worker) Report() Report {
	return Report{
		Lists: w.count.lists.Load(), New: w.count.added.Load(), Changed: w.count.changed.Load(), Gone: w.count.gone.Load(),
		Uploaded: w.count.uploaded.Load(), Merged: w.count.merged.Load(), Conflicts: w.count.conflicts.Load(),
		Requests: w.spent.Load() + w.dav().Requests(),
	}
}

// Test looks whether the server can be reached and has a place for tasks.
func (w *Worker) Test(ctx context.Context) error {
	_, err := w.discover(ctx)
	return err
}

// answer is what matters of an answer without content.
type answer struct {
	code int
	etag string
}

// do sends a request with an optional body and reads its answer.
func (w *Worker) do(ctx context.Context, method, href string, header http.Header, body string) (answer, error) {
	r := dav.Request{Method: method, Href: href, Header: header}
	if body != "" {
		r.Body, r.Length = dav.Bytes([]byte(body)), int64(len(body))
	}
	resp, err := w.dav().Do(ctx, r)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	dav.Drain(resp)
	return answer{resp.StatusCode, resp.Header.Get("ETag")}, nil
}

// escaped is a decoded path as it is written in requests.
func escaped(href string) string { return (&url.URL{Path: href}).EscapedPath() }
