// SPDX-License-Identifier: EUPL-1.2

package files

import (
	"path"
	"strings"
)

// TempPrefix begins the names of files that are just being downloaded.
const TempPrefix = ".~k"

// MarkerName is the file that shows that a folder is the root of an account's files.
const MarkerName = ".kontor"

// ignored are patterns (path.Match, lower case) of what programs leave behind for themselves.
var ignored = []string{
	TempPrefix + "*", MarkerName, ".~lock.*#", "~$*", "*.tmp", "*~", ".ds_store", "thumbs.db", "desktop.ini", ".directory",
	".*.sw?", ".#*", ".fuse_hidden*", ".nfs*", "*.crdownload", "$recycle.bin", "system volume information", ".trash-*",
}

// Ignored reports whether a name stays on the side where it is: it is neither sent nor fetched nor deleted.
func Ignored(name string) bool {
	name = strings.ToLower(name)
	for _, p := range ignored {
		if ok, err := path.Match(p, name); ok && err == nil {
			return true
		}
	}
	return false
}

// LockedBy gives the name of the file that an office program has open, for the name of its lock file.
func LockedBy(name string) (file string, locked bool) {
	if strings.HasPrefix(name, ".~lock.") && strings.HasSuffix(name, "#") {
		return strings.TrimSuffix(strings.TrimPrefix(name, ".~lock."), "#"), true
	}
	return "", false
}
