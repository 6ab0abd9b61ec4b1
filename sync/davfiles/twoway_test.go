// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kontor/app/files"
	"kontor/sync/servertest"
)

// copyName is the name that a conflict gives the own version today.
func copyName(name string) string {
	return files.ConflictName(name, "Konflikt", "Jonas Weber", time.Now(), nil)
}

// settled gives a client that is in step with a server that holds the given files.
func settled(t *testing.T, s *servertest.DAVServer, words ...string) *client {
	t.Helper()
	on(t, s, words...)
	for _, w := range words {
		name, _, _ := strings.Cut(w, "=")
		age(t, s, name)
	}
	c := join(t, s, "")
	c.sync()
	return c
}

func TestCase26BothEdited(t *testing.T) {
	each(t, func(t *testing.T, s *servertest.DAVServer) {
		c := settled(t, s, "a.ods=alt", "b=bleibt")
		c.write("a.ods", "meins")
		on(t, s, "a.ods=deren Fassung")
		age(t, s, "a.ods")
		c.sync()
		c.sync()
		c.want(s, "a.ods=deren Fassung", copyName("a.ods")+"=meins", "b=bleibt")
		open := c.conflicts()
		if len(open) != 1 {
			t.Fatalf("%d conflicts", len(open))
		}
		var d files.ConflictDetail
		c.must(json.Unmarshal(open[0].Detail, &d))
		if d.Path != "a.ods" || d.CopyPath != copyName("a.ods") || d.Mine.Size != 5 || d.Theirs.Size != 13 || d.CopyID == 0 {
			t.Errorf("%+v", d)
		}
		c.quiet()
	})
}

func TestCase27BothEditedTheSame(t *testing.T) {
	each(t, func(t *testing.T, s *servertest.DAVServer) {
		c := settled(t, s, "a=alt", "b=bleibt")
		c.write("a", "gleich")
		on(t, s, "a=gleich")
		age(t, s, "a")
		c.sync()
		c.want(s, "a=gleich", "b=bleibt")
		if n := len(c.conflicts()); n != 0 {
			t.Errorf("%d conflicts", n)
		}
		c.quiet()
	})
}

// Same size and same time, other bytes: only the content can tell.
func TestCase28SameSizeSameTime(t *testing.T) {
	s := servertest.Apache(t)
	c := settled(t, s, "a=alt", "b=bleibt")
	at := time.Now().Add(-time.Hour).Truncate(time.Second)
	c.write("a", "mein")
	on(t, s, "a=dein")
	for _, p := range []string{c.path("a"), s.Path("a")} {
		c.must(os.Chtimes(p, at, at))
	}
	c.sync()
	c.sync()
	c.want(s, "a=dein", copyName("a")+"=mein", "b=bleibt")
}

// An edit of the same size whose time was set back is noticed by the change time of the inode.
func TestCase29TimeSetBack(t *testing.T) {
	s := servertest.Apache(t)
	c := settled(t, s, "a=eins", "b=bleibt")
	info, err := os.Stat(c.path("a"))
	c.must(err)
	c.write("a", "zwei")
	c.must(os.Chtimes(c.path("a"), info.ModTime(), info.ModTime()))
	c.sync()
	c.want(s, "a=zwei", "b=bleibt")
	c.quiet()
}

func TestCase30DeletesFollow(t *testing.T) {
	each(t, func(t *testing.T, s *servertest.DAVServer) {
		c := settled(t, s, "a=a", "b=b", "d/c=c", "d/e/f=f", "g=g")
		c.remove("a")
		c.must(os.Remove(s.Path("b")))
		c.remove("d")
		c.sync()
		c.want(s, "g=g")
		var binned []string
		c.must(filepath.WalkDir(filepath.Join(c.home, "trash"), func(p string, e os.DirEntry, err error) error {
			if err == nil && !e.IsDir() {
				binned = append(binned, filepath.Base(p))
			}
			return err
		}))
		if len(binned) != 1 || binned[0] != "b" {
			t.Errorf("in the recycle bin: %v", binned)
		}
		c.quiet()
	})
}

func TestCase31DeletedHereEditedThere(t *testing.T) {
	each(t, func(t *testing.T, s *servertest.DAVServer) {
		c := settled(t, s, "a=alt", "b=b")
		c.remove("a")
		on(t, s, "a=neue Fassung")
		c.sync()
		c.want(s, "a=neue Fassung", "b=b")
		c.quiet()
	})
}

func TestCase32DeletedThereEditedHere(t *testing.T) {
	each(t, func(t *testing.T, s *servertest.DAVServer) {
		c := settled(t, s, "a=alt", "b=b")
		c.must(os.Remove(s.Path("a")))
		c.write("a", "neue Fassung")
		c.sync()
		c.want(s, "a=neue Fassung", "b=b")
		c.quiet()
	})
}

func TestCase33FolderDeletedHereNewFileThere(t *testing.T) {
	s := servertest.Apache(t)
	c := settled(t, s, "d/a=a", "d/b=b", "x=x")
	c.remove("d")
	on(t, s, "d/neu=neu")
	c.sync()
	c.want(s, "d/", "d/neu=neu", "x=x")
	c.quiet()
}

func TestCase34FolderDeletedThereNewFileHere(t *testing.T) {
	s := servertest.Apache(t)
	c := settled(t, s, "d/a=a", "d/b=b", "x=x")
	c.must(os.RemoveAll(s.Path("d")))
	c.write("d/neu", "neu")
	c.sync()
	c.want(s, "d/", "d/neu=neu", "x=x")
	c.quiet()
}

// Case 43, the local half, and 35: a move is one request, whatever is in the folder.
func TestCase43LocalMoves(t *testing.T) {
	each(t, func(t *testing.T, s *servertest.DAVServer) {
		c := settled(t, s, "d/a=a", "d/tief/b=b", "x=x")
		c.rename("d", "Ablage/2026")
		c.rename("x", "Ablage/y")
		before := c.w.Report()
		c.sync()
		c.want(s, "Ablage/", "Ablage/2026/", "Ablage/2026/a=a", "Ablage/2026/tief/", "Ablage/2026/tief/b=b", "Ablage/y=x")
		if now := c.w.Report(); now.Uploaded != before.Uploaded || now.Downloaded != before.Downloaded || now.Moved != before.Moved+2 {
			t.Errorf("a move transferred content: %+v", now)
		}
		c.quiet()
	})
}

func TestCase39FolderRenamedHereNewFileThere(t *testing.T) {
	s := servertest.Apache(t)
	c := settled(t, s, "d/a=a", "x=x")
	c.rename("d", "e")
	on(t, s, "d/neu=neu")
	c.sync()
	c.sync()
	c.want(s, "e/", "e/a=a", "e/neu=neu", "x=x")
	c.quiet()
}

func TestCase41SwapAndChain(t *testing.T) {
	s := servertest.Apache(t)
	c := settled(t, s, "a=inhalt a", "b=inhalt b!", "c1=eins", "c2=zwei!")
	c.rename("a", "tmp1")
	c.rename("b", "a")
	c.rename("tmp1", "b")
	c.rename("c2", "c3")
	c.rename("c1", "c2")
	c.sync()
	c.sync()
	c.want(s, "a=inhalt b!", "b=inhalt a", "c2=eins", "c3=zwei!")
	c.quiet()
}

func TestCase44FileBecomesFolder(t *testing.T) {
	s := servertest.Apache(t)
	c := settled(t, s, "a=a", "d/x=x", "z=z")
	c.remove("a")
	c.write("a/drin", "drin")
	c.remove("d")
	c.write("d", "datei")
	for range 3 {
		c.sync()
	}
	c.want(s, "a/", "a/drin=drin", "d=datei", "z=z")
	c.quiet()
}

// Deleted and made again under the same name is an edit; so is the way LibreOffice saves (case 57).
func TestCase45And57Recreated(t *testing.T) {
	each(t, func(t *testing.T, s *servertest.DAVServer) {
		c := settled(t, s, "a=alt", "b=alt")
		c.remove("a")
		c.write("a", "neu gemacht")
		c.write("b.neu", "anders gesichert")
		c.rename("b.neu", "b")
		c.sync()
		c.want(s, "a=neu gemacht", "b=anders gesichert")
		if r := c.w.Report(); r.Deleted != 0 || r.Uploaded != 2 {
			t.Errorf("%+v", r)
		}
		c.quiet()
	})
}

func TestCase46FoldersAndIgnoredFiles(t *testing.T) {
	s := servertest.Apache(t)
	c := settled(t, s, "d/a=a", "leer/", "x=x")
	c.must(os.MkdirAll(c.path("neu/leer"), 0o755))
	c.write("d/.~lock.a#", "gesperrt")
	c.must(os.RemoveAll(s.Path("d")))
	c.sync()
	c.sync()
	c.same("server", tree(t, s.Root), map[string]string{"leer/": "", "neu/": "", "neu/leer/": "", "x": "x"})
	c.same("disk", tree(t, c.root), map[string]string{"leer/": "", "neu/": "", "neu/leer/": "", "x": "x", "d/": "", "d/.~lock.a#": "gesperrt"})
	c.quiet()
}

func TestCase53And55Names(t *testing.T) {
	s := servertest.Apache(t)
	c := join(t, s, "")
	words := []string{"100%25.txt=1", "a#b=2", "c+d=3", "e&f;g=4", "frage?.txt=5", "h%2Fi=6", "Straße ß.txt=7", "komma,=8", "'anfuehrung\"=9", "[x]=10", "back\\slash=11"}
	for _, w := range words {
		name, content, _ := strings.Cut(w, "=")
		c.write(name, content)
	}
	c.sync()
	var there []string
	for _, w := range words {
		if !strings.HasPrefix(w, "h%2Fi") { // the server refuses an encoded percent sign before 2F in some set-ups
			there = append(there, w)
		}
	}
	got := tree(t, s.Root)
	for _, w := range there {
		name, content, _ := strings.Cut(w, "=")
		if got[name] != content {
			t.Errorf("%q is missing on the server", name)
		}
	}
	other := join(t, s, "")
	other.sync()
	other.same("other disk", tree(t, other.root), got)
}

func TestCase58IgnoredStays(t *testing.T) {
	s := servertest.Apache(t)
	c := settled(t, s, "a=a")
	c.write(".~lock.a#", "x")
	c.write("~$a.docx", "x")
	c.write("b.tmp", "x")
	c.sync()
	c.same("server", tree(t, s.Root), map[string]string{"a": "a"})
	c.quiet()
}

func TestCase60StrangeTimes(t *testing.T) {
	s := servertest.Apache(t)
	c := settled(t, s, "x=x")
	for name, at := range map[string]time.Time{
		"null": time.Unix(0, 0), "minus": time.Unix(-1000, 0), "fern": time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC), "alt": time.Date(1970, 1, 2, 0, 0, 0, 0, time.UTC),
	} {
		c.write(name, name)
		c.must(os.Chtimes(c.path(name), at, at))
	}
	c.must(os.Chtimes(s.Path("x"), time.Unix(0, 0), time.Unix(0, 0)))
	c.sync()
	c.want(s, "x=x", "null=null", "minus=minus", "fern=fern", "alt=alt")
	c.quiet()
	c.quiet()
}

func TestCase50ComposedNames(t *testing.T) {
	s := servertest.Apache(t)
	c := join(t, s, "")
	c.write("\u00dcbung.txt", "eins")
	c.write("U\u0308bung.txt", "zwei")
	c.sync()
	c.want(s, "\u00dcbung.txt=eins", "\u00dcbung (2).txt=zwei")
	c.quiet()
}

func TestCase51DecomposedOnTheServer(t *testing.T) {
	s := servertest.Apache(t)
	c := settled(t, s, "U\u0308bung/A\u0308.txt=x", "b=b")
	c.same("disk", tree(t, c.root), map[string]string{"\u00dcbung/": "", "\u00dcbung/\u00c4.txt": "x", "b": "b"})
	c.write("\u00dcbung/\u00c4.txt", "geändert")
	c.sync()
	c.same("server", tree(t, s.Root), map[string]string{"U\u0308bung/": "", "U\u0308bung/A\u0308.txt": "geändert", "b": "b"})
	c.quiet()
}
