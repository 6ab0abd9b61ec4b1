// SPDX-License-Identifier: EUPL-1.2

package assets

import "embed"

// Icons holds NAME.svg line icons on a grid of 24 units. Their colour is "currentColor".
//
//go:embed icons/*.svg
var Icons embed.FS

// Logo is the program's icon.
//
//go:embed kontor.svg
var Logo []byte

// FontRegular is Inter (SIL Open Font License 1.1, see fonts/OFL.txt).
//
//go:embed fonts/Inter-Regular.otf
var FontRegular []byte

// FontSemiBold is Inter for emphasis and titles.
//
//go:embed fonts/Inter-SemiBold.otf
var FontSemiBold []byte

// FontItalic is Inter in its slanted shape.
//
//go:embed fonts/Inter-Italic.otf
var FontItalic []byte
