// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"errors"
	"fmt"
	"os"

	"kontor/app/accounts"
	"kontor/app/i18n"
	"kontor/storage"
)

func init() {
	for err, key := range map[error]string{
		accounts.ErrNoName: "no-name", accounts.ErrName: "name", accounts.ErrEmail: "email", accounts.ErrNoServer: "no-server",
		accounts.ErrScheme: "scheme", accounts.ErrCA: "ca", accounts.ErrSendAlone: "send-alone", accounts.ErrCheck: "check",
		accounts.ErrNothingFound: "nothing-found", accounts.ErrNoSecret: "no-secret", accounts.ErrNoKeyring: "no-keyring",
		accounts.ErrNoPassphrase: "no-passphrase", accounts.ErrPassphrase: "passphrase", accounts.ErrPassphrasesNo: "passphrases",
		accounts.ErrKeyLost: "key-lost", accounts.ErrOtherSeal: "other-seal", accounts.ErrSealed: "sealed",
		accounts.ErrNoLogin: "no-login", accounts.ErrLoginOver: "login-over", accounts.ErrLoginServer: "login-server",
	} {
		explain(err, "accounts.error."+key)
	}
}

// Accounts is what a person can do with accounts. Everything but List and ByName may take long, since it asks servers or
// the system's keyring: never call it where a window is drawn.
type Accounts struct {
	db      *storage.DB
	keys    accounts.Keyring
	changed func(accountID int64)
	root    func(storage.Account) string
}

// NewAccounts makes the accounts service. changed is called with every account that was added, changed or removed; root
// gives the folder that an account's files lie in.
func NewAccounts(db *storage.DB, keys accounts.Keyring, changed func(accountID int64), root func(storage.Account) string) *Accounts {
	return &Accounts{db: db, keys: keys, changed: changed, root: root}
}

// List gives all accounts in the order they were added.
func (a *Accounts) List(ctx context.Context) ([]storage.Account, error) { return a.db.Accounts(ctx) }

// ByName gives the account of a name, storage.ErrNotFound where there is none.
func (a *Accounts) ByName(ctx context.Context, name string) (storage.Account, error) {
	return a.db.AccountByName(ctx, name)
}

// Add stores an account and its password and gives its ID. It asks no server: see TestDraft.
func (a *Accounts) Add(ctx context.Context, d accounts.Draft, password string) (int64, error) {
	if err := d.Validate(); err != nil {
		return 0, fmt.Errorf("add the account: %w", err)
	}
	var id int64
	err := a.db.WriteDurable(ctx, func(tx *storage.Tx) (err error) {
		id, err = tx.AddAccount(ctx, d.Account())
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("add the account: %w", err)
	}
	if err := a.keys.Set(ctx, accounts.PasswordName(id), password); err != nil {
		ctx := context.WithoutCancel(ctx)
		undo := a.db.WriteDurable(ctx, func(tx *storage.Tx) error { return tx.RemoveAccount(ctx, id) })
		return 0, errors.Join(fmt.Errorf("keep the password: %w", err), undo)
	}
	a.changed(id)
	return id, nil
}

// Save changes the settings of an account, and its password where that is not empty. What a draft does not hold, such
// as the signature, stays as it is.
func (a *Accounts) Save(ctx context.Context, id int64, d accounts.Draft, password string) error {
	if err := d.Validate(); err != nil {
		return fmt.Errorf("save the account: %w", err)
	}
	old, err := a.db.Account(ctx, id)
	if err != nil {
		return fmt.Errorf("save the account: %w", err)
	}
	if password != "" {
		if err := a.SetPassword(ctx, id, password); err != nil {
			return err
		}
	}
	next := d.Account()
	next.ID, next.Signature, next.FilesRoot, next.Created = id, old.Signature, old.FilesRoot, old.Created
	if other, err := a.db.AccountByName(ctx, next.Name); err == nil && other.ID != id {
		return fmt.Errorf("save the account: %w", storage.ErrNameTaken)
	}
	if err := a.db.WriteDurable(ctx, func(tx *storage.Tx) error { return tx.SaveAccount(ctx, next) }); err != nil {
		return fmt.Errorf("save the account: %w", err)
	}
	a.changed(id)
	return nil
}

// SetPassword keeps a new password of an account.
func (a *Accounts) SetPassword(ctx context.Context, id int64, password string) error {
	if err := a.keys.Set(ctx, accounts.PasswordName(id), password); err != nil {
		return fmt.Errorf("keep the password: %w", err)
	}
	a.changed(id)
	return nil
}

// Secret gives the password of an account.
func (a *Accounts) Secret(ctx context.Context, id int64) (string, error) {
	secret, err := a.keys.Get(ctx, accounts.PasswordName(id))
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	return secret, nil
}

// Test signs in to every server of a stored account.
func (a *Accounts) Test(ctx context.Context, id int64) ([]accounts.Check, error) {
	account, err := a.db.Account(ctx, id)
	if err != nil {
		return nil, err
	}
	secret, err := a.Secret(ctx, id)
	if err != nil {
		return nil, err
	}
	return accounts.Test(ctx, account, secret), nil
}

// TestDraft signs in to every server of an account that is not stored yet, and says how it should be stored.
func (a *Accounts) TestDraft(ctx context.Context, d accounts.Draft, password string) (accounts.Trial, error) {
	if err := d.Validate(); err != nil {
		return accounts.Trial{Draft: d}, err
	}
	return accounts.Try(ctx, d, password), nil
}

// Discover finds the servers of a mail address.
func (a *Accounts) Discover(ctx context.Context, email string) (accounts.Found, error) {
	return accounts.Discover(ctx, email, accounts.Options{})
}

// Removed says what became of an account that was removed.
type Removed struct {
	Name   string
	Folder string // of the files, which stay where they are; empty where there are none
}

// Text is the sentence for a person.
func (r Removed) Text() string {
	if r.Folder == "" {
		return i18n.T("accounts.removed.no-files", "name", r.Name)
	}
	return i18n.T("accounts.removed", "name", r.Name, "folder", r.Folder)
}

// Remove deletes an account with everything that the local store has of it, and its password. Nothing changes on the
// servers, and the folder of its files stays.
func (a *Accounts) Remove(ctx context.Context, id int64) (Removed, error) {
	account, err := a.db.Account(ctx, id)
	if err != nil {
		return Removed{}, fmt.Errorf("remove the account: %w", err)
	}
	err = a.db.WriteDurable(ctx, func(tx *storage.Tx) error { return tx.RemoveAccount(ctx, id) })
	if err != nil {
		return Removed{}, fmt.Errorf("remove the account: %w", err)
	}
	gone := Removed{Name: account.Name}
	if dir := a.root(account); dir != "" {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			gone.Folder = dir
		}
	}
	a.changed(id)
	if err := a.keys.Delete(ctx, accounts.PasswordName(id)); err != nil {
		return gone, fmt.Errorf("forget the password: %w", err)
	}
	return gone, nil
}
