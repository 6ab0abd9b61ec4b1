// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"fmt"
	"time"

	"kontor/app/mail"
)

// NoteCopy remembers that this program has put the copy of a sent message into a folder of the server.
func (tx *Tx) NoteCopy(ctx context.Context, c mail.OwnCopy) error {
	_, err := tx.exec(ctx, `INSERT INTO mail_copies (id, folder_id, uid, uidvalidity, at) VALUES (?1, ?2, ?3, ?4, ?5)
		ON CONFLICT (id) DO UPDATE SET folder_id = ?2, uid = ?3, uidvalidity = ?4, at = ?5`,
		c.ID, c.FolderID, int64(c.UID), int64(c.UIDValidity), c.At.UnixMilli())
	if err != nil {
		return fmt.Errorf("note copy: %w", err)
	}
	return nil
}

// ForgetCopy takes back NoteCopy.
func (tx *Tx) ForgetCopy(ctx context.Context, id int64) error {
	_, err := tx.exec(ctx, `DELETE FROM mail_copies WHERE id = ?`, id)
	return err
}

// OwnCopies lists what NoteCopy has remembered of an account.
func (r reads) OwnCopies(ctx context.Context, accountID int64) ([]mail.OwnCopy, error) {
	var list []mail.OwnCopy
	err := r.each(ctx, `SELECT c.id, c.folder_id, c.uid, c.uidvalidity, c.at FROM mail_copies c JOIN messages m ON m.id = c.id
		WHERE m.account_id = ? ORDER BY c.id`, []any{accountID}, func(scan func(...any) error) error {
		var c mail.OwnCopy
		var at int64
		err := scan(&c.ID, &c.FolderID, &c.UID, &c.UIDValidity, &at)
		c.At = time.UnixMilli(at)
		list = append(list, c)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read copies: %w", err)
	}
	return list, nil
}

// SetFilesSent remembers whether the server of an account files what it sends itself.
func (tx *Tx) SetFilesSent(ctx context.Context, accountID int64, files bool) error {
	query := `DELETE FROM mail_filing WHERE account_id = ?`
	if files {
		query = `INSERT INTO mail_filing (account_id) VALUES (?) ON CONFLICT DO NOTHING`
	}
	_, err := tx.exec(ctx, query, accountID)
	return err
}

// FilesSent reports whether the server of an account was seen to file what it sends itself.
func (r reads) FilesSent(ctx context.Context, accountID int64) (files bool, err error) {
	err = r.scan(ctx, []any{&files}, `SELECT EXISTS (SELECT 1 FROM mail_filing WHERE account_id = ?)`, accountID)
	return files, err
}
