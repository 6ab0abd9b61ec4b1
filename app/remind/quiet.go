// SPDX-License-Identifier: EUPL-1.2

package remind

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"kontor/storage"
)

// settingQuiet is where it is kept when nobody wants to be disturbed.
const settingQuiet = "remind.quiet"

// Quiet is when reminders are collected: they ring when it is over. Nothing of it is known to other devices.
type Quiet struct {
	On    bool      `json:"on,omitempty"`    // now
	Until time.Time `json:"until,omitzero"`  // how long, zero for until it is switched off
	Hours bool      `json:"hours,omitempty"` // each day from From to To
	From  int       `json:"from,omitempty"`  // in minutes after midnight, on this computer's clock
	To    int       `json:"to,omitempty"`    // the same; before From for the next day
}

// Evening are the hours that nobody wants to be disturbed in as long as nothing else was said.
var Evening = Quiet{From: 18 * 60, To: 7 * 60}

// At reports whether reminders are collected at a moment, and until when; zero where only a person ends it.
func (q Quiet) At(now time.Time) (until time.Time, quiet bool) {
	hours, within := q.hours(now)
	switch {
	case q.On && q.Until.IsZero():
		return time.Time{}, true
	case q.On && q.Until.After(now):
		if within && hours.After(q.Until) {
			return hours, true
		}
		return q.Until, true
	}
	return hours, within
}

// hours reports whether a moment lies in the hours of each day, and when those end.
func (q Quiet) hours(now time.Time) (until time.Time, within bool) {
	if !q.Hours || q.From == q.To {
		return time.Time{}, false
	}
	y, m, d := now.Date()
	at := func(day, minute int) time.Time { return time.Date(y, m, d+day, 0, minute, 0, 0, now.Location()) }
	for _, day := range []int{-1, 0} { // those that began yesterday too
		from, to := at(day, q.From), at(day, q.To)
		if q.To < q.From {
			to = at(day+1, q.To)
		}
		if !now.Before(from) && now.Before(to) {
			return to, true
		}
	}
	return time.Time{}, false
}

// Quiet is what was chosen last. What cannot be read is as if nothing had been chosen.
func (s *Service) Quiet(ctx context.Context) (Quiet, error) {
	text, err := s.db.Setting(ctx, settingQuiet, "")
	if err != nil || text == "" {
		return Evening, err
	}
	q := Evening
	known := json.Unmarshal([]byte(text), &q) == nil
	if !known || !ofDay(q.From) || !ofDay(q.To) {
		q = Evening
	}
	return q, nil
}

// ofDay reports whether a number is one of the minutes of a day.
func ofDay(n int) bool { return n >= 0 && n < 24*60 }

// SetQuiet chooses when reminders are collected. Those that were collected ring when it is over, also after a restart.
func (s *Service) SetQuiet(ctx context.Context, q Quiet) error {
	text, err := json.Marshal(q)
	if err == nil {
		err = s.db.WriteDurable(ctx, func(tx *storage.Tx) error { return tx.SetSetting(ctx, settingQuiet, string(text)) })
	}
	if err != nil {
		return fmt.Errorf("choose when to be quiet: %w", err)
	}
	return nil
}

// hold takes what would ring now out of the reminders, and counts its tasks.
func hold(now time.Time, all []storage.Reminder) (rest []storage.Reminder, held int) {
	waits := map[int64]bool{}
	rest = slices.DeleteFunc(slices.Clone(all), func(r storage.Reminder) bool {
		ring := !r.Rung && !r.At.After(now) && r.At.After(r.Known)
		if ring {
			waits[r.TaskID] = true
		}
		return ring
	})
	return rest, len(waits)
}

// Held is how many tasks would have rung if it was not quiet.
func (s *Service) Held() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.held
}

// collect leaves out what is not to ring now, and says when that is over; zero where a person ends it, or where all may ring.
func (s *Service) collect(ctx context.Context, now time.Time, all []storage.Reminder) ([]storage.Reminder, time.Time, error) {
	q, err := s.Quiet(ctx)
	if err != nil {
		return nil, time.Time{}, err
	}
	until, quiet := q.At(now)
	held := 0
	if quiet {
		all, held = hold(now, all)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = held
	return all, until, nil
}
