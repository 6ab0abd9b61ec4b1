// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"

	"kontor/sync/servertest"
)

// isChild reports whether a first argument makes the program a child of itself.
func isChild(what string) bool {
	return strings.HasPrefix(what, "limit-") || what == headersChild || what == indexChild
}

// child runs in a process of its own: it does the least that any client has to do, read all octets and drop them, or a part
// of Kontor's work.
func child(what string, args []string) error {
	switch {
	case what == "limit-imap" && len(args) >= 2:
		return limitIMAP(args[0], args[1], "(UID FLAGS BODY.PEEK[])")
	case what == "limit-headers" && len(args) >= 2:
		return limitIMAP(args[0], args[1], "(UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS (REFERENCES)])")
	case what == indexChild && len(args) == 1:
		return kontorIndex(args[0])
	case what == headersChild && len(args) == 3:
		return kontorHeaders(args[0], args[1], args[2])
	case what == "limit-caldav" && len(args) > 0:
		return limitCalDAV(args)
	}
	return errors.New("wrong usage of " + what)
}

// imapDrain is a connection on which answers are read and dropped.
type imapDrain struct {
	net.Conn
	r *bufio.Reader
	n int
}

// openDrain connects and signs in.
func openDrain(addr, caFile string) (*imapDrain, error) {
	pem, err := os.ReadFile(caFile)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	host, _, _ := net.SplitHostPort(addr)
	c, err := tls.Dial("tcp", addr, &tls.Config{RootCAs: pool, ServerName: host, MinVersion: tls.VersionTLS12})
	if err != nil {
		return nil, err
	}
	d := &imapDrain{Conn: c, r: bufio.NewReaderSize(c, 256<<10)}
	_, err = d.r.ReadString('\n')
	if err == nil {
		_, err = d.do("LOGIN " + servertest.User + " " + servertest.Password)
	}
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return d, nil
}

// limitIMAP fetches the items of all messages over one connection.
func limitIMAP(addr, caFile, items string) error {
	d, err := openDrain(addr, caFile)
	if err != nil {
		return err
	}
	defer d.Close()
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
		answers, err := d.do("UID FETCH 1:* " + items)
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
	if _, err := io.WriteString(d, tag+command+"\r\n"); err != nil {
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

// limitCalDAV reads and drops all objects of each list.
func limitCalDAV(lists []string) error {
	for _, list := range lists {
		if err := davRequest(context.Background(), "REPORT", list, "application/xml", allTasks, io.Discard); err != nil {
			return err
		}
	}
	return nil
}
