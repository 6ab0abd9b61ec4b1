// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"bytes"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kontor/app/mail"
)

func sample() mail.Outgoing {
	return mail.Outgoing{
		From: mail.Address{Name: "Jörg Müller", Addr: "joerg@example.org"},
		To:   []mail.Address{{Name: "Amt, Zentrale", Addr: "amt@example.org"}, {Addr: "b@example.org"}},
		Cc:   []mail.Address{{Name: `Der "Chef"`, Addr: "chef@example.org"}}, Bcc: []mail.Address{{Addr: "geheim@example.org"}},
		Subject: "Grüße und ein langer Betreff, der über mehrere Zeilen gefaltet werden muß, weil er so lang ist",
		Text:    "Guten Tag,\n\nhier die Übersicht.\n\n> Zitat\n\n-- \nJörg\n", InReplyTo: "zero@example.org",
		References: []string{"a@example.org", "zero@example.org"}, MessageID: "eins@example.org",
		Date: time.Date(2026, 11, 23, 7, 26, 17, 0, time.FixedZone("", 3600)),
		Attachments: []mail.OutAttachment{
			{Name: "Übersicht 2026 – Entwurf.pdf", MIMEType: "application/pdf", Data: bytes.Repeat([]byte("%PDF\x00\xff"), 100)},
			{Name: "leer.txt", MIMEType: "text/plain; charset=utf-8"},
		},
	}
}

func TestBuildIsReadBack(t *testing.T) {
	out := sample()
	raw, err := Build(out)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Parse(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if p.Subject != out.Subject || p.From != out.From || !reflect.DeepEqual(p.To, out.To) || !reflect.DeepEqual(p.Cc, out.Cc) ||
		p.MessageID != out.MessageID || p.InReplyTo != out.InReplyTo || !reflect.DeepEqual(p.References, out.References) || !p.Date.Equal(out.Date) {
		t.Errorf("header: %+v", p.Header)
	}
	if p.Text != strings.TrimSpace(out.Text) {
		t.Errorf("text: %q", p.Text)
	}
	if len(p.Attachments) != 2 || p.Attachments[0].Name != out.Attachments[0].Name || p.Attachments[0].Size != 600 || p.Attachments[1].Name != "leer.txt" {
		t.Errorf("attachments: %+v", p.Attachments)
	}
	_, r, err := Attachment(bytes.NewReader(raw), 0)
	if err != nil {
		t.Fatal(err)
	}
	if data, err := io.ReadAll(r); err != nil || !bytes.Equal(data, out.Attachments[0].Data) {
		t.Errorf("attachment: %d octets, %v", len(data), err)
	}
}

func TestBuildIsFitForTheWire(t *testing.T) {
	raw, err := Build(sample())
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(raw, []byte("geheim")) || bytes.Contains(bytes.ToLower(raw), []byte("\r\nbcc:")) {
		t.Error("the blind copy shows")
	}
	if !isASCII(raw) {
		t.Error("not ASCII")
	}
	for line := range bytes.Lines(raw) {
		if !bytes.HasSuffix(line, []byte("\r\n")) || bytes.Count(line, []byte("\n")) != 1 || len(line) > 998 {
			t.Errorf("line %q", line)
		}
	}
	head, _, _ := strings.Cut(string(raw), "\r\n\r\n")
	for _, line := range strings.Split(head, "\r\n") {
		if len(line) > 78 {
			t.Errorf("long line %q", line)
		}
	}
	if !strings.Contains(head, "User-Agent: Kontor") {
		t.Error("no User-Agent")
	}
	draft, err := BuildDraft(sample(), "quelle@example.org")
	if h := ParseHeader(draft); err != nil || len(h.Bcc) != 1 || h.Forwarded != "quelle@example.org" {
		t.Errorf("the draft forgot its blind copy: %v", err)
	}
}

func TestBuildResistsInjection(t *testing.T) {
	out := sample()
	out.Subject = "x\r\nBcc: evil@example.org"
	out.To = []mail.Address{{Name: "a\r\nX-Evil: 1", Addr: "a@b.de>\r\nX-Evil: 2"}}
	out.InReplyTo = "a\r\nX-Evil: 3"
	out.Attachments[0].Name = "a\r\nX-Evil: 4\"; x=y.pdf"
	raw, err := Build(out)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(raw, []byte("\nX-Evil")) || bytes.Contains(raw, []byte("\nBcc")) {
		t.Errorf("a header was smuggled in:\n%s", raw[:800])
	}
}

func TestInternationalDomain(t *testing.T) {
	raw, err := Build(mail.Outgoing{From: mail.Address{Addr: "a@b.de"}, To: []mail.Address{{Name: "Ü", Addr: "a@müller.example"}}, Text: "x"})
	if err != nil || !isASCII(raw) || !bytes.Contains(raw, []byte("<a@xn--mller-kva.example>")) {
		t.Errorf("%s %v", raw, err)
	}
}

func TestBuildFillsIn(t *testing.T) {
	raw, err := Build(mail.Outgoing{From: mail.Address{Addr: "a@example.org"}, Bcc: []mail.Address{{Addr: "b@example.org"}}, Text: "x"})
	if err != nil {
		t.Fatal(err)
	}
	h := ParseHeader(raw)
	if !strings.HasSuffix(h.MessageID, "@example.org") || time.Since(h.Date) > time.Minute || !bytes.Contains(raw, []byte("undisclosed-recipients:;")) {
		t.Errorf("%+v", h)
	}
	if a, b := NewMessageID("x"), NewMessageID("x"); a == b || !strings.Contains(a, "@") {
		t.Errorf("%s %s", a, b)
	}
}

// Whatever a person types as text arrives as that text: white space at line ends aside.
func TestTextSurvives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.OneOf(rapid.StringMatching(`(> ?){0,3}[a-zäöü ]{0,120}`), rapid.SampledFrom([]string{"-- ", "From here", " indented", ">", "", "Wort " + strings.Repeat("x", 1200)}))
		lines := rapid.SliceOfN(line, 0, 12).Draw(t, "lines")
		text := strings.Join(lines, "\n")
		raw, err := Build(mail.Outgoing{From: mail.Address{Addr: "a@b.de"}, To: []mail.Address{{Addr: "c@d.de"}}, Text: text})
		if err != nil {
			t.Fatal(err)
		}
		p, err := Parse(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := normal(p.Text), normal(text); got != want {
			t.Fatalf("got %q\nwant %q\nraw %q", got, want, raw)
		}
	})
}

// normal drops what format=flowed may change: white space at line ends, the spacing of quote marks, empty lines around.
func normal(text string) string {
	var lines []string
	for _, l := range strings.Split(text, "\n") {
		marks, rest := quoteMarks(l)
		if rest = strings.TrimRight(rest, " "); l == "-- " {
			rest = "-- "
		}
		lines = append(lines, strings.TrimRight(marks+" "+rest, " "))
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// Names and subjects survive whatever they are made of.
func TestHeaderTextSurvives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.OneOf(rapid.StringMatching(`[ -~]{0,90}`), rapid.StringMatching(`[a-zA-ZäöüÄÖÜß€日本 ",;:<>@()\\]{0,90}`))
		out := mail.Outgoing{From: mail.Address{Name: word.Draw(t, "name"), Addr: "a@b.de"}, To: []mail.Address{{Addr: "c@d.de"}}, Subject: word.Draw(t, "subject")}
		raw, err := Build(out)
		if err != nil {
			t.Fatal(err)
		}
		h := ParseHeader(raw)
		if squeeze(h.Subject) != squeeze(out.Subject) {
			t.Fatalf("subject: got %q, want %q", h.Subject, out.Subject)
		}
		if want := unquoteName(squeeze(out.From.Name)); squeeze(h.From.Name) != want && want != "a@b.de" || h.From.Addr != "a@b.de" {
			t.Fatalf("from: got %q %q, want %q\n%s", h.From.Name, h.From.Addr, want, raw)
		}
	})
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }
