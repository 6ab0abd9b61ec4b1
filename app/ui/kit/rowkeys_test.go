// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"pgregory.net/rapid"

	"kontor/app/ui/kit/kittest"
)

// ids gives the selected rows in order.
func (l *thingList) ids() []int64 {
	s := l.Selected()
	slices.Sort(s)
	return s
}

// upTo gives the numbers from a to b.
func upTo(a, b int64) []int64 {
	var s []int64
	for ; a <= b; a++ {
		s = append(s, a)
	}
	return s
}

const (
	shift = fyne.KeyModifierShift
	ctrl  = fyne.KeyModifierControl
)

// press types keys with modifiers the way the window does: with Ctrl they come as shortcuts.
func (l *thingList) press(keys *kittest.Keys, mods fyne.KeyModifier, names ...fyne.KeyName) {
	keys.Hold(mods, func() {
		for _, name := range names {
			if mods&ctrl != 0 {
				l.TypedShortcut(&desktop.CustomShortcut{KeyName: name, Modifier: mods})
			} else {
				l.TypedKey(key(name))
			}
		}
	})
}

// TestEveryKeyInEveryList presses every key in lists of no row, one row, some, and very many.
func TestEveryKeyInEveryList(t *testing.T) {
	const page = 9 // rows that fit, less one that stays in view
	for _, n := range []int64{0, 1, 2, 64, 65, 200_000} {
		l, win := newThingList(t, int(n))
		win.Canvas().Focus(l.RowList)
		for _, name := range []fyne.KeyName{fyne.KeyUp, fyne.KeyDown, fyne.KeyPageUp, fyne.KeyPageDown, fyne.KeyHome, fyne.KeyEnd, fyne.KeySpace, fyne.KeyReturn, desktop.KeyMenu} {
			for _, at := range []int64{0, n / 2, n - 1} {
				if n == 0 {
					l.TypedKey(key(name))
					if l.last() != "" || l.CursorRow() != -1 {
						t.Fatalf("%s in an empty list told %q", name, l.last())
					}
					continue
				}
				at = max(at, 0)
				l.SelectRow(int(at))
				want := map[fyne.KeyName]int64{
					fyne.KeyUp: max(at-1, 0), fyne.KeyDown: min(at+1, n-1), fyne.KeyPageUp: max(at-page, 0), fyne.KeyPageDown: min(at+page, n-1),
					fyne.KeyHome: 0, fyne.KeyEnd: n - 1, fyne.KeySpace: at, fyne.KeyReturn: at, desktop.KeyMenu: at,
				}[name]
				l.TypedKey(key(name))
				if got, ok := l.Current(); !ok || got.id != want+1 {
					t.Errorf("%s at %d of %d leads to %d, not %d", name, at+1, n, got.id, want+1)
				}
				if first, many := l.VisibleRows(); l.CursorRow() < first || l.CursorRow() > first+many {
					t.Errorf("%s at %d of %d: row %d is out of view", name, at+1, n, l.CursorRow())
				}
			}
		}
	}
}

func TestShiftAndCtrlSelectMany(t *testing.T) {
	l, win := newThingList(t, 200)
	keys := kittest.NewKeys(t)
	win.Canvas().Focus(l.RowList)
	l.SelectRow(9)
	l.press(keys, shift, fyne.KeyDown, fyne.KeyDown, fyne.KeyDown)
	if got := l.ids(); !slices.Equal(got, upTo(10, 13)) || l.last() != "select 13 of 4" {
		t.Fatalf("Shift and arrows: %v, told %q", got, l.last())
	}
	l.press(keys, shift, fyne.KeyUp)
	if got := l.ids(); !slices.Equal(got, upTo(10, 12)) {
		t.Fatalf("Shift back: %v", got)
	}
	l.Reload() // as synchronisation does again and again
	l.press(keys, shift, fyne.KeyDown)
	if got := l.ids(); !slices.Equal(got, upTo(10, 13)) {
		t.Fatalf("the other end of the selection was lost: %v", got)
	}
	told := len(l.told)
	l.press(keys, ctrl, fyne.KeyDown, fyne.KeyDown)
	if got := l.ids(); !slices.Equal(got, upTo(10, 13)) || len(l.told) != told {
		t.Fatalf("Ctrl and arrows must move the ring alone: %v", got)
	}
	l.press(keys, ctrl, fyne.KeySpace)
	if got := l.ids(); !slices.Equal(got, append(upTo(10, 13), 15)) {
		t.Fatalf("Ctrl+Space: %v", got)
	}
	l.press(keys, 0, fyne.KeySpace)
	if got := l.ids(); !slices.Equal(got, upTo(10, 13)) {
		t.Fatalf("Space must take back what it selected: %v", got)
	}
	l.press(keys, ctrl|shift, fyne.KeyEnd)
	if got := l.ids(); len(got) != 186 || got[0] != 15 {
		t.Fatalf("Ctrl+Shift+End: %d rows from %v", len(got), got[:1])
	}
	l.press(keys, shift, fyne.KeyHome)
	if got := l.ids(); !slices.Equal(got, upTo(1, 15)) {
		t.Fatalf("Shift+Home: %v", got)
	}
	l.press(keys, shift, fyne.KeyF10)
	if l.last() != "menu 1" {
		t.Fatalf("Shift+F10: %q", l.last())
	}
	l.press(keys, 0, fyne.KeyDown)
	if got := l.ids(); !slices.Equal(got, []int64{2}) {
		t.Fatalf("an arrow alone selects one row: %v", got)
	}
}

// TestSelectingToTheEndOfAVeryLongList selects rows that were never read.
func TestSelectingToTheEndOfAVeryLongList(t *testing.T) {
	l, win := newThingList(t, 200_000)
	keys := kittest.NewKeys(t)
	win.Canvas().Focus(l.RowList)
	l.SelectRow(99_999)
	l.press(keys, shift, fyne.KeyEnd)
	if n := len(l.Selected()); n != 100_001 || l.last() != "select 200000 of 100001" {
		t.Fatalf("%d rows, told %q", n, l.last())
	}
	l.TypedShortcut(&fyne.ShortcutSelectAll{})
	if n := len(l.Selected()); n != 200_000 {
		t.Fatalf("%d rows", n)
	}
	l.press(keys, 0, fyne.KeyHome)
	if !slices.Equal(l.ids(), []int64{1}) {
		t.Fatalf("%d rows", len(l.Selected()))
	}
}

// headed is a list of things in which every fifth is a heading, the first and the last too.
func headed(t *testing.T, n int) (*thingList, fyne.Window) {
	l, win := newThingList(t, n)
	l.cfg.Skip = func(i thing) bool { return (i.id-1)%5 == 0 || i.id == int64(n) }
	l.SetSource(l.data.source)
	return l, win
}

func TestHeadingsAreNeverSelected(t *testing.T) {
	l, win := headed(t, 31)
	keys := kittest.NewKeys(t)
	win.Canvas().Focus(l.RowList)
	for _, s := range []struct {
		mods fyne.KeyModifier
		name fyne.KeyName
		want int64
	}{
		{0, fyne.KeyHome, 2},
		{0, fyne.KeyDown, 3},
		{0, fyne.KeyUp, 2},
		{0, fyne.KeyUp, 2},
		{0, fyne.KeyPageDown, 12},
		{0, fyne.KeyPageUp, 3},
		{0, fyne.KeyPageUp, 2}, // the first row is a heading
		{0, fyne.KeyEnd, 30},
		{0, fyne.KeyDown, 30},
		{0, fyne.KeyPageDown, 30}, // the last one too
		{0, fyne.KeyPageUp, 20},
		{ctrl, fyne.KeyDown, 22},
	} {
		l.press(keys, s.mods, s.name)
		if got, _ := l.Current(); got.id != s.want {
			t.Errorf("%s leads to %d, not %d", s.name, got.id, s.want)
		}
	}
	l.TypedShortcut(&fyne.ShortcutSelectAll{})
	if n := len(l.Selected()); n != 31-7 {
		t.Errorf("%d rows are selected, with headings", n)
	}
	l.MouseDown(mouse(200, 10, desktop.MouseButtonPrimary, 0)) // on what is on top, wherever that is
	if item, ok := l.Current(); !ok || l.cfg.Skip(item) {
		t.Errorf("a click selected the heading %v", item)
	}
}

func mouse(x, y float32, b desktop.MouseButton, mods fyne.KeyModifier) *desktop.MouseEvent {
	ev := &desktop.MouseEvent{Button: b, Modifier: mods}
	ev.Position, ev.AbsolutePosition = fyne.NewPos(x, y), fyne.NewPos(x, y)
	return ev
}

func TestAListOfHeadingsOnly(t *testing.T) {
	l, win := newThingList(t, 3)
	l.cfg.Skip = func(thing) bool { return true }
	l.Reload()
	win.Canvas().Focus(l.RowList)
	for _, name := range []fyne.KeyName{fyne.KeyDown, fyne.KeyEnd, fyne.KeyPageUp, fyne.KeySpace, fyne.KeyReturn, desktop.KeyMenu} {
		l.TypedKey(key(name))
	}
	l.TypedRune('z')
	if len(l.told) != 0 || len(l.Selected()) != 0 {
		t.Errorf("told %q", l.told)
	}
}

// TestTheSelectionFollowsTheRules presses random keys and compares with a plain model.
func TestTheSelectionFollowsTheRules(t *testing.T) {
	const n = 40
	l, win := newThingList(t, n)
	keys := kittest.NewKeys(t)
	win.Canvas().Focus(l.RowList)
	rapid.Check(t, func(r *rapid.T) {
		l.SelectRow(0)
		cursor, anchor, chosen := 0, 0, map[int]bool{0: true}
		steps := map[fyne.KeyName]func() int{
			fyne.KeyUp: func() int { return cursor - 1 }, fyne.KeyDown: func() int { return cursor + 1 }, fyne.KeyPageUp: func() int { return cursor - 9 },
			fyne.KeyPageDown: func() int { return cursor + 9 }, fyne.KeyHome: func() int { return 0 }, fyne.KeyEnd: func() int { return n - 1 },
		}
		names := []fyne.KeyName{fyne.KeyUp, fyne.KeyDown, fyne.KeyPageUp, fyne.KeyPageDown, fyne.KeyHome, fyne.KeyEnd, fyne.KeySpace}
		for range rapid.IntRange(1, 15).Draw(r, "keys") {
			name := rapid.SampledFrom(names).Draw(r, "key")
			mods := rapid.SampledFrom([]fyne.KeyModifier{0, shift, ctrl}).Draw(r, "mods")
			if name == fyne.KeySpace {
				mods = ctrl
			}
			if len(chosen) == 0 && mods == 0 && (name == fyne.KeyUp || name == fyne.KeyDown) {
				chosen, anchor = map[int]bool{cursor: true}, cursor // the first arrow selects where the ring is
			} else if name == fyne.KeySpace {
				if anchor = cursor; chosen[cursor] {
					delete(chosen, cursor)
				} else {
					chosen[cursor] = true
				}
			} else {
				cursor = min(max(steps[name](), 0), n-1)
				switch mods {
				case shift:
					chosen = map[int]bool{}
					for i := min(anchor, cursor); i <= max(anchor, cursor); i++ {
						chosen[i] = true
					}
				case 0:
					chosen, anchor = map[int]bool{cursor: true}, cursor
				}
			}
			l.press(keys, mods, name)
			if rapid.Bool().Draw(r, "reload") {
				l.Reload()
			}
			got := map[int]bool{}
			for _, id := range l.Selected() {
				got[int(id)-1] = true
			}
			if l.CursorRow() != cursor || fmt.Sprint(got) != fmt.Sprint(chosen) {
				r.Fatalf("%v+%s: on %d with %v, not on %d with %v", mods, name, l.CursorRow(), got, cursor, chosen)
			}
		}
	})
}

func TestOneRowListsIgnoreModifiers(t *testing.T) {
	l, win := newThingList(t, 10)
	l.cfg.Multi = false
	keys := kittest.NewKeys(t)
	win.Canvas().Focus(l.RowList)
	l.SelectRow(2)
	l.press(keys, shift, fyne.KeyDown)
	l.press(keys, ctrl, fyne.KeyDown)
	l.TypedKey(key(fyne.KeySpace))
	if !slices.Equal(l.ids(), []int64{5}) {
		t.Errorf("selected %v", l.ids())
	}
	passed := false
	win.Canvas().AddShortcut(&fyne.ShortcutSelectAll{}, func(fyne.Shortcut) { passed = true })
	l.TypedShortcut(&fyne.ShortcutSelectAll{})
	if passed || len(l.Selected()) != 1 {
		t.Errorf("Ctrl+A selected %d rows", len(l.Selected()))
	}
}

func TestTypingAheadFindsRows(t *testing.T) {
	l, win := newThingList(t, 100)
	for i, name := range []string{"Äpfel", "Birne", "Birke", "Zitrone", "birnbaum"} {
		(*l.source)[i].name = name
	}
	l.Reload()
	win.Canvas().Focus(l.RowList)
	for _, c := range []struct {
		typed string
		want  int64
	}{{"b", 2}, {"birk", 3}, {"birnb", 5}, {"ä", 1}, {"q", 1}, {"zeile12", 12}} {
		l.typed = typeAhead{}
		test.Type(l.RowList, c.typed)
		if got, _ := l.Current(); got.id != c.want {
			t.Errorf("%q leads to %d, not %d", c.typed, got.id, c.want)
		}
	}
	used := ""
	l.cfg.OnRune = func(r rune) bool { used += string(r); return r == 'x' }
	test.Type(l.RowList, "xb")
	if used != "xb" {
		t.Errorf("the page was given %q", used)
	}
	l.cfg.OnKey = func(ev *fyne.KeyEvent) bool { return ev.Name == fyne.KeyDelete }
	before := l.CursorRow()
	win.Canvas().SetOnTypedKey(func(ev *fyne.KeyEvent) { used = string(ev.Name) })
	l.TypedKey(key(fyne.KeyDelete))
	l.TypedKey(key(fyne.KeyF8))
	if used != "F8" || l.CursorRow() != before {
		t.Errorf("the window was given %q", used)
	}
}

// TestTabGoesInAndOutOfAList keeps a list from being a trap for the keyboard (EN 301 549, 11.2.1.2).
func TestTabGoesInAndOutOfAList(t *testing.T) {
	l, _ := newThingList(t, 20)
	a, b := NewPlain("davor", "", nil), NewPlain("dahinter", "", nil)
	win := scene(t, NewDock(a, b, nil, nil, l.RowList), 300, 300)
	for _, want := range []fyne.Focusable{a, l.RowList, b} {
		win.Canvas().FocusNext()
		if win.Canvas().Focused() != want {
			t.Fatalf("the keyboard is on %T, not on %T", win.Canvas().Focused(), want)
		}
	}
	win.Canvas().FocusPrevious()
	if !l.focused || l.CursorRow() != 0 || len(l.Selected()) != 0 {
		t.Fatalf("coming back: cursor %d, %d selected", l.CursorRow(), len(l.Selected()))
	}
	ringed := 0
	for _, s := range l.slots {
		if s.box.Visible() && s.ring.Visible() {
			ringed++
		}
	}
	if ringed != 1 {
		t.Errorf("%d rows have a ring", ringed)
	}
}

func TestAnEmptyListStillShowsTheKeyboard(t *testing.T) {
	l, _ := newThingList(t, 0)
	e := NewEmpty("inbox", "Alles gelesen", "Hier ist nichts mehr zu tun.", nil)
	l.SetEmpty(e)
	win := scene(t, container.NewStack(l.RowList), 300, 300)
	l.Reload()
	if !e.Visible() {
		t.Fatal("nothing says that the list is empty")
	}
	win.Canvas().Focus(l.RowList)
	if !l.ring.Visible() {
		t.Error("nobody sees where the keyboard is")
	}
	*l.source = things(1)
	l.Reload()
	if e.Visible() || l.ring.Visible() {
		t.Error("the list is not empty any more")
	}
	if rows, err := (FuncRows[thing]{CountFunc: l.source.Count, WindowFunc: l.source.Window}).Window(context.Background(), 5, 10); err != nil || len(rows) != 0 {
		t.Errorf("beyond the end: %v, %v", rows, err)
	}
}
