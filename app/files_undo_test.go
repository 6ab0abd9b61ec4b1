// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"kontor/app/files"
)

// shown is the tree as a person sees it: paths, folders with a slash at their end.
func (d *fileDesk) shown() []string {
	d.t.Helper()
	entries, err := d.files.Below(d.t.Context(), d.acc, "")
	d.must(err)
	all := make([]string, 0, len(entries))
	for _, e := range entries {
		name := e.Path
		if e.Dir {
			name += "/"
		}
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// act does one random thing in the program and reports whether it was possible.
func (d *fileDesk) act(r *rand.Rand, n int) (what string, done bool) {
	d.t.Helper()
	ctx := d.t.Context()
	entries, err := d.files.Below(ctx, d.acc, "")
	d.must(err)
	folder := ""
	var item files.Entry
	if len(entries) > 0 {
		item = entries[r.IntN(len(entries))]
		if e := entries[r.IntN(len(entries))]; e.Dir && r.IntN(2) == 0 {
			folder = e.Path
		}
	}
	to := files.Join(folder, fmt.Sprint("neu", r.IntN(4)))
	switch r.IntN(5) {
	case 0:
		what = "mkdir " + to
		_, err = d.files.Mkdir(ctx, d.acc, to)
	case 1:
		what = "put " + to
		_, err = d.files.Put(ctx, d.acc, d.local(fmt.Sprint("datei", n), fmt.Sprint("inhalt", n)), to)
	case 2, 3:
		what = "move " + item.Path + " to " + to
		if item.ID == 0 || files.Within(to, item.Path) {
			return what, false
		}
		err = d.files.Move(ctx, item.ID, to)
	default:
		what = "remove " + item.Path
		if item.ID == 0 {
			return what, false
		}
		err = d.files.Remove(ctx, []int64{item.ID})
	}
	return what, err == nil
}

// contentsOf leaves the folders out of a tree in words: an empty one may stay behind on the disk, and travel.
func contentsOf(tree string) []string {
	return slices.DeleteFunc(strings.Fields(tree), func(w string) bool { return strings.HasSuffix(w, "/") })
}

// TestFilesUndoToTheBeginning plays random changes in the program, some of them already on the server, and takes all of
// them back: the store is consistent after each step, in the end everything is where it was, and the server follows.
func TestFilesUndoToTheBeginning(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			d := newFileDesk(t)
			for _, name := range []string{"a", "d/b", "d/e/c"} {
				d.must(d.server.Write(name, []byte(name)))
			}
			d.sync()
			before, server := d.shown(), d.there()
			r := rand.New(rand.NewPCG(seed, 7))
			var log []string
			defer func() {
				if t.Failed() {
					t.Log(log)
				}
			}()
			for n := range 5 {
				what, done := d.act(r, n)
				log = append(log, fmt.Sprint(what, " ", done))
				d.must(d.db.Check(t.Context()))
			}
			for n := 0; ; n++ {
				what, err := d.undo.Undo(t.Context())
				if errors.Is(err, ErrNothingToUndo) && n > 0 {
					break
				}
				log = append(log, fmt.Sprint("undo ", what, " ", err))
				d.must(err)
				d.must(d.db.Check(t.Context()))
			}
			if got := d.shown(); !slices.Equal(got, before) {
				t.Errorf("shown\n%q, before\n%q", got, before)
			}
			for range 2 {
				d.sync()
			}
			if got := contentsOf(d.there()); !slices.Equal(got, contentsOf(server)) {
				t.Errorf("on the server\n%q, before\n%q", got, contentsOf(server))
			}
			if ops, err := d.db.PendingOps(t.Context(), 0); err != nil || len(ops) != 0 {
				t.Errorf("pending: %+v, %v", ops, err)
			}
		})
	}
}
