// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kontor/app/files"
	"kontor/sync/servertest"
)

// cloud is a server in the manner of Nextcloud: items have identities that survive a move, and the ETag of a folder
// changes with everything below it.
type cloud struct {
	*httptest.Server
	mu    sync.Mutex
	items map[string]*cloudItem // by path, "" is the root
	next  int
	// fault, if set, is asked at each request: 0 all is well, 1 the connection breaks before, 2 after the server has acted.
	fault func() int
}

type cloudItem struct {
	dir     bool
	content string
	id, tag int
	at      time.Time
}

func newCloud(t *testing.T) *cloud {
	t.Helper()
	c := &cloud{items: map[string]*cloudItem{}}
	c.items[""] = c.item(true, "")
	c.Server = httptest.NewServer(http.StripPrefix("/dav", http.HandlerFunc(c.serve)))
	t.Cleanup(c.Close)
	return c
}

func (c *cloud) failing(fault func() int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fault = fault
}

func (c *cloud) item(dir bool, content string) *cloudItem {
	c.next++
	return &cloudItem{dir: dir, content: content, id: c.next, tag: c.next, at: time.Unix(1764000000+int64(c.next), 0).UTC()}
}

// touch gives a path and every folder above it a new ETag.
func (c *cloud) touch(path string) {
	c.next++
	for {
		if it := c.items[path]; it != nil {
			it.tag = c.next
		}
		if path == "" {
			return
		}
		path = files.Parent(path)
	}
}

func (c *cloud) put(path, content string) {
	if it := c.items[path]; it != nil {
		it.content = content
	} else {
		c.items[path] = c.item(false, content)
	}
	c.touch(path)
}

func (c *cloud) mkdir(path string) {
	c.items[path] = c.item(true, "")
	c.touch(path)
}

func (c *cloud) below(path string) []string {
	var all []string
	for p := range c.items {
		if p != "" && files.Within(p, path) && p != path {
			all = append(all, p)
		}
	}
	slices.Sort(all)
	return all
}

func (c *cloud) remove(path string) {
	for _, p := range append(c.below(path), path) {
		delete(c.items, p)
	}
	c.touch(files.Parent(path))
}

func (c *cloud) move(from, to string) {
	for _, p := range append(c.below(from), from) {
		c.items[to+strings.TrimPrefix(p, from)] = c.items[p]
		delete(c.items, p)
	}
	c.touch(files.Parent(from))
	c.touch(files.Parent(to))
}

// edit changes the tree as another client would, by words: "put path=content", "mkdir path", "mv from to", "rm path".
func (c *cloud) edit(words ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, w := range words {
		verb, rest, _ := strings.Cut(w, " ")
		switch verb {
		case "put":
			path, content, _ := strings.Cut(rest, "=")
			c.put(path, content)
		case "mkdir":
			c.mkdir(rest)
		case "mv":
			from, to, _ := strings.Cut(rest, " ")
			c.move(from, to)
		case "rm":
			c.remove(rest)
		}
	}
}

func (c *cloud) tree() map[string]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := map[string]string{}
	for p, it := range c.items {
		switch {
		case p == "":
		case it.dir:
			all[p+"/"] = ""
		default:
			all[p] = it.content
		}
	}
	return all
}

func (c *cloud) serve(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	path := strings.Trim(r.URL.Path, "/")
	it := c.items[path]
	if c.fault != nil {
		switch c.fault() {
		case 1:
			panic(http.ErrAbortHandler)
		case 2:
			defer panic(http.ErrAbortHandler)
		}
	}
	tag := ""
	if it != nil {
		tag = fmt.Sprintf(`"%d"`, it.tag)
	}
	match, none := r.Header.Get("If-Match"), r.Header.Get("If-None-Match")
	switch {
	case r.Method == http.MethodOptions:
	case match != "" && match != tag, none == "*" && it != nil:
		w.WriteHeader(http.StatusPreconditionFailed)
	case r.Method == http.MethodPut, r.Method == "MKCOL":
		c.create(w, r, path, it)
	case it == nil:
		w.WriteHeader(http.StatusNotFound)
	case r.Method == "PROPFIND":
		c.propfind(w, r, path)
	case r.Method == http.MethodGet:
		w.Header().Set("ETag", tag)
		_, _ = io.WriteString(w, it.content)
	case r.Method == http.MethodDelete:
		c.remove(path)
		w.WriteHeader(http.StatusNoContent)
	case r.Method == "MOVE":
		c.serveMove(w, r, path)
	default:
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

func (c *cloud) create(w http.ResponseWriter, r *http.Request, path string, it *cloudItem) {
	up := c.items[files.Parent(path)]
	switch {
	case up == nil || !up.dir:
		w.WriteHeader(http.StatusConflict)
	case it != nil && (it.dir || r.Method == "MKCOL"):
		w.WriteHeader(http.StatusMethodNotAllowed)
	case r.Method == "MKCOL":
		c.mkdir(path)
		w.WriteHeader(http.StatusCreated)
	default:
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		c.put(path, string(b))
		w.Header().Set("ETag", fmt.Sprintf(`"%d"`, c.items[path].tag))
		w.WriteHeader(http.StatusCreated)
	}
}

func (c *cloud) serveMove(w http.ResponseWriter, r *http.Request, path string) {
	u, err := url.Parse(r.Header.Get("Destination"))
	to := ""
	if err == nil {
		to = strings.Trim(strings.TrimPrefix(u.Path, "/dav"), "/")
	}
	up := c.items[files.Parent(to)]
	switch {
	case to == "" || files.Within(to, path):
		w.WriteHeader(http.StatusForbidden)
	case up == nil || !up.dir:
		w.WriteHeader(http.StatusConflict)
	case c.items[to] != nil:
		w.WriteHeader(http.StatusPreconditionFailed)
	default:
		c.move(path, to)
		w.WriteHeader(http.StatusCreated)
	}
}

func (c *cloud) propfind(w http.ResponseWriter, r *http.Request, path string) {
	paths := []string{path}
	for _, p := range c.below(path) {
		if d := r.Header.Get("Depth"); d == "infinity" || (d == "1" && files.Parent(p) == path) {
			paths = append(paths, p)
		}
	}
	w.WriteHeader(http.StatusMultiStatus)
	_, _ = io.WriteString(w, `<?xml version="1.0"?><d:multistatus xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns">`)
	for _, p := range paths {
		it := c.items[p]
		kind, href := "", (&url.URL{Path: "/dav/" + p}).EscapedPath()
		if it.dir {
			kind = "<d:collection/>"
			href = strings.TrimSuffix(href, "/") + "/"
		}
		var safe strings.Builder
		_ = xml.EscapeText(&safe, []byte(href))
		fmt.Fprintf(w, `<d:response><d:href>%s</d:href><d:propstat><d:prop><d:resourcetype>%s</d:resourcetype><d:getetag>"%d"</d:getetag>`+
			`<d:getcontentlength>%d</d:getcontentlength><d:getlastmodified>%s</d:getlastmodified><oc:id>%d</oc:id><oc:permissions>RGDNVW</oc:permissions>`+
			`<d:quota-used-bytes>1000</d:quota-used-bytes><d:quota-available-bytes>9000</d:quota-available-bytes></d:prop>`+
			`<d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>`, safe.String(), kind, it.tag, len(it.content), it.at.Format(http.TimeFormat), it.id)
	}
	_, _ = io.WriteString(w, `</d:multistatus>`)
}

// inStep gives a client that is in step with a cloud that was edited like that.
func inStep(t *testing.T, words ...string) (*client, *cloud) {
	t.Helper()
	s := newCloud(t)
	s.edit(words...)
	c := join(t, &servertest.DAVServer{User: "anna"}, s.URL+"/dav/")
	c.sync()
	return c, s
}

func (c *client) both(s *cloud, words ...string) {
	c.t.Helper()
	expect := map[string]string{}
	for _, w := range words {
		name, content, _ := strings.Cut(w, "=")
		expect[name] = content
	}
	c.same("disk", tree(c.t, c.root), expect)
	c.same("server", s.tree(), expect)
	c.quiet()
}

func TestRootTagSavesTheListing(t *testing.T) {
	c, s := inStep(t, "mkdir d", "put d/a=a")
	c.sync()
	before := c.w.Report().Requests
	c.sync()
	if n := c.w.Report().Requests - before; n != 1 {
		t.Errorf("nothing is new, but it asked %d times", n)
	}
	server, err := c.db.FileServer(t.Context(), c.acc.ID)
	if err != nil || server.Used != 1000 || server.Free != 9000 {
		t.Errorf("%+v %v", server, err)
	}
	c.write("d/a", "hier geändert")
	c.sync()
	c.both(s, "d/", "d/a=hier geändert")
	s.edit("put d/b=dort neu")
	c.sync()
	c.both(s, "d/", "d/a=hier geändert", "d/b=dort neu")
}

// Case 43, the other half: what moved on the server is moved here, without a transfer.
func TestCase43RemoteMoves(t *testing.T) {
	c, s := inStep(t, "mkdir d", "mkdir d/tief", "put d/a=a", "put d/tief/b=b", "put x=x", "mkdir z")
	before := c.w.Report()
	s.edit("mv d z/e", "mv x z/e/y")
	c.sync()
	c.both(s, "z/", "z/e/", "z/e/a=a", "z/e/tief/", "z/e/tief/b=b", "z/e/y=x")
	if now := c.w.Report(); now.Downloaded != before.Downloaded || now.Deleted != before.Deleted {
		t.Errorf("a move was a transfer: %+v", now)
	}
}

func TestCase35And36RenameAndEdit(t *testing.T) {
	c, s := inStep(t, "put a=a", "put b=b", "put c=c")
	c.rename("a", "a neu")
	s.edit("put a=dort geändert", "mv b b-neu")
	c.write("b", "hier geändert")
	for range 2 {
		c.sync()
	}
	got := s.tree()
	if got["a neu"] != "dort geändert" || got["b-neu"] != "hier geändert" || got["c"] != "c" || len(got) != 3 {
		t.Errorf("%q", brief(got))
	}
	c.same("disk", tree(t, c.root), got)
	c.quiet()
}

func TestCase37And38Collisions(t *testing.T) {
	c, s := inStep(t, "put a=a", "put x=x", "put y=y")
	c.rename("a", "mein Name")
	s.edit("mv a dein-Name", "mv y ziel")
	c.rename("x", "ziel")
	for range 4 {
		_ = c.trySync()
	}
	got := s.tree()
	contents := map[string]bool{}
	for _, v := range got {
		contents[v] = true
	}
	for _, want := range []string{"a", "x", "y"} {
		if !contents[want] {
			t.Errorf("%s is lost: %q", want, brief(got))
		}
	}
	c.same("disk", tree(t, c.root), got)
}

func TestCase40FolderRenamedThereNewFileHere(t *testing.T) {
	c, s := inStep(t, "mkdir d", "put d/a=a", "put x=x")
	s.edit("mv d e")
	c.write("d/neu", "neu")
	c.sync()
	c.both(s, "e/", "e/a=a", "e/neu=neu", "x=x")
}

func TestCase42FoldersIntoEachOther(t *testing.T) {
	c, s := inStep(t, "mkdir a", "mkdir b", "put a/x=x", "put b/y=y")
	c.rename("a", "b/a")
	s.edit("mv b a/b")
	for range 4 {
		_ = c.trySync()
	}
	contents := map[string]bool{}
	for _, v := range s.tree() {
		contents[v] = true
	}
	if !contents["x"] || !contents["y"] {
		t.Errorf("lost: %q", brief(s.tree()))
	}
	c.same("disk", tree(t, c.root), s.tree())
}
