// SPDX-License-Identifier: EUPL-1.2

package dav

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// appendText decodes character data: entities where it may hold them, and ends of lines (XML 1.0, section 2.11). What XML
// forbids (section 2.2) is replaced: control characters, also as numeric references, by spaces, and octets that are not
// UTF-8 by question marks. Servers pass on such names and descriptions unchanged, and one of them would end the listing.
func appendText(to, raw []byte, entities bool) []byte {
	plain := 0 // raw[plain:i] is to be copied as it is
	for i := 0; i < len(raw); {
		c := raw[i]
		if c >= ' ' && c < utf8.RuneSelf && (c != '&' || !entities) || c == '\n' || c == '\t' {
			i++
			continue
		}
		to = append(to, raw[plain:i]...)
		var n int
		switch {
		case c == '&':
			to, n = appendEntity(to, raw[i:])
		case c == '\r':
			if n = 1; i+1 == len(raw) || raw[i+1] != '\n' {
				to = append(to, '\n')
			}
		case c < ' ':
			to, n = append(to, ' '), 1
		default:
			var r rune
			if r, n = utf8.DecodeRune(raw[i:]); (r == utf8.RuneError && n == 1) || !allowed(r) {
				to = append(to, '?')
			} else {
				to = append(to, raw[i:i+n]...)
			}
		}
		i += n
		plain = i
	}
	return append(to, raw[plain:]...)
}

// longestEntity bounds how far the end of an entity is looked for.
const longestEntity = 12

// entities are those that need no declaration.
var entities = map[string]byte{"amp": '&', "lt": '<', "gt": '>', "quot": '"', "apos": '\''}

// appendEntity decodes the entity that raw begins with and tells how long it is. What is none stays as it is.
func appendEntity(to, raw []byte) ([]byte, int) {
	size := bytes.IndexByte(raw[:min(len(raw), longestEntity)], ';')
	if size < 2 {
		return append(to, '&'), 1
	}
	name := raw[1:size]
	if c, ok := entities[string(name)]; ok {
		return append(to, c), size + 1
	}
	if name[0] != '#' || size < 3 {
		return append(to, '&'), 1
	}
	digits, base := name[1:], 10
	if digits[0] == 'x' || digits[0] == 'X' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseInt(string(digits), base, 32)
	if err != nil || !allowed(rune(n)) {
		return append(to, ' '), size + 1
	}
	return utf8.AppendRune(to, rune(n)), size + 1
}

func allowed(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || (r >= ' ' && r <= 0xD7FF) || (r >= 0xE000 && r <= 0xFFFD) || (r >= 0x10000 && r <= utf8.MaxRune)
}
