// SPDX-License-Identifier: EUPL-1.2

//go:build unix

package davfiles

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kontor/sync/servertest"
)

// TestCase30TheDesktopsBin: what was deleted on the server lies in the bin of the desktop afterwards, with the words that
// its file manager needs to put it back; names that are there already stay.
func TestCase30TheDesktopsBin(t *testing.T) {
	data := t.TempDir()
	t.Setenv("XDG_DATA_HOME", data)
	s := servertest.Apache(t)
	c := settled(t, s, "d/Größe 100%.txt=eins", "e/Größe 100%.txt=zwei", "bleibt=b", "x=x", "y=y", "z=z", "hier=h")
	c.w.disk.DesktopBin = true
	for _, name := range []string{"d/Größe 100%.txt", "e/Größe 100%.txt"} {
		c.must(os.Remove(s.Path(name)))
	}
	before := time.Now().Add(-time.Minute)
	c.sync()
	bin := tree(t, filepath.Join(data, "Trash"))
	var texts, infos []string
	for name, text := range bin {
		if strings.HasPrefix(name, "files/") && text != "" {
			texts = append(texts, text)
			infos = append(infos, bin["info/"+strings.TrimPrefix(name, "files/")+".trashinfo"])
		}
	}
	slices.Sort(texts)
	slices.Sort(infos)
	if !slices.Equal(texts, []string{"eins", "zwei"}) || len(bin) != 6 {
		t.Fatalf("%q", brief(bin))
	}
	for i, folder := range []string{"d", "e"} {
		lines := strings.Split(infos[i], "\n")
		if len(lines) != 4 || lines[0] != "[Trash Info]" || !strings.HasSuffix(lines[1], "/Amt/"+folder+"/Gr%C3%B6%C3%9Fe%20100%25.txt") || !strings.HasPrefix(lines[1], "Path=/") {
			t.Errorf("%q", lines)
		}
		if at, err := time.ParseInLocation("2006-01-02T15:04:05", strings.TrimPrefix(lines[2], "DeletionDate="), time.Local); err != nil || at.Before(before) {
			t.Errorf("%v %v", at, err)
		}
	}
	c.remove("hier") // deleted by the person: nothing new in the bin
	c.sync()
	if after := tree(t, filepath.Join(data, "Trash")); len(after) != len(bin) {
		t.Errorf("%q", brief(after))
	}
	c.quiet()
}

// A bin that cannot be written to does not stop anything, and nothing is unlinked.
func TestCase30WithoutADesktopsBin(t *testing.T) {
	data := filepath.Join(t.TempDir(), "kein Ordner")
	if err := os.WriteFile(data, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_DATA_HOME", data)
	s := servertest.Apache(t)
	c := settled(t, s, "a=weg", "b=b", "c=c", "d=d")
	c.w.disk.DesktopBin = true
	c.must(os.Remove(s.Path("a")))
	c.sync()
	found := false
	err := filepath.WalkDir(filepath.Join(c.home, "trash"), func(path string, e fs.DirEntry, err error) error {
		found = found || e.Name() == "a"
		return err
	})
	if err != nil || !found {
		t.Errorf("%v: the copy is gone for good", err)
	}
	c.quiet()
}

// A file on another disk goes into the bin at the top of that disk, since a bin must not cost a copy.
func TestBinsOfOtherDisks(t *testing.T) {
	shm, err := os.MkdirTemp("/dev/shm", "kontor-test-")
	if err != nil {
		t.Skip("there is no other disk here")
	}
	defer os.RemoveAll(shm) //nolint:errcheck // a test's folder
	t.Setenv("XDG_DATA_HOME", t.TempDir())
	path := filepath.Join(shm, "a")
	bin, known, err := binFor(path)
	if err != nil || !strings.HasPrefix(bin, "/dev/shm/.Trash") || known != filepath.Join(filepath.Base(shm), "a") {
		t.Errorf("%s %s %v", bin, known, err)
	}
}
