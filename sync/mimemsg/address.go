// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"bytes"
	"strings"

	"kontor/app/mail"
)

// maxAddresses bounds how many addresses of one field are read.
const maxAddresses = 2000

// parseAddresses reads an address list (RFC 5322, section 3.4) as it is found in the wild: missing quotes, semicolons
// for commas, addresses without a domain, encoded words anywhere. Groups give their members, empty groups nothing.
func parseAddresses(value []byte) []mail.Address {
	p := addressParser{in: unfold(value)}
	for len(p.in) > 0 && len(p.list) < maxAddresses {
		p.step()
	}
	p.flush()
	return p.list
}

type addressParser struct {
	in      []byte
	words   []byte // display name or bare address so far, quotes removed
	comment []byte
	angle   []byte
	has     bool // angle was seen
	list    []mail.Address
	// What was looked for up to the end and not found is not looked for again.
	noQuote, noParen, noGroup, noAngle bool
	at                                 bool // words hold an at sign
}

func (p *addressParser) step() {
	c := p.in[0]
	if c == '=' && len(p.in) > 2 && p.in[1] == '?' {
		if _, n := readEncodedWord(p.in); n > 0 { // what is inside does not count as punctuation
			p.words, p.in = append(p.words, p.in[:n]...), p.in[n:]
			return
		}
	}
	p.in = p.in[1:]
	switch c {
	case ',', ';':
		p.flush()
	case ':':
		if p.has || p.at || !p.groupFollows() {
			p.words = append(p.words, c)
			return
		}
		p.words, p.comment = nil, nil // the name of a group
	case '"':
		if !p.noQuote {
			p.words = append(p.words, p.quoted()...)
		}
	case '(':
		if !p.noParen {
			p.comment = append(p.comment, p.parens()...)
		}
	case '<':
		p.takeAngle()
	default:
		p.at = p.at || c == '@'
		p.words = append(p.words, c)
	}
}

// groupFollows reports whether a colon can be that of a group: a semicolon ends it, or an address comes before one.
func (p *addressParser) groupFollows() bool {
	p.noGroup = p.noGroup || bytes.IndexByte(p.in, ';') < 0 && bytes.IndexByte(p.in, '@') < 0
	return !p.noGroup
}

// quoted reads up to the closing quote; without one, it takes the quote as a slip and reads nothing.
func (p *addressParser) quoted() []byte {
	var out []byte
	for i := 0; i < len(p.in); i++ {
		switch c := p.in[i]; c {
		case '\\':
			if i+1 < len(p.in) {
				i++
				out = append(out, p.in[i])
			}
		case '"':
			p.in = p.in[i+1:]
			return out
		default:
			out = append(out, c)
		}
	}
	p.noQuote = true
	return nil
}

func (p *addressParser) parens() []byte {
	depth := 1
	for i := 0; i < len(p.in); i++ {
		switch p.in[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth == 0 {
			out := p.in[:i]
			p.in = p.in[i+1:]
			return out
		}
	}
	p.noParen = true
	return nil
}

func (p *addressParser) takeAngle() {
	end := -1
	if !p.noAngle {
		end = bytes.IndexByte(p.in, '>')
	}
	if end < 0 {
		p.noAngle = true
		end = len(p.in)
		if comma := bytes.IndexByte(p.in, ','); comma >= 0 {
			end = comma
		}
	}
	inner := p.in[:end]
	p.in = p.in[min(end+1, len(p.in)):]
	if open := bytes.LastIndexByte(inner, '<'); open >= 0 { // "<<a@b>>"
		inner = inner[open+1:]
	}
	if p.has { // a second one: the first was part of the name
		p.words = append(append(p.words, ' '), p.angle...)
	}
	p.angle, p.has = inner, true
}

func (p *addressParser) flush() {
	name := decodeText(p.words)
	var addr string
	switch {
	case p.has:
		addr = bareAddress(p.angle)
	case strings.ContainsRune(name, '@'):
		name, addr = splitBare(name)
	default:
		addr, name = name, ""
		if strings.ContainsAny(addr, " \t") || addr == "" {
			addr, name = "", addr
		}
	}
	if name == "" && len(p.comment) > 0 {
		name = decodeText(p.comment)
	}
	name = unquoteName(name)
	if strings.EqualFold(name, addr) {
		name = ""
	}
	if name != "" || addr != "" {
		p.list = append(p.list, mail.Address{Name: name, Addr: addr})
	}
	p.words, p.comment, p.angle, p.has, p.at = nil, nil, nil, false, false
}

// bareAddress drops an obsolete route ("@a,@b:user@c"), white space and quotes around the whole.
func bareAddress(b []byte) string {
	s := cleanLine(decodeWords(bytes.TrimSpace(b)))
	if strings.HasPrefix(s, "@") {
		if _, after, ok := strings.Cut(s, ":"); ok {
			s = after
		}
	}
	s = strings.TrimPrefix(s, "mailto:")
	return strings.ReplaceAll(strings.Trim(s, "'\" "), " ", "")
}

// splitBare takes the address out of text that has no angle brackets: the word with the at sign, the rest is the name.
func splitBare(s string) (name, addr string) {
	var rest []string
	for _, word := range strings.Fields(s) {
		if addr == "" && strings.ContainsRune(word, '@') {
			addr = strings.Trim(word, "'\"[]")
			continue
		}
		rest = append(rest, word)
	}
	return strings.Join(rest, " "), addr
}

// unquoteName drops quotes that are left around a name after its encoded words are decoded.
func unquoteName(s string) string {
	if len(s) >= 2 && (s[0] == '"' && s[len(s)-1] == '"' || s[0] == '\'' && s[len(s)-1] == '\'') {
		return strings.TrimSpace(s[1 : len(s)-1])
	}
	return s
}
