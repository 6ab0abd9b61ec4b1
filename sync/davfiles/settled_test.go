// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"fmt"
	"os"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kontor/app/files"
	"kontor/app/journal"
	"kontor/storage"
	"kontor/sync/reconcile"
)

// inStepSituation is a tree that is the same on all sides: some folders with some files each, of which some have no copy here.
func inStepSituation(t *rapid.T) *situation {
	s := &situation{
		ignore: &files.Ignore{}, place: func(path string) string { return path }, ops: map[int64][]storage.FileOp{},
		disk: map[string]*found{}, list: &listing{items: map[string]*remote{}},
	}
	add := func(path string, dir, here bool) {
		id := int64(len(s.rows) + 1)
		r := storage.FileRow{ID: id, Path: path, Name: files.Base(path), Dir: dir, Remote: storage.FileRemote{
			Path: path, ETag: fmt.Sprintf(`"%d"`, id), FileID: fmt.Sprint("f", id), Modified: time.UnixMilli(1e12 + id),
		}}
		if !dir {
			r.Remote.Size = id
		}
		if here {
			r.Local = storage.FileLocal{Path: path, Inode: fmt.Sprint("1:", id), Size: r.Remote.Size, ModTime: id, ChangeTime: id}
			if !dir {
				r.Local.Hash = fmt.Sprint("h", id)
				r.Base = storage.FileBase{ETag: r.Remote.ETag, Hash: r.Local.Hash, Size: r.Local.Size}
			}
			s.disk[path] = &found{FileLocal: r.Local, path: path, dir: dir}
		}
		s.list.items[path] = &remote{FileRemote: r.Remote, dir: dir}
		s.rows = append(s.rows, r)
	}
	for d := range rapid.IntRange(1, 3).Draw(t, "folders") {
		here := rapid.Bool().Draw(t, "folder here")
		add(fmt.Sprint("d", d), true, here)
		for f := range rapid.IntRange(0, 3).Draw(t, "files") {
			add(fmt.Sprintf("d%d/f%d", d, f), false, here && rapid.Bool().Draw(t, "file here"))
		}
	}
	return s
}

// disturb changes one thing, on the disk, on the server or in the store.
func disturb(t *rapid.T, s *situation) {
	i := rapid.IntRange(0, len(s.rows)-1).Draw(t, "row")
	r := &s.rows[i]
	there, f := s.list.items[r.Remote.Path], s.disk[r.Path]
	switch rapid.IntRange(0, 12).Draw(t, "what") {
	case 0:
		delete(s.list.items, r.Path)
	case 1:
		delete(s.disk, r.Path)
	case 2:
		s.list.items["new"] = &remote{FileRemote: storage.FileRemote{Path: "new", ETag: `"n"`}}
	case 3:
		s.disk["new"] = &found{FileLocal: storage.FileLocal{Path: "new", Inode: "1:99", Hash: "n"}, path: "new"}
	case 4:
		if there != nil {
			there.ETag += "x"
		}
	case 5:
		if there != nil {
			there.FileID += "x"
		}
	case 6:
		if f != nil {
			f.Hash, f.Size, f.ModTime = f.Hash+"x", f.Size+1, f.ModTime+1
		}
	case 7:
		if f != nil {
			f.Inode += "0"
		}
	case 8:
		s.ops[r.ID] = []storage.FileOp{{ID: 1, Kind: journal.FilePut, State: journal.Failed}}
	case 9:
		r.Gone = true
	case 10:
		s.list.unlisted = []string{"d0"}
	case 11:
		r.Path = "elsewhere" + fmt.Sprint(i)
		r.Name = r.Path
	case 12:
		r.Base.ETag, r.Remote.ETag = r.Base.ETag+"o", r.Remote.ETag+"o"
	}
}

// TestWhatIsSettledNeedsNoPlan: where settled says that there is nothing to decide, the planner decides nothing; and what is in
// step on all sides is settled.
func TestWhatIsSettledNeedsNoPlan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := inStepSituation(t)
		if !s.settled() {
			t.Fatal("not settled although all sides are the same")
		}
		for range rapid.IntRange(0, 3).Draw(t, "disturbances") {
			disturb(t, s)
		}
		if !s.settled() {
			return
		}
		if plan := reconcile.PlanFiles(s.input()); len(plan.Actions) > 0 || plan.Brake != reconcile.NoBrake {
			t.Fatalf("settled, but %+v, brake %v", plan.Actions, plan.Brake)
		}
	})
}

// TestNothingEscapesWhatIsSettled: each single change of a file that is on all sides is seen.
func TestNothingEscapesWhatIsSettled(t *testing.T) {
	for name, change := range map[string]func(s *situation, r *storage.FileRow){
		"other tag":        func(s *situation, r *storage.FileRow) { s.list.items[r.Path].ETag = `"x"` },
		"other size there": func(s *situation, r *storage.FileRow) { s.list.items[r.Path].Size++ },
		"other time there": func(s *situation, r *storage.FileRow) { s.list.items[r.Path].Modified = time.Unix(9, 0) },
		"became read-only": func(s *situation, r *storage.FileRow) { s.list.items[r.Path].ReadOnly = true },
		"became a folder":  func(s *situation, r *storage.FileRow) { s.list.items[r.Path].dir = true },
		"gone there":       func(s *situation, r *storage.FileRow) { delete(s.list.items, r.Path) },
		"another name there": func(s *situation, r *storage.FileRow) {
			s.list.items["x"] = s.list.items[r.Path]
			delete(s.list.items, r.Path)
		},
		"gone here":            func(s *situation, r *storage.FileRow) { delete(s.disk, r.Path) },
		"another name here":    func(s *situation, r *storage.FileRow) { s.disk["x"] = s.disk[r.Path]; delete(s.disk, r.Path) },
		"edited here":          func(s *situation, r *storage.FileRow) { s.disk[r.Path].Hash = "x" },
		"touched here":         func(s *situation, r *storage.FileRow) { s.disk[r.Path].ModTime++ },
		"time set back here":   func(s *situation, r *storage.FileRow) { s.disk[r.Path].ChangeTime++ },
		"just being written":   func(s *situation, r *storage.FileRow) { s.disk[r.Path].busy = true },
		"new here":             func(s *situation, _ *storage.FileRow) { s.disk["x"] = &found{path: "x"} },
		"new there":            func(s *situation, _ *storage.FileRow) { s.list.items["x"] = &remote{} },
		"not fetched yet":      func(_ *situation, r *storage.FileRow) { r.Base.ETag = "" },
		"not sent yet":         func(_ *situation, r *storage.FileRow) { r.Base.Hash = "" },
		"deleted in the list":  func(_ *situation, r *storage.FileRow) { r.Gone = true },
		"taken back":           func(_ *situation, r *storage.FileRow) { r.Discard = true },
		"moved in the list":    func(_ *situation, r *storage.FileRow) { r.Path = "x" },
		"ignored now":          func(s *situation, r *storage.FileRow) { s.leave = append(s.leave, r.ID) },
		"could not be listed":  func(s *situation, _ *storage.FileRow) { s.list.unlisted = []string{""} },
		"the server is silent": func(s *situation, _ *storage.FileRow) { s.list = nil },
		"an operation waits":   func(s *situation, r *storage.FileRow) { s.ops[r.ID] = make([]storage.FileOp, 1) },
	} {
		l := storage.FileLocal{Path: "a", Inode: "1:1", Hash: "h", Size: 1, ModTime: 1, ChangeTime: 1}
		there := storage.FileRemote{Path: "a", ETag: `"1"`, Size: 1, Modified: time.Unix(1, 0)}
		s := &situation{
			place: func(path string) string { return path }, ops: map[int64][]storage.FileOp{},
			rows: []storage.FileRow{{ID: 1, Path: "a", Remote: there, Local: l, Base: storage.FileBase{ETag: `"1"`, Hash: "h", Size: 1}}},
			disk: map[string]*found{"a": {FileLocal: l, path: "a"}}, list: &listing{items: map[string]*remote{"a": {FileRemote: there}}},
		}
		if !s.settled() {
			t.Fatal("not settled before anything changed")
		}
		if change(s, &s.rows[0]); s.settled() {
			t.Errorf("%s: not seen", name)
		}
	}
}

// TestALookBeforeTheListing counts once, and only as long as nothing else was stored since.
func TestALookBeforeTheListing(t *testing.T) {
	c, _ := inStep(t, "put a=a", "mkdir d", "put d/b=b")
	look := func() *ahead {
		t.Helper()
		server, err := c.db.FileServer(t.Context(), c.acc.ID)
		c.must(err)
		a := &ahead{w: c.w, server: server}
		t.Cleanup(a.close)
		if a.take(c.root) != nil {
			t.Error("a look counts that was not taken")
		}
		a.begin(t.Context())
		a.wait()
		return a
	}
	a := look()
	if s := a.take(c.root); s == nil || len(s.rows) != 3 || len(s.disk) != 3 {
		t.Fatalf("%+v", s)
	}
	if a.take(c.root) != nil {
		t.Error("a look counts twice")
	}
	if a = look(); a.take(c.root+"/d") != nil {
		t.Error("a look at another folder counts")
	}
	if a = look(); a.s != nil {
		a.began = time.Now().Add(-time.Hour)
	}
	if a.take(c.root) != nil {
		t.Error("a look of an hour ago counts")
	}
	a = look()
	rows, err := c.db.AllFiles(t.Context(), c.acc.ID)
	c.must(err)
	c.must(c.db.Write(t.Context(), func(tx *storage.Tx) error { return tx.SetFileProblem(t.Context(), rows[0].ID, problemLocked) }))
	if a.take(c.root) != nil {
		t.Error("a look counts although the store was changed since")
	}
	c.must(os.Rename(c.root, c.root+".away"))
	if a = look(); a.take(c.root) != nil {
		t.Error("a look counts although the folder is gone")
	}
	c.must(os.Rename(c.root+".away", c.root))
}
