// SPDX-License-Identifier: EUPL-1.2

package reconcile

// Landing is what becomes of a download.
type Landing uint8

// The landings. Only Install replaces a copy, and only one that is the common version.
const (
	Install Landing = iota // it takes its place
	Adopt                  // the copy has the same content already: both sides agree
	Retag                  // the server has the common version under another tag: only the copy was changed
	Split                  // both sides were changed: both versions stay
	Later                  // something lies there that is not known, or the copy is gone: the next look decides
)

// LandFile decides from the hashes of the contents: mine of what lies at the place now, theirs of the download, base of
// the common version; empty for none or unknown. known says that a copy was recorded.
func LandFile(known bool, mine, theirs, base string) Landing {
	switch {
	case !known && mine == "":
		return Install
	case !known || mine == "":
		return Later
	case mine == theirs:
		return Adopt
	case base == "":
		return Split
	case mine == base:
		return Install
	case theirs == base:
		return Retag
	}
	return Split
}
