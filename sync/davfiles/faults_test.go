// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"kontor/app/files"
	"kontor/app/journal"
	"kontor/storage"
	"kontor/sync/servertest"
	"kontor/sync/transport"
)

// interposer stands between the client and a real server and changes what a test wants changed.
type interposer struct {
	*httptest.Server
	*http.Transport // to the real server
	mu              sync.Mutex
	hit             func(http.ResponseWriter, *http.Request) bool // true: it has answered
}

func interpose(t *testing.T, s *servertest.DAVServer) *interposer {
	t.Helper()
	target, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	p := &interposer{}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			if d := r.In.Header.Get("Destination"); d != "" {
				u, err := url.Parse(d)
				if err == nil {
					u.Scheme, u.Host = target.Scheme, target.Host
					u.Path, u.RawPath = strings.TrimSuffix(target.Path, "/")+u.Path, ""
					r.Out.Header.Set("Destination", u.String())
				}
			}
		},
	}
	if p.Transport = (&http.Transport{}); s.Certs != nil {
		p.TLSClientConfig = s.Certs.ClientTLS()
	}
	proxy.Transport = p.Transport
	t.Cleanup(p.CloseIdleConnections)
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		hit := p.hit
		p.mu.Unlock()
		if hit == nil || !hit(w, r) {
			proxy.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *interposer) on(hit func(http.ResponseWriter, *http.Request) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hit = hit
}

// through is settled with an interposer in between.
func through(t *testing.T, s *servertest.DAVServer, words ...string) (*client, *interposer) {
	t.Helper()
	on(t, s, words...)
	for _, w := range words {
		name, _, _ := strings.Cut(w, "=")
		age(t, s, name)
	}
	p := interpose(t, s)
	c := join(t, s, p.URL+"/")
	c.sync()
	return c, p
}

// record makes the interposer pass everything and the test see what was asked.
func cutBody(w http.ResponseWriter, status int, header http.Header, body string) {
	for k, v := range header {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Length", fmt.Sprint(len(body)+1000))
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// Case 1: a listing that is cut, not XML, a page or empty deletes nothing.
func TestCase01BrokenListings(t *testing.T) {
	s := servertest.Apache(t)
	c, p := through(t, s, "a=a", "d/b=b", "d/e/c=c")
	whole := map[string]string{"a": "a", "d/": "", "d/b": "b", "d/e/": "", "d/e/c": "c"}
	item := `<D:response><D:href>/</D:href><D:propstat><D:prop><D:resourcetype><D:collection/></D:resourcetype></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>`
	bad := map[string]func(http.ResponseWriter){
		"cut": func(w http.ResponseWriter) {
			cutBody(w, 207, nil, `<?xml version="1.0"?><D:multistatus xmlns:D="DAV:">`+item)
		},
		"short": func(w http.ResponseWriter) {
			w.WriteHeader(207)
			_, _ = io.WriteString(w, `<?xml version="1.0"?><D:multistatus xmlns:D="DAV:">`+item)
		},
		"empty": func(w http.ResponseWriter) { w.WriteHeader(207) },
		"nothing": func(w http.ResponseWriter) {
			w.WriteHeader(207)
			_, _ = io.WriteString(w, `<D:multistatus xmlns:D="DAV:"/>`)
		},
		"page": func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(207)
			_, _ = io.WriteString(w, "<html><body>Anmeldung</body></html>")
		},
		"portal": func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<html><body>Hotel</body></html>")
		},
	}
	for name, answer := range bad {
		for _, at := range []string{"/", "/d/", "/d/e/"} {
			p.on(func(w http.ResponseWriter, r *http.Request) bool {
				if r.Method != "PROPFIND" || r.URL.Path != at || (r.Header.Get("Depth") == "0" && at != "/") {
					return false
				}
				answer(w)
				return true
			})
			_ = c.trySync() // with or without an error: nothing may go
			c.same(name+" at "+at, tree(t, c.root), whole)
		}
	}
	p.on(nil)
	c.sync()
	c.same("server", tree(t, s.Root), whole)
	if r := c.w.Report(); r.Deleted != 0 {
		t.Errorf("%+v", r)
	}
}

// Case 2: a folder that answers with an error is left alone, the rest goes on.
func TestCase02FolderErrors(t *testing.T) {
	s := servertest.Apache(t)
	c, p := through(t, s, "a=a", "d/b=b", "d/e/c=c")
	for _, status := range []int{403, 404, 423, 500} {
		p.on(func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == "PROPFIND" && strings.HasPrefix(r.URL.Path, "/d/") {
				w.WriteHeader(status)
				return true
			}
			return false
		})
		content := fmt.Sprint("neu ", status)
		on(t, s, "a="+content)
		c.sync()
		c.same(fmt.Sprint(status), tree(t, c.root), map[string]string{"a": content, "d/": "", "d/b": "b", "d/e/": "", "d/e/c": "c"})
	}
}

// Case 3: an empty server is a question, not a deletion; the answer is obeyed.
func TestCase03EmptyServer(t *testing.T) {
	s := servertest.Apache(t)
	c := settled(t, s, "a=a", "d/b=b")
	before := tree(t, c.root)
	for _, n := range []string{"a", "d"} {
		c.must(os.RemoveAll(s.Path(n)))
	}
	if err := c.trySync(); !errors.Is(err, transport.ErrPaused) {
		t.Fatal(err)
	}
	c.same("disk", tree(t, c.root), before)
	open := c.conflicts()
	if len(open) != 1 || !strings.Contains(string(open[0].Detail), string(files.BrakeEmptyServer)) {
		t.Fatalf("%+v", open)
	}
	c.decide(DecisionRestore)
	c.sync()
	c.want(s, "a=a", "d/", "d/b=b")
	c.quiet()
}

func (c *client) decide(d string) {
	c.t.Helper()
	c.must(c.w.disk.updateServer(c.t.Context(), func(s *storage.FileServer) { s.Decision = d }))
}

// Case 4: many deletions at once are a question, on either side.
func TestCase04MassDeletion(t *testing.T) {
	s := servertest.Apache(t)
	var words []string
	for i := range 40 {
		words = append(words, fmt.Sprintf("d/%02d=%d", i, i))
	}
	c := settled(t, s, words...)
	for i := range 20 {
		c.remove(fmt.Sprintf("d/%02d", i))
	}
	if err := c.trySync(); !errors.Is(err, transport.ErrPaused) {
		t.Fatal(err)
	}
	if n := len(tree(t, s.Root)); n != 41 {
		t.Fatalf("%d items are left on the server", n)
	}
	c.decide(DecisionAllow)
	c.sync()
	if n := len(tree(t, s.Root)); n != 21 {
		t.Errorf("%d items are left on the server", n)
	}
	for i := range 15 {
		c.must(os.Remove(s.Path(fmt.Sprintf("d/%02d", 39-i))))
	}
	if err := c.trySync(); !errors.Is(err, transport.ErrPaused) {
		t.Fatal(err)
	}
	c.decide(DecisionRestore)
	c.sync()
	if n := len(tree(t, s.Root)); n != 21 {
		t.Errorf("%d items are on the server", n)
	}
	c.quiet()
}

// Cases 7 and 9: two trees that know nothing of each other are united.
func TestCase09Union(t *testing.T) {
	each(t, func(t *testing.T, s *servertest.DAVServer) {
		on(t, s, "gleich=gleich", "anders=deren!", "nur dort=x", "d/gleich=y")
		c := join(t, s, "")
		c.write("gleich", "gleich")
		c.write("anders", "meine")
		c.write("nur hier", "z")
		c.write("d/gleich", "y")
		c.sync()
		c.sync()
		c.want(s, "gleich=gleich", "anders=deren!", copyName("anders")+"=meine", "nur dort=x", "nur hier=z", "d/", "d/gleich=y")
		c.quiet()
	})
}

// Case 7: the store is lost, the files are not.
func TestCase07LostStore(t *testing.T) {
	s := servertest.Apache(t)
	c := settled(t, s, "a=a", "d/b=b", "d/c=c")
	c.write("a", "geändert")
	again := join(t, s, "")
	again.must(os.Remove(filepath.Join(c.root, files.MarkerName)))
	again.must(os.MkdirAll(filepath.Dir(again.root), 0o755))
	again.must(os.Rename(c.root, again.root))
	again.sync()
	again.sync()
	again.want(s, "a=a", copyName("a")+"=geändert", "d/", "d/b=b", "d/c=c")
	again.quiet()
	c.must(os.MkdirAll(c.root, 0o755))
}

// Case 8: a root that is missing or another one stops everything.
func TestCase08MissingRoot(t *testing.T) {
	s := servertest.Apache(t)
	c := settled(t, s, "a=a", "d/b=b")
	c.must(os.Rename(c.root, c.root+".away"))
	if err := c.trySync(); !errors.Is(err, transport.ErrPaused) {
		t.Fatal(err)
	}
	c.must(os.MkdirAll(c.root, 0o755)) // mounted, but empty
	if err := c.trySync(); !errors.Is(err, transport.ErrPaused) {
		t.Fatal(err)
	}
	c.same("server", tree(t, s.Root), map[string]string{"a": "a", "d/": "", "d/b": "b"})
	c.must(os.Remove(c.root))
	c.must(os.Rename(c.root+".away", c.root))
	c.sync()
	c.quiet()
	c.must(os.RemoveAll(c.root))
	c.decide(DecisionAdopt)
	c.sync()
	c.want(s, "a=a", "d/", "d/b=b")
	c.quiet()
}

// Case 10: a page in place of a file is not installed.
func TestCase10Portal(t *testing.T) {
	s := servertest.Apache(t)
	c, p := through(t, s, "a=alt")
	on(t, s, "a=neue Fassung")
	p.on(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodGet {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<html>Hotel</html>")
			return true
		}
		return false
	})
	_ = c.trySync()
	c.same("disk", tree(t, c.root), map[string]string{"a": "alt"})
	p.on(nil)
	c.sync()
	c.want(s, "a=neue Fassung")
}

// Cases 11 and 13: a download that was cut goes on where it ended, and from the start where the server does not do that.
func TestCase11CutDownload(t *testing.T) {
	for _, ranges := range []bool{true, false} {
		t.Run(fmt.Sprint("ranges ", ranges), func(t *testing.T) {
			s := servertest.Apache(t)
			big := strings.Repeat("0123456789abcdef", 64<<10)
			c, p := through(t, s, "a=alt")
			on(t, s, "big="+big, "a=neu!")
			age(t, s, "big", "a")
			cut := true
			var asked []string
			p.on(func(w http.ResponseWriter, r *http.Request) bool {
				if r.Method != http.MethodGet || r.URL.Path != "/big" {
					return false
				}
				asked = append(asked, r.Header.Get("Range"))
				if !cut && ranges {
					return false
				}
				if !ranges && !cut {
					r.Header.Del("Range")
					r.Header.Del("If-Range")
					return false
				}
				cutBody(w, 200, nil, big[:300000])
				return true
			})
			if err := c.trySync(); !transport.IsConnectionError(err) {
				t.Fatal(err)
			}
			got := tree(t, c.root)
			if got["big"] != "" {
				t.Fatal("half a file was installed")
			}
			cut = false
			c.restart()
			c.sync()
			c.want(s, "big="+big, "a=neu!")
			if ranges && asked[1] != "bytes=300000-" {
				t.Errorf("asked for %q", asked)
			}
			c.quiet()
		})
	}
}

// Case 12: what changes on the server while it is downloaded is not installed.
func TestCase12ChangedDuringDownload(t *testing.T) {
	s := servertest.Apache(t)
	c, p := through(t, s, "a=alt")
	on(t, s, "a=zweite")
	age(t, s, "a")
	once := sync.Once{}
	p.on(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodGet {
			once.Do(func() { on(t, s, "a=dritte Fassung") })
		}
		return false
	})
	c.sync()
	c.same("disk", tree(t, c.root), map[string]string{"a": "alt"})
	c.sync()
	c.want(s, "a=dritte Fassung")
	c.quiet()
}

// Case 14: a download that is shorter than listed is not installed, and does not stop the others.
func TestCase14WrongLength(t *testing.T) {
	s := servertest.Apache(t)
	c, p := through(t, s, "x=x")
	on(t, s, "a=ganze Fassung", "b=b")
	p.on(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodGet && r.URL.Path == "/a" {
			_, _ = io.WriteString(w, "halb")
			return true
		}
		return false
	})
	c.sync()
	c.same("disk", tree(t, c.root), map[string]string{"x": "x", "b": "b"})
	row, err := c.db.FileByPath(t.Context(), c.acc.ID, "a")
	if err != nil || row.Problem != problemServer {
		t.Errorf("%q %v", row.Problem, err)
	}
	p.on(nil)
	c.sync()
	c.want(s, "x=x", "a=ganze Fassung", "b=b")
}

// Case 22: a refused password stops everything, and nothing is taken for deleted.
func TestCase22SignInEnds(t *testing.T) {
	s := servertest.Apache(t)
	c, p := through(t, s, "a=a", "d/b=b")
	whole := tree(t, c.root)
	for _, status := range []int{401, 429, 503} {
		n := 0
		p.on(func(w http.ResponseWriter, _ *http.Request) bool {
			if n++; n > 2 {
				w.Header().Set("Retry-After", "60")
				w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
				w.WriteHeader(status)
				return true
			}
			return false
		})
		err := c.trySync()
		if err == nil || (status == 401) != errors.Is(err, transport.ErrSignIn) {
			t.Errorf("%d: %v", status, err)
		}
		c.same("disk", tree(t, c.root), whole)
	}
	p.on(nil)
	c.sync()
	c.quiet()
}

// Case 55: a name that the server refuses is shown once and not tried for ever; the rest goes on.
func TestCase55RefusedName(t *testing.T) {
	s := servertest.Apache(t)
	c, p := through(t, s, "x=x")
	c.write(".htaccess", "deny")
	c.write("gut", "gut")
	puts := 0
	p.on(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPut && r.URL.Path == "/.htaccess" {
			puts++
			w.WriteHeader(http.StatusForbidden)
			return true
		}
		return false
	})
	for range 3 {
		c.sync()
	}
	c.same("server", tree(t, s.Root), map[string]string{"x": "x", "gut": "gut"})
	ops, err := c.db.PendingOps(t.Context(), 0)
	c.must(err)
	if puts != 1 || len(ops) != 1 || ops[0].State != journal.Failed {
		t.Errorf("%d attempts, %+v", puts, ops)
	}
	c.write(".htaccess", "allow, another content")
	c.sync()
	if puts != 2 {
		t.Errorf("a new content was not tried: %d attempts", puts)
	}
}

// Case 21: one file that the server has no room for waits, smaller ones go on.
func TestCase21NoRoom(t *testing.T) {
	s := servertest.Apache(t)
	c, p := through(t, s, "x=x")
	c.write("gross", strings.Repeat("g", 5000))
	c.write("klein", "k")
	p.on(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPut && r.ContentLength > 1000 {
			w.WriteHeader(http.StatusInsufficientStorage)
			return true
		}
		return false
	})
	c.sync()
	c.same("server", tree(t, s.Root), map[string]string{"x": "x", "klein": "k"})
	p.on(nil)
	c.sync()
	c.want(s, "x=x", "klein=k", "gross="+strings.Repeat("g", 5000))
}

func TestReportIsTheContract(t *testing.T) {
	s := servertest.Apache(t)
	c := settled(t, s, "a=a")
	start := time.Now()
	c.quiet()
	if r := c.w.Report(); r.Downloaded != 1 || r.Requests == 0 || r.Bytes == 0 || time.Since(start) < 0 {
		t.Errorf("%+v", r)
	}
	c.must(c.w.Test(t.Context()))
}
