// SPDX-License-Identifier: EUPL-1.2

package accounts

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"kontor/app/i18n"
	"kontor/storage"
	"kontor/sync/dav"
	"kontor/sync/transport"
)

// Causes that only a test of new settings tells apart; the others are those of package transport.
const (
	CauseRefused   transport.Cause = "refused"    // nobody listens on this port
	CauseTimeout   transport.Cause = "timeout"    // no answer in time
	CauseMissing   transport.Cause = "missing"    // the server does not know the path
	CauseNotWebDAV transport.Cause = "not-webdav" // a web server without WebDAV
	CauseNotCalDAV transport.Cause = "not-caldav" // a server without calendars
	CauseAddress   transport.Cause = "address"    // the address itself cannot be used
	CauseNotMail   transport.Cause = "not-mail"   // whatever answers does not speak the mail protocol
)

// Things that work but should be known.
const (
	WarnPlain    = "plain"   // nothing is encrypted, which is possible on the loopback address only
	WarnNoSignIn = "no-auth" // the server does not ask who sends
)

// checkTimeout bounds the test of one server.
const checkTimeout = 20 * time.Second

// Check is what came of testing one server of an account.
type Check struct {
	Protocol string          `json:"protocol"` // "mail", "send", "files" or "tasks"
	Server   string          `json:"server"`   // its address
	OK       bool            `json:"ok"`
	Cause    transport.Cause `json:"cause,omitempty"`
	Detail   string          `json:"detail,omitempty"`  // in the words of the server or the system
	Warning  string          `json:"warning,omitempty"` // one of the Warn constants
}

// Text says in one sentence, in the language in use, how the test ended and what to do.
func (c Check) Text() string {
	if c.OK {
		return i18n.T("accounts.check.ok", "server", c.Server)
	}
	return i18n.T("accounts.cause."+string(c.Cause), "server", c.Server)
}

// WarningText is the sentence for Warning, empty without one.
func (c Check) WarningText() string {
	if c.Warning == "" {
		return ""
	}
	return i18n.T("accounts.warning."+c.Warning, "server", c.Server)
}

// Test signs in to every server of an account, at the same time, and says how that went: in the order mail, send,
// files, tasks, without those that the account does not have. Nothing is changed on any server.
func Test(ctx context.Context, a storage.Account, secret string) []Check {
	tests := []struct {
		protocol, url string
		run           func(context.Context, storage.Account, string) (warning string, err error)
		wrong         transport.Cause // what an answer of a stranger means
	}{
		{"mail", a.IMAPURL, checkIMAP, CauseNotMail},
		{"send", a.SMTPURL, checkSMTP, CauseNotMail},
		{"files", a.FilesURL, checkFiles, CauseNotWebDAV},
		{"tasks", a.TasksURL, checkTasks, CauseNotCalDAV},
	}
	var (
		checks []Check
		wg     sync.WaitGroup
	)
	for _, t := range tests {
		if t.url != "" {
			checks = append(checks, Check{Protocol: t.protocol, Server: t.url})
		}
	}
	i := 0
	for _, t := range tests {
		if t.url == "" {
			continue
		}
		c := &checks[i]
		i++
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, checkTimeout)
			defer cancel()
			warning, err := t.run(ctx, a, secret)
			if err != nil && ctx.Err() != nil {
				err = ctx.Err()
			}
			c.OK, c.Cause, c.Warning = err == nil, causeOf(err, t.wrong), warning
			if err != nil {
				c.Detail = err.Error()
			} else if e, perr := transport.ParseEndpoint(t.url); perr == nil && c.Warning == "" && !e.TLS && !e.StartTLS {
				c.Warning = WarnPlain
			}
		})
	}
	wg.Wait()
	return checks
}

// Trial is what came of testing a draft.
type Trial struct {
	Draft  Draft // as it should be stored
	Checks []Check
}

// Try tests a draft. Where the address of the files is some page of a cloud, such as the one that people see in the browser,
// the draft comes back with the address that its files really have.
func Try(ctx context.Context, d Draft, secret string) Trial {
	checks := Test(ctx, d.Account(), secret)
	for i, c := range checks {
		if c.Protocol != "files" || !elsewhere(c) {
			continue
		}
		a := d.Account()
		cloud, err := newCloud(a.FilesURL, a.CAPEM)
		if err != nil || !cloud.answers(ctx) {
			continue
		}
		files := storage.Account{User: a.User, CAPEM: a.CAPEM, FilesURL: cloud.files(ctx, a.User, secret)}
		if again := Test(ctx, files, secret)[0]; !elsewhere(again) {
			d.FilesURL, checks[i] = files.FilesURL, again
		}
	}
	return Trial{d, checks}
}

// elsewhere reports whether a server answered, but has no files where it was asked.
func elsewhere(c Check) bool { return c.Cause == CauseMissing || c.Cause == CauseNotWebDAV }

// errNoCalendar says that a WebDAV server knows no calendars.
var errNoCalendar = errors.New("the server names no calendars")

// causeOf explains an error of a test; wrong is what it means that a stranger answered.
func causeOf(err error, wrong transport.Cause) transport.Cause {
	var (
		timeout  net.Error
		redirect *dav.RedirectError
	)
	switch {
	case err == nil:
		return transport.CauseNone
	case errors.Is(err, transport.ErrURL):
		return CauseAddress
	case isRefused(err):
		return CauseRefused
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return CauseTimeout
	case errors.Is(err, errNoCalendar):
		return CauseNotCalDAV
	case errors.As(err, &redirect):
		return transport.CausePortal
	case dav.IsStatus(err, 404, 410):
		return CauseMissing
	case errors.Is(err, transport.ErrPortal), errors.Is(err, dav.ErrListing), dav.IsStatus(err, 400, 405, 415, 501):
		return wrong
	}
	return transport.CauseOf(err)
}

// Problem joins the failed checks as errors that name their servers, nil where all went well.
func Problem(checks []Check) error {
	var errs []error
	for _, c := range checks {
		if !c.OK {
			errs = append(errs, &CheckError{c})
		}
	}
	return errors.Join(errs...)
}

// ErrCheck is what every CheckError is.
var ErrCheck = errors.New("the server cannot be used with these settings")

// CheckError is a check that failed.
type CheckError struct{ Check Check }

// Unwrap makes it an ErrCheck.
func (e *CheckError) Unwrap() error { return ErrCheck }

// Error is part of error.
func (e *CheckError) Error() string { return e.Check.Protocol + ": " + e.Check.Detail }
