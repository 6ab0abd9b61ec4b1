// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"context"
	"errors"
	"slices"

	"kontor/app/mail"
	"kontor/storage"
)

// follow looks for messages that are no longer where the store has them: another program may have moved them. It gives
// the IDs of those that were found in another folder; the store has them there then.
func (w *Worker) follow(ctx context.Context, c *client, gone []storage.RemoteMail) ([]int64, error) {
	if len(gone) == 0 {
		return nil, nil
	}
	found, missing, err := w.twins(ctx, gone)
	if err != nil {
		return nil, err
	}
	var come []int64
	if len(missing) > 0 { // it may have been moved where nobody has looked since
		if err := w.lookAround(ctx, c); err != nil {
			return nil, err
		}
		if come, missing, err = w.elsewhere(ctx, missing); err != nil {
			return nil, err
		}
		more, _, err := w.twins(ctx, missing)
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	if len(found) == 0 {
		return come, nil
	}
	ids := make([]int64, len(found))
	for i, f := range found {
		ids[i] = f.row.ID
	}
	err = w.db.Write(ctx, func(tx *storage.Tx) error {
		for _, f := range found {
			if err := tx.PlaceMail(ctx, f.row.ID, f.at.FolderID, f.at.UID); err != nil {
				return err
			}
			if err := tx.SetRemoteState(ctx, f.row.ID, f.at.Flags, fields(f.at.Keywords)); err != nil {
				return err
			}
		}
		return tx.RecomputeMessages(ctx, w.account, ids)
	})
	return append(ids, come...), err
}

// elsewhere sorts out the messages that were seen in another place than before: another program has put them where the
// operation was to put them.
func (w *Worker) elsewhere(ctx context.Context, before []storage.RemoteMail) (come []int64, missing []storage.RemoteMail, err error) {
	for _, was := range before {
		now, err := w.db.RemoteMails(ctx, []int64{was.ID})
		if err != nil {
			return nil, nil, err
		}
		if len(now) == 1 && (now[0].FolderID != was.FolderID || now[0].UID != was.UID) {
			come = append(come, was.ID)
			continue
		}
		missing = append(missing, was)
	}
	return come, missing, nil
}

// twin is a message and where it is now.
type twin struct{ row, at storage.RemoteMail }

// twins finds messages again that lie elsewhere now, in another folder or in their own under another UID, by Message-ID,
// size and moment of reception. Where several could be it, none is.
func (w *Worker) twins(ctx context.Context, gone []storage.RemoteMail) (found []twin, missing []storage.RemoteMail, err error) {
	for _, r := range gone {
		at, err := w.twinOf(ctx, r, gone)
		if err != nil {
			return nil, nil, err
		}
		if at.ID == 0 {
			missing = append(missing, r)
			continue
		}
		found = append(found, twin{r, at})
	}
	return found, missing, nil
}

func (w *Worker) twinOf(ctx context.Context, r storage.RemoteMail, gone []storage.RemoteMail) (storage.RemoteMail, error) {
	var none storage.RemoteMail
	if r.MessageID == "" {
		return none, nil
	}
	list, err := w.db.MailByMessageID(ctx, w.account, r.MessageID)
	if err != nil {
		return none, err
	}
	ids := make([]int64, 0, len(list))
	for _, s := range list {
		ids = append(ids, s.ID)
	}
	rows, err := w.db.RemoteMails(ctx, ids)
	if err != nil {
		return none, err
	}
	busy, err := w.db.MailMarks(ctx, ids)
	if err != nil {
		return none, err
	}
	rows = slices.DeleteFunc(rows, func(o storage.RemoteMail) bool {
		_, waits := busy[o.ID] // something else is to be done with that one
		return o.ID == r.ID || o.UID == 0 || o.Size != r.Size || !o.Received.Equal(r.Received) || waits ||
			slices.ContainsFunc(gone, func(g storage.RemoteMail) bool { return g.ID == o.ID })
	})
	if len(rows) != 1 {
		return none, nil
	}
	return rows[0], nil
}

// lookAround brings the folders that were read completely before up to date. What is found where an operation in flight
// puts it has come there, whoever did it.
func (w *Worker) lookAround(ctx context.Context, c *client) error {
	todo, err := w.syncFolders(ctx, c)
	if err != nil {
		return err
	}
	if todo, err = w.withNews(ctx, c, todo); err != nil {
		return err
	}
	return w.pullFolders(ctx, c, slices.DeleteFunc(todo, func(t work) bool { return !t.folder.Complete && t.folder.UIDValidity != 0 }), true)
}

// restore puts messages into a folder that another program has deleted while they were to be moved or copied there: what
// a person wants to keep is not lost. It gives those that could be; of the others the octets are not here.
func (w *Worker) restore(ctx context.Context, c *client, rows []storage.RemoteMail, j *journey) (done []moved, lost []int64, err error) {
	for _, r := range rows {
		body, size, err := w.db.BodyReader(ctx, r.ID)
		if errors.Is(err, storage.ErrNotFound) {
			lost = append(lost, r.ID)
			continue
		}
		if err != nil {
			return done, lost, err
		}
		uid, validity, err := c.appendMail(j.name, wireFlags(r.Flags&^mail.Deleted, fields(r.Keywords), false), r.Received, body, size)
		if err != nil {
			return done, lost, err
		}
		if !j.knows(validity) {
			uid = 0
		}
		done = append(done, moved{id: r.ID, uid: uid})
	}
	return done, lost, nil
}
