// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"kontor/app/mail"
	"kontor/storage"
)

// ErrIdentityFolder is returned for a folder that an identity is to use and that is not there.
var ErrIdentityFolder = errors.New("the folder of this identity is not there")

// identityStore is what identities are read from: a store or a transaction.
type identityStore interface {
	Identities(ctx context.Context, accountID int64) ([]mail.Identity, error)
}

// identitiesOf lists who a person can write as with an account: by its own settings first, unless an identity has the same
// address. The list is never empty.
func identitiesOf(ctx context.Context, from identityStore, a storage.Account) ([]mail.Identity, error) {
	stored, err := from.Identities(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	for _, i := range stored {
		if mail.SameAddress(i.Address, a.Email) {
			return stored, nil
		}
	}
	own := mail.Identity{AccountID: a.ID, Name: a.DisplayName, Address: a.Email, Signature: a.Signature}
	return append([]mail.Identity{own}, stored...), nil
}

// Identities lists who a person can write as with an account; the one with ID 0 follows from the account's settings and
// becomes an identity of its own when it is set.
func (a *Accounts) Identities(ctx context.Context, accountID int64) ([]mail.Identity, error) {
	account, err := a.db.Account(ctx, accountID)
	if err != nil {
		return nil, fmt.Errorf("identities: %w", err)
	}
	return identitiesOf(ctx, a.db, account)
}

// SetIdentity stores an identity, a new one for ID 0, and gives its ID. Errors: mail.ErrAddress, ErrIdentityFolder,
// storage.ErrNameTaken for an address that another identity of the account has.
func (a *Accounts) SetIdentity(ctx context.Context, i mail.Identity) (id int64, err error) {
	for _, s := range []*string{&i.Name, &i.Address, &i.ReplyTo, &i.Organisation, &i.SentFolder, &i.Mailbox} {
		*s = strings.TrimSpace(*s)
	}
	if !mail.ValidAddress(i.Address) {
		return 0, fmt.Errorf("identity: %w", &mail.AddressError{Part: i.Address})
	}
	if i.ReplyTo != "" && !mail.ValidAddress(i.ReplyTo) {
		return 0, fmt.Errorf("identity: %w", &mail.AddressError{Part: i.ReplyTo})
	}
	err = a.db.WriteDurable(ctx, func(tx *storage.Tx) error {
		if _, err := tx.Account(ctx, i.AccountID); err != nil {
			return err
		}
		folders, err := tx.Folders(ctx, i.AccountID)
		if err != nil {
			return err
		}
		for _, name := range []string{i.SentFolder, i.Mailbox} {
			if name != "" && name != mail.SentByServer && !mail.HasFolder(folders, name) {
				return fmt.Errorf("%q: %w", name, ErrIdentityFolder)
			}
		}
		id, err = tx.SaveIdentity(ctx, i)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("identity: %w", err)
	}
	return id, nil
}

// RemoveIdentity forgets an identity.
func (a *Accounts) RemoveIdentity(ctx context.Context, id int64) error {
	if err := a.db.WriteDurable(ctx, func(tx *storage.Tx) error { return tx.RemoveIdentity(ctx, id) }); err != nil {
		return fmt.Errorf("remove identity: %w", err)
	}
	return nil
}

// WriteAs changes who a message is written as: sender, address for answers, organisation, and the signature where it is
// still the one of the identity before. identityID is that of mail.Identity, 0 for the account's own.
func (m *Mail) WriteAs(ctx context.Context, out mail.Outgoing, identityID int64) (mail.Outgoing, error) {
	a, err := m.db.Account(ctx, out.AccountID)
	if err != nil {
		return out, fmt.Errorf("choose the sender: %w", err)
	}
	list, err := identitiesOf(ctx, m.db, a)
	if err != nil {
		return out, fmt.Errorf("choose the sender: %w", err)
	}
	before := mail.IdentityByID(list, out.Identity)
	for _, i := range list {
		if i.ID == identityID {
			out.Text = mail.ChangeSignature(out.Text, before.Signature, i.Signature)
			return wear(out, i), nil
		}
	}
	return out, fmt.Errorf("choose the sender: identity %d: %w", identityID, storage.ErrNotFound)
}

// wear fills in what follows from an identity.
func wear(out mail.Outgoing, i mail.Identity) mail.Outgoing {
	out.Identity, out.From, out.Organisation, out.ReplyTo = i.ID, i.From(), i.Organisation, nil
	if i.ReplyTo != "" && !mail.SameAddress(i.ReplyTo, i.Address) {
		out.ReplyTo = []mail.Address{{Name: i.Name, Addr: i.ReplyTo}}
	}
	return out
}
