// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"slices"
	"testing"
)

// BenchmarkOpenTenThousand is the time from choosing a list of 10,000 tasks to its first screen.
func BenchmarkOpenTenThousand(b *testing.B) {
	d := open(b)
	team := d.listNamed("Team").ID
	d.bulk(team, 10_000)
	d.Settle()
	for b.Loop() {
		d.Loop.Hold()
		d.page.goTo(place{list: team})
		for !slices.ContainsFunc(d.page.lines, func(i item) bool { return i.ListID == team }) {
			d.Step()
		}
		b.StopTimer()
		d.Loop.Release()
		d.Settle()
		d.page.goTo(place{smart: "today"})
		d.Settle()
		b.StartTimer()
	}
}

// BenchmarkScrollTenThousand is the time for a screen further down.
func BenchmarkScrollTenThousand(b *testing.B) {
	d := open(b)
	team := d.listNamed("Team").ID
	d.bulk(team, 10_000)
	d.Settle()
	d.page.goTo(place{list: team})
	d.Settle()
	row := 0
	for b.Loop() {
		row = (row + 97) % 10_000
		d.page.rows.ScrollToRow(row)
		if _, ok := d.page.rows.At(row); !ok {
			b.Fatal("a hole")
		}
	}
}
