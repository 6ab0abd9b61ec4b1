// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kontor/app/files"
	"kontor/sync/servertest"
)

// forbidden are names that Windows cannot have, as a server holds them.
var forbidden = []string{
	"aux", "CON", "nul.txt", "LPT1", "a: b", "stern*", "frage?", `zitat"`, "klein<", "groß>", "strich|", `schräg\`, "punkt.", "leer ", "Com1/com2.tar.gz/prn.txt",
}

// TestCase47NamesThatWindowsForbids: they come, are edited and go under names that the disk can have, both ways, and nothing
// of them is deleted on the server, also when the store is lost.
func TestCase47NamesThatWindowsForbids(t *testing.T) {
	each(t, func(t *testing.T, s *servertest.DAVServer) {
		all := map[string]string{}
		for _, name := range forbidden {
			on(t, s, name+"="+name)
			age(t, s, name)
			all[name] = name
		}
		c := join(t, s, "")
		c.pretend(able{Rules: files.Rules{Windows: true, FoldCase: true}, noInodes: true})
		c.sync()
		c.same("copies", c.here(), all)
		for path := range tree(t, c.root) {
			if base := filepath.Base(path); strings.ContainsAny(base, `<>:"\|?*`) || strings.HasSuffix(base, ".") || strings.HasSuffix(base, " ") || slices.Contains(forbidden, base) {
				t.Errorf("%q cannot lie on this disk", path)
			}
		}
		c.quiet()
		for name := range all {
			row, err := c.db.FileByPath(t.Context(), c.acc.ID, name)
			c.must(err)
			c.write(row.Local.Path, "geändert "+name)
			all[name] = "geändert " + name
		}
		c.sync()
		c.same("server", filesOf(tree(t, s.Root)), all)
		c.quiet()
		c.forget()
		for range 2 {
			c.sync()
		}
		c.same("server after the store was lost", filesOf(tree(t, s.Root)), all)
		c.same("copies after the store was lost", c.here(), all)
		c.quiet()
	})
}

// TestCase54IsShown: a name that is no text stays here, and the person is told.
func TestCase54IsShown(t *testing.T) {
	s := servertest.Apache(t)
	c := settled(t, s, "a=a")
	for _, name := range []string{"kaputt\xff.txt", "ordner\xfe/x"} {
		c.must(os.MkdirAll(filepath.Dir(filepath.Join(c.root, name)), 0o755))
		if err := os.WriteFile(filepath.Join(c.root, name), []byte("x"), 0o600); err != nil {
			t.Skip("this disk has no such names")
		}
	}
	c.sync()
	c.same("server", tree(t, s.Root), map[string]string{"a": "a"})
	if notes := c.notes(); len(notes) != 2 {
		t.Errorf("%q", notes)
	}
	for _, name := range []string{"kaputt\xff.txt", "ordner\xfe/x"} {
		if _, err := os.Stat(filepath.Join(c.root, name)); err != nil {
			t.Error(err)
		}
	}
	c.quiet()
}

// TestCase60ShiftedTimes: a disk that keeps the local time shows all of them an hour later in summer, and one that counts
// in steps of two seconds shows others than were set. Nothing is an edit by that, and nothing goes on for ever.
func TestCase60ShiftedTimes(t *testing.T) {
	each(t, func(t *testing.T, s *servertest.DAVServer) {
		c := settled(t, s, "a=a", "d/b=b", "x=x")
		c.pretend(able{noChangeTime: true, noInodes: true, grain: 2 * time.Second})
		before := c.w.Report()
		for _, shift := range []time.Duration{time.Hour, -time.Hour, 0} {
			for _, name := range []string{"a", "d/b", "x"} {
				info, err := os.Stat(c.path(name))
				c.must(err)
				at := info.ModTime().Add(shift).Truncate(2 * time.Second)
				c.must(os.Chtimes(c.path(name), at, at))
			}
			c.sync()
		}
		c.want(s, "a=a", "d/", "d/b=b", "x=x")
		if r := c.w.Report(); r.Uploaded != before.Uploaded || r.Downloaded != before.Downloaded || r.Conflicts != before.Conflicts {
			t.Errorf("%+v, before %+v", r, before)
		}
		c.write("a", "b") // as long as before, within the step of the clock
		c.sync()
		c.want(s, "a=b", "d/", "d/b=b", "x=x")
		c.quiet()
	})
}
