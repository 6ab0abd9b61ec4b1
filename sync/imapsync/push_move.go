// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/engine"
)

func fields(keywords string) []string { return strings.Fields(keywords) }

// moved is a message and where it is now.
type moved struct {
	id  int64
	uid uint32 // 0 where the server does not tell
}

// journey is a move or copy into one folder on its way.
type journey struct {
	op    int64 // of a move
	to    storage.MailFolder
	name  string // of the folder, on the wire
	done  []moved
	gone  []storage.RemoteMail // not where they were
	proof []string
}

// knows reports whether UIDs under this UIDVALIDITY can be stored. Of a folder that nobody has looked into yet it is the
// first that is heard of.
func (j *journey) knows(uidValidity uint32) bool {
	if j.to.UIDValidity == 0 {
		j.to.UIDValidity = uidValidity
	}
	return j.to.UIDValidity == uidValidity
}

func (w *Worker) pushMove(ctx context.Context, c *client, op int64, p mail.MoveOp) (engine.Result, error) {
	to, name, err := w.target(ctx, c, p.To)
	if err != nil {
		return engine.Result{}, err
	}
	if err := w.resume(ctx, c, op, p); err != nil {
		return engine.Result{}, err
	}
	j := &journey{op: op, to: to, name: name}
	ids := p.IDs
	for range 2 { // once more for those that are somewhere else by now
		groups, err := w.located(ctx, c, ids)
		if err == nil {
			j.gone = nil
			err = w.moveAll(ctx, c, groups, j)
		}
		if err == nil {
			ids, err = w.followFrom(ctx, c, j, p.IDs)
		}
		if err != nil {
			return engine.Result{Apply: w.arrive(j, p.IDs)}, err
		}
		if len(ids) == 0 {
			break
		}
	}
	err = errors.Join(w.housed(ctx, c, j, p.IDs), w.keepMoved(ctx, c, j))
	return engine.Result{Proof: strings.Join(j.proof, ", "), Apply: func(ctx context.Context, tx *storage.Tx) error {
		if err == nil {
			if err := removeGone(ctx, tx, j.gone); err != nil {
				return err
			}
			if err := tx.ClearLeft(ctx, op); err != nil {
				return err
			}
		}
		return w.arrive(j, p.IDs)(ctx, tx)
	}}, err
}

// resume finishes what a move on a server without MOVE has begun, in an attempt before or in another program: what is
// copied already only has to be removed where it was. A second copy would stay for ever.
func (w *Worker) resume(ctx context.Context, c *client, op int64, p mail.MoveOp) error {
	if c.has("MOVE") {
		return nil
	}
	groups, err := w.located(ctx, c, p.IDs)
	if err != nil {
		return err
	}
	for _, g := range groups {
		if g.folder.ID == p.To {
			continue
		}
		if err := w.noteLeft(ctx, op, g); err != nil {
			return err
		}
	}
	_, err = w.settleMove(ctx, c, op, p)
	if errors.Is(err, errUnsettled) {
		return nil
	}
	return err
}

// noteLeft stores, before messages are copied, where their originals are.
func (w *Worker) noteLeft(ctx context.Context, op int64, g group) error {
	left := make([]storage.MailLeft, len(g.rows))
	for i, r := range g.rows {
		left[i] = storage.MailLeft{ID: r.ID, FolderID: r.FolderID, UID: r.UID, UIDValidity: g.folder.UIDValidity}
	}
	return w.db.WriteDurable(ctx, func(tx *storage.Tx) error { return tx.SetLeft(ctx, op, left) })
}

// moveAll moves messages from folder after folder. What is there already needs no move.
func (w *Worker) moveAll(ctx context.Context, c *client, groups []group, j *journey) error {
	for _, g := range groups {
		if g.folder.ID == j.to.ID {
			continue
		}
		if err := w.open(ctx, c, g.folder); err != nil {
			return err
		}
		there, err := c.present(g)
		if err != nil {
			return err
		}
		result, err := w.moveGroup(ctx, c, there, j)
		if err != nil {
			return err
		}
		if err := j.take(c, g, there, result, func(id int64) int64 { return id }); err != nil {
			return err
		}
	}
	return nil
}

// errUntold is a transfer that the server does not say of what came of it, although it usually does.
var errUntold = errors.New("the server did not tell what it moved")

// take notes what a transfer came to. row gives the row that stands for what has arrived.
func (j *journey) take(c *client, all, tried group, result copied, row func(int64) int64) error {
	told := c.has("UIDPLUS") || c.has("IMAP4REV2")
	if told && len(tried.rows) > 0 && len(result.to) == 0 {
		return errUntold
	}
	for _, r := range all.rows {
		uid := result.to[r.UID]
		switch {
		case told && uid == 0, !slices.ContainsFunc(tried.rows, func(t storage.RemoteMail) bool { return t.ID == r.ID }):
			j.gone = append(j.gone, r)
			continue
		case !j.knows(result.uidValidity):
			uid = 0
		}
		j.done = append(j.done, moved{row(r.ID), uid})
	}
	if len(result.to) > 0 {
		j.proof = append(j.proof, fmt.Sprintf("COPYUID %d", result.uidValidity))
	}
	return nil
}

// present narrows a group to the messages that the open folder still has.
func (c *client) present(g group) (group, error) {
	left := map[uint32]bool{}
	for _, set := range uidSets(g.uids()) {
		found, err := c.search("UID " + set)
		if err != nil {
			return g, err
		}
		for _, u := range found {
			left[u] = true
		}
	}
	g.rows = slices.DeleteFunc(slices.Clone(g.rows), func(r storage.RemoteMail) bool { return !left[r.UID] })
	return g, nil
}

// keepMoved decides about messages that are nowhere on the server any more. To the bin they need not go; anywhere else a
// person wanted to have them: what is here of them is put there.
func (w *Worker) keepMoved(ctx context.Context, c *client, j *journey) error {
	if len(j.gone) == 0 {
		return nil
	}
	if j.to.Role == mail.RoleTrash || j.to.Role == mail.RoleJunk {
		j.proof = append(j.proof, fmt.Sprintf("gone: %d", len(j.gone)))
		return nil
	}
	back, lost, err := w.restore(ctx, c, j.gone, j)
	j.done = append(j.done, back...)
	j.gone = slices.DeleteFunc(j.gone, func(r storage.RemoteMail) bool {
		return slices.ContainsFunc(back, func(m moved) bool { return m.id == r.ID })
	})
	if len(back) > 0 {
		j.proof = append(j.proof, fmt.Sprintf("put back: %d", len(back)))
	}
	if err == nil && len(lost) > 0 {
		err = ErrGone
	}
	return err
}

// moveGroup moves messages of the open folder: by MOVE (RFC 6851), else by a copy that is deleted here afterwards.
func (w *Worker) moveGroup(ctx context.Context, c *client, g group, j *journey) (copied, error) {
	if len(g.rows) == 0 {
		return copied{}, nil
	}
	if c.has("MOVE") {
		return c.transfer("MOVE", g.uids(), j.name)
	}
	if err := w.noteLeft(ctx, j.op, g); err != nil {
		return copied{}, err
	}
	result, err := c.transfer("COPY", g.uids(), j.name)
	if err != nil {
		return result, err
	}
	if err := w.removeHere(c, g.uids()); err != nil {
		return result, fmt.Errorf("%w: %w", errHalf, err)
	}
	return result, nil
}

// removeHere deletes messages of the open folder. On a server without UIDPLUS they stay there, marked as deleted, until
// some program expunges the folder.
func (w *Worker) removeHere(c *client, uids []uint32) error {
	if err := c.store(uids, true, []string{`\Deleted`}); err != nil {
		return err
	}
	_, err := c.expunge(uids)
	return err
}

// followFrom looks for the messages that were not where they should have been. What has arrived is stored first: looking
// for the others would pass it over, as something that is still on its way.
func (w *Worker) followFrom(ctx context.Context, c *client, j *journey, ids []int64) ([]int64, error) {
	if len(j.gone) == 0 {
		return nil, nil
	}
	if len(j.done) > 0 {
		if err := w.db.Write(ctx, func(tx *storage.Tx) error { return w.arrive(j, ids)(ctx, tx) }); err != nil {
			return nil, err
		}
	}
	return w.follow(ctx, c, j.gone)
}

// arrive stores where messages are after a journey.
func (w *Worker) arrive(j *journey, ids []int64) apply {
	done := j.done
	return func(ctx context.Context, tx *storage.Tx) error {
		if err := tx.SetValidity(ctx, j.to.ID, j.to.UIDValidity); err != nil {
			return err
		}
		return w.place(done, j.to.ID, ids)(ctx, tx)
	}
}

// place stores that messages are in a folder now. Where the server did not tell their UIDs the next Pull finds them out.
func (w *Worker) place(done []moved, folderID int64, ids []int64) apply {
	return func(ctx context.Context, tx *storage.Tx) error {
		for _, m := range done {
			if err := tx.PlaceMail(ctx, m.id, folderID, m.uid); err != nil {
				return err
			}
		}
		return tx.RecomputeMessages(ctx, w.account, ids)
	}
}

func (w *Worker) pushCopy(ctx context.Context, c *client, p mail.CopyOp) (engine.Result, error) {
	to, name, err := w.target(ctx, c, p.To)
	if err != nil {
		return engine.Result{}, err
	}
	missing, err := w.missingCopies(ctx, p)
	if err != nil {
		return engine.Result{}, err
	}
	j := &journey{to: to, name: name}
	ids := p.IDs
	for range 2 {
		groups, err := w.located(ctx, c, ids)
		if err == nil {
			j.gone = nil
			err = w.copyAll(ctx, c, groups, missing, j)
		}
		if err == nil {
			ids, err = w.followFrom(ctx, c, j, p.Copies)
		}
		if err == nil { // what others put there may have been taken for the copy while the original was looked for
			missing, err = w.stillMissing(ctx, p, j)
		}
		if err != nil {
			return engine.Result{Apply: w.arrive(j, p.Copies)}, err
		}
		if len(ids) == 0 {
			break
		}
	}
	err = w.keepCopies(ctx, c, j, missing)
	return engine.Result{Proof: strings.Join(j.proof, ", "), Apply: func(ctx context.Context, tx *storage.Tx) error {
		if err == nil {
			if err := removeGone(ctx, tx, j.gone); err != nil {
				return err
			}
		}
		return w.arrive(j, p.Copies)(ctx, tx)
	}}, err
}

// stillMissing gives, by the original, the copies that neither this journey has made nor anybody else.
func (w *Worker) stillMissing(ctx context.Context, p mail.CopyOp, j *journey) (map[int64]int64, error) {
	missing, err := w.missingCopies(ctx, p)
	for original, id := range missing {
		if slices.ContainsFunc(j.done, func(m moved) bool { return m.id == id }) {
			delete(missing, original)
		}
	}
	return missing, err
}

// missingCopies gives, by the original, the copies that are still to be made.
func (w *Worker) missingCopies(ctx context.Context, p mail.CopyOp) (map[int64]int64, error) {
	copies, err := w.db.RemoteMails(ctx, p.Copies)
	missing := map[int64]int64{}
	for i, id := range p.IDs {
		at := slices.IndexFunc(copies, func(r storage.RemoteMail) bool { return i < len(p.Copies) && r.ID == p.Copies[i] })
		if at >= 0 && copies[at].UID == 0 {
			missing[id] = p.Copies[i]
		}
	}
	return missing, err
}

func (w *Worker) copyAll(ctx context.Context, c *client, groups []group, missing map[int64]int64, j *journey) error {
	for _, g := range groups {
		g.rows = slices.DeleteFunc(g.rows, func(r storage.RemoteMail) bool { return missing[r.ID] == 0 })
		if len(g.rows) == 0 {
			continue
		}
		if err := w.open(ctx, c, g.folder); err != nil {
			return err
		}
		there, err := c.present(g)
		if err != nil {
			return err
		}
		result := copied{}
		if len(there.rows) > 0 {
			if result, err = c.transfer("COPY", there.uids(), j.name); err != nil {
				return err
			}
		}
		before := len(j.gone)
		if err := j.take(c, g, there, result, func(id int64) int64 { return missing[id] }); err != nil {
			return err
		}
		for _, r := range g.rows {
			if !slices.ContainsFunc(j.gone[before:], func(o storage.RemoteMail) bool { return o.ID == r.ID }) {
				delete(missing, r.ID)
			}
		}
	}
	return nil
}

// keepCopies makes the copies whose originals are gone from what is here of them.
func (w *Worker) keepCopies(ctx context.Context, c *client, j *journey, missing map[int64]int64) error {
	if len(missing) == 0 {
		return nil
	}
	ids := make([]int64, 0, len(missing))
	for _, id := range missing {
		ids = append(ids, id)
	}
	rows, err := w.db.RemoteMails(ctx, ids)
	if err != nil {
		return err
	}
	back, lost, err := w.restore(ctx, c, rows, j)
	j.done = append(j.done, back...)
	if len(back) > 0 {
		j.proof = append(j.proof, fmt.Sprintf("put back: %d", len(back)))
	}
	if err == nil && len(lost) > 0 {
		err = ErrGone
	}
	return err
}

func (w *Worker) pushDelete(ctx context.Context, c *client, p mail.DeleteOp) (engine.Result, error) {
	groups, err := w.located(ctx, c, p.IDs)
	if err != nil {
		return engine.Result{}, err
	}
	expunged := true
	var marked []group
	for _, g := range groups {
		if err := w.open(ctx, c, g.folder); err != nil {
			return engine.Result{}, err
		}
		if err := c.store(g.uids(), true, []string{`\Deleted`}); err != nil {
			return engine.Result{}, err
		}
		gone, err := c.expunge(g.uids())
		if err != nil {
			return engine.Result{}, err
		}
		if !gone {
			expunged = false
			marked = append(marked, g)
		}
	}
	proof := "expunged"
	if !expunged {
		proof = `marked as \Deleted; the server cannot remove single messages (no UIDPLUS)`
	}
	return engine.Result{Proof: proof, Apply: func(ctx context.Context, tx *storage.Tx) error {
		keep := map[int64]bool{}
		for _, g := range marked {
			for _, r := range g.rows {
				keep[r.ID] = true
				if err := tx.SetRemoteState(ctx, r.ID, r.Flags|mail.Deleted, fields(r.Keywords)); err != nil {
					return err
				}
			}
		}
		if err := tx.RemoveMail(ctx, slices.DeleteFunc(slices.Clone(p.IDs), func(id int64) bool { return keep[id] })); err != nil {
			return err
		}
		return tx.RecomputeMessages(ctx, w.account, p.IDs)
	}}, nil
}
