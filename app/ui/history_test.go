// SPDX-License-Identifier: EUPL-1.2

package ui

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"kontor/app"
)

// TestHistoryBothWays: each step says what it was and offers the way back; what does not go back is named.
func TestHistoryBothWays(t *testing.T) {
	at := 0
	var stuck error
	step := func(by int) func(context.Context) (string, error) {
		return func(context.Context) (string, error) {
			if stuck == nil {
				at += by
			}
			return "Prüfbericht", stuck
		}
	}
	s, _, _ := testShell(t, fyne.NewSize(1440, 900))
	s.Undo, s.Redo = step(-1), step(1)
	says := func(want string) {
		t.Helper()
		if got := s.stage.ToastWords(); got != want {
			t.Fatalf("says %q, not %q", got, want)
		}
	}
	s.Undone()
	says("Rückgängig gemacht: Prüfbericht")
	for _, sc := range []fyne.Shortcut{&fyne.ShortcutRedo{}, &desktop.CustomShortcut{KeyName: fyne.KeyZ, Modifier: CtrlShift}} {
		s.bound[sc.ShortcutName()]()
		says("Wiederholt: Prüfbericht")
	}
	s.bound[(&fyne.ShortcutUndo{}).ShortcutName()]()
	if at != 0 {
		t.Fatalf("went to %d", at)
	}
	stuck = fmt.Errorf("undo: %w", app.ErrNoWayBack)
	s.Undone()
	if got := s.stage.AlertTitle(); !strings.HasSuffix(got, "(Prüfbericht)") {
		t.Fatalf("explains %q", got)
	}
}
