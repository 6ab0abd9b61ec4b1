// SPDX-License-Identifier: EUPL-1.2

package remindui

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"kontor/app/remind"
	"kontor/app/tasks"
)

// quietKept keeps when it is to be quiet.
type quietKept struct {
	q    remind.Quiet
	fail error
}

func (k *quietKept) Quiet(context.Context) (remind.Quiet, error) { return k.q, k.fail }

func (k *quietKept) SetQuiet(_ context.Context, q remind.Quiet) error {
	if k.fail == nil {
		k.q = q
	}
	return k.fail
}

// press presses a key of the card.
func (d *desk) press(mod fyne.KeyModifier) {
	d.T.Helper()
	for _, a := range d.ringer.Actions() {
		if a.Key == fyne.KeyF7 && a.Mod == mod {
			a.Do()
			d.Settle()
			return
		}
	}
	d.T.Fatal("the key does nothing")
}

// TestLeftAloneByKey: one key begins it and ends it; what had rung is hidden, not answered; the hours of each day stay.
func TestLeftAloneByKey(t *testing.T) {
	d := open(t)
	d.quiet.q = remind.Quiet{Hours: true, From: 0, To: 1}
	all := []tasks.Ring{d.ring("Bericht", 15)}
	d.show(all, all)
	d.press(fyne.KeyModifierShift)
	d.MustNotSay("Bericht")
	if q := d.quiet.q; !q.On || !q.Until.Equal(remind.Tomorrow(d.now)) || !q.Hours {
		t.Fatalf("%+v", q)
	}
	if got := d.LastToast(); got.Words != "Nicht stören bis morgen, 08:00" || got.Action != "Beenden" {
		t.Fatalf("said %q with %q", got.Words, got.Action)
	}
	d.press(0)
	d.MustSay("Bericht")
	d.press(fyne.KeyModifierShift)
	if q := d.quiet.q; q.On || !q.Hours || !d.rings("Bericht") {
		t.Fatalf("%+v", q)
	}
	if got := d.LastToast().Words; got != "Erinnerungen werden wieder gezeigt." {
		t.Fatalf("said %q", got)
	}
	d.quiet.q = remind.Quiet{On: true, Until: d.now.Add(-time.Minute)}
	d.press(fyne.KeyModifierShift)
	if !d.quiet.q.Until.After(d.now) {
		t.Error("what is over is not ended, it begins anew")
	}
	d.quiet.fail = errors.New("disk full")
	d.press(fyne.KeyModifierShift)
	if len(d.TakeErrors()) != 1 {
		t.Error("nothing was said")
	}
}

// TestLeftAloneFromTheCard offers the ways, and takes one back.
func TestLeftAloneFromTheCard(t *testing.T) {
	d := open(t)
	all := []tasks.Ring{d.ring("Bericht", 15)}
	for way, want := range map[string]time.Time{
		"Für 1 Stunde": d.now.Add(time.Hour), "Bis morgen früh": remind.Tomorrow(d.now), "Bis ich es ausschalte": {},
	} {
		d.show(all, all)
		d.Click("Nicht stören")
		d.Click(way)
		if q := d.quiet.q; !q.On || !q.Until.Equal(want) {
			t.Errorf("%s: %+v", way, q)
		}
		if d.Says("Bericht") {
			t.Errorf("%s: still shown", way)
		}
		d.LastToast().Do()
		d.Settle()
		if d.quiet.q.On {
			t.Errorf("%s: not ended", way)
		}
	}
	if got := QuietWords(d.now.Add(time.Minute), 3, d.now); !strings.HasSuffix(got, " · 3 Erinnerungen gesammelt") {
		t.Errorf("%q", got)
	}
}
