// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"io/fs"
	"os"
	"syscall"
)

// identity gives nothing on Windows, where it would cost opening each file: moves are then found by content only.
func identity(fs.FileInfo) (inode string, ctime int64) { return "", 0 }

func openFile(path string) (*os.File, error) { return os.Open(path) }

// hide sets the attribute that keeps a file out of sight.
func hide(path string) {
	p, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return
	}
	_ = syscall.SetFileAttributes(p, syscall.FILE_ATTRIBUTE_HIDDEN) // only looks
}
