// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"pgregory.net/rapid"

	"kontor/app/ui/kit/kittest"
	"kontor/app/ui/theme"
)

// textScene is a text on screen with what it told.
type textScene struct {
	*TextView
	win    fyne.Window
	keys   *kittest.Keys
	copied string
	link   string
}

func newTextScene(t *testing.T, text string) *textScene {
	t.Helper()
	s := &textScene{TextView: NewTextView(nil, nil)}
	s.win = scene(t, s.TextView, 500, 300)
	s.keys = kittest.NewKeys(t)
	s.Copy = func(words string) { s.copied = words }
	s.OnLink = func(target string) { s.link = target }
	s.SetText(text)
	s.win.Canvas().Focus(s.TextView)
	return s
}

// middle is the place of an octet of the text, which is on screen.
func (s *textScene) middle(at int) fyne.Position {
	_, lh := s.style()
	for i, l := range s.lines {
		if at >= l.start && at < l.end {
			return fyne.NewPos(theme.Px(s.Pad)+s.measure(s.text[l.start:at])+1, s.headHeight+float32((float64(i)+0.5)*lh-s.offset))
		}
	}
	return fyne.Position{X: -1}
}

func (s *textScene) down(at fyne.Position, mods fyne.KeyModifier) {
	s.press = clicks{} // no double click
	s.MouseDown(mouse(at.X, at.Y, desktop.MouseButtonPrimary, mods))
	s.MouseUp(nil)
}

func (s *textScene) drag(from, to fyne.Position) {
	s.down(from, 0)
	s.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: to}})
	s.DragEnd()
}

var hardTexts = map[string]string{
	"umlauts":   "Größe äöüß ÄÖÜẞ und é à ñ",
	"emoji":     "Gruß 👍🏽 und 👩‍👩‍👧‍👦 sowie 🇩🇪 Ende",
	"bidi":      "Name: שלום עולם und العربية am Ende",
	"combined":  "Cafe\u0301 und a\u0308o\u0308u\u0308",
	"cjk":       strings.Repeat("漢字仮名交じり文", 20),
	"long word": strings.Repeat("Donaudampfschifffahrt", 30),
	"controls":  "eins\tzwei\x00drei\rvier\x1b[31m",
	"invalid":   "kaputt \xff\xfe Ende",
	"empty":     "",
	"breaks":    "\n\n\nText\n\n",
	"spaces":    strings.Repeat(" ", 300) + "x",
}

// TestHardTexts selects, copies and walks through texts that are not plain words.
func TestHardTexts(t *testing.T) {
	for name, text := range hardTexts {
		s := newTextScene(t, text)
		s.TypedShortcut(&fyne.ShortcutSelectAll{})
		s.TypedShortcut(&fyne.ShortcutCopy{})
		if s.copied != text {
			t.Errorf("%s: copied %q", name, s.copied)
		}
		s.down(fyne.NewPos(0, 0), 0)
		steps := 0
		for before := -1; s.active != before && steps <= len(text)+1; steps++ {
			before = s.active
			s.keys.Hold(shift, func() { s.TypedKey(key(fyne.KeyRight)) })
			if got := s.SelectedText(); utf8.ValidString(text) && !utf8.ValidString(got) {
				t.Fatalf("%s: selected half a letter: %q", name, got)
			}
		}
		if s.SelectedText() != text {
			t.Errorf("%s: the arrows select %q", name, s.SelectedText())
		}
		for range steps {
			s.keys.Hold(shift, func() { s.TypedKey(key(fyne.KeyLeft)) })
		}
		if s.SelectedText() != "" {
			t.Errorf("%s: back at the beginning %q is selected", name, s.SelectedText())
		}
		for _, x := range s.texts[:s.usedTexts] {
			if strings.ContainsAny(x.Text, "\x00\t\r\n\x1b") {
				t.Errorf("%s: %q cannot be painted", name, x.Text)
			}
		}
		s.win.Canvas().Capture()
	}
}

// TestLettersStayTogether never cuts what belongs to one letter when a word is wider than a line.
func TestLettersStayTogether(t *testing.T) {
	for _, cluster := range []string{"e\u0301", "👍🏽", "👩‍👩‍👧", "❤️"} {
		text := strings.Repeat(cluster, 30)
		for width := float32(10); width < 200; width += 10 {
			for _, l := range wrapLines(text, width, monospaced) {
				if l.start%len(cluster) != 0 || l.end%len(cluster) != 0 {
					t.Fatalf("%q is cut at %d to %d in %v", cluster, l.start, l.end, width)
				}
			}
		}
	}
}

// TestAnyDragSelectsWhatLiesBetween drags between random places and compares with the text.
func TestAnyDragSelectsWhatLiesBetween(t *testing.T) {
	text := "Sehr geehrte Frau Brandt,\n\nanbei der Lageplan für die Lindenstraße 14. Bitte prüfen Sie ihn bis Freitag – danach geht er an das Bauamt.\n\nMit freundlichen Grüßen\nJonas Weber"
	s := newTextScene(t, text)
	var places []int
	for i := range text {
		if s.middle(i).X >= 0 {
			places = append(places, i)
		}
	}
	rapid.Check(t, func(r *rapid.T) {
		from, to := rapid.SampledFrom(places).Draw(r, "from"), rapid.SampledFrom(places).Draw(r, "to")
		s.drag(s.middle(from), s.middle(to))
		if want := text[min(from, to):max(from, to)]; s.SelectedText() != want {
			r.Fatalf("%q, not %q", s.SelectedText(), want)
		}
		more := rapid.SampledFrom(places).Draw(r, "more")
		s.down(s.middle(more), shift)
		if want := text[min(from, more):max(from, more)]; s.SelectedText() != want {
			r.Fatalf("with Shift %q, not %q", s.SelectedText(), want)
		}
	})
}

func TestDraggingBeyondTheEdgeScrolls(t *testing.T) {
	s := newTextScene(t, strings.Repeat("Zeile\n", 500))
	s.drag(fyne.NewPos(40, 50), fyne.NewPos(200, 340))
	if s.offset != 40 {
		t.Fatalf("offset %v", s.offset)
	}
	for range 400 {
		s.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(200, 400)}})
	}
	if want := s.total() - 300; s.offset != want {
		t.Fatalf("at the end the offset is %v, not %v", s.offset, want)
	}
	if n := strings.Count(s.SelectedText(), "\n"); n < 490 {
		t.Fatalf("%d lines are selected", n)
	}
	for range 400 {
		s.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(0, -50)}})
	}
	if s.offset != 0 || len(s.SelectedText()) > 30 {
		t.Fatalf("offset %v, %q", s.offset, s.SelectedText())
	}
}

func TestReadingByKeys(t *testing.T) {
	s := newTextScene(t, strings.Repeat("Ein Satz mit Umlauten wie ä und ö.\n", 300))
	_, lh := s.style()
	end := s.total() - 300
	passed := ""
	s.win.Canvas().SetOnTypedKey(func(ev *fyne.KeyEvent) { passed += string(ev.Name) })
	for _, c := range []struct {
		name fyne.KeyName
		want float64
	}{
		{fyne.KeyDown, lh * 2},
		{fyne.KeyUp, 0},
		{fyne.KeyPageDown, 300 - lh},
		{fyne.KeyPageUp, 0},
		{fyne.KeySpace, 300 - lh},
		{fyne.KeyEnd, end},
		{fyne.KeyPageDown, end},
		{fyne.KeyHome, 0},
		{fyne.KeyUp, 0},
	} {
		if s.TypedKey(key(c.name)); s.offset != c.want {
			t.Errorf("%s leads to %v, not to %v", c.name, s.offset, c.want)
		}
	}
	s.TypedKey(key(fyne.KeyF6))
	s.TypedRune('x')
	if passed != "F6" {
		t.Errorf("the window was given %q", passed)
	}
	// Shift and arrows: lines below each other, by where they are and not by octets.
	s.SetText("ääää ende\naaaa ende\nkurz\n")
	s.down(s.middle(0), 0)
	for range 4 {
		s.keys.Hold(shift, func() { s.TypedKey(key(fyne.KeyRight)) })
	}
	s.keys.Hold(shift, func() { s.TypedKey(key(fyne.KeyDown)) })
	if got := s.SelectedText(); got != "ääää ende\naaaa" {
		t.Errorf("Shift+Down selects %q", got)
	}
	s.keys.Hold(shift, func() { s.TypedKey(key(fyne.KeyUp)); s.TypedKey(key(fyne.KeyUp)) })
	if got := s.SelectedText(); got != "" && got != "ääää" {
		t.Errorf("back up it is %q", got)
	}
}

func TestLinksAreFollowedOnlyWhereTheyAre(t *testing.T) {
	text := "Plan: https://stadt.example/plan, Fragen an k.vogel@stadt.example.\n" + strings.Repeat("x", 200) + " https://stadt.example/" + strings.Repeat("sehr-lang-", 20) + "ende danach"
	s := newTextScene(t, text)
	for _, c := range []struct{ on, want string }{
		{"stadt.example/plan", "https://stadt.example/plan"},
		{"Plan", ""},
		{", Fragen", ""},
		{"k.vogel", "mailto:k.vogel@stadt.example"},
		{"lang-ende", "https://stadt.example/" + strings.Repeat("sehr-lang-", 20) + "ende"},
		{"danach", ""},
	} {
		at := s.middle(strings.Index(text, c.on))
		s.link = ""
		s.down(at, 0)
		s.Tapped(&fyne.PointEvent{Position: at})
		s.MouseMoved(mouse(at.X, at.Y, 0, 0))
		if s.link != c.want || (s.Cursor() == desktop.PointerCursor) != (c.want != "") {
			t.Errorf("a click on %q leads to %q, pointer %v", c.on, s.link, s.Cursor())
		}
	}
	at := s.middle(strings.Index(text, "stadt.example/plan"))
	s.drag(at, at.AddXY(60, 0))
	s.link = ""
	s.Tapped(&fyne.PointEvent{Position: at.AddXY(60, 0)})
	if s.link != "" {
		t.Error("selecting the words of a link follows it")
	}
	right := fyne.NewPos(480, s.middle(0).Y+40)
	if s.MouseMoved(mouse(right.X, right.Y, 0, 0)); s.Cursor() == desktop.PointerCursor && s.at(right) >= len(text) {
		t.Error("beside the text there is a link")
	}
	s.MouseIn(nil)
	s.MouseOut()
	if s.Cursor() != desktop.TextCursor {
		t.Error("the pointer left")
	}
}

func TestTheMenuCopies(t *testing.T) {
	s := newTextScene(t, "Guten Morgen")
	extra := ""
	s.Menu = func(selected string, _ fyne.Position) []MenuItem {
		return []MenuItem{{Label: "Suchen", Act: func() { extra = selected }}}
	}
	for _, c := range []struct {
		steps int
		want  string
	}{{1, "Guten Morgen"}, {3, "Guten Morgen"}} {
		s.TypedShortcut(&fyne.ShortcutSelectAll{})
		s.MouseDown(mouse(40, 20, desktop.MouseButtonSecondary, 0))
		s.TappedSecondary(&fyne.PointEvent{Position: fyne.NewPos(40, 20)})
		f := s.win.Canvas().Focused()
		if f == nil || s.win.Canvas().Overlays().Top() == nil {
			t.Fatal("no menu")
		}
		for range c.steps {
			f.TypedKey(key(fyne.KeyDown))
		}
		f.TypedKey(key(fyne.KeyReturn))
	}
	if s.copied != "Guten Morgen" || extra != "Guten Morgen" {
		t.Errorf("copied %q, searched %q", s.copied, extra)
	}
	s.copied = "vorher"
	s.SetText("anderer Text")
	s.TypedShortcut(&fyne.ShortcutCopy{})
	if s.copied != "vorher" {
		t.Error("nothing selected, but the clipboard was emptied")
	}
	s.Copy = nil
	s.TypedShortcut(&fyne.ShortcutSelectAll{})
	s.TypedShortcut(&fyne.ShortcutCopy{})
	if got := fyne.CurrentApp().Clipboard().Content(); got != "anderer Text" {
		t.Errorf("the clipboard has %q", got)
	}
}

// TestAMegabyteIsShownAtOnce wraps texts of one megabyte: words that all differ, and a single word.
func TestAMegabyteIsShownAtOnce(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	var words strings.Builder
	for words.Len() < 1_000_000 {
		fmt.Fprintf(&words, "%x ", random.Int64())
	}
	for name, text := range map[string]string{"different words": words.String(), "one word": strings.Repeat("A9zQ", 250_000)} {
		s := newTextScene(t, text)
		if len(s.lines) < 10_000 || len(s.texts) > 60 {
			t.Fatalf("%s: %d lines, %d texts", name, len(s.lines), len(s.texts))
		}
		s.TypedKey(key(fyne.KeyEnd))
		s.drag(fyne.NewPos(30, 10), fyne.NewPos(300, 250))
		if s.SelectedText() == "" || len(s.texts) > 60 {
			t.Fatalf("%s: %q, %d texts", name, s.SelectedText(), len(s.texts))
		}
		measures.Lock()
		large := 0
		for k := range measures.m {
			large = max(large, len(k.s))
		}
		measures.Unlock()
		if large > 10_000 {
			t.Errorf("%s: widths of texts of %d octets are kept in memory", name, large)
		}
	}
}

// TestWhatStandsAboveAndBelowScrollsAlong keeps head, text and foot in order, also with larger text.
func TestWhatStandsAboveAndBelowScrollsAlong(t *testing.T) {
	head, foot := NewPanel(theme.Surface, Heading("Betreff")).Padded(18, 28, 12, 28), NewCard(Caption("2 Anhänge"))
	v := NewTextView(head, foot)
	win := scene(t, container.NewStack(v), 400, 300)
	v.SetText(strings.Repeat("Text\n", 3))
	if foot.Position().Y < head.Size().Height || foot.Position().Y+foot.Size().Height > 300 || v.bar.Visible() {
		t.Fatalf("foot at %v, bar %v", foot.Position(), v.bar.Visible())
	}
	v.SetText(strings.Repeat("Text\n", 200))
	v.TypedKey(key(fyne.KeyEnd))
	if end := foot.Position().Y + foot.Size().Height; end > 300 || end < 250 || head.Position().Y > -1000 {
		t.Fatalf("at the end the foot ends at %v, the head is at %v", end, head.Position().Y)
	}
	lines := len(v.lines)
	v.SetText(strings.Repeat("Ein recht langer Satz, der umbrochen wird. ", 20))
	few := len(v.lines)
	v.SetTextSize(22)
	larger := len(v.lines)
	theme.Apply(fyne.CurrentApp(), theme.Dark, 2)
	if lines < 200 || larger <= few || len(v.lines) <= larger || v.back.FillColor != theme.Color(theme.Surface) {
		t.Fatalf("%d lines, %d with larger letters, %d at 200 %%", few, larger, len(v.lines))
	}
	win.Resize(fyne.NewSize(1400, 300))
	if len(v.lines) >= larger*3 {
		t.Fatalf("wide: %d lines", len(v.lines))
	}
	theme.Apply(fyne.CurrentApp(), theme.Light, 1)
}
