// SPDX-License-Identifier: EUPL-1.2

package desk

import (
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	fynestorage "fyne.io/fyne/v2/storage"

	"kontor/app"
	"kontor/app/files"
	"kontor/app/ui/filesui"
	"kontor/app/ui/uitest"
)

// TestHowFilesAreSortedIsKept between starts; what nobody could have chosen is not taken.
func TestHowFilesAreSortedIsKept(t *testing.T) {
	town := uitest.NewTown(t, "files")
	d, _ := deskOn(t, town)
	for _, l := range []filesui.Left{{By: files.ByChanged, Descending: true}, {By: files.BySize}, {By: files.ByState, Descending: true}} {
		d.prefs.leaveFiles(l)
		if got := prefsOf(t, town.App).filesLeft(); got != l {
			t.Errorf("%+v became %+v", l, got)
		}
	}
	d.prefs.put(settingFiles, "colour down")
	if got := prefsOf(t, town.App).filesLeft(); got != (filesui.Left{By: files.ByName}) {
		t.Errorf("%+v", got)
	}
}

// TestDroppedFiles go to the page of files if that is shown, and nowhere else.
func TestDroppedFiles(t *testing.T) {
	town := uitest.NewTown(t, "files")
	d, _ := deskOn(t, town)
	local := filepath.Join(t.TempDir(), "Skizze.txt")
	town.Must(os.WriteFile(local, []byte("x"), 0o600))
	page, err := fynestorage.ParseURI("https://example.org/x")
	town.Must(err)
	uris := []fyne.URI{page, fynestorage.NewFileURI(local)}
	there := func() bool {
		_, err := town.Files.ByPath(t.Context(), town.Account, "Skizze.txt")
		return err == nil
	}
	d.shell.Show("mail")
	d.dropped(fyne.NewPos(600, 800), uris)
	if there() {
		t.Fatal("dropped onto another page")
	}
	d.shell.Show("files")
	d.dropped(fyne.NewPos(600, 800), uris)
	if !there() {
		t.Fatal("not taken")
	}
}

// TestFromTheConflictToBothVersions leads from the page of what travels to the comparison.
func TestFromTheConflictToBothVersions(t *testing.T) {
	town := uitest.NewTown(t, "files")
	d, _ := deskOn(t, town)
	const path = "Persönlich/Notizen.txt"
	e, err := town.Files.ByPath(t.Context(), town.Account, path)
	town.Must(err)
	town.Must(town.Files.Get(t.Context(), e.ID))
	town.SyncAll()
	e, err = town.Files.Entry(t.Context(), e.ID)
	town.Must(err)
	town.Must(os.WriteFile(e.LocalPath, []byte("meine"), 0o600))
	town.World.Users()[0].PutFile(path, []byte("deren"))
	for range 2 {
		_, _ = town.Sync(t.Context(), app.SyncOptions{})
	}
	all, err := town.Journal.Conflicts(t.Context())
	if err != nil || len(all) != 1 {
		t.Fatalf("%+v, %v", all, err)
	}
	d.shell.Show("sync")
	d.compare(d.shell, all[0].ID)
	p, ok := d.shell.Page("files").(*filesui.Page)
	if !ok || d.shell.Current() != "files" || !p.Deciding() {
		t.Fatalf("on %q", d.shell.Current())
	}
}
