// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"kontor/app/i18n"
	"kontor/app/ui/theme"
)

const longWords = "Vollstreckungsankündigung für die Grundstücksverkehrsgenehmigung"

// piece is a widget of the kit the way a page uses it.
type piece struct {
	name   string
	make   func() fyne.CanvasObject
	whole  bool   // its words must never be cut where it has its least size
	spoken string // what it says to people who do not see it; empty where it is only made of other pieces
}

const sentence = "Es gibt nichts mehr zu tun. Was neu kommt, steht hier."

// gallery is every widget of the kit.
func gallery() []piece { return append(smallPieces(), largePieces()...) }

// smallPieces are what stands in a line or a form.
func smallPieces() []piece {
	return []piece{
		{"primary", func() fyne.CanvasObject { return NewPrimary("Neue Nachricht", nil) }, true, "Neue Nachricht"},
		{"plain", func() fyne.CanvasObject { return NewPlain("Allen antworten", "reply", nil) }, true, "Allen antworten"},
		{"link", func() fyne.CanvasObject { return NewLink("Rückgängig", nil) }, true, "Rückgängig"},
		{"icon button", func() fyne.CanvasObject { return NewIconButton("trash", "Löschen", nil) }, true, "Löschen"},
		{"badge", func() fyne.CanvasObject { return NewBadge("Konflikt", "warning", ToneBad) }, true, "Konflikt"},
		{"pill", func() fyne.CanvasObject { return NewPill("Verbunden · 2 Entscheidungen nötig", ToneWarn, nil) }, true, "Verbunden · 2 Entscheidungen nötig"},
		{"segments", func() fyne.CanvasObject {
			return NewSegments("Farben", "b", []Option{{"a", "Hell"}, {"b", "Dunkel"}, {"c", "Wie das System"}}, nil)
		}, true, "Farben: Dunkel"},
		{"label", func() fyne.CanvasObject { return Heading(longWords) }, false, longWords},
		{"whole label", func() fyne.CanvasObject { return Full(Caption(longWords)) }, true, ""},
		{"paragraph", func() fyne.CanvasObject { return NewParagraph(longWords+" "+sentence, 14, theme.Text) }, true, longWords + " " + sentence},
		{"head", func() fyne.CanvasObject {
			h := NewHeadBar("Abgleich", 52, NewPlain("Mehr", "", nil), NewPrimary("Jetzt abgleichen", nil))
			h.Set("Abgleich", sentence)
			h.SetBadge("12", ToneWarn)
			return h
		}, false, "Abgleich, 12, " + sentence},
		{"notice", func() fyne.CanvasObject {
			n := NewNotice(func() {})
			n.Set("1 Entscheidung wartet auf Sie", "warning", ToneBad, "Entscheiden")
			return n
		}, true, "1 Entscheidung wartet auf Sie"},
		{"details", func() fyne.CanvasObject {
			return NewDetailGrid(Detail{"Größe", "184 KB"}, Detail{"Pfad", "Bauamt › Lindenstraße 14 › " + longWords})
		}, false, "Größe: 184 KB, Pfad: Bauamt › Lindenstraße 14 › " + longWords},
		{"empty", func() fyne.CanvasObject {
			return NewEmpty("inbox", "Alles gelesen", sentence, NewLink("Neu laden", nil))
		}, true, "Alles gelesen. " + sentence},
		{"progress", func() fyne.CanvasObject { return NewProgress(0.48) }, true, "48 %"},
		{"entry", func() fyne.CanvasObject { return NewEntry("Betreff der Nachricht") }, false, "Betreff der Nachricht"},
		{"password", func() fyne.CanvasObject { return NewPassword("Passwort") }, false, "Passwort"},
		{"note", func() fyne.CanvasObject { return NewMultiline("Notiz") }, false, "Notiz"},
		{"search", func() fyne.CanvasObject { return NewSearchField("Mail, Dateien und Aufgaben durchsuchen", "Strg+K") }, false, ""},
		{"card", func() fyne.CanvasObject {
			return NewCard(NewColumn(6, Section("KONTO"), NewParagraph(sentence, 13, theme.Muted)))
		}, true, ""},
		{"row of buttons", func() fyne.CanvasObject {
			return NewColumn(0, NewRowOf(8, NewPlain("Ein langer Knopf", "", nil), NewPlain("Noch ein langer Knopf", "", nil), NewLink("Mehr", nil)))
		}, false, ""},
	}
}

// largePieces are what pages are divided into.
func largePieces() []piece {
	return []piece{
		{"table", func() fyne.CanvasObject {
			return NewTableHeader(Columns{{ID: "n", Title: "Name", Width: 100, Grow: 1, Sort: true}, {ID: "s", Title: "Größe", Width: 80, Right: true, Sort: true}, {ID: "d", Title: "Geändert", Width: 120, Drop: 400}}, nil)
		}, false, ""},
		{"rail", func() fyne.CanvasObject {
			var items []RailItem
			for _, name := range []string{"Heute", "Mail", "Dateien", "Aufgaben", "Abgleich", "Optionen"} {
				items = append(items, RailItem{ID: name, Label: name, Icon: "home", Bottom: name > "M" && name != "Mail"})
			}
			r := NewRail(items, func(string) {})
			r.SetCount("Mail", 1200)
			return r
		}, false, ""},
		{"rows", func() fyne.CanvasObject {
			l := NewRowList(RowListConfig[int64, thing]{Key: func(i thing) int64 { return i.id }, NewRow: newThingRow, Height: 36, Label: func(i thing) string { return i.name }})
			l.SetRows(things(40))
			l.SelectRow(2)
			return l
		}, false, "Zeile 3"},
		{"side list", func() fyne.CanvasObject {
			s := NewSideList(SideListConfig{})
			s.SetItems([]SideItem{{ID: "h", Label: "Konten", Heading: true}, {ID: "a", Label: "Posteingang", Icon: "inbox", Count: 1204}, {ID: "b", Label: longWords, Indent: 2, Icon: "folder", Parent: true, Note: "2 warten", NoteTone: ToneWarn}})
			s.Select("a")
			return s
		}, false, "Posteingang, 1204"},
		{"text", func() fyne.CanvasObject {
			v := NewTextView(NewPanel(theme.Surface, Heading("Betreff")).Padded(18, 28, 12, 28), NewCard(Caption("2 Anhänge")))
			v.SetText(strings.Repeat(longWords+" "+sentence+" https://stadt.example/plan\n\n", 5))
			return v
		}, false, strings.Repeat(longWords+" "+sentence+" https://stadt.example/plan\n\n", 5)},
		{"panes", func() fyne.CanvasObject {
			return NewSplit(Pane{Content: NewPanel(theme.Background, Heading("links")), Width: 235, Min: 150, Drop: 620}, Pane{Content: NewPanel(theme.Surface, Heading("Mitte")), Min: 300}, Pane{Content: NewPanel(theme.Surface, Heading("rechts")), Width: 330, Min: 240, Drop: 1000})
		}, false, ""},
		{"shares", func() fyne.CanvasObject {
			return NewSplit(Pane{Content: Heading("links"), Min: 300}, Pane{Content: Heading("rechts"), Share: 0.48, Min: 300})
		}, false, ""},
		{"scroller", func() fyne.CanvasObject {
			return NewScroller(NewColumn(4, Heading("Titel"), NewParagraph(sentence, 14, theme.Text))).Container
		}, false, ""},
		{"stage", func() fyne.CanvasObject {
			s := NewStage(NewPanel(theme.Surface, container.New(fixed{480, 320})))
			s.Toast("3 Nachrichten wurden in den Papierkorb verschoben", "Rückgängig", func() {})
			s.Alert("Der Server antwortet nicht", "Ihre Änderungen sind sicher gespeichert. Kontor versucht es von selbst wieder.")
			return s
		}, true, ""},
	}
}

// at is where an object lies.
type spot struct {
	o        fyne.CanvasObject
	pos      fyne.Position
	clipped  bool // by what scrolls or cuts around it
	depth    int
	ancestor string
}

// walk visits everything that is visible.
func walk(s spot, visit func(spot)) {
	if s.o == nil || !s.o.Visible() {
		return
	}
	visit(s)
	var children []fyne.CanvasObject
	switch o := s.o.(type) {
	case *fyne.Container:
		children = o.Objects
	case *container.Scroll, *container.Clip:
		s.clipped = true
		children = test.WidgetRenderer(o.(fyne.Widget)).Objects()
	case *Entry, *widget.Entry:
		return // scrolls by itself
	case fyne.Widget:
		children = test.WidgetRenderer(o).Objects()
	}
	parent := s.pos
	s.depth, s.ancestor = s.depth+1, fmt.Sprintf("%T", s.o)
	for _, c := range children {
		s.o, s.pos = c, parent.Add(c.Position())
		walk(s, visit)
	}
}

// misplaced says what lies beside the place that o has, has no proper size, or shows less than all its words.
func misplaced(o fyne.CanvasObject, whole bool) (wrong []string) {
	const ring = 4 // focus rings lie around a widget
	size := o.Size()
	walk(spot{o: o}, func(s spot) {
		w := s.o.Size()
		what := fmt.Sprintf("%T in %s", s.o, s.ancestor)
		if t, ok := s.o.(*canvas.Text); ok {
			what = fmt.Sprintf("%q in %s", t.Text, s.ancestor)
			if need := fyne.MeasureText(t.Text, t.TextSize, t.TextStyle).Width; need > w.Width+2 && t.Text != "" {
				wrong = append(wrong, fmt.Sprintf("%s is %.0f wide in a place of %.0f", what, need, w.Width))
			}
			if whole && strings.Contains(t.Text, "…") {
				wrong = append(wrong, what+" is cut off")
			}
			if t.Text == "" {
				return
			}
		}
		if w.Width < 0 || w.Height < 0 {
			wrong = append(wrong, fmt.Sprintf("%s has the size %v", what, w))
		}
		at := s.pos.Subtract(o.Position())
		if !s.clipped && (at.X < -ring || at.Y < -ring || at.X+w.Width > size.Width+ring || at.Y+w.Height > size.Height+ring) {
			wrong = append(wrong, fmt.Sprintf("%s at %v with %v lies beside %v", what, at, w, size))
		}
	})
	return wrong
}

// TestNothingLiesBesideItsPlace lays every widget out at its least size and in wider ones, with text from 100 to 200 %, in
// both languages and all looks (EN 301 549, 11.1.4.4, 11.1.4.10).
func TestNothingLiesBesideItsPlace(t *testing.T) {
	app := testApp(t)
	for _, p := range gallery() {
		for _, text := range []float32{1, 2} {
			theme.Apply(app, theme.Light, text)
			o := p.make()
			box := container.NewWithoutLayout(o)
			win := app.NewWindow("")
			win.SetContent(box)
			for _, width := range []float32{0, 320, 1000} {
				o.Resize(fyne.NewSize(max(theme.Px(width), o.MinSize().Width), o.MinSize().Height))
				least := o.MinSize() // text that wraps needs another height now
				for _, tall := range []float32{0, 300} {
					o.Resize(fyne.NewSize(max(theme.Px(width), least.Width), max(theme.Px(tall), o.MinSize().Height)))
					for _, w := range misplaced(o, p.whole) {
						t.Errorf("%s %.0f wide at %.0f %%: %s", p.name, width, text*100, w)
					}
				}
			}
			win.Close()
		}
	}
	words := canvas.NewText("länger als sein Platz", theme.Color(theme.Text))
	box := container.NewWithoutLayout(words)
	words.Resize(fyne.NewSize(40, 20))
	if box.Resize(fyne.NewSize(400, 400)); len(misplaced(box, true)) == 0 {
		t.Error("the test cannot find words without room")
	}
}

// TestTinyPlacesBreakNothing squeezes everything below its least size, as a window on a small screen does.
func TestTinyPlacesBreakNothing(t *testing.T) {
	app := testApp(t)
	for _, p := range gallery() {
		o := p.make()
		win := app.NewWindow("")
		win.SetContent(container.NewWithoutLayout(o))
		for _, side := range []float32{0, 1, 7, 30, 90} {
			for _, size := range []fyne.Size{{Width: side, Height: side}, {Width: side, Height: 400}, {Width: 400, Height: side}} {
				o.Resize(size)
				walk(spot{o: o}, func(s spot) {
					if w := s.o.Size(); (w.Width < 0 || w.Height < 0) && s.ancestor[0] == '*' {
						t.Errorf("%s in %v: %T in %s has the size %v", p.name, size, s.o, s.ancestor, w)
					}
				})
				if side < 10 {
					win.Canvas().Capture()
				}
			}
		}
		win.Close()
	}
}

// testApp is a test app in German and light, with everything happening at once.
func testApp(t *testing.T) fyne.App {
	t.Helper()
	app := test.NewTempApp(t)
	i18n.Use(i18n.German)
	theme.Apply(app, theme.Light, 1)
	Synchronous(true)
	t.Cleanup(func() {
		Synchronous(false)
		theme.Apply(app, theme.Light, 1)
	})
	return app
}
