// SPDX-License-Identifier: EUPL-1.2

// Package ui is the window: the rail, the search field, the connection pill and the status bar around the pages, and
// what belongs to all pages: navigation, shortcuts, search over everything, undo, and the one place that shows errors.
package ui

import (
	"runtime"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"kontor/app/i18n"
	"kontor/app/live"
)

// Page is one room of the window. All methods run on the UI goroutine.
type Page interface {
	// Content is what the page shows; always the same object.
	Content() fyne.CanvasObject
	// Shown tells that the page is on screen now, and asks it to take the keyboard. It reads what it shows, away from
	// the UI goroutine.
	Shown()
	// Hidden tells that another page is shown.
	Hidden()
	// Refresh tells that what is shown may be stale. A page that is hidden is told once, when it is shown again.
	Refresh(topics live.Topics)
	// Panes are what F6 goes through, from left to right.
	Panes() []fyne.Focusable
	// Actions are what the page can do: shortcuts while it is shown, and lines of the command palette.
	Actions() []Action
}

// Leaver is a page that Escape leads back to its list from what it shows beside or in place of it.
type Leaver interface {
	Leave() bool
}

// Opener is a Page that can show one item: a search result, a linked mail.
type Opener interface {
	Open(id int64)
}

// Beside is what stands above all pages and takes the keyboard too.
type Beside interface {
	// Panes are what F6 goes through after the page.
	Panes() []fyne.Focusable
	// Actions are lines of the command palette.
	Actions() []Action
	// Escape tells that the key was pressed and nothing else had use for it.
	Escape()
}

// Action is something that can be done, by a shortcut or from the command palette.
type Action struct {
	Title string // in the language in use
	Icon  string
	Key   fyne.KeyName // empty for none
	Mod   fyne.KeyModifier
	Do    func()
	// Silent actions are shortcuts only: second ways to do the same.
	Silent bool
}

// Ctrl is the modifier of most shortcuts.
const Ctrl = fyne.KeyModifierControl

// CtrlShift is the modifier of the others.
const CtrlShift = fyne.KeyModifierControl | fyne.KeyModifierShift

// shortcut gives the toolkit's form, nil for a key without a modifier, which comes in as a plain key.
func (a Action) shortcut() fyne.Shortcut {
	switch {
	case a.Key == "" || a.Mod == 0 || a.Mod == fyne.KeyModifierShift:
		return nil
	case a.Key == fyne.KeyZ && a.Mod == Ctrl:
		return &fyne.ShortcutUndo{}
	case a.Key == fyne.KeyY && a.Mod == Ctrl:
		return &fyne.ShortcutRedo{}
	}
	return &desktop.CustomShortcut{KeyName: a.Key, Modifier: a.Mod}
}

// Keys writes the shortcut for people: "Strg+Umschalt+P".
func (a Action) Keys() string {
	if a.Key == "" {
		return ""
	}
	var parts []string
	if a.Mod&fyne.KeyModifierControl != 0 {
		parts = append(parts, i18n.T("ui.key.ctrl"))
	}
	if a.Mod&fyne.KeyModifierAlt != 0 {
		parts = append(parts, "Alt")
	}
	if a.Mod&fyne.KeyModifierShift != 0 {
		parts = append(parts, i18n.T("ui.key.shift"))
	}
	if a.Mod&fyne.KeyModifierSuper != 0 && runtime.GOOS == "darwin" {
		parts = append(parts, "Cmd")
	}
	return strings.Join(append(parts, keyName(a.Key)), "+")
}

func keyName(k fyne.KeyName) string {
	switch k {
	case fyne.KeyDelete:
		return i18n.T("ui.key.delete")
	case fyne.KeyReturn, fyne.KeyEnter:
		return i18n.T("ui.key.enter")
	case fyne.KeyInsert:
		return i18n.T("ui.key.insert")
	case fyne.KeyEscape:
		return "Esc"
	}
	return string(k)
}
