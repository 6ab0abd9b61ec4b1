// SPDX-License-Identifier: EUPL-1.2

//go:build !linux

package index

import "time"

var started = time.Now()

func processorTime() time.Duration { return time.Since(started) }
