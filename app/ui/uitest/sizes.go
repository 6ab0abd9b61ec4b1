// SPDX-License-Identifier: EUPL-1.2

package uitest

import (
	"kontor/app/i18n"
	"kontor/app/ui/theme"
)

// Size is how large a page is, and its text.
type Size struct{ W, H, Text float32 }

// Sizes are those of a page in windows of 1440x900 and 1024x700, with text at 100 % and at 200 %.
var Sizes = []Size{{1364, 820, 1}, {948, 620, 1}, {1288, 740, 2}, {872, 540, 2}}

// SetSize gives the page one of the sizes, in a look.
func (s *Scene) SetSize(z Size, mode theme.Mode) {
	s.Resize(z.W, z.H)
	s.Look(mode, z.Text)
}

// EachSize makes the page in both languages, gives it each size and poses it; each pose calls fits, which looks for words
// that are cut off, beside the window or over each other.
func (s *Scene) EachSize(build func(), pose func(fits func(where string))) {
	s.T.Helper()
	for _, lang := range []i18n.Lang{i18n.German, i18n.English} {
		i18n.Use(lang)
		for _, z := range Sizes {
			s.SetSize(z, theme.Light)
			build()
			pose(func(where string) {
				s.Settle()
				for _, w := range s.Misfits() {
					s.T.Errorf("%s %.0fx%.0f at %.0f %%, %s: %s", lang, z.W, z.H, z.Text*100, where, w)
				}
			})
		}
	}
}
