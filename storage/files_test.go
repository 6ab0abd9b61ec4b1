// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"kontor/app/files"
	"kontor/app/journal"
)

// fileStore is a store with an account and a few entries that the server has.
type fileStore struct {
	*testing.T
	db  *DB
	acc int64
}

func newFileStore(t *testing.T, paths ...string) *fileStore {
	t.Helper()
	s := &fileStore{T: t, db: openTemp(t)}
	s.write(func(tx *Tx) (err error) {
		s.acc, err = tx.AddAccount(t.Context(), Account{Name: "Amt"})
		return err
	})
	for _, p := range paths {
		s.add(p)
	}
	return s
}

func (s *fileStore) write(fn func(*Tx) error) {
	s.Helper()
	if err := s.db.Write(s.Context(), fn); err != nil {
		s.Fatal(err)
	}
}

// add stores an entry that the server has; a path with a slash at its end is a folder.
func (s *fileStore) add(path string) FileRow {
	s.Helper()
	dir := path[len(path)-1] == '/'
	if dir {
		path = path[:len(path)-1]
	}
	f := FileRow{AccountID: s.acc, Path: path, Dir: dir, Size: 3, Modified: time.Unix(1000, 0), Remote: FileRemote{Path: path, ETag: `"` + path + `"`, Size: 3}}
	s.write(func(tx *Tx) (err error) {
		f, err = tx.AddFile(s.Context(), f)
		return err
	})
	return f
}

func (s *fileStore) row(path string) FileRow {
	s.Helper()
	f, err := s.db.FileByPath(s.Context(), s.acc, path)
	if err != nil {
		s.Fatalf("%s: %v", path, err)
	}
	return f
}

// here gives an entry a local copy that equals the server's version.
func (s *fileStore) here(path string) {
	s.Helper()
	f := s.row(path)
	f.Local = FileLocal{Path: path, Size: 3, Hash: "h"}
	f.Base = FileBase{ETag: f.Remote.ETag, Hash: "h", Size: 3}
	s.write(func(tx *Tx) error { return tx.SaveFile(s.Context(), f) })
}

func (s *fileStore) paths(rows []FileRow, err error) string {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
	var all []string
	for _, r := range rows {
		all = append(all, r.Path)
	}
	return fmt.Sprint(all)
}

func (s *fileStore) op(kind journal.Kind, f FileRow, payload any) journal.Op {
	s.Helper()
	raw, err := json.Marshal(payload)
	if err != nil {
		s.Fatal(err)
	}
	op := journal.Op{AccountID: s.acc, Kind: kind, Target: f.Path, Payload: raw, Targets: []journal.Target{{Table: "files", ID: f.ID}}}
	s.write(func(tx *Tx) (err error) {
		_, others, err := tx.FileOrder(s.Context(), f, kind)
		if err != nil {
			return err
		}
		op.Targets = append(op.Targets, others...)
		op, err = tx.AddOp(s.Context(), op)
		return err
	})
	return op
}

func (s *fileStore) cancel(op journal.Op) {
	s.Helper()
	s.write(func(tx *Tx) error {
		op, err := journal.Cancel(op, time.Now())
		if err != nil {
			return err
		}
		return tx.Drop(s.Context(), op)
	})
}

func TestFilesKnowTheirPlace(t *testing.T) {
	s := newFileStore(t, "a/", "a/b/", "a/b/c", "d")
	if f := s.row("a/b/c"); f.Name != "c" || f.ParentID != s.row("a/b").ID || f.Kept || f.Progress != -1 {
		t.Errorf("%+v", f)
	}
	if got := s.paths(s.db.FilesBelow(t.Context(), s.acc, "a")); got != "[a/b a/b/c]" {
		t.Error(got)
	}
	if got := s.paths(s.db.AllFiles(t.Context(), s.acc)); got != "[a a/b a/b/c d]" {
		t.Error(got)
	}
	if err := s.db.Write(t.Context(), func(tx *Tx) error {
		_, err := tx.AddFile(t.Context(), FileRow{AccountID: s.acc, Path: "fehlt/x"})
		return err
	}); !errors.Is(err, ErrNotFound) {
		t.Errorf("a file without its folder: %v", err)
	}
	if _, err := s.db.File(t.Context(), 4711); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

func TestFilesPins(t *testing.T) {
	s := newFileStore(t, "a/", "a/b/", "a/b/c", "d")
	pin := func(path string, on bool) {
		s.write(func(tx *Tx) error { return tx.PinFile(t.Context(), s.acc, path, on) })
	}
	kept := func() string {
		var all []string
		rows, err := s.db.AllFiles(t.Context(), s.acc)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			if r.Kept {
				all = append(all, r.Path)
			}
		}
		return fmt.Sprint(all)
	}
	steps := []struct {
		path string
		on   bool
		want string
	}{
		{"a", true, "[a a/b a/b/c]"},
		{"a/b", true, "[a a/b a/b/c]"},
		{"a", false, "[a/b a/b/c]"},
		{"", true, "[a a/b a/b/c d]"},
		{"a/b", false, "[a a/b a/b/c d]"},
		{"", false, "[]"},
	}
	for _, st := range steps {
		pin(st.path, st.on)
		if got := kept(); got != st.want {
			t.Errorf("pin %q %v: %s, want %s", st.path, st.on, got, st.want)
		}
	}
	pin("a", true)
	s.add("a/neu")
	if !s.row("a/neu").Kept {
		t.Error("a new file in a pinned folder is not kept")
	}
	s.write(func(tx *Tx) error { return tx.RelocateFile(t.Context(), s.row("a/b"), "b") })
	if got := kept(); got != "[a a/neu]" {
		t.Errorf("moved out of a pinned folder: %s", got)
	}
	if s.row("b/c").ParentID != s.row("b").ID {
		t.Error("what was in the folder lost it")
	}
	s.write(func(tx *Tx) error { return tx.WantFile(t.Context(), s.row("d").ID) })
	if got := s.paths(s.db.FilesToFetch(t.Context(), s.acc)); got != "[a/neu d]" {
		t.Error(got)
	}
}

func TestFilesToAlign(t *testing.T) {
	s := newFileStore(t, "a/", "a/x", "b", "c")
	for _, p := range []string{"a", "a/x", "b", "c"} {
		s.here(p)
	}
	s.write(func(tx *Tx) error { return tx.PinFile(t.Context(), s.acc, "", true) })
	if got := s.paths(s.db.FilesToAlign(t.Context(), s.acc)); got != "[]" {
		t.Error(got)
	}
	s.write(func(tx *Tx) error {
		return errors.Join(tx.RelocateFile(t.Context(), s.row("b"), "a/b"), tx.HideFiles(t.Context(), s.acc, "c", true))
	})
	if got := s.paths(s.db.FilesToAlign(t.Context(), s.acc)); got != "[a/b c]" {
		t.Error(got)
	}
	s.write(func(tx *Tx) error { return tx.PinFile(t.Context(), s.acc, "", false) })
	if got := s.paths(s.db.FilesToAlign(t.Context(), s.acc)); got != "[a a/b a/x c]" {
		t.Errorf("copies that nobody asks for: %s", got)
	}
}

func TestFilesRecomputeAfterCancel(t *testing.T) {
	s := newFileStore(t, "a/", "a/x", "b/", "weg")
	a, x := s.row("a"), s.row("a/x")
	s.write(func(tx *Tx) error { return tx.RelocateFile(t.Context(), x, "b/x") })
	moveX := s.op(journal.FileMove, s.row("b/x"), files.MoveOp{From: "a/x", To: "b/x"})
	s.write(func(tx *Tx) error { return tx.RelocateFile(t.Context(), a, "c") })
	moveA := s.op(journal.FileMove, s.row("c"), files.MoveOp{From: "a", To: "c"})
	if !slices.Contains(moveA.Targets, journal.Target{Table: "files", ID: x.ID}) {
		t.Errorf("the folder may overtake what leaves it: %+v", moveA.Targets)
	}
	s.write(func(tx *Tx) error { return tx.HideFiles(t.Context(), s.acc, "weg", true) })
	del := s.op(journal.FileDelete, s.fileByID("weg"), files.DeleteOp{Path: "weg"})
	ops, err := s.db.FileOps(t.Context(), s.acc)
	if err != nil || len(ops) != 3 || len(ops[x.ID]) != 1 || ops[x.ID][0].ID != moveX.ID {
		t.Errorf("%+v %v", ops, err)
	}
	s.cancel(moveX)
	if got := s.row("c/x"); got.ID != x.ID {
		t.Error("the file did not come back to where its folder is now")
	}
	s.cancel(moveA)
	s.cancel(del)
	if got := s.paths(s.db.AllFiles(t.Context(), s.acc)); got != "[a a/x b weg]" {
		t.Error(got)
	}
}

// fileByID reads a row that is gone.
func (s *fileStore) fileByID(path string) FileRow {
	s.Helper()
	rows, err := s.db.AllFiles(s.Context(), s.acc)
	if err != nil {
		s.Fatal(err)
	}
	i := slices.IndexFunc(rows, func(r FileRow) bool { return r.Path == path })
	if i < 0 {
		s.Fatalf("%s is not stored", path)
	}
	return rows[i]
}

func TestFilesCancelledUpload(t *testing.T) {
	s := newFileStore(t, "a")
	s.here("a")
	f := s.row("a")
	f.Local.Hash = "edited"
	s.write(func(tx *Tx) error { return tx.SaveFile(t.Context(), f) })
	s.cancel(s.op(journal.FilePut, f, files.PutOp{Path: "a"}))
	if f = s.row("a"); !f.Discard || f.Gone {
		t.Errorf("an edit that was taken back would be found again: %+v", f)
	}
	fresh := FileRow{AccountID: s.acc, Path: "neu", Local: FileLocal{Path: "neu", Hash: "n"}}
	s.write(func(tx *Tx) (err error) {
		fresh, err = tx.AddFile(t.Context(), fresh)
		return err
	})
	s.cancel(s.op(journal.FilePut, fresh, files.PutOp{Path: "neu"}))
	if _, err := s.db.FileByPath(t.Context(), s.acc, "neu"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a new file whose upload was taken back is still shown: %v", err)
	}
	folder := FileRow{AccountID: s.acc, Path: "ordner", Dir: true}
	s.write(func(tx *Tx) (err error) {
		folder, err = tx.AddFile(t.Context(), folder)
		return err
	})
	s.cancel(s.op(journal.FileMkdir, folder, files.MkdirOp{Path: "ordner"}))
	if _, err := s.db.File(t.Context(), folder.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("a folder that is nowhere is still stored: %v", err)
	}
}

func TestFilesComeBackBesideANewOne(t *testing.T) {
	s := newFileStore(t, "a")
	f := s.row("a")
	s.write(func(tx *Tx) error { return tx.HideFiles(t.Context(), s.acc, "a", true) })
	del := s.op(journal.FileDelete, f, files.DeleteOp{Path: "a"})
	other := s.add("a")
	s.cancel(del)
	if got := s.paths(s.db.AllFiles(t.Context(), s.acc)); got != "[a a (2)]" || s.row("a").ID != other.ID {
		t.Error(got)
	}
}

func TestFilesMoveOnEachSide(t *testing.T) {
	s := newFileStore(t, "a/", "a/x", "a/tief/", "a/tief/y", "ab")
	s.here("a/x")
	s.write(func(tx *Tx) error {
		return errors.Join(tx.MoveFiles(t.Context(), s.acc, SideRemote, "a", "neu"), tx.MoveFiles(t.Context(), s.acc, SideLocal, "a", "disk"),
			tx.MoveFiles(t.Context(), s.acc, SideShown, "", "x"))
	})
	if f := s.row("a/x"); f.Remote.Path != "neu/x" || f.Local.Path != "disk/x" {
		t.Errorf("%+v", f)
	}
	if f := s.row("ab"); f.Remote.Path != "ab" {
		t.Error("a name that only begins alike was moved")
	}
	if got := s.paths(s.db.FilesBelowRemote(t.Context(), s.acc, "neu")); got != "[a/tief a/tief/y a/x]" {
		t.Error(got)
	}
	s.write(func(tx *Tx) error {
		return errors.Join(tx.HideFiles(t.Context(), s.acc, "a", true), tx.DeleteRemote(t.Context(), s.acc, "neu"), tx.DeleteFile(t.Context(), s.fileByID("a").ID))
	})
	if got := s.paths(s.db.AllFiles(t.Context(), s.acc)); got != "[a/x ab]" {
		t.Errorf("a copy that still has to leave the disk is forgotten: %s", got)
	}
	s.write(func(tx *Tx) error { return tx.DeleteFile(t.Context(), s.fileByID("a/x").ID) })
	if got := s.paths(s.db.AllFiles(t.Context(), s.acc)); got != "[ab]" {
		t.Error(got)
	}
}

func TestFileLists(t *testing.T) {
	s := newFileStore(t, "a/", "a/x", "b")
	s.here("b")
	s.write(func(tx *Tx) error {
		_, err := tx.AddConflict(t.Context(), ConflictRow{AccountID: s.acc, Kind: "file", RefID: s.row("b").ID})
		return errors.Join(err, tx.SetFileProblem(t.Context(), s.row("a/x").ID, "files.problem.server"), tx.PinFile(t.Context(), s.acc, "a", true),
			tx.SetFileProgress(t.Context(), s.row("a/x").ID, 40))
	})
	all, err := s.db.FileTree(t.Context(), s.acc, "")
	if err != nil || len(all) != 3 {
		t.Fatal(all, err)
	}
	a, x, b := all[0], all[1], all[2]
	if !a.Entry.Dir || !a.PinnedHere || !a.Pinned || x.PinnedHere || !x.Pinned || !x.Loading || x.Progress != 40 || x.Entry.Problem == "" || !x.Facts.Problem || x.Here {
		t.Errorf("%+v %+v", a, x)
	}
	if !b.Here || !b.Current || b.Wanted || b.LocalPath != "b" || !b.Modified.Equal(time.Unix(1000, 0)) {
		t.Errorf("%+v", b)
	}
	missing, err := s.db.MissingFolders(t.Context(), s.acc)
	if err != nil || !missing["a"] || len(missing) != 1 {
		t.Error(missing, err)
	}
	open, err := s.db.FileConflicts(t.Context(), 0)
	if err != nil || !open[b.ID] {
		t.Error(open, err)
	}
	s.write(func(tx *Tx) error { return tx.ClearFileProgress(t.Context(), s.acc) })
	n, octets, err := s.db.OfflineSpace(t.Context(), s.acc)
	if err != nil || n != 1 || octets != 3 {
		t.Error(n, octets, err)
	}
	s.write(func(tx *Tx) error { return tx.ForgetCopies(t.Context(), s.acc) })
	if s.row("b").Local.Path != "" {
		t.Error("the copy was not forgotten")
	}
}

func TestFileServerIsRemembered(t *testing.T) {
	s := newFileStore(t)
	known, err := s.db.FileServer(t.Context(), s.acc)
	if err != nil || known.Used != -1 || known.Conditional != AnswerUnknown {
		t.Errorf("%+v %v", known, err)
	}
	known.Conditional, known.Marker, known.Free = AnswerNo, "m", 7
	known.Offers = files.Offers{Product: "Nextcloud", Version: "32.0.1", Base: "/cloud", User: "anna", Chunked: true, MaxChunk: 5 << 20, Trash: true}
	known.Asked = time.Unix(1764000000, 0)
	s.write(func(tx *Tx) error { return tx.SaveFileServer(t.Context(), known) })
	if again, err := s.db.FileServer(t.Context(), s.acc); err != nil || again != known {
		t.Errorf("%+v %v", again, err)
	}
}

func TestFileInvariants(t *testing.T) {
	broken := map[string]string{
		"two files at one path":                `UPDATE files SET path = 'b', name = 'b' WHERE path = 'c'`,
		"file in a folder that is gone":        `UPDATE files SET gone = 1 WHERE path = 'a'`,
		"path does not follow from the folder": `UPDATE files SET path = 'z/x' WHERE path = 'a/x'`,
		"file that is on no side":              `UPDATE files SET r_path = '' WHERE path = 'b'`,
		"pin that does not reach down":         `UPDATE files SET kept = 1 WHERE path = 'a'`,
	}
	for name, sql := range broken {
		s := newFileStore(t, "a/", "a/x", "b", "c")
		s.write(func(tx *Tx) error {
			_, err := tx.exec(t.Context(), sql)
			return err
		})
		if err := s.db.Check(t.Context()); !errors.Is(err, ErrInvariant) {
			t.Errorf("%s was not noticed: %v", name, err)
		}
		s.write(func(tx *Tx) error { return tx.RemoveAccount(t.Context(), s.acc) })
	}
}

func TestListOfTenThousandFiles(t *testing.T) {
	s := newFileStore(t, "a/")
	s.write(func(tx *Tx) error {
		for i := range 10000 {
			p := fmt.Sprintf("a/datei %05d.ods", i)
			_, err := tx.AddFile(t.Context(), FileRow{AccountID: s.acc, Path: p, Remote: FileRemote{Path: p, ETag: "e"}})
			if err != nil {
				return err
			}
		}
		return nil
	})
	start := time.Now()
	all, err := s.db.FileChildren(t.Context(), s.acc, s.row("a").ID)
	t.Logf("%d entries in %v", len(all), time.Since(start))
	if err != nil || len(all) != 10000 || all[9999].Name != "datei 09999.ods" {
		t.Errorf("%d entries, %v", len(all), err)
	}
}
