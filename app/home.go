// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ErrHomeInUse is returned when another program synchronises the same home.
var ErrHomeInUse = errors.New("another Kontor is synchronising this home")

// Home is the folder below which everything that Kontor stores lies.
type Home string

// FindHome gives the home: the argument, else KONTOR_HOME, else the platform's folder for local application data. The
// folder is made where it is missing, for the person alone.
func FindHome(arg string) (Home, error) {
	dir := arg
	if dir == "" {
		dir = os.Getenv("KONTOR_HOME")
	}
	if dir == "" {
		base, err := dataDir()
		if err != nil {
			return "", fmt.Errorf("find the home folder: %w", err)
		}
		dir = base
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find the home folder: %w", err)
	}
	if err := os.MkdirAll(abs, 0o700); err != nil {
		return "", fmt.Errorf("make the home folder: %w", err)
	}
	return Home(abs), nil
}

// Usual reports whether this is the platform's folder. Everything that Kontor stores lies below any other one, also what
// goes into a recycle bin.
func (h Home) Usual() bool {
	dir, err := dataDir()
	return err == nil && filepath.Clean(dir) == string(h)
}

// Database is the file of the local store.
func (h Home) Database() string { return filepath.Join(string(h), "kontor.db") }

// Join gives a path below the home.
func (h Home) Join(parts ...string) string {
	return filepath.Join(append([]string{string(h)}, parts...)...)
}

// Lock makes this process the only one that synchronises the home until unlock is called. It fails with ErrHomeInUse
// while another one does.
func (h Home) Lock() (unlock func() error, err error) {
	f, err := os.OpenFile(h.Join("engine.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the home: %w", err)
	}
	if err := lockFile(f); err != nil {
		return nil, errors.Join(fmt.Errorf("lock the home: %w", ErrHomeInUse), f.Close())
	}
	return func() error { return errors.Join(unlockFile(f), f.Close()) }, nil
}
