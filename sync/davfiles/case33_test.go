// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"kontor/sync/servertest"
)

// settle synchronises until both sides had their turn.
func (c *client) settle() {
	c.t.Helper()
	for range 4 {
		c.sync()
	}
	c.quiet()
}

// TestCase33And34EditedInsideADeletedFolder: what somebody edited survives the deletion of its folder on the other side,
// and nothing else of it.
func TestCase33And34EditedInsideADeletedFolder(t *testing.T) {
	each(t, func(t *testing.T, s *servertest.DAVServer) {
		c := settled(t, s, "hier/a=a", "hier/b=b", "hier/tief/c=c", "dort/a=a", "dort/b=b", "dort/tief/c=c", "x=x")
		c.remove("hier")
		on(t, s, "hier/tief/c=dort bearbeitet")
		c.must(os.RemoveAll(s.Path("dort")))
		c.write("dort/tief/c", "hier bearbeitet")
		c.settle()
		c.want(s, "hier/", "hier/tief/", "hier/tief/c=dort bearbeitet", "dort/", "dort/tief/", "dort/tief/c=hier bearbeitet", "x=x")
		if n := len(c.conflicts()); n != 0 {
			t.Errorf("%d conflicts, but nobody edited the same file", n)
		}
	})
}

// TestCase38MovedToOneName: different files that both sides give one name are both kept, on both sides, under two names. The
// server's has the name; the own one has a copy's name, or its old one again.
func TestCase38MovedToOneName(t *testing.T) {
	each(t, func(t *testing.T, s *servertest.DAVServer) {
		c := settled(t, s, "x=inhalt x", "y=inhalt y!", "z=z")
		c.rename("x", "ziel")
		c.must(os.Rename(s.Path("y"), s.Path("ziel")))
		c.settle()
		got := tree(t, s.Root)
		c.same("disk", tree(t, c.root), got)
		if got["ziel"] != "inhalt y!" || len(got) != 3 || got["x"] != "inhalt x" && got[copyName("ziel")] != "inhalt x" {
			t.Errorf("%q", brief(got))
		}
	})
}

// TestCase42ComesToRest: folders that both sides move into each other make no loop and lose nothing, also where the server
// knows no identities.
func TestCase42ComesToRest(t *testing.T) {
	each(t, func(t *testing.T, s *servertest.DAVServer) {
		c := settled(t, s, "a/x=inhalt x", "b/y=inhalt y!", "z=z")
		c.rename("a", "b/a")
		c.must(os.Rename(s.Path("b"), s.Path("a/b")))
		c.settle()
		got := tree(t, s.Root)
		c.same("disk", tree(t, c.root), got)
		if all := contents(got); !all["inhalt x"] || !all["inhalt y!"] {
			t.Errorf("lost: %q", brief(got))
		}
	})
}

// TestCase43LargeMoves: a folder of five hundred files and a large file are moved by one request each, without a transfer.
func TestCase43LargeMoves(t *testing.T) {
	s := servertest.Apache(t)
	words := []string{"gross=" + strings.Repeat("0123456789abcdef", 64<<10), "ziel/"}
	for i := range 500 {
		words = append(words, fmt.Sprintf("viele/%d/%03d=%d", i%7, i, i))
	}
	c := settled(t, s, words...)
	before := c.w.Report()
	c.rename("viele", "ziel/viele")
	c.rename("gross", "ziel/groß")
	c.sync()
	after := c.w.Report()
	if after.Uploaded != before.Uploaded || after.Downloaded != before.Downloaded || after.Moved-before.Moved != 2 {
		t.Errorf("before %+v, after %+v", before, after)
	}
	c.same("server", tree(t, s.Root), tree(t, c.root))
	c.quiet()
}

// TestCase44OneSideEditsTheOther: a file becomes a folder, and a folder a file, on one side, while what was there is
// edited on the other: what was edited is kept beside it.
func TestCase44OneSideEditsTheOther(t *testing.T) {
	each(t, func(t *testing.T, s *servertest.DAVServer) {
		c := settled(t, s, "l=alt", "r=alt", "ld/x=alt", "rd/x=alt", "z=z")
		c.remove("l")
		c.write("l/drin", "drin l")
		c.must(os.Remove(s.Path("r")))
		c.remove("ld")
		c.write("ld", "datei l")
		c.must(os.RemoveAll(s.Path("rd")))
		on(t, s, "l=dort bearbeitet", "r/drin=drin r", "ld/x=dort tief bearbeitet", "rd=datei r")
		c.write("r", "hier bearbeitet")
		c.write("rd/x", "hier tief bearbeitet")
		c.settle()
		got := tree(t, s.Root)
		c.same("disk", tree(t, c.root), got)
		all := contents(got)
		for _, want := range []string{"drin l", "drin r", "datei l", "datei r", "dort bearbeitet", "hier bearbeitet", "dort tief bearbeitet", "hier tief bearbeitet", "z"} {
			if !all[want] {
				t.Errorf("%q is lost: %q", want, brief(got))
			}
		}
	})
}

// TestCase45RecreatedOnTheServer: what was deleted and made again there between two runs is an edit, not a deletion.
func TestCase45RecreatedOnTheServer(t *testing.T) {
	each(t, func(t *testing.T, s *servertest.DAVServer) {
		c := settled(t, s, "a=alt", "d/b=alt", "z=z")
		before := c.w.Report()
		c.must(os.Remove(s.Path("a")))
		c.must(os.RemoveAll(s.Path("d")))
		on(t, s, "a=neu gemacht", "d/b=auch neu gemacht")
		c.settle()
		c.want(s, "a=neu gemacht", "d/", "d/b=auch neu gemacht", "z=z")
		if r := c.w.Report(); r.Deleted != before.Deleted || r.Conflicts != before.Conflicts || r.Downloaded-before.Downloaded != 2 {
			t.Errorf("before %+v, after %+v", before, r)
		}
	})
}

// TestCase02Timeouts: a folder that is not listed in time, or whose listing breaks off, is left alone, though something in it
// is gone; once it is listed that is done.
func TestCase02Timeouts(t *testing.T) {
	s := servertest.Apache(t)
	c, p := through(t, s, "a=a", "d/b=b", "d/e/c=c")
	whole := tree(t, c.root)
	c.must(os.Remove(s.Path("d/b"))) // nobody has seen that yet
	for name, answer := range map[string]func(http.ResponseWriter){
		"too late": func(w http.ResponseWriter) { w.WriteHeader(http.StatusGatewayTimeout) },
		"broken":   func(http.ResponseWriter) { panic(http.ErrAbortHandler) },
	} {
		var asked atomic.Int32 // a proxy's answers come on goroutines of their own
		p.on(func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method != "PROPFIND" || !strings.HasPrefix(r.URL.Path, "/d/") {
				return false
			}
			asked.Add(1)
			answer(w)
			return true
		})
		for n := range int32(2) {
			_ = c.trySync() // with or without an error
			c.same(name, tree(t, c.root), whole)
			if got := asked.Load(); got <= n {
				t.Errorf("%s: asked %d times in %d runs", name, got, n+1)
			}
		}
	}
	p.on(nil)
	c.settle()
	c.want(s, "a=a", "d/", "d/e/", "d/e/c=c")
}
