// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"io/fs"
	"os"
	"testing"
	"testing/fstest"

	"kontor/app/files"
	"kontor/app/journal"
	"kontor/storage"
	"kontor/sync/reconcile"
	"kontor/sync/servertest"
)

// What random histories found once stays found: each is a course of events that broke something. Every synchronisation in
// here checks the store as well.

// unpinned lets a client keep nothing offline but what was asked for.
func (c *client) unpinned() {
	c.t.Helper()
	c.must(c.db.WriteDurable(c.t.Context(), func(tx *storage.Tx) error { return tx.PinFile(c.t.Context(), c.acc.ID, "", false) }))
	c.must(c.w.disk.Align(c.t.Context()))
}

// offline looks at the disk while the server cannot be reached.
func (c *client) offline(s *cloud) {
	c.t.Helper()
	s.failing(func() int { return 1 })
	if c.trySync() == nil {
		c.t.Error("the server answers")
	}
	s.failing(nil)
}

// TestAFolderInPlaceOfAFileOnItsWay: a new file waits for the server and becomes a folder of the same name: one of them is
// shown at the path, also while it is not known whether the file has arrived.
func TestAFolderInPlaceOfAFileOnItsWay(t *testing.T) {
	for name, how := range map[string]int{"it did not leave": 1, "nobody knows": 2} {
		t.Run(name, func(t *testing.T) {
			c, s := inStep(t, "put a=a", "put b=b")
			c.write("d", "Datei")
			s.failing(func() int { return how })
			for range 2 {
				_ = c.trySync()
			}
			c.remove("d")
			c.must(os.Mkdir(c.path("d"), 0o755))
			c.offline(s)
			for range 3 {
				c.sync()
			}
			c.both(s, "a=a", "b=b", "d/")
		})
	}
}

// TestWhatIsLostHereIsNotUploaded: where nothing is kept offline, a copy with a change that waits for the server goes. The
// file stays there as it was, and nothing waits for ever.
func TestWhatIsLostHereIsNotUploaded(t *testing.T) {
	c, s := inStep(t, "put a=a", "put b=b")
	c.unpinned()
	c.write("neu", "eins")
	c.sync()
	c.write("neu", "zwei")
	c.offline(s)
	c.remove("neu")
	c.sync()
	c.same("server", s.tree(), map[string]string{"a": "a", "b": "b", "neu": "eins"})
	c.same("disk", tree(t, c.root), nil)
	c.quiet()
}

// TestAFolderThatOnlyIsHereStays: a pin that goes takes no folder that the server does not have.
func TestAFolderThatOnlyIsHereStays(t *testing.T) {
	c, s := inStep(t, "put a=a", "put b=b")
	c.must(os.Mkdir(c.path("d"), 0o755))
	c.offline(s)
	c.unpinned()
	c.same("disk", tree(t, c.root), map[string]string{"d/": ""})
	c.sync()
	c.same("server", s.tree(), map[string]string{"a": "a", "b": "b", "d/": ""})
}

// TestAConflictSparesWhatIsNotHere: the name of a conflict's copy is taken by a file that lies on the server only.
func TestAConflictSparesWhatIsNotHere(t *testing.T) {
	c, s := inStep(t, "put a=a", "put b=b", "put "+copyName("a")+"=von früher")
	c.unpinned()
	c.must(c.db.WriteDurable(t.Context(), func(tx *storage.Tx) error { return tx.WantFile(t.Context(), c.row("a").ID) }))
	c.sync()
	c.write("a", "hier")
	s.edit("put a=dort")
	for range 2 {
		c.sync()
	}
	got := contents(s.tree())
	for _, want := range []string{"von früher", "hier", "dort", "b"} {
		if !got[want] {
			t.Errorf("%q is lost: %q", want, brief(s.tree()))
		}
	}
	c.quiet()
}

// TestTwoThingsStepAside: a file steps aside for a folder of the server, and before the next look the server has a file in
// place of the folder, which has to step aside as well: they get two names.
func TestTwoThingsStepAside(t *testing.T) {
	c, s := inStep(t, "mkdir d", "put d/a=a", "put x=x")
	c.must(os.Remove(c.path("d/a")))
	c.must(os.Mkdir(c.path("d/a"), 0o755))
	c.write(copyName("d"), "so heißt schon etwas")
	s.edit("rm d", "put d=Datei")
	for range 3 {
		c.sync()
	}
	c.same("disk against server", tree(t, c.root), s.tree())
	if got := s.tree(); got["d"] != "Datei" || got[copyName("d")] != "so heißt schon etwas" || len(got) != 5 {
		t.Errorf("%q", brief(got))
	}
	c.quiet()
}

// TestAFolderOfWhichNothingIsKeptStepsAside: the server has a file where here lies a new folder in a folder that only the
// server has known.
func TestAFolderOfWhichNothingIsKeptStepsAside(t *testing.T) {
	c, s := inStep(t, "mkdir d", "put d/a=a", "put x=x", "put y=y")
	c.unpinned()
	c.must(os.MkdirAll(c.path("d/neu/tief"), 0o755))
	s.edit("rm d", "put d=Datei")
	for range 3 {
		c.sync()
	}
	if got := s.tree(); got["d"] != "Datei" || len(got) != 6 {
		t.Errorf("%q", brief(got))
	}
	c.quiet()
}

// TestAReusedInodeIsNoMove: a copy is gone, and a new file got its inode. The planner is not told that the copy had moved.
func TestAReusedInodeIsNoMove(t *testing.T) {
	row := storage.FileRow{
		ID: 1, Path: "a", Name: "a", Remote: storage.FileRemote{Path: "a", ETag: `"1"`},
		Local: storage.FileLocal{Path: "a", Inode: "i", Hash: "alt"}, Base: storage.FileBase{ETag: `"1"`, Hash: "alt"},
	}
	for hash, want := range map[string]bool{"neu": true, "alt": false} {
		s := &situation{
			rows: []storage.FileRow{row}, ignore: &files.Ignore{}, list: &listing{same: true},
			disk: map[string]*found{"b": {FileLocal: storage.FileLocal{Path: "b", Inode: "i", Hash: hash}, path: "b"}},
		}
		removes := false
		for _, a := range reconcile.PlanFiles(s.input()).Actions {
			removes = removes || a.Kind == reconcile.RemoveRemote
		}
		if s.lost[1] != want || removes {
			t.Errorf("%s: lost %t, deleted there %t", hash, s.lost[1], removes)
		}
	}
}

// TestMovedBeforeThePowerCut: folders and files had been moved as on the server, but that was not stored for certain when
// the machine stopped. They are not moved again, which would undo what somebody did.
func TestMovedBeforeThePowerCut(t *testing.T) {
	for name, swap := range map[string][]string{
		"folders": {"mv d x", "mv e d", "mv x e"}, "files": {"mv a x", "mv b a", "mv x b"}, "a file": {"mv a x"},
	} {
		t.Run(name, func(t *testing.T) {
			c, s := inStep(t, "mkdir d", "put d/1=eins", "mkdir e", "put e/2=zwei", "put a=drei", "put b=vier")
			before, err := c.db.AllFiles(t.Context(), c.acc.ID)
			c.must(err)
			s.edit(swap...)
			c.sync()
			after := s.tree()
			for _, r := range before { // the store is back at what it knew of the disk before
				c.must(c.db.Write(t.Context(), func(tx *storage.Tx) error {
					now, err := tx.File(t.Context(), r.ID)
					if err != nil {
						return err
					}
					now.Local = r.Local
					return tx.SaveFile(t.Context(), now)
				}))
			}
			c.sync()
			c.same("disk", tree(t, c.root), after)
			c.same("server", s.tree(), after)
			c.quiet()
		})
	}
}

// TestWhatWasWaitedForIsForgotten: a copy leaves the disk while an operation about another file waits for its place. Once it
// is on no side any more, its row goes.
func TestWhatWasWaitedForIsForgotten(t *testing.T) {
	c, _ := inStep(t, "put a=a", "put b=b")
	ctx := t.Context()
	a, b := c.row("a"), c.row("b")
	c.must(c.db.WriteDurable(ctx, func(tx *storage.Tx) error {
		_, err := tx.AddOp(ctx, journal.Op{
			AccountID: c.acc.ID, Kind: journal.FileMove, Target: "b", Payload: []byte(`{"from":"b","to":"a"}`),
			Targets: []journal.Target{{Table: "files", ID: b.ID}, {Table: "files", ID: a.ID}},
		})
		if err != nil {
			return err
		}
		a.Gone, a.Remote = true, storage.FileRemote{}
		return tx.SaveFile(ctx, a)
	}))
	c.must(c.w.disk.Align(ctx))
	if r, err := c.db.File(ctx, a.ID); err == nil && r.Trash == "" {
		t.Errorf("%+v", r)
	}
	c.must(c.db.WriteDurable(ctx, func(tx *storage.Tx) error {
		ops, err := tx.OpsFor(ctx, "files", b.ID)
		if err != nil {
			return err
		}
		ops[0].State = journal.Cancelled
		return tx.SaveOp(ctx, ops[0])
	}))
}

// TestCase51AnotherSpellingThere: a file that is not here gets a name of the same letters, composed in another way. It is
// found under that.
func TestCase51AnotherSpellingThere(t *testing.T) {
	s := servertest.Apache(t)
	c := settled(t, s, "caf\u00e9/\u00fcber=Inhalt", "x=x")
	c.unpinned()
	c.must(os.Rename(s.Path("caf\u00e9"), s.Path("cafe\u0301")))
	c.must(os.Rename(s.Path("cafe\u0301/\u00fcber"), s.Path("cafe\u0301/u\u0308ber")))
	c.sync()
	c.pin("")
	c.sync()
	c.same("disk", tree(t, c.root), map[string]string{"caf\u00e9/": "", "caf\u00e9/\u00fcber": "Inhalt", "x": "x"})
	c.write("caf\u00e9/\u00fcber", "hier weiter")
	c.sync()
	c.same("server", tree(t, s.Root), map[string]string{"cafe\u0301/": "", "cafe\u0301/u\u0308ber": "hier weiter", "x": "x"})
	c.quiet()
}

// TestDecomposingDisk: a disk that finds a name either way and lists it decomposed. It is known by one of the two.
func TestDecomposingDisk(t *testing.T) {
	disk := fstest.MapFS{"e\u0301": {}, "o\u0308": {}, "u\u0308": {}, "\u00fc": {}, "a": {}, "\xff": {}}
	entries, err := fs.ReadDir(disk, ".")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]*storage.FileRow{"d/o\u0308": {}} // an alias may have been given that way
	s := &scanner{rows: known, shape: shape{able: able{Rules: files.Rules{Composes: true}}}}
	s.compose(entries, "d")
	names := map[string]bool{}
	for _, e := range entries {
		names[e.Name()] = true
	}
	for _, want := range []string{"\u00e9", "o\u0308", "u\u0308", "\u00fc", "a", "\xff"} { // of twins each keeps its own
		if !names[want] {
			t.Errorf("%+q is not among %v", want, names)
		}
	}
}

// TestAFolderThatIsNowhereGivesWay: a folder is to be made on the server, and is not kept on the disk. Others put a file at
// its place. Where a person made it, it gets another name; where it was only to be brought back, empty as it is, it has
// become nothing.
func TestAFolderThatIsNowhereGivesWay(t *testing.T) {
	for name, made := range map[string]bool{"made here": true, "brought back": false} {
		t.Run(name, func(t *testing.T) {
			c, s := inStep(t, "put a=a")
			c.unpinned()
			ctx := t.Context()
			c.must(c.db.WriteDurable(ctx, func(tx *storage.Tx) error {
				row, err := tx.AddFile(ctx, storage.FileRow{AccountID: c.acc.ID, Path: "d", Dir: true})
				if err != nil {
					return err
				}
				op, err := tx.AddOp(ctx, journal.Op{
					AccountID: c.acc.ID, Kind: journal.FileMkdir, Target: "d", Payload: []byte(`{"path":"d"}`), Targets: []journal.Target{{Table: "files", ID: row.ID}},
				})
				if op.Undone = !made; err != nil {
					return err
				}
				return tx.SaveOp(ctx, op)
			}))
			s.edit("put d=Datei")
			for range 3 {
				c.sync()
			}
			want := map[string]string{"a": "a", "d": "Datei"}
			if made {
				want[copyName("d")+"/"] = ""
			}
			c.same("server", s.tree(), want)
			ops, err := c.db.PendingOps(ctx, 0)
			c.must(err)
			if len(ops) > 0 {
				t.Errorf("%+v", ops)
			}
		})
	}
}
