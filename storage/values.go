// SPDX-License-Identifier: EUPL-1.2

package storage

import "time"

// Moments are stored as Unix milliseconds, 0 for none.

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// blob gives an empty blob for nil: no column is NULL.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
