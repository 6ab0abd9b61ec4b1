// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"
	"unicode/utf16"
)

// The parts of a TNEF stream ([MS-OXTNEF], section 2.1.3.2) that are read.
const (
	tnefSignature   = 0x223e9f78
	tnefSubject     = 0x00018004
	tnefBody        = 0x0002800c
	tnefMessage     = 0x00069003 // properties of the message
	tnefCodepage    = 0x00069007
	tnefNewFile     = 0x00069002 // begins an attachment
	tnefFileTitle   = 0x00018010
	tnefFileData    = 0x0006800f
	tnefFileProps   = 0x00069005
	tnefDepth       = 3 // messages inside each other
	tnefProperties  = 4096
	tnefMaxFiles    = maxParts
	propSubject     = 0x0037
	propBody        = 0x1000
	propRTF         = 0x1009
	propHTML        = 0x1013
	propDisplayName = 0x3001
	propFileData    = 0x3701
	propFileName    = 0x3704
	propLongName    = 0x3707
	propFileKind    = 0x370e
	propFileCID     = 0x3712
	propCodepage    = 0x3fde
)

// tnefContent is what a TNEF stream holds.
type tnefContent struct {
	subject, text, html string
	files               []tnefFile
	charset             string
}

type tnefFile struct {
	name, kind, cid string
	data            []byte
}

// readTNEF reads a stream as far as it is whole. false means that it is none.
func readTNEF(b []byte, depth int) (*tnefContent, bool) {
	if len(b) < 6 || binary.LittleEndian.Uint32(b) != tnefSignature || depth > tnefDepth {
		return nil, false
	}
	t := &tnefContent{charset: "windows-1252"}
	for b = b[6:]; len(b) >= 9; {
		id, size := binary.LittleEndian.Uint32(b[1:]), binary.LittleEndian.Uint32(b[5:])
		b = b[9:]
		data := b[:min(uint64(size), uint64(len(b)))]
		t.attribute(id, data, depth)
		b = b[len(data):]
		b = b[min(2, len(b)):] // a checksum, which some programs get wrong
	}
	return t, true
}

func (t *tnefContent) attribute(id uint32, data []byte, depth int) {
	switch id {
	case tnefCodepage:
		if len(data) >= 4 {
			t.setCodepage(binary.LittleEndian.Uint32(data))
		}
	case tnefSubject:
		t.subject = t.string8(data)
	case tnefBody:
		if t.text == "" {
			t.text = t.string8(data)
		}
	case tnefMessage:
		t.message(data)
	case tnefNewFile:
		if len(t.files) < tnefMaxFiles {
			t.files = append(t.files, tnefFile{})
		}
	}
	if len(t.files) == 0 {
		return
	}
	f := &t.files[len(t.files)-1]
	switch id {
	case tnefFileTitle:
		if f.name == "" {
			f.name = t.string8(data)
		}
	case tnefFileData:
		f.data = data
	case tnefFileProps:
		t.file(data, depth)
	}
}

func (t *tnefContent) setCodepage(page uint32) {
	switch {
	case page == 65001:
		t.charset = "utf-8"
	case page == 932:
		t.charset = "shift_jis"
	case page == 936, page == 949, page == 950, page == 850, page == 437:
		t.charset = "cp" + strconv.Itoa(int(page))
	case page >= 1250 && page <= 1258:
		t.charset = "windows-" + strconv.Itoa(int(page))
	case page > 28590 && page <= 28605:
		t.charset = "iso-8859-" + strconv.Itoa(int(page-28590))
	}
}

// string8 reads a string of one octet a character, or more, in the stream's code page.
func (t *tnefContent) string8(b []byte) string {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return toUTF8(b, t.charset)
}

// message reads the properties of the message: its text in up to three forms.
func (t *tnefContent) message(data []byte) {
	var rtf []byte
	eachProperty(data, func(p property) {
		switch p.id {
		case propCodepage:
			if len(p.value) >= 4 {
				t.setCodepage(binary.LittleEndian.Uint32(p.value))
			}
		case propSubject:
			t.subject = t.text8or16(p)
		case propBody:
			t.text = t.text8or16(p)
		case propHTML:
			if t.html = t.text8or16(p); p.kind == typeBinary {
				t.html = htmlSource(p.value, "")
			}
		case propRTF:
			rtf = p.value
		}
	})
	if t.text == "" && t.html == "" && rtf != nil {
		t.text = rtfText(unpackRTF(rtf))
	}
}

// file reads the properties of the attachment that is open.
func (t *tnefContent) file(data []byte, depth int) {
	at := len(t.files) - 1
	f := t.files[at]
	var display string
	var inner *tnefContent
	eachProperty(data, func(p property) {
		switch p.id {
		case propLongName:
			f.name = t.text8or16(p)
		case propFileName:
			if f.name == "" {
				f.name = t.text8or16(p)
			}
		case propDisplayName:
			display = t.text8or16(p)
		case propFileKind:
			f.kind = strings.ToLower(t.text8or16(p))
		case propFileCID:
			f.cid = strings.Trim(t.text8or16(p), "<> ")
		case propFileData:
			if p.kind == typeObject && len(p.value) > 16 { // the identity of its interface comes first
				p.value = p.value[16:]
			}
			if len(f.data) == 0 {
				f.data = p.value
			}
			if m, ok := readTNEF(p.value, depth+1); ok {
				inner = m
			}
		}
	})
	if f.name == "" {
		f.name = display
	}
	t.files[at] = f
	if inner != nil {
		t.enclosed(at, inner, display)
	}
}

// enclosed puts what a message that is attached holds in its place: its text as a file, then its own files.
func (t *tnefContent) enclosed(at int, inner *tnefContent, name string) {
	if inner.subject != "" {
		name = inner.subject
	}
	f := tnefFile{name: strings.NewReplacer("/", "-", `\`, "-").Replace(name) + ".txt", kind: "text/plain", data: []byte(inner.text)}
	if inner.text == "" && inner.html != "" {
		f.data = []byte(HTMLText(inner.html))
	}
	t.files[at] = f
	t.files = append(t.files, inner.files[:min(len(inner.files), tnefMaxFiles-len(t.files))]...)
}

// The types of properties ([MS-OXCDATA], section 2.11.1) that are not of four octets.
const (
	typeFloat64 = 0x0005
	typeMoney   = 0x0006
	typeTime    = 0x0007
	typeObject  = 0x000d
	typeInt64   = 0x0014
	typeString8 = 0x001e
	typeString  = 0x001f
	typeFile    = 0x0040
	typeGUID    = 0x0048
	typeBinary  = 0x0102
	typeMany    = 0x1000
)

type property struct {
	id, kind uint16
	value    []byte
}

func (t *tnefContent) text8or16(p property) string {
	if p.kind != typeString {
		return t.string8(p.value)
	}
	units := make([]uint16, 0, len(p.value)/2)
	for b := p.value; len(b) >= 2; b = b[2:] {
		u := binary.LittleEndian.Uint16(b)
		if u == 0 {
			break
		}
		units = append(units, u)
	}
	return string(utf16.Decode(units))
}

// propertyReader takes numbers and octets off the front; once there are too few, it gives none any more.
type propertyReader struct{ b []byte }

func (r *propertyReader) take(n uint64) []byte {
	if n > uint64(len(r.b)) {
		r.b = nil
		return nil
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (r *propertyReader) number() uint32 {
	b := r.take(4)
	if b == nil {
		return 0
	}
	return binary.LittleEndian.Uint32(b)
}

// padded takes n octets and what fills them up to a multiple of four.
func (r *propertyReader) padded(n uint32) []byte {
	out := r.take(uint64(n))
	r.b = r.b[min((4-int(n%4))%4, len(r.b)):]
	return out
}

// eachProperty goes through a list of properties ([MS-OXTNEF], section 2.1.3.4). Of several values the last counts.
func eachProperty(b []byte, fn func(property)) {
	r := propertyReader{b: b}
	for count := min(r.number(), tnefProperties); count > 0 && len(r.b) >= 4; count-- {
		tag := r.number()
		p := property{kind: uint16(tag), id: uint16(tag >> 16)}
		if p.id >= 0x8000 { // a property that has a name
			r.take(16)
			if r.number() == 0 {
				r.take(4)
			} else {
				r.padded(r.number())
			}
		}
		many := p.kind&typeMany != 0
		p.kind &^= typeMany
		values := uint32(1)
		if many || isVariable(p.kind) {
			values = r.number()
		}
		for ; values > 0 && len(r.b) > 0; values-- {
			p.value = r.padded(widthOf(p.kind, &r))
		}
		fn(p)
	}
}

func isVariable(kind uint16) bool {
	return kind == typeString8 || kind == typeString || kind == typeBinary || kind == typeObject
}

func widthOf(kind uint16, r *propertyReader) uint32 {
	switch kind {
	case typeString8, typeString, typeBinary, typeObject:
		return r.number()
	case typeFloat64, typeMoney, typeTime, typeInt64, typeFile:
		return 8
	case typeGUID:
		return 16
	}
	return 4
}
