// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrNameTaken is returned for a second account of the same name.
var ErrNameTaken = errors.New("there is already an account of this name")

// Account is what the store knows of an account. Secrets are never in it.
type Account struct {
	ID          int64
	Name        string
	Email       string
	User        string // what to sign in as
	DisplayName string
	Signature   string
	IMAPURL     string // imaps://host:993 or imap://host:143
	SMTPURL     string // smtps://host:465 or smtp://host:587
	FilesURL    string // https://... of the WebDAV root
	TasksURL    string // https://... of the CalDAV server
	CAPEM       string // certificates to trust for this account, besides the system's
	FilesRoot   string // absolute folder of the local copies, empty for the default below the home
	Created     time.Time
}

const accountColumns = `id, name, email, user, display_name, signature, imap_url, smtp_url, files_url, tasks_url, ca_pem, files_root, created`

func scanAccount(scan func(...any) error) (a Account, err error) {
	var created int64
	err = scan(&a.ID, &a.Name, &a.Email, &a.User, &a.DisplayName, &a.Signature, &a.IMAPURL, &a.SMTPURL, &a.FilesURL,
		&a.TasksURL, &a.CAPEM, &a.FilesRoot, &created)
	a.Created = fromMillis(created)
	return a, err
}

// Accounts lists all accounts in the order they were added.
func (r reads) Accounts(ctx context.Context) ([]Account, error) {
	var all []Account
	err := r.each(ctx, `SELECT `+accountColumns+` FROM accounts ORDER BY id`, nil, func(scan func(...any) error) error {
		a, err := scanAccount(scan)
		all = append(all, a)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	return all, nil
}

// Account reads one account by its ID.
func (r reads) Account(ctx context.Context, id int64) (Account, error) {
	return r.account(ctx, `id = ?`, id)
}

// AccountByName reads one account by its name.
func (r reads) AccountByName(ctx context.Context, name string) (Account, error) {
	return r.account(ctx, `name = ?`, name)
}

func (r reads) account(ctx context.Context, where string, arg any) (Account, error) {
	s, err := r.q.stmt(ctx, `SELECT `+accountColumns+` FROM accounts WHERE `+where)
	if err != nil {
		return Account{}, err
	}
	rows, err := s.QueryContext(ctx, arg)
	if err != nil {
		return Account{}, err
	}
	defer rows.Close() //nolint:errcheck // nothing was written
	if !rows.Next() {
		return Account{}, errors.Join(rows.Err(), fmt.Errorf("account %v: %w", arg, ErrNotFound))
	}
	return scanAccount(rows.Scan)
}

// AddAccount stores a new account and returns its ID.
func (tx *Tx) AddAccount(ctx context.Context, a Account) (int64, error) {
	if _, err := tx.AccountByName(ctx, a.Name); err == nil {
		return 0, fmt.Errorf("account %q: %w", a.Name, ErrNameTaken)
	}
	return tx.insert(ctx, `INSERT INTO accounts (name, email, user, display_name, signature, imap_url, smtp_url, files_url, tasks_url, ca_pem, files_root, created)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		a.Name, a.Email, a.User, a.DisplayName, a.Signature, a.IMAPURL, a.SMTPURL, a.FilesURL, a.TasksURL, a.CAPEM, a.FilesRoot, millis(time.Now()))
}

// SaveAccount stores every field of an existing account but its ID and creation.
func (tx *Tx) SaveAccount(ctx context.Context, a Account) error {
	_, err := tx.exec(ctx, `UPDATE accounts SET name = ?, email = ?, user = ?, display_name = ?, signature = ?, imap_url = ?, smtp_url = ?,
		files_url = ?, tasks_url = ?, ca_pem = ?, files_root = ? WHERE id = ?`,
		a.Name, a.Email, a.User, a.DisplayName, a.Signature, a.IMAPURL, a.SMTPURL, a.FilesURL, a.TasksURL, a.CAPEM, a.FilesRoot, a.ID)
	return err
}

// RemoveAccount deletes an account, what is remembered of its files and, by foreign keys, every row that belongs to it.
func (tx *Tx) RemoveAccount(ctx context.Context, id int64) error {
	if _, err := tx.exec(ctx, `DELETE FROM settings WHERE key GLOB '_files.*.' || ?`, id); err != nil {
		return err
	}
	_, err := tx.exec(ctx, `DELETE FROM accounts WHERE id = ?`, id)
	return err
}

// Setting reads a setting, or fallback where it was never set.
func (r reads) Setting(ctx context.Context, key, fallback string) (string, error) {
	var value string
	err := r.scan(ctx, []any{&value}, `SELECT value FROM settings WHERE key = ?`, key)
	if errors.Is(err, ErrNotFound) {
		return fallback, nil
	}
	return value, err
}

// Settings reads all settings whose keys begin with prefix.
func (r reads) Settings(ctx context.Context, prefix string) (map[string]string, error) {
	all := map[string]string{}
	err := r.each(ctx, `SELECT key, value FROM settings WHERE key >= ?1 AND key < ?1 || char(1114111)`, []any{prefix}, func(scan func(...any) error) error {
		var key, value string
		err := scan(&key, &value)
		all[key] = value
		return err
	})
	return all, err
}

// SetSetting stores a setting.
func (tx *Tx) SetSetting(ctx context.Context, key, value string) error {
	_, err := tx.exec(ctx, `INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, value)
	return err
}
