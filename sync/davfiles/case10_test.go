// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"kontor/sync/servertest"
)

// listsTags tells of the servers of each whether a listing names the versions. Where it does not, a download is looked at
// again by its time, and begins anew when it was cut.
func listsTags(t *testing.T) bool { return !strings.HasSuffix(t.Name(), "/nginx") }

// TestCase10PageOfTheSameLength: what tells a page from a file is not its length alone.
func TestCase10PageOfTheSameLength(t *testing.T) {
	const page = "<html><title>Hotel</title></html>"
	each(t, func(t *testing.T, s *servertest.DAVServer) {
		c, p := through(t, s, "a.ods=alt", "x=x")
		on(t, s, "a.ods="+strings.Repeat("n", len(page)))
		age(t, s, "a.ods")
		p.on(func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method != http.MethodGet {
				return false
			}
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = io.WriteString(w, page)
			return true
		})
		for range 2 {
			_ = c.trySync()
			c.same("disk", tree(t, c.root), map[string]string{"a.ods": "alt", "x": "x"})
		}
		p.on(nil)
		c.sync()
		c.want(s, "a.ods="+strings.Repeat("n", len(page)), "x=x")
		c.quiet()
	})
}

// TestCase12SameLength: a version that came while the older one was asked for is not taken for that, though it is as long.
func TestCase12SameLength(t *testing.T) {
	each(t, func(t *testing.T, s *servertest.DAVServer) {
		c, p := through(t, s, "a=alt", "x=x")
		on(t, s, "a=zweite Fassung")
		age(t, s, "a")
		once := sync.Once{}
		p.on(func(_ http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodGet {
				once.Do(func() { on(t, s, "a=dritte Fassung") })
			}
			return false
		})
		c.sync()
		if listsTags(t) {
			c.same("disk", tree(t, c.root), map[string]string{"a": "alt", "x": "x"})
		}
		c.sync()
		c.want(s, "a=dritte Fassung", "x=x")
		c.quiet()
	})
}

// TestCase13RangesOfRealServers: each server continues a download that was cut; one that hands out another part than the
// one asked for is asked for the whole.
func TestCase13RangesOfRealServers(t *testing.T) {
	each(t, func(t *testing.T, s *servertest.DAVServer) {
		big := strings.Repeat("0123456789abcdef", 16<<10)
		c, p := through(t, s, "x=x")
		on(t, s, "big="+big)
		age(t, s, "big")
		step, tag, asked := 0, "", []string{}
		p.on(func(w http.ResponseWriter, r *http.Request) bool {
			switch {
			case r.Method == http.MethodHead || r.URL.Path != "/big":
			case r.Method == http.MethodGet:
				asked = append(asked, r.Header.Get("Range"))
				switch step++; step {
				case 1:
					cutBody(w, http.StatusOK, http.Header{"Etag": {tag}}, big[:100_000])
					return true
				case 2:
					part := big[50_000:]
					w.Header().Set("Content-Range", fmt.Sprintf("bytes 50000-%d/%d", len(big)-1, len(big)))
					w.WriteHeader(http.StatusPartialContent)
					_, _ = io.WriteString(w, part)
					return true
				case 4:
					cutBody(w, http.StatusOK, http.Header{"Etag": {tag}}, big[:70_000])
					return true
				}
			}
			return false
		})
		row := func() string {
			r, err := c.db.FileByPath(t.Context(), c.acc.ID, "big")
			if err != nil {
				return ""
			}
			return r.Remote.ETag
		}
		for range 4 {
			_ = c.trySync()
			tag = row()
		}
		c.want(s, "x=x", "big="+big)
		if listsTags(t) && (len(asked) < 3 || asked[1] != "bytes=100000-" || asked[2] != "") {
			t.Errorf("asked for %q", asked)
		}
		c.quiet()
	})
}

// TestCase20StoredShort: a server says that an upload was stored, but kept a part of it only. It does not count as in step,
// and the stub never replaces what is here.
func TestCase20StoredShort(t *testing.T) {
	each(t, func(t *testing.T, s *servertest.DAVServer) {
		c, p := through(t, s, "a=alt", "x=x")
		words := map[string]string{"a": "eine neue Fassung", "neu": "eine neue Datei"}
		for name, content := range words {
			c.write(name, content)
		}
		var mu sync.Mutex // both uploads come at once
		lost := map[string]bool{}
		p.on(func(w http.ResponseWriter, r *http.Request) bool {
			name := strings.TrimPrefix(r.URL.Path, "/")
			mu.Lock()
			defer mu.Unlock()
			if r.Method != http.MethodPut || words[name] == "" || lost[name] {
				return false
			}
			lost[name] = true
			_, _ = io.Copy(io.Discard, r.Body)
			c.must(os.WriteFile(s.Path(name), []byte(words[name][:7]), 0o644))
			w.WriteHeader(http.StatusCreated)
			return true
		})
		for range 4 {
			_ = c.trySync()
		}
		got := tree(t, c.root)
		for name, content := range words {
			if !contents(got)[content] {
				t.Errorf("%s: %q is lost: %q", name, content, brief(got))
			}
		}
		c.same("server", tree(t, s.Root), got)
		if len(lost) != 2 {
			t.Errorf("%d uploads", len(lost))
		}
		c.quiet()
	})
}
