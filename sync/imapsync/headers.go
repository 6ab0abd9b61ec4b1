// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/mimemsg"
)

// headerItems are asked for of each new message. The whole header costs a server without a warm cache less than
// ENVELOPE and BODYSTRUCTURE do.
const headerItems = " (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER])"

// headerBook collects what FETCH responses say of messages, however many responses it takes.
type headerBook struct {
	account, folder int64
	mails           map[uint32]*storage.NewMail
	bySeq           map[uint32]uint32
}

func newHeaderBook(account, folder int64) *headerBook {
	return &headerBook{account: account, folder: folder, mails: map[uint32]*storage.NewMail{}, bySeq: map[uint32]uint32{}}
}

// take reads one response. One without a UID is about the message that had its number before.
func (b *headerBook) take(f fetched) {
	if f.uid == 0 {
		if f.uid = b.bySeq[f.seq]; f.uid == 0 {
			return
		}
	}
	b.bySeq[f.seq] = f.uid
	m := b.mails[f.uid]
	if m == nil {
		if !f.hasBody && !f.hasSize && f.date.IsZero() {
			return // another program changed flags
		}
		m = &storage.NewMail{AccountID: b.account, FolderID: b.folder, UID: f.uid}
		b.mails[f.uid] = m
	}
	if f.hasFlags {
		m.Flags, m.Keywords = f.flags, f.keywords
	}
	if f.hasSize {
		m.Size = f.size
	}
	if !f.date.IsZero() {
		m.Received = f.date
	}
	if f.hasBody {
		fillHeader(m, mimemsg.ParseHeader(f.content))
	}
}

func fillHeader(m *storage.NewMail, h mimemsg.Header) {
	m.MessageID, m.InReplyTo, m.References = h.MessageID, h.InReplyTo, h.References
	m.Subject, m.From, m.To, m.Cc, m.Bcc, m.ReplyTo = h.Subject, h.From, h.To, h.Cc, h.Bcc, h.ReplyTo
	m.Sent, m.HasAttachment = h.Date, h.Mixed
}

// drain gives what was collected, the highest UID first, and begins anew.
func (b *headerBook) drain() []storage.NewMail {
	list := make([]storage.NewMail, 0, len(b.mails))
	for _, m := range b.mails {
		if m.Received.IsZero() {
			m.Received = m.Sent
		}
		if m.Received.IsZero() {
			m.Received = time.Now()
		}
		list = append(list, *m)
	}
	slices.SortFunc(list, func(x, y storage.NewMail) int { return int(y.UID) - int(x.UID) })
	clear(b.mails)
	return list
}

// storeHeaders stores messages of a server's folder. Of one that is known already only the flags are new: it was moved or
// copied here, and may have been changed before. One that turns out to be a message the store has without its UID takes
// it over.
func (w *Worker) storeHeaders(ctx context.Context, f storage.MailFolder, list []storage.NewMail, settling bool) error {
	if len(list) == 0 {
		return nil
	}
	added, changed := 0, 0
	err := w.db.Write(ctx, func(tx *storage.Tx) error {
		uids := make([]uint32, len(list))
		keys := make([]int64, len(list))
		for i, m := range list {
			uids[i], keys[i] = m.UID, mail.RefHash(w.account, m.MessageID)
		}
		known, err := tx.RemoteMailsByUID(ctx, f.ID, uids)
		if err != nil {
			return err
		}
		unplaced, err := tx.Unplaced(ctx, w.account, keys)
		if err != nil {
			return err
		}
		var flying map[int64]bool
		if len(unplaced) > 0 {
			if flying, err = tx.InFlight(ctx, w.account); err != nil {
				return err
			}
		}
		plan := placeHeaders(f.ID, list, known, unplaced, flying, settling)
		for _, p := range plan.placed {
			if err := w.takeOver(ctx, tx, f.ID, p); err != nil {
				return err
			}
		}
		added = len(plan.added)
		if _, err = tx.AddMail(ctx, plan.added); err != nil || len(known) == 0 {
			return err
		}
		changed, err = tx.SetRemoteFlags(ctx, w.account, f.ID, flagsOf(list, known))
		return err
	})
	if err != nil {
		return fmt.Errorf("store headers: %w", err)
	}
	w.added.Add(int64(added))
	w.changed.Add(int64(changed))
	return nil
}

// flagsOf gives what was found about messages that are known.
func flagsOf(list []storage.NewMail, known []storage.RemoteMail) []storage.RemoteFlags {
	var flags []storage.RemoteFlags
	for _, m := range list {
		if slices.ContainsFunc(known, func(k storage.RemoteMail) bool { return k.UID == m.UID }) {
			flags = append(flags, storage.RemoteFlags{UID: m.UID, Flags: m.Flags, Keywords: m.Keywords})
		}
	}
	return flags
}

// takeOver gives a message of the store the place that the server has it in.
func (w *Worker) takeOver(ctx context.Context, tx *storage.Tx, folderID int64, p placed) error {
	if err := tx.PlaceMail(ctx, p.row.ID, folderID, p.mail.UID); err != nil {
		return err
	}
	if err := tx.SetRemoteState(ctx, p.row.ID, p.mail.Flags, p.mail.Keywords); err != nil {
		return err
	}
	if p.row.Size != p.mail.Size {
		if err := tx.ForgetBody(ctx, p.row.ID, p.mail.Size); err != nil {
			return err
		}
	}
	return tx.RecomputeMessages(ctx, w.account, []int64{p.row.ID})
}

// placed is a message of the server and the row that it is.
type placed struct {
	mail storage.NewMail
	row  storage.RemoteMail
}

// placement says what becomes of messages that were found on the server.
type placement struct {
	added  []storage.NewMail
	placed []placed
}

// placeHeaders decides which of the messages found in a folder are new. unplaced are rows that may be one of them:
//   - rows without a UID that belong here: their UIDs were forgotten, or they were put here and the server did not tell;
//   - rows that an operation is moving here, if settling: whether they arrived is just what is asked. Otherwise such a
//     message is left for later, when the operation's end is known.
func placeHeaders(folderID int64, list []storage.NewMail, known, unplaced []storage.RemoteMail, flying map[int64]bool, settling bool) placement {
	var plan placement
	have := make(map[uint32]bool, len(known))
	for _, k := range known {
		have[k.UID] = true
	}
	used := map[int64]bool{}
	for _, m := range list {
		if have[m.UID] {
			continue
		}
		row, wait := findRow(folderID, m, unplaced, used, flying, settling)
		switch {
		case wait:
		case row.ID != 0:
			used[row.ID] = true
			plan.placed = append(plan.placed, placed{m, row})
		default:
			plan.added = append(plan.added, m)
		}
	}
	return plan
}

func findRow(folderID int64, m storage.NewMail, unplaced []storage.RemoteMail, used, flying map[int64]bool, settling bool) (row storage.RemoteMail, wait bool) {
	for _, r := range unplaced {
		if used[r.ID] || r.MessageID != m.MessageID {
			continue
		}
		local := r.FolderID == 0 && r.ShownIn == folderID && (m.MessageID != "" || r.Size == m.Size)
		forgotten := r.FolderID == folderID && r.UID == 0 && r.Size == m.Size && (m.MessageID != "" || r.Received.Equal(m.Received.Truncate(time.Millisecond)))
		arriving := r.FolderID != 0 && r.FolderID != folderID && r.ShownIn == folderID && r.Size == m.Size && flying[r.ID]
		switch {
		case (local || arriving) && flying[r.ID] && !settling:
			return storage.RemoteMail{}, true
		case local || forgotten || arriving:
			return r, false
		}
	}
	return storage.RemoteMail{}, false
}
