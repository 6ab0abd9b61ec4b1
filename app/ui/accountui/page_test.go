// SPDX-License-Identifier: EUPL-1.2

package accountui

import (
	"context"
	"errors"
	"testing"

	"fyne.io/fyne/v2"

	"kontor/app"
	"kontor/app/demo"
	"kontor/app/i18n"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
	"kontor/app/ui/uitest"
	"kontor/storage"
)

// news is a change of the store that makes the page read again and find something new.
func (d *desk) news(cause string) {
	d.T.Helper()
	d.town.Write(func(ctx context.Context, tx *storage.Tx) error {
		return tx.SaveConnection(ctx, storage.Connection{AccountID: d.town.Account, Protocol: "files", Cause: cause})
	})
	d.Settle()
}

// TestTheResultsOfATestStay: a test is not forgotten because something was synchronised meanwhile.
func TestTheResultsOfATestStay(t *testing.T) {
	d := options(t)
	d.MustSay("Lena Brandt", "Mail empfangen: nicht eingerichtet")
	d.Click("Verbindung prüfen")
	d.MustSay("funktioniert")
	d.news("offline")
	d.MustSay("funktioniert")
	d.town.World.SetFaults(demo.Tasks, demo.Faults{Status: 503})
	d.Click("Verbindung prüfen")
	d.MustSay("geht nicht", "funktioniert")
	d.core.Fail("Test", errDisk)
	d.Click("Verbindung prüfen")
	if errs := d.TakeErrors(); len(errs) != 1 || d.Button("Verbindung prüfen").Disabled() {
		t.Fatalf("shown %v", errs)
	}
}

func TestAnAccountIsChanged(t *testing.T) {
	d := options(t)
	d.Click("Ändern")
	form, ok := d.Focused().(*kit.Entry)
	if !ok || form.Text != lena {
		t.Fatal("the form does not hold the account")
	}
	d.Fill("Ihr Name (erscheint als Absender)", "Lena B. Brandt")
	d.news("offline")
	d.section("Darstellung")
	d.section("Konten")
	if got := d.Field("Ihr Name (erscheint als Absender)").Text; got != "Lena B. Brandt" {
		t.Fatalf("news or a look elsewhere threw away what was typed: %q", got)
	}
	d.Fill("Passwort", d.town.World.Password())
	d.Click("Weiter")
	if all := d.accounts(); all[0].DisplayName != "Lena B. Brandt" || d.LastToast().Words != "Das Konto ist gespeichert." || d.added != 0 {
		t.Fatalf("%+v, said %q", all[0], d.LastToast().Words)
	}
	d.MustSay("Lena B. Brandt", "Konto hinzufügen")
}

// TestBackEndsWhatIsUnderWay: who goes back while servers are asked stores nothing.
func TestBackEndsWhatIsUnderWay(t *testing.T) {
	d := options(t)
	d.Click("Konto hinzufügen")
	d.Fill("E-Mail-Adresse", "jonas.weber@stadt.example")
	d.Fill("Passwort", d.town.World.Password())
	d.Loop.Hold()
	d.Click("Weiter")
	d.Click("Zurück")
	d.Loop.Release()
	d.Settle()
	if len(d.accounts()) != 1 || d.added != 0 || len(d.Toasts) != 0 {
		t.Fatalf("%d accounts, said %+v", len(d.accounts()), d.Toasts)
	}
	d.MustSay("Konto hinzufügen")
}

func TestASecondAccount(t *testing.T) {
	d := options(t)
	d.Click("Konto hinzufügen")
	d.Fill("E-Mail-Adresse", "jonas.weber@stadt.example")
	d.Fill("Passwort", d.town.World.Password())
	d.core.found = d.town.World.Draft("weber")
	d.Click("Weiter")
	if all := d.accounts(); len(all) != 2 || all[1].User != "weber" || d.added != 1 {
		t.Fatalf("%+v", all)
	}
	d.MustSay("jonas.weber@stadt.example", lena)
}

func TestAnAccountIsRemoved(t *testing.T) {
	d := options(t)
	d.core.Fail("Remove", errDisk)
	d.Click("Entfernen")
	if errs := d.TakeErrors(); len(errs) != 1 || len(d.accounts()) != 1 {
		t.Fatalf("shown %v", errs)
	}
	d.core.Fail("Remove", nil)
	d.Click("Entfernen")
	if len(d.accounts()) != 0 || len(d.asked) != 2 || d.asked[0] != "Konto Lena Brandt entfernen?" {
		t.Fatalf("asked %q", d.asked)
	}
	d.MustSay("Es ist noch kein Konto eingerichtet.")
	if _, err := d.town.Accounts.Secret(ctx, d.town.Account); err == nil {
		t.Fatal("the password is still there")
	}
}

// TestLookByKeyboard: each choice takes effect at once, and the arrow keys go on from there.
func TestLookByKeyboard(t *testing.T) {
	d := options(t)
	d.section("Darstellung")
	d.choose("Schriftgröße", fyne.KeyRight, fyne.KeyRight)
	d.choose("Farben", fyne.KeyRight)
	d.choose("Sprache", fyne.KeyRight)
	want := []Look{{Language: "de", Theme: "light", TextSize: 1.15}, {Language: "de", Theme: "light", TextSize: 1.3}, {Language: "de", Theme: "dark", TextSize: 1.3}, {Language: "en", Theme: "dark", TextSize: 1.3}}
	if len(d.looks) != len(want) {
		t.Fatalf("%+v", d.looks)
	}
	for i, l := range d.looks {
		if l.Language != want[i].Language || l.Theme != want[i].Theme || l.TextSize != want[i].TextSize {
			t.Errorf("%+v", l)
		}
	}
}

// TestSyncByKeyboard: the section is made anew after each change, but the keyboard stays where it is.
func TestSyncByKeyboard(t *testing.T) {
	d := options(t)
	d.section("Abgleich")
	d.choose("Senden zurückholen", fyne.KeyRight, fyne.KeyRight)
	if got, err := d.town.DB.Setting(ctx, app.UndoSetting, ""); err != nil || got != "60" {
		t.Fatalf("stored %q: the second key was lost (%v)", got, err)
	}
	d.choose("Verbindung", fyne.KeyRight)
	if snap, err := d.town.Status.Snapshot(ctx); err != nil || !snap.ByChoice {
		t.Fatalf("%+v, %v", snap, err)
	}
	if d.segments("Verbindung").Chosen() != "offline" {
		t.Fatal("the page shows something else")
	}
	d.Key(fyne.KeyLeft)
	if snap, _ := d.town.Status.Snapshot(ctx); snap.ByChoice {
		t.Fatal("not connected again")
	}
	d.core.Fail("SetOffline", errDisk)
	d.choose("Verbindung", fyne.KeyRight)
	if errs := d.TakeErrors(); len(errs) != 1 || !errors.Is(errs[0], errDisk) || d.segments("Verbindung").Chosen() != "online" {
		t.Fatalf("shown %v; the choice says %q, which is not so", errs, d.segments("Verbindung").Chosen())
	}
}

func TestErrorsOfReadingAreShown(t *testing.T) {
	d := options(t)
	for _, method := range []string{"List", "Snapshot", "Get"} {
		d.core.Fail(method, errDisk)
		d.news(method)
		if errs := d.TakeErrors(); len(errs) == 0 {
			t.Errorf("%s: nothing is shown", method)
		}
		d.MustSay("Lena Brandt")
		d.core.Fail(method, nil)
	}
	d.section("Über Kontor")
	d.MustSay("0.1.0", "EUPL-1.2")
	d.page.Hidden()
	if len(d.page.Panes()) != 1 || d.page.Actions() != nil || d.page.Section() != secAbout {
		t.Fatal("panes and actions")
	}
}

// TestEverythingFits looks at each section, the form and the first steps, in both languages and all sizes.
func TestEverythingFits(t *testing.T) {
	d := options(t)
	d.town.World.SetAllFaults(demo.Faults{Status: 503})
	d.EachSize(d.build, func(fits func(string)) {
		for _, section := range []string{secAccounts, secLook, secSync, secAbout} {
			d.page.ShowSection(section)
			fits(section)
		}
		d.page.ShowSection(secAccounts)
		d.Click(i18n.T("accountui.test"))
		fits("results")
		d.Click(i18n.T("accountui.change"))
		fits("form")
		d.welcome()
		fits("welcome")
	})
}

func TestNoOtherLanguageIsLeft(t *testing.T) {
	d := options(t)
	i18n.Use(i18n.English)
	d.build()
	d.MustSay("Accounts", "Add account")
	d.MustNotSay("Konten", "Konto hinzufügen", "Entfernen")
	d.page.ShowSection(secSync)
	d.MustNotSay("Verbindung", "Abgleich")
	d.welcome()
	d.MustNotSay("Willkommen", "Weiter", "Passwort")
}

func TestPictures(t *testing.T) {
	uitest.ForPictures(t)
	d := options(t)
	d.Click("Verbindung prüfen")
	d.Picture("options-accounts")
	d.page.ShowSection(secLook)
	d.Resize(948, 620)
	d.Look(theme.Dark, 1)
	d.Picture("options-look-dark-small")
	d.Resize(872, 540)
	d.Look(theme.Light, 2)
	d.Picture("options-look-large-small")
	d.Resize(1364, 820)
	d.Look(theme.Light, 1)
	d.welcome()
	d.Fill("E-Mail-Adresse", lena)
	d.Fill("Passwort", "falsch")
	d.Click("Weiter")
	d.Picture("welcome-wrong")
}
