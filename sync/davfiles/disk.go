// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"kontor/app/files"
	"kontor/storage"
)

// Disk is the local side of an account: the folder of its copies and the recycle bin. Both lie where nothing but Kontor
// and the person writes. It is safe for use by several goroutines.
type Disk struct {
	db      *storage.DB
	account int64
	home    string
	// DesktopBin sends what was deleted on the server into the recycle bin of the desktop instead of the program's own.
	DesktopBin bool

	rules files.Rules // of a disk that was not looked at yet
	shape atomic.Pointer[shape]

	holding sync.Mutex
	held    *os.File // the marker of the root, locked for as long as this side synchronises
	heldFor string   // the root that it lies in

	young   map[string]storage.FileLocal // changed in the last moments, when the disk was looked at last
	watched atomic.Bool                  // somebody looks again soon
	wake    sync.Once
	waiting chan struct{}
}

// moves gives the channel on which a look at the disk tells that something was just being written.
func (d *Disk) moves() chan struct{} {
	d.wake.Do(func() { d.waiting = make(chan struct{}, 1) })
	return d.waiting
}

// NewDisk gives the local side of an account. Nothing is touched.
func NewDisk(db *storage.DB, account storage.Account, home string) *Disk {
	return &Disk{db: db, account: account.ID, home: home, rules: usual().Rules}
}

// DefaultRoot is where the local copies of an account lie unless a person chose another folder.
func DefaultRoot(home string, account storage.Account) string {
	name := files.Rules{Windows: true}.Local(strings.ReplaceAll(account.Name, "/", "_"))
	return filepath.Join(home, "files", name)
}

// Root is the folder of the local copies.
func (d *Disk) Root(ctx context.Context) (string, error) {
	account, err := d.db.Account(ctx, d.account)
	if err != nil {
		return "", err
	}
	if account.FilesRoot != "" {
		return account.FilesRoot, nil
	}
	return DefaultRoot(d.home, account), nil
}

// locks keeps two of one process from rearranging the same tree at once.
var locks sync.Map // account and home -> *sync.Mutex

func (d *Disk) lock() func() {
	m, _ := locks.LoadOrStore(fmt.Sprint(d.account, d.home), &sync.Mutex{})
	m.(*sync.Mutex).Lock()
	return m.(*sync.Mutex).Unlock
}

func (d *Disk) updateServer(ctx context.Context, change func(*storage.FileServer)) error {
	return d.db.Write(ctx, func(tx *storage.Tx) error {
		s, err := tx.FileServer(ctx, d.account)
		if err != nil {
			return err
		}
		change(&s)
		return tx.SaveFileServer(ctx, s)
	})
}

// abs is the absolute path of a local path.
func abs(root, local string) string { return filepath.Join(root, filepath.FromSlash(local)) }

// observe reads what identifies a local copy, without its hash.
func observe(path string) (storage.FileLocal, fs.FileInfo, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return storage.FileLocal{}, nil, err
	}
	return fromInfo(info), info, nil
}

func fromInfo(info fs.FileInfo) storage.FileLocal {
	inode, ctime := identity(info)
	l := storage.FileLocal{ModTime: info.ModTime().UnixNano(), ChangeTime: ctime, Inode: inode}
	if info.Mode().IsRegular() {
		l.Size = info.Size()
	}
	return l
}

// unchanged reports whether a file is, as far as can be told without reading it, the one that was seen before. The
// change time of the inode tells edits whose modification time was set back.
func unchanged(was, now storage.FileLocal) bool {
	return was.Size == now.Size && was.ModTime == now.ModTime && was.ChangeTime == now.ChangeTime &&
		(was.Inode == now.Inode || was.Inode == "" || now.Inode == "")
}

// errMoving is returned for a file that is written to while it is read.
var errMoving = errors.New("the file is just being changed")

// hashFile gives the SHA-256 of a file and what it looked like, with errMoving if it changed in between.
func hashFile(path string) (storage.FileLocal, error) {
	before, _, err := observe(path)
	if err != nil {
		return before, err
	}
	f, err := openFile(path)
	if err != nil {
		return before, err
	}
	defer f.Close() //nolint:errcheck // only read
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return before, err
	}
	after, _, err := observe(path)
	if err != nil {
		return before, err
	}
	if !unchanged(before, after) {
		return before, errMoving
	}
	after.Hash = hex.EncodeToString(h.Sum(nil))
	return after, nil
}

// copyFile copies content and times, for moves between file systems.
func copyFile(from, to string) (err error) {
	src, err := openFile(from)
	if err != nil {
		return err
	}
	defer src.Close() //nolint:errcheck // only read
	dst, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, dst.Close()) }()
	if _, err := io.Copy(dst, src); err != nil {
		return err
	}
	info, err := src.Stat()
	if err != nil {
		return err
	}
	return os.Chtimes(to, info.ModTime(), info.ModTime())
}

// Import copies a file from elsewhere to the place of a path and tells what lies there now. row is the entry of that
// path, nil for a new one; its old content goes to the recycle bin. Something that lies there and is not known is left alone, with fs.ErrExist.
func (d *Disk) Import(ctx context.Context, from, path string, row *storage.FileRow, copyInto func(from, to string) error) (storage.FileLocal, error) {
	defer d.lock()()
	root, err := d.OpenRoot(ctx)
	if err != nil {
		return storage.FileLocal{}, err
	}
	if err := d.settlePlaces(ctx); err != nil {
		return storage.FileLocal{}, err
	}
	local := d.local(path)
	if row != nil && row.Local.Path != "" {
		local = row.Local.Path
		if _, err := d.discardFile(abs(root, local), local, sent(row)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return storage.FileLocal{}, err
		}
	} else if _, err := os.Lstat(abs(root, local)); err == nil {
		return storage.FileLocal{}, fs.ErrExist
	}
	if err := copyInto(from, abs(root, local)); err != nil {
		return storage.FileLocal{}, err
	}
	l, err := hashFile(abs(root, local))
	l.Path = local
	return l, err
}
