// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"os"

	"golang.org/x/sys/unix"
)

// syncMany is from how many files on it is cheaper to let the disk write everything than file by file.
const syncMany = 8

// syncFiles waits until files are on the disk.
func syncFiles(paths []string) error {
	if len(paths) >= syncMany && syncDisk(paths[0]) == nil {
		return nil
	}
	return syncEach(paths)
}

// syncFolders waits until the names in folders are on the disk.
func syncFolders(folders map[string]bool) error {
	paths := make([]string, 0, len(folders))
	for path := range folders {
		paths = append(paths, path)
	}
	return syncFiles(paths)
}

// syncDisk waits until everything on the disk that a path lies on is written.
func syncDisk(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // only opened to name the disk
	return unix.Syncfs(int(f.Fd()))
}
