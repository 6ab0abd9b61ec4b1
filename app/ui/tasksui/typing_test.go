// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"pgregory.net/rapid"

	"kontor/app/tasks"
	"kontor/storage"
)

// TestATaskThatIsDeletedWhileItIsTyped keeps the pane and its words, and makes a new task of them.
func TestATaskThatIsDeletedWhileItIsTyped(t *testing.T) {
	d := open(t)
	d.choose(survey)
	d.Window.Canvas().Focus(d.page.detail.note.Entry)
	d.Type("Nicht verlieren! ")
	d.town.Must(d.town.Tasks.Remove(ctx, []int64{d.task(survey).ID}))
	d.Settle()
	d.MustSay("inzwischen gelöscht")
	if !strings.HasPrefix(d.page.detail.note.Text, "Nicht verlieren!") || d.Focused() != fyne.Focusable(d.page.detail.note.Entry) {
		t.Fatalf("the field holds %q, the keyboard is on %T", d.page.detail.note.Text, d.Focused())
	}
	d.Type("Gar nicht. ")
	d.wait()
	d.Click("Als neue Aufgabe anlegen")
	got := d.task(survey)
	if !strings.HasPrefix(got.Note, "Nicht verlieren! Gar nicht.") || got.Priority != 1 || got.Due.IsZero() {
		t.Fatalf("%+v", got)
	}
	if len(d.TakeErrors()) != 0 {
		t.Error("something was reported as an error")
	}
	d.LastToast().Do()
	d.Settle()
	if d.page.detail.id != got.ID {
		t.Error("the toast leads to it")
	}
}

// TestLeavingADeletedTaskRescuesIt without being asked.
func TestLeavingADeletedTaskRescuesIt(t *testing.T) {
	d := open(t)
	d.choose(survey)
	d.Window.Canvas().Focus(d.page.detail.title.Entry)
	d.SelectAll()
	d.Type("Ganz anders")
	d.town.Must(d.town.Tasks.Remove(ctx, []int64{d.task(survey).ID}))
	d.Settle()
	d.Click(photos)
	if got := d.task("Ganz anders"); got.Note == "" {
		t.Fatalf("%+v", got)
	}
	if d.page.detail.title.Text != photos {
		t.Fatalf("shows %q", d.page.detail.title.Text)
	}
}

// TestATaskThatIsMovedWhileItIsTyped is found in its new list, where the words are stored.
func TestATaskThatIsMovedWhileItIsTyped(t *testing.T) {
	d := open(t)
	d.choose(photos)
	d.Window.Canvas().Focus(d.page.detail.note.Entry)
	d.Type("Neue Notiz")
	old := d.task(photos)
	d.town.Write(func(ctx context.Context, tx *storage.Tx) error {
		row, err := tx.TaskRow(ctx, old.ID)
		if err != nil {
			return err
		}
		if _, _, err := tx.StoreTask(ctx, d.listNamed("Team").ID, "moved.ics", `"m"`, row.Text); err != nil {
			return err
		}
		return tx.TaskGone(ctx, old.ID, 0)
	})
	d.Settle()
	d.Window.Canvas().Focus(d.page.rows)
	d.Settle()
	got := d.task(photos)
	if got.ID == old.ID || got.ListID != d.listNamed("Team").ID || got.Note != "Neue Notiz" {
		t.Fatalf("%+v", got)
	}
}

// TestNewsInAFieldThatIsTyped are said beside it, and can be taken over.
func TestNewsInAFieldThatIsTyped(t *testing.T) {
	d := open(t)
	d.choose(survey)
	d.Window.Canvas().Focus(d.page.detail.title.Entry)
	d.SelectAll()
	d.Type("Mein Titel")
	d.edit(survey, tasks.Edit{Title: ptr("Deren Titel")})
	d.MustSay("„Titel“ wurde inzwischen geändert: Deren Titel")
	if d.page.detail.title.Text != "Mein Titel" {
		t.Fatalf("the field holds %q", d.page.detail.title.Text)
	}
	d.Click("Übernehmen")
	if d.page.detail.title.Text != "Deren Titel" || len(d.find("Deren Titel")) != 1 {
		t.Fatalf("the field holds %q", d.page.detail.title.Text)
	}
	d.MustNotSay("wurde inzwischen geändert")
}

// TestAPauseStores what was typed; the cursor and a space at the end stay.
func TestAPauseStores(t *testing.T) {
	d := open(t)
	d.choose(survey)
	d.Window.Canvas().Focus(d.page.detail.title.Entry)
	d.SelectAll()
	d.Type("Aufmaß ")
	d.wait()
	if len(d.find("Aufmaß")) != 1 {
		t.Fatal("not stored")
	}
	if d.page.detail.title.Text != "Aufmaß " {
		t.Fatalf("the field holds %q", d.page.detail.title.Text)
	}
	d.Type("holen")
	d.Key(fyne.KeyReturn)
	if len(d.find("Aufmaß holen")) != 1 || d.page.detail.title.Text != "Aufmaß holen" {
		t.Fatalf("the field holds %q", d.page.detail.title.Text)
	}
	d.Window.Canvas().Focus(d.page.detail.due.Entry)
	d.SelectAll()
	d.Type("1.1")
	before := d.task("Aufmaß holen").Due
	d.wait()
	if d.task("Aufmaß holen").Due != before {
		t.Fatal("a date is not stored half typed")
	}
	d.Key(fyne.KeyEscape)
	if d.page.detail.due.Text != exactWhen(before) {
		t.Fatalf("Escape takes it back: %q", d.page.detail.due.Text)
	}
}

// TestDraftsStayWithTheirTask: a subtask or link that was not finished is there again when its task is.
func TestDraftsStayWithTheirTask(t *testing.T) {
	d := open(t)
	d.choose(survey)
	d.Fill("+ Teilaufgabe hinzufügen", "Halb")
	d.Fill("+ Mail, Datei oder Webadresse", "stadt.example/x")
	d.Click(photos)
	if d.page.detail.child.Text != "" || d.page.detail.link.Text != "" {
		t.Fatal("it lies with another task")
	}
	d.Click(survey)
	if d.page.detail.child.Text != "Halb" || d.page.detail.link.Text != "stadt.example/x" {
		t.Fatalf("%q, %q", d.page.detail.child.Text, d.page.detail.link.Text)
	}
}

// TestWhatCouldNotBeStoredComesBack with its task, also after another one was looked at.
func TestWhatCouldNotBeStoredComesBack(t *testing.T) {
	d := open(t)
	d.choose(survey)
	d.core.Fail("Edit", errDisk)
	d.Window.Canvas().Focus(d.page.detail.note.Entry)
	d.SelectAll()
	d.Type("Bleibt")
	d.Loop.Hold()
	d.Click(photos)
	d.Loop.Release()
	d.Settle()
	if errs := d.TakeErrors(); len(errs) == 0 || d.page.detail.title.Text != photos {
		t.Fatalf("shown %v and %q", errs, d.page.detail.title.Text)
	}
	d.core.Fail("Edit", nil)
	d.Click(survey)
	if d.page.detail.note.Text != "Bleibt" {
		t.Fatalf("the field holds %q", d.page.detail.note.Text)
	}
	d.Click(photos)
	if d.task(survey).Note != "Bleibt" {
		t.Fatalf("stored %q", d.task(survey).Note)
	}
}

// TestNothingTypedIsEverLost plays random histories of typing, news, failures and walking about: the last words typed into
// a note are in its field, kept for it, or stored, unless somebody changed them after they were.
func TestNothingTypedIsEverLost(t *testing.T) {
	d := open(t)
	titles := []string{survey, photos}
	rapid.Check(t, func(rt *rapid.T) {
		d.core.Fail("Edit", nil)
		d.Window.Canvas().Focus(d.page.rows)
		d.choose(survey)
		typed := map[string]string{}
		n := 0
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			n++
			shown := d.page.detail.title.Text
			switch rapid.SampledFrom([]string{"type", "type", "news", "pause", "walk", "fail", "work", "leave"}).Draw(rt, "step") {
			case "type":
				d.Window.Canvas().Focus(d.page.detail.note.Entry)
				d.SelectAll()
				typed[shown] = fmt.Sprintf("Fassung %d", n)
				d.Type(typed[shown])
			case "news":
				d.edit(rapid.SampledFrom(titles).Draw(rt, "of"), tasks.Edit{Tags: &[]string{fmt.Sprint("t", n)}})
			case "pause":
				d.wait()
			case "walk":
				d.choose(rapid.SampledFrom(titles).Draw(rt, "to"))
			case "fail":
				d.core.Fail("Edit", errDisk)
			case "work":
				d.core.Fail("Edit", nil)
			case "leave":
				d.Window.Canvas().Focus(d.page.rows)
				d.Settle()
			}
			for title, words := range typed {
				stored := d.task(title)
				held := d.page.detail.task.ID == stored.ID && d.page.detail.note.Text == words
				if stored.Note != words && !held && d.page.detail.unsaved[stored.ID]["note"] != words {
					rt.Fatalf("%q of %q is lost: stored %q", words, title, stored.Note)
				}
			}
		}
	})
	d.core.Fail("Edit", nil)
	d.TakeErrors()
}
