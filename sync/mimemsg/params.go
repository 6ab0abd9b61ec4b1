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

// piece is one parameter as it stands there: "name*1*=value" is part 1 of name, percent-encoded.
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
	p := piece{name: name}
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

// join puts the parts of each parameter together (RFC 2231, section 4) and decodes them.
func join(pieces []piece) parameters {
	out := parameters{}
	slices.SortStableFunc(pieces, func(a, b piece) int { return cmp.Compare(a.part, b.part) })
	for _, first := range pieces {
		if _, done := out[first.name]; done {
			continue
		}
		var octets []byte
		charset, extended := "", false
		for _, p := range pieces {
			if p.name != first.name {
				continue
			}
			v := p.value
			if p.encoded {
				if !extended {
					charset, v = cutCharset(v)
				}
				extended = true
				v = unpercent(v)
			} else if !extended && len(octets) > 0 && p.part == 0 {
				continue // the same parameter twice: the first one counts
			}
			octets = append(octets, v...)
		}
		if extended {
			out[first.name] = cleanLine(toUTF8(octets, charset))
		} else {
			out[first.name] = cleanLine(decodeWords(octets))
		}
	}
	return out
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
		if v[i] == '%' && i+2 < len(v) && isHex(v[i+1]) && isHex(v[i+2]) {
			out = append(out, unhex(v[i+1])<<4|unhex(v[i+2]))
			i += 2
			continue
		}
		out = append(out, v[i])
	}
	return out
}
