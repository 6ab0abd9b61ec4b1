// SPDX-License-Identifier: EUPL-1.2

package filesui

import (
	"errors"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"kontor/app"
	"kontor/app/files"
	"kontor/app/ui/kit"
)

// waiting puts a file that has not reached the server, and shows it.
func (d *desk) waiting(name string) files.Entry {
	d.T.Helper()
	_, err := d.town.Files.Put(ctx, d.town.Account, d.local(name, "neu"), "Persönlich/"+name)
	d.town.Must(err)
	d.enter("Persönlich")
	d.choose("Persönlich/" + name)
	return d.entry("Persönlich/" + name)
}

// TestWhyAnUploadWaits: the details say what stands in the way, and offer the step that ends it, by keyboard too.
func TestWhyAnUploadWaits(t *testing.T) {
	d := open(t)
	e := d.waiting("Antrag.odt")
	d.MustSay("als Nächstes an der Reihe")
	why, err := d.town.Files.Why(ctx, e.ID)
	d.town.Must(err)
	d.town.Must(d.town.Status.SetOffline(ctx, true))
	d.Settle()
	d.MustSay("Sie arbeiten offline", "sobald Sie sich wieder verbinden")
	d.town.Must(d.town.Status.SetOffline(ctx, false))
	d.Settle()

	d.town.Must(d.town.Files.Pause(ctx, d.town.Account, true))
	d.Settle()
	d.MustSay("Die Übertragungen sind angehalten.")
	d.core.Fail("Pause", errDisk)
	d.page.detail.why.do()
	d.Settle()
	if len(d.TakeErrors()) != 1 {
		t.Error("the error is not shown")
	}
	d.core.Fail("Pause", nil)
	kit.Focus(d.page.detail.why.act)
	d.Key(fyne.KeyReturn)
	d.MustNotSay("Die Übertragungen sind angehalten.")

	d.town.Must(d.town.Journal.Hold(ctx, why.Op))
	d.Settle()
	d.MustSay("Sie haben diese Änderung zurückgestellt.")
	d.Click("Freigeben")
	d.MustNotSay("zurückgestellt", "Freigeben")
	d.sync()
	d.MustNotSay("an der Reihe", "Wartet auf Upload")
	if d.page.detail.why.box.Visible() {
		t.Error("what has arrived still waits")
	}
}

// TestWhoHasItLocked: the words are there at once, the name once the server has said it, and it is asked once.
func TestWhoHasItLocked(t *testing.T) {
	d := open(t)
	e := d.waiting("Antrag.odt")
	w := d.page.detail.why
	d.core.net.who = files.Who{Locked: "Murat Aydın"}
	tell := func() {
		w.now = app.FileWhy{Title: "Jemand anderes bearbeitet diese Datei.", Advice: "Sie wird später gesendet.", Server: "423 Locked", Next: time.Now().Add(time.Minute), Step: app.StepRetry, Locked: true}
		w.fill(e)
	}
	tell()
	d.MustSay("Jemand anderes bearbeitet diese Datei.", "Nächster Versuch um", "Der Server sagt: 423 Locked", "Jetzt noch einmal versuchen")
	w.askLock()
	w.askLock()
	d.Settle()
	d.MustSay("Murat Aydın bearbeitet diese Datei gerade.")
	if n := len(d.core.Calls("Who")); n != 1 {
		t.Errorf("asked %d times", n)
	}
	d.enter("Bauamt")
	if w.box.Visible() {
		t.Error("the reason of a file that is not shown")
	}
	d.enter("Persönlich")
	d.choose("Persönlich/Antrag.odt")
	d.MustNotSay("Murat Aydın bearbeitet")
	d.core.Fail("Why", errors.New("the disk is slow"))
	d.page.reload()
	d.Settle()
	if len(d.TakeErrors()) != 0 {
		t.Error("nobody asked for the reason")
	}
}

// TestWhoMadeTheOtherVersion: the name where the server tells it, a plain sentence where it does not, and never a wait.
func TestWhoMadeTheOtherVersion(t *testing.T) {
	d := open(t)
	d.clash("mein\n", "anders\n")
	c := d.page.compare
	for who, want := range map[files.Who]string{
		{Changed: "Murat Aydın"}: "Murat Aydın", {Changed: "Anna", Self: true}: "Sie, an anderem Gerät",
		{Owner: "Rosa Lind"}: "Rosa Lind", {}: "nennt der Server nicht",
	} {
		c.sides.detail.Who = &who
		c.build()
		d.MustSay(want)
	}
	d.core.net.who = files.Who{Changed: "Murat Aydın"}
	c.sides.detail.Who = nil
	c.build()
	d.MustSay("noch nicht bekannt")
	d.Loop.Hold()
	c.askWho()
	if !c.content.Visible() {
		t.Error("the decision waits for the server")
	}
	d.Loop.Release()
	d.Settle()
	d.MustSay("Murat Aydın")
}

// TestEscapeLeadsBackToTheList from the details, also where they take the list's place, and from a decision.
func TestEscapeLeadsBackToTheList(t *testing.T) {
	d := open(t)
	for _, wide := range []float32{1364, 870} {
		d.Resize(wide, 620)
		d.enter("Persönlich")
		d.choose(notes)
		d.page.showDetails()
		d.Settle()
		if _, ok := d.Focused().(*kit.Button); !ok {
			t.Fatalf("the keyboard is on %T", d.Focused())
		}
		if !d.page.Leave() || d.Focused() != fyne.Focusable(d.page.rows) || d.page.Leave() {
			t.Fatalf("%v wide: the keyboard is on %T", wide, d.Focused())
		}
	}
	d.clash("mein\n", "anders\n")
	if !d.page.Leave() || d.page.Deciding() || d.Focused() != fyne.Focusable(d.page.rows) {
		t.Fatalf("the keyboard is on %T", d.Focused())
	}
}

// TestFoldersOfTheTreeAreDragged moves one that is shown, and the page goes along; one step takes it back.
func TestFoldersOfTheTreeAreDragged(t *testing.T) {
	d := open(t)
	d.enter("Persönlich/Fortbildung")
	d.page.side.Select(place{account: d.town.Account, path: "Persönlich/Fortbildung"}.id())
	d.Settle()
	drop := d.Drag("Fortbildung", "Bauamt")
	d.MustSay("„Fortbildung“ nach „Bauamt“ verschieben")
	drop()
	if d.gone("Bauamt/Fortbildung") || !d.gone("Persönlich/Fortbildung") || d.page.at.path != "Bauamt/Fortbildung" {
		t.Fatalf("at %q, %v", d.page.at.path, d.TakeErrors())
	}
	d.LastToast().Do()
	d.Settle()
	if d.gone("Persönlich/Fortbildung") {
		t.Fatal("one step back brings it")
	}
	for _, line := range []string{"view/offline", place{account: d.town.Account}.id(), "", "dir/99/x"} {
		if _, ok := d.page.branchFolder(line); ok {
			t.Errorf("%q is no folder that can be dragged", line)
		}
	}
}

// TestFoldersOfTheTreeByKeyboard renames and deletes the folder at the left, as in the list.
func TestFoldersOfTheTreeByKeyboard(t *testing.T) {
	d := open(t)
	d.enter("Persönlich/Fortbildung")
	kit.Focus(d.page.side)
	d.Settle()
	d.Key(fyne.KeyF2)
	d.typed("Schulung")
	d.Key(fyne.KeyReturn)
	if d.gone("Persönlich/Schulung") || d.page.at.path != "Persönlich/Schulung" {
		t.Fatalf("at %q, %v", d.page.at.path, d.TakeErrors())
	}
	kit.Focus(d.page.side)
	d.Key(fyne.KeyDelete)
	if !d.gone("Persönlich/Schulung") || d.page.at.path != "Persönlich" {
		t.Fatalf("at %q", d.page.at.path)
	}
	d.LastToast().Do()
	d.Settle()
	if d.gone("Persönlich/Schulung") {
		t.Fatal("one step back brings it")
	}
	d.Menu("Bauamt", "Immer offline halten")
	if e := d.entry("Bauamt"); !e.PinnedHere {
		t.Errorf("%+v", e)
	}
	if words := d.LastToast().Words; !strings.Contains(words, "Bauamt") {
		t.Errorf("%q", words)
	}
}
