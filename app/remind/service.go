// SPDX-License-Identifier: EUPL-1.2

package remind

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"kontor/app/live"
	"kontor/app/tasks"
	"kontor/storage"
)

// Show is told what rings now and everything that waits for an answer, whenever one of them changes.
type Show func(ringing, open []tasks.Ring)

// Service rings while it runs.
type Service struct {
	db  *storage.DB
	log *slog.Logger
	now func() time.Time
	// slice is the longest that is waited in one piece: timers stand still while a computer sleeps and do not feel that its
	// clock is set, so the clock is read again that often.
	slice time.Duration

	mu    sync.Mutex
	open  []tasks.Ring
	shown bool
	held  int // tasks that are not rung for now
}

// New makes the service. It does nothing before Run.
func New(db *storage.DB, log *slog.Logger) *Service {
	return &Service{db: db, log: log, now: time.Now, slice: 15 * time.Second}
}

const (
	// horizon is how far ahead tasks are read. The moments of days and of times without a zone move with the zone of the
	// computer, so what is stored of them is only right to about a day.
	horizon = 26 * time.Hour
	// pause gathers the changes of a synchronisation that writes many times a second.
	pause = 500 * time.Millisecond
	// portion is how many tasks of an older store are read in one transaction.
	portion = 500
)

// Run rings until ctx ends. show is called on the service's goroutine.
func (s *Service) Run(ctx context.Context, show Show) {
	changes := s.db.Changes().Subscribe(live.Tasks | live.Accounts | live.Settings)
	defer changes.Close()
	s.catchUp(ctx)
	timer := time.NewTimer(0)
	defer timer.Stop()
	var next time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case _, open := <-changes.C():
			if !open {
				return
			}
			if !next.IsZero() { // else it is about to look
				next = time.Time{}
				timer.Reset(pause)
			}
			continue
		case <-timer.C:
		}
		if now := s.now().Round(0); !next.After(now) {
			next = s.look(ctx, now, show)
		}
		timer.Reset(min(max(next.Sub(s.now().Round(0)), 0), s.slice))
	}
}

// catchUp reads the tasks of a store that an older version wrote.
func (s *Service) catchUp(ctx context.Context) {
	for more := true; more; {
		err := s.db.Write(ctx, func(tx *storage.Tx) (err error) {
			more, err = tx.ReadOldReminders(ctx, portion)
			return err
		})
		if err != nil {
			s.fail(ctx, err)
			return
		}
	}
}

// look rings for what is due and says when to look again.
func (s *Service) look(ctx context.Context, now time.Time, show Show) time.Time {
	again := now.Add(horizon / 2)
	all, err := s.db.Reminders(ctx, now.Add(horizon))
	if err != nil {
		s.fail(ctx, err)
		return now.Add(s.slice)
	}
	all, quiet, err := s.collect(ctx, now, all)
	if err != nil {
		s.fail(ctx, err)
		return now.Add(s.slice)
	}
	p := decide(now, all)
	ringing, err := s.claim(ctx, p)
	if err != nil {
		s.fail(ctx, err)
		return now.Add(s.slice)
	}
	if s.store(p.open) || len(ringing) > 0 {
		show(ringing, p.open)
	}
	for _, at := range []time.Time{p.next, quiet} {
		if !at.IsZero() && at.Before(again) {
			again = at
		}
	}
	return again
}

// claim stores what rings and gives back what no other process rang meanwhile. It is on the disk before anybody hears it.
func (s *Service) claim(ctx context.Context, p plan) ([]tasks.Ring, error) {
	if len(p.mark) == 0 {
		return nil, nil
	}
	mine := map[int64]bool{}
	err := s.db.WriteDurable(ctx, func(tx *storage.Tx) error {
		clear(mine)
		for _, m := range p.mark {
			fresh, err := tx.Rang(ctx, m.Ring, m.closed)
			if err != nil {
				return err
			}
			mine[m.TaskID] = mine[m.TaskID] || (fresh && !m.closed)
		}
		return nil
	})
	var ringing []tasks.Ring
	for _, r := range p.ring {
		if mine[r.TaskID] {
			ringing = append(ringing, r)
		}
	}
	return ringing, err
}

// store keeps what waits for an answer; true where that is something else than before.
func (s *Service) store(open []tasks.Ring) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	same := s.shown && len(open) == len(s.open)
	for i := range open {
		same = same && open[i].TaskID == s.open[i].TaskID && open[i].At.Equal(s.open[i].At) && open[i].Title == s.open[i].Title
	}
	changed := !same && (s.shown || len(open) > 0)
	s.open, s.shown = open, true
	return changed
}

// Open is what has rung and waits for an answer, in the order of its moments.
func (s *Service) Open() []tasks.Ring {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open
}

// Next is the reminder that will ring next; false where there is none.
func (s *Service) Next(ctx context.Context) (tasks.Ring, bool) {
	now := s.now()
	at, err := s.db.NextReminder(ctx, now)
	if err != nil {
		s.fail(ctx, err)
		return tasks.Ring{}, false
	}
	if at.IsZero() {
		at = now
	}
	all, err := s.db.Reminders(ctx, at)
	if err != nil {
		s.fail(ctx, err)
		return tasks.Ring{}, false
	}
	var next tasks.Ring
	for _, r := range all {
		if !r.Rung && r.At.After(now) && (next.UID == "" || r.At.Before(next.At)) {
			next = r.Ring
		}
	}
	return next, next.UID != ""
}

func (s *Service) fail(ctx context.Context, err error) {
	if ctx.Err() == nil {
		s.log.Error("reminders cannot be read", slog.Any("error", err))
	}
}
