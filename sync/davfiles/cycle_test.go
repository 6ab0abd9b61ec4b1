// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"kontor/app/journal"
	"kontor/sync/servertest"
)

// cycles are changes of one person between two runs in which every item waits for the place of another one.
var cycles = []struct {
	name  string
	moves []string // "from to", or "+folder"
	want  []string
}{
	{"files change their names", []string{"d/b x", "c d/b", "x c"}, []string{"c=b", "d/", "d/b=c", "d/e/", "d/e/f=f", "z=z"}},
	{"three in a ring", []string{"c x", "d/b c", "z d/b", "x z"}, []string{"c=b", "d/", "d/b=z", "d/e/", "d/e/f=f", "z=c"}},
	{"a file takes the name of its folder", []string{"d/e/f x", "d h", "x d"}, []string{"c=c", "d=f", "h/", "h/b=b", "h/e/", "z=z"}},
	{"a folder takes the name of a file in it", []string{"c x", "+c", "x c/c"}, []string{"c/", "c/c=c", "d/", "d/b=b", "d/e/", "d/e/f=f", "z=z"}},
	{"a moved folder does", []string{"c x", "d/e c", "x c/g"}, []string{"c/", "c/f=f", "c/g=c", "d/", "d/b=b", "z=z"}},
	{"folders change their names", []string{"d/e x", "d e", "x d"}, []string{"c=c", "d/", "d/f=f", "e/", "e/b=b", "z=z"}},
	{"a chain", []string{"z y", "c z", "d/b c"}, []string{"c=b", "d/", "d/e/", "d/e/f=f", "y=z", "z=c"}},
}

// TestCase41Cycles: everybody waits for everybody, and still all arrive, by moves and without a conflict.
func TestCase41Cycles(t *testing.T) {
	for _, tc := range cycles {
		t.Run(tc.name, func(t *testing.T) {
			c, s := inStep(t, "put c=c", "mkdir d", "put d/b=b", "mkdir d/e", "put d/e/f=f", "put z=z")
			c.rearrange(tc.moves)
			before := c.w.Report()
			for range 3 {
				c.sync()
			}
			c.both(s, tc.want...)
			if now := c.w.Report(); now.Conflicts != before.Conflicts {
				t.Errorf("%d conflicts with ourselves", now.Conflicts-before.Conflicts)
			}
		})
	}
}

func (c *client) rearrange(moves []string) {
	c.t.Helper()
	for _, m := range moves {
		from, to, move := strings.Cut(m, " ")
		if !move {
			c.must(os.Mkdir(c.path(strings.TrimPrefix(m, "+")), 0o755))
			continue
		}
		c.rename(from, to)
	}
}

// TestCase41CyclesOnRealServers: likewise where items have no identity and conditions may be ignored.
func TestCase41CyclesOnRealServers(t *testing.T) {
	for _, tc := range []int{2, 3} {
		each(t, func(t *testing.T, s *servertest.DAVServer) {
			c := settled(t, s, "c=c", "d/b=b", "d/e/f=f", "z=z")
			c.rearrange(cycles[tc].moves)
			for range 3 {
				c.sync()
			}
			c.want(s, cycles[tc].want...)
			c.quiet()
		})
	}
}

// TestWhatWasInTheWayIsTriedAgain: a folder could not be made since the server had a file of its name. Once that is gone
// there, nobody has to ask for it again.
func TestWhatWasInTheWayIsTriedAgain(t *testing.T) {
	c, s := inStep(t, "put a=a")
	c.must(os.Mkdir(c.path("g"), 0o755))
	c.write("g/x", "x")
	taken := true
	s.failing(func() int { // somebody makes the file right before each request
		if taken {
			if _, there := s.tree()["g"]; !there {
				s.Put("g", "im Weg")
			}
		}
		return 0
	})
	s.edit()
	for range 2 {
		_ = c.trySync()
	}
	taken = false
	s.failing(nil)
	for range 3 {
		c.sync()
	}
	c.same("disk against server", tree(t, c.root), s.tree())
	c.quiet()
	got := contents(s.tree())
	for _, want := range []string{"a", "x", "im Weg"} {
		if !got[want] {
			t.Errorf("%q is lost: %q", want, brief(s.tree()))
		}
	}
}

// TestCase31FolderDeletedHereChangedThere: a folder was deleted here; right before the server hears of it, somebody else
// saves something in it. The change wins, and the rest of the folder stays too: it was deleted as a whole.
func TestCase31FolderDeletedHereChangedThere(t *testing.T) {
	each(t, func(t *testing.T, s *servertest.DAVServer) {
		c, p := through(t, s, "d/a=a", "d/e/b=b", "x=x", "y=y")
		c.remove("d")
		listed := false
		p.on(func(_ http.ResponseWriter, r *http.Request) bool {
			if r.Method == "PROPFIND" && strings.Trim(r.URL.Path, "/") == "d" {
				if listed { // the second look is the one before the deletion
					on(t, s, "d/e/b=neu von dort")
				}
				listed = true
			}
			return false
		})
		_ = c.trySync()
		p.on(nil)
		on(t, s, "d/e/b=neu von dort")
		age(t, s, "d/e/b")
		for range 3 {
			c.sync()
		}
		server := tree(t, s.Root)
		c.same("disk against server", tree(t, c.root), server)
		if server["d/e/b"] != "neu von dort" || server["x"] != "x" {
			t.Errorf("%q", brief(server))
		}
		c.quiet()
	})
}

// TestBothDeleted: what is gone on both sides is forgotten without a word.
func TestBothDeleted(t *testing.T) {
	each(t, func(t *testing.T, s *servertest.DAVServer) {
		c := settled(t, s, "a=a", "d/b=b", "d/e/f=f", "x=x", "y=y", "z=z")
		for _, name := range []string{"a", "d"} {
			c.remove(name)
			c.must(os.RemoveAll(s.Path(name)))
		}
		c.sync()
		c.want(s, "x=x", "y=y", "z=z")
		rows, err := c.db.AllFiles(t.Context(), c.acc.ID)
		if err != nil || len(rows) != 3 {
			t.Errorf("%d entries are known, %v", len(rows), err)
		}
		c.quiet()
	})
}

// TestLocalChangesAreSeenOffline: the journal shows what the disk brought, without a single request.
func TestLocalChangesAreSeenOffline(t *testing.T) {
	c, s := inStep(t, "put a=a", "put b=b", "put c=c", "mkdir d")
	s.Close() // from here on there is no server
	c.write("neu", "neu")
	c.write("a", "geändert")
	c.rename("b", "d/b2")
	c.remove("c")
	c.must(LookLocally(t.Context(), c.w.cfg))
	ops, err := c.db.PendingOps(t.Context(), c.acc.ID)
	c.must(err)
	got := map[string]bool{}
	for _, op := range ops {
		got[string(op.Kind)+" "+op.Target] = op.State == journal.Waiting
	}
	for _, want := range []string{"file.put neu", "file.put a", "file.move d/b2", "file.delete c"} {
		if !got[want] {
			t.Errorf("%s does not wait: %v", want, got)
		}
	}
	if len(got) != 4 {
		t.Errorf("%v", got)
	}
	c.must(LookLocally(t.Context(), c.w.cfg)) // looking twice changes nothing
	again, err := c.db.PendingOps(t.Context(), c.acc.ID)
	if err != nil || len(again) != len(ops) {
		t.Errorf("%d operations after the second look, %v", len(again), err)
	}
}

// TestCase25ClocksThatDisagree: hours between the clocks decide nothing, on either side.
func TestCase25ClocksThatDisagree(t *testing.T) {
	for _, skew := range []time.Duration{-30 * time.Hour, 30 * time.Hour} {
		s := servertest.Apache(t)
		c := settled(t, s, "a=alt", "b=alt", "beide=alt", "x=x")
		set := func(path string) { c.must(os.Chtimes(path, time.Now().Add(skew), time.Now().Add(skew))) }
		c.write("a", "neu von hier")
		set(c.path("a"))
		on(t, s, "b=neu von dort", "beide=dort")
		c.write("beide", "hier geändert")
		set(s.Path("b"))
		set(s.Path("beide"))
		for range 2 {
			c.sync()
		}
		c.want(s, "a=neu von hier", "b=neu von dort", "beide=dort", copyName("beide")+"=hier geändert", "x=x")
		c.quiet()
	}
}

// TestCase59MovingTarget: a file that a program is still writing is left alone until it rests.
func TestCase59MovingTarget(t *testing.T) {
	c, s := inStep(t, "put a=a")
	f, err := os.Create(c.path("wird"))
	c.must(err)
	defer f.Close() //nolint:errcheck // the test has failed by then
	stop := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-stop:
				return
			default:
				_, _ = f.WriteString("noch eine Zeile\n")
			}
		}
	}()
	_ = c.trySync()
	close(stop)
	<-ended
	c.must(f.Close())
	for range 3 {
		c.sync()
	}
	b, err := os.ReadFile(c.path("wird"))
	c.must(err)
	if got := s.tree()["wird"]; got != string(b) {
		t.Errorf("the server has %d octets of %d", len(got), len(b))
	}
	if n := len(c.conflicts()); n != 0 {
		t.Errorf("%d conflicts with ourselves", n)
	}
	c.quiet()
}

// TestAFolderThatGoesOnlyInPart: the server says that it could not delete all of a folder. What is left comes back.
func TestAFolderThatGoesOnlyInPart(t *testing.T) {
	s := servertest.Apache(t)
	c, p := through(t, s, "d/a=a", "d/b=b", "x=x", "y=y", "z=z")
	c.remove("d")
	p.on(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodDelete || strings.Trim(r.URL.Path, "/") != "d" {
			return false
		}
		c.must(os.Remove(s.Path("d/a")))
		w.WriteHeader(http.StatusMultiStatus)
		_, _ = w.Write([]byte(`<?xml version="1.0"?><D:multistatus xmlns:D="DAV:"><D:response><D:href>/d/b</D:href><D:status>HTTP/1.1 423 Locked</D:status></D:response></D:multistatus>`))
		return true
	})
	for range 2 {
		c.sync()
	}
	p.on(nil)
	c.sync()
	c.want(s, "d/", "d/b=b", "x=x", "y=y", "z=z")
	c.quiet()
}
