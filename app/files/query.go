// SPDX-License-Identifier: EUPL-1.2

package files

// Order is what a list of entries is sorted by. Folders come first in each of them.
type Order string

// The orders.
const (
	ByName    Order = "name" // as in a dictionary (DIN 5007-1 in German), numbers by their value
	BySize    Order = "size"
	ByChanged Order = "changed"
	ByState   Order = "state" // what needs a person first
)

// View is a list over all accounts.
type View string

// The views.
const (
	ViewFolder  View = ""        // no view: a folder of an account
	ViewOffline View = "offline" // what a person asked to have offline
	ViewRecent  View = "recent"  // the files that changed last
)

// Query says which entries a list shows.
type Query struct {
	View       View
	AccountID  int64  // for a folder
	Path       string // of the folder
	Text       string // only what has these words in its name, at any depth below the folder
	By         Order
	Descending bool
}

// Rank is the place of a state in an order by state: what needs a person comes first.
func (s State) Rank() int {
	switch s {
	case Conflict:
		return 0
	case Rejected:
		return 1
	case Running:
		return 2
	case Waiting:
		return 3
	case Offline:
		return 4
	case OnlineOnly:
	}
	return 5
}
