// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"image/color"
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"pgregory.net/rapid"

	"kontor/app/ui/theme"
	"kontor/app/ui/uitest"
)

// TestDotsAreSeen: whatever colour a server gives a list, its dot stands out in every look; one that does already stays.
func TestDotsAreSeen(t *testing.T) {
	if got := theme.ContrastOf(color.White, color.Black); math.Abs(got-21) > 0.01 || theme.ContrastOf(color.White, color.White) != 1 {
		t.Fatalf("black and white: %v", got)
	}
	uitest.New(t)
	for _, mode := range []theme.Mode{theme.Light, theme.Dark, theme.Contrast} {
		theme.Apply(fyne.CurrentApp(), mode, 1)
		back := theme.Color(theme.Background)
		rapid.Check(t, func(rt *rapid.T) {
			hex := rapid.StringMatching("#[0-9a-f]{6}(ff)?").Draw(rt, "color")
			if got := theme.ContrastOf(colorOf(hex), back); got < 3 {
				rt.Fatalf("%s has %.2f", hex, got)
			}
		})
		for _, odd := range []string{"", "red", "#12", "#gggggg"} {
			if theme.ContrastOf(colorOf(odd), back) < 3 {
				t.Errorf("%q is not seen", odd)
			}
		}
	}
	theme.Apply(fyne.CurrentApp(), theme.Light, 1)
	for _, c := range listColors {
		r, g, b, _ := colorOf(c.hex).RGBA()
		if got := (color.NRGBA{R: uint8(r >> 8), G: uint8(g >> 8), B: uint8(b >> 8), A: 0xff}); visible(got, color.White) != got {
			t.Errorf("%s is changed where it is seen", c.key)
		}
	}
}
