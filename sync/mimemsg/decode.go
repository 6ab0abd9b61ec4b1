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
	encoding, _, _ = strings.Cut(strings.ToLower(encoding), ";")
	switch strings.Trim(encoding, " \t\"") {
	case "base64":
		return &base64Reader{r: r}
	case "quoted-printable", "quoted-printeable":
		return &qpReader{r: bufio.NewReaderSize(r, 4<<10)}
	case "x-uuencode", "uuencode", "x-uue", "uue":
		return &uuReader{r: bufio.NewReaderSize(r, 4<<10)}
	}
	return r
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
		out := d.out[:0]
		for _, c := range d.in[:n] {
			v := base64Value[c]
			if v == notBase64 {
				if c == '=' {
					out = d.flush(out)
				}
				continue
			}
			d.bits = d.bits<<6 | uint32(v)
			if d.n++; d.n == 4 {
				out = append(out, byte(d.bits>>16), byte(d.bits>>8), byte(d.bits))
				d.bits, d.n = 0, 0
			}
		}
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
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			d.err = err
		}
		d.buf = decodeQPLine(d.buf[:0], line)
		d.rest = d.buf
	}
	n := copy(dst, d.rest)
	d.rest = d.rest[n:]
	return n, nil
}

func decodeQPLine(out, line []byte) []byte {
	end := lineEnd(line)
	text := line[:len(line)-len(end)]
	if len(end) > 0 {
		text = bytes.TrimRight(text, " \t")
	}
	if bytes.HasSuffix(text, []byte("=")) {
		text, end = text[:len(text)-1], nil
	}
	for {
		eq := bytes.IndexByte(text, '=')
		if eq < 0 {
			return append(append(out, text...), end...)
		}
		out = append(out, text[:eq]...)
		if eq+2 < len(text) && isHex(text[eq+1]) && isHex(text[eq+2]) {
			out = append(out, unhex(text[eq+1])<<4|unhex(text[eq+2]))
			text = text[eq+3:]
			continue
		}
		out = append(out, '=')
		text = text[eq+1:]
	}
}

// uuReader decodes the lines between "begin" and "end".
type uuReader struct {
	r     *bufio.Reader
	begun bool
	rest  []byte
	err   error
}

// Read is part of io.Reader.
func (d *uuReader) Read(dst []byte) (int, error) {
	for len(d.rest) == 0 {
		if d.err != nil {
			return 0, d.err
		}
		line, err := d.r.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			d.err = err
		}
		line = bytes.TrimRight(line, "\r\n")
		switch {
		case !d.begun:
			d.begun = bytes.HasPrefix(line, []byte("begin "))
		case bytes.Equal(line, []byte("end")):
			d.err = io.EOF
		default:
			d.rest = decodeUULine(line)
		}
	}
	n := copy(dst, d.rest)
	d.rest = d.rest[n:]
	return n, nil
}

func decodeUULine(line []byte) []byte {
	if len(line) == 0 {
		return nil
	}
	want := int(line[0]-' ') & 0x3f
	var out []byte
	for line = line[1:]; len(out) < want && len(line) > 0; {
		var group [4]byte
		n := copy(group[:], line)
		line = line[n:]
		for i := range group[:n] {
			group[i] = (group[i] - ' ') & 0x3f
		}
		out = append(out, group[0]<<2|group[1]>>4, group[1]<<4|group[2]>>2, group[2]<<6|group[3])
	}
	return out[:min(want, len(out))]
}
