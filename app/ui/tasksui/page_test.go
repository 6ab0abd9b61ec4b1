// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"kontor/app/tasks"
	"kontor/app/ui"
	"kontor/storage"
)

const (
	survey = "Aufmaß unterschreiben lassen"
	photos = "Fotos Gebäudeteil B ablegen"
	costs  = "Kostenschätzung gegenlesen"
	plan   = "Urlaubsplanung abstimmen"
)

var errDisk = errors.New("disk full")

// TestTodayByKeyboard ticks a task off, reopens it, deletes it and takes each of it back, without a pointer.
func TestTodayByKeyboard(t *testing.T) {
	d := open(t)
	if titles := d.titles(); !slices.Contains(titles, survey) || !slices.Contains(titles, photos) {
		t.Fatalf("today: %q", titles)
	}
	d.choose(photos)
	d.Key(fyne.KeySpace)
	if !d.task(photos).Done() || d.LastToast().Words != "„"+photos+"“ erledigt" {
		t.Fatalf("said %q", d.LastToast().Words)
	}
	d.LastToast().Do()
	d.Settle()
	if d.task(photos).Done() {
		t.Fatal("undo did not reopen it")
	}
	d.choose(photos)
	d.Key(fyne.KeySpace)
	d.choose(photos)
	d.Key(fyne.KeySpace)
	if d.task(photos).Done() {
		t.Fatal("a second press reopens")
	}
	d.choose(photos)
	d.Key(fyne.KeyDelete)
	if len(d.find(photos)) != 0 {
		t.Fatal("not deleted")
	}
	d.MustNotSay(photos)
	d.LastToast().Do()
	d.Settle()
	d.MustSay(photos)
}

// TestImpatienceFinishesOneDate: of a series, pressing twice while the store is busy is for one date.
func TestImpatienceFinishesOneDate(t *testing.T) {
	d := open(t)
	const weekly = "Jour fixe vorbereiten"
	d.page.Open(d.task(weekly).ID)
	d.Settle()
	before := d.task(weekly).Due.Time
	d.choose(weekly)
	d.Loop.Hold()
	d.Key(fyne.KeySpace, fyne.KeySpace)
	d.Loop.Release()
	d.Settle()
	if got := d.task(weekly).Due.Time; !got.Equal(before.AddDate(0, 0, 7)) {
		t.Fatalf("%s became %s", before, got)
	}
	d.choose(weekly)
	d.Key(fyne.KeySpace)
	if got := d.task(weekly).Due.Time; !got.Equal(before.AddDate(0, 0, 14)) {
		t.Fatalf("later it is for the next one: %s", got)
	}
}

// TestTheCircleIsClicked: a click on the circle finishes a task, one on its title shows it.
func TestTheCircleIsClicked(t *testing.T) {
	d := open(t)
	d.Click(photos)
	if d.task(photos).Done() || d.Field("Fällig").Text == "" {
		t.Fatal("a click on the title shows the task")
	}
	row := slices.Index(d.titles(), photos)
	p := d.page.rows
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(p)
	d.ClickAt(at.X+25, at.Y+rowHeight*(float32(row)+0.5))
	if !d.task(photos).Done() {
		t.Fatal("a click on the circle finishes it")
	}
}

func TestSeveralAtOnce(t *testing.T) {
	d := open(t)
	d.Click("Bauanträge")
	all := d.titles()
	d.Click(all[0])
	d.ClickWith(all[2], fyne.KeyModifierControl)
	d.Key(fyne.KeyDelete)
	if d.LastToast().Words != "2 Aufgaben gelöscht" || len(d.find(all[0]))+len(d.find(all[2])) != 0 {
		t.Fatalf("said %q", d.LastToast().Words)
	}
	d.LastToast().Do()
	d.Settle()
	if len(d.find(all[0])) != 1 || len(d.find(all[2])) != 1 {
		t.Fatal("one undo brings both back")
	}
	d.Click(all[0])
	d.ClickWith(all[2], fyne.KeyModifierShift)
	d.Menu(all[1], "Verschieben nach", "Team")
	for _, title := range all[:3] {
		if got := d.task(title); got.ListID != d.listNamed("Team").ID {
			t.Errorf("%q lies in list %d", got.Title, got.ListID)
		}
	}
	if d.LastToast().Words != "Verschoben nach „Team“" {
		t.Errorf("said %q", d.LastToast().Words)
	}
}

func TestAListIsATree(t *testing.T) {
	d := open(t)
	d.Click("Lindenstraße 14")
	all := d.page.lines
	row := slices.IndexFunc(all, func(i item) bool { return i.Title == "Eigentümer anrufen" })
	if all[row].depth != 1 {
		t.Fatalf("a subtask stands at depth %d", all[row].depth)
	}
	before := d.task(costs).ParentUID
	d.choose(costs)
	d.press(fyne.KeyRight, fyne.KeyModifierAlt)
	if above := d.task(costs).ParentUID; above == "" || above == before {
		t.Fatal("Alt and the right arrow make it a subtask of the one above")
	}
	d.choose(costs)
	d.press(fyne.KeyLeft, fyne.KeyModifierAlt)
	if d.task(costs).ParentUID != "" {
		t.Fatal("Alt and the left arrow move it out again")
	}
	d.press(fyne.KeyLeft, fyne.KeyModifierAlt)
	d.Click("Heute")
	d.page.rows.SelectRow(0)
	d.press(fyne.KeyRight, fyne.KeyModifierAlt)
	if len(d.core.Calls("Place")) != 2 {
		t.Fatal("a smart list is no tree")
	}
}

// TestANewTaskIsOneStep: in the list of today a new task is due today, and one undo takes all of it back.
func TestANewTaskIsOneStep(t *testing.T) {
	d := open(t)
	d.page.StartNew()
	d.Type("Blumen gießen #Büro")
	d.Key(fyne.KeyReturn)
	got := d.task("Blumen gießen")
	if y, m, day := got.Due.Time.Date(); !got.Due.AllDay || day != time.Now().Day() || m != time.Now().Month() || y != time.Now().Year() || !slices.Equal(got.Tags, []string{"Büro"}) {
		t.Fatalf("%+v", got)
	}
	d.MustSay("Blumen gießen", "Wartet auf Abgleich")
	d.town.Undo(d.Scene)()
	d.Settle()
	if len(d.find("Blumen gießen")) != 0 {
		t.Fatal("one undo takes the new task back")
	}
	d.Click("Team")
	d.page.StartNew()
	d.Type("Kuchen mitbringen morgen")
	d.Key(fyne.KeyReturn)
	if got := d.task("Kuchen mitbringen"); got.ListID != d.listNamed("Team").ID || got.Due.IsZero() {
		t.Fatalf("%+v", got)
	}
}

func TestNothingTypedIsLostWhenAddingFails(t *testing.T) {
	d := open(t)
	d.core.Fail("Add", errDisk)
	d.page.StartNew()
	d.Type("geht nicht")
	d.Key(fyne.KeyReturn)
	if errs := d.TakeErrors(); d.page.quick.Text != "geht nicht" || len(errs) != 1 {
		t.Fatalf("the field holds %q, shown %v", d.page.quick.Text, errs)
	}
	d.Click(survey)
	d.Fill("+ Teilaufgabe hinzufügen", "Stift mitnehmen")
	d.Key(fyne.KeyReturn)
	if errs := d.TakeErrors(); d.page.detail.child.Text != "Stift mitnehmen" || len(errs) != 1 {
		t.Fatalf("the field holds %q, shown %v", d.page.detail.child.Text, errs)
	}
	d.core.Fail("Add", nil)
	d.Key(fyne.KeyReturn)
	if d.task("Stift mitnehmen").ParentUID != d.task(survey).UID || d.page.detail.child.Text != "" {
		t.Fatal("the second attempt works")
	}
	d.MustSay("Stift mitnehmen")
}

// TestErrorsOfReadingAreShown: what was on screen stays.
func TestErrorsOfReadingAreShown(t *testing.T) {
	d := open(t)
	d.Click(survey)
	for _, method := range []string{"Lists", "List", "Task", "Children", "Marks"} {
		d.core.Fail(method, errDisk)
		d.edit(plan, tasks.Edit{Note: ptr(method)})
		if errs := d.TakeErrors(); len(errs) == 0 || !errors.Is(errs[0], errDisk) {
			t.Errorf("%s: shown %v", method, errs)
		}
		d.MustSay(survey, "Priorität")
		d.core.Fail(method, nil)
	}
	for method, key := range map[string]fyne.KeyName{"Done": fyne.KeySpace, "RemoveWith": fyne.KeyDelete} {
		d.core.Fail(method, errDisk)
		d.choose(photos)
		d.Key(key)
		if len(d.TakeErrors()) != 1 || len(d.Toasts) != 0 {
			t.Errorf("%s failed, said %+v", method, d.Toasts)
		}
	}
}

// TestTheSelectionSurvivesNews: tasks that come in above do not move what is selected.
func TestTheSelectionSurvivesNews(t *testing.T) {
	d := open(t)
	d.Click(photos)
	for i := range 30 {
		_, err := d.town.Tasks.Add(ctx, 0, tasks.Edit{Title: ptr(fmt.Sprintf("Neu %d", i)), Due: &tasks.When{Time: time.Now().AddDate(0, 0, -3), AllDay: true}})
		d.town.Must(err)
	}
	d.Settle()
	if all := d.page.selected(); len(all) != 1 || all[0].Title != photos || d.page.detail.title.Text != photos {
		t.Fatalf("%+v is selected, %q shown", all, d.page.detail.title.Text)
	}
	d.town.Must(d.town.Tasks.Remove(ctx, []int64{d.task(photos).ID}))
	d.Settle()
	if all := d.page.selected(); len(all) != 1 || d.page.detail.title.Text != all[0].Title {
		t.Fatalf("the next one takes its place: %d selected, %q shown", len(all), d.page.detail.title.Text)
	}
}

func TestLists(t *testing.T) {
	d := open(t)
	d.Menu("Team", "Neue Liste")
	d.Type("Umzug")
	d.Key(fyne.KeyReturn)
	if d.listNamed("Umzug").ID == 0 {
		t.Fatal("no list")
	}
	d.MustSay("Umzug")
	d.Menu("Umzug", "Liste umbenennen")
	d.Type("Umzug ins Rathaus") // what is there is selected
	d.Key(fyne.KeyReturn)
	d.MustSay("Umzug ins Rathaus")
	d.Menu("Umzug ins Rathaus", "Liste umbenennen")
	d.Type("verworfen")
	d.Key(fyne.KeyEscape)
	if d.listNamed("verworfen").ID != 0 || d.Says("Übernehmen") {
		t.Fatal("Escape renames nothing")
	}
	d.Click("Umzug ins Rathaus")
	d.MustSay("Hier ist nichts zu tun")
	d.Menu("Umzug ins Rathaus", "Liste löschen")
	if d.page.heading.Words() != "Heute" || len(d.titles()) == 0 {
		t.Fatalf("the deleted list is still shown: %q", d.page.heading.Words())
	}
	d.core.Fail("DeleteList", errDisk)
	d.Menu("Berichte", "Liste löschen")
	if len(d.TakeErrors()) != 1 {
		t.Fatal("the error was not shown")
	}
	d.MustSay("Berichte")
}

// listNamed finds a list, one without ID where there is none.
func (d *desk) listNamed(name string) tasks.List {
	d.T.Helper()
	all, err := d.town.Tasks.Lists(ctx)
	d.town.Must(err)
	for _, l := range all {
		if l.Name == name {
			return l
		}
	}
	return tasks.List{}
}

func TestOpenShowsATaskFromElsewhere(t *testing.T) {
	d := open(t)
	d.page.Open(d.task(plan).ID)
	d.Settle()
	if d.page.detail.title.Text != plan {
		t.Fatalf("shows %q", d.page.detail.title.Text)
	}
	if all := d.page.selected(); len(all) != 1 || all[0].Title != plan || d.page.heading.Words() != "Team" {
		t.Fatalf("%d are selected in %q", len(all), d.page.heading.Words())
	}
	d.page.Open(99_999)
	d.Settle()
	if errs := d.TakeErrors(); len(errs) != 1 || d.page.detail.title.Text != plan {
		t.Fatalf("a task that is gone: %v", errs)
	}
}

// TestActions: every action of the page does what its title says.
func TestActions(t *testing.T) {
	d := open(t)
	d.choose(photos)
	for _, a := range d.page.Actions() {
		if a.Mod != ui.Ctrl && a.Title != "Neue Liste" {
			continue
		}
		a.Do()
		d.Settle()
		switch {
		case a.Key == fyne.KeyN && d.Focused() != fyne.Focusable(d.page.quick):
			t.Errorf("%s: the keyboard is on %T", a.Title, d.Focused())
		case a.Key == fyne.KeyReturn && !d.task(photos).Done():
			t.Errorf("%s: not done", a.Title)
		case a.Key == "" && !d.Says("Neue Liste"):
			t.Errorf("%s: no menu", a.Title)
		}
	}
	if len(d.page.Panes()) != 4 || !slices.ContainsFunc(d.page.Actions(), func(a ui.Action) bool { return a.Key == fyne.KeyD }) {
		t.Error("panes and actions")
	}
}

// TestTenThousandTasks: all of them can be selected and finished, also those that the list does not have in memory.
func TestTenThousandTasks(t *testing.T) {
	d := open(t)
	list := d.listNamed("Team")
	const n = 10_000
	d.bulk(list.ID, n)
	d.Settle()
	d.Click("Team")
	if got := d.page.rows.Count(); got < n {
		t.Fatalf("%d rows", got)
	}
	d.Window.Canvas().Focus(d.page.rows)
	d.Key(fyne.KeyEnd)
	d.Key(fyne.KeyHome)
	d.Click("Aufgabe 00003")
	d.SelectAll()
	if got := len(d.page.selected()); got < n {
		t.Fatalf("%d of %d are selected", got, n)
	}
	d.core.Fail("RemoveWith", errDisk)
	d.Key(fyne.KeyDelete)
	if len(d.core.Calls("RemoveWith")) != 1 || len(d.TakeErrors()) != 1 || len(d.page.selected()) < n {
		t.Fatal("after a failure the selection is gone")
	}
}

// bulk fills a list the way synchronisation does.
func (d *desk) bulk(list int64, n int) {
	d.T.Helper()
	const form = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VTODO\r\nUID:bulk-%05d\r\nDTSTAMP:20261101T000000Z\r\nCREATED:20010102T000000Z\r\nSUMMARY:Aufgabe %05d\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
	d.town.Write(func(ctx context.Context, tx *storage.Tx) error {
		for i := range n {
			if _, _, err := tx.StoreTask(ctx, list, fmt.Sprintf("bulk-%05d.ics", i), fmt.Sprintf(`"%d"`, i), fmt.Sprintf(form, i, i)); err != nil {
				return err
			}
		}
		return nil
	})
}
