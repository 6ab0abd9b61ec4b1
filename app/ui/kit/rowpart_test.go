// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
)

// TestThePartOfARow tells the upper from the lower part of a row, and nothing below the last one.
func TestThePartOfARow(t *testing.T) {
	l, win := newThingList(t, 3)
	win.SetContent(NewStage(l.RowList))
	for _, c := range []struct {
		y    float32
		row  int
		part float32
		ok   bool
	}{{2, 0, 2. / 36, true}, {36 + 18, 1, 0.5, true}, {3*36 - 1, 2, 35. / 36, true}, {3*36 + 5, 0, 0, false}} {
		row, part, ok := l.PartUnder(fyne.NewPos(50, c.y))
		if row != c.row || part < c.part-0.01 || part > c.part+0.01 || ok != c.ok {
			t.Errorf("at %.0f: row %d, part %.2f, %v", c.y, row, part, ok)
		}
	}
}

// TestAMarkedLineSaysSo to people who do not see its icon.
func TestAMarkedLineSaysSo(t *testing.T) {
	if words := spoken(SideItem{Label: "Team", Count: 3, Mark: "lock", MarkWords: "nur lesen"}); words != "Team, 3, nur lesen" {
		t.Errorf("%q", words)
	}
	if words := spoken(SideItem{Label: "Team"}); strings.Contains(words, ",") {
		t.Errorf("%q", words)
	}
}
