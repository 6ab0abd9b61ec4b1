// SPDX-License-Identifier: EUPL-1.2

package filesui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

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
	d.Resize(1364, 820)
	d.Look(theme.Light, 1)
	d.crowd()
	d.Picture("files-crowd")
	d.enter(site)
	d.SelectAll()
	d.Picture("files-many")
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
