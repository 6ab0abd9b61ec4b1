// SPDX-License-Identifier: EUPL-1.2

package engine

import (
	"errors"
	"testing"
	"time"

	"kontor/app/journal"
)

type coded struct{ error }

func (coded) Code() string { return "tasks.repeats-here" }

// What is done keeps what there is to say of it, and nothing that went wrong.
func TestDoneMayHaveSomethingToSay(t *testing.T) {
	for _, c := range []struct {
		outcome      journal.Outcome
		err          error
		cause, error string
	}{
		{journal.Succeeded, coded{errors.New("kept here")}, "tasks.repeats-here", ""},
		{journal.Succeeded, nil, "", ""},
		{journal.Rejected, coded{errors.New("kept here")}, "tasks.repeats-here", "kept here"},
	} {
		op := attempt{res: Result{Outcome: c.outcome}, err: c.err}.outcome(journal.Op{State: journal.Running, Cause: "old"}, time.Now(), 0)
		if op.Cause != c.cause || op.LastError != c.error {
			t.Errorf("%d with %v: %q %q", c.outcome, c.err, op.Cause, op.LastError)
		}
	}
}
