// SPDX-License-Identifier: EUPL-1.2

package mail

import (
	"encoding/base64"
	"strings"
	"unicode/utf16"
)

// utf7Base64 is the base64 of modified UTF-7: a comma for the slash, no padding.
var utf7Base64 = base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,").WithPadding(base64.NoPadding)

// EncodeUTF7 writes text in modified UTF-7 (RFC 3501, section 5.1.3): what is not printable ASCII stands between "&" and "-".
func EncodeUTF7(text string) string {
	var b strings.Builder
	var wide []rune
	flush := func() {
		if len(wide) == 0 {
			return
		}
		units := utf16.Encode(wide)
		octets := make([]byte, 0, 2*len(units))
		for _, u := range units {
			octets = append(octets, byte(u>>8), byte(u))
		}
		b.WriteString("&" + utf7Base64.EncodeToString(octets) + "-")
		wide = wide[:0]
	}
	for _, r := range text {
		switch {
		case r == '&':
			flush()
			b.WriteString("&-")
		case ' ' <= r && r <= '~':
			flush()
			b.WriteRune(r)
		default:
			wide = append(wide, r)
		}
	}
	flush()
	return b.String()
}

// DecodeUTF7 reads modified UTF-7, and reports whether it was that.
func DecodeUTF7(raw string) (text string, ok bool) {
	var b strings.Builder
	for rest := raw; rest != ""; {
		before, after, found := strings.Cut(rest, "&")
		b.WriteString(before)
		if !found {
			break
		}
		code, tail, found := strings.Cut(after, "-")
		if !found {
			return "", false
		}
		rest = tail
		if code == "" {
			b.WriteByte('&')
			continue
		}
		octets, err := utf7Base64.DecodeString(code)
		if err != nil || len(octets)%2 != 0 {
			return "", false
		}
		units := make([]uint16, len(octets)/2)
		for i := range units {
			units[i] = uint16(octets[2*i])<<8 | uint16(octets[2*i+1])
		}
		b.WriteString(string(utf16.Decode(units)))
	}
	return b.String(), true
}
