// SPDX-License-Identifier: EUPL-1.2

package reconcile

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"
)

// settle decides about every node by itself, finds its place after the plan and keeps folders that something stays in.
func (t *tree) settle() {
	for _, n := range t.nodes {
		n.verdict = t.verdict(n)
		t.locate(n)
	}
	t.grow()
	for t.yield() { // what is put back may take the place that another one was to move to
		t.grow()
	}
	for _, n := range t.nodes {
		if n.up == nil {
			name(n, "")
		}
	}
}

// grow puts every node below its folder and keeps folders that something stays in.
func (t *tree) grow() {
	for _, n := range t.nodes {
		n.children = nil
	}
	for _, n := range t.nodes {
		if !reaches(n) {
			n.up = nil // two folders were moved into each other: the top is the only place that both sides have
		}
	}
	for _, n := range t.nodes {
		if n.up != nil {
			n.up.children = append(n.up.children, n)
		}
	}
	for _, n := range t.nodes {
		if n.up == nil {
			keepFolders(n)
		}
	}
}

func (t *tree) verdict(n *node) Verdict {
	local, remote := t.localSide(n), t.remoteSide(n)
	if n.hasBase() && local == Changed && n.base.Hash == "" && !n.dir() && remote == Same {
		remote = Changed // the common version is not known: look before anything is overwritten
	}
	if n.dir() && local != Absent && remote != Absent {
		return Nothing
	}
	v := Decide(n.hasBase(), local, remote)
	if n.base != nil && local == Absent && remote == Absent {
		v = Forget // also what was never confirmed by the server
	}
	switch {
	case v == Compare && n.local.Stub:
		v = Download
	case n.blind && (v == DeleteLocal || v == Forget && n.hasBase()): // what never was there needs no look
		v = Nothing
	case v == DeleteRemote && t.hides(n):
		v, n.unseen = Nothing, t.unseen(n)
	case v == DeleteRemote && t.in.Restore:
		v = Download
	case v == Download && t.in.Restore && n.older() && n.local != nil && !n.local.Stub:
		v = Compare // the newer version that is here is kept beside
	case v == DeleteLocal && t.in.Restore && n.local != nil && (n.dir() || !n.local.Stub): // what never was here cannot be brought back
		v = Upload
	}
	return v
}

// hides reports whether n holds what is not seen here, or a folder that could not be read: it may be worth keeping.
func (t *tree) hides(n *node) bool {
	path := n.remote.Path
	return n.dir() && (t.in.Held[path] || t.unseen(n))
}

// unseen reports whether a folder, or one below it, could not be read while others could. Where nothing was read, what is
// planned is only noted, and whoever carries it out looks first.
func (t *tree) unseen(n *node) bool {
	path := n.remote.Path
	return n.dir() && slices.ContainsFunc(t.in.Unlisted, func(folder string) bool {
		return folder == path || strings.HasPrefix(folder, path+"/")
	})
}

func (t *tree) localSide(n *node) Side {
	switch {
	case n.local == nil && n.key != 0 && t.in.Away[n.key] && n.hasBase():
		return Same
	case n.local == nil:
		return Absent
	case n.hasBase() && (n.dir() || n.local.Stub || (n.base.Hash != "" && n.local.Hash == n.base.Hash)):
		return Same
	}
	return Changed
}

func (t *tree) remoteSide(n *node) Side {
	switch {
	case n.remote == nil:
		return Absent
	case n.hasBase() && (n.dir() || SameTag(n.base.ETag, n.remote.ETag)):
		return Same
	}
	return Changed
}

// SameTag compares two entity tags weakly (RFC 9110, section 8.8.3.2): servers call a tag weak while the file is young.
func SameTag(a, b string) bool {
	return strings.TrimPrefix(a, "W/") == strings.TrimPrefix(b, "W/") && a != ""
}

// locate finds the place of a node after the plan: where the server has it, unless only the local side moved it.
func (t *tree) locate(n *node) {
	at, up := n.remote, n.remoteUp
	switch {
	case n.remote == nil && n.local == nil:
		at, up = n.base, n.baseUp
	case n.remote == nil:
		at, up = n.local, n.localUp
	}
	if n.base != nil && n.remote != nil {
		n.movedRemote = n.remoteUp != n.baseUp || last(n.remote.Path) != last(n.base.Path)
	}
	if n.base != nil && n.local != nil {
		n.movedLocal = n.localUp != n.baseUp || last(n.local.Path) != last(n.base.Path)
	}
	if n.movedLocal && !n.movedRemote && n.hasBase() {
		at, up = n.local, n.localUp
	}
	n.up, n.name = up, last(at.Path)
}

// yield puts what only the local side moved back where the server has it, if the server has something else at the new
// place: a name belongs to what is on the server. It reports whether it did.
func (t *tree) yield() bool {
	onServer := make(map[position]bool, len(t.nodes))
	at := func(n *node) position { return position{up: n.up, name: t.in.NameKey(n.name)} }
	moves := func(n *node) bool {
		return n.movedLocal && !n.movedRemote && n.hasBase() && n.remote != nil && n.local != nil
	}
	for _, n := range t.nodes {
		if n.remote != nil && !moves(n) && n.verdict != DeleteRemote && !n.unseen {
			onServer[at(n)] = true
		}
	}
	movers := map[position][]*node{} // by the place that they want
	var blocked []position
	for _, n := range t.nodes {
		if moves(n) {
			if movers[at(n)] = append(movers[at(n)], n); onServer[at(n)] {
				blocked = append(blocked, at(n))
			}
		}
	}
	yielded := len(blocked) > 0
	for len(blocked) > 0 { // what goes back may block another one in turn
		place := blocked[len(blocked)-1]
		blocked = blocked[:len(blocked)-1]
		for _, n := range movers[place] {
			n.up, n.name, n.movedRemote = n.remoteUp, last(n.remote.Path), true
			if len(movers[at(n)]) > 0 {
				blocked = append(blocked, at(n))
			}
		}
		delete(movers, place)
	}
	return yielded
}

// reaches reports whether the way up from n ends at the root.
func reaches(n *node) bool {
	slow, fast := n, n
	for fast != nil && fast.up != nil {
		slow, fast = slow.up, fast.up.up
		if slow == fast {
			return false
		}
	}
	return true
}

// keepFolders turns the deletion of a folder around where something in it stays, and reports whether n stays.
func keepFolders(n *node) bool {
	stays := false
	for _, c := range n.children {
		if keepFolders(c) {
			stays = true
		}
	}
	switch n.verdict {
	case DeleteRemote:
		if stays {
			n.verdict = Download
		}
	case DeleteLocal, Forget:
		if stays {
			n.verdict = Upload
		}
	case Nothing, Upload, Download, Compare:
		stays = n.local != nil || n.remote != nil
	}
	n.present = stays
	return stays
}

// name gives every node its path after the plan.
func name(n *node, folder string) {
	n.path = n.name
	if folder != "" {
		n.path = folder + "/" + n.name
	}
	for _, c := range n.children {
		name(c, n.path)
	}
}

// plan writes the actions down.
func (t *tree) plan() FilesPlan {
	if b := t.brake(); b != NoBrake {
		return FilesPlan{Brake: b}
	}
	var top, deletes []*node
	for _, n := range t.nodes {
		if n.up == nil {
			top = append(top, n)
		}
	}
	p, spared := FilesPlan{}, map[*node]bool{}
	var walk func(nodes []*node)
	walk = func(nodes []*node) {
		slices.SortStableFunc(nodes, func(a, b *node) int { return strings.Compare(a.path, b.path) })
		onServer, onDisk, unseen := map[string]bool{}, map[string]bool{}, map[string]bool{}
		for _, n := range nodes {
			if n.present && n.remote != nil {
				onServer[t.in.NameKey(n.name)] = true
			}
			if n.present && n.key == 0 && n.local != nil {
				onDisk[n.name] = true
			}
			if n.unseen {
				unseen[t.in.NameKey(n.name)] = true
			}
		}
		for _, n := range nodes {
			switch n.verdict {
			case DeleteLocal, DeleteRemote, Forget:
				deletes = append(deletes, n)
			case Nothing, Upload, Download, Compare:
				if unseen[t.in.NameKey(n.name)] && n.local != nil && !n.unseen {
					continue // what is in the way was deleted here, and goes as soon as it is known what it holds
				}
				// What is new on the disk lies at its place, whatever is on its way there.
				if n.remote == nil && n.local != nil && (n.dir() || !n.local.Stub) && (onServer[t.in.NameKey(n.name)] || n.key != 0 && onDisk[n.name]) {
					a := n.action(Clash)
					a.Holds = slices.ContainsFunc(n.children, func(c *node) bool { return c.present })
					p.Actions = append(p.Actions, a)
					deletes = goners(deletes, n.children)
					spare(spared, n.children)
					continue
				}
				p.Actions = append(p.Actions, t.actions(n)...)
			}
			walk(n.children)
		}
	}
	walk(top)
	p.Actions = smallFirst(p.Actions)
	for _, n := range deletes {
		if n.verdict == DeleteRemote && spared[n] {
			continue
		}
		a := n.action(map[Verdict]FileKind{DeleteLocal: RemoveLocal, DeleteRemote: RemoveRemote, Forget: Drop}[n.verdict])
		a.Implied = n.up != nil && n.up.verdict == n.verdict && !spared[n.up]
		p.Actions = append(p.Actions, a)
	}
	return p
}

// spare notes the folders that lie above what waits below a folder that has to step aside: they are not deleted before that
// was planned.
func spare(spared map[*node]bool, nodes []*node) {
	for _, n := range nodes {
		for up := n.baseUp; up != nil; up = up.baseUp {
			spared[up] = true
		}
		spare(spared, n.children)
	}
}

// goners adds what is gone from the server below a folder that has to step aside: the rest is planned once it did.
func goners(deletes, nodes []*node) []*node {
	for _, n := range nodes {
		if n.verdict == DeleteLocal || n.verdict == Forget {
			deletes = append(deletes, n)
		}
		deletes = goners(deletes, n.children)
	}
	return deletes
}

func (n *node) action(kind FileKind) FileAction {
	return FileAction{Kind: kind, Key: n.key, Path: n.path, Dir: n.dir(), Local: n.local, Remote: n.remote, Base: n.base, Older: n.older()}
}

// actions gives the steps for a node that stays: first where it is, then what is in it.
func (t *tree) actions(n *node) []FileAction {
	var all []FileAction
	switch {
	case n.base == nil || n.local == nil || n.remote == nil:
	case n.movedRemote:
		a := n.action(MoveLocal)
		a.From = n.local.Path
		all = append(all, a)
	case n.movedLocal && n.hasBase():
		a := n.action(MoveRemote)
		a.From = n.remote.Path
		all = append(all, a)
	}
	kind, needed := t.content(n)
	if needed {
		all = append(all, n.action(kind))
	}
	return all
}

func (t *tree) content(n *node) (FileKind, bool) {
	switch n.verdict {
	case Upload:
		if n.dir() {
			return Mkdir, true
		}
		return Put, true
	case Download:
		return Take, true
	case Compare:
		return Contend, true
	case Nothing, DeleteRemote, DeleteLocal, Forget:
	}
	switch {
	case n.key != 0 && n.local != nil && n.local.Strayed && n.hasBase() && n.remote != nil && !n.movedLocal && !n.movedRemote:
		return Refresh, true // it lies elsewhere than it was put, and that is where it belongs
	case n.remote == nil || n.remote == n.base || n.unseen: // what was deleted here stays deleted until it is known what it holds
		return 0, false
	case !n.hasBase():
		return Link, true
	case n.base.ETag != n.remote.ETag || n.base.FileID != n.remote.FileID || n.base.Path != n.remote.Path || n.base.Exact != n.remote.Exact:
		return Refresh, true
	}
	return 0, false
}

// smallFirst puts what is to be uploaded behind everything else, small files first: many are safe before a large one takes
// the line for itself. What is about as large stays in its order, so that neighbours in a folder travel together.
func smallFirst(actions []FileAction) []FileAction {
	isPut := func(a FileAction) bool { return a.Kind == Put }
	puts := slices.DeleteFunc(slices.Clone(actions), func(a FileAction) bool { return !isPut(a) })
	slices.SortStableFunc(puts, func(a, b FileAction) int {
		return cmp.Compare(bits.Len64(uint64(a.Local.Size)>>20), bits.Len64(uint64(b.Local.Size)>>20))
	})
	return append(slices.DeleteFunc(actions, isPut), puts...)
}

func sortItems(items []Item) {
	slices.SortFunc(items, func(a, b Item) int { return strings.Compare(a.Path, b.Path) })
}

func parent(p string) string {
	if i := strings.LastIndexByte(p, '/'); i >= 0 {
		return p[:i]
	}
	return ""
}

func last(p string) string { return p[strings.LastIndexByte(p, '/')+1:] }
