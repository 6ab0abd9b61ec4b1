// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"os"
	"testing"

	"kontor/sync/servertest"
)

// keeps looks for contents on both sides, which have to be equal, and for at most so many files.
func (c *client) keeps(s *servertest.DAVServer, most int, words ...string) {
	c.t.Helper()
	got := filesOf(tree(c.t, s.Root))
	c.same("disk", filesOf(tree(c.t, c.root)), got)
	all := contents(got)
	for _, w := range words {
		if !all[w] {
			c.t.Errorf("%q is lost: %q", w, brief(got))
		}
	}
	if len(got) > most {
		c.t.Errorf("%d files: %q", len(got), brief(got))
	}
}

// TestCase35And36OnRealServers: a file is renamed on one side and edited on the other. Where a server tells no identity
// there may be two files afterwards, but the edit is there, and nothing is left to do.
func TestCase35And36OnRealServers(t *testing.T) {
	each(t, func(t *testing.T, s *servertest.DAVServer) {
		c := settled(t, s, "hier=alt hier", "dort=alt dort", "z=z")
		c.rename("hier", "hier umbenannt")
		on(t, s, "hier=dort bearbeitet")
		c.must(os.Rename(s.Path("dort"), s.Path("dort umbenannt")))
		c.write("dort", "hier bearbeitet")
		c.settle()
		c.keeps(s, 5, "dort bearbeitet", "hier bearbeitet", "z")
		if n := len(c.conflicts()); n != 0 {
			t.Errorf("%d conflicts, but nobody edited the same file", n)
		}
	})
}

// TestCase37TwoNewNames: both sides give one file another name: it has both, or one of them, and no third.
func TestCase37TwoNewNames(t *testing.T) {
	each(t, func(t *testing.T, s *servertest.DAVServer) {
		c := settled(t, s, "a=inhalt", "d/b=tief", "z=z")
		c.rename("a", "mein Name")
		c.must(os.Rename(s.Path("a"), s.Path("dein Name")))
		c.rename("d", "mein Ordner")
		c.must(os.Rename(s.Path("d"), s.Path("dein Ordner")))
		c.settle()
		c.keeps(s, 5, "inhalt", "tief", "z")
		for name := range filesOf(tree(t, s.Root)) {
			switch name {
			case "mein Name", "dein Name", "mein Ordner/b", "dein Ordner/b", "z":
			default:
				t.Errorf("nobody called anything %q", name)
			}
		}
	})
}

// TestCase40OnRealServers: a folder gets another name there while something new comes into it here. Nothing is lost, also
// where the server cannot say that it is the same folder.
func TestCase40OnRealServers(t *testing.T) {
	each(t, func(t *testing.T, s *servertest.DAVServer) {
		c := settled(t, s, "d/a=alt a", "d/b=alt b", "x=x", "y=y")
		c.must(os.Rename(s.Path("d"), s.Path("e")))
		c.write("d/neu", "neu von hier")
		c.write("d/a", "hier bearbeitet")
		c.settle()
		c.keeps(s, 6, "hier bearbeitet", "alt b", "neu von hier", "x", "y")
	})
}
