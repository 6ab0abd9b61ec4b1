// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// errOdd is what a response gives that is not as RFC 9051 has it. The response is skipped, never the connection.
var errOdd = errors.New("odd response")

// scanner goes through one framed response: text, with literals in place as "{n}" CRLF and n octets.
type scanner struct {
	b []byte
	i int
}

func (s *scanner) space() {
	for s.i < len(s.b) && s.b[s.i] == ' ' {
		s.i++
	}
}

func (s *scanner) peek() byte {
	if s.i < len(s.b) {
		return s.b[s.i]
	}
	return 0
}

// skip passes over c if it is next.
func (s *scanner) skip(c byte) bool {
	if s.peek() != c || s.i >= len(s.b) {
		return false
	}
	s.i++
	return true
}

// word reads an atom in the widest sense: everything up to a space, parenthesis or line end. Brackets may hold spaces.
func (s *scanner) word() []byte {
	start, depth := s.i, 0
	for s.i < len(s.b) {
		switch s.b[s.i] {
		case '[':
			depth++
		case ']':
			depth--
		case '(', ')', ' ':
			if depth <= 0 {
				return s.b[start:s.i]
			}
		case '\r', '\n':
			return s.b[start:s.i]
		}
		s.i++
	}
	return s.b[start:s.i]
}

// atom reads up to a space, parenthesis or line end; brackets are characters like others.
func (s *scanner) atom() []byte {
	start := s.i
	for s.i < len(s.b) && !bytes.ContainsRune([]byte("() \r\n"), rune(s.b[s.i])) {
		s.i++
	}
	return s.b[start:s.i]
}

func (s *scanner) number() (uint64, bool) {
	start := s.i
	var n uint64
	for s.i < len(s.b) && '0' <= s.b[s.i] && s.b[s.i] <= '9' {
		n = n*10 + uint64(s.b[s.i]-'0')
		s.i++
	}
	return n, s.i > start
}

// uint32 reads a number of 32 bits.
func (s *scanner) uint32() (uint32, bool) {
	n, ok := s.number()
	return uint32(n), ok && n < 1<<32
}

// text reads a string in any form: quoted, literal, atom or NIL (which gives nil).
func (s *scanner) text() ([]byte, error) {
	switch s.peek() {
	case '"':
		return s.quoted()
	case '{', '~':
		return s.literal()
	}
	w := s.atom()
	if len(w) == 0 {
		return nil, fmt.Errorf("string missing at %d: %w", s.i, errOdd)
	}
	if strings.EqualFold(string(w), "NIL") {
		return nil, nil
	}
	return w, nil
}

func (s *scanner) quoted() ([]byte, error) {
	start := s.i + 1
	escaped := false
	for i := start; i < len(s.b); i++ {
		switch s.b[i] {
		case '\\':
			escaped = true
			i++
		case '"':
			s.i = i + 1
			if !escaped {
				return s.b[start:i], nil
			}
			return unescape(s.b[start:i]), nil
		}
	}
	s.i = len(s.b)
	return nil, fmt.Errorf("quote without end: %w", errOdd)
}

func unescape(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] == '\\' && i+1 < len(b) {
			i++
		}
		out = append(out, b[i])
	}
	return out
}

func (s *scanner) literal() ([]byte, error) {
	s.skip('~')
	s.skip('{')
	n, ok := s.number()
	s.skip('+')
	if !ok || !s.skip('}') {
		return nil, fmt.Errorf("literal without length: %w", errOdd)
	}
	s.skip('\r')
	if !s.skip('\n') || n > uint64(len(s.b)-s.i) {
		return nil, fmt.Errorf("literal without octets: %w", errOdd)
	}
	start := s.i
	s.i += int(n)
	return s.b[start:s.i], nil
}

// value passes over one value of any form: string, literal, atom, number or list.
func (s *scanner) value() error {
	depth := 0
	for {
		s.space()
		switch s.peek() {
		case '(':
			s.i++
			depth++
		case ')':
			if depth == 0 {
				return fmt.Errorf("value missing at %d: %w", s.i, errOdd)
			}
			s.i++
			depth--
		case 0, '\r', '\n':
			return fmt.Errorf("list without end: %w", errOdd)
		default:
			before := s.i
			if _, err := s.text(); err != nil {
				return err
			}
			if s.i == before {
				return fmt.Errorf("value missing at %d: %w", s.i, errOdd)
			}
		}
		if depth == 0 {
			return nil
		}
	}
}

// words reads a list of atoms in parentheses.
func (s *scanner) words() ([]string, error) {
	if !s.skip('(') {
		w := s.atom()
		if strings.EqualFold(string(w), "NIL") {
			return nil, nil
		}
		return nil, fmt.Errorf("list missing at %d: %w", s.i, errOdd)
	}
	var list []string
	for {
		s.space()
		if s.skip(')') {
			return list, nil
		}
		w, err := s.text()
		if err != nil {
			return list, err
		}
		if len(w) == 0 && s.i >= len(s.b) {
			return list, fmt.Errorf("list without end: %w", errOdd)
		}
		list = append(list, string(w))
	}
}
