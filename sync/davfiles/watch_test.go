// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"

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

// TestCase63WhenToLookWithoutAnEvent: after sleep always; where not everything is watched, every few minutes; else never.
func TestCase63WhenToLookWithoutAnEvent(t *testing.T) {
	day := time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		blind bool
		ticks []time.Duration // for how long the computer slept before each
		want  string          // looks, one letter a tick
	}{
		"awake":            {ticks: make([]time.Duration, 12), want: "............"},
		"naps":             {ticks: []time.Duration{0, time.Hour, 0, 0, 30 * time.Second, 0}, want: ".X..X."},
		"clock set back":   {ticks: []time.Duration{0, -time.Hour, 0}, want: "..."},
		"blind":            {blind: true, ticks: make([]time.Duration, 13), want: ".....X.....X."},
		"blind and asleep": {blind: true, ticks: []time.Duration{0, 0, time.Hour, 0, 0, 0, 0, 0, 0}, want: "..X.....X"},
	} {
		o := &observer{blind: c.blind, wall: day}
		wall, ran, got := day, time.Duration(0), ""
		for _, slept := range c.ticks {
			wall, ran = wall.Add(wakeEvery+slept), ran+wakeEvery
			if o.due(wall, ran) {
				got += "X"
			} else {
				got += "."
			}
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestCase63LostEvents: what was changed while events were lost, or while nobody watched, is found all the same.
func TestCase63LostEvents(t *testing.T) {
	s := servertest.Apache(t)
	c := settled(t, s, "d/a=a", "e/b=b")
	c.write("neu/tief/ungesehen", "vorher") // before the watch: no event tells of it
	hints := c.hints()
	c.awaitHint(hints, "what was there before")
	c.sync()
	drain(hints)
	watcher, err := fsnotify.NewWatcher()
	c.must(err)
	defer watcher.Close() //nolint:errcheck // only looked
	o := &observer{w: c.w, watcher: watcher, timer: time.NewTimer(time.Hour)}
	o.lost() // an overflow
	want := []string{c.root, c.path("d"), c.path("e"), c.path("neu"), c.path("neu/tief")}
	got := watcher.WatchList()
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("after lost events %q is watched", got)
	}
	select {
	case <-o.timer.C:
	case <-time.After(20 * time.Second):
		t.Error("nobody looks after events were lost")
	}
	c.must(os.RemoveAll(c.path("neu")))
	c.awaitHint(hints, "a tree that goes")
}

// TestCase59WaitsWhileAProgramWrites: with somebody there to look again, a file that grows between two looks waits; the
// rest goes on.
func TestCase59WaitsWhileAProgramWrites(t *testing.T) {
	s := servertest.Apache(t)
	c := settled(t, s, "a=a")
	c.w.disk.watched.Store(true)
	c.write("scan.pdf", "Seite 1")
	c.sync()
	c.write("scan.pdf", "Seite 1, Seite 2")
	c.write("anderes", "x")
	c.sync()
	c.same("server", tree(t, s.Root), map[string]string{"a": "a", "anderes": "x", "scan.pdf": "Seite 1"})
	select {
	case <-c.w.disk.moves():
	default:
		t.Error("nobody looks again")
	}
	c.sync() // it rests
	c.want(s, "a=a", "anderes=x", "scan.pdf=Seite 1, Seite 2")
	c.w.disk.watched.Store(false)
	c.quiet()
}
