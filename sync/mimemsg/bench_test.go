// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"bytes"
	"encoding/base64"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"kontor/app/mail"
)

// officeMail builds a message as offices write them: a plain text, for markup also its HTML form, and attachments.
func officeMail(tb testing.TB, words int, markup bool, attachments ...int) []byte {
	tb.Helper()
	random := rand.New(rand.NewPCG(1, uint64(words)))
	vocabulary := strings.Fields("der Antrag auf Genehmigung wird hiermit fristgerecht übersandt, anbei die Unterlagen für Frau Müller; bitte prüfen Sie bis Freitag die Gebührenordnung und melden Rückfragen an das Referat 12 der Behörde.")
	var text strings.Builder
	for i := range words {
		text.WriteString(vocabulary[random.IntN(len(vocabulary))])
		text.WriteString([]string{" ", "\n\n"}[min(1, i%60/59)])
	}
	var b bytes.Buffer
	b.WriteString("Return-Path: <bernd@kreis.example>\r\nReceived: from mx.kreis.example (mx.kreis.example [192.0.2.1])\r\n\tby mail.amt.example (Postfix) with ESMTPS id 4XYZ\r\n\tfor <anna@amt.example>; Mon, 23 Nov 2026 08:00:00 +0100 (CET)\r\n")
	b.WriteString("From: =?utf-8?Q?Bernd_M=C3=BCller?= <bernd@kreis.example>\r\nTo: Anna Amt <anna@amt.example>\r\nSubject: =?utf-8?Q?Pr=C3=BCfung_der_Unterlagen?=\r\nDate: Mon, 23 Nov 2026 08:00:00 +0100\r\nMessage-ID: <m@kreis.example>\r\nMIME-Version: 1.0\r\n")
	b.WriteString("Content-Type: multipart/mixed; boundary=\"=_o\"\r\n\r\n--=_o\r\nContent-Type: multipart/alternative; boundary=\"=_i\"\r\n\r\n--=_i\r\n")
	plain, encoding := encodeBody(flow(text.String()))
	b.WriteString("Content-Type: text/plain; charset=utf-8; format=flowed\r\nContent-Transfer-Encoding: " + encoding + "\r\n\r\n")
	b.Write(plain)
	if markup {
		page := "<html><head><style>p.MsoNormal{margin:0cm;font-size:11.0pt;font-family:\"Calibri\",sans-serif}</style></head><body lang=DE>" +
			"<p class=MsoNormal style=\"margin:0;color:#123456\"><span style='font-size:10.0pt'>" +
			strings.ReplaceAll(text.String(), "\n\n", "<o:p></o:p></span></p>\n<p class=MsoNormal><span style='font-size:10.0pt'>") + "</span></p></body></html>\n"
		rich, encoding := encodeBody(page)
		b.WriteString("\r\n--=_i\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: " + encoding + "\r\n\r\n")
		b.Write(rich)
	}
	b.WriteString("\r\n--=_i--\r\n")
	for _, size := range attachments {
		data := make([]byte, size)
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		b.WriteString("\r\n--=_o\r\n")
		if err := writeAttachment(&b, mail.OutAttachment{Name: "Anlage.pdf", MIMEType: "application/pdf", Data: data}); err != nil {
			tb.Fatal(err)
		}
	}
	b.WriteString("\r\n--=_o--\r\n")
	return b.Bytes()
}

func BenchmarkParse(b *testing.B) {
	for _, c := range []struct {
		name string
		raw  []byte
	}{
		{"plain 2 kB", officeMail(b, 250, false)},
		{"HTML 30 kB", officeMail(b, 1200, true)},
		{"attachment 200 kB", officeMail(b, 250, true, 200<<10)},
		{"attachments 3 x 2 MB", officeMail(b, 250, true, 2<<20, 2<<20, 2<<20)},
	} {
		for name, read := range map[string]func(io.Reader) (Parsed, error){"whole": Parse, "text": ParseText} {
			b.Run(c.name+"/"+name, func(b *testing.B) {
				b.SetBytes(int64(len(c.raw)))
				b.ReportAllocs()
				for b.Loop() {
					if _, err := read(bytes.NewReader(c.raw)); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkAttachment(b *testing.B) {
	raw := officeMail(b, 250, true, 2<<20)
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		_, r, err := Attachment(bytes.NewReader(raw), 0)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := bytes.NewBuffer(make([]byte, 0, 3<<20)).ReadFrom(r); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBase64(b *testing.B) {
	line := append([]byte(base64.StdEncoding.EncodeToString(make([]byte, 57))), "\r\n"...)
	raw := bytes.Repeat(line, 10_000)
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		d := decoder("base64", bytes.NewReader(raw))
		if _, err := bytes.NewBuffer(make([]byte, 0, len(raw))).ReadFrom(d); err != nil {
			b.Fatal(err)
		}
	}
}
