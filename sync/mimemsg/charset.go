// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/emersion/go-message/charset"
	"golang.org/x/text/encoding/charmap"
)

// toUTF8 decodes text that claims to be in the charset label. Labels lie: text that is valid UTF-8 with at least one
// character beyond ASCII is taken as UTF-8 when the label is a Western single-byte one, and text that is not what it
// claims, or claims nothing, is Windows-1252.
func toUTF8(b []byte, label string) string {
	kind := labelKind(label)
	if kind != labelOther && isASCII(b) {
		return string(b)
	}
	if kind != labelOther && utf8.Valid(b) {
		return string(b)
	}
	switch kind {
	case labelUTF8:
		if mostlyUTF8(b) {
			return strings.ToValidUTF8(string(b), "\uFFFD")
		}
	case labelOther:
		if r, err := charset.Reader(label, bytes.NewReader(b)); err == nil {
			if out, err := io.ReadAll(r); err == nil {
				return strings.ToValidUTF8(string(out), "\uFFFD")
			}
		}
		if utf8.Valid(b) {
			return string(b)
		}
	case labelNone, labelWestern:
	}
	out, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	return string(out)
}

type charsetLabel uint8

const (
	labelNone    charsetLabel = iota // nothing said, or US-ASCII
	labelUTF8                        // UTF-8
	labelWestern                     // ISO-8859-1 or Windows-1252
	labelOther
)

func labelKind(label string) charsetLabel {
	switch strings.ToLower(strings.Trim(label, " \t\"'")) {
	case "", "us-ascii", "ascii", "ansi_x3.4-1968", "unknown", "x-unknown", "unknown-8bit", "8bit", "_iso-2022-jp$esc":
		return labelNone
	case "utf-8", "utf8", "unicode-1-1-utf-8":
		return labelUTF8
	case "iso-8859-1", "iso8859-1", "latin1", "latin-1", "l1", "windows-1252", "cp1252", "cp-1252", "x-ansi", "ansi":
		return labelWestern
	}
	return labelOther
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// mostlyUTF8 reports whether b has more whole multi-byte characters than broken ones: text that was cut, not mislabelled.
func mostlyUTF8(b []byte) bool {
	good, bad := 0, 0
	for len(b) > 0 {
		if b[0] < utf8.RuneSelf {
			b = b[1:]
			continue
		}
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			bad++
		} else {
			good++
		}
		b = b[n:]
	}
	return good > bad
}
