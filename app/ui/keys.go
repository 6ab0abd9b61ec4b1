// SPDX-License-Identifier: EUPL-1.2

package ui

import (
	"fyne.io/fyne/v2"

	"kontor/app/i18n"
	"kontor/app/ui/kit"
)

// actions are what can be done everywhere.
func (s *Shell) actions() []Action {
	all := []Action{
		{Title: i18n.T("ui.search"), Icon: "search", Key: fyne.KeyK, Mod: Ctrl, Do: s.search.open},
		{Key: fyne.KeyE, Mod: Ctrl, Do: s.search.open, Silent: true},
		{Key: fyne.KeyF3, Do: s.search.open, Silent: true},
		{Title: i18n.T("ui.palette"), Icon: "list", Key: fyne.KeyP, Mod: CtrlShift, Do: s.openPalette},
		{Title: i18n.T("ui.sync-now"), Icon: "sync", Key: fyne.KeyF5, Do: s.syncNow},
		{Key: fyne.KeyF9, Do: s.syncNow, Silent: true},
		{Title: i18n.T("ui.toggle-offline"), Icon: "cloud-off", Key: fyne.KeyO, Mod: CtrlShift, Do: s.ToggleOffline},
		{Title: i18n.T("ui.undo-last"), Icon: "undo", Key: fyne.KeyZ, Mod: Ctrl, Do: s.Undone},
		{Title: i18n.T("ui.redo-last"), Icon: "forward", Key: fyne.KeyY, Mod: Ctrl, Do: s.Redone},
		{Key: fyne.KeyZ, Mod: CtrlShift, Do: s.Redone, Silent: true},
		{Title: i18n.T("ui.next-pane"), Icon: "forward", Key: fyne.KeyF6, Do: func() { s.nextPane(1) }},
		{Key: fyne.KeyF6, Mod: fyne.KeyModifierShift, Do: func() { s.nextPane(-1) }, Silent: true},
		{Title: i18n.T("ui.shortcuts"), Icon: "keyboard", Key: fyne.KeyF1, Do: s.openHelp},
	}
	if s.Beside != nil {
		all = append(all, s.Beside.Actions()...)
	}
	at := 0
	for _, r := range s.rooms {
		if i := at; i < len(digits) && !r.Aside {
			at++
			all = append(all, Action{Title: i18n.T("ui.go-to", "page", i18n.T(r.Title)), Icon: r.Icon, Key: digits[i], Mod: Ctrl, Do: func() { s.Show(r.ID) }})
		}
	}
	return all
}

var digits = []fyne.KeyName{fyne.Key1, fyne.Key2, fyne.Key3, fyne.Key4, fyne.Key5, fyne.Key6}

func (s *Shell) syncNow() {
	if s.SyncNow != nil {
		s.SyncNow()
	}
}

// installKeys binds what can be done everywhere. Plain keys come in through the window's own handler, which gets what
// no widget uses.
func (s *Shell) installKeys() {
	s.bound = map[string]func(){}
	for _, a := range s.actions() {
		if sc := a.shortcut(); sc != nil {
			s.bind(sc, a.Do)
		}
	}
	s.win.Canvas().SetOnTypedKey(s.typed)
}

// bind makes a shortcut do something.
func (s *Shell) bind(sc fyne.Shortcut, do func()) {
	act := func() {
		if s.question() == nil {
			do()
		}
	}
	s.bound[sc.ShortcutName()] = act
	s.win.Canvas().AddShortcut(sc, func(fyne.Shortcut) { act() })
}

// question is a dialog or a menu that lies over the window: until it is answered no key does anything below it.
func (s *Shell) question() fyne.CanvasObject { return s.win.Canvas().Overlays().Top() }

// pageKeys binds the shortcuts of the page that is shown in place of those of the last one.
func (s *Shell) pageKeys() {
	for _, k := range s.keys {
		s.win.Canvas().RemoveShortcut(k)
		delete(s.bound, k.ShortcutName())
	}
	s.keys = nil
	for _, a := range s.current.page.Actions() {
		sc := a.shortcut()
		if sc == nil || a.Do == nil {
			continue
		}
		if _, taken := s.bound[sc.ShortcutName()]; !taken { // the window's own come first
			s.bind(sc, a.Do)
			s.keys = append(s.keys, sc)
		}
	}
}

// leaves lets the page that is shown go back to its list, and reports whether it did.
func (s *Shell) leaves() bool {
	if s.current == nil {
		return false
	}
	p, ok := s.current.page.(Leaver)
	return ok && p.Leave()
}

// typed gets the keys that no widget uses.
func (s *Shell) typed(ev *fyne.KeyEvent) {
	if over := s.question(); over != nil {
		if ev.Name == fyne.KeyEscape {
			s.win.Canvas().Overlays().Remove(over)
		}
		return
	}
	if ev.Name == fyne.KeyEscape {
		if s.stage.Floating() == nil && !s.stage.CloseAlert() && !s.leaves() && s.Beside != nil {
			s.Beside.Escape()
		}
		s.closeFloat()
		return
	}
	var mod fyne.KeyModifier
	if kit.Modifiers()&fyne.KeyModifierShift != 0 {
		mod = fyne.KeyModifierShift
	}
	all := s.actions()
	if s.current != nil {
		all = append(all, s.current.page.Actions()...)
	}
	for _, a := range all {
		if a.Key == ev.Name && a.Do != nil && a.shortcut() == nil && a.Mod == mod {
			a.Do()
			return
		}
	}
}

// paneCycler is a page that moves the keyboard between its panes by itself; false means that it has left them.
type paneCycler interface{ NextPane(step int) bool }

// nextPane moves the keyboard: rail, search field, the panes of the page, and round again.
func (s *Shell) nextPane(step int) {
	if s.current == nil {
		return
	}
	focused := s.win.Canvas().Focused()
	if c, ok := s.current.page.(paneCycler); ok && c.NextPane(step) {
		return
	}
	panes := append([]fyne.Focusable{nil}, s.current.page.Panes()...)
	panes = append(panes, s.search.field.Entry)
	if s.Beside != nil {
		panes = append(panes, s.Beside.Panes()...)
	}
	at := 0
	for i, p := range panes {
		if p != nil && p == focused {
			at = i
		}
	}
	for range panes {
		at = (at + step + len(panes)) % len(panes)
		if to := panes[at]; to == nil {
			s.rail.FocusSelected()
			return
		} else if onScreen(to) {
			s.win.Canvas().Focus(to)
			return
		}
	}
}

// onScreen reports whether a pane is shown: one for which there is no room is not, and the driver knows no place for it.
func onScreen(f fyne.Focusable) bool {
	o, ok := f.(fyne.CanvasObject)
	return ok && o.Visible() && fyne.CurrentApp().Driver().AbsolutePositionForObject(o) != fyne.Position{}
}
