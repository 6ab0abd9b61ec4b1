// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/engine"
)

// errUnsettled is an operation that the server was asked about and that was not carried out.
var errUnsettled = errors.New("the server had not carried it out")

// Settle is part of engine.Worker. It looks at the folders that the operation is about: what arrived there is recognised
// by its Message-ID and size. What was done in part is put in order, so that a further attempt does only the rest.
func (w *Worker) Settle(ctx context.Context, op journal.Op) (engine.Result, error) {
	var res engine.Result
	release, err := w.hold(ctx)
	if err != nil {
		return engine.Result{Outcome: journal.Unknown}, err
	}
	defer release()
	err = w.with(ctx, func(c *client) error {
		var err error
		res, err = w.settle(ctx, c, op)
		return err
	})
	switch {
	case err == nil:
		return res, nil
	case errors.Is(err, errUnsettled):
		res.Outcome = journal.Retry
	case passing(err):
		res.Outcome = journal.Unknown
	case refused(err), errors.Is(err, storage.ErrNotFound):
		res.Outcome = journal.Rejected
	default:
		res.Outcome = journal.Unknown
	}
	return res, err
}

func (w *Worker) settle(ctx context.Context, c *client, op journal.Op) (engine.Result, error) {
	switch op.Kind {
	case journal.MailFlags, journal.MailSubscribe:
		return engine.Result{}, errUnsettled // to say it twice changes nothing
	case journal.MailFolderCreate, journal.MailFolderRename, journal.MailFolderDelete:
		return decoded(op, func(p mail.FolderOp) (engine.Result, error) { return w.settleFolder(c, op.Kind, p) })
	case journal.MailMove:
		return decoded(op, func(p mail.MoveOp) (engine.Result, error) { return w.settleMove(ctx, c, op.ID, p) })
	case journal.MailCopy:
		return decoded(op, func(p mail.CopyOp) (engine.Result, error) { return w.settleArrival(ctx, c, p.To, p.Copies) })
	case journal.MailDelete:
		return decoded(op, func(p mail.DeleteOp) (engine.Result, error) { return w.settleDelete(ctx, c, p) })
	case journal.MailAppend:
		return decoded(op, func(p mail.AppendOp) (engine.Result, error) { return w.settleAppend(ctx, c, p) })
	}
	return engine.Result{}, fmt.Errorf("%s: unknown kind", op.Kind)
}

func (w *Worker) settleFolder(c *client, kind journal.Kind, p mail.FolderOp) (engine.Result, error) {
	there, err := w.exists(c, p.Name)
	if err != nil {
		return engine.Result{}, err
	}
	switch {
	case kind == journal.MailFolderDelete:
		return engine.Result{}, errUnsettled // deleting what is gone succeeds
	case !there:
		return engine.Result{}, errUnsettled
	}
	return engine.Result{Apply: w.renamed(p.ID, p.Name)}, nil
}

// look brings a folder up to date and recognises what operations in doubt put there.
func (w *Worker) look(ctx context.Context, c *client, folderID int64) error {
	f, name, err := w.target(ctx, c, folderID)
	if err != nil {
		return err
	}
	c.box = mailbox{}
	return w.pullFolders(ctx, c, []work{{folder: f, raw: name}}, true)
}

// settleArrival finds out which rows have arrived in a folder.
func (w *Worker) settleArrival(ctx context.Context, c *client, folderID int64, ids []int64) (engine.Result, error) {
	if err := w.look(ctx, c, folderID); err != nil {
		return engine.Result{}, err
	}
	rows, err := w.db.RemoteMails(ctx, ids)
	if err != nil {
		return engine.Result{}, err
	}
	for _, r := range rows {
		if r.FolderID != folderID || r.UID == 0 {
			return engine.Result{}, errUnsettled
		}
	}
	return engine.Result{Proof: "found on the server", Apply: w.place(nil, folderID, ids)}, nil
}

// settleMove finds out which messages have arrived. One that arrived and is still in its old folder too, because the
// server only knows copying, is removed there.
func (w *Worker) settleMove(ctx context.Context, c *client, op int64, p mail.MoveOp) (engine.Result, error) {
	if err := w.look(ctx, c, p.To); err != nil {
		return engine.Result{}, err
	}
	after, err := w.db.RemoteMails(ctx, p.IDs)
	if err != nil {
		return engine.Result{}, err
	}
	arrived := map[int64]bool{}
	missing := false // or another program has deleted or moved it: the next attempt looks for it
	for _, r := range after {
		arrived[r.ID] = r.FolderID == p.To
		missing = missing || !arrived[r.ID] && r.FolderID != 0 && r.UID != 0
	}
	if err := w.removeLeft(ctx, c, op, arrived); err != nil {
		return engine.Result{}, err
	}
	if missing {
		return engine.Result{}, errUnsettled
	}
	placed := w.place(nil, p.To, p.IDs)
	return engine.Result{Proof: "found on the server", Apply: func(ctx context.Context, tx *storage.Tx) error {
		if err := tx.ClearLeft(ctx, op); err != nil {
			return err
		}
		return placed(ctx, tx)
	}}, nil
}

// removeLeft removes the originals of copies that have arrived.
func (w *Worker) removeLeft(ctx context.Context, c *client, op int64, arrived map[int64]bool) error {
	list, err := w.db.Left(ctx, op)
	if err != nil {
		return err
	}
	byFolder := map[int64][]storage.RemoteMail{}
	for _, m := range list {
		f, err := w.db.MailFolder(ctx, m.FolderID)
		switch {
		case errors.Is(err, storage.ErrNotFound), err == nil && f.UIDValidity != m.UIDValidity:
			continue // nobody knows any more which message that was
		case err != nil:
			return err
		case arrived[m.ID]:
			byFolder[f.ID] = append(byFolder[f.ID], storage.RemoteMail{ID: m.ID, FolderID: f.ID, UID: m.UID})
		}
	}
	for folder, rows := range byFolder {
		left, err := w.stillThere(ctx, c, folder, rows)
		if err != nil {
			return err
		}
		if uids := slices.Sorted(maps.Keys(left)); len(uids) > 0 {
			if err := w.removeHere(c, uids); err != nil {
				return err
			}
		}
	}
	return nil
}

// stillThere opens a folder and asks which of the messages it still has.
func (w *Worker) stillThere(ctx context.Context, c *client, folderID int64, rows []storage.RemoteMail) (map[uint32]bool, error) {
	f, err := w.db.MailFolder(ctx, folderID)
	if err != nil {
		return nil, err
	}
	c.leave()
	if err := w.open(ctx, c, f); err != nil {
		return nil, err
	}
	uids := make([]uint32, len(rows))
	for i, r := range rows {
		uids[i] = r.UID
	}
	slices.Sort(uids)
	left := map[uint32]bool{}
	for _, set := range uidSets(uids) {
		found, err := c.search("UID " + set)
		if err != nil {
			return nil, err
		}
		for _, u := range found {
			left[u] = true
		}
	}
	return left, nil
}

func (w *Worker) settleDelete(ctx context.Context, c *client, p mail.DeleteOp) (engine.Result, error) {
	groups, err := w.located(ctx, c, p.IDs)
	if err != nil {
		return engine.Result{}, err
	}
	for _, g := range groups {
		left, err := w.stillThere(ctx, c, g.folder.ID, g.rows)
		if err != nil {
			return engine.Result{}, err
		}
		if len(left) > 0 {
			return engine.Result{}, errUnsettled
		}
	}
	return engine.Result{Proof: "gone on the server", Apply: func(ctx context.Context, tx *storage.Tx) error { return tx.RemoveMail(ctx, p.IDs) }}, nil
}

// settlePut finds out whether a message that the server did not have has arrived. Another program may have moved it on
// already.
func (w *Worker) settlePut(ctx context.Context, c *client, p mail.AppendOp) (engine.Result, error) {
	res, err := w.settleArrival(ctx, c, p.Folder, []int64{p.ID})
	if !errors.Is(err, errUnsettled) {
		return res, err
	}
	row, lost := w.db.RemoteMails(ctx, []int64{p.ID})
	if lost != nil || len(row) == 0 {
		return res, errors.Join(err, lost)
	}
	if lost := w.lookAround(ctx, c); lost != nil {
		return res, lost
	}
	at, lost := w.twinOf(ctx, row[0], nil)
	if lost != nil || at.ID == 0 {
		return res, errors.Join(err, lost)
	}
	return engine.Result{Proof: "found on the server", Apply: func(ctx context.Context, tx *storage.Tx) error {
		if err := tx.PlaceMail(ctx, p.ID, at.FolderID, at.UID); err != nil {
			return err
		}
		if err := tx.SetRemoteState(ctx, p.ID, at.Flags, fields(at.Keywords)); err != nil {
			return err
		}
		return tx.RecomputeMessages(ctx, w.account, []int64{p.ID})
	}}, nil
}

// settleAppend finds out whether a message has arrived. A draft that replaces an older state of itself carries the same
// Message-ID: the newest one with the right size counts, and all older ones are removed.
func (w *Worker) settleAppend(ctx context.Context, c *client, p mail.AppendOp) (engine.Result, error) {
	rows, err := w.db.RemoteMails(ctx, []int64{p.ID})
	if err != nil || len(rows) == 0 {
		return engine.Result{Proof: "the message was deleted before"}, err
	}
	old := rows[0]
	if old.UID == 0 || old.FolderID != p.Folder {
		return w.settlePut(ctx, c, p)
	}
	if err := w.look(ctx, c, p.Folder); err != nil {
		return engine.Result{}, err
	}
	header, err := w.db.MailHeader(ctx, p.ID)
	if err != nil {
		return engine.Result{}, err
	}
	newest := storage.RemoteMail{}
	twins, err := w.db.MailByMessageID(ctx, w.account, header.MessageID)
	if err != nil {
		return engine.Result{}, err
	}
	ids := make([]int64, 0, len(twins))
	for _, t := range twins {
		ids = append(ids, t.ID)
	}
	all, err := w.db.RemoteMails(ctx, ids)
	if err != nil {
		return engine.Result{}, err
	}
	for _, r := range all {
		if r.ID != p.ID && r.FolderID == p.Folder && r.UID > max(old.UID, newest.UID) && r.Size == header.Size {
			newest = r
		}
	}
	if newest.ID == 0 {
		return engine.Result{}, errUnsettled
	}
	if err := w.removeOld(ctx, c, old); err != nil {
		return engine.Result{}, err
	}
	return engine.Result{Proof: "found on the server", Apply: func(ctx context.Context, tx *storage.Tx) error {
		if err := tx.PlaceMail(ctx, p.ID, p.Folder, newest.UID); err != nil {
			return err
		}
		if err := tx.SetRemoteState(ctx, p.ID, newest.Flags, nil); err != nil {
			return err
		}
		return tx.RecomputeMessages(ctx, w.account, []int64{p.ID})
	}}, nil
}
