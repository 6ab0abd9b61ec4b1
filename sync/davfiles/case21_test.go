// SPDX-License-Identifier: EUPL-1.2

//go:build linux

package davfiles

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"kontor/sync/servertest"
)

// TestCase21FullDisk: the disk has no room for a download, though it said that it had: what was written of it goes, the file
// that was there stays, the rest comes, and the person is told until there is room.
func TestCase21FullDisk(t *testing.T) {
	big := strings.Repeat("0123456789abcdef", 20<<10)
	s := servertest.Apache(t)
	c, p := through(t, s, "d/a=alt", "x=x")
	on(t, s, "d/a="+big, "d/b=neu")
	age(t, s, "d/a", "d/b")
	p.on(func(w http.ResponseWriter, r *http.Request) bool { // only a look, so that the version is known
		if r.Method == http.MethodGet {
			w.WriteHeader(http.StatusLocked)
		}
		return r.Method == http.MethodGet
	})
	c.sync()
	p.on(nil)
	row, err := c.db.FileByPath(t.Context(), c.acc.ID, "d/a")
	c.must(err)
	temp := c.path("d/" + tempName(&row))
	c.must(os.Symlink("/dev/full", temp)) // takes no octet
	c.sync()
	c.same("disk", tree(t, c.root), map[string]string{"d/": "", "d/a": "alt", "d/b": "neu", "x": "x"})
	if row, err = c.db.FileByPath(t.Context(), c.acc.ID, "d/a"); err != nil || row.Problem != problemDisk {
		t.Errorf("%q %v", row.Problem, err)
	}
	c.sync() // there is room again
	c.want(s, "d/", "d/a="+big, "d/b=neu", "x=x")
	if row, err = c.db.FileByPath(t.Context(), c.acc.ID, "d/a"); err != nil || row.Problem != "" {
		t.Errorf("%q %v", row.Problem, err)
	}
	c.quiet()
}
