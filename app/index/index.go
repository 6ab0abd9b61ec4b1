// SPDX-License-Identifier: EUPL-1.2

// Package index reads in the background what was stored: it packs the octets of messages, finds their attachments and
// keeps the search index up to date. What waits for it is a queue in the store, so it can be interrupted anywhere.
package index

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"kontor/app/live"
	"kontor/storage"
)

// Bounds of the work: how much is taken from the queue at a time, stored in one transaction, and read before what was
// packed of it leaves memory. The index is the cheaper to write the more of it is written at once.
const (
	queueAhead = 5000
	batchRows  = 500
	batchBytes = 32 << 20
	partRows   = 250
	partBytes  = 4 << 20
)

// pause lets changes gather before they are indexed.
const pause = 500 * time.Millisecond

// How often a failure is tried again, and how long after.
const (
	maxFailures = 20
	retryPause  = 30 * time.Second
)

// patience is how long the background gives way to a synchronisation that needs the processor.
const patience = 30 * time.Second

// Indexer does the work. It is safe for use by several goroutines.
type Indexer struct {
	db *storage.DB
	mu sync.Mutex // one at a time
}

// New makes an indexer for a store.
func New(db *storage.DB) *Indexer { return &Indexer{db: db} }

// Run keeps the index up to date until ctx ends, and looks after its health. A failure, of a full disk for example, is
// tried again; the error is that of the last of many.
func (x *Indexer) Run(ctx context.Context) error {
	changes := x.db.Changes().Subscribe(live.Mail | live.Files | live.Tasks)
	defer changes.Close()
	for failures := 0; ; {
		wait := pause
		err := x.background(ctx)
		switch {
		case ctx.Err() != nil:
			return nil //nolint:nilerr // to be stopped is no failure
		case err == nil:
			failures = 0
			select {
			case <-ctx.Done():
				return nil
			case <-changes.C():
			}
		case failures == maxFailures:
			return fmt.Errorf("keep the index up to date: %w", err)
		default:
			failures++
			wait = retryPause
		}
		if !sleep(ctx, wait) {
			return nil
		}
	}
}

// background is one round of Run: it works on all processors but one and gives way to a fast synchronisation.
func (x *Indexer) background(ctx context.Context) error {
	if _, err := x.SelfCheck(ctx, checkAge); err != nil {
		return err
	}
	r := round{x: x, workers: max(1, runtime.NumCPU()-1), gives: true}
	if _, err := r.run(ctx); err != nil {
		return err
	}
	return x.keepOften(ctx)
}

// Index indexes all that waits for it and returns how many rows that were.
func (x *Indexer) Index(ctx context.Context) (int, error) {
	r := round{x: x, workers: runtime.NumCPU()}
	return r.run(ctx)
}

// CatchUp indexes what waits for it, but only for about the given time. The newest comes first.
func (x *Indexer) CatchUp(ctx context.Context, most time.Duration) error {
	r := round{x: x, workers: runtime.NumCPU(), end: time.Now().Add(most)}
	_, err := r.run(ctx)
	return err
}

// sleep waits and reports whether ctx still lasts.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// round works until the queue is empty.
type round struct {
	x       *Indexer
	workers int
	end     time.Time // zero for no end
	gives   bool      // gives way to synchronisation
}

func (r *round) over() bool { return !r.end.IsZero() && time.Now().After(r.end) }

func (r *round) run(ctx context.Context) (int, error) {
	r.x.mu.Lock()
	defer r.x.mu.Unlock()
	n := 0
	rebuilt := false
	for ctx.Err() == nil && !r.over() {
		jobs, err := r.x.db.IndexJobs(ctx, queueAhead)
		if err != nil {
			return n, err
		}
		if len(jobs) == 0 && n == 0 {
			return 0, nil
		}
		if len(jobs) == 0 {
			_, sweepErr := r.x.db.SweepPacks(ctx)
			return n, errors.Join(sweepErr, r.x.refreshWords(ctx))
		}
		done, err := r.work(ctx, jobs)
		n += done
		if storage.IsCorrupt(err) && !rebuilt { // an index can be made again; what it is made of cannot
			rebuilt = true
			err = r.x.clear(ctx)
		}
		if err != nil {
			return n, err
		}
	}
	return n, ctx.Err()
}

// work stores one batch while the next is read.
func (r *round) work(ctx context.Context, jobs []storage.IndexJob) (int, error) {
	if _, err := r.x.db.MakeDictionary(ctx); err != nil {
		return 0, err
	}
	r.giveWay(ctx)
	batches := cut(jobs, batchRows, batchBytes)
	next := r.read(ctx, batches[0])
	defer func() {
		if next != nil {
			<-next // nobody reads the store after this has returned
		}
	}()
	n := 0
	for i := range batches {
		batch := <-next
		next = nil
		if batch.err != nil {
			return n, batch.err
		}
		if i+1 < len(batches) {
			next = r.read(ctx, batches[i+1])
		}
		if err := r.put(ctx, batch.docs); err != nil {
			return n, err
		}
		n += len(batch.docs)
		if ctx.Err() != nil || r.over() {
			break
		}
		r.giveWay(ctx)
	}
	return n, nil
}

// put stores documents, in as many transactions as it takes to keep nobody waiting.
func (r *round) put(ctx context.Context, docs []storage.IndexDoc) error {
	slices.SortFunc(docs, func(a, b storage.IndexDoc) int { return cmp.Compare(a.Row(), b.Row()) })
	for len(docs) > 0 {
		done := 0
		err := r.x.db.Write(ctx, func(tx *storage.Tx) (err error) {
			done, err = tx.PutIndex(ctx, docs)
			return err
		})
		if err != nil {
			return err
		}
		docs = docs[done:]
	}
	return nil
}

// giveWay waits while octets arrive faster than the processor can handle beside other work.
func (r *round) giveWay(ctx context.Context) {
	for end := time.Now().Add(patience); r.gives && r.x.db.Arriving() && time.Now().Before(end); {
		if !sleep(ctx, pause) {
			return
		}
	}
}

// cut divides jobs into batches that are neither too many rows nor too many octets.
func cut(jobs []storage.IndexJob, rows int, octets int64) [][]storage.IndexJob {
	var batches [][]storage.IndexJob
	start, size := 0, int64(0)
	for i, j := range jobs {
		if i > start && (i-start >= rows || size+j.Size > octets) {
			batches = append(batches, jobs[start:i])
			start, size = i, 0
		}
		size += j.Size
	}
	return append(batches, jobs[start:])
}

// readBatch is what was read for a batch.
type readBatch struct {
	docs []storage.IndexDoc
	err  error
}

// read reads rows, part by part. The channel has room, so nobody need wait for the result.
func (r *round) read(ctx context.Context, jobs []storage.IndexJob) <-chan readBatch {
	result := make(chan readBatch, 1)
	go func() {
		var all readBatch
		for _, part := range cut(jobs, partRows, partBytes) {
			docs, err := r.readPart(ctx, part)
			if err == nil {
				err = r.x.db.KeepPacked(docs)
			}
			if err != nil {
				all.err = err
				break
			}
			all.docs = append(all.docs, docs...)
		}
		result <- all
	}()
	return result
}

// readPart reads rows on several processors.
func (r *round) readPart(ctx context.Context, jobs []storage.IndexJob) ([]storage.IndexDoc, error) {
	docs, bodies, err := r.x.db.IndexSources(ctx, jobs)
	if err != nil {
		return nil, err
	}
	errs := make([]error, len(jobs))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(r.workers, len(jobs)) {
		wg.Go(func() {
			var buf []byte
			for i := next.Add(1) - 1; i < int64(len(jobs)); i = next.Add(1) - 1 {
				if docs[i].HasText && bodies[i].Wanted() {
					buf, errs[i] = digest(ctx, r.x.db, &docs[i], bodies[i], buf)
				}
				if r.gives {
					runtime.Gosched() // whoever draws a list must not wait for the end of a slice of time
				}
			}
		})
	}
	wg.Wait()
	return docs, errors.Join(errs...)
}

// alwaysFresh is up to how many rows the words of the index are copied after every change: it takes milliseconds.
const alwaysFresh = 5000

// refreshWords copies the words of the index for the search inside of them; in a large one, when a fiftieth of it is new.
func (x *Indexer) refreshWords(ctx context.Context) error {
	_, known, err := x.db.Words(ctx)
	if err != nil {
		return err
	}
	docs, err := x.db.IndexedDocs(ctx)
	if err != nil || docs == known || docs > known && docs > alwaysFresh && docs-known < known/50 {
		return err
	}
	return x.db.Write(ctx, func(tx *storage.Tx) error { return tx.RefreshWords(ctx) })
}

// Rebuild makes the index anew. What is not kept here any more is still found afterwards, unless the index is damaged.
func (x *Indexer) Rebuild(ctx context.Context) error {
	err := x.db.Write(ctx, func(tx *storage.Tx) error { return tx.RebuildIndex(ctx) })
	if storage.IsCorrupt(err) {
		err = x.clear(ctx)
	}
	if err != nil {
		return err
	}
	_, err = x.Index(ctx)
	return err
}

// clear empties a damaged index and puts everything on the queue.
func (x *Indexer) clear(ctx context.Context) error {
	return x.db.Write(ctx, func(tx *storage.Tx) error { return tx.ClearIndex(ctx) })
}

// checkAge is how often the index is compared with the store.
const checkAge = 24 * time.Hour

// SelfCheck compares the index with the store unless that was done within the given time, and puts what is missing or
// left over on the queue. It returns how many rows that were: nobody ever has to ask for a new index.
func (x *Indexer) SelfCheck(ctx context.Context, age time.Duration) (int, error) {
	last, err := x.db.IndexChecked(ctx)
	if err != nil || time.Since(last) < age {
		return 0, err
	}
	rows, err := x.db.IndexGaps(ctx)
	if err != nil {
		return 0, err
	}
	lost, err := x.db.LostPacks(ctx) // reading them shows that they are gone, and they are fetched again
	if err != nil {
		return 0, err
	}
	rows = append(rows, lost...)
	return len(rows), x.db.Write(ctx, func(tx *storage.Tx) error { return tx.MendIndex(ctx, rows, time.Now()) })
}
