// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"bytes"
	"strings"

	"kontor/app/mail"
)

// protect notes what the outermost part that says anything says.
func (w *walker) protect(h partHeader) {
	if w.protection != "" {
		return
	}
	protocol := strings.ToLower(h.params["protocol"])
	switch {
	case h.kind == "multipart/signed" && strings.Contains(protocol, "pkcs7"):
		w.protection = mail.SMIMESigned
	case h.kind == "multipart/signed" && strings.Contains(protocol, "pgp"):
		w.protection = mail.PGPSigned
	case h.kind == "multipart/encrypted":
		w.protection = mail.PGPEncrypted
	case h.isCMS():
		switch strings.ToLower(h.params["smime-type"]) {
		case "signed-data":
			w.protection = mail.SMIMESigned
		case "certs-only", "compressed-data":
		default:
			w.protection = mail.SMIMEEncrypted
		}
	}
}

// inlinePGP finds OpenPGP armour (RFC 9580, section 6) inside of a text.
func inlinePGP(text string) mail.Protection {
	start := strings.Index(text, "-----BEGIN PGP ")
	if start < 0 || start > 0 && text[start-1] != '\n' {
		return ""
	}
	switch rest := text[start+len("-----BEGIN PGP "):]; {
	case strings.HasPrefix(rest, "MESSAGE-----"):
		return mail.PGPEncrypted
	case strings.HasPrefix(rest, "SIGNED MESSAGE-----"):
		return mail.PGPSigned
	}
	return ""
}

// signedContent gives what a CMS SignedData (RFC 5652, section 5) encloses: the signed message itself. Programs that
// sign write BER as well as DER.
func signedContent(der []byte) ([]byte, bool) {
	info, _, ok := nextTLV(der, 0)
	if !ok || info.tag != tagSequence {
		return nil, false
	}
	oid, rest, ok := nextTLV(info.content, 0)
	if !ok || !bytes.Equal(oid.content, oidSignedData) {
		return nil, false
	}
	explicit, _, ok := nextTLV(rest, 0)
	if !ok || explicit.tag != tagContext0 {
		return nil, false
	}
	signed, _, ok := nextTLV(explicit.content, 0)
	if !ok {
		return nil, false
	}
	for rest = signed.content; len(rest) > 0; { // version, algorithms, then the content
		var t tlv
		if t, rest, ok = nextTLV(rest, 0); !ok {
			return nil, false
		}
		if t.tag != tagSequence {
			continue
		}
		_, inner, ok := nextTLV(t.content, 0) // its type
		if !ok {
			return nil, false
		}
		wrapped, _, ok := nextTLV(inner, 0)
		if !ok || wrapped.tag != tagContext0 {
			return nil, false
		}
		octets, _, ok := nextTLV(wrapped.content, 0)
		if !ok {
			return nil, false
		}
		return octets.octets(nil, 0), true
	}
	return nil, false
}

var oidSignedData = []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02}

// The tags that matter (X.690).
const (
	tagConstructed = 0x20
	tagSequence    = 0x30
	tagContext0    = 0xa0
)

type tlv struct {
	tag     byte
	content []byte
}

// maxBER is how deep elements of no given length may lie in each other.
const maxBER = 24

// nextTLV reads one element of BER. An element of no given length ends with two zero octets after its last child.
func nextTLV(b []byte, depth int) (t tlv, rest []byte, ok bool) {
	if len(b) < 2 || depth > maxBER || b[0]&0x1f == 0x1f {
		return tlv{}, nil, false
	}
	t.tag = b[0]
	length, n := int(b[1]), 2
	switch {
	case length == 0x80:
		if t.tag&tagConstructed == 0 {
			return tlv{}, nil, false
		}
		at := 2
		for !bytes.HasPrefix(b[at:], []byte{0, 0}) {
			_, after, ok := nextTLV(b[at:], depth+1)
			if !ok {
				return tlv{}, nil, false
			}
			at = len(b) - len(after)
		}
		t.content = b[2:at]
		return t, b[at+2:], true
	case length > 0x80:
		n += length - 0x80
		if n > 6 || n > len(b) {
			return tlv{}, nil, false
		}
		length = 0
		for _, c := range b[2:n] {
			length = length<<8 | int(c)
		}
	}
	if length < 0 || length > len(b)-n {
		return tlv{}, nil, false
	}
	t.content = b[n : n+length]
	return t, b[n+length:], true
}

// octets puts the pieces of an octet string together.
func (t tlv) octets(out []byte, depth int) []byte {
	if t.tag&tagConstructed == 0 {
		return append(out, t.content...)
	}
	for rest := t.content; len(rest) > 0 && depth < maxBER; {
		piece, after, ok := nextTLV(rest, 0)
		if !ok {
			break
		}
		out = piece.octets(out, depth+1)
		rest = after
	}
	return out
}
