// SPDX-License-Identifier: EUPL-1.2

package demo

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/webdav"
)

// quota is what each user may store, in octets.
const quota = 10 << 30

// tree is a webdav.FileSystem in memory. A node keeps its number when it is moved, every change gives a new strong ETag,
// and a folder's ETag changes with anything below it.
type tree struct {
	mu     sync.Mutex
	root   *node
	lastID int64
	serial int64 // counts changes
	used   int64 // octets in all files, as of usedAt
	usedAt int64
}

// node is a file or a folder.
type node struct {
	id       int64
	version  int64
	modified time.Time
	data     []byte
	children map[string]*node // nil for a file
	props    map[xml.Name]webdav.Property
}

func newTree() *tree {
	t := &tree{}
	t.root = t.newNodeLocked(true, time.Now())
	return t
}

func (t *tree) newNodeLocked(folder bool, modified time.Time) *node {
	t.lastID++
	t.serial++
	n := &node{id: t.lastID, version: t.serial, modified: modified}
	if folder {
		n.children = map[string]*node{}
	}
	return n
}

func clean(name string) string { return path.Clean("/" + name) }

// findLocked gives the node of a path, nil where there is none.
func (t *tree) findLocked(name string) *node {
	n := t.root
	for _, part := range strings.Split(clean(name)[1:], "/") {
		if part == "" {
			continue
		}
		if n.children == nil || n.children[part] == nil {
			return nil
		}
		n = n.children[part]
	}
	return n
}

// touchLocked gives a path and all folders above it a new version.
func (t *tree) touchLocked(name string) {
	t.serial++
	for name = clean(name); ; name = path.Dir(name) {
		if n := t.findLocked(name); n != nil {
			n.version = t.serial
			if n.children != nil {
				n.modified = time.Now()
			}
		}
		if name == "/" {
			return
		}
	}
}

// parentLocked gives the folder that a path lies in.
func (t *tree) parentLocked(op, name string) (*node, string, error) {
	dir, base := path.Split(clean(name))
	parent := t.findLocked(dir)
	if parent == nil || base == "" {
		return nil, "", &os.PathError{Op: op, Path: name, Err: os.ErrNotExist}
	}
	if parent.children == nil {
		return nil, "", &os.PathError{Op: op, Path: name, Err: os.ErrInvalid}
	}
	return parent, base, nil
}

// Mkdir is part of webdav.FileSystem.
func (t *tree) Mkdir(_ context.Context, name string, _ os.FileMode) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	parent, base, err := t.parentLocked("mkdir", name)
	if err != nil {
		return err
	}
	if parent.children[base] != nil {
		return &os.PathError{Op: "mkdir", Path: name, Err: os.ErrExist}
	}
	parent.children[base] = t.newNodeLocked(true, time.Now())
	t.touchLocked(name)
	return nil
}

// OpenFile is part of webdav.FileSystem.
func (t *tree) OpenFile(_ context.Context, name string, flag int, _ os.FileMode) (webdav.File, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	name = clean(name)
	n := t.findLocked(name)
	write := flag&(os.O_WRONLY|os.O_RDWR|os.O_CREATE|os.O_TRUNC) != 0
	switch {
	case n == nil && flag&os.O_CREATE == 0:
		return nil, &os.PathError{Op: "open", Path: name, Err: os.ErrNotExist}
	case n == nil:
		parent, base, err := t.parentLocked("open", name)
		if err != nil {
			return nil, err
		}
		n = t.newNodeLocked(false, time.Now())
		parent.children[base] = n
	case n.children != nil && write:
		return nil, &os.PathError{Op: "open", Path: name, Err: os.ErrInvalid}
	}
	h := &handle{tree: t, node: n, name: name, write: write}
	if !write {
		h.data = n.data // never changed in place
	}
	return h, nil
}

// RemoveAll is part of webdav.FileSystem.
func (t *tree) RemoveAll(_ context.Context, name string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	parent, base, err := t.parentLocked("remove", name)
	if err != nil {
		return err
	}
	delete(parent.children, base)
	t.touchLocked(path.Dir(clean(name)))
	return nil
}

// Rename is part of webdav.FileSystem.
func (t *tree) Rename(_ context.Context, oldName, newName string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	from, oldBase, err := t.parentLocked("rename", oldName)
	if err != nil {
		return err
	}
	to, newBase, err := t.parentLocked("rename", newName)
	if err != nil {
		return err
	}
	n := from.children[oldBase]
	if n == nil {
		return &os.PathError{Op: "rename", Path: oldName, Err: os.ErrNotExist}
	}
	if strings.HasPrefix(clean(newName), clean(oldName)+"/") {
		return &os.PathError{Op: "rename", Path: newName, Err: os.ErrInvalid}
	}
	delete(from.children, oldBase)
	to.children[newBase] = n
	t.touchLocked(path.Dir(clean(oldName)))
	t.touchLocked(path.Dir(clean(newName)))
	return nil
}

// Stat is part of webdav.FileSystem.
func (t *tree) Stat(_ context.Context, name string) (os.FileInfo, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := t.findLocked(name)
	if n == nil {
		return nil, &os.PathError{Op: "stat", Path: name, Err: os.ErrNotExist}
	}
	return n.infoLocked(path.Base(clean(name))), nil
}

// put lays a file down with its folders.
func (t *tree) put(name string, data []byte, modified time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := t.root
	parts := strings.Split(clean(name)[1:], "/")
	for _, part := range parts[:len(parts)-1] {
		if n.children[part] == nil {
			n.children[part] = t.newNodeLocked(true, modified)
		}
		n = n.children[part]
		if n.modified.Before(modified) {
			n.modified = modified
		}
	}
	file := n.children[parts[len(parts)-1]]
	if file == nil || file.children != nil {
		file = t.newNodeLocked(false, modified)
		n.children[parts[len(parts)-1]] = file
	}
	file.data, file.modified = data, modified
}

func (t *tree) usedLocked() int64 {
	if t.usedAt != t.serial {
		t.used, t.usedAt = t.root.sizeLocked(), t.serial
	}
	return t.used
}

func (n *node) sizeLocked() int64 {
	total := int64(len(n.data))
	for _, c := range n.children {
		total += c.sizeLocked()
	}
	return total
}

func (n *node) infoLocked(name string) *info {
	return &info{name: name, size: int64(len(n.data)), modified: n.modified, folder: n.children != nil, etag: fmt.Sprintf(`"%d-%d"`, n.id, n.version)}
}

// info is what a node was like at one moment.
type info struct {
	name     string
	size     int64
	modified time.Time
	folder   bool
	etag     string
}

func (i *info) Name() string       { return i.name }
func (i *info) Size() int64        { return i.size }
func (i *info) ModTime() time.Time { return i.modified }
func (i *info) IsDir() bool        { return i.folder }
func (i *info) Sys() any           { return nil }

func (i *info) Mode() fs.FileMode {
	if i.folder {
		return fs.ModeDir | 0o755
	}
	return 0o644
}

// ETag is part of webdav.ETager.
func (i *info) ETag(context.Context) (string, error) { return i.etag, nil }

// ContentType is part of webdav.ContentTyper; without it every PROPFIND would read every file.
func (i *info) ContentType(context.Context) (string, error) {
	if t := typeOf(i.name); t != "" {
		return t, nil
	}
	return "application/octet-stream", nil
}

// handle is an open file or folder. One that writes always begins with an empty file.
type handle struct {
	tree  *tree
	node  *node
	name  string
	write bool
	wrote bool
	data  []byte
	pos   int64
	read  bool // the folder's entries were given
}

// Read is part of webdav.File.
func (h *handle) Read(b []byte) (int, error) {
	if h.pos >= int64(len(h.data)) {
		return 0, io.EOF
	}
	n := copy(b, h.data[h.pos:])
	h.pos += int64(n)
	return n, nil
}

// Seek is part of webdav.File.
func (h *handle) Seek(offset int64, whence int) (int64, error) {
	r := bytes.NewReader(h.data)
	if whence == io.SeekCurrent {
		offset, whence = offset+h.pos, io.SeekStart
	}
	pos, err := r.Seek(offset, whence)
	if err == nil {
		h.pos = pos
	}
	return pos, err
}

// Write is part of webdav.File. It is stored at once: the handler asks for the ETag before it closes the file.
func (h *handle) Write(b []byte) (int, error) {
	if !h.write {
		return 0, os.ErrPermission
	}
	h.data = append(h.data[:h.pos], b...)
	h.pos += int64(len(b))
	h.wrote = false
	return len(b), nil
}

func (h *handle) storeLocked() {
	if !h.write || h.wrote {
		return
	}
	h.wrote = true
	h.node.data, h.node.modified = h.data, time.Now()
	h.tree.touchLocked(h.name)
}

// Close is part of webdav.File.
func (h *handle) Close() error {
	h.tree.mu.Lock()
	defer h.tree.mu.Unlock()
	h.storeLocked()
	return nil
}

// Stat is part of webdav.File.
func (h *handle) Stat() (os.FileInfo, error) {
	h.tree.mu.Lock()
	defer h.tree.mu.Unlock()
	h.storeLocked()
	return h.node.infoLocked(path.Base(h.name)), nil
}

// Readdir is part of webdav.File.
func (h *handle) Readdir(count int) ([]os.FileInfo, error) {
	h.tree.mu.Lock()
	defer h.tree.mu.Unlock()
	if h.read && count > 0 {
		return nil, io.EOF
	}
	h.read = true
	var all []os.FileInfo
	for _, name := range slices.Sorted(maps.Keys(h.node.children)) {
		all = append(all, h.node.children[name].infoLocked(name))
	}
	return all, nil
}

const ocNamespace = "http://owncloud.org/ns"

// DeadProps is part of webdav.DeadPropsHolder: what was set, and what x/net/webdav does not know.
func (h *handle) DeadProps() (map[xml.Name]webdav.Property, error) {
	h.tree.mu.Lock()
	defer h.tree.mu.Unlock()
	props := maps.Clone(h.node.props)
	if props == nil {
		props = map[xml.Name]webdav.Property{}
	}
	set := func(space, local, value string) {
		name := xml.Name{Space: space, Local: local}
		props[name] = webdav.Property{XMLName: name, InnerXML: []byte(value)}
	}
	set(ocNamespace, "fileid", fmt.Sprint(h.node.id))
	if h.node.children != nil {
		used := h.tree.usedLocked()
		set("DAV:", "quota-used-bytes", fmt.Sprint(used))
		set("DAV:", "quota-available-bytes", fmt.Sprint(max(quota-used, 0)))
		set("DAV:", "getetag", h.node.infoLocked("").etag)
	}
	return props, nil
}

// Patch is part of webdav.DeadPropsHolder.
func (h *handle) Patch(patches []webdav.Proppatch) ([]webdav.Propstat, error) {
	h.tree.mu.Lock()
	defer h.tree.mu.Unlock()
	if h.node.props == nil {
		h.node.props = map[xml.Name]webdav.Property{}
	}
	stat := webdav.Propstat{Status: http.StatusOK}
	for _, patch := range patches {
		for _, p := range patch.Props {
			stat.Props = append(stat.Props, webdav.Property{XMLName: p.XMLName})
			if patch.Remove {
				delete(h.node.props, p.XMLName)
				continue
			}
			h.node.props[p.XMLName] = p
		}
	}
	return []webdav.Propstat{stat}, nil
}
