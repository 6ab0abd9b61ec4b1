// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kontor/app/demo"
)

// shown lists what is shown of the files that were made here, and what of them lies on the disk besides.
func (o *offline) shown() []string {
	o.t.Helper()
	ctx := o.t.Context()
	all, err := o.Files.Below(ctx, o.account, "")
	if err != nil {
		o.t.Fatal(err)
	}
	known := map[string]bool{".": true}
	var lines []string
	for _, e := range all {
		lines = append(lines, e.Path)
		known[filepath.FromSlash(e.Path)] = true
	}
	root, err := o.Files.Root(ctx, o.account)
	if err != nil {
		o.t.Fatal(err)
	}
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		local, relErr := filepath.Rel(root, path)
		if d != nil && strings.HasPrefix(d.Name(), ".kontor") {
			return nil
		}
		if !known[local] {
			lines = append(lines, "left on the disk: "+local)
		}
		return errors.Join(err, relErr)
	})
	if err != nil {
		o.t.Fatal(err)
	}
	slices.Sort(lines)
	return lines
}

// actOnFiles does one thing with files that no server knows yet.
func (o *offline) actOnFiles(paths *[]int64) error {
	ctx := o.t.Context()
	pick := func() int64 { return (*paths)[o.dice.IntN(len(*paths))] }
	switch n := o.dice.IntN(6); {
	case n < 2 || len(*paths) == 0:
		id, err := o.Files.Mkdir(ctx, o.account, o.name("Ordner"))
		*paths = append(*paths, id)
		return err
	case n < 3:
		folder := ""
		if e, err := o.Files.Entry(ctx, pick()); err == nil && e.Dir {
			folder = e.Path + "/"
		}
		id, err := o.Files.Put(ctx, o.account, o.local, folder+o.name("Notiz")+".txt")
		*paths = append(*paths, id)
		return err
	case n < 4:
		return o.Files.Move(ctx, pick(), o.name("Umbenannt"))
	default:
		return o.Files.Remove(ctx, []int64{pick()})
	}
}

// TestEachStepGoesBackAndForth: what never reached a server goes back and forth step by step, names and all; nothing is
// left on the disk that would be taken for new, and the server gets what is shown in the end.
func TestEachStepGoesBackAndForth(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			o := newOffline(t, seed)
			ctx := t.Context()
			var paths []int64
			states := [][]string{o.shown()}
			for range 10 {
				err := o.actOnFiles(&paths)
				if now := o.shown(); err == nil && !slices.Equal(now, states[len(states)-1]) {
					states = append(states, now)
				}
			}
			back := func(to int, turn func() error) {
				t.Helper()
				if err := turn(); err != nil {
					t.Fatal(err)
				}
				if got := o.shown(); !slices.Equal(got, states[to]) {
					t.Fatalf("step %d: %q\nwas %q", to, only(got, states[to]), only(states[to], got))
				}
			}
			undo := func() error { _, err := o.Journal.Undo(ctx); return err }
			redo := func() error { _, err := o.Journal.Redo(ctx); return err }
			last := len(states) - 1
			for range 2 {
				for n := last - 1; n >= 0; n-- {
					back(n, undo)
				}
				for n := 1; n <= last; n++ {
					back(n, redo)
				}
			}
			o.world.SetAllFaults(demo.Faults{})
			for range 3 {
				o.sync(t)
			}
			if got := o.shown(); !slices.Equal(got, states[last]) {
				t.Errorf("the network changed %q to %q", only(states[last], got), only(got, states[last]))
			}
			if ops, err := o.DB.PendingOps(ctx, 0); err != nil || len(ops) != 0 {
				t.Errorf("%+v, %v", ops, err)
			}
			all, err := o.Files.Below(ctx, o.account, "")
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range all {
				if _, there := o.world.Users()[0].File(e.Path); !there && !e.Dir {
					t.Errorf("the server lacks %q", e.Path)
				}
			}
		})
	}
}

// only lists what a has and b lacks.
func only(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}
