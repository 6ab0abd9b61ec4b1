// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"os"
	"strconv"
	"strings"
	"time"
)

// watchMemory looks at a program until done is closed, and gives the most octets it held. The kernel's own sum for ended
// programs is no use here: it begins with what the parent held.
func watchMemory(pid int, done <-chan struct{}) <-chan int64 {
	result := make(chan int64, 1)
	go func() {
		var most int64
		for {
			most = max(most, highWater(pid))
			select {
			case <-done:
				result <- most
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	return result
}

// forgetPeak lets this process's peak begin anew (proc(5), clear_refs). Where that is not allowed the peak is too high.
func forgetPeak() {
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)
}

// highWater reads VmHWM, the peak of the resident set, 0 if the program has ended.
func highWater(pid int) int64 {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0
	}
	_, rest, ok := strings.Cut(string(data), "VmHWM:")
	if !ok {
		return 0
	}
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kb, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil {
		return 0
	}
	return kb << 10
}
