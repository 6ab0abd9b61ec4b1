// SPDX-License-Identifier: EUPL-1.2

package reconcile

// Brake says why a plan was not made.
type Brake uint8

// The brakes. They hold before anything is deleted, on either side.
const (
	NoBrake     Brake = iota
	EmptyRemote       // the remote side has nothing at all where there was something
	EmptyLocal        // likewise the local side
	MassRemote        // more than a few remote files would be deleted
	MassLocal         // more than a few local files would be deleted
	OlderRemote       // several remote files went back to older versions, as after restoring a backup
)

// Bounds of what may be deleted in one run without asking: 50 files, or 30 per cent of them from ten files on.
const (
	maxDeletes   = 50
	maxShare     = 30
	shareCounted = 10
)

// Bounds of what counts as a server that went back to an older state: so many files that are older than what was known, and
// more of them than files that were changed since. Servers whose clock knows whole or every second second only are no reason.
const (
	minOlder  = 3
	timeSteps = 2
)

// brake counts what the plan would delete.
func (t *tree) brake() Brake {
	if t.in.Allow {
		return NoBrake
	}
	var known, locals, remote, local, older, newer int
	for _, n := range t.nodes {
		if n.hasBase() {
			known++
			if n.local == nil && !t.in.Excused[n.key] {
				locals++
			}
		}
		if n.dir() || t.in.Excused[n.key] {
			continue
		}
		if n.hasBase() && n.remote != nil && t.remoteSide(n) == Changed {
			if n.older() {
				older++
			} else {
				newer++
			}
		}
		switch n.verdict {
		case DeleteRemote:
			remote++
		case DeleteLocal:
			local++
		case Nothing, Upload, Download, Compare, Forget:
		}
	}
	switch {
	case known > 1 && len(t.in.Remote) == 0 && len(t.in.Unlisted) == 0 && local+remote > 0:
		return EmptyRemote
	case known > 1 && locals == known && remote > 0:
		return EmptyLocal
	case older >= minOlder && older > newer && !t.in.Restore:
		return OlderRemote
	case tooMany(remote, known):
		return MassRemote
	case tooMany(local, known):
		return MassLocal
	}
	return NoBrake
}

// older reports whether the server went back to an older version than the one it had last. Both times are the server's.
func (n *node) older() bool {
	return !n.dir() && n.base != nil && n.remote != nil && n.base.Time != 0 && n.remote.Time != 0 &&
		!SameTag(n.base.ETag, n.remote.ETag) && n.remote.Time < n.base.Time-timeSteps
}

func tooMany(n, known int) bool {
	return n > maxDeletes || (n >= shareCounted && n*100 > known*maxShare)
}
