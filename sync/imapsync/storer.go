// SPDX-License-Identifier: EUPL-1.2

package imapsync

import "sync"

// storer writes to the store beside the reading of what comes next, in the order of put. The first error ends it.
type storer struct {
	jobs chan func(before error) error
	done chan struct{}
	mu   sync.Mutex
	err  error
}

// storerAhead is how many batches wait to be stored while the next is read.
const storerAhead = 1

func newStorer() *storer {
	s := &storer{jobs: make(chan func(error) error, storerAhead), done: make(chan struct{})}
	go func() {
		defer close(s.done)
		for job := range s.jobs {
			if err := job(s.failed()); err != nil {
				s.mu.Lock()
				s.err = err
				s.mu.Unlock()
			}
		}
	}()
	return s
}

func (s *storer) failed() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// put stores something soon. The error is that of something before.
func (s *storer) put(job func() error) error {
	if err := s.failed(); err != nil {
		return err
	}
	s.jobs <- func(before error) error {
		if before != nil {
			return before
		}
		return job()
	}
	return nil
}

// flush waits until all that was put is stored.
func (s *storer) flush() error {
	stored := make(chan struct{})
	s.jobs <- func(before error) error {
		close(stored)
		return before
	}
	<-stored
	return s.failed()
}

// close stores what was put and ends the storer.
func (s *storer) close() error {
	close(s.jobs)
	<-s.done
	return s.failed()
}
