// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"io"

	"kontor/app/files"
)

func init() {
	explain(files.ErrNotOffered, "files.error.not-offered")
	explain(files.ErrPassword, "files.error.share-password")
	explain(files.ErrSharing, "files.error.sharing")
}

// Server tells what the server of an account is and offers, as it said last; nothing is asked.
func (f *Files) Server(ctx context.Context, accountID int64) (files.ServerInfo, error) {
	server, err := f.db.FileServer(ctx, accountID)
	return files.ServerInfo{Used: server.Used, Free: server.Free}, err
}

// Versions asks the server for the earlier contents of a file, the newest first.
func (f *Files) Versions(context.Context, int64) ([]files.Version, error) {
	return nil, files.ErrNotOffered
}

// SaveVersion writes an earlier content of a file to w.
func (f *Files) SaveVersion(context.Context, int64, string, io.Writer) error {
	return files.ErrNotOffered
}

// RestoreVersion makes an earlier content of a file the present one; the server keeps what was there as a version.
func (f *Files) RestoreVersion(context.Context, int64, string) error { return files.ErrNotOffered }

// Trash asks the server for what lies in its bin, what was deleted last first.
func (f *Files) Trash(context.Context, int64) ([]files.Trashed, error) {
	return nil, files.ErrNotOffered
}

// RestoreTrashed brings an item from the bin of the server back to where it was.
func (f *Files) RestoreTrashed(context.Context, int64, string) error { return files.ErrNotOffered }

// Shares asks the server for the links to a file or folder.
func (f *Files) Shares(context.Context, int64) ([]files.Share, error) {
	return nil, files.ErrNotOffered
}

// CreateShare makes a link to a file or folder.
func (f *Files) CreateShare(context.Context, int64, files.ShareOptions) (files.Share, error) {
	return files.Share{}, files.ErrNotOffered
}

// RemoveShare ends a link.
func (f *Files) RemoveShare(context.Context, int64, string) error { return files.ErrNotOffered }
