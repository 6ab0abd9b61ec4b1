// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"image/color"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"pgregory.net/rapid"

	"kontor/app/ui/theme"
)

// unreadable lists the texts of an object whose colour is too near to what lies below them.
func unreadable(o fyne.CanvasObject, ground color.Color) (wrong []string) {
	type patch struct {
		fill color.Color
		at   fyne.Position
		size fyne.Size
	}
	patches := []patch{{ground, fyne.Position{X: -1e6, Y: -1e6}, fyne.NewSize(2e6, 2e6)}}
	walk(spot{o: o}, func(s spot) {
		switch c := s.o.(type) {
		case *canvas.Rectangle:
			if fill, ok := color.NRGBAModel.Convert(c.FillColor).(color.NRGBA); ok && fill.A == 0xff {
				patches = append(patches, patch{fill, s.pos, c.Size()})
			}
		case *canvas.Text:
			middle := s.pos.AddXY(fyne.MeasureText(c.Text, c.TextSize, c.TextStyle).Width/2, c.Size().Height/2)
			for _, p := range slices.Backward(patches) {
				if middle.X >= p.at.X && middle.Y >= p.at.Y && middle.X < p.at.X+p.size.Width && middle.Y < p.at.Y+p.size.Height {
					if got := theme.ContrastOf(c.Color, p.fill); got < 4.5 && c.Text != "" {
						wrong = append(wrong, c.Text)
					}
					break
				}
			}
		}
	})
	return wrong
}

// TestEveryStateCanBeRead paints every widget in every state and look, and computes the contrast of each word with what is
// really painted below it (EN 301 549, 11.1.4.3).
func TestEveryStateCanBeRead(t *testing.T) {
	app := testApp(t)
	states := map[string]func(fyne.CanvasObject){
		"at rest": func(fyne.CanvasObject) {},
		"below the pointer": func(o fyne.CanvasObject) {
			if h, ok := o.(desktop.Hoverable); ok {
				h.MouseIn(mouse(10, 10, 0, 0))
			}
		},
		"with the keyboard": func(o fyne.CanvasObject) {
			if f, ok := o.(fyne.Focusable); ok {
				f.FocusGained()
			}
		},
		"switched off": func(o fyne.CanvasObject) {
			if d, ok := o.(fyne.Disableable); ok {
				if b, own := o.(*Button); own && b.tone != theme.AccentSoft { // a toast's action is never off
					d.Disable()
				}
			}
		},
	}
	for _, mode := range []theme.Mode{theme.Light, theme.Dark, theme.Contrast} {
		theme.Apply(app, mode, 1)
		for name, enter := range states {
			for _, p := range gallery() {
				o := p.make()
				win := app.NewWindow("")
				win.SetContent(container.NewWithoutLayout(o))
				o.Resize(fyne.NewSize(1000, 300).Max(o.MinSize()))
				walk(spot{o: o}, func(s spot) { enter(s.o) })
				for _, words := range unreadable(o, theme.Color(theme.Surface)) {
					t.Errorf("%s: %s %s: %q is hard to read", mode, p.name, name, words)
				}
				win.Close()
			}
		}
		for _, tone := range []Tone{ToneMuted, ToneAccent, ToneGood, ToneWarn, ToneBad} {
			b := NewBadge("Zustand", "check", tone)
			b.Resize(b.MinSize())
			pill := NewPill("Zustand", tone, nil)
			pill.Resize(pill.MinSize())
			for _, o := range []fyne.CanvasObject{b, pill} {
				if wrong := unreadable(o, theme.Color(theme.Surface)); len(wrong) > 0 {
					t.Errorf("%s: %T in tone %d is hard to read", mode, o, tone)
				}
			}
		}
	}
	bad := canvas.NewText("grau auf grau", color.Gray{0x88})
	bad.Resize(fyne.NewSize(100, 20))
	if len(unreadable(bad, color.Gray{0x99})) == 0 {
		t.Error("the test cannot find words that are hard to read")
	}
}

// TestBadgesComeAndGo changes what a badge shows: nothing of before stays.
func TestBadgesComeAndGo(t *testing.T) {
	b := NewBadge("Wartet", "clock", ToneWarn)
	scene(t, container.NewWithoutLayout(b), 300, 50)
	wide := b.MinSize().Width
	b.Set("Wartet auf den Server", "clock", ToneWarn)
	if b.MinSize().Width <= wide {
		t.Error("more words need more room")
	}
	b.Set("Wartet", "", ToneWarn)
	if b.MinSize().Width >= wide || b.mark.glyph.Visible() {
		t.Error("an icon that is gone takes room")
	}
	b.Set("", "clock", ToneBad)
	if b.MinSize().Width != 0 || b.mark.back.Visible() || b.AccessibilityLabel() != "" {
		t.Error("a badge without words is shown")
	}
	b.Set("Konflikt", "warning", ToneBad)
	b.Resize(b.MinSize())
	if !b.mark.glyph.Visible() || b.mark.glyph.name != "warning" {
		t.Error("the badge does not come back")
	}
	theme.Apply(fyne.CurrentApp(), theme.Dark, 1)
	if b.mark.back.FillColor != color.Color(theme.Color(theme.BadSoft)) {
		t.Error("the badge keeps the colours of before")
	}
	theme.Apply(fyne.CurrentApp(), theme.Light, 1)
}

func TestButtonsChange(t *testing.T) {
	b := NewPlain("Antworten", "reply", nil)
	scene(t, container.NewWithoutLayout(b), 300, 50)
	test.Tap(b) // nobody listens
	b.SetIcon("trash")
	b.SetTip("Tipp")
	b.SetEnabled(false)
	if b.glyph.name != "trash" || !b.Disabled() || b.AccessibilityLabel() != "Antworten" {
		t.Errorf("%q, off %v", b.glyph.name, b.Disabled())
	}
	b.SetEnabled(true)
	if b.SetTone(theme.Bad); b.Cursor() == nil {
		t.Error("no pointer")
	}
	width := b.MinSize().Width
	b.SetIcon("")
	if b.MinSize().Width >= width {
		t.Error("an icon that is gone takes room")
	}
	l := NewLink("Löschen", nil)
	scene(t, container.NewWithoutLayout(l), 300, 50)
	l.SetTone(theme.Bad)
	if l.label.Color != color.Color(theme.Color(theme.Bad)) {
		t.Error("the link keeps its colour")
	}
}

func TestLabelsAndSmallThings(t *testing.T) {
	l := Caption("eins")
	p := NewProgress(7)
	pill := NewPill("Verbunden", ToneGood, nil)
	e := NewEmpty("inbox", "Leer", "", nil)
	n := NewNotice(nil)
	win := scene(t, container.NewVBox(l, p, pill, e, n), 400, 500)
	if p.fill.Size().Width > p.Size().Width {
		t.Errorf("the bar is %v of %v wide", p.fill.Size().Width, p.Size().Width)
	}
	for part, want := range map[float32]float32{-1: 0, 0.5: 0.5, 3: 1} {
		if p.Set(part); p.fill.Size().Width != p.Size().Width*want {
			t.Errorf("filled to %v it is %v of %v", part, p.fill.Size().Width, p.Size().Width)
		}
	}
	l.Set("zwei")
	l.SetToken("drei", theme.Bad)
	if l.Words() != "drei" || l.text.Color != color.Color(theme.Color(theme.Bad)) || l.NaturalWidth() <= 0 {
		t.Errorf("%q", l.Words())
	}
	pill.Set("Offline", ToneWarn)
	test.Tap(pill) // nobody listens
	if pill.Words() != "Offline" || pill.label.Color != color.Color(theme.Color(theme.Warn)) {
		t.Errorf("%q", pill.Words())
	}
	e.Set("check", "Alles erledigt", "Nichts mehr zu tun.")
	if e.glyph.name != "check" || e.AccessibilityLabel() != "Alles erledigt. Nichts mehr zu tun." {
		t.Errorf("%q", e.AccessibilityLabel())
	}
	n.Set("Hinweis", "info", ToneMuted, "")
	if n.action.Visible() || !n.Visible() {
		t.Error("a notice without an action has one")
	}
	theme.Apply(fyne.CurrentApp(), theme.Contrast, 1.5)
	win.Canvas().Capture()
	theme.Apply(fyne.CurrentApp(), theme.Light, 1)
}

// TestAnyWordsAreCutCleanly cuts texts of every kind off at any width: what is shown fits, is whole letters, and is the
// beginning of the text.
func TestAnyWordsAreCutCleanly(t *testing.T) {
	testApp(t)
	samples := []string{longWords, "Gruß 👍🏽 und 👩‍👩‍👧‍👦", "שלום עולם", "a\nb\tc", "漢字仮名交じり文", "", "x", strings.Repeat("W", 5000), "e\u0301e\u0301e\u0301"}
	rapid.Check(t, func(r *rapid.T) {
		s := rapid.SampledFrom(samples).Draw(r, "text")
		size := rapid.SampledFrom([]float32{11.5, 14, 28}).Draw(r, "size")
		style := fyne.TextStyle{Bold: rapid.Bool().Draw(r, "bold")}
		width := rapid.Float32Range(-5, 900).Draw(r, "width")
		got := Ellipsis(s, width, size, style)
		if fyne.MeasureText(got, size, style).Width > max(width, 0)+0.01 || !utf8.ValidString(got) || strings.ContainsAny(got, "\n\t") {
			r.Fatalf("%q in %v", got, width)
		}
		if begin := strings.TrimSuffix(got, "…"); !strings.HasPrefix(oneLine(s), begin) {
			r.Fatalf("%q is no beginning", got)
		}
		if got != oneLine(s) && got != "" && !strings.HasSuffix(got, "…") {
			r.Fatalf("%q does not say that it was cut off", got)
		}
		if wider := Ellipsis(s, max(width, 0)+50, size, style); utf8.RuneCountInString(wider) < utf8.RuneCountInString(got) {
			r.Fatalf("with more room %q became %q", got, wider)
		}
	})
}

// TestMeasuringFromManySides measures from several goroutines, as pictures and windows do.
func TestMeasuringFromManySides(t *testing.T) {
	testApp(t)
	want := fyne.MeasureText("Lindenstraße", 14, fyne.TextStyle{}).Width
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for i := range 300 {
				if got := Measure("Lindenstraße", 14, fyne.TextStyle{}); got != want {
					t.Errorf("%v, not %v", got, want)
				}
				Measure(strings.Repeat("x", i%30), 14, fyne.TextStyle{Bold: true})
			}
		})
	}
	all.Wait()
	measures.Lock()
	for i := range maxMeasures {
		measures.m[measureKey{s: "voll", size: float32(i)}] = 1
	}
	measures.Unlock()
	if got := Measure("nach dem Aufräumen", 14, fyne.TextStyle{}); got <= 0 {
		t.Error("nothing is measured any more")
	}
	measures.Lock()
	defer measures.Unlock()
	if len(measures.m) > maxMeasures {
		t.Errorf("%d widths are kept", len(measures.m))
	}
}

// TestTextsKnowWhatFits follows one text through changes of words, weight and place.
func TestTextsKnowWhatFits(t *testing.T) {
	testApp(t)
	x := NewText("Lindenstraße 14", 14, theme.Text)
	full := x.MinSize()
	x.Place(10, 20, full.Width/2)
	if !strings.HasSuffix(x.Text.Text, "…") || x.Full() != "Lindenstraße 14" {
		t.Errorf("%q of %q", x.Text.Text, x.Full())
	}
	x.Place(10, 20, full.Width+1)
	if x.Text.Text != "Lindenstraße 14" {
		t.Errorf("with room again: %q", x.Text.Text)
	}
	x.SetBold(true)
	if x.Width() <= full.Width {
		t.Error("bold letters are wider")
	}
	x.Place(0, 0, full.Width)
	if x.Text.Text == "Lindenstraße 14" && x.Width() > full.Width {
		t.Error("bold letters do not fit where plain ones did")
	}
	if left := x.PlaceRight(100, 10, 40); left < 59 || left > 100 {
		t.Errorf("flush right it begins at %v", left)
	}
	x.PlaceCentre(0, 10, 400)
	if got := x.Position().X; got < 100 || got > 200 {
		t.Errorf("in the middle it begins at %v", got)
	}
	x.Place(0, 0, -5)
	if x.Text.Text != "" || x.Size().Width != 0 {
		t.Errorf("without room: %q", x.Text.Text)
	}
}

// TestHoverFollowsThePointer moves the pointer over a list in which a row is selected.
func TestHoverFollowsThePointer(t *testing.T) {
	l, win := newThingList(t, 100)
	ground := func(row int) color.Color {
		for _, s := range l.slots {
			if s.index == row && s.box.Visible() {
				return s.back.FillColor
			}
		}
		return nil
	}
	l.SelectRow(1)
	l.MouseMoved(mouse(200, 100, 0, 0))
	hover, chosen := color.Color(theme.Color(theme.Hover)), color.Color(theme.Color(theme.AccentSoft))
	if ground(2) != hover || ground(1) != chosen || ground(3) == hover {
		t.Error("the row below the pointer is not shown")
	}
	l.MouseMoved(mouse(200, 40, 0, 0))
	if ground(1) != chosen || ground(2) == hover {
		t.Error("a selected row stays selected below the pointer")
	}
	l.MouseMoved(mouse(200, 3000, 0, 0))
	l.MouseMoved(mouse(200, -5, 0, 0))
	l.MouseOut()
	if l.hover != -1 || l.Cursor() != desktop.DefaultCursor {
		t.Error("the pointer left")
	}
	if !l.Loaded() || l.CursorRow() != 1 {
		t.Error("the list forgot where it was")
	}
	l.ClearSelection()
	if len(l.Selected()) != 0 || l.CursorRow() != -1 || ground(1) == chosen {
		t.Error("something is still selected")
	}
	if !l.ShowSelected(3) || l.ShowSelected(99_999) || len(l.Selected()) != 0 {
		t.Errorf("selected %v", l.Selected())
	}
	win.Resize(fyne.NewSize(400, 2000))
	if n := len(l.shown()); n < 55 {
		t.Errorf("in a taller window %d rows are shown", n)
	}
	win.Resize(fyne.NewSize(400, 100))
	if first, n := l.VisibleRows(); first != 0 || n > 5 {
		t.Errorf("in a lower one %d from %d", n, first)
	}
}

// TestScrollingNeverLeavesTheRows scrolls by any amount, also with the bar, in lists of any length.
func TestScrollingNeverLeavesTheRows(t *testing.T) {
	l, _ := newThingList(t, 0)
	rapid.Check(t, func(r *rapid.T) {
		*l.source = things(rapid.SampledFrom([]int{0, 1, 9, 10, 11, 500, 100_000}).Draw(r, "rows"))
		l.SetSource(l.data.source)
		for range rapid.IntRange(1, 10).Draw(r, "moves") {
			by := float32(rapid.IntRange(-100_000, 100_000).Draw(r, "by"))
			switch rapid.IntRange(0, 3).Draw(r, "how") {
			case 0:
				l.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, by)})
			case 1:
				l.bar.Dragged(&fyne.DragEvent{Dragged: fyne.NewDelta(0, by/1000)})
			case 2:
				l.bar.Tapped(&fyne.PointEvent{Position: fyne.NewPos(5, float32(rapid.IntRange(0, 360).Draw(r, "at")))})
			default:
				l.ScrollToRow(rapid.IntRange(0, max(l.Count()-1, 0)).Draw(r, "row"))
			}
			first, n := l.VisibleRows()
			if l.offset < 0 || l.offset > l.maxOffset() || first < 0 || first+n > max(l.Count(), 1) {
				r.Fatalf("offset %v of %v, rows %d to %d of %d", l.offset, l.maxOffset(), first, first+n, l.Count())
			}
			if shown := len(l.shown()); shown < min(l.Count(), 10) {
				r.Fatalf("%d rows are shown of %d", shown, l.Count())
			}
			y, h := l.bar.thumbSize()
			if l.bar.Visible() && (y < -0.5 || y+h > 360.5) {
				r.Fatalf("the thumb is at %v, %v long", y, h)
			}
			if l.bar.Visible() == (l.Count() <= 10) {
				r.Fatalf("%d rows, bar %v", l.Count(), l.bar.Visible())
			}
		}
	})
	l.bar.MouseIn(nil)
	if l.bar.thumb.Size().Width != 7 {
		t.Error("the bar does not react to the pointer")
	}
	l.bar.MouseMoved(nil)
	l.bar.MouseOut()
	if l.bar.thumb.Size().Width == 7 {
		t.Error("the pointer left the bar")
	}
}
