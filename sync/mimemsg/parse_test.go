// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
)

func parse(t *testing.T, raw string) Parsed {
	t.Helper()
	p, err := Parse(strings.NewReader(strings.ReplaceAll(raw, "\n", "\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const png = "Content-Type: image/png\nContent-ID: <p1>\nContent-Transfer-Encoding: base64\n\naGFsbG8=\n"

func TestParseParts(t *testing.T) {
	for _, c := range []struct {
		name, raw, text, html string
		attachments           []string
	}{
		{"no header", "\nText", "Text", "", nil},
		{"latin 1", "Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nGr=FC=DFe =\nan alle", "Grüße an alle", "", nil},
		{"UTF-8 under a wrong label", "Content-Type: text/plain; charset=iso-8859-1\n\nGrüße", "Grüße", "", nil},
		{"raw 8 bit without a label", "\nGr\xfc\xdfe", "Grüße", "", nil},
		{"unknown label", "Content-Type: text/plain; charset=klingon\n\nGrüße", "Grüße", "", nil},
		{"HTML only", "Content-Type: text/html\n\n<p>Hallo <b>Welt</b></p>", "Hallo Welt", "<p>Hallo <b>Welt</b></p>", nil},
		{"HTML names its charset", "Content-Type: text/html\n\n<meta charset=koi8-r>\xf0\xd2\xc9", "При", "<meta charset=koi8-r>При", nil},
		{
			"alternative", "Content-Type: multipart/alternative; boundary=\"a b\"\n\npreamble\n--a b\n\nplain\n--a b\nContent-Type: text/html\n\n<i>rich</i>\n--a b--\nepilogue",
			"plain", "<i>rich</i>", nil,
		},
		{
			"related inside alternative", "Content-Type: multipart/alternative; boundary=o\n\n--o\n\nplain\n--o\nContent-Type: multipart/related; boundary=i\n\n--i\nContent-Type: text/html\n\n<img src=cid:p1>\n--i\n" +
				png + "--i--\n--o--", "plain", "<img src=cid:p1>", []string{"part-1.png inline 5"},
		},
		{
			"list footer", "Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: multipart/alternative; boundary=i\n\n--i\n\nplain\n--i\nContent-Type: text/html\n\n<i>rich</i>\n--i--\n--o\n\nfooter <x>\n--o--",
			"plain\n\nfooter <x>", "<i>rich</i>\n<hr>\n<pre>footer &lt;x&gt;</pre>", nil,
		},
		{
			"attachments", "Content-Type: multipart/mixed; boundary=o\n\n--o\n\ntext\n--o\nContent-Disposition: attachment; filename*0*=utf-8''%C3%9Cber; filename*1=sicht.txt\n\nabc\n--o\n" +
				"Content-Type: application/x; name=\"=?utf-8?q?=C3=A4.bin?=\"\n\n12\n--o--", "text", "", []string{"Übersicht.txt 3", "ä.bin 2"},
		},
		{"a message in a message", "Content-Type: multipart/mixed; boundary=o\n\n--o\n\ntext\n--o\nContent-Type: message/rfc822\n\nSubject: In/ner\n\nx\n--o--", "text", "", []string{"In-ner.eml 20"}},
		{"digest", "Content-Type: multipart/digest; boundary=o\n\n--o\n\nSubject: A\n\nx\n--o--", "A\nx\n", "", []string{"A.eml 15"}},
		{"never closed", "Content-Type: multipart/mixed; boundary=o\n\n--o\n\ntext\n--o\nContent-Disposition: attachment; filename=../../etc/passwd\n\nabc", "text", "", []string{"passwd 3"}},
		{"inner never closed", "Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: multipart/alternative; boundary=i\n\n--i\n\nplain\n--o\n\nmore\n--o--", "plain\n\nmore", "", nil},
		{"boundary never comes", "Content-Type: multipart/mixed; boundary=o\n\njust text", "just text", "", nil},
		{"boundary is missing", "Content-Type: multipart/mixed\n\njust text", "just text", "", nil},
		{"boundary inside a line", "Content-Type: multipart/mixed; boundary=o\n\n--o\n\nx --o\n--outer\n--o--", "x --o\n--outer", "", nil},
		{"calendar beside text", "Content-Type: multipart/alternative; boundary=o\n\n--o\n\ntext\n--o\nContent-Type: text/calendar\n\nBEGIN\n--o\nContent-Type: text/x-amp-html\n\n<html>\n--o--", "text", "", []string{"part-1.ics 5"}},
		{"signed", "Content-Type: multipart/signed; boundary=o\n\n--o\n\ntext\n--o\nContent-Type: application/pgp-signature\n\nxxx\n--o--", "text", "", []string{"part-1.asc 3"}},
		{"uuencoded", "Content-Type: application/x; name=a\nContent-Transfer-Encoding: x-uuencode\n\nbegin 644 a\n#0V%T\n`\nend\n", "", "", []string{"a 3"}},
		{"base64 with junk", "Content-Transfer-Encoding: base64\n\naGFs\n!!bG8=\nIQ==", "hallo!", "", nil},
		{"flowed", "Content-Type: text/plain; format=flowed\n\nOne \nline\n> quoted \n> too\n> \nnot \n-- \nsig", "One line\n> quoted too\n> \nnot \n-- \nsig", "", nil},
		{"flowed with delsp", "Content-Type: text/plain; format=flowed; delsp=yes\n\nOne \nword", "Oneword", "", nil},
		{"enriched", "Content-Type: text/enriched\n\n<bold>x</bold> y", "x y", "", nil},
	} {
		p := parse(t, c.raw)
		var names []string
		for _, a := range p.Attachments {
			name := a.Name
			if a.Inline {
				name += " inline"
			}
			names = append(names, name+" "+string(rune('0'+a.Size%10)))
			if a.Size >= 10 {
				names[len(names)-1] = name + " " + string(rune('0'+a.Size/10)) + string(rune('0'+a.Size%10))
			}
		}
		if p.Text != c.text || strings.TrimSpace(p.HTML) != c.html || strings.Join(names, ",") != strings.Join(c.attachments, ",") {
			t.Errorf("%s:\n got %q %q %q\nwant %q %q %q", c.name, p.Text, p.HTML, names, c.text, c.html, c.attachments)
		}
	}
}

func TestHasAttachment(t *testing.T) {
	inline := parse(t, "Content-Type: multipart/related; boundary=i\n\n--i\nContent-Type: text/html\n\nx\n--i\n"+png+"--i--\n")
	signed := parse(t, "Content-Type: multipart/signed; boundary=o\n\n--o\n\ntext\n--o\nContent-Type: application/pgp-signature\n\nxxx\n--o--")
	mixed := parse(t, "Content-Type: multipart/mixed; boundary=i\n\n--i\n\nx\n--i\n"+png+"--i--\n")
	if inline.HasAttachment() || signed.HasAttachment() || !mixed.HasAttachment() {
		t.Errorf("inline %v, signature %v, real %v", inline.HasAttachment(), signed.HasAttachment(), mixed.HasAttachment())
	}
}

func TestReadErrorIsTold(t *testing.T) {
	want := errors.New("broken wire")
	r := func() io.Reader {
		return io.MultiReader(strings.NewReader("Subject: x\n\ntext"), iotest.ErrReader(want))
	}
	if _, err := Parse(r()); !errors.Is(err, want) {
		t.Errorf("Parse: %v", err)
	}
	if _, _, err := Attachment(r(), 0); !errors.Is(err, want) {
		t.Errorf("Attachment: %v", err)
	}
	if _, _, err := Attachment(strings.NewReader("Subject: x\n\ntext"), 0); !errors.Is(err, ErrNoAttachment) {
		t.Errorf("Attachment: %v", err)
	}
}

// A large attachment is counted, not held.
func TestMemoryIsBounded(t *testing.T) {
	const size = 64 << 20
	line := bytes.Repeat([]byte("QUJD"), 19)
	line = append(line, "\r\n"...)
	r := io.MultiReader(strings.NewReader("Content-Type: application/x\r\nContent-Transfer-Encoding: base64\r\n\r\n"), io.LimitReader(&cycle{line: line}, size))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	p, err := Parse(r)
	runtime.ReadMemStats(&after)
	if err != nil || len(p.Attachments) != 1 || p.Attachments[0].Size < size/2 {
		t.Fatalf("%+v, %v", p.Attachments, err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 4<<20 {
		t.Errorf("%d octets were allocated for one of %d", used, size)
	}
}

type cycle struct {
	line []byte
	at   int
}

func (c *cycle) Read(b []byte) (int, error) {
	for n := 0; n < len(b); {
		m := copy(b[n:], c.line[c.at:])
		c.at = (c.at + m) % len(c.line)
		n += m
	}
	return len(b), nil
}

func TestHTMLText(t *testing.T) {
	for in, want := range map[string]string{
		"":                                   "",
		"a<br>b<br/><br>c":                   "a\nb\n\nc",
		"<p>a</p><p>b  \n c</p>":             "a\n\nb c",
		"<ul><li>a<li>b<ol><li>c</ol></ul>d": "• a\n• b\n  1. c\n\nd",
		"<table><tr><td>a<td>b</tr><tr><td>c</td><td>d</td></table>": "a  b\nc  d",
		`<a href="https://example.org/x">hier</a>`:                   "hier <https://example.org/x>",
		`<a href="https://example.org/">example.org</a>`:             "example.org",
		`<a href="mailto:a@b.de">a@b.de</a>`:                         "a@b.de",
		`<a href="javascript:x">klick</a>`:                           "klick",
		"<blockquote>x<blockquote>y</blockquote></blockquote>z":      "> x\n>\n>> y\n\nz",
		"<pre>a\n  b</pre>":                                          "a\n  b",
		"<style>p{}</style><script>x</script><title>t</title>ok":     "ok",
		`<div style="display: none">weg</div>da`:                     "da",
		`<div hidden>weg<div>auch</div></div>da`:                     "da",
		`<span style="display:none">never closed`:                    "never closed",
		`<img src=x alt="Logo"> <img width=1 alt=track>`:             "Logo",
		"a&nbsp;&amp;&zwnj;b":                                        "a &b",
		"<h1>T</h1>x<hr>y":                                           "T\n\nx\n\n----------\n\ny",
		"a\u202eb":                                                   "ab",
		`<ol start=3><li>x</ol>`:                                     "3. x",
	} {
		if got := HTMLText(in); got != want {
			t.Errorf("%q:\n got %q\nwant %q", in, got, want)
		}
	}
}

func TestSnippet(t *testing.T) {
	for in, want := range map[string]string{
		"":                                "",
		"Hallo\n\nWelt":                   "Hallo Welt",
		"> Zitat\nAntwort":                "Antwort",
		"Am 1.1. schrieb X:\n> alt\nneu":  "neu",
		"On Monday X wrote:\n> only":      "On Monday X wrote: > only",
		"---\nText\n-- \nSignatur":        "Text",
		"Siehe <https://example.org/> da": "Siehe da",
		strings.Repeat("wort ", 60):       strings.TrimSpace(strings.Repeat("wort ", 28)) + "…",
		strings.Repeat("ä", 300):          strings.Repeat("ä", 140),
	} {
		if got := Snippet(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// For an index, HTML that stands beside a plain text is passed over, unless the plain text says next to nothing.
func TestParseTextReadsWhatMatters(t *testing.T) {
	message := func(plain, markup string) string {
		return "Content-Type: multipart/alternative; boundary=b\n\n--b\n\n" + plain + "\n--b\nContent-Type: text/html\n\n" + markup + "\n--b--\n"
	}
	long := strings.Repeat("Wort für Wort ", 40)
	for name, c := range map[string]struct{ raw, want string }{
		"a plain text":              {message(long, "<p>reich</p>"), strings.TrimRight(long, "\n")},
		"a short plain text":        {message("Kurz und gut.", "<p>Kurz und gut.</p>"), "Kurz und gut."},
		"only a hint at the HTML":   {message("Bitte im Browser lesen.", "<p>"+long+"</p>"), "Bitte im Browser lesen.\n" + strings.TrimSpace(long)},
		"HTML alone":                {"Content-Type: text/html\n\n<p>" + long, strings.TrimSpace(long)},
		"HTML first":                {"Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/html\n\n<p>reich\n--b\n\n" + long + "\n--b--\n", strings.TrimRight(long, "\n")},
		"HTML that is a part alone": {"Content-Type: multipart/mixed; boundary=b\n\n--b\n\n" + long + "\n--b\nContent-Type: text/html\n\n<p>reich\n--b--\n", strings.TrimRight(long, "\n") + "\n\nreich"},
	} {
		p, err := ParseText(strings.NewReader(strings.ReplaceAll(c.raw, "\n", "\r\n")))
		if err != nil || p.Text != c.want {
			t.Errorf("%s:\n got %q\nwant %q, %v", name, p.Text, c.want, err)
		}
	}
	p, err := ParseText(bytes.NewReader(officeMail(t, 250, true, 5000, 10)))
	if err != nil || len(p.Attachments) != 2 || p.Attachments[1].Name != "Anlage.pdf" || !p.HasAttachment() || p.HTML != "" {
		t.Errorf("%+v, %d octets of HTML, %v", p.Attachments, len(p.HTML), err)
	}
}

// The text of messages that are attached is found, as deep as it is worth while.
func TestNestedText(t *testing.T) {
	raw := "Subject: 5\n\ninnermost"
	for i := 4; i >= 0; i-- {
		raw = "Subject: " + string(rune('0'+i)) + "\nContent-Type: multipart/mixed; boundary=b" + string(rune('0'+i)) + "\n\n--b" + string(rune('0'+i)) + "\n\ntext " + string(rune('0'+i)) +
			"\n--b" + string(rune('0'+i)) + "\nContent-Type: message/rfc822\n\n" + raw + "\n--b" + string(rune('0'+i)) + "--\n"
	}
	p := parse(t, raw)
	if p.Text != "text 0" || !strings.Contains(p.Nested, "1\ntext 1\n") || len(p.Attachments) != 1 || p.Attachments[0].Name != "1.eml" {
		t.Errorf("%q, nested %q, %+v", p.Text, p.Nested, p.Attachments)
	}
	checkUsable(t, "nested", []byte(strings.ReplaceAll(raw, "\n", "\r\n")), p)
}
