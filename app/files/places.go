// SPDX-License-Identifier: EUPL-1.2

package files

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/unicode/norm"
)

// twin is put before the ending of a name that the disk cannot tell from another one in the same folder, once or more
// often. It is '~' in the area that mapped characters lie in (see privateUse), so Remote takes it out again.
const twin = string(rune('~' + privateUse))

// diskKey is what two names have in common that the disk takes for one.
func (r Rules) diskKey(name string) string {
	if r.Composes {
		name = norm.NFC.String(name)
	}
	if r.FoldCase {
		name = strings.ToLower(strings.ToUpper(name))
	}
	if r.Composes && r.FoldCase {
		name = norm.NFC.String(name)
	}
	return name
}

// Merges reports whether two names of the server can meet in one on the disk.
func (r Rules) Merges() bool { return r.FoldCase || r.Composes || r.Windows }

// fits reports whether the disk can hold a name of this length.
func (r Rules) fits(name string) bool {
	most := r.MaxName
	if most == 0 {
		most = maxName
	}
	if len(name) <= most || !r.Windows {
		return len(name) <= most
	}
	return len(utf16.Encode([]rune(name))) <= most
}

// shorten makes a name that the disk can hold of one that is too long; a trace of the whole name keeps it apart from others.
func (r Rules) shorten(name string) string {
	sum := sha256.Sum256([]byte(name))
	mark := twin + hex.EncodeToString(sum[:4])
	ext := name[len(stem(name)):]
	head := []rune(strings.TrimSuffix(name, ext))
	for len(head) > 0 && !r.fits(string(head)+mark+ext) {
		head = head[:len(head)-1]
	}
	return strings.TrimRight(string(head), " ") + mark + ext
}

// stem is a name without its ending.
func stem(name string) string {
	if i := strings.LastIndexByte(name, '.'); i > 0 && len(name)-i <= 20 {
		return name[:i]
	}
	return name
}

// single takes the marks of twins out of a name.
func single(name string) string { return strings.ReplaceAll(name, twin, "") }

// Copy is a path of the server and the place where its local copy lies, empty for none yet.
type Copy struct{ Path, Local string }

// Places says where the copies of paths lie on a disk, so that no two of them get the same place. Most follow from the
// names alone, the others are remembered.
type Places struct {
	rules Rules
	names map[string]string // local name by path, where it is not what Rules.Local says
	paths map[string]string // path by local path, likewise
}

// Place gives every path its place. What lies somewhere already stays there if it can: of two names that the disk cannot
// tell apart, the one that was first keeps its name, the other one gets an alias.
func (r Rules) Place(all []Copy) *Places {
	p := &Places{rules: r, names: map[string]string{}, paths: map[string]string{}}
	if !r.Merges() && !slices.ContainsFunc(all, func(c Copy) bool { return !r.fits(Base(c.Path)) }) {
		return p
	}
	folders := map[string][]Copy{}
	for _, c := range all {
		folders[Parent(c.Path)] = append(folders[Parent(c.Path)], c)
	}
	for _, in := range folders {
		p.folder(in)
	}
	for path := range p.names {
		p.paths[p.Local(path)] = path
	}
	return p
}

// folder gives names to what lies in one folder.
func (p *Places) folder(in []Copy) {
	slices.SortFunc(in, func(a, b Copy) int {
		if x, y := p.rank(a), p.rank(b); x != y {
			return x - y
		}
		return strings.Compare(a.Path, b.Path)
	})
	used := make(map[string]bool, len(in))
	for i, c := range in {
		if i > 0 && c.Path == in[i-1].Path {
			continue
		}
		name := p.rules.mapped(Base(c.Path))
		local := p.rules.Local(Base(c.Path))
		for n := 1; used[p.rules.diskKey(local)]; n++ {
			if local = insert(name, strings.Repeat(twin, n)); !p.rules.fits(local) || n > 20 {
				local = p.rules.shorten(name + strings.Repeat(twin, n))
			}
		}
		used[p.rules.diskKey(local)] = true
		if local != name || p.rules.Remote(local) != Base(c.Path) {
			p.names[c.Path] = local
		}
	}
}

// rank lets what lies under its own name go first, then what lies here under an alias.
func (p *Places) rank(c Copy) int {
	switch local := Base(c.Local); {
	case c.Local != "" && local == p.rules.Local(Base(c.Path)):
		return 0
	case c.Local != "" && strings.Contains(local, twin):
		return 2
	case c.Local != "":
		return 1
	}
	return 3
}

// Local is the place of a path, relative to the root, in the disk's own names.
func (p *Places) Local(path string) string {
	if len(p.names) == 0 {
		return p.rules.LocalPath(path)
	}
	local := ""
	for end := 0; end < len(path); {
		next := strings.IndexByte(path[end:], '/')
		if next < 0 {
			next = len(path) - end
		}
		name, special := p.names[path[:end+next]]
		if !special {
			name = p.rules.Local(path[end : end+next])
		}
		local = Join(local, name)
		end += next + 1
	}
	return local
}

// Remote gives the path of what lies at a place, if that has an alias of its own.
func (p *Places) Remote(local string) (path string, ok bool) {
	path, ok = p.paths[local]
	return path, ok
}

// Aliases gives the paths whose copies have other names than on the server, in order.
func (p *Places) Aliases() []Copy {
	all := make([]Copy, 0, len(p.paths))
	for local, path := range p.paths {
		all = append(all, Copy{Path: path, Local: local})
	}
	slices.SortFunc(all, func(a, b Copy) int { return strings.Compare(a.Path, b.Path) })
	return all
}
