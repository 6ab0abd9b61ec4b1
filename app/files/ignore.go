// SPDX-License-Identifier: EUPL-1.2

package files

import (
	"path"
	"slices"
	"strings"
)

// TempPrefix begins the names of files that are just being downloaded.
const TempPrefix = ".~k"

// AsidePrefix begins the names of copies that make room for others for a moment.
const AsidePrefix = ".~m"

// MarkerName is the file that shows that a folder is the root of an account's files.
const MarkerName = ".kontor"

// IgnoreName is the file in which a person lists what in its folder, and below, is not synchronised.
const IgnoreName = ".kontorignore"

// Own reports whether a name is the program's own: what it puts into the folder for itself.
func Own(name string) bool { return name == MarkerName || strings.HasPrefix(name, TempPrefix) }

// Ignored reports whether a name stays on the side where it is, whatever a person wrote into an ignore file: it is
// neither sent nor fetched nor deleted.
func Ignored(name string) bool {
	if Own(name) {
		return true
	}
	if _, lock := LockedBy(name); lock {
		return true
	}
	for _, begin := range leftBegin {
		if len(name) >= len(begin) && strings.EqualFold(name[:len(begin)], begin) {
			return true
		}
	}
	for _, end := range leftEnd {
		if len(name) >= len(end) && strings.EqualFold(name[len(name)-len(end):], end) {
			return true
		}
	}
	return slices.ContainsFunc(leftWhole, func(whole string) bool { return strings.EqualFold(name, whole) }) || swap(name)
}

// What programs leave behind for themselves: how its names begin, end, or are as a whole.
var (
	leftBegin = []string{"~$", ".#", ".nfs", ".fuse_hidden", ".trash-"}
	leftEnd   = []string{"~", ".tmp", ".crdownload"}
	leftWhole = []string{".ds_store", "thumbs.db", "desktop.ini", ".directory", "$recycle.bin", "system volume information"}
)

// swap reports whether a name is that of a swap file of vim: ".name.swp" and the like.
func swap(name string) bool {
	n := len(name)
	return n > 5 && name[0] == '.' && strings.EqualFold(name[n-4:n-1], ".sw")
}

// LockedBy gives the name of the file that an office program has open, for the name of its lock file.
func LockedBy(name string) (file string, locked bool) {
	if strings.HasPrefix(name, ".~lock.") && strings.HasSuffix(name, "#") {
		return strings.TrimSuffix(strings.TrimPrefix(name, ".~lock."), "#"), true
	}
	return "", false
}

// Ignore decides what is not synchronised: by the names above, and by the ignore files of the tree. Paths are those of
// the server. The patterns are those of gitignore(5), but never care about upper and lower case, so that they mean the
// same on every disk: the last one that matches decides, "!" takes back, "/" at the end means folders only, "/" elsewhere
// fixes the pattern to the folder of its file, "**" stands for any number of folders. What lies in an ignored folder is
// ignored.
type Ignore struct {
	folders map[string][]pattern // by the folder of the ignore file
	texts   map[string]string
}

type pattern struct {
	parts    []string // of the path below the folder, lower case
	negated  bool
	dirOnly  bool
	anywhere bool // the name alone decides
}

// Read takes in the ignore file of a folder; an empty text means that there is none.
func (g *Ignore) Read(folder, text string) {
	if g.folders == nil {
		g.folders, g.texts = map[string][]pattern{}, map[string]string{}
	}
	delete(g.folders, folder)
	delete(g.texts, folder)
	var all []pattern
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		if p, ok := parsePattern(strings.TrimRight(line, "\r\n")); ok {
			all = append(all, p)
		}
	}
	if len(all) > 0 {
		g.folders[folder], g.texts[folder] = all, text
	}
}

// parsePattern reads one line, false for an empty one, a comment, or one that cannot match anything.
func parsePattern(line string) (p pattern, ok bool) {
	if strings.HasPrefix(line, "#") {
		return p, false
	}
	for strings.HasSuffix(line, " ") && !strings.HasSuffix(line, `\ `) {
		line = line[:len(line)-1]
	}
	if rest, cut := strings.CutPrefix(line, "!"); cut {
		p.negated, line = true, rest
	}
	if rest, cut := strings.CutSuffix(line, "/"); cut {
		p.dirOnly, line = true, rest
	}
	p.anywhere = !strings.Contains(line, "/")
	line = strings.ToLower(strings.TrimPrefix(line, "/"))
	if line == "" {
		return p, false
	}
	p.parts = strings.Split(line, "/")
	for i, part := range p.parts {
		p.parts[i] = strings.ReplaceAll(part, "[!", "[^")
		if _, err := path.Match(p.parts[i], ""); err != nil {
			return p, false
		}
	}
	return p, true
}

// matches reports whether the pattern means a path below its folder.
func (p *pattern) matches(names []string, dir bool) bool {
	switch {
	case p.dirOnly && !dir:
		return false
	case p.anywhere:
		return glob(p.parts[0], names[len(names)-1])
	}
	return globAll(p.parts, names)
}

func glob(p, name string) bool {
	ok, err := path.Match(p, name)
	return ok && err == nil
}

func globAll(parts, names []string) bool {
	for len(parts) > 0 {
		if parts[0] == "**" {
			if len(parts) == 1 {
				return len(names) > 0
			}
			for skip := range len(names) + 1 {
				if globAll(parts[1:], names[skip:]) {
					return true
				}
			}
			return false
		}
		if len(names) == 0 || !glob(parts[0], names[0]) {
			return false
		}
		parts, names = parts[1:], names[1:]
	}
	return len(names) == 0
}

// Here reports whether an item is ignored by itself, for one whose folder is not ignored.
func (g *Ignore) Here(p string, dir bool) bool {
	name := Base(p)
	if Ignored(name) {
		return true
	}
	if g == nil || len(g.folders) == 0 || name == IgnoreName {
		return false
	}
	names := strings.Split(strings.ToLower(p), "/")
	folder := Parent(p)
	for depth := len(names) - 1; ; depth-- { // the nearest file decides before those above it
		all := g.folders[folder]
		for i := len(all) - 1; i >= 0; i-- {
			if all[i].matches(names[depth:], dir) {
				return !all[i].negated
			}
		}
		if folder == "" {
			return false
		}
		folder = Parent(folder)
	}
}

// Ignored reports whether an item, or a folder that it lies in, is ignored.
func (g *Ignore) Ignored(p string, dir bool) bool {
	for end := strings.IndexByte(p, '/'); end >= 0; {
		if g.Here(p[:end], true) {
			return true
		}
		next := strings.IndexByte(p[end+1:], '/')
		if next < 0 {
			break
		}
		end += 1 + next
	}
	return g.Here(p, dir)
}

// Text is the same for the same rules.
func (g *Ignore) Text() string {
	if g == nil || len(g.texts) == 0 {
		return ""
	}
	folders := make([]string, 0, len(g.texts))
	for folder := range g.texts {
		folders = append(folders, folder)
	}
	slices.Sort(folders)
	var out strings.Builder
	for _, folder := range folders {
		out.WriteString(folder + "\x00" + g.texts[folder] + "\x00")
	}
	return out.String()
}
