// SPDX-License-Identifier: EUPL-1.2

//go:build unix

package davfiles

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// toDesktopBin moves a file into the recycle bin of the desktop (FreeDesktop.org Trash specification, version 1.0): the
// person's own, or the one at the top of the file's disk.
func toDesktopBin(path string) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	bin, known, err := binFor(path)
	if err != nil {
		return err
	}
	for _, dir := range []string{"files", "info"} {
		if err := os.MkdirAll(filepath.Join(bin, dir), 0o700); err != nil {
			return err
		}
	}
	base := filepath.Base(path)
	text := fmt.Sprintf("[Trash Info]\nPath=%s\nDeletionDate=%s\n", (&url.URL{Path: known}).EscapedPath(), time.Now().Format("2006-01-02T15:04:05"))
	for n := 1; n < 1000; n++ {
		name := base
		if n > 1 {
			ext := filepath.Ext(base)
			name = fmt.Sprintf("%s.%d%s", strings.TrimSuffix(base, ext), n, ext)
		}
		info := filepath.Join(bin, "info", name+".trashinfo")
		f, err := os.OpenFile(info, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // reserves the name, as the specification asks
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return err
		}
		_, err = f.WriteString(text)
		if err = errors.Join(err, f.Close()); err == nil {
			err = os.Rename(path, filepath.Join(bin, "files", name))
		}
		if err != nil {
			return errors.Join(err, os.Remove(info))
		}
		return nil
	}
	return fs.ErrExist
}

// binFor finds the bin for a file, and the path by which the bin knows the file: relative to the top of its disk in a bin
// that lies there.
func binFor(path string) (bin, known string, err error) {
	data := os.Getenv("XDG_DATA_HOME")
	if !filepath.IsAbs(data) {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", "", err
		}
		data = filepath.Join(home, ".local", "share")
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		return "", "", err
	}
	disk, err := device(filepath.Dir(path))
	if err != nil {
		return "", "", err
	}
	if own, err := device(data); err == nil && own == disk {
		return filepath.Join(data, "Trash"), path, nil
	}
	top := filepath.Dir(path)
	for up := filepath.Dir(top); up != top; up = filepath.Dir(up) {
		if other, err := device(up); err != nil || other != disk {
			break
		}
		top = up
	}
	if known, err = filepath.Rel(top, path); err != nil {
		return "", "", err
	}
	shared := filepath.Join(top, ".Trash")
	if info, err := os.Lstat(shared); err == nil && info.IsDir() && info.Mode()&fs.ModeSticky != 0 {
		return filepath.Join(shared, fmt.Sprint(os.Getuid())), known, nil
	}
	return filepath.Join(top, fmt.Sprintf(".Trash-%d", os.Getuid())), known, nil
}

// device is the disk that a folder lies on.
func device(path string) (uint64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, errors.ErrUnsupported
	}
	return uint64(st.Dev), nil //nolint:unconvert // another type on other systems
}
