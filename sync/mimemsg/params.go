// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// parameters are those of a Content-Type or Content-Disposition, names in lower case, values decoded.
type parameters map[string]string

// parseParams reads "value; name=value; ..." (RFC 2045, section 5.1; RFC 2231) and gives the first word in lower case.
// Names without quotes may hold spaces, encoded words are decoded although no standard allows them there.
func parseParams(value []byte) (string, parameters) {
	value = unfold(value)
	head, rest, _ := bytes.Cut(value, []byte(";"))
	kind := strings.ToLower(strings.Trim(toUTF8(bytes.TrimSpace(head), ""), "\"'"))
	if fields := strings.Fields(kind); len(fields) > 0 {
		kind = fields[0]
	}
	if len(rest) == 0 {
		return kind, nil
	}
	var pieces []piece
	for len(rest) > 0 && len(pieces) < 100 {
		var p piece
		p, rest = nextParam(rest)
		if p.name != "" {
			pieces = append(pieces, p)
		}
	}
	return kind, join(pieces)
}

// piece is one parameter as it stands there: "name*1*=value" is part 1 of name, percent-encoded; -1 is no part but all.
type piece struct {
	name    string
	part    int
	encoded bool
	value   []byte
}

func nextParam(b []byte) (piece, []byte) {
	b = bytes.TrimLeft(b, " \t;")
	eq := bytes.IndexAny(b, "=;")
	switch {
	case eq < 0:
		return piece{}, nil
	case b[eq] == ';':
		return piece{}, b[eq:]
	}
	p := splitName(strings.ToLower(string(bytes.TrimSpace(b[:eq]))))
	b = bytes.TrimLeft(b[eq+1:], " \t")
	if len(b) > 0 && b[0] == '"' {
		p.value, b = quotedValue(b[1:])
		return p, b
	}
	end := bytes.IndexByte(b, ';')
	if end < 0 {
		end = len(b)
	}
	p.value = bytes.TrimSpace(b[:end])
	return p, b[end:]
}

// quotedValue reads up to the closing quote. A backslash escapes only quote and backslash: Windows paths come unescaped.
func quotedValue(b []byte) (value, rest []byte) {
	for i := 0; i < len(b); i++ {
		switch {
		case b[i] == '\\' && i+1 < len(b) && (b[i+1] == '"' || b[i+1] == '\\'):
			i++
			value = append(value, b[i])
		case b[i] == '"':
			return value, b[i+1:]
		default:
			value = append(value, b[i])
		}
	}
	return value, nil
}

func splitName(name string) piece {
	p := piece{name: name, part: -1}
	if strings.HasSuffix(p.name, "*") {
		p.name, p.encoded = p.name[:len(p.name)-1], true
	}
	if base, number, ok := strings.Cut(p.name, "*"); ok {
		if n, err := strconv.Atoi(number); err == nil && n >= 0 {
			p.name, p.part = base, n
		}
	}
	return p
}

// join puts the parts of each parameter together (RFC 2231, section 4) and decodes them. Of the several ways to write
// one, the one that says most counts: encoded, in parts, plain; of two alike the first.
func join(pieces []piece) parameters {
	out := parameters{}
	slices.SortStableFunc(pieces, func(a, b piece) int {
		return cmp.Or(strings.Compare(a.name, b.name), cmp.Compare(a.rank(), b.rank()), cmp.Compare(a.part, b.part))
	})
	for len(pieces) > 0 {
		first := pieces[0]
		n := 1
		for n < len(pieces) && pieces[n].name == first.name {
			n++
		}
		out[first.name] = first.joined(pieces[1:n])
		pieces = pieces[n:]
	}
	return out
}

func (p piece) rank() int {
	switch {
	case p.part < 0 && p.encoded:
		return 0
	case p.part >= 0:
		return 1
	}
	return 2
}

// joined gives the value of a parameter that begins with p and may go on in further parts.
func (p piece) joined(more []piece) string {
	octets, charset, extended := p.value, "", p.encoded
	if p.encoded {
		charset, octets = cutCharset(octets)
		octets = unpercent(octets)
	}
	for _, next := range more {
		if p.part < 0 || next.part <= p.part {
			continue // the same once more
		}
		v := next.value
		if next.encoded {
			if !extended {
				charset, v = cutCharset(v)
			}
			extended = true
			v = unpercent(v)
		}
		octets = append(slices.Clip(octets), v...)
		p.part = next.part
	}
	switch {
	case p.name == "boundary":
		return string(bytes.TrimRight(octets, " \t"))
	case extended:
		return cleanLine(toUTF8(octets, charset))
	}
	return cleanLine(decodeWords(octets))
}

// cutCharset takes "charset'language'" off an extended value.
func cutCharset(v []byte) (string, []byte) {
	parts := bytes.SplitN(v, []byte("'"), 3)
	if len(parts) < 3 {
		return "utf-8", v
	}
	return string(parts[0]), parts[2]
}

func unpercent(v []byte) []byte {
	out := make([]byte, 0, len(v))
	for i := 0; i < len(v); i++ {
		if v[i] == '%' {
			if octet, ok := unescape(v[i+1:]); ok {
				out = append(out, octet)
				i += 2
				continue
			}
		}
		out = append(out, v[i])
	}
	return out
}
