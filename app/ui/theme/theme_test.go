// SPDX-License-Identifier: EUPL-1.2

package theme

import (
	"image/color"
	"io/fs"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"
	fynetheme "fyne.io/fyne/v2/theme"

	"kontor/assets"
)

func TestModes(t *testing.T) {
	a := test.NewTempApp(t)
	for mode, want := range map[Mode]color.NRGBA{Light: light[Surface], Dark: dark[Surface]} {
		Apply(a, mode, 1)
		if Color(Surface) != want || a.Settings().Theme().Color(fynetheme.ColorNameBackground, 0) != want {
			t.Errorf("%s: %v", mode, Color(Surface))
		}
	}
	Apply(a, "no such mode", 9)
	if mode, size := Current(); mode != System || size != 2 {
		t.Errorf("%s at %v", mode, size)
	}
	if Px(10) != 20 || Px(1) != 1 || TextPx(13) != 26 || a.Settings().Theme().Size(fynetheme.SizeNameText) != 28 {
		t.Errorf("lengths %v %v, text %v", Px(10), Px(1), TextPx(13))
	}
	Apply(a, Light, 1)
}

func TestIconsExistAndTakeColours(t *testing.T) {
	names, err := fs.Glob(assets.Icons, "icons/*.svg")
	if err != nil || len(names) < 40 {
		t.Fatalf("%d icons, %v", len(names), err)
	}
	for _, name := range names {
		svg, err := assets.Icons.ReadFile(name)
		if err != nil || !strings.Contains(string(svg), `stroke-width="1.6"`) || !strings.Contains(string(svg), "currentColor") {
			t.Errorf("%s cannot be coloured or sized: %v", name, err)
		}
	}
	a, b := IconIn("mail", light[Text], 18), IconIn("mail", light[Text], 40)
	if a == b || a != IconIn("mail", light[Text], 18) || strings.Contains(string(a.Content()), "currentColor") {
		t.Error("icons must be made once for each size")
	}
	if HasIcon("no such icon") || !HasIcon("mail") || len(Icon("no such icon", Text).Content()) == 0 {
		t.Error("an icon that does not exist")
	}
	changed := SetDeviceScale(2)
	if !changed || SetDeviceScale(2) || IconIn("mail", light[Text], 18) == a {
		t.Error("another screen needs other drawings")
	}
	SetDeviceScale(1)
}
