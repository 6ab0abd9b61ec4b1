// SPDX-License-Identifier: EUPL-1.2

//go:build unix

package davfiles

import (
	"os"
	"slices"
	"testing"
)

// closed names the folders that cannot be written to.
func (c *client) closed(names ...string) (closed []string) {
	c.t.Helper()
	for _, name := range names {
		info, err := os.Stat(c.path(name))
		c.must(err)
		if info.Mode().Perm()&0o222 == 0 {
			closed = append(closed, name)
		}
	}
	return closed
}

// TestCase62ReadOnlyFolders: a folder that the server closes is closed here, what comes from the server goes into it all
// the same, in and below it; with the right to write it opens again.
func TestCase62ReadOnlyFolders(t *testing.T) {
	c, s := inStep(t, "mkdir d", "put d/a=a", "mkdir d/tief", "put d/tief/b=b", "mkdir frei", "put frei/x=x")
	all := []string{"d", "d/tief", "frei"}
	if got := c.closed(all...); len(got) != 0 {
		t.Fatalf("%q", got)
	}
	s.Grant("d", "RG")
	s.Grant("d/tief", "RG")
	for range 2 {
		c.sync()
		if got := c.closed(all...); !slices.Equal(got, all[:2]) {
			t.Errorf("closed: %q", got)
		}
	}
	s.edit("put d/neu=neu", "put d/a=anders", "mkdir d/mehr", "put d/mehr/c=c", "rm d/tief/b", "mv frei/x d/tief/x")
	for range 2 {
		c.sync()
	}
	c.both(s, "d/", "d/a=anders", "d/neu=neu", "d/mehr/", "d/mehr/c=c", "d/tief/", "d/tief/x=x", "frei/")
	if got := c.closed(all...); !slices.Equal(got, all[:2]) {
		t.Errorf("closed after changes there: %q", got)
	}
	c.must(os.Chmod(c.path("d"), 0o755))
	c.restart()
	c.sync()
	if got := c.closed("d"); len(got) != 1 {
		t.Error("opened by hand, it stays open")
	}
	s.Grant("d", "")
	for range 2 {
		c.sync()
	}
	if got := c.closed(all...); !slices.Equal(got, []string{"d/tief"}) {
		t.Errorf("closed after the right came back: %q", got)
	}
	c.write("d/von hier", "darf")
	c.sync()
	if s.tree()["d/von hier"] != "darf" {
		t.Errorf("%q", brief(s.tree()))
	}
	s.edit("rm d/tief")
	for range 2 {
		c.sync()
	}
	if _, err := os.Stat(c.path("d/tief")); !os.IsNotExist(err) {
		t.Error("a closed folder that is gone there is still here")
	}
	c.quiet()
}
