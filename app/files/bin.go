// SPDX-License-Identifier: EUPL-1.2

package files

import (
	"cmp"
	"slices"
	"time"
)

// BinItem is a file in the program's own recycle bin on this computer.
type BinItem struct {
	Path    string    `json:"path"` // where it lay, below the root
	File    string    `json:"file"` // where it lies now
	Size    int64     `json:"size"`
	Deleted time.Time `json:"deleted"`
	// Held: it may be the only copy, for the server never had this content or does not know of the deletion yet, or undo
	// needs it. Such a file is never removed.
	Held bool `json:"held,omitempty"`
}

// BinRule says what leaves the bin by itself.
type BinRule struct {
	Age  time.Duration // older ones go
	Size int64         // octets; beyond that the oldest go
}

// UsualBin is the rule that is followed.
var UsualBin = BinRule{Age: 30 * 24 * time.Hour, Size: 2 << 30}

// Expired gives what leaves the bin at a moment, the oldest first: never what is held, though that counts as size.
func (r BinRule) Expired(all []BinItem, now time.Time) []BinItem {
	left, free := int64(0), make([]BinItem, 0, len(all))
	for _, it := range all {
		left += it.Size
		if !it.Held {
			free = append(free, it)
		}
	}
	slices.SortStableFunc(free, func(a, b BinItem) int { return cmp.Or(a.Deleted.Compare(b.Deleted), cmp.Compare(a.File, b.File)) })
	gone := 0
	for gone < len(free) && (now.Sub(free[gone].Deleted) > r.Age || left > r.Size) {
		left -= free[gone].Size
		gone++
	}
	return free[:gone]
}

// BinSum is how much lies in the bin.
type BinSum struct {
	Files     int   `json:"files"`
	Size      int64 `json:"size"`
	Held      int   `json:"held"` // of them, files that stay
	HeldBytes int64 `json:"held_size"`
}

// SumBin adds up what lies in the bin.
func SumBin(all []BinItem) (s BinSum) {
	for _, it := range all {
		s.Files++
		s.Size += it.Size
		if it.Held {
			s.Held++
			s.HeldBytes += it.Size
		}
	}
	return s
}
