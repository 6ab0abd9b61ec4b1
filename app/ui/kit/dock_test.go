// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"kontor/app/ui/theme"
)

// TestAnEdgeIsAsHighAsItsWordsInItsWidth: a notice that says something before the window is wide must not push away what
// lies below it.
func TestAnEdgeIsAsHighAsItsWordsInItsWidth(t *testing.T) {
	test.NewTempApp(t)
	notice := NewNotice(func() {})
	notice.Set("Eine Entscheidung wartet auf Sie. Beide Fassungen sind sicher gespeichert.", "warning", ToneBad, "Entscheiden")
	middle := Rect(theme.Surface, 0)
	dock := NewDock(NewColumn(0, NewPanel(theme.Surface, notice).Padded(8, 14, 8, 14)), nil, nil, nil, middle)
	dock.Resize(fyne.NewSize(1200, 700))
	if y := middle.Position().Y; y > 100 {
		t.Errorf("what lies below begins at %v", y)
	}
	dock.Resize(fyne.NewSize(260, 700))
	if y, least := middle.Position().Y, notice.MinSize().Height; y < least || y < 100 {
		t.Errorf("in a narrow window it begins at %v, over a notice of %v", y, least)
	}
}
