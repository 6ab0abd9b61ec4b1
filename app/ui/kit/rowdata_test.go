// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"fyne.io/fyne/v2"
	"pgregory.net/rapid"

	"kontor/app/ui/kit/kittest"
)

// later keeps work until a test lets it happen, in the order it likes.
type later struct {
	work []func()
	mu   sync.Mutex
	ui   []func()
}

func (l *later) Go(work func()) { l.work = append(l.work, work) }

// Do is called by timers too.
func (l *later) Do(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ui = append(l.ui, f)
}

// waiting is how much has come and is not handed over.
func (l *later) waiting() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.ui)
}

// handOver gives what has come to the widgets.
func (l *later) handOver() {
	for l.waiting() > 0 {
		l.mu.Lock()
		f := l.ui[0]
		l.ui = l.ui[1:]
		l.mu.Unlock()
		f()
	}
}

// finish does one piece of work and hands over what it came to.
func (l *later) finish(i int) {
	work := l.work[i]
	l.work = slices.Delete(l.work, i, i+1)
	work()
	l.handOver()
}

// settle does everything.
func (l *later) settle() {
	for len(l.work) > 0 {
		l.finish(0)
	}
}

// slowly lets background work wait for the test from now on.
func slowly(t *testing.T) *later {
	t.Helper()
	l := &later{}
	RunWith(l)
	t.Cleanup(func() { RunWith(nil) })
	return l
}

func TestALateAnswerOfAnotherFolderIsIgnored(t *testing.T) {
	l, _ := newThingList(t, 10)
	loop := slowly(t)
	other := SliceRows[thing]{{500, "Anderer Ordner"}}
	l.Reload()
	l.SetSource(other)
	if len(loop.work) != 2 {
		t.Fatalf("%d trips under way", len(loop.work))
	}
	loop.finish(1)
	if l.Count() != 1 || !slices.Equal(l.shown(), []string{"Anderer Ordner"}) {
		t.Fatalf("%d rows: %v", l.Count(), l.shown())
	}
	loop.finish(0)
	if l.Count() != 1 || !slices.Equal(l.shown(), []string{"Anderer Ordner"}) {
		t.Fatalf("the folder before came back: %v", l.shown())
	}
}

func TestRowsStayWhileTheyAreReadAgain(t *testing.T) {
	l, _ := newThingList(t, 30)
	before := l.shown()
	loop := slowly(t)
	(*l.source)[0].name = "Geändert"
	for range 20 {
		l.Reload() // a wave of changes
	}
	if len(loop.work) != 1 {
		t.Fatalf("%d trips at once", len(loop.work))
	}
	if !slices.Equal(l.shown(), before) {
		t.Fatalf("while reading: %v", l.shown())
	}
	trips := 0
	for len(loop.work) > 0 {
		loop.finish(0)
		trips++
	}
	if !slices.Contains(l.shown(), "Geändert") || trips > 2 {
		t.Fatalf("after %d trips: %v", trips, l.shown())
	}
}

func TestKeysAreFasterThanTheStore(t *testing.T) {
	l, win := newThingList(t, 10_000)
	keys := kittest.NewKeys(t)
	win.Canvas().Focus(l.RowList)
	l.SelectRow(0)
	loop := slowly(t)
	l.told = nil
	l.press(keys, 0, fyne.KeyEnd, fyne.KeyUp, fyne.KeyUp)
	if l.CursorRow() != 9997 || len(l.told) != 0 {
		t.Fatalf("on row %d, told %v", l.CursorRow(), l.told)
	}
	l.TypedKey(key(fyne.KeyReturn))
	if len(l.told) != 0 {
		t.Fatalf("a row that is not known was opened: %v", l.told)
	}
	loop.settle()
	if l.last() != "select 9998 of 1" || !slices.Equal(l.ids(), []int64{9998}) {
		t.Fatalf("told %v, selected %v", l.told, l.ids())
	}
	// Shift into rows that are not known: only the newest answer counts, whatever comes first.
	l.press(keys, shift, fyne.KeyHome, fyne.KeyDown)
	if n := len(loop.work); n < 2 {
		t.Fatalf("%d trips", n)
	}
	for len(loop.work) > 0 {
		loop.finish(len(loop.work) - 1)
	}
	if got := l.ids(); !slices.Equal(got, upTo(2, 9998)) {
		t.Fatalf("selected %d rows from %d", len(got), got[0])
	}
}

func TestASelectionOverAReload(t *testing.T) {
	l, win := newThingList(t, 10_000)
	keys := kittest.NewKeys(t)
	win.Canvas().Focus(l.RowList)
	l.SelectRow(4999)
	loop := slowly(t)
	l.press(keys, shift, fyne.KeyEnd)
	*l.source = append(SliceRows[thing]{{77_777, "Neu"}}, *l.source...) // above, before the rows are read
	l.Reload()
	loop.settle()
	got := l.ids()
	if got[0] != 5000 || len(got) < 5000 || slices.Contains(got, 77_777) {
		t.Fatalf("%d rows, from %d to %d", len(got), got[0], got[len(got)-1])
	}
	// The same without being told of the change: what is read does not fit to what is shown.
	*l.source = append(SliceRows[thing]{{77_778, "Noch neuer"}}, *l.source...)
	l.press(keys, shift, fyne.KeyHome)
	loop.settle()
	if got := l.ids(); slices.Contains(got, 5001) || !slices.Contains(got, 5000) || len(got) < 5001 {
		t.Fatalf("%d rows, from %d to %d", len(got), got[0], got[len(got)-1])
	}
}

// TestNothingUnseenIsSelected takes rows away while several are selected: what is gone must not be acted on.
func TestNothingUnseenIsSelected(t *testing.T) {
	for name, again := range map[string]func(*thingList){
		"reload": func(l *thingList) { l.Reload() }, "rows": func(l *thingList) { l.SetRows(*l.source) },
	} {
		l, win := newThingList(t, 3000)
		keys := kittest.NewKeys(t)
		win.Canvas().Focus(l.RowList)
		l.SelectRow(9)
		l.press(keys, shift, fyne.KeyDown, fyne.KeyDown)
		gone := func(ids ...int64) {
			kept := SliceRows[thing]{}
			for _, i := range *l.source {
				if !slices.Contains(ids, i.id) {
					kept = append(kept, i)
				}
			}
			*l.source = kept
			again(l)
		}
		gone(11)
		if !slices.Equal(l.ids(), []int64{10, 12}) || l.last() != "select 12 of 2" {
			t.Fatalf("%s: %v, told %q", name, l.ids(), l.last())
		}
		gone(12)
		if !slices.Equal(l.ids(), []int64{10}) {
			t.Fatalf("%s: the cursor's row went: %v", name, l.ids())
		}
		gone(10)
		if got := l.ids(); len(got) != 1 || l.last() != fmt.Sprintf("select %d of 1", got[0]) {
			t.Fatalf("%s: the last one went: %v, told %q", name, got, l.last())
		}
		l.TypedShortcut(&fyne.ShortcutSelectAll{})
		gone(2999, 1)
		if n := len(l.Selected()); n != 2995 {
			t.Fatalf("%s: %d rows are selected of %d", name, n, l.Count())
		}
	}
}

// TestAMovedRowIsFoundAnywhere moves the selected row far away, to where nothing was read.
func TestAMovedRowIsFoundAnywhere(t *testing.T) {
	l, _ := newThingList(t, 50_000)
	l.SelectRow(3)
	all := slices.Clone(*l.source)
	moved := all[3]
	*l.source = slices.Insert(slices.Delete(all, 3, 4), 44_000, moved)
	l.Reload()
	if got, ok := l.Current(); l.CursorRow() != 44_000 || (ok && got.id != 4) || !slices.Equal(l.ids(), []int64{4}) {
		t.Fatalf("on row %d with %v", l.CursorRow(), l.ids())
	}
}

// TestTheLastRowAloneInItsWindow scrolls to an end whose last row is the first of a window that was not read.
func TestTheLastRowAloneInItsWindow(t *testing.T) {
	l, _ := newThingList(t, 2*pageSize+1)
	loop := slowly(t)
	l.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -1_000_000)})
	loop.settle()
	(*l.source)[2*pageSize].name = "Ganz unten"
	l.Reload()
	loop.settle()
	if !slices.Contains(l.shown(), "Ganz unten") {
		t.Fatalf("the last row is missing: %v", l.shown())
	}
}

func TestAFailureLosesNothing(t *testing.T) {
	l, _ := newThingList(t, 500)
	l.SelectRow(5)
	before := l.shown()
	l.fail = errors.New("the disk is gone")
	l.Reload()
	if l.last() != "error the disk is gone" || l.Count() != 500 || !slices.Equal(l.shown(), before) || !slices.Equal(l.ids(), []int64{6}) {
		t.Fatalf("told %q, %d rows, %v", l.last(), l.Count(), l.ids())
	}
	l.fail = nil
	(*l.source)[6].name = "Wieder da"
	l.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -10)})
	if !slices.Contains(l.shown(), "Wieder da") {
		t.Fatalf("it did not try again: %v", l.shown())
	}
}

func TestAFailureWhileSelectingIsTold(t *testing.T) {
	all := things(5000)
	var told error
	fail := false
	l := NewRowList(RowListConfig[int64, thing]{
		Key: func(i thing) int64 { return i.id }, NewRow: newThingRow, Height: 36, Multi: true, OnError: func(err error) { told = err },
	})
	scene(t, l, 300, 300)
	l.SetSource(FuncRows[thing]{CountFunc: all.Count, WindowFunc: func(ctx context.Context, offset, limit int) ([]thing, error) {
		if fail {
			return nil, errors.New("the disk is gone")
		}
		return all.Window(ctx, offset, limit)
	}})
	l.SelectRow(1)
	fail = true
	l.TypedShortcut(&fyne.ShortcutSelectAll{})
	if told == nil || len(l.Selected()) != 1 {
		t.Fatalf("told %v, %d rows are selected", told, len(l.Selected()))
	}
}

// TestAListWithoutKeys shows plain lines: nothing to select, nothing to remember, no panic.
func TestAListWithoutKeys(t *testing.T) {
	rows := things(100)
	l := NewRowList(RowListConfig[int64, thing]{NewRow: newThingRow, Height: 36})
	win := scene(t, l, 300, 300)
	l.SetSource(rows)
	win.Canvas().Focus(l)
	l.TypedKey(key(fyne.KeyEnd))
	l.Reload()
	l.SetRows(rows[:3])
	l.TypedKey(key(fyne.KeyDown))
	if l.Count() != 3 || len(l.Selected()) != 0 || l.AccessibilityLabel() != "" {
		t.Fatalf("%d rows, %v selected", l.Count(), l.Selected())
	}
}

// TestAnyHistoryOfChanges lets rows come, go and move while a person selects, with answers that come late: at rest, what
// is selected exists, and what is painted is what the source holds.
func TestAnyHistoryOfChanges(t *testing.T) {
	l, win := newThingList(t, 0)
	win.Canvas().Focus(l.RowList)
	rapid.Check(t, func(r *rapid.T) {
		*l.source = things(rapid.SampledFrom([]int{0, 1, 5, 130, 1000}).Draw(r, "rows"))
		l.SetSource(l.data.source)
		loop := &later{}
		RunWith(loop)
		defer RunWith(nil)
		next := int64(100_000)
		for range rapid.IntRange(1, 25).Draw(r, "steps") {
			n := len(*l.source)
			all := slices.Clone(*l.source)
			switch rapid.IntRange(0, 8).Draw(r, "what") {
			case 0:
				next++
				*l.source = slices.Insert(all, rapid.IntRange(0, n).Draw(r, "at"), thing{next, fmt.Sprint("Neu ", next)})
				l.Reload()
			case 1:
				if n > 0 {
					at := rapid.IntRange(0, n-1).Draw(r, "at")
					*l.source = slices.Delete(all, at, min(at+rapid.IntRange(1, 3).Draw(r, "many"), n))
					l.Reload()
				}
			case 2:
				if n > 1 {
					a, b := rapid.IntRange(0, n-1).Draw(r, "a"), rapid.IntRange(0, n-1).Draw(r, "b")
					all[a], all[b] = all[b], all[a]
					*l.source = all
					l.Reload()
				}
			case 3:
				l.TypedKey(key(rapid.SampledFrom([]fyne.KeyName{fyne.KeyDown, fyne.KeyUp, fyne.KeyEnd, fyne.KeyHome, fyne.KeyPageDown}).Draw(r, "key")))
			case 4:
				l.TypedShortcut(&fyne.ShortcutSelectAll{})
			case 5:
				l.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, float32(rapid.IntRange(-4000, 4000).Draw(r, "scroll")))})
			case 6:
				if n > 0 {
					l.SelectKey(all[rapid.IntRange(0, n-1).Draw(r, "key")].id)
				}
			default:
				if len(loop.work) > 0 {
					loop.finish(rapid.IntRange(0, len(loop.work)-1).Draw(r, "answer"))
				}
			}
		}
		loop.settle()
		l.Reload()
		loop.settle()
		here := map[int64]bool{}
		for _, i := range *l.source {
			here[i.id] = true
		}
		for _, id := range l.Selected() {
			if !here[id] {
				r.Fatalf("%d is selected and gone", id)
			}
		}
		if l.Count() != len(*l.source) || l.CursorRow() >= l.Count() {
			r.Fatalf("%d rows of %d, cursor on %d", l.Count(), len(*l.source), l.CursorRow())
		}
		for _, s := range l.slots {
			if !s.box.Visible() {
				continue
			}
			if want := (*l.source)[s.index].name; s.row.(*thingRow).name.Full() != want {
				r.Fatalf("row %d says %q, not %q", s.index, s.row.(*thingRow).name.Full(), want)
			}
		}
	})
}
