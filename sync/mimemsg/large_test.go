// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
)

// peakReader looks at the heap while it is read from.
type peakReader struct {
	r    io.Reader
	read int64
	next int64
	peak uint64
}

func (p *peakReader) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	if p.read += int64(n); p.read >= p.next {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		p.peak = max(p.peak, m.HeapAlloc)
		p.next = p.read + 1<<20
	}
	return n, err
}

// largest is as large as mail gets where it is allowed to.
const largest = 205 << 20

// largeMail streams a message of 205 MB, or 100 MB where less is decoded: a text, and one attachment of the type and encoding, made of line.
func largeMail(head, line string) io.Reader {
	size := int64(largest)
	if !strings.Contains(head, "base64") {
		size = 100 << 20
	}
	return io.MultiReader(
		strings.NewReader("Subject: Luftbild\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nAnbei das Luftbild.\r\n--b\r\n"+head+"\r\n\r\n"),
		io.LimitReader(&cycle{line: []byte(line)}, size/int64(len(line))*int64(len(line))), strings.NewReader("\r\n--b--\r\n"))
}

// A message of 205 MB is read, searched and unpacked within 64 MB, whatever it is made of.
func TestLargeMessagesAreStreamed(t *testing.T) {
	if testing.Short() {
		t.Skip("reads some gigabytes")
	}
	const limit = 64 << 20
	base64Line := strings.Repeat("QUJD", 19) + "\r\n"
	for _, c := range []struct{ name, head, line string }{
		{"base64", "Content-Type: image/tiff; name=luftbild.tif\r\nContent-Transfer-Encoding: base64", base64Line},
		{"without line ends", "Content-Type: image/tiff; name=luftbild.tif\r\nContent-Transfer-Encoding: binary", strings.Repeat("x", 1<<16)},
		{"only line ends", "Content-Type: application/x; name=a", "\r\n"},
		{"nothing but hyphens", "Content-Type: application/x; name=a", "--------------------------------\r\n"},
		{"text", "Content-Type: text/plain", "Ein Text, der nicht aufhört, ein Text, der nicht aufhört.\r\n"},
		{"HTML", "Content-Type: text/html", "<p>Ein <b>Text</b>, der nicht aufhört.\r\n"},
		{"quoted-printable", "Content-Type: application/x; name=a\r\nContent-Transfer-Encoding: quoted-printable", "=C3=A4=C3=B6=C3=BC=\r\n"},
		{"winmail.dat", "Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64", base64Line},
		{"a message inside", "Content-Type: message/rfc822", "Subject: x\r\n\r\nText\r\n"},
		{"uuencoded in a text", "Content-Type: text/plain\r\n\r\nbegin 644 luftbild.tif", "M" + strings.Repeat("0", 60) + "\r\n"},
	} {
		ways := map[string]func(io.Reader) (Parsed, error){"Parse": Parse, "ParseText": ParseText}
		if strings.HasPrefix(c.head, "Content-Type: application/x") || strings.HasPrefix(c.head, "Content-Type: message") {
			delete(ways, "ParseText") // one way is enough for each of these
		}
		for name, read := range ways {
			runtime.GC()
			r := &peakReader{r: largeMail(c.head, c.line)}
			p, err := read(r)
			if err != nil || p.Subject != "Luftbild" || !strings.Contains(p.Snippet, "Anbei") || r.read < 95<<20 {
				t.Errorf("%s, %s: %q, %d octets read, %v", c.name, name, p.Snippet, r.read, err)
			}
			if r.peak > limit {
				t.Errorf("%s, %s: the heap grew to %d MB", c.name, name, r.peak>>20)
			}
		}
		if len(ways) == 1 {
			continue
		}
		runtime.GC()
		r := &peakReader{r: largeMail(c.head, c.line)}
		_, content, err := Attachment(r, 0)
		if errors.Is(err, ErrNoAttachment) {
			continue // it is a text
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if n, err := io.Copy(io.Discard, content); err != nil || n < 1<<20 && c.line != "\r\n" || r.peak > limit {
			t.Errorf("%s: unpacked %d octets, the heap grew to %d MB, %v", c.name, n, r.peak>>20, err)
		}
	}
}

// trap is a message that makes a careless parser take time that grows with the square of its length, or worse.
type trap struct {
	name string
	make func(n int) string
}

var traps = []trap{
	{"one header line", func(n int) string { return "Subject: " + strings.Repeat("x", n) + "\n\nText" }},
	{"a folded header", func(n int) string { return "Subject: " + strings.Repeat("x\n ", n/3) + "\n\nText" }},
	{"many headers", func(n int) string { return strings.Repeat("X-Y: z\n", n/7) + "\nText" }},
	{"many identifiers", func(n int) string { return "References: " + strings.Repeat("<a@b> ", n/6) + "\n\nText" }},
	{"many open identifiers", func(n int) string { return "References: " + strings.Repeat("<a@b ", n/5) + "\n\nText" }},
	{"many parameters", func(n int) string { return "Content-Type: a/b; " + strings.Repeat("a*1=b;", n/6) + "\n\nText" }},
	{"many different parameters", func(n int) string {
		var b strings.Builder
		for i := range n / 12 {
			fmt.Fprintf(&b, "; p%d=%d", i, i)
		}
		return "Content-Type: a/b" + b.String() + "\n\nText"
	}},
	{"many parts", func(n int) string {
		return "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\nx\n", n/8)
	}},
	{"many attachments", func(n int) string {
		return "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\nContent-Type: a/b\n\nx\n", n/26)
	}},
	{"deep multiparts", func(n int) string {
		var b strings.Builder
		for i := range n / 56 {
			fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%07d\n\n--b%07d\n", i, i)
		}
		return b.String() + "\nText"
	}},
	{"deep messages", func(n int) string { return strings.Repeat("Content-Type: message/rfc822\n\n", n/30) + "\nText" }},
	{"messages in multiparts in messages", func(n int) string {
		return strings.Repeat("Content-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=b\n\n--b\n", n/80) + "\nText"
	}},
	{"one line of text", func(n int) string { return "\n" + strings.Repeat("x", n) }},
	{"one word after the other", func(n int) string { return "Content-Type: text/plain; format=flowed\n\n" + strings.Repeat("x \n", n/3) }},
	{"quotes", func(n int) string { return "\n" + strings.Repeat(">", n) }},
	{"quoted lines", func(n int) string {
		return "Content-Type: text/plain; format=flowed\n\n" + strings.Repeat(">>>>>>>> x \n", n/12)
	}},
	{"open tags", func(n int) string {
		return "Content-Type: text/html\n\n" + strings.Repeat("<div><b><ul><li><blockquote>", n/28)
	}},
	{"hidden elements", func(n int) string { return "Content-Type: text/html\n\n" + strings.Repeat("<div hidden>", n/12) }},
	{"entities", func(n int) string { return "Content-Type: text/html\n\n" + strings.Repeat("&amp;&x", n/7) }},
	{"an attribute", func(n int) string { return "Content-Type: text/html\n\n<a href='" + strings.Repeat("x", n) }},
	{"half escapes", func(n int) string { return "Content-Transfer-Encoding: quoted-printable\n\n" + strings.Repeat("=", n) }},
	{"half words", func(n int) string { return "Subject: " + strings.Repeat("=?utf-8?q?", n/10) + "\n\n" }},
	{"words in a row", func(n int) string { return "Subject: " + strings.Repeat("=?utf-8?q?x?= ", n/14) + "\n\n" }},
	{"uuencoded files", func(n int) string { return "\n" + strings.Repeat("begin 644 a\n#86)C\n", n/18) }},
	{"begins of files", func(n int) string { return "\n" + strings.Repeat("begin 644 a\nx\n", n/14) }},
	{"groups of recipients", func(n int) string { return "To: " + strings.Repeat("a:b,", n/4) + ";\n\n" }},
	{"recipients with brackets", func(n int) string { return "To: " + strings.Repeat("<<a,", n/4) + "\n\n" }},
	{"comments", func(n int) string { return "To: " + strings.Repeat("(a", n/2) + "\n\n" }},
	{"a report", func(n int) string {
		return "Content-Type: message/delivery-status\n\n" + strings.Repeat("Action: failed\n\n", n/16)
	}},
	{"shifts", func(n int) string {
		return "Content-Type: text/plain; charset=utf-7\n\n" + strings.Repeat("+AOQ-", n/5)
	}},
	{"an element without a length", func(n int) string { return "Content-Type: application/pkcs7-mime\n\n" + strings.Repeat("0\x80", n/2) }},
	{"properties", func(n int) string {
		return "Content-Type: application/ms-tnef\n\nx\x9f>\"\x00\x00" + strings.Repeat("\x01\x03\x90\x06\x00\x04\x00\x00\x00\xff\xff\xff\xff\x00\x00", n/15)
	}},
}

// Four megabytes of each trap: anything quadratic would not end before the time-out of the tests.
func TestTrapsTakeLinearTime(t *testing.T) {
	const n = 4 << 20
	for _, c := range traps {
		raw := []byte(c.make(n))
		p, err := Parse(bytes.NewReader(raw))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if len(p.Attachments) > maxParts || len(p.Text) > 3*maxText || len(p.Nested) > 3*maxText {
			t.Errorf("%s: %d attachments, %d octets of text, %d nested", c.name, len(p.Attachments), len(p.Text), len(p.Nested))
		}
	}
}
