// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"kontor/app/mail"
)

// Grants reads who may do what with a folder, and when the server said so; ErrNotFound if it was never asked.
func (r reads) Grants(ctx context.Context, folderID int64) (list []mail.Grant, asked time.Time, err error) {
	var text string
	var at int64
	err = r.scan(ctx, []any{&at, &text}, `SELECT asked, grants FROM folder_grants WHERE folder_id = ?`, folderID)
	if err == nil {
		err = json.Unmarshal([]byte(text), &list)
	}
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("rights of a folder: %w", err)
	}
	return list, fromMillis(at), nil
}

// SaveGrants stores who may do what with a folder.
func (tx *Tx) SaveGrants(ctx context.Context, folderID int64, list []mail.Grant, asked time.Time) error {
	text, err := json.Marshal(list)
	if err == nil {
		_, err = tx.exec(ctx, `INSERT INTO folder_grants (folder_id, asked, grants) VALUES (?, ?, ?)
			ON CONFLICT (folder_id) DO UPDATE SET asked = excluded.asked, grants = excluded.grants`, folderID, millis(asked), string(text))
	}
	if err != nil {
		return fmt.Errorf("save rights: %w", err)
	}
	return nil
}

// Quotas lists what is used of what an account may store; of all accounts for accountID 0.
func (r reads) Quotas(ctx context.Context, accountID int64) ([]mail.Quota, error) {
	var all []mail.Quota
	err := r.each(ctx, `SELECT account_id, root, resource, used, maximum FROM quotas WHERE ?1 = 0 OR account_id = ?1 ORDER BY account_id, root, resource DESC`,
		[]any{accountID}, func(scan func(...any) error) error {
			var q mail.Quota
			err := scan(&q.AccountID, &q.Root, &q.Resource, &q.Used, &q.Limit)
			all = append(all, q)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read quotas: %w", err)
	}
	return all, nil
}

// SaveQuotas stores what is used of what an account may store, in the place of what was known. Nothing is written where
// nothing has changed.
func (tx *Tx) SaveQuotas(ctx context.Context, accountID int64, list []mail.Quota) error {
	old, err := tx.Quotas(ctx, accountID)
	if err != nil {
		return err
	}
	for i := range list {
		list[i].AccountID = accountID
	}
	if len(old) == len(list) && !slices.ContainsFunc(list, func(q mail.Quota) bool { return !slices.Contains(old, q) }) {
		return nil
	}
	if _, err := tx.exec(ctx, `DELETE FROM quotas WHERE account_id = ?`, accountID); err != nil {
		return fmt.Errorf("save quotas: %w", err)
	}
	for _, q := range list {
		_, err := tx.exec(ctx, `INSERT INTO quotas (account_id, root, resource, used, maximum) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (account_id, root, resource) DO UPDATE SET used = excluded.used, maximum = excluded.maximum`,
			accountID, q.Root, q.Resource, q.Used, q.Limit)
		if err != nil {
			return fmt.Errorf("save quotas: %w", err)
		}
	}
	return nil
}

// KeepSeen notes that a message counts as read here, or no longer does, although its server does not keep that.
func (tx *Tx) KeepSeen(ctx context.Context, id int64, seen bool) error {
	var err error
	if seen {
		_, err = tx.exec(ctx, `INSERT INTO mail_seen (id) VALUES (?) ON CONFLICT DO NOTHING`, id)
	} else {
		_, err = tx.exec(ctx, `DELETE FROM mail_seen WHERE id = ?`, id)
	}
	if err != nil {
		return fmt.Errorf("keep what was read: %w", err)
	}
	return nil
}

// seenHere reports whether a message counts as read although its server does not keep that.
func (r reads) seenHere(ctx context.Context, id int64) (bool, error) {
	var n int
	err := r.scan(ctx, []any{&n}, `SELECT 1 FROM mail_seen WHERE id = ?`, id)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// seenThere lists the UIDs of those messages of a server's folder that count as read although it does not keep that.
func (r reads) seenThere(ctx context.Context, folderID int64) (map[uint32]bool, error) {
	seen := map[uint32]bool{}
	err := r.each(ctx, `SELECT m.uid FROM mail_seen s CROSS JOIN messages m ON m.id = s.id WHERE m.remote_folder_id = ? AND m.uid > 0`,
		[]any{folderID}, func(scan func(...any) error) error {
			var uid uint32
			err := scan(&uid)
			seen[uid] = true
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read what was read: %w", err)
	}
	return seen, nil
}
