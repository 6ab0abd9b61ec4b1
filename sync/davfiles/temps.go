// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"kontor/app/files"
	"kontor/storage"
)

// dropTemps removes downloads that were interrupted and will not be continued, since another version is wanted by now, or
// none, and what was stored of how far they were. They are looked for where the scan has seen
// some, once in a process and after a run that left some.
func (w *Worker) dropTemps(ctx context.Context, root string) error {
	if w.swept.Swap(true) {
		return nil
	}
	err := w.db.Write(ctx, func(tx *storage.Tx) error { return tx.ClearFileProgress(ctx, w.cfg.Account.ID) })
	if err != nil {
		return err
	}
	var temps []string
	err = filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && strings.HasPrefix(e.Name(), files.TempPrefix) {
			temps = append(temps, path)
		}
		return ctx.Err() // what cannot be read stays
	})
	if err != nil || len(temps) == 0 {
		return err
	}
	rows, err := w.db.FilesToFetch(ctx, w.cfg.Account.ID)
	if err != nil {
		return err
	}
	keep := make(map[string]bool, len(rows))
	for i := range rows {
		keep[tempName(&rows[i])] = true
	}
	for _, path := range temps {
		if keep[filepath.Base(path)] {
			continue
		}
		if err := os.Remove(path); err != nil {
			w.log.Debug("removing an interrupted download failed", slog.Any("error", err))
		}
	}
	return nil
}
