// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"kontor/app/live"
	"kontor/app/mail"
	"kontor/app/search"
	"kontor/storage"
)

// indexBatch is how many rows are read and then indexed in one transaction.
const indexBatch = 400

// indexAhead is how many batches are taken from the queue at a time.
const indexAhead = 5

// indexPause lets changes gather before they are indexed.
const indexPause = 500 * time.Millisecond

// How often a failure is tried again, and how long after.
const (
	maxFailures = 20
	retryPause  = 30 * time.Second
)

// Run keeps the index up to date until ctx ends. A failure, of a full disk for example, is tried again; the error is that
// of the last of many.
func (s *Search) Run(ctx context.Context) error {
	changes := s.db.Changes().Subscribe(live.Mail | live.Files | live.Tasks)
	defer changes.Close()
	for failures := 0; ; {
		pause := indexPause
		_, err := s.Index(ctx)
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
			pause = retryPause
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

// Index indexes all that waits for it and returns how many rows that were.
func (s *Search) Index(ctx context.Context) (int, error) { return s.index(ctx, time.Time{}) }

// CatchUp indexes what waits for it, but only for about the given time. The newest comes first.
func (s *Search) CatchUp(ctx context.Context, most time.Duration) error {
	_, err := s.index(ctx, time.Now().Add(most))
	return err
}

func (s *Search) index(ctx context.Context, end time.Time) (int, error) {
	n := 0
	for ctx.Err() == nil && (end.IsZero() || time.Now().Before(end)) {
		jobs, err := s.db.IndexJobs(ctx, indexBatch*indexAhead)
		if err != nil {
			return n, err
		}
		if len(jobs) == 0 {
			return n, s.refreshWords(ctx)
		}
		done, err := s.indexJobs(ctx, jobs, end)
		n += done
		if err != nil {
			return n, err
		}
	}
	return n, ctx.Err()
}

// indexJobs stores one batch while the next is read.
func (s *Search) indexJobs(ctx context.Context, jobs []storage.IndexJob, end time.Time) (int, error) {
	n := 0
	batches := slices.Collect(slices.Chunk(jobs, indexBatch))
	next := s.read(ctx, batches[0])
	defer func() {
		if next != nil {
			<-next // nobody reads the store after this has returned
		}
	}()
	for i := range batches {
		batch := <-next
		next = nil
		if batch.err != nil {
			return n, batch.err
		}
		if i+1 < len(batches) {
			next = s.read(ctx, batches[i+1])
		}
		if err := s.db.Write(ctx, func(tx *storage.Tx) error { return tx.PutIndex(ctx, batch.docs) }); err != nil {
			return n, err
		}
		n += len(batch.docs)
		if ctx.Err() != nil || !end.IsZero() && time.Now().After(end) {
			break
		}
	}
	return n, nil
}

// readBatch is what was read for a batch of the index.
type readBatch struct {
	docs []storage.IndexDoc
	err  error
}

// read fetches the texts of rows, messages on all processors. The channel has room, so nobody need wait for the result.
func (s *Search) read(ctx context.Context, jobs []storage.IndexJob) <-chan readBatch {
	result := make(chan readBatch, 1)
	go func() {
		docs := make([]storage.IndexDoc, len(jobs))
		errs := make([]error, len(jobs))
		var next atomic.Int64
		var wg sync.WaitGroup
		for range min(runtime.NumCPU(), 4) {
			wg.Go(func() {
				for i := next.Add(1) - 1; i < int64(len(jobs)); i = next.Add(1) - 1 {
					docs[i], errs[i] = s.source(ctx, jobs[i])
				}
			})
		}
		wg.Wait()
		result <- readBatch{docs, errors.Join(errs...)}
	}()
	return result
}

func (s *Search) source(ctx context.Context, j storage.IndexJob) (storage.IndexDoc, error) {
	d, err := s.db.IndexSource(ctx, j)
	if err != nil || d.Gone || j.Kind != storage.SearchMail || !d.HasText || j.What&storage.IndexText == 0 {
		return d, err
	}
	d.Text, err = s.text(ctx, j.ID)
	if errors.Is(err, storage.ErrPacked) {
		return d, nil // what cannot be read cannot be found; the rest of the index does not suffer
	}
	return d, err
}

// alwaysFresh is up to how many rows the words of the index are copied after every change: it takes milliseconds.
const alwaysFresh = 5000

// refreshWords copies the words of the index for the search inside of them; in a large one, when a fiftieth of it is new.
func (s *Search) refreshWords(ctx context.Context) error {
	_, known, err := s.db.Words(ctx)
	if err != nil {
		return err
	}
	docs, err := s.db.IndexedDocs(ctx)
	if err != nil || docs == known || docs > known && docs > alwaysFresh && docs-known < known/50 {
		return err
	}
	return s.db.Write(ctx, func(tx *storage.Tx) error { return tx.RefreshWords(ctx) })
}

// Rebuild makes the whole index anew.
func (s *Search) Rebuild(ctx context.Context) error {
	if err := s.db.Write(ctx, func(tx *storage.Tx) error { return tx.RebuildIndex(ctx) }); err != nil {
		return err
	}
	_, err := s.Index(ctx)
	return err
}

// MailList reads a window of a message list that has words to look for (mail.Query.Text), newest first.
func (s *Search) MailList(ctx context.Context, q mail.Query, offset, limit int) ([]mail.Summary, error) {
	f := finder{s: s, q: search.Parse(q.Text, time.Now()), limit: limit}
	ids, err := s.mailIDs(ctx, &f, q, offset+limit)
	if err != nil || len(ids) <= offset {
		return nil, err
	}
	return s.db.MailSummaries(ctx, ids[offset:])
}

// maxCount bounds how many hits are counted.
const maxCount = 5000

// MailCount counts the rows of such a list, up to maxCount.
func (s *Search) MailCount(ctx context.Context, q mail.Query) (int, error) {
	f := finder{s: s, q: search.Parse(q.Text, time.Now()), limit: maxCount}
	ids, err := s.mailIDs(ctx, &f, q, maxCount)
	return len(ids), err
}
