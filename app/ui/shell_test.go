// SPDX-License-Identifier: EUPL-1.2

package ui

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/live"
	"kontor/app/ui/kit"
	"kontor/app/ui/kit/kittest"
	"kontor/storage"
	"kontor/sync/transport"
)

func press(s *Shell, name fyne.KeyName) { s.typed(&fyne.KeyEvent{Name: name}) }

// shortcut acts as if keys had been pressed together.
func shortcut(s *Shell, name fyne.KeyName, mod fyne.KeyModifier) {
	if do := s.bound[Action{Key: name, Mod: mod}.shortcut().ShortcutName()]; do != nil {
		do()
	}
}

func TestShellTellsPages(t *testing.T) {
	s, _, mail := testShell(t, fyne.NewSize(1440, 900))
	s.Show("mail")
	if mail.shown != 1 || s.Current() != "mail" {
		t.Fatalf("shown %d, current %q", mail.shown, s.Current())
	}
	s.Show("sync")
	if mail.hidden != 1 {
		t.Fatalf("hidden %d", mail.hidden)
	}
	kittest.Picture(t, s.win, "frame")
	s.Changed(live.Mail)
	s.Changed(live.Folders)
	if mail.topics != 0 {
		t.Fatal("a hidden page was told at once")
	}
	s.Show("mail")
	if !mail.topics.Has(live.Mail) || !mail.topics.Has(live.Folders) {
		t.Fatalf("told %b", mail.topics)
	}
	s.Open("mail", 42)
	if mail.opened != 42 {
		t.Fatalf("opened %d", mail.opened)
	}
	if s.Page("no such page") != nil || len(s.Made()) != 2 {
		t.Fatalf("%d pages were made", len(s.Made()))
	}
}

func TestShellListens(t *testing.T) {
	s, core, mail := testShell(t, fyne.NewSize(1024, 700))
	s.Show("mail")
	s.Listen()
	core.snap.Unread = 99
	s.Changes.Publish(live.Mail)
	s.Changes.Publish(live.Tasks)
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		done := make(chan bool, 1)
		fyne.DoAndWait(func() { done <- mail.told(live.Mail|live.Tasks) && s.Snapshot().Unread == 99 })
		if <-done {
			return
		}
	}
	t.Fatal("the page was not told of a change")
}

func TestShortcuts(t *testing.T) {
	s, core, mail := testShell(t, fyne.NewSize(1024, 700))
	shortcut(s, fyne.Key2, Ctrl)
	if s.Current() != "mail" {
		t.Fatalf("Ctrl+2 leads to %q", s.Current())
	}
	press(s, fyne.KeyF5)
	if core.last() != "sync" {
		t.Fatalf("F5: %q", core.last())
	}
	shortcut(s, fyne.KeyZ, Ctrl)
	if core.last() != "undo" || !strings.Contains(s.stage.ToastWords(), "Prüfbericht") {
		t.Fatalf("Ctrl+Z: %q, toast %q", core.last(), s.stage.ToastWords())
	}
	shortcut(s, fyne.KeyO, CtrlShift)
	if core.last() != "offline true" {
		t.Fatalf("Ctrl+Shift+O: %q", core.last())
	}
	mail.actions = []Action{{Title: "Antworten", Key: fyne.KeyR, Mod: Ctrl, Do: func() { core.note("reply") }}, {Key: fyne.KeyF8, Do: func() { core.note("file") }}}
	s.Show("sync")
	s.Show("mail")
	shortcut(s, fyne.KeyR, Ctrl)
	if core.last() != "reply" {
		t.Fatalf("a shortcut of the page: %q", core.last())
	}
	press(s, fyne.KeyF8)
	if core.last() != "file" {
		t.Fatalf("a plain key of the page: %q", core.last())
	}
	s.Show("sync")
	shortcut(s, fyne.KeyR, Ctrl)
	if core.last() != "file" {
		t.Fatal("a shortcut of a page that is hidden still works")
	}
	if got := (Action{Key: fyne.KeyP, Mod: CtrlShift}).Keys(); got != "Strg+Umschalt+P" {
		t.Fatalf("written as %q", got)
	}
}

// While the index is behind, the results say so, and are completed without moving the person's choice.
func TestSearchSaysThatItIsBehind(t *testing.T) {
	s, core, _ := testShell(t, fyne.NewSize(1440, 900))
	behind := 7
	s.Behind = func(context.Context) (int, error) { return behind, nil }
	s.Show("sync")
	hits := core.hits
	core.hits = hits[:2]
	s.SearchFor("Lindenstraße")
	rows := s.search.rows
	if last := rows[len(rows)-1]; !strings.Contains(last.note, "7") {
		t.Fatalf("it does not say that it is behind: %+v", last)
	}
	s.search.field.Entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	behind, core.hits = 0, hits
	s.search.ask(t.Context(), "Lindenstraße", true)
	if rows := s.search.rows; len(rows) != 6 || rows[5].Kind != "tasks" {
		t.Errorf("the results were not completed: %+v", rows)
	}
	if r, _ := s.search.list.Current(); r.ID != 12 {
		t.Errorf("the choice moved to %d", r.ID)
	}
	s.search.close()
	if core.hits = nil; s.search.isOpen() {
		t.Error("it is still open")
	}
}

func TestSearchOverEverything(t *testing.T) {
	s, core, mail := testShell(t, fyne.NewSize(1440, 900))
	s.Show("sync")
	shortcut(s, fyne.KeyK, Ctrl)
	entry := s.search.field.Entry
	if s.win.Canvas().Focused() != entry {
		t.Fatal("Ctrl+K does not lead to the field")
	}
	s.SearchFor("Lindenstraße")
	if core.last() != "search Lindenstraße" || !s.search.isOpen() {
		t.Fatalf("asked %q", core.last())
	}
	kittest.Picture(t, s.win, "search")
	if r, _ := s.search.list.Current(); r.ID != 11 {
		t.Fatalf("first is %d", r.ID)
	}
	for range 2 {
		entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	}
	if r, _ := s.search.list.Current(); r.Kind != "tasks" || r.ID != 13 {
		t.Fatalf("third is %s %d: headings must be skipped", r.Kind, r.ID)
	}
	for range 2 {
		entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyUp})
	}
	entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if s.Current() != "mail" || mail.opened != 11 || s.search.isOpen() {
		t.Fatalf("Enter leads to %q, %d", s.Current(), mail.opened)
	}
	core.hits = nil
	s.SearchFor("nichts davon")
	if len(s.search.rows) != 1 || s.search.rows[0].note == "" {
		t.Fatal("it does not say that nothing was found")
	}
	entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if s.search.isOpen() {
		t.Fatal("Escape leaves the results open")
	}
}

func TestPaletteRuns(t *testing.T) {
	s, core, _ := testShell(t, fyne.NewSize(1440, 900))
	s.Show("mail")
	shortcut(s, fyne.KeyP, CtrlShift)
	if s.stage.Floating() == nil {
		t.Fatal("nothing was opened")
	}
	kittest.Picture(t, s.win, "palette")
	entry, ok := s.win.Canvas().Focused().(*kit.Entry)
	if !ok {
		t.Fatalf("the keyboard is on %T", s.win.Canvas().Focused())
	}
	test.Type(entry, "abgleichen jetzt")
	entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if core.last() != "sync" || s.stage.Floating() != nil {
		t.Fatalf("did %q", core.last())
	}
	press(s, fyne.KeyF1)
	if s.stage.Floating() == nil {
		t.Fatal("F1 shows nothing")
	}
	press(s, fyne.KeyEscape)
	if s.stage.Floating() != nil {
		t.Fatal("Escape does not close")
	}
}

func TestErrorsAreShownInOnePlace(t *testing.T) {
	s, core, _ := testShell(t, fyne.NewSize(1024, 700))
	s.Show("mail")
	s.ShowError(nil)
	if s.stage.AlertTitle() != "" {
		t.Fatal("no error was shown")
	}
	core.fail = errors.Join(transport.ErrSignIn)
	s.Try(func(context.Context) error { return core.fail })
	title, _ := app.Explain(transport.ErrSignIn)
	if s.stage.AlertTitle() != title {
		t.Fatalf("alert %q", s.stage.AlertTitle())
	}
	kittest.Picture(t, s.win, "alert")
}

func TestPaneCycle(t *testing.T) {
	s, _, mail := testShell(t, fyne.NewSize(1024, 700))
	list := kit.NewEntry("")
	mail.panes, mail.content = []fyne.Focusable{list}, list
	s.Show("mail")
	press(s, fyne.KeyF6)
	if s.win.Canvas().Focused() != list {
		t.Fatalf("F6 leads to %T", s.win.Canvas().Focused())
	}
	press(s, fyne.KeyF6)
	if s.win.Canvas().Focused() != s.search.field.Entry {
		t.Fatalf("F6 leads to %T", s.win.Canvas().Focused())
	}
	press(s, fyne.KeyF6)
	if s.win.Canvas().Focused() == s.search.field.Entry {
		t.Fatal("F6 stays in the search field")
	}
}

func TestPillSaysWhy(t *testing.T) {
	i18n.Use(i18n.German)
	connected := []storage.Connection{{Protocol: "mail"}}
	cases := []struct {
		snap app.Snapshot
		want string
		tone kit.Tone
	}{
		{app.Snapshot{}, "Kein Konto", kit.ToneMuted},
		{app.Snapshot{Connections: connected}, "Verbunden · alles abgeglichen", kit.ToneAccent},
		{app.Snapshot{Connections: connected, Syncing: true}, "Wird abgeglichen …", kit.ToneAccent},
		{app.Snapshot{Connections: connected, Waiting: 1}, "Verbunden · 1 Änderung wartet", kit.ToneAccent},
		{app.Snapshot{Connections: connected, Conflicts: 2}, "Verbunden · 2 Entscheidungen nötig", kit.ToneWarn},
		{app.Snapshot{Offline: true, Cause: transport.CauseOffline, Waiting: 3}, "Offline · 3 Änderungen warten", kit.ToneWarn},
		{app.Snapshot{Offline: true, ByChoice: true, Cause: transport.CauseChoice}, "Offline gestellt", kit.ToneWarn},
		{app.Snapshot{Cause: transport.CauseSignIn}, "Anmeldung nötig", kit.ToneBad},
		{app.Snapshot{Cause: transport.CausePortal}, "WLAN-Anmeldung nötig", kit.ToneBad},
		{app.Snapshot{Cause: transport.CauseUnreachable}, "Server antwortet nicht", kit.ToneWarn},
	}
	for _, c := range cases {
		if got, tone := pillWords(c.snap); got != c.want || tone != c.tone {
			t.Errorf("got %q (%d), want %q (%d)", got, tone, c.want, c.tone)
		}
	}
	for _, cause := range []transport.Cause{
		transport.CauseOffline, transport.CauseUnreachable, transport.CauseSignIn, transport.CauseCertificate, transport.CauseNoTLS, transport.CauseHost,
		transport.CausePortal, transport.CauseServer, transport.CausePaused,
	} {
		if got, _ := pillWords(app.Snapshot{Cause: cause}); strings.HasPrefix(got, "ui.") {
			t.Errorf("no words for %s", cause)
		}
	}
}

func TestStatusBarTellsTheTruth(t *testing.T) {
	i18n.Use(i18n.English)
	defer i18n.Use(i18n.German)
	snap := app.Snapshot{Mails: 48213, Files: 1, OpenTasks: 86, Outbox: 2, Waiting: 3, Conflicts: 1, LastSync: noon.Add(-20 * time.Second)}
	if got := storedWords(snap); got != "48,213 mails, 1 file, 86 tasks available offline" {
		t.Errorf("stored: %q", got)
	}
	if got := outgoingWords(snap); got != "2 messages in the outbox · 1 change waits · 1 conflict" {
		t.Errorf("outgoing: %q", got)
	}
	for want, s := range map[string]app.Snapshot{
		"Synced just now": snap, "Never synced": {}, "Syncing …": {Syncing: true}, "Last synced 08:58": {LastSync: noon.Add(-64 * time.Minute)},
	} {
		if got := syncedWords(s, noon); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{"Lena Brandt": "LB", "lena.brandt@stadt.example": "LB", "Öztürk": "Ö", "": "", "Dr. Anna-Maria von Berg": "DB"} {
		if got := Initials(name); got != want {
			t.Errorf("%q: %q", name, got)
		}
	}
}
