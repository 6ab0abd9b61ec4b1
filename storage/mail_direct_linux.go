// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"errors"
	"os"
	"syscall"
)

// openDirect opens a file for writes that go past the system's cache, which costs more than the disk where much is
// written once and read once. Not every file system can; nil means that.
func openDirect(path string) *os.File {
	f, err := os.OpenFile(path, os.O_WRONLY|syscall.O_DIRECT, 0)
	if err != nil {
		return nil
	}
	return f
}

// syncDir makes sure that a file which was just made in a folder is found there after a crash of the machine.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
