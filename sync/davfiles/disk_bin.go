// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// discardFile moves a local copy into the program's own recycle bin and returns where it lies now: what a person deleted
// or took back here can be undone. Nothing is ever unlinked that a person may still want; what the server never had (sent
// is false) stays in the bin for good.
func (d *Disk) discardFile(path, local string, sent bool) (string, error) {
	folder := filepath.Join(d.binFolder(), time.Now().UTC().Format(binTime))
	if !sent {
		folder += binOnly
	}
	target := filepath.Join(folder, filepath.FromSlash(local))
	if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
		return "", fmt.Errorf("recycle bin: %w", err)
	}
	if err := moveFile(path, target); err != nil {
		return "", fmt.Errorf("recycle bin: %w", err)
	}
	return target, nil
}

// moveFile moves a file, also to another disk.
func moveFile(from, to string) error {
	if os.Rename(from, to) == nil {
		return nil
	}
	if err := copyFile(from, to); err != nil {
		return err
	}
	return os.Remove(from)
}

// loseFile moves a local copy away whose file was deleted on the server: into the recycle bin of the desktop, where a
// person looks for it, or into the program's own where there is none or all of Kontor has to stay below its home.
func (d *Disk) loseFile(path, local string) error {
	if d.DesktopBin && toDesktopBin(path) == nil {
		return nil
	}
	_, err := d.discardFile(path, local, true)
	return err
}
