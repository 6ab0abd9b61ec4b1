// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"maps"
	"slices"
	"strings"
	"time"

	"kontor/app/files"
	"kontor/app/journal"
	"kontor/storage"
	"kontor/sync/reconcile"
)

// situation is everything that a plan is made from, with the ways back from the planner's items to rows and findings.
type situation struct {
	rules  files.Rules
	place  func(path string) string // where the copy of a path lies; nil for what rules say
	ignore *files.Ignore
	notes  []files.Note
	temps  bool            // interrupted downloads lie on the disk
	leave  []int64         // rows of what is ignored by now: both sides keep theirs
	opened []string        // copies of what may be changed on the server again
	held   map[string]bool // folders in which the server has something that is ignored
	rows   []storage.FileRow
	byID   map[int64]*storage.FileRow
	ops    map[int64][]storage.FileOp
	disk   map[string]*found  // by local path; nil where the disk was not looked at
	list   *listing           // nil where the server could not be asked
	onDisk map[seen]*found    // by the planner's item: what is on its way to a place does not hide what lies there
	onSrv  map[string]*remote // by the planner's path
	lost   map[int64]bool     // copies that were deleted on the disk but are not kept there: only the copy is gone
	away   map[int64]bool     // files that never were here, in folders that are gone from the disk
	frozen map[int64]bool     // rows that nothing may be decided about now
	aside  bool               // something had to get another name: the rest of the plan is made once it did
}

// seen names a local item of the planner.
type seen struct {
	key  int64
	path string
}

// lies gives what the disk has of a local item of the planner, nil for nothing.
func (s *situation) lies(it *reconcile.Item) *found { return s.onDisk[seen{it.Key, it.Path}] }

// holds reports whether something on the disk has a path, known or not.
func (s *situation) holds(path string) bool {
	for _, f := range s.disk {
		if f.path == path {
			return true
		}
	}
	return false
}

// input builds the three trees.
func (s *situation) input() reconcile.FilesInput {
	s.byID = make(map[int64]*storage.FileRow, len(s.rows))
	s.onDisk, s.onSrv = map[seen]*found{}, map[string]*remote{}
	s.lost, s.frozen, s.away = map[int64]bool{}, map[int64]bool{}, map[int64]bool{}
	for i := range s.rows {
		s.byID[s.rows[i].ID] = &s.rows[i]
	}
	in := reconcile.FilesInput{NameKey: s.rules.Key, Excused: map[int64]bool{}}
	in.Base = s.base()
	in.Local = s.local()
	in.Remote, in.Unlisted = s.remote(in.Base)
	in.Held, in.Away = s.held, s.away
	for id, ops := range s.ops {
		for _, op := range ops {
			if op.Kind == journal.FileDelete {
				s.excuse(in.Excused, id)
			}
			if op.State == journal.Running || op.State == journal.InDoubt {
				s.frozen[id] = true
			}
		}
	}
	return in
}

// excuse marks a row, and everything below it, as deleted by a person inside the program.
func (s *situation) excuse(excused map[int64]bool, id int64) {
	excused[id] = true
	row := s.byID[id]
	if row == nil || !row.Dir {
		return
	}
	for i := range s.rows {
		if s.rows[i].Gone && files.Within(s.rows[i].Path, row.Path) {
			excused[s.rows[i].ID] = true
		}
	}
}

func (s *situation) base() []reconcile.Item {
	items := make([]reconcile.Item, 0, len(s.rows))
	var known []string
	for i := range s.rows {
		if p := s.rows[i].Remote.Path; p != "" {
			known = append(known, p)
		}
	}
	named := s.naming(known)
	for i := range s.rows {
		r := &s.rows[i]
		it := reconcile.Item{Key: r.ID, Dir: r.Dir, FileID: r.Remote.FileID, Inode: r.Local.Inode}
		switch {
		case r.Remote.Path != "":
			it.Path, it.Size, it.ETag, it.Time = named(r.Remote.Path), r.Remote.Size, r.Remote.ETag, seconds(r.Remote.Modified)
			it.Exact = r.Remote.Path
			if r.Local.Path != "" && !r.Dir {
				it.ETag, it.Hash = r.Base.ETag, r.Base.Hash
			}
			it.FileID = identityOf(it)
		case !r.Gone:
			it.Path, it.Hash, it.Stub = r.Path, r.Local.Hash, true
		default:
			continue
		}
		items = append(items, it)
	}
	return items
}

// naming is plannerPaths for what the server had last. What it still has is called as in its own tree, since a name may have
// got a twin.
func (s *situation) naming(known []string) func(string) string {
	was := plannerPaths(known)
	if s.list == nil || s.list.same || !slices.ContainsFunc(slices.Collect(maps.Keys(s.list.items)), func(p string) bool { return shown(p) != p }) {
		return was
	}
	is := plannerPaths(slices.Collect(maps.Keys(s.list.items)))
	var named func(p string) string
	named = func(p string) string {
		switch {
		case p == "":
			return ""
		case s.list.items[p] != nil:
			return is(p)
		}
		return files.Join(named(files.Parent(p)), files.Base(was(p)))
	}
	return named
}

// seconds is a time for the planner; 0 for none.
func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

// identityOf is what the server knows an item by, wherever it lies: its own identity of it, or what proves as much.
func identityOf(it reconcile.Item) string {
	if it.FileID != "" || it.Dir {
		return it.FileID
	}
	return movedMark(it.ETag)
}

// plannerPaths gives, for all paths of a server together, what the planner calls them: the composed form of each name, or
// the name itself where two in one folder differ in their composition only.
func plannerPaths(paths []string) func(string) string {
	if !slices.ContainsFunc(paths, func(p string) bool { return shown(p) != p }) {
		return func(p string) string { return p }
	}
	paths = slices.Sorted(slices.Values(paths))
	taken, named := make(map[string]bool, len(paths)), make(map[string]string, len(paths))
	for _, p := range paths {
		if name := files.Base(p); shown(name) == name {
			taken[p] = true
		}
	}
	for _, p := range paths {
		up, known := named[files.Parent(p)]
		if !known {
			up = shown(files.Parent(p))
		}
		name := shown(files.Base(p))
		if alike := files.Join(files.Parent(p), name); alike != p && taken[alike] {
			name = files.Base(p)
		} else {
			taken[alike] = true
		}
		named[p] = files.Join(up, name)
	}
	return func(p string) string { return named[p] }
}

// local builds the local tree: what lies on the disk, and stubs for what only rows know of.
func (s *situation) local() []reconcile.Item {
	var items []reconcile.Item
	claimed := make(map[string]bool, len(s.disk))
	inodes := s.unclaimed()
	present := map[string]string{"": ""} // shown folder -> its path in the local tree
	s.revive()
	for i := range s.rows {
		r := &s.rows[i]
		if r.Gone {
			claimed[r.Local.Path] = true // on its way to the recycle bin
			continue
		}
		f := s.copyOf(r, claimed)
		up, upHere := present[files.Parent(r.Path)]
		switch {
		case f != nil && upHere:
			claimed[f.Path] = true
			it := reconcile.Item{Key: r.ID, Path: files.Join(up, r.Name), Dir: r.Dir, Size: f.Size, Hash: f.Hash, Inode: f.Inode}
			if f.busy {
				it.Hash = r.Base.Hash
				s.frozen[r.ID] = true
			}
			s.onDisk[seen{r.ID, it.Path}] = f
			if r.Dir {
				present[r.Path] = it.Path
			}
			items = append(items, it)
			continue
		case s.disk != nil && r.Local.Path != "":
			if to := inodes[r.Local.Inode]; r.Local.Inode != "" && to != nil && to.dir == r.Dir && (r.Dir || to.Hash == r.Base.Hash) {
				if r.Dir {
					present[r.Path] = to.path // what is not here moves with its folder
				}
				continue
			}
			if r.Kept || !upHere || r.Remote.Path == "" {
				continue
			}
			s.lost[r.ID] = true
		case !upHere:
			s.away[r.ID] = s.disk != nil && !r.Dir && r.Remote.Path != "" // its folder is gone, but it never was in it
			continue
		}
		it := reconcile.Item{Key: r.ID, Path: files.Join(up, r.Name), Dir: r.Dir, Size: r.Size, Stub: true}
		if r.Dir {
			present[r.Path] = it.Path
		}
		items = append(items, it)
	}
	for local, f := range s.strays(claimed, items) {
		s.onDisk[seen{0, f.path}] = s.disk[local]
		items = append(items, reconcile.Item{Path: f.path, Dir: f.dir, Size: f.Size, Hash: f.Hash, Inode: f.Inode, Strayed: true})
	}
	return s.withFolders(items)
}

// strays gives what lies on the disk and no row claims, by local path. What lies where a copy is to go that lies elsewhere by now
// gets another name beside it.
func (s *situation) strays(claimed map[string]bool, items []reconcile.Item) map[string]found {
	comes := map[string]bool{}
	for _, it := range items {
		if f := s.onDisk[seen{it.Key, it.Path}]; f != nil && f.Path != s.placeOf(it.Path) {
			comes[it.Path] = true
		}
	}
	free := make(map[string]found, len(s.disk))
	for local, f := range s.disk {
		if !claimed[local] && !f.busy {
			free[local] = *f
		}
	}
	if len(comes) == 0 {
		return free
	}
	other := map[string]string{} // a place on the disk -> what is in it is called by
	for _, local := range slices.Sorted(maps.Keys(free)) {
		f := free[local]
		if up, ok := other[files.Parent(local)]; ok {
			f.path = files.Join(up, files.Base(f.path))
		}
		if comes[f.path] {
			folder := files.Parent(f.path)
			f.path = files.Join(folder, files.Alias(files.Base(f.path), func(n string) bool {
				return comes[files.Join(folder, n)] || s.holds(files.Join(folder, n))
			}))
		}
		if f.dir && f.path != s.disk[local].path {
			other[local] = f.path
		}
		free[local] = f
	}
	return free
}

// copyOf finds a row's copy on the disk: where it was put, or, for a row without one, at the place where it would be put.
func (s *situation) copyOf(r *storage.FileRow, claimed map[string]bool) *found {
	local := r.Local.Path
	if local == "" {
		local = s.placeOf(r.Path)
	}
	if f := s.disk[local]; f != nil && f.dir == r.Dir && !claimed[local] {
		return f
	}
	return nil
}

// unclaimed finds what lies on the disk at a place that no row knows, by inode.
func (s *situation) unclaimed() map[string]*found {
	type copied struct {
		path string
		dir  bool // a file that took the name of a folder does not stand for it
	}
	known := make(map[copied]bool, len(s.rows))
	for i := range s.rows {
		known[copied{s.rows[i].Local.Path, s.rows[i].Dir}] = true
	}
	free := map[string]*found{}
	for local, f := range s.disk {
		if !known[copied{local, f.dir}] && f.Inode != "" {
			free[f.Inode] = f
		}
	}
	return free
}

// revive takes a deletion back whose file was put on the disk again since. What is known as another one is none.
func (s *situation) revive() {
	if s.disk == nil {
		return
	}
	known := map[string]bool{}
	for i := range s.rows {
		known[s.rows[i].Local.Path] = true
	}
	for i := range s.rows {
		r := &s.rows[i]
		if !r.Gone || r.Local.Path != "" || r.Remote.Path == "" {
			continue
		}
		if f := s.disk[r.Path]; f != nil && f.dir == r.Dir && !r.Dir && !known[r.Path] {
			s.frozen[r.ID] = true
		}
	}
}

// withFolders drops items whose folder is not in the tree, so that the planner never takes them for moved to the top.
func (s *situation) withFolders(items []reconcile.Item) []reconcile.Item {
	slices.SortFunc(items, func(a, b reconcile.Item) int { return strings.Compare(a.Path, b.Path) })
	folders := map[string]bool{"": true}
	return slices.DeleteFunc(items, func(it reconcile.Item) bool {
		if !folders[files.Parent(it.Path)] {
			return true
		}
		if it.Dir {
			folders[it.Path] = true
		}
		return false
	})
}

func (s *situation) remote(base []reconcile.Item) ([]reconcile.Item, []string) {
	var unread []string
	if s.list == nil { // what it said last: of that, nothing may be deleted here
		unread = []string{""}
	}
	if s.list == nil || s.list.same {
		var items []reconcile.Item
		for _, b := range base {
			if r := s.byID[b.Key]; !b.Stub {
				b.Key, b.Hash, b.Inode, b.ETag, b.FileID = 0, "", "", r.Remote.ETag, r.Remote.FileID
				b.FileID = identityOf(b)
				s.onSrv[b.Path] = &remote{dir: r.Dir, FileRemote: r.Remote}
				items = append(items, b)
			}
		}
		return items, unread
	}
	paths := make([]string, 0, len(s.list.items))
	for p := range s.list.items {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	named := plannerPaths(paths)
	items := make([]reconcile.Item, 0, len(paths))
	for _, p := range paths {
		it := s.list.items[p]
		if s.stays(shown(p), it.dir) {
			continue
		}
		path := named(p)
		s.onSrv[path] = it
		item := reconcile.Item{Path: path, Exact: p, Dir: it.dir, Size: it.Size, ETag: it.ETag, FileID: it.FileID, Time: seconds(it.Modified)}
		item.FileID = identityOf(item)
		items = append(items, item)
	}
	var unlisted []string
	for _, p := range s.list.unlisted {
		unlisted = append(unlisted, shown(p))
	}
	return items, unlisted
}
