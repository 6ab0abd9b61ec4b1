// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"fmt"
	"image/color"

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
	if theme.ContrastOf(color.White, back) > theme.ContrastOf(color.Black, back) {
		to = 0xff
	}
	for range 20 {
		if theme.ContrastOf(c, back) >= 3 {
			break
		}
		for _, v := range []*uint8{&c.R, &c.G, &c.B} {
			*v = uint8((int(*v)*9 + int(to)) / 10)
		}
	}
	return c
}
