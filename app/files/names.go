// SPDX-License-Identifier: EUPL-1.2

package files

import (
	"errors"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// ErrName is returned for a name or path that no server and no disk can hold.
var ErrName = errors.New("this name cannot be used")

// maxName is what one name may have in octets on the file systems that matter (ext4, NTFS in the worst case of UTF-8).
const maxName = 255

// Rules are what the local disk allows in names.
type Rules struct {
	Windows  bool // the names and characters that Windows forbids are mapped
	FoldCase bool // "A" and "a" are the same name
	Composes bool // a letter with an accent and the same one as two characters are the same name
	MaxName  int  // octets (on Windows UTF-16 units) that a name may have; 0 for 255
}

// Key is what two names have in common that the disk cannot tell apart.
func (r Rules) Key(name string) string {
	name = norm.NFC.String(name)
	if r.FoldCase {
		return norm.NFC.String(strings.ToLower(name))
	}
	return name
}

// Characters that cannot be used lie, shifted by this, in the private use area: the mapping that Cygwin, Samba and SFM
// use too. It is reversed by Remote.
const privateUse = 0xF000

// Local gives the name under which a file of the server lies on the disk. Remote takes it back, but for one that was too
// long: only Places knows those.
func (r Rules) Local(name string) string {
	local := r.mapped(name)
	if !r.fits(local) {
		return r.shorten(local)
	}
	return local
}

// mapped replaces what Windows forbids in names.
func (r Rules) mapped(name string) string {
	if !r.Windows {
		return name
	}
	runes := []rune(name)
	for i, c := range runes {
		if c < ' ' || strings.ContainsRune(`<>:"\|?*`, c) {
			runes[i] = c + privateUse
		}
	}
	if n := len(runes); n > 0 && (runes[n-1] == '.' || runes[n-1] == ' ') {
		runes[n-1] += privateUse
	}
	if reserved(name) {
		runes[0] += privateUse
	}
	return string(runes)
}

// Remote gives the name on the server for a name on the disk.
func (r Rules) Remote(name string) string {
	if r.Merges() && strings.Contains(name, twin) {
		name = single(name)
	}
	if !r.Windows {
		return norm.NFC.String(name)
	}
	plain := strings.Map(func(c rune) rune {
		if c > privateUse && c < privateUse+utf8.RuneSelf {
			return c - privateUse
		}
		return c
	}, name)
	if r.Local(plain) != name {
		plain = name
	}
	return norm.NFC.String(plain)
}

// LocalPath maps every name of a path.
func (r Rules) LocalPath(p string) string {
	if !r.Windows && r.fits(p) {
		return p
	}
	return mapPath(p, r.Local)
}

// RemotePath maps every name of a path back.
func (r Rules) RemotePath(p string) string { return mapPath(p, r.Remote) }

func mapPath(p string, name func(string) string) string {
	parts := strings.Split(p, "/")
	for i := range parts {
		parts[i] = name(parts[i])
	}
	return strings.Join(parts, "/")
}

// reserved reports whether Windows takes the name for a device, whatever its ending.
func reserved(name string) bool {
	stem, _, _ := strings.Cut(name, ".")
	stem = strings.ToUpper(strings.TrimRight(stem, " "))
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	if len(stem) < 4 || (stem[:3] != "COM" && stem[:3] != "LPT") {
		return false
	}
	switch rest := stem[3:]; rest {
	case "¹", "²", "³":
		return true
	default:
		return len(rest) == 1 && rest[0] >= '1' && rest[0] <= '9'
	}
}

// Valid reports with ErrName whether a name can travel: not empty, UTF-8, no slash, not "." or "..", at most 255 octets.
func Valid(name string) error {
	bad := name == "" || name == "." || name == ".." || len(name) > maxName || !utf8.ValidString(name) ||
		strings.ContainsAny(name, "/\x00")
	if bad {
		return ErrName
	}
	return nil
}

// CleanPath brings a path that a person wrote into the form of Entry.Path, with ErrName for one that leaves the root.
func CleanPath(p string) (string, error) {
	p = norm.NFC.String(strings.Trim(strings.TrimSpace(p), "/"))
	if p == "" || p == "." {
		return "", nil
	}
	for part := range strings.SplitSeq(p, "/") {
		if err := Valid(part); err != nil {
			return "", err
		}
	}
	return path.Clean(p), nil
}

// Parent is the path of the folder that p lies in, "" for the root.
func Parent(p string) string {
	if i := strings.LastIndexByte(p, '/'); i >= 0 {
		return p[:i]
	}
	return ""
}

// Base is the last name of p.
func Base(p string) string { return p[strings.LastIndexByte(p, '/')+1:] }

// Join puts a name below a folder.
func Join(folder, name string) string {
	if folder == "" {
		return name
	}
	return folder + "/" + name
}

// Within reports whether p is folder itself or lies below it. Everything lies within the root.
func Within(p, folder string) bool {
	return folder == "" || p == folder || (len(p) > len(folder) && p[len(folder)] == '/' && p[:len(folder)] == folder)
}

// printable takes out what a person's name must not bring into a file name.
func printable(s string) string {
	s = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || strings.ContainsRune(`<>:"/\|?*()`, c) {
			return -1
		}
		return c
	}, s)
	return strings.TrimSpace(s)
}
