// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"kontor/app/mail"
)

func keepSetting(accountID int64) string { return "mail.keep." + strconv.FormatInt(accountID, 10) }

// Keep reads which messages of an account are kept with all their octets. What cannot be read is the default.
func (r reads) Keep(ctx context.Context, accountID int64) (mail.Keep, error) {
	value, err := r.Setting(ctx, keepSetting(accountID), "")
	if err != nil {
		return mail.Keep{}, fmt.Errorf("read what is kept: %w", err)
	}
	var k mail.Keep
	if json.Unmarshal([]byte(value), &k) != nil {
		k = mail.DefaultKeep
	}
	return k, nil
}

// SetKeep stores which messages of an account are kept.
func (tx *Tx) SetKeep(ctx context.Context, accountID int64, k mail.Keep) error {
	text, err := json.Marshal(k)
	if err != nil {
		return err
	}
	return tx.SetSetting(ctx, keepSetting(accountID), string(text))
}

// fixedMail tells of messages that must not be dropped: an operation waits for them, they are being written or sent, no
// server has them, or their text is not read yet.
const fixedMail = `(m.uid = 0 OR m.remote_folder_id = 0
	OR EXISTS (SELECT 1 FROM folders f WHERE f.id IN (m.folder_id, m.remote_folder_id) AND f.role IN ('drafts', 'outbox'))
	OR EXISTS (SELECT 1 FROM journal_targets t JOIN journal j ON j.id = t.op_id
		WHERE t.tbl = 'messages' AND t.row_id = m.id AND j.state NOT IN ('done', 'cancelled'))
	OR m.body_state = 1 AND EXISTS (SELECT 1 FROM search_queue q WHERE q.id = m.id AND q.what & 2))`

// HeldMail reads what matters for what is kept of an account.
func (r reads) HeldMail(ctx context.Context, accountID int64) ([]mail.Held, error) {
	var all []mail.Held
	err := r.each(ctx, `SELECT m.id, m.folder_id, m.received, m.opened, m.size, m.body_state, `+fixedMail+` FROM messages m WHERE m.account_id = ?`,
		[]any{accountID}, func(scan func(...any) error) error {
			var h mail.Held
			var received, opened int64
			err := scan(&h.ID, &h.FolderID, &received, &opened, &h.Size, &h.State, &h.Fixed)
			h.Received, h.Opened = fromMillis(received), fromMillis(opened)
			all = append(all, h)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read what is kept: %w", err)
	}
	return all, nil
}

// ApplyKeep carries a plan out. What changed since it was made, so that a message must stay now, is left as it is.
func (tx *Tx) ApplyKeep(ctx context.Context, plan mail.KeepPlan) error {
	drop, err := tx.ids(ctx, `SELECT m.id FROM messages m WHERE m.body_state = 1 AND m.id IN (SELECT value FROM json_each(?)) AND NOT `+fixedMail, jsonIDs(plan.Drop))
	if err != nil {
		return fmt.Errorf("keep messages: %w", err)
	}
	for _, step := range []struct {
		query string
		ids   []int64
	}{
		{`DELETE FROM bodies WHERE id IN (SELECT value FROM json_each(?))`, drop},
		{`DELETE FROM body_pieces WHERE message_id IN (SELECT value FROM json_each(?))`, drop},
		{`UPDATE messages SET body_state = 3 WHERE id IN (SELECT value FROM json_each(?))`, drop},
		{`UPDATE messages SET body_state = 0 WHERE body_state = 3 AND id IN (SELECT value FROM json_each(?))`, plan.Fetch},
		{`UPDATE messages SET body_state = 3 WHERE body_state = 0 AND uid > 0 AND id IN (SELECT value FROM json_each(?))`, plan.Forgo},
	} {
		if len(step.ids) == 0 {
			continue
		}
		if _, err := tx.exec(ctx, step.query, jsonIDs(step.ids)); err != nil {
			return fmt.Errorf("keep messages: %w", err)
		}
	}
	return nil
}

// WantBody asks for the octets of a message that somebody opens and that is not kept. It reports whether they are to be
// fetched now.
func (db *DB) WantBody(ctx context.Context, id int64) (bool, error) {
	var state mail.BodyState
	if err := db.scan(ctx, []any{&state}, `SELECT body_state FROM messages WHERE id = ?`, id); err != nil {
		return false, fmt.Errorf("message %d: %w", id, err)
	}
	if state != mail.BodyUnwanted {
		return state == mail.BodyMissing, nil
	}
	err := db.Write(ctx, func(tx *Tx) error {
		_, err := tx.exec(ctx, `UPDATE messages SET body_state = 0, opened = ? WHERE id = ? AND body_state = 3`, millis(time.Now()), id)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("message %d: %w", id, err)
	}
	return true, nil
}

// firstStates gives what becomes of the octets of new messages, so that what is not wanted is never fetched.
func (tx *Tx) firstStates(ctx context.Context, batch []NewMail) ([]mail.BodyState, error) {
	rules := map[int64]mail.Keep{}
	states := make([]mail.BodyState, len(batch))
	now := time.Now()
	for i, m := range batch {
		k, ok := rules[m.AccountID]
		if !ok {
			var err error
			if k, err = tx.Keep(ctx, m.AccountID); err != nil {
				return nil, err
			}
			rules[m.AccountID] = k
		}
		if m.UID > 0 && !k.Wants(mail.Held{FolderID: m.FolderID, Received: m.Received, Size: m.Size}, now) {
			states[i] = mail.BodyUnwanted
		}
	}
	return states, nil
}

// KeptMail counts what is here of the messages of an account.
type KeptMail struct {
	Whole    int   `json:"whole"`    // with all their octets
	Octets   int64 `json:"octets"`   // of those, before packing
	Missing  int   `json:"missing"`  // to be fetched
	Unwanted int   `json:"unwanted"` // only their headers; fetched when somebody opens them
}

// KeptMail counts what is here of the messages of an account.
func (r reads) KeptMail(ctx context.Context, accountID int64) (k KeptMail, err error) {
	err = r.scan(ctx, []any{&k.Whole, &k.Octets, &k.Missing, &k.Unwanted}, `SELECT coalesce(sum(body_state = 1), 0),
		coalesce(sum(size) FILTER (WHERE body_state = 1), 0), coalesce(sum(body_state IN (0, 2)), 0), coalesce(sum(body_state = 3), 0)
		FROM messages WHERE account_id = ? AND hidden = 0`, accountID)
	if err != nil {
		return k, fmt.Errorf("read what is kept: %w", err)
	}
	return k, nil
}
