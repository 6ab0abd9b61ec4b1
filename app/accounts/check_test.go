// SPDX-License-Identifier: EUPL-1.2

package accounts_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"kontor/app/accounts"
	"kontor/app/demo"
	"kontor/app/i18n"
	"kontor/storage"
	"kontor/sync/servertest"
	"kontor/sync/transport"
)

// one tests an account and gives the only check.
func one(t *testing.T, a storage.Account, secret string) accounts.Check {
	t.Helper()
	checks := accounts.Test(context.Background(), a, secret)
	if len(checks) != 1 {
		t.Fatalf("%d checks: %+v", len(checks), checks)
	}
	if text := checks[0].Text(); strings.HasPrefix(text, "accounts.") {
		t.Errorf("no words for %s", text)
	}
	return checks[0]
}

func wantCause(t *testing.T, what string, c accounts.Check, cause transport.Cause) {
	t.Helper()
	if c.Cause != cause || c.OK != (cause == "") {
		t.Errorf("%s: %+v, want %q", what, c, cause)
	}
}

func TestCheckDovecot(t *testing.T) {
	d := servertest.Dovecot(t)
	user := d.User(t, "anna")
	base := storage.Account{User: user, CAPEM: d.Certs.CAPEM}
	for what, url := range map[string]string{"TLS": "imaps://" + d.TLSAddr, "STARTTLS": "imap://" + d.Addr} {
		a := base
		a.IMAPURL = url
		wantCause(t, what, one(t, a, d.Password), "")
		wantCause(t, what+", wrong password", one(t, a, "falsch"), transport.CauseSignIn)
		a.CAPEM = ""
		wantCause(t, what+", unknown authority", one(t, a, d.Password), transport.CauseCertificate)
	}
	a := base
	a.IMAPURL = "imaps://" + d.Addr
	wantCause(t, "TLS on the port without", one(t, a, d.Password), transport.CauseNoTLS)
	s := servertest.SMTP(t, d)
	for what, url := range map[string]string{"smtps": "smtps://" + s.TLSAddr, "smtp": "smtp://" + s.Addr} {
		a := storage.Account{User: user, CAPEM: d.Certs.CAPEM, SMTPURL: url}
		wantCause(t, what, one(t, a, d.Password), "")
		wantCause(t, what+", wrong password", one(t, a, "falsch"), transport.CauseSignIn)
		a.CAPEM = ""
		wantCause(t, what+", unknown authority", one(t, a, d.Password), transport.CauseCertificate)
	}
}

func TestCheckApache(t *testing.T) {
	s := servertest.Apache(t, servertest.Options{TLS: true})
	a := storage.Account{User: s.User, CAPEM: s.Certs.CAPEM, FilesURL: s.URL}
	wantCause(t, "right", one(t, a, s.Password), "")
	wantCause(t, "wrong password", one(t, a, "falsch"), transport.CauseSignIn)
	a.FilesURL = s.URL + "gibt/es/nicht/"
	wantCause(t, "wrong path", one(t, a, s.Password), accounts.CauseMissing)
	a.FilesURL, a.TasksURL = "", s.URL
	wantCause(t, "no calendars", one(t, a, s.Password), accounts.CauseNotCalDAV)
}

func TestCheckRadicale(t *testing.T) {
	s := servertest.Radicale(t)
	if err := s.List("liste", "Liste", nil); err != nil {
		t.Fatal(err)
	}
	a := storage.Account{User: s.User, TasksURL: s.URL}
	right := one(t, a, s.Password)
	wantCause(t, "right", right, "")
	if right.Warning != accounts.WarnPlain || strings.HasPrefix(right.WarningText(), "accounts.") {
		t.Errorf("warning %q: %s", right.Warning, right.WarningText())
	}
	wantCause(t, "wrong password", one(t, a, "falsch"), transport.CauseSignIn)
	a.TasksURL = s.ListURL("liste")
	wantCause(t, "a list", one(t, a, s.Password), "")
}

func TestCheckDemo(t *testing.T) {
	w, err := demo.Start(context.Background(), demo.Options{Empty: true})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	draft := w.Draft("brandt")
	if err := draft.Validate(); err != nil || len(draft.Insecure()) != 4 {
		t.Errorf("draft: %v, %v", err, draft.Insecure())
	}
	for _, c := range accounts.Test(context.Background(), draft.Account(), w.Password()) {
		wantCause(t, c.Protocol, c, "")
	}
	wrong := accounts.Test(context.Background(), draft.Account(), "falsch")
	for _, c := range wrong {
		wantCause(t, c.Protocol, c, transport.CauseSignIn)
	}
	if err := accounts.Problem(wrong); err == nil || !strings.HasPrefix(err.Error(), "mail: ") {
		t.Errorf("the first problem is %v", err)
	}
	w.SetAllFaults(demo.Faults{Down: true})
	for _, c := range accounts.Test(context.Background(), draft.Account(), w.Password()) {
		wantCause(t, c.Protocol, c, transport.CauseUnreachable)
	}
}

func TestCheckStrangers(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(rw, "<html>Willkommen</html>")
	}))
	defer web.Close()
	addr := strings.TrimPrefix(web.URL, "http://")
	wantCause(t, "web server for files", one(t, storage.Account{User: "a", FilesURL: web.URL}, "x"), accounts.CauseNotWebDAV)
	wantCause(t, "web server for tasks", one(t, storage.Account{User: "a", TasksURL: web.URL}, "x"), accounts.CauseNotCalDAV)

	talker := servertest.Listen(t, func(c net.Conn) {
		_, _ = io.WriteString(c, "SSH-2.0-OpenSSH\r\n")
		_, _ = io.Copy(io.Discard, c)
	})
	wantCause(t, "another protocol", one(t, storage.Account{User: "a", IMAPURL: "imap://" + talker}, "x"), accounts.CauseNotMail)
	wantCause(t, "another protocol", one(t, storage.Account{User: "a", SMTPURL: "smtp://" + talker}, "x"), accounts.CauseNotMail)

	nobody := servertest.FreeAddr(t)
	wantCause(t, "nobody", one(t, storage.Account{User: "a", IMAPURL: "imap://" + nobody}, "x"), accounts.CauseRefused)
	wantCause(t, "nobody", one(t, storage.Account{User: "a", FilesURL: "http://" + nobody}, "x"), accounts.CauseRefused)
	wantCause(t, "plain http", one(t, storage.Account{User: "a", FilesURL: "http://stadt.example/"}, "x"), transport.CauseNoTLS)
	wantCause(t, "no address", one(t, storage.Account{User: "a", IMAPURL: "gopher://" + addr}, "x"), accounts.CauseAddress)
}

func TestCheckTimesOut(t *testing.T) {
	mute, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 0)
	defer cancel()
	checks := accounts.Test(ctx, storage.Account{User: "a", IMAPURL: "imap://" + mute.Addr().String()}, "x")
	wantCause(t, "a server that says nothing", checks[0], accounts.CauseTimeout)
}

func TestWordsInBothLanguages(t *testing.T) {
	before := i18n.Current()
	defer i18n.Use(before)
	for _, lang := range []i18n.Lang{i18n.German, i18n.English} {
		i18n.Use(lang)
		for _, cause := range []transport.Cause{
			accounts.CauseRefused, accounts.CauseTimeout, accounts.CauseMissing, accounts.CauseNotWebDAV, accounts.CauseNotCalDAV, accounts.CauseAddress, accounts.CauseNotMail,
			transport.CauseOffline, transport.CauseUnreachable, transport.CauseSignIn, transport.CauseCertificate, transport.CauseNoTLS, transport.CauseHost, transport.CausePortal, transport.CauseServer,
		} {
			text := accounts.Check{Server: "imaps://mail.stadt.example", Cause: cause}.Text()
			if !strings.Contains(text, "mail.stadt.example") {
				t.Errorf("%s, %s: %s", lang, cause, text)
			}
		}
	}
}
