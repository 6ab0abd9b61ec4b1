// SPDX-License-Identifier: EUPL-1.2

package dav

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/studio-b12/gowebdav"

	"kontor/sync/transport"
)

// inhibitRedirect is a note of gowebdav to its own client that must not reach the server.
const inhibitRedirect = gowebdav.XInhibitRedirect

// signer signs requests the way the server asks for: Basic (RFC 7617) or Digest (RFC 7616), by gowebdav's authenticators.
type signer struct {
	user   string
	secret func(context.Context) (string, error)
	known  bool // the server is known to take Basic

	mu     sync.Mutex
	authz  gowebdav.Authorizer // nil until it is known how to sign in
	chosen atomic.Bool         // it is by Basic
}

// errAskAgain is a refusal of what the server was known to take.
var errAskAgain = fmt.Errorf("the server wants another way: %w", transport.ErrSignIn)

// basic is the authenticator for RFC 7617; gowebdav's own cannot be made outside of it.
type basic struct{ user, password string }

// Authorize is part of gowebdav.Authenticator.
func (b basic) Authorize(_ *http.Client, req *http.Request, _ string) error {
	req.SetBasicAuth(b.user, b.password)
	return nil
}

// Verify is part of gowebdav.Authenticator.
func (b basic) Verify(_ *http.Client, resp *http.Response, _ string) (bool, error) {
	if resp.StatusCode == http.StatusUnauthorized {
		return false, transport.ErrSignIn
	}
	return false, nil
}

// Clone is part of gowebdav.Authenticator.
func (b basic) Clone() gowebdav.Authenticator { return b }

// Close is part of io.Closer.
func (b basic) Close() error { return nil }

// anonymous is for servers that are used without signing in.
type anonymous struct{}

func (anonymous) Authorize(*http.Client, *http.Request, string) error       { return nil }
func (anonymous) Verify(*http.Client, *http.Response, string) (bool, error) { return false, nil }

func (anonymous) Clone() gowebdav.Authenticator { return anonymous{} }
func (anonymous) Close() error                  { return nil }

// prepare asks the server once how it wants requests signed, so that no body ever has to be sent twice for that.
func (s *signer) prepare(ctx context.Context, c *Client) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.authz != nil {
		return nil
	}
	if s.secret == nil {
		s.authz = gowebdav.NewPreemptiveAuth(anonymous{})
		return nil
	}
	if s.known {
		password, err := s.secret(ctx)
		if err != nil {
			return fmt.Errorf("read the password: %w", err)
		}
		s.authz = gowebdav.NewPreemptiveAuth(basic{s.user, password})
		s.chosen.Store(true)
		return nil
	}
	// The password may take its time, as the server's answer does.
	var password string
	var secretErr error
	var asked sync.WaitGroup
	asked.Go(func() { password, secretErr = s.secret(ctx) })
	resp, err := c.howToSignIn(ctx)
	asked.Wait()
	if secretErr != nil {
		if err == nil {
			Drain(resp)
		}
		return fmt.Errorf("read the password: %w", secretErr)
	}
	if err != nil {
		return err
	}
	authz := gowebdav.NewEmptyAuth()
	authz.AddAuthenticator("basic", func(*http.Client, *http.Response, string) (gowebdav.Authenticator, error) {
		s.chosen.Store(true)
		return basic{s.user, password}, nil
	})
	authz.AddAuthenticator("digest", func(_ *http.Client, resp *http.Response, _ string) (gowebdav.Authenticator, error) {
		return gowebdav.NewDigestAuth(s.user, password, resp)
	})
	shim, _ := authz.NewAuthenticator(nil)
	defer shim.Close() //nolint:errcheck // holds nothing
	_, err = shim.Verify(c.http, resp, resp.Request.URL.RequestURI())
	Drain(resp)
	if err != nil {
		return fmt.Errorf("the server asks for an unknown way to sign in: %w", transport.ErrSignIn)
	}
	s.authz = authz
	return nil
}

// howToSignIn asks the server without signing in.
func (c *Client) howToSignIn(ctx context.Context) (*http.Response, error) {
	req, err := c.request(ctx, Request{Method: http.MethodOptions}, c.base)
	if err != nil {
		return nil, err
	}
	return c.send(req)
}

// begin gives the authenticator of one request, and whether it goes by what was known of the server.
func (s *signer) begin() (shim gowebdav.Authenticator, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	shim, _ = s.authz.NewAuthenticator(nil)
	return shim, s.known
}

// offersBasic reports whether a refusal names Basic (RFC 9110, section 11.6.1).
func offersBasic(h http.Header) bool {
	return slices.ContainsFunc(h.Values("WWW-Authenticate"), func(v string) bool { return strings.Contains(strings.ToLower(v), "basic") })
}

// refused forgets the password, so that the next request asks for it again. With another it forgets how to sign in, where
// the server was known to take Basic and does not any more.
func (s *signer) refused(another bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if another {
		if s.known {
			s.authz, s.known = nil, false
			s.chosen.Store(false)
		}
		return errAskAgain
	}
	s.authz = nil
	s.chosen.Store(false)
	return transport.ErrSignIn
}
