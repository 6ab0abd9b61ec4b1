// SPDX-License-Identifier: EUPL-1.2

package todayui

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"kontor/app"
	"kontor/app/demo"
	"kontor/app/i18n"
	"kontor/app/live"
	"kontor/app/mail"
	"kontor/app/tasks"
	"kontor/app/ui/theme"
	"kontor/app/ui/uitest"
	"kontor/storage"
)

const (
	survey = "Aufmaß unterschreiben lassen"
	photos = "Fotos Gebäudeteil B ablegen"
	trees  = "Baumbestand Gartenweg 7 prüfen"
)

var errDisk = errors.New("disk full")

// TestTheDayByKeyboard opens a task and a mail, ticks a task off and takes that back, without a pointer.
func TestTheDayByKeyboard(t *testing.T) {
	d := open(t)
	if got := d.titles(); got[0] != trees || !slices.Contains(got, survey) || !slices.Contains(got, photos) {
		t.Fatalf("overdue first, then today: %q", got)
	}
	d.MustSay("Überfällig")
	d.page.tasks.SelectKey(d.task(survey).ID)
	d.Key(fyne.KeyReturn)
	d.page.tasks.SelectKey(d.task(photos).ID)
	d.Key(fyne.KeySpace)
	if !d.task(photos).Done() || slices.Contains(d.titles(), photos) || d.LastToast().Words != "Erledigt: "+photos {
		t.Fatalf("%q, said %q", d.titles(), d.LastToast().Words)
	}
	d.LastToast().Do()
	d.Settle()
	if d.task(photos).Done() || !slices.Contains(d.titles(), photos) {
		t.Fatal("undo brings it back")
	}
	d.Window.Canvas().Focus(d.page.mails)
	d.Key(fyne.KeyDown, fyne.KeyReturn)
	if len(d.opened) != 2 || d.opened[0] != "tasks: "+survey || !strings.HasPrefix(d.opened[1], "mail: ") {
		t.Fatalf("opened %q", d.opened)
	}
	if len(d.page.Panes()) != 2 || len(d.page.Actions()) != 2 {
		t.Fatal("panes and actions")
	}
}

func TestTheDayByMouse(t *testing.T) {
	d := open(t)
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(d.page.tasks)
	d.ClickAt(at.X+20, at.Y+28)
	if !d.task(trees).Done() {
		t.Fatal("a click on the circle finishes the task")
	}
	d.Click("Alle Aufgaben")
	d.Click("Zum Posteingang")
	d.Click("Neue Nachricht")
	d.Click("Neue Aufgabe")
	if !slices.Equal(d.shown, []string{"tasks", "mail", "new task"}) || d.wrote != 1 {
		t.Fatalf("showed %q, wrote %d", d.shown, d.wrote)
	}
}

// TestImpatienceFinishesOneDate: of a series, pressing twice while the store is busy is for one date.
func TestImpatienceFinishesOneDate(t *testing.T) {
	d := open(t)
	const weekly = "Jour fixe vorbereiten"
	today := tasks.When{Time: time.Now(), AllDay: true}
	d.town.Must(d.town.Tasks.Plan(ctx, []int64{d.task(weekly).ID}, today))
	d.Settle()
	d.page.tasks.SelectKey(d.task(weekly).ID)
	d.Loop.Hold()
	d.Key(fyne.KeySpace, fyne.KeySpace)
	d.Loop.Release()
	d.Settle()
	if got := len(d.watch.Calls("Done")); got != 1 {
		t.Fatalf("%d times", got)
	}
}

func TestMailThatIsReadGoes(t *testing.T) {
	d := open(t)
	before := d.page.mails.Count()
	m, ok := d.page.mails.At(0)
	if !ok || before == 0 {
		t.Fatal("no unread mail")
	}
	d.town.Must(d.town.Mail.Mark(ctx, []int64{m.ID}, mail.Seen, 0))
	d.Settle()
	if got := d.page.mails.Count(); got != before-1 {
		t.Fatalf("%d of %d", got, before)
	}
}

// TestNothingToDo finishes and reads everything: the page says so.
func TestNothingToDo(t *testing.T) {
	d := open(t)
	for _, title := range d.titles() {
		d.town.Must(d.town.Tasks.Done(ctx, []int64{d.task(title).ID}))
	}
	all, err := d.town.Mail.List(ctx, unread, 0, 1000)
	d.town.Must(err)
	for _, m := range all {
		d.town.Must(d.town.Mail.Mark(ctx, []int64{m.ID}, mail.Seen, 0))
	}
	d.Settle()
	d.MustSay(i18n.T("today.no-tasks"), i18n.T("today.no-mail"))
	d.Key(fyne.KeySpace, fyne.KeyReturn, fyne.KeyDown)
	if len(d.opened) != 0 || len(d.watch.Calls("Done")) != 0 {
		t.Fatal("keys do nothing on an empty page")
	}
}

// TestTheNoticeNamesWhatMatters: decisions first, then that there is no network, then nothing.
func TestTheNoticeNamesWhatMatters(t *testing.T) {
	d := open(t)
	if d.page.notice.Visible() {
		t.Fatalf("says %q", d.page.notice.Words())
	}
	d.town.Must(d.town.Status.SetOffline(ctx, true))
	d.Settle()
	d.MustSay("Keine Verbindung. Alles, was Sie hier sehen, ist auf diesem Gerät gespeichert.")
	d.town.Must(d.town.Tasks.Done(ctx, []int64{d.task(photos).ID}))
	d.Settle()
	d.MustSay("Keine Verbindung. 1 Änderung ist hier sicher und wird später übertragen.")
	d.Click("Ansehen")
	d.town.Must(d.town.Status.SetOffline(ctx, false))
	d.town.World.SetFaults(demo.Tasks, demo.Faults{Status: 403})
	_, _ = d.town.Sync(ctx, app.SyncOptions{})
	d.Settle()
	d.MustSay("1 Änderung wurde abgelehnt.")
	d.town.Write(func(ctx context.Context, tx *storage.Tx) error {
		_, err := tx.AddConflict(ctx, storage.ConflictRow{AccountID: d.town.Account, Kind: "task", Title: photos})
		return err
	})
	d.town.Must(d.town.Status.SetOffline(ctx, false))
	d.Settle()
	d.MustSay("2 Entscheidungen warten auf Sie.")
	d.Click("Entscheiden")
	if !slices.Equal(d.shown, []string{"sync", "sync"}) {
		t.Fatalf("showed %q", d.shown)
	}
}

func TestErrorsAreShownAndNothingIsLost(t *testing.T) {
	d := open(t)
	before := d.titles()
	for _, method := range []string{"Lists", "Tasks", "Count", "Mails", "Snapshot"} {
		d.watch.Fail(method, errDisk)
		d.page.Refresh(live.All)
		d.Settle()
		if errs := d.TakeErrors(); len(errs) == 0 || !errors.Is(errs[0], errDisk) {
			t.Errorf("%s: shown %v", method, errs)
		}
		if !slices.Equal(d.titles(), before) {
			t.Errorf("%s: %q are left", method, d.titles())
		}
		d.watch.Fail(method, nil)
	}
	d.watch.Fail("Done", errDisk)
	d.page.tasks.SelectKey(d.task(photos).ID)
	for range 2 {
		d.Key(fyne.KeySpace)
		if len(d.TakeErrors()) != 1 || len(d.Toasts) != 0 {
			t.Fatalf("said %+v", d.Toasts)
		}
	}
}

// TestTheSelectionSurvives another page and news.
func TestTheSelectionSurvives(t *testing.T) {
	d := open(t)
	d.page.tasks.SelectKey(d.task(photos).ID)
	early, title := tasks.When{Time: time.Now().AddDate(0, 0, -9), AllDay: true}, "Längst fällig"
	_, err := d.town.Tasks.Add(ctx, 0, tasks.Edit{Title: &title, Due: &early})
	d.town.Must(err)
	d.Settle()
	d.page.Hidden()
	d.page.Shown()
	d.Settle()
	if now, ok := d.page.tasks.Current(); !ok || now.Title != photos {
		t.Fatalf("the cursor is on %q", now.Title)
	}
}

// TestMidnight: the page that is open over night shows the new day.
func TestMidnight(t *testing.T) {
	d := open(t)
	d.MustSay(i18n.LongDate(d.now))
	d.now = d.now.AddDate(0, 0, 1)
	d.watch.Calls("Tasks")
	d.page.Refresh(0)
	d.Settle()
	d.MustSay(i18n.LongDate(d.now))
	if len(d.watch.Calls("Tasks")) == 0 {
		t.Fatal("what is due was not read again")
	}
}

// TestEverythingFits looks at the page in both languages, in all sizes, with long names.
func TestEverythingFits(t *testing.T) {
	d := open(t)
	long := strings.Repeat("Stellungnahme der unteren Denkmalschutzbehörde ", 4)
	d.town.Must(d.town.Tasks.Edit(ctx, d.task(trees).ID, tasks.Edit{Title: &long}))
	d.town.Write(func(ctx context.Context, tx *storage.Tx) error {
		_, err := tx.AddConflict(ctx, storage.ConflictRow{AccountID: d.town.Account, Kind: "task", Title: long})
		return err
	})
	d.EachSize(d.build, func(fits func(string)) { fits("the page") })
	d.MustNotSay("Überfällig", "Heute", "Entscheid")
}

func TestPictures(t *testing.T) {
	uitest.ForPictures(t)
	d := open(t)
	d.Picture("today-light")
	d.Resize(948, 620)
	d.Look(theme.Dark, 1)
	d.Picture("today-dark-small")
}

func TestDueWords(t *testing.T) {
	i18n.Use(i18n.German)
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.Local)
	cases := []struct {
		when tasks.When
		want string
		late bool
	}{
		{tasks.When{}, "", false},
		{tasks.When{Time: now, AllDay: true}, "Heute", false},
		{tasks.When{Time: now.Add(time.Hour)}, "Heute, 10:00", false},
		{tasks.When{Time: now.Add(-time.Hour)}, "Heute, 08:00", true},
		{tasks.When{Time: now.AddDate(0, 0, -1), AllDay: true}, "Gestern", true},
		{tasks.When{Time: now.AddDate(0, 0, -2), AllDay: true}, "21.11.2026", true},
		{tasks.When{Time: now.AddDate(0, 0, 1), AllDay: true}, "24.11.2026", false},
	}
	for _, c := range cases {
		if got, late := dueWords(c.when, now); got != c.want || late != c.late {
			t.Errorf("%v: %q late %v", c.when, got, late)
		}
	}
}

// TestATaskInWords: what is seen of a task is said too, also where it has no title.
func TestATaskInWords(t *testing.T) {
	d := open(t)
	i18n.Use(i18n.German)
	late := tasks.When{Time: d.now.AddDate(0, 0, -1), AllDay: true}
	for want, given := range map[string]task{
		"Akte, Gestern, Überfällig, Team": {tasks.Task{Title: "Akte", Due: late}, "Team"},
		"(ohne Titel), Heute":             {tasks.Task{Title: " ", Due: tasks.When{Time: d.now, AllDay: true}}, ""},
		"Akte":                            {tasks.Task{Title: "Akte"}, ""},
	} {
		if got := d.page.spoken(given); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
	d.town.Must(d.town.Tasks.Edit(ctx, d.task(survey).ID, tasks.Edit{Title: new(string)}))
	d.Settle()
	d.MustSay("(ohne Titel)")
}

// TestADayIsOverAtItsEnd: what is due at a time of this day stands before what is due on it at all, as in the list of tasks.
func TestADayIsOverAtItsEnd(t *testing.T) {
	d := open(t)
	now := time.Now()
	y, m, day := now.Date()
	list := d.task(survey).ListID
	for title, due := range map[string]tasks.When{
		"Heute noch": {Time: time.Date(y, m, day, 0, 0, 0, 0, time.UTC), AllDay: true}, "Um 23:59": {Time: time.Date(y, m, day, 23, 59, 0, 0, time.Local)},
	} {
		if _, err := d.town.Tasks.Add(t.Context(), list, tasks.Edit{Title: &title, Due: &due}); err != nil {
			t.Fatal(err)
		}
	}
	d.Settle()
	all := d.titles()
	if timed, whole := slices.Index(all, "Um 23:59"), slices.Index(all, "Heute noch"); timed < 0 || whole < timed {
		t.Fatalf("%q", all)
	}
}
