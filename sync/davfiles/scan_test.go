// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"kontor/app/files"
	"kontor/storage"
)

func scanned(t *testing.T, d *Disk, root string, rows ...storage.FileRow) map[string]*found {
	t.Helper()
	known := map[string]*storage.FileRow{}
	for i := range rows {
		known[rows[i].Local.Path] = &rows[i]
	}
	all, err := d.scan(t.Context(), root, known)
	if err != nil {
		t.Fatal(err)
	}
	return all.all
}

func TestUnreadableFolderKeepsWhatIsKnown(t *testing.T) {
	s := &scanner{sight: sight{all: map[string]*found{}}, rows: map[string]*storage.FileRow{
		"d": {Dir: true}, "d/a": {Path: "d/a", Local: storage.FileLocal{Hash: "h"}}, "d/e": {Dir: true, Path: "d/e"}, "da": {},
	}}
	s.unreadable("d")
	if got := slices.Sorted(maps.Keys(s.all)); !slices.Equal(got, []string{"d/a", "d/e"}) || !s.all["d/a"].busy || s.all["d/e"].busy || s.all["d/a"].Hash != "h" {
		t.Errorf("%v", got)
	}
}

// Names that the disk had to map come back as the server's, and two that servers take for one are kept apart.
func TestScanMapsNames(t *testing.T) {
	root := t.TempDir()
	d := &Disk{rules: files.Rules{Windows: true, FoldCase: true}}
	for _, name := range []string{d.rules.Local("a:b?.txt"), "Pl\u00e4ne.ods", "Pla\u0308ne.ods", "con\uf07e.txt"} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var paths []string
	for _, f := range scanned(t, d, root) {
		paths = append(paths, f.path)
	}
	slices.Sort(paths)
	if want := []string{"Pl\u00e4ne (2).ods", "Pl\u00e4ne.ods", "a:b?.txt", "con.txt"}; !slices.Equal(paths, want) {
		t.Errorf("%q", paths)
	}
}

// What looks as it did is not read again, whatever its content.
func TestScanTrustsWhatDidNotChange(t *testing.T) {
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "a"), []byte("a"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, _, err := observe(filepath.Join(root, "a"))
	if err != nil {
		t.Fatal(err)
	}
	l.Path, l.Hash = "a", "known"
	d := &Disk{}
	if got := scanned(t, d, root, storage.FileRow{Path: "a", Local: l}); got["a"].Hash != "known" {
		t.Errorf("%+v", got["a"])
	}
	l.ModTime++
	if got := scanned(t, d, root, storage.FileRow{Path: "a", Local: l}); got["a"].Hash == "known" || got["a"].Hash == "" {
		t.Errorf("%+v", got["a"])
	}
}

// many makes files in folders, and the rows that know all of them.
func many(t testing.TB, count, folders int) (string, map[string]*storage.FileRow) {
	t.Helper()
	root, rows := t.TempDir(), map[string]*storage.FileRow{}
	for i := range count {
		name := fmt.Sprintf("Ordner %d/Datei mit Namen %d.txt", i%folders, i)
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		l, _, err := observe(path)
		if err != nil {
			t.Fatal(err)
		}
		l.Path, l.Hash = name, "h"
		rows[name] = &storage.FileRow{Path: name, Local: l}
	}
	return root, rows
}

// TestCase64LargeFolders: what a look at a folder takes grows with its entries by no more than they need, so that 100,000
// of them fit into what a desktop has.
func TestCase64LargeFolders(t *testing.T) {
	const count, most = 2000, 1500 // octets for each
	root, rows := many(t, count, 1)
	d := &Disk{}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	seen, err := d.scan(t.Context(), root, rows)
	runtime.ReadMemStats(&after)
	if err != nil || len(seen.all) != count+1 {
		t.Fatalf("%d entries, %v", len(seen.all), err)
	}
	if each := (after.TotalAlloc - before.TotalAlloc) / count; each > most {
		t.Errorf("%d octets for each entry", each)
	}
}

// BenchmarkScan looks through 10,000 files in 800 folders of which nothing changed.
func BenchmarkScan(b *testing.B) {
	root, rows := many(b, 10000, 800)
	d := &Disk{}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.scan(b.Context(), root, rows); err != nil {
			b.Fatal(err)
		}
	}
}
