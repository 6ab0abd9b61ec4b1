// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"kontor/app/files"
	"kontor/app/journal"
	"kontor/storage"
	"kontor/sync/reconcile"
)

// applier writes a plan into the store: what the server holds, what is shown, and operations for what has to travel.
// The disk follows afterwards, from what is stored.
type applier struct {
	rowTx
	w *Worker
	s *situation
	// deletes are operations of this plan that make room for something new, by path; 0 for those that are still to come.
	deletes map[string]int64
	leaving map[string]bool  // places on the server that the plan gives free
	moving  map[string]int64 // those of them that something is to move away from, and it is not recorded yet: its row
	going   map[int64]bool   // rows that the plan takes away
	held    map[string]bool  // places of actions at which something else is shown that stays
	clashes []string         // local paths that need another name
	// structural: an operation that moves something or deletes a folder is pending.
	structural bool
}

// apply carries a plan out in one transaction; durable, since it may hold what a person changed on the disk.
func (w *Worker) apply(ctx context.Context, s *situation, p reconcile.FilesPlan) ([]string, error) {
	var clashes []string
	err := w.db.WriteDurable(ctx, func(tx *storage.Tx) (err error) {
		clashes, err = w.record(ctx, tx, s, p)
		return err
	})
	return clashes, err
}

// record writes a plan down within a transaction and gives the local paths that need another name.
func (w *Worker) record(ctx context.Context, tx rowTx, s *situation, p reconcile.FilesPlan) ([]string, error) {
	var err error
	if s.ops, err = tx.FileOps(ctx, w.cfg.Account.ID); err != nil {
		return nil, err
	}
	a := &applier{rowTx: tx, w: w, s: s, deletes: map[string]int64{}, leaving: map[string]bool{}, moving: map[string]int64{}, structural: s.restructures()}
	if err := a.leave(ctx); err != nil {
		return nil, err
	}
	if err := errors.Join(a.lose(ctx), a.dismiss(ctx)); err != nil {
		return nil, err
	}
	if err := a.clear(ctx, p); err != nil {
		return nil, err
	}
	away, err := a.park(ctx, p)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(a.carry(ctx, p), a.unpark(ctx, away)); err != nil {
		return nil, err
	}
	return a.clashes, a.observed(ctx)
}

func (a *applier) act(ctx context.Context, act reconcile.FileAction) error {
	switch act.Kind {
	case reconcile.Refresh, reconcile.Link:
		return a.link(ctx, act)
	case reconcile.Take, reconcile.Contend:
		return a.take(ctx, act)
	case reconcile.Put:
		return a.put(ctx, act)
	case reconcile.Mkdir:
		return a.mkdir(ctx, act)
	case reconcile.MoveRemote:
		return a.moveRemote(ctx, act)
	case reconcile.MoveLocal:
		return a.moveLocal(ctx, act)
	case reconcile.RemoveRemote:
		return a.removeRemote(ctx, act)
	case reconcile.RemoveLocal:
		return a.removeLocal(ctx, act)
	case reconcile.Drop:
		return a.forget(ctx, act)
	case reconcile.Clash:
		return a.clash(ctx, act)
	}
	return nil
}

// clash makes room for what the server has at the place of a local item of the other sort. What is new here is renamed
// on the disk and found again by the next scan; an entry that is known is moved like any other.
func (a *applier) clash(ctx context.Context, act reconcile.FileAction) error {
	a.s.aside = true
	f := a.s.lies(act.Local)
	if f == nil && act.Local.Stub && act.Key != 0 {
		return a.displace(ctx, act)
	}
	if f == nil {
		return nil
	}
	if act.Key == 0 {
		a.clashes = append(a.clashes, f.Path)
		return nil
	}
	row, err := a.File(ctx, act.Key)
	if err != nil {
		return err
	}
	if err := a.drop(ctx, row.ID, journal.FileMove, journal.FileDelete); err != nil {
		return err
	}
	if err := a.followDisk(ctx, &row, act); err != nil {
		return err
	}
	if err := a.forgetBelow(ctx, row); err != nil {
		return err
	}
	row.Gone, row.Remote, row.Base, row.Wanted = false, storage.FileRemote{}, storage.FileBase{}, true
	return errors.Join(a.giveWay(ctx, row, act), a.makeBelow(ctx, row.ID))
}

// row reads the row of an action, or begins a new one.
func (a *applier) row(ctx context.Context, act reconcile.FileAction) (storage.FileRow, error) {
	if act.Key == 0 {
		return storage.FileRow{AccountID: a.w.cfg.Account.ID, Path: act.Path, Dir: act.Dir}, nil
	}
	return a.File(ctx, act.Key)
}

// store stores a row, at once in its place: the folder that it was in may be gone.
func (a *applier) store(ctx context.Context, row storage.FileRow, act reconcile.FileAction) (storage.FileRow, error) {
	switch {
	case row.ID == 0:
		return a.AddFile(ctx, row)
	case !onPlace(row, act):
		return row, a.SaveFile(ctx, row)
	}
	err := a.RelocateFile(ctx, row, act.Path)
	row.Path = act.Path
	return row, err
}

// onPlace reports whether an item is where the server has it after the plan.
func onPlace(row storage.FileRow, act reconcile.FileAction) bool {
	return act.Remote != nil && act.Remote.Path == act.Path && !row.Gone
}

// setRemote takes over what the server says.
func (a *applier) setRemote(row *storage.FileRow, act reconcile.FileAction) {
	if act.Remote == nil {
		row.Remote = storage.FileRemote{}
		return
	}
	if it := a.s.onSrv[act.Remote.Path]; it != nil {
		if row.Remote.ReadOnly && !it.ReadOnly && row.Local.Path != "" && !row.Dir {
			a.s.opened = append(a.s.opened, row.Local.Path)
		}
		row.Remote = it.FileRemote
	}
}

// setLocal takes over what lies on the disk.
func (a *applier) setLocal(row *storage.FileRow, act reconcile.FileAction) {
	switch {
	case act.Local == nil:
		row.Local, row.Base = storage.FileLocal{}, storage.FileBase{}
	case act.Local.Stub:
	default:
		if f := a.s.lies(act.Local); f != nil {
			row.Local = f.FileLocal
		}
	}
}

// setShown derives the size and time that are shown.
func setShown(row *storage.FileRow) {
	row.Size, row.Modified = row.Remote.Size, row.Remote.Modified
	if row.Local.Path != "" && !row.Dir {
		row.Size, row.Modified = row.Local.Size, time.Unix(0, row.Local.ModTime)
	}
	if row.Dir {
		row.Size = 0
	}
}

// link records what is on both sides, or what the server calls anew.
func (a *applier) link(ctx context.Context, act reconcile.FileAction) error {
	row, err := a.row(ctx, act)
	if err != nil {
		return err
	}
	if err := a.present(ctx, &row, act); err != nil {
		return err
	}
	same := reconcile.SameTag(row.Base.ETag, act.Remote.ETag)
	a.setRemote(&row, act)
	if err := a.followDisk(ctx, &row, act); err != nil {
		return err
	}
	if same {
		row.Base.ETag = row.Remote.ETag
	}
	if !row.Gone {
		setShown(&row)
	}
	if row, err = a.store(ctx, row, act); err != nil {
		return err
	}
	if err := a.arrived(ctx, row, act); err != nil {
		return err
	}
	return a.drop(ctx, row.ID, journal.FileMkdir)
}

// take records a version of the server that is new here. The content follows where it is asked for; where the disk has
// content of its own, that is compared first.
func (a *applier) take(ctx context.Context, act reconcile.FileAction) error {
	row, err := a.row(ctx, act)
	if err != nil {
		return err
	}
	if act.Key != 0 {
		if err := a.drop(ctx, row.ID, journal.FileDelete); err != nil {
			return err
		}
		if act.Kind == reconcile.Take { // nothing is here any more that could be uploaded
			if err := a.drop(ctx, row.ID, journal.FilePut); err != nil {
				return err
			}
		}
		if row, err = a.File(ctx, act.Key); err != nil {
			return err
		}
	}
	if act.Key != 0 && act.Dir { // the server has made it by itself
		if err := a.drop(ctx, row.ID, journal.FileMkdir); err != nil {
			return err
		}
	}
	row.Gone = false
	row.Wanted = row.Wanted || files.Base(row.Path) == files.IgnoreName // its words count at once
	a.setRemote(&row, act)
	a.setLocal(&row, act)
	if act.Kind == reconcile.Contend && act.Older {
		row.Base = storage.FileBase{} // the newer version is here only: it must not be replaced
	}
	setShown(&row)
	if row, err = a.store(ctx, row, act); err != nil {
		return err
	}
	return a.arrived(ctx, row, act)
}

// arrived drops a move that waits once the row is where the server has it: it was taken back, nothing of it is left, or
// others have made it.
func (a *applier) arrived(ctx context.Context, row storage.FileRow, act reconcile.FileAction) error {
	if !onPlace(row, act) {
		return nil
	}
	return a.drop(ctx, row.ID, journal.FileMove)
}

// put has the local version brought to the server.
func (a *applier) put(ctx context.Context, act reconcile.FileAction) error {
	row, err := a.row(ctx, act)
	if err != nil {
		return err
	}
	row.Gone, row.Discard = false, false
	a.setLocal(&row, act)
	if act.Remote == nil {
		row.Remote, row.Base = storage.FileRemote{}, storage.FileBase{}
	}
	row.Wanted = row.Wanted || act.Key == 0
	if row, err = a.settle(ctx, row, act); err != nil {
		return err
	}
	return a.ensure(ctx, journal.FilePut, row, files.PutOp{Path: row.Path, ETag: row.Base.ETag, Hash: row.Local.Hash, Size: row.Local.Size})
}

// settle stores a row that goes to the server anew or again, at its place.
func (a *applier) settle(ctx context.Context, row storage.FileRow, act reconcile.FileAction) (storage.FileRow, error) {
	setShown(&row)
	if row.ID == 0 {
		return a.AddFile(ctx, row)
	}
	if err := a.RelocateFile(ctx, row, act.Path); err != nil {
		return row, err
	}
	if err := a.drop(ctx, row.ID, journal.FileDelete); err != nil {
		return row, err
	}
	if act.Remote == nil || act.Remote.Path == act.Path {
		if err := a.drop(ctx, row.ID, journal.FileMove); err != nil {
			return row, err
		}
	}
	return a.File(ctx, row.ID)
}

func (a *applier) mkdir(ctx context.Context, act reconcile.FileAction) error {
	row, err := a.row(ctx, act)
	if err != nil {
		return err
	}
	row.Gone, row.Remote = false, storage.FileRemote{}
	if err := a.followDisk(ctx, &row, act); err != nil {
		return err
	}
	row.Wanted = row.Wanted || act.Key == 0
	if row, err = a.settle(ctx, row, act); err != nil {
		return err
	}
	return a.ensure(ctx, journal.FileMkdir, row, files.MkdirOp{Path: row.Path})
}

// present takes a deletion back whose item lies on the disk again.
func (a *applier) present(ctx context.Context, row *storage.FileRow, act reconcile.FileAction) error {
	if !row.Gone || act.Local == nil || act.Local.Stub {
		return nil
	}
	row.Gone = false
	return a.drop(ctx, row.ID, journal.FileDelete)
}

// moveRemote follows what was moved on the disk, unless an operation for that waits already.
func (a *applier) moveRemote(ctx context.Context, act reconcile.FileAction) error {
	row, err := a.row(ctx, act)
	if err != nil {
		return err
	}
	kept := row.Kept
	if err := a.present(ctx, &row, act); err != nil {
		return err
	}
	if err := a.followDisk(ctx, &row, act); err != nil {
		return err
	}
	if err := a.RelocateFile(ctx, row, act.Path); err != nil {
		return err
	}
	if row, err = a.File(ctx, row.ID); err != nil {
		return err
	}
	if kept && !row.Kept {
		if err := a.stays(ctx, &row); err != nil {
			return err
		}
	}
	return a.ensure(ctx, journal.FileMove, row, files.MoveOp{From: act.From, To: act.Path, ETag: row.Base.ETag})
}

// stays keeps the copies of what was moved on the disk out of all that is kept offline: whoever puts a file somewhere wants to
// find it there.
func (a *applier) stays(ctx context.Context, row *storage.FileRow) error {
	below, err := a.FilesBelow(ctx, row.AccountID, row.Path)
	if err != nil {
		return err
	}
	row.Wanted = row.Wanted || row.Local.Path != ""
	if err := a.SaveFile(ctx, *row); err != nil {
		return err
	}
	for _, r := range below {
		if r.Local.Path == "" || r.Wanted || r.Kept {
			continue
		}
		r.Wanted = true
		if err := a.SaveFile(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// followDisk records where a row's copy lies now, and with a folder everything in it.
func (a *applier) followDisk(ctx context.Context, row *storage.FileRow, act reconcile.FileAction) error {
	if act.Local == nil || act.Local.Stub {
		a.setLocal(row, act)
		return nil
	}
	was := row.Local.Path
	a.setLocal(row, act)
	if row.Dir {
		return a.MoveFiles(ctx, row.AccountID, storage.SideLocal, was, row.Local.Path)
	}
	return nil
}

// moveLocal follows what was moved on the server; the disk follows when it is aligned.
func (a *applier) moveLocal(ctx context.Context, act reconcile.FileAction) error {
	row, err := a.row(ctx, act)
	if err != nil {
		return err
	}
	if err := a.present(ctx, &row, act); err != nil {
		return err
	}
	if err := a.followDisk(ctx, &row, act); err != nil {
		return err
	}
	was := row.Remote.Path
	a.setRemote(&row, act)
	if row.Dir {
		if err := a.MoveFiles(ctx, row.AccountID, storage.SideRemote, was, row.Remote.Path); err != nil {
			return err
		}
	}
	if err := a.RelocateFile(ctx, row, act.Path); err != nil {
		return err
	}
	a.w.count.moved.Add(1)
	return a.drop(ctx, row.ID, journal.FileMove)
}

// hide takes what was deleted on the disk out of sight.
func (a *applier) hide(ctx context.Context, act reconcile.FileAction) error {
	if err := a.drop(ctx, act.Key, journal.FilePut, journal.FileMove); err != nil {
		return err
	}
	row, err := a.File(ctx, act.Key)
	if err != nil {
		return err
	}
	a.setRemote(&row, act) // it may have moved there
	if !row.Gone {         // else it was deleted in the program, and the disk is aligned with that
		row.Gone, row.Local = true, storage.FileLocal{}
	}
	if err := a.SaveFile(ctx, row); err != nil || !row.Dir {
		return err
	}
	return a.moveBack(ctx, row)
}

// moveBack shows where the server has them what a person moved in the program into a folder that is gone from the disk since:
// they never were in it there.
func (a *applier) moveBack(ctx context.Context, folder storage.FileRow) error {
	below, err := a.FilesBelow(ctx, folder.AccountID, folder.Path)
	if err != nil {
		return err
	}
	for _, r := range below {
		if !a.s.away[r.ID] || a.s.frozen[r.ID] || r.Gone || folder.Remote.Path != "" && files.Within(r.Remote.Path, folder.Remote.Path) {
			continue
		}
		if err := a.drop(ctx, r.ID, journal.FileMove); err != nil {
			return err
		}
		up, err := a.FileByPath(ctx, r.AccountID, files.Parent(shown(r.Remote.Path)))
		if files.Parent(r.Remote.Path) != "" && (err != nil || !up.Dir) {
			continue // its own folder is on its way elsewhere: the next look finds its place
		}
		name, err := freeName(ctx, a.rowTx, storage.FileRow{AccountID: r.AccountID, Path: shown(r.Remote.Path)}, files.Base(shown(r.Remote.Path)))
		if err != nil {
			return err
		}
		if err := a.RelocateFile(ctx, r, name); err != nil {
			return err
		}
	}
	return nil
}

func (a *applier) removeRemote(ctx context.Context, act reconcile.FileAction) error {
	if act.Implied { // with its folder; an operation of its own may come too early
		return a.cancelEarly(ctx, act.Key)
	}
	id, err := a.addDelete(ctx, act)
	if _, waits := a.deletes[act.Path]; waits {
		a.deletes[act.Path] = id
	}
	return err
}

// addDelete adds the operation for a deletion, or finds the one that waits.
func (a *applier) addDelete(ctx context.Context, act reconcile.FileAction) (int64, error) {
	row, err := a.File(ctx, act.Key)
	if err != nil {
		return 0, err
	}
	for _, o := range a.s.ops[row.ID] {
		if o.Kind != journal.FileDelete {
			continue
		}
		early, err := a.early(ctx, o.ID, row)
		if err != nil || !early {
			return o.ID, err
		}
		op, err := a.Op(ctx, o.ID)
		if err != nil {
			return 0, err
		}
		if err := a.cancel(ctx, op); err != nil {
			return 0, err
		}
		return a.add(ctx, successor(op), row, op.Payload)
	}
	payload, err := json.Marshal(files.DeleteOp{Path: row.Remote.Path, ETag: act.Remote.ETag, Dir: row.Dir})
	if err != nil {
		return 0, err
	}
	return a.add(ctx, journal.Op{AccountID: row.AccountID, Kind: journal.FileDelete, Undone: true}, row, payload)
}

// removeLocal hides what was deleted on the server; its copy goes to the recycle bin when the disk is aligned.
func (a *applier) removeLocal(ctx context.Context, act reconcile.FileAction) error {
	if err := a.drop(ctx, act.Key, journal.FilePut, journal.FileMove, journal.FileDelete, journal.FileMkdir); err != nil {
		return err
	}
	row, err := a.File(ctx, act.Key)
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if act.Local != nil && !act.Local.Stub { // it may have been moved here since
		if err := a.followDisk(ctx, &row, act); err != nil {
			return err
		}
	}
	row.Gone, row.Remote = true, storage.FileRemote{}
	a.w.count.deleted.Add(1)
	if row.Local.Path == "" {
		return a.DeleteFile(ctx, row.ID)
	}
	return a.SaveFile(ctx, row)
}

func (a *applier) forget(ctx context.Context, act reconcile.FileAction) error {
	if err := a.drop(ctx, act.Key, journal.FilePut, journal.FileMove, journal.FileDelete, journal.FileMkdir); err != nil {
		return err
	}
	row, err := a.File(ctx, act.Key)
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if row.Trash != "" {
		row.Gone, row.Remote, row.Local = true, storage.FileRemote{}, storage.FileLocal{}
		return a.SaveFile(ctx, row)
	}
	if row.Dir && !row.Gone {
		if err := a.moveBack(ctx, row); err != nil {
			return err
		}
	}
	return a.DeleteFile(ctx, row.ID)
}

// observed stores what the scan saw of copies whose content did not change: new times, another inode.
func (a *applier) observed(ctx context.Context) error {
	for i := range a.s.rows {
		r := &a.s.rows[i]
		local := r.Local.Path
		if local == "" && r.Dir {
			local = a.s.placeOf(r.Path)
		}
		f := a.s.disk[local]
		if local == "" || f == nil || f.dir != r.Dir || f.busy || r.Gone {
			continue
		}
		if r.Dir && f.Inode == r.Local.Inode && r.Local.Path != "" {
			continue
		}
		if !r.Dir && (unchanged(r.Local, f.FileLocal) || f.Hash != r.Local.Hash) {
			continue
		}
		row, err := a.File(ctx, r.ID)
		if errors.Is(err, storage.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if row.Local.Path != r.Local.Path || row.Gone {
			continue
		}
		row.Local = f.FileLocal
		setShown(&row)
		if err := a.SaveFile(ctx, row); err != nil {
			return err
		}
	}
	return nil
}
