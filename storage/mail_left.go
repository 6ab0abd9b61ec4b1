// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"fmt"
)

// MailLeft is a message that was copied to be moved: where its original is to be removed.
type MailLeft struct {
	ID          int64 // the message
	FolderID    int64 // on the server
	UID         uint32
	UIDValidity uint32 // of the folder at that time
}

// SetLeft notes, before an operation copies messages to move them, where their originals are.
func (tx *Tx) SetLeft(ctx context.Context, opID int64, list []MailLeft) error {
	for _, m := range list {
		_, err := tx.exec(ctx, `INSERT INTO mail_left (op_id, message_id, folder_id, uid, uidvalidity) VALUES (?1, ?2, ?3, ?4, ?5)
			ON CONFLICT (op_id, message_id) DO UPDATE SET folder_id = ?3, uid = ?4, uidvalidity = ?5`,
			opID, m.ID, m.FolderID, int64(m.UID), int64(m.UIDValidity))
		if err != nil {
			return fmt.Errorf("note originals: %w", err)
		}
	}
	return nil
}

// ClearLeft forgets the originals of an operation that is over.
func (tx *Tx) ClearLeft(ctx context.Context, opID int64) error {
	_, err := tx.exec(ctx, `DELETE FROM mail_left WHERE op_id = ?`, opID)
	return err
}

// Left lists the originals of what an operation has copied or was about to copy.
func (r reads) Left(ctx context.Context, opID int64) ([]MailLeft, error) {
	var list []MailLeft
	err := r.each(ctx, `SELECT message_id, folder_id, uid, uidvalidity FROM mail_left WHERE op_id = ? ORDER BY id`, []any{opID},
		func(scan func(...any) error) error {
			var m MailLeft
			err := scan(&m.ID, &m.FolderID, &m.UID, &m.UIDValidity)
			list = append(list, m)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read originals: %w", err)
	}
	return list, nil
}
