// SPDX-License-Identifier: EUPL-1.2

package reconcile

import "testing"

// TestCase06And27Landings: only the common version is ever replaced, and a version that has nothing but another tag is
// none of its own, as after a server was restored or a folder above was moved.
func TestCase06And27Landings(t *testing.T) {
	for name, c := range map[string]struct {
		known              bool
		mine, theirs, base string
		want               Landing
	}{
		"new here":             {false, "", "x", "", Install},
		"something new lies":   {false, "?", "x", "", Later},
		"copy is gone":         {true, "", "x", "a", Later},
		"same edit on both":    {true, "x", "x", "a", Adopt},
		"same, base unknown":   {true, "x", "x", "", Adopt},
		"only theirs changed":  {true, "a", "x", "a", Install},
		"only mine changed":    {true, "x", "a", "a", Retag},
		"both changed":         {true, "x", "y", "a", Split},
		"differ, base unknown": {true, "x", "y", "", Split},
	} {
		if got := LandFile(c.known, c.mine, c.theirs, c.base); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// TestFilesAwayAreNotDeleted: a folder that is gone from the disk before its content had come takes nothing of that along.
func TestFilesAwayAreNotDeleted(t *testing.T) {
	base := []Item{{Key: 1, Path: "d", Dir: true, ETag: "t1"}, {Key: 2, Path: "d/a", Size: 1, ETag: "t2"}, {Key: 3, Path: "d/b", Size: 1, ETag: "t3", Hash: "h3"}}
	remote := []Item{{Path: "d", Dir: true, ETag: "t1"}, {Path: "d/a", Size: 1, ETag: "t2"}, {Path: "d/b", Size: 1, ETag: "t3"}}
	plan := PlanFiles(FilesInput{Base: base, Remote: remote, Allow: true, Away: map[int64]bool{2: true}})
	for _, a := range plan.Actions {
		if a.Kind == RemoveRemote && a.Path != "d/b" {
			t.Errorf("%s", show(plan))
		}
	}
}

// TestUnconfirmedItemsHideNothing: what is on its way to a place of which something else still has to leave does not keep
// that from being found there.
func TestUnconfirmedItemsHideNothing(t *testing.T) {
	base := []Item{{Key: 1, Path: "d", Dir: true, ETag: "t1", FileID: "f1", Inode: "i1"}, {Key: 2, Path: "d", Stub: true, Hash: "h2"}}
	local := []Item{{Key: 1, Path: "e", Dir: true, Inode: "i1"}, {Key: 2, Path: "d", Hash: "h2", Size: 1}}
	remote := []Item{{Path: "d", Dir: true, ETag: "t1", FileID: "f1"}}
	plan := PlanFiles(FilesInput{Base: base, Local: local, Remote: remote})
	for _, a := range plan.Actions {
		if a.Kind == Take || a.Kind == RemoveLocal {
			t.Errorf("%s", show(plan))
		}
	}
}

// BenchmarkPlanOfTenThousand: half of ten thousand files were moved on the disk to names that the server gave others.
func BenchmarkPlanOfTenThousand(b *testing.B) {
	in := FilesInput{Allow: true}
	for _, it := range items("base", numbered("f", 10_000)) {
		it.Inode, it.FileID = "i"+it.Path, "id"+it.Path
		in.Base = append(in.Base, it)
		local, remote := it, it
		local.ETag, remote.Hash, remote.Key = "", "", 0
		if it.Key%2 == 0 {
			local.Path, local.Key = "g"+it.Path, 0
		} else if it.Key%3 == 0 {
			remote.Path = "g" + items("base", numbered("f", 1))[0].Path + it.Path
		}
		in.Local, in.Remote = append(in.Local, local), append(in.Remote, remote)
	}
	for b.Loop() {
		PlanFiles(clone(in))
	}
}

// chain is n files that each took the name of the next one on the disk, where the server has something new at the end.
func chain(n int) FilesInput {
	in := FilesInput{Base: items("base", numbered("f", n)), Allow: true}
	for i := range in.Base {
		it := &in.Base[i]
		it.Inode = "i" + it.Path
		local, remote := *it, *it
		local.ETag, remote.Hash, remote.Key, local.Key = "", "", 0, 0
		if i+1 < n {
			local.Path = in.Base[i+1].Path
		} else {
			local.Path = "new"
		}
		in.Local, in.Remote = append(in.Local, local), append(in.Remote, remote)
	}
	in.Remote = append(in.Remote, Item{Path: "new", Size: 1, ETag: "another"})
	return in
}

// TestYieldingTakesOneTurn: a whole chain goes back when its end is taken.
func TestYieldingTakesOneTurn(t *testing.T) {
	for _, a := range PlanFiles(chain(50)).Actions {
		if a.Kind == MoveRemote {
			t.Fatalf("%s moves on the server although its place is not free", a.From)
		}
	}
}

// BenchmarkPlanOfAChain: ten thousand files block each other.
func BenchmarkPlanOfAChain(b *testing.B) {
	in := chain(10_000)
	for b.Loop() {
		PlanFiles(clone(in))
	}
}

// TestCase02MovedOutOfSight: what lies in a folder that was moved on the server to where it could not be read is not gone.
func TestCase02MovedOutOfSight(t *testing.T) {
	base := []Item{
		{Key: 1, Path: "d", Dir: true, FileID: "f1"},
		{Key: 2, Path: "d/a", Size: 1, ETag: "t2", Hash: "h2", FileID: "f2"},
		{Key: 3, Path: "d/e", Dir: true, FileID: "f3"},
		{Key: 4, Path: "d/e/b", Size: 1, ETag: "t4", Hash: "h4", FileID: "f4"},
	}
	plan := PlanFiles(FilesInput{Base: base, Local: base, Remote: []Item{{Path: "x", Dir: true, FileID: "f1"}}, Unlisted: []string{"x"}, Allow: true})
	for _, a := range plan.Actions {
		if a.Kind == RemoveLocal || a.Kind == Drop || a.Kind == RemoveRemote {
			t.Errorf("%s", show(plan))
		}
	}
}
