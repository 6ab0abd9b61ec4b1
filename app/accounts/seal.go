// SPDX-License-Identifier: EUPL-1.2

package accounts

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/chacha20poly1305"
)

// masterKey seals every secret. It lies in the system's keyring, or sealed itself by a passphrase in the file.
type masterKey [chacha20poly1305.KeySize]byte

// sealedFile is what lies on the disk: nothing in it can be read without the master key.
type sealedFile struct {
	Version int               `json:"version"`
	Check   []byte            `json:"check"` // tells the right master key from a wrong one
	Lock    *passphraseLock   `json:"passphrase,omitempty"`
	Secrets map[string][]byte `json:"secrets"`
}

// passphraseLock holds the master key, sealed by a key that argon2id (RFC 9106) makes of a passphrase.
type passphraseLock struct {
	Salt    []byte `json:"salt"`
	Time    uint32 `json:"time"`
	Memory  uint32 `json:"memory"` // KiB
	Threads uint8  `json:"threads"`
	Key     []byte `json:"key"`
}

// Costs of a passphrase: what the OWASP Password Storage Cheat Sheet recommends for argon2id, because every call of the
// command line pays them; of its five equally strong choices the one with the least memory. A file keeps its own costs;
// more than maxMemory is not believed.
const (
	lockTime, lockMemory, lockThreads = 5, 7 << 10, 1
	maxMemory                         = 1 << 20
	fileVersion                       = 1
)

// sealedName is the name of the file in the home.
const sealedName = "secrets.sealed"

// Names that bind a sealed text to its place, so that texts cannot be swapped.
const (
	checkName = "kontor check"
	lockName  = "kontor master key"
)

// seal encrypts with XChaCha20-Poly1305 and a random nonce, which stands in front.
func (k *masterKey) seal(name string, plain []byte) ([]byte, error) {
	aead, err := chacha20poly1305.NewX(k[:])
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(plain)+aead.Overhead())
	_, _ = rand.Read(nonce) // never fails
	return aead.Seal(nonce, nonce, plain, []byte(name)), nil
}

func (k *masterKey) open(name string, sealed []byte) ([]byte, error) {
	aead, err := chacha20poly1305.NewX(k[:])
	if err != nil {
		return nil, err
	}
	if len(sealed) < aead.NonceSize() {
		return nil, ErrSealed
	}
	return aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], []byte(name))
}

// fits reports whether the file was sealed with this key.
func (f *sealedFile) fits(k *masterKey) bool {
	_, err := k.open(checkName, f.Check)
	return err == nil
}

func newSealedFile(k *masterKey) (*sealedFile, error) {
	check, err := k.seal(checkName, nil)
	if err != nil {
		return nil, err
	}
	return &sealedFile{Version: fileVersion, Check: check, Secrets: map[string][]byte{}}, nil
}

// derive gives the memory that it takes, which is more than most of what follows needs, back to the system.
func (l *passphraseLock) derive(passphrase string) *masterKey {
	defer func() { go debug.FreeOSMemory() }() // nobody need wait for that
	return (*masterKey)(argon2.IDKey([]byte(passphrase), l.Salt, l.Time, l.Memory, l.Threads, chacha20poly1305.KeySize))
}

// lockWith seals the master key with a passphrase.
func (f *sealedFile) lockWith(passphrase string, k *masterKey) error {
	lock := &passphraseLock{Salt: make([]byte, 16), Time: lockTime, Memory: lockMemory, Threads: lockThreads}
	_, _ = rand.Read(lock.Salt) // never fails
	key, err := lock.derive(passphrase).seal(lockName, k[:])
	lock.Key, f.Lock = key, lock
	return err
}

// unlock gives the master key for a passphrase.
func (f *sealedFile) unlock(passphrase string) (*masterKey, error) {
	l := f.Lock
	if l.Time == 0 || l.Time > 100 || l.Threads == 0 || l.Memory > maxMemory || len(l.Salt) == 0 {
		return nil, ErrSealed
	}
	plain, err := l.derive(passphrase).open(lockName, l.Key)
	if err != nil || len(plain) != len(masterKey{}) {
		return nil, ErrPassphrase
	}
	return (*masterKey)(plain), nil
}

// readSealed reads the file; nil where there is none.
func readSealed(path string) (*sealedFile, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the sealed passwords: %w", err)
	}
	var f sealedFile
	if err := json.Unmarshal(data, &f); err != nil || f.Version != fileVersion || len(f.Check) == 0 {
		return nil, errors.Join(ErrSealed, err)
	}
	if f.Secrets == nil {
		f.Secrets = map[string][]byte{}
	}
	return &f, nil
}

// write replaces the file in one step, so that a crash leaves the old one or the new one.
func (f *sealedFile) write(path string) (err error) {
	data, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), sealedName+".*") // 0600
	if err != nil {
		return fmt.Errorf("write the sealed passwords: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(tmp.Name())
		}
	}()
	_, err = tmp.Write(data)
	if err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return fmt.Errorf("write the sealed passwords: %w", err)
	}
	if err = os.Rename(tmp.Name(), path); err != nil {
		return fmt.Errorf("write the sealed passwords: %w", err)
	}
	return nil
}
