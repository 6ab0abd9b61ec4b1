// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"image"
	"image/color"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"kontor/app/ui/theme"
)

// at gives the colour that is painted at a point.
func at(t *testing.T, img image.Image, x, y int) color.NRGBA {
	t.Helper()
	c, ok := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
	if !ok {
		t.Fatal("no colour")
	}
	return c
}

// TestLooksReachEveryWidget changes the look of a whole page and compares what is painted with the tokens.
func TestLooksReachEveryWidget(t *testing.T) {
	rail := NewRail([]RailItem{{ID: "a", Label: "Heute", Icon: "home"}}, func(string) {})
	head := NewHeadBar("Abgleich", 52, NewPrimary("Jetzt", nil))
	head.SetBadge("12", ToneWarn)
	side := NewSideList(SideListConfig{})
	list := NewRowList(RowListConfig[int64, thing]{Key: func(i thing) int64 { return i.id }, NewRow: newThingRow, Height: 36})
	split := NewSplit(Pane{Content: side, Width: 200, Min: 100}, Pane{Content: list, Min: 100})
	win := scene(t, NewStage(NewDock(nil, nil, rail, nil, NewDock(head, NewProgress(0.5), nil, nil, split))), 800, 400)
	side.SetItems([]SideItem{{ID: "i", Label: "Posteingang", Icon: "inbox"}})
	side.Select("i")
	list.SetRows(things(3))
	list.SelectRow(0)
	for _, mode := range []theme.Mode{theme.Light, theme.Dark, theme.Contrast} {
		theme.Apply(fyne.CurrentApp(), mode, 1)
		img := win.Canvas().Capture()
		for name, want := range map[string]struct {
			x, y  int
			token theme.Token
		}{
			"rail": {4, 390, theme.Rail}, "head": {400, 10, theme.Surface}, "side": {90, 390, theme.Background}, "chosen folder": {260, 58, theme.AccentSoft},
			"chosen row": {500, 58, theme.AccentSoft}, "list": {500, 300, theme.Surface}, "progress": {100, 397, theme.Accent},
		} {
			if got := at(t, img, want.x, want.y); got != theme.Color(want.token) {
				t.Errorf("%s: the %s is %v, not %v", mode, name, got, theme.Color(want.token))
			}
		}
	}
	theme.Apply(fyne.CurrentApp(), theme.Light, 1)
}

func TestTextSizeMakesRoom(t *testing.T) {
	list := NewRowList(RowListConfig[int64, thing]{Key: func(i thing) int64 { return i.id }, NewRow: newThingRow, Height: 36, Source: SliceRows[thing](nil)})
	scene(t, list, 400, 360)
	list.SetRows(things(100))
	_, before := list.VisibleRows()
	theme.Apply(fyne.CurrentApp(), theme.Light, 2)
	_, after := list.VisibleRows()
	if after >= before || list.slots[0].box.Size().Height != 72 {
		t.Errorf("%d rows became %d, %v high", before, after, list.slots[0].box.Size().Height)
	}
	if b := NewPlain("Antworten", "", nil); b.MinSize().Height != 64 {
		t.Errorf("a button is %v high", b.MinSize().Height)
	}
	theme.Apply(fyne.CurrentApp(), theme.Light, 1)
}

func TestPopUpMenuRuns(t *testing.T) {
	chosen := ""
	b := NewPlain("Mehr", "", nil)
	win := scene(t, container.NewVBox(b), 300, 300)
	PopUpBelow(b, MenuItem{Label: "Anhalten", Icon: "pause", Act: func() { chosen = "hold" }}, MenuItem{}, MenuItem{Label: "Mehr", Children: []MenuItem{{Label: "Tiefer"}}})
	menu := win.Canvas().Overlays().Top()
	if menu == nil {
		t.Fatal("no menu")
	}
	focused, ok := win.Canvas().Focused().(interface{ TypedKey(*fyne.KeyEvent) })
	if !ok {
		t.Fatalf("the keyboard is on %T", win.Canvas().Focused())
	}
	focused.TypedKey(key(fyne.KeyDown))
	focused.TypedKey(key(fyne.KeyReturn))
	if chosen != "hold" || win.Canvas().Overlays().Top() != nil {
		t.Fatalf("chose %q", chosen)
	}
}

func TestSearchFieldShowsItsShortcut(t *testing.T) {
	s := NewSearchField("Suchen", "Strg+K")
	win := scene(t, container.NewVBox(s, NewPlain("anderes", "", nil)), 400, 120)
	if !s.hint.Visible() {
		t.Fatal("the shortcut is not shown")
	}
	win.Canvas().Focus(s.Entry)
	if s.hint.Visible() || !s.ring.Visible() {
		t.Fatal("the field does not show that it has the keyboard")
	}
	test.Type(s.Entry, "plan")
	win.Canvas().Unfocus()
	if s.Entry.Text != "plan" || !s.hint.Visible() {
		t.Fatal("leaving the field")
	}
}

func TestHoverAndFocusAreShown(t *testing.T) {
	b := NewIconButton("trash", "Löschen", nil)
	p := NewPill("Verbunden", ToneGood, nil)
	s := NewSegments("x", "a", []Option{{"a", "A"}, {"b", "B"}}, nil)
	win := scene(t, container.NewVBox(b, p, s), 300, 200)
	ev := &desktop.MouseEvent{}
	b.MouseIn(ev)
	if b.back.FillColor != color.Color(theme.Color(theme.Hover)) {
		t.Error("the button does not react to the pointer")
	}
	b.MouseOut()
	p.MouseIn(ev)
	if p.back.StrokeWidth == 0 {
		t.Error("the pill does not react to the pointer")
	}
	p.MouseOut()
	ev.Position = fyne.NewPos(50, 10)
	s.MouseIn(ev)
	if s.hover != 1 {
		t.Errorf("the pointer is on option %d", s.hover)
	}
	s.MouseOut()
	for _, w := range []struct {
		f    fyne.Focusable
		ring focusRing
	}{{b, b.ring}, {p, p.ring}, {s, s.ring}} {
		win.Canvas().Focus(w.f)
		if !w.ring.Visible() {
			t.Errorf("%T does not show that it has the keyboard", w.f)
		}
	}
	win.Canvas().Unfocus()
}

func TestDetailGridLeavesEmptyValuesOut(t *testing.T) {
	g := NewDetailGrid(Detail{"Größe", "184 KB"}, Detail{"Prüfsumme", ""}, Detail{"Pfad", "Bauamt"})
	scene(t, g, 300, 100)
	if len(g.rows) != 2 || len(test.WidgetRenderer(g).Objects()) != 4 {
		t.Fatalf("%d rows", len(g.rows))
	}
	high := g.MinSize().Height
	g.Set(Detail{"Pfad", "Bauamt"})
	if g.MinSize().Height >= high {
		t.Fatal("fewer rows take as much room")
	}
}

func TestRowsOfButtonsWrap(t *testing.T) {
	a, b := NewPlain("Ein langer Knopf", "", nil), NewPlain("Noch ein langer Knopf", "", nil)
	row := NewRowOf(8, a, b)
	win := scene(t, NewColumn(0, row), 600, 200)
	if a.Position().Y != b.Position().Y {
		t.Fatal("there is room for both beside each other")
	}
	win.Resize(fyne.NewSize(180, 200))
	if b.Position().Y <= a.Position().Y || b.Position().X != 0 {
		t.Fatalf("the second lies at %v", b.Position())
	}
}

func TestNoticeTakesNoRoomWithoutWords(t *testing.T) {
	acted := false
	n := NewNotice(func() { acted = true })
	scene(t, n, 500, 60)
	n.Set("1 Entscheidung wartet", "warning", ToneBad, "Entscheiden")
	test.Tap(n.action)
	if !acted || !n.Visible() || n.AccessibilityLabel() != "1 Entscheidung wartet" {
		t.Fatal("the notice")
	}
	n.Set("", "", ToneMuted, "")
	if n.Visible() {
		t.Fatal("an empty notice is shown")
	}
}

func TestScrollBarTurnsPages(t *testing.T) {
	l, _ := newThingList(t, 1000)
	l.bar.Tapped(&fyne.PointEvent{Position: fyne.NewPos(5, 300)})
	if l.offset != 360 {
		t.Fatalf("offset %v", l.offset)
	}
	l.bar.Dragged(&fyne.DragEvent{Dragged: fyne.NewDelta(0, 50)})
	if l.offset < 5000 {
		t.Fatalf("dragged to %v", l.offset)
	}
	l.bar.DragEnd()
	l.bar.Tapped(&fyne.PointEvent{Position: fyne.NewPos(5, 1)})
	if l.offset < 4000 {
		t.Fatalf("one page back is %v", l.offset)
	}
	*l.source = (*l.source)[:3]
	l.Reload()
	if l.bar.Visible() {
		t.Fatal("a bar although all is in view")
	}
}
