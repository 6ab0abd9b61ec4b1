// SPDX-License-Identifier: EUPL-1.2

//go:build linux || darwin

package davfiles

import "syscall"

// diskSpace gives the free octets and all octets of the disk that a folder lies on.
func diskSpace(folder string) (free, all int64, err error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(folder, &s); err != nil {
		return 0, 0, err
	}
	return int64(s.Bavail) * int64(s.Bsize), int64(s.Blocks) * int64(s.Bsize), nil //nolint:gosec,unconvert // their types differ by system
}
