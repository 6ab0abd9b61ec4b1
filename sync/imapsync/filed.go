// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
)

// errFiling is a copy of a sent message that the server is expected to file itself.
var errFiling error = filing{}

type filing struct{}

// Error is part of error.
func (filing) Error() string { return "the server files what it sends: its copy is awaited" }

// Code names the cause (see transport.Coded).
func (filing) Code() string { return "mail.filing" }

// filingLook is how long to wait before the next look for the server's copy.
const filingLook = 20 * time.Second

// awaitsFiling reports whether the copy of a sent message is left to the server: it was seen to file copies itself, and
// had little time since it took this one. A server that does not do it any more is forgotten by appendedAt.
func (w *Worker) awaitsFiling(ctx context.Context, op journal.Op, p mail.AppendOp) (bool, error) {
	if !p.Once {
		return false, nil
	}
	files, err := w.db.FilesSent(ctx, w.account)
	if err != nil || !files {
		return false, err
	}
	sent, err := w.db.Op(ctx, op.DependsOn)
	if errors.Is(err, storage.ErrNotFound) {
		return false, nil
	}
	return time.Since(sent.Updated) < mail.FilingPatience, err
}

// appendedAt remembers where the copy of a sent message was put, for dropOwnCopies.
func (w *Worker) appendedAt(c mail.OwnCopy) apply {
	return func(ctx context.Context, tx *storage.Tx) error {
		if err := tx.SetFilesSent(ctx, w.account, false); err != nil || c.UID == 0 {
			return err
		}
		return tx.NoteCopy(ctx, c)
	}
}

// dropOwnCopies looks for copies of sent messages that the server has filed after one was put there from here. The
// local message then stands for the server's.
func (w *Worker) dropOwnCopies(ctx context.Context) error {
	list, err := w.db.OwnCopies(ctx, w.account)
	if err != nil || len(list) == 0 {
		return err
	}
	own := map[int64]bool{}
	for _, c := range list {
		own[c.ID] = true
	}
	for _, c := range list {
		mine, others, validity, err := w.copiesOf(ctx, c)
		if err != nil {
			return err
		}
		verdict, by := mail.JudgeCopy(c, mine, validity, others, func(id int64) bool { return own[id] }, time.Now())
		switch verdict {
		case mail.CopyWaits:
		case mail.CopyStays:
			err = w.db.Write(ctx, func(tx *storage.Tx) error { return tx.ForgetCopy(ctx, c.ID) })
		case mail.CopyReplaced:
			err = w.dropOwnCopy(ctx, c, by)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// copiesOf reads what is known of a copy and of the messages that have its Message-ID.
func (w *Worker) copiesOf(ctx context.Context, c mail.OwnCopy) (mine mail.FiledCopy, others []mail.FiledCopy, validity uint32, err error) {
	folder, err := w.db.MailFolder(ctx, c.FolderID)
	if errors.Is(err, storage.ErrNotFound) {
		return mine, nil, 0, nil
	}
	if err != nil {
		return mine, nil, 0, err
	}
	header, err := w.db.MailHeader(ctx, c.ID)
	if err != nil {
		return mine, nil, 0, err
	}
	twins, err := w.db.MailByMessageID(ctx, w.account, header.MessageID)
	if err != nil || header.MessageID == "" {
		return mine, nil, 0, err
	}
	ids := make([]int64, len(twins))
	for i, t := range twins {
		ids[i] = t.ID
	}
	rows, err := w.db.RemoteMails(ctx, ids)
	if err != nil {
		return mine, nil, 0, err
	}
	for _, r := range rows {
		m := mail.FiledCopy{ID: r.ID, FolderID: r.FolderID, UID: r.UID}
		if m.ID == c.ID {
			pending, err := w.db.OpsFor(ctx, "messages", m.ID)
			if err != nil {
				return mine, nil, 0, err
			}
			m.Touched = len(pending) > 0
			mine = m
			continue
		}
		about, err := w.db.OpsAbout(ctx, "messages", m.ID)
		if err != nil {
			return mine, nil, 0, err
		}
		m.Touched = len(about) > 0
		others = append(others, m)
	}
	return mine, others, folder.UIDValidity, nil
}

// dropOwnCopy removes one copy, after a look at the server: both must be there. Without UIDPLUS one message alone cannot be
// removed; then both stay, and only the next message is left to the server.
func (w *Worker) dropOwnCopy(ctx context.Context, c mail.OwnCopy, by mail.FiledCopy) error {
	release, err := w.hold(ctx)
	if err != nil {
		return err
	}
	defer release()
	removed := false
	var state storage.RemoteMail
	err = w.with(ctx, func(conn *client) error {
		var err error
		removed, state, err = w.expungeOwn(ctx, conn, c, by)
		return err
	})
	var renumbered *validityError
	switch {
	case errors.As(err, &renumbered), refused(err):
		removed = false
	case err != nil:
		return fmt.Errorf("remove a second copy: %w", err)
	}
	return w.db.Write(ctx, func(tx *storage.Tx) error {
		if err := errors.Join(tx.ForgetCopy(ctx, c.ID), tx.SetFilesSent(ctx, w.account, err == nil)); err != nil || !removed {
			return err
		}
		if about, err := tx.OpsAbout(ctx, "messages", by.ID); err != nil || len(about) > 0 {
			return err // a person was faster: the next look takes the copy that is gone away
		}
		if err := tx.PlaceMail(ctx, c.ID, c.FolderID, by.UID); err != nil {
			return err
		}
		if err := tx.SetRemoteState(ctx, c.ID, state.Flags, fields(state.Keywords)); err != nil {
			return err
		}
		return tx.RecomputeMessages(ctx, w.account, []int64{c.ID})
	})
}

// expungeOwn removes a copy on the server, whose flags go over to the other one. It gives the state of that.
func (w *Worker) expungeOwn(ctx context.Context, conn *client, c mail.OwnCopy, by mail.FiledCopy) (removed bool, state storage.RemoteMail, err error) {
	if !conn.has("UIDPLUS") && !conn.has("IMAP4REV2") {
		return false, state, nil
	}
	rows, err := w.db.RemoteMails(ctx, []int64{c.ID, by.ID})
	if err != nil || len(rows) != 2 {
		return false, state, err
	}
	left, err := w.stillThere(ctx, conn, c.FolderID, []storage.RemoteMail{{UID: c.UID}, {UID: by.UID}})
	if err != nil || !left[c.UID] || !left[by.UID] {
		return false, state, err
	}
	state.Flags = (rows[0].Flags | rows[1].Flags) &^ mail.Deleted
	words := mail.ChangeKeywords(fields(rows[0].Keywords), fields(rows[1].Keywords), nil)
	state.Keywords = strings.Join(words, " ")
	if flags := wireFlags(state.Flags, words, false); len(flags) > 0 {
		if err := conn.store([]uint32{by.UID}, true, flags); err != nil {
			return false, state, err
		}
	}
	return true, state, w.removeHere(conn, []uint32{c.UID})
}
