// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"io"

	"kontor/app/files"
	"kontor/storage"
	"kontor/sync/davfiles"
	"kontor/sync/transport"
)

func init() {
	explain(files.ErrNotOffered, "files.error.not-offered")
	explain(files.ErrPassword, "files.error.share-password")
	explain(files.ErrSharing, "files.error.sharing")
}

// fileServer gives what speaks to the server of an account. Nothing does while the person works offline by choice.
func (a *App) fileServer(ctx context.Context, accountID int64) (*davfiles.Worker, error) {
	if a.Engine.Offline(ctx) {
		return nil, transport.ErrChoice
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, w := range a.workers[accountID] {
		if files, ok := w.(*davfiles.Worker); ok {
			return files, nil
		}
	}
	if err := a.trouble[accountID]; err != nil {
		return nil, err
	}
	return nil, ErrNoFiles
}

// askServer finds the server of an account.
func (f *Files) askServer(ctx context.Context, accountID int64) (*davfiles.Worker, error) {
	if f.server == nil {
		return nil, files.ErrNotOffered
	}
	return f.server(ctx, accountID)
}

// askAbout finds an entry and the server that has it.
func (f *Files) askAbout(ctx context.Context, id int64) (storage.FileRow, *davfiles.Worker, error) {
	row, err := f.db.File(ctx, id)
	if err != nil {
		return row, nil, err
	}
	w, err := f.askServer(ctx, row.AccountID)
	return row, w, err
}

// Server tells what the server of an account is and offers, as it said last; nothing is asked.
func (f *Files) Server(ctx context.Context, accountID int64) (files.ServerInfo, error) {
	s, err := f.db.FileServer(ctx, accountID)
	return files.ServerInfo{
		Product: s.Offers.Product, Version: s.Offers.Version, Versions: s.Offers.Versions, Trash: s.Offers.Trash, Shares: s.Offers.Shares,
		Used: s.Used, Free: s.Free,
	}, err
}

// Versions asks the server for the earlier contents of a file, the newest first.
func (f *Files) Versions(ctx context.Context, id int64) ([]files.Version, error) {
	row, w, err := f.askAbout(ctx, id)
	if err != nil {
		return nil, err
	}
	return w.Versions(ctx, row)
}

// SaveVersion writes an earlier content of a file to out.
func (f *Files) SaveVersion(ctx context.Context, id int64, key string, out io.Writer) error {
	row, w, err := f.askAbout(ctx, id)
	if err != nil {
		return err
	}
	return w.SaveVersion(ctx, row, key, out)
}

// RestoreVersion makes an earlier content of a file the present one; the server keeps what was there as a version. The copy
// here follows with the next synchronisation, like after a change of anybody else.
func (f *Files) RestoreVersion(ctx context.Context, id int64, key string) error {
	row, w, err := f.askAbout(ctx, id)
	if err != nil {
		return err
	}
	if err := w.RestoreVersion(ctx, row, key); err != nil {
		return err
	}
	f.look(row.AccountID)
	return nil
}

// look lets the workers of an account see what was changed on the server.
func (f *Files) look(accountID int64) {
	if f.syncNow != nil {
		f.syncNow(accountID)
	}
}

// Trash asks the server for what lies in its bin, what was deleted last first.
func (f *Files) Trash(ctx context.Context, accountID int64) ([]files.Trashed, error) {
	w, err := f.askServer(ctx, accountID)
	if err != nil {
		return nil, err
	}
	return w.Trash(ctx)
}

// RestoreTrashed brings an item from the bin of the server back to where it was, or near it where something else is there.
func (f *Files) RestoreTrashed(ctx context.Context, accountID int64, key string) error {
	w, err := f.askServer(ctx, accountID)
	if err != nil {
		return err
	}
	if err := w.RestoreTrashed(ctx, key); err != nil {
		return err
	}
	f.look(accountID)
	return nil
}

// Shares asks the server for the links to a file or folder.
func (f *Files) Shares(ctx context.Context, id int64) ([]files.Share, error) {
	row, w, err := f.askAbout(ctx, id)
	if err != nil {
		return nil, err
	}
	return w.Shares(ctx, row)
}

// CreateShare makes a link to a file or folder.
func (f *Files) CreateShare(ctx context.Context, id int64, o files.ShareOptions) (files.Share, error) {
	row, w, err := f.askAbout(ctx, id)
	if err != nil {
		return files.Share{}, err
	}
	return w.CreateShare(ctx, row, o)
}

// RemoveShare ends a link. One that is gone already is what was wanted.
func (f *Files) RemoveShare(ctx context.Context, id int64, key string) error {
	_, w, err := f.askAbout(ctx, id)
	if err != nil {
		return err
	}
	return w.RemoveShare(ctx, key)
}
