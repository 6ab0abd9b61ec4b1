// SPDX-License-Identifier: EUPL-1.2

package dav

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"sync"
)

// errSyntax is markup that is none.
var errSyntax = errors.New("broken XML")

// kind is what a scanner found.
type kind uint8

const (
	text kind = iota
	start
	end
)

// rawName is a name as it is written.
type rawName struct{ prefix, local string }

// rawAttr is an attribute as it is written, with its value decoded.
type rawAttr struct {
	name  rawName
	value string
}

// scanner splits XML into elements and text. It is lenient as listings need it, and takes a sixth of the time of
// encoding/xml: a first synchronisation is mostly reading listings. Name spaces, and whether elements fit into each
// other, are up to the parser. Comments, instructions and a DOCTYPE are passed over; entities that one declares stay as they
// are written, so nothing can be blown up.
type scanner struct {
	r     *bufio.Reader
	raw   []byte // what did not fit into the buffer of r
	known map[string]rawName
	ended bool // the element that was just opened was written as <empty/>

	// The last token.
	text []byte // decoded, valid until the next token
	name rawName
	attr []rawAttr // likewise
}

// readers are shared by the answers that are read: one for each at a time.
var readers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, 64<<10) }}

func newScanner(r io.Reader) *scanner {
	s := &scanner{r: readers.Get().(*bufio.Reader), known: map[string]rawName{}}
	s.r.Reset(r)
	return s
}

// close gives the buffer back; nothing may be read afterwards.
func (s *scanner) close() {
	s.r.Reset(nil)
	readers.Put(s.r)
	s.r = nil
}

// next reads one token. The end of the stream is io.EOF wherever it comes.
func (s *scanner) next() (kind, error) {
	if s.ended {
		s.ended = false
		return end, nil
	}
	for {
		first, err := s.r.ReadByte()
		if err != nil {
			return 0, err
		}
		if first != '<' {
			if err := s.r.UnreadByte(); err != nil {
				return 0, err
			}
			return text, s.characters()
		}
		what, skipped, err := s.markup()
		if err != nil || !skipped {
			return what, err
		}
	}
}

// characters reads text up to the next markup.
func (s *scanner) characters() error {
	raw, err := s.until('<')
	if err != nil {
		return err
	}
	s.text = appendText(s.text[:0], raw[:len(raw)-1], true)
	return s.r.UnreadByte()
}

// until reads up to and with delim. The octets are valid until the next read.
func (s *scanner) until(delim byte) ([]byte, error) {
	part, err := s.r.ReadSlice(delim)
	if err == nil {
		return part, nil
	}
	s.raw = append(s.raw[:0], part...)
	for errors.Is(err, bufio.ErrBufferFull) {
		part, err = s.r.ReadSlice(delim)
		s.raw = append(s.raw, part...)
	}
	return s.raw, err
}

// markup reads what follows a "<"; skipped reports something that says nothing.
func (s *scanner) markup() (what kind, skipped bool, err error) {
	raw, err := s.until('>')
	if err != nil {
		return 0, false, err
	}
	switch raw[0] {
	case '?':
		return 0, true, s.instruction(raw)
	case '!':
		switch {
		case bytes.HasPrefix(raw, []byte("!--")):
			_, err = s.through(raw, "-->", len("!--"))
			return 0, true, err
		case bytes.HasPrefix(raw, []byte("![CDATA[")):
			raw, err = s.through(raw, "]]>", len("![CDATA["))
			if err == nil {
				s.text = appendText(s.text[:0], raw[len("![CDATA["):len(raw)-len("]]>")], false)
			}
			return text, false, err
		}
		return 0, true, s.declaration(raw)
	case '/':
		s.name, err = s.named(bytes.TrimSpace(raw[1 : len(raw)-1]))
		return end, false, err
	}
	return start, false, s.opening(raw)
}

// through reads on until what follows the first from octets of raw ends in last.
func (s *scanner) through(raw []byte, last string, from int) ([]byte, error) {
	if len(raw) >= from+len(last) && bytes.HasSuffix(raw, []byte(last)) {
		return raw, nil
	}
	all := bytes.Clone(raw)
	for len(all) < from+len(last) || !bytes.HasSuffix(all, []byte(last)) {
		more, err := s.r.ReadSlice('>')
		all = append(all, more...)
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return nil, err
		}
	}
	return all, nil
}

// instruction passes over "<?...?>". Only UTF-8 can be read.
func (s *scanner) instruction(raw []byte) error {
	raw, err := s.through(raw, "?>", len("?"))
	if err != nil || !bytes.HasPrefix(raw, []byte("?xml ")) {
		return err
	}
	_, encoding, found := strings.Cut(string(raw), "encoding=")
	if found && len(encoding) > 2 {
		encoding, _, _ = strings.Cut(encoding[1:], encoding[:1])
		if !strings.EqualFold(encoding, "utf-8") && !strings.EqualFold(encoding, "us-ascii") {
			return errSyntax
		}
	}
	return nil
}

// declaration passes over a DOCTYPE with all that it declares.
func (s *scanner) declaration(raw []byte) error {
	for open := 1 + bytes.Count(raw, []byte("<")); open > 1; open-- {
		more, err := s.until('>')
		if err != nil {
			return err
		}
		open += bytes.Count(more, []byte("<"))
	}
	return nil
}

// opening reads the name and the attributes of an element; a ">" may stand in the value of one.
func (s *scanner) opening(raw []byte) error {
	if insideQuotes(raw) {
		raw = bytes.Clone(raw)
		for insideQuotes(raw) {
			more, err := s.until('>')
			raw = append(raw, more...)
			if err != nil {
				return err
			}
		}
	}
	raw = raw[:len(raw)-1]
	raw, s.ended = bytes.CutSuffix(raw, []byte("/"))
	at := bytes.IndexAny(raw, " \t\r\n")
	if at < 0 {
		at = len(raw)
	}
	var err error
	if s.name, err = s.named(raw[:at]); err != nil {
		return err
	}
	return s.attributes(raw[at:])
}

// insideQuotes reports whether a tag ends within the value of an attribute.
func insideQuotes(raw []byte) bool {
	var quote byte
	for _, c := range raw {
		switch {
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case c == quote:
			quote = 0
		}
	}
	return quote != 0
}

func (s *scanner) attributes(raw []byte) error {
	s.attr = s.attr[:0]
	for raw = bytes.TrimSpace(raw); len(raw) > 0; raw = bytes.TrimSpace(raw) {
		name, rest, found := bytes.Cut(raw, []byte("="))
		rest = bytes.TrimSpace(rest)
		if !found || len(rest) < 2 || (rest[0] != '"' && rest[0] != '\'') {
			return errSyntax
		}
		value, after, closed := bytes.Cut(rest[1:], rest[:1])
		if !closed {
			return errSyntax
		}
		n, err := s.named(bytes.TrimSpace(name))
		if err != nil {
			return err
		}
		s.attr = append(s.attr, rawAttr{n, string(appendText(nil, value, true))})
		raw = after
	}
	return nil
}

// maxNames bounds the names that are remembered: listings use a few dozen.
const maxNames = 1000

// named splits a name, which is made a string once.
func (s *scanner) named(raw []byte) (rawName, error) {
	if n, ok := s.known[string(raw)]; ok {
		return n, nil
	}
	if len(raw) == 0 || bytes.ContainsAny(raw, " \t\r\n<>&\"'=/") || !bytes.Equal(raw, appendText(nil, raw, false)) {
		return rawName{}, errSyntax
	}
	prefix, local, found := strings.Cut(string(raw), ":")
	if !found {
		prefix, local = "", prefix
	}
	n := rawName{prefix, local}
	if len(s.known) < maxNames {
		s.known[string(raw)] = n
	}
	return n, nil
}
