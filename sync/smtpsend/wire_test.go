// SPDX-License-Identifier: EUPL-1.2

package smtpsend

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kontor/app/mail"
)

func TestReplies(t *testing.T) {
	for _, c := range []struct {
		in           string
		code         int
		status, text string
		bad          bool
	}{
		{"250 ok\r\n", 250, "", "250 ok", false},
		{"250\n", 250, "", "250", false},
		{"550-5.1.1 no\r\n550-5.1.1 such\r\n550 5.1.1 user\r\n", 550, "5.1.1", "550 5.1.1 no such user", false},
		{"550 4.1.1 the wrong class\r\n", 550, "", "550 4.1.1 the wrong class", false},
		{"250 2.1000.0 too large\r\n", 250, "", "250 2.1000.0 too large", false},
		{"250 1.2.3.4 is an address\r\n", 250, "", "250 1.2.3.4 is an address", false},
		{"250-a\r\n251 b\r\n", 0, "", "", true},
		{"HTTP/1.1 200 OK\r\n", 0, "", "", true},
		{"25\r\n", 0, "", "", true},
		{"250x\r\n", 0, "", "", true},
		{"650 x\r\n", 0, "", "", true},
		{"\r\n", 0, "", "", true},
		{"250 " + strings.Repeat("x", 9000) + "\r\n", 0, "", "", true},
		{strings.Repeat("250-x\r\n", 1000), 0, "", "", true},
	} {
		r, err := readReply(bufio.NewReader(strings.NewReader(c.in)))
		if errors.Is(err, errReply) != c.bad || !c.bad && (err != nil || r.code != c.code || r.status != c.status || r.text() != c.text) {
			t.Errorf("%.30q: %d %q %q, %v", c.in, r.code, r.status, r.text(), err)
		}
	}
	if _, err := readReply(bufio.NewReader(strings.NewReader("250-not yet"))); !errors.Is(err, io.EOF) {
		t.Errorf("a reply that breaks off: %v", err)
	}
}

func FuzzReplies(f *testing.F) {
	for _, seed := range []string{"250 ok\r\n", "250-a\r\n250 b\r\n", "550 5.1.1 x\r\n", "\x00", "250"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		r, err := readReply(bufio.NewReader(bytes.NewReader(in)))
		if err == nil && (r.code < 200 || r.code > 599 || len(r.lines) == 0) {
			t.Fatalf("%q gave %+v", in, r)
		}
	})
}

// plain undoes what a server undoes: it takes the stuffed dots out.
func plain(wire string) string {
	var out strings.Builder
	for line := range strings.Lines(wire) {
		out.WriteString(strings.TrimPrefix(line, "."))
	}
	return out.String()
}

// Whatever the octets: no line but the last one is a lone dot, every line ends with CRLF, no CR or LF stands alone, and
// what the server reads is the text.
func TestNothingInAMessageEndsIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.StringOf(rapid.SampledFrom([]rune{'.', '\r', '\n', 'a', ' '})).Draw(t, "body")
		var out bytes.Buffer
		bw := bufio.NewWriter(&out)
		if err := errors.Join(writeBody(bw, strings.NewReader(body)), bw.Flush()); err != nil {
			t.Fatal(err)
		}
		wire := out.String()
		for line := range strings.Lines(wire) {
			if line == ".\r\n" || !strings.HasSuffix(line, "\r\n") || strings.ContainsAny(strings.TrimSuffix(line, "\r\n"), "\r\n") {
				t.Fatalf("line %q of %q", line, wire)
			}
		}
		want := strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(body, "\r\n", "\n"), "\r", "\n"), "\n", "\r\n")
		if want != "" && !strings.HasSuffix(want, "\r\n") {
			want += "\r\n"
		}
		if plain(wire) != want {
			t.Fatalf("%q became %q, want %q", body, wire, want)
		}
	})
}

// However a hidden field is written, it is gone, and the rest of the header stays in its order.
func TestHiddenFieldsAreTakenOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var in, want strings.Builder
		ends := rapid.SampledFrom([]string{"\r\n", "\n"}).Draw(t, "line ends")
		for range rapid.IntRange(0, 6).Draw(t, "fields") {
			hide := rapid.Bool().Draw(t, "hidden")
			name := rapid.SampledFrom([]string{"To", "Subject", "X-Bcc", "Bccc", "Received"}).Draw(t, "name")
			if hide {
				name = rapid.SampledFrom([]string{"Bcc", "bcc", "BCC ", "Resent-Bcc", "Bcc\t"}).Draw(t, "name")
			}
			value := rapid.SampledFrom([]string{" a@b.de", "", " a,%  b,%\tc", " " + strings.Repeat("x", 70000)}).Draw(t, "value")
			field := name + ":" + strings.ReplaceAll(value, "%", ends) + ends
			in.WriteString(field)
			if !hide {
				want.WriteString(strings.ReplaceAll(strings.ReplaceAll(field, "\r\n", "\n"), "\n", "\r\n"))
			}
		}
		body := rapid.SampledFrom([]string{"", "Bcc: im Text" + ends, ends + ends + "Bcc: x"}).Draw(t, "body")
		e, err := newEnvelope(mail.SendOp{}, strings.NewReader(in.String()+ends+body), int64(in.Len()+len(ends)+len(body)))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(e.body)
		if err != nil || string(got) != want.String()+"\r\n"+body || e.size != int64(len(got)) {
			t.Fatalf("%.200q, size %d of %d, %v", got, e.size, len(got), err)
		}
	})
	// A lone CR is the end of a line for some servers: nothing hides behind one.
	e, err := newEnvelope(mail.SendOp{}, strings.NewReader("Subject: x\rBcc: geheim@b.de\r\n\r\ny"), 34)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(e.body); err != nil || string(got) != "Subject: x\r\n\r\ny" {
		t.Errorf("%q %v", got, err)
	}
	if _, err := newEnvelope(mail.SendOp{}, strings.NewReader(strings.Repeat("x", maxHeader+1)), 1); !errors.Is(err, errHeader) {
		t.Errorf("a header without an end: %v", err)
	}
}
