// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"os"
	"path/filepath"
)

// What downloads leave free of a disk: that many octets, or a twentieth of a small one.
const (
	keepFree     = 1 << 30
	keepFreePart = 20
)

// Room tells how many octets downloads may still bring to the disk of a folder, which need not exist yet: what is free but
// for a reserve. -1 where the disk does not say.
func Room(folder string) int64 {
	for {
		if _, err := os.Stat(folder); err == nil {
			break
		}
		up := filepath.Dir(folder)
		if up == folder {
			return -1
		}
		folder = up
	}
	free, all, err := diskSpace(folder)
	if err != nil {
		return -1
	}
	return roomOf(free, all)
}

func roomOf(free, all int64) int64 { return max(free-min(keepFree, all/keepFreePart), 0) }
