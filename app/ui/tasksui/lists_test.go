// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"context"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"kontor/app/tasks"
	"kontor/storage"
)

// side is the line at the left of these words, without an ID where there is none.
func (d *desk) side(label string) (id, mark string) {
	for _, i := range d.page.side.Items() {
		if i.Label == label {
			return i.ID, i.MarkWords
		}
	}
	return "", ""
}

// TestAFilterFindsAsYouType, ends with Escape, and becomes a search that is kept, renamed, changed and removed.
func TestAFilterFindsAsYouType(t *testing.T) {
	d := open(t)
	d.Click("Alle")
	all := len(d.page.lines)
	d.press(fyne.KeyF, fyne.KeyModifierControl|fyne.KeyModifierShift)
	d.Type("#Ortstermin")
	if len(d.page.lines) != all {
		t.Fatal("it does not wait for the end of the word")
	}
	d.wait()
	if got := d.titles(); len(got) != 2 || !slices.Contains(got, survey) || !slices.Contains(got, photos) {
		t.Fatalf("found %q", got)
	}
	d.Key(fyne.KeyEscape)
	if len(d.page.lines) != all || d.page.finder.bar.Visible() {
		t.Fatalf("%d of %d lines after Escape", len(d.page.lines), all)
	}
	d.page.finder.begin()
	d.Type("!hoch")
	d.Key(fyne.KeyReturn)
	if got := d.titles(); len(got) != 2 {
		t.Fatalf("Enter does not wait: %q", got)
	}
	d.Click("Suche behalten")
	d.Type("Dringend")
	d.Key(fyne.KeyReturn)
	if id, _ := d.side("Dringend"); id == "" || d.page.heading.Words() != "Dringend" || len(d.titles()) != 2 {
		t.Fatalf("%q shows %q", d.page.heading.Words(), d.titles())
	}
	d.Menu("Dringend", "Suche umbenennen")
	d.Type("Sehr dringend")
	d.Key(fyne.KeyReturn)
	d.Menu("Sehr dringend", "Suche ändern")
	d.SelectAll()
	d.Type("#Fotos")
	d.Click("Suche behalten")
	if got := d.titles(); !slices.Equal(got, []string{photos}) || d.page.heading.Words() != "Sehr dringend" {
		t.Fatalf("%q shows %q", d.page.heading.Words(), got)
	}
	d.Menu("Sehr dringend", "Suche entfernen")
	if id, _ := d.side("Sehr dringend"); id != "" || d.page.heading.Words() != "Heute" {
		t.Fatal("still there")
	}
	d.LastToast().Do()
	d.Settle()
	if id, _ := d.side("Sehr dringend"); id == "" {
		t.Fatal("not brought back")
	}
}

// TestMarksOfLists: a list that is shared or cannot be written to says so, in its line and in its title.
func TestMarksOfLists(t *testing.T) {
	icon, words := listMark(tasks.List{Shared: true, Owner: "Sofia"})
	if icon != "people" || words != "geteilt von Sofia" {
		t.Errorf("%q, %q", icon, words)
	}
	if icon, words := listMark(tasks.List{Shared: true, ReadOnly: true}); icon != "lock" || words != "geteilt, nur lesen" {
		t.Errorf("%q, %q", icon, words)
	}
	if icon, words := listMark(tasks.List{}); icon != "" || words != "" {
		t.Errorf("%q, %q", icon, words)
	}
	d := open(t)
	team := d.listNamed("Team").ID
	d.town.Write(func(ctx context.Context, tx *storage.Tx) error {
		row, err := tx.TaskList(ctx, team)
		row.ReadOnly = true
		if err != nil {
			return err
		}
		return tx.StoreTaskList(ctx, row, 0)
	})
	d.Settle()
	if _, mark := d.side("Team"); mark != "nur lesen" {
		t.Errorf("marked %q", mark)
	}
	d.Click("Team")
	d.MustSay("7 offen · nur lesen")
	d.choose(plan)
	d.MustSay("Diese Liste kann nur gelesen werden.")
	calls := func() []string { return d.core.Calls("Edit", "EditAll", "Place", "EditList", "DeleteList") }
	calls()
	d.Key(fyne.KeyF2)
	d.Window.Canvas().Focus(d.page.side)
	d.Key(fyne.KeyF2, fyne.KeyDelete)
	if got := calls(); len(got) != 0 {
		t.Errorf("changed by %q", got)
	}
}

// TestListsByKeyboard renames and deletes a list without a pointer, and gives it another colour.
func TestListsByKeyboard(t *testing.T) {
	d := open(t)
	d.Click("Team")
	d.Window.Canvas().Focus(d.page.side)
	d.Key(fyne.KeyF2)
	d.Type("Mannschaft")
	d.Key(fyne.KeyReturn)
	if d.listNamed("Mannschaft").ID == 0 {
		t.Fatal("not renamed")
	}
	d.Menu("Mannschaft", "Farbe", "Rot")
	if got := d.listNamed("Mannschaft").Color; got != "#b3261e" {
		t.Fatalf("the colour is %q", got)
	}
	d.Window.Canvas().Focus(d.page.side)
	d.Key(desktop.KeyMenu)
	d.MustSay("Liste löschen")
	d.Escape()
	d.Window.Canvas().Focus(d.page.side)
	d.Key(fyne.KeyDelete)
	if d.listNamed("Mannschaft").ID != 0 {
		t.Fatal("not deleted")
	}
	d.LastToast().Do()
	d.Settle()
	if d.listNamed("Mannschaft").ID == 0 {
		t.Fatal("not brought back")
	}
	d.page.newList()
	d.Type("Neu")
	d.Key(fyne.KeyReturn)
	for _, l := range d.page.lists {
		if l.Name != "Neu" && l.Color == d.listNamed("Neu").Color {
			t.Errorf("%q has the colour of the new list", l.Name)
		}
	}
}

// TestSubtasksAreNotForgotten: who deletes a task is asked what becomes of its subtasks.
func TestSubtasksAreNotForgotten(t *testing.T) {
	d := open(t)
	d.choose(survey)
	d.Key(fyne.KeyDelete)
	d.MustSay("3 Teilaufgaben hängen daran")
	d.Click("Abbrechen")
	d.task(survey)
	d.Key(fyne.KeyDelete)
	d.Click("Nach oben rücken")
	if len(d.find(survey)) != 0 || d.task("Eigentümer anrufen").ParentUID != "" {
		t.Fatal("the subtask moves up")
	}
	d.LastToast().Do()
	d.Settle()
	d.choose(survey)
	d.Key(fyne.KeyDelete)
	d.Click("Auch löschen")
	if len(d.find(survey))+len(d.find("Eigentümer anrufen"))+len(d.find("Formular drucken")) != 0 {
		t.Fatal("deleted with it")
	}
	d.LastToast().Do()
	d.Settle()
	if d.task("Eigentümer anrufen").ParentUID != d.task(survey).UID {
		t.Fatal("one undo brings all of it back")
	}
}

// TestManyAtOnce: the pane offers what can be done to all that is chosen, each as one step.
func TestManyAtOnce(t *testing.T) {
	d := open(t)
	d.Click("Bauanträge")
	all := d.titles()[:3]
	d.choose(all[0])
	d.ClickWith(all[2], fyne.KeyModifierShift)
	d.MustSay("3 Aufgaben markiert")
	d.MustNotSay("TEILAUFGABEN")
	d.Click("Schlagwort hinzufügen")
	d.Type("Eilig, -Denkmal")
	d.Key(fyne.KeyReturn)
	for _, title := range all {
		if tags := d.task(title).Tags; !slices.Contains(tags, "Eilig") || slices.Contains(tags, "Denkmal") {
			t.Errorf("%q has %q", title, tags)
		}
	}
	d.town.Undo(d.Scene)()
	d.Settle()
	if tags := d.task(all[1]).Tags; slices.Contains(tags, "Eilig") {
		t.Fatalf("one undo takes all of it back: %q", tags)
	}
	d.Click("Priorität")
	d.Click("Niedrig")
	d.Click("Fällig")
	d.Click("Anderes Datum …")
	d.Type("1.12.2030")
	d.Key(fyne.KeyReturn)
	for _, title := range all {
		if got := d.task(title); got.Priority != 9 || got.Due.Time.Year() != 2030 {
			t.Errorf("%q: %d, %v", title, got.Priority, got.Due)
		}
	}
	d.press(fyne.KeyInsert, 0)
	if got := d.task(all[2]).Priority; got != 1 {
		t.Errorf("marked important: %d", got)
	}
	d.press(fyne.KeyInsert, 0)
	if got := d.task(all[2]).Priority; got != 0 {
		t.Errorf("and back: %d", got)
	}
	d.press(fyne.KeyD, fyne.KeyModifierControl|fyne.KeyModifierShift)
	d.Click("Kein Datum")
	d.press(fyne.KeyV, fyne.KeyModifierControl|fyne.KeyModifierShift)
	d.Click("Team")
	for _, title := range all {
		if got := d.task(title); !got.Due.IsZero() || got.ListID != d.listNamed("Team").ID {
			t.Errorf("%q: %v, list %d", title, got.Due, got.ListID)
		}
	}
}

// TestATitleIsChangedInItsRow: Enter and a click elsewhere take what was typed, Escape does not, a failure keeps it.
func TestATitleIsChangedInItsRow(t *testing.T) {
	d := open(t)
	d.choose(photos)
	d.Key(fyne.KeyF2)
	d.Type("Bilder ablegen")
	d.Key(fyne.KeyReturn)
	if len(d.find("Bilder ablegen")) != 1 || d.Focused() != fyne.Focusable(d.page.rows) {
		t.Fatalf("not renamed, or the keyboard is on %T", d.Focused())
	}
	d.Key(fyne.KeyF2)
	d.Type("verworfen")
	d.Key(fyne.KeyEscape)
	if len(d.find("verworfen")) != 0 {
		t.Fatal("Escape renames nothing")
	}
	d.core.Fail("Edit", errDisk)
	d.Key(fyne.KeyF2)
	d.Type("bleibt")
	d.Key(fyne.KeyReturn)
	if d.page.naming == nil || d.page.naming.field.Text != "bleibt" || len(d.TakeErrors()) != 1 {
		t.Fatal("what was typed is gone")
	}
	d.core.Fail("Edit", nil)
	d.page.Hidden()
	d.Settle()
	if len(d.find("bleibt")) != 1 {
		t.Fatal("leaving the page takes it")
	}
}

// TestWhatIsHeard: the quick entry shows what it understood before Enter is pressed.
func TestWhatIsHeard(t *testing.T) {
	d := open(t)
	d.page.StartNew()
	d.Type("Bericht abgeben morgen 14 Uhr #Berichte !hoch")
	d.MustSay("„Bericht abgeben“ · fällig Morgen, 14:00 · Priorität Hoch · #Berichte · in „Lindenstraße 14“")
	d.Click("Team")
	d.MustSay("in „Team“")
	d.Window.Canvas().Focus(d.page.quick)
	d.Key(fyne.KeyEscape)
	d.MustNotSay("„Bericht abgeben“")
	d.page.StartNew()
	d.Type("Gießen alle 3 Tage @Berichte")
	d.MustSay("alle 3 Tage · in „Berichte“")
	d.Key(fyne.KeyReturn)
	if got := d.task("Gießen"); got.ListID != d.listNamed("Berichte").ID || got.RRule == "" || !strings.Contains(d.LastToast().Words, "Berichte") {
		t.Fatalf("%+v, said %q", got, d.LastToast().Words)
	}
}

// TestWhatIsAddedOutOfSightIsSaid: a task that is not for today does not vanish from today without a word.
func TestWhatIsAddedOutOfSightIsSaid(t *testing.T) {
	d := open(t)
	for _, c := range []struct{ place, text, says string }{
		{"Heute", "Jetzt gleich", ""},
		{"Heute", "Später übermorgen", "„Später“ hinzugefügt in „Lindenstraße 14“"},
		{"Team", "Hier bei uns", ""},
		{"Team", "Dort @Berichte", "„Dort“ hinzugefügt in „Berichte“"},
		{"Alle", "Irgendwo", "„Irgendwo“ hinzugefügt in „Lindenstraße 14“"},
	} {
		d.Click(c.place)
		d.Toasts = nil
		d.page.StartNew()
		d.Type(c.text)
		d.Key(fyne.KeyReturn)
		if got := d.LastToast().Words; got != c.says {
			t.Errorf("%q in %q: said %q", c.text, c.place, got)
		}
	}
}

// TestTheFirstTaskIsShown: the pane is not left empty beside tasks that arrive after the page was opened.
func TestTheFirstTaskIsShown(t *testing.T) {
	d := open(t)
	d.page.newList()
	d.Type("Leer")
	d.Key(fyne.KeyReturn)
	d.Click("Leer")
	d.MustSay("Keine Aufgabe gewählt")
	d.bulk(d.listNamed("Leer").ID, 3)
	d.Settle()
	if d.page.detail.title.Text != d.titles()[0] {
		t.Errorf("shows %q beside %q", d.page.detail.title.Text, d.titles())
	}
}
