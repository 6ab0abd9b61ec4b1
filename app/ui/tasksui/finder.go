// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"kontor/app/i18n"
	"kontor/app/tasks"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// finder is the field that filters what is shown, and makes searches that are kept.
type finder struct {
	page   *Page
	bar    *kit.Panel
	field  *kit.Entry
	keep   *kit.Button
	edits  int64 // the kept search that is being changed
	shown  string
	cancel func()
}

// typingPause is how long nobody has to type before the list is filtered.
const typingPause = 120 * time.Millisecond

func newFinder(p *Page) *finder {
	f := &finder{page: p, field: kit.NewEntry(i18n.T("tasksui.filter.hint")), cancel: func() {}}
	f.field.Name = i18n.T("tasksui.filter")
	f.field.OnChanged = func(string) {
		f.cancel()
		f.cancel = p.cfg.After(typingPause, f.apply)
		f.keep.SetEnabled(strings.TrimSpace(f.field.Text) != "")
	}
	f.field.OnSubmitted = func(string) {
		f.apply()
		kit.Focus(p.rows)
	}
	f.field.OnKey = func(ev *fyne.KeyEvent) bool {
		switch ev.Name {
		case fyne.KeyEscape:
			f.leave()
		case fyne.KeyDown:
			kit.Focus(p.rows)
		default:
			return false
		}
		return true
	}
	f.keep = kit.NewLink(i18n.T("tasksui.search.keep"), f.save)
	f.keep.Disable()
	tools := container.NewHBox(f.keep, kit.NewIconButton("close", i18n.T("tasksui.filter.end"), f.leave))
	f.bar = kit.NewPanel(theme.Background, kit.NewDock(nil, nil, nil, tools, f.field)).Padded(5, 8, 5, 8)
	f.bar.Hide()
	return f
}

// words are what is filtered by.
func (f *finder) words() string { return f.shown }

// begin shows the field and puts the keyboard into it.
func (f *finder) begin() {
	f.bar.Show()
	f.page.middle.Refresh()
	kit.Focus(f.field)
}

// apply filters by what was typed.
func (f *finder) apply() {
	f.cancel()
	words := strings.TrimSpace(f.field.Text)
	if words == f.shown || f.edits != 0 {
		return
	}
	f.shown = words
	f.page.readAgain(true)
}

// end takes the field away, without reading.
func (f *finder) end() {
	f.cancel()
	f.shown, f.edits = "", 0
	if f.field.Text != "" {
		f.field.SetText("")
		f.cancel()
	}
	f.bar.Hide()
	f.page.middle.Refresh()
}

// leave goes back to everything.
func (f *finder) leave() {
	again := f.shown != ""
	f.end()
	if again {
		f.page.readAgain(true)
	}
	kit.Focus(f.page.rows)
}

// save keeps what was typed as a search, under a name; one that was opened to be changed keeps its own.
func (f *finder) save() {
	words := strings.TrimSpace(f.field.Text)
	if words == "" {
		return
	}
	if s, ok := f.page.search(f.edits); ok {
		s.Query = words
		f.page.keep(s)
		return
	}
	f.page.cfg.AskName(i18n.T("tasksui.search.name"), "", func(name string) {
		f.page.keep(tasks.Saved{Name: name, Query: words})
	})
}

// editSearch opens a kept search to be changed.
func (p *Page) editSearch(id int64) {
	s, ok := p.search(id)
	if !ok {
		return
	}
	p.goTo(place{saved: id})
	p.finder.field.SetText(s.Query)
	p.finder.cancel()
	p.finder.edits = id
	p.finder.begin()
}
