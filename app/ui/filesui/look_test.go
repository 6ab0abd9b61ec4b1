// SPDX-License-Identifier: EUPL-1.2

package filesui

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"kontor/app"
	"kontor/app/files"
	"kontor/app/i18n"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
	"kontor/app/ui/uitest"
)

// crowd lays down names that are too long for any column, deep down.
func (d *desk) crowd() (folder string) {
	d.T.Helper()
	long := strings.TrimSpace(strings.Repeat("Stellungnahme der unteren Denkmalschutzbehörde ", 4))
	folder = site + "/" + long + "/Noch ein Ordner"
	d.town.World.Users()[0].PutFile(folder+"/"+long+".odt", []byte("x"))
	d.sync()
	d.town.Must(d.town.Files.Pin(ctx, d.entry(folder).ID))
	d.sync()
	d.enter(folder)
	d.page.rows.SelectRow(0)
	d.Settle()
	return folder
}

// TestEverythingFits looks at the page in both languages, in all sizes, with long names everywhere.
func TestEverythingFits(t *testing.T) {
	d := open(t)
	folder := d.crowd()
	d.EachSize(d.build, func(fits func(string)) {
		for _, path := range []string{folder, site, ""} {
			d.enter(path)
			d.page.rows.SelectRow(0)
			for front := -1; front < 3; front++ {
				d.page.content.Front(front)
				fits(fmt.Sprintf("%q, pane %d", path, front))
			}
		}
	})
}

// TestNothingIsOutOfReach: where there is no room for tree and details beside the table, keys and buttons lead to them
// and back.
func TestNothingIsOutOfReach(t *testing.T) {
	d := open(t)
	d.Resize(872, 540)
	d.Look(theme.Light, 2)
	d.MustNotSay("Zuletzt geändert", "Pfad")
	d.Click("Ordner und Listen")
	d.Click("Persönlich")
	d.choose(notes)
	d.Menu("Notizen.txt", "Einzelheiten")
	d.MustSay("Pfad", "Persönlich › Notizen.txt")
	if d.Focused() != fyne.Focusable(d.page.detail.open) {
		t.Fatalf("the keyboard is on %T", d.Focused())
	}
	d.Click("Zurück zur Liste")
	d.MustNotSay("Pfad")
	if d.Focused() != fyne.Focusable(d.page.rows) {
		t.Fatalf("the keyboard is on %T", d.Focused())
	}
	d.page.showDetails()
	d.Resize(1364, 820)
	d.Look(theme.Light, 1)
	d.MustSay("Pfad", "Zuletzt geändert", "Geändert")
}

// TestNoOtherLanguageIsLeft switches to English: only what people wrote stays German.
func TestNoOtherLanguageIsLeft(t *testing.T) {
	d := open(t)
	d.enter("Persönlich")
	d.choose(notes)
	d.MustSay("Größe", "Geändert", "Nur online", "Öffnen", "SPEICHER")
	i18n.Use(i18n.English)
	d.build()
	d.enter("Persönlich")
	d.choose(notes)
	d.MustSay("Size", "Changed", "Online only", "Open", "Path")
	d.MustNotSay("Größe", "Geändert", "Nur online", "Öffnen", "SPEICHER", "ANSICHTEN")
}

func TestPictures(t *testing.T) {
	uitest.ForPictures(t)
	d := open(t)
	d.town.Must(d.town.Files.Pin(ctx, d.entry(site+"/Lageplan.pdf").ID))
	d.town.Must(d.town.Files.Get(ctx, d.entry(site+"/Protokoll_0311.odt").ID))
	d.sync()
	_, err := d.town.Files.Put(ctx, d.town.Account, d.local("Aufmaß neu.ods", "x"), site+"/Aufmaß neu.ods")
	d.town.Must(err)
	for _, c := range []struct {
		name string
		mode theme.Mode
		r    int
	}{{"files-wide-light", theme.Light, 0}, {"files-small-dark", theme.Dark, 1}, {"files-large", theme.Light, 2}, {"files-small-large", theme.Light, 3}} {
		d.SetSize(uitest.Sizes[c.r], c.mode)
		d.enter(site)
		d.choose(site + "/Lageplan.pdf")
		d.Picture(c.name)
	}
	d.page.showDetails()
	d.Picture("files-small-large-details")
	d.picturesOfMore()
	d.picturesOfNotes()
	d.Resize(1364, 820)
	d.Look(theme.Light, 1)
	d.crowd()
	d.Picture("files-crowd")
	d.enter(site)
	d.SelectAll()
	d.Picture("files-many")
}

// picturesOfMore shows what is not on screen at first: what is on its way, what the server keeps, and a decision.
func (d *desk) picturesOfMore() {
	d.T.Helper()
	net := d.rich()
	d.SetSize(uitest.Sizes[0], theme.Light)
	lageplan, protocol := d.entry(site+"/Lageplan.pdf"), d.entry(site+"/Protokoll_0311.odt")
	net.moving = []files.Transfer{
		{FileID: lageplan.ID, Path: lageplan.Path, Up: true, Done: 1_400_000, Total: 2_400_000, Remaining: 12 * time.Second},
		{FileID: 9999, Path: "Fotodokumentation.zip", Done: 197_000_000, Total: 318_000_000, Remaining: 4 * time.Minute},
	}
	net.sum = files.TransferSum{Files: 12, FilesDone: 3, Bytes: 400_000_000, BytesDone: 210_000_000, Rate: 1_200_000, Remaining: 4 * time.Minute}
	net.versions = []files.Version{{Key: "1", Size: 47_000, Modified: time.Now().Add(-20 * time.Hour)}, {Key: "2", Size: 46_500, Modified: time.Now().Add(-99 * time.Hour)}}
	net.shares = []files.Share{{Key: "1", URL: "https://cloud.amt.example/s/Wx3kPq9Zr2mBtNy", Expires: time.Now().Add(240 * time.Hour), Protected: true}}
	net.trash = []files.Trashed{{Key: "a", Name: "Entwurf.odt", Path: "Bauamt/Nord/Entwurf.odt", Deleted: time.Now().Add(-time.Hour), Size: 12_000}, {Key: "b", Name: "Alt", Path: "Bauamt/Alt", Deleted: time.Now().Add(-30 * time.Hour), Dir: true}}
	d.pulse()
	d.page.traffic.open = true
	d.pulse()
	d.choose(protocol.Path)
	d.Picture("files-transfers")
	d.page.detail.versions.open()
	d.Settle()
	d.page.detail.shares.open()
	d.Settle()
	d.Picture("files-server")
	d.page.rename(protocol)
	d.Settle()
	d.Picture("files-rename")
	d.Key(fyne.KeyEscape)
	d.page.finder.begin()
	d.Type("plan")
	d.Picture("files-find")
	d.Key(fyne.KeyEscape)
	d.choose(site + "/Lageplan.pdf")
	d.page.traffic.Ask()
	d.Settle()
	d.Picture("files-limits")
	d.Click("Abbrechen")
	d.page.goTo(place{view: viewBin})
	d.Settle()
	d.Picture("files-bin")
	net.moving, net.sum = nil, files.TransferSum{}
	d.clash("Erste Zeile\nhier geändert\nDritte Zeile\n", "Erste Zeile\nauf dem Server geändert\nDritte Zeile\nund eine neue\n")
	d.Picture("files-decide")
	d.SetSize(uitest.Sizes[3], theme.Dark)
	d.Picture("files-decide-small-dark")
	d.page.compare.close()
	d.SetSize(uitest.Sizes[0], theme.Dark)
	d.enter("Persönlich")
	d.choose(notes)
	d.Picture("files-dark-text")
	d.town.Must(d.town.Files.Get(ctx, d.entry(site+"/Fotos").ID))
	d.sync()
	d.enter(site + "/Fotos")
	d.page.rows.SelectRow(0)
	d.Settle()
	d.Picture("files-photo")
	d.SetSize(uitest.Sizes[1], theme.Light)
}

// clash makes two versions of a file and opens the decision.
func (d *desk) clash(mine, theirs string) app.Conflict {
	d.T.Helper()
	d.town.World.Users()[0].PutFile(notes, []byte("Erste Zeile\nZweite Zeile\nDritte Zeile\n"))
	d.town.Must(d.town.Files.Pin(ctx, d.entry(notes).ID))
	d.sync()
	root, err := d.town.Files.Root(ctx, d.town.Account)
	d.town.Must(err)
	d.town.Must(os.WriteFile(filepath.Join(root, filepath.FromSlash(notes)), []byte(mine), 0o600))
	d.town.World.Users()[0].PutFile(notes, []byte(theirs))
	for range 3 {
		d.sync()
	}
	all, err := d.town.Journal.Conflicts(ctx)
	d.town.Must(err)
	if len(all) != 1 {
		d.T.Fatalf("%d conflicts", len(all))
	}
	d.page.Decide(all[0].ID)
	d.Settle()
	return all[0]
}

func TestWords(t *testing.T) {
	i18n.Use(i18n.German)
	now := time.Date(2026, 11, 23, 9, 55, 0, 0, time.Local)
	for _, c := range []struct {
		ago  time.Duration
		want string
	}{{4 * time.Minute, "vor 4 Min"}, {0, "vor 1 Min"}, {100 * time.Minute, "heute, 08:15"}, {24 * time.Hour, "Gestern"}, {-time.Hour, "heute, 10:55"}} {
		if got := changedWords(files.Entry{Modified: now.Add(-c.ago)}, now); got != c.want {
			t.Errorf("%s: %q", c.ago, got)
		}
	}
	if got := changedWords(files.Entry{Modified: time.Unix(-5, 0)}, now); got != "—" {
		t.Errorf("a time before 1970: %q", got)
	}
	for _, id := range []string{"dir/x/y", "account/1", ""} {
		if _, ok := placeOf(id); ok {
			t.Errorf("%q is no place", id)
		}
	}
	if at, ok := placeOf(place{account: 7, path: "a/b"}.id()); !ok || at != (place{account: 7, path: "a/b"}) {
		t.Errorf("%+v", at)
	}
}

// TestEachStateHasWordsAndALook: never colour alone, and in both languages.
func TestEachStateHasWordsAndALook(t *testing.T) {
	seen := map[string]files.State{}
	for _, lang := range []i18n.Lang{i18n.German, i18n.English} {
		i18n.Use(lang)
		for _, e := range []files.Entry{
			{State: files.OnlineOnly},
			{State: files.Offline},
			{State: files.Offline, PinnedHere: true},
			{State: files.Waiting},
			{State: files.Running, Progress: -1},
			{State: files.Running, Progress: 62},
			{State: files.Conflict},
			{State: files.Rejected},
		} {
			words := stateWords(e, nil)
			icon, tone := stateLook(e)
			if strings.Contains(words, "filesui.") || !theme.HasIcon(icon) || (tone == kit.ToneMuted) != (e.State == files.OnlineOnly) {
				t.Errorf("%+v: %q with %q", e.State, words, icon)
			}
			if other, twice := seen[words]; twice {
				t.Errorf("%s and %s are both called %q", other, e.State, words)
			}
			seen[words] = e.State
			if got := spoken(e, nil, time.Now()); !strings.Contains(got, words) {
				t.Errorf("spoken: %q", got)
			}
		}
	}
	i18n.Use(i18n.German)
}
