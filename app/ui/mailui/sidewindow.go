// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"fyne.io/fyne/v2"

	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// sideWindow is a window of its own beside the page: something that scrolls, and below it a note and buttons.
type sideWindow struct {
	fyne.Window
	column *fyne.Container
	scroll *kit.Scroller
	note   *kit.Paragraph
	dock   *fyne.Container
}

// sideWindow opens such a window; the first button has the keyboard, Escape closes it. The size is at 100 % text size.
func (p *Page) sideWindow(title string, width, height float32, buttons ...*kit.Button) *sideWindow {
	w := &sideWindow{Window: p.cfg.NewWindow(title), column: kit.NewColumn(18), note: kit.NewParagraph("", 13, theme.Text)}
	w.SetPadded(false)
	row := make([]fyne.CanvasObject, 0, len(buttons))
	for _, b := range buttons {
		row = append(row, b)
	}
	foot := kit.NewPanel(theme.Background, kit.NewColumn(10, w.note, kit.NewRowOf(8, row...))).Padded(12, 20, 14, 20)
	w.scroll = kit.NewScroller(kit.NewPanel(theme.Surface, w.column).Padded(16, 20, 16, 20))
	w.dock = kit.NewDock(nil, foot, nil, nil, kit.NewPanel(theme.Surface, w.scroll.Container))
	w.SetContent(kit.NewStage(w.dock))
	w.Canvas().SetOnTypedKey(func(ev *fyne.KeyEvent) {
		if ev.Name == fyne.KeyEscape {
			w.Close()
		}
	})
	w.Resize(fyne.NewSize(theme.Px(width), theme.Px(height)))
	w.Show()
	if len(buttons) > 0 {
		w.Canvas().Focus(buttons[0])
	}
	return w
}

// fill shows other things.
func (w *sideWindow) fill(parts ...fyne.CanvasObject) {
	w.column.Objects = parts
	w.column.Refresh()
	w.scroll.Reflow()
}

// say changes the note.
func (w *sideWindow) say(words string, token theme.Token) {
	w.note.Set(words, token)
	w.dock.Refresh()
}

// captioned puts a name, and an explanation where there is one, above something to choose or to read.
func captioned(name, explain string, control ...fyne.CanvasObject) fyne.CanvasObject {
	parts := []fyne.CanvasObject{kit.NewLabel(name, 14, theme.Text, true)}
	if explain != "" {
		parts = append(parts, kit.NewParagraph(explain, 13, theme.Muted))
	}
	return kit.NewColumn(5, append(parts, control...)...)
}
