// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"slices"

	"pgregory.net/rapid"

	"kontor/storage"
	"kontor/sync/simworld"
)

// choosePins lets some people keep only a part of their files offline.
func (w *world) choosePins(c *worldClient) {
	if rapid.IntRange(0, 7).Draw(w.T, c.name+" keeps a part offline") > 0 {
		return
	}
	w.partly, c.store.PinnedAll = true, false
	w.both = true // what is written where something lies that is not here is a copy beside it
}

// pin lets a person change what is kept offline, or ask for one file.
func (w *world) pin(c *worldClient) {
	rows := slices.DeleteFunc(c.store.All(), func(r storage.FileRow) bool { return r.Gone })
	how := rapid.IntRange(0, 5).Draw(w.T, "pin")
	if how == 0 || len(rows) == 0 {
		w.note("%s turns the pin of everything to %t", c.name, !c.store.PinnedAll)
		c.store.Pin("", !c.store.PinnedAll)
	} else if r := rapid.SampledFrom(rows).Draw(w.T, "row"); how == 1 {
		w.note("%s asks for %s", c.name, r.Path)
		c.store.Want(r.ID)
	} else {
		w.note("%s turns the pin of %s to %t", c.name, r.Path, !r.Pinned)
		c.store.Pin(r.Path, !r.Pinned)
	}
	crash := c.crash
	c.crash = nil
	must(c.align())
	c.crash = crash
	c.flush() // what a person does is stored for certain
}

// accident is what happens rarely, to the server or to a store. It reports whether it could happen.
func (w *world) accident(n int) bool {
	switch n {
	case 0:
		w.note("the server is backed up")
		w.backup, w.backed = w.server.Backup(), true
	case 1:
		if !w.backed {
			return false
		}
		w.note("the server is set back to its backup")
		w.restore()
	case 2:
		c := w.clients[rapid.IntRange(0, 1).Draw(w.T, "client")]
		w.note("%s loses its store", c.name)
		pinned := c.store.PinnedAll
		c.store, c.decided, w.both = simworld.NewFileStore(), "", true
		c.store.PinnedAll = pinned
	default:
		return false
	}
	return true
}

// restore sets the server back. What only the server had since is lost with it, and what was deleted since is back.
func (w *world) restore() {
	w.both = true
	for _, p := range w.tree(2) {
		w.dead[p.content] = true
	}
	w.server.Restore(w.backup)
}

// powerCut ends a program with its machine: of the store and of the disk remains what had been written for certain, and
// perhaps some of what came after.
func (w *world) powerCut(c *worldClient) {
	before := c.disk.All()
	c.disk.PowerCut(func(n int) int { return rapid.IntRange(0, n-1).Draw(w.T, "what reached the disk") })
	c.store, c.dark, c.torn = c.durable.Clone(), false, append(c.torn, c.loose...)
	w.both = true // what is back as it was looks like somebody's doing
	left := map[string]bool{}
	for _, n := range c.disk.All() {
		left[n.Content] = true
	}
	for _, n := range before {
		if !left[n.Content] {
			w.note("  the disk of %s lost %s: %s", c.name, n.Path, n.Content)
			w.dead[n.Content] = w.dead[n.Content] || w.fresh[n.Content]
		}
	}
}

// apartFrom says what client and server do not have in common, although it is kept offline or lies on the disk.
func (w *world) apartFrom(who int, server []spotted) string {
	here := w.asThere(who)
	if w.clients[who].store.PinnedAll {
		if !slices.Equal(here, server) {
			return "everything"
		}
		return ""
	}
	for _, p := range here {
		if !slices.Contains(server, p) {
			return p.path
		}
	}
	for _, p := range server {
		r, err := w.clients[who].store.ByRemote(p.path)
		if err != nil || r.Gone {
			return p.path
		}
		if asked := r.Kept || r.Wanted && !p.dir; asked != slices.Contains(here, p) && !p.dir {
			return p.path
		}
	}
	return ""
}

// full lets a disk or the server have no room for a while.
func (w *world) full(c *worldClient) {
	switch rapid.IntRange(0, 15).Draw(w.T, "room") {
	case 1:
		w.note("  the disk is full")
		c.disk.Full = true
	case 2:
		w.note("  the server is full")
		w.server.Full = true
	}
}
