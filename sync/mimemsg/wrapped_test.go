// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"

	"kontor/app/mail"
)

// tnefWriter makes a TNEF stream, attribute by attribute.
type tnefWriter struct{ bytes.Buffer }

func (w *tnefWriter) attribute(level byte, id uint32, data []byte) {
	w.WriteByte(level)
	w.Write(binary.LittleEndian.AppendUint32(nil, id))
	w.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(data))))
	w.Write(data)
	var sum uint16
	for _, c := range data {
		sum += uint16(c)
	}
	w.Write(binary.LittleEndian.AppendUint16(nil, sum))
}

type tnefProperty struct {
	kind, id uint16
	value    []byte
}

// properties writes a list as MAPI does; each value is padded.
func properties(list ...tnefProperty) []byte {
	out := binary.LittleEndian.AppendUint32(nil, uint32(len(list)))
	for _, p := range list {
		out = binary.LittleEndian.AppendUint16(out, p.kind)
		out = binary.LittleEndian.AppendUint16(out, p.id)
		if p.id >= 0x8000 { // its name
			out = append(out, make([]byte, 16)...)
			if p.id == 0x8000 {
				out = binary.LittleEndian.AppendUint32(append(out, 0, 0, 0, 0), 7)
			} else {
				out = append(append(out, 1, 0, 0, 0, 6, 0, 0, 0), "nam\x00e\x00\x00\x00"...)
			}
		}
		if isVariable(p.kind) {
			out = binary.LittleEndian.AppendUint32(out, 1)
			out = binary.LittleEndian.AppendUint32(out, uint32(len(p.value)))
		}
		out = append(out, p.value...)
		for len(out)%4 != 0 {
			out = append(out, 0)
		}
	}
	return out
}

func wide(s string) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		out = binary.LittleEndian.AppendUint16(out, u)
	}
	return append(out, 0, 0)
}

// tnefStream is a stream with a text and what else add writes.
func tnefStream(message []byte, add func(*tnefWriter)) []byte {
	var w tnefWriter
	w.Write(binary.LittleEndian.AppendUint32(nil, tnefSignature))
	w.Write([]byte{1, 0})
	w.attribute(1, tnefCodepage, []byte{0xe4, 4, 0, 0, 0, 0, 0, 0})
	w.attribute(1, tnefSubject, []byte("Gr\xfc\xdfe\x00"))
	if message != nil {
		w.attribute(1, tnefMessage, message)
	}
	if add != nil {
		add(&w)
	}
	return w.Bytes()
}

// winmail is what Outlook sends: a text, a file, another file whose name only its properties hold, a message.
func winmail() []byte {
	text := properties(
		tnefProperty{3, 0x1003, []byte{1, 2, 3, 4}}, tnefProperty{0x0b, 0x8000, []byte{1, 0, 0, 0}}, tnefProperty{typeTime, 0x8001, make([]byte, 8)},
		tnefProperty{typeString, propBody, wide("Text mit € im Körper")},
	)
	return tnefStream(text, func(w *tnefWriter) {
		w.attribute(2, tnefNewFile, make([]byte, 14))
		w.attribute(2, tnefFileTitle, []byte("KURZ~1.TXT\x00"))
		w.attribute(2, tnefFileData, []byte("Inhalt eins"))
		w.attribute(2, tnefFileProps, properties(tnefProperty{typeString, propLongName, wide("Übersicht lang.txt")}, tnefProperty{typeString8, propFileKind, []byte("text/plain\x00")}))
		w.attribute(2, tnefNewFile, make([]byte, 14))
		w.attribute(2, tnefFileProps, properties(tnefProperty{typeString8, propLongName, []byte("..\\b\xe4d.bin\x00")}, tnefProperty{typeBinary, propFileData, []byte("Inhalt zwei!")}))
		w.attribute(2, tnefNewFile, make([]byte, 14))
		inner := tnefStream(properties(tnefProperty{typeString8, propBody, []byte("Inneres")}), func(w *tnefWriter) {
			w.attribute(2, tnefNewFile, make([]byte, 14))
			w.attribute(2, tnefFileTitle, []byte("innen.txt\x00"))
			w.attribute(2, tnefFileData, []byte("drei"))
		})
		w.attribute(2, tnefFileProps, properties(tnefProperty{typeObject, propFileData, append(make([]byte, 16), inner...)}))
	})
}

// wrapped is a message that consists of one encoded part.
func wrapped(kind string, content []byte) []byte {
	return append([]byte("Subject: x\r\nContent-Type: "+kind+"\r\nContent-Transfer-Encoding: base64\r\n\r\n"), base64.StdEncoding.EncodeToString(content)...)
}

func TestTNEF(t *testing.T) {
	raw := wrapped("application/ms-tnef; name=winmail.dat", winmail())
	p, err := Parse(bytes.NewReader(raw))
	if err != nil || p.Text != "Text mit € im Körper" {
		t.Errorf("%q, %v", p.Text, err)
	}
	var got []string
	for i := range p.Attachments {
		a, r, err := Attachment(bytes.NewReader(raw), i)
		if err != nil {
			t.Fatal(err)
		}
		var content bytes.Buffer
		if _, err := content.ReadFrom(r); err != nil {
			t.Fatal(err)
		}
		got = append(got, a.Name+" "+a.MIMEType+" "+content.String())
	}
	want := "Übersicht lang.txt text/plain Inhalt eins\nbäd.bin application/octet-stream Inhalt zwei!\nGrüße.txt text/plain Inneres\ninnen.txt application/octet-stream drei"
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
	checkUsable(t, "winmail.dat", raw, p)
	// Where the message has a text of its own, that one counts.
	both := append([]byte("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nplain\r\n--b\r\n"), raw...)
	both = append(both, "\r\n--b--\r\n"...)
	if p, err = Parse(bytes.NewReader(both)); err != nil || p.Text != "plain" || len(p.Attachments) != 4 {
		t.Errorf("%q, %d attachments, %v", p.Text, len(p.Attachments), err)
	}
}

// Whatever is cut off or changed: no failure, and what cannot be opened is at least there to be saved.
func TestDamagedTNEF(t *testing.T) {
	whole := winmail()
	for n := range whole {
		for _, damaged := range [][]byte{whole[:n], append(append(bytes.Clone(whole[:n]), whole[n]^0xff), whole[n+1:]...)} {
			raw := wrapped("application/ms-tnef", damaged)
			p, err := Parse(bytes.NewReader(raw))
			if err != nil {
				t.Fatal(err)
			}
			if n < 4 && (len(p.Attachments) != 1 || p.Attachments[0].Size != int64(len(damaged))) {
				t.Fatalf("%d: %+v", n, p.Attachments)
			}
			if n%7 == 0 {
				checkUsable(t, "damaged", raw, p)
			}
		}
	}
}

func TestTNEFText(t *testing.T) {
	rtf := `{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fswiss Arial;}}{\colortbl;\red0\green0\blue0;}\pard\f0 Gr\'fc\u223?e\par an \{alle\}\tab\u8364 ?{\*\generator x;}{\pict 0102}\par}`
	fromHTML := `{\rtf1\ansi\fromhtml1 \deff0{\*\htmltag64 <p>}\htmlrtf \par\htmlrtf0 Hallo{\*\htmltag84 <b>}\htmlrtf {\b \htmlrtf0 Welt\htmlrtf }\htmlrtf0{\*\htmltag92 </b>}}`
	for name, c := range map[string]struct {
		message []byte
		text    string
		html    string
	}{
		"RTF":                {properties(tnefProperty{typeBinary, propRTF, plainRTF(rtf)}), "Grüße\nan {alle}\t€", ""},
		"HTML inside of RTF": {properties(tnefProperty{typeBinary, propRTF, plainRTF(fromHTML)}), "HalloWelt", ""},
		"HTML":               {properties(tnefProperty{typeBinary, propHTML, []byte("<meta charset=utf-8><p>ä")}), "ä", "<meta charset=utf-8><p>ä"},
		"HTML as a string":   {properties(tnefProperty{typeString, propHTML, wide("<p>ä")}), "ä", "<p>ä"},
		"a code page":        {properties(tnefProperty{3, propCodepage, []byte{0xe3, 4, 0, 0}}, tnefProperty{typeString8, propBody, []byte("\xcf\xf0\xe8\x00")}), "При", ""},
		"UTF-8":              {properties(tnefProperty{3, propCodepage, []byte{0xe9, 0xfd, 0, 0}}, tnefProperty{typeString8, propBody, []byte("ä\x00")}), "ä", ""},
		"nothing":            {properties(), "", ""},
	} {
		p, err := Parse(bytes.NewReader(wrapped("application/ms-tnef", tnefStream(c.message, nil))))
		if err != nil || p.Text != c.text || p.HTML != c.html || len(p.Attachments) != 0 {
			t.Errorf("%s: %q %q, %d attachments, %v", name, p.Text, p.HTML, len(p.Attachments), err)
		}
	}
}

// plainRTF is rich text in the container of compressed text, not compressed.
func plainRTF(rtf string) []byte {
	out := binary.LittleEndian.AppendUint32(nil, uint32(len(rtf)+12))
	out = binary.LittleEndian.AppendUint32(out, uint32(len(rtf)))
	return append(append(out, "MELA\x00\x00\x00\x00"...), rtf...)
}

// The examples of [MS-OXRTFCP], section 4.
func TestUnpackRTF(t *testing.T) {
	for _, c := range []struct{ packed, want string }{
		{"\x2d\x00\x00\x00\x2b\x00\x00\x00LZFu\xf1\xc5\xc7\xa7\x03\x00\x0a\x00rcpg125\x42\x32\x0a\xf3 hel\x09\x00 bw\x05\xb0ld}\x0a\x80\x0f\xa0", "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"},
		{"\x1a\x00\x00\x00\x1c\x00\x00\x00LZFu\xe2\xd4KQA\x00\x04 WXYZ\x0dn}\x01\x0e\xb0", "{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"},
		{"", ""},
		{"too short", ""},
		{"\x00\x00\x00\x00\xff\xff\xff\xffXXXX\x00\x00\x00\x00abc", ""},
	} {
		if got := string(unpackRTF([]byte(c.packed))); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

// der writes an element; in streaming BER without a length.
func der(tag byte, streaming bool, content ...[]byte) []byte {
	all := bytes.Join(content, nil)
	switch {
	case streaming && tag&tagConstructed != 0:
		return append(append([]byte{tag, 0x80}, all...), 0, 0)
	case len(all) < 0x80:
		return append([]byte{tag, byte(len(all))}, all...)
	}
	return append(append([]byte{tag, 0x83, byte(len(all) >> 16), byte(len(all) >> 8)}, byte(len(all))), all...)
}

// signedData is a CMS SignedData around a content, as DER or as the BER that programs write as they go.
func signedData(content []byte, streaming bool) []byte {
	octets := der(0x04, false, content)
	if streaming {
		octets = der(0x24, true, der(0x04, false, content[:len(content)/2]), der(0x04, false, content[len(content)/2:]))
	}
	data := der(tagSequence, streaming, der(0x06, false, []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01}), der(tagContext0, streaming, octets))
	signed := der(tagSequence, streaming, der(0x02, false, []byte{1}), der(0x31, streaming), data, der(0x31, streaming))
	return der(tagSequence, streaming, der(0x06, false, oidSignedData), der(tagContext0, streaming, signed))
}

func TestSignedInOnePiece(t *testing.T) {
	inner := []byte("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nText\r\n--b\r\nContent-Type: a/b; name=x\r\n\r\n12\r\n--b--\r\n")
	for _, streaming := range []bool{false, true} {
		raw := wrapped("application/pkcs7-mime; smime-type=signed-data; name=smime.p7m", signedData(inner, streaming))
		p, err := Parse(bytes.NewReader(raw))
		if err != nil || p.Text != "Text" || len(p.Attachments) != 1 || p.Attachments[0].Name != "x" || p.Protection != mail.SMIMESigned {
			t.Errorf("streaming %v: %q %+v %s %v", streaming, p.Text, p.Attachments, p.Protection, err)
		}
		checkUsable(t, "signed", raw, p)
		damaged := signedData(inner, streaming)
		for n := range damaged {
			raw := wrapped("application/pkcs7-mime", damaged[:n])
			if p, err := Parse(bytes.NewReader(raw)); err != nil || n < 40 && len(p.Attachments) != 1 {
				t.Fatalf("cut at %d: %+v, %v", n, p.Attachments, err)
			}
		}
	}
	deep := bytes.Repeat([]byte{tagSequence, 0x80}, 100_000)
	if _, ok := signedContent(deep); ok {
		t.Error("a bottomless element was read")
	}
}

func TestProtection(t *testing.T) {
	part := func(head string) string { return head + "; boundary=b\n\n--b\n\nx\n--b--\n" }
	for raw, want := range map[string]mail.Protection{
		part("Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\""):   mail.SMIMESigned,
		part("Content-Type: multipart/signed; protocol=\"application/x-pkcs7-signature\""): mail.SMIMESigned,
		part("Content-Type: multipart/signed; protocol=\"application/pgp-signature\""):     mail.PGPSigned,
		part("Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\""):  mail.PGPEncrypted,
		"Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nAA":            mail.SMIMEEncrypted,
		"Content-Type: application/x-pkcs7-mime; name=smime.p7m\n\nAA":                     mail.SMIMEEncrypted,
		"Content-Type: application/octet-stream; name=smime.p7m\n\nAA":                     mail.SMIMEEncrypted,
		"Content-Type: application/pkcs7-mime; smime-type=certs-only\n\nAA":                "",
		"\n-----BEGIN PGP MESSAGE-----\n\nx\n-----END PGP MESSAGE-----\n":                  mail.PGPEncrypted,
		"\nHallo\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nx\n":                 mail.PGPSigned,
		"\nI write -----BEGIN PGP MESSAGE----- here":                                       "",
		"\n-----BEGIN PGP PUBLIC KEY BLOCK-----\n":                                         "",
		part("Content-Type: multipart/mixed"):                                              "",
	} {
		if p := parse(t, raw); p.Protection != want {
			t.Errorf("%q: %q, want %q", raw, p.Protection, want)
		}
	}
}

func TestReports(t *testing.T) {
	report := func(kind, machine, returned string) string {
		return "In-Reply-To: <fallback@x>\nContent-Type: multipart/report; report-type=" + kind + "; boundary=b\n\n--b\nContent-Type: text/plain; name=note.txt\n\nSorry\n--b\nContent-Type: message/" + kind + "\n\n" + machine + "\n--b\n" + returned + "--b--\n"
	}
	for name, c := range map[string]struct {
		raw    string
		want   mail.Report
		failed bool
	}{
		"a bounce": {
			report("delivery-status", "Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; a@b.de\nAction: failed\nStatus: 5.1.1 (bad)\nRemote-MTA: dns; mx.b.de\nDiagnostic-Code: smtp; 550 no\n such user",
				"Content-Type: text/rfc822-headers\n\nMessage-ID: <orig@x>\nSubject: Antrag\n\n"),
			mail.Report{Kind: mail.ReportDelivery, OriginalID: "orig@x", Subject: "Antrag", Recipients: []mail.Outcome{{Addr: "a@b.de", Action: "failed", Status: "5.1.1", Diagnostic: "550 no such user", Remote: "mx.b.de"}}},
			true,
		},
		"two recipients, the whole message back": {
			report("delivery-status", "\n\nFinal-Recipient: rfc822;a@b.de\nAction: delayed\nStatus: 4.0.0\n\n\n\nOriginal-Recipient: rfc822;<c@d.de>\nAction: Delivered\n",
				"Content-Type: message/rfc822\n\nMessage-ID: <orig@x>\nSubject: =?utf-8?q?=C3=A4?=\n\nText\n"),
			mail.Report{Kind: mail.ReportDelivery, OriginalID: "orig@x", Subject: "ä", Recipients: []mail.Outcome{{Addr: "a@b.de", Action: "delayed", Status: "4.0.0"}, {Addr: "c@d.de", Action: "delivered"}}},
			false,
		},
		"no empty lines between": {
			report("delivery-status", "Reporting-MTA: dns; x\nFinal-Recipient: rfc822;a@b.de\nAction: failed\nFinal-Recipient: rfc822;c@d.de\nAction: failed\n", ""),
			mail.Report{Kind: mail.ReportDelivery, OriginalID: "fallback@x", Subject: "", Recipients: []mail.Outcome{{Addr: "a@b.de", Action: "failed"}, {Addr: "c@d.de", Action: "failed"}}},
			true,
		},
		"only a status": {
			report("delivery-status", "\nFinal-Recipient: a@b.de\nStatus: 5.5.0\n", ""),
			mail.Report{Kind: mail.ReportDelivery, OriginalID: "fallback@x", Subject: "", Recipients: []mail.Outcome{{Addr: "a@b.de", Status: "5.5.0"}}},
			true,
		},
		"a receipt": {
			report("disposition-notification", "Final-Recipient: rfc822;a@b.de\nOriginal-Message-ID: <orig@x>\nDisposition: manual-action/MDN-sent-manually; displayed/error\n", ""),
			mail.Report{Kind: mail.ReportReceipt, OriginalID: "orig@x", Subject: "", Recipients: []mail.Outcome{{Addr: "a@b.de", Action: "displayed"}}},
			false,
		},
		"a complaint": {report("feedback-report", "Feedback-Type: abuse\n", ""), mail.Report{Kind: mail.ReportAbuse, OriginalID: "fallback@x"}, false},
		"for people only": {
			"X-Failed-Recipients: a@b.de, c@d.de\n\nSorry",
			mail.Report{Kind: mail.ReportDelivery, OriginalID: "", Subject: "", Recipients: []mail.Outcome{{Addr: "a@b.de", Action: "failed"}, {Addr: "c@d.de", Action: "failed"}}},
			true,
		},
	} {
		p := parse(t, c.raw)
		if p.Report == nil {
			t.Errorf("%s: no report", name)
			continue
		}
		if p.Report.Kind != c.want.Kind || p.Report.OriginalID != c.want.OriginalID || p.Report.Subject != c.want.Subject || p.Report.Failed() != c.failed {
			t.Errorf("%s: %+v", name, *p.Report)
		}
		for i, o := range p.Report.Recipients {
			if i >= len(c.want.Recipients) || o != c.want.Recipients[i] {
				t.Errorf("%s: recipient %d: %+v", name, i, o)
			}
		}
		if len(p.Report.Recipients) != len(c.want.Recipients) || !strings.Contains(p.Text, "Sorry") {
			t.Errorf("%s: %d recipients, text %q", name, len(p.Report.Recipients), p.Text)
		}
	}
	if p := parse(t, "Subject: x\n\ny"); p.Report != nil {
		t.Errorf("%+v", p.Report)
	}
	many := parse(t, report("delivery-status", strings.Repeat("Final-Recipient: rfc822;a@b.de\nAction: failed\n\n", 5000), ""))
	if len(many.Report.Recipients) != maxOutcomes {
		t.Errorf("%d recipients", len(many.Report.Recipients))
	}
}

func TestRTFText(t *testing.T) {
	for in, want := range map[string]string{
		`{\rtf1 a\line b\par c\tab d\bullet\endash\lquote x\rquote\ldblquote y\rdblquote\~z\_w}`: "a\nb\nc\td•–'x'\"y\" z-w",
		`{\rtf1\uc2 \u8364 ??x\uc0\u8364 y\u-3913z}`:                                             "€x€y\uf0b7z",
		`{\rtf1\ansicpg1251 \'cf\'f0\'e8}`:                                                       "При",
		`{\rtf1{\pict\bin5 }}}}}x}y`:                                                             "y",
		`{\rtf1{\*\unknown hidden {\b also}}{\header hidden}shown}`:                              "shown",
		`{\rtf1 \{\}\\ \'zz \' }`:                                                                "{}\\ zz",
		"}}}{\\rtf1 a":                                                                           "a",
		`\`:                                                                                      "",
		`{\rtf1 a\` + "\n" + `b}`:                                                                "a\nb",
		`{\rtf1\ansicpg99999999999 ä}`:                                                           "ä",
	} {
		if got := rtfText([]byte(in)); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestCodePages(t *testing.T) {
	for page, c := range map[uint32][2]string{
		1252: {"\x80", "€"}, 1250: {"\xb3", "ł"}, 932: {"\x93\xfa", "日"}, 936: {"\xc4\xe3", "你"}, 949: {"\xbe\xc8", "안"}, 950: {"\xa7\x41", "你"},
		65001: {"\xe2\x82\xac", "€"}, 850: {"\x81", "ü"}, 28605: {"\xa4", "€"}, 28592: {"\xb3", "ł"}, 12345: {"\xe4", "ä"},
	} {
		content := tnefContent{charset: "windows-1252"}
		content.setCodepage(page)
		if got := content.string8([]byte(c[0] + "\x00rest")); got != c[1] {
			t.Errorf("%d: %q, want %q", page, got, c[1])
		}
	}
}
