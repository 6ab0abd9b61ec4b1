// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"os"

	"kontor/storage"
)

// release gives up a copy that holds nothing but what the server has, as far as the row knows it. A file goes only once that
// is stored for certain: one that was missing while it counted as kept would look as if a person had deleted it.
func release(root string, r *storage.FileRow) bool {
	path := abs(root, r.Local.Path)
	if r.Dir {
		removeEmpty(path)
		if _, err := os.Lstat(path); err == nil {
			return false
		}
		r.Local = storage.FileLocal{}
		return true
	}
	now, _, err := observe(path)
	if err != nil || !unchanged(r.Local, now) {
		return false // changed or gone: the scan finds out
	}
	r.Local, r.Base = storage.FileLocal{}, storage.FileBase{}
	return true
}

// removeReleased removes copies that were given up. One that was changed meanwhile, or is open in a program, stays and is
// found by the scan.
func removeReleased(root string, copies []storage.FileLocal) {
	for _, was := range copies {
		path := abs(root, was.Path)
		if now, _, err := observe(path); err == nil && unchanged(was, now) {
			_ = os.Remove(path) // one that cannot go is compared and given up again
		}
	}
}
