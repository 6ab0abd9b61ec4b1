// SPDX-License-Identifier: EUPL-1.2

package desk

import (
	"fmt"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"kontor/app/i18n"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
	"kontor/app/ui/uitest"
)

// TestTextFits walks through every page in both languages, in the smallest window and with the largest text, and looks
// for words that are wider than their place or lie beside the window (EN 301 549, 11.1.4.4).
func TestTextFits(t *testing.T) {
	kit.Synchronous(true)
	defer kit.Synchronous(false)
	core := uitest.NewTown(t).App
	a := test.NewTempApp(t)
	for _, lang := range []string{"de", "en"} {
		for _, c := range []struct{ width, height, text float32 }{{1024, 700, 1}, {1440, 900, 2}} {
			d := newDesk(t.Context(), a, Config{Core: core, Lang: lang, Theme: "light"}, prefsOf(t, core))
			d.look.text = c.text
			d.look.use(a)
			d.win.Resize(fyne.NewSize(c.width, c.height))
			d.build()
			d.shell.ReadStatus()
			for _, page := range []string{"heute", "mail", "files", "tasks", "sync", "options", "welcome", "search"} {
				d.pose(page)
				name := fmt.Sprintf("%s %s at %.0f %%", lang, page, c.text*100)
				found, wrong := fits(d.win.Content(), fyne.Position{}, c.width)
				if found < 20 {
					t.Errorf("%s: only %d texts were found", name, found)
				}
				for _, w := range wrong {
					t.Errorf("%s: %s", name, w)
				}
				if _, wrong := fits(d.win.Content(), fyne.Position{}, c.width/2); len(wrong) == 0 {
					t.Errorf("%s: the test cannot find words beside the window", name)
				}
			}
			d.leave()
			d.win.Close()
		}
	}
	i18n.Use(i18n.German)
	theme.Apply(a, theme.Light, 1)
}

// fits counts the texts of an object and says which do not fit. Fields scroll by themselves and are left out.
func fits(o fyne.CanvasObject, at fyne.Position, width float32) (n int, wrong []string) {
	if !o.Visible() {
		return 0, nil
	}
	at = at.Add(o.Position())
	var children []fyne.CanvasObject
	switch o := o.(type) {
	case *canvas.Text:
		words := fyne.MeasureText(o.Text, o.TextSize, o.TextStyle).Width
		if words > o.Size().Width+2 {
			wrong = append(wrong, fmt.Sprintf("%q is %.0f wide in a place of %.0f", o.Text, words, o.Size().Width))
		}
		if at.X+words > width+1 {
			wrong = append(wrong, fmt.Sprintf("%q ends %.0f beside the window", o.Text, at.X+words-width))
		}
		return 1, wrong
	case *kit.Entry, *widget.Entry:
		return 0, nil
	case *fyne.Container:
		children = o.Objects
	case fyne.Widget:
		children = test.WidgetRenderer(o).Objects()
	}
	for _, c := range children {
		more, bad := fits(c, at, width)
		n, wrong = n+more, append(wrong, bad...)
	}
	return n, wrong
}
