// SPDX-License-Identifier: EUPL-1.2

package accountui

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"kontor/app/accounts"
	"kontor/app/live"
	"kontor/sync/servertest"
)

const lena = "lena.brandt@stadt.example"

var errDisk = errors.New("disk full")

// TestTwoFieldsAndAKey is the whole first run of somebody whose servers can be found: address, password, Enter.
func TestTwoFieldsAndAKey(t *testing.T) {
	d := welcome(t)
	if d.Focused() != fyne.Focusable(d.wizard.form.email) {
		t.Fatal("the keyboard is not in the first field")
	}
	d.Type(lena)
	d.Key(fyne.KeyTab)
	d.Type(d.town.World.Password())
	d.Key(fyne.KeyReturn)
	all := d.accounts()
	if len(all) != 1 || all[0].IMAPURL != d.town.World.IMAPURL() || d.added != 1 {
		t.Fatalf("%+v, told %d times", all, d.added)
	}
	if secret, err := d.town.Accounts.Secret(ctx, all[0].ID); err != nil || secret != d.town.World.Password() {
		t.Fatalf("the password: %v", err)
	}
	d.MustSay("Das Konto ist gespeichert.", "funktioniert", "Mail senden", "Aufgaben")
	if all[0].User == "" {
		t.Fatal("no name to sign in with")
	}
}

// TestAWrongPasswordStoresNothing says for each server what is wrong; the right password then works.
func TestAWrongPasswordStoresNothing(t *testing.T) {
	d := welcome(t)
	d.Fill("E-Mail-Adresse", lena)
	d.Fill("Passwort", "falsch")
	d.Click("Weiter")
	d.MustSay("Mindestens ein Server ist nicht nutzbar. Es wurde noch nichts gespeichert.", "geht nicht", "Trotzdem speichern", "Mail empfangen (IMAP)")
	if len(d.accounts()) != 0 || d.added != 0 {
		t.Fatal("something was stored")
	}
	if d.wizard.form.email.Text != lena || d.wizard.form.imap.Text != d.town.World.IMAPURL() {
		t.Fatal("what was filled in is gone")
	}
	d.Fill("Passwort", d.town.World.Password())
	d.Click("Weiter")
	if len(d.accounts()) != 1 || len(d.core.Calls("Discover")) != 1 {
		t.Fatal("the second attempt works, with the servers that are known already")
	}
	d.MustNotSay("geht nicht")
}

func TestWhoeverWantsCanStoreAnyway(t *testing.T) {
	d := welcome(t)
	d.Fill("E-Mail-Adresse", lena)
	d.Fill("Passwort", "kommt später")
	d.Click("Weiter")
	d.Click("Trotzdem speichern")
	if len(d.accounts()) != 1 || d.added != 1 {
		t.Fatalf("%d accounts", len(d.accounts()))
	}
}

// TestServersByHand: what cannot be found out is asked for.
func TestServersByHand(t *testing.T) {
	d := welcome(t)
	d.core.Fail("Discover", accounts.ErrNothingFound)
	d.MustNotSay("Mail empfangen (IMAP)")
	d.Fill("E-Mail-Adresse", lena)
	d.Fill("Passwort", d.town.World.Password())
	d.Click("Weiter")
	d.MustSay("Zu dieser Adresse wurden keine Server gefunden.", "Mail empfangen (IMAP)")
	d.Fill("Aufgaben (CalDAV)", d.town.World.TasksURL())
	d.Fill("Anmeldename", "brandt")
	d.Key(fyne.KeyReturn)
	all := d.accounts()
	if len(all) != 1 || all[0].TasksURL != d.town.World.TasksURL() || all[0].IMAPURL != "" || all[0].User != "brandt" {
		t.Fatalf("%+v", all)
	}
}

// TestServersThatCannotBeUsed names the cause of each.
func TestServersThatCannotBeUsed(t *testing.T) {
	own := httptest.NewTLSServer(http.NotFoundHandler()) // whose certificate nobody vouches for
	defer own.Close()
	d := welcome(t)
	d.Fill("E-Mail-Adresse", lena)
	d.Fill("Passwort", "x")
	d.Click("Server selbst eintragen")
	for url, words := range map[string]string{own.URL + "/dav/": "Zertifikat", "http://127.0.0.1:1/dav/": "127.0.0.1:1"} {
		d.Fill("Dateien (WebDAV)", url)
		d.Click("Weiter")
		d.MustSay("geht nicht", words)
		if len(d.accounts()) != 0 {
			t.Fatal("something was stored")
		}
	}
	d.Fill("Dateien (WebDAV)", "ftp://x")
	d.Click("Weiter")
	if errs := d.TakeErrors(); len(errs) != 1 || !strings.Contains(errs[0].Error(), "ftp://x") {
		t.Fatalf("shown %v", errs)
	}
}

func TestABadAddressIsNamed(t *testing.T) {
	d := welcome(t)
	d.core.Fail("Discover", accounts.ErrEmail)
	d.Type("lena.brandt")
	d.Click("Weiter")
	if errs := d.TakeErrors(); len(errs) != 1 || d.Says("Mail empfangen (IMAP)") {
		t.Fatalf("shown %v; no server helps a bad address", errs)
	}
	if d.Focused() != fyne.Focusable(d.wizard.form.email) || d.wizard.form.email.Text != "lena.brandt" {
		t.Fatal("the keyboard goes to the address, which stays")
	}
}

// TestCancelledMidway ends an attempt while servers are asked, at each of its steps: what they answer afterwards counts
// no more, and the next attempt works.
func TestCancelledMidway(t *testing.T) {
	for step := 1; step <= 2; step++ {
		d := welcome(t)
		d.Fill("E-Mail-Adresse", lena)
		d.Fill("Passwort", d.town.World.Password())
		d.Loop.Hold()
		d.Click("Weiter")
		for range step - 1 {
			d.Step()
		}
		d.Key(fyne.KeyReturn) // impatience starts nothing twice
		if !d.wizard.form.next.Disabled() || d.Loop.Waiting() != 1 {
			t.Fatalf("step %d: %d pieces of work are under way", step, d.Loop.Waiting())
		}
		d.Click("Abbrechen")
		d.MustSay("Abgebrochen. Es wurde nichts gespeichert.")
		d.Loop.Release()
		d.Settle()
		d.MustSay("Abgebrochen. Es wurde nichts gespeichert.")
		if len(d.accounts()) != 0 || d.added != 0 || d.Button("Abbrechen") != nil {
			t.Fatalf("step %d: %d accounts", step, len(d.accounts()))
		}
		d.Click("Weiter")
		if len(d.accounts()) != 1 {
			t.Fatalf("step %d: the next attempt does not work", step)
		}
	}
}

// TestWhatWasTestedIsStored: a password that is changed while servers are asked was not tested.
func TestWhatWasTestedIsStored(t *testing.T) {
	d := welcome(t)
	d.Fill("E-Mail-Adresse", lena)
	d.Fill("Passwort", d.town.World.Password())
	d.Loop.Hold()
	d.Click("Weiter")
	d.Fill("Passwort", "vertippt")
	d.Loop.Release()
	d.Settle()
	all := d.accounts()
	if len(all) != 1 {
		t.Fatalf("%d accounts", len(all))
	}
	if secret, err := d.town.Accounts.Secret(ctx, all[0].ID); err != nil || secret != d.town.World.Password() {
		t.Fatal("another password was stored than was tested")
	}
}

func TestAFailureToStoreIsShown(t *testing.T) {
	d := welcome(t)
	d.core.Fail("Add", errDisk)
	d.Fill("E-Mail-Adresse", lena)
	d.Fill("Passwort", d.town.World.Password())
	d.Click("Weiter")
	if errs := d.TakeErrors(); len(errs) != 1 || d.added != 0 || d.wizard.form.password.Text == "" {
		t.Fatalf("shown %v", errs)
	}
	d.core.Fail("Add", nil)
	d.core.Fail("TestDraft", errDisk)
	d.Click("Weiter")
	if errs := d.TakeErrors(); len(errs) != 1 || len(d.accounts()) != 0 {
		t.Fatalf("shown %v", errs)
	}
	d.core.Fail("TestDraft", nil)
	d.Click("Weiter")
	if d.added != 1 {
		t.Fatal("the third attempt works")
	}
}

// TestAPageOfACloudBecomesTheAddressOfItsFiles, in the field and in what is stored.
func TestAPageOfACloudBecomesTheAddressOfItsFiles(t *testing.T) {
	cloud := servertest.Cloud(t)
	d := welcome(t)
	d.Click("Server selbst eintragen")
	d.Fill("E-Mail-Adresse", servertest.User+"@stadt.example")
	d.Fill("Passwort", servertest.Password)
	d.wizard.form.user.SetText(servertest.User)
	d.wizard.form.files.SetText(cloud.Base)
	d.Click("Weiter")
	all := d.accounts()
	if len(all) != 1 || all[0].FilesURL != cloud.URL || d.wizard.form.files.Text != cloud.URL {
		t.Fatalf("%+v, shown %q", all, d.wizard.form.files.Text)
	}
}

func TestTheDemoNeedsNoAccount(t *testing.T) {
	d := welcome(t)
	d.noDemo = errDisk
	d.Click("Demo ohne Konto")
	if errs := d.TakeErrors(); len(errs) != 1 || d.added != 0 {
		t.Fatalf("shown %v", errs)
	}
	d.noDemo = nil
	d.Loop.Hold()
	d.Click("Demo ohne Konto")
	d.Click("Demo ohne Konto")
	d.Loop.Release()
	d.Settle()
	if d.demos != 2 || d.added != 1 {
		t.Fatalf("%d times, told %d times", d.demos, d.added)
	}
	d.wizard.Hidden()
	d.wizard.Refresh(live.All)
	if len(d.wizard.Panes()) != 1 || d.wizard.Actions() != nil {
		t.Fatal("panes and actions")
	}
}

// TestThePasswordIsNeverShown looks at everything on screen, also after a failure.
func TestThePasswordIsNeverShown(t *testing.T) {
	d := welcome(t)
	d.Fill("E-Mail-Adresse", lena)
	d.Fill("Passwort", "Geheim-4711")
	d.Click("Weiter")
	for _, w := range d.Words() {
		if strings.Contains(w, "Geheim") && w != d.wizard.form.password.Text {
			t.Errorf("%q", w)
		}
	}
	if !d.wizard.form.password.Password {
		t.Error("the field shows what is typed")
	}
}
