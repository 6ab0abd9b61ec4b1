// SPDX-License-Identifier: EUPL-1.2

package dav

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"kontor/sync/transport"
)

// Depth is the Depth header (RFC 4918, section 10.2).
type Depth string

// The depths.
const (
	Depth0        Depth = "0"
	Depth1        Depth = "1"
	DepthInfinity Depth = "infinity"
)

// maxNesting bounds how deep the elements of an answer may lie in each other.
const maxNesting = 64

// Propfind asks for properties and hands on each item as it arrives. body is the request's XML, empty for all
// properties. Only a nil error means that the listing is complete: an answer that is cut, is not XML or does not name
// a single item gives ErrListing, whatever was handed on before. An error of fn ends the listing and is returned.
func (c *Client) Propfind(ctx context.Context, href string, depth Depth, body string, fn func(Response) error) error {
	items := 0
	_, err := c.multistatus(ctx, "PROPFIND", href, depth, body, func(r Response) error {
		items++
		return fn(r)
	})
	if err == nil && items == 0 {
		err = fmt.Errorf("no items: %w", ErrListing)
	}
	if err != nil {
		return fmt.Errorf("list: %w", err)
	}
	return nil
}

// Report sends a REPORT (RFC 3253, section 3.6) and reads the answer like Propfind does, but an empty one is complete.
// It returns the new sync token (RFC 6578, section 6.2) where the answer has one.
func (c *Client) Report(ctx context.Context, href string, depth Depth, body string, fn func(Response) error) (syncToken string, err error) {
	token, err := c.multistatus(ctx, "REPORT", href, depth, body, fn)
	if err != nil {
		return "", fmt.Errorf("report: %w", err)
	}
	return token, nil
}

func (c *Client) multistatus(ctx context.Context, method, href string, depth Depth, body string, fn func(Response) error) (string, error) {
	header := http.Header{"Depth": {string(depth)}, "Content-Type": {"application/xml; charset=utf-8"}}
	resp, err := c.Do(ctx, Request{Method: method, Href: href, Header: header, Body: Bytes([]byte(body)), Length: int64(len(body))})
	if err != nil {
		return "", err
	}
	defer Drain(resp)
	if resp.StatusCode != http.StatusMultiStatus {
		return "", fmt.Errorf("status %d: %w", resp.StatusCode, ErrListing)
	}
	p := parser{scanner: newScanner(resp.Body), resolve: c.Resolve, fn: fn}
	defer p.close()
	if p.at, err = http.ParseTime(resp.Header.Get("Date")); err != nil {
		p.at = time.Time{}
	}
	err = p.run()
	if ctx.Err() != nil {
		return "", errors.Join(ctx.Err(), err)
	}
	return strings.TrimSpace(p.token), err
}

// Bytes is a body for Request that can be sent again.
func Bytes(b []byte) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }
}

// Resolve turns an href of the server into a decoded absolute path. Addresses of another host, with steps upwards, an
// encoded slash or octets that no path can hold give ErrHref: nothing outside of the server's own tree is ever touched.
func (c *Client) Resolve(href string) (string, error) {
	raw := strings.TrimSpace(href)
	if i := strings.Index(raw, "://"); i >= 0 {
		rest := raw[i+3:]
		host, p, _ := strings.Cut(rest, "/")
		u, err := url.Parse("//" + host)
		if err != nil || !strings.EqualFold(u.Hostname(), c.base.Hostname()) {
			return "", fmt.Errorf("other host: %w", ErrHref)
		}
		raw = "/" + p
	}
	if !strings.HasPrefix(raw, "/") || strings.HasPrefix(raw, "//") || strings.Contains(strings.ToLower(raw), "%2f") {
		return "", ErrHref
	}
	p, err := url.PathUnescape(raw)
	if err != nil || strings.ContainsRune(p, 0) {
		return "", ErrHref
	}
	if clean := path.Clean(p); clean != strings.TrimSuffix(p, "/") && clean != p {
		return "", ErrHref
	}
	return p, nil
}

// parser reads a multistatus answer (RFC 4918, section 14.16) token by token.
type parser struct {
	*scanner
	resolve func(string) (string, error)
	fn      func(Response) error
	at      time.Time

	spaces []binding
	open   []xml.Name
	closed bool
	token  string
}

type binding struct {
	prefix, space string
	depth         int
}

func (p *parser) run() error {
	for !p.closed {
		what, err := p.next()
		if err != nil {
			return p.broken(err)
		}
		switch what {
		case start:
			err = p.start()
		case end:
			err = p.end()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// broken keeps what a person can act on: a broken connection, or a listing that is not one.
func (p *parser) broken(err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("%w: %w", ErrListing, err)
}

// start handles the elements of the two outer levels and hands the whole of each response on.
func (p *parser) start() error {
	name, _ := p.push()
	switch len(p.open) {
	case 1:
		if strings.EqualFold(name.Local, "html") {
			return fmt.Errorf("a page in place of a listing: %w", transport.ErrPortal)
		}
		if name != Name("multistatus") {
			return fmt.Errorf("not a multistatus: %w", ErrListing)
		}
		return nil
	}
	e := Element{Name: name}
	if err := p.element(&e); err != nil {
		return err
	}
	switch name {
	case Name("response"):
		r := response(e, p.resolve)
		r.At = p.at
		return p.fn(r)
	case Name("sync-token"):
		p.token = e.Text
	}
	return nil
}

// element reads the rest of an element whose start was read.
func (p *parser) element(e *Element) error {
	depth := len(p.open)
	for {
		what, err := p.next()
		if err != nil {
			return p.broken(err)
		}
		switch what {
		case text:
			if len(e.Children) == 0 || len(bytes.TrimSpace(p.text)) > 0 {
				e.Text += string(p.text)
			}
		case start:
			name, attr := p.push()
			if len(p.open) > maxNesting {
				return fmt.Errorf("nested too deep: %w", ErrListing)
			}
			child := Element{Name: name, Attr: attr}
			if err := p.element(&child); err != nil {
				return err
			}
			if e.Children = append(e.Children, child); strings.TrimSpace(e.Text) == "" {
				e.Text = ""
			}
		case end:
			if err := p.end(); err != nil {
				return err
			}
			if len(p.open) < depth {
				return nil
			}
		}
	}
}

// push opens the element that was just read, with the name spaces that it declares.
func (p *parser) push() (xml.Name, []xml.Attr) {
	depth := len(p.open) + 1
	var attr []xml.Attr
	for _, a := range p.attr {
		switch {
		case a.name.prefix == "xmlns":
			p.spaces = append(p.spaces, binding{a.name.local, a.value, depth})
		case a.name.prefix == "" && a.name.local == "xmlns":
			p.spaces = append(p.spaces, binding{"", a.value, depth})
		default:
			attr = append(attr, xml.Attr{Name: xml.Name{Space: a.name.prefix, Local: a.name.local}, Value: a.value})
		}
	}
	name := p.translate(p.name)
	p.open = append(p.open, name)
	return name, attr
}

// end closes an element. One that was written as <empty/> has the name that was just opened.
func (p *parser) end() error {
	if len(p.open) == 0 || p.open[len(p.open)-1] != p.translate(p.name) {
		return fmt.Errorf("elements overlap: %w", ErrListing)
	}
	depth := len(p.open)
	for n := len(p.spaces); n > 0 && p.spaces[n-1].depth >= depth; n-- {
		p.spaces = p.spaces[:n-1]
	}
	p.open = p.open[:depth-1]
	p.closed = depth == 1
	return nil
}

func (p *parser) translate(n rawName) xml.Name {
	for i := len(p.spaces) - 1; i >= 0; i-- {
		if p.spaces[i].prefix == n.prefix {
			return xml.Name{Space: p.spaces[i].space, Local: n.local}
		}
	}
	return xml.Name{Space: n.prefix, Local: n.local}
}

// statusCode reads "HTTP/1.1 404 Not Found", 0 where it cannot be read.
func statusCode(line string) int {
	fields := strings.Fields(line)
	if len(fields) < 2 {
		return 0
	}
	code, err := strconv.Atoi(fields[1])
	if err != nil {
		return 0
	}
	return code
}
