// SPDX-License-Identifier: EUPL-1.2

package accounts

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/mail"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/idna"

	"kontor/sync/transport"
)

// ErrNothingFound is returned where neither the domain nor a guess names a server.
var ErrNothingFound = errors.New("no servers were found for this address")

// Source says where an address comes from; a person should look at a guess. "accounts.source.SOURCE" is its text.
type Source string

// The sources, the most trustworthy first.
const (
	SourceNone       Source = ""
	SourceAutoconfig Source = "autoconfig" // a file on the domain's own web server
	SourceSRV        Source = "srv"        // RFC 6186, RFC 8314, RFC 6764
	SourceWellKnown  Source = "well-known" // RFC 6764, section 5
	SourceGuess      Source = "guess"      // a usual name, where a server with a valid certificate answers
)

// Found is what discovery came to. Fields of Draft without a source are empty.
type Found struct {
	Draft                    Draft
	IMAP, SMTP, Files, Tasks Source
}

// Resolver looks up what discovery needs; net.DefaultResolver is one.
type Resolver interface {
	LookupSRV(ctx context.Context, service, proto, name string) (cname string, addrs []*net.SRV, err error)
	LookupTXT(ctx context.Context, name string) ([]string, error)
}

// Options are how discovery reaches the world; the zero value is the ordinary case.
type Options struct {
	Resolver Resolver
	Dial     func(ctx context.Context, network, address string) (net.Conn, error)
	CAPEM    string        // certificates to trust besides the system's
	Timeout  time.Duration // for the whole discovery, 15 s where zero
}

// finder is one discovery.
type finder struct {
	Options
	domain, address string
	tls             *tls.Config
	http            *http.Client

	mu      sync.Mutex
	answers int   // of the name service, whatever they say
	failed  error // why it gave none
}

const (
	discoverTimeout = 15 * time.Second
	stepTimeout     = 6 * time.Second
)

// Discover finds the servers of a mail address. It asks the domain itself and its name service, never a third party:
// first the autoconfig file, then SRV records and /.well-known/caldav, then usual names. What is found is not tested.
func Discover(ctx context.Context, email string, o Options) (Found, error) {
	parsed, err := mail.ParseAddress(strings.TrimSpace(email))
	if err != nil {
		return Found{}, fmt.Errorf("%q: %w", email, ErrEmail)
	}
	at := strings.LastIndexByte(parsed.Address, '@')
	domain, err := idna.Lookup.ToASCII(parsed.Address[at+1:])
	if err != nil {
		return Found{}, fmt.Errorf("%q: %w", email, ErrEmail)
	}
	f, err := newFinder(o, domain, parsed.Address)
	if err != nil {
		return Found{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, f.Timeout)
	defer cancel()
	found := f.find(ctx)
	found.Draft.Email, found.Draft.DisplayName = parsed.Address, parsed.Name
	found.Draft = found.Draft.Normalised()
	if found.IMAP == SourceNone && found.SMTP == SourceNone && found.Files == SourceNone && found.Tasks == SourceNone {
		if f.answers == 0 && f.failed != nil { // nothing is known of the domain: most likely there is no network
			return found, fmt.Errorf("ask the name service: %w", f.failed)
		}
		return found, fmt.Errorf("%s: %w", domain, ErrNothingFound)
	}
	return found, nil
}

func newFinder(o Options, domain, address string) (*finder, error) {
	if o.Resolver == nil {
		o.Resolver = net.DefaultResolver
	}
	if o.Dial == nil {
		o.Dial = (&net.Dialer{Timeout: stepTimeout}).DialContext
	}
	if o.Timeout == 0 {
		o.Timeout = discoverTimeout
	}
	cfg, err := transport.TLSConfig("", o.CAPEM)
	if err != nil {
		return nil, err
	}
	f := &finder{Options: o, domain: domain, address: address, tls: cfg}
	f.http = &http.Client{
		Timeout:       stepTimeout,
		Transport:     &http.Transport{DialContext: o.Dial, TLSClientConfig: cfg, DisableKeepAlives: true},
		CheckRedirect: onlyTLS,
	}
	return f, nil
}

// onlyTLS follows redirects, but never away from TLS.
func onlyTLS(req *http.Request, via []*http.Request) error {
	if req.URL.Scheme != "https" || len(via) > 5 {
		return http.ErrUseLastResponse
	}
	return nil
}

// find asks everything at the same time and takes the best for each server.
func (f *finder) find(ctx context.Context) Found {
	var (
		wg                      sync.WaitGroup
		config, srv, web, guess Found
	)
	wg.Go(func() { config = f.autoconfig(ctx) })
	wg.Go(func() { srv = f.srv(ctx) })
	wg.Go(func() { web = f.wellKnown(ctx) })
	wg.Go(func() { guess = f.guess(ctx) })
	wg.Wait()
	return best(config, srv, web, guess)
}

// best takes each server from the first that has it, and the user name with the server for receiving mail.
func best(all ...Found) Found {
	var b Found
	take := func(url *string, source *Source, fromURL string, from Source) bool {
		if *source != SourceNone || from == SourceNone {
			return false
		}
		*url, *source = fromURL, from
		return true
	}
	for _, f := range all {
		if take(&b.Draft.IMAPURL, &b.IMAP, f.Draft.IMAPURL, f.IMAP) {
			b.Draft.User = f.Draft.User
		}
		take(&b.Draft.SMTPURL, &b.SMTP, f.Draft.SMTPURL, f.SMTP)
		take(&b.Draft.FilesURL, &b.Files, f.Draft.FilesURL, f.Files)
		take(&b.Draft.TasksURL, &b.Tasks, f.Draft.TasksURL, f.Tasks)
	}
	return b
}
