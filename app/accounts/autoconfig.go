// SPDX-License-Identifier: EUPL-1.2

package accounts

import (
	"context"
	"encoding/xml"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// clientConfig is the file that mail programs look for at a domain (draft-ietf-mailmaint-autoconfig).
type clientConfig struct {
	Provider struct {
		Incoming []configServer `xml:"incomingServer"`
		Outgoing []configServer `xml:"outgoingServer"`
	} `xml:"emailProvider"`
	Calendars []configURL `xml:"calendar"`
	Files     []configURL `xml:"fileShare"`
}

type configServer struct {
	Type   string `xml:"type,attr"`
	Host   string `xml:"hostname"`
	Port   string `xml:"port"`
	Socket string `xml:"socketType"`
	User   string `xml:"username"`
}

type configURL struct {
	Type string `xml:"type,attr"`
	URL  string `xml:"serverURL"`
}

// maxConfig bounds the file, in octets.
const maxConfig = 256 << 10

// autoconfig reads the domain's own file, over TLS only.
func (f *finder) autoconfig(ctx context.Context) Found {
	for _, address := range []string{
		"https://autoconfig." + f.domain + "/mail/config-v1.1.xml?emailaddress=" + url.QueryEscape(f.address),
		"https://" + f.domain + "/.well-known/autoconfig/mail/config-v1.1.xml",
	} {
		if found, ok := f.readConfig(ctx, address); ok {
			return found
		}
	}
	return Found{}
}

func (f *finder) readConfig(ctx context.Context, address string) (Found, bool) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return Found{}, false
	}
	resp, err := f.http.Do(req)
	if err != nil {
		return Found{}, false
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return Found{}, false
	}
	var config clientConfig
	if err := xml.NewDecoder(io.LimitReader(resp.Body, maxConfig)).Decode(&config); err != nil {
		return Found{}, false
	}
	return config.found(f.address), true
}

// found picks the servers that Kontor can use: encrypted ones, the first of each kind.
func (c clientConfig) found(address string) Found {
	var out Found
	fill := strings.NewReplacer("%EMAILADDRESS%", address, "%EMAILLOCALPART%", address[:strings.LastIndexByte(address, '@')],
		"%EMAILDOMAIN%", address[strings.LastIndexByte(address, '@')+1:])
	for _, s := range c.Provider.Incoming {
		if u := s.url("imap", fill); u != "" && out.IMAP == SourceNone {
			out.Draft.IMAPURL, out.IMAP, out.Draft.User = u, SourceAutoconfig, fill.Replace(s.User)
		}
	}
	for _, s := range c.Provider.Outgoing {
		if u := s.url("smtp", fill); u != "" && out.SMTP == SourceNone {
			out.Draft.SMTPURL, out.SMTP = u, SourceAutoconfig
		}
	}
	if u := firstURL(c.Calendars, "caldav", fill); u != "" {
		out.Draft.TasksURL, out.Tasks = u, SourceAutoconfig
	}
	if u := firstURL(c.Files, "webdav", fill); u != "" {
		out.Draft.FilesURL, out.Files = u, SourceAutoconfig
	}
	return out
}

func (s configServer) url(kind string, fill *strings.Replacer) string {
	host, port := strings.TrimSpace(fill.Replace(s.Host)), strings.TrimSpace(s.Port)
	if s.Type != kind || host == "" || port == "" {
		return ""
	}
	switch s.Socket {
	case "SSL":
		kind += "s"
	case "STARTTLS":
	default: // without encryption: never
		return ""
	}
	return kind + "://" + net.JoinHostPort(host, port)
}

func firstURL(all []configURL, kind string, fill *strings.Replacer) string {
	for _, c := range all {
		u, err := url.Parse(strings.TrimSpace(fill.Replace(c.URL)))
		if c.Type == kind && err == nil && u.Scheme == "https" && u.Host != "" {
			return u.String()
		}
	}
	return ""
}
