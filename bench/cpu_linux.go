// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"syscall"
	"time"
)

// ownProcessor is what this process has used of the processors so far.
func ownProcessor() time.Duration {
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// quietDisk waits until everything that others have written is on the disk. Who waits for the disk itself, as Kontor does,
// would pay for what was laid down before it.
func quietDisk() { syscall.Sync() }
