// SPDX-License-Identifier: EUPL-1.2

// Package theme gives the window its looks: colours by their meaning in light, dark and high contrast, the font, sizes
// that follow the chosen text size, and icons.
package theme

import "image/color"

// Token names a colour by what it is for.
type Token uint8

// The tokens.
const (
	Background Token = iota // side panels
	Surface                 // pages, cards, lists
	Line                    // borders and separators
	Text
	Muted // second lines, captions
	Accent
	AccentSoft // selected rows
	OnAccent   // text on Accent
	AccentHover
	Warn
	WarnSoft
	Bad
	BadSoft
	Good
	GoodSoft
	Chip  // fields, quiet pills
	Hover // a row under the pointer
	Focus // the focus ring
	Rail
	RailText
	RailSelected // behind the chosen icon
	RailStrong   // text of the chosen icon
	Alert        // the counter on the rail
	OnAlert
	Control // borders of buttons and fields, 3:1 against what they lie on
	Shadow
	Clear
	tokenCount
)

type palette [tokenCount]color.NRGBA

func rgb(v uint32) color.NRGBA {
	return color.NRGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 0xff}
}

func rgba(v uint32, a uint8) color.NRGBA {
	c := rgb(v)
	c.A = a
	return c
}

var light = palette{
	Background: rgb(0xf6f7f8), Surface: rgb(0xffffff), Line: rgb(0xdfe3e7), Text: rgb(0x1b232b), Muted: rgb(0x5b6873),
	Accent: rgb(0x0b6e75), AccentSoft: rgb(0xdcf0f1), OnAccent: rgb(0xffffff), AccentHover: rgb(0x095c62),
	Warn: rgb(0x9a5b00), WarnSoft: rgb(0xfff1d9), Bad: rgb(0xb3261e), BadSoft: rgb(0xfde7e5), Good: rgb(0x1d7a3e), GoodSoft: rgb(0xe3f3e8),
	Chip: rgb(0xeef0f2), Hover: rgb(0xf0f3f5), Focus: rgb(0x0b6e75), Rail: rgb(0x12343b), RailText: rgb(0xbfd0d3), RailSelected: rgb(0x2e4c52), RailStrong: rgb(0xffffff),
	Alert: rgb(0xc93f1b), OnAlert: rgb(0xffffff), Control: rgb(0x84909a), Shadow: rgba(0x0b1a20, 0x38),
}

var dark = palette{
	Background: rgb(0x14191d), Surface: rgb(0x1b2126), Line: rgb(0x2c353c), Text: rgb(0xe8edf0), Muted: rgb(0x9aa8b2),
	Accent: rgb(0x4fc3c9), AccentSoft: rgb(0x173a3d), OnAccent: rgb(0x0d1d21), AccentHover: rgb(0x77d3d8),
	Warn: rgb(0xf0b55a), WarnSoft: rgb(0x3a2c12), Bad: rgb(0xff8a80), BadSoft: rgb(0x46211e), Good: rgb(0x6fcf8e), GoodSoft: rgb(0x173324),
	Chip: rgb(0x12171a), Hover: rgb(0x222a30), Focus: rgb(0x4fc3c9), Rail: rgb(0x0d1d21), RailText: rgb(0x9fb2b6), RailSelected: rgb(0x2a383c), RailStrong: rgb(0xffffff),
	Alert: rgb(0xc93f1b), OnAlert: rgb(0xffffff), Control: rgb(0x616e78), Shadow: rgba(0x000000, 0x80),
}

var contrastLight = palette{
	Background: rgb(0xffffff), Surface: rgb(0xffffff), Line: rgb(0x000000), Text: rgb(0x000000), Muted: rgb(0x1f1f1f),
	Accent: rgb(0x00373b), AccentSoft: rgb(0xb8ecef), OnAccent: rgb(0xffffff), AccentHover: rgb(0x000000),
	Warn: rgb(0x5c3500), WarnSoft: rgb(0xffe9b8), Bad: rgb(0x7d0000), BadSoft: rgb(0xffdad6), Good: rgb(0x004d1c), GoodSoft: rgb(0xcdf5d8),
	Chip: rgb(0xf0f0f0), Hover: rgb(0xe4e4e4), Focus: rgb(0x0000c8), Rail: rgb(0x000000), RailText: rgb(0xffffff), RailSelected: rgb(0x00595f), RailStrong: rgb(0xffffff),
	Alert: rgb(0x8f0000), OnAlert: rgb(0xffffff), Control: rgb(0x000000), Shadow: rgba(0x000000, 0x60),
}

var contrastDark = palette{
	Background: rgb(0x000000), Surface: rgb(0x000000), Line: rgb(0xffffff), Text: rgb(0xffffff), Muted: rgb(0xe6e6e6),
	Accent: rgb(0x7df9ff), AccentSoft: rgb(0x00474b), OnAccent: rgb(0x000000), AccentHover: rgb(0xffffff),
	Warn: rgb(0xffd45c), WarnSoft: rgb(0x3a2a00), Bad: rgb(0xffb0a8), BadSoft: rgb(0x4d0500), Good: rgb(0x8dffab), GoodSoft: rgb(0x003313),
	Chip: rgb(0x1c1c1c), Hover: rgb(0x2e2e2e), Focus: rgb(0xffe600), Rail: rgb(0x000000), RailText: rgb(0xffffff), RailSelected: rgb(0x00595f), RailStrong: rgb(0xffffff),
	Alert: rgb(0xffb0a8), OnAlert: rgb(0x000000), Control: rgb(0xffffff), Shadow: rgba(0x000000, 0xa0),
}

// Color gives the colour of a token in the look that is in use.
func Color(t Token) color.NRGBA { return current()[t] }
