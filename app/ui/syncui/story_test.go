// SPDX-License-Identifier: EUPL-1.2

package syncui

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"kontor/app/demo"
	"kontor/app/journal"
	"kontor/app/tasks"
	"kontor/app/ui/kit"
	"kontor/storage"
)

var ctx = context.Background()

// taskOf finds a task by its title.
func (d *desk) taskOf(title string) tasks.Task {
	d.T.Helper()
	all, err := d.town.Tasks.List(ctx, tasks.Query{Closed: true})
	d.town.Must(err)
	i := slices.IndexFunc(all, func(t tasks.Task) bool { return t.Title == title })
	if i < 0 {
		d.T.Fatalf("no task %q", title)
	}
	return all[i]
}

func (d *desk) retitle(old, title string) {
	d.T.Helper()
	d.town.Must(d.town.Tasks.Edit(ctx, d.taskOf(old).ID, tasks.Edit{Title: &title}))
	d.Settle()
}

const oneTask = "Urlaubsplanung abstimmen"

// TestAChangeIsHeldReleasedAndTakenBack goes through what a person can do with an operation that waits, by keyboard and
// by mouse, and looks at what becomes of the task.
func TestAChangeIsHeldReleasedAndTakenBack(t *testing.T) {
	d := open(t, "tasks")
	d.MustSay("Nichts wartet")
	d.retitle(oneTask, "Urlaub planen")
	d.MustSay("Aufgabe ändern", "Wartet")
	d.Key(fyne.KeyDown)
	if d.Button("Anhalten") == nil || d.Button("Wiederholen") == nil {
		t.Fatal("what waits can be held and tried at once")
	}
	d.Click("Anhalten")
	d.MustSay("Angehalten", "Fortsetzen")
	if d.Button("Anhalten") != nil {
		t.Fatal("what is held cannot be held again")
	}
	d.sync()
	if op := d.ops()[0]; op.State != journal.Held {
		t.Fatalf("a held operation went out: %s", op.State)
	}
	d.page.list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	d.Key(fyne.KeyReturn) // the first button has the keyboard
	if op := d.ops()[0]; op.State != journal.Waiting || d.LastToast().Words != "Wird fortgesetzt: Aufgabe ändern" {
		t.Fatalf("%s, %q", op.State, d.LastToast().Words)
	}
	d.page.list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDelete})
	d.Settle()
	if d.taskOf(oneTask).ID == 0 || d.ops()[0].State != journal.Cancelled {
		t.Fatal("the change was not taken back")
	}
	d.MustSay("Zurückgenommen")
	if d.Button("Rückgängig") != nil {
		t.Fatal("what is over cannot be taken back here")
	}
}

// TestTheDetailsFollowTheOperation: what was chosen while it waited is shown as it became.
func TestTheDetailsFollowTheOperation(t *testing.T) {
	d := open(t, "tasks")
	d.retitle(oneTask, "Urlaub planen")
	d.Key(fyne.KeyDown)
	if d.Button("Anhalten") == nil {
		t.Fatal("no buttons")
	}
	d.sync()
	if d.Button("Anhalten") != nil {
		t.Fatal("the buttons are those of an operation that waits, but it is done")
	}
	d.MustSay("Bestätigung") // the server's own words
}

// TestARefusalIsExplainedAndTriedAgain lets the server refuse a change, shows its words, and tries again once it is well.
func TestARefusalIsExplainedAndTriedAgain(t *testing.T) {
	d := open(t, "tasks")
	d.town.World.SetFaults(demo.Tasks, demo.Faults{Status: 403})
	d.retitle(oneTask, "Urlaub planen")
	d.sync()
	if op := d.ops()[0]; op.State != journal.Failed {
		t.Fatalf("%s: %s", op.State, op.LastError)
	}
	d.MustSay("Abgelehnt")
	d.Key(fyne.KeyDown)
	d.MustSay("DER SERVER MELDET", "403")
	d.town.World.SetFaults(demo.Tasks, demo.Faults{})
	d.Click("Wiederholen")
	d.sync()
	if op := d.ops()[0]; op.State != journal.Done {
		t.Fatalf("%s: %s", op.State, op.LastError)
	}
	texts := d.town.World.Users()[0].TaskTexts("team")
	if !strings.Contains(strings.Join(slices.Collect(valuesOf(texts)), ""), "Urlaub planen") {
		t.Fatal("the server does not have it")
	}
}

func valuesOf(m map[string]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for _, v := range m {
			if !yield(v) {
				return
			}
		}
	}
}

// TestErrorsOfTheCoreAreShown lets each call fail once: the sentence is shown, and the list stays as it is.
func TestErrorsOfTheCoreAreShown(t *testing.T) {
	d := open(t, "tasks")
	d.retitle(oneTask, "Urlaub planen")
	d.Key(fyne.KeyDown)
	boom := errors.New("disk full")
	for _, c := range []struct{ method, click string }{{"Hold", "Anhalten"}, {"Cancel", "Rückgängig"}, {"Retry", "Wiederholen"}} {
		d.core.Fail(c.method, boom)
		b := d.Button(c.click)
		if b == nil {
			t.Fatalf("no button %q", c.click)
		}
		b.OnTap()
		d.Settle()
		if errs := d.TakeErrors(); len(errs) != 1 || !errors.Is(errs[0], boom) {
			t.Errorf("%s: shown %v", c.method, errs)
		}
		if len(d.Toasts) != 0 || d.page.list.Count() != 1 {
			t.Errorf("%s failed, but said %+v", c.method, d.Toasts)
		}
	}
	for _, method := range []string{"List", "Conflicts", "Snapshot", "Accounts"} {
		d.core.Fail(method, boom)
		d.town.Write(touch)
		d.Settle()
		if len(d.TakeErrors()) == 0 || d.page.list.Count() != 1 {
			t.Errorf("%s failed: %d rows", method, d.page.list.Count())
		}
		d.core.Fail(method, nil)
	}
}

// taskConflict makes both sides change the title of one task.
func (d *desk) taskConflict() int64 {
	d.T.Helper()
	user := d.town.World.Users()[0]
	id := d.taskOf(oneTask).ID
	d.retitle(oneTask, "Meine Fassung")
	for name, text := range user.TaskTexts("team") {
		if strings.Contains(text, oneTask) {
			user.PutTask("team", name, strings.Replace(text, oneTask, "Deren Fassung", 1))
		}
	}
	d.sync()
	d.sync()
	d.MustSay("Entscheidung nötig")
	return id
}

// TestAConflictOfTasksIsDecided decides in each of the three ways and looks at what both sides hold in the end.
func TestAConflictOfTasksIsDecided(t *testing.T) {
	for _, c := range []struct {
		button string
		titles []string
	}{
		{"Meine Fassung nehmen", []string{"Meine Fassung"}}, {"Fassung vom Server nehmen", []string{"Deren Fassung"}}, {"Beide behalten", []string{"Deren Fassung", "Meine Fassung"}},
	} {
		t.Run(c.button, func(t *testing.T) {
			d := open(t, "tasks")
			d.taskConflict()
			d.Key(fyne.KeyHome)
			d.MustSay("MEINE FASSUNG", "Deren Fassung")
			d.Click(c.button)
			if !strings.HasSuffix(d.LastToast().Words, ": "+oneTask) || d.Says("Entscheidung nötig") {
				t.Fatalf("said %q", d.LastToast().Words)
			}
			d.sync()
			all, err := d.town.Tasks.List(ctx, tasks.Query{Closed: true})
			d.town.Must(err)
			var titles []string
			for _, task := range all {
				if strings.HasSuffix(task.Title, "Fassung") {
					titles = append(titles, task.Title)
				}
			}
			slices.Sort(titles)
			if !slices.Equal(titles, c.titles) {
				t.Fatalf("%s leaves %q", c.button, titles)
			}
		})
	}
}

// filesGone makes a person's program delete a whole folder that is kept offline.
func (d *desk) filesGone() (local string) {
	d.T.Helper()
	e, err := d.town.Files.ByPath(ctx, d.town.Account, "Bauamt")
	d.town.Must(err)
	d.town.Must(d.town.Files.Pin(ctx, e.ID))
	d.sync()
	root, err := d.town.Files.Root(ctx, d.town.Account)
	d.town.Must(err)
	local = filepath.Join(root, "Bauamt")
	inside, err := os.ReadDir(local)
	d.town.Must(err)
	for _, f := range inside {
		d.town.Must(os.RemoveAll(filepath.Join(local, f.Name())))
	}
	d.sync()
	d.MustSay("Entscheidung nötig")
	return local
}

// TestTheBrakeKeepsWhatItSays: the answer that promises to delete nothing deletes nothing, whichever side lost its files.
func TestTheBrakeKeepsWhatItSays(t *testing.T) {
	d := open(t, "files")
	user := d.town.World.Users()[0]
	before := len(user.Files())
	local := d.filesGone()
	d.Key(fyne.KeyHome)
	d.MustSay("WAS GELÖSCHT WÜRDE")
	d.Click("Nichts löschen, alles wiederherstellen")
	d.sync()
	d.sync()
	if got := len(user.Files()); got != before {
		t.Fatalf("the server has %d of %d files", got, before)
	}
	if _, err := os.Stat(filepath.Join(local, "Gestaltungssatzung.pdf")); err != nil {
		t.Fatal(err)
	}
}

// TestTheBrakeLetsGo: what a person deleted on purpose is deleted on the server too, once they say so.
func TestTheBrakeLetsGo(t *testing.T) {
	d := open(t, "files")
	d.filesGone()
	d.Key(fyne.KeyHome)
	d.Click("Auch auf dem Server löschen")
	d.sync()
	d.sync()
	if _, ok := d.town.World.Users()[0].File("Bauamt/Gestaltungssatzung.pdf"); ok {
		t.Fatal("the server still has it")
	}
	if !strings.HasPrefix(d.LastToast().Words, "Löschungen werden übernommen") {
		t.Fatalf("said %q", d.LastToast().Words)
	}
}

// TestConnectionsNameTheirCause breaks and repairs a server.
func TestConnectionsNameTheirCause(t *testing.T) {
	d := open(t, "files", "tasks")
	d.MustSay("verbunden")
	d.town.World.SetFaults(demo.Files, demo.Faults{Down: true})
	d.sync()
	d.MustSay("nicht erreichbar", "verbunden")
	d.town.Write(func(ctx context.Context, tx *storage.Tx) error {
		return tx.SaveConnection(ctx, storage.Connection{AccountID: d.town.Account, Protocol: "files", Cause: "server", NextTry: time.Now().Add(280 * time.Second)})
	})
	d.Settle()
	d.MustSay("Server meldet Fehler", "nichts wurde deshalb gelöscht", "Nächster Versuch in 4:")
	d.town.Must(d.town.Accounts.SetPassword(ctx, d.town.Account, "falsch"))
	d.town.World.SetFaults(demo.Files, demo.Faults{})
	d.sync()
	d.MustSay("Anmeldung nötig")
	d.town.Must(d.town.Accounts.SetPassword(ctx, d.town.Account, d.town.World.Password()))
	d.sync()
	d.MustNotSay("Anmeldung nötig", "nicht erreichbar")
	d.town.Must(d.town.Status.SetOffline(ctx, true))
	d.Settle()
	d.MustSay("offline gestellt")
	d.retitle(oneTask, "Urlaub planen")
	d.MustSay("Wartet auf Verbindung")
	d.Click("Jetzt abgleichen")
	if d.syncs != 1 {
		t.Fatalf("asked %d times", d.syncs)
	}
}

// TestNewsDoNotTakeTheKeyboardAway: the right column is made anew every half minute; who stands on a button there stays.
func TestNewsDoNotTakeTheKeyboardAway(t *testing.T) {
	d := open(t, "tasks")
	d.taskConflict()
	d.Key(fyne.KeyHome, fyne.KeyReturn)
	d.Key(fyne.KeyTab)
	b, ok := d.Focused().(*kit.Button)
	if !ok || b.AccessibilityLabel() != "Meine Fassung nehmen" {
		t.Fatalf("the keyboard is on %v", d.Focused())
	}
	d.town.Write(touch)
	d.Settle()
	if now, ok := d.Focused().(*kit.Button); !ok || now.AccessibilityLabel() != b.AccessibilityLabel() {
		t.Fatalf("the keyboard is on %v", d.Focused())
	}
	d.Key(fyne.KeySpace)
	if d.Focused() != fyne.Focusable(d.page.list) || d.Says("Entscheidung nötig") {
		t.Fatal("after the decision the keyboard goes back to the list")
	}
}
