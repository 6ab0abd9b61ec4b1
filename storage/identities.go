// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"fmt"

	"kontor/app/mail"
)

// Identities lists the stored identities of an account in the order they were added; of all accounts for accountID 0.
func (r reads) Identities(ctx context.Context, accountID int64) ([]mail.Identity, error) {
	var all []mail.Identity
	err := r.each(ctx, `SELECT id, account_id, name, address, reply_to, organisation, signature, sent_folder, mailbox, standard FROM identities
		WHERE ?1 = 0 OR account_id = ?1 ORDER BY id`, []any{accountID}, func(scan func(...any) error) error {
		var i mail.Identity
		err := scan(&i.ID, &i.AccountID, &i.Name, &i.Address, &i.ReplyTo, &i.Organisation, &i.Signature, &i.SentFolder, &i.Mailbox, &i.Default)
		all = append(all, i)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read identities: %w", err)
	}
	return all, nil
}

// SaveIdentity stores an identity, a new one for ID 0, and gives its ID. One that is the default takes that from the
// others of its account. The address must not be one of another identity of the account: ErrNameTaken.
func (tx *Tx) SaveIdentity(ctx context.Context, i mail.Identity) (int64, error) {
	have, err := tx.Identities(ctx, i.AccountID)
	if err != nil {
		return 0, err
	}
	for _, other := range have {
		if other.ID != i.ID && mail.SameAddress(other.Address, i.Address) {
			return 0, fmt.Errorf("identity %q: %w", i.Address, ErrNameTaken)
		}
	}
	if i.Default {
		if _, err := tx.exec(ctx, `UPDATE identities SET standard = 0 WHERE account_id = ?`, i.AccountID); err != nil {
			return 0, err
		}
	}
	if i.ID == 0 {
		return tx.insert(ctx, `INSERT INTO identities (account_id, name, address, reply_to, organisation, signature, sent_folder, mailbox, standard)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			i.AccountID, i.Name, i.Address, i.ReplyTo, i.Organisation, i.Signature, i.SentFolder, i.Mailbox, i.Default)
	}
	res, err := tx.exec(ctx, `UPDATE identities SET name = ?, address = ?, reply_to = ?, organisation = ?, signature = ?, sent_folder = ?,
		mailbox = ?, standard = ? WHERE id = ? AND account_id = ?`,
		i.Name, i.Address, i.ReplyTo, i.Organisation, i.Signature, i.SentFolder, i.Mailbox, i.Default, i.ID, i.AccountID)
	if err != nil {
		return 0, err
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return 0, fmt.Errorf("identity %d: %w", i.ID, ErrNotFound)
	}
	return i.ID, nil
}

// RemoveIdentity forgets an identity. What was written with it stays as it is.
func (tx *Tx) RemoveIdentity(ctx context.Context, id int64) error {
	res, err := tx.exec(ctx, `DELETE FROM identities WHERE id = ?`, id)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return fmt.Errorf("identity %d: %w", id, ErrNotFound)
	}
	return nil
}
