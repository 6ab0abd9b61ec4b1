// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"errors"
	"fmt"

	"kontor/app/files"
	"kontor/storage"
	"kontor/sync/davfiles"
)

// Travel is what a journey without a network needs to know of the files of all accounts.
type Travel struct {
	files.PinSize      // what would come here if everything were kept offline; Free is -1 without files
	Accounts      int  // that have files
	Kept          bool // all of them are kept offline as a whole
}

// Room tells whether everything is kept offline and how much room there is. It does not count what is missing.
func (f *Files) Room(ctx context.Context) (Travel, error) {
	t := Travel{PinSize: files.PinSize{Free: -1}, Kept: true}
	err := f.withFiles(ctx, func(a storage.Account) error {
		t.Accounts++
		pinned, err := f.db.RootPinned(ctx, a.ID)
		if err != nil {
			return err
		}
		t.Kept = t.Kept && pinned
		root, err := f.Root(ctx, a.ID)
		if free := davfiles.Room(root); err == nil && (t.Free < 0 || free >= 0 && free < t.Free) {
			t.Free = free
		}
		return err
	})
	t.Kept = t.Kept && t.Accounts > 0
	if err != nil {
		return t, fmt.Errorf("room for files: %w", err)
	}
	return t, nil
}

// Travel is Room with what is missing here.
func (f *Files) Travel(ctx context.Context) (Travel, error) {
	t, err := f.Room(ctx)
	if err != nil {
		return t, err
	}
	err = f.withFiles(ctx, func(a storage.Account) error {
		top, err := f.db.FileKeys(ctx, a.ID, 0)
		if err != nil {
			return err
		}
		ids := make([]int64, len(top))
		for i := range top {
			ids[i] = top[i].ID
		}
		n, octets, err := f.db.MissingSize(ctx, ids)
		t.Files, t.Bytes = t.Files+n, t.Bytes+octets
		return err
	})
	if err != nil {
		return t, fmt.Errorf("files for a journey: %w", err)
	}
	return t, nil
}

// KeepAll keeps all files of all accounts offline, or, where on is false, no longer but what is kept by itself.
func (f *Files) KeepAll(ctx context.Context, on bool) error {
	return f.withFiles(ctx, func(a storage.Account) error { return f.PinPath(ctx, a.ID, "", on) })
}

// withFiles does something for each account that has files. One that fails does not keep the others from it.
func (f *Files) withFiles(ctx context.Context, do func(storage.Account) error) error {
	all, err := f.db.Accounts(ctx)
	if err != nil {
		return err
	}
	var failed []error
	for _, a := range all {
		if a.FilesURL != "" {
			failed = append(failed, do(a))
		}
	}
	return errors.Join(failed...)
}
