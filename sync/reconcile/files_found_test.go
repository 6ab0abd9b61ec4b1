// SPDX-License-Identifier: EUPL-1.2

package reconcile

import "testing"

// What random histories found once stays found: each is a state that broke the planner.

// TestRestoreSparesWhatNeverWasHere: what is to be brought back cannot be what this side never had.
func TestRestoreSparesWhatNeverWasHere(t *testing.T) {
	p := PlanFiles(FilesInput{
		Base: []Item{{Key: 1, Path: "a", ETag: `"1"`}, {Key: 2, Path: "b", ETag: `"2"`, Hash: "h"}},
		Away: map[int64]bool{1: true}, Local: []Item{{Key: 2, Path: "b", Hash: "h"}}, Restore: true, Allow: true,
	})
	for _, a := range p.Actions {
		if want := map[int64]FileKind{1: RemoveLocal, 2: Put}[a.Key]; a.Kind != want {
			t.Errorf("%+v", a)
		}
	}
	if len(p.Actions) != 2 {
		t.Errorf("%s", show(p))
	}
}

// TestAFileDoesNotHideTheFolderOfItsName: a file was moved away here and deleted there, and a folder has taken its name. The
// folder is known on both sides: nothing happens to it.
func TestAFileDoesNotHideTheFolderOfItsName(t *testing.T) {
	for _, keys := range [][2]int64{{2, 8}, {8, 2}} {
		file, folder := keys[0], keys[1]
		p := PlanFiles(FilesInput{
			Base:   []Item{{Key: file, Path: "b", ETag: `"2"`, Hash: "h"}, {Key: folder, Path: "b", Dir: true}, {Key: 9, Path: "b/c", ETag: `"3"`, Hash: "i"}},
			Local:  []Item{{Key: file, Path: "x", Hash: "h"}, {Key: folder, Path: "b", Dir: true}, {Key: 9, Path: "b/c", Hash: "i"}},
			Remote: []Item{{Path: "b", Dir: true}, {Path: "b/c", ETag: `"3"`}},
		})
		for _, a := range p.Actions {
			if a.Key != file || a.Kind != RemoveLocal {
				t.Errorf("%+v", a)
			}
		}
		if len(p.Actions) != 1 {
			t.Errorf("%s", show(p))
		}
	}
}

// TestAFolderGoneHereWaitsUntilItCanBeRead: a folder was deleted here, and what it holds on the server could not be read.
// Until it can, nothing is recorded of it that would make it look as if it were here.
func TestAFolderGoneHereWaitsUntilItCanBeRead(t *testing.T) {
	p := PlanFiles(FilesInput{
		Base:  []Item{{Key: 1, Path: "d", Dir: true}, {Key: 2, Path: "x", ETag: `"1"`, Hash: "h"}},
		Local: []Item{{Path: "d", Hash: "i", Size: 1}, {Key: 2, Path: "x", Hash: "h"}}, Remote: []Item{{Path: "d", Dir: true, FileID: "7"}, {Path: "x", ETag: `"1"`}},
		Unlisted: []string{"d"},
	})
	if len(p.Actions) != 0 {
		t.Errorf("%s", show(p))
	}
}

// TestWhatNeverWasThereGoesWithoutALook: a new file was deleted before the server had it, while the server cannot be asked.
func TestWhatNeverWasThereGoesWithoutALook(t *testing.T) {
	p := PlanFiles(FilesInput{Base: []Item{{Key: 1, Path: "d", Stub: true, Hash: "h"}}, Local: []Item{{Path: "d", Dir: true}}, Unlisted: []string{""}})
	if got := show(p); got != "mkdir d, drop d" {
		t.Error(got)
	}
}

// TestAnotherSpellingThereIsRecorded: the server composes a name in another way by now, and is asked by that.
func TestAnotherSpellingThereIsRecorded(t *testing.T) {
	p := PlanFiles(FilesInput{
		Base: []Item{{Key: 1, Path: "\u00e9", Exact: "\u00e9", ETag: `"1"`, Hash: "h"}}, Local: []Item{{Key: 1, Path: "\u00e9", Hash: "h"}},
		Remote: []Item{{Path: "\u00e9", Exact: "e\u0301", ETag: `"1"`}},
	})
	if len(p.Actions) != 1 || p.Actions[0].Kind != Refresh {
		t.Errorf("%s", show(p))
	}
}

// TestAFolderToBringBackGivesWayToAFile: a folder is gone from the server, which has a file of its name by now, and is to be
// brought back. It steps aside; whether anything stays in it is said along.
func TestAFolderToBringBackGivesWayToAFile(t *testing.T) {
	for _, holds := range []bool{false, true} {
		in := FilesInput{
			Base:   []Item{{Key: 1, Path: "d", Dir: true}, {Key: 2, Path: "d/x", ETag: `"1"`}},
			Local:  []Item{{Key: 1, Path: "d", Dir: true, Stub: true}, {Key: 2, Path: "d/x", Stub: !holds, Hash: "h"}},
			Remote: []Item{{Path: "d", ETag: `"2"`}}, Restore: true, Allow: true,
		}
		p := PlanFiles(in)
		if len(p.Actions) == 0 || p.Actions[0].Kind != Clash || p.Actions[0].Key != 1 || p.Actions[0].Holds != holds {
			t.Errorf("%t: %s", holds, show(p))
		}
	}
}
