// SPDX-License-Identifier: EUPL-1.2

//go:build unix

package davfiles

import (
	"errors"
	"io/fs"
	"os"
	"strconv"
	"syscall"
)

// identity gives device and inode and the inode's change time.
func identity(info fs.FileInfo) (inode string, ctime int64) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "", 0
	}
	id := strconv.AppendUint(make([]byte, 0, 24), uint64(st.Dev), 16) //nolint:unconvert // another type on other systems
	return string(strconv.AppendUint(append(id, ':'), st.Ino, 16)), changeTime(st)
}

// openFile opens a regular file for reading; a FIFO that took its place does not block.
func openFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
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

// hide does nothing: a leading dot hides a file.
func hide(string) {}

// lockFile locks a file for all processes, alone or together with others that share it, without waiting. A disk that
// cannot lock is taken for one that nobody else uses.
func lockFile(f *os.File, alone bool) error {
	how := syscall.LOCK_SH
	if alone {
		how = syscall.LOCK_EX
	}
	err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return err
	}
	return nil
}

// replace gives a file the name of another one, whose content ends with that.
func replace(from, to string) error { return os.Rename(from, to) }

// inUse reports whether a program keeps others from a file at the moment.
func inUse(err error) bool { return errors.Is(err, syscall.ETXTBSY) || errors.Is(err, syscall.EBUSY) }
