// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"fmt"
	"os"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"kontor/app/ui/kit/kittest"
	"kontor/app/ui/theme"
)

// scene shows an object on a test window, with everything happening at once.
func scene(t *testing.T, o fyne.CanvasObject, w, h float32) fyne.Window {
	t.Helper()
	app := testApp(t)
	win := app.NewWindow("")
	win.SetPadded(false)
	win.SetContent(o)
	win.Resize(fyne.NewSize(w, h))
	return win
}

type thing struct {
	id   int64
	name string
}

type thingRow struct {
	name, id *Text
	mark     *Mark
	check    *CheckMark
}

func newThingRow() Row[thing] {
	return &thingRow{name: NewText("", 14, theme.Text), id: NewText("", 12, theme.Muted), mark: NewMark(), check: NewCheckMark()}
}

func (r *thingRow) Objects() []fyne.CanvasObject {
	o := append([]fyne.CanvasObject{r.name.Text, r.id.Text}, r.mark.Objects()...)
	return append(o, r.check.Objects()...)
}

func (r *thingRow) Paint(i thing, size fyne.Size, st RowState) {
	r.check.Set(i.id%3 == 0, theme.Muted)
	r.check.Place(14, size.Height/2)
	r.name.SetBold(st.Selected)
	r.name.Set(i.name, theme.Text)
	r.name.Place(44, size.Height/2, size.Width-220)
	r.id.Set(fmt.Sprint(i.id), theme.Muted)
	x := r.id.PlaceRight(size.Width-14, size.Height/2, 60)
	r.mark.Set([]string{"", "Offline verfügbar", "Wartet", "Konflikt"}[i.id%4], []string{"", "check", "clock", "warning"}[i.id%4], Tone(i.id%5))
	r.mark.PlaceRight(x-10, size.Height/2)
}

func things(n int) SliceRows[thing] {
	s := make(SliceRows[thing], n)
	for i := range s {
		s[i] = thing{int64(i + 1), fmt.Sprintf("Zeile %d", i+1)}
	}
	return s
}

func TestPictures(t *testing.T) {
	if os.Getenv("KONTOR_PICTURES") == "" {
		t.Skip("KONTOR_PICTURES names no folder")
	}
	for _, mode := range []theme.Mode{theme.Light, theme.Dark, theme.Contrast} {
		side := NewSideList(SideListConfig{})
		rail := NewRail([]RailItem{{ID: "a", Label: "Heute", Icon: "home"}, {ID: "b", Label: "Mail", Icon: "mail"}, {ID: "c", Label: "Abgleich", Icon: "sync", Bottom: true}}, func(string) {})
		rail.Select("b")
		rail.SetCount("b", 12)
		list := NewRowList(RowListConfig[int64, thing]{Source: things(1000), Key: func(i thing) int64 { return i.id }, NewRow: newThingRow, Height: 36, Multi: true})
		view := NewTextView(container.NewVBox(Space(0, 10), container.NewHBox(Space(24, 0), NewPrimary("Neue Nachricht", nil), NewPlain("Antworten", "reply", nil), NewLink("Rückgängig", nil), NewIconButton("trash", "Löschen", nil))), NewCard(NewDetailGrid(Detail{"Größe", "184 KB"}, Detail{"Pfad", "Bauamt › Lindenstraße 14"})))
		view.SetText("Guten Morgen Frau Brandt,\n\nanbei der Lageplan und das Protokoll vom letzten Termin. Für morgen habe ich den Zugang zum Innenhof mit dem Eigentümer vereinbart: https://stadt.example/plan.\n\n> Zitat einer Zeile\n> noch eine")
		top := container.NewBorder(nil, nil, nil, container.NewCenter(NewPill("Offline · 3 Änderungen warten", ToneWarn, nil)), NewSearchField("Mail, Dateien und Aufgaben durchsuchen", "Strg K"))
		split := NewSplit(Pane{Content: side, Width: 235, Min: 150}, Pane{Content: container.NewBorder(NewTableHeader(Columns{{ID: "n", Title: "Name", Width: 100, Grow: 1, Sort: true}, {ID: "s", Title: "Größe", Width: 80}}, nil), nil, nil, nil, list), Width: 420, Min: 200}, Pane{Content: view, Min: 300})
		stage := NewStage(container.NewBorder(nil, nil, rail, nil, container.NewBorder(top, nil, nil, nil, split)))
		win := scene(t, stage, 1200, 600)
		theme.Apply(fyne.CurrentApp(), mode, 1)
		side.SetItems([]SideItem{{ID: "h", Label: "Alle Konten", Heading: true}, {ID: "i", Label: "Posteingang", Icon: "inbox", Count: 12}, {ID: "s", Label: "Markiert", Icon: "star", Count: 4}, {ID: "o", Label: "Ausgang", Icon: "send", Note: "2 warten", NoteTone: ToneWarn}, {ID: "f", Label: "Bauanträge", Icon: "folder", Parent: true, Open: true}, {ID: "g", Label: "Rückfragen mit sehr langem Namen", Icon: "folder", Indent: 1, Count: 2}})
		side.Select("i")
		list.SelectRow(2)
		win.Canvas().Focus(list)
		stage.Toast("3 Nachrichten verschoben", "Rückgängig", func() {})
		kittest.Picture(t, win, "kit-"+string(mode))
	}
}
