// SPDX-License-Identifier: EUPL-1.2

//go:build unix && !linux

package davfiles

import "syscall"

// changeTime is not read here: its field has another name on each system.
func changeTime(*syscall.Stat_t) int64 { return 0 }

// nameNew gives a file a name that nothing has, with fs.ErrExist otherwise.
func nameNew(from, to string) error { return placeLooking(from, to) }
