// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"kontor/app/ui/theme"
)

func BenchmarkScroll(b *testing.B) {
	app := test.NewTempApp(b)
	theme.Apply(app, theme.Light, 1)
	Synchronous(true)
	defer Synchronous(false)
	l := NewRowList(RowListConfig[int64, thing]{Key: func(i thing) int64 { return i.id }, NewRow: newThingRow, Height: 36})
	win := app.NewWindow("")
	win.SetContent(l)
	win.Resize(fyne.NewSize(800, 900))
	l.SetSource(things(100_000))
	b.ReportAllocs()
	for b.Loop() {
		if l.offset >= l.maxOffset()-100 {
			l.scrollTo(0)
		}
		l.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -60)})
	}
}
