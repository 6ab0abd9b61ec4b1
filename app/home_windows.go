// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// dataDir is the folder for data that does not roam.
func dataDir() (string, error) {
	dir, err := os.UserCacheDir() // %LocalAppData%
	return filepath.Join(dir, "Kontor"), err
}

func lockFile(f *os.File) error {
	return windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &windows.Overlapped{})
}

func unlockFile(f *os.File) error {
	return windows.UnlockFileEx(windows.Handle(f.Fd()), 0, 1, 0, &windows.Overlapped{})
}
