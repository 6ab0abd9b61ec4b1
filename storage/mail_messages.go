// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"kontor/app/journal"
	"kontor/app/live"
	"kontor/app/mail"
	"kontor/sync/reconcile"
)

// NewMail is a message to be stored. With a UID it is a message of the server's folder, without one it is only local.
type NewMail struct {
	ID            int64 // 0 for a new one
	AccountID     int64
	FolderID      int64
	UID           uint32
	MessageID     string // without angle brackets
	InReplyTo     string
	References    []string
	Subject       string
	From          mail.Address
	To, Cc, Bcc   []mail.Address
	ReplyTo       []mail.Address
	Received      time.Time
	Sent          time.Time
	Size          int64
	Flags         mail.Flags
	Keywords      []string // sorted
	Snippet       string
	HasAttachment bool
}

// manyMails is from how many messages on the rows are not observed one by one.
const manyMails = 100

// AddMail stores messages, puts them into conversations and returns their IDs. It is made for batches of some hundred.
func (tx *Tx) AddMail(ctx context.Context, batch []NewMail) (ids []int64, err error) {
	if len(batch) < manyMails {
		return tx.addMail(ctx, batch)
	}
	err = tx.db.hooks.besides(live.Mail|live.Folders, func() error {
		ids, err = tx.addMail(ctx, batch)
		return err
	})
	return ids, err
}

func (tx *Tx) addMail(ctx context.Context, batch []NewMail) ([]int64, error) {
	if len(batch) == 0 {
		return nil, nil
	}
	ids, err := tx.mailIDs(ctx, batch)
	if err != nil {
		return nil, fmt.Errorf("add messages: %w", err)
	}
	messages := make([]mail.Threaded, len(batch))
	for i, m := range batch {
		messages[i] = mail.NewThreaded(m.AccountID, ids[i], m.MessageID, m.InReplyTo, m.References, m.Subject)
	}
	threads, err := tx.joinThreads(ctx, messages)
	if err != nil {
		return nil, fmt.Errorf("add messages: %w", err)
	}
	states, err := tx.firstStates(ctx, batch)
	if err != nil {
		return nil, fmt.Errorf("add messages: %w", err)
	}
	order := make([]int, len(batch)) // that of the table
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(ids[a], ids[b]) })
	err = tx.runRows(ctx, addMessages, len(batch), func(args []any, n int) []any {
		i := order[n]
		return addArgs(args, ids[i], threads[i], states[i], &batch[i])
	})
	if err == nil {
		err = tx.countAdded(ctx, batch, ids, threads)
	}
	if err != nil {
		return nil, fmt.Errorf("add messages: %w", err)
	}
	tx.packs.arrived(len(batch))
	return ids, nil
}

// mailIDs chooses IDs that no message has.
func (tx *Tx) mailIDs(ctx context.Context, batch []NewMail) ([]int64, error) {
	ids := make([]int64, len(batch))
	seeds := make([]int64, len(batch))
	for i, m := range batch {
		if seeds[i] = int64(m.UID); m.UID == 0 { // the UID keeps messages of one second in the server's order
			seeds[i] = mail.RefHash(m.FolderID, m.MessageID+m.Subject) >> 8
		}
		if ids[i] = m.ID; m.ID == 0 {
			ids[i] = mailID(m.Received, seeds[i])
		}
	}
	taken := map[int64]bool{}
	used, err := tx.ids(ctx, `SELECT id FROM messages WHERE id IN (SELECT value FROM json_each(?))`, jsonIDs(ids))
	if err != nil {
		return nil, err
	}
	for _, id := range used {
		taken[id] = true
	}
	for i := range ids {
		if taken[ids[i]] {
			if ids[i], err = tx.freeID(ctx, ids[i], seeds[i], taken); err != nil {
				return nil, err
			}
		}
		taken[ids[i]] = true
	}
	return ids, nil
}

// freeID looks for a free ID near one that is taken: first in the same second, then all over the same minute.
func (tx *Tx) freeID(ctx context.Context, id, seed int64, taken map[int64]bool) (int64, error) {
	base := id >> minuteBits << minuteBits
	for try := int64(1); ; try++ {
		id++
		if try > 8 {
			base += (try >> 10) << minuteBits
			seed = seed*6364136223846793005 + 1442695040888963407
			id = base | seed>>20&(1<<minuteBits-1)
		}
		if taken[id] {
			continue
		}
		used, err := tx.ids(ctx, `SELECT id FROM messages WHERE id = ?`, id)
		if err != nil || len(used) == 0 {
			return id, err
		}
	}
}

// RemoveMail deletes messages with everything that belongs to them.
func (tx *Tx) RemoveMail(ctx context.Context, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	if err := tx.leaveThreads(ctx, ids); err != nil {
		return fmt.Errorf("remove messages: %w", err)
	}
	if _, err := tx.exec(ctx, `DELETE FROM messages WHERE id IN (SELECT value FROM json_each(?))`, jsonIDs(ids)); err != nil {
		return fmt.Errorf("remove messages: %w", err)
	}
	return nil
}

// Redate stores when a local message says that it was sent, and how large it is with that date.
func (tx *Tx) Redate(ctx context.Context, id int64, at time.Time, size int64) error {
	_, err := tx.exec(ctx, `UPDATE messages SET sent = ?2, received = ?2, size = ?3 WHERE id = ?1`, id, millis(at), size)
	if err != nil {
		return fmt.Errorf("change the date of a message: %w", err)
	}
	return nil
}

// UpdateMail stores the header of a local message anew, for a draft that was changed. Flags, place and reception stay.
func (tx *Tx) UpdateMail(ctx context.Context, id int64, m NewMail) error {
	was, err := tx.memberList(ctx, `WHERE id = ?`, id)
	if err != nil || len(was) == 0 {
		return err // it was removed meanwhile
	}
	now := mail.NewThreaded(m.AccountID, id, m.MessageID, m.InReplyTo, m.References, m.Subject)
	moves := !reflect.DeepEqual(was[0].Threaded, now)
	if moves {
		if err := tx.leaveThreads(ctx, []int64{id}); err != nil {
			return fmt.Errorf("change message: %w", err)
		}
	}
	_, err = tx.exec(ctx, `UPDATE messages SET subject = ?, from_name = ?, from_addr = ?, recipients = ?, cc = ?, bcc = ?, reply_to = ?, in_reply_to = ?,
		refs = ?, message_id = ?, mid_hash = ?, sent = ?, size = ?, snippet = ?, has_attachment = ? WHERE id = ?`,
		m.Subject, m.From.Name, m.From.Addr, addressColumn(m.To), addressColumn(m.Cc), addressColumn(m.Bcc), addressColumn(m.ReplyTo), m.InReplyTo,
		wordColumn(m.References), m.MessageID, mail.RefHash(m.AccountID, m.MessageID), millis(m.Sent), m.Size, m.Snippet, m.HasAttachment, id)
	if err == nil && moves {
		err = tx.rejoin(ctx, now)
	}
	if err != nil {
		return fmt.Errorf("change message: %w", err)
	}
	return nil
}

// ShowMail stores how messages are shown until the server knows: the effect of a person's change, beside its operation.
func (tx *Tx) ShowMail(ctx context.Context, id int64, s mail.State) error {
	_, err := tx.exec(ctx, `UPDATE messages SET folder_id = ?, flags = ?, keywords = ?, hidden = ? WHERE id = ?`,
		s.FolderID, int64(s.Flags), wordColumn(s.Keywords), s.Hidden || s.Flags.Has(mail.Deleted), id)
	if err != nil {
		return fmt.Errorf("show message: %w", err)
	}
	return nil
}

// recomputeMail computes the rows that a dropped operation was about again.
func (tx *Tx) recomputeMail(ctx context.Context, op journal.Op) error {
	var messages []int64
	for _, t := range op.Targets {
		switch t.Table {
		case "messages":
			messages = append(messages, t.ID)
		case "folders":
			if err := tx.RecomputeFolder(ctx, t.ID); err != nil {
				return err
			}
		}
	}
	if op.Kind == journal.MailCopy && op.State == journal.Cancelled {
		var payload mail.CopyOp
		if err := json.Unmarshal(op.Payload, &payload); err != nil {
			return fmt.Errorf("read operation %d: %w", op.ID, err)
		}
		return tx.dropCopies(ctx, payload.Copies)
	}
	if op.Kind == journal.MailAppend && op.State == journal.Cancelled {
		if err := tx.dropAdded(ctx, op); err != nil {
			return err
		}
	}
	if op.Kind == journal.MailSend && op.State == journal.Cancelled {
		return tx.unsend(ctx, op)
	}
	return tx.RecomputeMessages(ctx, op.AccountID, messages)
}

// dropAdded removes the rows that an operation would have added to the server: those that its inverse would delete there.
// A draft or a sent message, which was here before, stays.
func (tx *Tx) dropAdded(ctx context.Context, op journal.Op) error {
	if len(op.Inverse) == 0 {
		return nil
	}
	var inverse journal.Inverse
	if err := json.Unmarshal(op.Inverse, &inverse); err != nil || inverse.Kind != journal.MailDelete {
		return err
	}
	var added mail.DeleteOp
	if err := json.Unmarshal(inverse.Payload, &added); err != nil {
		return fmt.Errorf("read operation %d: %w", op.ID, err)
	}
	return tx.dropCopies(ctx, added.IDs)
}

// dropCopies removes the rows that stood for copies which will not be made.
func (tx *Tx) dropCopies(ctx context.Context, ids []int64) error {
	local, err := tx.ids(ctx, `SELECT id FROM messages WHERE remote_folder_id = 0 AND id IN (SELECT value FROM json_each(?))`, jsonIDs(ids))
	if err != nil {
		return err
	}
	return tx.RemoveMail(ctx, local)
}

// RecomputeMessages lays what still waits over what the server said last. A message that the server does not have
// stays where it is shown.
func (tx *Tx) RecomputeMessages(ctx context.Context, accountID int64, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	effects, err := tx.mailEffects(ctx, accountID)
	if err != nil {
		return err
	}
	all, err := tx.ids(ctx, `SELECT id FROM folders WHERE account_id = ?`, accountID)
	if err != nil {
		return fmt.Errorf("recompute messages: %w", err)
	}
	folders := make(map[int64]bool, len(all))
	for _, id := range all {
		folders[id] = true
	}
	states := map[int64]mail.State{}
	err = tx.each(ctx, `SELECT id, CASE WHEN remote_folder_id <> 0 THEN remote_folder_id ELSE folder_id END,
			CASE WHEN remote_folder_id <> 0 THEN remote_flags ELSE flags END,
			CASE WHEN remote_folder_id <> 0 THEN remote_keywords ELSE keywords END
		FROM messages WHERE id IN (SELECT value FROM json_each(?))`, []any{jsonIDs(ids)}, func(scan func(...any) error) error {
		var id int64
		var s mail.State
		var keywords string
		err := scan(&id, &s.FolderID, &s.Flags, &keywords)
		s.Keywords = words(keywords)
		states[id] = s
		return err
	})
	if err != nil {
		return fmt.Errorf("recompute messages: %w", err)
	}
	for id, s := range states {
		s = reconcile.LayMail(id, s, effects, func(folder int64) bool { return folders[folder] })
		if err := tx.ShowMail(ctx, id, s); err != nil {
			return err
		}
	}
	return nil
}

// mailEffects reads the effects of an account's pending mail operations, oldest first.
func (r reads) mailEffects(ctx context.Context, accountID int64) ([]mail.Effect, error) {
	var effects []mail.Effect
	err := r.each(ctx, `SELECT kind, payload FROM journal WHERE account_id = ? AND state NOT IN ('done', 'cancelled') AND kind LIKE 'mail.%' ORDER BY id`,
		[]any{accountID}, func(scan func(...any) error) error {
			var kind journal.Kind
			var payload []byte
			if err := scan(&kind, &payload); err != nil {
				return err
			}
			e, err := mail.ReadEffect(kind, payload)
			effects = append(effects, e)
			return err
		})
	return effects, err
}

// RecomputeFolder lays what still waits over what the server said of a folder. A folder that was never made there and
// that nothing waits for is removed.
func (tx *Tx) RecomputeFolder(ctx context.Context, id int64) error {
	f, err := tx.MailFolder(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	effects, err := tx.mailEffects(ctx, f.AccountID)
	if err != nil {
		return err
	}
	name, hidden, about := f.RemoteName, false, 0
	for _, e := range effects {
		var touched bool
		if name, hidden, touched = e.LayFolder(id, name, f.Delim, hidden); touched {
			about++
		}
	}
	if name == "" && about == 0 && f.Role != mail.RoleOutbox && f.Total == 0 {
		return tx.RemoveFolder(ctx, id)
	}
	if name != "" {
		f.Name = name
	}
	f.Hidden = hidden
	return tx.SaveFolder(ctx, f)
}
