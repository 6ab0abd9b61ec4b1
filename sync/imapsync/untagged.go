// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// listed is one mailbox of a LIST or LSUB response.
type listed struct {
	attrs []string // in lower case
	delim string
	name  string // on the wire
	lsub  bool
}

// statusItem is one STATUS response.
type statusItem struct {
	name                                   string // on the wire
	messages, uidNext, uidValidity, unseen uint32
	modseq                                 uint64
}

// untagged hands an untagged response on. The error says that it was odd; what was understood has been handed on.
func (c *client) untagged(line []byte) error {
	word, rest, _ := bytes.Cut(line, []byte(" "))
	if n, err := strconv.ParseUint(string(word), 10, 32); err == nil {
		return c.numbered(uint32(n), rest)
	}
	switch strings.ToUpper(string(word)) {
	case "OK", "NO", "BAD", "PREAUTH":
		c.takeCode(respCode(rest))
	case "BYE":
		c.bye = strings.ToValidUTF8(string(rest), "?")
	case "CAPABILITY":
		c.setCaps(string(rest))
	case "ENABLED":
		c.qresync = c.qresync || strings.Contains(strings.ToUpper(string(rest)), "QRESYNC")
	case "SEARCH":
		return c.searched(rest)
	case "ESEARCH":
		return c.esearched(rest)
	case "LIST":
		return c.listed(rest, false)
	case "LSUB":
		return c.listed(rest, true)
	case "STATUS":
		return c.statused(rest)
	case "VANISHED":
		return c.hasVanished(rest)
	case "NAMESPACE":
		return c.namespaced(rest)
	case "QUOTA":
		return c.quotaed(rest)
	case "MYRIGHTS":
		return c.myRights(rest)
	case "ACL":
		return c.accessList(rest)
	}
	return nil // FLAGS and whatever else nobody asked for
}

func (c *client) numbered(n uint32, rest []byte) error {
	word, rest, _ := bytes.Cut(rest, []byte(" "))
	switch {
	case equalFold(word, "FETCH"):
		f, err := parseFetch(n, rest)
		if c.big && f.uid != 0 {
			if c.on.tooBig != nil {
				c.on.tooBig(f.uid)
			}
			return err
		}
		if c.on.fetch != nil && (err == nil || f.uid != 0) {
			c.on.fetch(f)
		}
		return err
	case equalFold(word, "EXISTS"):
		c.box.exists = n
		if c.on.exists != nil {
			c.on.exists(n)
		}
	case equalFold(word, "EXPUNGE"):
		if c.box.exists > 0 {
			c.box.exists--
		}
		if c.on.exists != nil {
			c.on.exists(c.box.exists)
		}
	}
	return nil
}

func (c *client) searched(rest []byte) error {
	var uids []uint32
	s := scanner{b: rest}
	for s.space(); s.i < len(s.b); s.space() {
		n, ok := s.uint32()
		if !ok {
			if s.peek() == '(' { // (MODSEQ n)
				break
			}
			return fmt.Errorf("SEARCH: %w", errOdd)
		}
		uids = append(uids, n)
	}
	if c.on.search != nil {
		c.on.search(uids)
	}
	return nil
}

// esearched reads "(TAG "x") UID ALL set" (RFC 4731).
func (c *client) esearched(rest []byte) error {
	s := scanner{b: rest}
	s.space()
	if s.peek() == '(' {
		if err := s.value(); err != nil {
			return fmt.Errorf("ESEARCH: %w", err)
		}
	}
	for s.space(); s.i < len(s.b); s.space() {
		name := s.atom()
		if equalFold(name, "UID") {
			continue
		}
		s.space()
		if !equalFold(name, "ALL") {
			if err := s.value(); err != nil {
				return fmt.Errorf("ESEARCH: %w", err)
			}
			continue
		}
		uids, err := parseSet(string(s.atom()))
		if err != nil {
			return fmt.Errorf("ESEARCH: %w", err)
		}
		if c.on.search != nil {
			c.on.search(uids)
		}
	}
	return nil
}

func (c *client) listed(rest []byte, lsub bool) error {
	s := scanner{b: rest}
	s.space()
	attrs, err := s.words()
	if err != nil {
		return fmt.Errorf("LIST: %w", err)
	}
	for i := range attrs {
		attrs[i] = strings.ToLower(attrs[i])
	}
	s.space()
	delim, err := s.text()
	if err != nil {
		return fmt.Errorf("LIST: %w", err)
	}
	s.space()
	name, err := s.text()
	if err != nil || len(name) == 0 {
		return fmt.Errorf("LIST without a name: %w", errOdd)
	}
	if c.on.list != nil {
		c.on.list(listed{attrs: attrs, delim: string(delim), name: string(name), lsub: lsub})
	}
	return nil
}

func (c *client) statused(rest []byte) error {
	s := scanner{b: rest}
	s.space()
	name, err := s.text()
	if err != nil {
		return fmt.Errorf("STATUS: %w", err)
	}
	item := statusItem{name: string(name)}
	s.space()
	if !s.skip('(') {
		return fmt.Errorf("STATUS: %w", errOdd)
	}
	for {
		s.space()
		if s.skip(')') {
			break
		}
		key := strings.ToUpper(string(s.atom()))
		s.space()
		n, ok := s.number()
		if !ok {
			if err := s.value(); err != nil || key == "" {
				return fmt.Errorf("STATUS: %w", errOdd)
			}
			continue
		}
		switch key {
		case "MESSAGES":
			item.messages = uint32(n)
		case "UIDNEXT":
			item.uidNext = uint32(n)
		case "UIDVALIDITY":
			item.uidValidity = uint32(n)
		case "UNSEEN":
			item.unseen = uint32(n)
		case "HIGHESTMODSEQ":
			item.modseq = n
		}
	}
	if c.on.status != nil {
		c.on.status(item)
	}
	return nil
}

// hasVanished reads "(EARLIER) set" or "set" (RFC 7162, section 3.2.10).
func (c *client) hasVanished(rest []byte) error {
	set := strings.TrimSpace(string(rest))
	earlier := false
	if after, ok := strings.CutPrefix(strings.ToUpper(set), "(EARLIER)"); ok {
		set, earlier = strings.TrimSpace(after), true
	}
	uids, err := parseSet(set)
	if err != nil {
		return fmt.Errorf("VANISHED: %w", err)
	}
	if !earlier {
		c.box.exists -= min(c.box.exists, uint32(len(uids)))
	}
	if c.on.vanished != nil {
		c.on.vanished(uids)
	}
	return nil
}
