// SPDX-License-Identifier: EUPL-1.2

package filesui

import (
	"fmt"
	"testing"

	"kontor/app/live"
	"kontor/storage"
)

// TestAWaveOfChanges: many items come into the folder that is shown, and each look at the store takes longer than the time
// to the next change. What is there is shown long before the wave is over, and what was shown stays.
func TestAWaveOfChanges(t *testing.T) {
	d := open(t)
	before := d.page.rows.Count()
	d.Loop.Hold()
	seen := before
	for i := range 12 {
		if _, err := d.town.Files.Mkdir(ctx, d.town.Account, fmt.Sprintf("Neu %02d", i)); err != nil {
			t.Fatal(err)
		}
		d.page.Refresh(live.Files)
		d.Step()
		d.page.Refresh(live.Files) // before the look at the first change is over
		d.Step()
		n := d.page.rows.Count()
		if n < seen {
			t.Fatalf("%d rows after %d", n, seen)
		}
		if seen = n; i == 8 && seen < before+2 {
			t.Fatalf("%d rows are shown of %d", seen, before+i+1)
		}
	}
	d.Loop.Release()
	d.Settle()
	if n := d.page.rows.Count(); n != before+12 {
		t.Errorf("%d rows in the end, %d before", n, before)
	}
}

// many fills a new folder with files that only the server has.
func (d *desk) many(folder string, n int) {
	d.T.Helper()
	if _, err := d.town.Files.Mkdir(ctx, d.town.Account, folder); err != nil {
		d.T.Fatal(err)
	}
	d.town.Must(d.town.DB.Write(ctx, func(tx *storage.Tx) error {
		for i := range n {
			row := storage.FileRow{AccountID: d.town.Account, Path: fmt.Sprintf("%s/Vorgang %d.pdf", folder, i), Progress: -1}
			row.Remote = storage.FileRemote{Path: row.Path, ETag: fmt.Sprintf("%q", fmt.Sprint(i)), Size: int64(i)}
			if _, err := tx.AddFile(ctx, row); err != nil {
				return err
			}
		}
		return nil
	}))
	d.Settle()
}

// BenchmarkOpen100000 is the time from choosing a folder of 100,000 entries to its first screen.
func BenchmarkOpen100000(b *testing.B) {
	d := open(b)
	d.many("Viele", 100_000)
	for b.Loop() {
		d.page.goTo(place{account: d.town.Account, path: "Viele"})
		d.Settle()
		if first, ok := d.page.rows.At(0); !ok || d.page.rows.Count() != 100_000 {
			b.Fatalf("%d rows, %+v", d.page.rows.Count(), first)
		}
		b.StopTimer()
		d.page.goTo(place{account: d.town.Account})
		d.Settle()
		b.StartTimer()
	}
}

// BenchmarkScroll100000 is the time for a screen further down in such a folder, and finds holes.
func BenchmarkScroll100000(b *testing.B) {
	d := open(b)
	d.many("Viele", 100_000)
	d.page.goTo(place{account: d.town.Account, path: "Viele"})
	d.Settle()
	row := 0
	for b.Loop() {
		row = (row + 997) % 100_000
		d.page.rows.ScrollToRow(row)
		d.Settle()
		first, n := d.page.rows.VisibleRows()
		for i := first; i < first+n; i++ {
			if e, ok := d.page.rows.At(i); !ok || e.Name == "" {
				b.Fatalf("a hole at row %d", i)
			}
		}
	}
}
