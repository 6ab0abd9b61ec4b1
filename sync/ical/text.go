// SPDX-License-Identifier: EUPL-1.2

package ical

import "strings"

// Text undoes the escapes of a TEXT value (RFC 5545, section 3.3.11). An escape that is not known stands for its
// character; a comma or semicolon that should have been escaped is text.
func Text(value string) string {
	if strings.IndexByte(value, '\\') < 0 {
		return value
	}
	var b strings.Builder
	b.Grow(len(value))
	for i := 0; i < len(value); i++ {
		c := value[i]
		if c == '\\' && i+1 < len(value) {
			i++
			c = value[i]
			if c == 'n' || c == 'N' {
				c = '\n'
			}
		}
		b.WriteByte(c)
	}
	return b.String()
}

var textEscaper = strings.NewReplacer(`\`, `\\`, "\r\n", `\n`, "\n", `\n`, ";", `\;`, ",", `\,`)

// Escape writes text as a TEXT value. Characters that XML cannot carry are left out, since one of them makes the answer
// about a whole list unreadable.
func Escape(text string) string { return clean(textEscaper.Replace(text)) }

// clean leaves out control characters other than the tab, and U+FFFE and U+FFFF (XML 1.0, section 2.2).
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if (r < ' ' && r != '\t') || r == 0x7f || r == 0xfffe || r == 0xffff {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}

// List cuts a value at its unescaped commas and undoes the escapes of each part.
func List(value string) []string {
	var parts []string
	start := 0
	for i := 0; i < len(value); i++ {
		switch value[i] {
		case '\\':
			i++
		case ',':
			parts = append(parts, Text(value[start:i]))
			start = i + 1
		}
	}
	return append(parts, Text(value[start:]))
}
