// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"kontor/app/mail"
)

// uuReader decodes the lines between "begin" and "end".
type uuReader struct {
	r     *bufio.Reader
	begun bool
	// careful ends the file at a line that cannot belong to it, which is then in over.
	careful bool
	over    []byte
	rest    []byte
	buf     []byte
	err     error
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
			_, d.begun = uuBegin(line)
		case bytes.Equal(bytes.TrimRight(line, " \t"), []byte("end")):
			d.err = io.EOF
		case d.careful && !isUULine(line) && len(line) > 0:
			d.over, d.err = append(bytes.Clone(line), '\n'), io.EOF
		default:
			d.buf = decodeUULine(d.buf[:0], line)
			d.rest = d.buf
		}
	}
	n := copy(dst, d.rest)
	d.rest = d.rest[n:]
	return n, nil
}

// uuBegin reads "begin 644 name" and gives the name.
func uuBegin(line []byte) (name []byte, ok bool) {
	rest, ok := bytes.CutPrefix(line, []byte("begin "))
	if !ok {
		return nil, false
	}
	digits := 0
	for digits < len(rest) && '0' <= rest[digits] && rest[digits] <= '7' {
		digits++
	}
	if digits < 3 || digits > 4 || digits+1 >= len(rest) || rest[digits] != ' ' {
		return nil, false
	}
	return bytes.TrimSpace(rest[digits+1:]), true
}

// isUULine reports whether a line can be one of encoded octets: its first letter says how long it is.
func isUULine(line []byte) bool {
	if len(line) == 0 || line[0] < ' ' || line[0] > '`' {
		return false
	}
	letters := (int(line[0]-' ')&0x3f + 2) / 3 * 4
	return len(line)-1 >= letters-3 && len(line)-1 <= letters+2
}

func decodeUULine(out, line []byte) []byte {
	if len(line) == 0 {
		return out
	}
	want := len(out) + int(line[0]-' ')&0x3f
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

// uuencoded takes files that stand between the lines of a text out of it. raw is the beginning of the text and rest what
// follows; what is left of the text is returned.
func (w *walker) uuencoded(raw []byte, rest io.Reader) []byte {
	at := bytes.Index(raw, []byte("begin "))
	for at > 0 && raw[at-1] != '\n' {
		next := bytes.Index(raw[at+1:], []byte("\nbegin "))
		if next < 0 {
			return raw
		}
		at += next + 2
	}
	if at < 0 {
		return raw
	}
	u := uuText{w: w, text: bytes.Clone(raw[:at]), r: bufio.NewReaderSize(io.MultiReader(bytes.NewReader(bytes.Clone(raw[at:])), rest), window)}
	for w.found == nil && u.line() {
	}
	return u.text
}

// uuText reads a text that files may stand in.
type uuText struct {
	w    *walker
	r    *bufio.Reader
	text []byte
}

func (u *uuText) line() bool {
	line, err := u.r.ReadSlice('\n')
	if name, ok := uuBegin(bytes.TrimRight(line, "\r\n")); ok && err == nil && len(u.w.attachments) < maxParts {
		a := mail.Attachment{MIMEType: "application/octet-stream", Name: cleanName(decodeText(name))}
		if next, err := u.r.Peek(min(64, max(u.r.Buffered(), 1))); err == nil && isUULine(bytes.TrimRight(firstLine(next), "\r\n")) {
			if a.Name == "" {
				a.Name = attachmentName(partHeader{kind: a.MIMEType}, nil, len(u.w.attachments))
			}
			file := &uuReader{r: u.r, begun: true, careful: true}
			if u.w.add(a, file); u.w.found == nil {
				u.drain(file)
			}
			return true
		}
	}
	if len(u.text)+len(line) <= maxText {
		u.text = append(u.text, line...)
	}
	return err == nil || errors.Is(err, bufio.ErrBufferFull)
}

// drain reads a file to its end, and takes the line that showed that it has none back as text.
func (u *uuText) drain(file *uuReader) {
	if _, err := io.Copy(io.Discard, file); err == nil {
		u.text = append(u.text, file.over...)
	}
}

func firstLine(b []byte) []byte {
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		return b[:i]
	}
	return b
}
