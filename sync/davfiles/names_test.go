// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kontor/app/files"
	"kontor/storage"
	"kontor/sync/servertest"
)

// pretend makes the disk below the root of a client one that can do less than it can.
func (c *client) pretend(a able) {
	c.t.Helper()
	abilities.Store(c.root, a)
	c.restart()
}

// notes are what the person is told about places, as "path: what".
func (c *client) notes() map[string]string {
	c.t.Helper()
	all, err := Notes(c.t.Context(), c.db, c.acc.ID)
	c.must(err)
	out := map[string]string{}
	for _, n := range all {
		out[n.Path] = strings.TrimPrefix(n.Problem, "files.note.")
	}
	return out
}

// here reads the copies by the paths that they are known by.
func (c *client) here() map[string]string {
	c.t.Helper()
	rows, err := c.db.AllFiles(c.t.Context(), c.acc.ID)
	c.must(err)
	all := map[string]string{}
	for _, r := range rows {
		if r.Dir || r.Local.Path == "" {
			continue
		}
		b, err := os.ReadFile(c.path(r.Local.Path))
		c.must(err)
		all[r.Path] = string(b)
	}
	return all
}

// TestCase48TwinsOnAFoldingDisk: two names that the disk cannot tell apart both get here, both travel when they are
// edited, and nothing is deleted, also when the store is lost.
func TestCase48TwinsOnAFoldingDisk(t *testing.T) {
	for kind, rules := range map[string]files.Rules{"ntfs": {Windows: true, FoldCase: true}, "apfs": {FoldCase: true, Composes: true}} {
		t.Run(kind, func(t *testing.T) {
			s := servertest.Apache(t)
			on(t, s, "A.txt=groß", "a.txt=klein", "Akte/x=1", "akte/X=2", "akte/x=3", "CON=con", "frage?.txt=f", "ende.=e")
			age(t, s, "A.txt", "a.txt", "Akte/x", "akte/X", "akte/x", "CON", "frage?.txt", "ende.")
			all := map[string]string{"A.txt": "groß", "a.txt": "klein", "Akte/x": "1", "akte/X": "2", "akte/x": "3", "CON": "con", "frage?.txt": "f", "ende.": "e"}
			c := join(t, s, "")
			c.pretend(able{Rules: rules, noInodes: true})
			c.sync()
			c.same("copies", c.here(), all)
			lower := map[string]string{}
			for path := range tree(t, c.root) {
				folded := strings.ToLower(path)
				if other, twice := lower[folded]; twice {
					t.Errorf("%q and %q are one name here", path, other)
				}
				lower[folded] = path
				if rules.Windows && (strings.Contains(path, "?") || strings.Contains(path, "./") || path == "CON") {
					t.Errorf("%q cannot lie on this disk", path)
				}
			}
			if notes := c.notes(); notes["a.txt"] != "alias" || notes["A.txt"] != "" {
				t.Errorf("%v", notes)
			}
			c.quiet()
			for path := range all {
				row, err := c.db.FileByPath(t.Context(), c.acc.ID, path)
				c.must(err)
				c.write(row.Local.Path, "geändert "+path)
				all[path] = "geändert " + path
			}
			c.sync()
			c.same("server", filesOf(tree(t, s.Root)), all)
			c.quiet()
			c.forget()
			c.sync()
			c.sync()
			c.same("server after the store was lost", filesOf(tree(t, s.Root)), all)
			c.same("copies after the store was lost", c.here(), all)
			c.must(os.Remove(s.Path("A.txt")))
			delete(all, "A.txt")
			c.sync()
			c.same("copies without the twin", c.here(), all)
			if _, err := os.Lstat(c.path("a.txt")); err != nil {
				t.Errorf("the alias outlived its reason: %v", err)
			}
			c.quiet()
		})
	}
}

// filesOf leaves the folders out of a tree.
func filesOf(tree map[string]string) map[string]string {
	maps.DeleteFunc(tree, func(name, _ string) bool { return strings.HasSuffix(name, "/") })
	return tree
}

// forget loses all that the store knew of files, as if it had been made anew. The marker stays on the disk.
func (c *client) forget() {
	c.t.Helper()
	rows, err := c.db.AllFiles(c.t.Context(), c.acc.ID)
	c.must(err)
	c.must(c.db.WriteDurable(c.t.Context(), func(tx *storage.Tx) error {
		for _, r := range slices.Backward(rows) {
			c.must(tx.DeleteFile(c.t.Context(), r.ID))
		}
		return tx.SaveFileServer(c.t.Context(), storage.FileServer{AccountID: c.acc.ID, Used: -1, Free: -1})
	}))
	c.restart()
}

// TestCase49OnlyTheCaseChanges: a name is written in another case on either side; the other one follows.
func TestCase49OnlyTheCaseChanges(t *testing.T) {
	for _, rules := range []files.Rules{{}, {Windows: true, FoldCase: true}} {
		t.Run(fmt.Sprintf("%+v", rules), func(t *testing.T) {
			s := servertest.Apache(t)
			c := settled(t, s, "hier.txt=h", "dort.txt=d", "ordner/x=x")
			c.pretend(able{Rules: rules, noInodes: rules.Windows})
			c.sync()
			c.rename("hier.txt", "HIER.txt")
			c.must(os.Rename(s.Path("dort.txt"), s.Path("Dort.TXT")))
			c.rename("ordner", "Ordner")
			c.sync()
			c.sync()
			c.want(s, "HIER.txt=h", "Dort.TXT=d", "Ordner/", "Ordner/x=x")
			c.quiet()
			if n := len(c.conflicts()); n != 0 {
				t.Errorf("%d conflicts with ourselves", n)
			}
		})
	}
}

// TestCase52LongNames: a name that is too long for the disk gets a shorter one here and keeps its own there.
func TestCase52LongNames(t *testing.T) {
	s := servertest.Apache(t)
	long := strings.Repeat("ein langer Name ", 15)
	deep := strings.TrimSuffix(strings.Repeat("ein langer Ordner mit Namen/", 12), "/")
	on(t, s, long+"1.txt=eins", long+"2.txt=zwei", deep+"/x=tief")
	age(t, s, long+"1.txt", long+"2.txt", deep+"/x")
	c := join(t, s, "")
	c.pretend(able{Rules: files.Rules{MaxName: 143}})
	want := map[string]string{long + "1.txt": "eins", long + "2.txt": "zwei", deep + "/x": "tief"}
	c.sync()
	c.same("copies", c.here(), want)
	for path := range tree(t, c.root) {
		if len(filepath.Base(path)) > 143 {
			t.Errorf("%q is too long for the disk", path)
		}
	}
	row, err := c.db.FileByPath(t.Context(), c.acc.ID, long+"2.txt")
	c.must(err)
	c.write(row.Local.Path, "geändert")
	want[long+"2.txt"] = "geändert"
	c.sync()
	c.same("server", filesOf(tree(t, s.Root)), want)
	c.quiet()
}

// TestCase50TwinsOnTheServer: a server may hold both compositions of a name. They stay two files.
func TestCase50TwinsOnTheServer(t *testing.T) {
	s := servertest.Apache(t)
	words := []string{"\u00dcbung.txt=composed", "U\u0308bung.txt=decomposed"}
	c := settled(t, s, words...)
	c.want(s, words...)
	c.quiet()
	c.write("U\u0308bung.txt", "geändert")
	c.sync()
	c.want(s, words[0], "U\u0308bung.txt=geändert")
	c.quiet()
	other := join(t, s, "")
	other.pretend(able{Rules: files.Rules{FoldCase: true, Composes: true}})
	other.sync()
	other.same("copies on a disk that composes", other.here(), tree(t, s.Root))
	other.quiet()
}

// TestProbesOfTheDisk: what is tried on the disk of this system is what it can do, and nothing of the trial stays.
func TestProbesOfTheDisk(t *testing.T) {
	root := t.TempDir()
	a, err := tryDisk(root)
	if err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(root); err != nil || len(left) != 0 {
		t.Errorf("%v %v", left, err)
	}
	for _, name := range []string{"a?", "end."} {
		if err := os.WriteFile(filepath.Join(root, name), nil, 0o600); a.Windows != (err != nil) {
			t.Errorf("%s: %v, but %+v", name, err, a)
		}
	}
	for made, c := range map[string]struct {
		asked string
		meets bool
	}{"case": {"CASE", a.FoldCase}, "\u00e4": {"a\u0308", a.Composes}} {
		if err := os.WriteFile(filepath.Join(root, made), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Lstat(filepath.Join(root, c.asked)); (err == nil) != c.meets {
			t.Errorf("%s is found as %s: %v, but %+v", made, c.asked, err, a)
		}
	}
	for missing, want := range map[time.Duration]time.Duration{
		0: 1, 89: 100, 789: time.Microsecond, 456789: time.Millisecond, 123456789: time.Second, 1123456789: 2 * time.Second,
	} {
		if got := grainOf(missing); got != want {
			t.Errorf("%s is missing: %s", missing, got)
		}
	}
	if got := abilitiesOf(filepath.Join(root, "fehlt")); got != usual() {
		t.Errorf("%+v", got)
	}
}

// TestCase48PutBesideTwins: what is put into a folder with an alias goes there, and a name that the disk takes for one
// that is there is refused.
func TestCase48PutBesideTwins(t *testing.T) {
	s := servertest.Apache(t)
	on(t, s, "Akte/x=1", "akte/y=2")
	age(t, s, "Akte/x", "akte/y")
	c := join(t, s, "")
	c.pretend(able{Rules: files.Rules{FoldCase: true}, noInodes: true})
	c.sync()
	from := filepath.Join(t.TempDir(), "z")
	c.must(os.WriteFile(from, []byte("neu"), 0o600))
	for _, path := range []string{"akte/z", "Akte/z"} {
		disk := NewDisk(c.db, c.acc, c.home)
		l, err := disk.Import(t.Context(), from, path, nil, copyFile)
		c.must(err)
		if want := disk.local(files.Parent(path)) + "/z"; l.Path != want {
			t.Errorf("%s lies at %q, want %q", path, l.Path, want)
		}
		if _, err := disk.Import(t.Context(), from, path, nil, copyFile); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s again: %v", path, err)
		}
	}
	c.sync()
	c.same("server", filesOf(tree(t, s.Root)), map[string]string{"Akte/x": "1", "akte/y": "2", "akte/z": "neu", "Akte/z": "neu"})
	c.quiet()
}

// TestTrialsThatWereKilledAreSwept: what a trial left behind whose process has ended goes; one that runs stays.
func TestTrialsThatWereKilledAreSwept(t *testing.T) {
	root := t.TempDir()
	begin := func(name string) *os.File {
		dir := filepath.Join(root, tryPrefix+name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(filepath.Join(dir, tryBusy))
		if err != nil || lockFile(f, true) != nil {
			t.Fatal(err)
		}
		return f
	}
	running, killed := begin("running"), begin("killed")
	defer running.Close() //nolint:errcheck // a test
	if err := killed.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"unknown", "old"} {
		if err := os.Mkdir(filepath.Join(root, tryPrefix+name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	long := time.Now().Add(-time.Hour)
	if err := os.Chtimes(filepath.Join(root, tryPrefix+"old"), long, long); err != nil {
		t.Fatal(err)
	}
	if _, err := tryDisk(root); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(root, tryPrefix+"*"))
	want := []string{filepath.Join(root, tryPrefix+"running"), filepath.Join(root, tryPrefix+"unknown")}
	if err != nil || !slices.Equal(left, want) {
		t.Errorf("left %q, %v", left, err)
	}
}
