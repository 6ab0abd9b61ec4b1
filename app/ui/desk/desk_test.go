// SPDX-License-Identifier: EUPL-1.2

package desk

import (
	"image/png"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/ui"
	"kontor/app/ui/accountui"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
	"kontor/app/ui/uitest"
)

func prefsOf(t *testing.T, core *app.App) *prefs {
	t.Helper()
	return readPrefs(t.Context(), core.DB, slog.New(slog.DiscardHandler))
}

// TestShots draws every page from a synchronised demo account, small, and one of them with large text.
func TestShots(t *testing.T) {
	if dir := os.Getenv("KONTOR_PICTURES"); dir != "" {
		if err := Shots(t.Context(), Config{Core: uitest.NewTown(t).App, Lang: "de"}, dir); err != nil {
			t.Fatal(err)
		}
		return
	}
	dir := t.TempDir()
	var small []shot
	for _, s := range shots([]theme.Mode{theme.Dark}) {
		if s.width < 1200 || s.page == "tasks" && s.text > 1 {
			small = append(small, s)
		}
	}
	if len(small) != 9 {
		t.Fatalf("%d pictures of eight pages", len(small))
	}
	if err := drawAll(t.Context(), Config{Core: uitest.NewTown(t).App, Lang: "de"}, dir, small); err != nil {
		t.Fatal(err)
	}
	for _, s := range small {
		f, err := os.Open(filepath.Join(dir, s.name()))
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.DecodeConfig(f)
		if err != nil || img.Width < 1024 {
			t.Errorf("%s: %d wide, %v", s.name(), img.Width, err)
		}
		_ = f.Close()
	}
}

// TestALookChangesInPlace changes colours, text size and language while the settings are open.
func TestALookChangesInPlace(t *testing.T) {
	kit.Synchronous(true)
	defer kit.Synchronous(false)
	core := uitest.NewTown(t).App
	d := newDesk(t.Context(), test.NewTempApp(t), Config{Core: core, Lang: "de", Theme: "light"}, prefsOf(t, core))
	defer func() { d.leave() }()
	d.win.Resize(fyne.NewSize(1200, 800))
	for _, page := range []string{"heute", "mail", "files", "tasks", "sync", "options"} {
		d.shell.Show(page)
	}
	settings, ok := d.shell.Page("options").(*accountui.Page)
	if !ok {
		t.Fatal("no settings")
	}
	settings.ShowSection("look")
	d.changeLook("de", "dark", 1.5)
	if mode, size := theme.Current(); mode != theme.Dark || size != 1.5 || d.shell.Page("options") != ui.Page(settings) {
		t.Fatalf("%s at %v", mode, size)
	}
	d.changeLook("en", "dark", 1)
	if i18n.Current() != i18n.English || d.shell.Current() != "options" || !strings.HasPrefix(d.win.Title(), "Settings") {
		t.Fatalf("%s, on %q, titled %q", i18n.Current(), d.shell.Current(), d.win.Title())
	}
	if p, ok := d.shell.Page("options").(*accountui.Page); !ok || p == settings || p.Section() != "look" {
		t.Fatal("the place in the settings was lost")
	}
	again := prefsOf(t, core).look(Config{Core: core})
	if again.lang != i18n.English || again.theme != theme.Dark || again.text != 1 {
		t.Fatalf("stored %+v", again)
	}
	i18n.Use(i18n.German)
	theme.Apply(fyne.CurrentApp(), theme.Light, 1)
}
