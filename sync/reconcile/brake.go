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
)

// Bounds of what may be deleted in one run without asking: 50 files, or 30 per cent of them from ten files on.
const (
	maxDeletes   = 50
	maxShare     = 30
	shareCounted = 10
)

// brake counts what the plan would delete.
func (t *tree) brake() Brake {
	if t.in.Allow {
		return NoBrake
	}
	var known, locals, remote, local int
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
	case tooMany(remote, known):
		return MassRemote
	case tooMany(local, known):
		return MassLocal
	}
	return NoBrake
}

func tooMany(n, known int) bool {
	return n > maxDeletes || (n >= shareCounted && n*100 > known*maxShare)
}
