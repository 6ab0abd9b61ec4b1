// SPDX-License-Identifier: EUPL-1.2

// Package reconcile plans synchronisation: the state of the local side, of the remote side and of what both had in
// common last go in, actions come out. It is pure: no clock, no I/O, no database.
package reconcile

// Side is what became of an item on one side since both sides agreed on it last.
type Side uint8

// The states of a side. Without a common base there is no Same.
const (
	Absent Side = iota
	Same
	Changed
)

// Verdict is what has to happen to an item.
type Verdict uint8

// The verdicts.
const (
	Nothing      Verdict = iota
	Upload               // the local version goes to the remote side
	Download             // the remote version comes to the local side
	Compare              // both have a version of their own: the same, or a conflict
	DeleteRemote         // deleted locally, untouched remotely
	DeleteLocal          // deleted remotely, untouched locally
	Forget               // gone on both sides
)

// Decide gives the verdict on one item. A change always beats a deletion.
func Decide(hasBase bool, local, remote Side) Verdict {
	if !hasBase {
		if local == Same {
			local = Changed
		}
		if remote == Same {
			remote = Changed
		}
	}
	switch local {
	case Absent:
		return withoutLocal(hasBase, remote)
	case Same:
		switch remote {
		case Absent:
			return DeleteLocal
		case Changed:
			return Download
		case Same:
		}
		return Nothing
	case Changed:
	}
	if remote == Changed {
		return Compare
	}
	return Upload
}

func withoutLocal(hasBase bool, remote Side) Verdict {
	switch {
	case remote == Changed:
		return Download
	case remote == Same:
		return DeleteRemote
	case hasBase:
		return Forget
	}
	return Nothing
}
