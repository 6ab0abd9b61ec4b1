// SPDX-License-Identifier: EUPL-1.2

//go:build !windows

package app

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// dataDir follows the XDG Base Directory Specification, version 0.8.
func dataDir() (string, error) {
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "kontor"), nil
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".local", "share", "kontor"), err
}

func lockFile(f *os.File) error { return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) }

// unlockFile does not wait for the file to be closed: a process that is just being started may hold it open for a moment.
func unlockFile(f *os.File) error { return unix.Flock(int(f.Fd()), unix.LOCK_UN) }
