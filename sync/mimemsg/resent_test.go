// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kontor/app/mail"
)

// Whatever a message looks like, passing it on changes nothing in it, and no name can smuggle a field in.
func TestResendChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.SliceOf(rapid.Byte()).Draw(t, "raw")
		if bytes.HasPrefix(raw, []byte("From ")) {
			return
		}
		name := rapid.String().Draw(t, "name")
		out := Resend(raw, mail.Address{Name: name, Addr: "a@b.example"}, []mail.Address{{Name: name, Addr: "c@d.example"}}, "x@y", time.Now())
		head, ok := bytes.CutSuffix(out, raw)
		if !ok {
			t.Fatalf("%q is no longer %q", out, raw)
		}
		fields := 0
		for line := range strings.Lines(string(head)) {
			if !strings.HasSuffix(line, "\r\n") || len(line) > 998 {
				t.Fatalf("line %q", line)
			}
			if line[0] != ' ' {
				fields++
				if !strings.HasPrefix(line, "Resent-") {
					t.Fatalf("field %q", line)
				}
			}
		}
		if fields != 4 {
			t.Fatalf("%d fields in %q", fields, head)
		}
	})
}

func TestResendDropsTheSeparatorOfAnMbox(t *testing.T) {
	out := Resend([]byte("From a Mon Jan  1\nSubject: x\n\ny"), mail.Address{Addr: "a@b"}, []mail.Address{{Addr: "c@d"}}, "m@x", time.Now())
	if !bytes.HasSuffix(out, []byte("\r\nSubject: x\n\ny")) || bytes.Contains(out, []byte("From a Mon")) {
		t.Errorf("%q", out)
	}
}

func TestSentCopyNamesHiddenRecipients(t *testing.T) {
	out := mail.Outgoing{
		From: mail.Address{Addr: "a@amt.example"}, Bcc: []mail.Address{{Addr: "geheim@amt.example"}}, Subject: "x", Text: "y",
		ReplyTo: []mail.Address{{Name: "Stelle", Addr: "stelle@amt.example"}}, Organisation: "Amt\r\nBcc: x", ReadReceipt: true,
	}
	sent, err := BuildSent(out)
	if err != nil {
		t.Fatal(err)
	}
	h := ParseHeader(sent)
	if mail.FormatAddresses(h.Bcc) != "geheim@amt.example" || mail.FormatAddresses(h.ReplyTo) != "Stelle <stelle@amt.example>" {
		t.Errorf("%+v", h)
	}
	plain, err := Build(out)
	if err != nil || bytes.Contains(plain, []byte("geheim")) {
		t.Errorf("%s %v", plain, err)
	}
	if list := ReceiptTo(plain); len(list) != 1 || list[0].Addr != "a@amt.example" {
		t.Errorf("%v", list)
	}
}

// What a message will be said to weigh is what it weighs, so that nobody is stopped, or let through, wrongly.
func TestSizeIsKnownBefore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		out := mail.Outgoing{From: mail.Address{Addr: "a@b.example"}, Text: rapid.StringMatching(`[a-z \n]{0,500}`).Draw(t, "text")}
		for range rapid.IntRange(0, 4).Draw(t, "attachments") {
			data := make([]byte, rapid.IntRange(0, 200_000).Draw(t, "size"))
			out.Attachments = append(out.Attachments, mail.OutAttachment{Name: "Datei.bin", Data: data})
		}
		raw, err := BuildSent(out)
		if err != nil {
			t.Fatal(err)
		}
		said := mail.EncodedSize(out)
		if off := said - int64(len(raw)); off < 0 || off > 3000 {
			t.Fatalf("said %d, is %d", said, len(raw))
		}
	})
}
