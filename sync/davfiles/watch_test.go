// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"kontor/storage"
	"kontor/sync/servertest"
)

// hints runs Watch until the test ends and gives its hints.
func (c *client) hints() <-chan struct{} {
	c.t.Helper()
	ctx, cancel := context.WithCancel(c.t.Context())
	ch, done := make(chan struct{}, 100), make(chan error, 1)
	go func() { done <- c.w.Watch(ctx, func() { ch <- struct{}{} }) }()
	c.t.Cleanup(func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			c.t.Errorf("watch: %v", err)
		}
	})
	return ch
}

func (c *client) awaitHint(hints <-chan struct{}, what string) {
	c.t.Helper()
	select {
	case <-hints:
	case <-time.After(20 * time.Second):
		c.t.Fatalf("no hint: %s", what)
	}
}

// untilHeard repeats an action until a hint comes: the watch is set some time after Watch was called.
func (c *client) untilHeard(hints <-chan struct{}, what string, act func()) {
	c.t.Helper()
	for range 20 {
		act()
		select {
		case <-hints:
			return
		case <-time.After(2 * time.Second):
		}
	}
	c.t.Fatalf("no hint: %s", what)
}

func drain(hints <-chan struct{}) {
	for {
		select {
		case <-hints:
		default:
			return
		}
	}
}

func TestWatchHearsTheDisk(t *testing.T) {
	s := servertest.Apache(t)
	c := settled(t, s, "d/a=a")
	hints := c.hints()
	c.untilHeard(hints, "edit", func() { c.write("d/a", time.Now().String()) })
	c.sync()
	drain(hints)
	// A folder that comes with files in it, and then a file deep in it.
	c.write("neu/tief/x", "x")
	c.awaitHint(hints, "new folder")
	c.sync()
	drain(hints)
	c.write("neu/tief/y", "y")
	c.awaitHint(hints, "file in the new folder")
	c.sync()
	drain(hints)
	c.must(os.Remove(c.path("neu/tief/y")))
	c.awaitHint(hints, "deletion")
	c.sync()
	got := tree(t, s.Root)
	if got["neu/tief/x"] != "x" || len(got) != 5 {
		t.Errorf("%q", brief(got))
	}
}

func TestWatchHearsWishes(t *testing.T) {
	s := servertest.Apache(t)
	c := settled(t, s, "a=a", "b=b")
	c.must(c.db.WriteDurable(t.Context(), func(tx *storage.Tx) error { return tx.PinFile(t.Context(), c.acc.ID, "", false) }))
	c.sync()
	row, err := c.db.FileByPath(t.Context(), c.acc.ID, "a")
	c.must(err)
	if row.Local.Path != "" {
		t.Fatal("the copy was not given up")
	}
	hints := c.hints()
	on := false
	c.untilHeard(hints, "wish", func() {
		on = !on
		c.must(c.db.WriteDurable(t.Context(), func(tx *storage.Tx) error {
			if !on {
				return tx.PinFile(t.Context(), c.acc.ID, "", false)
			}
			return tx.WantFile(t.Context(), row.ID)
		}))
	})
	c.must(c.w.disk.updateServer(t.Context(), func(s *storage.FileServer) { s.Decision = "" }))
}
