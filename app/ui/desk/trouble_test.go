// SPDX-License-Identifier: EUPL-1.2

package desk

import (
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/storage"
)

func TestTroubleOffersToSaveWhatIsLeft(t *testing.T) {
	test.NewTempApp(t)
	damage := fmt.Errorf("open store: %w", storage.ErrDamaged)
	busy, _ := app.Explain(app.ErrHomeInUse)
	newer, _ := app.Explain(storage.ErrNewer)
	for _, c := range []struct {
		name  string
		why   error
		fails error
		title string // in the end
		words string
	}{
		{"damaged", damage, nil, i18n.T("app.damaged.done"), "kontor.db.damaged"},
		{"damaged, and another window works with it", damage, app.ErrHomeInUse, busy, ""},
		{"written by a newer version", storage.ErrNewer, nil, newer, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var end func(string, error)
			quits := 0
			w := newTrouble(c.why, func(ended func(string, error)) { end = ended }, func() { quits++ })
			test.NewTempWindow(t, w.content)
			if w.repair.Visible() != storage.IsCorrupt(c.why) {
				t.Error("offers to repair what is not damaged, or not what is")
			}
			if w.repair.Visible() {
				test.Tap(w.repair)
				if !w.repair.Disabled() || !w.quit.Disabled() {
					t.Error("could be begun twice, or left half done")
				}
				end("/home/kontor.db.damaged-1", c.fails)
			}
			if w.title.Words() != c.title || !strings.Contains(w.advice.Words(), c.words) || w.repair.Visible() {
				t.Errorf("%q %q", w.title.Words(), w.advice.Words())
			}
			test.Tap(w.quit)
			if quits != 1 {
				t.Error("cannot be left")
			}
		})
	}
}
