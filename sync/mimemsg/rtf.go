// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"encoding/binary"
	"strconv"
	"strings"
	"unicode/utf8"
)

// rtfDictionary is what the compression knows from the start ([MS-OXRTFCP], section 2.1.2.1).
const rtfDictionary = `{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans SerifSymbolArial` +
	`Times New RomanCourier{\colortbl\red0\green0\blue0` + "\r\n" + `\par \pard\plain\f0\fs20\b\i\u\tab\tx`

// unpackRTF undoes the compression of PR_RTF_COMPRESSED; what is broken gives what came before.
func unpackRTF(b []byte) []byte {
	const compressed, plain = 0x75465a4c, 0x414c454d // "LZFu", "MELA"
	if len(b) < 16 {
		return nil
	}
	kind, size := binary.LittleEndian.Uint32(b[8:]), binary.LittleEndian.Uint32(b[4:])
	b = b[16:]
	if kind == plain {
		return b[:min(uint64(size), uint64(len(b)))]
	}
	if kind != compressed {
		return nil
	}
	limit := int(min(size, maxText))
	var ring [4096]byte
	at := copy(ring[:], rtfDictionary)
	out := make([]byte, 0, min(limit, 8*len(b)))
	put := func(c byte) {
		ring[at] = c
		at = (at + 1) % len(ring)
		out = append(out, c)
	}
	for len(b) > 0 {
		control := b[0]
		b = b[1:]
		for bit := 0; bit < 8 && len(b) > 0 && len(out) < limit; bit++ {
			if control>>bit&1 == 0 {
				put(b[0])
				b = b[1:]
				continue
			}
			if len(b) < 2 {
				return out
			}
			ref := int(binary.BigEndian.Uint16(b))
			b = b[2:]
			from := ref >> 4
			if from == at {
				return out // the mark of the end
			}
			for range ref&15 + 2 {
				put(ring[from])
				from = (from + 1) % len(ring)
			}
		}
	}
	return out
}

// rtfText gives the words of a rich text. Of HTML that was wrapped in RTF ([MS-OXRTFEX]) it gives the words, too.
func rtfText(rtf []byte) string {
	r := rtfReader{in: rtf, charset: "windows-1252", state: rtfState{skipAfterU: 1}}
	for len(r.in) > 0 {
		r.step()
	}
	r.flush()
	return strings.TrimSpace(cleanText(r.out.String()))
}

// rtfState is what a group in braces keeps to itself.
type rtfState struct {
	hidden     bool // fonts, pictures, and other things that are no text
	markup     bool // what RTF repeats of the HTML that it wraps
	skipAfterU int  // octets that stand in for a Unicode character
}

type rtfReader struct {
	in      []byte
	out     strings.Builder
	octets  []byte // in the code page, not yet decoded
	charset string
	state   rtfState
	stack   []rtfState
	skip    int
	fresh   bool // at the start of a group
}

// maxRTFDepth is how deep groups may lie in each other; braces below that are passed over.
const maxRTFDepth = 1000

func (r *rtfReader) step() {
	c := r.in[0]
	r.in = r.in[1:]
	fresh := r.fresh
	r.fresh = false
	switch c {
	case '{':
		if len(r.stack) < maxRTFDepth {
			r.stack = append(r.stack, r.state)
		}
		r.fresh = true
	case '}':
		if n := len(r.stack); n > 0 {
			r.state, r.stack = r.stack[n-1], r.stack[:n-1]
		}
		r.skip = 0
	case '\\':
		r.control(fresh)
	case '\r', '\n':
	default:
		r.octet(c)
	}
}

func (r *rtfReader) octet(c byte) {
	switch {
	case r.skip > 0:
		r.skip--
	case !r.state.hidden && !r.state.markup:
		r.octets = append(r.octets, c)
	}
}

func (r *rtfReader) flush() {
	if len(r.octets) > 0 {
		r.out.WriteString(toUTF8(r.octets, r.charset))
		r.octets = r.octets[:0]
	}
}

func (r *rtfReader) text(s string) {
	if !r.state.hidden && !r.state.markup {
		r.flush()
		r.out.WriteString(s)
	}
}

// control reads what follows a backslash.
func (r *rtfReader) control(fresh bool) {
	if len(r.in) == 0 {
		return
	}
	n := 0
	for n < len(r.in) && n < 32 && (r.in[n]|0x20 >= 'a' && r.in[n]|0x20 <= 'z') {
		n++
	}
	if n == 0 {
		r.symbol(fresh)
		return
	}
	word := string(r.in[:n])
	r.in = r.in[n:]
	n = 0
	for n < len(r.in) && n < 11 && (r.in[n] >= '0' && r.in[n] <= '9' || n == 0 && r.in[n] == '-') {
		n++
	}
	number, err := strconv.Atoi(string(r.in[:n]))
	has := err == nil
	r.in = r.in[n:]
	if len(r.in) > 0 && r.in[0] == ' ' {
		r.in = r.in[1:]
	}
	r.word(word, number, has)
}

func (r *rtfReader) symbol(fresh bool) {
	c := r.in[0]
	r.in = r.in[1:]
	switch c {
	case '\'':
		if octet, ok := unescape(r.in); ok {
			r.in = r.in[2:]
			r.octet(octet)
		}
	case '*':
		r.state.hidden = r.state.hidden || fresh
	case '~':
		r.text(" ")
	case '_':
		r.text("-")
	case '\r', '\n':
		r.text("\n")
	case '\\', '{', '}':
		r.octet(c)
	}
}

func (r *rtfReader) word(word string, number int, has bool) {
	switch word {
	case "par", "line", "row", "sect", "page":
		r.text("\n")
	case "tab", "cell":
		r.text("\t")
	case "bullet":
		r.text("•")
	case "lquote", "rquote":
		r.text("'")
	case "ldblquote", "rdblquote":
		r.text(`"`)
	case "endash", "emdash":
		r.text("–")
	case "u":
		if number < 0 {
			number += 1 << 16
		}
		if has && utf8.ValidRune(rune(number)) && number >= ' ' {
			r.text(string(rune(number)))
		}
		r.skip = r.state.skipAfterU
	case "uc":
		r.state.skipAfterU = min(max(number, 0), 16)
	case "ansicpg":
		var t tnefContent
		if t.setCodepage(uint32(max(number, 0))); t.charset != "" {
			r.charset = t.charset
		}
	case "htmlrtf":
		r.state.markup = !has || number != 0
	case "bin":
		r.in = r.in[min(max(number, 0), len(r.in)):]
	case "fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "header", "footer", "listtable", "themedata", "datastore":
		r.state.hidden = true
	}
}
