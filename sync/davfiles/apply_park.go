// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"kontor/app/files"
	"kontor/app/journal"
	"kontor/storage"
	"kontor/sync/reconcile"
)

// parked is a folder that lies nowhere while a plan is recorded, since something else takes its place before it has left:
// what is in a folder moves with it by the beginning of its path, and must not be mixed with what comes.
type parked struct {
	id                  int64
	path, remote, local string // where it was; empty for a side on which it stayed
}

// nowhere is the place of a parked folder. No path of a disk or a server begins like that.
func (p parked) nowhere() string { return fmt.Sprint("\x01", p.id) }

// park takes the folders that a plan moves, and whose old place it gives to something else, out of the way.
func (a *applier) park(ctx context.Context, p reconcile.FilesPlan) (all []parked, err error) {
	var movers []reconcile.FileAction
	for _, act := range p.Actions {
		if (act.Kind == reconcile.MoveLocal || act.Kind == reconcile.MoveRemote) && act.Dir && !a.s.frozen[act.Key] {
			movers = append(movers, act)
		}
	}
	if len(movers) == 0 {
		return nil, nil
	}
	shown, remote, local := a.wanted(p.Actions)
	for _, act := range movers {
		row, err := a.File(ctx, act.Key)
		if errors.Is(err, storage.ErrNotFound) || err == nil && row.Gone {
			continue
		}
		if err != nil {
			return all, err
		}
		k := parked{id: row.ID}
		if row.Path != act.Path && shown[row.Path] {
			k.path = row.Path
		}
		if act.Kind == reconcile.MoveLocal && row.Remote.Path != act.Remote.Path && remote[row.Remote.Path] {
			k.remote = row.Remote.Path
		}
		if f := a.liesAt(act); f != "" && row.Local.Path != f && local[row.Local.Path] {
			k.local = row.Local.Path
		}
		if k == (parked{id: row.ID}) {
			continue
		}
		all = append(all, k)
		at := func(side string) string {
			if side == "" {
				return ""
			}
			return k.nowhere()
		}
		if err := a.lay(ctx, row, at(k.path), at(k.remote), at(k.local)); err != nil {
			return all, err
		}
	}
	return all, nil
}

// liesAt is where the disk has the item of an action, empty for nowhere.
func (a *applier) liesAt(act reconcile.FileAction) string {
	if act.Local == nil || act.Local.Stub {
		return ""
	}
	if f := a.s.lies(act.Local); f != nil {
		return f.Path
	}
	return ""
}

// wanted are the places that a plan puts something at, or into, on each side.
func (a *applier) wanted(actions []reconcile.FileAction) (shown, remote, local map[string]bool) {
	shown, remote, local = map[string]bool{}, map[string]bool{}, map[string]bool{}
	note := func(places map[string]bool, path string) {
		for ; path != "" && !places[path]; path = files.Parent(path) {
			places[path] = true
		}
	}
	for _, act := range actions {
		if shows(act) {
			note(shown, act.Path)
		}
		if act.Remote != nil {
			note(remote, act.Remote.Path)
		}
		note(local, a.liesAt(act))
	}
	return shown, remote, local
}

// lay puts a folder, and what is in it, at other places; an empty one leaves it where it is.
func (a *applier) lay(ctx context.Context, row storage.FileRow, path, remote, local string) error {
	if remote != "" {
		if err := a.MoveFiles(ctx, row.AccountID, storage.SideRemote, row.Remote.Path, remote); err != nil {
			return err
		}
		row.Remote.Path = remote
	}
	if local != "" {
		if err := a.MoveFiles(ctx, row.AccountID, storage.SideLocal, row.Local.Path, local); err != nil {
			return err
		}
		row.Local.Path = local
	}
	return a.RelocateFile(ctx, row, cmp.Or(path, row.Path))
}

// unpark puts back what the plan had to leave to the next look.
func (a *applier) unpark(ctx context.Context, all []parked) error {
	for _, k := range all {
		row, err := a.File(ctx, k.id)
		if errors.Is(err, storage.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		back := parked{id: k.id}
		if row.Path == k.nowhere() {
			taken := func(name string) bool {
				_, err := a.FileByPath(ctx, row.AccountID, files.Join(files.Parent(k.path), name))
				return err == nil
			}
			back.path = k.path
			if taken(files.Base(k.path)) {
				back.path = files.Join(files.Parent(k.path), files.Alias(files.Base(k.path), taken))
			}
		}
		if row.Remote.Path == k.nowhere() {
			back.remote = k.remote
		}
		if row.Local.Path == k.nowhere() {
			back.local = k.local
		}
		if back == (parked{id: k.id}) {
			continue
		}
		a.s.aside = true
		if err := a.lay(ctx, row, back.path, back.remote, back.local); err != nil {
			return err
		}
	}
	return nil
}

// displace makes room for what the server has at the place of a folder that is neither there nor on the disk. Where nobody
// asked for it, and nothing is to go into it, it has become nothing.
func (a *applier) displace(ctx context.Context, act reconcile.FileAction) error {
	row, err := a.File(ctx, act.Key)
	if err != nil {
		return err
	}
	asked := act.Holds || slices.ContainsFunc(a.s.rows, func(r storage.FileRow) bool { return a.s.frozen[r.ID] && files.Within(r.Path, row.Path) })
	for _, o := range a.s.ops[row.ID] {
		op, err := a.Op(ctx, o.ID)
		if err != nil {
			return err
		}
		asked = asked || !op.State.Final() && !op.Undone
	}
	if !asked {
		return a.forget(ctx, act)
	}
	if err := a.forgetBelow(ctx, row); err != nil {
		return err
	}
	row.Gone, row.Remote, row.Base = false, storage.FileRemote{}, storage.FileBase{}
	if err := a.giveWay(ctx, row, act); err != nil {
		return err
	}
	return a.makeAnew(ctx, row.ID)
}

// makeAnew has a folder made that is nowhere, and those in it that are nowhere either.
func (a *applier) makeAnew(ctx context.Context, id int64) error {
	row, err := a.File(ctx, id)
	if err != nil {
		return err
	}
	return errors.Join(a.makeNowhere(ctx, row), a.makeBelow(ctx, id))
}

// makeBelow has the folders in a folder made that are nowhere.
func (a *applier) makeBelow(ctx context.Context, id int64) error {
	row, err := a.File(ctx, id)
	if err != nil {
		return err
	}
	below, err := a.FilesBelow(ctx, row.AccountID, row.Path)
	if err != nil {
		return err
	}
	return a.makeNowhere(ctx, below...)
}

func (a *applier) makeNowhere(ctx context.Context, rows ...storage.FileRow) error {
	for _, r := range rows {
		if !r.Dir || r.Gone || r.Remote.Path != "" || r.Local.Path != "" || a.s.frozen[r.ID] || a.going[r.ID] {
			continue
		}
		if err := a.ensure(ctx, journal.FileMkdir, r, files.MkdirOp{Path: r.Path}); err != nil {
			return err
		}
	}
	return nil
}

// giveWay shows a row, and what is in it, beside the place that it had to leave.
func (a *applier) giveWay(ctx context.Context, row storage.FileRow, act reconcile.FileAction) error {
	name := files.ConflictName(files.Base(act.Path), a.w.cfg.ConflictWord, a.w.cfg.Who, time.Now(), func(n string) bool {
		path := files.Join(files.Parent(act.Path), n)
		_, err := a.FileByPath(ctx, row.AccountID, path)
		return err == nil || a.s.onSrv[path] != nil || a.s.holds(path)
	})
	a.w.count.conflicts.Add(1)
	return a.RelocateFile(ctx, row, files.Join(files.Parent(act.Path), name))
}
