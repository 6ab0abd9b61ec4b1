// SPDX-License-Identifier: EUPL-1.2

package accounts

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/zalando/go-keyring"
)

// Sentinels of secrets that cannot be read or kept.
var (
	ErrNoSecret      = errors.New("no password is stored for this account")
	ErrNoKeyring     = errors.New("no keyring of the system can be reached, and KONTOR_PASSPHRASE is not set to open a sealed file instead")
	ErrNoPassphrase  = errors.New("the file of sealed passwords needs a passphrase: set KONTOR_PASSPHRASE")
	ErrPassphrase    = errors.New("the passphrase does not open the file of sealed passwords; it is unchanged")
	ErrPassphrasesNo = errors.New("the two passphrases are not the same")
	ErrKeyLost       = errors.New("the key to the stored passwords is no longer in the system's keyring: enter the passwords again")
	ErrOtherSeal     = errors.New("the stored passwords were sealed with the system's keyring, not with a passphrase: unset KONTOR_KEYRING")
	ErrSealed        = errors.New("the file of sealed passwords is damaged; it is unchanged")
)

// Keyring keeps secrets by name. Its calls may take long or ask the person: never make them where a window is drawn.
type Keyring interface {
	// Get reads a secret; ErrNoSecret where there is none.
	Get(ctx context.Context, name string) (string, error)
	// Set stores a secret in the place of an older one.
	Set(ctx context.Context, name, secret string) error
	// Delete forgets a secret. It is no error that there is none.
	Delete(ctx context.Context, name string) error
}

// PasswordName is the name that an account's password is kept by. IDs are never used again.
func PasswordName(accountID int64) string { return "password/" + strconv.FormatInt(accountID, 10) }

// System is the keyring of the operating system: Secret Service, Credential Manager or Keychain.
type System interface {
	// Get reads a secret; keyring.ErrNotFound where there is none.
	Get(ctx context.Context, name string) (string, error)
	Set(ctx context.Context, name, secret string) error
}

// Times that the system's keyring gets: the person may have to unlock it in a dialog.
const (
	keyringTimeout = 60 * time.Second
	keyringService = "kontor"
	masterName     = "master-key"
)

// systemKeyring bounds the calls of go-keyring, which know neither contexts nor time-outs.
type systemKeyring struct{ timeout time.Duration }

// Get is part of System.
func (k systemKeyring) Get(ctx context.Context, name string) (string, error) {
	return bounded(ctx, k.timeout, func() (string, error) { return keyring.Get(keyringService, name) })
}

// Set is part of System.
func (k systemKeyring) Set(ctx context.Context, name, secret string) error {
	_, err := bounded(ctx, k.timeout, func() (string, error) { return "", keyring.Set(keyringService, name, secret) })
	return err
}

// bounded runs a call that cannot be cancelled. What comes too late is dropped.
func bounded(ctx context.Context, timeout time.Duration, call func() (string, error)) (string, error) {
	if !sessionReachable(os.Getenv) {
		return "", errNoSession
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	type result struct {
		value string
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := call()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		return "", fmt.Errorf("wait for the system's keyring: %w", ctx.Err())
	}
}

// errNoSession says that there is nobody to ask, so that go-keyring need not start a message bus of its own to find out.
var errNoSession = errors.New("there is no session with a message bus")

// systemMaster reads the master key from the system's keyring, and makes it there where it is missing and may be made.
func systemMaster(ctx context.Context, system System, mayMake bool) (*masterKey, error) {
	text, err := system.Get(ctx, masterName)
	if err == nil {
		raw, err := base64.StdEncoding.DecodeString(text)
		if err != nil || len(raw) != len(masterKey{}) {
			return nil, fmt.Errorf("read the master key: %w", ErrKeyLost)
		}
		return (*masterKey)(raw), nil
	}
	if !errors.Is(err, keyring.ErrNotFound) {
		return nil, err
	}
	if !mayMake {
		return nil, ErrKeyLost
	}
	key := newMasterKey()
	if err := system.Set(ctx, masterName, base64.StdEncoding.EncodeToString(key[:])); err != nil {
		return nil, err
	}
	return key, nil
}

func newMasterKey() *masterKey {
	var key masterKey
	_, _ = rand.Read(key[:]) // never fails (crypto/rand, since Go 1.24)
	return &key
}
