// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"fmt"
	"image/color"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"pgregory.net/rapid"

	"kontor/app/ui/theme"
)

// sideScene is a side list with what it told.
type sideScene struct {
	*SideList
	told []string
	win  fyne.Window
}

func newSideScene(t *testing.T, items ...SideItem) *sideScene {
	t.Helper()
	s := &sideScene{}
	tell := func(what string) func(string) { return func(id string) { s.told = append(s.told, what+" "+id) } }
	s.SideList = NewSideList(SideListConfig{
		OnSelect: tell("select"), OnOpen: tell("open"), OnMenu: func(id string, _ fyne.Position) { tell("menu")(id) },
		OnToggle: func(id string, open bool) { tell("toggle")(fmt.Sprint(id, " ", open)) },
		OnKey:    func(ev *fyne.KeyEvent) bool { return ev.Name == fyne.KeyDelete && tellKey(s) },
	})
	s.win = scene(t, s.SideList, 235, 400)
	s.SetItems(items)
	return s
}

func tellKey(s *sideScene) bool { s.told = append(s.told, "delete"); return true }

func (s *sideScene) take() []string {
	told := s.told
	s.told = nil
	return told
}

// shownAs gives what a line shows: its words, what stands at its right, and the icons in front.
func (s *sideScene) shownAs(row int) string {
	for _, slot := range s.slots {
		if slot.index == row && slot.box.Visible() {
			r := slot.row.(*sideRow)
			words := r.label.Text.Text
			for _, o := range []struct {
				on   bool
				text string
			}{{r.count.Visible(), r.count.Full()}, {r.note.shown, r.note.label.Full()}, {r.glyph.Visible(), "*" + r.glyph.name}, {r.arrow.Visible(), "*" + r.arrow.name}, {r.dot.Visible(), "dot"}} {
				if o.on {
					words += "|" + o.text
				}
			}
			return words
		}
	}
	return ""
}

func TestSideRowsShowTheirState(t *testing.T) {
	items := []SideItem{
		{ID: "h", Label: "Konten", Heading: true},
		{ID: "a", Label: "Posteingang", Icon: "inbox", Count: 12},
		{ID: "b", Label: "Ausgang", Icon: "send", Count: 3, Note: "2 warten", NoteTone: ToneWarn},
		{ID: "c", Label: "Bauamt", Icon: "folder", Parent: true, Indent: 1},
		{ID: "d", Label: "Liste", Dot: color.NRGBA{R: 200, A: 255}},
	}
	s := newSideScene(t, items...)
	want := []string{"KONTEN", "Posteingang|12|*inbox", "Ausgang|2 warten|*send", "Bauamt|*folder|*chevron-right", "Liste|dot"}
	check := func(want []string) {
		t.Helper()
		for i, w := range want {
			if got := s.shownAs(i); got != w {
				t.Errorf("line %d shows %q, not %q", i, got, w)
			}
		}
	}
	check(want)
	// Slots are used again for other items: nothing of the old ones may stay.
	slices.Reverse(items)
	s.SetItems(items)
	slices.Reverse(want)
	check(want)
	items[1].Open = true
	s.SetItems(items)
	want[1] = "Bauamt|*folder|*chevron-down"
	check(want)
	theme.Apply(fyne.CurrentApp(), theme.Dark, 2)
	check(want[:1])
	if len(s.Items()) != 5 {
		t.Error("the items are lost")
	}
	theme.Apply(fyne.CurrentApp(), theme.Light, 1)
}

func TestSideListByKeys(t *testing.T) {
	s := newSideScene(t,
		SideItem{ID: "h", Label: "Konten", Heading: true}, SideItem{ID: "a", Label: "Posteingang"}, SideItem{ID: "p", Label: "Projekte", Parent: true},
		SideItem{ID: "h2", Label: "Ordner", Heading: true}, SideItem{ID: "z", Label: "Zuletzt"})
	s.win.Canvas().Focus(s.SideList)
	for _, c := range []struct {
		key  fyne.KeyName
		want string
	}{
		{fyne.KeyDown, "select a"},
		{fyne.KeyDown, "select p"},
		{fyne.KeyRight, "toggle p true"},
		{fyne.KeyDown, "select z"},
		{fyne.KeyHome, "select a"},
		{fyne.KeyEnd, "select z"},
		{fyne.KeyPageUp, "select a"},
		{fyne.KeyReturn, "open a"},
		{desktop.KeyMenu, "menu a"},
		{fyne.KeyDelete, "delete"},
	} {
		s.TypedKey(key(c.key))
		if got := s.take(); len(got) != 1 || got[0] != c.want {
			t.Errorf("%s told %v, not %q", c.key, got, c.want)
		}
	}
	test.Type(s.SideList, "pro")
	if s.SelectedID() != "p" {
		t.Errorf("typing leads to %q", s.SelectedID())
	}
	s.take()
	s.TypedKey(key(fyne.KeyLeft)) // closed already
	if got := s.take(); len(got) != 0 {
		t.Errorf("told %v", got)
	}
}

// TestItemsThatGo keeps the choice as long as there is something to choose.
func TestItemsThatGo(t *testing.T) {
	s := newSideScene(t, SideItem{ID: "a", Label: "A"}, SideItem{ID: "b", Label: "B"}, SideItem{ID: "c", Label: "C"})
	s.Select("b")
	s.SetItems([]SideItem{{ID: "neu", Label: "Neu"}, {ID: "a", Label: "A"}, {ID: "b", Label: "B2"}})
	if s.SelectedID() != "b" || len(s.take()) != 0 || s.CursorRow() != 2 {
		t.Errorf("%q on %d", s.SelectedID(), s.CursorRow())
	}
	s.SetItems([]SideItem{{ID: "neu", Label: "Neu"}, {ID: "a", Label: "A"}})
	if got := s.take(); s.SelectedID() == "b" || len(got) > 1 {
		t.Errorf("%q is gone, told %v", s.SelectedID(), got)
	}
	s.SetItems(nil)
	if s.SelectedID() != "" || s.CursorRow() != -1 {
		t.Errorf("an empty list has %q", s.SelectedID())
	}
	s.Select("nicht da")
	if s.SelectedID() != "" {
		t.Errorf("what is not there is selected: %q", s.SelectedID())
	}
}

func TestTheArrowTogglesAndTheRestSelects(t *testing.T) {
	s := newSideScene(t, SideItem{ID: "p", Label: "Projekte", Icon: "folder", Parent: true, Indent: 1}, SideItem{ID: "q", Label: "ohne Kinder"})
	click := func(x, y float32) []string {
		s.press = clicks{}
		ev := mouse(x, y, desktop.MouseButtonPrimary, 0)
		s.MouseDown(ev)
		s.Tapped(&ev.PointEvent)
		return s.take()
	}
	if got := click(30, 16); !slices.Equal(got, []string{"toggle p true"}) {
		t.Errorf("the arrow told %v", got)
	}
	if got := click(120, 16); !slices.Equal(got, []string{"select p"}) {
		t.Errorf("the words told %v", got)
	}
	if got := click(10, 48); !slices.Equal(got, []string{"select q"}) {
		t.Errorf("where others have an arrow: %v", got)
	}
	if got := click(120, 300); len(got) != 0 {
		t.Errorf("below all items: %v", got)
	}
	s.MouseMoved(mouse(30, 16, 0, 0))
	if s.Cursor() != desktop.PointerCursor {
		t.Error("the arrow does not look like something to click")
	}
	quiet := NewSideList(SideListConfig{Back: Ground(theme.Surface)})
	scene(t, quiet, 200, 100)
	quiet.SetItems([]SideItem{{ID: "a", Label: "A", Parent: true}})
	for _, k := range []fyne.KeyName{fyne.KeyDown, fyne.KeyRight, fyne.KeyReturn, desktop.KeyMenu} {
		quiet.TypedKey(key(k)) // nobody listens
	}
	if quiet.SelectedID() != "a" {
		t.Errorf("%q is selected", quiet.SelectedID())
	}
}

// TestAClickGivesTheKeyboardToASideList, so that the arrows go on from there, and places in the window are its own.
func TestAClickGivesTheKeyboardToASideList(t *testing.T) {
	s := newSideScene(t, SideItem{ID: "a", Label: "Eins"}, SideItem{ID: "b", Label: "Zwei"})
	s.MouseDown(mouse(120, 16, desktop.MouseButtonPrimary, 0))
	if s.win.Canvas().Focused() != s.SideList {
		t.Fatalf("the keyboard is with %T", s.win.Canvas().Focused())
	}
	s.win.Canvas().Focused().TypedKey(key(fyne.KeyDown))
	if s.SelectedID() != "b" {
		t.Errorf("the arrow went to %q", s.SelectedID())
	}
	s.win.SetContent(container.NewBorder(Space(1, 50), nil, nil, nil, s.SideList))
	if i, is, _ := s.Under(fyne.NewPos(20, 66)); !is || i.ID != "a" {
		t.Errorf("under the pointer lies %q, %v", i.ID, is)
	}
}

// TestTouchSelectsToo: a touch screen sends taps without buttons.
func TestTouchSelectsToo(t *testing.T) {
	l, _ := newThingList(t, 10)
	l.Tapped(&fyne.PointEvent{Position: fyne.NewPos(200, 40)})
	if l.last() != "select 2 of 1" {
		t.Errorf("a tap told %q", l.last())
	}
	l.Tapped(&fyne.PointEvent{Position: fyne.NewPos(200, 3000)})
	l.TappedSecondary(&fyne.PointEvent{Position: fyne.NewPos(200, 3000)})
	if l.last() != "select 2 of 1" {
		t.Errorf("a tap below all rows told %q", l.last())
	}
	l.TappedSecondary(&fyne.PointEvent{Position: fyne.NewPos(200, 100)})
	if l.last() != "menu 3" || len(l.Selected()) != 1 {
		t.Errorf("holding a row told %q", l.last())
	}
}

// TestAnyTableFitsItsWidth gives tables of any columns any width: titles and cells stay beside each other and inside.
func TestAnyTableFitsItsWidth(t *testing.T) {
	testApp(t)
	rapid.Check(t, func(r *rapid.T) {
		columns := Columns{}
		for i := range rapid.IntRange(1, 7).Draw(r, "columns") {
			c := Column{ID: fmt.Sprint(i), Title: fmt.Sprint("Spalte ", i), Width: float32(rapid.IntRange(20, 200).Draw(r, "least")), Right: rapid.Bool().Draw(r, "right"), Sort: true}
			if i == 0 || rapid.Bool().Draw(r, "grows") {
				c.Grow = float32(rapid.IntRange(1, 4).Draw(r, "grow"))
			}
			if i > 0 && rapid.Bool().Draw(r, "drops") {
				c.Drop = float32(rapid.IntRange(200, 900).Draw(r, "drop"))
			}
			columns = append(columns, c)
		}
		width := float32(rapid.IntRange(150, 2500).Draw(r, "width"))
		end := float32(0)
		for i, s := range columns.Spans(width) {
			if s.W == 0 {
				continue
			}
			if s.X < end || s.X+s.W > width+0.5 || s.W < 0 {
				r.Fatalf("column %d at %v in %v", i, s, width)
			}
			end = s.X + s.W
		}
		h := NewTableHeader(columns, nil)
		h.SetSorted("0", rapid.Bool().Draw(r, "down"))
		h.Resize(fyne.NewSize(width, 34))
		for i, title := range h.titles {
			if title.Visible() != (columns.Spans(width)[i].W > 0) {
				r.Fatalf("title %d is shown: %v", i, title.Visible())
			}
			if title.Visible() && title.arrow.Visible() && overlap(title.arrow, title.label) && title.Size().Width > 60 && title.label.Text.Text == title.label.Full() {
				r.Fatalf("the arrow of title %d lies over its words", i)
			}
		}
	})
}

// TestAnySplitFitsItsWidth shares any width out among any panes: nothing is lost and nothing lies outside.
func TestAnySplitFitsItsWidth(t *testing.T) {
	app := testApp(t)
	win := app.NewWindow("")
	rapid.Check(t, func(r *rapid.T) {
		var panes []Pane
		n := rapid.IntRange(2, 4).Draw(r, "panes")
		rest := rapid.IntRange(0, n-1).Draw(r, "rest")
		for i := range n {
			p := Pane{Content: canvas.NewRectangle(color.Black), Min: float32(rapid.IntRange(50, 300).Draw(r, "min"))}
			if i != rest {
				p.Drop = float32(rapid.SampledFrom([]int{0, 400, 800}).Draw(r, "drop"))
				if rapid.Bool().Draw(r, "share") {
					p.Share = float32(rapid.IntRange(10, 40).Draw(r, "part")) / 100
				} else {
					p.Width = float32(rapid.IntRange(60, 400).Draw(r, "width"))
				}
			}
			panes = append(panes, p)
		}
		s := NewSplit(panes...)
		win.SetContent(container.NewWithoutLayout(s))
		for range 8 {
			width := float32(rapid.IntRange(20, 2000).Draw(r, "total"))
			switch rapid.IntRange(0, 4).Draw(r, "what") {
			case 0:
				s.drag(rapid.IntRange(0, n-2).Draw(r, "line"), float32(rapid.IntRange(-500, 500).Draw(r, "by")))
			case 1:
				if i := rapid.IntRange(0, n-1).Draw(r, "pane"); i != rest {
					s.ShowPane(i, rapid.Bool().Draw(r, "show"))
				}
			case 2:
				s.Front(rapid.IntRange(-1, n-1).Draw(r, "front"))
			}
			s.Resize(fyne.NewSize(width, 100))
			end, shown := float32(0), 0
			for i, p := range panes {
				if !p.Content.Visible() {
					continue
				}
				shown++
				at, w := p.Content.Position().X, p.Content.Size().Width
				if at < end-0.5 || at+w > width+0.5 {
					r.Fatalf("pane %d from %v, %v wide, in %v after %v", i, at, w, width, end)
				}
				end = at + w
			}
			if shown == 0 || end < width-1 {
				r.Fatalf("%d panes end at %v of %v", shown, end, width)
			}
		}
	})
}

// TestColumnsAndScrollers lay out what wraps, hides and grows.
func TestColumnsAndScrollers(t *testing.T) {
	p := NewParagraph("Ein Satz, der in eine breite Zeile passt und in eine schmale nicht.", 14, theme.Text)
	hidden, below := Heading("weg"), Heading("darunter")
	column := NewColumn(10, p, hidden, below)
	s := NewScroller(column)
	win := scene(t, s.Container, 600, 120)
	high := below.Position().Y
	hidden.Hide()
	s.Reflow()
	if below.Position().Y >= high {
		t.Errorf("what is hidden takes room: %v, then %v", high, below.Position().Y)
	}
	wide := below.Position().Y
	win.Resize(fyne.NewSize(150, 120))
	if below.Position().Y <= wide {
		t.Errorf("the sentence did not get its lines: %v", below.Position().Y)
	}
	p.Set("kurz", theme.Bad)
	s.Reflow()
	if below.Position().Y >= wide+1 || p.Words() != "kurz" {
		t.Errorf("the sentence did not give its room back: %v", below.Position().Y)
	}
	p.Set("kurz", theme.Bad)
	s.ScrollTop()
	unsized := NewScroller(NewColumn(0))
	unsized.Reflow()
	if m := unsized.Container.MinSize(); m.Width <= 0 {
		t.Errorf("%v", m)
	}
	dock := NewDock(Heading("oben"), nil, Heading("links"), Heading("rechts"), Heading("Mitte"))
	scene(t, dock, 20, 10)
	if m := dock.MinSize(); m.Width < 40 {
		t.Errorf("%v", m)
	}
	panel := NewPanel(theme.Background, Heading("a")).Padded(5, 6, 7, 8)
	panel.SetContent(Heading("b"))
	scene(t, panel, 200, 100)
	if got := panel.content.Position(); got != fyne.NewPos(8, 5) || panel.content.Size() != fyne.NewSize(186, 88) {
		t.Errorf("the content lies at %v with %v", got, panel.content.Size())
	}
	panel.SetContent(HLine())
	if panel.content.MinSize().Height != 1 {
		t.Error("a line is one pixel high")
	}
}
