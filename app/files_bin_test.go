// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kontor/app/files"
	"kontor/app/journal"
)

// binned names what lies in the bin; what is held with a star.
func (d *fileDesk) binned() []string {
	d.t.Helper()
	all, err := d.files.Bin(d.t.Context(), d.acc)
	d.must(err)
	names := []string{}
	for _, it := range all {
		if time.Since(it.Deleted).Abs() > time.Hour || it.Size == 0 {
			d.t.Errorf("%+v", it)
		}
		name := it.Path
		if it.Held {
			name += "*"
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (d *fileDesk) binHas(names ...string) {
	d.t.Helper()
	if got := d.binned(); !slices.Equal(got, names) {
		d.t.Errorf("in the bin: %q, want %q", got, names)
	}
}

func (d *fileDesk) emptyBin() files.BinSum {
	d.t.Helper()
	gone, err := d.files.EmptyBins(d.t.Context())
	d.must(err)
	d.must(d.db.Check(d.t.Context()))
	return gone
}

// TestTheBinKeepsWhatIsNowhereElse: a copy leaves it only when the server had the content and knows of the deletion.
func TestTheBinKeepsWhatIsNowhereElse(t *testing.T) {
	d, ctx := newFileDesk(t), t.Context()
	for _, name := range []string{"d/weg", "d/anders", "bleibt"} {
		d.serverHas(name, "vom Server")
	}
	d.sync()
	d.must(d.files.Pin(ctx, d.id("d")))
	d.sync()
	d.must(os.WriteFile(filepath.Join(d.root, "d", "anders"), []byte("nur hier"), 0o600))
	d.must(d.files.Look(ctx, d.acc))
	d.must(d.files.Remove(ctx, []int64{d.id("d/anders"), d.id("d/weg")}))
	d.binHas("d/anders*", "d/weg*")
	if gone := d.emptyBin(); gone.Files != 0 {
		t.Fatalf("%+v before the server knows of it", gone)
	}
	_, err := d.undo.Undo(ctx)
	d.must(err)
	d.binHas()
	d.must(d.files.Remove(ctx, []int64{d.id("d/anders"), d.id("d/weg")}))
	d.sync()
	d.sync()
	d.binHas("d/anders*", "d/weg")
	if gone := d.emptyBin(); gone.Files != 1 || gone.Size != int64(len("vom Server")) {
		t.Errorf("%+v", gone)
	}
	d.binHas("d/anders*")
	if sum, err := d.files.BinSums(ctx); err != nil || sum.Held != 1 || sum.HeldBytes != int64(len("nur hier")) {
		t.Errorf("%+v %v", sum, err)
	}
}

// TestAnEmptiedBinAndUndo: what undo needs while it can be undone is not taken from it; afterwards it says that it cannot.
func TestAnEmptiedBinAndUndo(t *testing.T) {
	d, ctx := newFileDesk(t), t.Context()
	_, err := d.files.Put(ctx, d.acc, d.local("neu", "nie gesendet"), "neu")
	d.must(err)
	_, err = d.undo.Undo(ctx)
	d.must(err)
	d.must(d.files.Look(ctx, d.acc))
	d.binHas("neu*")
	if gone := d.emptyBin(); gone.Files != 0 {
		t.Fatalf("%+v: redo needs it", gone)
	}
	_, err = d.undo.Redo(ctx)
	d.must(err)
	d.sync()
	d.sync()
	d.want(d.there(), "neu=nie gesendet")
	d.must(d.files.Remove(ctx, []int64{d.id("neu")}))
	d.sync()
	d.sync()
	d.binHas("neu")
	d.emptyBin()
	d.binHas()
	if what, err := d.undo.Undo(ctx); !errors.Is(err, ErrNoWayBack) || what != "neu" {
		t.Errorf("%q %v", what, err)
	}
	d.must(d.db.Check(ctx))
}

// TestRefusedFilesAreExplained: each word that an operation on files keeps has a title and an advice.
func TestRefusedFilesAreExplained(t *testing.T) {
	for _, code := range []string{"quota", "locked", "too-large", "forbidden"} {
		title, advice := ExplainOp(journal.Op{LastError: "the server answered", Cause: "files." + code})
		if strings.HasPrefix(title, "files.") || strings.HasPrefix(advice, "files.") || title == advice {
			t.Errorf("%s: %q, %q", code, title, advice)
		}
	}
}
