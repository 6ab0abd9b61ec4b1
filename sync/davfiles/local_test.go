// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"kontor/app/files"
	"kontor/storage"
	"kontor/sync/reconcile"
)

// TestCase29WithoutChangeTimes: on a disk that keeps no change times, an edit of the same size whose time was set back is
// found within half a day, since every file is read again in its turn.
func TestCase29WithoutChangeTimes(t *testing.T) {
	root := t.TempDir()
	path := root + "/a"
	if err := os.WriteFile(path, []byte("neu"), 0o600); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
	l, _, err := observe(path)
	if err != nil {
		t.Fatal(err)
	}
	l.Path, l.Hash, l.ChangeTime, l.Inode = "a", "alt", 0, ""
	rows := map[string]*storage.FileRow{"a": {Path: "a", Local: l}}
	for kind, c := range map[string]struct {
		can  able
		age  time.Duration
		want int // in how many of all parts of half a day it is read
	}{
		"ext4":         {able{}, time.Hour, 0},
		"no times":     {able{noChangeTime: true, grain: 100}, time.Hour, 1},
		"fat":          {able{noChangeTime: true, grain: 2 * time.Second}, time.Hour, 1},
		"fat, young":   {able{noChangeTime: true, grain: 2 * time.Second}, 3 * time.Second, rereadParts},
		"fat, not now": {able{noChangeTime: true, grain: 2 * time.Second}, -time.Hour, 1},
	} {
		got := 0
		for part := range rereadParts {
			s := (&Disk{}).scanner(root, rows)
			s.able, s.now = c.can, old.Add(time.Duration(part)*rereadEvery/rereadParts)
			if s.doubtful(&found{FileLocal: storage.FileLocal{Path: "a", ModTime: s.now.Add(-c.age).UnixNano()}}) {
				got++
			}
		}
		if got != c.want {
			t.Errorf("%s: read %d times in half a day", kind, got)
		}
	}
}

// TestCase62ReadOnlyFromTheServer: what must not be changed there cannot be changed here by mistake, a new version comes
// all the same, and the right to write comes back.
func TestCase62ReadOnlyFromTheServer(t *testing.T) {
	c, s := inStep(t, "put a=alt", "put b=frei")
	writable := func(name string) bool {
		t.Helper()
		info, err := os.Stat(c.path(name))
		c.must(err)
		return info.Mode().Perm()&0o200 != 0
	}
	s.Grant("a", "G")
	for range 2 {
		c.sync()
	}
	if writable("a") || !writable("b") {
		t.Errorf("a can be written: %v, b: %v", writable("a"), writable("b"))
	}
	c.quiet()
	s.edit("put a=neu von dort")
	c.sync()
	c.sync()
	if got := tree(t, c.root)["a"]; got != "neu von dort" || writable("a") {
		t.Errorf("%q, can be written: %v", got, writable("a"))
	}
	s.Grant("a", "")
	for range 2 {
		c.sync()
	}
	if !writable("a") {
		t.Error("the right to write came back, the file stays closed")
	}
	c.write("a", "neu von hier")
	c.sync()
	c.both(s, "a=neu von hier", "b=frei")
	c.quiet()
}

// TestGlanceAgreesWithScan: a look that reads no file calls for a scan exactly where the scan has something to tell.
func TestGlanceAgreesWithScan(t *testing.T) {
	c, _ := inStep(t, "put a=a", "mkdir d", "put d/b=b")
	differs := func(what string, want bool) {
		t.Helper()
		rows, err := c.db.AllFiles(t.Context(), c.acc.ID)
		c.must(err)
		if got := c.w.disk.differs(t.Context(), c.root, byLocal(rows)); got != want {
			t.Errorf("%s: %v", what, got)
		}
	}
	differs("in step", false)
	for what, act := range map[string]func() error{
		"edit":    func() error { return os.WriteFile(c.path("a"), []byte(time.Now().String()), 0o600) },
		"new":     func() error { return os.WriteFile(c.path("d/neu"), nil, 0o600) },
		"folder":  func() error { return os.Mkdir(c.path("d/leer"), 0o755) },
		"removed": func() error { return os.Remove(c.path("d/b")) },
		"ignore":  func() error { return os.WriteFile(c.path(files.IgnoreName), []byte("*.log"), 0o600) },
	} {
		c.must(act())
		differs(what, true)
		c.sync()
		differs(what+", synchronised", false)
	}
	c.write("laut.log", "x")
	c.write(".~lock.a#", "x")
	differs("ignored", false)
}

// TestCase56ACopyThatIsOpen: a program keeps others from a copy. Nothing is wrong with the file, it comes later; a folder
// that nobody may write into is told.
func TestCase56ACopyThatIsOpen(t *testing.T) {
	c, _ := inStep(t, "put a=a", "put b=b")
	for _, step := range []struct {
		err  error
		want string
	}{
		{&os.LinkError{Op: "rename", Err: syscall.ETXTBSY}, ""},
		{fmt.Errorf("put a file in its place: %w", &os.PathError{Op: "open", Err: syscall.EBUSY}), ""},
		{&os.PathError{Op: "open", Err: syscall.EACCES}, problemRights},
		{&os.PathError{Op: "open", Err: syscall.ENAMETOOLONG}, problemName},
	} {
		row, err := c.db.FileByPath(t.Context(), c.acc.ID, "a")
		c.must(err)
		c.must(c.db.Write(t.Context(), func(tx *storage.Tx) error { return tx.SetFileProblem(t.Context(), row.ID, "") }))
		c.must(c.w.settleFetch(t.Context(), &row, step.err))
		row, err = c.db.FileByPath(t.Context(), c.acc.ID, "a")
		c.must(err)
		if row.Problem != step.want {
			t.Errorf("%v: %q", step.err, row.Problem)
		}
	}
}

// TestCase56ReadWhileOpen: a file that cannot be read at the moment, and everything in a folder that cannot, is not gone,
// and what was changed on the server meanwhile is not lost.
func TestCase56ReadWhileOpen(t *testing.T) {
	c, s := inStep(t, "put a=a", "mkdir d", "put d/b=b", "put d/c=c")
	rows, err := c.db.AllFiles(t.Context(), c.acc.ID)
	c.must(err)
	known := byLocal(rows)
	sc := c.w.disk.scanner(c.root, known)
	c.must(sc.folder(t.Context(), "", ""))
	for _, local := range []string{"a", "d/b"} { // as a sharing violation leaves them
		sc.all[local].busy, sc.all[local].Hash = true, ""
	}
	sit := &situation{rules: c.w.disk.ability().Rules, rows: rows, disk: sc.all, ignore: sc.ignore}
	sit.list, err = c.w.list(t.Context(), storage.FileServer{AccountID: c.acc.ID}, nil)
	c.must(err)
	if plan := reconcile.PlanFiles(sit.input()); len(plan.Actions) != 0 || len(sit.frozen) != 2 {
		t.Errorf("%+v, %d wait", plan.Actions, len(sit.frozen))
	}
	s.edit("put a=neu von dort")
	c.sync()
	c.both(s, "a=neu von dort", "d/=", "d/b=b", "d/c=c")
}
