// SPDX-License-Identifier: EUPL-1.2

package filesui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"kontor/app/files"
	"kontor/app/ui"
	"kontor/storage"
)

const (
	site  = "Bauamt/Lindenstraße 14"
	notes = "Persönlich/Notizen.txt"
)

var errDisk = errors.New("disk full")

// TestThroughTheTreeByKeyboard goes down into folders and up again without a pointer.
func TestThroughTheTreeByKeyboard(t *testing.T) {
	d := open(t)
	if got := d.names(); !slices.Equal(got, []string{"Bauamt", "Mit mir geteilt", "Persönlich"}) {
		t.Fatalf("root: %q", got)
	}
	d.Key(fyne.KeyDown, fyne.KeyReturn)
	if d.page.at.path != "Bauamt" || d.page.side.SelectedID() != d.page.at.id() {
		t.Fatalf("at %+v, the tree shows %q", d.page.at, d.page.side.SelectedID())
	}
	d.Type("Lin")
	d.Key(fyne.KeyReturn)
	if d.page.at.path != site {
		t.Fatalf("at %q", d.page.at.path)
	}
	got := d.names()
	if got[0] != "Fotos" || got[1] != "Pläne" || got[2] != "Aufmaß Lindenstraße 14.ods" || slices.Index(got, "Präsentation Bauausschuss.odp") > slices.Index(got, "Protokoll_0311.odt") {
		t.Fatalf("folders first, then as in a dictionary: %q", got)
	}
	d.Key(fyne.KeyBackspace)
	if sel := d.selected(); d.page.at.path != "Bauamt" || !slices.Equal(sel, []string{"Lindenstraße 14"}) {
		t.Fatalf("at %q with %q selected: the folder that was left should be", d.page.at.path, sel)
	}
	d.Key(fyne.KeyBackspace, fyne.KeyBackspace)
	if d.page.at.path != "" {
		t.Fatalf("at %q", d.page.at.path)
	}
}

// TestThroughTheTreeByMouse opens folders at the left and follows the crumbs.
func TestThroughTheTreeByMouse(t *testing.T) {
	d := open(t)
	d.enter(site + "/Fotos")
	d.Click("Lindenstraße 14")
	d.enter(site + "/Fotos")
	d.Button("Bauamt").OnTap()
	d.Settle()
	if d.page.at.path != "Bauamt" {
		t.Fatalf("the crumb leads to %q", d.page.at.path)
	}
	d.Click("Persönlich")
	d.MustSay("Notizen.txt")
	d.Window.Canvas().Focus(d.page.side)
	d.Key(fyne.KeyRight)
	d.MustSay("Fortbildung")
	d.Key(fyne.KeyLeft)
	d.Click("Zuletzt geändert")
	if len(d.names()) != 60 || !d.page.upload.Disabled() {
		t.Fatalf("%d files; a view takes no uploads", len(d.names()))
	}
	d.MustSay("Notizen.txt · Persönlich") // with their folder
	d.Click("Offline verfügbar")
	d.MustSay("Nichts zu zeigen")
	d.Click("Alle Dateien")
	if d.page.upload.Disabled() || d.page.at.view != "" {
		t.Fatal("back in the files")
	}
}

func TestSorting(t *testing.T) {
	d := open(t)
	d.enter(site)
	d.choose(site + "/Lageplan.pdf")
	d.Click("Größe")
	sizes := func() []int64 {
		var all []int64
		for _, e := range d.items() {
			if !e.Dir {
				all = append(all, e.Size)
			}
		}
		return all
	}
	if !slices.IsSorted(sizes()) {
		t.Fatalf("%v", sizes())
	}
	if !slices.Equal(d.selected(), []string{"Lageplan.pdf"}) || d.page.detail.name.Words() != "Lageplan.pdf" {
		t.Fatalf("sorting lost the selection: %q", d.selected())
	}
	d.Click("Größe")
	if got := sizes(); slices.IsSorted(got) || got[0] < got[len(got)-1] {
		t.Fatalf("a second click turns it around: %v", got)
	}
	if e, _ := d.page.rows.At(0); d.Says("Geändert") && !d.items()[0].Dir && e.ID != d.items()[0].ID {
		t.Fatal("the table shows another order")
	}
	d.town.Must(d.town.Files.Pin(ctx, d.entry(site+"/Lageplan.pdf").ID))
	d.Settle()
	d.Click("Zustand")
	first := slices.DeleteFunc(slices.Clone(d.items()), func(e files.Entry) bool { return e.Dir })[0]
	if first.Name != "Lageplan.pdf" {
		t.Fatalf("what is not simply online stands first, not %q", first.Name)
	}
}

// TestOpeningFetchesFirst opens a file that is not here: it is asked for, and opened once it has arrived.
func TestOpeningFetchesFirst(t *testing.T) {
	d := open(t)
	d.enter("Persönlich")
	d.choose(notes)
	d.Key(fyne.KeyReturn)
	if len(d.opened) != 0 || !strings.Contains(d.LastToast().Words, "Notizen.txt") {
		t.Fatalf("opened %q, said %q", d.opened, d.LastToast().Words)
	}
	d.sync()
	if !slices.Equal(d.opened, []string{"Notizen.txt"}) {
		t.Fatalf("opened %q", d.opened)
	}
	d.sync()
	if len(d.opened) != 1 || len(d.page.later) != 0 {
		t.Fatalf("opened again: %q", d.opened)
	}
	d.MustSay("Offline verfügbar", "Auf dem Gerät")
	d.noOpen = errDisk
	d.Key(fyne.KeyReturn)
	if len(d.opened) != 2 || len(d.TakeErrors()) != 1 {
		t.Fatalf("opened %q", d.opened)
	}
	d.Click("Als Mail senden")
	if len(d.mailed) != 1 || !strings.HasSuffix(d.mailed[0], "Notizen.txt") {
		t.Fatalf("mailed %q", d.mailed)
	}
}

func TestPinning(t *testing.T) {
	d := open(t)
	d.enter("Persönlich")
	if d.Button("Immer offline halten") != nil {
		t.Fatal("nothing is selected")
	}
	d.choose(notes)
	d.Click("Immer offline halten")
	d.sync()
	d.MustSay("Immer offline", "Nicht mehr offline halten")
	d.Click("Offline verfügbar")
	if got := d.names(); !slices.Equal(got, []string{"Notizen.txt"}) {
		t.Fatalf("offline: %q", got)
	}
	d.enter("Persönlich")
	d.SelectAll()
	d.MustSay("3 Einträge")
	if d.Button("Öffnen") != nil {
		t.Fatal("three entries cannot be opened at once")
	}
	d.Click("Immer offline halten")
	for _, path := range []string{"Persönlich/Fortbildung", "Persönlich/Fahrtkosten.ods"} {
		if !d.entry(path).PinnedHere {
			t.Errorf("%s is not pinned: the button acts on all that are selected", path)
		}
	}
	d.Click("Nicht mehr offline halten")
	if d.entry(notes).Pinned {
		t.Fatal("still pinned")
	}
}

// TestAFolderAboveKeepsItsFiles: what a pinned folder holds cannot be released one by one.
func TestAFolderAboveKeepsItsFiles(t *testing.T) {
	d := open(t)
	d.town.Must(d.town.Files.Pin(ctx, d.entry("Persönlich").ID))
	d.enter("Persönlich")
	d.choose(notes)
	if b := d.Button("Immer offline halten"); b == nil || !b.Disabled() {
		t.Fatal("the folder above keeps it offline")
	}
	d.MustSay("Ein Ordner darüber wird schon offline gehalten")
}

func TestUploadRenameAndRemove(t *testing.T) {
	d := open(t)
	d.enter("Persönlich")
	d.picked = []string{d.local("Foto.jpg", "1"), d.local("Brief.odt", "22")}
	d.Click("Hochladen")
	if d.LastToast().Words != "2 Dateien werden hochgeladen" || d.gone("Persönlich/Brief.odt") {
		t.Fatalf("said %q", d.LastToast().Words)
	}
	d.MustSay("Wartet auf Upload", "Foto.jpg")
	d.choose("Persönlich/Foto.jpg")
	d.Key(fyne.KeyF2)
	d.SelectAll()
	d.Type("Foto/Ansicht Nord.jpg")
	d.Key(fyne.KeyReturn)
	if d.gone("Persönlich/FotoAnsicht Nord.jpg") {
		t.Fatalf("a slash is no part of a name: %q", d.names())
	}
	d.sync()
	if _, ok := d.town.World.Users()[0].File("Persönlich/FotoAnsicht Nord.jpg"); !ok {
		t.Fatal("the server does not have it")
	}
	d.Key(fyne.KeyDelete)
	if !d.gone("Persönlich/FotoAnsicht Nord.jpg") || d.Says("FotoAnsicht Nord.jpg") {
		t.Fatalf("not deleted: %q", d.names())
	}
	d.LastToast().Do()
	d.Settle()
	d.MustSay("FotoAnsicht Nord.jpg")
	d.choose(notes)
	d.Menu("Notizen.txt", "Umbenennen")
	d.SelectAll()
	d.Type("Fahrtkosten.ods")
	d.Key(fyne.KeyReturn)
	if errs := d.TakeErrors(); len(errs) != 1 || d.gone(notes) {
		t.Fatalf("a name that is taken: %v", errs)
	}
}

func TestNewFolder(t *testing.T) {
	d := open(t)
	d.enter("Persönlich")
	d.Click("Neuer Ordner")
	d.Type("Ablage")
	d.Click("Übernehmen")
	if !d.entry("Persönlich/Ablage").Dir {
		t.Fatal("no folder")
	}
	d.Click("Neuer Ordner")
	d.Type("verworfen")
	d.Click("Abbrechen")
	if !d.gone("Persönlich/verworfen") {
		t.Fatal("it was cancelled")
	}
	d.choose("Persönlich/Ablage")
	d.Key(fyne.KeyReturn)
	d.MustSay("Dieser Ordner ist leer")
	d.town.Undo(d.Scene)()
	d.Settle()
	if d.page.at.path != "Persönlich" || len(d.TakeErrors()) != 0 {
		t.Fatalf("the folder is gone, the page shows %q", d.page.at.path)
	}
}

// TestAnEmptyFolderIsNotSaidToBeHere, for nothing of it is, and its state says so.
func TestAnEmptyFolderIsNotSaidToBeHere(t *testing.T) {
	d := open(t)
	d.enter("Persönlich")
	_, err := d.town.Files.Mkdir(ctx, d.town.Account, "Persönlich/Ablage")
	d.town.Must(err)
	d.sync()
	d.choose("Persönlich/Ablage")
	d.MustSay("Nur online", "Der Ordner ist leer")
	d.MustNotSay("Liegt schon ganz auf diesem Gerät")
}

func TestErrorsAreShownAndNothingIsLost(t *testing.T) {
	d := open(t)
	d.enter("Persönlich")
	d.picked = []string{d.local("Neu.txt", "x")}
	d.choose(notes)
	for _, c := range []struct {
		method string
		do     func()
	}{
		{"PutInto", func() { d.Click("Hochladen") }},
		{"Pin", func() { d.Click("Immer offline halten") }},
		{"Remove", func() { d.page.withSelected(d.page.remove) }},
		{"Get", func() { d.Click("Öffnen") }},
		{"Mkdir", func() { d.Click("Neuer Ordner"); d.Type("X"); d.Key(fyne.KeyReturn) }},
		{"Rename", func() { d.Menu("Notizen.txt", "Umbenennen"); d.Type("Y"); d.Key(fyne.KeyReturn) }},
		{"Folders", func() { d.page.reload() }},
		{"Space", func() { d.page.reload() }},
		{"Accounts", func() { d.page.reload() }},
		{"Order", func() { d.page.reload() }},
		{"List", func() { d.Click("Hochladen") }},
		{"SizeBefore", func() { d.Click("Immer offline halten") }},
		{"Entry", func() { d.page.Open(1) }},
	} {
		d.core.Fail(c.method, errDisk)
		c.do()
		d.Settle()
		if errs := d.TakeErrors(); len(errs) == 0 || !errors.Is(errs[0], errDisk) {
			t.Errorf("%s: shown %v", c.method, errs)
		}
		d.core.Fail(c.method, nil)
		d.MustSay("Notizen.txt")
		if !slices.Equal(d.selected(), []string{"Notizen.txt"}) {
			t.Errorf("%s: %q is selected", c.method, d.selected())
			d.choose(notes)
		}
	}
}

// TestTheSelectionSurvivesNews: files that arrive above do not move what is selected, and a folder that goes is left.
func TestTheSelectionSurvivesNews(t *testing.T) {
	d := open(t)
	user := d.town.World.Users()[0]
	d.enter("Persönlich")
	d.choose(notes)
	for i := range 20 {
		user.PutFile(fmt.Sprintf("Persönlich/Aktuell %02d.txt", i), []byte("x"))
	}
	d.sync()
	if got := d.selected(); len(d.names()) != 23 || !slices.Equal(got, []string{"Notizen.txt"}) || d.page.detail.entry.Name != "Notizen.txt" {
		t.Fatalf("%q of %d", got, len(d.names()))
	}
	d.enter("Persönlich/Fortbildung")
	user.RemoveFile("Persönlich/Fortbildung")
	d.sync()
	if d.page.at.path != "Persönlich" {
		t.Fatalf("at %q, shown %v", d.page.at.path, d.Errors)
	}
}

func TestOpenShowsAFoundFile(t *testing.T) {
	d := open(t)
	d.page.Open(d.entry(site + "/Lageplan.pdf").ID)
	d.Settle()
	if d.page.at.path != site || !slices.Equal(d.selected(), []string{"Lageplan.pdf"}) || d.page.detail.name.Words() != "Lageplan.pdf" {
		t.Fatalf("at %q, %q", d.page.at.path, d.selected())
	}
}

// TestWithoutAccounts: with none, and once the last one is removed, the page says what to do and offers nothing that
// cannot work.
func TestWithoutAccounts(t *testing.T) {
	d := open(t)
	d.enter("Persönlich")
	_, err := d.town.Accounts.Remove(ctx, d.town.Account)
	d.town.Must(err)
	d.Settle()
	d.MustSay("Fügen Sie in den Optionen ein Konto mit Dateien hinzu.")
	if !d.page.upload.Disabled() || !d.page.folder.Disabled() {
		t.Fatal("there is no place for new files")
	}
	d.page.newFolder()
	d.page.Upload([]string{"/x"})
	d.Settle()
	if len(d.core.Calls("PutInto", "Mkdir")) != 0 {
		t.Fatal("asked for what cannot work")
	}
}

func TestActions(t *testing.T) {
	d := open(t)
	d.enter("Persönlich")
	d.choose(notes)
	keys := map[fyne.KeyName]bool{}
	for _, a := range d.page.Actions() {
		keys[a.Key] = true
		if a.Title == "" && !a.Silent || a.Do == nil {
			t.Errorf("%+v", a)
		}
	}
	do := func(key fyne.KeyName) {
		i := slices.IndexFunc(d.page.Actions(), func(a ui.Action) bool { return a.Key == key })
		d.page.Actions()[i].Do()
		d.Settle()
	}
	do(fyne.KeyP)
	if !d.entry(notes).PinnedHere {
		t.Error("not pinned")
	}
	do(fyne.KeyI)
	if d.Focused() != fyne.Focusable(d.page.detail.open) {
		t.Errorf("the details have no keyboard: %T", d.Focused())
	}
	do(fyne.KeyD)
	if !d.gone(notes) || len(keys) != 7 || len(d.page.Panes()) != 3 {
		t.Error("not deleted")
	}
}

// TestTenThousandFiles: all of them can be selected and removed, also those that the table does not have in memory.
func TestTenThousandFiles(t *testing.T) {
	d := open(t)
	const n = 10_000
	d.bulk("Viele", n)
	d.enter("Viele")
	if len(d.names()) != n {
		t.Fatalf("%d files", len(d.names()))
	}
	d.Key(fyne.KeyEnd)
	d.MustSay(fmt.Sprintf("Datei %05d.txt", n-1))
	d.SelectAll()
	d.MustSay(fmt.Sprintf("%d Einträge", n))
	d.core.Fail("Remove", errDisk)
	d.Key(fyne.KeyDelete)
	if len(d.core.Calls("Remove")) != 1 || len(d.selected()) != n {
		t.Fatalf("%d selected", len(d.selected()))
	}
}

// bulk fills a folder the way synchronisation does.
func (d *desk) bulk(folder string, n int) {
	d.T.Helper()
	d.town.Write(func(ctx context.Context, tx *storage.Tx) error {
		add := func(path string, dir bool) error {
			f := storage.FileRow{AccountID: d.town.Account, Path: path, Dir: dir, Size: 7, Modified: time.Now()}
			f.Remote = storage.FileRemote{Path: path, ETag: path, Size: 7, Modified: f.Modified}
			_, err := tx.AddFile(ctx, f)
			return err
		}
		err := add(folder, true)
		for i := 0; i < n && err == nil; i++ {
			err = add(fmt.Sprintf("%s/Datei %05d.txt", folder, i), false)
		}
		return err
	})
	d.Settle()
}

// TestUploadOfANameThatIsThere: nothing is overwritten unless the person says so.
func TestUploadOfANameThatIsThere(t *testing.T) {
	for _, c := range []struct {
		press string
		want  []string // what is asked to be written
	}{
		{"Beide behalten", []string{"Persönlich/Notizen (2).txt", "Persönlich/Neu.txt"}},
		{"Ersetzen", []string{"Persönlich/Notizen.txt", "Persönlich/Neu.txt"}},
		{"Abbrechen", nil},
	} {
		t.Run(c.press, func(t *testing.T) {
			d := open(t)
			d.enter("Persönlich")
			d.page.Upload([]string{d.local("Notizen.txt", "andere"), d.local("Neu.txt", "neu")})
			d.Settle()
			d.MustSay("„Notizen.txt“ gibt es hier schon")
			if len(d.core.Calls("PutInto")) != 0 {
				t.Fatal("written before it was asked")
			}
			d.Click(c.press)
			if n := len(d.core.Calls("PutInto")); n != min(len(c.want), 1) {
				t.Fatalf("written %d times", n)
			}
			for _, path := range c.want {
				if d.gone(path) {
					t.Errorf("%s is not there: %v", path, d.names())
				}
			}
		})
	}
}
