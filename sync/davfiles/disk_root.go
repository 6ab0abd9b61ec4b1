// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"kontor/app/files"
	"kontor/storage"
	"kontor/sync/transport"
)

// Why a folder cannot be the root of an account's files.
var (
	// ErrRootInUse says that another installation, or another account, keeps its files in the folder.
	ErrRootInUse = fmt.Errorf("the folder of the local files belongs to another account or another Kontor: %w", transport.ErrPaused)
	// ErrRootPlace says that the folder holds more than files of the account, like the whole disk or a person's home.
	ErrRootPlace = errors.New("this folder cannot be the folder of the files")
)

// errNoRoot says that the local folder is not the one that was synchronised last.
var errNoRoot = fmt.Errorf("the folder of the local files is missing or another one: %w", transport.ErrPaused)

// OpenRoot gives the root, ready for use. It is made on the first use only: a folder that is gone or lost its marker
// later may be an unmounted disk, and its emptiness must not be taken for deletions.
func (d *Disk) OpenRoot(ctx context.Context) (string, error) {
	root, err := d.Root(ctx)
	if err != nil {
		return "", err
	}
	server, err := d.db.FileServer(ctx, d.account)
	if err != nil {
		return "", err
	}
	marker := filepath.Join(root, files.MarkerName)
	if server.Marker == "" {
		if err := d.mark(ctx, root, marker); err != nil {
			return "", err
		}
		d.learn(root)
		return root, nil
	}
	id, _, err := readMarker(marker)
	if err != nil || id != server.Marker {
		return "", errNoRoot
	}
	d.learn(root)
	return root, d.openFolders(ctx, root)
}

// readMarker reads whose root a folder is: an identity made by chance, and the trace of the account that made it.
func readMarker(marker string) (id, owner string, err error) {
	text, err := os.ReadFile(marker)
	words := strings.Fields(string(text))
	if err != nil || len(words) == 0 {
		return "", "", errors.Join(err, errNoRoot)
	}
	if len(words) > 1 {
		owner = words[1]
	}
	return words[0], owner, nil
}

// owner tells accounts of all installations apart without naming one.
func (d *Disk) owner() string {
	sum := sha256.Sum256([]byte(fmt.Sprint(d.account, "\x00", d.home)))
	return hex.EncodeToString(sum[:8])
}

// mark makes a folder the root of this account. One that somebody else is synchronising at this moment is left alone; a
// marker that nobody holds may be of a store that is lost.
func (d *Disk) mark(ctx context.Context, root, marker string) error {
	if err := d.Taken(ctx, root); err != nil {
		return err
	}
	if err := os.MkdirAll(root, 0o755); err != nil {
		return fmt.Errorf("make the folder of the local files: %w", err)
	}
	f, err := os.OpenFile(marker, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("mark the folder of the local files: %w", err)
	}
	defer f.Close() //nolint:errcheck // closed below; a second close is harmless
	if lockFile(f, true) != nil {
		if _, owner, err := readMarker(marker); err != nil || owner != d.owner() {
			return ErrRootInUse
		}
	}
	id := rand.Text()
	if err := f.Truncate(0); err != nil {
		return fmt.Errorf("mark the folder of the local files: %w", err)
	}
	if _, err := f.WriteAt([]byte(id+" "+d.owner()+"\n"), 0); err != nil {
		return fmt.Errorf("mark the folder of the local files: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("mark the folder of the local files: %w", err)
	}
	hide(marker)
	return d.updateServer(ctx, func(s *storage.FileServer) { s.Marker = id })
}

// hold keeps other installations from making the root theirs, until giveBack.
func (d *Disk) hold(root string) error {
	d.holding.Lock()
	defer d.holding.Unlock()
	if d.held != nil && d.heldFor == root {
		return nil
	}
	d.letGo()
	f, err := os.Open(filepath.Join(root, files.MarkerName))
	if err != nil {
		return errNoRoot
	}
	if lockFile(f, false) != nil {
		return errors.Join(ErrRootInUse, f.Close())
	}
	d.held, d.heldFor = f, root
	return nil
}

func (d *Disk) giveBack() {
	d.holding.Lock()
	defer d.holding.Unlock()
	d.letGo()
}

func (d *Disk) letGo() {
	if d.held != nil {
		_ = d.held.Close() // which ends the lock
		d.held = nil
	}
}

// Taken reports with ErrRootInUse or ErrRootPlace why a folder cannot be the root: it lies in the root of another account
// or the other way round, or it is no folder for files at all.
func (d *Disk) Taken(ctx context.Context, root string) error {
	root = resolve(root)
	all, err := d.db.Accounts(ctx)
	if err != nil {
		return err
	}
	for _, a := range all {
		other := a.FilesRoot
		if other == "" {
			other = DefaultRoot(d.home, a)
		}
		if a.ID == d.account || a.FilesURL == "" {
			continue
		}
		if other = resolve(other); inside(root, other) || inside(other, root) {
			return ErrRootInUse
		}
	}
	if inside(resolve(d.home), root) {
		return ErrRootPlace
	}
	if person, err := os.UserHomeDir(); err == nil && inside(resolve(person), root) {
		return ErrRootPlace
	}
	return nil
}

// resolve follows links as far as a path exists.
func resolve(path string) string {
	if whole, err := filepath.EvalSymlinks(path); err == nil {
		return whole
	}
	up := filepath.Dir(path)
	if up == path {
		return path
	}
	return filepath.Join(resolve(up), filepath.Base(path))
}

// inside reports whether a path is a folder or lies in it.
func inside(path, folder string) bool {
	rel, err := filepath.Rel(folder, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}
