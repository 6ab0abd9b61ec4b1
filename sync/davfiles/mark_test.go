// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"kontor/sync/servertest"
)

func TestOnlyFineTagsProveAMove(t *testing.T) {
	for etag, want := range map[string]bool{
		`"1a-6293f1f0c1a37"`:   true,  // Apache: size and microseconds
		`W/"1a-6293f1f0c1a37"`: false, // weak: it may be written again within the second
		`"0-6293f1f0c1a37"`:    false, // nothing in it
		`"1a-6293f1f0c1948"`:   false, // a whole millisecond: somebody set it
		`"6571f2a3-1a"`:        false, // nginx: seconds and size
		`"17c0ffee1a"`:         false, // rclone
		`"9f86d081884c7d65"`:   false,
		`1a-6293f1f0c1a37`:     false,
		`"1a-"`:                false,
		`"x-6293f1f0c1a37"`:    false,
		``:                     false,
	} {
		if got := movedMark(etag) != ""; got != want {
			t.Errorf("%s proves a move: %t", etag, got)
		}
	}
}

// TestCase43MovesOnAServerWithoutIdentities: on Apache a moved file keeps its tag. It is moved here too, and not fetched
// again; one whose tag is another file's as well is fetched, for which of them it is cannot be told.
func TestCase43MovesOnAServerWithoutIdentities(t *testing.T) {
	s := servertest.Apache(t)
	words := []string{"d/a=a1", "d/tief/b=b2b", "x=x3xx", "eins=gleich", "zwei=gleich"}
	on(t, s, words...)
	moment := time.Now().Add(-time.Hour).Truncate(time.Second).Add(123457 * time.Microsecond)
	for _, name := range []string{"d/a", "d/tief/b", "x", "eins", "zwei"} {
		if err := os.Chtimes(filepath.Join(s.Root, name), moment, moment); err != nil {
			t.Fatal(err)
		}
	}
	c := join(t, s, "")
	c.sync()
	before := c.w.Report()
	for from, to := range map[string]string{"d": "Ablage", "x": "y"} {
		if err := os.Rename(filepath.Join(s.Root, from), filepath.Join(s.Root, to)); err != nil {
			t.Fatal(err)
		}
	}
	c.sync()
	c.want(s, "Ablage/", "Ablage/a=a1", "Ablage/tief/", "Ablage/tief/b=b2b", "y=x3xx", "eins=gleich", "zwei=gleich")
	if now := c.w.Report(); now.Downloaded != before.Downloaded || now.Uploaded != 0 {
		t.Errorf("a move was a transfer: %+v, before %+v", now, before)
	}
	for _, name := range []string{"eins", "zwei"} {
		if err := os.Rename(filepath.Join(s.Root, name), filepath.Join(s.Root, name+" neu")); err != nil {
			t.Fatal(err)
		}
	}
	c.sync()
	c.want(s, "Ablage/", "Ablage/a=a1", "Ablage/tief/", "Ablage/tief/b=b2b", "y=x3xx", "eins neu=gleich", "zwei neu=gleich")
	if now := c.w.Report(); now.Downloaded != before.Downloaded+2 {
		t.Errorf("what may be either was not fetched: %+v, before %+v", now, before)
	}
	c.quiet()
}
