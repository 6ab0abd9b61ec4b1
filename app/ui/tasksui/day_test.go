// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"kontor/app"
	"kontor/app/tasks"
)

// TestAMorningWithoutAPointer: enter tasks, put them in a tree, give them days, tags and notes, finish them, and take the
// last things back, all by keys.
func TestAMorningWithoutAPointer(t *testing.T) {
	d := open(t)
	d.page.goTo(place{list: d.listNamed("Team").ID})
	d.Settle()
	d.press(fyne.KeyN, fyne.KeyModifierControl)
	for _, line := range []string{"Umzug planen 1.12.2030", "Kisten bestellen", "Schlüssel holen"} {
		d.Type(line)
		d.Key(fyne.KeyReturn)
	}
	d.Key(fyne.KeyDown)
	if d.Focused() != fyne.Focusable(d.page.rows) {
		t.Fatalf("down leads from the quick entry to %T", d.Focused())
	}
	place := func() (words []string) {
		for _, i := range d.page.lines {
			for _, want := range []string{"Umzug planen", "Kisten bestellen", "Schlüssel holen"} {
				if i.Title == want {
					words = append(words, fmt.Sprint(i.depth, strings.Fields(want)[0]))
				}
			}
		}
		return words
	}
	for got := place(); got[0] != "0Umzug"; got = place() {
		d.choose("Umzug planen")
		d.press(fyne.KeyUp, fyne.KeyModifierAlt)
	}
	for _, title := range []string{"Kisten bestellen", "Schlüssel holen"} {
		for n := 0; d.task(title).ParentUID != d.task("Umzug planen").UID && n < 20; n++ {
			d.choose(title)
			if at := d.page.rows.CursorRow(); d.page.lines[at-1].Title == "Umzug planen" || d.page.lines[at-1].depth == 1 {
				d.press(fyne.KeyRight, fyne.KeyModifierAlt)
			} else {
				d.press(fyne.KeyUp, fyne.KeyModifierAlt)
			}
		}
	}
	if got := place(); got[0] != "0Umzug" || !strings.HasPrefix(got[1], "1") || !strings.HasPrefix(got[2], "1") {
		t.Fatalf("%q", got)
	}
	d.choose("Umzug planen")
	d.Key(fyne.KeyReturn)
	for d.Focused() != fyne.Focusable(d.page.detail.note.Entry) {
		d.Key(fyne.KeyTab)
	}
	d.Type("Mit allen sprechen")
	d.Key(fyne.KeyEscape, fyne.KeyEscape)
	if d.task("Umzug planen").Note != "" || d.Focused() != fyne.Focusable(d.page.rows) {
		t.Fatal("Escape takes back, and then leaves")
	}
	d.Key(fyne.KeySpace)
	if !d.task("Umzug planen").Done() {
		t.Fatal("not done")
	}
	d.town.Undo(d.Scene)()
	d.Settle()
	if d.task("Umzug planen").Done() {
		t.Fatal("not taken back")
	}
}

// TestThePaneAtRestAndInUse: a date is shown in words, and as figures where it is edited.
func TestThePaneAtRestAndInUse(t *testing.T) {
	d := open(t)
	d.choose(photos)
	due := d.page.detail.due
	if due.Text != "Heute" {
		t.Fatalf("at rest %q", due.Text)
	}
	d.Window.Canvas().Focus(due.Entry)
	if want := time.Now().Format("02.01.2006"); due.Text != want || due.SelectedText() != want {
		t.Fatalf("in use %q, selected %q", due.Text, due.SelectedText())
	}
	d.edit(photos, tasks.Edit{Due: &tasks.When{Time: time.Date(2030, 5, 1, 0, 0, 0, 0, time.UTC), AllDay: true}})
	if due.Text != "01.05.2030" {
		t.Fatalf("news show where nothing was typed: %q", due.Text)
	}
	d.Type("morgen")
	d.Key(fyne.KeyTab)
	if due.Text != "Morgen" || len(d.core.Calls("Edit")) != 1 {
		t.Fatalf("after it %q", due.Text)
	}
	d.Window.Canvas().Focus(due.Entry)
	d.Key(fyne.KeyTab)
	if len(d.core.Calls("Edit")) != 0 {
		t.Fatal("looking at a field changes nothing")
	}
}

// TestMenusOfNothing: where there is no task, the menu offers to make one; what goes for all is behind its button.
func TestMenusOfNothing(t *testing.T) {
	d := open(t)
	d.page.newList()
	d.Type("Leer")
	d.Key(fyne.KeyReturn)
	d.Click("Leer")
	d.MustSay("Hier ist nichts zu tun")
	if d.page.detail.body.Visible() {
		t.Fatal("the pane shows a task of another list")
	}
	d.Window.Canvas().Focus(d.page.rows)
	d.clip = "Eins\nZwei"
	d.Key(desktop.KeyMenu)
	d.Click("Einfügen")
	if got := d.titles(); len(got) != 2 {
		t.Fatalf("pasted %q", got)
	}
	d.Click("Weitere Befehle")
	d.Click("Als Tabelle exportieren (.csv)")
	if !strings.Contains(d.files["Leer.csv"], "Zwei") {
		t.Fatalf("%q", d.files)
	}
	d.press(fyne.KeyT, fyne.KeyModifierControl|fyne.KeyModifierShift)
	if d.Focused() != fyne.Focusable(d.page.quick) {
		t.Fatalf("the keyboard is on %T", d.Focused())
	}
}

// TestDecisionsInThePane: both versions are kept, or this one.
func TestDecisionsInThePane(t *testing.T) {
	for button, want := range map[string][]string{"Beide behalten": {"Deren Fassung", "Meine Fassung"}, "Meine Fassung": {"Meine Fassung"}} {
		t.Run(button, func(t *testing.T) {
			d := open(t)
			d.quarrel()
			d.Click("Team")
			d.choose("Meine Fassung")
			choice := app.Both
			if button != "Beide behalten" {
				choice = app.Mine
			}
			d.page.detail.conflict.decide(choice)
			d.Settle()
			var got []string
			for _, title := range []string{"Deren Fassung", "Meine Fassung"} {
				if len(d.find(title)) == 1 {
					got = append(got, title)
				}
			}
			if !slices.Equal(got, want) || len(d.TakeErrors()) != 0 {
				t.Fatalf("left: %q", got)
			}
			d.MustNotSay("Auf dem Server wurde dasselbe")
		})
	}
}

// TestTheLastPlaceIsTheClipboard: words about a deleted task that cannot be stored anywhere are at least not gone.
func TestTheLastPlaceIsTheClipboard(t *testing.T) {
	d := open(t)
	d.choose(survey)
	d.Window.Canvas().Focus(d.page.detail.note.Entry)
	d.SelectAll()
	d.Type("Teuer")
	d.town.Must(d.town.Tasks.Remove(ctx, []int64{d.task(survey).ID}))
	d.Settle()
	d.core.Fail("Add", errDisk)
	d.Click("Als neue Aufgabe anlegen")
	if !strings.Contains(d.clip, "Teuer") || len(d.TakeErrors()) != 1 {
		t.Fatalf("the clipboard holds %q", d.clip)
	}
}

// TestEveryStateFits looks at what is shown only at times, in both languages and all sizes: filter, what was heard, a
// notice, many tasks, the calendar.
func TestEveryStateFits(t *testing.T) {
	d := open(t)
	d.EachSize(d.build, func(fits func(string)) {
		d.page.finder.begin()
		fits("filter")
		d.page.quick.SetText("Bericht abgeben morgen 14 Uhr #Berichte !hoch @Bauanträge")
		fits("heard")
		d.page.quick.SetText("")
		d.page.finder.leave()
		d.choose(survey)
		d.page.content.ShowDetails()
		d.page.detail.inputs[0].news, d.page.detail.inputs[0].theirs = true, "Ein anderer Titel vom Server, der auch lang ist"
		d.page.detail.notices()
		d.page.detail.reflow()
		fits("news")
		d.page.detail.inputs[0].news = false
		d.page.detail.notices()
		d.page.detail.pickDay(d.page.detail.due)
		if p, ok := d.Focused().(*dayPicker); !ok || p.Size().Width < p.MinSize().Width {
			t.Error("no calendar")
		}
		d.Key(fyne.KeyEscape)
		d.page.content.Front(-1)
		d.Window.Canvas().Focus(d.page.rows)
		d.SelectAll()
		d.page.content.ShowDetails()
		fits("many")
		d.page.content.Front(-1)
	})
}

// TestStartAfterDue: what would end before it begins is said beside the fields and not stored, and is stored as soon as the
// other date makes sense of it.
func TestStartAfterDue(t *testing.T) {
	d := open(t)
	d.choose(survey)
	due := d.task(survey).Due
	d.Fill("Beginn", exactWhen(tasks.When{Time: due.Time.AddDate(0, 0, 2), AllDay: true}))
	d.Key(fyne.KeyReturn)
	d.MustSay("Der Beginn liegt nach der Fälligkeit.")
	if got := d.task(survey); !got.Start.IsZero() {
		t.Fatalf("stored: %v", got.Start)
	}
	d.Fill("Fällig", exactWhen(tasks.When{Time: due.Time.AddDate(0, 0, 5), AllDay: true}))
	d.Key(fyne.KeyReturn)
	d.MustNotSay("Der Beginn liegt nach der Fälligkeit.")
	if got := d.task(survey); got.Start.IsZero() || !got.Start.Time.Before(got.Due.Time) {
		t.Fatalf("start %v, due %v", got.Start, got.Due)
	}
}
