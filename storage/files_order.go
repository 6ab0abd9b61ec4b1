// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"encoding/json"
	"fmt"

	"kontor/app/files"
)

// FileKey is what the place of an entry in a list follows from.
type FileKey struct {
	ID       int64
	Name     string
	Dir      bool
	Size     int64 // octets
	Modified int64 // Unix milliseconds
}

func (r reads) fileKeys(ctx context.Context, where string, args ...any) ([]FileKey, error) {
	var all []FileKey
	err := r.each(ctx, `SELECT id, name, dir, size, mtime FROM files WHERE gone = 0 AND `+where, args, func(scan func(...any) error) error {
		var k FileKey
		err := scan(&k.ID, &k.Name, &k.Dir, &k.Size, &k.Modified)
		all = append(all, k)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("order files: %w", err)
	}
	return all, nil
}

// FileKeys lists what lies in a folder; what lies at the top for 0.
func (r reads) FileKeys(ctx context.Context, account, folder int64) ([]FileKey, error) {
	return r.fileKeys(ctx, `account_id = ? AND parent_id = ? ORDER BY name`, account, folder)
}

// FileKeysBelow lists everything below a folder, at any depth; everything of an account for "".
func (r reads) FileKeysBelow(ctx context.Context, account int64, path string) ([]FileKey, error) {
	return r.fileKeys(ctx, below+` ORDER BY path`, account, path)
}

// FileEntries reads entries by their IDs, in that order. One that is gone keeps its place, with nothing but its ID.
func (r reads) FileEntries(ctx context.Context, ids []int64) ([]FileEntry, error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, fmt.Errorf("list files: %w", err)
	}
	found, err := r.entries(ctx, `id IN (SELECT value FROM json_each(?))`, string(list))
	if err != nil {
		return nil, err
	}
	byID := make(map[int64]int, len(found))
	for i := range found {
		byID[found[i].ID] = i
	}
	all := make([]FileEntry, len(ids))
	for i, id := range ids {
		if at, ok := byID[id]; ok {
			all[i] = found[at]
			continue
		}
		all[i] = FileEntry{Entry: files.Entry{ID: id, Progress: -1}}
	}
	return all, nil
}
