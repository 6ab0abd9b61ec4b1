// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"errors"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kontor/app/files"
	"kontor/app/journal"
	"kontor/storage"
	"kontor/sync/dav"
	"kontor/sync/servertest"
)

// asks counts the requests since the last call that begin with a word.
func (c *cloud) asks(prefix string) int {
	n := 0
	for _, r := range c.Requests() {
		if strings.HasPrefix(r, prefix) {
			n++
		}
	}
	return n
}

func (c *client) known() storage.FileServer {
	c.t.Helper()
	s, err := c.db.FileServer(c.t.Context(), c.acc.ID)
	c.must(err)
	return s
}

// at is an installation for another address of a cloud.
func at(t *testing.T, s *cloud, url string) *client {
	t.Helper()
	c := join(t, &servertest.DAVServer{User: servertest.User, Certs: s.Certs}, url)
	c.sync()
	return c
}

// TestOffers: what a server offers is found out at whatever address the account has.
func TestOffers(t *testing.T) {
	all := files.Offers{
		Product: "Nextcloud", Version: "32.0.1", User: "anna", Chunked: true, MaxChunk: 100 << 20, Bulk: true, Trash: true, Versions: true,
		Shares: true, Checksum: "SHA256",
	}
	with := func(change func(*files.Offers)) files.Offers {
		o := all
		change(&o)
		return o
	}
	for _, tc := range []struct {
		name string
		opts servertest.CloudOptions
		url  func(*cloud) string
		want files.Offers
	}{
		{"usual", servertest.CloudOptions{}, nil, all},
		{"old address", servertest.CloudOptions{}, func(c *cloud) string { return c.Base + "remote.php/webdav/" }, all},
		{
			"a folder of it",
			servertest.CloudOptions{TLS: true},
			func(c *cloud) string { return c.URL + "Amt" },
			with(func(o *files.Offers) { o.Folder = "Amt" }),
		},
		{"below a path", servertest.CloudOptions{Subfolder: "/cloud"}, nil, with(func(o *files.Offers) { o.Base = "/cloud" })},
		{
			"bare",
			servertest.CloudOptions{NoChunks: true, NoBulk: true, NoTrash: true, NoShares: true},
			nil,
			with(func(o *files.Offers) {
				o.Chunked, o.MaxChunk, o.Bulk, o.Trash, o.Shares = false, 0, false, false, false
			}),
		},
		{"without versions nothing travels without a condition", servertest.CloudOptions{NoVersions: true}, nil, with(func(o *files.Offers) { o.Versions, o.Bulk = false, false })},
		{"ownCloud", servertest.CloudOptions{OwnCloud: true}, nil, with(func(o *files.Offers) {
			o.Product, o.Version, o.Bulk, o.Checksum = "ownCloud", "10.15.0", false, "SHA1"
		})},
		{"closed", servertest.CloudOptions{Hidden: true}, nil, files.Offers{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newCloud(t, tc.opts)
			s.edit("mkdir Amt", "put Amt/a=a")
			url := s.URL
			if tc.url != nil {
				url = tc.url(s)
			}
			c := at(t, s, url)
			if got := c.known(); got.Offers != tc.want || got.Asked.IsZero() {
				t.Errorf("got  %+v\nwant %+v", got.Offers, tc.want)
			}
			c.write("hier/neu", "neu")
			c.write("hier/noch", "neu")
			c.sync()
			got := s.tree()
			if got[tc.want.Folder+"/hier/neu"] != "neu" && got["hier/neu"] != "neu" && got["Amt/hier/neu"] != "neu" {
				t.Errorf("%q", brief(got))
			}
			c.quiet()
		})
	}
}

// TestOffersAreRemembered: a server is asked once a day, also by another run of the program; a plain one never.
func TestOffersAreRemembered(t *testing.T) {
	c, s := inStep(t, "mkdir d", "put d/a=a")
	if n := s.asks("GET /status.php"); n != 1 {
		t.Errorf("asked %d times", n)
	}
	c.restart()
	c.sync()
	if got := s.Requests(); len(got) != 1 || !strings.HasPrefix(got[0], "PROPFIND") {
		t.Errorf("nothing is new: %q", got)
	}
	c.must(c.w.disk.updateServer(t.Context(), func(s *storage.FileServer) { s.Asked = time.Now().Add(-25 * time.Hour) }))
	c.sync()
	got := s.Requests()
	if !slices.Contains(got, "GET /status.php") || !slices.Contains(got, "GET /ocs/v2.php/cloud/capabilities") {
		t.Errorf("a day later: %q", got)
	}
	c.quiet()
}

// TestSessionSparesThePassword: the password is checked once, whatever is asked; the server finds that slow.
func TestSessionSparesThePassword(t *testing.T) {
	c, s := inStep(t, "mkdir d", "put d/a=a", "put d/b=b", "put c=c")
	for _, name := range []string{"x", "d/y", "z/z"} {
		c.write(name, name)
	}
	c.sync()
	c.sync()
	if n := s.Logins(); n != 1 {
		t.Errorf("the password was checked %d times", n)
	}
}

// Case 22: maintenance is no statement about files, and the server's wish to wait is passed on.
func TestCase22Maintenance(t *testing.T) {
	c, s := inStep(t, "mkdir d", "put d/a=a")
	c.write("neu", "neu")
	s.Maintain(true)
	err := c.trySync()
	if !dav.IsStatus(err, http.StatusServiceUnavailable) || dav.RetryAfter(err) != 2*time.Minute {
		t.Errorf("%v", err)
	}
	c.same("disk", tree(t, c.root), map[string]string{"d/": "", "d/a": "a", "neu": "neu"})
	s.Maintain(false)
	c.sync()
	c.both(s, "d/", "d/a=a", "neu=neu")
}

// Case 1: a listing in one answer that breaks off in its middle deletes nothing, neither the first nor a later one.
func TestCase01CutInTheMiddle(t *testing.T) {
	words := []string{"mkdir d", "mkdir d/e"}
	for _, name := range []string{"a", "b", "d/a", "d/b", "d/e/a", "d/e/b"} {
		words = append(words, "put "+name+"="+name)
	}
	c, s := inStep(t, words...)
	want := s.tree()
	for _, depth := range []string{"infinity", "1"} {
		if depth == "infinity" { // like the first time
			c.must(c.w.disk.updateServer(t.Context(), func(s *storage.FileServer) { s.RootETag = "" }))
		} else {
			s.edit("put d/e/a=neu")
			want["d/e/a"] = "neu"
		}
		s.Failing(func(r *http.Request) servertest.CloudFault {
			if r.Method == "PROPFIND" && r.Header.Get("Depth") == depth {
				return servertest.FaultCut
			}
			return servertest.FaultNone
		})
		if err := c.trySync(); err == nil {
			t.Fatal("the cut was not noticed")
		}
		s.Failing(nil)
		if got := tree(t, c.root); len(got) != len(want) {
			t.Fatalf("depth %s: %q", depth, brief(got))
		}
		c.sync()
		c.same("disk", tree(t, c.root), want)
		c.same("server", s.tree(), want)
	}
}

// TestListsOnlyWhatChanged: how many requests changes at several places of a large tree cost.
func TestListsOnlyWhatChanged(t *testing.T) {
	var words []string
	for _, top := range []string{"a", "b", "c", "d"} {
		words = append(words, "mkdir "+top)
		for _, sub := range []string{"1", "2", "3"} {
			words = append(words, "mkdir "+top+"/"+sub)
			for i := range 8 {
				words = append(words, "put "+top+"/"+sub+"/a"+string(rune('a'+i))+"=x")
			}
		}
	}
	for _, tc := range []struct {
		name     string
		opts     servertest.CloudOptions
		change   []string
		listings int // besides the look at the root
	}{
		{"one file", servertest.CloudOptions{}, []string{"put a/1/aa=neu"}, 2},
		{"one file, folder by folder", servertest.CloudOptions{NoInfinity: true}, []string{"put a/1/aa=neu"}, 3},
		{"a new tree", servertest.CloudOptions{}, []string{"mkdir n", "mkdir n/1", "mkdir n/1/2", "put n/1/2/x=x"}, 2},
		{"a new tree, folder by folder", servertest.CloudOptions{NoInfinity: true}, []string{"mkdir n", "mkdir n/1", "mkdir n/1/2", "put n/1/2/x=x"}, 4},
		{"a folder less", servertest.CloudOptions{}, []string{"rm b/2"}, 2},
		{"everywhere", servertest.CloudOptions{}, []string{"put a/1/aa=n", "put b/1/aa=n", "put c/1/aa=n", "put d/1/aa=n", "put a/3/n=n"}, 2},
		{"a folder moved", servertest.CloudOptions{}, []string{"mv a/1 d/neu"}, 3},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, s := inStepWith(t, newCloud(t, tc.opts), words...)
			s.Requests()
			s.edit(tc.change...)
			c.sync()
			if n := s.asks("PROPFIND"); n > tc.listings+1 {
				t.Errorf("%d listings, want %d", n-1, tc.listings)
			}
			c.same("disk against server", tree(t, c.root), s.tree())
			c.quiet()
		})
	}
}

// TestLongListingsAreRefusedLater: a server that has allowed listings in one answer may stop to, and is walked through.
func TestLongListingsAreRefusedLater(t *testing.T) {
	c, s := inStep(t, "mkdir d", "mkdir d/e", "put d/e/a=a", "put b=b")
	s.SetInfinity(false)
	s.edit("put d/e/a=neu", "mkdir n", "mkdir n/m", "put n/m/x=x")
	c.sync()
	c.both(s, "d/", "d/e/", "d/e/a=neu", "b=b", "n/", "n/m/", "n/m/x=x")
}

// TestOffersThatCannotBeRead: a server that answers something else is used as plain WebDAV; a connection that breaks while
// it is asked ends the run, and it is asked again.
func TestOffersThatCannotBeRead(t *testing.T) {
	s := newCloud(t)
	s.edit("put a=a")
	c := join(t, &servertest.DAVServer{User: servertest.User}, s.URL)
	s.Failing(func(r *http.Request) servertest.CloudFault {
		if strings.HasSuffix(r.URL.Path, "/capabilities") {
			return servertest.FaultCut
		}
		return servertest.FaultNone
	})
	if err := c.trySync(); err == nil || !c.known().Asked.IsZero() {
		t.Errorf("%v, asked %v", err, c.known().Asked)
	}
	s.Failing(nil)
	c.sync()
	c.both(s, "a=a")
	if !c.known().Offers.Cloud() {
		t.Error("it was not asked again")
	}
	var got capabilities // PHP writes an empty object as an array
	if err := unmarshal([]byte(`{"dav":[],"files":{"undelete":true,"versioning":true,"chunked_upload":[]},"files_sharing":{"api_enabled":true,"public":[]}}`), &got); err != nil {
		t.Error(err)
	}
	if o := got.offers(); !o.Trash || !o.Versions || o.Shares || o.Chunked || o.Bulk {
		t.Errorf("%+v", o)
	}
	if err := unmarshal([]byte("<html>"), &got); !errors.Is(err, errAnswer) {
		t.Errorf("%v", err)
	}
}

// TestNextAsksForEverything: whatever is decided, each changed folder is read once, and new ones as a whole where possible.
func TestNextAsksForEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var rows []storage.FileRow
		folders := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-c]{1,3}`), 1, 6, rapid.ID[string]).Draw(t, "folders")
		for _, f := range folders {
			rows = append(rows, storage.FileRow{Dir: true, Remote: storage.FileRemote{Path: f, ETag: "1", FileID: f}})
			for i := range rapid.IntRange(0, 500).Draw(t, "items") {
				rows = append(rows, storage.FileRow{Remote: storage.FileRemote{Path: f + "/" + strings.Repeat("x", i%7) + string(rune('0'+i))}})
			}
		}
		rec := record(rows)
		changed := rapid.SliceOfDistinct(rapid.SampledFrom(append(folders, "neu")), rapid.ID[string]).Draw(t, "changed")
		infinity := rapid.Bool().Draw(t, "infinity")
		got := rec.next("", changed, infinity)
		if got.whole {
			if !infinity || len(got.one)+len(got.down) > 0 {
				t.Fatalf("%+v", got)
			}
			return
		}
		read := append(slices.Clone(got.one), got.down...)
		slices.Sort(read)
		slices.Sort(changed)
		if !slices.Equal(read, changed) || (!infinity && len(got.one) > 0) || (infinity && slices.Contains(got.down, "neu")) {
			t.Fatalf("%v: %+v", changed, got)
		}
		for _, f := range folders {
			for _, r := range rec.below(f) {
				if !strings.HasPrefix(r.Remote.Path, f+"/") {
					t.Fatalf("%s is not below %s", r.Remote.Path, f)
				}
			}
		}
	})
}

// Case 62, the other half: what the server says that it would refuse is not even sent, and goes on once it is granted.
func TestCase62PermissionsAreKnownBefore(t *testing.T) {
	c, s := inStep(t, "mkdir d", "put d/a=a", "put b=b")
	s.Grant("d", "RG")
	s.Grant("b", "RG")
	c.sync()
	s.Requests()
	force := func() { // somebody who insists
		for _, name := range []string{"d", "b"} {
			c.must(os.Chmod(c.path(name), 0o755))
		}
	}
	force()
	t.Cleanup(force)
	c.write("d/neu", "neu")
	c.write("d/neu2", "neu")
	c.write("b", "geändert")
	for range 2 {
		_ = c.trySync()
	}
	for _, r := range s.Requests() {
		if !strings.HasPrefix(r, "PROPFIND") {
			t.Errorf("sent in vain: %s", r)
		}
	}
	ops, err := c.db.PendingOps(t.Context(), c.acc.ID)
	c.must(err)
	if len(ops) != 3 || ops[0].State != journal.Failed || !strings.Contains(ops[0].LastError, "read-only") {
		t.Errorf("%+v", ops)
	}
	if got := tree(t, c.root); got["d/neu"] != "neu" || got["b"] != "geändert" {
		t.Errorf("the edit is gone: %q", brief(got))
	}
	s.Grant("d", "")
	s.Grant("b", "")
	force()
	c.write("d/neu", "neuer")
	c.write("d/neu2", "neuer")
	c.write("b", "noch einmal geändert")
	for range 2 {
		c.sync()
	}
	c.both(s, "d/", "d/a=a", "d/neu=neuer", "d/neu2=neuer", "b=noch einmal geändert")
}
