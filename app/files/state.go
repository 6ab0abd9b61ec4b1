// SPDX-License-Identifier: EUPL-1.2

package files

import "kontor/app/journal"

// Facts are what the state of an entry follows from.
type Facts struct {
	Dir      bool
	Here     bool // the local copy exists
	Current  bool // the local copy is the version that the server had last
	Wanted   bool // the local copy is asked for, by a pin or once
	Missing  bool // of a folder: something below it is asked for and not here yet
	Loading  bool // is being downloaded
	Conflict bool
	Problem  bool
	Ops      []journal.State // of the pending operations about it
}

// StateOf tells what a person is shown about an entry: the most urgent that is true.
func StateOf(f Facts) State {
	pending, running, failed := false, f.Loading, false
	for _, s := range f.Ops {
		switch s {
		case journal.Failed:
			failed = true
		case journal.Running:
			running = true
		case journal.Waiting, journal.Held, journal.InDoubt:
			pending = true
		case journal.Done, journal.Cancelled:
		}
	}
	switch {
	case f.Conflict:
		return Conflict
	case failed || f.Problem:
		return Rejected
	case running:
		return Running
	case pending:
		return Waiting
	case f.Dir:
		return dirState(f)
	case f.Here && (f.Current || !f.Wanted):
		return Offline
	case f.Wanted:
		return Waiting
	}
	return OnlineOnly
}

func dirState(f Facts) State {
	switch {
	case f.Wanted && f.Missing:
		return Waiting
	case f.Wanted:
		return Offline
	}
	return OnlineOnly
}
