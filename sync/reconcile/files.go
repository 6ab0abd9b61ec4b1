// SPDX-License-Identifier: EUPL-1.2

package reconcile

import (
	"strings"
)

// Item is one file or folder in one of the three trees.
type Item struct {
	Key    int64  // of the row it is known by; 0 for what was seen for the first time
	Path   string // '/' between the names, no leading slash, in the names of the server
	Dir    bool
	Size   int64
	Hash   string // of the content, empty where it is not known
	ETag   string // of the remote version
	FileID string // the server's own identity of the item, which survives a move; empty where it has none
	Inode  string // likewise on the disk
	Exact  string // the path as the server has it, where its names have other octets; compared only
	Time   int64  // when the server says that the version was made, in seconds; 0 where it does not say
	// Stub says, in the local tree, that the content is not here and therefore cannot have changed; in the base tree it
	// says that the server never confirmed the item, so that there is no common version.
	Stub bool
	// Strayed says, in the local tree, that no row knows the item at its place.
	Strayed bool
}

// FilesInput is what PlanFiles decides from.
type FilesInput struct {
	Base, Local, Remote []Item
	// Unlisted are folders whose remote content could not be read; "" is everything. Nothing is concluded from what
	// they lack.
	Unlisted []string
	// Held are remote folders that hold something which is in none of the trees: they are not deleted.
	Held map[string]bool
	// Away are rows whose content never was here: that it is missing does not mean that anybody deleted it.
	Away map[int64]bool
	// Restore brings back what is missing on one side instead of deleting it on the other one.
	Restore bool
	// Allow lifts the brakes, after a person has agreed.
	Allow bool
	// Excused are rows whose deletion a person asked for inside the program: no brake counts them.
	Excused map[int64]bool
	// NameKey is what names have in common that must not lie in one folder; nil for the names themselves.
	NameKey func(string) string
}

// FileKind is what an action does.
type FileKind uint8

// The kinds. Local ones change only the local store and the disk, Put, Mkdir, MoveRemote and DeleteRemote travel.
const (
	Refresh      FileKind = iota // nothing changed but what the server says about it
	Link                         // is on both sides and was not known: record it
	Take                         // the remote version is new or has changed: record it; the content follows where it is wanted
	Contend                      // both sides have content of their own: compare, then link or keep both
	Put                          // the content goes to the server; the precondition is the base's ETag, or that nothing is there
	Mkdir                        // the folder is made on the server
	MoveRemote                   // moved locally
	MoveLocal                    // moved remotely
	RemoveRemote                 // deleted locally
	RemoveLocal                  // deleted remotely
	Drop                         // gone on both sides
	Clash                        // a file and a folder have one name: the local one must get another
)

// FileAction is one step of a plan. Local, Remote and Base are what the decision was made from: whoever carries it out
// looks again first, and plans anew where they no longer hold.
type FileAction struct {
	Kind                FileKind
	Key                 int64
	Path                string // where the item is after the plan
	From                string // where the side that has to follow has it, for moves
	Dir                 bool
	Local, Remote, Base *Item
	Implied             bool // follows from the deletion of a folder above it
	Holds               bool // something stays in the folder that has to step aside
	Older               bool // the server went back to an older version than the one that was known
}

// FilesPlan is what has to happen, folders before what lies in them and deletions last.
type FilesPlan struct {
	Actions []FileAction
	Brake   Brake // set: nothing was planned, a person must decide
}

// PlanFiles compares the three trees.
func PlanFiles(in FilesInput) FilesPlan {
	t := newTree(in)
	t.linkLocal()
	t.linkRemote()
	t.settle()
	return t.plan()
}

// node is one item with its place in all trees.
type node struct {
	key                              int64
	base, local, remote              *Item
	baseUp, localUp, remoteUp        *node // the folders; nil for the root
	up                               *node // the folder after the plan
	name                             string
	path                             string
	children                         []*node
	verdict                          Verdict
	blind                            bool // its remote state is not known
	unseen                           bool // it was deleted here, but what it holds on the server could not be read
	movedLocal, movedRemote, present bool
}

func (n *node) dir() bool {
	for _, i := range []*Item{n.base, n.local, n.remote} {
		if i != nil {
			return i.Dir
		}
	}
	return false
}

func (n *node) hasBase() bool { return n.base != nil && !n.base.Stub }

// tree is the work in progress.
type tree struct {
	in     FilesInput
	nodes  []*node
	byKey  map[int64]*node
	byPath map[place]*node  // of the base tree
	local  map[string]*node // by the path in the local tree
	remote map[string]*node
	fresh  map[position]*node // without a base, by the place where it was seen
	like   map[position]*node // likewise, by what the name has in common with others
	seen   map[place]bool     // what is on the server
	// localPass: two local items never share a node, whatever their names.
	localPass bool
}

type position struct {
	up   *node
	name string
	dir  bool
}

func newTree(in FilesInput) *tree {
	if in.NameKey == nil {
		in.NameKey = func(s string) string { return s }
	}
	n := len(in.Base)
	t := &tree{
		in: in, byKey: make(map[int64]*node, n), byPath: make(map[place]*node, n),
		local: make(map[string]*node, n), remote: make(map[string]*node, n), fresh: map[position]*node{}, like: map[position]*node{},
	}
	sortItems(in.Base)
	for i := range in.Base {
		item := &in.Base[i]
		node := &node{key: item.Key, base: item, baseUp: t.byPath[place{parent(item.Path), true}], blind: t.unlisted(item.Path)}
		t.nodes = append(t.nodes, node)
		t.byKey[item.Key] = node
		if at := t.byPath[place{item.Path, item.Dir}]; at == nil || at.base.Stub { // what is on its way to a place does not hide what is there
			t.byPath[place{item.Path, item.Dir}] = node
		}
	}
	return t
}

// unlisted reports whether nothing is known about the remote state of a path.
func (t *tree) unlisted(path string) bool {
	for _, folder := range t.in.Unlisted {
		if folder == "" || strings.HasPrefix(path, folder+"/") {
			return true
		}
	}
	return false
}

// linkLocal finds the node of every local item: by its key, by its name in the folder that its own folder is known as,
// and what is left by identity.
func (t *tree) linkLocal() {
	t.localPass = true
	defer func() { t.localPass = false }()
	sortItems(t.in.Local)
	seen := places(t.in.Local)
	claimed := map[int64]bool{}
	for i := range t.in.Local {
		claimed[t.in.Local[i].Key] = true
	}
	left := t.left(func(n *node) bool { return !seen[place{n.base.Path, n.base.Dir}] && !claimed[n.key] })
	for i := range t.in.Local {
		item := &t.in.Local[i]
		up := t.local[parent(item.Path)]
		n := t.byKey[item.Key]
		if n == nil {
			n = t.sameName(up, item)
			if n != nil && (n.local != nil || claimed[n.key]) {
				n = nil
			}
		}
		if n == nil {
			if m := left[identity(item)]; m != nil && m.local == nil && m.base.Dir == item.Dir && sameContent(m.base, item) {
				n = m
			}
		}
		if n == nil {
			n = t.add(up, item)
		}
		n.local, n.localUp = item, up
		if item.Dir || t.local[item.Path] == nil { // a folder whose content is not here may share its name with a new file
			t.local[item.Path] = n
		}
	}
}

// place is where an item of one sort lies: a file that took the name of a folder does not stand for it.
type place struct {
	path string
	dir  bool
}

func places(items []Item) map[place]bool {
	all := make(map[place]bool, len(items))
	for i := range items {
		all[place{items[i].Path, items[i].Dir}] = true
	}
	return all
}

// left gives the nodes that are not where they were, by what tells them apart on the disk.
func (t *tree) left(gone func(*node) bool) map[string]*node {
	left := map[string]*node{}
	for _, n := range t.nodes {
		id := identity(n.base)
		if id == "" || !gone(n) {
			continue
		}
		if _, twice := left[id]; twice {
			left[id] = nil // which of them moved cannot be told
			continue
		}
		left[id] = n
	}
	return left
}

// identity is what an item is known by on the disk: its inode, or its content on disks that have none.
func identity(item *Item) string {
	if item.Inode != "" || item.Dir || item.Hash == "" || item.Size == 0 {
		return item.Inode
	}
	return "content " + item.Hash
}

// sameContent guards against inodes that were given to another file since.
func sameContent(base, item *Item) bool {
	return item.Dir || (base.Hash != "" && base.Hash == item.Hash)
}

// linkRemote does the same for the remote items, by the server's identities.
func (t *tree) linkRemote() {
	sortItems(t.in.Remote)
	seen := places(t.in.Remote)
	t.seen = seen
	moved := map[string]*node{}
	for _, n := range t.nodes {
		if n.base != nil && n.base.FileID != "" && !n.base.Stub && !seen[place{n.base.Path, n.base.Dir}] && !n.blind {
			id := n.base.FileID
			if _, twice := moved[id]; twice {
				n = nil // which of them moved cannot be told
			}
			moved[id] = n
		}
	}
	for i := range t.in.Remote {
		item := &t.in.Remote[i]
		up := t.remote[parent(item.Path)]
		n := t.sameName(up, item)
		if n != nil && n.remote != nil {
			n = nil
		}
		if n == nil {
			if m := moved[item.FileID]; item.FileID != "" && m != nil && m.remote == nil && m.base.Dir == item.Dir && !t.madeHere(item, m) {
				n = m
			}
		}
		if m := t.local[item.Path]; n == nil && m != nil && m.hasBase() && m.remote == nil && m.local.Dir == item.Dir && !m.blind && !seen[place{m.base.Path, m.base.Dir}] {
			n = m // moved to the same place on both sides, by a server without identities
		}
		if n == nil {
			n = t.add(up, item)
		}
		n.remote, n.remoteUp, n.blind = item, up, false
		t.remote[item.Path] = n
	}
	for _, n := range t.nodes {
		n.blind = n.blind || n.remote == nil && n.hasBase() && t.followed(n)
		if n.blind && n.hasBase() {
			n.remote, n.remoteUp = n.base, n.baseUp
		}
	}
}

// followed reports whether the folder of n now lies, on the server, where it could not be read.
func (t *tree) followed(n *node) bool {
	up := n.baseUp
	switch {
	case len(t.in.Unlisted) == 0 || up == nil:
		return false
	case up.blind:
		return true
	}
	return up.remote != nil && t.unlisted(up.remote.Path+"/"+last(n.base.Path))
}

// madeHere reports whether an item that was deleted locally and moved remotely now lies where something new was made.
func (t *tree) madeHere(item *Item, moved *node) bool {
	at := t.local[item.Path]
	return moved.local == nil && at != nil && at.base == nil && at.local.Dir == item.Dir
}

// sameName finds the node that is known by the item's name in the folder up.
func (t *tree) sameName(up *node, item *Item) *node {
	path := item.Path
	if up != nil {
		if up.base == nil {
			return nil
		}
		path = up.base.Path + "/" + last(item.Path)
	}
	return t.byPath[place{path, item.Dir}]
}

// add gives the node of an item that has no base: the one that the other side saw in the same place, or a new one. A name
// that means the same there is as good where the other side has none of exactly this name.
func (t *tree) add(up *node, item *Item) *node {
	at := position{up, last(item.Path), item.Dir}
	like := position{up, t.in.NameKey(at.name), item.Dir}
	if !t.localPass {
		if n := t.fresh[at]; n != nil && n.remote == nil {
			return n
		}
		if n := t.like[like]; n != nil && n.remote == nil && (n.local == nil || !t.seen[place{sibling(item.Path, n.local.Path), item.Dir}]) {
			return n
		}
	}
	n := &node{key: item.Key, blind: t.unlisted(item.Path)}
	t.fresh[at], t.like[like] = n, n
	t.nodes = append(t.nodes, n)
	return n
}

// sibling is the path of the last name of other beside path.
func sibling(path, other string) string {
	if up := parent(path); up != "" {
		return up + "/" + last(other)
	}
	return last(other)
}
