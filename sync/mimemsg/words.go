// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"bytes"
	"encoding/base64"
	"strings"
	"unicode"
)

// decodeText reads unstructured text: folding is undone, encoded words (RFC 2047) and raw 8-bit text are decoded,
// control characters become spaces.
func decodeText(value []byte) string {
	return cleanLine(decodeWords(unfold(value)))
}

// decodeWords decodes the encoded words of a value. Words that stand next to each other and share charset and encoding
// are joined before they are decoded, because some programs cut a character in two.
func decodeWords(value []byte) string {
	if !bytes.Contains(value, []byte("=?")) {
		return toUTF8(value, "")
	}
	var out strings.Builder
	var held encodedWord // decoded octets that wait for what follows
	flush := func() {
		if held.charset != "" {
			out.WriteString(toUTF8(held.data, held.charset))
			held = encodedWord{}
		}
	}
	for len(value) > 0 {
		start := bytes.Index(value, []byte("=?"))
		if start < 0 {
			break
		}
		word, n := readEncodedWord(value[start:])
		if n == 0 {
			flush()
			out.WriteString(toUTF8(value[:start+2], ""))
			value = value[start+2:]
			continue
		}
		between := value[:start]
		if held.charset == "" || len(bytes.TrimSpace(between)) > 0 {
			flush()
			out.WriteString(toUTF8(between, ""))
		}
		if held.charset != "" && strings.EqualFold(held.charset, word.charset) {
			held.data = append(held.data, word.data...)
		} else {
			flush()
			held = word
		}
		value = value[start+n:]
	}
	flush()
	out.WriteString(toUTF8(value, ""))
	return out.String()
}

type encodedWord struct {
	charset string
	data    []byte
}

// maxWord is how long an encoded word may be; the standard allows 75.
const maxWord = 8 << 10

// readEncodedWord reads "=?charset?encoding?text?=" at the start of b and says how long it is, 0 for none. Spaces in
// the text are let pass.
func readEncodedWord(b []byte) (encodedWord, int) {
	rest := b[2:]
	q := bytes.IndexByte(rest, '?')
	if q <= 0 || q > 64 || len(rest) < q+3 || rest[q+2] != '?' {
		return encodedWord{}, 0
	}
	charset, _, _ := strings.Cut(string(rest[:q]), "*") // a language may follow (RFC 2231, section 5)
	encoding := rest[q+1]
	text := rest[q+3:]
	end := bytes.Index(text[:min(len(text), maxWord)], []byte("?="))
	if end < 0 || strings.ContainsAny(charset, " \t") {
		return encodedWord{}, 0
	}
	n := len(b) - len(text) + end + 2
	switch encoding {
	case 'q', 'Q':
		return encodedWord{charset, decodeQ(text[:end])}, n
	case 'b', 'B':
		return encodedWord{charset, decodeB(text[:end])}, n
	}
	return encodedWord{}, 0
}

func decodeQ(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch c {
		case '_':
			c = ' '
		case '=':
			if octet, ok := unescape(text[i+1:]); ok {
				c = octet
				i += 2
			}
		}
		out = append(out, c)
	}
	return out
}

// decodeB decodes base64, whatever is between its letters and however it ends.
func decodeB(text []byte) []byte {
	clean := make([]byte, 0, len(text))
	for _, c := range text {
		if base64Value[c] != notBase64 {
			clean = append(clean, c)
		}
	}
	if len(clean)%4 == 1 {
		clean = clean[:len(clean)-1]
	}
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(clean)))
	n, err := base64.RawStdEncoding.Decode(out, clean)
	if err != nil {
		return out[:max(n, 0)]
	}
	return out[:n]
}

// cleanLine makes text safe to show on one line: control characters become spaces, runs of them one, and characters
// that turn the direction of writing are dropped, because they can make a name look like another one.
func cleanLine(s string) string {
	plain := true
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			plain = false
			break
		}
	}
	if plain {
		return strings.TrimSpace(s)
	}
	var out strings.Builder
	out.Grow(len(s))
	space := false
	for _, r := range s {
		switch {
		case turnsDirection(r):
			continue
		case unicode.IsControl(r):
			r = ' '
		}
		if r == ' ' && space {
			continue
		}
		space = r == ' '
		out.WriteRune(r)
	}
	return strings.TrimSpace(out.String())
}

// turnsDirection reports the explicit formatting characters of the bidirectional algorithm (Unicode, annex 9).
func turnsDirection(r rune) bool {
	return 0x202a <= r && r <= 0x202e || 0x2066 <= r && r <= 0x2069
}
