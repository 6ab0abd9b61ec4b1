// SPDX-License-Identifier: EUPL-1.2

package desk

import (
	"context"
	"errors"
	"fmt"
	"path"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"kontor/app/i18n"
	"kontor/app/mail"
	"kontor/app/ui/kit"
	"kontor/app/ui/mailui"
	"kontor/app/ui/theme"
	"kontor/app/ui/uitest"
	"kontor/storage"
)

// store sets settings as an older or broken program may have left them.
func store(t *testing.T, town *uitest.Town, values map[string]string) {
	t.Helper()
	town.Write(func(ctx context.Context, tx *storage.Tx) error {
		var err error
		for key, value := range values {
			err = errors.Join(err, tx.SetSetting(ctx, key, value))
		}
		return err
	})
}

func TestDamagedSettingsDoNoHarm(t *testing.T) {
	town := uitest.NewCore(t)
	for value, want := range map[string]fyne.Size{
		"": {Width: 1280, Height: 800}, "900x700": {Width: 900, Height: 700}, "900": {Width: 1280, Height: 800}, "10x10": {Width: 1280, Height: 800},
		"-900x-700": {Width: 1280, Height: 800}, "1e9x1e9": {Width: 1280, Height: 800}, "NaNxNaN": {Width: 1280, Height: 800}, "xxx": {Width: 1280, Height: 800},
	} {
		store(t, town, map[string]string{settingSize: value})
		if got := prefsOf(t, town.App).windowSize(); got != want {
			t.Errorf("window %q: %v", value, got)
		}
	}
	for value, want := range map[string]int{"": 0, "220 0 330": 3, "x": 0, "220 -5": 0, "1e30": 0, "NaN 5": 0} {
		store(t, town, map[string]string{settingPanes + "files": value})
		if got := prefsOf(t, town.App).widths("files"); len(got) != want {
			t.Errorf("panes %q: %v", value, got)
		}
	}
	for _, c := range []struct {
		stored, call string
		want         theme.Mode
	}{{"", "", theme.System}, {"dark", "", theme.Dark}, {"dark", "light", theme.Light}} {
		store(t, town, map[string]string{settingTheme: c.stored, settingText: "viel", settingLanguage: "en"})
		l := prefsOf(t, town.App).look(Config{Theme: c.call})
		if l.theme != c.want || l.text != 1 || l.lang != i18n.English {
			t.Errorf("%+v: %+v", c, l)
		}
	}
	if l := prefsOf(t, town.App).look(Config{Lang: "de"}); l.lang != i18n.German {
		t.Errorf("what the call says comes first: %+v", l)
	}
}

// TestChoicesSurviveARestart moves lines and switches threads, and opens the window again.
func TestChoicesSurviveARestart(t *testing.T) {
	town := uitest.NewTown(t)
	d, _ := deskOn(t, town)
	moved := map[string]string{}
	for _, room := range []string{"heute", "files", "tasks", "options", "sync"} {
		d.shell.Show(room)
		split := splitOf(d.shell.Page(room).Content())
		if split == nil {
			t.Fatalf("%s has no panes", room)
		}
		for range 3 {
			d.win.Canvas().FocusNext()
		}
		split.OnMoved(widths(split))
		d.shell.Show(room)
		split.SetWidths([]float32{311, 313, 317})
		split.OnMoved(widths(split))
		moved[room] = fmt.Sprint(widths(split))
	}
	d.prefs.leaveMail(mailui.Left{Nav: 301, List: 402, Flat: true})
	d.leave()
	again, _ := deskOn(t, town)
	for room, want := range moved {
		again.shell.Show(room)
		if got := fmt.Sprint(widths(splitOf(again.shell.Page(room).Content()))); got != want {
			t.Errorf("%s: %s became %s", room, want, got)
		}
	}
	if l := again.prefs.mailLeft(); !l.Flat || l.Nav != 301 || l.List != 402 {
		t.Errorf("mail: %+v", l)
	}
	again.shell.Show("mail")
	again.prefs.leaveMail(mailui.Left{Nav: 301, List: 402})
	if prefsOf(t, town.App).mailLeft().Flat {
		t.Error("switching it back was not stored")
	}
}

// splitOf finds the panes of a page.
func splitOf(o fyne.CanvasObject) *kit.Split {
	switch o := o.(type) {
	case *kit.Split:
		return o
	case *fyne.Container:
		for _, inner := range o.Objects {
			if s := splitOf(inner); s != nil {
				return s
			}
		}
	}
	return nil
}

// widths are the widths of the panes as the page would be told.
func widths(s *kit.Split) (all []float32) {
	was := s.OnMoved
	s.OnMoved = func(w []float32) { all = w }
	for _, o := range test.WidgetRenderer(s).Objects() {
		if line, ok := o.(fyne.Draggable); ok {
			line.DragEnd()
			break
		}
	}
	s.OnMoved = was
	return all
}

// TestAChoiceIsKeptEvenIfItCannotBeStored, and is not stored twice.
func TestAChoiceIsKeptEvenIfItCannotBeStored(t *testing.T) {
	town := uitest.NewCore(t)
	kit.Synchronous(true)
	defer kit.Synchronous(false)
	p := prefsOf(t, town.App)
	p.put("ui.test", "eins")
	if got, err := town.DB.Setting(t.Context(), "ui.test", ""); err != nil || got != "eins" {
		t.Fatalf("%q, %v", got, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	p.ctx = ended
	p.put("ui.test", "zwei")
	if got, err := town.DB.Setting(t.Context(), "ui.test", ""); err != nil || got != "eins" || p.get("ui.test", "") != "zwei" {
		t.Fatalf("%q, %v, kept %q", got, err, p.get("ui.test", ""))
	}
	if got := readPrefs(ended, town.DB, Config{}.filled().Log).get(settingTheme, "fallback"); got != "fallback" {
		t.Errorf("from a store that cannot be read: %q", got)
	}
}

// TestWhereTheWindowBegins: what was asked for, the first steps, today without a connection, else mail.
func TestWhereTheWindowBegins(t *testing.T) {
	town := uitest.NewTown(t, "mail")
	account := []storage.Account{{ID: town.Account, Email: "lena@stadt.example"}}
	for _, c := range []struct {
		page  string
		start start
		want  string
	}{
		{"", start{accounts: account}, "mail"},
		{"", start{accounts: account, offline: true}, "heute"},
		{"tasks", start{accounts: account, offline: true}, "tasks"},
		{"", start{}, "welcome"},
		{"sync", start{}, "welcome"},
		{"no such page", start{accounts: account}, "heute"},
	} {
		d, _ := deskOn(t, town)
		d.Page = c.page
		d.begin(c.start)
		if d.shell.Current() != c.want {
			t.Errorf("%+v begins with %q, not %q", c, d.shell.Current(), c.want)
		}
		d.leave()
	}
	s := readStart(t.Context(), town.App, Config{}.filled().Log)
	if len(s.accounts) != 1 || s.prefs == nil {
		t.Errorf("%+v", s)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if s := readStart(ended, town.App, Config{}.filled().Log); len(s.accounts) == 0 {
		t.Error("a store that cannot be read looks like one without an account")
	}
}

// TestClosingKeepsEverything closes the window while a message is being written.
func TestClosingKeepsEverything(t *testing.T) {
	town := uitest.NewTown(t, "mail")
	d, _ := deskOn(t, town)
	quit := 0
	d.quit = func() { quit++ }
	d.shell.Show("mail")
	before, err := town.Mail.Count(t.Context(), mail.Query{Role: mail.RoleDrafts})
	if err != nil {
		t.Fatal(err)
	}
	d.write("mailto:bauamt@stadt.example?subject=Halb%20fertig")
	typeInto(t, "Noch etwas")
	d.win.Resize(fyne.NewSize(1111, 777))
	d.close()
	after, err := town.Mail.Count(t.Context(), mail.Query{Role: mail.RoleDrafts})
	if err != nil || after != before+1 || quit != 1 {
		t.Errorf("%d drafts became %d, quit %d times, %v", before, after, quit, err)
	}
	if got := prefsOf(t, town.App).windowSize(); got.Width != 1111 || got.Height != 777 {
		t.Errorf("the size is %v", got)
	}
}

func TestOnlyAMissingDisplayIsAnError(t *testing.T) {
	for _, words := range []string{"glfw: APIUnavailable: X11", "no OpenGL context", "cannot open DISPLAY"} {
		if err := noWindow(words); !errors.Is(err, ErrNoWindow) {
			t.Errorf("%q: %v", words, err)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a mistake in the program was hidden")
		}
	}()
	_ = noWindow("index out of range") //nolint:errcheck // it panics
}

// TestConfirmAsksFirst does nothing unless a person says yes.
func TestConfirmAsksFirst(t *testing.T) {
	d, _ := deskOn(t, uitest.NewCore(t))
	did := 0
	for _, answer := range []string{i18n.T("ui.cancel"), "Entfernen"} {
		d.confirm("Konto entfernen?", "Das lässt sich nicht rückgängig machen.", "Entfernen", func() { did++ })
		top := d.win.Canvas().Overlays().Top()
		if top == nil {
			t.Fatal("nobody was asked")
		}
		pressed := false
		for _, o := range test.LaidOutObjects(top) {
			if b, ok := o.(*widget.Button); ok && b.Text == answer {
				test.Tap(b)
				pressed = true
			}
		}
		if !pressed {
			t.Fatalf("no button %q", answer)
		}
	}
	if did != 1 {
		t.Errorf("done %d times", did)
	}
}

// TestSearchSpeaksGerman: folders are named as the person knows them.
func TestSearchSpeaksGerman(t *testing.T) {
	town := uitest.NewTown(t)
	d, _ := deskOn(t, town)
	hits, err := d.search(t.Context(), "Lindenstraße", 20)
	if err != nil || len(hits) == 0 {
		t.Fatal(hits, err)
	}
	kinds := map[string]bool{}
	for _, h := range hits {
		kinds[h.Kind] = true
		if h.Where == "INBOX" || h.Title == "" || h.ID == 0 || h.Dir != (h.Kind == "files" && path.Ext(h.Title) == "") {
			t.Errorf("%+v", h)
		}
	}
	if !kinds["mail"] || !kinds["files"] {
		t.Errorf("found %v", kinds)
	}
	if _, err := d.search(t.Context(), "von:(", 5); err != nil {
		t.Errorf("odd words: %v", err)
	}
	for want, a := range map[string]storage.Account{"Lena Brandt": {DisplayName: "Lena Brandt", Email: "l@x"}, "l@x": {Email: "l@x"}} {
		if got := personOf(a); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
	s := settings{town.DB}
	if err := s.Set(t.Context(), "ui.x", "1"); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Get(t.Context(), "ui.x", ""); err != nil || got != "1" {
		t.Errorf("%q, %v", got, err)
	}
	if id, ok := d.taskAccount(); !ok || id != town.Account {
		t.Errorf("new lists go to %d, %v", id, ok)
	}
}
