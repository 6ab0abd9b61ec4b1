// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"kontor/app/journal"
	"kontor/storage"
	"kontor/sync/servertest"
)

// Case 15: a part of an upload that the server kept is recognised as ours.
func TestCase15CutUpload(t *testing.T) {
	each(t, func(t *testing.T, s *servertest.DAVServer) {
		if s.Certs != nil {
			t.Skip("cut below TLS, nothing arrives that a server could keep")
		}
		proxy := servertest.Proxy(t, s.Addr)
		on(t, s, "x=x")
		c := join(t, s, "http://"+proxy.Addr+"/")
		c.sync()
		big := strings.Repeat("0123456789abcdef", 256<<10)
		c.write("big", big)
		c.must(c.w.disk.updateServer(t.Context(), func(s *storage.FileServer) { s.Conditional = storage.AnswerUnknown }))
		if _, err := c.w.conditional(t.Context()); err != nil {
			t.Fatal(err)
		}
		proxy.CutUp(1 << 20)
		if err := c.trySync(); err == nil {
			t.Fatal("the cut was not noticed")
		}
		proxy.CutUp(-1)
		c.restart()
		c.sync()
		c.sync()
		c.want(s, "x=x", "big="+big)
		if n := len(c.conflicts()); n != 0 {
			t.Errorf("%d conflicts", n)
		}
		c.quiet()
	})
}

// Case 16: a file that changes while it is uploaded arrives as it is in the end.
func TestCase16ChangedDuringUpload(t *testing.T) {
	s := servertest.Apache(t)
	c, p := through(t, s, "x=x")
	c.write("a", "erste Fassung")
	once := sync.Once{}
	p.on(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPut && r.URL.Path == "/a" {
			once.Do(func() { c.write("a", "zweite Fassg.") })
		}
		return false
	})
	c.sync()
	c.sync()
	c.want(s, "x=x", "a=zweite Fassg.")
	c.quiet()
}

// Case 17 and 18: the server changed between the plan and the upload.
func TestCase17And18ChangedSincePlanned(t *testing.T) {
	each(t, func(t *testing.T, s *servertest.DAVServer) {
		c, p := through(t, s, "a=alt", "x=x")
		c.write("a", "meine")
		c.write("neu", "meins")
		once := map[string]*sync.Once{"/a": {}, "/neu": {}}
		change := map[string]string{"/a": "a=deren Fassung", "/neu": "neu=deren!"}
		p.on(func(_ http.ResponseWriter, r *http.Request) bool {
			// Right before the upload, or before the look that stands in for its condition.
			if o := once[r.URL.Path]; o != nil && (r.Method == http.MethodPut || r.Method == "PROPFIND") {
				o.Do(func() { on(t, s, change[r.URL.Path]); age(t, s, r.URL.Path[1:]) })
			}
			return false
		})
		for range 3 {
			c.sync()
		}
		c.want(s, "x=x", "a=deren Fassung", copyName("a")+"=meine", "neu=deren!", copyName("neu")+"=meins")
		if n := len(c.conflicts()); n != 2 {
			t.Errorf("%d conflicts", n)
		}
		c.quiet()
	})
}

// Case 19: Apache calls a tag weak just after writing and then refuses it.
func TestCase19And20EditAgainAtOnce(t *testing.T) {
	each(t, func(t *testing.T, s *servertest.DAVServer) {
		c := settled(t, s, "x=x")
		for i := range 4 {
			c.write("a", strings.Repeat("neu ", i+1))
			c.sync()
		}
		c.want(s, "x=x", "a=neu neu neu neu ")
		if n := len(c.conflicts()); n != 0 {
			t.Errorf("%d conflicts with ourselves", n)
		}
		c.quiet()
	})
}

// Case 23: the program ends at a request, before or after the server has acted.
func TestCase23Crashes(t *testing.T) {
	for _, after := range []bool{false, true} {
		for _, method := range []string{"PUT", "MKCOL", "MOVE", "DELETE"} {
			t.Run(fmt.Sprint(method, " after ", after), func(t *testing.T) {
				s := servertest.Apache(t)
				c, p := through(t, s, "alt=alt", "weg=weg", "umbenannt=inhalt", "d/x=x")
				c.write("alt", "geändert")
				c.remove("weg")
				c.rename("umbenannt", "d/neu benannt")
				c.write("neu/y", "y")
				p.on(func(w http.ResponseWriter, r *http.Request) bool {
					if r.Method != method || strings.Contains(r.URL.Path, probePrefix) {
						return false
					}
					if after {
						req, err := http.NewRequest(r.Method, s.URL+strings.TrimPrefix(r.URL.EscapedPath(), "/"), r.Body)
						if err != nil {
							t.Error(err)
							return true
						}
						req.Header, req.ContentLength = r.Header.Clone(), r.ContentLength
						if d := req.Header.Get("Destination"); d != "" {
							req.Header.Set("Destination", strings.Replace(d, p.URL+"/", s.URL, 1))
						}
						resp, err := p.RoundTrip(req)
						if err != nil {
							t.Error(err)
							return true
						}
						_ = resp.Body.Close()
					}
					panic(http.ErrAbortHandler)
				})
				_ = c.trySync()
				p.on(nil)
				// What a crash leaves behind: operations that are stored as running.
				c.must(c.db.Write(t.Context(), func(tx *storage.Tx) error {
					ops, err := tx.PendingOps(t.Context(), 0)
					for _, op := range ops {
						if op.State == journal.InDoubt {
							op.State = journal.Running
							if err := tx.SaveOp(t.Context(), op); err != nil {
								return err
							}
						}
					}
					return err
				}))
				c.restart()
				c.sync()
				c.sync()
				c.want(s, "alt=geändert", "d/", "d/x=x", "d/neu benannt=inhalt", "neu/", "neu/y=y")
				if n := len(c.conflicts()); n != 0 {
					t.Errorf("%d conflicts", n)
				}
				c.quiet()
			})
		}
	}
}

// Case 23, the other direction: files are on the disk, but the store does not know.
func TestCase23CrashBeforeDownloadsWereStored(t *testing.T) {
	s := servertest.Apache(t)
	c := settled(t, s, "a=a", "d/b=b")
	c.must(c.db.Write(t.Context(), func(tx *storage.Tx) error { return tx.ForgetCopies(t.Context(), c.acc.ID) }))
	c.sync()
	c.want(s, "a=a", "d/", "d/b=b")
	if n := len(c.conflicts()); n != 0 {
		t.Errorf("%d conflicts", n)
	}
	c.quiet()
}

// Case 23: a change that replaces a version on the server is on the disk here before it goes, so that a power cut cannot bring
// an older one back that would replace it there. What has lain there for a while, and what is new, is not waited for.
func TestCase23ReplacingUploadsAreOnTheDiskFirst(t *testing.T) {
	s := servertest.Apache(t)
	c, p := through(t, s, "a=eins", "b=eins")
	c.sync()
	var events []string
	var mu sync.Mutex
	note := func(what string) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, what)
	}
	p.on(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPut && !strings.Contains(r.URL.Path, "probe") {
			note("PUT " + r.URL.Path)
		}
		return false
	})
	c.w.flush = func(paths []string) error {
		for _, path := range paths {
			note("on the disk /" + filepath.Base(path))
		}
		return syncEach(paths)
	}
	for _, step := range []struct{ name, want string }{
		{"a", "on the disk /a, PUT /a"},
		{"neu", "PUT /neu"},
	} {
		events = nil
		c.write(step.name, "zwei, und länger")
		c.sync()
		if got := strings.Join(events, ", "); got != step.want {
			t.Errorf("%s: %s, not %s", step.name, got, step.want)
		}
	}
	long := time.Now().Add(-2 * writtenBack).UnixNano()
	events = nil
	c.w.secure(c.path("b"), &storage.FileRow{Remote: storage.FileRemote{Path: "b"}}, storage.FileLocal{ModTime: long, ChangeTime: long})
	if len(events) > 0 {
		t.Errorf("what was written long ago was waited for: %v", events)
	}
}
