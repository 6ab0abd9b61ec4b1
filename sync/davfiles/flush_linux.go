// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"os"

	"golang.org/x/sys/unix"
)

// syncMany is from how many files on it is cheaper to let the disk write everything than file by file.
const syncMany = 8

// syncFiles waits until files and the names in folders are on the disk.
func syncFiles(paths []string, folders map[string]bool) error {
	all := append(make([]string, 0, len(paths)+len(folders)), paths...)
	for path := range folders {
		all = append(all, path)
	}
	if len(all) >= syncMany && syncDisk(all[0]) == nil {
		return nil
	}
	return syncEach(all)
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
