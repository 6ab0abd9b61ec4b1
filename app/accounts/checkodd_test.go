// SPDX-License-Identifier: EUPL-1.2

package accounts_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"kontor/app/accounts"
	"kontor/storage"
	"kontor/sync/servertest"
	"kontor/sync/transport"
)

// script is a server that greets and then answers each line with the next of answers; "" hangs up, as a greeting too.
func script(t *testing.T, greeting string, answers ...string) string {
	t.Helper()
	return servertest.Listen(t, func(c net.Conn) {
		if greeting == "" {
			return
		}
		_, _ = io.WriteString(c, greeting)
		br := bufio.NewReader(c)
		for _, answer := range answers {
			line, err := br.ReadString('\n')
			if err != nil || answer == "" {
				return
			}
			tag, _, _ := strings.Cut(line, " ")
			_, _ = io.WriteString(c, strings.ReplaceAll(answer, "TAG", tag))
		}
		_, _ = br.ReadString('\n')
	})
}

// What mail servers say in the clear, before anything can be trusted, leads to the right words and never to a password.
func TestCheckOddMailServers(t *testing.T) {
	const hello, caps, ehlo = "* OK ready\r\n", "* CAPABILITY IMAP4rev1 STARTTLS\r\nTAG OK\r\n", "250-here\r\n250 STARTTLS\r\n"
	for name, c := range map[string]struct {
		imap, smtp string
		want       transport.Cause
	}{
		"IMAP hangs up at once":            {script(t, ""), "", transport.CauseUnreachable},
		"IMAP says goodbye":                {script(t, "* BYE too many\r\n"), "", accounts.CauseNotMail},
		"IMAP takes STARTTLS back":         {script(t, hello, caps, "TAG NO not now\r\n"), "", transport.CauseNoTLS},
		"IMAP with words before TLS":       {script(t, hello, caps, "TAG OK go\r\n* OK injected\r\n"), "", accounts.CauseNotMail},
		"IMAP hangs up before TLS":         {script(t, hello, caps, ""), "", transport.CauseUnreachable},
		"IMAP speaks no TLS after all":     {script(t, hello, caps, "TAG OK go\r\n") + "", "", transport.CauseUnreachable},
		"SMTP hangs up at once":            {"", script(t, ""), transport.CauseUnreachable},
		"SMTP is closed":                   {"", script(t, "554 no service\r\n"), accounts.CauseNotMail},
		"SMTP takes STARTTLS back":         {"", script(t, "220 x\r\n", ehlo, "454 not now\r\n"), transport.CauseNoTLS},
		"SMTP with words before TLS":       {"", script(t, "220 x\r\n", ehlo, "220 go\r\n250 injected\r\n"), accounts.CauseNotMail},
		"SMTP that asks nobody":            {"", script(t, "220 x\r\n", "250 x\r\n", "250 x\r\n", "221 bye\r\n"), transport.CauseNone},
		"SMTP greets in several lines":     {"", script(t, "220-Willkommen\r\n220 x\r\n", "250 x\r\n", "250 x\r\n", "221 bye\r\n"), transport.CauseNone},
		"SMTP hangs up instead of goodbye": {"", script(t, "220 x\r\n", "250 x\r\n", "250 x\r\n", ""), transport.CauseNone},
	} {
		a := storage.Account{User: "anna"}
		if c.imap != "" {
			a.IMAPURL = "imap://" + c.imap
		} else {
			a.SMTPURL = "smtp://" + c.smtp
		}
		got := one(t, a, "geheim")
		wantCause(t, name, got, c.want)
		if strings.Contains(got.Detail, "geheim") {
			t.Errorf("%s: %s", name, got.Detail)
		}
		if c.want == transport.CauseNone && (got.Warning != accounts.WarnNoSignIn || !strings.Contains(got.WarningText(), c.smtp)) {
			t.Errorf("%s: warning %q", name, got.Warning)
		}
	}
}

const multistatus = `<?xml version="1.0"?><d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:response><d:href>%s</d:href>
<d:propstat><d:prop>%s</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response></d:multistatus>`

// The way from an address to the calendars, as far as servers lead along it.
func TestCheckFindsTheCalendars(t *testing.T) {
	const home = "<c:calendar-home-set><d:href>/home/</d:href></c:calendar-home-set>"
	principal := func(at string) string {
		return "<d:current-user-principal><d:href>" + at + "</d:href></d:current-user-principal>"
	}
	for name, c := range map[string]struct {
		props map[string]string // by path; a path that is not there is 404
		want  transport.Cause
	}{
		"a home at once":                {map[string]string{"/dav/": home}, ""},
		"by its principal":              {map[string]string{"/dav/": principal("/p/anna/"), "/p/anna/": home}, ""},
		"a principal of itself":         {map[string]string{"/dav/": principal("/dav/")}, accounts.CauseNotCalDAV},
		"in circles":                    {map[string]string{"/dav/": principal("/a/"), "/a/": principal("/b/"), "/b/": principal("/a/")}, accounts.CauseNotCalDAV},
		"elsewhere on the server":       {map[string]string{"/.well-known/caldav": home}, ""},
		"files but no calendars":        {map[string]string{"/dav/": "<d:resourcetype><d:collection/></d:resourcetype>"}, accounts.CauseNotCalDAV},
		"a principal that is not there": {map[string]string{"/dav/": principal("/weg/")}, accounts.CauseMissing},
		"nothing at all":                {nil, accounts.CauseMissing},
	} {
		s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			prop, ok := c.props[r.URL.Path]
			if !ok {
				http.NotFound(rw, r)
				return
			}
			rw.Header().Set("Content-Type", "application/xml")
			rw.WriteHeader(http.StatusMultiStatus)
			_, _ = fmt.Fprintf(rw, multistatus, r.URL.Path, prop)
		}))
		got := one(t, storage.Account{User: "anna", TasksURL: s.URL + "/dav/"}, "x")
		wantCause(t, name, got, c.want)
		err := accounts.Problem([]accounts.Check{got})
		if errors.Is(err, accounts.ErrCheck) == got.OK || err != nil && !strings.Contains(err.Error(), "tasks: ") {
			t.Errorf("%s: %v", name, err)
		}
		s.Close()
	}
}
