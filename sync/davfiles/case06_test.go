// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"encoding/json"
	"errors"
	"os"
	"testing"
	"time"

	"kontor/app/files"
	"kontor/sync/servertest"
	"kontor/sync/transport"
)

// restored gives a client whose server was set back to the state of a day ago: two days of three files are lost there, one
// file was made since and is gone, and one that was deleted since is back.
func restored(t *testing.T) (*client, *servertest.DAVServer) {
	t.Helper()
	s := servertest.Apache(t)
	c := settled(t, s, "a=neu a", "b=neu b", "c=neu c", "d=immer", "seitdem=seitdem")
	day := time.Now().Add(-24 * time.Hour)
	for _, name := range []string{"a", "b", "c", "weg"} {
		on(t, s, name+"=alt "+name)
		c.must(os.Chtimes(s.Path(name), day, day))
	}
	c.must(os.Remove(s.Path("seitdem")))
	return c, s
}

// TestCase06RestoredFromABackup: the server goes back to an old state. Nothing is replaced or deleted before a person has
// said what holds.
func TestCase06RestoredFromABackup(t *testing.T) {
	t.Run("what is newer is kept", func(t *testing.T) {
		c, s := restored(t)
		c.write("a", "noch neuer")
		for range 2 {
			if err := c.trySync(); !errors.Is(err, transport.ErrPaused) {
				t.Fatalf("%v", err)
			}
		}
		c.same("disk", tree(t, c.root), map[string]string{"a": "noch neuer", "b": "neu b", "c": "neu c", "d": "immer", "seitdem": "seitdem"})
		open := c.conflicts()
		var d files.ConflictDetail
		if len(open) != 1 || json.Unmarshal(open[0].Detail, &d) != nil || d.Brake != files.BrakeOlderServer || d.Count != 3 || len(d.Paths) != 3 {
			t.Fatalf("%+v", open)
		}
		c.decide(DecisionRestore)
		for range 3 {
			c.sync()
		}
		c.want(s, "a=alt a", "b=alt b", "c=alt c", "d=immer", "weg=alt weg", "seitdem=seitdem",
			copyName("a")+"=noch neuer", copyName("b")+"=neu b", copyName("c")+"=neu c")
		c.quiet()
	})
	t.Run("the server is right", func(t *testing.T) {
		c, s := restored(t)
		if err := c.trySync(); !errors.Is(err, transport.ErrPaused) {
			t.Fatalf("%v", err)
		}
		c.decide(DecisionAllow)
		c.sync()
		c.want(s, "a=alt a", "b=alt b", "c=alt c", "d=immer", "weg=alt weg")
		c.quiet()
	})
}
