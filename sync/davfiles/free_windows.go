// SPDX-License-Identifier: EUPL-1.2

package davfiles

import "golang.org/x/sys/windows"

// diskSpace gives the free octets and all octets of the disk that a folder lies on.
func diskSpace(folder string) (free, all int64, err error) {
	p, err := windows.UTF16PtrFromString(folder)
	if err != nil {
		return 0, 0, err
	}
	var mine, total uint64
	if err := windows.GetDiskFreeSpaceEx(p, &mine, &total, nil); err != nil {
		return 0, 0, err
	}
	return int64(mine), int64(total), nil
}
