// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"kontor/app/mail"
)

// seeds adds the small messages of the corpus where it is at hand, and some made for the purpose.
func seeds(f *testing.F, small int, add func([]byte)) {
	for _, s := range nasty {
		add([]byte(strings.ReplaceAll(s.raw, "\n", "\r\n")))
	}
	root := os.Getenv("KONTOR_CORPUS")
	if root == "" {
		return
	}
	err := filepath.WalkDir(filepath.Join(root, "mime"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err == nil && len(raw) < small {
			add(raw)
		}
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
}

func FuzzParse(f *testing.F) {
	seeds(f, 8000, func(raw []byte) { f.Add(raw) })
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := Parse(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		checkUsable(t, "fuzz", raw, p)
		index, err := ParseIndex(bytes.NewReader(raw))
		if err != nil || !slices.Equal(index.Attachments, p.Attachments) {
			t.Errorf("for an index: %+v for %+v, %v", index.Attachments, p.Attachments, err)
		}
		quick, err := ParseText(bytes.NewReader(raw))
		if err != nil || len(quick.Attachments) != len(p.Attachments) || quick.HasAttachment() != p.HasAttachment() || quick.Nested != p.Nested || quick.Protection != p.Protection {
			t.Errorf("for a list: %d attachments of %d, %q for %q, %v", len(quick.Attachments), len(p.Attachments), quick.Nested, p.Nested, err)
		}
	})
}

func FuzzHeader(f *testing.F) {
	for _, s := range []string{
		"From: =?utf-8?q?a?= <a@b>\nTo: x:a@b,\"c\" <d@e>;\n", "Content-Type: a/b; name*0*=utf-8''%41; name*1=b; x=\"\\\"\"\n", "Date: Mon, 2 Jan 2006 15:04:05 -0700\n",
		"Subject: =?iso-2022-jp?B?GyRCRnxLXDhsGyhC?= =?utf-8?b?w6Q?=\n", "References: <a@b> <c\n d@e>\nIn-Reply-To: x\n", "From: a@b (c (d) \\) e)\n", "Subject: =?utf-7?q?+AOQ-?=\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		h := ParseHeader(raw)
		for _, list := range [][]mail.Address{h.To, h.Cc, h.Bcc, h.ReplyTo, {h.From}} {
			for _, a := range list {
				if !utf8.ValidString(a.Name+a.Addr) || strings.ContainsAny(a.Name+a.Addr, "\r\n\x00") {
					t.Errorf("the address %q <%q>", a.Name, a.Addr)
				}
			}
		}
		for _, s := range append([]string{h.Subject, h.MessageID, h.InReplyTo, h.ListUnsubscribe, h.Failed}, h.References...) {
			if !utf8.ValidString(s) || strings.ContainsAny(s, "\r\n") {
				t.Errorf("%q", s)
			}
		}
		if y := h.Date.Year(); !h.Date.IsZero() && (y < 0 || y > 9999) {
			t.Errorf("the year %d", y)
		}
		kind, params := parseParams(raw)
		for name, value := range params {
			if name != "boundary" && !utf8.ValidString(value) {
				t.Errorf("%s: %s=%q", kind, name, value)
			}
		}
	})
}

func FuzzTNEF(f *testing.F) {
	f.Add(winmail())
	f.Add(winmail()[:100])
	f.Fuzz(func(t *testing.T, raw []byte) {
		if c, ok := readTNEF(raw, 0); ok && len(c.files) > tnefMaxFiles {
			t.Errorf("%d files", len(c.files))
		}
		head := "Content-Type: application/ms-tnef\r\nContent-Transfer-Encoding: base64\r\n\r\n"
		message := append([]byte(head), base64.StdEncoding.EncodeToString(raw)...)
		p, err := Parse(bytes.NewReader(message))
		if err != nil {
			t.Fatal(err)
		}
		checkUsable(t, "fuzz", message, p)
	})
}

func FuzzRTF(f *testing.F) {
	f.Add([]byte(`{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}\pard Gr\'fc\u223?e\par {\*\htmltag84 <b>}x\htmlrtf y\htmlrtf0 z}`))
	f.Add([]byte("\x2d\x00\x00\x00\x2b\x00\x00\x00LZFu\xf1\xc5\xc7\xa7\x03\x00\x0a\x00rcpg125\x42\x32\x0a\xf3 hel\x09\x00 bw\x05\xb0ld}\x0a\x80\x0f\xa0"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if out := unpackRTF(raw); len(out) > maxText+32 {
			t.Errorf("%d octets", len(out))
		}
		if s := rtfText(raw); !utf8.ValidString(s) {
			t.Errorf("%q", s)
		}
	})
}

func FuzzSigned(f *testing.F) {
	f.Add(signedData([]byte("Content-Type: text/plain\r\n\r\nText"), false))
	f.Add(signedData([]byte("Content-Type: text/plain\r\n\r\nText"), true))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if content, ok := signedContent(raw); ok && len(content) > len(raw) {
			t.Errorf("%d octets out of %d", len(content), len(raw))
		}
	})
}

func FuzzMbox(f *testing.F) {
	f.Add([]byte("From a Thu Aug 22 14:44:26 2002\nSubject: x\n\n>From y\n\nFrom b\nX: y\nContent-Length: 9\n\nFrom z\n\n\nFrom c\n"))
	f.Add([]byte("From \n00\r\nFrom \n"))
	f.Add([]byte("From \n\r\r\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var got [][]byte
		if err := eachRaw(bytes.NewReader(raw), func(m []byte, _ time.Time) error {
			got = append(got, bytes.Clone(m))
			return nil
		}); err != nil {
			return
		}
		var box bytes.Buffer
		w := bufio.NewWriter(&box)
		for _, m := range got {
			if err := WriteMbox(w, bytes.NewReader(m), "", time.Unix(0, 0), ""); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		i := 0
		err := eachRaw(&box, func(m []byte, _ time.Time) error {
			if i < len(got) && !bytes.Equal(lineFeeds(m), lineFeeds(got[i])) {
				t.Errorf("message %d: %q for %q", i, m, got[i])
			}
			i++
			return nil
		})
		if err != nil || i != len(got) {
			t.Errorf("%d of %d messages, %v", i, len(got), err)
		}
	})
}

// lineFeeds is a message as an mbox keeps it: with a bare line feed at the end of each line, whatever stood before it.
func lineFeeds(m []byte) []byte {
	if len(m) > 0 && m[len(m)-1] != '\n' {
		m = append(bytes.Clone(m), '\n')
	}
	return bytes.ReplaceAll(m, []byte("\r"), nil)
}

func FuzzHTML(f *testing.F) {
	f.Add("<p>a<br>b<ul><li>c</ul><blockquote>d</blockquote><pre> e\n f</pre><a href=http://x>y</a><div hidden>z")
	f.Fuzz(func(t *testing.T, source string) {
		if out := HTMLText(source); utf8.ValidString(source) && !utf8.ValidString(out) {
			t.Errorf("%q", out)
		}
	})
}
