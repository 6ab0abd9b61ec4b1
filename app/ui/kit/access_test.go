// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"bytes"
	"fmt"
	"image"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"kontor/app/i18n"
	"kontor/app/ui/theme"
)

// TestEverythingSpeaks walks through every widget of the kit: what a person can act on has a role and says what it is,
// what a person can click can be reached with Tab and shows that the keyboard is there (EN 301 549, 11.2.1.1, 11.5.2.5).
func TestEverythingSpeaks(t *testing.T) {
	app := testApp(t)
	for _, p := range gallery() {
		o := p.make()
		win := app.NewWindow("")
		win.SetContent(o)
		win.Resize(fyne.NewSize(1020, 170))
		before := win.Canvas().Capture()
		if !samePicture(before, before) {
			t.Fatal("pictures cannot be compared")
		}
		if p.spoken != "" {
			if a, ok := o.(fyne.Accessible); !ok {
				t.Errorf("%s says nothing", p.name)
			} else if a.AccessibilityLabel() != p.spoken || a.AccessibilityRole() == "" {
				t.Errorf("%s says %q as %q, not %q", p.name, a.AccessibilityLabel(), a.AccessibilityRole(), p.spoken)
			}
		}
		walk(spot{o: o}, func(s spot) {
			_, tappable := s.o.(fyne.Tappable)
			f, focusable := s.o.(fyne.Focusable)
			if _, mouseOnly := s.o.(*ScrollBar); mouseOnly { // the list scrolls by keys
				return
			}
			if tappable && !focusable {
				t.Errorf("%s: %T can be clicked and not reached with Tab", p.name, s.o)
			}
			if !focusable {
				return
			}
			a, ok := s.o.(fyne.Accessible)
			if !ok || a.AccessibilityLabel() == "" || a.AccessibilityRole() == "" {
				t.Errorf("%s: %T can be reached and says nothing", p.name, s.o)
			}
			if d, ok := s.o.(fyne.Disableable); ok && d.Disabled() {
				return
			}
			win.Canvas().Focus(f)
			if samePicture(before, win.Canvas().Capture()) {
				t.Errorf("%s: nobody sees that %T has the keyboard", p.name, s.o)
			}
			win.Canvas().Unfocus()
		})
		win.Close()
	}
}

func samePicture(a, b image.Image) bool {
	before, ok := a.(*image.NRGBA)
	after, too := b.(*image.NRGBA)
	return ok && too && bytes.Equal(before.Pix, after.Pix)
}

// TestTabReachesEverything goes through a page with Tab alone, forth and back, and ends where it began.
func TestTabReachesEverything(t *testing.T) {
	app := testApp(t)
	win := app.NewWindow("")
	column := container.NewVBox()
	want := map[fyne.Focusable]bool{}
	for _, p := range gallery() {
		o := p.make()
		column.Add(container.NewGridWrap(fyne.NewSize(1000, 200), o))
		walk(spot{o: o}, func(s spot) {
			if f, ok := s.o.(fyne.Focusable); ok {
				if d, ok := s.o.(fyne.Disableable); !ok || !d.Disabled() {
					want[f] = true
				}
			}
		})
	}
	win.SetContent(column)
	win.Resize(fyne.NewSize(1100, 5000))
	var order []fyne.Focusable
	for range 3 * len(want) {
		win.Canvas().FocusNext()
		f := win.Canvas().Focused()
		if len(order) > 0 && f == order[0] {
			break
		}
		order = append(order, f)
	}
	for f := range want {
		if !slices.Contains(order, f) {
			t.Errorf("Tab never comes to %T %q", f, f.(fyne.Accessible).AccessibilityLabel())
		}
	}
	win.Canvas().FocusNext()
	for i := range order {
		win.Canvas().FocusPrevious()
		if got := win.Canvas().Focused(); got != order[(len(order)-i)%len(order)] {
			t.Fatalf("back from step %d the keyboard is on %T", i, got)
		}
	}
}

// TestKeysActLikeTheMouse presses what can be clicked with the keys that people expect.
func TestKeysActLikeTheMouse(t *testing.T) {
	app := testApp(t)
	done := 0
	act := func() { done++ }
	header := NewTableHeader(Columns{{ID: "n", Title: "Name", Width: 80, Sort: true}}, func(string, bool) { act() })
	rail := NewRail([]RailItem{{ID: "a", Label: "Heute", Icon: "home"}, {ID: "b", Label: "Mail", Icon: "mail"}}, func(string) { act() })
	for name, w := range map[string]fyne.Focusable{
		"primary": NewPrimary("a", act), "plain": NewPlain("a", "reply", act), "link": NewLink("a", act), "icon": NewIconButton("trash", "a", act),
		"pill": NewPill("a", ToneGood, act), "column": header.titles[0], "room": rail.buttons[0],
	} {
		win := app.NewWindow("")
		passed := ""
		win.SetContent(container.NewVBox(w.(fyne.CanvasObject)))
		win.Canvas().SetOnTypedKey(func(ev *fyne.KeyEvent) { passed += string(ev.Name) })
		win.Canvas().Focus(w)
		done = 0
		for _, k := range []fyne.KeyName{fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter} {
			w.TypedKey(key(k))
		}
		w.TypedRune('x')
		w.TypedKey(key(fyne.KeyF5))
		w.TypedKey(key(fyne.KeyEscape))
		if done != 3 || passed != "F5Escape" {
			t.Errorf("%s acted %d times and passed %q on", name, done, passed)
		}
		test.Tap(w.(fyne.Tappable))
		if done != 4 {
			t.Errorf("%s does not react to a click", name)
		}
		win.Close()
	}
	win := app.NewWindow("")
	win.SetContent(rail)
	win.Canvas().Focus(rail.buttons[0])
	rail.buttons[0].TypedKey(key(fyne.KeyDown))
	if win.Canvas().Focused() != rail.buttons[1] {
		t.Error("the arrow does not lead down the rail")
	}
	rail.buttons[1].TypedKey(key(fyne.KeyUp))
	rail.Select("a")
	win.Canvas().Unfocus()
	rail.FocusSelected()
	if win.Canvas().Focused() != rail.buttons[0] {
		t.Error("the keyboard is not on the room that is shown")
	}
}

// TestStatesAreSpoken: what is shown by a number or an arrow is said too.
func TestStatesAreSpoken(t *testing.T) {
	testApp(t)
	rail := NewRail([]RailItem{{ID: "a", Label: "Mail", Icon: "mail"}}, func(string) {})
	rail.SetCount("a", 7)
	rail.SetLabel("a", "Post")
	h := NewTableHeader(Columns{{ID: "n", Title: "Name", Sort: true}, {ID: "s", Title: "Größe"}}, nil)
	for _, lang := range []i18n.Lang{i18n.German, i18n.English} {
		i18n.Use(lang)
		seen := map[string]bool{}
		for _, down := range []bool{false, true} {
			h.SetSorted("n", down)
			seen[h.titles[0].AccessibilityLabel()] = true
		}
		if len(seen) != 2 || seen["Name"] || h.titles[1].AccessibilityLabel() != "Größe" {
			t.Errorf("%s: the order is said as %v", lang, seen)
		}
	}
	i18n.Use(i18n.German)
	if got := rail.buttons[0].AccessibilityLabel(); got != "Post, 7" {
		t.Errorf("the room says %q", got)
	}
	if !h.titles[1].Disabled() || h.titles[0].Disabled() {
		t.Error("Tab must skip the columns that do not sort, and only them")
	}
	h.SetTitles("Datei", "Umfang", "zu viel")
	if h.titles[0].column.Title != "Datei" || h.titles[1].AccessibilityLabel() != "Umfang" {
		t.Error("the titles in another language")
	}
	e := NewEntry("Hinweis")
	if e.Name = "Betreff"; e.AccessibilityLabel() != "Betreff" {
		t.Errorf("the field says %q", e.AccessibilityLabel())
	}
}

// TestPanesAreMovedByKeys moves the lines between panes without a mouse, and tells it like after a drag.
func TestPanesAreMovedByKeys(t *testing.T) {
	var told []float32
	s := NewSplit(Pane{Content: Heading("a"), Width: 200, Min: 150}, Pane{Content: Heading("b"), Min: 100}, Pane{Content: Heading("c"), Share: 0.25, Min: 100})
	s.OnMoved = func(w []float32) { told = w }
	win := scene(t, s, 800, 200)
	win.Canvas().FocusNext()
	line, ok := win.Canvas().Focused().(*splitLine)
	if !ok {
		t.Fatalf("the keyboard is on %T", win.Canvas().Focused())
	}
	for range 4 {
		line.TypedKey(key(fyne.KeyRight))
	}
	if told[0] != 280 {
		t.Fatalf("told %v", told)
	}
	for range 40 {
		line.TypedKey(key(fyne.KeyLeft))
	}
	if told[0] != 150 {
		t.Fatalf("narrower than it may be: %v", told)
	}
	win.Canvas().FocusNext()
	win.Canvas().Focused().TypedKey(key(fyne.KeyLeft))
	if told[2] != 220 {
		t.Fatalf("the share did not become a width: %v", told)
	}
	again := NewSplit(Pane{Content: Heading("a"), Width: 200, Min: 150}, Pane{Content: Heading("b"), Min: 100}, Pane{Content: Heading("c"), Share: 0.25, Min: 100})
	scene(t, again, 800, 200)
	again.SetWidths(told)
	if got := again.widths(800); fmt.Sprint(got) != fmt.Sprint(s.widths(800)) {
		t.Fatalf("restored to %v", got)
	}
	line.MouseIn(nil)
	if line.line.Size().Width != 3 || line.Cursor() != desktop.HResizeCursor {
		t.Error("the line does not react to the pointer")
	}
	line.MouseOut()
	theme.Apply(fyne.CurrentApp(), theme.Light, 2)
	again.SetWidths([]float32{300, 0, 0})
	if w := again.widths(1600); w[0] != 600 {
		t.Errorf("at 200 %% it is %v wide", w[0])
	}
}
