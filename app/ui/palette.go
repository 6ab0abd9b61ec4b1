// SPDX-License-Identifier: EUPL-1.2

package ui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"kontor/app/i18n"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// closeFloat takes away whatever floats above the page.
func (s *Shell) closeFloat() {
	s.search.drop()
	if s.stage.Floating() == nil {
		return
	}
	s.stage.Unfloat()
	s.focusPage()
}

// focusPage gives the keyboard back to the page.
func (s *Shell) focusPage() {
	if s.current == nil {
		return
	}
	panes := s.current.page.Panes()
	for _, p := range panes[min(1, max(len(panes)-1, 0)):] {
		if onScreen(p) {
			s.win.Canvas().Focus(p)
			return
		}
	}
	s.win.Canvas().Unfocus()
}

// allActions are the named actions of the page, then those of the window.
func (s *Shell) allActions() []Action {
	var all []Action
	if s.current != nil {
		all = append(all, s.current.page.Actions()...)
	}
	all = append(all, s.actions()...)
	named := all[:0:0]
	for _, a := range all {
		if !a.Silent && a.Title != "" {
			named = append(named, a)
		}
	}
	return named
}

// openPalette shows everything that can be done, to be found by typing.
func (s *Shell) openPalette() {
	s.chooser(i18n.T("ui.palette-hint"), s.allActions(), true)
}

// openHelp shows all shortcuts.
func (s *Shell) openHelp() {
	var with []Action
	for _, a := range s.allActions() {
		if a.Key != "" {
			with = append(with, a)
		}
	}
	s.chooser(i18n.T("ui.shortcuts-hint"), with, false)
}

// chooser floats a list of actions with a field to filter it.
func (s *Shell) chooser(hint string, all []Action, run bool) {
	shown := all
	var list *kit.RowList[string, Action]
	choose := func(a Action) {
		s.closeFloat()
		if a.Do != nil {
			a.Do()
		}
	}
	list = kit.NewRowList(kit.RowListConfig[string, Action]{
		Height: 34, NoLine: true, Inset: 6,
		Key:    func(a Action) string { return a.Title + a.Keys() },
		NewRow: func() kit.Row[Action] { return newActionLine() },
		Label:  func(a Action) string { return a.Title },
		OnOpen: choose,
		OnZone: func(a Action, _ string) { choose(a) },
		Zone:   func(Action, fyne.Size, fyne.Position) string { return "row" },
	})
	entry := kit.NewEntry(hint)
	entry.OnChanged = func(words string) {
		shown = matching(all, words)
		list.ClearSelection()
		list.SetRows(shown)
		if len(shown) > 0 {
			list.SelectRow(0)
		}
		s.stage.PlaceFloat()
	}
	entry.OnKey = func(ev *fyne.KeyEvent) bool {
		switch ev.Name {
		case fyne.KeyEscape:
			s.closeFloat()
		case fyne.KeyUp, fyne.KeyDown, fyne.KeyPageUp, fyne.KeyPageDown:
			list.TypedKey(ev)
		case fyne.KeyReturn, fyne.KeyEnter:
			if a, ok := list.Current(); ok {
				choose(a)
			}
		default:
			return false
		}
		return true
	}
	top := kit.NewPanel(theme.Surface, entry).Padded(10, 12, 8, 12)
	panel := kit.NewPanel(theme.Surface, container.NewBorder(top, nil, nil, nil, list)).Rounded(10, theme.Control).Padded(2, 2, 8, 2)
	s.stage.Float(panel, func(stage fyne.Size) (fyne.Position, fyne.Size) {
		w := min(theme.Px(560), stage.Width-theme.Px(32))
		h := min(theme.Px(34)*float32(max(len(shown), 1))+theme.Px(76), stage.Height-theme.Px(140))
		return fyne.NewPos((stage.Width-w)/2, theme.Px(70)), fyne.NewSize(w, h)
	}, s.closeFloat)
	s.win.Canvas().Focus(entry)
	list.SetRows(all)
	if run && len(all) > 0 {
		list.SelectRow(0)
	}
}

// matching keeps the actions whose title has all the words, in any order.
func matching(all []Action, words string) []Action {
	var kept []Action
	for _, a := range all {
		title := strings.ToLower(a.Title)
		ok := true
		for _, w := range strings.Fields(strings.ToLower(words)) {
			ok = ok && strings.Contains(title, w)
		}
		if ok {
			kept = append(kept, a)
		}
	}
	return kept
}

// actionLine paints an Action.
type actionLine struct {
	glyph       *kit.Icon
	title, keys *kit.Text
}

func newActionLine() *actionLine {
	return &actionLine{glyph: kit.NewIcon("list", theme.Muted), title: kit.NewText("", 14, theme.Text), keys: kit.NewText("", 12, theme.Muted)}
}

// Objects implements kit.Row.
func (l *actionLine) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{l.glyph.Image, l.title.Text, l.keys.Text}
}

// Paint implements kit.Row.
func (l *actionLine) Paint(a Action, size fyne.Size, _ kit.RowState) {
	l.glyph.Set(a.Icon, theme.Muted)
	l.glyph.Place(theme.Px(18), size.Height/2, 17)
	l.keys.Set(a.Keys(), theme.Muted)
	right := l.keys.PlaceRight(size.Width-theme.Px(18), size.Height/2, theme.Px(200))
	l.title.Set(a.Title, theme.Text)
	l.title.Place(theme.Px(46), size.Height/2, right-theme.Px(56))
}
