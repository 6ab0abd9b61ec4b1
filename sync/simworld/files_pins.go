// SPDX-License-Identifier: EUPL-1.2

package simworld

import (
	"fmt"

	"kontor/app/files"
	"kontor/storage"
)

// Pin sets or takes away the pin of what is shown at a path, of everything for "".
func (s *FileStore) Pin(path string, on bool) {
	if path == "" {
		s.PinnedAll = on
	}
	for _, r := range s.rows {
		if path != "" && r.Path == path && !r.Gone {
			r.Pinned = on
		}
		if path == "" || files.Within(r.Path, path) {
			r.Wanted = false
		}
	}
	s.rekeep(path)
}

// Want asks for one download of a file.
func (s *FileStore) Want(id int64) {
	if r := s.rows[id]; r != nil && !r.Dir && !r.Gone {
		r.Wanted = true
	}
}

// rekeep computes what is kept for an entry and everything below it, folders first.
func (s *FileStore) rekeep(path string) {
	for _, r := range s.All() {
		if path != "" && !files.Within(r.Path, path) {
			continue
		}
		if row := s.rows[r.ID]; s.place(&r) == nil {
			row.Kept = r.Kept
		}
	}
}

// Check states the invariants of the store, as storage.Check does, and names the first one that does not hold.
func (s *FileStore) Check() error {
	paths := map[string]bool{}
	about := map[int64]bool{}
	for _, op := range s.Pending() {
		if s.rows[op.Targets[0].ID] == nil {
			return fmt.Errorf("operation %d is about a file that is gone", op.ID)
		}
		for _, t := range op.Targets {
			about[t.ID] = true
		}
	}
	for _, r := range s.All() {
		if r.Remote.Path == "" && r.Local.Path == "" && r.Trash == "" && !about[r.ID] {
			return fmt.Errorf("row %d is on no side", r.ID)
		}
		if r.Gone {
			continue
		}
		if paths[r.Path] {
			return fmt.Errorf("two rows at %s", r.Path)
		}
		paths[r.Path] = true
		if err := s.checkFolder(&r); err != nil {
			return err
		}
	}
	return nil
}

func (s *FileStore) checkFolder(r *storage.FileRow) error {
	up, folder := s.rows[r.ParentID], files.Parent(r.Path)
	switch {
	case r.ParentID == 0 && folder == "":
		return nil
	case r.ParentID == 0 || up == nil || !up.Dir || up.Gone:
		return fmt.Errorf("row %d is in a folder that is gone", r.ID)
	case up.Path != folder:
		return fmt.Errorf("row %d is shown at %s, but its folder at %s", r.ID, r.Path, up.Path)
	case up.Kept && !r.Kept:
		return fmt.Errorf("the pin of %s does not reach %s", up.Path, r.Path)
	}
	return nil
}
