// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sync/errgroup"
)

// syncEach waits for one file after the other, for some at once: the disk then writes them together. A file that is gone
// is none that could be lost.
func syncEach(paths []string) error {
	var g errgroup.Group
	g.SetLimit(parallel)
	for _, path := range paths {
		g.Go(func() error {
			f, err := openToSync(path)
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil {
				return err
			}
			return errors.Join(f.Sync(), f.Close())
		})
	}
	return g.Wait()
}

// openToSync opens for writing where the system asks for that, which is not possible for a folder.
func openToSync(path string) (*os.File, error) {
	if info, err := os.Stat(path); err != nil || info.IsDir() {
		return os.Open(path)
	}
	return os.OpenFile(path, os.O_RDWR, 0)
}
