// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"kontor/app/files"
	"kontor/app/journal"
	"kontor/storage"
	"kontor/sync/reconcile"
)

// What a person does in the window: the steps of the use cases of package app, on the store in memory.

// use lets a person do something in the window, with what that shows.
func (w *world) use(who int) {
	c := w.clients[who]
	var tree []spotted
	for _, r := range c.store.All() {
		if !r.Gone && w.mine(who, r.Path) {
			tree = append(tree, spotted{path: r.Path, dir: r.Dir})
		}
	}
	w.actors[who] = true
	w.both = w.both || c.behind()
	kind, to := rapid.IntRange(0, 6).Draw(w.T, "in the window"), shown(w.spot(who, tree))
	if len(tree) == 0 && kind > 1 {
		kind = 0
	}
	var row storage.FileRow
	if kind > 1 {
		item := rapid.SampledFrom(tree).Draw(w.T, "entry")
		found, err := c.store.FileByPath(context.Background(), worldAccount, item.path)
		must(err)
		row = found
	}
	w.both = w.both || c.disk.Fold && slices.ContainsFunc(tree, func(p spotted) bool {
		return p.path != to && strings.EqualFold(p.path, to) // a disk that takes both for one has to call one of them otherwise
	})
	done := false
	switch {
	case kind == 0:
		done = w.usePut(c, to)
	case kind == 1:
		done = c.useMkdir(to)
	case kind < 5:
		done = c.useMove(row, to)
	case kind == 5:
		done = w.useRemove(c, row)
	case !row.Dir:
		done = w.useOverwrite(c, row)
	}
	w.note("%d, in the window: %d %s to %s: %t", who, kind, row.Path, to, done)
	crash := c.crash
	c.crash = nil
	must(c.align())
	c.crash = crash
	c.flush()
}

// behind reports whether the disk has changes that the program has not seen yet.
func (c *worldClient) behind() bool {
	known := map[string]string{}
	for _, r := range c.store.All() {
		if r.Local.Path != "" {
			known[c.disk.At(r.Local.Path)] = r.Local.Hash
		}
	}
	for _, n := range c.disk.All() {
		if hash, ok := known[c.disk.At(n.Path)]; !ok || hash != n.Content {
			return true
		}
	}
	return len(known) != len(c.disk.All())
}

// ordered reports whether something that was done in the window has not come to its end. What is done to the same items on the
// disk by then meets it, as another person's doing would.
func (c *worldClient) ordered() bool {
	return slices.ContainsFunc(c.store.Pending(), func(op journal.Op) bool { return !op.Undone })
}

// order stores what a person did.
func (c *worldClient) order(kind journal.Kind, row storage.FileRow, payload any) {
	ctx := context.Background()
	raw, err := json.Marshal(payload)
	must(err)
	op := journal.Op{AccountID: worldAccount, Kind: kind, Target: row.Path, Payload: raw, Targets: []journal.Target{{Table: "files", ID: row.ID}}}
	depends, others, err := c.store.FileOrder(ctx, row, kind)
	must(err)
	op.DependsOn, op.Targets = depends, append(op.Targets, others...)
	_, err = c.store.AddOp(ctx, op)
	must(err)
}

// room reports whether something new can be shown at a path.
func (c *worldClient) room(path string) bool {
	ctx := context.Background()
	if _, err := c.store.FileByPath(ctx, worldAccount, path); err == nil {
		return false
	}
	up := files.Parent(path)
	folder, err := c.store.FileByPath(ctx, worldAccount, up)
	return up == "" || err == nil && folder.Dir && !folder.Remote.ReadOnly
}

// copyIn puts a file on the disk, unless something unknown lies there.
func (c *worldClient) copyIn(row storage.FileRow, content string) bool {
	if c.w.disk.ability().Merges() {
		c.w.disk.know(c.store.All())
	}
	local := c.w.disk.local(row.Path)
	if row.Local.Path != "" {
		local = row.Local.Path
	} else if c.disk.Get(local) != nil {
		return false
	}
	return c.disk.Mkdir(files.Parent(local)) == nil && c.disk.Write(local, content) == nil
}

func (w *world) usePut(c *worldClient, path string) bool {
	content := w.word()
	row := storage.FileRow{AccountID: worldAccount, Path: path, Wanted: true}
	if !c.room(path) || !c.copyIn(row, content) {
		delete(w.written, content)
		return false
	}
	local := c.w.disk.local(path)
	row.Local = read(c.disk.Get(local))
	row.Local.Path = local
	row, err := c.store.AddFile(context.Background(), row)
	must(err)
	c.order(journal.FilePut, row, files.PutOp{Path: path, Hash: row.Local.Hash, Size: row.Local.Size})
	return true
}

func (w *world) useOverwrite(c *worldClient, row storage.FileRow) bool {
	ctx, content := context.Background(), w.word()
	at, lost := c.disk.Get(row.Local.Path), ""
	if at != nil {
		lost = at.Content // goes to the recycle bin, as it is by now
	}
	if row.Remote.ReadOnly || at != nil && at.Dir || !c.copyIn(row, content) {
		delete(w.written, content)
		return false
	}
	w.killRow(row)
	w.dead[lost] = true
	if row.Local.Path == "" && row.Remote.Path != "" {
		row.Base = storage.FileBase{ETag: row.Remote.ETag, Hash: unknownHash, Size: row.Remote.Size}
	}
	local := row.Local.Path
	if local == "" {
		local = c.w.disk.local(row.Path)
	}
	row.Local = read(c.disk.Get(local))
	row.Local.Path = local
	row.Wanted = row.Wanted || !row.Kept
	must(c.store.SaveFile(ctx, row))
	payload := files.PutOp{Path: row.Path, ETag: row.Base.ETag, Hash: row.Local.Hash, Size: row.Local.Size}
	ops, err := c.store.OpsFor(ctx, "files", row.ID)
	must(err)
	for _, op := range ops {
		if op.Kind == journal.FilePut && op.State == journal.Waiting {
			op.Payload, err = json.Marshal(payload)
			must(err)
			c.save(op)
			return true
		}
	}
	c.order(journal.FilePut, row, payload)
	return true
}

func (c *worldClient) useMkdir(path string) bool {
	if !c.room(path) {
		return false
	}
	row, err := c.store.AddFile(context.Background(), storage.FileRow{AccountID: worldAccount, Path: path, Dir: true})
	must(err)
	c.order(journal.FileMkdir, row, files.MkdirOp{Path: path})
	return true
}

func (c *worldClient) useMove(row storage.FileRow, to string) bool {
	if row.Remote.ReadOnly || row.Dir && files.Within(to, row.Path) || !c.room(to) {
		return false
	}
	ctx := context.Background()
	must(c.store.RelocateFile(ctx, row, to))
	now, err := c.store.File(ctx, row.ID)
	must(err)
	c.order(journal.FileMove, now, files.MoveOp{From: row.Path, To: to, ETag: row.Base.ETag})
	return true
}

// killRow notes that a person who sees a row takes its content away.
func (w *world) killRow(row storage.FileRow) {
	w.dead[row.Local.Hash] = true
	for _, n := range w.server.All() {
		if reconcile.SameTag(w.server.Tag(n), row.Remote.ETag) {
			w.dead[n.Content] = true
		}
	}
}

func (w *world) useRemove(c *worldClient, row storage.FileRow) bool {
	if row.Remote.ReadOnly {
		return false
	}
	ctx := context.Background()
	below, err := c.store.FilesBelow(ctx, worldAccount, row.Path)
	must(err)
	w.killRow(row)
	for _, r := range below {
		if row.Dir && !r.Gone {
			w.killRow(r)
		}
	}
	needless := []storage.FileRow{row}
	if row.Dir {
		needless = append(needless, slices.DeleteFunc(below, func(r storage.FileRow) bool { return r.Gone || r.Remote.Path != "" })...)
	}
	for _, r := range needless {
		ops, err := c.store.OpsFor(ctx, "files", r.ID)
		must(err)
		for _, op := range ops {
			if op.Targets[0].ID != r.ID || r.Remote.Path != "" && op.Kind == journal.FileMove {
				continue
			}
			if cancelled, err := journal.Cancel(op, c.now); err == nil {
				c.save(cancelled)
			}
		}
	}
	c.store.HideFiles(ctx, row.Path, true)
	c.order(journal.FileDelete, row, files.DeleteOp{Path: row.Path, ETag: row.Remote.ETag, Dir: row.Dir})
	return true
}
