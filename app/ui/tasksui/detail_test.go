// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/tasks"
	"kontor/app/ui/kit"
	"kontor/storage"
)

// TestEachFieldIsStored types into every field and leaves it by Enter or Tab, then looks at what the store has.
func TestEachFieldIsStored(t *testing.T) {
	d := open(t)
	d.Click("Team")
	d.choose(plan)
	d.Key(fyne.KeyReturn)
	if d.Focused() != fyne.Focusable(d.page.detail.title.Entry) {
		t.Fatalf("Enter leads to %T", d.Focused())
	}
	d.SelectAll()
	d.Type("Urlaub 2027")
	d.Key(fyne.KeyReturn)
	if d.Focused() != fyne.Focusable(d.page.rows) {
		t.Fatalf("a second Enter leads to %T", d.Focused())
	}
	d.Fill("Fällig", "30.11. 14 Uhr")
	d.Key(fyne.KeyTab)
	d.Fill("Beginn", "morgen 9 Uhr")
	d.Key(fyne.KeyTab)
	d.Fill("Schlagworte", "#Team, Urlaub")
	d.Key(fyne.KeyTab)
	d.Fill("Notiz", "Wer fehlt noch?")
	d.Click("Heute") // the keyboard leaves the note
	got := d.task("Urlaub 2027")
	if due := got.Due.Time.Local(); due.Day() != 30 || due.Hour() != 14 || got.Due.AllDay || got.Start.Time.Local().Hour() != 9 {
		t.Errorf("due %+v, start %+v", got.Due, got.Start)
	}
	if !slices.Equal(got.Tags, []string{"Team", "Urlaub"}) || got.Note != "Wer fehlt noch?" {
		t.Errorf("%q, %q", got.Tags, got.Note)
	}
	if edits := d.core.Calls("Edit"); len(edits) != 5 {
		t.Errorf("%d changes for five fields", len(edits))
	}
	d.page.Open(got.ID)
	d.Settle()
	d.Fill("Fällig", "")
	d.Key(fyne.KeyReturn)
	if due := d.task("Urlaub 2027").Due; !due.IsZero() {
		t.Errorf("an empty field removes the date: %+v", due)
	}
}

func TestEachChoiceIsStored(t *testing.T) {
	d := open(t)
	d.Click("Team")
	d.choose(plan)
	pick := func(now, choice string) {
		t.Helper()
		d.Click(now)
		d.Click(choice)
	}
	pick("Keine", "Hoch")
	pick("Nie", "wöchentlich")
	d.page.detail.remind.Tapped(nil)
	d.Click("1 Tag vorher")
	got := d.task(plan)
	if got.Priority != 1 || got.RRule != "FREQ=WEEKLY" || len(got.Alarms) != 1 || got.Alarms[0].Before != 24*time.Hour {
		t.Fatalf("%+v", got)
	}
	d.MustSay("Hoch", "wöchentlich", "1 Tag vorher")
	d.page.detail.remind.Tapped(nil)
	d.Click("Nicht erinnern")
	d.page.detail.list.Tapped(nil)
	d.Click("Berichte")
	if got := d.task(plan); got.ListID != d.listNamed("Berichte").ID || len(got.Alarms) != 0 {
		t.Fatalf("list %d, %d reminders", got.ListID, len(got.Alarms))
	}
	d.LastToast().Do()
	d.Settle()
	if d.task(plan).ListID != d.listNamed("Team").ID {
		t.Fatal("undo brings it back to its list")
	}
}

// TestNewsDoNotOverwriteWhatIsTyped: a field that a person is editing keeps its text when the task changes elsewhere;
// the other fields follow.
func TestNewsDoNotOverwriteWhatIsTyped(t *testing.T) {
	d := open(t)
	d.Click(survey)
	d.Fill("Notiz", "Halb getippt")
	d.edit(survey, tasks.Edit{Note: ptr("vom Server"), Title: ptr("Neuer Titel")})
	if d.page.detail.note.Text != "Halb getippt" || d.page.detail.title.Text != "Neuer Titel" {
		t.Fatalf("note %q, title %q", d.page.detail.note.Text, d.page.detail.title.Text)
	}
	d.Click(photos)
	if got := d.task("Neuer Titel").Note; got != "Halb getippt" {
		t.Fatalf("what was typed is lost: %q", got)
	}
}

// TestWhatIsTypedWhileTheNextTaskIsReadIsKept: with a slow store the pane still shows the old task.
func TestWhatIsTypedWhileTheNextTaskIsReadIsKept(t *testing.T) {
	d := open(t)
	d.Click(survey)
	d.Loop.Hold()
	d.Click(photos)
	d.Fill("Notiz", "gehört zum Aufmaß")
	d.Loop.Release()
	d.Settle()
	if got := d.task(survey).Note; got != "gehört zum Aufmaß" {
		t.Fatalf("stored %q", got)
	}
	if d.page.detail.title.Text != photos || d.task(photos).Note != "" {
		t.Fatalf("shows %q with note %q", d.page.detail.title.Text, d.task(photos).Note)
	}
}

// TestLateAnswersAreDropped: of two tasks that are read, the one asked for last is shown, whichever answer is first.
func TestLateAnswersAreDropped(t *testing.T) {
	d := open(t)
	d.Loop.Hold()
	d.page.detail.show(d.task(survey).ID)
	d.page.detail.show(d.task(photos).ID)
	d.Loop.Reverse()
	d.Loop.Release()
	d.Settle()
	if got := d.page.detail.title.Text; got != photos {
		t.Fatalf("shows %q", got)
	}
}

// TestAFailureKeepsWhatWasTyped: the field keeps its text through any news and is stored the next time it is left.
func TestAFailureKeepsWhatWasTyped(t *testing.T) {
	for _, c := range []struct{ field, text string }{{"Notiz", "Wichtig"}, {"Fällig", "30.11.2026"}, {"Beginn", "01.01.2020"}, {"Schlagworte", "Neu Wichtig"}, {"(ohne Titel)", "Anderer Titel"}} {
		t.Run(c.field, func(t *testing.T) {
			d := open(t)
			d.Click(survey)
			id := d.task(survey).ID
			e := d.page.detail.title.Entry
			if c.field != "(ohne Titel)" {
				e = d.Field(c.field)
			}
			if c.field == "Notiz" {
				e = d.page.detail.note.Entry
			}
			d.core.Fail("Edit", errDisk)
			d.Window.Canvas().Focus(e)
			d.SelectAll()
			d.Type(c.text)
			d.Window.Canvas().Focus(d.page.rows)
			d.Settle()
			if errs := d.TakeErrors(); len(errs) != 1 {
				t.Fatalf("shown %v", errs)
			}
			d.edit(plan, tasks.Edit{Note: ptr("Neues")})
			if e.Text != c.text {
				t.Fatalf("the field holds %q", e.Text)
			}
			d.core.Fail("Edit", nil)
			d.Click(photos)
			got, err := d.town.Tasks.Task(ctx, id)
			d.town.Must(err)
			stored := strings.Join([]string{got.Title, got.Note, i18n.Date(got.Due.Time), i18n.Date(got.Start.Time), strings.Join(got.Tags, " ")}, "|")
			if !strings.Contains(stored, c.text) {
				t.Fatalf("the store has %s", stored)
			}
		})
	}
}

func TestABadDateStaysAndIsNamed(t *testing.T) {
	d := open(t)
	d.Click(survey)
	due := d.task(survey).Due
	d.Fill("Fällig", "irgendwann")
	d.Key(fyne.KeyReturn)
	d.MustSay("„irgendwann“ ist kein Datum")
	if d.Focused() != fyne.Focusable(d.page.detail.due.Entry) {
		t.Fatal("the keyboard stays in the field")
	}
	d.edit(plan, tasks.Edit{Note: ptr("Neues")})
	if d.Field("Fällig").Text != "irgendwann" {
		t.Fatal("news took the text away")
	}
	d.Click(photos)
	if !strings.Contains(d.LastToast().Words, "irgendwann") || d.task(survey).Due != due {
		t.Fatalf("said %q", d.LastToast().Words)
	}
	d.MustNotSay("ist kein Datum")
}

func TestSubtasksAndLinks(t *testing.T) {
	d := open(t)
	d.Click(survey)
	d.MustSay("Eigentümer anrufen", "Verknüpfte Nachricht", "1/3 Teilaufgaben")
	d.Click("Verknüpfte Nachricht")
	if len(d.links) != 1 || !strings.HasPrefix(d.links[0], "mid:") {
		t.Fatalf("opened %q", d.links)
	}
	d.Click("Eigentümer anrufen")
	if d.page.detail.title.Text != "Eigentümer anrufen" {
		t.Fatalf("shows %q", d.page.detail.title.Text)
	}
	d.choose(survey)
	d.Click("Erledigt: Scan in Dateien ablegen")
	if !d.task("Scan in Dateien ablegen").Done() {
		t.Fatal("the circle finishes the subtask")
	}
	d.MustSay("2/3 Teilaufgaben")
}

// quarrel lets both sides give a task another title.
func (d *desk) quarrel() {
	d.T.Helper()
	d.edit(plan, tasks.Edit{Title: ptr("Meine Fassung")})
	user := d.town.World.Users()[0]
	for name, text := range user.TaskTexts("team") {
		if strings.Contains(text, plan) {
			user.PutTask("team", name, strings.Replace(text, plan, "Deren Fassung", 1))
		}
	}
	for range 2 {
		_, _ = d.town.Sync(ctx, app.SyncOptions{})
	}
}

// TestAConflictLeadsToTheDecision lets both sides change a task.
func TestAConflictLeadsToTheDecision(t *testing.T) {
	d := open(t)
	d.quarrel()
	d.Click("Team")
	d.choose("Meine Fassung")
	d.MustSay("Konflikt")
	d.MustSay("Auf dem Server wurde dasselbe anders geändert", "Deren Fassung")
	d.Menu("Meine Fassung", "Entscheiden")
	if d.decided != 1 {
		t.Fatalf("%d times", d.decided)
	}
}

// TestAReadOnlyListIsNotChanged makes a list one that others share for reading.
func TestAReadOnlyListIsNotChanged(t *testing.T) {
	d := open(t)
	team := d.listNamed("Team").ID
	d.town.Write(func(ctx context.Context, tx *storage.Tx) error {
		l, err := tx.TaskList(ctx, team)
		l.ReadOnly = true
		if err != nil {
			return err
		}
		return tx.StoreTaskList(ctx, l, 0)
	})
	d.Settle()
	d.Click("Team")
	d.choose(plan)
	for _, e := range []*kit.Entry{d.page.detail.title.Entry, d.page.detail.due.Entry, d.page.detail.note.Entry, d.page.detail.child} {
		if !e.Disabled() {
			t.Error("a field can be written to")
		}
	}
	if !d.page.detail.priority.Disabled() || !d.page.detail.list.Disabled() {
		t.Error("a choice can be made")
	}
	d.Key(fyne.KeyDelete)
	if errs := d.TakeErrors(); len(errs) != 1 || len(d.find(plan)) != 1 {
		t.Fatalf("shown %v", errs)
	}
	d.page.StartNew()
	d.Type("Woanders")
	d.Key(fyne.KeyReturn)
	if d.task("Woanders").ListID == team {
		t.Fatal("a new task goes into another list")
	}
}
