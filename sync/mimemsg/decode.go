// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
)

// decoder undoes a Content-Transfer-Encoding (RFC 2045, section 6). Unknown ones give the octets as they are.
func decoder(encoding string, r io.Reader) io.Reader {
	switch encodingKind(encoding) {
	case "base64":
		return &base64Reader{r: r}
	case "quoted-printable":
		return &qpReader{r: bufio.NewReaderSize(r, 4<<10)}
	case "uuencode":
		return &uuReader{r: bufio.NewReaderSize(r, 4<<10)}
	}
	return r
}

// encodingKind knows the encodings by all their names, "" for those that leave octets as they are.
func encodingKind(encoding string) string {
	if i := strings.IndexAny(encoding, ";("); i >= 0 {
		encoding = encoding[:i]
	}
	switch strings.ToLower(strings.Trim(encoding, " \t\r\n\"'.")) {
	case "base64", "base-64", "b", "base64 7bit", "7bit base64":
		return "base64"
	case "quoted-printable", "quoted-printeable", "quotedprintable", "quoted printable", "q":
		return "quoted-printable"
	case "x-uuencode", "uuencode", "x-uue", "uue":
		return "uuencode"
	}
	return ""
}

const notBase64 = 0xff

// base64Value is the value of each letter of the alphabet (RFC 4648, section 4).
var base64Value = func() (table [256]byte) {
	for i := range table {
		table[i] = notBase64
	}
	for i, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		table[c] = byte(i)
	}
	return table
}()

// base64Reader decodes base64 and passes over whatever is no letter of it; padding ends a group, not the stream.
type base64Reader struct {
	r    io.Reader
	in   [4096]byte
	out  [3200]byte
	rest []byte
	bits uint32
	n    int // letters in bits
	err  error
}

// Read is part of io.Reader.
func (d *base64Reader) Read(dst []byte) (int, error) {
	for len(d.rest) == 0 {
		if d.err != nil {
			return 0, d.err
		}
		n, err := d.r.Read(d.in[:])
		out := d.decode(d.out[:0], d.in[:n])
		if err != nil {
			out = d.flush(out)
			d.err = err
		}
		d.rest = out
	}
	n := copy(dst, d.rest)
	d.rest = d.rest[n:]
	return n, nil
}

func (d *base64Reader) decode(out, in []byte) []byte {
	for len(in) > 0 {
		if d.n == 0 {
			for len(in) >= 4 { // whole groups, which is nearly everything
				a, b, c, e := base64Value[in[0]], base64Value[in[1]], base64Value[in[2]], base64Value[in[3]]
				if a|b|c|e > 63 {
					break
				}
				out = append(out, a<<2|b>>4, b<<4|c>>2, c<<6|e)
				in = in[4:]
			}
			if len(in) == 0 {
				break
			}
		}
		v := base64Value[in[0]]
		switch {
		case v != notBase64:
			d.bits = d.bits<<6 | uint32(v)
			if d.n++; d.n == 4 {
				out = append(out, byte(d.bits>>16), byte(d.bits>>8), byte(d.bits))
				d.bits, d.n = 0, 0
			}
		case in[0] == '=':
			out = d.flush(out)
		}
		in = in[1:]
	}
	return out
}

// flush gives the octets of a group that is not full.
func (d *base64Reader) flush(out []byte) []byte {
	switch d.n {
	case 2:
		out = append(out, byte(d.bits>>4))
	case 3:
		out = append(out, byte(d.bits>>10), byte(d.bits>>2))
	}
	d.bits, d.n = 0, 0
	return out
}

// qpReader decodes quoted-printable and gives what is not encoded as it is.
type qpReader struct {
	r    *bufio.Reader
	rest []byte
	buf  []byte
	err  error
}

// Read is part of io.Reader.
func (d *qpReader) Read(dst []byte) (int, error) {
	for len(d.rest) == 0 {
		if d.err != nil {
			return 0, d.err
		}
		line, err := d.r.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			line = d.whole(line)
		} else if err != nil {
			d.err = err
		}
		d.buf = decodeQPLine(d.buf[:0], line)
		d.rest = d.buf
	}
	n := copy(dst, d.rest)
	d.rest = d.rest[n:]
	return n, nil
}

// whole cuts a piece of a very long line so that no escape falls apart: an escape at its end is read to its end.
func (d *qpReader) whole(piece []byte) []byte {
	tail := bytes.LastIndexByte(piece[len(piece)-2:], '=')
	if tail < 0 {
		return piece
	}
	piece = bytes.Clone(piece)
	more, err := d.r.Peek(1 + tail)
	if err != nil || bytes.IndexByte(more, '\n') >= 0 {
		return piece
	}
	piece = append(piece, more...)
	if _, err := d.r.Discard(len(more)); err != nil {
		d.err = err
	}
	return piece
}

func decodeQPLine(out, line []byte) []byte {
	end := lineEnd(line)
	text := line[:len(line)-len(end)]
	if len(end) > 0 {
		text = bytes.TrimRight(text, " \t")
	}
	if bytes.HasSuffix(text, []byte("=")) && (len(end) > 0 || len(line) < 4<<10) {
		text, end = text[:len(text)-1], nil
	}
	for {
		eq := bytes.IndexByte(text, '=')
		if eq < 0 {
			return append(append(out, text...), end...)
		}
		out = append(out, text[:eq]...)
		if eq+2 < len(text) {
			if high, low := hexValue[text[eq+1]], hexValue[text[eq+2]]; high|low < 16 {
				out = append(out, high<<4|low)
				text = text[eq+3:]
				continue
			}
		}
		out = append(out, '=')
		text = text[eq+1:]
	}
}

const notHex = 0xff

// hexValue is the value of each hexadecimal digit.
var hexValue = func() (table [256]byte) {
	for i := range table {
		table[i] = notHex
	}
	for i, c := range []byte("0123456789abcdef") {
		table[c] = byte(i)
	}
	for i, c := range []byte("ABCDEF") {
		table[c] = byte(10 + i)
	}
	return table
}()

// unescape reads two hexadecimal digits at the start of b.
func unescape(b []byte) (byte, bool) {
	if len(b) < 2 {
		return 0, false
	}
	high, low := hexValue[b[0]], hexValue[b[1]]
	return high<<4 | low, high|low < 16
}
