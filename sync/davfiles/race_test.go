// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"kontor/app/journal"
	"kontor/sync/servertest"
)

// before lets something happen on the server right before the first request of a method for a path is passed on.
func (p *interposer) before(method, path string, act func()) {
	var once sync.Once
	p.on(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == method && r.URL.Path == path {
			once.Do(act)
		}
		return false
	})
}

// TestUploadRaces: between the plan and the upload somebody else saves the same, takes the file away, puts a folder in
// its place or saves something of the same size. Nothing is lost, and a copy is only made where there is a difference.
func TestUploadRaces(t *testing.T) {
	for name, tc := range map[string]struct {
		act    func(t *testing.T, s *servertest.DAVServer)
		want   []string
		copies int
	}{
		"the same content": {func(t *testing.T, s *servertest.DAVServer) { on(t, s, "a=neu"); age(t, s, "a") }, []string{"a=neu", "x=x", "y=y"}, 0},
		"gone":             {func(t *testing.T, s *servertest.DAVServer) { _ = os.Remove(s.Path("a")) }, []string{"a=neu", "x=x", "y=y"}, 0},
		"the same size":    {func(t *testing.T, s *servertest.DAVServer) { on(t, s, "a=ihr"); age(t, s, "a") }, []string{"a=ihr", copyName("a") + "=neu", "x=x", "y=y"}, 1},
		"another size":     {func(t *testing.T, s *servertest.DAVServer) { on(t, s, "a=von dort"); age(t, s, "a") }, []string{"a=von dort", copyName("a") + "=neu", "x=x", "y=y"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := servertest.Apache(t)
			c, p := through(t, s, "a=alt", "x=x", "y=y")
			c.write("a", "neu")
			p.before(http.MethodPut, "/a", func() { tc.act(t, s) })
			for range 3 {
				c.sync()
			}
			c.want(s, tc.want...)
			if n := len(c.conflicts()); n != tc.copies {
				t.Errorf("%d conflicts, want %d", n, tc.copies)
			}
			c.quiet()
		})
	}
}

// TestCase60WrongRefusals: a server that refuses an upload although nothing has changed there, as Apache does while a file
// is young, is looked at again, and no copy is made.
func TestCase60WrongRefusals(t *testing.T) {
	s := servertest.Apache(t)
	c, p := through(t, s, "a=alt", "x=x")
	c.write("a", "neu")
	refused := 0
	p.on(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPut && r.URL.Path == "/a" && refused < 2 {
			refused++
			w.WriteHeader(http.StatusPreconditionFailed)
			return true
		}
		return false
	})
	for range 3 {
		_ = c.trySync()
	}
	p.on(nil)
	c.sync()
	c.want(s, "a=neu", "x=x")
	if n := len(c.conflicts()); n != 0 || refused == 0 {
		t.Errorf("%d conflicts with ourselves after %d refusals", n, refused)
	}
	c.quiet()
}

// TestCase62NoRightToWrite: an edit of a file that the server keeps to itself stays on the disk, is shown as refused, and
// is not overwritten by later versions of the server; what else there is goes on.
func TestCase62NoRightToWrite(t *testing.T) {
	s := servertest.Apache(t)
	c, p := through(t, s, "a=alt", "x=x")
	c.write("a", "meine Fassung")
	c.write("gut", "gut")
	p.on(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPut && r.URL.Path == "/a" {
			w.WriteHeader(http.StatusForbidden)
			return true
		}
		return false
	})
	for range 2 {
		c.sync()
	}
	if got := tree(t, c.root)["a"]; got != "meine Fassung" || tree(t, s.Root)["gut"] != "gut" {
		t.Errorf("on the disk %q, on the server %q", got, brief(tree(t, s.Root)))
	}
	ops, err := c.db.PendingOps(t.Context(), c.acc.ID)
	if err != nil || len(ops) != 1 || ops[0].State != journal.Failed || !strings.Contains(ops[0].LastError, "403") {
		t.Fatalf("%+v, %v", ops, err)
	}
	on(t, s, "a=deren neue Fassung")
	age(t, s, "a")
	p.on(nil)
	for range 3 {
		c.sync()
	}
	got := contents(tree(t, c.root))
	if !got["meine Fassung"] || !got["deren neue Fassung"] {
		t.Errorf("lost: %q", brief(tree(t, c.root)))
	}
	c.same("disk against server", tree(t, c.root), tree(t, s.Root))
}

// TestCase66PauseInMidTransfer: a download and an upload that a person breaks off leave nothing half done, and go on later.
func TestCase66PauseInMidTransfer(t *testing.T) {
	s := servertest.Apache(t)
	c, p := through(t, s, "x=x")
	big := strings.Repeat("0123456789", 50_000)
	on(t, s, "von dort="+big)
	age(t, s, "von dort")
	c.write("von hier", big)
	for _, method := range []string{http.MethodPut, http.MethodGet} {
		ctx, cancel := context.WithCancel(t.Context())
		p.on(func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method != method || !strings.HasPrefix(r.URL.Path, "/von ") {
				return false
			}
			if method == http.MethodGet {
				w.Header().Set("Content-Length", fmt.Sprint(len(big)))
				_, _ = w.Write([]byte(big[:100_000]))
			} else {
				_, _ = r.Body.Read(make([]byte, 1000))
			}
			_ = http.NewResponseController(w).Flush()
			cancel()
			select {
			case <-r.Context().Done():
			case <-time.After(200 * time.Millisecond):
			}
			panic(http.ErrAbortHandler)
		})
		c.must(c.e.Recover(t.Context()))
		_ = c.e.RunOnce(ctx, nil)
		cancel()
		for name, content := range tree(t, c.root) {
			if strings.HasPrefix(name, "von") && content != big {
				t.Errorf("after a break of %s %q holds %d octets", method, name, len(content))
			}
		}
	}
	p.on(nil)
	for range 3 {
		c.sync()
	}
	c.want(s, "x=x", "von dort="+big, "von hier="+big)
	if n := len(c.conflicts()); n != 0 {
		t.Errorf("%d conflicts with ourselves", n)
	}
	c.quiet()
}

// TestCase64ManyFiles: a folder of thousands costs one listing, and a second run nothing more than a look at the root.
func TestCase64ManyFiles(t *testing.T) {
	words := []string{"mkdir d"}
	for i := range 1000 {
		words = append(words, fmt.Sprintf("put d/%04d=", i))
	}
	c, s := inStep(t, words...)
	before := c.w.Report()
	c.sync()
	if now := c.w.Report(); now.Requests-before.Requests > 2 || now.Downloaded != before.Downloaded {
		t.Errorf("a look without news: %d requests", now.Requests-before.Requests)
	}
	s.edit("put d/0007=neu", "rm d/0008")
	before = c.w.Report()
	c.sync()
	if now := c.w.Report(); now.Requests-before.Requests > 8 || now.Downloaded-before.Downloaded != 1 {
		t.Errorf("two changes: %d requests, %d downloads", now.Requests-before.Requests, now.Downloaded-before.Downloaded)
	}
	got := tree(t, c.root)
	if _, there := got["d/0008"]; there || got["d/0007"] != "neu" || len(got) != 1000 {
		t.Errorf("%d items", len(got))
	}
}
