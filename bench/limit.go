// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"

	"kontor/sync/servertest"
)

// limit runs as a child of its own and does the least that any client has to do: read all octets, and drop them.
func limit(what string, args []string) error {
	switch {
	case what == "limit-imap" && len(args) == 2:
		return limitIMAP(args[0], args[1])
	case what == "limit-caldav" && len(args) > 0:
		return limitCalDAV(args)
	}
	return errors.New("wrong usage of " + what)
}

// imapDrain is a connection on which answers are read and dropped.
type imapDrain struct {
	r *bufio.Reader
	w io.Writer
	n int
}

func limitIMAP(addr, caFile string) error {
	pem, err := os.ReadFile(caFile)
	if err != nil {
		return err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	host, _, _ := net.SplitHostPort(addr)
	c, err := tls.Dial("tcp", addr, &tls.Config{RootCAs: pool, ServerName: host, MinVersion: tls.VersionTLS12})
	if err != nil {
		return err
	}
	defer c.Close()
	d := &imapDrain{r: bufio.NewReaderSize(c, 256<<10), w: c}
	if _, err := d.r.ReadString('\n'); err != nil {
		return err
	}
	if _, err := d.do("LOGIN " + servertest.User + " " + servertest.Password); err != nil {
		return err
	}
	lines, err := d.do(`LIST "" "*"`)
	if err != nil {
		return err
	}
	messages := 0
	for _, line := range lines {
		_, name, ok := strings.Cut(line, `"/" `)
		if !ok {
			continue
		}
		if _, err := d.do("EXAMINE " + strings.TrimSpace(name)); err != nil {
			return err
		}
		answers, err := d.do("UID FETCH 1:* (UID FLAGS BODY.PEEK[])")
		if err != nil {
			return err
		}
		for _, a := range answers {
			if strings.Contains(a, " FETCH (") {
				messages++
			}
		}
	}
	fmt.Println(messages)
	return nil
}

// do sends a command and gives the lines of the answer without their literals.
func (d *imapDrain) do(command string) ([]string, error) {
	d.n++
	tag := fmt.Sprintf("a%d ", d.n)
	if _, err := io.WriteString(d.w, tag+command+"\r\n"); err != nil {
		return nil, err
	}
	var lines []string
	for {
		line, err := d.r.ReadString('\n')
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(line, tag) {
			if !strings.HasPrefix(line, tag+"OK") {
				return nil, errors.New(strings.TrimSpace(line))
			}
			return lines, nil
		}
		lines = append(lines, line)
		if n, ok := literal(line); ok {
			if _, err := io.CopyN(io.Discard, d.r, n); err != nil {
				return nil, err
			}
		}
	}
}

// literal reads the "{123}" at the end of a line.
func literal(line string) (int64, bool) {
	line = strings.TrimRight(line, "\r\n")
	i := strings.LastIndexByte(line, '{')
	if i < 0 || !strings.HasSuffix(line, "}") {
		return 0, false
	}
	n, err := strconv.ParseInt(line[i+1:len(line)-1], 10, 64)
	return n, err == nil
}

// limitCalDAV asks for all objects of each list in one request (RFC 4791, 7.8).
func limitCalDAV(lists []string) error {
	const query = `<?xml version="1.0"?><C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">` +
		`<D:prop><D:getetag/><C:calendar-data/></D:prop><C:filter><C:comp-filter name="VCALENDAR"/></C:filter></C:calendar-query>`
	for _, list := range lists {
		req, err := http.NewRequest("REPORT", list, strings.NewReader(query))
		if err != nil {
			return err
		}
		req.SetBasicAuth(servertest.User, servertest.Password)
		req.Header.Set("Depth", "1")
		req.Header.Set("Content-Type", "application/xml")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, res.Body)
		if err := errors.Join(err, res.Body.Close()); err != nil {
			return err
		}
		if res.StatusCode != http.StatusMultiStatus {
			return fmt.Errorf("%s: %s", list, res.Status)
		}
	}
	return nil
}
