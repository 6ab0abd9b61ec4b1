// SPDX-License-Identifier: EUPL-1.2

package accountui

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"kontor/app/accounts"
	"kontor/app/ui/theme"
	"kontor/app/ui/uitest"
	"kontor/sync/servertest"
)

// cloud shows the first steps with the servers' fields open. The person signs in in the browser once the server was asked
// whether it has happened yet.
func cloud(t *testing.T, approve bool) (*desk, *servertest.CloudServer) {
	t.Helper()
	s := servertest.Cloud(t)
	s.Failing(func(r *http.Request) servertest.CloudFault {
		if approve && strings.HasSuffix(r.URL.Path, "/poll") {
			s.Approve()
		}
		return servertest.FaultNone
	})
	d := welcome(t)
	d.Fill("E-Mail-Adresse", lena)
	d.Click("Server selbst eintragen")
	return d, s
}

// TestSignInWithTheBrowser: an address and a key; what is stored is the server's password for this program, and where it
// keeps the person's files.
func TestSignInWithTheBrowser(t *testing.T) {
	d, s := cloud(t, true)
	d.Fill("Dateien (WebDAV)", s.Base)
	d.Window.Canvas().Focus(d.wizard.form.browser.start)
	d.Key(fyne.KeySpace)
	if len(d.opened) != 1 || !strings.HasPrefix(d.opened[0], s.Base+"index.php/login/v2/flow/") {
		t.Fatalf("opened %q", d.opened)
	}
	all := d.accounts()
	if len(all) != 1 || all[0].FilesURL == s.Base || all[0].User != servertest.User || d.added != 1 {
		t.Fatalf("%+v", all)
	}
	if secret, err := d.town.Accounts.Secret(ctx, all[0].ID); err != nil || !s.IsAppPassword(secret) || s.Logins() != 0 {
		t.Fatalf("%v, the person's own password was used %d times", err, s.Logins())
	}
	d.MustSay("Das Konto ist gespeichert.", "funktioniert")
	d.MustNotSay("Seite noch einmal öffnen")
}

// TestCancelledInTheBrowser: the person comes back without having signed in; nothing is stored, whatever happens there later.
func TestCancelledInTheBrowser(t *testing.T) {
	d, s := cloud(t, true)
	d.Fill("Dateien (WebDAV)", s.Base)
	d.Loop.Hold()
	d.Click("Mit dem Browser anmelden")
	d.MustSay("Der Server wird gefragt")
	d.Step()
	d.MustSay("Melden Sie sich jetzt im Browser an")
	d.Click("Adresse der Seite kopieren")
	d.MustSay("Die Adresse ist kopiert.")
	d.Click("Mit dem Browser anmelden") // impatience starts nothing twice
	if len(d.copied) != 1 || !strings.HasPrefix(d.copied[0], s.Base) || d.Loop.Waiting() != 2 {
		t.Fatalf("copied %q, %d pieces of work", d.copied, d.Loop.Waiting())
	}
	d.Click("Abbrechen")
	d.MustSay("Abgebrochen. Es wurde nichts gespeichert.")
	d.MustNotSay("Seite noch einmal öffnen")
	d.Loop.Release()
	d.Settle()
	d.MustSay("Abgebrochen. Es wurde nichts gespeichert.")
	if len(d.accounts()) != 0 || d.wizard.form.password.Text != "" {
		t.Fatal("the sign-in that was given up counted")
	}
	d.Click("Mit dem Browser anmelden")
	if len(d.accounts()) != 1 {
		t.Fatal("the next attempt does not work")
	}
}

// TestWithoutABrowser: the address can be opened elsewhere.
func TestWithoutABrowser(t *testing.T) {
	d, s := cloud(t, true)
	d.noBrowser = errDisk
	d.Fill("Dateien (WebDAV)", s.Base)
	d.Loop.Hold()
	d.Click("Mit dem Browser anmelden")
	d.Step()
	d.Step()
	d.MustSay("Es ließ sich kein Browser öffnen.", s.Base+"index.php/login/v2/flow/", "Seite noch einmal öffnen")
	d.Loop.Release()
	d.Settle()
	if len(d.accounts()) != 1 {
		t.Fatal("signing in elsewhere does not count")
	}
}

// TestSignInsThatCannotBe says why, with the keyboard where it can be mended.
func TestSignInsThatCannotBe(t *testing.T) {
	d, s := cloud(t, true)
	f := d.wizard.form
	try := func(words string, at fyne.Focusable, want error) {
		t.Helper()
		d.Click("Mit dem Browser anmelden")
		errs := d.TakeErrors()
		if want != nil && !slices.ContainsFunc(errs, func(e error) bool { return errors.Is(e, want) }) || want == nil && len(errs) != 0 {
			t.Errorf("%v, want %v", errs, want)
		}
		if words != "" {
			d.MustSay(words)
		}
		if d.Focused() != at || f.busy || len(d.accounts()) != 0 {
			t.Errorf("%q: the keyboard is at %T", words, d.Focused())
		}
	}
	try("Bitte tragen Sie zuerst die Adresse Ihres Servers", f.files, nil)
	d.Fill("Dateien (WebDAV)", s.Base)
	d.Fill("Mail empfangen (IMAP)", "imaps://imap.example:993")
	try("Leeren Sie die Felder für Mail", f.imap, nil)
	d.Fill("Mail empfangen (IMAP)", "")
	d.Fill("E-Mail-Adresse", "lena")
	try("", f.email, accounts.ErrEmail)
	d.Fill("E-Mail-Adresse", lena)
	d.Fill("Dateien (WebDAV)", d.town.World.FilesURL())
	try("Sie sind nicht angemeldet. Es wurde nichts gespeichert.", f.browser.start, accounts.ErrNoLogin)
	d.Fill("Dateien (WebDAV)", s.Base)
	s.Failing(func(r *http.Request) servertest.CloudFault {
		if strings.HasSuffix(r.URL.Path, "/poll") {
			s.Maintain(true)
		}
		return servertest.FaultNone
	})
	d.Click("Mit dem Browser anmelden")
	if errs := d.TakeErrors(); len(errs) != 1 || len(d.opened) != 1 || f.busy {
		t.Errorf("%v, opened %q", errs, d.opened)
	}
	d.MustSay("Sie sind nicht angemeldet. Es wurde nichts gespeichert.")
}

// TestSignInAgain gives an account that is there a new password of its own.
func TestSignInAgain(t *testing.T) {
	d, s := cloud(t, true)
	d.Fill("Dateien (WebDAV)", s.Base)
	d.Click("Mit dem Browser anmelden")
	before, err := d.town.Accounts.Secret(ctx, d.accounts()[0].ID)
	d.town.Must(err)
	d.build()
	d.Click("Ändern")
	d.Click("Mit dem Browser anmelden")
	all := d.accounts()
	after, err := d.town.Accounts.Secret(ctx, all[0].ID)
	if err != nil || len(all) != 1 || after == before || !s.IsAppPassword(after) {
		t.Fatalf("%+v %v", all, err)
	}
}

// TestPicturesOfSigningIn draws what a person sees while the browser is open, for people to look at.
func TestPicturesOfSigningIn(t *testing.T) {
	uitest.ForPictures(t)
	for i, mode := range []theme.Mode{theme.Light, theme.Dark} {
		d, s := cloud(t, false)
		d.Resize([]float32{1364, 948}[i], []float32{820, 620}[i])
		d.Look(mode, float32(i+1))
		d.Fill("Dateien (WebDAV)", s.Base)
		d.Loop.Hold()
		d.Click("Mit dem Browser anmelden")
		d.Step()
		d.Picture(fmt.Sprint("account-browser-", i))
		d.Click("Abbrechen")
	}
}
