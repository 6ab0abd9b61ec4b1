// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"fmt"
	"image/color"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"pgregory.net/rapid"

	"kontor/app/ui/kit/kittest"
	"kontor/app/ui/theme"
)

// clickRow clicks in the middle of a row that is on screen.
func (l *thingList) clickRow(row int, mods fyne.KeyModifier, b desktop.MouseButton) {
	l.RowList.press.at = time.Time{} // no double click
	y := float32((float64(row)+0.5)*36 - l.offset)
	ev := mouse(200, y, b, mods)
	l.MouseDown(ev)
	l.MouseUp(ev)
	if b == desktop.MouseButtonSecondary {
		l.TappedSecondary(&ev.PointEvent)
	} else {
		l.Tapped(&ev.PointEvent)
	}
}

// TestTheMenuIsAboutWhatIsSelected: the right button keeps a selection it is pressed within, and replaces it elsewhere.
func TestTheMenuIsAboutWhatIsSelected(t *testing.T) {
	l, _ := newThingList(t, 100)
	l.clickRow(2, 0, desktop.MouseButtonPrimary)
	l.clickRow(5, shift, desktop.MouseButtonPrimary)
	l.clickRow(4, 0, desktop.MouseButtonSecondary)
	if !slices.Equal(l.ids(), upTo(3, 6)) || l.last() != "menu 5" {
		t.Errorf("within: %v, told %q", l.ids(), l.last())
	}
	l.clickRow(8, 0, desktop.MouseButtonSecondary)
	if !slices.Equal(l.ids(), []int64{9}) || l.last() != "menu 9" {
		t.Errorf("beside: %v, told %q", l.ids(), l.last())
	}
	l.clickRow(1, ctrl, desktop.MouseButtonPrimary)
	l.clickRow(8, ctrl, desktop.MouseButtonPrimary)
	if !slices.Equal(l.ids(), []int64{2}) || l.last() != "select 9 of 1" {
		t.Errorf("taken back: %v, told %q", l.ids(), l.last())
	}
	l.clickRow(1, ctrl, desktop.MouseButtonPrimary)
	if len(l.ids()) != 0 || l.last() != "select 2 of 0" {
		t.Errorf("nothing: %v, told %q", l.ids(), l.last())
	}
}

// TestClicksFollowTheRules clicks at random with modifiers, while the list is read anew, and compares with a plain model.
func TestClicksFollowTheRules(t *testing.T) {
	l, _ := newThingList(t, 10)
	rapid.Check(t, func(r *rapid.T) {
		l.SetSource(l.data.source)
		chosen, anchor := map[int64]bool{}, -1
		for range rapid.IntRange(1, 15).Draw(r, "clicks") {
			row := rapid.IntRange(0, 9).Draw(r, "row")
			mods := rapid.SampledFrom([]fyne.KeyModifier{0, 0, ctrl, shift}).Draw(r, "mods")
			l.clickRow(row, mods, desktop.MouseButtonPrimary)
			switch {
			case mods == shift && anchor >= 0:
				chosen = map[int64]bool{}
				for i := min(anchor, row); i <= max(anchor, row); i++ {
					chosen[int64(i+1)] = true
				}
			case mods == ctrl:
				if anchor = row; chosen[int64(row+1)] {
					delete(chosen, int64(row+1))
				} else {
					chosen[int64(row+1)] = true
				}
			default:
				chosen, anchor = map[int64]bool{int64(row + 1): true}, row
			}
			if rapid.Bool().Draw(r, "reload") {
				l.Reload()
			}
			got := map[int64]bool{}
			for _, id := range l.Selected() {
				got[id] = true
			}
			if fmt.Sprint(got) != fmt.Sprint(chosen) {
				r.Fatalf("%v on row %d: %v, not %v", mods, row, got, chosen)
			}
		}
	})
}

// TestTwoClicksOpenOnce, and two slow ones do not.
func TestTwoClicksOpenOnce(t *testing.T) {
	l, _ := newThingList(t, 10)
	now := fixedTime
	click := func(row int, later time.Duration) string {
		now = now.Add(later)
		l.told = nil
		l.click(row, fyne.NewPos(200, 10), 0, now)
		return l.last()
	}
	for i, c := range []struct {
		row   int
		later time.Duration
		want  string
	}{
		{3, time.Hour, "select 4 of 1"},
		{3, 100 * time.Millisecond, "open 4"},
		{3, 100 * time.Millisecond, "select 4 of 1"}, // a third one is a first one again
		{3, time.Second, "select 4 of 1"},
		{4, 100 * time.Millisecond, "select 5 of 1"}, // another row
	} {
		if got := click(c.row, c.later); got != c.want {
			t.Errorf("click %d told %q, not %q", i, got, c.want)
		}
	}
}

// TestTheLookChangesWhileSomethingIsSelected: nothing is lost, and everything is painted anew.
func TestTheLookChangesWhileSomethingIsSelected(t *testing.T) {
	l, win := newThingList(t, 200_000)
	keys := kittest.NewKeys(t)
	win.Canvas().Focus(l.RowList)
	l.SelectRow(100_000)
	l.press(keys, shift, fyne.KeyDown, fyne.KeyDown)
	want := l.ids()
	for _, mode := range []theme.Mode{theme.Dark, theme.Contrast, theme.Light} {
		for _, text := range []float32{2, 1.25, 1} {
			theme.Apply(fyne.CurrentApp(), mode, text)
			if !slices.Equal(l.ids(), want) || l.CursorRow() != 100_002 {
				t.Fatalf("%s at %v: %d selected, cursor on %d", mode, text, len(l.ids()), l.CursorRow())
			}
			l.ScrollToRow(l.CursorRow())
			for _, s := range l.slots {
				if !s.box.Visible() {
					continue
				}
				if got := s.box.Size().Height; got != theme.Px(36) {
					t.Fatalf("%s at %v: row %d is %v high", mode, text, s.index, got)
				}
				chosen := s.index >= 100_000 && s.index <= 100_002
				if fill := s.back.FillColor; (fill == color.Color(theme.Color(theme.AccentSoft))) != chosen {
					t.Fatalf("%s at %v: row %d is painted with %v", mode, text, s.index, fill)
				}
				if got := s.row.(*thingRow).name.Color; got != theme.Color(theme.Text) {
					t.Fatalf("%s at %v: the words of row %d have the colour %v", mode, text, s.index, got)
				}
			}
		}
	}
}

// TestRingsStandOut compares the ring of everything that has the keyboard with what lies around it, in all looks (WCAG
// 2.1, 1.4.11 and 2.4.7).
func TestRingsStandOut(t *testing.T) {
	app := testApp(t)
	for _, mode := range []theme.Mode{theme.Light, theme.Dark, theme.Contrast} {
		theme.Apply(app, mode, 1)
		for _, o := range []fyne.CanvasObject{
			NewPrimary("Senden", nil), NewPlain("Mehr", "", nil), NewLink("Link", nil), NewIconButton("trash", "Löschen", nil), NewPill("Offline", ToneWarn, nil),
			NewSegments("x", "a", []Option{{"a", "A"}, {"b", "B"}}, nil), NewTextView(nil, nil), NewRail([]RailItem{{ID: "a", Label: "A", Icon: "home"}}, nil).buttons[0],
		} {
			win := app.NewWindow("")
			win.SetContent(container.NewVBox(o))
			win.Canvas().Focus(o.(fyne.Focusable))
			rings := 0
			walk(spot{o: o}, func(s spot) {
				r, ok := s.o.(*canvas.Rectangle)
				if !ok || r.StrokeWidth != 2 {
					return
				}
				rings++
				ground := theme.Color(theme.Surface)
				if _, rail := o.(*railButton); rail {
					ground = theme.Color(theme.Rail)
				}
				if got := theme.ContrastOf(r.StrokeColor, ground); got < 3 {
					t.Errorf("%s: the ring of %T has %.1f to 1", mode, o, got)
				}
			})
			if rings != 1 {
				t.Errorf("%s: %T has %d rings", mode, o, rings)
			}
			win.Canvas().Unfocus()
			walk(spot{o: o}, func(s spot) {
				if r, ok := s.o.(*canvas.Rectangle); ok && r.StrokeWidth == 2 {
					t.Errorf("%s: %T keeps its ring", mode, o)
				}
			})
			win.Close()
		}
	}
}

// TestALineMayReactByItself clicks on parts of a row, with and without modifiers, and where nobody listens.
func TestALineMayReactByItself(t *testing.T) {
	l, _ := newThingList(t, 10)
	at := func(x float32, mods fyne.KeyModifier) string {
		l.RowList.press = clicks{}
		l.told = nil
		ev := mouse(x, 90, desktop.MouseButtonPrimary, mods)
		l.MouseDown(ev)
		return l.last()
	}
	if got := at(20, 0); got != "check 3" || len(l.Selected()) != 0 {
		t.Errorf("the circle told %q and selected %v", got, l.Selected())
	}
	if got := at(20, ctrl); got != "select 3 of 1" {
		t.Errorf("with Ctrl it is a part of the row: %q", got)
	}
	l.cfg.OnZone = nil
	if got := at(20, 0); got != "" {
		t.Errorf("nobody listens, but it told %q", got)
	}
	l.cfg.Zone = nil
	if got := at(20, 0); got != "select 3 of 1" {
		t.Errorf("without parts it told %q", got)
	}
	l.cfg.OnMenu, l.cfg.OnOpen, l.cfg.OnSelect = nil, nil, nil
	for _, k := range []fyne.KeyName{fyne.KeyDown, fyne.KeyReturn, desktop.KeyMenu} {
		l.TypedKey(key(k))
	}
	test.Tap(l.RowList)
	l.TappedSecondary(&fyne.PointEvent{Position: fyne.NewPos(200, 90)})
	if l.CursorRow() < 0 {
		t.Error("a list to which nobody listens does not move")
	}
}
