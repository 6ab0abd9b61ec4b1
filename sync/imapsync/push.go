// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/engine"
	"kontor/sync/transport"
)

// Why an operation cannot be carried out.
var (
	ErrGone     = errors.New("the message is no longer on the server, and its octets are not here")
	ErrNotSent  = errors.New("the octets of the message are not stored")
	ErrNotEmpty = errors.New("there are messages in the folder that this computer did not know of")
	// errHalf is a move whose messages have been copied, but not removed where they were: to begin again would copy them twice.
	errHalf     = errors.New("the messages have been copied, but not removed")
	errNotYet   = errors.New("the folder is not on the server yet")
	errValidity = errors.New("the server has numbered its messages anew")
)

// validityError names the folder whose messages were numbered anew.
type validityError struct {
	folder storage.MailFolder
	raw    string
}

// Error is part of error.
func (e *validityError) Error() string { return errValidity.Error() }

// Unwrap makes it an errValidity.
func (e *validityError) Unwrap() error { return errValidity }

// apply stores what the server holds after an operation.
type apply func(context.Context, *storage.Tx) error

// Push is part of engine.Worker.
func (w *Worker) Push(ctx context.Context, op journal.Op) (engine.Result, error) {
	var res engine.Result
	release, err := w.hold(ctx)
	if err != nil {
		return engine.Result{Outcome: journal.Retry}, err
	}
	defer release()
	var awaited error
	err = w.with(ctx, func(c *client) error {
		var err error
		res, err = w.carryOut(ctx, c, op)
		if errors.Is(err, errFiling) { // nothing is wrong with the connection
			awaited, err = err, nil
		}
		var renumbered *validityError
		if errors.As(err, &renumbered) {
			if err := w.pullFolders(ctx, c, []work{{folder: renumbered.folder, raw: renumbered.raw}}, false); err != nil {
				return err
			}
			res, err = w.carryOut(ctx, c, op)
		}
		return err
	})
	if err = errors.Join(err, awaited); err != nil {
		w.doubtRights(err)
		res.Outcome = outcomeOf(op.Kind, err)
		return res, err
	}
	return res, nil
}

// outcomeOf says what an error of an attempt means. A connection that broke leaves doubt about everything but changes of
// flags: those can be repeated without harm.
func outcomeOf(kind journal.Kind, err error) journal.Outcome {
	switch {
	case errors.Is(err, errNotYet), errors.Is(err, errFiling), errors.Is(err, transport.ErrSignIn), errors.Is(err, errConnect):
		return journal.Retry
	case errors.Is(err, errValidity):
		return journal.Stale
	case errors.Is(err, errHalf):
		return journal.Unknown
	case passing(err):
		return journal.Retry
	case refused(err), errors.Is(err, ErrGone), errors.Is(err, ErrNotSent), errors.Is(err, ErrNotEmpty):
		return journal.Rejected
	case errors.Is(err, storage.ErrPacked), errors.Is(err, storage.ErrNotFound):
		return journal.Rejected
	case kind == journal.MailFlags, kind == journal.MailSubscribe:
		return journal.Retry
	}
	return journal.Unknown
}

// passing reports whether err is a refusal that most likely will not last.
func passing(err error) bool {
	return hasCode(err, "UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "CONTACTADMIN")
}

func (w *Worker) carryOut(ctx context.Context, c *client, op journal.Op) (engine.Result, error) {
	switch op.Kind {
	case journal.MailFlags:
		return decoded(op, func(p mail.FlagsOp) (engine.Result, error) { return w.pushFlags(ctx, c, p) })
	case journal.MailMove:
		return decoded(op, func(p mail.MoveOp) (engine.Result, error) { return w.pushMove(ctx, c, op.ID, p) })
	case journal.MailCopy:
		return decoded(op, func(p mail.CopyOp) (engine.Result, error) { return w.pushCopy(ctx, c, p) })
	case journal.MailDelete:
		return decoded(op, func(p mail.DeleteOp) (engine.Result, error) { return w.pushDelete(ctx, c, p) })
	case journal.MailAppend:
		return decoded(op, func(p mail.AppendOp) (engine.Result, error) { return w.pushAppend(ctx, c, op, p) })
	case journal.MailFolderCreate:
		return decoded(op, func(p mail.FolderOp) (engine.Result, error) { return w.pushCreate(c, p) })
	case journal.MailFolderRename:
		return decoded(op, func(p mail.FolderOp) (engine.Result, error) { return w.pushRename(ctx, c, p) })
	case journal.MailFolderDelete:
		return decoded(op, func(p mail.FolderOp) (engine.Result, error) { return w.pushRemove(ctx, c, p) })
	case journal.MailSubscribe:
		return decoded(op, func(p mail.FolderOp) (engine.Result, error) { return w.pushSubscribe(ctx, c, p) })
	}
	return engine.Result{Outcome: journal.Rejected}, fmt.Errorf("%s: unknown kind", op.Kind)
}

func decoded[P any](op journal.Op, fn func(P) (engine.Result, error)) (engine.Result, error) {
	var p P
	if err := json.Unmarshal(op.Payload, &p); err != nil {
		return engine.Result{Outcome: journal.Rejected}, fmt.Errorf("read operation: %w", err)
	}
	return fn(p)
}

// group is messages that the server keeps in one folder, ascending by UID.
type group struct {
	folder storage.MailFolder
	rows   []storage.RemoteMail
}

func (g group) uids() []uint32 {
	uids := make([]uint32, len(g.rows))
	for i, r := range g.rows {
		uids[i] = r.UID
	}
	return uids
}

// located is groups for messages whose UIDs may not be known yet: the server did not tell them when it took the messages.
// Their folders are looked into first.
func (w *Worker) located(ctx context.Context, c *client, ids []int64) ([]group, error) {
	rows, err := w.db.RemoteMails(ctx, ids)
	if err != nil {
		return nil, err
	}
	seen := map[int64]bool{}
	for _, r := range rows {
		if r.UID != 0 || r.FolderID == 0 || seen[r.FolderID] {
			continue
		}
		seen[r.FolderID] = true
		f, name, err := w.target(ctx, c, r.FolderID)
		if err != nil {
			return nil, err
		}
		c.box = mailbox{}
		if err := w.pullFolders(ctx, c, []work{{folder: f, raw: name}}, false); err != nil {
			return nil, err
		}
	}
	return w.groups(ctx, ids)
}

// groups reads where the server has messages. Those that it does not have, or whose UID is not known, are left out.
func (w *Worker) groups(ctx context.Context, ids []int64) ([]group, error) {
	rows, err := w.db.RemoteMails(ctx, ids)
	if err != nil {
		return nil, err
	}
	byFolder := map[int64]*group{}
	var order []int64
	for _, r := range rows {
		if r.UID == 0 || r.FolderID == 0 {
			continue
		}
		g := byFolder[r.FolderID]
		if g == nil {
			f, err := w.db.MailFolder(ctx, r.FolderID)
			if err != nil {
				return nil, err
			}
			g = &group{folder: f}
			byFolder[r.FolderID] = g
			order = append(order, r.FolderID)
		}
		g.rows = append(g.rows, r)
	}
	list := make([]group, 0, len(order))
	for _, id := range order {
		g := byFolder[id]
		slices.SortFunc(g.rows, func(a, b storage.RemoteMail) int { return int(a.UID) - int(b.UID) })
		list = append(list, *g)
	}
	return list, nil
}

// open selects a folder for changes and makes sure that the UIDs of the store still hold.
func (w *Worker) open(ctx context.Context, c *client, f storage.MailFolder) error {
	if f.RemoteName == "" {
		return errNotYet
	}
	name, err := w.wireName(ctx, c, f.RemoteName)
	if err != nil {
		return err
	}
	if err := c.selectBox(name, true); err != nil {
		return err
	}
	if c.box.uidValidity != f.UIDValidity {
		return &validityError{f, name}
	}
	return nil
}

// target gives the name on the wire of the folder that messages are put into. One that only the store has is made there,
// unless the server turns out to have one for its purpose.
func (w *Worker) target(ctx context.Context, c *client, id int64) (storage.MailFolder, string, error) {
	f, err := w.db.MailFolder(ctx, id)
	if err == nil && f.RemoteName == "" && f.Role != mail.RoleOutbox {
		if f, err = w.makeFolder(ctx, c, f); err != nil {
			return f, "", err
		}
	}
	if err != nil {
		return f, "", err
	}
	if f.RemoteName == "" {
		return f, "", errNotYet
	}
	name, err := w.wireName(ctx, c, f.RemoteName)
	return f, name, err
}

// pushAppend puts the stored octets of a message into its folder. An older state of it that the server has, of a draft
// that was saved again, is removed afterwards.
func (w *Worker) pushAppend(ctx context.Context, c *client, op journal.Op, p mail.AppendOp) (engine.Result, error) {
	rows, err := w.db.RemoteMails(ctx, []int64{p.ID})
	if err != nil {
		return engine.Result{}, err
	}
	if len(rows) == 0 {
		return engine.Result{Proof: "the message was deleted before"}, nil
	}
	old := rows[0]
	if old.FolderID == p.Folder && old.UID != 0 && !p.Flags.Has(mail.Draft) {
		return engine.Result{Proof: "the server had it already", Apply: w.place(nil, p.Folder, []int64{p.ID})}, nil
	}
	to, name, err := w.target(ctx, c, p.Folder)
	if err != nil {
		return engine.Result{}, err
	}
	if there, err := w.filed(ctx, c, name, p); err != nil || there {
		if err != nil {
			return engine.Result{}, err
		}
		return w.settleArrival(ctx, c, p.Folder, []int64{p.ID})
	}
	if awaited, err := w.awaitsFiling(ctx, op, p); err != nil {
		return engine.Result{}, err
	} else if awaited {
		return engine.Result{RetryAfter: filingLook}, errFiling
	}
	header, err := w.db.MailHeader(ctx, p.ID)
	if err != nil {
		return engine.Result{}, err
	}
	r, size, err := w.db.BodyReader(ctx, p.ID)
	if errors.Is(err, storage.ErrNotFound) {
		return engine.Result{}, ErrNotSent
	}
	if err != nil {
		return engine.Result{}, err
	}
	date := header.Date
	if p.Flags.Has(mail.Draft) && old.UID != 0 { // saved again: the date is that of the last time
		date = time.Time{}
	}
	uid, validity, err := c.appendMail(name, wireFlags(p.Flags, nil, false), date, r, size)
	if hasCode(err, "TRYCREATE") {
		return engine.Result{}, fmt.Errorf("%w: %w", errNotYet, err)
	}
	if err == nil && uid == 0 && p.Flags.Has(mail.Draft) {
		uid, validity, err = c.newestCopy(name, header.MessageID)
	}
	if err != nil {
		return engine.Result{}, err
	}
	j := &journey{to: to}
	if !j.knows(validity) {
		uid = 0
	}
	if err := w.removeOld(ctx, c, old); err != nil && !refused(err) && !errors.Is(err, errValidity) {
		return engine.Result{}, err
	}
	return engine.Result{Proof: fmt.Sprintf("APPENDUID %d %d", validity, uid), Apply: func(ctx context.Context, tx *storage.Tx) error {
		if err := errors.Join(tx.SetValidity(ctx, p.Folder, j.to.UIDValidity), tx.PlaceMail(ctx, p.ID, p.Folder, uid)); err != nil {
			return err
		}
		if err := tx.SetRemoteState(ctx, p.ID, p.Flags, nil); err != nil {
			return err
		}
		if p.Once {
			own := mail.OwnCopy{ID: p.ID, FolderID: p.Folder, UID: uid, UIDValidity: validity, At: time.Now()}
			if err := w.appendedAt(own)(ctx, tx); err != nil {
				return err
			}
		}
		return tx.RecomputeMessages(ctx, w.account, []int64{p.ID})
	}}, nil
}

// removeOld deletes the state of a message that a newer one has taken the place of.
func (w *Worker) removeOld(ctx context.Context, c *client, old storage.RemoteMail) error {
	if old.UID == 0 || old.FolderID == 0 {
		return nil
	}
	f, err := w.db.MailFolder(ctx, old.FolderID)
	if err != nil {
		return err
	}
	if err := w.open(ctx, c, f); err != nil {
		return err
	}
	return w.removeHere(c, []uint32{old.UID})
}
