// SPDX-License-Identifier: EUPL-1.2

package davfiles

import "kontor/storage"

// settled reports whether there is nothing to decide: no operation waits, and server and disk hold exactly what they held
// when the rows were stored. Most runs find that; the planner's trees would take them most of their time and memory.
// Whatever is not plain is left to the planner.
func (s *situation) settled() bool {
	if s.list == nil || s.disk == nil || len(s.list.unlisted) > 0 || len(s.ops) > 0 || len(s.leave) > 0 {
		return false
	}
	if !s.list.same && len(s.list.items) != len(s.rows) {
		return false
	}
	copies := 0
	for i := range s.rows {
		r := &s.rows[i]
		if r.Gone || r.Discard || r.Trash != "" || r.Remote.Path == "" || r.Path != r.Remote.Path || !s.sameThere(r) {
			return false
		}
		place := s.placeOf(r.Path)
		f := s.disk[place]
		if r.Local.Path == "" {
			if f != nil {
				return false
			}
			continue
		}
		if r.Local.Path != place || f == nil || !sameHere(r, f) {
			return false
		}
		copies++
	}
	return copies == len(s.disk)
}

// sameThere reports whether the server said of a row what it said before.
func (s *situation) sameThere(r *storage.FileRow) bool {
	if s.list.same {
		return true
	}
	now := s.list.items[r.Remote.Path]
	return now != nil && now.dir == r.Dir && now.ETag == r.Remote.ETag && now.FileID == r.Remote.FileID && now.Size == r.Remote.Size &&
		now.ReadOnly == r.Remote.ReadOnly && now.Modified.UnixMilli() == r.Remote.Modified.UnixMilli()
}

// sameHere reports whether a row's copy lies on the disk as it did, and is the server's version.
func sameHere(r *storage.FileRow, f *found) bool {
	if f.busy || f.dir != r.Dir || f.path != r.Path || f.Inode != r.Local.Inode {
		return false
	}
	return r.Dir || f.Hash == r.Local.Hash && unchanged(r.Local, f.FileLocal) && r.Base.Hash == r.Local.Hash && r.Base.ETag == r.Remote.ETag
}
