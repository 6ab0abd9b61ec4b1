// SPDX-License-Identifier: EUPL-1.2

package accounts

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// VaultOptions say how secrets are kept.
type VaultOptions struct {
	Dir        string // of the sealed file: the home
	FileOnly   bool   // never ask the system's keyring
	Passphrase string // opens the sealed file where there is no keyring
	// Prompt asks the person for the passphrase; nil where nobody can be asked.
	Prompt func(context.Context) (string, error)
	System System // the operating system's keyring where nil
}

// Vault is a Keyring over a sealed file. Its master key comes from the system's keyring; where there is none, or with
// FileOnly, a passphrase opens the file. It is safe for use by several goroutines.
type Vault struct {
	options VaultOptions
	path    string

	mu  sync.Mutex
	key *masterKey // once it is known
}

var _ Keyring = (*Vault)(nil)

// NewVault makes a vault. Nothing is read, and nobody asked, before the first call.
func NewVault(o VaultOptions) *Vault {
	if o.System == nil {
		o.System = systemKeyring{timeout: keyringTimeout}
	}
	return &Vault{options: o, path: filepath.Join(o.Dir, sealedName)}
}

// OpenVault is NewVault with what KONTOR_KEYRING and KONTOR_PASSPHRASE say.
func OpenVault(dir string, prompt func(context.Context) (string, error)) *Vault {
	return NewVault(VaultOptions{
		Dir: dir, Prompt: prompt, FileOnly: os.Getenv("KONTOR_KEYRING") == "file", Passphrase: os.Getenv("KONTOR_PASSPHRASE"),
	})
}

// Prepare begins to open the file if that takes nothing but time: the first Get then waits only for the rest. Nobody is
// asked, and what fails will fail again where it matters.
func (v *Vault) Prepare(ctx context.Context) {
	if v.options.Passphrase == "" {
		return
	}
	v.mu.Lock() // a Get that comes first waits
	go func() {
		defer v.mu.Unlock()
		if f, err := readSealed(v.path); err == nil && f != nil && f.Lock != nil {
			_, _, _ = v.unlock(ctx, f, false)
		}
	}()
}

// Get is part of Keyring.
func (v *Vault) Get(ctx context.Context, name string) (string, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	f, err := readSealed(v.path)
	if err != nil {
		return "", err
	}
	if f == nil || f.Secrets[name] == nil {
		return "", ErrNoSecret
	}
	key, _, err := v.unlock(ctx, f, false)
	if err != nil {
		return "", err
	}
	plain, err := key.open(name, f.Secrets[name])
	if err != nil {
		return "", errors.Join(ErrSealed, err)
	}
	return string(plain), nil
}

// Set is part of Keyring.
func (v *Vault) Set(ctx context.Context, name, secret string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	f, err := readSealed(v.path)
	if err != nil {
		return err
	}
	key, f, err := v.unlock(ctx, f, true)
	if err != nil {
		return err
	}
	if f.Secrets[name], err = key.seal(name, []byte(secret)); err != nil {
		return err
	}
	return f.write(v.path)
}

// Delete is part of Keyring. It needs no key.
func (v *Vault) Delete(_ context.Context, name string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	f, err := readSealed(v.path)
	if err != nil || f == nil || f.Secrets[name] == nil {
		return err
	}
	delete(f.Secrets, name)
	return f.write(v.path)
}

// unlock gives the master key of f, and f itself: a new one where there was none and make says so.
func (v *Vault) unlock(ctx context.Context, f *sealedFile, mayMake bool) (*masterKey, *sealedFile, error) {
	if f != nil && v.key != nil && f.fits(v.key) {
		return v.key, f, nil
	}
	var (
		key *masterKey
		err error
	)
	if v.options.FileOnly || (f != nil && f.Lock != nil) {
		key, f, err = v.byPassphrase(ctx, f, mayMake)
	} else {
		key, f, err = v.bySystem(ctx, f, mayMake)
	}
	if err == nil {
		v.key = key
	}
	return key, f, err
}

// bySystem uses the system's keyring, or a passphrase where it cannot be reached.
func (v *Vault) bySystem(ctx context.Context, f *sealedFile, mayMake bool) (*masterKey, *sealedFile, error) {
	key, err := systemMaster(ctx, v.options.System, mayMake)
	switch {
	case errors.Is(err, ErrKeyLost):
		return nil, f, err
	case err != nil && f != nil:
		return nil, f, fmt.Errorf("%w (%w)", ErrNoKeyring, err)
	case err != nil:
		key, f, perr := v.byPassphrase(ctx, f, mayMake)
		if errors.Is(perr, ErrNoPassphrase) {
			perr = fmt.Errorf("%w (%w)", ErrNoKeyring, err)
		}
		return key, f, perr
	case f != nil && f.fits(key):
		return key, f, nil
	case !mayMake:
		return nil, f, ErrKeyLost
	}
	if f != nil { // nobody can open it any more, but that is not for us to decide
		if err := os.Rename(v.path, v.path+time.Now().Format(".2006-01-02-150405")); err != nil {
			return nil, f, fmt.Errorf("put the old sealed passwords aside: %w", err)
		}
	}
	f, err = newSealedFile(key)
	return key, f, err
}

// byPassphrase opens the file with a passphrase, or makes one.
func (v *Vault) byPassphrase(ctx context.Context, f *sealedFile, mayMake bool) (*masterKey, *sealedFile, error) {
	if f != nil && f.Lock == nil {
		return nil, f, ErrOtherSeal
	}
	if f == nil && !mayMake {
		return nil, f, ErrNoSecret
	}
	passphrase, err := v.passphrase(ctx, f == nil)
	if err != nil {
		return nil, f, err
	}
	if f != nil {
		key, err := f.unlock(passphrase)
		if err == nil && !f.fits(key) {
			err = ErrSealed
		}
		return key, f, err
	}
	key := newMasterKey()
	if f, err = newSealedFile(key); err != nil {
		return nil, nil, err
	}
	return key, f, f.lockWith(passphrase, key)
}

// passphrase takes the one that was given, else asks: twice for a new one.
func (v *Vault) passphrase(ctx context.Context, fresh bool) (string, error) {
	if v.options.Passphrase != "" {
		return v.options.Passphrase, nil
	}
	if v.options.Prompt == nil {
		return "", ErrNoPassphrase
	}
	first, err := v.options.Prompt(ctx)
	if err != nil || first == "" {
		return "", errors.Join(ErrNoPassphrase, err)
	}
	if fresh {
		again, err := v.options.Prompt(ctx)
		if err != nil {
			return "", errors.Join(ErrNoPassphrase, err)
		}
		if again != first {
			return "", ErrPassphrasesNo
		}
	}
	return first, nil
}
