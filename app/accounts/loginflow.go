// SPDX-License-Identifier: EUPL-1.2

package accounts

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"kontor/sync/transport"
)

// Sentinels of signing in with the browser.
var (
	// ErrNoLogin says that the server does not offer it: it is no Nextcloud.
	ErrNoLogin = errors.New("the server offers no sign-in with the browser")
	// ErrLoginOver says that the person did not sign in in time, or that the password was given out already.
	ErrLoginOver = errors.New("the sign-in with the browser was not finished in time")
	// ErrLoginServer says that an answer leads to another server, or away from TLS.
	ErrLoginServer = errors.New("the sign-in leads to another server")
)

const (
	loginPath  = "/index.php/login/v2"
	loginFor   = 20 * time.Minute // that a server keeps a sign-in open
	loginEvery = 2 * time.Second
)

// LoginFlow is a sign-in with the browser (Login Flow v2 of Nextcloud), under way: the person's own password, and whatever
// second factor there is, stay between browser and server, which gives out a password for this program alone.
type LoginFlow struct {
	URL string // to be opened in the person's browser

	cloud    *cloud
	endpoint string
	token    string
	every    time.Duration
	until    time.Time
}

// AppLogin is what a server gives out: to be used in place of the person's own name and password.
type AppLogin struct {
	User, Password     string
	FilesURL, TasksURL string // where this server keeps both
}

// Fill puts what the server gave out into an account. An address of the files that a person entered whole is kept.
func (l AppLogin) Fill(d Draft) Draft {
	d.User = l.User
	if !strings.Contains(d.FilesURL, "/remote.php/") {
		d.FilesURL = l.FilesURL
	}
	return d
}

// StartLogin asks a server for a sign-in with the browser. server is any address of it, with or without "https://" and
// what lies below; caPEM holds certificates to trust besides the system's.
func StartLogin(ctx context.Context, server, caPEM string) (*LoginFlow, error) {
	c, err := newCloud(server, caPEM)
	if err != nil {
		return nil, fmt.Errorf("sign in with the browser: %w", err)
	}
	f := &LoginFlow{cloud: c, every: loginEvery, until: time.Now().Add(loginFor)}
	var start struct {
		Poll  struct{ Token, Endpoint string }
		Login string
	}
	status, err := f.post(ctx, c.base.String()+loginPath, nil, &start)
	switch {
	case err != nil:
		return nil, fmt.Errorf("sign in with the browser: %w", err)
	case status != http.StatusOK || start.Poll.Token == "":
		return nil, fmt.Errorf("sign in with the browser: the server answered %d: %w", status, ErrNoLogin)
	}
	f.URL, f.endpoint, f.token = start.Login, start.Poll.Endpoint, start.Poll.Token
	if err := errors.Join(f.same(f.URL), f.same(f.endpoint)); err != nil {
		return nil, fmt.Errorf("sign in with the browser: %w", err)
	}
	return f, nil
}

// same refuses addresses that the person, or the password, would be sent to another server with.
func (f *LoginFlow) same(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != f.cloud.base.Scheme || !strings.EqualFold(u.Host, f.cloud.base.Host) || u.User != nil {
		return ErrLoginServer
	}
	return nil
}

// post sends a form and reads the answer, where it is one.
func (f *LoginFlow) post(ctx context.Context, address string, form url.Values, into any) (status int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return f.cloud.do(req, into)
}

// Poll asks once whether the person has signed in; done is false as long as not.
func (f *LoginFlow) Poll(ctx context.Context) (login AppLogin, done bool, err error) {
	var got struct{ Server, LoginName, AppPassword string }
	status, err := f.post(ctx, f.endpoint, url.Values{"token": {f.token}}, &got)
	switch {
	case err != nil:
		return login, false, fmt.Errorf("sign in with the browser: %w", err)
	case status == http.StatusNotFound:
		if time.Now().After(f.until) {
			err = fmt.Errorf("sign in with the browser: %w", ErrLoginOver)
		}
		return login, false, err
	case status != http.StatusOK || got.LoginName == "" || got.AppPassword == "":
		return login, false, fmt.Errorf("sign in with the browser: the server answered %d: %w", status, transport.ErrServer)
	}
	// The server may call itself by another name: what the person has entered is known to work, and was asked.
	login = AppLogin{User: got.LoginName, Password: got.AppPassword, TasksURL: f.cloud.base.String() + "/remote.php/dav/"}
	login.FilesURL = f.cloud.files(ctx, login.User, login.Password)
	return login, true, nil
}

// Wait polls until the person has signed in. A connection that breaks meanwhile does not end it; the end of ctx does, and
// ErrLoginOver comes once the server keeps the sign-in open no longer.
func (f *LoginFlow) Wait(ctx context.Context) (AppLogin, error) {
	for {
		login, done, err := f.Poll(ctx)
		if done || (err != nil && !transport.IsConnectionError(err)) {
			return login, err
		}
		if err != nil && time.Now().After(f.until) {
			return login, err
		}
		select {
		case <-ctx.Done():
			return login, ctx.Err()
		case <-time.After(f.every):
		}
	}
}
