// SPDX-License-Identifier: EUPL-1.2

package simworld

import (
	"context"
	"strings"

	"kontor/app/files"
	"kontor/storage"
)

// HideFiles marks everything below a folder, and the folder itself, as gone or as back. Only what the server still has comes
// back.
func (s *FileStore) HideFiles(_ context.Context, path string, gone bool) {
	for _, r := range s.rows {
		if files.Within(r.Path, path) && (gone || r.Remote.Path != "") {
			r.Gone = gone
		}
	}
}

// FilesBelow reads what lies under a folder, at any depth and also what is gone.
func (s *FileStore) FilesBelow(_ context.Context, _ int64, path string) ([]storage.FileRow, error) {
	return s.filter(func(r *storage.FileRow) bool { return strings.HasPrefix(r.Path, path+"/") }), nil
}
