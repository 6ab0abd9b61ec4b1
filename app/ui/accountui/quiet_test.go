// SPDX-License-Identifier: EUPL-1.2

package accountui

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"kontor/app/remind"
)

// quiet is what is stored.
func (d *desk) quiet() remind.Quiet {
	d.T.Helper()
	q, err := d.town.Remind.Quiet(ctx)
	d.town.Must(err)
	return q
}

// TestQuietIsChosen: for now and for hours of each day; what is no time is said and changes nothing.
func TestQuietIsChosen(t *testing.T) {
	d := options(t)
	d.section("Erinnerungen")
	d.MustNotSay("Von")
	d.Click("Bis ich es ausschalte")
	if q := d.quiet(); !q.On || !q.Until.IsZero() {
		t.Fatalf("%+v", q)
	}
	d.MustSay("Nicht stören ist an")
	d.Click("Für 1 Stunde")
	if q := d.quiet(); !q.On || time.Until(q.Until) > time.Hour || !q.Until.After(time.Now()) {
		t.Fatalf("%+v", q)
	}
	d.Click("Täglich")
	from := d.Field("Von")
	if from.Size().Width < 80 {
		t.Errorf("the field is only %.0f wide", from.Size().Width)
	}
	d.Window.Canvas().Focus(from)
	d.Type("17.30") // in place of what was there
	d.Key(fyne.KeyReturn)
	d.Fill("Bis", "8")
	d.Click("Bis morgen früh")
	if q := d.quiet(); !q.Hours || q.From != 17*60+30 || q.To != 8*60 || !q.Until.Equal(remind.Tomorrow(time.Now())) {
		t.Fatalf("%+v", q)
	}
	d.Fill("Bis", "25:00")
	d.news("offline")
	if got := d.Field("Bis").Text; got != "25:00" {
		t.Fatalf("news threw away what was typed: %q", got)
	}
	d.Key(fyne.KeyReturn)
	if got := d.LastToast().Words; got != "„25:00“ ist keine Uhrzeit. Schreiben Sie zum Beispiel 18:00." || d.Field("Bis").Text != "08:00" {
		t.Fatalf("said %q, shows %q", got, d.Field("Bis").Text)
	}
	if way := wayOf(d.quiet(), time.Now()); way != quietMorning || d.quiet().To != 8*60 {
		t.Errorf("%q, %+v", way, d.quiet())
	}
}

func TestTimesOfDay(t *testing.T) {
	for text, want := range map[string]int{"18:00": 1080, " 7:05 ": 425, "18.30": 1110, "0700": 420, "9": 540, "24:00": -1, "": -1, "abends": -1, "-1": -1} {
		got, ok := clockOf(text)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("%q: %d", text, got)
		}
		if back, _ := clockOf(clockText(max(got, 0))); ok && back != got {
			t.Errorf("%q changes on its way", text)
		}
	}
}
