// SPDX-License-Identifier: EUPL-1.2

package ical

import (
	"strings"
	"unicode/utf8"
)

// Line is one content line (RFC 5545, section 3.1). It keeps how it was written.
type Line struct {
	Name string // in upper case, with the group of a vCard ("ITEM1.TEL"); empty for a blank line

	raw     string // physical lines with folds and line ends
	content string // unfolded, without line end
	params  int    // where the parameters start in content, after the name
	colon   int    // where the value's colon is in content; -1 for none
}

// Param is one parameter of a line (RFC 5545, section 3.2) with all its values, unquoted.
type Param struct {
	Name   string // in upper case
	Values []string
}

// NewLine builds a line from its name, its parameters as they are written (";VALUE=DATE" or empty) and its raw value.
func NewLine(name, params, value string) *Line {
	l := &Line{content: name + params + ":" + clean(value)}
	l.split()
	return l
}

// split finds name, parameters and value of content.
func (l *Line) split() {
	s := l.content
	end := strings.IndexAny(s, ":;")
	if end < 0 {
		l.Name, l.params, l.colon = strings.ToUpper(strings.TrimSpace(s)), len(s), -1
		return
	}
	l.Name, l.params = strings.ToUpper(strings.TrimSpace(s[:end])), end
	l.colon = valueColon(s, end)
}

// valueColon finds the colon that starts the value: the first outside of quotes. Where a quote is never closed, it is
// the first of all.
func valueColon(s string, from int) int {
	quoted := false
	for i := from; i < len(s); i++ {
		switch s[i] {
		case '"':
			quoted = !quoted
		case ':':
			if !quoted {
				return i
			}
		}
	}
	if i := strings.IndexByte(s[from:], ':'); i >= 0 {
		return from + i
	}
	return -1
}

// Broken reports whether the line has a name but no value, which no valid line lacks.
func (l *Line) Broken() bool { return l.colon < 0 && l.Name != "" }

// Content is the unfolded line as it was written, without its end.
func (l *Line) Content() string { return l.content }

// Value is the value as it was written, with escapes.
func (l *Line) Value() string {
	if l.colon < 0 {
		return ""
	}
	return l.content[l.colon+1:]
}

// RawParams are the parameters as they were written, with the leading semicolon; empty for none.
func (l *Line) RawParams() string {
	if l.colon < 0 {
		return l.content[l.params:]
	}
	return l.content[l.params:l.colon]
}

// Params reads all parameters in their order.
func (l *Line) Params() []Param {
	var all []Param
	for _, p := range splitQuoted(l.RawParams(), ';') {
		if p == "" {
			continue
		}
		name, value, _ := strings.Cut(p, "=")
		param := Param{Name: strings.ToUpper(strings.TrimSpace(name))}
		for _, v := range splitQuoted(value, ',') {
			param.Values = append(param.Values, caretDecode(strings.Trim(v, `"`)))
		}
		all = append(all, param)
	}
	return all
}

// Param gives the first value of the parameter of that name (in upper case); empty where there is none.
func (l *Line) Param(name string) string {
	rest := l.RawParams()
	for rest != "" {
		var p string
		p, rest = cutQuoted(rest, ';')
		key, value, ok := strings.Cut(p, "=")
		if !ok || value == "" || !strings.EqualFold(strings.TrimSpace(key), name) {
			continue
		}
		value, _ = cutQuoted(value, ',')
		return caretDecode(strings.Trim(value, `"`))
	}
	return ""
}

// cutQuoted cuts s at the first sep that is not inside of quotes.
func cutQuoted(s string, sep byte) (before, after string) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case s[i] == sep && !quoted:
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

// splitQuoted cuts s at sep where it is not inside of quotes.
func splitQuoted(s string, sep byte) []string {
	if s == "" {
		return nil
	}
	var parts []string
	start, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			quoted = !quoted
		case sep:
			if !quoted {
				parts = append(parts, s[start:i])
				start = i + 1
			}
		}
	}
	return append(parts, s[start:])
}

var (
	caretDecoder = strings.NewReplacer("^n", "\n", "^^", "^", "^'", `"`)
	caretEncoder = strings.NewReplacer("\r\n", "^n", "\n", "^n", "^", "^^", `"`, "^'")
)

// caretDecode undoes the escapes of RFC 6868.
func caretDecode(s string) string {
	if strings.IndexByte(s, '^') < 0 {
		return s
	}
	return caretDecoder.Replace(s)
}

// FormatParam writes a parameter for NewLine: quoted where it must be, escaped as RFC 6868 says.
func FormatParam(name, value string) string {
	value = clean(caretEncoder.Replace(value))
	if strings.ContainsAny(value, ":;,") {
		value = `"` + value + `"`
	}
	return ";" + name + "=" + value
}

// maxOctets is how long a physical line may be without its end (RFC 5545, section 3.1).
const maxOctets = 75

// fold writes content as physical lines. A rune is never cut.
func fold(content, eol string) string {
	if len(content) <= maxOctets {
		return content + eol
	}
	var b strings.Builder
	b.Grow(len(content) + len(content)/20)
	room := maxOctets
	for len(content) > room {
		cut := room
		for cut > room-utf8.UTFMax && cut > 1 && !utf8.RuneStart(content[cut]) {
			cut--
		}
		b.WriteString(content[:cut])
		b.WriteString(eol)
		b.WriteByte(' ')
		content, room = content[cut:], maxOctets-1
	}
	b.WriteString(content)
	b.WriteString(eol)
	return b.String()
}
