// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"kontor/app/files"
	"kontor/app/journal"
	"kontor/storage"
)

// update brings an upload that waits up to date; one that was refused is tried again with the new content.
func (a *applier) update(ctx context.Context, row storage.FileRow, payload files.PutOp) (bool, error) {
	folder, err := a.PendingMkdir(ctx, row.ParentID)
	if err != nil {
		return false, err
	}
	for _, o := range a.s.ops[row.ID] {
		if o.Kind != journal.FilePut {
			continue
		}
		if o.ID < folder { // its folder is to be made again, which would have to wait for it
			return false, a.drop(ctx, row.ID, journal.FilePut)
		}
		op, err := a.Op(ctx, o.ID)
		if err != nil {
			return false, err
		}
		var old files.PutOp
		if err := json.Unmarshal(op.Payload, &old); err != nil {
			return false, fmt.Errorf("read operation %d: %w", op.ID, err)
		}
		if old == payload {
			if !strings.Contains(op.LastError, errTaken.Error()) && !strings.Contains(op.LastError, errStale.Error()) {
				return true, nil
			}
			return true, a.again(ctx, o, row.Path)
		}
		if op.State == journal.Failed {
			if op, err = journal.Again(op, time.Now()); err != nil {
				return false, err
			}
		}
		if op.Payload, err = json.Marshal(payload); err != nil {
			return false, err
		}
		return true, a.SaveOp(ctx, op)
	}
	return false, nil
}

// add stores an operation that follows from what was found on the disk. It is not part of what undo takes back: a
// person undoes that where it was done.
func (a *applier) add(ctx context.Context, kind journal.Kind, row storage.FileRow, payload any) (int64, error) {
	raw, err := json.Marshal(payload)
	if err != nil {
		return 0, err
	}
	op := journal.Op{
		AccountID: row.AccountID, Kind: kind, Target: row.Path, Payload: raw,
		Targets: []journal.Target{{Table: "files", ID: row.ID}},
	}
	if err := a.order(ctx, &op, row); err != nil {
		return 0, err
	}
	if id := a.deletes[row.Path]; id != 0 && op.DependsOn == 0 {
		op.DependsOn = id
	}
	if op, err = a.AddOp(ctx, op); err != nil {
		return 0, err
	}
	op.Undone = true
	return op.ID, a.SaveOp(ctx, op)
}

// order keeps an operation from overtaking others. Looking at all that is pending for each of thousands of new files
// would take long, and is only needed where something moves or folders go.
func (a *applier) order(ctx context.Context, op *journal.Op, row storage.FileRow) (err error) {
	structural := op.Kind == journal.FileMove || (row.Dir && op.Kind == journal.FileDelete)
	if a.structural = a.structural || structural; !a.structural {
		op.DependsOn, err = a.PendingMkdir(ctx, row.ParentID)
		return err
	}
	var others []journal.Target
	op.DependsOn, others, err = a.FileOrder(ctx, row, op.Kind)
	op.Targets = append(op.Targets, others...)
	return err
}

// restructures reports whether an operation that moves something or deletes a folder is pending.
func (s *situation) restructures() bool {
	for id, ops := range s.ops {
		row := s.byID[id]
		for _, op := range ops {
			if op.Kind == journal.FileMove || (op.Kind == journal.FileDelete && (row == nil || row.Dir)) {
				return true
			}
		}
	}
	return false
}

// free reports whether a place on the server is free, or what lies there is to leave it.
func (a *applier) free(path string) bool { return a.s.onSrv[path] == nil || a.leaving[path] }

// again tries an operation that failed because its place was taken once more, now that the place is free.
func (a *applier) again(ctx context.Context, o storage.FileOp, path string) error {
	if o.State != journal.Failed || !a.free(path) {
		return nil
	}
	op, err := a.Op(ctx, o.ID)
	if err != nil {
		return err
	}
	if op, err = journal.Again(op, time.Now()); err != nil {
		return err
	}
	return a.SaveOp(ctx, op)
}

// drop cancels operations of some kinds about a row that the plan has overtaken.
func (a *applier) drop(ctx context.Context, id int64, kinds ...journal.Kind) error {
	for _, o := range a.s.ops[id] {
		for _, k := range kinds {
			if o.Kind != k || o.State == journal.Running || o.State == journal.InDoubt {
				continue
			}
			op, err := a.Op(ctx, o.ID)
			if err != nil {
				return err
			}
			if op.State.Final() {
				continue
			}
			if err := a.cancel(ctx, op); err != nil {
				return err
			}
		}
	}
	return nil
}

// cancel ends an operation whose effect is there already; what waited for it waits no longer.
func (a *applier) cancel(ctx context.Context, op journal.Op) error {
	op.State, op.Updated = journal.Cancelled, time.Now()
	if err := a.SaveOp(ctx, op); err != nil {
		return err
	}
	dependents, err := a.Dependents(ctx, op.ID)
	if err != nil {
		return err
	}
	for _, d := range dependents {
		d.DependsOn = 0
		if err := a.SaveOp(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

// forgetBelow forgets what the server had in a folder in whose place it has a file now.
func (a *applier) forgetBelow(ctx context.Context, row storage.FileRow) error {
	if !row.Dir || row.Remote.Path == "" {
		return nil
	}
	rows, err := a.FilesBelowRemote(ctx, row.AccountID, row.Remote.Path)
	for i := 0; err == nil && i < len(rows); i++ {
		if a.s.frozen[rows[i].ID] {
			continue
		}
		rows[i].Remote, rows[i].Base = storage.FileRemote{}, storage.FileBase{}
		err = errors.Join(a.drop(ctx, rows[i].ID, journal.FileMove, journal.FileDelete), a.SaveFile(ctx, rows[i]))
	}
	return err
}

// lose forgets copies that are gone from a place where nothing is kept: the file itself stays on the server.
func (a *applier) lose(ctx context.Context) error {
	for id := range a.s.lost {
		row, err := a.File(ctx, id)
		if err != nil {
			return err
		}
		row.Local, row.Base, row.Wanted = storage.FileLocal{}, storage.FileBase{}, false
		if err := a.SaveFile(ctx, row); err != nil {
			return err
		}
	}
	return nil
}
