// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"context"
	"sync"

	"kontor/storage"
)

// chore is something to be stored. Any of its parts may be nil.
type chore struct {
	ready func() error // comes before the transaction
	apply apply        // is done in a transaction, with other chores
	done  func()       // comes after it
	seen  chan struct{}
}

// storer writes to the store beside the reading of what comes next, in the order of put. The first error ends it: what
// comes after it is not stored.
//
// What waits when it begins to write is stored in one transaction. Rows whose keys are random, those of conversations,
// touch nearly each page of their tables, and every transaction writes the pages that it touched: while the network is
// faster than the store, there are a quarter as many.
type storer struct {
	db   *storage.DB
	ctx  context.Context // the call that it was made for; what was put is stored even when that has been cancelled
	jobs chan chore
	done chan struct{}
	mu   sync.Mutex
	err  error
}

// storerAhead is how many chores wait to be stored while the next is read.
const storerAhead = 3

func newStorer(ctx context.Context, db *storage.DB) *storer {
	s := &storer{db: db, ctx: context.WithoutCancel(ctx), jobs: make(chan chore, storerAhead), done: make(chan struct{})}
	go func() {
		defer close(s.done)
		for first := range s.jobs {
			s.store(s.waiting(first))
		}
	}()
	return s
}

// waiting gives what can be stored together.
func (s *storer) waiting(first chore) []chore {
	list := []chore{first}
	for len(list) <= storerAhead {
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

// store stores chores together, all of them or none.
func (s *storer) store(list []chore) {
	err := s.failed()
	if err == nil {
		err = s.write(list)
	}
	if err != nil {
		s.mu.Lock()
		s.err = err
		s.mu.Unlock()
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
	var applies []apply
	for _, c := range list {
		if c.ready != nil {
			if err := c.ready(); err != nil {
				return err
			}
		}
		if c.apply != nil {
			applies = append(applies, c.apply)
		}
	}
	if len(applies) == 0 {
		return nil
	}
	return s.db.Write(s.ctx, func(tx *storage.Tx) error {
		for _, fn := range applies {
			if err := fn(s.ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
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
