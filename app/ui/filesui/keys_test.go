// SPDX-License-Identifier: EUPL-1.2

package filesui

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"kontor/app"
	"kontor/app/files"
	"kontor/app/i18n"
	"kontor/app/ui/kit"
)

// shortcut presses keys that the toolkit has a name for.
func (d *desk) shortcut(s fyne.Shortcut) {
	d.T.Helper()
	d.Focused().(fyne.Shortcutable).TypedShortcut(s)
	d.Settle()
}

func (d *desk) press(key fyne.KeyName) {
	d.T.Helper()
	board := fyne.CurrentApp().Clipboard()
	for _, s := range []fyne.Shortcut{&fyne.ShortcutCopy{Clipboard: board}, &fyne.ShortcutCut{Clipboard: board}, &fyne.ShortcutPaste{Clipboard: board}} {
		if s.ShortcutName() == map[fyne.KeyName]string{fyne.KeyC: "Copy", fyne.KeyX: "Cut", fyne.KeyV: "Paste"}[key] {
			d.shortcut(s)
		}
	}
}

// TestCutAndPaste moves several entries at once by keys, and one step takes that back.
func TestCutAndPaste(t *testing.T) {
	d := open(t)
	d.enter("Persönlich")
	d.choose(notes)
	d.also("Fahrtkosten.ods")
	d.press(fyne.KeyX)
	if d.gone(notes) || !strings.Contains(d.LastToast().Words, "2 Einträge ausgeschnitten") {
		t.Fatalf("nothing moves before it is pasted: %q", d.LastToast().Words)
	}
	d.enter("Bauamt/Nord")
	d.press(fyne.KeyV)
	if d.gone("Bauamt/Nord/Notizen.txt") || d.gone("Bauamt/Nord/Fahrtkosten.ods") || !d.gone(notes) {
		t.Fatalf("%q, %v", d.names(), d.TakeErrors())
	}
	d.press(fyne.KeyV)
	if n := len(d.core.Calls("MoveInto")); n != 1 {
		t.Fatalf("what was moved is moved again: %d", n)
	}
	if d.LastToast().Action == "" {
		t.Fatal("no way back")
	}
	d.LastToast().Do()
	d.Settle()
	if d.gone(notes) || d.gone("Persönlich/Fahrtkosten.ods") {
		t.Fatal("one step back brings both")
	}
	d.enter("Persönlich")
	d.choose(notes)
	d.press(fyne.KeyX)
	d.Key(fyne.KeyEscape)
	d.enter("Bauamt/Nord")
	d.press(fyne.KeyV)
	if d.gone(notes) || len(d.core.Calls("MoveInto")) != 0 {
		t.Fatal("Escape gives up cutting")
	}
}

// TestCopyFetchesFirst: a copy of what lies on the server alone is made once it has arrived.
func TestCopyFetchesFirst(t *testing.T) {
	d := open(t)
	d.enter("Persönlich")
	d.choose(notes)
	d.press(fyne.KeyC)
	d.press(fyne.KeyV)
	if !strings.Contains(d.LastToast().Words, "geladen und dann kopiert") || !d.gone("Persönlich/Notizen (2).txt") || len(d.TakeErrors()) != 0 {
		t.Fatalf("%q %q", d.LastToast().Words, d.names())
	}
	d.sync()
	if d.gone("Persönlich/Notizen (2).txt") || len(d.page.later) != 0 {
		t.Fatalf("%q, %d waiting", d.names(), len(d.page.later))
	}
	d.choose(notes)
	d.press(fyne.KeyC)
	if !strings.HasSuffix(d.words, "Notizen.txt") {
		t.Fatalf("other programs get the path, not %q", d.words)
	}
	d.Menu("Fortbildung", "In „Fortbildung“ einfügen")
	if d.gone("Persönlich/Fortbildung/Notizen.txt") {
		t.Fatalf("%q", d.Errors)
	}
	d.page.paste(place{account: d.town.Account + 1})
	d.Settle()
	if errs := d.TakeErrors(); len(errs) != 1 || !errors.Is(errs[0], app.ErrOtherAccount) {
		t.Fatalf("another account: %v", errs)
	}
}

// TestRenameInPlace: the field lies over the name, with the name but not its ending selected.
func TestRenameInPlace(t *testing.T) {
	d := open(t)
	d.enter("Persönlich")
	for _, c := range []struct {
		key  fyne.KeyName // that ends it
		want string
	}{{fyne.KeyEscape, "Notizen.txt"}, {fyne.KeyReturn, "Merkzettel.txt"}, {fyne.KeyTab, "Zettel.txt"}} {
		row := slices.IndexFunc(d.items(), func(e files.Entry) bool { return strings.HasSuffix(e.Name, ".txt") })
		d.page.rows.SelectRow(row)
		d.Key(fyne.KeyF2)
		field, ok := d.Focused().(*kit.Entry)
		if !ok || !strings.HasPrefix(field.AccessibilityLabel(), "Neuer Name für") {
			t.Fatalf("the keyboard is on %T", d.Focused())
		}
		at, size := d.page.rows.Place(row)
		if y := fyne.CurrentApp().Driver().AbsolutePositionForObject(field).Y; y < at.Y-4 || y > at.Y+size.Height {
			t.Fatalf("the field is at %.0f, the row at %.0f", y, at.Y)
		}
		stem, _, _ := strings.Cut(c.want, ".")
		d.Type(stem)
		d.Key(c.key)
		if d.gone("Persönlich/"+c.want) || d.page.renaming != nil || c.key != fyne.KeyTab && d.Focused() != fyne.Focusable(d.page.rows) {
			t.Fatalf("%s: %q, the keyboard is on %T", c.key, d.names(), d.Focused())
		}
		if got := d.selected(); !slices.Equal(got, []string{c.want}) {
			t.Fatalf("%q is selected", got)
		}
	}
	d.Window.Canvas().Focus(d.page.rows)
	d.Key(fyne.KeyF2)
	d.Type("Anderswo")
	d.ClickAt(700, 700)
	if d.gone("Persönlich/Anderswo.txt") {
		t.Fatal("a click elsewhere takes the name")
	}
	d.Key(fyne.KeyF2)
	d.Type("Fahrtkosten")
	d.page.goTo(place{account: d.town.Account})
	d.Settle()
	if d.page.renaming != nil || d.gone("Persönlich/Anderswo.txt") {
		t.Fatal("who goes elsewhere renames nothing")
	}
}

// TestDropOntoAFolder: what is dropped goes where it was dropped, whole folders too.
func TestDropOntoAFolder(t *testing.T) {
	d := open(t)
	d.enter("Persönlich")
	local := d.local("Neu.txt", "neu")
	dir := filepath.Join(t.TempDir(), "Ablage")
	d.town.Must(os.MkdirAll(filepath.Join(dir, "tief"), 0o750))
	d.town.Must(os.WriteFile(filepath.Join(dir, "tief", "a.txt"), []byte("a"), 0o600))
	at, size := d.page.rows.Place(0) // Fortbildung
	middle := at.AddXY(60, size.Height/2)
	last, _ := d.page.rows.Place(d.page.rows.Count() - 1)
	side, _ := d.page.side.Place(2) // Bauamt
	for _, c := range []struct {
		at   fyne.Position
		want string
	}{
		{middle, "Persönlich/Fortbildung"}, {last.AddXY(60, 10), "Persönlich"}, {last.AddXY(60, 200), "Persönlich"}, {side.AddXY(60, 10), "Bauamt"},
	} {
		d.page.Drop(c.at, []string{local, dir})
		d.Settle()
		if d.gone(c.want+"/Neu.txt") || d.gone(c.want+"/Ablage/tief/a.txt") {
			if !d.Says("gibt es hier schon") {
				t.Fatalf("%s: %v %q", c.want, d.Errors, d.LastToast().Words)
			}
		}
		if d.Says("gibt es hier schon") {
			d.Click("Beide behalten")
			if d.gone(c.want+"/Neu (2).txt") || d.gone(c.want+"/Ablage (2)/tief/a.txt") {
				t.Fatalf("%s: %q", c.want, d.names())
			}
		}
	}
	if said := d.LastToast().Words; !strings.Contains(said, "nach „Bauamt“") {
		t.Errorf("said %q", said)
	}
	d.page.goTo(place{view: files.ViewRecent})
	d.Settle()
	d.core.Calls("PutInto")
	d.page.Drop(middle, []string{local})
	d.Settle()
	if len(d.core.Calls("PutInto")) != 0 {
		t.Error("a view takes no files")
	}
}

// TestSearchInFolder finds at any depth, as it is typed, and Escape shows the whole folder again.
func TestSearchInFolder(t *testing.T) {
	d := open(t)
	d.enter("Bauamt")
	before := d.names()
	d.page.finder.begin()
	d.Settle()
	d.Type("lage pdf")
	if got := d.names(); !slices.Contains(got, "Lageplan.pdf") || slices.Contains(got, "Lindenstraße 14") {
		t.Fatalf("%q", got)
	}
	d.MustSay("Lageplan.pdf · Lindenstraße 14")
	d.Key(fyne.KeyDown)
	if d.Focused() != fyne.Focusable(d.page.rows) || len(d.selected()) != 1 {
		t.Fatalf("the keyboard is on %T", d.Focused())
	}
	d.choose(site + "/Lageplan.pdf")
	d.Menu("Lageplan.pdf · Lindenstraße 14", "Im Ordner zeigen")
	if d.page.at.path != site || !slices.Equal(d.selected(), []string{"Lageplan.pdf"}) || d.page.text != "" {
		t.Fatalf("at %q, %q", d.page.at.path, d.selected())
	}
	d.enter("Bauamt")
	d.page.finder.begin()
	d.Settle()
	d.Type("xyzzy")
	d.MustSay("Nichts gefunden")
	d.Key(fyne.KeyEscape)
	if got := d.names(); !slices.Equal(got, before) || d.page.finder.content.Visible() {
		t.Fatalf("%q", got)
	}
	d.page.finder.begin()
	d.Type("plan")
	d.Key(fyne.KeyReturn, fyne.KeyEscape)
	if d.page.text != "" {
		t.Fatal("Escape in the list ends the search too")
	}
}

// TestSortingIsKept between starts, but for the view of what changed last, which has an order of its own.
func TestSortingIsKept(t *testing.T) {
	d := open(t)
	d.enter(site)
	d.Click("Geändert")
	d.Click("Geändert")
	if want := (Left{By: files.ByChanged, Descending: true}); d.left != want {
		t.Fatalf("%+v", d.left)
	}
	d.Click("Größe")
	d.Click("Zuletzt geändert")
	d.Click("Name")
	if d.left.By != files.BySize {
		t.Fatalf("a view changed it: %+v", d.left)
	}
	d.build()
	d.enter(site)
	var sizes []int64
	for _, e := range d.items() {
		if !e.Dir {
			sizes = append(sizes, e.Size)
		}
	}
	if !slices.IsSorted(sizes) || d.page.sorting().by != files.BySize {
		t.Fatalf("%v", sizes)
	}
}

// TestTypeAheadFindsWhatIsNotInMemory jumps far down a large folder.
func TestTypeAheadFindsWhatIsNotInMemory(t *testing.T) {
	d := open(t)
	d.bulk("Viele", 5000)
	d.enter("Viele")
	d.Type("datei04")
	d.Type("321")
	if got := d.selected(); !slices.Equal(got, []string{"Datei 04321.txt"}) {
		t.Fatalf("%q", got)
	}
	d.MustSay("Datei 04321.txt")
	d.page.Open(d.entry("Viele/Datei 02500.txt").ID)
	d.Settle()
	if got := d.selected(); !slices.Equal(got, []string{"Datei 02500.txt"}) {
		t.Fatalf("a search result far down: %q", got)
	}
	d.Click("Name")
	if got := d.selected(); !slices.Equal(got, []string{"Datei 02500.txt"}) {
		t.Fatalf("sorted the other way round: %q", got)
	}
	d.core.Fail("Seek", errDisk)
	d.Window.Canvas().Focus(d.page.rows)
	d.Type("x")
	if errs := d.TakeErrors(); len(errs) != 1 {
		t.Fatalf("%v", errs)
	}
}

// TestGroundMenus: where there is no entry, the menu is about the folder.
func TestGroundMenus(t *testing.T) {
	d := open(t)
	d.enter("Persönlich")
	d.choose(notes)
	d.press(fyne.KeyX)
	d.page.newFolder()
	d.Type("Leer")
	d.Key(fyne.KeyReturn)
	if got := d.selected(); !slices.Equal(got, []string{"Leer"}) {
		t.Fatalf("the new folder is selected, not %q", got)
	}
	d.Key(fyne.KeyReturn)
	d.MustSay("Dieser Ordner ist leer")
	d.Window.Canvas().Focus(d.page.rows)
	d.Key(desktop.KeyMenu)
	d.Click("Einfügen")
	if d.gone("Persönlich/Leer/Notizen.txt") {
		t.Fatalf("%v", d.TakeErrors())
	}
	d.Click("Mehr")
	d.MustSay("Hochladen", "Grenzen für Übertragungen", "In diesem Ordner suchen")
	d.Escape()
	d.Menu("Persönlich", "Neuer Ordner")
	d.Type("Von links")
	d.Key(fyne.KeyReturn)
	if d.gone("Persönlich/Von links") {
		t.Fatalf("%v, at %q", d.TakeErrors(), d.page.at.path)
	}
}

// TestMenuKeyWithoutASelection: the menu is about the entry that the ring is on.
func TestMenuKeyWithoutASelection(t *testing.T) {
	d := open(t)
	d.enter("Persönlich")
	if len(d.selected()) != 0 {
		t.Fatal("nothing is selected at first")
	}
	d.Key(desktop.KeyMenu)
	d.Click("Öffnen")
	if d.page.at.path != "Persönlich/Fortbildung" {
		t.Fatalf("at %q", d.page.at.path)
	}
	d.shortcut(&desktop.CustomShortcut{KeyName: fyne.KeyUp, Modifier: fyne.KeyModifierAlt})
	if d.page.at.path != "Persönlich" || !slices.Equal(d.selected(), []string{"Fortbildung"}) {
		t.Fatalf("Alt+Up leads to %q", d.page.at.path)
	}
	d.shortcut(&desktop.CustomShortcut{KeyName: fyne.KeyUp, Modifier: fyne.KeyModifierControl})
	if d.page.at.path != "Persönlich" {
		t.Fatal("Ctrl+Up only moves the ring")
	}
}

// TestMenuAtTheLeft opens folders, pastes into them and makes new ones; headings and views have none.
func TestMenuAtTheLeft(t *testing.T) {
	d := open(t)
	d.enter("Persönlich")
	d.choose(notes)
	d.press(fyne.KeyX)
	d.Menu("Bauamt", "Einfügen")
	if d.gone("Bauamt/Notizen.txt") {
		t.Fatalf("%v", d.TakeErrors())
	}
	d.Menu("Bauamt", "Öffnen")
	if d.page.at.path != "Bauamt" {
		t.Fatalf("at %q", d.page.at.path)
	}
	d.page.sideMenu(place{view: files.ViewRecent}.id(), fyne.NewPos(10, 10))
	d.page.sideMenu("account/1", fyne.NewPos(10, 10))
	d.Settle()
	if d.Window.Canvas().Overlays().Top() != nil {
		t.Fatal("a menu about no folder")
	}
}

// TestSeveralAccounts: each has its own tree, and files do not go from one to another.
func TestSeveralAccounts(t *testing.T) {
	d := open(t)
	second := d.town.World.Draft(d.town.World.Users()[1].Name)
	second.IMAPURL, second.SMTPURL, second.TasksURL = "", "", ""
	id, err := d.town.Accounts.Add(ctx, second, d.town.World.Password())
	d.town.Must(err)
	d.sync()
	d.enter("Persönlich")
	d.choose(notes)
	d.press(fyne.KeyX)
	d.page.goTo(place{account: id})
	d.Window.Canvas().Focus(d.page.rows)
	d.Settle()
	d.press(fyne.KeyV)
	if errs := d.TakeErrors(); len(errs) != 1 || !errors.Is(errs[0], app.ErrOtherAccount) || d.gone(notes) {
		t.Fatalf("%v", errs)
	}
	if i := d.page.pasteItem(); !i.Disabled {
		t.Error("the menu offers it")
	}
	d.page.Upload([]string{d.local("Neu.txt", "x")})
	d.Settle()
	if _, err := d.town.Files.ByPath(ctx, id, "Neu.txt"); err != nil || !d.gone("Neu.txt") {
		t.Errorf("the file went elsewhere: %v", err)
	}
}

// TestWindowsWithoutHoles: a very large folder is shown at once from windows, without a hole wherever a person jumps.
func TestWindowsWithoutHoles(t *testing.T) {
	d := open(t)
	const n = 6000
	d.bulk("Viele", n)
	d.core.Calls("Entries")
	d.enter("Viele")
	if reads := len(d.core.Calls("Entries")); reads > 3 {
		t.Fatalf("%d windows were read for one screen", reads)
	}
	for _, row := range []int{n - 1, n / 2, 64, n/2 + 63, 0} {
		d.page.rows.SelectRow(row)
		d.Settle()
		first, shown := d.page.rows.VisibleRows()
		for i := first; i < first+shown-1 && i < n; i++ {
			if e, ok := d.page.rows.At(i); !ok || e.Name != fmt.Sprintf("Datei %05d.txt", i) {
				t.Fatalf("row %d is %q, %v", i, e.Name, ok)
			}
		}
	}
	d.town.World.Users()[0].PutFile("Viele/Datei 00000 neu.txt", []byte("x"))
	d.page.rows.SelectRow(n / 2)
	d.Settle()
	_, err := d.town.Files.Mkdir(ctx, d.town.Account, "Viele/Ordner davor")
	d.town.Must(err)
	d.Settle()
	if got := d.selected(); !slices.Equal(got, []string{fmt.Sprintf("Datei %05d.txt", n/2)}) || d.page.rows.CursorRow() != n/2+1 {
		t.Fatalf("%q is selected, the cursor is on %d", got, d.page.rows.CursorRow())
	}
}

// TestReadOnly: what the server does not let change can be neither renamed nor cut nor deleted, and says so in words.
func TestReadOnly(t *testing.T) {
	i18n.Use(i18n.German)
	e := files.Entry{ID: 1, Name: "Satzung.pdf", ReadOnly: true, State: files.OnlineOnly, AccountID: 1}
	d := open(t)
	d.enter("Persönlich")
	items := d.page.menuItems([]files.Entry{e})
	for _, i := range items {
		writes := slices.Contains([]string{"Ausschneiden", "Umbenennen", "Löschen"}, i.Label)
		if writes != i.Disabled && (writes || i.Label == "Kopieren") {
			t.Errorf("%q: disabled is %v", i.Label, i.Disabled)
		}
	}
	if got := spoken(e, nil, d.page.cfg.Now()); !strings.Contains(got, "Nur lesen") {
		t.Errorf("spoken: %q", got)
	}
	d.page.take([]files.Entry{e}, true)
	d.page.rename(e)
	d.Settle()
	if len(d.page.clip.ids) != 0 || d.page.renaming != nil {
		t.Error("cut or renamed")
	}
}

// TestEverythingCanBeReached: Tab goes through the page in the order of reading, and everything it stops at has a name.
func TestEverythingCanBeReached(t *testing.T) {
	d := open(t)
	d.rich()
	d.enter("Persönlich")
	d.town.Must(d.town.Files.Get(ctx, d.entry(notes).ID))
	d.sync()
	d.choose(notes)
	d.Window.Canvas().Focus(d.page.side)
	var stops []string
	for range 40 {
		f := d.Focused()
		name := fmt.Sprintf("%T", f)
		if a, ok := f.(fyne.Accessible); ok {
			name = a.AccessibilityLabel()
		}
		if name == "" {
			t.Errorf("a %T without a name", f)
		}
		if slices.Contains(stops, name) {
			break
		}
		stops = append(stops, name)
		d.Key(fyne.KeyTab)
	}
	at := -1
	for _, want := range []string{"Persönlich", "Hochladen", "Neuer Ordner", "Mehr", "Name, aufsteigend", "Größe", "Notizen.txt, Datei", "Öffnen", "Als Mail senden", "Immer offline halten", "Frühere Fassungen", "Freigabelinks"} {
		i := slices.IndexFunc(stops, func(s string) bool { return strings.HasPrefix(s, want) })
		if i <= at {
			t.Fatalf("%q is not after %d: %q", want, at, stops)
		}
		at = i
	}
}
