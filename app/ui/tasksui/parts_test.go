// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"kontor/app/i18n"
	"kontor/app/tasks"
	"kontor/storage"
)

// TestReminders: several at once, at a moment too; one that has rung is put off or answered.
func TestReminders(t *testing.T) {
	d := open(t)
	d.choose(survey)
	pick := func(line string) {
		t.Helper()
		d.page.detail.remind.Tapped(nil)
		d.Settle()
		d.Click(line)
	}
	pick("1 Tag vorher")
	d.page.detail.remind.Tapped(nil)
	d.Settle()
	d.Click("Zu einem Zeitpunkt …")
	d.Type("1.12.2030 9 Uhr")
	d.Key(fyne.KeyReturn)
	if got := d.task(survey).Alarms; len(got) != 3 {
		t.Fatalf("%+v", got)
	}
	if words := d.page.detail.remind.AccessibilityLabel(); words != "Erinnern: 30 Minuten vorher, 1 Tag vorher, 01.12.2030, 09:00" {
		t.Fatalf("it says %q", words)
	}
	pick("30 Minuten vorher")
	if got := d.task(survey).Alarms; len(got) != 2 || slices.ContainsFunc(got, func(a tasks.Alarm) bool { return a.Before == 30*time.Minute }) {
		t.Fatalf("a second press takes it away: %+v", got)
	}
	d.page.detail.askAlarm()
	d.Type("irgendwann")
	d.Key(fyne.KeyReturn)
	if !strings.Contains(d.LastToast().Words, "irgendwann") {
		t.Fatalf("said %q", d.LastToast().Words)
	}
	past := []tasks.Alarm{{At: time.Now().Add(-time.Hour).Truncate(time.Second), Absolute: true}}
	d.edit(survey, tasks.Edit{Alarms: &past})
	pick("In einer Stunde wieder")
	if got := d.task(survey).Snoozed; got.Before(time.Now()) {
		t.Fatalf("put off until %v", got)
	}
	if words := d.page.detail.remind.AccessibilityLabel(); !strings.Contains(words, "wieder ") {
		t.Fatalf("it says %q", words)
	}
	pick("Erinnerung gesehen")
	if got := d.task(survey); !got.Snoozed.IsZero() || !got.Ring.IsZero() && got.Ring.Before(time.Now()) {
		t.Fatalf("it still rings: %v, %v", got.Ring, got.Snoozed)
	}
	pick("Nicht erinnern")
	if got := d.task(survey).Alarms; len(got) != 0 {
		t.Fatalf("%+v", got)
	}
}

// TestLinks are added, opened and taken away; an address that makes no sense stays in its field.
func TestLinks(t *testing.T) {
	d := open(t)
	d.choose(photos)
	d.Fill("+ Mail, Datei oder Webadresse", "stadt.example/akte.pdf")
	d.Key(fyne.KeyReturn)
	d.Click("akte.pdf")
	if !slices.Equal(d.links, []string{"https://stadt.example/akte.pdf"}) {
		t.Fatalf("opened %q", d.links)
	}
	d.Click("Verknüpfung entfernen: akte.pdf")
	if got := d.task(photos); len(linksOf(got, d.page.cfg.IsFile)) != 0 {
		t.Fatalf("%+v", linksOf(got, d.page.cfg.IsFile))
	}
	d.LastToast().Do()
	d.Settle()
	d.MustSay("akte.pdf")
	d.core.Fail("Link", errDisk)
	d.Fill("+ Mail, Datei oder Webadresse", "a.example")
	d.Key(fyne.KeyReturn)
	if d.page.detail.link.Text != "a.example" || len(d.TakeErrors()) != 1 {
		t.Fatalf("the field holds %q", d.page.detail.link.Text)
	}
}

// rewrite changes the text of a task on this side of the store, as a server would have it.
func (d *desk) rewrite(title, old, fresh string) {
	d.T.Helper()
	id := d.task(title).ID
	d.town.Write(func(ctx context.Context, tx *storage.Tx) error {
		row, err := tx.TaskRow(ctx, id)
		if err != nil {
			return err
		}
		_, _, err = tx.StoreTask(ctx, row.ListID, row.Name, fmt.Sprintf("%q", fresh), strings.Replace(row.Text, old, fresh, 1))
		return err
	})
	d.Settle()
}

// TestAttachmentsAndMarks: octets in the object are opened and saved; what is odd about a task is explained.
func TestAttachmentsAndMarks(t *testing.T) {
	d := open(t)
	d.rewrite(photos, "END:VTODO", "ATTACH;ENCODING=BASE64;VALUE=BINARY;FMTTYPE=text/plain;FILENAME=a.txt:aGFsbG8=\r\nATTENDEE;CN=Sofia Alt:mailto:s@stadt.example\r\nCLASS:PRIVATE\r\nEND:VTODO")
	d.choose(photos)
	d.MustSay("ANHÄNGE", "a.txt", "Zuständig", "Sofia Alt")
	d.Click("a.txt (5\u00a0B)")
	d.Click("Speichern: a.txt")
	if d.files["a.txt"] != "hallo" {
		t.Fatalf("saved %q", d.files)
	}
	d.core.Fail("Attachment", errDisk)
	d.Click("Speichern: a.txt")
	if len(d.TakeErrors()) != 1 {
		t.Fatal("the error was not shown")
	}
	d.choose(survey)
	d.MustNotSay("ANHÄNGE", "Zuständig")
	d.page.detail.fillMarks(loaded{task: tasks.Task{ZoneLost: true, Broken: true, History: 3, Override: true}})
	for _, words := range []string{"Ihre Zeitzone ist unbekannt", "beschädigt", "einzelne Termine einer Serie"} {
		if !strings.Contains(d.page.detail.explain.Words(), words) {
			t.Errorf("%q is missing in %q", words, d.page.detail.explain.Words())
		}
	}
	if words := d.page.detail.history.Words(); !strings.Contains(words, "3 frühere Termine erledigt") {
		t.Errorf("said %q", words)
	}
}

// TestSubtasksInThePane are put in order, and entered as in the quick entry.
func TestSubtasksInThePane(t *testing.T) {
	d := open(t)
	d.choose(survey)
	children := func() (titles []string) {
		all, err := d.town.Tasks.Children(ctx, d.task(survey).ID)
		d.town.Must(err)
		tasks.Sort(all)
		for _, c := range all {
			titles = append(titles, c.Title)
		}
		return titles
	}
	before := children()
	d.Click("Nach oben: " + before[1])
	if got := children(); got[0] != before[1] || got[1] != before[0] {
		t.Fatalf("%q became %q", before, got)
	}
	d.press(fyne.KeyN, fyne.KeyModifierControl|fyne.KeyModifierShift)
	d.Type("Kopie machen morgen !hoch")
	d.Key(fyne.KeyReturn)
	if got := d.task("Kopie machen"); got.ParentUID != d.task(survey).UID || got.Due.IsZero() || got.Priority != 1 {
		t.Fatalf("%+v", got)
	}
}

// TestTagsAreSuggested while they are typed: those that are used most, without those that are there.
func TestTagsAreSuggested(t *testing.T) {
	d := open(t)
	d.Click("Alle")
	d.choose(costs)
	d.Window.Canvas().Focus(d.page.detail.tags.Entry)
	d.Type("or")
	d.Click("#Ortstermin")
	if got := d.task(costs).Tags; !slices.Equal(got, []string{"Ortstermin"}) {
		t.Fatalf("%q", got)
	}
	all := []tasks.Task{{Tags: []string{"b", "a"}}, {Tags: []string{"b", "c d"}}, {Tags: []string{"Ba"}}}
	if got := suggestions(all, []string{"a"}, ""); !slices.Equal(got, []string{"b", "Ba", "c d"}) {
		t.Errorf("%q", got)
	}
	for text, want := range map[string][]string{"a b": {"a", "b"}, "#a, b c, a": {"a", "b c"}, "a b,": {"a b"}, " # ": nil} {
		if got := tagWords(text); !slices.Equal(got, want) {
			t.Errorf("%q: %q", text, got)
		}
		if again := tagWords(tagText(want)); !slices.Equal(again, want) {
			t.Errorf("%q: %q", want, again)
		}
	}
}

// TestProgress: a number with or without its sign, and nothing else.
func TestProgress(t *testing.T) {
	d := open(t)
	d.choose(survey)
	for _, c := range []struct {
		text string
		want int
	}{{"55", 55}, {"60 %", 60}, {"viel", 60}, {"101", 60}, {"", 0}} {
		d.Fill("Fortschritt", c.text)
		d.Key(fyne.KeyReturn)
		if got := d.task(survey).Percent; got != c.want {
			t.Errorf("%q: %d", c.text, got)
		}
		if c.text == "viel" {
			d.MustSay("„viel“ ist keine Zahl von 0 bis 100.")
		}
		d.Key(fyne.KeyEscape)
	}
	d.MustNotSay("ist keine Zahl")
}

// TestEveryPartSaysWhatItIs to people who do not see it.
func TestEveryPartSaysWhatItIs(t *testing.T) {
	d := open(t)
	d.choose(survey)
	for want, o := range map[string]fyne.Accessible{
		"Priorität: Hoch": d.page.detail.priority, "Wiederholen: Nie": d.page.detail.repeat, "Liste: Lindenstraße 14": d.page.detail.list,
		"Fällig": d.page.detail.due, "Titel": d.page.detail.title, "Aufgaben filtern": d.page.finder.field, "Neue Aufgabe": d.page.quick,
	} {
		if got := o.AccessibilityLabel(); got != want {
			t.Errorf("%q instead of %q", got, want)
		}
	}
	i := item{Task: d.task(survey), parent: true, folded: true, depth: 1}
	if got := i.spoken(time.Now().AddDate(0, 0, 3)); !strings.Contains(got, "eingeklappt") || !strings.Contains(got, "Priorität Hoch") || !strings.Contains(got, "überfällig") || !strings.Contains(got, "Ebene 2") {
		t.Errorf("spoken: %q", got)
	}
	if got := (item{heading: "Erledigt · 4", parent: true}).spoken(time.Now()); got != "Erledigt · 4, ausgeklappt" {
		t.Errorf("spoken: %q", got)
	}
	i18n.Use(i18n.German)
}

// TestTheirVersionIsTakenInThePane decides a conflict where it is seen.
func TestTheirVersionIsTakenInThePane(t *testing.T) {
	d := open(t)
	d.quarrel()
	d.Click("Team")
	d.choose("Meine Fassung")
	d.Click("Fassung auf dem Server")
	if len(d.find("Deren Fassung")) != 1 || len(d.find("Meine Fassung")) != 0 {
		t.Fatal("not taken")
	}
	d.MustNotSay("Auf dem Server wurde dasselbe")
	for _, reason := range []tasks.Reason{tasks.ReasonFields, tasks.ReasonDeletedThere, tasks.ReasonDeletedHere, tasks.ReasonMoving} {
		if words := i18n.T("tasksui.conflict." + string(reason)); strings.Contains(words, "tasksui.") {
			t.Errorf("nothing is said of %s", reason)
		}
		if len(theirFields(tasks.Conflict{Reason: reason}, time.Now())) != 1 {
			t.Errorf("%s without their text", reason)
		}
	}
}
