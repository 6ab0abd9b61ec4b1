// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"encoding/json"
	"fmt"

	"kontor/app/files"
	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/app/tasks"
)

// Planned is an operation that will be carried out as soon as its server can be reached, unless a person holds it back.
type Planned struct {
	journal.Op
	Items  int   // how many messages, files or tasks it is about
	Octets int64 // what has to be sent for it, apart from the commands themselves
}

// Plan lists what waits, in the order in which it was asked for: operations about the same thing keep that order.
func (j *Journal) Plan(ctx context.Context) ([]Planned, error) {
	ops, err := j.db.PendingOps(ctx, 0)
	if err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	plan := make([]Planned, len(ops))
	for i, op := range ops {
		items, octets, message, err := weigh(op)
		if err != nil {
			return nil, fmt.Errorf("plan: %w", err)
		}
		if message != 0 {
			list, err := j.db.MailSummaries(ctx, []int64{message})
			if err != nil {
				return nil, fmt.Errorf("plan: %w", err)
			}
			for _, s := range list {
				octets = s.Size
			}
		}
		plan[i] = Planned{Op: op, Items: items, Octets: octets}
	}
	return plan, nil
}

// weigh says what an operation is about and what has to be sent for it; message names one that is sent whole.
func weigh(op journal.Op) (items int, octets, message int64, err error) {
	switch op.Kind {
	case journal.MailFlags, journal.MailMove, journal.MailCopy, journal.MailDelete:
		var p struct {
			IDs []int64 `json:"ids"`
		}
		err = json.Unmarshal(op.Payload, &p)
		return len(p.IDs), 0, 0, err
	case journal.MailAppend:
		var p mail.AppendOp
		err = json.Unmarshal(op.Payload, &p)
		return 1, 0, p.ID, err
	case journal.MailSend:
		var p mail.SendOp
		err = json.Unmarshal(op.Payload, &p)
		return 1, 0, p.ID, err
	case journal.FilePut:
		var p files.PutOp
		err = json.Unmarshal(op.Payload, &p)
		return 1, p.Size, 0, err
	case journal.TaskPut:
		var p tasks.PutOp
		err = json.Unmarshal(op.Payload, &p)
		return 1, int64(len(p.After)), 0, err
	}
	return 1, 0, 0, nil
}
