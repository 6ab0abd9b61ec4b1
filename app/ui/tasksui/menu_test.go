// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"kontor/app"
	"kontor/app/tasks"
	"kontor/storage"
)

// TestTheMenuByKeyboard opens the context menu with its key and chooses lines with the arrows.
func TestTheMenuByKeyboard(t *testing.T) {
	d := open(t)
	d.choose(photos)
	d.Key(desktop.KeyMenu)
	d.MustSay("Verschieben nach", "Löschen")
	d.Key(fyne.KeyDown, fyne.KeyReturn)
	if !d.task(photos).Done() {
		t.Fatal("the first line finishes the task")
	}
	d.page.foldClosed(true)
	d.Settle()
	d.Menu(photos, "Wieder öffnen")
	if d.task(photos).Done() {
		t.Fatal("not open again")
	}
	d.Menu(photos, "Löschen")
	if len(d.find(photos)) != 0 || d.LastToast().Words != "„"+photos+"“ gelöscht" {
		t.Fatalf("said %q", d.LastToast().Words)
	}
}

func TestLevelsByTheMenu(t *testing.T) {
	d := open(t)
	d.Click("Lindenstraße 14")
	d.Menu(costs, "Zur Teilaufgabe machen")
	if d.task(costs).ParentUID == "" {
		t.Fatal("no subtask")
	}
	d.Menu(costs, "Eine Ebene höher")
	if d.task(costs).ParentUID != "" {
		t.Fatal("still a subtask")
	}
	d.core.Fail("Place", errDisk)
	d.Menu(costs, "Zur Teilaufgabe machen")
	if len(d.TakeErrors()) != 1 {
		t.Fatal("the error was not shown")
	}
}

// TestATaskThatDoesNotShowIsAnnounced: what is added in a list of important tasks may not be among them.
func TestATaskThatDoesNotShowIsAnnounced(t *testing.T) {
	d := open(t)
	d.Click("Wichtig")
	d.page.StartNew()
	d.Type("Pflanzen gießen")
	d.Key(fyne.KeyReturn)
	if got := d.LastToast().Words; got != "„Pflanzen gießen“ hinzugefügt in „Lindenstraße 14“" {
		t.Fatalf("said %q", got)
	}
	d.LastToast().Do()
	d.Settle()
	if len(d.find("Pflanzen gießen")) != 0 {
		t.Fatal("undo takes it back")
	}
	d.Click("Heute")
	d.page.StartNew()
	d.Type("Sichtbar")
	d.Key(fyne.KeyReturn)
	d.MustSay("Sichtbar")
	if len(d.Toasts) != 1 {
		t.Fatal("what is seen needs no words")
	}
}

// TestWithoutAListNothingIsSwallowed: the sentence of the core is shown and the text stays.
func TestWithoutAListNothingIsSwallowed(t *testing.T) {
	d := open(t)
	d.town.Write(func(ctx context.Context, tx *storage.Tx) error {
		lists, err := tx.TaskLists(ctx)
		for _, l := range lists {
			row, err := tx.TaskList(ctx, l.ID)
			if err != nil {
				return err
			}
			row.ReadOnly = true
			if err := tx.StoreTaskList(ctx, row, 0); err != nil {
				return err
			}
		}
		return err
	})
	d.Settle()
	d.page.StartNew()
	d.Type("Wohin damit")
	d.Key(fyne.KeyReturn)
	if errs := d.TakeErrors(); len(errs) != 1 || !errors.Is(errs[0], app.ErrNoTaskList) || d.page.quick.Text != "Wohin damit" {
		t.Fatalf("shown %v, the field holds %q", errs, d.page.quick.Text)
	}
}

// TestLeavingThePageStoresWhatIsTyped, as F6 and the rail do.
func TestLeavingThePageStoresWhatIsTyped(t *testing.T) {
	d := open(t)
	d.choose(survey)
	d.Fill("Notiz", "Noch nicht verlassen")
	d.page.Hidden()
	d.Settle()
	if got := d.task(survey).Note; got != "Noch nicht verlassen" {
		t.Fatalf("stored %q", got)
	}
}

// TestOrder: what is due first comes first, what has no date last, and what is done below all others.
func TestOrder(t *testing.T) {
	d := open(t)
	d.Click("Alle")
	d.page.foldClosed(true)
	all := d.page.lines
	open := all[:slices.IndexFunc(all, func(i item) bool { return i.heading != "" })]
	var last time.Time
	for n, i := range open {
		if i.Due.IsZero() {
			if slices.ContainsFunc(open[n:], func(later item) bool { return !later.Due.IsZero() }) {
				t.Fatalf("%q has no date but stands in front", i.Title)
			}
			break
		}
		end := i.Due.Over(time.Local)
		if end.Before(last) {
			t.Errorf("%q stands too late", i.Title)
		}
		last = end
	}
	for _, i := range all[len(open)+1:] {
		if !i.Closed() {
			t.Errorf("%q is not done", i.Title)
		}
	}
	moment := tasks.Task{Alarms: []tasks.Alarm{{At: time.Date(2026, 11, 30, 9, 0, 0, 0, time.Local), Absolute: true}}}
	if got := remindWords(moment, time.Date(2026, 11, 1, 9, 0, 0, 0, time.Local)); got != "30.11., 09:00" {
		t.Errorf("a reminder at a moment: %q", got)
	}
}

// TestCallingOff: a task is called off by its menu or its key, says so in words, and is taken up again; of a series a person
// says whether this time or all of it is meant.
func TestCallingOff(t *testing.T) {
	d := open(t)
	d.Menu(photos, "Aufgabe abbrechen")
	if got := d.task(photos); got.Status != tasks.Canceled || got.Done() || d.LastToast().Words != "„"+photos+"“ abgebrochen" {
		t.Fatalf("%+v, said %q", got, d.LastToast().Words)
	}
	d.page.foldClosed(true)
	d.Settle()
	d.MustSay("Abgebrochen")
	line := d.page.lines[slices.IndexFunc(d.page.lines, func(i item) bool { return i.Title == photos })]
	if words := line.spoken(d.page.cfg.Now()); !strings.Contains(words, "Abgebrochen") || strings.Contains(words, "erledigt") {
		t.Errorf("spoken: %s", words)
	}
	d.Menu(photos, "Wieder öffnen")
	if d.task(photos).Closed() {
		t.Fatal("not taken up again")
	}
	rule, day := "FREQ=DAILY", tasks.When{Time: d.page.cfg.Now(), AllDay: true}
	if err := d.town.Tasks.Edit(context.Background(), d.task(photos).ID, tasks.Edit{Due: &day, RRule: &rule}); err != nil {
		t.Fatal(err)
	}
	d.Settle()
	d.Click("Alle")
	d.choose(photos)
	d.page.cancelMenu(d.page.selected())
	d.MustSay("Nur dieses Mal", "Ganze Wiederholung")
	d.Key(fyne.KeyDown, fyne.KeyReturn)
	if got := d.task(photos); got.Closed() || !got.Due.Time.After(day.Time) {
		t.Fatalf("this time only: %+v", got)
	}
	d.choose(photos)
	d.page.cancelMenu(d.page.selected())
	d.Key(fyne.KeyDown, fyne.KeyDown, fyne.KeyReturn)
	if got := d.task(photos); got.Status != tasks.Canceled || got.RRule != rule {
		t.Fatalf("all of it: %+v", got)
	}
}
