// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"pgregory.net/rapid"

	"kontor/app/i18n"
	"kontor/app/tasks"
)

// TestRepeatWords says rules as people do; what cannot be said is named, not left out.
func TestRepeatWords(t *testing.T) {
	i18n.Use(i18n.German)
	for rule, want := range map[string]string{
		"":                                   "Nie",
		"FREQ=DAILY":                         "täglich",
		"FREQ=WEEKLY;INTERVAL=1":             "wöchentlich",
		"FREQ=DAILY;INTERVAL=2;COUNT=20":     "alle 2 Tage, noch 20 Mal",
		"FREQ=WEEKLY;INTERVAL=2;BYDAY=FR,MO": "alle 2 Wochen (Mo, Fr)",
		"FREQ=YEARLY;UNTIL=20301231":         "jährlich, bis 31.12.2030",
		"FREQ=YEARLY;UNTIL=20301231T220000Z": "jährlich, bis 31.12.2030",
		"FREQ=MONTHLY;BYMONTHDAY=-1":         "monatlich (letzter Tag)",
		"FREQ=MONTHLY;BYDAY=-1FR":            "monatlich, eigene Regel",
		"FREQ=HOURLY":                        "eigene Regel",
		"freq=daily":                         "täglich",
	} {
		if got := repeatWords(rule); got != want {
			t.Errorf("%q: %q, want %q", rule, got, want)
		}
	}
}

// TestARuleKeepsWhatIsNotShown: reading and writing a rule loses nothing and changes nothing the second time.
func TestARuleKeepsWhatIsNotShown(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		parts := []string{"FREQ=" + rapid.SampledFrom([]string{"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}).Draw(rt, "freq")}
		for _, p := range []string{"INTERVAL=3", "BYDAY=MO,TH", "BYMONTH=2,3", "WKST=MO", "BYSETPOS=-1", "BYDAY=2TU"} {
			if rapid.Bool().Draw(rt, p) && !(p == "BYDAY=2TU" && slices.Contains(parts, "BYDAY=MO,TH")) {
				parts = append(parts, p)
			}
		}
		if end := rapid.SampledFrom([]string{"", "COUNT=4", "UNTIL=20270131"}).Draw(rt, "end"); end != "" {
			parts = append(parts, end)
		}
		text := readRule(strings.Join(parts, ";")).String()
		got := strings.Split(text, ";")
		slices.Sort(got)
		slices.Sort(parts)
		if !slices.Equal(got, parts) {
			rt.Fatalf("%v became %v", parts, got)
		}
		if again := readRule(text).String(); again != text {
			rt.Fatalf("%s became %s", text, again)
		}
		if err := tasks.CheckRule(text); err != nil {
			rt.Fatal(err)
		}
	})
}

// TestRepeatIsChosen in the form: every two weeks on two days, until a day, from completion.
func TestRepeatIsChosen(t *testing.T) {
	d := open(t)
	d.Click("Team")
	d.choose(plan)
	f := newRepeatForm(d.page, readRule("FREQ=WEEKLY"), false)
	f.every.SetText("2")
	f.days[time.Monday].SetChecked(true)
	f.days[time.Thursday].SetChecked(true)
	f.ends.TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
	f.last.SetText("31.12.2030")
	r, err := f.rule()
	if err != nil || r.String() != "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;UNTIL=20301231" {
		t.Fatalf("%q, %v", r, err)
	}
	for text, bad := range map[string]bool{"irgendwann": true, "": true, "1.2.2031": false} {
		f.last.SetText(text)
		if _, err := f.rule(); (err != nil) != bad {
			t.Errorf("%q: %v", text, err)
		}
	}
	f.every.SetText("0")
	if _, err := f.rule(); err == nil || !strings.Contains(f.wrong.Words(), "0") {
		t.Errorf("every nought weeks: %v, said %q", err, f.wrong.Words())
	}
}

// TestRepeatIsAskedFor through the menu, by keyboard, and stored with one press of Enter.
func TestRepeatIsAskedFor(t *testing.T) {
	d := open(t)
	d.Click("Team")
	d.choose(plan)
	d.page.detail.repeat.Tapped(nil)
	d.Click("Weitere Einstellungen …")
	d.MustSay("Alle wie viele", "ab Erledigung")
	d.Fill("Alle wie viele", "3")
	d.Key(fyne.KeyReturn)
	got := d.task(plan)
	if r := readRule(got.RRule); r.freq != "WEEKLY" || r.every != 3 || len(r.days) != 1 {
		t.Fatalf("stored %q", got.RRule)
	}
	d.MustSay("alle 3 Wochen")
	d.page.detail.repeat.Tapped(nil)
	d.Click("monatlich")
	d.page.detail.repeat.Tapped(nil)
	d.Click("Nie")
	if got := d.task(plan); got.RRule != "" {
		t.Fatalf("still %q", got.RRule)
	}
}

// TestTheCalendarByKeyboard walks over days, months and years' ends, and takes a day.
func TestTheCalendarByKeyboard(t *testing.T) {
	i18n.Use(i18n.German)
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.Local) }
	for _, c := range []struct {
		from time.Time
		keys []fyne.KeyName
		want time.Time
	}{
		{day(2026, 11, 23), []fyne.KeyName{fyne.KeyRight, fyne.KeyDown}, day(2026, 12, 1)},
		{day(2027, 1, 1), []fyne.KeyName{fyne.KeyLeft}, day(2026, 12, 31)},
		{day(2027, 1, 31), []fyne.KeyName{fyne.KeyPageDown}, day(2027, 2, 28)},
		{day(2027, 1, 5), []fyne.KeyName{fyne.KeyPageUp, fyne.KeyUp}, day(2026, 11, 28)},
		{day(2030, 1, 5), []fyne.KeyName{fyne.KeyHome}, day(2026, 11, 23)},
	} {
		var taken time.Time
		left := false
		p := newDayPicker(c.from, day(2026, 11, 23).Add(10*time.Hour), func(d time.Time) { taken = d }, func() { left = true })
		for _, k := range append(c.keys, fyne.KeyReturn) {
			p.TypedKey(&fyne.KeyEvent{Name: k})
		}
		if !taken.Equal(c.want) {
			t.Errorf("%s by %v: %s", c.from, c.keys, taken)
		}
		p.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
		if !left || p.AccessibilityLabel() == "" {
			t.Error("Escape leaves it")
		}
	}
}

// TestADayIsPicked: the time of day stays, and a click takes the day under the pointer.
func TestADayIsPicked(t *testing.T) {
	d := open(t)
	d.choose(survey)
	before := d.task(survey).Due.Time.Local()
	d.Window.Canvas().Focus(d.page.detail.due.Entry)
	d.Key(fyne.KeyDown)
	p, ok := d.Focused().(*dayPicker)
	if !ok {
		t.Fatalf("the keyboard is on %T", d.Focused())
	}
	d.Key(fyne.KeyRight, fyne.KeyReturn)
	if got := d.task(survey).Due; got.AllDay || !got.Time.Equal(before.AddDate(0, 0, 1)) {
		t.Fatalf("%v became %v", before, got)
	}
	if d.Focused() != fyne.Focusable(d.page.detail.due.Entry) {
		t.Fatalf("the keyboard is on %T", d.Focused())
	}
	p.goTo(time.Date(2027, 3, 10, 0, 0, 0, 0, time.Local))
	var taken time.Time
	p.take = func(day time.Time) { taken = day }
	p.Tapped(&fyne.PointEvent{Position: fyne.NewPos(pickerPad+pickerCell*1.5, p.top(pickerCell)+pickerCell*1.5)})
	if want := time.Date(2027, 3, 9, 0, 0, 0, 0, time.Local); !taken.Equal(want) {
		t.Errorf("a click took %s", taken)
	}
	p.Tapped(&fyne.PointEvent{Position: fyne.NewPos(pickerPad+pickerCell*6.5, pickerPad+5)})
	if p.day.Month() != time.April {
		t.Errorf("the arrow leads to %s", p.day)
	}
}
