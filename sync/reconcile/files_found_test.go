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
