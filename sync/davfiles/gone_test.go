// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"testing"

	"kontor/storage"
	"kontor/sync/simworld"
)

// A person deletes a file in the window while a request about it is under way. What the answer tells of a version that the
// person never saw must not let the deletion take that version along.

func TestMoveThatEndsAfterADeletionShowsNoOtherVersion(t *testing.T) {
	ctx := context.Background()
	for name, c := range map[string]struct {
		gone, known bool
		want        string
	}{
		"deleted, another version by now": {true, false, `"1"`},
		"deleted, surely the same":        {true, true, `"2"`},
		"still there":                     {false, false, `"2"`},
	} {
		store := simworld.NewFileStore()
		row, err := store.AddFile(ctx, storage.FileRow{AccountID: worldAccount, Path: "b", Gone: c.gone, Remote: storage.FileRemote{Path: "a", ETag: `"1"`}})
		must(err)
		must(applyMove(ctx, store, row.ID, "b", there(false, `"2"`, ""), c.known))
		if row, err = store.File(ctx, row.ID); err != nil || row.Remote.ETag != c.want {
			t.Errorf("%s: the deletion counts for %s, not for %s (%v)", name, row.Remote.ETag, c.want, err)
		}
	}
}

func TestUploadThatMeetsAnotherFileAfterADeletion(t *testing.T) {
	ctx := context.Background()
	store := simworld.NewFileStore()
	mine := storage.FileLocal{Path: "a", Hash: "mine", Size: 4}
	row, err := store.AddFile(ctx, storage.FileRow{AccountID: worldAccount, Path: "a", Gone: true, Local: mine})
	must(err)
	c := newWorldClient("a", simworld.NewFileServer(), simworld.NewFileDisk())
	must(c.w.split(ctx, store, row.ID, mine, storage.FileRemote{Path: "a", ETag: `"theirs"`}, "a (Konflikt)"))
	all := store.All()
	if len(all) != 1 || !all[0].Gone || all[0].Remote.Path != "a" || all[0].Remote.ETag != "" {
		t.Errorf("the file that somebody else made counts as seen, or what was deleted is back: %+v", all)
	}
}
