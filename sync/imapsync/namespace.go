// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"kontor/app/mail"
)

// beside is what is asked for together with the list of folders. That a server refuses it says nothing about the list.
type beside struct {
	spaces *command
	quota  *command
	names  []mail.Namespace
	quotas []mail.Quota
	rights map[string]mail.Rights // by the name on the wire
}

// sendBeside asks for the namespaces (RFC 2342) and how full the mailbox is (RFC 9208).
func (c *client) sendBeside() *beside {
	b := &beside{rights: map[string]mail.Rights{}}
	if c.has("NAMESPACE") {
		b.spaces = c.sendFor(func() { c.on.namespace = func(list []mail.Namespace) { b.names = list } }, "NAMESPACE")
	}
	if c.has("QUOTA") {
		take := func(list []mail.Quota) { b.quotas = append(b.quotas, list...) }
		b.quota = c.sendFor(func() { c.on.quota = take }, "GETQUOTAROOT INBOX")
	}
	return b
}

// told reports whether the server answered a command.
func told(cmd *command) bool { return cmd != nil && cmd.done && cmd.err == nil }

// sendHidden asks for the folders of namespaces that the list of all folders leaves out, as servers may (RFC 2342, section
// 5). On one connection, a namespace that turned out to be empty is not asked for again.
func (l *listing) sendHidden() []*command {
	var cmds []*command
	for _, s := range l.beside.names {
		listed := slices.ContainsFunc(l.boxes, func(b remoteBox) bool { return strings.HasPrefix(b.name, s.Prefix) })
		if s.Space == mail.SpaceOwn || s.Prefix == "" || listed || l.c.empty[s.Prefix] {
			continue
		}
		if l.c.empty == nil {
			l.c.empty = map[string]bool{}
		}
		l.c.empty[s.Prefix] = true
		cmds = append(cmds, l.c.send(`LIST "" `, quote(encodeName(s.Prefix)+"*")))
	}
	return cmds
}

// waitHidden takes the answers to sendHidden.
func (l *listing) waitHidden() error {
	cmds := l.sendHidden()
	if len(cmds) == 0 {
		return nil
	}
	known := len(l.boxes)
	for _, cmd := range cmds {
		if err := l.c.wait(cmd); err != nil && !refused(err) {
			return fmt.Errorf("list folders: %w", err)
		}
	}
	for _, b := range l.boxes[known:] {
		for prefix := range l.c.empty {
			if strings.HasPrefix(b.name, prefix) {
				delete(l.c.empty, prefix)
			}
		}
	}
	return nil
}

// namespaced reads the three lists of a NAMESPACE response: personal, other users' and shared ones (RFC 2342, section 5).
func (c *client) namespaced(rest []byte) error {
	s := scanner{b: rest}
	var all []mail.Namespace
	for _, space := range []mail.Space{mail.SpaceOwn, mail.SpaceUsers, mail.SpaceShared} {
		s.space()
		if !s.skip('(') {
			if !equalFold(s.atom(), "NIL") {
				return fmt.Errorf("NAMESPACE: %w", errOdd)
			}
			continue
		}
		for s.space(); !s.skip(')'); s.space() {
			n, err := s.namespace(space)
			if err != nil {
				return fmt.Errorf("NAMESPACE: %w", err)
			}
			all = append(all, n)
		}
	}
	if c.on.namespace != nil {
		c.on.namespace(all)
	}
	return nil
}

// namespace reads ("prefix" "delimiter" ...), what follows is passed over.
func (s *scanner) namespace(space mail.Space) (n mail.Namespace, err error) {
	if !s.skip('(') {
		return n, errOdd
	}
	prefix, err := s.text()
	if err != nil {
		return n, err
	}
	s.space()
	delim, err := s.text()
	if err != nil {
		return n, err
	}
	for s.space(); !s.skip(')'); s.space() {
		if err := s.value(); err != nil {
			return n, err
		}
	}
	name, _ := decodeName(string(prefix))
	return mail.Namespace{Space: space, Prefix: name, Delim: string(bytes.Clone(delim))}, nil
}

// spacesOf gives the namespaces, those of last time if the server did not tell.
func (w *Worker) spacesOf(l *listing) []mail.Namespace {
	w.mu.Lock()
	defer w.mu.Unlock()
	if told(l.beside.spaces) {
		w.spaces = l.beside.names
	}
	return w.spaces
}
