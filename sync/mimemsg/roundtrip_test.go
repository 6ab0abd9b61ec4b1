// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"

	"kontor/app/mail"
)

// anyLine is text on one line in any script, with what breaks careless programs.
func anyLine() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.String(),
		rapid.StringMatching(`[ -~]{0,120}`),
		rapid.StringMatching(`[a-zäöüßéñçłšğА-Яа-яא-תا-ي一-龥ぁ-んก-ฮ😀-😎 ]{0,60}`),
		rapid.SampledFrom([]string{"=?utf-8?q?x?=", "a\r\nBcc: x@y.de", "\u202eexe.txt", strings.Repeat("x", 1500), strings.Repeat("ä", 700), strings.Repeat("word ", 300), "e\u0301", "👩‍👩‍👧", "\"q\" \\ (c)", "a=b;c", "\x00\x7f"}),
	)
}

func anyAddress() *rapid.Generator[mail.Address] {
	return rapid.Custom(func(t *rapid.T) mail.Address {
		addr := rapid.SampledFrom([]string{"a@b.de", "anna.amt+x@amt.example", "o'neill@x.example", "x@bücher.example", strings.Repeat("l", 64) + "@" + strings.Repeat("d.", 90) + "example"}).Draw(t, "addr")
		return mail.Address{Name: anyLine().Draw(t, "name"), Addr: addr}
	})
}

func anyText() *rapid.Generator[string] {
	line := rapid.OneOf(
		rapid.StringMatching(`(> ?){0,4}[a-zäöü ]{0,200}`), anyLine(),
		rapid.SampledFrom([]string{"-- ", "From here", ".", "..", " indented", ">", "", "--", "bare\rcarriage", strings.Repeat("long ", 400), strings.Repeat("x", 3000)}),
	)
	return rapid.Map(rapid.SliceOfN(line, 0, 10), func(lines []string) string { return strings.Join(lines, "\n") })
}

func anyAttachment() *rapid.Generator[mail.OutAttachment] {
	return rapid.Custom(func(t *rapid.T) mail.OutAttachment {
		return mail.OutAttachment{
			Name:     rapid.OneOf(anyLine(), rapid.SampledFrom([]string{"", "..", "C:\\x\\y.doc", "a/b", "ä.txt", strings.Repeat("long", 80) + ".docx", "winmail.dat", "smime.p7m"})).Draw(t, "name"),
			MIMEType: rapid.SampledFrom([]string{"", "text/plain", "text/html; charset=utf-8", "message/rfc822", "image/png", "weird", "a/b/c", "text/calendar", "multipart/mixed", "application/pkcs7-signature"}).Draw(t, "type"),
			Data:     rapid.OneOf(rapid.SliceOfN(rapid.Byte(), 0, 300), rapid.SampledFrom([][]byte{nil, []byte("Subject: x\r\n\r\nText"), []byte("--=_"), bytes.Repeat([]byte{0}, 1000)})).Draw(t, "data"),
		}
	})
}

func anyOutgoing() *rapid.Generator[mail.Outgoing] {
	return rapid.Custom(func(t *rapid.T) mail.Outgoing {
		return mail.Outgoing{
			From: anyAddress().Draw(t, "from"), To: rapid.SliceOfN(anyAddress(), 0, 5).Draw(t, "to"), Cc: rapid.SliceOfN(anyAddress(), 0, 3).Draw(t, "cc"),
			Bcc:     rapid.SliceOfN(rapid.Just(mail.Address{Addr: "blind@secret.example"}), 0, 2).Draw(t, "bcc"),
			ReplyTo: rapid.SliceOfN(anyAddress(), 0, 2).Draw(t, "reply-to"), Subject: anyLine().Draw(t, "subject"), Organisation: anyLine().Draw(t, "organisation"),
			Text: anyText().Draw(t, "text"), Attachments: rapid.SliceOfN(anyAttachment(), 0, 4).Draw(t, "attachments"),
			InReplyTo: rapid.SampledFrom([]string{"", "zero@example.org"}).Draw(t, "in-reply-to"), References: rapid.SliceOfN(rapid.StringMatching(`[a-z0-9.]{1,60}@[a-z]{1,20}\.example`), 0, 150).Draw(t, "references"),
			Date: time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "date"), 0), MessageID: "m@example.org",
		}
	})
}

// Whatever a person writes is read back as it was written, and the octets are ones that every server takes.
func TestWhatIsBuiltIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		out := anyOutgoing().Draw(t, "message")
		raw, err := Build(out)
		if err != nil {
			t.Fatal(err)
		}
		checkWire(t, raw)
		p, err := Parse(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if shown(p.Subject) != shown(out.Subject) {
			t.Errorf("subject %q for %q", p.Subject, out.Subject)
		}
		sameAddresses(t, "From", []mail.Address{p.From}, []mail.Address{out.From})
		sameAddresses(t, "To", p.To, out.To)
		sameAddresses(t, "Cc", p.Cc, out.Cc)
		sameAddresses(t, "Reply-To", p.ReplyTo, out.ReplyTo)
		if bytes.Contains(raw, []byte("blind@secret.example")) {
			t.Error("Bcc is in it")
		}
		if strings.Join(p.References, " ") != strings.Join(out.References, " ") || p.InReplyTo != out.InReplyTo || p.MessageID != out.MessageID || !p.Date.Equal(out.Date) {
			t.Errorf("%d references of %d, in reply to %q, %q, %v for %v", len(p.References), len(out.References), p.InReplyTo, p.MessageID, p.Date, out.Date)
		}
		if got, want := words(p.Text), words(out.Text); got != want {
			t.Errorf("text\n%q\nfor\n%q", got, want)
		}
		sameAttachments(t, raw, p, out)
	})
}

// checkWire holds octets against RFC 5322, section 2.1.1, and RFC 2045, section 2.7.
func checkWire(t *rapid.T, raw []byte) {
	if !bytes.HasSuffix(raw, []byte("\r\n")) {
		t.Error("the last line has no end")
	}
	for line := range bytes.Lines(raw) {
		text, ok := bytes.CutSuffix(line, []byte("\r\n"))
		if !ok || bytes.ContainsAny(text, "\r\n\x00") {
			t.Fatalf("the line %q", line)
		}
		if len(text) > 998 {
			t.Fatalf("a line of %d octets: %.100q", len(text), text)
		}
		if !isASCII(text) {
			t.Fatalf("8-bit octets: %q", text)
		}
	}
}

// shown is what a person can tell apart in a line.
func shown(s string) string {
	s = cleanLine(strings.ToValidUTF8(oneLine(s), "\uFFFD"))
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) }), " ")
}

func sameAddresses(t *rapid.T, field string, got, want []mail.Address) {
	if len(got) != len(want) {
		t.Fatalf("%s: %d addresses for %d: %q for %q", field, len(got), len(want), got, want)
	}
	for i := range want {
		name := unquoteName(shown(want[i].Name))
		if strings.EqualFold(name, want[i].Addr) {
			name = ""
		}
		if shown(got[i].Name) != shown(name) || got[i].Addr != asciiDomain(want[i].Addr) {
			t.Errorf("%s: %q for %q", field, got[i], want[i])
		}
	}
}

// words are the words of a text: how lines are broken and spaced is up to format=flowed, and tested elsewhere.
func words(s string) string {
	s = strings.NewReplacer(">", " ", "\r", "\n").Replace(strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Join(strings.FieldsFunc(cleanText(s), unicode.IsSpace), " ")
}

func sameAttachments(t *rapid.T, raw []byte, p Parsed, out mail.Outgoing) {
	if len(p.Attachments) != len(out.Attachments) {
		t.Fatalf("%d attachments for %d: %+v", len(p.Attachments), len(out.Attachments), p.Attachments)
	}
	for i, want := range out.Attachments {
		a, r, err := Attachment(bytes.NewReader(raw), i)
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(data, want.Data) {
			t.Errorf("attachment %d: %d octets for %d, %v", i, len(data), len(want.Data), err)
		}
		if name := cleanName(strings.ToValidUTF8(want.Name, "")); name != "" && shown(a.Name) != shown(name) {
			t.Errorf("attachment %d: the name %q for %q", i, a.Name, want.Name)
		}
	}
}

// A draft knows what must not leave: Bcc and what it forwards.
func TestDraftsRemember(t *testing.T) {
	out := sample()
	out.DeliveryReceipt = true
	raw, err := BuildDraft(out, "forwarded@example.org")
	if err != nil {
		t.Fatal(err)
	}
	h := ParseHeader(raw)
	if len(h.Bcc) != 1 || h.Bcc[0] != out.Bcc[0] || h.Forwarded != "forwarded@example.org" {
		t.Errorf("%+v", h)
	}
	if !DeliveryWanted(raw) {
		t.Error("the wish for a receipt of delivery is lost")
	}
	if sent, err := BuildSent(out); err != nil || DeliveryWanted(sent) || bytes.Contains(sent, []byte("X-Mozilla")) {
		t.Errorf("it is nobody else's business: %v", err)
	}
}

// CRLFReader gives what CRLF gives, however the octets come.
func TestCRLFReader(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := []byte(rapid.StringMatching(`([a-c]|\r|\n|\r\n){0,60}`).Draw(t, "raw"))
		if rapid.Bool().Draw(t, "long") {
			raw = append(bytes.Repeat([]byte("x"), window-rapid.IntRange(0, 3).Draw(t, "less")), raw...)
		}
		got, err := io.ReadAll(CRLFReader(bytes.NewReader(raw)))
		if want := CRLF(raw); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("got %d octets, want %d, %v", len(got), len(want), err)
		}
	})
}

// Every way to cut a message into reads gives the same.
func TestReadsMayBeOfAnySize(t *testing.T) {
	raw := officeMail(t, 300, true, 5000)
	want, err := Parse(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.IntRange(1, 5000), 1, 20).Draw(t, "sizes")
		got, err := Parse(&pieces{raw: raw, sizes: sizes})
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%v: %v", sizes, err)
		}
	})
}

type pieces struct {
	raw   []byte
	sizes []int
	n     int
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.raw) == 0 {
		return 0, io.EOF
	}
	n := copy(b[:min(len(b), p.sizes[p.n%len(p.sizes)])], p.raw)
	p.n++
	p.raw = p.raw[n:]
	return n, nil
}
