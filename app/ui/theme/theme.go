// SPDX-License-Identifier: EUPL-1.2

package theme

import (
	"image/color"
	"math"
	"sync/atomic"

	"fyne.io/fyne/v2"
	fynetheme "fyne.io/fyne/v2/theme"

	"kontor/assets"
)

// Mode is the look a person chose.
type Mode string

// The modes. System and Contrast follow the desktop's light or dark setting; light where it has none.
const (
	System   Mode = "system"
	Light    Mode = "light"
	Dark     Mode = "dark"
	Contrast Mode = "contrast"
)

// choice is what Apply set, read by every paint.
type choice struct {
	mode   Mode
	factor float32
}

var chosen atomic.Pointer[choice]

func settings() choice {
	if c := chosen.Load(); c != nil {
		return *c
	}
	return choice{mode: Light, factor: 1}
}

// Apply makes the look and the text size (1 is 100 %, up to 2) those of the whole program. UI goroutine only.
func Apply(app fyne.App, mode Mode, factor float32) {
	switch mode {
	case Light, Dark, Contrast, System:
	default:
		mode = System
	}
	factor = min(max(factor, 0.8), 2)
	chosen.Store(&choice{mode: mode, factor: factor})
	app.Settings().SetTheme(&look{})
}

// Current gives the mode and the text size in use.
func Current() (Mode, float32) {
	c := settings()
	return c.mode, c.factor
}

// Px turns a length at 100 % text size into one at the chosen text size, in whole device-independent pixels for
// lengths above two.
func Px(v float32) float32 {
	f := settings().factor
	if f == 1 || v <= 2 {
		return v
	}
	return float32(math.Round(float64(v * f)))
}

// TextPx is Px for font sizes. The toolkit spaces letters for whole sizes only, so that these are whole where they are
// scaled.
func TextPx(v float32) float32 {
	if f := settings().factor; f != 1 {
		return float32(math.Round(float64(v * f)))
	}
	return v
}

// IsDark reports whether light text stands on dark ground.
func IsDark() bool {
	switch settings().mode {
	case Light:
		return false
	case Dark:
		return true
	case System, Contrast:
	}
	app := fyne.CurrentApp()
	return app != nil && desktopSays() && app.Settings().ThemeVariant() == fynetheme.VariantDark
}

func current() *palette {
	isDark := IsDark()
	switch {
	case settings().mode == Contrast && isDark:
		return &contrastDark
	case settings().mode == Contrast:
		return &contrastLight
	case isDark:
		return &dark
	}
	return &light
}

// look is the toolkit's view of the tokens, for its own widgets: fields, menus, scroll bars.
type look struct{}

var (
	regular  = fyne.NewStaticResource("Inter-Regular.otf", assets.FontRegular)
	semiBold = fyne.NewStaticResource("Inter-SemiBold.otf", assets.FontSemiBold)
	italic   = fyne.NewStaticResource("Inter-Italic.otf", assets.FontItalic)
)

// Font implements fyne.Theme.
func (*look) Font(s fyne.TextStyle) fyne.Resource {
	switch {
	case s.Monospace, s.Symbol:
		return fynetheme.DefaultTheme().Font(s)
	case s.Bold:
		return semiBold
	case s.Italic:
		return italic
	}
	return regular
}

// Icon implements fyne.Theme.
func (*look) Icon(n fyne.ThemeIconName) fyne.Resource { return fynetheme.DefaultTheme().Icon(n) }

var colors = map[fyne.ThemeColorName]Token{
	fynetheme.ColorNameBackground:          Surface,
	fynetheme.ColorNameForeground:          Text,
	fynetheme.ColorNameButton:              Chip,
	fynetheme.ColorNameDisabledButton:      Chip,
	fynetheme.ColorNameDisabled:            Muted,
	fynetheme.ColorNameError:               Bad,
	fynetheme.ColorNameFocus:               AccentSoft,
	fynetheme.ColorNameForegroundOnPrimary: OnAccent,
	fynetheme.ColorNameHeaderBackground:    Background,
	fynetheme.ColorNameHover:               Hover,
	fynetheme.ColorNameHyperlink:           Accent,
	fynetheme.ColorNameInputBackground:     Surface,
	fynetheme.ColorNameInputBorder:         Control,
	fynetheme.ColorNameMenuBackground:      Surface,
	fynetheme.ColorNameOverlayBackground:   Surface,
	fynetheme.ColorNamePlaceHolder:         Muted,
	fynetheme.ColorNamePressed:             AccentSoft,
	fynetheme.ColorNamePrimary:             Accent,
	fynetheme.ColorNameSelection:           AccentSoft,
	fynetheme.ColorNameSeparator:           Line,
	fynetheme.ColorNameSuccess:             Good,
	fynetheme.ColorNameWarning:             Warn,
	fynetheme.ColorNameScrollBarBackground: Clear,
	fynetheme.ColorNameForegroundOnError:   Surface,
	fynetheme.ColorNameForegroundOnSuccess: Surface,
	fynetheme.ColorNameForegroundOnWarning: Surface,
}

// Color implements fyne.Theme.
func (*look) Color(n fyne.ThemeColorName, _ fyne.ThemeVariant) color.Color {
	switch n {
	case fynetheme.ColorNameShadow:
		return Color(Shadow)
	case fynetheme.ColorNameScrollBar:
		c := Color(Muted)
		c.A = 0x90
		return c
	}
	if t, ok := colors[n]; ok {
		return Color(t)
	}
	variant := fynetheme.VariantLight
	if IsDark() {
		variant = fynetheme.VariantDark
	}
	return fynetheme.DefaultTheme().Color(n, variant)
}

var sizes = map[fyne.ThemeSizeName]float32{
	fynetheme.SizeNameText:               14,
	fynetheme.SizeNameCaptionText:        12,
	fynetheme.SizeNameSubHeadingText:     16,
	fynetheme.SizeNameHeadingText:        20,
	fynetheme.SizeNamePadding:            4,
	fynetheme.SizeNameInnerPadding:       8,
	fynetheme.SizeNameInlineIcon:         18,
	fynetheme.SizeNameLineSpacing:        4,
	fynetheme.SizeNameScrollBar:          9,
	fynetheme.SizeNameScrollBarSmall:     4,
	fynetheme.SizeNameScrollBarRadius:    4,
	fynetheme.SizeNameSeparatorThickness: 1,
	fynetheme.SizeNameInputBorder:        1,
	fynetheme.SizeNameInputRadius:        6,
	fynetheme.SizeNameSelectionRadius:    4,
}

// Size implements fyne.Theme.
func (*look) Size(n fyne.ThemeSizeName) float32 {
	if v, ok := sizes[n]; ok {
		return Px(v)
	}
	return Px(fynetheme.DefaultTheme().Size(n))
}
