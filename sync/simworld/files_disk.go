// SPDX-License-Identifier: EUPL-1.2

package simworld

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"kontor/app/files"
)

// DiskNode is one file or folder on a disk. What tells one state from another is as coarse as the disk makes it.
type DiskNode struct {
	Path    string
	Dir     bool
	Content string
	MTime   int64
	CTime   int64 // 0 where the disk has none
	Inode   string
}

// FileDisk is the folder of the local copies. What disks were seen to do differently are its fields.
type FileDisk struct {
	Fold      bool // "A" and "a" are one name
	Decompose bool // names are stored decomposed (NFD)
	Coarse    bool // modification times have steps
	NoInode   bool // files have no identity and no change time
	Full      bool // nothing can be written

	nodes  map[string]*DiskNode
	states []map[string]*DiskNode // what a power cut may leave
	clock  int64
	inodes int
	freed  []string // inodes that may be given again
}

// ErrFull is a disk without room.
var ErrFull = errors.New("no space left on the disk")

// NewFileDisk makes an empty folder.
func NewFileDisk() *FileDisk { return &FileDisk{nodes: map[string]*DiskNode{}, clock: 1000} }

func (d *FileDisk) key(path string) string {
	path = norm.NFC.String(path)
	if d.Fold {
		path = strings.ToLower(path)
	}
	return path
}

func (d *FileDisk) name(path string) string {
	if d.Decompose {
		return norm.NFD.String(path)
	}
	return path
}

// At is what the disk knows a path by: names that are one for it have the same.
func (d *FileDisk) At(path string) string {
	if d.Fold || d.Decompose {
		return d.key(path)
	}
	return path
}

// Get gives what lies at a path, nil for nothing.
func (d *FileDisk) Get(path string) *DiskNode { return d.nodes[d.At(path)] }

// All lists everything by path.
func (d *FileDisk) All() []*DiskNode {
	all := make([]*DiskNode, 0, len(d.nodes))
	for _, n := range d.nodes {
		all = append(all, n)
	}
	slices.SortFunc(all, func(a, b *DiskNode) int { return strings.Compare(a.Path, b.Path) })
	return all
}

// Within lists what lies in a folder, at any depth with deep.
func (d *FileDisk) Within(folder string, deep bool) []*DiskNode {
	folder = d.At(folder)
	return slices.DeleteFunc(d.All(), func(n *DiskNode) bool {
		k := d.At(n.Path)
		if deep {
			return k == folder || !files.Within(k, folder)
		}
		return files.Parent(k) != folder
	})
}

func (d *FileDisk) touch(n *DiskNode) {
	d.clock++
	n.MTime = d.clock
	if d.Coarse {
		n.MTime -= n.MTime % 16
	}
	if !d.NoInode {
		n.CTime = d.clock
	}
}

// change is a new change time: the inode was written, whatever became of the content.
func (d *FileDisk) change(n *DiskNode) {
	d.clock++
	if !d.NoInode {
		n.CTime = d.clock
	}
}

// named is the path of an item as the disk lists it: below its folder, by whatever name that was reached.
func (d *FileDisk) named(path string) string {
	folder := files.Parent(path)
	if up := d.Get(folder); up != nil {
		folder = up.Path
	}
	return files.Join(folder, d.name(files.Base(path)))
}

func (d *FileDisk) add(path string, dir bool) *DiskNode {
	n := &DiskNode{Path: d.named(path), Dir: dir}
	if !d.NoInode {
		if len(d.freed) > 0 {
			n.Inode = d.freed[len(d.freed)-1]
			d.freed = d.freed[:len(d.freed)-1]
		} else {
			d.inodes++
			n.Inode = fmt.Sprint("i", d.inodes)
		}
	}
	d.nodes[d.At(path)] = n
	d.touch(n)
	return n
}

// Write writes a file in its place, as most programs do; the folder must be there.
func (d *FileDisk) Write(path, content string) error {
	n := d.Get(path)
	switch {
	case d.Full:
		return ErrFull
	case n != nil && n.Dir:
		return fs.ErrExist
	case n == nil && !d.holds(path):
		return fs.ErrNotExist
	case n == nil:
		n = d.add(path, false)
	default:
		d.touch(n)
	}
	n.Content = content
	return nil
}

// Backdate sets the modification time of a file, as programs that unpack or restore do.
func (d *FileDisk) Backdate(path string, mtime int64) {
	n := d.Get(path)
	d.change(n)
	n.MTime = mtime
}

func (d *FileDisk) holds(path string) bool {
	folder := files.Parent(path)
	n := d.Get(folder)
	return folder == "" || n != nil && n.Dir
}

// Mkdir makes a folder and those above it.
func (d *FileDisk) Mkdir(path string) error {
	if path == "" {
		return nil
	}
	if n := d.Get(path); n != nil {
		if n.Dir {
			return nil
		}
		return fs.ErrExist
	}
	if err := d.Mkdir(files.Parent(path)); err != nil {
		return err
	}
	d.add(path, true)
	return nil
}

// Rename moves an item with everything in it. A file takes the place of a file, as on all systems that matter.
func (d *FileDisk) Rename(from, to string) error {
	n, there := d.Get(from), d.Get(to)
	switch {
	case n == nil:
		return fs.ErrNotExist
	case there != nil && there != n && (there.Dir || n.Dir):
		return fs.ErrExist
	case !d.holds(to) || n.Dir && there != n && files.Within(d.At(to), d.At(from)):
		return fs.ErrInvalid
	}
	if there != nil && there != n {
		d.Remove(to)
	}
	was := n.Path
	to = d.named(to)
	moving := append(d.Within(from, true), n)
	for _, m := range moving {
		delete(d.nodes, d.At(m.Path))
	}
	for _, m := range moving {
		m.Path = to + m.Path[len(was):]
		d.nodes[d.At(m.Path)] = m
	}
	d.change(n)
	return nil
}

// Remove removes an item with everything in it.
func (d *FileDisk) Remove(path string) {
	n := d.Get(path)
	if n == nil {
		return
	}
	for _, m := range append(d.Within(path, true), n) {
		delete(d.nodes, d.At(m.Path))
		if m.Inode != "" {
			d.freed = append(d.freed, m.Inode)
		}
	}
}

// Sync makes a power cut leave what is there now, at least.
func (d *FileDisk) Sync() {
	d.states = nil
	d.Mark()
}

// Mark notes a state that a power cut may leave: changes that no one waited for reach a disk in their order, but later.
func (d *FileDisk) Mark() {
	state := make(map[string]*DiskNode, len(d.nodes))
	for at, n := range d.nodes {
		was := *n
		state[at] = &was
	}
	d.states = append(d.states, state)
}

// PowerCut leaves one of the states since the last Sync; pick chooses among n of them.
func (d *FileDisk) PowerCut(pick func(n int) int) {
	if len(d.states) > 0 {
		d.nodes, d.freed = d.states[pick(len(d.states))], nil
	}
}
