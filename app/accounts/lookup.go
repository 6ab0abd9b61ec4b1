// SPDX-License-Identifier: EUPL-1.2

package accounts

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// record asks for an SRV record and gives "host:port" of the first target that can be reached, empty where the domain
// offers no such service (a target of "." says so expressly, RFC 2782).
func (f *finder) record(ctx context.Context, service string) string {
	ctx, cancel := context.WithTimeout(ctx, stepTimeout)
	defer cancel()
	_, all, err := f.Resolver.LookupSRV(ctx, service, "tcp", f.domain)
	f.heard(err)
	if err != nil {
		return ""
	}
	var targets []string
	for _, r := range all {
		if host := strings.TrimSuffix(r.Target, "."); host != "" {
			targets = append(targets, net.JoinHostPort(host, strconv.Itoa(int(r.Port))))
		}
	}
	return f.reachable(ctx, targets)
}

// targetTimeout is how long a target may take to answer before the next one is tried.
const targetTimeout = 1500 * time.Millisecond

// reachable gives the first of some targets, in the order of RFC 2782, that takes a connection; the first of all where none
// does, since a person may be on the road, and where there is no other.
func (f *finder) reachable(ctx context.Context, targets []string) string {
	switch len(targets) {
	case 0:
		return ""
	case 1:
		return targets[0]
	}
	for _, target := range targets {
		once, cancel := context.WithTimeout(ctx, targetTimeout)
		c, err := f.Dial(once, "tcp", target)
		cancel()
		if err == nil {
			_ = c.Close() // nothing was sent
			return target
		}
	}
	return targets[0]
}

// heard notes whether the name service can be reached at all: "not found" is an answer too.
func (f *finder) heard(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var dns *net.DNSError
	if errors.As(err, &dns) && !dns.IsNotFound {
		f.failed = err
		return
	}
	f.answers++
}

// srv asks the name service (RFC 6186, RFC 8314, section 5.1, RFC 6764, section 3). A service without TLS from the
// first octet on is used with STARTTLS, and CalDAV without TLS never.
func (f *finder) srv(ctx context.Context) Found {
	var (
		wg      sync.WaitGroup
		answers [5]string
		path    string
	)
	for i, service := range []string{"imaps", "imap", "submissions", "submission", "caldavs"} {
		wg.Go(func() { answers[i] = f.record(ctx, service) })
	}
	wg.Go(func() { path = f.contextPath(ctx) })
	wg.Wait()

	var out Found
	switch {
	case answers[0] != "":
		out.Draft.IMAPURL, out.IMAP = "imaps://"+answers[0], SourceSRV
	case answers[1] != "":
		out.Draft.IMAPURL, out.IMAP = "imap://"+answers[1], SourceSRV
	}
	switch {
	case answers[2] != "":
		out.Draft.SMTPURL, out.SMTP = "smtps://"+answers[2], SourceSRV
	case answers[3] != "":
		out.Draft.SMTPURL, out.SMTP = "smtp://"+answers[3], SourceSRV
	}
	if answers[4] != "" {
		out.Draft.TasksURL, out.Tasks = "https://"+strings.TrimSuffix(answers[4], ":443")+path, SourceSRV
	}
	return out
}

// contextPath is the path that a TXT record beside the SRV record names (RFC 6764, section 4).
func (f *finder) contextPath(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, stepTimeout)
	defer cancel()
	all, err := f.Resolver.LookupTXT(ctx, "_caldavs._tcp."+f.domain)
	if err != nil {
		return wellKnown
	}
	for _, text := range all {
		if path, ok := strings.CutPrefix(text, "path="); ok && strings.HasPrefix(path, "/") {
			return path
		}
	}
	return wellKnown
}

// wellKnown asks the domain's web server. Whatever sends a client on, or asks it to sign in, is a CalDAV server.
func (f *finder) wellKnown(ctx context.Context) Found {
	if to := f.askCalendar(ctx, "https://"+f.domain+wellKnown); to != "" {
		return Found{Draft: Draft{TasksURL: to}, Tasks: SourceWellKnown}
	}
	return Found{}
}

func (f *finder) askCalendar(ctx context.Context, address string) string {
	req, err := http.NewRequestWithContext(ctx, "PROPFIND", address, strings.NewReader(askTasks))
	if err != nil {
		return ""
	}
	req.Header.Set("Depth", "0")
	req.Header.Set("Content-Type", "application/xml; charset=utf-8")
	client := *f.http
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Do(req)
	if err != nil {
		return ""
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxConfig))
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		to, err := resp.Location()
		if err != nil || to.Scheme != "https" || to.Host == "" || to.Path == "" || to.Path == "/" {
			return "" // a web site that sends everybody to its front page
		}
		return to.String()
	case http.StatusMultiStatus, http.StatusUnauthorized:
		return address
	}
	return ""
}

// guess tries usual names. Only what answers with a certificate for its name is taken.
func (f *finder) guess(ctx context.Context) Found {
	var (
		wg                sync.WaitGroup
		imap, smtp, files string
	)
	wg.Go(func() { imap = f.answering(ctx, "imaps://", "993", "imap.", "mail.", "") })
	wg.Go(func() { smtp = f.answering(ctx, "smtps://", "465", "smtp.", "mail.", "") })
	wg.Go(func() { files = f.guessFiles(ctx) })
	wg.Wait()
	var out Found
	if imap != "" {
		out.Draft.IMAPURL, out.IMAP = imap, SourceGuess
	}
	if smtp != "" {
		out.Draft.SMTPURL, out.SMTP = smtp, SourceGuess
	}
	if files != "" {
		out.Draft.FilesURL, out.Files = files, SourceGuess
	}
	return out
}

// answering gives the address of the first name, in this order, that a TLS server answers at.
func (f *finder) answering(ctx context.Context, scheme, port string, prefixes ...string) string {
	names := make([]string, len(prefixes))
	var wg sync.WaitGroup
	for i, prefix := range prefixes {
		wg.Go(func() {
			host := prefix + f.domain
			ctx, cancel := context.WithTimeout(ctx, stepTimeout)
			defer cancel()
			raw, err := f.Dial(ctx, "tcp", net.JoinHostPort(host, port))
			if err != nil {
				return
			}
			defer raw.Close()
			cfg := f.tls.Clone()
			cfg.ServerName = host
			if tls.Client(raw, cfg).HandshakeContext(ctx) == nil {
				names[i] = scheme + net.JoinHostPort(host, port)
			}
		})
	}
	wg.Wait()
	for _, name := range names {
		if name != "" {
			return name
		}
	}
	return ""
}

// guessFiles looks for a Nextcloud at usual names. Its old address needs no user name in the path.
func (f *finder) guessFiles(ctx context.Context) string {
	prefixes := []string{"files.", "cloud.", "nextcloud."}
	found := make([]bool, len(prefixes))
	var wg sync.WaitGroup
	for i, prefix := range prefixes {
		wg.Go(func() { found[i] = isCloud(ctx, f.http, "https://"+prefix+f.domain) })
	}
	wg.Wait()
	for i, yes := range found {
		if yes {
			return "https://" + prefixes[i] + f.domain + "/remote.php/webdav/"
		}
	}
	return ""
}
