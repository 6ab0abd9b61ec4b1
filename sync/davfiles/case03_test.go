// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"kontor/app/files"
	"kontor/sync/servertest"
	"kontor/sync/transport"
)

// TestCase03RootGone: the folder of the account is gone there, or was made anew without anything in it. Nothing is deleted
// here, and what is here does not travel into the void before a person has said so.
func TestCase03RootGone(t *testing.T) {
	each(t, func(t *testing.T, s *servertest.DAVServer) {
		on(t, s, "amt/a=a", "amt/d/b=b", "anderes=x")
		age(t, s, "amt/a", "amt/d/b", "anderes")
		c := join(t, s, s.URL+"amt/")
		c.sync()
		before := tree(t, c.root)
		c.must(os.Rename(s.Path("amt"), s.Path("fort")))
		for range 2 {
			if err := c.trySync(); err == nil {
				t.Error("nobody noticed")
			}
			c.same("disk", tree(t, c.root), before)
		}
		c.must(os.Mkdir(s.Path("amt"), 0o777))
		c.must(os.Chmod(s.Path("amt"), 0o777)) //nolint:gosec // the server is somebody else
		if err := c.trySync(); !errors.Is(err, transport.ErrPaused) {
			t.Errorf("%v", err)
		}
		c.same("disk", tree(t, c.root), before)
		if got := tree(t, s.Path("amt")); len(got) != 0 {
			t.Errorf("%q", brief(got))
		}
		c.must(os.Remove(s.Path("amt")))
		c.must(os.Rename(s.Path("fort"), s.Path("amt")))
		c.sync()
		c.same("server", tree(t, s.Path("amt")), before)
		c.quiet()
	})
}

// TestCase04Asks: a question about many deletions says on which side, how many and which, is asked once, and goes when its
// reason does; as many as may go without a question go.
func TestCase04Asks(t *testing.T) {
	var words []string
	for i := range 200 {
		words = append(words, fmt.Sprintf("d/%03d=%d", i, i))
	}
	for _, here := range []bool{true, false} {
		s := servertest.Apache(t)
		c := settled(t, s, words...)
		gone := func(i int) {
			if name := fmt.Sprintf("d/%03d", i); here {
				c.remove(name)
			} else {
				c.must(os.Remove(s.Path(name)))
			}
		}
		for i := range 20 {
			gone(i)
		}
		c.sync() // a tenth of them
		if n := len(filesOf(tree(t, s.Root))); n != 180 {
			t.Fatalf("%d files", n)
		}
		for i := 20; i < 80; i++ {
			gone(i)
		}
		for range 2 {
			if err := c.trySync(); !errors.Is(err, transport.ErrPaused) {
				t.Fatal(err)
			}
		}
		open := c.conflicts()
		var d files.ConflictDetail
		if len(open) != 1 || json.Unmarshal(open[0].Detail, &d) != nil {
			t.Fatalf("%+v", open)
		}
		if d.Brake != files.BrakeMassDelete || d.OnServer != here || d.Count != 60 || len(d.Paths) == 0 || !strings.HasPrefix(d.Paths[0], "d/0") {
			t.Errorf("%+v", d)
		}
		for i := 20; i < 80; i++ { // somebody brought them back
			if word := fmt.Sprintf("d/%03d=%d", i, i); here {
				c.write(strings.Split(word, "=")[0], strings.Split(word, "=")[1])
			} else {
				on(t, s, word)
			}
		}
		c.sync()
		if n := len(c.conflicts()); n != 0 {
			t.Errorf("%d questions without a reason", n)
		}
		c.same("server", tree(t, s.Root), tree(t, c.root))
		c.quiet()
	}
}

// TestCase23LostAnswers: the server has done what was asked, and nobody heard of it, on servers that have neither
// identities nor conditions. What was done is known again, without a copy and without doing it twice.
func TestCase23LostAnswers(t *testing.T) {
	for _, method := range []string{"PUT", "MKCOL", "MOVE", "DELETE"} {
		each(t, func(t *testing.T, s *servertest.DAVServer) {
			c, p := through(t, s, "alt=alt", "weg=weg", "umbenannt=inhalt", "d/x=x", "y=y")
			c.write("alt", "geändert")
			c.remove("weg")
			c.rename("umbenannt", "d/neu benannt")
			c.write("neu/y", "neu y")
			address := s.URL
			p.on(func(_ http.ResponseWriter, r *http.Request) bool {
				if r.Method != method || strings.Contains(r.URL.Path, probePrefix) {
					return false
				}
				req, err := http.NewRequest(r.Method, address+strings.TrimPrefix(r.URL.EscapedPath(), "/"), r.Body)
				if err != nil {
					t.Error(err)
					return true
				}
				req.Header, req.ContentLength = r.Header.Clone(), r.ContentLength
				if d := req.Header.Get("Destination"); d != "" {
					req.Header.Set("Destination", strings.Replace(d, p.URL+"/", address, 1))
				}
				if resp, err := p.RoundTrip(req); err == nil {
					_ = resp.Body.Close()
				}
				panic(http.ErrAbortHandler)
			})
			_ = c.trySync()
			p.on(nil)
			c.restart()
			c.settle()
			c.want(s, "alt=geändert", "d/", "d/x=x", "d/neu benannt=inhalt", "neu/", "neu/y=neu y", "y=y")
			if n := len(c.conflicts()); n != 0 {
				t.Errorf("%d conflicts with ourselves", n)
			}
		})
	}
}
