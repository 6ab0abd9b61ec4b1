// SPDX-License-Identifier: EUPL-1.2

package accountui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"kontor/app"
	"kontor/app/accounts"
	"kontor/app/i18n"
	"kontor/app/live"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
	"kontor/storage"
	"kontor/sync/transport"
)

// core stands in for the accounts service and the settings.
type core struct {
	all      []storage.Account
	found    accounts.Found
	foundErr error
	checks   []accounts.Check
	did      []string
	settings map[string]string
	snap     app.Snapshot
}

func (c *core) note(format string, args ...any) { c.did = append(c.did, fmt.Sprintf(format, args...)) }

func (c *core) last() string {
	if len(c.did) == 0 {
		return ""
	}
	return c.did[len(c.did)-1]
}

func (c *core) List(context.Context) ([]storage.Account, error) { return c.all, nil }

func (c *core) Add(_ context.Context, d accounts.Draft, password string) (int64, error) {
	c.note("add %s %s %s", d.Email, d.IMAPURL, password)
	c.all = append(c.all, storage.Account{ID: 2, Name: d.Name, Email: d.Email})
	return 2, nil
}

func (c *core) Save(_ context.Context, id int64, d accounts.Draft, password string) error {
	c.note("save %d %s %q", id, d.DisplayName, password)
	return nil
}

func (c *core) Test(context.Context, int64) ([]accounts.Check, error) { return c.checks, nil }

func (c *core) TestDraft(_ context.Context, d accounts.Draft, _ string) ([]accounts.Check, error) {
	c.note("test %s", d.IMAPURL)
	return c.checks, nil
}

func (c *core) Discover(_ context.Context, email string) (accounts.Found, error) {
	c.note("discover %s", email)
	return c.found, c.foundErr
}

func (c *core) Remove(_ context.Context, id int64) (app.Removed, error) {
	c.note("remove %d", id)
	c.all = nil
	return app.Removed{Name: "Amt"}, nil
}

func (c *core) Get(_ context.Context, key, fallback string) (string, error) {
	if v, ok := c.settings[key]; ok {
		return v, nil
	}
	return fallback, nil
}

func (c *core) Set(_ context.Context, key, value string) error {
	c.settings[key] = value
	c.note("set %s %s", key, value)
	return nil
}

func config(t *testing.T, c *core) Config {
	t.Helper()
	c.settings = map[string]string{}
	return Config{
		Accounts: c, Settings: c, Snapshot: func(context.Context) (app.Snapshot, error) { return c.snap, nil },
		SetOffline: func(_ context.Context, on bool) error { c.note("offline %v", on); c.snap.ByChoice = on; return nil },
		Look:       Look{Language: "de", Theme: "light", TextSize: 1, Change: func(l, th string, size float32) { c.note("look %s %s %.2f", l, th, size) }},
		ShowError:  func(err error) { c.note("error %v", err) }, Toast: func(words, _ string, _ func()) { c.note("toast %s", words) },
		Added: func() { c.note("added") }, Demo: func() error { c.note("demo"); return nil },
		Confirm: func(_, _, _ string, do func()) { c.note("confirm"); do() }, Version: "0.1.0",
	}
}

func window(t *testing.T, content func() fyne.CanvasObject) fyne.Window {
	t.Helper()
	a := test.NewTempApp(t)
	theme.Apply(a, theme.Light, 1)
	i18n.Use(i18n.German)
	kit.Synchronous(true)
	t.Cleanup(func() { kit.Synchronous(false) })
	win := a.NewWindow("")
	win.SetPadded(false)
	win.SetContent(kit.NewStage(content()))
	win.Resize(fyne.NewSize(1200, 800))
	return win
}

// find gives the button with these words.
func find(o fyne.CanvasObject, words string) *kit.Button {
	var children []fyne.CanvasObject
	switch o := o.(type) {
	case *kit.Button:
		if o.AccessibilityLabel() == words && o.Visible() {
			return o
		}
	case *fyne.Container:
		children = o.Objects
	case fyne.Widget:
		children = test.WidgetRenderer(o).Objects()
	}
	for _, c := range children {
		if b := find(c, words); b != nil {
			return b
		}
	}
	return nil
}

func press(t *testing.T, in fyne.CanvasObject, words string) {
	t.Helper()
	b := find(in, words)
	if b == nil {
		t.Fatalf("no button %q", words)
	}
	test.Tap(b)
}

var good = []accounts.Check{{Protocol: "mail", Server: "imaps://imap.stadt.example:993", OK: true}}

func wizard(t *testing.T, c *core) *Wizard {
	t.Helper()
	cfg := config(t, c)
	var w *Wizard
	window(t, func() fyne.CanvasObject {
		w = NewWizard(t.Context(), cfg)
		return w.Content()
	})
	w.Shown()
	return w
}

func TestWizardNeedsAddressAndPassword(t *testing.T) {
	c := &core{checks: good, found: accounts.Found{Draft: accounts.Draft{IMAPURL: "imaps://imap.stadt.example:993", SMTPURL: "smtps://smtp.stadt.example:465"}}}
	w := wizard(t, c)
	test.Type(w.form.email, "lena.brandt@stadt.example")
	test.Type(w.form.password, "geheim")
	press(t, w.Content(), "Weiter")
	want := "discover lena.brandt@stadt.example|test imaps://imap.stadt.example:993|add lena.brandt@stadt.example imaps://imap.stadt.example:993 geheim|added"
	if got := strings.Join(c.did, "|"); got != want {
		t.Fatalf("did %s", got)
	}
	if len(w.form.checks.Objects) != 1 {
		t.Fatalf("%d lines of the check list", len(w.form.checks.Objects))
	}
}

func TestWizardAsksForServersItCannotFind(t *testing.T) {
	c := &core{foundErr: accounts.ErrNothingFound, checks: []accounts.Check{{Protocol: "mail", Server: "imaps://x:993", Cause: transport.CauseSignIn, Detail: "NO"}}}
	w := wizard(t, c)
	test.Type(w.form.email, "lena.brandt@stadt.example")
	if w.form.servers.Visible() {
		t.Fatal("servers are asked for too early")
	}
	press(t, w.Content(), "Weiter")
	if !w.form.servers.Visible() || !strings.Contains(w.form.status.Words(), "keine Server") {
		t.Fatalf("said %q", w.form.status.Words())
	}
	test.Type(w.form.imap, "imaps://imap.stadt.example:993")
	press(t, w.Content(), "Weiter")
	if !w.form.anyway.Visible() || strings.Contains(strings.Join(c.did, "|"), "add") {
		t.Fatalf("a failed test must not store anything: %v", c.did)
	}
	press(t, w.Content(), "Trotzdem speichern")
	if c.last() != "added" {
		t.Fatalf("did %v", c.did)
	}
}

func TestWizardOpensTheDemo(t *testing.T) {
	c := &core{}
	w := wizard(t, c)
	test.Tap(w.demo)
	if strings.Join(c.did, "|") != "demo|added" {
		t.Fatalf("did %v", c.did)
	}
	w.Hidden()
	w.Refresh(live.All)
	if len(w.Panes()) != 1 || w.Actions() != nil {
		t.Fatal("panes and actions")
	}
}

func TestWizardRefusesNonsense(t *testing.T) {
	c := &core{found: accounts.Found{Draft: accounts.Draft{IMAPURL: "ftp://x"}}}
	w := wizard(t, c)
	test.Type(w.form.email, "lena.brandt@stadt.example")
	press(t, w.Content(), "Weiter")
	if !strings.HasPrefix(c.last(), "error") {
		t.Fatalf("did %v", c.did)
	}
}

func page(t *testing.T, c *core) *Page {
	t.Helper()
	cfg := config(t, c)
	var p *Page
	window(t, func() fyne.CanvasObject {
		p = New(t.Context(), cfg)
		return p.Content()
	})
	p.Shown()
	return p
}

func sample() *core {
	return &core{
		all:    []storage.Account{{ID: 1, Name: "Amt", Email: "lena.brandt@stadt.example", DisplayName: "Lena Brandt", IMAPURL: "imaps://imap:993", FilesURL: "https://x"}},
		checks: good, snap: app.Snapshot{Connections: []storage.Connection{{AccountID: 1, Protocol: "files", Cause: "offline"}, {AccountID: 1, Protocol: "mail"}}},
	}
}

func TestAccountsAreTestedChangedAndRemoved(t *testing.T) {
	c := sample()
	p := page(t, c)
	press(t, p.Content(), "Verbindung prüfen")
	press(t, p.Content(), "Ändern")
	windows := fyne.CurrentApp().Driver().AllWindows()
	form, ok := windows[len(windows)-1].Canvas().Focused().(*kit.Entry)
	if !ok || form.Text != "lena.brandt@stadt.example" {
		t.Fatal("the form does not hold the account")
	}
	p.Refresh(live.Accounts)
	if find(p.Content(), "Weiter") == nil {
		t.Fatal("a refresh threw the form away")
	}
	press(t, p.Content(), "Weiter")
	if !strings.Contains(strings.Join(c.did, "|"), `save 1 Lena Brandt ""`) {
		t.Fatalf("did %v", c.did)
	}
	press(t, p.Content(), "Entfernen")
	p.Refresh(live.Accounts)
	if find(p.Content(), "Entfernen") != nil || !strings.Contains(strings.Join(c.did, "|"), "confirm|remove 1") {
		t.Fatalf("did %v", c.did)
	}
	press(t, p.Content(), "Konto hinzufügen")
	press(t, p.Content(), "Zurück")
	if find(p.Content(), "Konto hinzufügen") == nil {
		t.Fatal("there is no way back")
	}
}

// choose acts as if an option had been clicked.
func choose(t *testing.T, in fyne.CanvasObject, label, id string) {
	t.Helper()
	var visit func(o fyne.CanvasObject) bool
	visit = func(o fyne.CanvasObject) bool {
		var children []fyne.CanvasObject
		switch o := o.(type) {
		case *kit.Segments:
			if strings.HasPrefix(o.AccessibilityLabel(), label+":") {
				o.OnChange(id)
				return true
			}
		case *fyne.Container:
			children = o.Objects
		case fyne.Widget:
			children = test.WidgetRenderer(o).Objects()
		}
		for _, c := range children {
			if visit(c) {
				return true
			}
		}
		return false
	}
	if !visit(in) {
		t.Fatalf("no choice %q", label)
	}
}

func TestSettingsTakeEffectAtOnce(t *testing.T) {
	c := sample()
	p := page(t, c)
	p.choose(secLook)
	choose(t, p.Content(), "Farben", "dark")
	choose(t, p.Content(), "Schriftgröße", "150")
	choose(t, p.Content(), "Sprache", "en")
	if strings.Join(c.did, "|") != "look de dark 1.00|look de dark 1.50|look en dark 1.50" {
		t.Fatalf("did %v", c.did)
	}
	p.choose(secSync)
	choose(t, p.Content(), "Verbindung", "offline")
	choose(t, p.Content(), "Senden zurückholen", "30")
	if c.last() != "set "+app.UndoSetting+" 30" || !c.snap.ByChoice {
		t.Fatalf("did %v", c.did)
	}
	p.choose(secAbout)
	p.Hidden()
	if len(p.Panes()) != 1 || p.Actions() != nil {
		t.Fatal("panes and actions")
	}
}

func TestErrorsAreShown(t *testing.T) {
	c := sample()
	p := page(t, c)
	p.cfg.Snapshot = func(context.Context) (app.Snapshot, error) { return app.Snapshot{}, errors.New("disk") }
	p.Refresh(live.Status)
	if c.last() != "error disk" {
		t.Fatalf("did %v", c.did)
	}
}
