// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"kontor/app/journal"
	"kontor/storage"
)

// ensure makes sure that an operation of this kind brings a row to the server as it is now. One that waits serves if it
// says the same and everything that it must wait for is older; else one of its kind takes its place. A move that was tried
// in vain goes behind those that are planned before it by now: it may be one of them that is in its way.
func (a *applier) ensure(ctx context.Context, kind journal.Kind, row storage.FileRow, payload any) error {
	raw, err := json.Marshal(payload)
	if err != nil {
		return err
	}
	folder, err := a.PendingMkdir(ctx, row.ParentID)
	if err != nil {
		return err
	}
	fresh := journal.Op{AccountID: row.AccountID, Kind: kind, Undone: true}
	for _, o := range a.s.ops[row.ID] {
		if o.Kind != kind {
			continue
		}
		op, err := a.Op(ctx, o.ID)
		if err != nil {
			return err
		}
		switch same, err := alike(op.Payload, raw); {
		case err != nil:
			return fmt.Errorf("read operation %d: %w", op.ID, err)
		case op.State.Final():
			continue
		case same && !(kind == journal.FileMove && op.Tries > 1 && op.State == journal.Waiting) && (folder == 0 || folder < op.ID && op.DependsOn == folder):
			return a.again(ctx, op, row.Path)
		}
		if err := a.cancel(ctx, op); err != nil {
			return err
		}
		fresh = successor(op)
	}
	_, err = a.add(ctx, fresh, row, raw)
	return err
}

// successor takes the place of an operation that does not fit any more, in undo as well.
func successor(op journal.Op) journal.Op {
	next := journal.Op{
		AccountID: op.AccountID, Kind: op.Kind, Inverse: op.Inverse, Group: op.Group, Origin: cmp.Or(op.Origin, op.ID),
		Undone: op.Undone, Back: op.Back, Redo: op.Redo,
	}
	if op.State == journal.Held {
		next.State = journal.Held
	}
	return next
}

// early reports whether the deletion of a folder would come before a move out of it that was made anew since.
func (a *applier) early(ctx context.Context, id int64, row storage.FileRow) (bool, error) {
	if !row.Dir || row.Remote.Path == "" {
		return false, nil
	}
	below, err := a.FilesBelowRemote(ctx, row.AccountID, row.Remote.Path)
	if err != nil {
		return false, err
	}
	for _, r := range below {
		if r.Gone {
			continue
		}
		ops, err := a.OpsFor(ctx, "files", r.ID)
		if err != nil {
			return false, err
		}
		for _, op := range ops {
			if op.Kind == journal.FileMove && op.Targets[0].ID == r.ID && op.ID > id {
				return true, nil
			}
		}
	}
	return false, nil
}

// cancelEarly cancels the deletion of a folder that goes with the one it is in, if it would come too early.
func (a *applier) cancelEarly(ctx context.Context, id int64) error {
	row, err := a.File(ctx, id)
	if err != nil {
		return err
	}
	for _, o := range a.s.ops[id] {
		early, err := a.early(ctx, o.ID, row)
		if err != nil {
			return err
		}
		if o.Kind == journal.FileDelete && early {
			return a.drop(ctx, id, journal.FileDelete)
		}
	}
	return nil
}

// alike reports whether two payloads say the same, whatever else one of them notes.
func alike(old, wanted []byte) (bool, error) {
	var was, is map[string]any
	if err := json.Unmarshal(old, &was); err != nil {
		return false, err
	}
	if err := json.Unmarshal(wanted, &is); err != nil {
		return false, err
	}
	delete(was, roomKey)
	return maps.Equal(was, is), nil
}

// add stores an operation that follows from what was found on the disk. It is not part of what undo takes back, unless it
// takes the place of one that is: a person undoes that where it was done.
func (a *applier) add(ctx context.Context, op journal.Op, row storage.FileRow, payload []byte) (int64, error) {
	op.Target, op.Payload, op.Targets = row.Path, payload, []journal.Target{{Table: "files", ID: row.ID}}
	if err := a.order(ctx, &op, row); err != nil {
		return 0, err
	}
	if id := a.deletes[row.Path]; id != 0 && op.DependsOn == 0 {
		op.DependsOn = id
	}
	added, err := a.AddOp(ctx, op)
	if err != nil {
		return 0, err
	}
	added.Undone, added.Redo, added.State = op.Undone, op.Redo, cmp.Or(op.State, journal.Waiting)
	return added.ID, a.SaveOp(ctx, added)
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

// again tries an operation that failed because its place was taken, or was not what it was, now that this was looked at.
// What the server refused for another reason stays refused.
func (a *applier) again(ctx context.Context, op journal.Op, path string) error {
	overtaken := strings.Contains(op.LastError, errTaken.Error()) || strings.Contains(op.LastError, errStale.Error())
	if op.State != journal.Failed || !overtaken || op.Kind != journal.FilePut && !a.free(path) {
		return nil
	}
	op, err := journal.Again(op, time.Now())
	if err != nil {
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
		nowhere := rows[i].Local.Path == "" && rows[i].Trash == ""                          // what of it lies on the disk is found as new
		if !rows[i].Dir && (errors.Is(err, storage.ErrNotFound) || err == nil && nowhere) { // or the folder it was shown in is gone: the disk tells where it is
			err = errors.Join(a.drop(ctx, rows[i].ID, journal.FilePut), a.DeleteFile(ctx, rows[i].ID))
		}
	}
	return err
}

// dismiss gives up what failed for entries that a person has deleted since, and that never came to the server: the deletion would
// wait for it for ever.
func (a *applier) dismiss(ctx context.Context) error {
	for id, ops := range a.s.ops {
		if row := a.s.byID[id]; row == nil || !row.Gone || row.Remote.Path != "" {
			continue
		}
		for _, o := range ops {
			if o.State != journal.Failed || o.Kind == journal.FileDelete {
				continue
			}
			if err := a.drop(ctx, id, o.Kind); err != nil {
				return err
			}
		}
	}
	return nil
}

// lose forgets copies that are gone from a place where nothing is kept: the file itself stays on the server.
func (a *applier) lose(ctx context.Context) error {
	for id := range a.s.lost {
		if err := a.drop(ctx, id, journal.FilePut); err != nil { // nothing is here any more that could be uploaded
			return err
		}
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
