// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

// toUTF8 decodes text that claims to be in the charset label. Labels lie: text that is valid UTF-8 with at least one
// character beyond ASCII is taken as UTF-8 when the label is a Western single-byte one, or when it makes no sense as what
// it claims. Text that is not what it claims, or claims nothing, is Windows-1252.
func toUTF8(b []byte, label string) string {
	kind, enc := lookUp(label)
	if kind <= labelWestern {
		switch {
		case isASCII(b):
			if kind == labelNone && isISO2022(b) {
				return decodeWith(japanese.ISO2022JP, b)
			}
			return string(b)
		case utf8.Valid(b):
			return string(b)
		}
	}
	switch {
	case kind == labelUTF8 && mostlyUTF8(b):
		return strings.ToValidUTF8(string(b), "\uFFFD")
	case kind == labelUTF7:
		return decodeUTF7(b)
	case kind == labelKorean7:
		return decodeWith(korean.EUCKR, korean7(b))
	case kind == labelOther && enc != nil:
		out := decodeWith(enc, b)
		if !strings.ContainsRune(out, utf8.RuneError) || isASCII(b) || !utf8.Valid(b) {
			return out
		}
		return string(b)
	case utf8.Valid(b):
		return string(b)
	}
	return decodeWith(charmap.Windows1252, b)
}

func decodeWith(enc encoding.Encoding, b []byte) string {
	out, err := enc.NewDecoder().Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	return strings.ToValidUTF8(string(out), "\uFFFD")
}

type charsetLabel uint8

const (
	labelNone    charsetLabel = iota // nothing said, or US-ASCII
	labelUTF8                        // UTF-8
	labelWestern                     // ISO-8859-1 or Windows-1252
	labelUTF7                        // RFC 2152
	labelKorean7                     // ISO-2022-KR (RFC 1557)
	labelOther
)

// labels are those that mean something else than, or something more than, what the registers say: browsers and mail
// programs alike read the supersets that the writing programs really use.
var labels = map[string]struct {
	kind charsetLabel
	enc  encoding.Encoding
}{
	"": {}, "us-ascii": {}, "ascii": {}, "ansi_x3.4-1968": {}, "unknown": {}, "x-unknown": {}, "unknown-8bit": {}, "x-user-defined": {}, "8bit": {}, "7bit": {},
	"binary": {}, "default": {}, "default_charset": {}, "none": {}, "_iso-2022-jp$esc": {},
	"utf-8": {kind: labelUTF8}, "utf8": {kind: labelUTF8}, "utf": {kind: labelUTF8}, "unicode-1-1-utf-8": {kind: labelUTF8}, "x-unicode-2-0-utf-8": {kind: labelUTF8},
	"iso-8859-1": {kind: labelWestern}, "iso8859-1": {kind: labelWestern}, "iso_8859-1": {kind: labelWestern}, "iso 8859-1": {kind: labelWestern},
	"iso88591": {kind: labelWestern}, "8859-1": {kind: labelWestern}, "iso-8859": {kind: labelWestern}, "latin1": {kind: labelWestern}, "latin-1": {kind: labelWestern},
	"l1": {kind: labelWestern}, "windows-1252": {kind: labelWestern}, "cp1252": {kind: labelWestern}, "cp-1252": {kind: labelWestern}, "1252": {kind: labelWestern},
	"x-ansi": {kind: labelWestern}, "ansi": {kind: labelWestern}, "ansi-1252": {kind: labelWestern}, "ansi_x3.110-1983": {kind: labelWestern},
	"utf-7": {kind: labelUTF7}, "utf7": {kind: labelUTF7}, "unicode-1-1-utf-7": {kind: labelUTF7}, "x-unicode-2-0-utf-7": {kind: labelUTF7}, "csutf7": {kind: labelUTF7},
	"iso-2022-kr": {kind: labelKorean7}, "csiso2022kr": {kind: labelKorean7},
	"gb2312": {labelOther, simplifiedchinese.GB18030}, "gb_2312-80": {labelOther, simplifiedchinese.GB18030}, "gb-2312": {labelOther, simplifiedchinese.GB18030},
	"x-gbk": {labelOther, simplifiedchinese.GB18030}, "gbk": {labelOther, simplifiedchinese.GB18030}, "cp936": {labelOther, simplifiedchinese.GB18030},
	"euc-cn": {labelOther, simplifiedchinese.GB18030}, "gb18030": {labelOther, simplifiedchinese.GB18030}, "hz-gb-2312": {labelOther, simplifiedchinese.HZGB2312},
	"big5-hkscs": {labelOther, traditionalchinese.Big5}, "cp950": {labelOther, traditionalchinese.Big5}, "x-big5": {labelOther, traditionalchinese.Big5},
	"x-sjis": {labelOther, japanese.ShiftJIS}, "cp932": {labelOther, japanese.ShiftJIS}, "ms932": {labelOther, japanese.ShiftJIS}, "sjis": {labelOther, japanese.ShiftJIS},
	"iso-2022-jp-1": {labelOther, japanese.ISO2022JP}, "iso-2022-jp-2": {labelOther, japanese.ISO2022JP}, "iso-2022-jp-ms": {labelOther, japanese.ISO2022JP},
	"iso-2022-jp-3": {labelOther, japanese.ISO2022JP}, "cp50220": {labelOther, japanese.ISO2022JP}, "cp50221": {labelOther, japanese.ISO2022JP},
	"x-euc-jp": {labelOther, japanese.EUCJP}, "ks_c_5601-1987": {labelOther, korean.EUCKR}, "ks_c_5601": {labelOther, korean.EUCKR}, "cp949": {labelOther, korean.EUCKR},
	"iso-8859-9": {labelOther, charmap.Windows1254}, "iso-8859-8-i": {labelOther, charmap.ISO8859_8}, "iso-8859-11": {labelOther, charmap.Windows874},
	"tis-620": {labelOther, charmap.Windows874}, "x-mac-roman": {labelOther, charmap.Macintosh}, "macroman": {labelOther, charmap.Macintosh},
	"utf-16": {labelOther, unicode.UTF16(unicode.BigEndian, unicode.UseBOM)}, "unicode": {labelOther, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)},
	"cp850": {labelOther, charmap.CodePage850}, "dos-850": {labelOther, charmap.CodePage850}, "cp437": {labelOther, charmap.CodePage437},
}

// lookUp finds out what a label means, whatever else a program put into it.
func lookUp(label string) (charsetLabel, encoding.Encoding) {
	if l, ok := labels[label]; ok {
		return l.kind, l.enc
	}
	label = strings.ToLower(strings.Trim(label, " \t\"'<>[]"))
	label = strings.TrimPrefix(strings.TrimPrefix(label, "charset"), "=")
	if i := strings.IndexAny(label, ";,\"' \t"); i > 0 && label != "iso 8859-1" {
		label = label[:i]
	}
	if l, ok := labels[label]; ok {
		return l.kind, l.enc
	}
	if rest, ok := strings.CutPrefix(label, "cp125"); ok {
		label = "windows-125" + rest
	}
	for _, known := range []string{"utf-8", "iso-8859-1", "windows-1252"} { // "utf-8http-equiv..."
		if rest, ok := strings.CutPrefix(label, known); ok && (rest[0] < '0' || rest[0] > '9') {
			return labels[known].kind, nil
		}
	}
	if enc, err := ianaindex.MIME.Encoding(label); err == nil && enc != nil {
		return labelOther, enc
	}
	if enc, err := htmlindex.Get(label); err == nil && enc != nil && enc != encoding.Replacement {
		return labelOther, enc
	}
	return labelOther, nil
}

// isISO2022 finds the escape sequences of Japanese text that nobody labelled.
func isISO2022(b []byte) bool {
	i := bytes.IndexByte(b, 0x1b)
	return i >= 0 && (bytes.Contains(b[i:], []byte("\x1b$B")) || bytes.Contains(b[i:], []byte("\x1b$@")))
}

// korean7 makes EUC-KR of the shifted octets of ISO-2022-KR.
func korean7(b []byte) []byte {
	b = bytes.ReplaceAll(b, []byte("\x1b$)C"), nil)
	out := make([]byte, 0, len(b))
	shifted := false
	for _, c := range b {
		switch {
		case c == 0x0e, c == 0x0f:
			shifted = c == 0x0e
		case shifted && 0x21 <= c && c <= 0x7e:
			out = append(out, c|0x80)
		default:
			out = append(out, c)
		}
	}
	return out
}

// decodeUTF7 decodes UTF-7 (RFC 2152). What is no UTF-7 stays as it is.
func decodeUTF7(b []byte) string {
	var out strings.Builder
	for len(b) > 0 {
		plus := bytes.IndexByte(b, '+')
		if plus < 0 {
			break
		}
		out.WriteString(toUTF8(b[:plus], ""))
		b = b[plus+1:]
		n := 0
		for n < len(b) && base64Value[b[n]] != notBase64 {
			n++
		}
		if n == 0 {
			out.WriteByte('+')
		} else {
			octets := decodeB(b[:n])
			units := make([]uint16, len(octets)/2)
			for i := range units {
				units[i] = binary.BigEndian.Uint16(octets[2*i:])
			}
			out.WriteString(string(utf16.Decode(units)))
		}
		if b = b[n:]; len(b) > 0 && b[0] == '-' {
			b = b[1:]
		}
	}
	out.WriteString(toUTF8(b, ""))
	return out.String()
}

// isASCII looks at eight octets at a time.
func isASCII(b []byte) bool {
	for len(b) >= 8 {
		if binary.LittleEndian.Uint64(b)&0x8080808080808080 != 0 {
			return false
		}
		b = b[8:]
	}
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
