// SPDX-License-Identifier: EUPL-1.2

package reconcile

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// side is a random tree of one side: path -> content; folders have none and end with a slash in no place.
type side map[string]Item

// genSide draws a tree that grew out of a base by edits, moves, deletions and new items, as the given side sees it.
func genSide(t *rapid.T, label string, base []Item, remote bool) []Item {
	s := side{}
	for _, it := range base {
		if !remote {
			it.ETag, it.FileID = "", ""
		} else {
			it.Hash, it.Inode, it.Key = "", "", 0
		}
		s[it.Path] = it
	}
	for i := range rapid.IntRange(0, 5).Draw(t, label+" edits") {
		paths := slices.Sorted(maps.Keys(s))
		pick := func() string { return rapid.SampledFrom(append(paths, "neu")).Draw(t, label+" item") }
		switch rapid.IntRange(0, 3).Draw(t, label+" kind") {
		case 0: // another content
			if it, ok := s[pick()]; ok && !it.Dir {
				it.Hash, it.ETag = versions(remote, fmt.Sprint(label, i))
				s[it.Path] = it
			}
		case 1:
			s.remove(pick())
		case 2:
			s.move(pick(), spot(t, label, s))
		case 3:
			to := spot(t, label, s)
			it := Item{Path: to, Dir: rapid.Bool().Draw(t, label+" folder")}
			if it.Hash, it.ETag = versions(remote, fmt.Sprint(label, i)); it.Dir {
				it.Hash = ""
			}
			if _, taken := s[to]; !taken {
				s[to] = it
			}
		}
	}
	return slices.Collect(maps.Values(s))
}

// versions gives hash and tag of a new content, as far as the side knows them.
func versions(remote bool, content string) (hash, tag string) {
	if remote {
		return "", "tag " + content
	}
	return "hash " + content, ""
}

// spot draws where something goes: at the top or in a folder that is there.
func spot(t *rapid.T, label string, s side) string {
	folders := []string{""}
	for p, it := range s {
		if it.Dir {
			folders = append(folders, p+"/")
		}
	}
	slices.Sort(folders)
	return rapid.SampledFrom(folders).Draw(t, label+" folder") + rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}).Draw(t, label+" name")
}

func (s side) remove(p string) {
	for k := range s {
		if k == p || strings.HasPrefix(k, p+"/") {
			delete(s, k)
		}
	}
}

func (s side) move(from, to string) {
	if _, ok := s[from]; !ok || to == from || strings.HasPrefix(to, from+"/") {
		return
	}
	if _, taken := s[to]; taken {
		return
	}
	for k, it := range maps.Clone(s) {
		if k == from || strings.HasPrefix(k, from+"/") {
			delete(s, k)
			it.Path = to + strings.TrimPrefix(k, from)
			s[it.Path] = it
		}
	}
}

// genInput draws a base with a few folders and both sides.
func genInput(t *rapid.T) FilesInput {
	ids := rapid.Bool().Draw(t, "server with identities")
	var base []Item
	for i, p := range []string{"a", "b", "d", "d/a", "d/e", "d/e/f"} {
		if rapid.IntRange(0, 4).Draw(t, "in base") == 0 && p != "d" && p != "d/e" {
			continue
		}
		it := Item{Key: int64(i + 1), Path: p, Dir: p == "d" || p == "d/e", Size: 1, Inode: fmt.Sprint("i", i), ETag: fmt.Sprint("t", i)}
		if !it.Dir {
			it.Hash = fmt.Sprint("h", i)
		}
		if ids {
			it.FileID = fmt.Sprint("f", i)
		}
		base = append(base, it)
	}
	in := FilesInput{Base: base, Local: genSide(t, "local", base, false), Remote: genSide(t, "remote", base, true), Allow: true}
	for i := range in.Local { // a row's key is known only where the copy still lies at its place
		for _, b := range base {
			if in.Local[i].Key == b.Key && in.Local[i].Path != b.Path {
				in.Local[i].Key = 0
				break
			}
		}
	}
	return in
}

func clone(in FilesInput) FilesInput {
	in.Base, in.Local, in.Remote = slices.Clone(in.Base), slices.Clone(in.Local), slices.Clone(in.Remote)
	return in
}

// TestNothingThatIsNewIsDeleted: whatever happened on both sides, the plan deletes only what is what both had in common,
// and every new content travels or is compared: at once, or, in a local folder that gets another name first, afterwards.
func TestNothingThatIsNewIsDeleted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := genInput(t)
		saved := map[string]bool{}
		said := ""
		for again := true; again; {
			plan := PlanFiles(clone(in))
			said += show(plan) + "; "
			onlyCommon(t, plan)
			save(saved, plan)
			in, again = setAside(in, plan)
		}
		for _, it := range slices.Concat(in.Local, in.Remote) {
			if version := it.Hash + it.ETag; !it.Dir && strings.Contains(version, " ") && !saved[version] {
				t.Fatalf("%s with %q is not spoken of: %s", it.Path, version, said)
			}
		}
	})
}

// onlyCommon fails where a plan deletes anything but what both sides had in common.
func onlyCommon(t *rapid.T, plan FilesPlan) {
	for _, a := range plan.Actions {
		switch {
		case a.Dir:
		case a.Kind == RemoveRemote && (a.Base == nil || a.Remote == nil || !SameTag(a.Base.ETag, a.Remote.ETag)):
			t.Fatalf("%s is deleted on the server, and is not what was seen: %s", a.Path, show(plan))
		case a.Kind == RemoveLocal && (a.Base == nil || a.Local == nil || a.Local.Hash != a.Base.Hash):
			t.Fatalf("%s is deleted on the disk, and is not what was seen: %s", a.Path, show(plan))
		}
	}
}

// save notes the versions that a plan carries over or compares.
func save(saved map[string]bool, plan FilesPlan) {
	for _, a := range plan.Actions {
		switch a.Kind {
		case Put, Contend, Clash, Take, Mkdir, Link:
			if a.Local != nil && a.Kind != Take {
				saved[a.Local.Hash] = true
			}
			if a.Remote != nil && a.Kind != Put && a.Kind != Mkdir {
				saved[a.Remote.ETag] = true
			}
		case Refresh, MoveLocal, MoveRemote, Drop, RemoveRemote, RemoveLocal:
		}
	}
}

// setAside gives the local folders that clash with a file of the server another name, and reports whether there were any.
func setAside(in FilesInput, plan FilesPlan) (FilesInput, bool) {
	in = clone(in)
	clashed := false
	for _, a := range plan.Actions {
		if a.Kind != Clash || !a.Dir {
			continue
		}
		clashed = true
		for i := range in.Local {
			it := &in.Local[i]
			if rest, within := strings.CutPrefix(it.Path+"/", a.Local.Path+"/"); within {
				it.Path = strings.TrimSuffix(a.Local.Path+" (2)/"+rest, "/")
				it.Key = 0
			}
		}
	}
	return in, clashed
}

// TestPlansAreInOrder: folders come before what lies in them, deletions last and those of contents are implied or after
// nothing else; no two things that stay have one place, and equal input gives an equal plan.
func TestPlansAreInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := genInput(t)
		plan := PlanFiles(clone(in))
		if again := PlanFiles(clone(in)); show(again) != show(plan) {
			t.Fatalf("%s, and then %s", show(plan), show(again))
		}
		deleting := false
		made := map[string]int{}
		places := map[string]int64{}
		for i, a := range plan.Actions {
			gone := a.Kind == RemoveLocal || a.Kind == RemoveRemote || a.Kind == Drop
			if deleting && !gone {
				t.Fatalf("%s comes after deletions: %s", a.Path, show(plan))
			}
			deleting = gone
			if gone || a.Kind == Clash {
				continue
			}
			if a.Dir {
				made[a.Path] = i
			}
			if at, ok := made[parent(a.Path)]; ok && at > i {
				t.Fatalf("%s comes before its folder: %s", a.Path, show(plan))
			}
			if a.Key == 0 {
				continue
			}
			if other, taken := places[a.Path]; taken && other != a.Key {
				t.Fatalf("rows %d and %d both go to %s: %s", other, a.Key, a.Path, show(plan))
			}
			places[a.Path] = a.Key
		}
	})
}

// TestWhatCannotBeSeenIsNotDeleted: a folder that could not be listed, or the whole server, loses nothing on the disk.
func TestWhatCannotBeSeenIsNotDeleted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := genInput(t)
		hidden := rapid.SampledFrom([]string{"", "d", "d/e"}).Draw(t, "unlisted")
		in.Unlisted = []string{hidden}
		in.Remote = slices.DeleteFunc(in.Remote, func(it Item) bool { return hidden == "" || strings.HasPrefix(it.Path, hidden+"/") })
		for _, a := range PlanFiles(clone(in)).Actions {
			if a.Kind != RemoveLocal && a.Kind != Drop && a.Kind != RemoveRemote {
				continue
			}
			if a.Base == nil || (hidden != "" && !strings.HasPrefix(a.Base.Path, hidden+"/")) {
				continue
			}
			if a.Kind != RemoveRemote {
				t.Fatalf("%s is deleted, although its folder was not seen", a.Base.Path)
			}
		}
	})
}

// TestRestoreDeletesNothing: after a person has asked for what is missing, no plan takes anything away.
func TestRestoreDeletesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := genInput(t)
		in.Restore = true
		for _, a := range PlanFiles(clone(in)).Actions {
			if a.Kind == RemoveLocal || a.Kind == RemoveRemote {
				t.Fatalf("%s is deleted", a.Path)
			}
		}
	})
}

// TestInStepMeansNothingToDo: two sides that hold the base need no action, whatever the order the items come in.
func TestInStepMeansNothingToDo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := genInput(t)
		in.Local, in.Remote, in.Allow = nil, nil, false
		for _, it := range rapid.Permutation(in.Base).Draw(t, "order") {
			local, remote := it, it
			local.ETag, local.FileID = "", ""
			remote.Hash, remote.Inode, remote.Key = "", "", 0
			in.Local, in.Remote = append(in.Local, local), append(in.Remote, remote)
		}
		if plan := PlanFiles(clone(in)); len(plan.Actions) > 0 || plan.Brake != NoBrake {
			t.Fatalf("%s, brake %d", show(plan), plan.Brake)
		}
	})
}

// TestYieldingGoesOn: a file that was moved here goes back to its place, since the server has another one where it was to
// go; a folder that was to take its place then goes back too.
func TestYieldingGoesOn(t *testing.T) {
	base := []Item{
		{Key: 2, Path: "b", Size: 1, Inode: "i2", ETag: "t2", Hash: "h2"},
		{Key: 3, Path: "d", Dir: true, Inode: "i3", ETag: "t3"},
		{Key: 4, Path: "d/e", Dir: true, Inode: "i4", ETag: "t4"},
	}
	local := []Item{
		{Path: "b", Dir: true, Inode: "i3"},
		{Path: "b/e", Dir: true, Inode: "i4"},
		{Path: "b/e/b", Size: 1, Inode: "i2", Hash: "h2"},
	}
	remote := []Item{
		{Path: "b", Size: 1, ETag: "t2"},
		{Path: "d", Dir: true, ETag: "t3"},
		{Path: "d/e", Dir: true, ETag: "t4"},
		{Path: "d/e/b", Size: 1, ETag: "another"},
	}
	plan := PlanFiles(FilesInput{Base: base, Local: local, Remote: remote, Allow: true})
	moves := map[int64]FileKind{}
	for _, a := range plan.Actions {
		if a.Kind == MoveLocal || a.Kind == MoveRemote {
			moves[a.Key] = a.Kind
		}
	}
	if len(moves) != 2 || moves[2] != MoveLocal || moves[3] != MoveLocal {
		t.Errorf("%s", show(plan))
	}
}
