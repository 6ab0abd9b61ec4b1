// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"kontor/app/files"
	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
)

// What undo and redo say when they did not, or not wholly, do what they were asked for.
var (
	// ErrNothingToUndo and ErrNothingToRedo: the history ends here.
	ErrNothingToUndo = errors.New("there is nothing to undo")
	ErrNothingToRedo = errors.New("there is nothing to redo")
	// ErrUndoLater is returned while the action is just being carried out or in doubt: taking it back now could be done
	// before the action itself.
	ErrUndoLater = errors.New("the last action is just being carried out")
	// ErrNoWayBack: the server has confirmed the action and nothing brings back what was before. The next undo is about
	// the action before it.
	ErrNoWayBack = errors.New("this action cannot be taken back")
	// ErrPartlyBack: a part of the action was taken back, for the rest there is no way back.
	ErrPartlyBack = errors.New("a part of this action cannot be taken back")
	// ErrMeanwhile: some of what the action was about has been moved or deleted since, mostly by others; that stays so.
	ErrMeanwhile = errors.New("some of it has been moved or deleted meanwhile")
)

func init() {
	explain(ErrNothingToRedo, "app.error.no-redo")
	explain(ErrNoWayBack, "app.error.no-way-back")
	explain(ErrPartlyBack, "app.error.partly-back")
	explain(ErrMeanwhile, "app.error.meanwhile")
}

// HistorySteps is how many actions undo and redo reach back, at least.
const HistorySteps = 250

// Steps names what Undo and Redo would be about now, in a person's words; empty for nothing.
func (j *Journal) Steps(ctx context.Context) (undo, redo string, err error) {
	name := func(next func(context.Context) (int64, error), concerns func(journal.Op) bool) (string, error) {
		group, err := next(ctx)
		if errors.Is(err, storage.ErrNotFound) {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		changes, err := j.db.StepChanges(ctx, group)
		return wordsOf(changes, concerns), err
	}
	if undo, err = name(j.db.NextUndo, toUndo); err != nil {
		return "", "", err
	}
	redo, err = name(j.db.NextRedo, toRedo)
	return undo, redo, err
}

// Undo takes the newest action back: what has not left is dropped, what the server has confirmed is compensated by new
// operations. It returns what the action was about, also with ErrNoWayBack, ErrPartlyBack and ErrMeanwhile.
func (j *Journal) Undo(ctx context.Context) (string, error) {
	return j.turn(ctx, "undo", func(w *turning) error {
		group, err := w.NextUndo(ctx)
		if errors.Is(err, storage.ErrNotFound) {
			return ErrNothingToUndo
		}
		if err != nil {
			return err
		}
		if err := errors.Join(w.read(ctx, group, toUndo), w.ForgetRedo(ctx, group)); err != nil {
			return err
		}
		return w.undo(ctx)
	})
}

// Redo does the action again that was taken back last, unless something else was done since. It returns what the action
// is about, also with ErrMeanwhile.
func (j *Journal) Redo(ctx context.Context) (string, error) {
	return j.turn(ctx, "redo", func(w *turning) error {
		group, err := w.NextRedo(ctx)
		if errors.Is(err, storage.ErrNotFound) {
			return ErrNothingToRedo
		}
		if err != nil {
			return err
		}
		if err := w.read(ctx, group, toRedo); err != nil {
			return err
		}
		return w.redo(ctx)
	})
}

// Tidy drops the way back of actions that are further back than HistorySteps.
func (j *Journal) Tidy(ctx context.Context) error {
	return j.db.Write(ctx, func(tx *storage.Tx) error { return tx.TrimHistory(ctx, HistorySteps) })
}

func (j *Journal) turn(ctx context.Context, name string, act func(*turning) error) (string, error) {
	w := &turning{now: time.Now()}
	err := j.db.WriteDurable(ctx, func(tx *storage.Tx) error {
		w.Tx = tx
		return errors.Join(act(w), tx.TrimHistory(ctx, HistorySteps))
	})
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	j.wake(0)
	var ops []journal.Op
	for _, c := range w.changes {
		ops = append(ops, c.Origin())
	}
	if err := j.follow(ctx, ops...); err != nil {
		return w.what, err
	}
	switch {
	case w.stuck > 0 && w.turned == 0:
		return w.what, fmt.Errorf("%s: %w", name, ErrNoWayBack)
	case w.stuck > 0:
		return w.what, fmt.Errorf("%s: %w", name, ErrPartlyBack)
	case w.lost > 0:
		return w.what, fmt.Errorf("%s: %w", name, ErrMeanwhile)
	}
	return w.what, nil
}

// turning is an action on its way back, or forth again.
type turning struct {
	*storage.Tx
	now     time.Time
	changes []journal.Change
	what    string // what the action is about, in a person's words
	turned  int    // changes that could be turned
	stuck   int    // changes that there is no way back from
	lost    int    // things that others have changed meanwhile
}

func (w *turning) read(ctx context.Context, group int64, concerns func(journal.Op) bool) (err error) {
	w.changes, err = w.StepChanges(ctx, group)
	w.what = wordsOf(w.changes, concerns)
	return err
}

// again reads a change as it is now: turning another one may have changed it.
func (w *turning) again(ctx context.Context, c journal.Change) (journal.Change, error) {
	fresh := make(journal.Change, len(c))
	var err error
	for i, op := range c {
		if fresh[i], err = w.Op(ctx, op.ID); err != nil {
			return nil, err
		}
	}
	return fresh, nil
}

// undo takes the changes of the action back, the newest first.
func (w *turning) undo(ctx context.Context) error {
	repeatable := !slices.ContainsFunc(w.changes, func(c journal.Change) bool { return !c.Origin().Kind.Repeatable() })
	for _, c := range slices.Backward(w.changes) {
		c, err := w.again(ctx, c)
		if err != nil {
			return err
		}
		origin := c.Origin()
		if origin.Undone {
			continue // it goes with the others, or was no step of its own
		}
		turn, op := c.Undo()
		if turn == journal.Later {
			return ErrUndoLater
		}
		acts := turn == journal.Drop || turn == journal.Compensate
		if err := w.mark(ctx, origin, true, acts && repeatable); err != nil {
			return err
		}
		switch turn {
		case journal.Drop:
			revived, failed := w.revive(ctx, op)
			err = errors.Join(failed, w.park(ctx, origin), w.drop(ctx, op), w.recompute(ctx, revived))
		case journal.Compensate:
			err = errors.Join(w.park(ctx, origin), w.compensate(ctx, origin))
		case journal.Impossible:
			w.stuck++
		case journal.Nothing, journal.Repeat, journal.Later:
		}
		if err != nil {
			return err
		}
		if acts {
			w.turned++
		}
	}
	return nil
}

// redo does the changes of the action again, the oldest first.
func (w *turning) redo(ctx context.Context) error {
	for _, c := range w.changes {
		c, err := w.again(ctx, c)
		if err != nil {
			return err
		}
		origin := c.Origin()
		if !origin.Redo {
			continue
		}
		turn, op := c.Redo()
		if turn == journal.Later {
			return ErrUndoLater
		}
		if err := w.mark(ctx, origin, false, false); err != nil {
			return err
		}
		switch turn {
		case journal.Drop:
			err = w.drop(ctx, op)
		case journal.Repeat:
			err = errors.Join(w.forgo(ctx, &origin), w.repeat(ctx, origin))
		case journal.Nothing, journal.Compensate, journal.Impossible, journal.Later:
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *turning) mark(ctx context.Context, origin journal.Op, undone, redo bool) error {
	origin.Undone, origin.Redo, origin.Updated = undone, redo, w.now
	return w.SaveOp(ctx, origin)
}

func (w *turning) drop(ctx context.Context, op journal.Op) error {
	op, err := w.Op(ctx, op.ID)
	if err != nil {
		return err
	}
	dropped, err := journal.Cancel(op, w.now)
	if err != nil {
		return err
	}
	return w.Drop(ctx, dropped)
}

// droppedBy reads which operations a deletion made needless.
func droppedBy(op journal.Op) ([]int64, error) {
	if op.Kind != journal.FileDelete {
		return nil, nil
	}
	var p files.DeleteOp
	err := json.Unmarshal(op.Payload, &p)
	return p.Dropped, err
}

// revive asks again for what a deletion that is taken back had made needless.
func (w *turning) revive(ctx context.Context, deletion journal.Op) ([]journal.Op, error) {
	ids, err := droppedBy(deletion)
	var revived []journal.Op
	for _, id := range ids {
		op, err := w.Op(ctx, id)
		if err != nil {
			return revived, err
		}
		if op, err = journal.Revive(op, w.now); err != nil {
			continue // it was taken back by itself
		}
		if err := w.SaveOp(ctx, op); err != nil {
			return revived, err
		}
		revived = append(revived, op)
	}
	return revived, err
}

func (w *turning) recompute(ctx context.Context, ops []journal.Op) error {
	for _, op := range ops {
		if err := w.Recompute(ctx, op); err != nil {
			return err
		}
	}
	return nil
}

// forgo drops what a deletion makes needless that is done once more, and notes it in the deletion.
func (w *turning) forgo(ctx context.Context, deletion *journal.Op) error {
	if deletion.Kind != journal.FileDelete || len(deletion.Targets) == 0 {
		return nil
	}
	row, err := w.File(ctx, deletion.Targets[0].ID)
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	var p files.DeleteOp
	if err := json.Unmarshal(deletion.Payload, &p); err != nil {
		return err
	}
	if p.Dropped, err = dropNeedless(ctx, w.Tx, row); err != nil {
		return err
	}
	deletion.Payload, err = json.Marshal(p)
	return err
}

// park keeps the rows that taking a change back removes.
func (w *turning) park(ctx context.Context, origin journal.Op) error {
	made, err := rowsMade(origin)
	if err != nil {
		return err
	}
	for _, t := range made {
		if err := w.Park(ctx, origin, t); err != nil {
			return err
		}
	}
	return nil
}

// rowsMade gives the rows that came with an operation and go with it.
func rowsMade(op journal.Op) ([]journal.Target, error) {
	switch op.Kind {
	case journal.MailCopy:
		var p mail.CopyOp
		err := json.Unmarshal(op.Payload, &p)
		return messageTargets(p.Copies...), err
	case journal.MailAppend:
		if len(op.Inverse) == 0 {
			return nil, nil
		}
		var inverse journal.Inverse
		if err := json.Unmarshal(op.Inverse, &inverse); err != nil || inverse.Kind != journal.MailDelete {
			return nil, err
		}
		var p mail.DeleteOp
		err := json.Unmarshal(inverse.Payload, &p)
		return messageTargets(p.IDs...), err
	case journal.MailFolderCreate, journal.TaskListCreate, journal.FileMkdir, journal.FilePut:
		return op.Targets[:min(1, len(op.Targets))], nil
	}
	return nil, nil
}

// compensate adds the operation that takes a confirmed one back, and shows its effect at once.
func (w *turning) compensate(ctx context.Context, origin journal.Op) error {
	var inverse journal.Inverse
	if err := json.Unmarshal(origin.Inverse, &inverse); err != nil {
		return fmt.Errorf("read the inverse of operation %d: %w", origin.ID, err)
	}
	return w.add(ctx, journal.Op{
		AccountID: origin.AccountID, Kind: inverse.Kind, Target: inverse.Target, Payload: inverse.Payload, Targets: origin.Targets,
		Group: origin.Group, Origin: origin.ID, Back: true, Undone: true,
	})
}

// repeat adds the operation of a change once more, and shows its effect at once.
func (w *turning) repeat(ctx context.Context, origin journal.Op) error {
	op := journal.Op{
		AccountID: origin.AccountID, Kind: origin.Kind, Target: origin.Target, Payload: origin.Payload, Inverse: origin.Inverse,
		Targets: origin.Targets, Group: origin.Group, Origin: origin.ID, Undone: true,
	}
	for _, c := range w.changes {
		if c.Origin().ID != origin.DependsOn {
			continue
		}
		changes, err := w.StepChanges(ctx, origin.Group) // its own repetition has just been added
		if err != nil {
			return err
		}
		for _, fresh := range changes {
			if pending, ok := fresh.Pending(); ok && fresh.Origin().ID == origin.DependsOn {
				op.DependsOn = pending.ID
			}
		}
	}
	return w.add(ctx, op)
}

// add gives an operation of the history to the server, as far as what it is about is still as the history left it.
func (w *turning) add(ctx context.Context, op journal.Op) error {
	made, err := rowsMade(op)
	if err != nil {
		return err
	}
	for _, t := range made {
		if err := w.Unpark(ctx, t); err != nil {
			return err
		}
	}
	fits, err := w.fit(ctx, &op)
	if err != nil || !fits {
		return err
	}
	if err := w.order(ctx, &op); err != nil {
		return err
	}
	if op, err = w.AddOp(ctx, op); err != nil {
		return err
	}
	return w.Recompute(ctx, op)
}
