// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"kontor/app/files"
	"kontor/storage"
)

// The folders of the bin are named after the moment, and end with binOnly where the server never had the content.
const (
	binTime  = "20060102-150405.000000"
	binOnly  = ".only"
	binEvery = 6 * time.Hour // that the bin is looked through
)

func (d *Disk) binFolder() string { return filepath.Join(d.home, "trash", fmt.Sprint(d.account)) }

// sent reports whether the server has, or had, the content of a copy.
func sent(r *storage.FileRow) bool {
	return r.Base.ETag != "" && r.Base.Hash != "" && r.Base.Hash == r.Local.Hash
}

// Bin lists the program's own recycle bin of an account.
func (d *Disk) Bin(ctx context.Context) ([]files.BinItem, error) {
	if _, err := os.Stat(d.binFolder()); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	_, held, err := d.binRows(ctx, d.db)
	if err != nil {
		return nil, fmt.Errorf("recycle bin: %w", err)
	}
	bin := d.binFolder()
	var all []files.BinItem
	err = filepath.WalkDir(bin, func(path string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || e.IsDir() {
			return errors.Join(err, ctx.Err())
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		place, err := filepath.Rel(bin, path)
		if err != nil {
			return err
		}
		folder, name, _ := strings.Cut(filepath.ToSlash(place), "/")
		at, err := time.Parse(binTime, strings.TrimSuffix(folder, binOnly))
		if err != nil {
			return nil //nolint:nilerr // nothing that this program put there
		}
		all = append(all, files.BinItem{
			Path: name, File: path, Size: info.Size(), Deleted: at, Held: held[path] || strings.HasSuffix(folder, binOnly),
		})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("recycle bin: %w", err)
	}
	return all, nil
}

// binReader is the store, in a transaction or not.
type binReader interface {
	FilesInBin(ctx context.Context, account int64) ([]storage.FileRow, error)
	ParkedFiles(ctx context.Context, account int64) ([]storage.FileRow, error)
	FileOps(ctx context.Context, account int64) (map[int64][]storage.FileOp, error)
}

// binRows gives the rows whose copy lies in the bin by its place there, and which places are still needed: the server has
// not heard of the deletion, or undo or redo would take the copy from there.
func (d *Disk) binRows(ctx context.Context, db binReader) (rows map[string]int64, held map[string]bool, err error) {
	rows, held = map[string]int64{}, map[string]bool{}
	all, err := db.FilesInBin(ctx, d.account)
	if err != nil {
		return nil, nil, err
	}
	parked, err := db.ParkedFiles(ctx, d.account)
	if err != nil {
		return nil, nil, err
	}
	ops, err := db.FileOps(ctx, d.account)
	if err != nil {
		return nil, nil, err
	}
	for _, r := range all {
		if r.Gone && r.Remote.Path == "" && len(ops[r.ID]) == 0 && r.Base.ETag != "" {
			rows[r.Trash] = r.ID
		} else {
			held[r.Trash] = true
		}
	}
	for _, r := range parked {
		held[r.Trash] = true
	}
	return rows, held, nil
}

// EmptyBin removes what choose picks, but nothing that is held by then, and tells how much that was.
func (d *Disk) EmptyBin(ctx context.Context, choose func([]files.BinItem) []files.BinItem) (files.BinSum, error) {
	defer d.lock()()
	all, err := d.Bin(ctx)
	if err != nil {
		return files.BinSum{}, err
	}
	var gone []files.BinItem
	err = d.db.Write(ctx, func(tx *storage.Tx) error {
		gone = nil
		rows, held, err := d.binRows(ctx, tx)
		if err != nil {
			return err
		}
		for _, it := range choose(all) {
			if it.Held || held[it.File] {
				continue
			}
			if id := rows[it.File]; id != 0 {
				if err := tx.ForgetBinned(ctx, id); err != nil {
					return err
				}
			}
			gone = append(gone, it)
		}
		return nil
	})
	if err != nil {
		return files.BinSum{}, fmt.Errorf("empty the recycle bin: %w", err)
	}
	var errs []error
	for _, it := range gone {
		if err := os.Remove(it.File); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
			continue
		}
		for up := filepath.Dir(it.File); up != d.binFolder() && os.Remove(up) == nil; up = filepath.Dir(up) {
		}
	}
	return files.SumBin(gone), errors.Join(errs...)
}

// tidyBin removes what has been in the bin for too long. A bin that cannot be read holds nothing up.
func (w *Worker) tidyBin(ctx context.Context) {
	now := time.Now()
	if last := w.tidied.Load(); last != 0 && now.Sub(time.Unix(last, 0)) < binEvery {
		return
	}
	w.tidied.Store(now.Unix())
	_, err := w.disk.EmptyBin(ctx, func(all []files.BinItem) []files.BinItem { return files.UsualBin.Expired(all, now) })
	if err != nil {
		w.log.Debug("tidying the recycle bin failed", slog.Any("error", err))
	}
}
