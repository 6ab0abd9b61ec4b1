// SPDX-License-Identifier: EUPL-1.2

package accounts

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"kontor/sync/transport"
)

// maxAnswer is how many octets of an answer are read.
const maxAnswer = 64 << 10

// cloud is a Nextcloud, an ownCloud, or a server with the same interfaces.
type cloud struct {
	base *url.URL // of the whole server
	http *http.Client
}

// newCloud takes any address of a server, with or without "https://" and what lies below. caPEM holds certificates to trust
// besides the system's.
func newCloud(address, caPEM string) (*cloud, error) {
	base, err := cloudBase(address)
	if err != nil {
		return nil, err
	}
	tlsConfig, err := transport.TLSConfig(base.Hostname(), caPEM)
	if err != nil {
		return nil, err
	}
	return &cloud{base, &http.Client{
		Timeout: checkTimeout,
		Transport: &http.Transport{
			DialContext:     func(ctx context.Context, _, addr string) (net.Conn, error) { return transport.Dial(ctx, addr, nil) },
			Proxy:           http.ProxyFromEnvironment,
			TLSClientConfig: tlsConfig, ForceAttemptHTTP2: true, IdleConnTimeout: time.Minute,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// cloudBase finds the address of the whole server in any address of it.
func cloudBase(address string) (*url.URL, error) {
	address = strings.TrimSpace(address)
	if !strings.Contains(address, "://") {
		address = "https://" + address
	}
	for _, below := range []string{"/remote.php", "/index.php", "/status.php", "/apps/"} {
		address, _, _ = strings.Cut(address, below)
	}
	address = strings.TrimRight(address, "/")
	if _, err := transport.ParseEndpoint(address); err != nil {
		return nil, err
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return nil, fmt.Errorf("%q: %w", address, transport.ErrURL)
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u, nil
}

// answers reports whether the server says that it is a cloud, as each does without a sign-in.
func (c *cloud) answers(ctx context.Context) bool { return isCloud(ctx, c.http, c.base.String()) }

func isCloud(ctx context.Context, client *http.Client, base string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/status.php", nil)
	if err != nil {
		return false
	}
	resp, err := client.Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close() //nolint:errcheck // only read
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	return err == nil && resp.StatusCode == http.StatusOK && strings.Contains(string(body), `"productname"`)
}

// files gives the address of a person's files. Where the server does not say what it calls the person, it is the old one,
// which needs no name.
func (c *cloud) files(ctx context.Context, user, password string) string {
	if id := c.userID(ctx, user, password); id != "" {
		return c.base.String() + "/remote.php/dav/files/" + url.PathEscape(id) + "/"
	}
	return c.base.String() + "/remote.php/webdav/"
}

// userID asks what the server calls the person; empty where it does not tell. People may sign in by a mail address.
func (c *cloud) userID(ctx context.Context, user, password string) string {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base.String()+"/ocs/v2.php/cloud/user?format=json", nil)
	if err != nil {
		return ""
	}
	req.SetBasicAuth(user, password)
	req.Header.Set("Ocs-Apirequest", "true")
	var got struct {
		OCS struct{ Data struct{ ID string } }
	}
	if status, err := c.do(req, &got); err != nil || status != http.StatusOK {
		return ""
	}
	return got.OCS.Data.ID
}

// do reads the answer to a request, where it is JSON.
func (c *cloud) do(req *http.Request, into any) (status int, err error) {
	req.Header.Set("User-Agent", "Kontor") // what the person reads in the browser, and later in the list of sessions
	req.Header.Set("Accept", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close() //nolint:errcheck // only read
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return 0, err
	}
	if resp.StatusCode == http.StatusOK && json.Unmarshal(b, into) != nil {
		return http.StatusNoContent, nil // a page of something else
	}
	return resp.StatusCode, nil
}
