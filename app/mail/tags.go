// SPDX-License-Identifier: EUPL-1.2

package mail

import "strings"

// Tag is a keyword with the name that people know it by.
type Tag struct {
	Keyword string `json:"keyword"`
	Name    string `json:"name"`
	Color   string `json:"color,omitempty"` // "#rrggbb", empty for none
}

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
	return EncodeUTF7(strings.Map(func(r rune) rune {
		if r <= ' ' || strings.ContainsRune(notAtom, r) {
			return '_'
		}
		return r
	}, strings.TrimSpace(name)))
}

// NameOf gives the name to show for a keyword that nobody has given one.
func NameOf(keyword string) string {
	if name, ok := DecodeUTF7(keyword); ok {
		return name
	}
	return keyword
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
