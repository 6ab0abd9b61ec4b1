// SPDX-License-Identifier: EUPL-1.2

package theme

import (
	"fmt"
	"image/color"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	fynetheme "fyne.io/fyne/v2/theme"
)

// looks are all palettes by their names.
var looks = map[string]*palette{"light": &light, "dark": &dark, "contrast light": &contrastLight, "contrast dark": &contrastDark}

var tokenNames = map[Token]string{
	Background: "Background", Surface: "Surface", Line: "Line", Text: "Text", Muted: "Muted", Accent: "Accent", AccentSoft: "AccentSoft",
	OnAccent: "OnAccent", AccentHover: "AccentHover", Warn: "Warn", WarnSoft: "WarnSoft", Bad: "Bad", BadSoft: "BadSoft", Good: "Good",
	GoodSoft: "GoodSoft", Chip: "Chip", Hover: "Hover", Focus: "Focus", Rail: "Rail", RailText: "RailText", RailSelected: "RailSelected",
	RailStrong: "RailStrong", Alert: "Alert", OnAlert: "OnAlert", Control: "Control", Shadow: "Shadow", Clear: "Clear",
}

// pair is what is painted on what.
type pair struct{ over, ground Token }

// texts are all pairs of words and ground that the program paints.
func texts() []pair {
	var all []pair
	for _, ground := range []Token{Surface, Background, Chip, AccentSoft, Hover} {
		for _, over := range []Token{Text, Muted, Accent} {
			all = append(all, pair{over, ground})
		}
	}
	for over, soft := range map[Token]Token{Warn: WarnSoft, Bad: BadSoft, Good: GoodSoft, Accent: AccentSoft, Muted: Chip} {
		for _, ground := range []Token{soft, Surface, Background, Hover} {
			all = append(all, pair{over, ground})
		}
	}
	return append(all, pair{OnAccent, Accent}, pair{OnAccent, AccentHover}, pair{Surface, Text}, pair{AccentSoft, Text}, pair{RailText, Rail}, pair{RailStrong, Rail},
		pair{RailStrong, RailSelected}, pair{OnAlert, Alert})
}

// graphics are what has to be seen without being read: rings, borders of what can be used, dots.
func graphics() []pair {
	var all []pair
	for _, ground := range []Token{Surface, Background, Chip, AccentSoft, Hover} {
		all = append(all, pair{Focus, ground})
	}
	for _, ground := range []Token{Surface, Background} {
		all = append(all, pair{Control, ground}, pair{Accent, ground}, pair{Warn, ground}, pair{Bad, ground}, pair{Good, ground})
	}
	return append(all, pair{RailStrong, Rail})
}

// TestEveryPairHasContrast computes the contrast of all that is painted, from the tokens: words 4.5 to 1, or 7 to 1 where
// a person asked for high contrast, graphics 3 to 1 (WCAG 2.1, 1.4.3, 1.4.6, 1.4.11).
func TestEveryPairHasContrast(t *testing.T) {
	for name, p := range looks {
		least := 4.5
		if strings.HasPrefix(name, "contrast") {
			least = 7
		}
		for kind, c := range map[string]struct {
			pairs []pair
			least float64
		}{"words": {texts(), least}, "graphics": {graphics(), 3}} {
			for _, pr := range c.pairs {
				if got := ContrastOf(p[pr.over], p[pr.ground]); got < c.least {
					t.Errorf("%s: %s: %s on %s has %.2f, not %.1f", name, kind, tokenNames[pr.over], tokenNames[pr.ground], got, c.least)
				}
			}
		}
	}
	if ContrastOf(rgb(0x777777), rgb(0x888888)) > 2 || ContrastOf(rgb(0), rgb(0xffffff)) != 21 {
		t.Error("the contrast is computed wrong")
	}
}

// TestPalettesAreWhole finds a token that was forgotten in a look: it would be black and see-through.
func TestPalettesAreWhole(t *testing.T) {
	if len(tokenNames) != int(tokenCount) {
		t.Fatalf("%d names for %d tokens", len(tokenNames), tokenCount)
	}
	for name, p := range looks {
		for token, words := range tokenNames {
			switch c := p[token]; {
			case token == Clear && c.A != 0:
				t.Errorf("%s: %s can be seen", name, words)
			case token != Clear && c.A == 0:
				t.Errorf("%s: %s cannot be seen", name, words)
			case token != Clear && token != Shadow && c.A != 0xff:
				t.Errorf("%s: %s lets through what is below: its contrast is not known", name, words)
			}
		}
		for _, softs := range [][2]Token{{WarnSoft, BadSoft}, {GoodSoft, BadSoft}, {AccentSoft, WarnSoft}, {Surface, AccentSoft}, {Surface, Hover}, {Hover, AccentSoft}, {Chip, Surface}} {
			if p[softs[0]] == p[softs[1]] {
				t.Errorf("%s: %s and %s look the same", name, tokenNames[softs[0]], tokenNames[softs[1]])
			}
		}
	}
}

// TestTheToolkitPaintsWithTheTokens asks for every colour that the toolkit knows, in every look.
func TestTheToolkitPaintsWithTheTokens(t *testing.T) {
	a := test.NewTempApp(t)
	readable := []pair{}
	for mode, p := range map[Mode]*palette{Light: &light, Dark: &dark, Contrast: &contrastLight} {
		Apply(a, mode, 1)
		th := a.Settings().Theme()
		for name, token := range colors {
			if got := th.Color(name, fynetheme.VariantDark); got != color.Color(p[token]) {
				t.Errorf("%s: %s is %v, not the token %s", mode, name, got, tokenNames[token])
			}
		}
		for _, name := range []fyne.ThemeColorName{fynetheme.ColorNameShadow, fynetheme.ColorNameScrollBar, "no such colour"} {
			if th.Color(name, 0) == nil {
				t.Errorf("%s: no colour for %s", mode, name)
			}
		}
		if c := th.Color(fynetheme.ColorNameScrollBar, 0).(color.NRGBA); c.A == 0xff || c.A == 0 {
			t.Errorf("%s: the scroll bar hides what is below it, or is hidden itself: %v", mode, c)
		}
	}
	for over, ground := range map[fyne.ThemeColorName]fyne.ThemeColorName{
		fynetheme.ColorNameForeground: fynetheme.ColorNameBackground, fynetheme.ColorNamePlaceHolder: fynetheme.ColorNameInputBackground,
		fynetheme.ColorNameDisabled: fynetheme.ColorNameDisabledButton, fynetheme.ColorNameForegroundOnPrimary: fynetheme.ColorNamePrimary,
		fynetheme.ColorNameForegroundOnError: fynetheme.ColorNameError, fynetheme.ColorNameForegroundOnSuccess: fynetheme.ColorNameSuccess,
		fynetheme.ColorNameForegroundOnWarning: fynetheme.ColorNameWarning, fynetheme.ColorNameHyperlink: fynetheme.ColorNameMenuBackground,
	} {
		readable = append(readable, pair{colors[over], colors[ground]})
	}
	for name, p := range looks {
		for _, pr := range readable {
			if got := ContrastOf(p[pr.over], p[pr.ground]); got < 4.5 {
				t.Errorf("%s: the toolkit paints %s on %s with %.2f", name, tokenNames[pr.over], tokenNames[pr.ground], got)
			}
		}
	}
}

// TestLengthsGrowWithTheText checks every size the toolkit asks for, from 80 to 200 %.
func TestLengthsGrowWithTheText(t *testing.T) {
	a := test.NewTempApp(t)
	names := slices.Collect(maps.Keys(sizes))
	names = append(names, fynetheme.SizeNameWindowTitleBarHeight)
	for _, asked := range []struct{ want, get float32 }{{0.1, 0.8}, {0.8, 0.8}, {1, 1}, {1.25, 1.25}, {2, 2}, {7, 2}} {
		Apply(a, Light, asked.want)
		if _, got := Current(); got != asked.get {
			t.Errorf("%v became %v", asked.want, got)
		}
		for _, name := range names {
			got := a.Settings().Theme().Size(name)
			full, own := sizes[name]
			if !own {
				full = fynetheme.DefaultTheme().Size(name)
			}
			if want := full * asked.get; full > 2 && (got < want-0.51 || got > want+0.51) || full <= 2 && got != full {
				t.Errorf("%s at %v is %v", name, asked.get, got)
			}
		}
		if asked.get != 1 && TextPx(11.5) != float32(int(TextPx(11.5))) {
			t.Errorf("letters of %v", TextPx(11.5))
		}
	}
	Apply(a, Light, 1)
	if TextPx(11.5) != 11.5 || Px(11.5) != 11.5 {
		t.Error("at 100 % nothing is rounded")
	}
}

func TestFonts(t *testing.T) {
	th := &look{}
	seen := map[string]string{}
	for name, style := range map[string]fyne.TextStyle{"regular": {}, "bold": {Bold: true}, "italic": {Italic: true}, "mono": {Monospace: true}, "symbol": {Symbol: true}} {
		r := th.Font(style)
		if r == nil || len(r.Content()) < 1000 {
			t.Fatalf("%s: no font", name)
		}
		if other := seen[r.Name()]; other != "" {
			t.Errorf("%s and %s are the same font", name, other)
		}
		seen[r.Name()] = name
	}
	if th.Font(fyne.TextStyle{Bold: true, Italic: true}).Name() != th.Font(fyne.TextStyle{Bold: true}).Name() {
		t.Error("bold and italic together should stay bold")
	}
	if th.Icon(fynetheme.IconNameCancel) == nil || len(Logo().Content()) == 0 {
		t.Error("an icon is missing")
	}
}

// TestIconsFollowTheLook draws an icon in every colour and for every screen.
func TestIconsFollowTheLook(t *testing.T) {
	a := test.NewTempApp(t)
	defer SetDeviceScale(1)
	seen := map[string]string{}
	for _, mode := range []Mode{Light, Dark, Contrast} {
		Apply(a, mode, 1)
		for _, token := range []Token{Text, Accent} {
			svg := string(Icon("mail", token).Content())
			c := Color(token)
			if hex := fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B); !strings.Contains(svg, hex) {
				t.Errorf("%s: the icon is not painted with %s", mode, hex)
			}
			seen[svg] = string(mode)
		}
	}
	if len(seen) != 6 {
		t.Errorf("%d drawings for three looks and two colours", len(seen))
	}
	Apply(a, Light, 1)
	width := func(size, scale float32) string {
		SetDeviceScale(scale)
		svg := string(IconSized("mail", Text, size).Content())
		_, after, _ := strings.Cut(svg, `stroke-width="`)
		w, _, _ := strings.Cut(after, `"`)
		return w
	}
	if small, usual, large := width(12, 1), width(18, 1), width(18, 2); small != "1.10" || usual >= large {
		t.Errorf("lines are %s, %s and %s wide", small, usual, large)
	}
	if !strings.Contains(string(IconSized("mail", Text, 36).Content()), "stroke-width") {
		t.Error("a large icon has no lines")
	}
}

// TestTheSystemDecides: without a word from the desktop the program is light; high contrast follows it too.
func TestTheSystemDecides(t *testing.T) {
	a := test.NewTempApp(t)
	said := desktopSays
	defer func() { desktopSays = said }()
	for _, says := range []bool{false, true} {
		desktopSays = func() bool { return says }
		for mode, looks := range map[Mode][2]*palette{System: {&light, &dark}, Contrast: {&contrastLight, &contrastDark}} {
			Apply(a, mode, 1)
			want := looks[0]
			if says && a.Settings().ThemeVariant() == fynetheme.VariantDark {
				want = looks[1]
			}
			if Color(Surface) != want[Surface] || IsDark() != (want == &dark || want == &contrastDark) {
				t.Errorf("%s, the desktop says %v: %v", mode, says, Color(Surface))
			}
		}
	}
	Apply(a, Light, 1)
	if os.Getenv("FYNE_THEME") == "" && os.Getenv("DBUS_SESSION_BUS_ADDRESS") == "" && os.Getenv("XDG_RUNTIME_DIR") == "" && said() {
		t.Error("a desktop that is not there has spoken")
	}
}
