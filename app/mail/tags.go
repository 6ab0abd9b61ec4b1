// SPDX-License-Identifier: EUPL-1.2

package mail

import (
	"encoding/base64"
	"strings"
	"unicode/utf16"
)

// Tag is a keyword with the name that people know it by.
type Tag struct {
	Keyword string `json:"keyword"`
	Name    string `json:"name"`
	Color   string `json:"color,omitempty"` // "#rrggbb", empty for none
}

// tagBase64 is the alphabet of modified UTF-7 (RFC 3501, section 5.1.3).
var tagBase64 = base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,").WithPadding(base64.NoPadding)

// notAtom are the characters of ASCII, besides control characters and the space, that an atom cannot hold. "<" and ">"
// could be there, but some programs do not expect them.
const notAtom = `(){%*"\]<>`

// KeywordOf gives the keyword that stands for a name on the server. Keywords are atoms of ASCII (RFC 9051, section 9):
// other letters are written in modified UTF-7 and what an atom cannot hold as "_", as other mail programs do it too. What
// is a keyword already stays as it is.
func KeywordOf(name string) string {
	if !strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(notAtom, r) }) {
		return name
	}
	var b strings.Builder
	var wide []rune
	flush := func() {
		if len(wide) == 0 {
			return
		}
		units := utf16.Encode(wide)
		raw := make([]byte, 0, 2*len(units))
		for _, u := range units {
			raw = append(raw, byte(u>>8), byte(u))
		}
		b.WriteString("&" + tagBase64.EncodeToString(raw) + "-")
		wide = wide[:0]
	}
	for _, r := range strings.TrimSpace(name) {
		if r > '~' {
			wide = append(wide, r)
			continue
		}
		flush()
		switch {
		case r == '&':
			b.WriteString("&-")
		case r <= ' ', strings.ContainsRune(notAtom, r):
			b.WriteByte('_')
		default:
			b.WriteRune(r)
		}
	}
	flush()
	return b.String()
}

// NameOf gives the name to show for a keyword that nobody has given one.
func NameOf(keyword string) string {
	var b strings.Builder
	for rest := keyword; rest != ""; {
		at := strings.IndexByte(rest, '&')
		if at < 0 {
			b.WriteString(rest)
			break
		}
		b.WriteString(rest[:at])
		word, after, closed := strings.Cut(rest[at+1:], "-")
		raw, err := tagBase64.DecodeString(word)
		switch {
		case !closed || err != nil || len(raw)%2 != 0:
			return keyword // no modified UTF-7
		case word == "":
			b.WriteByte('&')
		default:
			units := make([]uint16, len(raw)/2)
			for i := range units {
				units[i] = uint16(raw[2*i])<<8 | uint16(raw[2*i+1])
			}
			b.WriteString(string(utf16.Decode(units)))
		}
		rest = after
	}
	return b.String()
}

// keywordsOf gives the keywords for names, the empty ones left out.
func keywordsOf(names []string) []string {
	var list []string
	for _, n := range names {
		if k := KeywordOf(n); k != "" {
			list = append(list, k)
		}
	}
	return list
}

// Speakable gives the change with keywords that can be said to a server.
func (o FlagsOp) Speakable() FlagsOp {
	o.AddKeywords, o.RemoveKeywords = keywordsOf(o.AddKeywords), keywordsOf(o.RemoveKeywords)
	return o
}
