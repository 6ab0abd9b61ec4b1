// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"slices"

	"kontor/app/files"
	"kontor/storage"
	"kontor/sync/reconcile"
	"kontor/sync/simworld"
)

// look is what a scan sees of a local item without reading it.
func look(n *simworld.DiskNode) storage.FileLocal {
	return storage.FileLocal{Path: n.Path, Size: size(n.Content), ModTime: n.MTime, ChangeTime: n.CTime, Inode: n.Inode}
}

// read is what a scan knows of a local file after reading it.
func read(n *simworld.DiskNode) storage.FileLocal {
	l := look(n)
	if !n.Dir {
		l.Hash = n.Content
	}
	return l
}

func (c *worldClient) unchanged(was, now storage.FileLocal) bool {
	if c.mistake == sameLook {
		return was.Size == now.Size && was.ModTime == now.ModTime
	}
	return unchanged(was, now)
}

// scan reads the local tree as scanner does: names that are known first, twins get another name.
func (c *worldClient) scan(rows []storage.FileRow) map[string]*found {
	known := map[string]*storage.FileRow{}
	for i := range rows {
		if p := rows[i].Local.Path; p != "" {
			known[p] = &rows[i]
		}
	}
	all := map[string]*found{}
	c.scanFolder("", "", known, all)
	return all
}

func (c *worldClient) scanFolder(local, path string, known map[string]*storage.FileRow, all map[string]*found) {
	s := c.w.disk.shape.Load()
	rank := func(n *simworld.DiskNode) int {
		name := files.Base(c.known(n, local, known))
		switch {
		case known[files.Join(local, name)] != nil:
			return 0
		case s.Local(s.Rules.Remote(name)) == name:
			return 1
		}
		return 2
	}
	nodes := c.disk.Within(local, false)
	slices.SortStableFunc(nodes, func(a, b *simworld.DiskNode) int { return rank(a) - rank(b) })
	used := map[string]bool{}
	for _, n := range nodes {
		here := c.known(n, local, known)
		row, there := known[here], s.remote(here, path, files.Base(here))
		if row != nil && c.w.disk.local(row.Path) == here {
			there = row.Path
		}
		if key := s.Key(files.Base(there)); row == nil && used[key] {
			name := files.Alias(s.Rules.Remote(files.Base(here)), func(try string) bool {
				return used[s.Key(try)] || c.disk.Get(files.Join(local, s.Local(try))) != nil
			})
			must(c.disk.Rename(here, files.Join(local, s.Local(name))))
			here, there = c.known(n, local, known), files.Join(path, name)
		}
		used[s.Key(files.Base(there))] = true
		f := &found{FileLocal: lookAt(n, here), path: there, dir: n.Dir}
		all[here] = f
		switch {
		case n.Dir:
			c.scanFolder(here, there, known, all)
		case row != nil && !row.Dir && row.Local.Hash != "" && c.unchanged(row.Local, f.FileLocal):
			f.Hash = row.Local.Hash
		default:
			f.FileLocal = read(n)
			f.Path = here
		}
	}
}

// known is the path that the program knows an item by, whatever the disk makes of its name.
func (c *worldClient) known(n *simworld.DiskNode, folder string, rows map[string]*storage.FileRow) string {
	name := files.Base(n.Path)
	if c.w.disk.ability().Composes {
		name = spelled(name, func(name string) bool { return rows[files.Join(folder, name)] != nil })
	}
	return files.Join(folder, name)
}

// align makes the disk follow what is stored, as Disk.align does.
func (c *worldClient) align() error {
	if c.w.disk.ability().Merges() {
		c.w.disk.know(c.store.All())
	}
	tried, left := map[int64]bool{}, map[string]bool{}
	for range maxPasses {
		all := slices.DeleteFunc(c.store.ToAlign(), func(r storage.FileRow) bool { return !c.w.disk.needsWork(&r) })
		rows := slices.DeleteFunc(slices.Clone(all), func(r storage.FileRow) bool { return tried[r.ID] })
		if len(rows) == 0 {
			again := c.clearLeft(left)
			if !again {
				var err error
				if again, err = c.unblock(all); err != nil || !again {
					return err
				}
			}
			clear(tried)
			continue
		}
		for _, r := range rows {
			left[files.Parent(r.Local.Path)] = true
		}
		if err := c.alignRows(rows, tried, c.w.disk.movingFolders(all)); err != nil {
			return err
		}
	}
	return nil
}

func (c *worldClient) unblock(rows []storage.FileRow) (bool, error) {
	r := blocking(rows, c.w.disk.local)
	if r == nil || c.disk.Get(r.Local.Path) == nil {
		return false, nil
	}
	before, was := look(c.disk.Get(r.Local.Path)), r.Local.Path
	if c.disk.Rename(was, asideName(r.ID)) != nil {
		return false, nil //nolint:nilerr // the scan finds out
	}
	if c.ends() {
		return false, errCrash
	}
	r.Local = followed(r.Local, before, look(c.disk.Get(asideName(r.ID))))
	r.Local.Path = was
	c.putAside(*r)
	return true, nil
}

func (c *worldClient) putAside(r storage.FileRow) {
	was := r.Local.Path
	r.Local.Path = asideName(r.ID)
	must(saveAligned(context.Background(), c.store, r))
	if r.Dir {
		must(c.store.MoveFiles(context.Background(), worldAccount, storage.SideLocal, was, r.Local.Path))
	}
}

func (c *worldClient) findAside(r *storage.FileRow) {
	if aside := asideName(r.ID); r.Local.Path != "" && r.Local.Path != aside && c.disk.Get(aside) != nil {
		c.putAside(*r)
		r.Local.Path = aside
	}
}

func (c *worldClient) clearLeft(left map[string]bool) (cleared bool) {
	delete(left, "")
	if len(left) == 0 {
		return false
	}
	known := map[string]bool{"": true}
	for _, r := range c.store.All() {
		known[r.Local.Path] = true
		if !r.Gone && r.Dir && r.Kept {
			known[c.w.disk.local(r.Path)] = true
		}
	}
	for path := range left {
		for ; !known[path]; path = files.Parent(path) {
			cleared = c.removeEmpty(path) || cleared
		}
	}
	return cleared
}

func (c *worldClient) removeEmpty(path string) bool {
	n := c.disk.Get(path)
	empty := n != nil && n.Dir && len(c.disk.Within(path, false)) == 0
	if empty {
		c.disk.Remove(path)
	}
	return empty
}

func (c *worldClient) alignRows(rows []storage.FileRow, tried map[int64]bool, moving map[string]bool) error {
	ctx := context.Background()
	goes := func(r storage.FileRow) bool { return !(r.Local.Path != "" && (r.Gone || r.Discard)) }
	if first := slices.DeleteFunc(slices.Clone(rows), goes); len(first) > 0 {
		rows = first
	} else if i := slices.IndexFunc(rows, c.w.disk.relocates); i >= 0 {
		r := rows[i]
		tried[r.ID] = true
		c.findAside(&r)
		was := r.Local.Path
		if c.rename(&r) {
			if c.ends() {
				return errCrash
			}
			clear(tried)
			must(saveAligned(ctx, c.store, r))
			must(c.store.MoveFiles(ctx, worldAccount, storage.SideLocal, was, r.Local.Path))
		}
		return nil
	}
	slices.Reverse(rows)
	var full *storage.FileRow
	still := true
	for i := range rows {
		tried[rows[i].ID] = true
		if c.w.disk.awaits(&rows[i], moving) {
			continue
		}
		c.findAside(&rows[i])
		was := rows[i]
		if !c.alignRow(&rows[i]) {
			if c.w.disk.strays(&rows[i]) {
				full = &rows[i]
			}
			continue
		}
		if c.ends() {
			return errCrash
		}
		still = false
		clear(tried)
		must(saveAligned(ctx, c.store, rows[i]))
		if err := c.removeReleased(was); err != nil {
			return err
		}
	}
	if still && full != nil {
		return c.carryAlong(*full, tried)
	}
	return nil
}

func (c *worldClient) carryAlong(r storage.FileRow, tried map[int64]bool) error {
	ctx, was := context.Background(), r.Local.Path
	if c.rename(&r) {
		if c.ends() {
			return errCrash
		}
		clear(tried)
		must(saveAligned(ctx, c.store, r))
		must(c.store.MoveFiles(ctx, worldAccount, storage.SideLocal, was, r.Local.Path))
		return nil
	}
	if n := c.disk.Get(c.w.disk.local(r.Path)); n != nil && n.Dir {
		r.Local = storage.FileLocal{}
		must(saveAligned(ctx, c.store, r))
	}
	return nil
}

func (c *worldClient) alignRow(r *storage.FileRow) bool {
	switch {
	case r.Local.Path == "" && r.Dir && r.Kept && !r.Gone:
		local := c.w.disk.local(r.Path)
		if c.disk.Mkdir(local) != nil {
			return false
		}
		r.Local = look(c.disk.Get(local))
		r.Local.Path = local
		return true
	case r.Local.Path == "":
		return false
	case r.Gone || r.Discard:
		c.takeAway(r)
		return true
	case c.w.disk.released(r):
		return c.release(r)
	}
	return c.rename(r)
}

// release gives up a copy that holds nothing but what the server has.
func (c *worldClient) release(r *storage.FileRow) bool {
	n := c.disk.Get(r.Local.Path)
	if r.Dir {
		if c.removeEmpty(r.Local.Path); c.disk.Get(r.Local.Path) != nil {
			return false
		}
		r.Local = storage.FileLocal{}
		return true
	}
	if n == nil || n.Dir || c.mistake != releasesUnseen && !c.unchanged(r.Local, look(n)) {
		return false
	}
	r.Local, r.Base = storage.FileLocal{}, storage.FileBase{}
	return true
}

// removeReleased removes the copy of a file that was given up, once that is stored for certain.
func (c *worldClient) removeReleased(was storage.FileRow) error {
	if was.Dir || was.Gone || was.Discard || was.Local.Path == "" || !c.w.disk.released(&was) {
		return nil
	}
	c.flush()
	if c.ends() {
		return errCrash
	}
	if n := c.disk.Get(was.Local.Path); n != nil && !n.Dir && (c.mistake == releasesUnseen || c.unchanged(was.Local, look(n))) {
		c.say("%s: %s is not kept any more", c.name, n.Path)
		c.disk.Remove(n.Path)
	}
	return nil
}

func (c *worldClient) takeAway(r *storage.FileRow) {
	if r.Dir {
		c.removeEmpty(r.Local.Path)
		r.Local = storage.FileLocal{}
		return
	}
	if n := c.disk.Get(r.Local.Path); n != nil && !n.Dir && (r.Discard || c.mistake == destroysUnseen || c.unchanged(r.Local, look(n))) {
		c.say("%s: %s goes to the recycle bin", c.name, n.Path)
		if there := c.server.Get(n.Path); there != nil && there.Content == n.Content && reconcile.SameTag(c.server.Tag(there), r.Base.ETag) && c.leaving[r.ID] && c.listed == c.server.RootTag() {
			c.wrong = r.Path
		}
		c.disk.Remove(n.Path)
	}
	r.Local, r.Discard = storage.FileLocal{}, false
	if !r.Gone {
		r.Base = storage.FileBase{}
	}
}

// rename moves a copy to its place, unless something lies there that is not known.
func (c *worldClient) rename(r *storage.FileRow) bool {
	local := c.w.disk.local(r.Path)
	from, to := c.disk.Get(r.Local.Path), c.disk.Get(local)
	if to != nil && to != from {
		left := storage.FileLocal{}
		if from != nil {
			left = look(from)
		}
		return arrivedBefore(r, left, look(to), to.Dir, local)
	}
	if from == nil {
		return false
	}
	at, before := r.Local.Path, look(from)
	if !r.Dir && goesInside(at, local) {
		folder := files.Parent(at)
		alias := files.Alias(files.Base(at), func(n string) bool { return c.disk.Get(files.Join(folder, n)) != nil })
		if c.disk.Rename(at, files.Join(folder, alias)) == nil {
			at = files.Join(folder, alias)
		}
	}
	if c.disk.Mkdir(files.Parent(local)) != nil || c.disk.Rename(at, local) != nil {
		return false
	}
	c.say("%s: copy of row %d goes from %s to %s", c.name, r.ID, r.Local.Path, local)
	r.Local = followed(r.Local, before, look(c.disk.Get(local)))
	r.Local.Path = local
	return true
}
