// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/windows"
)

// identity gives nothing on Windows, where it would cost opening each file: moves are then found by content only.
func identity(fs.FileInfo) (inode string, ctime int64) { return "", 0 }

// openFile opens a regular file for reading, and lets every program go on with it: save, rename, delete. A link that took
// its place is not followed.
func openFile(path string) (*os.File, error) {
	name, err := windows.UTF16PtrFromString(long(path))
	if err != nil {
		return nil, err
	}
	h, err := windows.CreateFile(name, windows.GENERIC_READ, windows.FILE_SHARE_READ|windows.FILE_SHARE_WRITE|windows.FILE_SHARE_DELETE,
		nil, windows.OPEN_EXISTING, windows.FILE_ATTRIBUTE_NORMAL|windows.FILE_FLAG_OPEN_REPARSE_POINT|windows.FILE_FLAG_SEQUENTIAL_SCAN, 0)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	f := os.NewFile(uintptr(h), path)
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrInvalid
	}
	if err != nil {
		_ = f.Close() // only opened for reading
		return nil, err
	}
	return f, nil
}

// long gives a path the form that Windows takes beyond 260 characters, as package os does by itself.
func long(path string) string {
	switch {
	case len(path) < 248 || strings.HasPrefix(path, `\\?\`) || !filepath.IsAbs(path):
		return path
	case strings.HasPrefix(path, `\\`):
		return `\\?\UNC` + filepath.Clean(path)[1:]
	}
	return `\\?\` + filepath.Clean(path)
}

// lockFile locks a file for all processes, alone or together with others that share it, without waiting. What is locked
// lies far behind the end, so that everybody can read the file.
func lockFile(f *os.File, alone bool) error {
	flags := uint32(windows.LOCKFILE_FAIL_IMMEDIATELY)
	if alone {
		flags |= windows.LOCKFILE_EXCLUSIVE_LOCK
	}
	err := windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, &windows.Overlapped{OffsetHigh: 1})
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
		return err
	}
	return nil
}

// hide sets the attribute that keeps a file out of sight.
func hide(path string) {
	p, err := syscall.UTF16PtrFromString(long(path))
	if err != nil {
		return
	}
	_ = syscall.SetFileAttributes(p, syscall.FILE_ATTRIBUTE_HIDDEN) // only looks
}

// replace gives a file the name of another one, whose content ends with that; also of one that is closed to changes.
func replace(from, to string) error {
	err := os.Rename(from, to)
	if err == nil || !errors.Is(err, fs.ErrPermission) {
		return err
	}
	info, statErr := os.Lstat(to)
	if statErr != nil || info.Mode().Perm()&0o200 != 0 {
		return err
	}
	if chmodErr := os.Chmod(to, 0o600); chmodErr != nil {
		return errors.Join(err, chmodErr)
	}
	return os.Rename(from, to)
}

// nameNew gives a file a name that nothing has, with fs.ErrExist otherwise.
func nameNew(from, to string) error {
	old, err := windows.UTF16PtrFromString(long(from))
	if err != nil {
		return err
	}
	name, err := windows.UTF16PtrFromString(long(to))
	if err != nil {
		return err
	}
	if err := windows.MoveFileEx(old, name, 0); err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	return nil
}

// inUse reports whether a program keeps others from a file at the moment. To put a file in the place of an open one is
// refused as if it were not allowed.
func inUse(err error) bool {
	var link *os.LinkError
	return errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_LOCK_VIOLATION) ||
		errors.Is(err, windows.ERROR_USER_MAPPED_FILE) || errors.As(err, &link) && errors.Is(err, windows.ERROR_ACCESS_DENIED)
}
