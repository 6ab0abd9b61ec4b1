// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"context"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"

	"kontor/app/i18n"
	"kontor/app/ui/theme"
)

// Host is what a page of items needs of the window that it is shown in. Window is needed, the rest may be left out.
type Host struct {
	Window    fyne.Window
	Toast     func(words, action string, act func())
	ShowError func(error)
	Undo      func() // takes the last change back
	Now       func() time.Time
}

// Fill puts functions that do nothing in place of those that were left out.
func (h *Host) Fill() {
	if h.Toast == nil {
		h.Toast = func(string, string, func()) {}
	}
	if h.ShowError == nil {
		h.ShowError = func(error) {}
	}
	if h.Undo == nil {
		h.Undo = func() {}
	}
	if h.Now == nil {
		h.Now = time.Now
	}
}

// Change runs a change away from the UI goroutine and then calls then, if it went well. Words, where given, are shown
// with the offer to undo it.
func (h *Host) Change(words string, change func(context.Context) error, then func()) {
	Act(func() error { return change(context.Background()) }, func(err error) {
		if err != nil {
			h.ShowError(err)
			return
		}
		if words != "" {
			h.Toast(words, i18n.T("ui.undo"), h.Undo)
		}
		then()
	})
}

// AskName lets a person type a name. Nothing happens where it is empty or stays as it is.
func (h *Host) AskName(title, value string, use func(name string)) {
	field := NewEntry("")
	field.SetText(value)
	d := dialog.NewCustomConfirm(title, i18n.T("ui.apply"), i18n.T("ui.cancel"), field, func(ok bool) {
		if name := strings.TrimSpace(field.Text); ok && name != "" && name != value {
			use(name)
		}
	}, h.Window)
	AnswerWith(d, field)
	d.Resize(fyne.NewSize(theme.Px(400), theme.Px(150)))
	d.Show()
	Focus(field)
	field.TypedShortcut(&fyne.ShortcutSelectAll{})
}

// AnswerWith lets Enter in a field of a dialog confirm it, and Escape leave it.
func AnswerWith(d *dialog.ConfirmDialog, fields ...*Entry) {
	for _, f := range fields {
		f.OnSubmitted = func(string) { d.Confirm() }
		f.OnKey = Escape(d.Hide)
	}
}

// Escape makes the Escape key do something, and leaves all other keys alone.
func Escape(do func()) func(*fyne.KeyEvent) bool {
	return func(ev *fyne.KeyEvent) bool {
		if ev.Name == fyne.KeyEscape {
			do()
		}
		return ev.Name == fyne.KeyEscape
	}
}

// Choice is one way to go on.
type Choice struct {
	Label string
	Do    func()
}

// Choose lets a person say how to go on; the first choice is the one that Enter takes. Escape and Cancel do nothing.
func (h *Host) Choose(title, text string, choices ...Choice) {
	words := widget.NewLabel(text)
	words.Wrapping = fyne.TextWrapWord
	d := dialog.NewCustomWithoutButtons(title, words, h.Window)
	buttons := []fyne.CanvasObject{NewPlain(i18n.T("ui.cancel"), "", d.Hide)}
	var first *Button
	for i := len(choices) - 1; i >= 0; i-- {
		do := func() {
			d.Hide()
			choices[i].Do()
		}
		b := NewPlain(choices[i].Label, "", do)
		if i == 0 {
			b = NewPrimary(choices[i].Label, do)
			first = b
		}
		buttons = append(buttons, b)
	}
	d.SetButtons(buttons)
	d.Resize(fyne.NewSize(theme.Px(480), theme.Px(180)))
	d.Show()
	if first != nil {
		Focus(first)
	}
}

// SetVisible shows or hides an object.
func SetVisible(o fyne.CanvasObject, on bool) {
	if on {
		o.Show()
	} else {
		o.Hide()
	}
}
