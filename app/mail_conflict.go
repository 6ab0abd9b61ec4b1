// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
)

// ResolveConflict decides what becomes of messages that a folder on the server no longer has although nobody is known to
// have deleted them: "theirs" lets them go, "mine" and "both" put them back there.
func (m *Mail) ResolveConflict(ctx context.Context, c storage.ConflictRow, choice string) error {
	return m.change(ctx, "decide about lost messages", func(t *mailTx) error {
		ids, err := t.UnfoundMail(ctx, c.RefID)
		if err != nil {
			return err
		}
		if ids, err = t.LostMail(ctx, ids); err != nil {
			return err
		}
		if Choice(choice) == Theirs {
			err = t.RemoveMail(ctx, ids)
		} else {
			err = t.putBack(ctx, c.RefID, ids)
		}
		if err != nil {
			return err
		}
		return t.Tx.ResolveConflict(ctx, c.ID)
	})
}

// putBack adds the operations that bring messages to the server again. Of those whose octets were never fetched nothing
// is left.
func (t *mailTx) putBack(ctx context.Context, folderID int64, ids []int64) error {
	list, err := t.MailSummaries(ctx, ids)
	if err != nil {
		return err
	}
	var empty []int64
	for _, s := range list {
		if !s.HasBody {
			empty = append(empty, s.ID)
			continue
		}
		_, err := t.op(ctx, journal.Op{AccountID: s.AccountID, Kind: journal.MailAppend, Target: s.Subject, Targets: messageTargets(s.ID)},
			mail.AppendOp{ID: s.ID, Folder: folderID, Flags: s.Flags &^ mail.Deleted}, nil)
		if err != nil {
			return err
		}
	}
	return t.RemoveMail(ctx, empty)
}
