// SPDX-License-Identifier: EUPL-1.2

package index

import (
	"syscall"
	"time"
)

// processorTime is what this process has used of the processors, which says more than a clock on a machine that is shared.
func processorTime() time.Duration {
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
