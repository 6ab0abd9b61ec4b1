// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"pgregory.net/rapid"

	"kontor/app/ui/theme"
)

func TestButtons(t *testing.T) {
	taps := 0
	b := NewPlain("Antworten", "reply", func() { taps++ })
	win := scene(t, b, 200, 60)
	test.Tap(b)
	win.Canvas().Focus(b)
	b.TypedKey(key(fyne.KeySpace))
	if taps != 2 || !b.ring.Visible() {
		t.Fatalf("%d taps, ring %v", taps, b.ring.Visible())
	}
	b.Disable()
	test.Tap(b)
	if taps != 2 || b.Cursor() != desktop.DefaultCursor {
		t.Fatal("a disabled button was pressed")
	}
	b.Enable()
	wide := b.MinSize().Width
	b.SetText("Allen antworten")
	if b.MinSize().Width <= wide {
		t.Fatal("the button did not grow with its words")
	}
}

func TestKeysNobodyUsesGoToTheWindow(t *testing.T) {
	got := ""
	for _, w := range []fyne.Focusable{NewPrimary("a", nil), NewEntry(""), NewPill("a", ToneGood, nil), NewSegments("x", "a", []Option{{"a", "A"}}, nil), NewTextView(nil, nil)} {
		win := scene(t, w.(fyne.CanvasObject), 200, 60)
		win.Canvas().SetOnTypedKey(func(ev *fyne.KeyEvent) { got = string(ev.Name) })
		got = ""
		w.TypedKey(key(fyne.KeyF6))
		if got != "F6" {
			t.Errorf("%T kept F6", w)
		}
	}
}

func TestEntryCutsItsHint(t *testing.T) {
	e := NewEntry("Mail, Dateien und Aufgaben durchsuchen")
	scene(t, container.NewWithoutLayout(e), 600, 60)
	e.Resize(fyne.NewSize(120, 32))
	if e.PlaceHolder == e.hint || e.hint != "Mail, Dateien und Aufgaben durchsuchen" {
		t.Fatalf("narrow: %q of %q", e.PlaceHolder, e.hint)
	}
	e.Resize(fyne.NewSize(500, 32))
	if e.PlaceHolder != e.hint {
		t.Fatalf("wide: %q", e.PlaceHolder)
	}
	e.SetPlaceHolder("Neu")
	e.Resize(fyne.NewSize(400, 32))
	if e.PlaceHolder != "Neu" {
		t.Fatalf("changed: %q", e.PlaceHolder)
	}
}

func TestSegments(t *testing.T) {
	chosen := ""
	s := NewSegments("Farben", "b", []Option{{"a", "Hell"}, {"b", "Dunkel"}, {"c", "System"}}, func(id string) { chosen = id })
	scene(t, container.NewVBox(s), 400, 60)
	s.TypedKey(key(fyne.KeyRight))
	if chosen != "c" || s.AccessibilityLabel() != "Farben: System" {
		t.Fatalf("chose %q, %q", chosen, s.AccessibilityLabel())
	}
	s.TypedKey(key(fyne.KeyRight))
	s.Tapped(&fyne.PointEvent{Position: fyne.NewPos(10, 10)})
	if chosen != "a" {
		t.Fatalf("chose %q", chosen)
	}
}

func TestColumnsShareTheWidth(t *testing.T) {
	scene(t, NewLabel("", 14, theme.Text, false), 100, 40)
	rapid.Check(t, func(r *rapid.T) {
		columns := Columns{{Width: 100, Grow: 2}, {Width: 80, Drop: 500}, {Width: 60, Grow: 1}}
		width := float32(rapid.IntRange(320, 2000).Draw(r, "width"))
		end := float32(0)
		for i, s := range columns.Spans(width) {
			if s.W == 0 {
				if i != 1 || width >= 500 {
					r.Fatalf("column %d has no room in %v", i, width)
				}
				continue
			}
			if s.X < end || s.X+s.W > width {
				r.Fatalf("column %d at %v overlaps or ends outside %v", i, s, width)
			}
			end = s.X + s.W
		}
	})
}

func TestTableHeaderSorts(t *testing.T) {
	got := ""
	h := NewTableHeader(Columns{{ID: "name", Title: "Name", Width: 100, Sort: true}, {ID: "size", Title: "Größe", Width: 80}}, func(id string, down bool) {
		got = id
		if down {
			got += " down"
		}
	})
	scene(t, h, 300, 40)
	test.Tap(h.titles[0])
	if got != "name" {
		t.Fatalf("sorted by %q", got)
	}
	h.titles[0].TypedKey(key(fyne.KeyReturn))
	if got != "name down" {
		t.Fatalf("sorted by %q", got)
	}
	test.Tap(h.titles[1])
	if got != "name down" {
		t.Fatal("a column that does not sort was sorted by")
	}
}

func TestSplitDragsAndDrops(t *testing.T) {
	a, b, c := NewLabel("a", 14, theme.Text, false), NewLabel("b", 14, theme.Text, false), NewLabel("c", 14, theme.Text, false)
	s := NewSplit(Pane{Content: a, Width: 200, Min: 100}, Pane{Content: b, Min: 150}, Pane{Content: c, Width: 200, Min: 100, Drop: 500})
	narrow, moved := false, []float32(nil)
	s.OnNarrow = func(n bool) { narrow = n }
	s.OnMoved = func(w []float32) { moved = w }
	win := scene(t, s, 700, 200)
	s.drag(0, 50)
	s.dragged()
	if a.Size().Width != 250 || moved[0] != 250 {
		t.Fatalf("dragged to %v, %v", a.Size().Width, moved)
	}
	s.drag(0, 1000)
	if b.Size().Width < 149 {
		t.Fatalf("the middle shrank to %v", b.Size().Width)
	}
	win.Resize(fyne.NewSize(450, 200))
	if c.Visible() || !narrow {
		t.Fatal("the last pane should be dropped")
	}
	s.Front(2)
	if !c.Visible() || a.Visible() || c.Size().Width != 450 {
		t.Fatalf("in front: %v wide, first visible %v", c.Size().Width, a.Visible())
	}
	win.Resize(fyne.NewSize(700, 200))
	if narrow || !a.Visible() || !c.Visible() {
		t.Fatal("all panes should be back")
	}
}

func TestStageShowsAndForgets(t *testing.T) {
	undone := false
	s := NewStage(NewLabel("Seite", 14, theme.Text, false))
	scene(t, s, 600, 400)
	s.Toast("3 Nachrichten verschoben", "Rückgängig", func() { undone = true })
	test.Tap(s.toast.button)
	if !undone || s.ToastWords() != "" {
		t.Fatalf("undone %v, toast %q", undone, s.ToastWords())
	}
	s.Alert("Der Server antwortet nicht", "Ihre Änderungen sind sicher gespeichert. Kontor versucht es weiter.")
	if s.AlertTitle() != "Der Server antwortet nicht" || s.alert.advice.Words() == "" {
		t.Fatalf("alert %q", s.AlertTitle())
	}
	test.Tap(s.alert.closer)
	if s.AlertTitle() != "" || len(s.layer.Objects) != 2 {
		t.Fatalf("%d objects are left", len(s.layer.Objects))
	}
	dismissed := false
	s.Float(NewLabel("oben", 14, theme.Text, false), func(fyne.Size) (fyne.Position, fyne.Size) {
		return fyne.NewPos(10, 10), fyne.NewSize(100, 40)
	}, func() { dismissed = true })
	test.Tap(s.float.catcher)
	s.Unfloat()
	if !dismissed || s.Floating() != nil {
		t.Fatal("a click beside it did not dismiss")
	}
}

func TestRailChoosesAndCounts(t *testing.T) {
	chosen := ""
	r := NewRail([]RailItem{{ID: "a", Label: "Heute", Icon: "home"}, {ID: "b", Label: "Mail", Icon: "mail"}, {ID: "c", Label: "Abgleich", Icon: "sync", Bottom: true}}, func(id string) { chosen = id })
	scene(t, r, 76, 500)
	test.Tap(r.buttons[1])
	r.Select(chosen)
	r.SetCount("b", 1200)
	if chosen != "b" || !r.buttons[1].selected || r.buttons[1].num.Full() != "999+" {
		t.Fatalf("chose %q, counts %q", chosen, r.buttons[1].num.Full())
	}
	if r.buttons[2].Position().Y < r.buttons[1].Position().Y+100 {
		t.Fatal("the foot of the rail is not at its foot")
	}
	r.SetCount("b", 0)
	if r.buttons[1].num.Visible() {
		t.Fatal("nothing to count, but a number is shown")
	}
}

// TestParagraphsTakeTheRoomTheyNeed checks that a column gives wrapping text its height in one go.
func TestParagraphsTakeTheRoomTheyNeed(t *testing.T) {
	p := NewParagraph("Ein längerer Satz, der in einem schmalen Fenster über viele Zeilen geht und darunter noch Platz für anderes braucht.", 14, theme.Text)
	below := NewLabel("darunter", 14, theme.Text, false)
	s := NewScroller(NewColumn(4, p, below))
	win := scene(t, s.Container, 160, 400)
	lines := len(p.lines)
	if lines < 4 || below.Position().Y < float32(lines)*p.lineHeight() {
		t.Fatalf("%d lines, the next one at %v", lines, below.Position().Y)
	}
	win.Resize(fyne.NewSize(600, 400))
	if len(p.lines) >= lines || below.Position().Y > 3*p.lineHeight() {
		t.Fatalf("wide: %d lines, the next one at %v", len(p.lines), below.Position().Y)
	}
}

// TestWidgetsHaveNames looks for a widget that says nothing to people who do not see it.
func TestWidgetsHaveNames(t *testing.T) {
	named := map[string]fyne.Accessible{
		"Antworten": NewPlain("Antworten", "reply", nil), "Löschen": NewIconButton("trash", "Löschen", nil), "Mehr": NewLink("Mehr", nil),
		"Offline": NewPill("Offline", ToneWarn, nil), "Konflikt": NewBadge("Konflikt", "warning", ToneBad), "Titel": Heading("Titel"),
		"Ein Absatz": NewParagraph("Ein Absatz", 13, theme.Text),
	}
	for want, w := range named {
		if w.AccessibilityLabel() != want || w.AccessibilityRole() == "" {
			t.Errorf("%T says %q as %q", w, w.AccessibilityLabel(), w.AccessibilityRole())
		}
	}
	if NewLink("Mehr", nil).AccessibilityRole() != fyne.AccessibleRoleLink {
		t.Error("a link is no link")
	}
	l, _ := newThingList(t, 3)
	l.SelectRow(1)
	if l.AccessibilityLabel() != "Zeile 2" {
		t.Errorf("the list says %q", l.AccessibilityLabel())
	}
}
