// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"pgregory.net/rapid"

	"kontor/app/ui/kit/kittest"
)

var fixedTime = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// monospaced measures ten for each character.
func monospaced(s string) float32 { return float32(10 * utf8.RuneCountInString(s)) }

func TestWrapLines(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.StringMatching(`([a-zäöü]{1,12}[ \n]{0,2}){0,30}`).Draw(r, "text")
		width := float32(rapid.IntRange(3, 40).Draw(r, "columns") * 10)
		at := 0
		for _, l := range wrapLines(text, width, monospaced) {
			if l.start < at || l.end < l.start {
				r.Fatalf("line %v after %d", l, at)
			}
			if skipped := text[at:l.start]; strings.Trim(skipped, "\n") != "" {
				r.Fatalf("lost %q", skipped)
			}
			line := text[l.start:l.end]
			if strings.Contains(line, "\n") || monospaced(strings.TrimRight(line, " ")) > width {
				r.Fatalf("line %q is wider than %v", line, width)
			}
			at = l.end
		}
		if strings.Trim(text[at:], "\n") != "" {
			r.Fatalf("lost the end %q", text[at:])
		}
	})
}

func TestEllipsisFits(t *testing.T) {
	scene(t, NewLabel("", 14, 0, false), 100, 40)
	rapid.Check(t, func(r *rapid.T) {
		s := rapid.String().Draw(r, "s")
		width := rapid.Float32Range(0, 300).Draw(r, "width")
		got := Ellipsis(s, width, 14, fyne.TextStyle{})
		if fyne.MeasureText(got, 14, fyne.TextStyle{}).Width > width+0.01 {
			r.Fatalf("%q is wider than %v", got, width)
		}
		if !utf8.ValidString(got) && utf8.ValidString(s) {
			r.Fatalf("%q was cut within a character", got)
		}
	})
	if got := Ellipsis("kurz", 200, 14, fyne.TextStyle{}); got != "kurz" {
		t.Errorf("a text that fits became %q", got)
	}
	if got := Ellipsis("zwei\nZeilen", 200, 14, fyne.TextStyle{}); got != "zwei Zeilen" {
		t.Errorf("two lines became %q", got)
	}
}

func TestFindLinks(t *testing.T) {
	cases := map[string]string{
		"Siehe https://stadt.example/plan.":       "https://stadt.example/plan",
		"(www.stadt.example/a(b))":                "https://www.stadt.example/a(b)",
		"an k.vogel@stadt.example, bitte":         "mailto:k.vogel@stadt.example",
		"<https://stadt.example/?a=1&b=2>":        "https://stadt.example/?a=1&b=2",
		"javascript:alert(1) und file:///etc/a b": "",
	}
	for text, want := range cases {
		got := ""
		for _, l := range findLinks(text) {
			got = LinkTarget(text[l.start:l.end])
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestTextViewSelectsAndFollows(t *testing.T) {
	v := NewTextView(nil, nil)
	win := scene(t, v, 500, 300)
	link, copied := "", ""
	v.OnLink = func(target string) { link = target }
	v.Copy = func(words string) { copied = words }
	v.SetText("Guten Morgen, Frau Brandt\n\nmehr unter https://stadt.example/plan\n> zitiert")
	down := func(x, y float32) {
		ev := &desktop.MouseEvent{Button: desktop.MouseButtonPrimary}
		ev.Position = fyne.NewPos(x, y)
		v.MouseDown(ev)
	}
	_, lh := v.style()
	y := float32(12 + lh/2)
	down(30, y)
	v.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(28+v.measure("Guten Morgen"), y)}})
	if v.SelectedText() != "Guten Morgen" {
		t.Fatalf("dragged over %q", v.SelectedText())
	}
	v.TypedShortcut(&fyne.ShortcutCopy{})
	if copied != "Guten Morgen" {
		t.Fatalf("copied %q", copied)
	}
	v.TypedShortcut(&fyne.ShortcutSelectAll{})
	if v.SelectedText() != v.Text() {
		t.Fatal("not everything is selected")
	}
	at := fyne.NewPos(28+v.measure("mehr unter htt"), float32(12+2.5*lh))
	down(at.X, at.Y)
	v.Tapped(&fyne.PointEvent{Position: at})
	if link != "https://stadt.example/plan" {
		t.Fatalf("followed %q", link)
	}
	down(30, y)
	down(30, y)
	if v.SelectedText() != "Guten" {
		t.Fatalf("double click selects %q", v.SelectedText())
	}
	kittest.Picture(t, win, "textview")
}

// TestTextViewPaintsOnlyWhatIsShown keeps a very long text as cheap as a short one.
func TestTextViewPaintsOnlyWhatIsShown(t *testing.T) {
	v := NewTextView(nil, nil)
	scene(t, v, 500, 300)
	v.SetText(strings.Repeat("Ein Satz, der sich wiederholt und umbrochen wird. ", 20_000))
	if len(v.texts) > 40 || len(v.lines) < 10_000 {
		t.Fatalf("%d texts for %d lines", len(v.texts), len(v.lines))
	}
	v.TypedKey(key(fyne.KeyEnd))
	if v.offset < 100_000 || len(v.texts) > 40 {
		t.Fatalf("offset %v, %d texts", v.offset, len(v.texts))
	}
	v.ScrollTop()
	v.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -100)})
	if v.offset != 100 {
		t.Fatalf("offset %v", v.offset)
	}
}
