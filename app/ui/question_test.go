// SPDX-License-Identifier: EUPL-1.2

package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"

	"kontor/app/ui/kit"
)

// TestAQuestionComesFirst: while a dialog is open no key does anything below it, neither a shortcut nor a plain key, and
// Escape takes the dialog away and nothing else.
func TestAQuestionComesFirst(t *testing.T) {
	s, core, mail := testShell(t, fyne.NewSize(1440, 900))
	deleted, left := 0, 0
	mail.actions = []Action{{Title: "weg", Key: fyne.KeyDelete, Do: func() { deleted++ }}}
	s.Show("mail")
	s.stage.Float(kit.NewEmpty("mail", "oben", "", nil), func(fyne.Size) (fyne.Position, fyne.Size) {
		return fyne.Position{}, fyne.NewSize(100, 100)
	}, func() { left++ })
	dialog.NewCustom("Wohin?", "Zu", widget.NewLabel("eine Frage"), s.win).Show()
	shortcut(s, fyne.Key1, Ctrl)
	shortcut(s, fyne.KeyZ, Ctrl)
	press(s, fyne.KeyDelete)
	press(s, fyne.KeyF5)
	if s.Current() != "mail" || deleted != 0 || core.count("undo") != 0 || core.count("sync") != 0 {
		t.Fatalf("keys acted below a dialog: on %q, %d deleted, %v", s.Current(), deleted, core.did)
	}
	press(s, fyne.KeyEscape)
	if s.question() != nil || s.stage.Floating() == nil || left != 0 {
		t.Fatalf("Escape must take away the dialog alone: %T, %v, %d", s.question(), s.stage.Floating(), left)
	}
	press(s, fyne.KeyDelete)
	shortcut(s, fyne.Key1, Ctrl)
	if deleted != 1 || s.Current() != "heute" {
		t.Fatalf("keys are dead after the dialog: %d deleted, on %q", deleted, s.Current())
	}
}

// TestTheStatusBarSaysWholeThings: where there is no room for all of it, what is stored goes as a whole; what waits stays.
func TestTheStatusBarSaysWholeThings(t *testing.T) {
	testShell(t, fyne.NewSize(1440, 900))
	b := newStatusBar()
	b.set("Abgeglichen gerade eben", "187 Mails, 61 Dateien, 34 Aufgaben offline verfügbar", "1 Nachricht im Ausgang · 4 Änderungen warten · 1 Konflikt")
	r := b.CreateRenderer()
	for _, c := range []struct {
		wide   float32
		stored bool
	}{{1364, true}, {700, false}} {
		r.Layout(fyne.NewSize(c.wide, 28))
		for _, o := range r.Objects() {
			o.Resize(fyne.NewSize(c.wide, 28))
		}
		shown := b.stored.Text.Text != "" && !strings.HasPrefix(b.stored.Text.Text, "…")
		if shown != c.stored || strings.Contains(b.stored.Text.Text, "…") && b.stored.Text.Text != "…" || b.outgoing.Text.Text != b.outgoing.Full() || b.synced.Text.Text != b.synced.Full() {
			t.Errorf("%.0f wide: %q, %q, %q", c.wide, b.synced.Text.Text, b.stored.Text.Text, b.outgoing.Text.Text)
		}
	}
}

// TestThePaletteIsAsTallAsWhatItFinds: what is not found takes no room.
func TestThePaletteIsAsTallAsWhatItFinds(t *testing.T) {
	s, _, _ := testShell(t, fyne.NewSize(1440, 900))
	s.Show("mail")
	s.openPalette()
	whole := s.stage.Floating().Size().Height
	field, ok := s.win.Canvas().Focused().(*kit.Entry)
	if !ok {
		t.Fatal("the keyboard is not in the palette")
	}
	field.SetText("offline")
	few := s.stage.Floating().Size().Height
	field.SetText("")
	if few >= whole/2 || s.stage.Floating().Size().Height != whole {
		t.Errorf("%v with all, %v with one, then %v", whole, few, s.stage.Floating().Size().Height)
	}
}
