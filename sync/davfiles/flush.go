// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"errors"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"kontor/storage"
)

// writtenBack is after how long a system has brought a file to the disk by itself (Linux: after 30 seconds, looked at every 5).
const writtenBack = time.Minute

// secure waits until a change that is about to replace a version on the server is on the disk here. Should the power fail, the
// file would else come back older than what is recorded of it, or empty: that would look like another change made here, and
// replace the newer version there. What was changed a while ago is on the disk. A file that is new to the server is not waited
// for, since thousands may be: what a power cut takes of those is at worst deleted there, which goes to the server's bin, and
// many at once stop at the brake. A file that cannot be opened for this goes as it is.
func (w *Worker) secure(src string, row *storage.FileRow, local storage.FileLocal) {
	if changed := time.Unix(0, max(local.ModTime, local.ChangeTime)); row.Remote.Path != "" && time.Since(changed) < writtenBack {
		_ = w.flush([]string{src})
	}
}

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
