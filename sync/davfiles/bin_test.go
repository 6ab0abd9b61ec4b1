// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"kontor/app/files"
	"kontor/sync/servertest"
)

// TestCase30TheBinForgets: what was deleted elsewhere leaves the program's own bin after thirty days, by itself; what the
// server never had does not, and nothing else that lies there.
func TestCase30TheBinForgets(t *testing.T) {
	s := servertest.Apache(t)
	c := settled(t, s, "d/alt=alt", "frisch=frisch", "bleibt=bleibt", "x=x", "y=y", "z=z")
	for _, name := range []string{"d/alt", "frisch"} {
		c.must(os.Remove(s.Path(name)))
		c.sync()
	}
	bin := c.w.disk.binFolder()
	all, err := c.w.disk.Bin(t.Context())
	if err != nil || len(all) != 2 {
		t.Fatalf("%+v %v", all, err)
	}
	long := time.Now().Add(-31 * 24 * time.Hour).UTC().Format(binTime)
	for _, it := range all {
		if it.Path == "d/alt" {
			c.must(os.Rename(filepath.Dir(filepath.Dir(it.File)), filepath.Join(bin, long)))
		}
	}
	c.must(os.MkdirAll(filepath.Join(bin, long+binOnly), 0o700))
	c.must(os.WriteFile(filepath.Join(bin, long+binOnly, "einzig"), []byte("nur hier"), 0o600))
	c.must(os.WriteFile(filepath.Join(bin, "fremd"), nil, 0o600))
	c.restart()
	c.sync()
	want := map[string]bool{"frisch": false, "einzig": true}
	all, err = c.w.disk.Bin(t.Context())
	if err != nil || len(all) != 2 {
		t.Fatalf("%+v %v", all, err)
	}
	for _, it := range all {
		if held, ok := want[it.Path]; !ok || held != it.Held {
			t.Errorf("%+v", it)
		}
	}
	if _, err := os.Stat(filepath.Join(bin, long)); !os.IsNotExist(err) {
		t.Error("its folder is left")
	}
	gone, err := c.w.disk.EmptyBin(t.Context(), func(all []files.BinItem) []files.BinItem { return all })
	if err != nil || gone.Files != 1 {
		t.Errorf("%+v %v", gone, err)
	}
	if _, err := os.Stat(filepath.Join(bin, "fremd")); err != nil {
		t.Error("somebody else's file is gone")
	}
	c.quiet()
}
