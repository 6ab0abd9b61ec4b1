// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"kontor/app/mail"
)

// fetched is what FETCH responses said of one message (RFC 9051, section 7.5.2). Its octets belong to the reader and
// are valid until the next response is read.
type fetched struct {
	seq      uint32
	uid      uint32
	flags    mail.Flags
	keywords []string
	hasFlags bool
	date     time.Time
	size     int64
	hasSize  bool
	content  []byte // of BODY[...]
	hasBody  bool   // there was a BODY[...], be it NIL
}

// parseFetch reads what follows "* n FETCH". What was understood before an odd item is given beside the error.
func parseFetch(seq uint32, b []byte) (f fetched, err error) {
	f.seq = seq
	s := scanner{b: b}
	s.space()
	if !s.skip('(') {
		return f, fmt.Errorf("items missing: %w", errOdd)
	}
	for {
		s.space()
		if s.skip(')') {
			return f, nil
		}
		item := s.word()
		if len(item) == 0 {
			return f, fmt.Errorf("item missing at %d: %w", s.i, errOdd)
		}
		s.space()
		if err := f.item(item, &s); err != nil {
			return f, fmt.Errorf("item %.20q: %w", item, err)
		}
	}
}

func (f *fetched) item(name []byte, s *scanner) (err error) {
	switch {
	case equalFold(name, "UID"):
		var ok bool
		if f.uid, ok = s.uint32(); !ok {
			return errOdd
		}
	case equalFold(name, "FLAGS"):
		var list []string
		if list, err = s.words(); err == nil {
			f.flags, f.keywords = readFlags(list)
			f.hasFlags = true
		}
	case equalFold(name, "INTERNALDATE"):
		var t []byte
		if t, err = s.text(); err == nil {
			f.date = readDate(string(t))
		}
	case equalFold(name, "RFC822.SIZE"):
		n, ok := s.number()
		if !ok || n > 1<<50 {
			return errOdd
		}
		f.size, f.hasSize = int64(n), true
	case len(name) > 5 && equalFold(name[:5], "BODY["), equalFold(name, "RFC822"), equalFold(name, "RFC822.HEADER"):
		f.content, err = s.text()
		f.hasBody = true
	default:
		err = s.value()
	}
	return err
}

func equalFold(b []byte, name string) bool {
	return len(b) == len(name) && strings.EqualFold(string(b), name)
}

// dateLayouts are INTERNALDATE as RFC 9051 has it, and as some servers send it.
var dateLayouts = []string{"_2-Jan-2006 15:04:05 -0700", "2-Jan-2006 15:04:05 -0700", "_2-Jan-2006 15:04:05 MST", "_2-Jan-2006 15:04:05"}

func readDate(s string) time.Time {
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t
		}
	}
	return time.Time{}
}

// flagNames are the names of flags on the wire. The first of each bit is what is sent, all are understood.
var flagNames = []struct {
	flag  mail.Flags
	names []string
}{
	{mail.Seen, []string{`\Seen`}},
	{mail.Answered, []string{`\Answered`}},
	{mail.Flagged, []string{`\Flagged`}},
	{mail.Deleted, []string{`\Deleted`}},
	{mail.Draft, []string{`\Draft`}},
	{mail.Forwarded, []string{`$Forwarded`, `Forwarded`}},
	{mail.MDNSent, []string{`$MDNSent`}},
	{mail.Junk, []string{`$Junk`, `Junk`}},
	{mail.NotJunk, []string{`$NotJunk`, `NonJunk`, `NotJunk`}},
}

// readFlags divides flags into those with a bit and keywords, which are sorted and each once.
func readFlags(list []string) (flags mail.Flags, keywords []string) {
next:
	for _, name := range list {
		for _, known := range flagNames {
			for _, n := range known.names {
				if strings.EqualFold(name, n) {
					flags |= known.flag
					continue next
				}
			}
		}
		if name != "" && name[0] != '\\' && !strings.ContainsAny(name, " \t") {
			keywords = append(keywords, name)
		}
	}
	slices.Sort(keywords)
	return flags, slices.Compact(keywords)
}

// wireFlags gives the names to send for flags and keywords. For a removal every name of a flag is sent.
func wireFlags(flags mail.Flags, keywords []string, removal bool) []string {
	var list []string
	for _, known := range flagNames {
		switch {
		case !flags.Has(known.flag):
		case removal:
			list = append(list, known.names...)
		default:
			list = append(list, known.names[0])
		}
	}
	for _, k := range keywords {
		if isAtom(k) {
			list = append(list, k)
		}
	}
	return list
}

// isAtom reports whether s can be sent as an atom (RFC 9051, section 9).
func isAtom(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`(){%*"\]`, r) })
}

// isStatus reports whether a response is one whose text is for people: it has no literals whatever it ends with.
func isStatus(line []byte) bool {
	if !bytes.HasPrefix(line, []byte("* ")) {
		return true
	}
	for _, word := range []string{"OK", "NO", "BAD", "BYE", "PREAUTH"} {
		if n := 2 + len(word); len(line) > n && (line[n] == ' ' || line[n] == '\r') && equalFold(line[2:n], word) {
			return true
		}
	}
	return false
}
