// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"pgregory.net/rapid"
)

// thingList is a list of things with what it told.
type thingList struct {
	*RowList[int64, thing]
	source  *SliceRows[thing]
	told    []string
	reading int
	fail    error
}

func newThingList(t *testing.T, n int) (*thingList, fyne.Window) {
	t.Helper()
	all := things(n)
	l := &thingList{source: &all}
	tell := func(format string, args ...any) { l.told = append(l.told, fmt.Sprintf(format, args...)) }
	l.RowList = NewRowList(RowListConfig[int64, thing]{
		Key: func(i thing) int64 { return i.id }, NewRow: newThingRow, Height: 36, Multi: true, Label: func(i thing) string { return i.name },
		OnSelect: func(i thing, many int) { tell("select %d of %d", i.id, many) }, OnOpen: func(i thing) { tell("open %d", i.id) },
		OnMenu: func(i thing, _ fyne.Position) { tell("menu %d", i.id) }, OnError: func(err error) { tell("error %v", err) },
		Zone: func(_ thing, _ fyne.Size, at fyne.Position) string {
			if at.X < 40 {
				return "check"
			}
			return ""
		},
		OnZone: func(i thing, zone string) { tell("%s %d", zone, i.id) },
	})
	win := scene(t, l.RowList, 400, 360)
	l.SetSource(FuncRows[thing]{
		CountFunc: func(ctx context.Context) (int, error) { l.reading++; return len(*l.source), l.fail },
		WindowFunc: func(ctx context.Context, offset, limit int) ([]thing, error) {
			return l.source.Window(ctx, offset, limit)
		},
	})
	return l, win
}

func (l *thingList) last() string {
	if len(l.told) == 0 {
		return ""
	}
	return l.told[len(l.told)-1]
}

func (l *thingList) shown() []string {
	var names []string
	for _, s := range l.slots {
		if s.box.Visible() {
			names = append(names, s.row.(*thingRow).name.Full())
		}
	}
	slices.Sort(names)
	return names
}

func key(name fyne.KeyName) *fyne.KeyEvent { return &fyne.KeyEvent{Name: name} }

func TestRowListReadsOnlyWhatIsShown(t *testing.T) {
	l, _ := newThingList(t, 100_000)
	if l.Count() != 100_000 || len(l.slots) > 12 {
		t.Fatalf("%d rows, %d slots", l.Count(), len(l.slots))
	}
	if n := len(l.data.byIndex); n > 2 {
		t.Fatalf("%d windows read at the start", n)
	}
	l.TypedKey(key(fyne.KeyEnd))
	if !slices.Contains(l.shown(), "Zeile 100000") || l.last() != "select 100000 of 1" {
		t.Fatalf("End shows %v, told %q", l.shown(), l.last())
	}
	for range 300 {
		l.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, 5000)})
	}
	if n := len(l.data.byIndex); n > maxPages {
		t.Fatalf("%d windows kept", n)
	}
	l.TypedKey(key(fyne.KeyHome))
	if l.offset != 0 || !slices.Contains(l.shown(), "Zeile 1") {
		t.Fatalf("Home: offset %v, %v", l.offset, l.shown())
	}
}

func TestRowListKeys(t *testing.T) {
	l, win := newThingList(t, 100)
	win.Canvas().Focus(l.RowList)
	steps := []struct {
		key  fyne.KeyName
		want string
	}{
		{fyne.KeyDown, "select 1 of 1"}, // where the ring is: nothing was selected
		{fyne.KeyDown, "select 2 of 1"},
		{fyne.KeyDown, "select 3 of 1"},
		{fyne.KeyUp, "select 2 of 1"},
		{fyne.KeyPageDown, "select 11 of 1"},
		{fyne.KeyPageUp, "select 2 of 1"},
		{fyne.KeyReturn, "open 2"},
		{desktop.KeyMenu, "menu 2"},
	}
	for _, s := range steps {
		l.TypedKey(key(s.key))
		if l.last() != s.want {
			t.Errorf("%s: told %q, want %q", s.key, l.last(), s.want)
		}
	}
	l.TypedShortcut(&fyne.ShortcutSelectAll{})
	if l.last() != "select 2 of 100" || len(l.Selected()) != 100 {
		t.Errorf("select all: %q", l.last())
	}
	for _, r := range "zeile 42" {
		l.TypedRune(r)
	}
	if i, _ := l.Current(); i.id != 42 {
		t.Errorf("typing leads to %d", i.id)
	}
}

func TestRowListMouse(t *testing.T) {
	l, win := newThingList(t, 100)
	click := func(x, y float32, mods fyne.KeyModifier, b desktop.MouseButton) {
		ev := &desktop.MouseEvent{Button: b, Modifier: mods}
		ev.Position, ev.AbsolutePosition = fyne.NewPos(x, y), fyne.NewPos(x, y)
		l.MouseDown(ev)
		l.MouseUp(ev)
		if b == desktop.MouseButtonSecondary {
			l.TappedSecondary(&ev.PointEvent)
		} else {
			l.Tapped(&ev.PointEvent)
		}
	}
	click(200, 40, 0, desktop.MouseButtonPrimary)
	if l.last() != "select 2 of 1" || win.Canvas().Focused() != l.RowList {
		t.Fatalf("click: %q, focus %v", l.last(), win.Canvas().Focused())
	}
	click(200, 40, 0, desktop.MouseButtonPrimary)
	if l.last() != "open 2" {
		t.Fatalf("double click: %q", l.last())
	}
	click(200, 150, fyne.KeyModifierShift, desktop.MouseButtonPrimary)
	if l.last() != "select 5 of 4" {
		t.Fatalf("shift: %q", l.last())
	}
	click(200, 40, fyne.KeyModifierControl, desktop.MouseButtonPrimary)
	if l.last() != "select 2 of 3" {
		t.Fatalf("ctrl: %q", l.last())
	}
	click(20, 80, 0, desktop.MouseButtonPrimary)
	if l.last() != "check 3" {
		t.Fatalf("zone: %q", l.last())
	}
	click(200, 300, 0, desktop.MouseButtonSecondary)
	if l.last() != "menu 9" || len(l.Selected()) != 1 {
		t.Fatalf("menu: %q, %d selected", l.last(), len(l.Selected()))
	}
	move := &desktop.MouseEvent{}
	move.Position = fyne.NewPos(20, 80)
	l.MouseIn(move)
	if l.hover != 2 || l.Cursor() != desktop.PointerCursor {
		t.Fatalf("hover %d", l.hover)
	}
	l.MouseOut()
	if l.hover != -1 {
		t.Fatal("the pointer left")
	}
}

func TestRowListReloadKeepsThePlace(t *testing.T) {
	l, _ := newThingList(t, 300)
	rapid.Check(t, func(r *rapid.T) {
		*l.source = things(300)
		l.SetSource(l.data.source)
		at := rapid.IntRange(0, 299).Draw(r, "at")
		l.SelectRow(at)
		chosen, _ := l.Current()
		first, _ := l.VisibleRows()
		top, _ := l.At(first)
		offset := l.offset
		added := rapid.IntRange(0, 200).Draw(r, "added")
		all := make(SliceRows[thing], 0, 300+added)
		for i := range added {
			all = append(all, thing{int64(1000 + i), fmt.Sprintf("Neu %d", i)})
		}
		*l.source = append(all, *l.source...)
		l.Reload()
		now, ok := l.Current()
		if !ok || now.id != chosen.id || !slices.Equal(l.Selected(), []int64{chosen.id}) {
			r.Fatalf("chosen %d became %d, selected %v", chosen.id, now.id, l.Selected())
		}
		if first, _ := l.VisibleRows(); offset > 0 {
			if got, _ := l.At(first); got.id != top.id {
				r.Fatalf("top %d became %d", top.id, got.id)
			}
		}
	})
}

func TestRowListSelectsTheNextWhenTheRowIsGone(t *testing.T) {
	l, _ := newThingList(t, 10)
	l.SelectRow(3)
	*l.source = slices.Delete(slices.Clone(*l.source), 3, 4)
	l.Reload()
	if l.last() != "select 5 of 1" {
		t.Fatalf("told %q", l.last())
	}
	*l.source = (*l.source)[:0]
	l.Reload()
	if l.Count() != 0 || l.last() != "select 0 of 0" {
		t.Fatalf("empty: %d rows, told %q", l.Count(), l.last())
	}
	*l.source = things(3)
	l.SelectKey(2)
	l.Reload()
	if l.last() != "select 2 of 1" {
		t.Fatalf("a key wanted before it was read: told %q", l.last())
	}
	l.fail = errors.New("disk full")
	l.Reload()
	if l.last() != "error disk full" || l.Count() != 3 {
		t.Fatalf("told %q, %d rows", l.last(), l.Count())
	}
}

func TestSideList(t *testing.T) {
	var told []string
	s := NewSideList(SideListConfig{
		OnSelect: func(id string) { told = append(told, "select "+id) },
		OnToggle: func(id string, open bool) { told = append(told, fmt.Sprintf("toggle %s %v", id, open)) },
	})
	scene(t, s, 235, 300)
	items := []SideItem{
		{ID: "h", Label: "Konten", Heading: true},
		{ID: "a", Label: "Posteingang", Icon: "inbox", Count: 3},
		{ID: "h2", Label: "Ordner", Heading: true},
		{ID: "b", Label: "Bauanträge", Icon: "folder", Parent: true},
		{ID: "c", Label: "Ausgang", Note: "2 warten", NoteTone: ToneWarn},
	}
	s.SetItems(items)
	s.Select("a")
	if len(told) != 0 || s.SelectedID() != "a" {
		t.Fatalf("Select told %v", told)
	}
	s.TypedKey(key(fyne.KeyDown))
	s.TypedKey(key(fyne.KeyRight))
	if !slices.Equal(told, []string{"select b", "toggle b true"}) {
		t.Fatalf("told %v", told)
	}
	items[3].Open = true
	s.SetItems(items)
	s.TypedKey(key(fyne.KeyLeft))
	if told[len(told)-1] != "toggle b false" || s.SelectedID() != "b" {
		t.Fatalf("told %v", told)
	}
	s.click(3, fyne.NewPos(8, 10), 0, fixedTime)
	if told[len(told)-1] != "toggle b false" || len(told) != 4 {
		t.Fatalf("click on the arrow told %v", told)
	}
}
