// SPDX-License-Identifier: EUPL-1.2

package filesui

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"fyne.io/fyne/v2"

	"kontor/app/files"
	"kontor/app/ui/theme"
)

// TestNamesThatCannotTravel are told in the window: where they lie, why they stay, and, by key, the folder they are in.
func TestNamesThatCannotTravel(t *testing.T) {
	d := open(t)
	d.MustNotSay("Hinweise")
	root, err := d.town.Files.Root(ctx, d.town.Account)
	d.town.Must(err)
	d.town.Must(d.town.Files.Get(ctx, d.entry(notes).ID))
	d.sync()
	d.town.Must(os.Symlink("/etc/hostname", filepath.Join(root, "Persönlich", "Verknüpfung")))
	d.town.Must(os.WriteFile(filepath.Join(root, "Persönlich", "Lat\xe9in1.txt"), []byte("x"), 0o600))
	d.sync()
	d.MustSay("Hinweise")
	d.Click("Hinweise")
	d.MustSay("Dateien, die nicht reisen können", "Verknüpfungen und Geräte werden nicht abgeglichen.", "Der Name ist kein lesbarer Text.")
	if d.Focused() == fyne.Focusable(d.page.side) {
		d.Key(fyne.KeyTab)
	}
	d.Window.Canvas().Focus(d.page.notes.rows)
	d.Key(fyne.KeyHome, fyne.KeyReturn)
	if d.page.at.path != "Persönlich" || d.Focused() != fyne.Focusable(d.page.rows) {
		t.Fatalf("at %+v, the keyboard is at %T", d.page.at, d.Focused())
	}
	if !slices.Contains(d.page.Panes(), fyne.Focusable(d.page.rows)) {
		t.Error("the list cannot be reached")
	}
	d.town.Must(os.Remove(filepath.Join(root, "Persönlich", "Verknüpfung")))
	d.town.Must(os.Remove(filepath.Join(root, "Persönlich", "Lat\xe9in1.txt")))
	d.sync()
	d.MustNotSay("Hinweise")
}

// TestADetailTellsItsNote: an entry that has another name here says so.
func TestADetailTellsItsNote(t *testing.T) {
	d := open(t)
	d.enter("Persönlich")
	e := d.entry(notes)
	d.page.notes.set([]note{{files.Note{Path: e.Path, Problem: files.NoteAlias, Local: "Persönlich/Notizen~1.txt"}, e.AccountID}})
	d.choose(notes)
	d.MustSay("Auf diesem Rechner heißt die Datei anders: Notizen~1.txt")
}

// TestTheBinOfThisComputer shows what it holds, asks before it is emptied, and keeps what the server never had.
func TestTheBinOfThisComputer(t *testing.T) {
	d := open(t)
	d.MustNotSay("Papierkorb")
	for _, path := range []string{notes, "Persönlich/Fahrtkosten.ods"} {
		d.town.Must(d.town.Files.Get(ctx, d.entry(path).ID))
	}
	d.sync()
	root, err := d.town.Files.Root(ctx, d.town.Account)
	d.town.Must(err)
	d.town.Must(os.WriteFile(filepath.Join(root, "Persönlich", "Notizen.txt"), []byte("nur hier geändert"), 0o600))
	d.town.Must(d.town.Files.Look(ctx, d.town.Account))
	d.town.Must(d.town.Files.Remove(ctx, []int64{d.entry(notes).ID, d.entry("Persönlich/Fahrtkosten.ods").ID}))
	d.sync()
	d.sync()
	d.Click("Papierkorb")
	d.MustSay("Auf diesem Gerät liegen 2 gelöschte Dateien", "Davon bleibt 1")
	d.Click("Leeren")
	d.MustSay("endgültig von diesem Gerät entfernen?", "Was der Server nie hatte, bleibt.")
	d.Escape()
	if len(d.core.Calls("EmptyBins")) != 0 {
		t.Fatal("emptied without an answer")
	}
	d.Click("Leeren")
	d.Key(fyne.KeyReturn)
	d.MustSay("Auf diesem Gerät liegt 1 gelöschte Datei")
	if sum, err := d.town.Files.BinSums(ctx); err != nil || sum.Files != 1 || sum.Held != 1 {
		t.Fatalf("%+v %v", sum, err)
	}
	if !d.Button("Leeren").Disabled() {
		t.Error("there is nothing left that may go")
	}
}

// picturesOfNotes draws both for people to look at.
func (d *desk) picturesOfNotes() {
	at := d.town.Account
	d.page.notes.set([]note{
		{files.Note{Path: "Bauamt/Nord/A.txt", Problem: files.NoteAlias, Local: "Bauamt/Nord/A~1.txt"}, at},
		{files.Note{Path: "Persönlich/Lat?in1.txt", Problem: files.NoteName}, at},
		{files.Note{Path: "Persönlich/Satzung.odt", Problem: files.NoteLock}, at},
		{files.Note{Path: "Persönlich/Verknüpfung", Problem: files.NoteSpecial}, at},
	})
	d.page.here.set(files.BinSum{Files: 12, Size: 34_000_000, Held: 2, HeldBytes: 1_200_000})
	d.page.fillSide()
	for _, v := range []files.View{viewNotes, viewBin} {
		d.page.goTo(place{view: v})
		d.Settle()
		d.page.here.set(files.BinSum{Files: 12, Size: 34_000_000, Held: 2, HeldBytes: 1_200_000})
		d.Resize(1364, 820)
		d.Look(theme.Light, 1)
		d.Picture("files-" + string(v))
		d.Resize(948, 620)
		d.Look(theme.Dark, 2)
		d.Picture("files-" + string(v) + "-large")
	}
}
