// SPDX-License-Identifier: EUPL-1.2

package dav

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"kontor/sync/transport"
)

// Sentinels of answers that must not be used.
var (
	// ErrListing says that a multistatus answer is cut, empty or not one. Nothing may be concluded from what it lacks.
	ErrListing = errors.New("the listing of the server is incomplete")
	// ErrHref says that a server named an address outside of the collection that was asked for.
	ErrHref = errors.New("the server named an address that cannot be used")
)

// StatusError is an answer outside of the 2xx class.
type StatusError struct {
	Code       int
	RetryAfter time.Duration // the server's wish (RFC 9110, section 10.2.3), 0 for none
	Message    string        // the server's own words, may be empty
}

// Error is part of error.
func (e *StatusError) Error() string {
	if e.Message != "" {
		return fmt.Sprintf("the server answered %d: %s", e.Code, e.Message)
	}
	return fmt.Sprintf("the server answered %d %s", e.Code, http.StatusText(e.Code))
}

// Unwrap makes it a transport.ErrServer.
func (e *StatusError) Unwrap() error { return transport.ErrServer }

// IsStatus reports whether err is an answer with one of the given codes.
func IsStatus(err error, codes ...int) bool {
	var s *StatusError
	if !errors.As(err, &s) {
		return false
	}
	for _, c := range codes {
		if s.Code == c {
			return true
		}
	}
	return false
}

// RetryAfter is how long the server asks to wait, 0 where it does not.
func RetryAfter(err error) time.Duration {
	var s *StatusError
	if errors.As(err, &s) {
		return s.RetryAfter
	}
	return 0
}

// RedirectError is a redirect that is not followed, since it leads to another host or away from TLS.
type RedirectError struct{ Location string }

// Error is part of error.
func (e *RedirectError) Error() string { return "the server redirects to another host" }

// Unwrap makes it a transport.ErrPortal, which it is unless a discovery expected it.
func (e *RedirectError) Unwrap() error { return transport.ErrPortal }

func statusError(resp *http.Response) error {
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 8<<10)) // only words for a person
	e := &StatusError{Code: resp.StatusCode, RetryAfter: retryAfter(resp.Header.Get("Retry-After"), time.Now())}
	if !isHTML(resp.Header) {
		e.Message = message(string(body))
	}
	return e
}

// retryAfter reads seconds or an HTTP date.
func retryAfter(value string, now time.Time) time.Duration {
	if n, err := strconv.Atoi(strings.TrimSpace(value)); err == nil && n > 0 {
		return min(time.Duration(n)*time.Second, 24*time.Hour)
	}
	if at, err := http.ParseTime(value); err == nil && at.After(now) {
		return min(at.Sub(now), 24*time.Hour)
	}
	return 0
}

// message picks the words for a person out of an error body: sabre/dav's <s:message>, the message of the interface that
// ownCloud's servers have beside WebDAV (OCS), or one short line of plain text.
func message(body string) string {
	if _, after, found := strings.Cut(body, "<s:message"); found {
		_, text, _ := strings.Cut(after, ">")
		text, _, _ = strings.Cut(text, "<")
		return strings.TrimSpace(text)
	}
	var ocs struct {
		OCS struct{ Meta struct{ Message string } }
	}
	if json.Unmarshal([]byte(body), &ocs) == nil {
		return ocs.OCS.Meta.Message
	}
	body = strings.TrimSpace(body)
	if strings.HasPrefix(body, "<") || strings.ContainsAny(body, "\n\r") || len(body) > 200 {
		return ""
	}
	return body
}
