// SPDX-License-Identifier: EUPL-1.2

package servertest

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"
)

// CloudOptions change what the cloud has. The zero value is a Nextcloud with all its usual apps.
type CloudOptions struct {
	TLS                                             bool
	NoChunks, NoBulk, NoTrash, NoVersions, NoShares bool
	NoInfinity                                      bool   // Depth: infinity is refused
	Quota                                           int64  // octets for all files, 0 for no bound
	SharePassword                                   bool   // links need a password of ten characters
	ShareDays                                       int    // links may live for so many days at most, 0 for any time
	OwnCloud                                        bool   // an ownCloud 10: no bulk upload, no versions by label, SHA1 preferred
	TagOfTime                                       bool   // a file's tag is made of the time of its change, as by ownCloud Infinite Scale
	Hidden                                          bool   // status.php and the OCS interface are closed by the administration
	MaxChunk                                        int64  // octets of a piece at most, 0 for 100 MiB
	Subfolder                                       string // the path that the cloud is installed below, "/cloud"
}

// CloudServer stands in for a Nextcloud, which no test can start: it answers like one was seen to (files.md) on
// loopback. Everything is kept in memory.
type CloudServer struct {
	URL  string // of the user's files
	Base string // of the whole server, with a slash at its end
	Addr string
	// Certs is not nil with CloudOptions.TLS.
	Certs *Certificates

	opts     CloudOptions
	instance string // is appended to the numbers of items in oc:id
	http     *httptest.Server
	faults   sync.Mutex // what a test says of requests is asked one at a time
	mu       sync.Mutex
	items    map[string]*cloudItem // by path, "" is the root
	trash    map[string]*cloudItem // by the name in the bin
	uploads  map[string]*cloudUpload
	shares   []cloudShare
	flows    map[string]*cloudFlow // by their poll token
	apps     map[string]bool       // passwords of apps
	sessions map[string]bool
	locked   map[string]bool
	locker   string            // who locks what is locked
	people   map[string]string // names of people by what they sign in as
	next     int
	now      time.Time
	logins   int
	requests []string
	closed   bool // maintenance
	// fault, if set, is asked at each request.
	fault func(*http.Request) CloudFault
}

// CloudFault is what goes wrong with a request.
type CloudFault int

// The faults.
const (
	FaultNone   CloudFault = iota
	FaultBefore            // the connection breaks before the server has acted
	FaultAfter             // the connection breaks after the server has acted
	FaultCut               // the connection breaks in the middle of the answer
)

// cloudItem is a file or a folder.
type cloudItem struct {
	dir      bool
	content  string
	id, tag  int
	at       time.Time
	sum      string // OC-Checksum as it came
	perms    string // of oc:permissions, empty for all
	versions []cloudVersion
	author   string // who made the content, empty where the server does not know
	owner    string // empty for the user
	origin   string // in the bin: where it lay
	deleted  time.Time
	below    map[string]*cloudItem // in the bin: what lay in a folder, by the path from it
}

type cloudVersion struct {
	content string
	at      time.Time
	author  string
}

// Cloud starts a cloud for the test.
func Cloud(t testing.TB, opts ...CloudOptions) *CloudServer {
	t.Helper()
	c := &CloudServer{
		items: map[string]*cloudItem{}, trash: map[string]*cloudItem{}, uploads: map[string]*cloudUpload{}, flows: map[string]*cloudFlow{},
		apps: map[string]bool{}, sessions: map[string]bool{}, locked: map[string]bool{}, people: map[string]string{}, now: time.Now().Add(-time.Hour).Truncate(time.Second),
	}
	if len(opts) > 0 {
		c.opts = opts[0]
	}
	c.instance = "oc" + strings.ToLower(rand.Text()[:10])
	c.items[""] = c.item(true, "")
	c.http = httptest.NewUnstartedServer(http.HandlerFunc(c.serve))
	if c.opts.TLS {
		c.Certs = CA(t)
		c.http.TLS = c.Certs.ServerTLS()
		c.http.StartTLS()
	} else {
		c.http.Start()
	}
	c.Base = c.http.URL + c.opts.Subfolder + "/"
	c.URL = c.Base + "remote.php/dav/files/" + User + "/"
	c.Addr = c.http.Listener.Addr().String()
	t.Cleanup(c.http.Close)
	return c
}

func (c *CloudServer) item(dir bool, content string) *cloudItem {
	c.next++
	return &cloudItem{dir: dir, content: content, id: c.next, tag: c.next, at: c.tick()}
}

// tick is a clock that shows each second once, so that no two versions have the same time.
func (c *CloudServer) tick() time.Time {
	c.now = c.now.Add(time.Second)
	return c.now
}

// Close ends the server.
func (c *CloudServer) Close() { c.http.Close() }

// Failing sets what goes wrong from now on; nil for nothing.
func (c *CloudServer) Failing(fault func(*http.Request) CloudFault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fault = fault
}

// Maintain switches the mode in which a cloud answers 503 to everything.
func (c *CloudServer) Maintain(on bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = on
}

// Lock makes a path answer 423, as one that somebody edits in the browser.
func (c *CloudServer) Lock(path string, on bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.locked[path] = on
}

// LockAs is Lock by a person that the cloud names.
func (c *CloudServer) LockAs(path, user string) {
	c.by(func() { c.locked[path], c.locker = true, user })
}

// Know lets the cloud tell what a person is called who signs in as user.
func (c *CloudServer) Know(user, name string) { c.by(func() { c.people[user] = name }) }

// Author says who made the present content of a path.
func (c *CloudServer) Author(path, user string) { c.by(func() { c.items[path].author = user }) }

// Own says whose an item is that is shared with the user.
func (c *CloudServer) Own(path, user string) { c.by(func() { c.items[path].owner = user }) }

// Grant sets the letters of oc:permissions of a path; "" for all that a person's own items have.
func (c *CloudServer) Grant(path, letters string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.items[path].perms = letters
	c.touch(path)
}

// SetQuota bounds what may be stored; 0 for no bound.
func (c *CloudServer) SetQuota(octets int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.opts.Quota = octets
}

// SetInfinity allows or refuses listings with Depth: infinity from now on.
func (c *CloudServer) SetInfinity(on bool) { c.by(func() { c.opts.NoInfinity = !on }) }

// SetChecksum stores a checksum without looking at the content, as an upload with a wrong one does.
func (c *CloudServer) SetChecksum(path, sum string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.items[path].sum = sum
}

// Checksum is what was sent as OC-Checksum with a file.
func (c *CloudServer) Checksum(path string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if it := c.items[path]; it != nil {
		return it.sum
	}
	return ""
}

// Requests gives what was asked since the last call, as "METHOD /path".
func (c *CloudServer) Requests() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := c.requests
	c.requests = nil
	return all
}

// Logins counts how often the password itself was checked: what a server with slow hashes suffers from.
func (c *CloudServer) Logins() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.logins
}

// touch gives a path and every folder above it a new ETag.
func (c *CloudServer) touch(p string) {
	c.next++
	for {
		if it := c.items[p]; it != nil {
			it.tag = c.next
		}
		if p == "" {
			return
		}
		p = up(p)
	}
}

func up(p string) string { return strings.TrimPrefix(path.Dir("/"+p), "/") }

func within(p, folder string) bool {
	return folder == "" || p == folder || strings.HasPrefix(p, folder+"/")
}

func (c *CloudServer) put(p, content string) *cloudItem {
	it := c.items[p]
	if it == nil {
		it = c.item(false, content)
		c.items[p] = it
	} else {
		if !c.opts.NoVersions {
			it.versions = append(it.versions, cloudVersion{it.content, it.at, it.author})
		}
		it.content, it.sum, it.author, it.at = content, "", "", c.tick()
	}
	c.touch(p)
	return it
}

func (c *CloudServer) mkdir(p string) {
	c.items[p] = c.item(true, "")
	c.touch(p)
}

// below lists what lies in a folder at any depth, in order.
func (c *CloudServer) below(folder string) []string {
	var all []string
	for p := range c.items {
		if p != "" && p != folder && within(p, folder) {
			all = append(all, p)
		}
	}
	slices.Sort(all)
	return all
}

// remove takes an item out of the tree, into the bin where there is one.
func (c *CloudServer) remove(p string) {
	it := c.items[p]
	if it == nil {
		return
	}
	it.below = map[string]*cloudItem{}
	for _, b := range c.below(p) {
		it.below[strings.TrimPrefix(b, p+"/")] = c.items[b]
		delete(c.items, b)
	}
	delete(c.items, p)
	c.touch(up(p))
	if !c.opts.NoTrash {
		it.origin, it.deleted = p, c.tick()
		c.trash[fmt.Sprintf("%s.d%d", path.Base(p), it.deleted.Unix())] = it
	}
}

func (c *CloudServer) move(from, to string) {
	for _, p := range append(c.below(from), from) {
		c.items[to+strings.TrimPrefix(p, from)] = c.items[p]
		delete(c.items, p)
	}
	c.touch(up(from)) // the item itself keeps its tag
	c.touch(up(to))
}

// Put stores a file as another client would.
func (c *CloudServer) Put(path, content string) { c.by(func() { c.put(path, content) }) }

// Mkdir makes a folder as another client would.
func (c *CloudServer) Mkdir(path string) { c.by(func() { c.mkdir(path) }) }

// Move moves an item as another client would.
func (c *CloudServer) Move(from, to string) { c.by(func() { c.move(from, to) }) }

// Remove deletes an item as another client would.
func (c *CloudServer) Remove(path string) { c.by(func() { c.remove(path) }) }

func (c *CloudServer) by(change func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change()
}

// Edit changes the tree by words: "put path=content", "mkdir path", "mv from to", "rm path".
func (c *CloudServer) Edit(words ...string) {
	for _, w := range words {
		verb, rest, _ := strings.Cut(w, " ")
		switch verb {
		case "put":
			p, content, _ := strings.Cut(rest, "=")
			c.Put(p, content)
		case "mkdir":
			c.Mkdir(rest)
		case "mv":
			from, to, _ := strings.Cut(rest, " ")
			c.Move(from, to)
		case "rm":
			c.Remove(rest)
		}
	}
}

// Tree reads all files: folders as "name/", files with their content.
func (c *CloudServer) Tree() map[string]string {
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

// used is how many octets all files take.
func (c *CloudServer) used() int64 {
	var n int64
	for _, it := range c.items {
		n += int64(len(it.content))
	}
	return n
}

// room reports whether so many octets more have their place.
func (c *CloudServer) room(more int64) bool {
	return c.opts.Quota == 0 || c.used()+more <= c.opts.Quota
}

// composed is the form in which a cloud stores names.
func composed(name string) string { return norm.NFC.String(name) }
