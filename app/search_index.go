// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"time"

	"kontor/app/mail"
	"kontor/app/search"
	"kontor/storage"
)

// Run keeps the index up to date until ctx ends.
func (s *Search) Run(ctx context.Context) error { return s.indexer.Run(ctx) }

// Index indexes all that waits for it and returns how many rows that were.
func (s *Search) Index(ctx context.Context) (int, error) { return s.indexer.Index(ctx) }

// CatchUp indexes what waits for it, but only for about the given time. The newest comes first.
func (s *Search) CatchUp(ctx context.Context, most time.Duration) error {
	return s.indexer.CatchUp(ctx, most)
}

// Behind counts what the search does not know yet: what a search finds may not be all.
func (s *Search) Behind(ctx context.Context) (int, error) { return s.db.IndexQueue(ctx) }

// finishStep is for how long Finish works before it tells how far it is.
const finishStep = 500 * time.Millisecond

// Finish indexes all that waits for it. The function is called from time to time with how much is left.
func (s *Search) Finish(ctx context.Context, progress func(left int)) error {
	for {
		if err := s.indexer.CatchUp(ctx, finishStep); err != nil {
			return err
		}
		left, err := s.Behind(ctx)
		if err != nil || left == 0 {
			return err
		}
		progress(left)
	}
}

// Rebuild makes the whole index anew.
func (s *Search) Rebuild(ctx context.Context) error { return s.indexer.Rebuild(ctx) }

// MailList reads a window of a message list that has words to look for (mail.Query.Text), newest first.
func (s *Search) MailList(ctx context.Context, q mail.Query, offset, limit int) ([]mail.Summary, error) {
	f := finder{s: s, q: search.Parse(q.Text, time.Now()), limit: limit}
	ids, err := s.mailIDs(ctx, &f, q, offset+limit)
	if s.heal(ctx, err) {
		ids, err = s.mailIDs(ctx, &f, q, offset+limit)
	}
	if err != nil || len(ids) <= offset {
		return nil, err
	}
	return s.db.MailSummaries(ctx, ids[offset:])
}

// heal empties the index where an error says that it is damaged, so that it is filled anew in the background, and reports
// whether to look again.
func (s *Search) heal(ctx context.Context, err error) bool {
	if !storage.IsIndexDamaged(err) {
		return false
	}
	return s.db.Write(ctx, func(tx *storage.Tx) error { return tx.ClearIndex(ctx) }) == nil
}

// maxCount bounds how many hits are counted.
const maxCount = 5000

// MailCount counts the rows of such a list, up to maxCount.
func (s *Search) MailCount(ctx context.Context, q mail.Query) (int, error) {
	f := finder{s: s, q: search.Parse(q.Text, time.Now()), limit: maxCount}
	ids, err := s.mailIDs(ctx, &f, q, maxCount)
	return len(ids), err
}
