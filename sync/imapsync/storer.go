// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"kontor/storage"
)

// chore is something to be stored. Any of its parts may be nil.
type chore struct {
	ready func() error // comes before the transaction
	news  found        // is done in a transaction, with other chores: new messages
	apply apply        // the same for all else
	last  bool         // apply may come at the end of the transaction
	done  func()       // comes after it
	seen  chan struct{}
	late  int // so many rows that nobody looks for: the transaction may come a moment later
}

// storer writes to the store beside the reading of what comes next, in the order of put. The first error ends it: what
// comes after it is not stored.
//
// What waits when it begins to write is stored in one transaction. Rows whose keys are random, those of conversations,
// touch nearly each page of their tables, and every transaction writes the pages that it touched: while the network is
// faster than the store, there are a quarter as many. What came of octets waits even longer: messages of one folder, which
// come together, lie scattered over the store's pages, which are in the order of time.
type storer struct {
	db   *storage.DB
	ctx  context.Context // the call that it was made for; what was put is stored even when that has been cancelled
	jobs chan chore
	done chan struct{}
	late []chore // their transaction is to come
	rows int     // of these
	lot  lot     // is reused: its memory is much of what headers take
	due  *time.Timer
	mu   sync.Mutex
	err  error
}

// How much may wait for a transaction: a crash makes it be fetched again.
const (
	lateSpan = time.Second
	lateRows = 4000
)

// How many chores wait to be stored while the next is read: some thousand headers, or some megabytes of octets.
const (
	headersAhead = 8
	octetsAhead  = 1
)

func newStorer(ctx context.Context, db *storage.DB, ahead int) *storer {
	s := &storer{db: db, ctx: context.WithoutCancel(ctx), lot: lot{spans: map[int64]span{}}, jobs: make(chan chore, ahead), done: make(chan struct{}), due: time.NewTimer(lateSpan)}
	go s.run()
	return s
}

func (s *storer) run() {
	defer close(s.done)
	defer s.due.Stop()
	for {
		select {
		case first, ok := <-s.jobs:
			if !ok {
				s.store(nil)
				return
			}
			s.take(s.waiting(first))
		case <-s.due.C:
			s.store(nil)
		}
	}
}

// take stores chores, or lets them wait where all of them may.
func (s *storer) take(list []chore) {
	for _, c := range list {
		if c.late == 0 || s.rows >= lateRows || s.failed() != nil {
			s.store(list)
			return
		}
	}
	if len(s.late) == 0 {
		s.due.Reset(lateSpan)
	}
	for i := range list {
		c := &list[i]
		if err := c.prepare(); err != nil {
			s.fail(err)
			return
		}
		s.rows += c.late
	}
	s.late = append(s.late, list...)
}

// waiting gives what can be stored together.
func (s *storer) waiting(first chore) []chore {
	list := []chore{first}
	for len(list) <= cap(s.jobs) {
		select {
		case next, ok := <-s.jobs:
			if !ok {
				return list
			}
			list = append(list, next)
		default:
			return list
		}
	}
	return list
}

// prepare does what comes before the transaction, once.
func (c *chore) prepare() error {
	ready := c.ready
	if c.ready = nil; ready == nil {
		return nil
	}
	return ready()
}

// store stores what has been waiting and these chores, all of them or none.
func (s *storer) store(list []chore) {
	list = append(s.late, list...)
	s.late, s.rows = nil, 0
	err := s.failed()
	if err == nil {
		if err = s.write(list); err != nil {
			s.fail(err)
		}
	}
	for _, c := range list {
		if c.done != nil && err == nil {
			c.done()
		}
		if c.seen != nil {
			close(c.seen)
		}
	}
}

func (s *storer) write(list []chore) error {
	idle := true
	for i := range list {
		c := &list[i]
		if err := c.prepare(); err != nil {
			return err
		}
		idle = idle && c.apply == nil && c.news == nil
	}
	if idle {
		return nil
	}
	return s.db.Write(s.ctx, func(tx *storage.Tx) error {
		s.lot.clear()
		return applyAll(s.ctx, tx, &s.lot, list)
	})
}

// applyAll stores chores in their order, but messages that are new together as far as possible, of whichever folders they
// are.
func applyAll(ctx context.Context, tx *storage.Tx, l *lot, list []chore) error {
	for _, c := range list {
		if c.news != nil {
			if err := c.news(ctx, tx, l); err != nil {
				return err
			}
		}
		if c.apply == nil || c.last {
			continue
		}
		if err := l.add(ctx, tx); err != nil {
			return err
		}
		if err := c.apply(ctx, tx); err != nil {
			return err
		}
	}
	if err := l.add(ctx, tx); err != nil {
		return err
	}
	for _, c := range list {
		if c.apply != nil && c.last {
			if err := c.apply(ctx, tx); err != nil {
				return err
			}
		}
	}
	return nil
}

// lot is new messages that are to be added together: of a lot that is sorted many rows go to the same page.
type lot struct {
	mails []storage.NewMail
	spans map[int64]span // by folder
}

// span is from which UID to which.
type span struct{ low, high uint32 }

// found looks at what came of messages, and puts those that are new into a lot.
type found func(context.Context, *storage.Tx, *lot) error

// room makes room for messages of one folder. What came of them before, which happens, has to be stored then.
func (l *lot) room(ctx context.Context, tx *storage.Tx, folder int64, list []storage.NewMail) error {
	now := span{math.MaxUint32, 0}
	for _, m := range list {
		now.low, now.high = min(now.low, m.UID), max(now.high, m.UID)
	}
	if was, ok := l.spans[folder]; ok {
		if now.low <= was.high && now.high >= was.low {
			if err := l.add(ctx, tx); err != nil {
				return err
			}
		} else {
			now.low, now.high = min(now.low, was.low), max(now.high, was.high)
		}
	}
	l.spans[folder] = now
	l.mails = slices.Grow(l.mails, len(list))
	return nil
}

// clear empties the lot.
func (l *lot) clear() {
	clear(l.mails)
	l.mails = l.mails[:0]
	clear(l.spans)
}

// add stores the lot.
func (l *lot) add(ctx context.Context, tx *storage.Tx) error {
	if len(l.mails) == 0 {
		return nil
	}
	_, err := tx.AddMail(ctx, l.mails)
	l.clear()
	if err != nil {
		return fmt.Errorf("store headers: %w", err)
	}
	return nil
}

func (s *storer) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

func (s *storer) failed() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// put stores something soon. The error is that of something before.
func (s *storer) put(c chore) error {
	if err := s.failed(); err != nil {
		return err
	}
	s.jobs <- c
	return nil
}

// flush waits until all that was put is stored.
func (s *storer) flush() error {
	seen := make(chan struct{})
	s.jobs <- chore{seen: seen}
	<-seen
	return s.failed()
}

// close stores what was put and ends the storer.
func (s *storer) close() error {
	close(s.jobs)
	<-s.done
	return s.failed()
}
