// SPDX-License-Identifier: EUPL-1.2

package filesui

import (
	"strings"

	"fyne.io/fyne/v2"

	"kontor/app/files"
	"kontor/app/i18n"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// finder is the line in which a person types what is looked for in the folder and all below it.
type finder struct {
	page    *Page
	content *kit.Panel
	field   *kit.Entry
	close   *kit.Button
}

func newFinder(p *Page) *finder {
	f := &finder{page: p, field: kit.NewEntry(i18n.T("filesui.find.hint"))}
	f.close = kit.NewIconButton("close", i18n.T("filesui.find.close"), f.end)
	f.field.Name = i18n.T("filesui.find")
	f.field.OnChanged = func(string) { f.changed() }
	f.field.OnSubmitted = func(string) { f.toList() }
	f.field.OnKey = func(ev *fyne.KeyEvent) bool {
		switch ev.Name {
		case fyne.KeyEscape:
			f.end()
		case fyne.KeyDown:
			f.toList()
		default:
			return false
		}
		return true
	}
	f.content = kit.NewPanel(theme.Background, kit.NewDock(nil, nil, nil, f.close, f.field)).Padded(6, 10, 6, 12)
	f.content.Hide()
	return f
}

// begin shows the line and puts the keyboard into it.
func (f *finder) begin() {
	if f.page.at.view == viewBin || f.page.Deciding() {
		return
	}
	f.content.Show()
	f.page.middle.Refresh()
	kit.Focus(f.field)
	f.field.TypedShortcut(&fyne.ShortcutSelectAll{})
}

// toList goes on to what was found.
func (f *finder) toList() {
	kit.Focus(f.page.rows)
	if f.page.rows.Count() > 0 && len(f.page.rows.Selected()) == 0 {
		f.page.rows.SelectRow(0)
	}
}

// end shows the whole folder again.
func (f *finder) end() {
	chosen := f.page.selectedIDs()
	f.reset()
	f.page.fillEmpty()
	f.page.show()
	if len(chosen) > 0 {
		f.page.wanted = chosen[0]
	}
	kit.Focus(f.page.rows)
}

// reset takes the line away without telling.
func (f *finder) reset() {
	f.page.text = ""
	on := f.field.OnChanged
	f.field.OnChanged = nil
	f.field.SetText("")
	f.field.OnChanged = on
	f.content.Hide()
	f.page.middle.Refresh()
}

func (f *finder) changed() {
	text := strings.TrimSpace(f.field.Text)
	if text == f.page.text {
		return
	}
	f.page.text = text
	f.page.fillEmpty()
	f.page.show()
}

// found goes to where an entry lies that was found below the folder.
func (p *Page) found(e files.Entry) {
	p.goTo(place{account: e.AccountID, path: parentOf(e.Path)})
	p.wanted = e.ID
	p.counted()
	kit.Focus(p.rows)
}
