// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"errors"
	"time"

	"kontor/app/tasks"
)

func init() { explain(tasks.ErrAlarmDate, "remind.error.date") }

// Snooze answers what has rung of a task and lets it ring again at another time, on every device.
func (s *Tasks) Snooze(ctx context.Context, id int64, until time.Time) error {
	return s.SnoozeAll(ctx, []int64{id}, until)
}

// SnoozeAll is Snooze for several tasks as one step.
func (s *Tasks) SnoozeAll(ctx context.Context, ids []int64, until time.Time) error {
	now := time.Now()
	return s.rewriteAll(ctx, "put off reminder", ids, func(text string) (string, error) { return tasks.Snooze(text, until, now) })
}

// Acknowledge answers what has rung of tasks, on every device; of tasks that cannot be changed, on this one.
func (s *Tasks) Acknowledge(ctx context.Context, ids []int64) error {
	now := time.Now()
	return s.act(ctx, "answer reminder", func(a *action) error {
		for _, id := range ids {
			err := a.rewrite(id, func(text string) (string, error) { return tasks.Acknowledge(text, now) })
			if errors.Is(err, tasks.ErrReadOnly) {
				err = a.AnswerHere(ctx, id)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}
