// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"crypto/sha1" //nolint:gosec // what ownCloud looks at
	"crypto/sha256"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kontor/storage"
	"kontor/sync/servertest"
)

// inPieces is an installation that uploads in pieces of 1000 octets, in step with a cloud.
func inPieces(t *testing.T, opts servertest.CloudOptions, words ...string) (*client, *cloud) {
	t.Helper()
	opts.MaxChunk = 1000 // the server's bound holds, and also after a restart
	c, s := inStepWith(t, newCloud(t, opts), words...)
	s.Requests()
	return c, s
}

// breakAt lets the connection break at the n-th request with a method, counting from 1.
func (c *cloud) breakAt(method string, n int, fault servertest.CloudFault) {
	seen := 0
	c.Failing(func(r *http.Request) servertest.CloudFault {
		if r.Method == method {
			if seen++; seen == n {
				return fault
			}
		}
		return servertest.FaultNone
	})
}

func large(n int, seed string) string { return strings.Repeat(seed, n/len(seed)+1)[:n] }

// TestPieces: pieces cover a file, in order, and are never more than a server numbers.
func TestPieces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total, size := rapid.Int64Range(1, 1<<40).Draw(t, "total"), rapid.Int64Range(1<<20, 1<<30).Draw(t, "size")
		all := pieces(total, size)
		var next int64
		last := ""
		for _, p := range all {
			if p.off != next || p.size <= 0 || p.name <= last || len(p.name) != 5 {
				t.Fatalf("%+v after %d, %s", p, next, last)
			}
			next, last = p.off+p.size, p.name
		}
		if next != total || len(all) > maxPieces {
			t.Fatalf("%d pieces cover %d of %d", len(all), next, total)
		}
	})
}

// Case 24: an upload in pieces that is interrupted at any request goes on where it was, also in another run.
func TestCase24PiecesGoOn(t *testing.T) {
	content := large(4500, "groß ")
	for _, tc := range []struct {
		method string
		n      int
		fault  servertest.CloudFault
		again  int // pieces that are sent after the interruption
	}{
		{"MKCOL", 1, servertest.FaultBefore, 5},
		{"MKCOL", 1, servertest.FaultAfter, 5},
		{http.MethodPut, 3, servertest.FaultBefore, 3},
		{http.MethodPut, 3, servertest.FaultAfter, 2},
		{"MOVE", 1, servertest.FaultBefore, 0},
		{"MOVE", 1, servertest.FaultAfter, 0},
	} {
		t.Run(fmt.Sprint(tc.method, tc.n, tc.fault), func(t *testing.T) {
			c, s := inPieces(t, servertest.CloudOptions{}, "put x=x")
			c.write("groß", content)
			s.breakAt(tc.method, tc.n, tc.fault)
			if err := c.trySync(); err == nil {
				t.Fatal("the interruption was not noticed")
			}
			s.Failing(nil)
			s.Requests()
			c.restart()
			c.sync()
			if n := s.asks("PUT /remote.php/dav/uploads/"); n != tc.again {
				t.Errorf("%d pieces were sent again, want %d", n, tc.again)
			}
			c.both(s, "x=x", "groß="+content)
			if len(s.Uploads()) != 0 || len(c.conflicts()) != 0 {
				t.Errorf("left: %v, %d conflicts", s.Uploads(), len(c.conflicts()))
			}
		})
	}
}

// Case 24, the other half: what somebody else stored at the place meanwhile is not overwritten, whether it is new there or
// was known; what has arrived is dropped.
func TestCase24RemoteChangesBetweenPieces(t *testing.T) {
	mine := large(3300, "meins ")
	for _, known := range []bool{false, true} {
		c, s := inPieces(t, servertest.CloudOptions{}, "put x=x")
		if known {
			s.edit("put f=alt")
			c.sync()
		}
		c.write("f", mine)
		changed := false
		s.Failing(func(r *http.Request) servertest.CloudFault {
			if r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "/00002") && !changed {
				changed = true
				s.Put("f", "deren Fassung")
			}
			return servertest.FaultNone
		})
		for range 3 {
			c.sync()
		}
		c.both(s, "x=x", "f=deren Fassung", copyName("f")+"="+mine)
		if len(s.Uploads()) != 0 {
			t.Errorf("left: %v", s.Uploads())
		}
	}
}

// TestPiecesThatAreNotEnough: what the server has lost, or what does not fit any more, is sent anew.
func TestPiecesThatAreNotEnough(t *testing.T) {
	content := large(3300, "inhalt ")
	for name, spoil := range map[string]func(*client, *cloud){
		"forgotten by the server": func(_ *client, s *cloud) { s.DropUploads() },
		"changed here": func(c *client, _ *cloud) {
			c.must(os.WriteFile(c.path("f"), []byte(content), 0o644))
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, s := inPieces(t, servertest.CloudOptions{}, "put x=x")
			c.write("f", large(3300, "anderes "))
			if name == "forgotten by the server" {
				c.write("f", content)
			}
			s.breakAt("MOVE", 1, servertest.FaultBefore)
			if err := c.trySync(); err == nil {
				t.Fatal("the interruption was not noticed")
			}
			s.Failing(nil)
			spoil(c, s)
			for range 2 {
				c.sync()
			}
			c.both(s, "x=x", "f="+content)
		})
	}
}

// Case 16: a file that changes between two pieces is not put together from two versions.
func TestCase16ChangedBetweenPieces(t *testing.T) {
	c, s := inPieces(t, servertest.CloudOptions{}, "put x=x")
	c.write("f", large(3300, "eins"))
	changed := false
	s.Failing(func(r *http.Request) servertest.CloudFault {
		if r.Method == http.MethodPut && !changed {
			changed = true
			c.write("f", large(3300, "zwei"))
		}
		return servertest.FaultNone
	})
	for range 3 {
		_ = c.trySync()
	}
	c.sync()
	c.both(s, "x=x", "f="+large(3300, "zwei"))
	if len(s.Uploads()) != 0 {
		t.Errorf("left: %v", s.Uploads())
	}
}

// Case 21: where there is no room for a large file, it waits, and what is smaller goes.
func TestCase21NoRoomForPieces(t *testing.T) {
	c, s := inPieces(t, servertest.CloudOptions{Quota: 2500}, "put x=x")
	c.write("groß", large(4000, "g"))
	c.write("klein", "klein")
	c.sync()
	if got := s.tree(); got["klein"] != "klein" || got["groß"] != "" {
		t.Errorf("%q", brief(got))
	}
	s.SetQuota(0)
	c.sync()
	c.both(s, "x=x", "klein=klein", "groß="+large(4000, "g"))
}

// TestUploadsAreDescribed: the checksum goes along in the way that the server wants, for small and large files, and no look
// is needed after an upload.
func TestUploadsAreDescribed(t *testing.T) {
	for _, own := range []bool{false, true} {
		c, s := inPieces(t, servertest.CloudOptions{OwnCloud: own}, "put k=alt")
		files := map[string]string{"k": "neuer Inhalt", "g": large(3300, "g")}
		for name, content := range files {
			c.write(name, content)
		}
		at := time.Date(2020, 2, 3, 4, 5, 6, 0, time.UTC)
		c.must(os.Chtimes(c.path("k"), at, at))
		c.sync()
		for name, content := range files {
			want := fmt.Sprintf("SHA256:%x", sha256.Sum256([]byte(content)))
			if own {
				want = fmt.Sprintf("SHA1:%x", sha1.Sum([]byte(content))) //nolint:gosec // see above
			}
			if got := s.Checksum(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
		row, err := c.db.FileByPath(t.Context(), c.acc.ID, "k")
		c.must(err)
		if !row.Remote.Modified.Equal(at) {
			t.Errorf("%v", row.Remote.Modified)
		}
		if n := s.asks("PROPFIND /remote.php/dav/files/anna/"); n > 2 { // the look at the root, and the one at what changed
			t.Errorf("%d looks", n)
		}
		c.quiet()
	}
}

// TestRequestsForChangesOnBothSides: a hundred changes on each side cost fewer requests than there are changes, and than
// the 283 of the best client known.
func TestRequestsForChangesOnBothSides(t *testing.T) {
	var words []string
	for i := range 30 {
		words = append(words, fmt.Sprintf("mkdir d%02d", i))
		for j := range 7 {
			words = append(words, fmt.Sprintf("mkdir d%02d/e%d", i, j), fmt.Sprintf("put d%02d/e%d/a=%d %d", i, j, i, j), fmt.Sprintf("put d%02d/e%d/b=%d-%d", i, j, i, j))
		}
	}
	c, s := inStep(t, words...)
	for i := range 25 {
		c.write(fmt.Sprintf("d%02d/e0/a", i), fmt.Sprint("hier geändert ", i))
		c.write(fmt.Sprintf("d%02d/e1/neu", i%3), fmt.Sprint("überschrieben ", i))
		c.write(fmt.Sprintf("d29/e1/neu %d", i), fmt.Sprint("neu ", i))
		c.remove(fmt.Sprintf("d%02d/e2/b", i))
		c.rename(fmt.Sprintf("d%02d/e3/a", i), fmt.Sprintf("d%02d/e3/umbenannt", i))
		s.edit(fmt.Sprintf("put d%02d/e4/a=dort geändert %d", i, i), fmt.Sprintf("put d%02d/e5/neu=neu dort %d", i, i),
			fmt.Sprintf("rm d%02d/e5/b", i), fmt.Sprintf("mv d%02d/e6/a d%02d/e6/umbenannt", i, i))
	}
	s.Requests()
	c.sync()
	if n := len(s.Requests()); n > 140 {
		t.Errorf("%d requests", n)
	}
	c.sync()
	c.same("disk against server", tree(t, c.root), s.tree())
	c.quiet()
	if n := len(c.conflicts()); n != 0 {
		t.Errorf("%d conflicts", n)
	}
}

// TestMoveThatIsRefused: a file that was edited there and moved here at the same time is not taken for known.
func TestMoveThatIsRefused(t *testing.T) {
	c, s := inStep(t, "put a=alt", "mkdir d")
	c.rename("a", "d/neu")
	s.Failing(func(r *http.Request) servertest.CloudFault {
		if r.Method == "MOVE" {
			s.Failing(nil)
			s.Put("a", "dort geändert")
		}
		return servertest.FaultNone
	})
	for range 2 {
		c.sync()
	}
	c.both(s, "d/", "d/neu=dort geändert")
}

// TestFoldersThatWereThere: a folder that is to be made here exists there by then, with something in it. That is seen.
func TestFoldersThatWereThere(t *testing.T) {
	c, s := inStep(t, "put a=a")
	c.must(os.Mkdir(c.path("g"), 0o755))
	s.Failing(func(r *http.Request) servertest.CloudFault {
		if r.Method == "MKCOL" {
			s.Failing(nil)
			s.edit("mkdir g", "put g/deren=deren")
		}
		return servertest.FaultNone
	})
	for range 2 {
		c.sync()
	}
	c.both(s, "a=a", "g/", "g/deren=deren")
	if row, err := c.db.FileByPath(t.Context(), c.acc.ID, "g"); err != nil || row.Remote == (storage.FileRemote{}) {
		t.Errorf("%+v %v", row, err)
	}
}

// TestPiecesAtAnyAddress: pieces find their way also where the account's address is the old one, a folder, or below a path.
func TestPiecesAtAnyAddress(t *testing.T) {
	content := large(2500, "Ä")
	for name, tc := range map[string]struct{ sub, below, want string }{
		"old address": {"", "remote.php/webdav/", "f ü"}, "a folder": {"/cloud", "remote.php/dav/files/anna/Amt & Co/", "Amt & Co/f ü"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newCloud(t, servertest.CloudOptions{Subfolder: tc.sub, MaxChunk: 1000})
			s.edit("mkdir Amt & Co")
			c := at(t, s, s.Base+tc.below)
			for _, text := range []string{content, large(3200, "neu")} { // new, and known
				c.write("f ü", text)
				c.sync()
				if s.tree()[tc.want] != text {
					t.Errorf("%q", brief(s.tree()))
				}
			}
			if len(s.Uploads()) != 0 || len(c.conflicts()) != 0 {
				t.Errorf("left %v, %d conflicts", s.Uploads(), len(c.conflicts()))
			}
			c.quiet()
		})
	}
}
