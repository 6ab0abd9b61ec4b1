// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"strings"
	"testing"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"pgregory.net/rapid"

	"kontor/app/ui/theme"
)

// anyText draws a text of words, long words, several scripts, quotes, links and empty lines.
func anyText(r *rapid.T) string {
	parts := rapid.SliceOfN(rapid.SampledFrom([]string{
		"Guten Morgen", " ", "  ", "\n", "\n\n", "> zitiert", "https://stadt.example/plan?a=1", "k.vogel@stadt.example", "Größe", longWords, "👩‍👩‍👧", "שלום",
		"漢字", "e\u0301", "\t", strings.Repeat("x", 90), ".", ",", "(", ")",
	}), 0, 40).Draw(r, "parts")
	return strings.Join(parts, rapid.SampledFrom([]string{"", " "}).Draw(r, "between"))
}

// TestAnyTextIsPaintedWhole puts the painted pieces of any text together again: every letter is there once, in order, and
// nothing is wider than its place.
func TestAnyTextIsPaintedWhole(t *testing.T) {
	v := NewTextView(nil, nil)
	win := scene(t, v, 400, 4000)
	defer theme.Apply(fyne.CurrentApp(), theme.Light, 1)
	rapid.Check(t, func(r *rapid.T) {
		text := anyText(r)
		theme.Apply(fyne.CurrentApp(), theme.Light, rapid.SampledFrom([]float32{1, 2}).Draw(r, "scale"))
		width := float32(rapid.IntRange(150, 900).Draw(r, "width"))
		win.Resize(fyne.NewSize(width, 20_000))
		v.SetText(text)
		var painted strings.Builder
		last := float32(-1)
		room := width - 2*theme.Px(v.Pad) + 1
		for _, x := range v.texts[:v.usedTexts] {
			painted.WriteString(x.Text)
			if y := x.Position().Y; y < last {
				r.Fatalf("%q is painted above what comes before it", x.Text)
			} else {
				last = y
			}
			if trimmed := strings.TrimRight(x.Text, " "); utf8.RuneCountInString(trimmed) > 1 && x.Position().X+v.measure(trimmed) > theme.Px(v.Pad)+max(room, 41)+theme.Px(14) {
				r.Fatalf("%q ends %v beside its place", trimmed, x.Position().X+v.measure(trimmed)-room)
			}
		}
		if want := strings.NewReplacer("\n", "", "\t", " ").Replace(text); painted.String() != want {
			r.Fatalf("painted %q, not %q", painted.String(), want)
		}
	})
}

// TestLinksStayLinksOverLines counts what is painted as a link: all letters of all addresses, over any number of lines.
func TestLinksStayLinksOverLines(t *testing.T) {
	v := NewTextView(nil, nil)
	win := scene(t, v, 400, 4000)
	accent := theme.Color(theme.Accent)
	rapid.Check(t, func(r *rapid.T) {
		text := anyText(r)
		win.Resize(fyne.NewSize(float32(rapid.IntRange(150, 900).Draw(r, "width")), 20_000))
		v.SetText(text)
		want, got := 0, 0
		for _, l := range v.links {
			want += l.end - l.start
		}
		for _, x := range v.texts[:v.usedTexts] {
			if x.Color == accent {
				got += len(x.Text)
			}
		}
		if got != want {
			r.Fatalf("%d octets are painted as links, not %d", got, want)
		}
	})
}

// TestSelectingByKeysIsLikeAPlainModel presses Shift with arrows at random and compares with positions in the text.
func TestSelectingByKeysIsLikeAPlainModel(t *testing.T) {
	s := newTextScene(t, "")
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.StringMatching(`[a-zäöü ]{0,60}(\n[a-zäöü ]{0,60}){0,4}`).Draw(r, "text")
		s.SetText(text)
		at := 0
		line := func() span {
			for _, l := range s.lines {
				if l.end >= at {
					return l
				}
			}
			return span{}
		}
		for range rapid.IntRange(1, 40).Draw(r, "keys") {
			name := rapid.SampledFrom([]fyne.KeyName{fyne.KeyLeft, fyne.KeyRight, fyne.KeyRight, fyne.KeyHome, fyne.KeyEnd}).Draw(r, "key")
			switch name {
			case fyne.KeyLeft:
				_, n := utf8.DecodeLastRuneInString(text[:at])
				at -= n
			case fyne.KeyRight:
				_, n := utf8.DecodeRuneInString(text[at:])
				at += n
			case fyne.KeyHome:
				at = line().start
			case fyne.KeyEnd:
				at = line().end
			}
			s.keys.Hold(shift, func() { s.TypedKey(key(name)) })
			if s.SelectedText() != text[:at] {
				r.Fatalf("after %s %q is selected, not %q", name, s.SelectedText(), text[:at])
			}
		}
	})
}

// TestTheSelectionIsPaintedWhereItIs compares the painted ground with the places of the letters.
func TestTheSelectionIsPaintedWhereItIs(t *testing.T) {
	s := newTextScene(t, "Erste Zeile\nzweite Zeile\n\nvierte")
	soft := theme.Color(theme.AccentSoft)
	marked := func() (all []*canvas.Rectangle) {
		for _, m := range s.marks[:s.usedMarks] {
			if m.FillColor == soft {
				all = append(all, m)
			}
		}
		return all
	}
	if len(marked()) != 0 {
		t.Fatal("nothing is selected, but something is painted")
	}
	s.drag(s.middle(6), s.middle(12+7))
	if s.SelectedText() != "Zeile\nzweite " {
		t.Fatalf("%q", s.SelectedText())
	}
	all := marked()
	if len(all) != 2 {
		t.Fatalf("%d lines are marked", len(all))
	}
	if got, want := all[0].Position().X, theme.Px(s.Pad)+s.measure("Erste "); got != want {
		t.Errorf("the first mark begins at %v, not %v", got, want)
	}
	if got, want := all[1].Size().Width, s.measure("zweite "); got != want {
		t.Errorf("the second mark is %v wide, not %v", got, want)
	}
	s.TypedShortcut(&fyne.ShortcutSelectAll{})
	if got := marked(); len(got) != 4 || got[2].Size().Width < 2 {
		t.Errorf("with an empty line %d lines are marked", len(got))
	}
	s.SetText("neu")
	if len(marked()) != 0 || s.SelectedText() != "" {
		t.Error("the selection of the text before is still there")
	}
}

// TestAWordIsSelectedByTwoClicks in texts of every kind.
func TestAWordIsSelectedByTwoClicks(t *testing.T) {
	text := "Größe (Lageplan), 14:30 Uhr; שלום – Ende."
	s := newTextScene(t, text)
	for on, want := range map[string]string{"röße": "Größe", "plan": "Lageplan", "30": "30", "לום": "שלום", "End": "Ende"} {
		at := s.middle(strings.Index(text, on))
		s.down(at, 0)
		s.MouseDown(mouse(at.X, at.Y, 1, 0))
		if s.SelectedText() != want {
			t.Errorf("two clicks on %q select %q", on, s.SelectedText())
		}
	}
	beside := s.middle(strings.Index(text, " (")) // two clicks between words
	s.down(beside, 0)
	s.MouseDown(mouse(beside.X, beside.Y, 1, 0))
	if strings.Contains(s.SelectedText(), "Lageplan") {
		t.Errorf("two clicks between words select %q", s.SelectedText())
	}
}

// TestQuotesAreQuiet paints what is quoted in a quieter colour, whatever else the line holds.
func TestQuotesAreQuiet(t *testing.T) {
	for line, want := range map[string]int{"> a": 1, ">> a": 2, "> > > a": 3, " > a": 1, "a > b": 0, "": 0, ">": 1, "->": 0} {
		if got := quoteDepth(line); got != want {
			t.Errorf("%q is quoted %d times, not %d", line, got, want)
		}
	}
	s := newTextScene(t, "eigenes\n> fremdes mit https://stadt.example Link\neigenes")
	colors := map[string]bool{}
	for _, x := range s.texts[:s.usedTexts] {
		switch {
		case strings.Contains(x.Text, "fremdes") && x.Color != theme.Color(theme.Muted):
			t.Error("what is quoted is as loud as the rest")
		case strings.Contains(x.Text, "eigenes") && x.Color != theme.Color(theme.Text):
			t.Error("what is the person's own is quiet")
		case strings.Contains(x.Text, "https") && x.Color != theme.Color(theme.Accent):
			t.Error("a link in a quote does not look like one")
		}
		colors[x.Text] = true
	}
	if len(colors) < 4 {
		t.Errorf("painted %v", colors)
	}
}
