// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"kontor/app/files"
	"kontor/storage"
	"kontor/sync/reconcile"
)

// clear takes what goes out of the way before anything takes its place, and notes where something new waits for the place.
func (a *applier) clear(ctx context.Context, p reconcile.FilesPlan) error {
	made := map[string]bool{}
	a.going = map[int64]bool{}
	for _, act := range p.Actions {
		switch act.Kind {
		case reconcile.RemoveLocal, reconcile.Drop:
			a.going[act.Key] = true
		case reconcile.Put, reconcile.Mkdir:
			made[act.Path] = true
		case reconcile.MoveRemote:
			a.leaving[act.Remote.Path] = true
			if !a.s.frozen[act.Key] {
				a.moving[act.Remote.Path] = act.Key
			}
		case reconcile.RemoveRemote:
			a.leaving[act.Remote.Path] = true
		default:
		}
	}
	for _, act := range p.Actions {
		if act.Kind != reconcile.RemoveRemote || a.s.frozen[act.Key] {
			continue
		}
		if err := a.hide(ctx, act); err != nil {
			return err
		}
		if made[act.Path] && !act.Implied {
			a.deletes[act.Path] = 0
		}
	}
	return nil
}

// carry acts on everything. What needs room comes after what makes it, and a folder is deleted after what leaves it. What
// waits for each other goes one by one as it is; what has no place by then is left to the next look.
func (a *applier) carry(ctx context.Context, p reconcile.FilesPlan) error {
	todo := slices.DeleteFunc(slices.Clone(p.Actions), func(act reconcile.FileAction) bool {
		return act.Key != 0 && a.s.frozen[act.Key]
	})
	a.hold(p.Actions)
	for forced := false; len(todo) > 0; {
		var rest []reconcile.FileAction
		for _, act := range todo {
			taken, err := a.taken(ctx, act)
			if err != nil {
				return fmt.Errorf("record what changed: %w", err)
			}
			if taken || !forced && a.waits(act, rest) {
				rest = append(rest, act)
				continue
			}
			err = a.act(ctx, act)
			if errors.Is(err, storage.ErrNotFound) { // its folder is not there, or not yet
				rest = append(rest, act)
				continue
			}
			if err != nil {
				return fmt.Errorf("record what changed: %w", err)
			}
			if act.Kind == reconcile.MoveRemote {
				delete(a.moving, act.Remote.Path)
			}
			forced = false
		}
		stuck := len(rest) == len(todo)
		if stuck && forced {
			a.s.aside = true
			return nil
		}
		todo, forced = rest, stuck
	}
	return nil
}

// shows reports whether an action shows something at its path.
func shows(act reconcile.FileAction) bool {
	switch act.Kind {
	case reconcile.RemoveLocal, reconcile.RemoveRemote, reconcile.Drop, reconcile.Clash:
		return false
	default:
		return true
	}
}

// hold notes the places of actions at which rows are shown that the plan has nothing to say about, or may not decide now.
func (a *applier) hold(actions []reconcile.FileAction) {
	wanted, planned := make(map[string]bool, len(actions)), make(map[int64]bool, len(actions))
	for _, act := range actions {
		if planned[act.Key] = !a.s.frozen[act.Key]; shows(act) {
			wanted[act.Path] = true
		}
	}
	a.held = map[string]bool{}
	for i := range a.s.rows {
		if r := &a.s.rows[i]; !r.Gone && !planned[r.ID] && wanted[r.Path] {
			a.held[r.Path] = true
		}
	}
}

// taken reports whether such a row is shown at the place of an action by now. The action is left to the next look then,
// unless something moves that row away with its folder.
func (a *applier) taken(ctx context.Context, act reconcile.FileAction) (bool, error) {
	if !a.held[act.Path] || !shows(act) {
		return false, nil
	}
	row, err := a.FileByPath(ctx, a.w.cfg.Account.ID, act.Path)
	if errors.Is(err, storage.ErrNotFound) {
		return false, nil
	}
	return row.ID != act.Key, err
}

// waits reports whether others have to come before an action; rest are those that wait already.
func (a *applier) waits(act reconcile.FileAction, rest []reconcile.FileAction) bool {
	if act.Kind == reconcile.RemoveRemote {
		return act.Dir && slices.ContainsFunc(rest, func(r reconcile.FileAction) bool {
			return r.Kind == reconcile.MoveRemote && files.Within(r.From, act.Remote.Path)
		})
	}
	travels := act.Kind == reconcile.Put || act.Kind == reconcile.Mkdir || act.Kind == reconcile.MoveRemote
	for path := act.Path; path != ""; path = files.Parent(path) {
		if id, taken := a.deletes[path]; taken && id == 0 {
			return true
		}
		if row := a.moving[path]; travels && row != 0 && row != act.Key {
			return true
		}
	}
	return false
}
