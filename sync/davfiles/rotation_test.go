// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kontor/storage"
)

// TestCase41FoldersRotate: folders that take each other's names, on either side and in one run, keep what is in them, and
// what is shown is right from the first look on.
func TestCase41FoldersRotate(t *testing.T) {
	words := []string{"mkdir a", "mkdir a/t", "put a/t/x=1", "mkdir b", "put b/x=2", "put b/y=3", "mkdir c", "put c/x=4"}
	after := map[string]string{
		"b/": "", "b/t/": "", "b/t/x": "1", "c/": "", "c/x": "2", "c/y": "3", "a/": "", "a/x": "4",
	}
	courses := map[string]struct {
		moves []string
		more  map[string]string
	}{
		"in a circle":         {moves: []string{"mv c z", "mv b c", "mv a b", "mv z a"}},
		"and new ones follow": {moves: []string{"mv c z", "mv b c", "mv a b", "mv z a", "mkdir d", "put d/neu=5"}, more: map[string]string{"d/": "", "d/neu": "5"}},
	}
	for name, course := range courses {
		want := map[string]string{}
		for _, m := range []map[string]string{after, course.more} {
			for k, v := range m {
				want[k] = v
			}
		}
		t.Run("there, "+name, func(t *testing.T) {
			c, s := inStep(t, words...)
			s.edit(course.moves...)
			c.must(c.w.Pull(t.Context()))
			c.shows(want)
			c.sync()
			c.same("disk", tree(t, c.root), want)
			c.quiet()
		})
		t.Run("here, "+name, func(t *testing.T) {
			c, s := inStep(t, words...)
			c.edit(course.moves...)
			c.must(c.w.Pull(t.Context()))
			c.shows(want)
			c.sync()
			c.same("server", s.tree(), want)
			c.quiet()
		})
	}
}

// TestANewFolderTakesTheNameOfAMovedOne: what is put into the new one stays in it.
func TestANewFolderTakesTheNameOfAMovedOne(t *testing.T) {
	want := map[string]string{"z/": "", "z/x": "1", "b/": "", "b/k": "2"}
	moves := []string{"mv b z", "mkdir b", "put b/k=2"}
	t.Run("there", func(t *testing.T) {
		c, s := inStep(t, "mkdir b", "put b/x=1")
		s.edit(moves...)
		c.must(c.w.Pull(t.Context()))
		c.shows(want)
		c.same("disk", tree(t, c.root), want)
	})
	t.Run("here", func(t *testing.T) {
		c, s := inStep(t, "mkdir b", "put b/x=1")
		c.edit(moves...)
		c.must(c.w.Pull(t.Context()))
		c.shows(want)
		c.sync()
		c.same("server", s.tree(), want)
	})
}

// edit changes the disk in the words in which clouds are edited.
func (c *client) edit(words ...string) {
	c.t.Helper()
	for _, w := range words {
		verb, rest, _ := strings.Cut(w, " ")
		switch verb {
		case "mv":
			from, to, _ := strings.Cut(rest, " ")
			c.rename(from, to)
		case "mkdir":
			c.must(os.MkdirAll(c.path(rest), 0o755))
		case "put":
			name, content, _ := strings.Cut(rest, "=")
			c.write(name, content)
		default:
			c.t.Fatal(w)
		}
	}
}

// shows looks at the store, which is in order, and at what it shows.
func (c *client) shows(want map[string]string) {
	c.t.Helper()
	c.must(c.db.Check(c.t.Context()))
	rows, err := c.db.AllFiles(c.t.Context(), c.acc.ID)
	c.must(err)
	got, wanted := map[string]string{}, map[string]string{}
	for _, r := range rows {
		if r.Gone {
			continue
		}
		if got[r.Path] = ""; !r.Dir {
			got[r.Path] = c.octets(r)
		}
	}
	for path, content := range want {
		wanted[strings.TrimSuffix(path, "/")] = content
	}
	c.same("what is shown", got, wanted)
}

// octets is what the copy of a row holds, or why there is none.
func (c *client) octets(r storage.FileRow) string {
	raw, err := os.ReadFile(filepath.Join(c.root, filepath.FromSlash(r.Local.Path)))
	if err != nil {
		return fmt.Sprint(err)
	}
	return string(raw)
}
