// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kontor/app/mail"
)

func TestLocalState(t *testing.T) {
	for head, want := range map[string]struct {
		flags    mail.Flags
		keywords []string
		gone     bool
		known    bool
	}{
		"Subject: x\n":                    {},
		"Status: RO\nX-Status: AF\n":      {flags: mail.Seen | mail.Answered | mail.Flagged, known: true},
		"Status: O\n":                     {known: true},
		"X-Status: DT\n":                  {flags: mail.Deleted | mail.Draft, known: true},
		"X-Keywords: $Forwarded, Bau  \n": {keywords: []string{"$Forwarded", "Bau"}},
		"X-Mozilla-Status: 0001\nX-Mozilla-Keys: $label1 eilt": {flags: mail.Seen, keywords: []string{"$label1", "eilt"}, known: true},
		"X-Mozilla-Status: 1007\n":                             {flags: mail.Seen | mail.Answered | mail.Flagged | mail.Forwarded, known: true},
		"X-Mozilla-Status: 0009\n":                             {flags: mail.Seen, gone: true, known: true},
		"X-Mozilla-Status: zwölf\n":                            {},
		"Status: R\n\nStatus: A\n":                             {flags: mail.Seen, known: true}, // what the text says does not count
	} {
		raw, _, _ := strings.Cut(head, "\n\n")
		flags, keywords, gone, known := LocalState([]byte(raw + "\n"))
		if flags != want.flags || !slices.Equal(keywords, want.keywords) || gone != want.gone || known != want.known {
			t.Errorf("%q: %b %q %t %t", head, flags, keywords, gone, known)
		}
	}
}

// What only looks like a state is a part of the message.
func TestTakeState(t *testing.T) {
	for _, raw := range []string{
		"", "X-Kontor-State: 1", "X-Kontor-State: 1\n", "X-Kontor-State: 2\nStatus: O\n", "X-Kontor-State: 9\nStatus: O\n", "X-Kontor-State: 0\n\n",
		"X-Kontor-State: -1\n", "X-Kontor-State: x\nStatus: O\n", "X-Kontor-State: 1\nSubject: x\n\n", "Status: RO\n\n", "Subject: x\nX-Kontor-State: 1\nStatus: O\n",
	} {
		if got, flags, keywords, ok := TakeState([]byte(raw)); ok || string(got) != raw || flags != 0 || keywords != nil {
			t.Errorf("%q became %q", raw, got)
		}
	}
	raw := []byte("Status: O\n\n")
	for _, flags := range []mail.Flags{0, mail.Seen, mail.Answered | mail.Draft, mail.Seen | mail.Flagged | mail.Deleted} {
		state := StateHeader(flags, []string{"a,b", "$c"})
		got, back, keywords, ok := TakeState([]byte(state + string(raw)))
		if !ok || !bytes.Equal(got, raw) || back != flags || !slices.Equal(keywords, []string{"a,b", "$c"}) {
			t.Errorf("%q: %q %b %q", state, got, back, keywords)
		}
	}
}

func TestRedate(t *testing.T) {
	at := time.Date(2026, 11, 23, 9, 5, 7, 0, time.FixedZone("", 3600))
	const now = "Date: Mon, 23 Nov 2026 09:05:07 +0100\r\n"
	for raw, want := range map[string]string{
		"From: a\r\nDate: Tue, 1 Jan 2019 00:00:00 +0000\r\nTo: b\r\n\r\nDate: text\r\n": "From: a\r\n" + now + "To: b\r\n\r\nDate: text\r\n",
		"DATE:\r\n Tue, 1 Jan 2019\r\n 00:00:00 +0000\r\n\r\n":                           now + "\r\n",
		"From: a\r\n\r\nDate: in the text\r\n":                                           "From: a\r\n\r\nDate: in the text\r\n",
		"X-Date: a\nDate: b\n\nc":                                                        "X-Date: a\n" + now + "\nc",
		"":                                                                               "",
	} {
		if got := string(Redate([]byte(raw), at)); got != want {
			t.Errorf("%q:\n got %q\nwant %q", raw, got, want)
		}
	}
}

// A receipt says what RFC 8098 wants, to who asked, and is no message that asks for a receipt itself.
func TestReceipt(t *testing.T) {
	asked := ReceiptTo([]byte("Subject: x\r\ndisposition-notification-to: =?utf-8?q?M=C3=BCller?= <rat@amt.example>,\r\n b@amt.example\r\nTo: c@amt.example\r\n"))
	if len(asked) != 2 || asked[0] != (mail.Address{Name: "Müller", Addr: "rat@amt.example"}) || asked[1].Addr != "b@amt.example" {
		t.Fatalf("%+v", asked)
	}
	if none := ReceiptTo([]byte("Subject: Disposition-Notification-To: a@b\r\n")); none != nil {
		t.Errorf("nobody asked: %+v", none)
	}
	raw := BuildReceipt(Receipt{
		From: mail.Address{Name: "Ämterlotsin\r\nBcc: x@y", Addr: "ich@bücher.example"}, To: asked[0], MessageID: "neu@amt.example", Original: "alt@amt.example",
		Subject: "Gelesen: Größe", Text: "Ihre Nachricht wurde gelesen.\nÄh.", Date: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC),
	})
	p, err := Parse(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if p.Subject != "Gelesen: Größe" || p.InReplyTo != "alt@amt.example" || !slices.Contains(p.References, "alt@amt.example") || p.To[0].Addr != "rat@amt.example" {
		t.Errorf("%+v", p.Header)
	}
	if !strings.Contains(p.Text, "Ihre Nachricht wurde gelesen.") || p.Report == nil || p.Report.Kind == "" {
		t.Errorf("%q %+v", p.Text, p.Report)
	}
	for _, want := range []string{"report-type=disposition-notification", "Auto-Submitted: auto-replied", "Final-Recipient: rfc822;ich@xn--bcher-kva.example", "Original-Message-ID: <alt@amt.example>", "displayed"} {
		if !bytes.Contains(raw, []byte(want)) {
			t.Errorf("%q is missing in\n%s", want, raw)
		}
	}
	if head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n")); bytes.Contains(head, []byte("\r\nBcc:")) || ReceiptTo(head) != nil || !IsASCII(raw) {
		t.Errorf("the header is\n%s", head)
	}
}

// Files between the lines of a text are taken out of it, and nothing else is.
func TestFilesBetweenLines(t *testing.T) {
	file := func(name string, data string) string {
		return strings.Replace(uuencode([]byte(data)), "644 x", "644 "+name, 1)
	}
	for _, c := range []struct {
		name, raw, text string
		files           []string
	}{
		{"one", "vorher\r\n" + file("plan.pdf", "Inhalt") + "nachher\r\n", "vorher\nnachher", []string{"plan.pdf 6"}},
		{"two", file("a.txt", "eins") + "mitte\r\n" + file("Bau plan.txt", strings.Repeat("zwei", 50)), "mitte", []string{"a.txt 4", "Bau plan.txt 200"}},
		{"no file", "begin 644 the day\r\nwith a smile, for it is short\r\n", "begin 644 the day\nwith a smile, for it is short", nil},
		{"words", "We begin 6 days later\r\nbegin anew\r\n", "We begin 6 days later\nbegin anew", nil},
		{"never ends", "davor\r\nbegin 644 x.bin\r\n" + strings.Repeat("#86)C\r\n", 3), "davor", []string{"x.bin 9"}},
		{"a path", file("../../etc/passwd", "x"), "", []string{"passwd 1"}},
		{"inside a line", "x begin 644 a.txt\r\n#86)C\r\n`\r\nend\r\n", "x begin 644 a.txt\n#86)C\n`\nend", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := Parse(strings.NewReader("Subject: x\r\n\r\n" + c.raw))
			if err != nil || strings.TrimSpace(p.Text) != c.text {
				t.Errorf("text %q, %v", p.Text, err)
			}
			var files []string
			for _, a := range p.Attachments {
				files = append(files, fmt.Sprint(a.Name, " ", a.Size))
			}
			if !slices.Equal(files, c.files) {
				t.Errorf("%q, want %q", files, c.files)
			}
		})
	}
}
