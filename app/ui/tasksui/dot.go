// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"fmt"
	"image/color"
	"math"

	"kontor/app/ui/theme"
)

// colorOf is the colour of a list's dot; a list without one gets the accent.
func colorOf(words string) color.Color {
	var r, g, b uint8
	if n, err := fmt.Sscanf(words, "#%02x%02x%02x", &r, &g, &b); err != nil || n != 3 {
		return theme.Color(theme.Accent)
	}
	return visible(color.NRGBA{R: r, G: g, B: b, A: 0xff}, theme.Color(theme.Background))
}

// visible brings a colour nearer to black or white until it stands out from what it lies on (EN 301 549, 11.1.4.11).
func visible(c color.NRGBA, back color.Color) color.Color {
	to := uint8(0)
	if contrast(color.White, back) > contrast(color.Black, back) {
		to = 0xff
	}
	for range 20 {
		if contrast(c, back) >= 3 {
			break
		}
		for _, v := range []*uint8{&c.R, &c.G, &c.B} {
			*v = uint8((int(*v)*9 + int(to)) / 10)
		}
	}
	return c
}

// contrast is that of two colours (WCAG 2.2): 1 for the same, 21 for black and white.
func contrast(a, b color.Color) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(c color.Color) float64 {
	part := func(v uint32) float64 {
		s := float64(v) / 0xffff
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	r, g, b, _ := c.RGBA()
	return 0.2126*part(r) + 0.7152*part(g) + 0.0722*part(b)
}
