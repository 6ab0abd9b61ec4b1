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
	for _, act := range p.Actions {
		switch act.Kind {
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
	for forced := false; len(todo) > 0; {
		var rest []reconcile.FileAction
		for _, act := range todo {
			if !forced && a.waits(act, rest) {
				rest = append(rest, act)
				continue
			}
			err := a.act(ctx, act)
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
