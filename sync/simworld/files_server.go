// SPDX-License-Identifier: EUPL-1.2

package simworld

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"kontor/app/files"
)

// FileNode is one file or folder on the server.
type FileNode struct {
	Path    string
	Dir     bool
	Content string
	ID      string // the server's own identity, which survives a move; empty where it has none
	tag     int
	born    int // when the tag was made
}

// FileServer is a WebDAV server as far as synchronisation sees it. What servers were seen to do differently are its
// fields.
type FileServer struct {
	Conditional bool // honours If-Match and If-None-Match
	PutTag      bool // names the tag in the answer to a PUT
	WeakFresh   bool // a young tag is weak, and If-Match fails with it (Apache)
	IDs         bool // items have identities (ownCloud, Nextcloud)
	Propagates  bool // a change anywhere changes the tags of all folders above it
	Infinity    bool // lists everything in one answer
	Fold        bool // "A" and "a" are one name
	Compose     bool // names are stored composed (NFC)
	KeepsCut    bool // keeps what arrived of an upload that was cut (rclone)
	TagsByPath  bool // a move makes another tag
	Full        bool // has no room for anything new

	items   map[string]*FileNode
	changes int // counts tags
	born    int // counts identities
	clock   int
}

// Stub is what remains of content that was cut in mid-way.
func Stub(content string) string { return content[:len(content)/2] }

// NewFileServer makes a server that holds nothing.
func NewFileServer() *FileServer { return &FileServer{items: map[string]*FileNode{}} }

// Tick lets time pass.
func (s *FileServer) Tick() { s.clock++ }

// name is what the server calls what is put at a path: a folder is called as it is there.
func (s *FileServer) name(path string) string {
	if s.Compose {
		path = norm.NFC.String(path)
	}
	if up := s.Get(files.Parent(path)); s.Fold && up != nil {
		path = files.Join(up.Path, files.Base(path))
	}
	return path
}

func (s *FileServer) key(path string) string {
	if s.Compose {
		path = norm.NFC.String(path)
	}
	if s.Fold {
		path = strings.ToLower(path)
	}
	return path
}

// Get gives what lies at a path, nil for nothing.
func (s *FileServer) Get(path string) *FileNode { return s.items[s.key(path)] }

// All lists everything by path.
func (s *FileServer) All() []*FileNode {
	all := make([]*FileNode, 0, len(s.items))
	for _, n := range s.items {
		all = append(all, n)
	}
	slices.SortFunc(all, func(a, b *FileNode) int { return strings.Compare(a.Path, b.Path) })
	return all
}

// Within lists what lies in a folder, everything with deep.
func (s *FileServer) Within(folder string, deep bool) []*FileNode {
	folder = s.key(folder)
	return slices.DeleteFunc(s.All(), func(n *FileNode) bool {
		k := s.key(n.Path)
		if deep {
			return k == folder || !files.Within(k, folder)
		}
		return files.Parent(k) != folder
	})
}

// Tag is the entity tag of an item as the server says it now.
func (s *FileServer) Tag(n *FileNode) string {
	tag := fmt.Sprintf("%q", fmt.Sprint(n.tag))
	if s.weak(n) {
		tag = "W/" + tag
	}
	return tag
}

// RootTag is the tag of the collection itself, which tells that something changed where tags propagate.
func (s *FileServer) RootTag() string { return fmt.Sprintf("%q", fmt.Sprint("r", s.changes)) }

func (s *FileServer) weak(n *FileNode) bool { return s.WeakFresh && !n.Dir && s.clock-n.born < 3 }

func (s *FileServer) touch(n *FileNode) {
	s.changes++
	n.tag, n.born = s.changes, s.clock
}

func (s *FileServer) add(path string, dir bool) *FileNode {
	s.born++
	n := &FileNode{Path: s.name(path), Dir: dir}
	if s.IDs {
		n.ID = fmt.Sprint("id", s.born)
	}
	s.items[s.key(path)] = n
	s.touch(n)
	return n
}

// Put stores a file. ifMatch is a tag or "*" for any; ifNone says that nothing may be there.
func (s *FileServer) Put(path, content, ifMatch string, ifNone bool) int {
	n := s.Get(path)
	if status := s.condition(n, ifMatch, ifNone); status != 0 {
		return status
	}
	switch {
	case n != nil && n.Dir:
		return http.StatusMethodNotAllowed
	case !s.holds(path):
		return http.StatusConflict
	case s.Full:
		return http.StatusInsufficientStorage
	case n == nil:
		n = s.add(path, false)
	default:
		s.touch(n)
	}
	n.Content = content
	return http.StatusNoContent
}

// condition checks a precondition, which some servers do not.
func (s *FileServer) condition(n *FileNode, ifMatch string, ifNone bool) int {
	if s.Conditional && (ifNone && n != nil || ifMatch != "" && (n == nil || s.weak(n) || s.Tag(n) != ifMatch)) {
		return http.StatusPreconditionFailed
	}
	return 0
}

// holds reports whether the folder of a path is there.
func (s *FileServer) holds(path string) bool {
	folder := files.Parent(path)
	n := s.Get(folder)
	return folder == "" || n != nil && n.Dir
}

// Mkdir makes a folder.
func (s *FileServer) Mkdir(path string) int {
	switch {
	case s.Get(path) != nil:
		return http.StatusMethodNotAllowed
	case !s.holds(path):
		return http.StatusConflict
	}
	s.add(path, true)
	return http.StatusCreated
}

// Delete removes an item with everything in it.
func (s *FileServer) Delete(path, ifMatch string) int {
	n := s.Get(path)
	if n == nil {
		return http.StatusNotFound
	}
	if status := s.condition(n, ifMatch, false); status != 0 {
		return status
	}
	for _, below := range s.Within(path, true) {
		delete(s.items, s.key(below.Path))
	}
	delete(s.items, s.key(path))
	s.changes++
	return http.StatusNoContent
}

// Move moves an item with everything in it, unless something lies at the new place.
func (s *FileServer) Move(from, to string) int {
	n := s.Get(from)
	there := s.Get(to)
	switch {
	case n == nil:
		return http.StatusNotFound
	case there != nil && there != n:
		return http.StatusPreconditionFailed
	case !s.holds(to) || files.Within(s.key(to), s.key(from)) && s.key(to) != s.key(from):
		return http.StatusConflict
	}
	was, to := n.Path, s.name(to)
	moving := append(s.Within(from, true), n)
	for _, m := range moving {
		delete(s.items, s.key(m.Path))
	}
	for _, m := range moving {
		m.Path = to + m.Path[len(was):]
		s.items[s.key(m.Path)] = m
		if s.TagsByPath {
			s.touch(m)
		}
	}
	s.changes++
	return http.StatusCreated
}

// Age is when the version of an item was made, in steps of the server's clock.
func (s *FileServer) Age(n *FileNode) int { return n.born }

// Backup is a copy of what the server holds.
func (s *FileServer) Backup() []FileNode {
	all := make([]FileNode, 0, len(s.items))
	for _, n := range s.items {
		all = append(all, *n)
	}
	return all
}

// Restore sets the server back to what it held.
func (s *FileServer) Restore(backup []FileNode) {
	clear(s.items)
	for _, n := range backup {
		s.items[s.key(n.Path)] = &n
	}
	s.changes++
}
