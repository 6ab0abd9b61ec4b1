// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"fmt"
	"strings"
	"testing"
)

// nasty are messages as broken programs, old gateways and hostile people write them, and what a reader is to see of
// them. "\n" stands for CRLF.
var nasty = []struct {
	name, raw   string
	text        string
	attachments string // "name type size[ inline]", one a line
}{
	// Boundaries.
	{"blanks behind a boundary", "Content-Type: multipart/mixed; boundary=\"b \"\n\n--b  \n\none\n--b\t\n\ntwo\n--b-- \n", "one\n\ntwo", ""},
	{"a boundary with a blank inside", "Content-Type: multipart/mixed; boundary=\"a  b\"\n\n--a  b\n\none\n--a  b--\n", "one", ""},
	{"a boundary that looks like an encoded word", "Content-Type: multipart/mixed; boundary=\"=?utf-8?q?x?=\"\n\n--=?utf-8?q?x?=\n\none\n--=?utf-8?q?x?=--\n", "one", ""},
	{"the same boundary inside", "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\none\n--b--\n--b\n\ntwo\n--b--\n", "one\n\ntwo", ""},
	{"a boundary that begins like the outer one", "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=bb\n\n--bb\n\none\n--bb--\n--b\n\ntwo\n--b--\n", "one\n\ntwo", ""},
	{"no end", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo", "one\n\ntwo", ""},
	{"no start", "Content-Type: multipart/mixed; boundary=b\n\nContent-Type: text/plain; charset=utf-8\n\none\n--b\n\ntwo\n--b--\n", "one\n\ntwo", ""},
	{"only the end", "Content-Type: multipart/mixed; boundary=b\n\none\n--b--\n", "one", ""},
	{"nothing inside", "Content-Type: multipart/mixed; boundary=b\n\n--b--\n", "", ""},
	{"empty parts", "Content-Type: multipart/mixed; boundary=b\n\n--b\n--b\n\n--b\n\n\n--b\n\none\n--b--\n", "one", ""},
	{"another boundary than the one declared", "Content-Type: multipart/mixed; boundary=b\n\n--xyz\nContent-Type: text/plain\n\none\n--xyz\nContent-Type: a/b\n\n12\n--xyz--\n", "one", "part-1.bin a/b 2"},
	{"no boundary declared", "Content-Type: multipart/mixed\n\npreamble\n--xyz\nContent-Type: text/plain\n\none\n--xyz--\n", "one", ""},
	{"an inner one without a boundary", "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/alternative\n\n--c\nContent-Type: text/plain\n\none\n--c--\n--b\n\ntwo\n--b--\n", "one\n\ntwo", ""},
	{"text that looks like a boundary", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n-- \nsig\n--\n--bcd\n--b --\n--b--\n", "-- \nsig\n--\n--bcd\n--b --", ""},
	{"the empty line of a part is missing", "Content-Type: multipart/mixed; boundary=b\n--b\n\none\n--b\nContent-Type: text/plain\n--b--\n", "one", ""},
	{"an epilogue and a preamble", "Content-Type: multipart/mixed; boundary=b\n\nbefore\n--b\n\none\n--b--\nafter\n--b\nafter that\n", "one", ""},
	{"an encoded multipart", "Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\n--b\n\none\n--b--\n", "one", ""},
	{"an attachment that is cut off", "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: image/png; name=x.png\nContent-Transfer-Encoding: base64\n\nAAAAAAA", "", "x.png image/png 5"},

	// Headers.
	{"no header at all", "\none\ntwo", "one\ntwo", ""},
	{"empty lines before the header", "\n\nSubject: x\nContent-Type: text/html\n\n<p>one", "one", ""},
	{"a byte order mark", "\xef\xbb\xbfContent-Type: text/html\n\n<p>one", "one", ""},
	{"a line of an mbox before the header", "From a@b Thu Aug 22 14:44:26 2002\nContent-Type: text/html\n\n<p>one", "one", ""},
	{"a line that is none inside of the header", "Subject: x\nthis is no field\nContent-Type: text/html\n\n<p>one", "one", ""},
	{"a blank line that is not empty", "Subject: x\n \nContent-Type: text/html\n\n<p>one", "one", ""},
	{"a blank before the colon", "Content-Type : text/html\n\n<p>one", "one", ""},
	{"two types, the first counts", "Content-Type: text/html\nContent-Type: image/png\n\n<p>one", "one", ""},
	{"folded in the middle", "Content-Type:\n text/html;\n\tcharset=utf-8\n\n<p>ä", "ä", ""},
	{"comments in a type", "Content-Type: text/html (a comment); charset=utf-8\n\n<p>one", "one", ""},
	{"a type without a subtype", "Content-Type: text\n\none", "one", ""},
	{"a type that is none", "Content-Type: html\n\n<p>one", "one", ""},
	{"an unknown text type", "Content-Type: text/x-unknown\n\none", "one", ""},
	{"a header without a body", "Subject: x\nContent-Type: text/plain", "", ""},
	{"an attachment without a name as the message", "Content-Disposition: attachment\n\none", "one", ""},
	{"an attachment as the message", "Content-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\none", "", "a.txt text/plain 3"},
	{"mixed up case", "CONTENT-TYPE: MULTIPART/MIXED; BOUNDARY=b\n\n--b\ncontent-TYPE: Text/HTML\n\n<p>one\n--b--\n", "one", ""},

	// Encodings.
	{"base64 with garbage and an odd end", "Content-Transfer-Encoding: base64\n\nb25!l\n  IHR3\nbw", "one two", ""},
	{"base64 that is padded in the middle", "Content-Transfer-Encoding: base64\n\nb25l\nIA==\ndHdv\n", "one two", ""},
	{"base64 with a single letter at the end", "Content-Transfer-Encoding: base64\n\nb25lI", "one", ""},
	{"quoted-printable, damaged", "Content-Transfer-Encoding: quoted-printable\n\na=3db =ZZ =4 =\nc =e2=82=AC=   \nd=", "a=b =ZZ =4 c €d", ""},
	{"quoted-printable by another name", "Content-Transfer-Encoding: Quoted-Printable;\n\n=61", "a", ""},
	{"an encoding that there is not", "Content-Transfer-Encoding: 8bit, mostly\n\none", "one", ""},
	{"two encodings, the last counts", "Content-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64\n\nb25l", "one", ""},
	{"uuencoded in the text", "\nhere:\nbegin 644 a.txt\n#86)C\n`\nend\nthat was it", "here:\nthat was it", "a.txt application/octet-stream 3"},
	{"uuencoded, two files", "\nbegin 644 a\n#86)C\n`\nend\nbegin 0755 b/c.d\n\"86(`\n`\nend\n", "", "a application/octet-stream 3\nc.d application/octet-stream 2"},
	{"uuencoded without an end", "\nbegin 644 a\n#86)C\nno more of it here, I am sorry to say\n", "no more of it here, I am sorry to say", "a application/octet-stream 3"},
	{"no file, although it says begin", "\nbegin 644 times a day\nand do not end\nbegin anew", "begin 644 times a day\nand do not end\nbegin anew", ""},

	// Names.
	{"RFC 2231 in parts, some encoded", "Content-Type: a/b; name*0*=iso-8859-1'de'M%FC; name*1=l; name*2*=l%E4\n\n1", "", "Müllä a/b 1"},
	{"RFC 2231 out of order", "Content-Type: a/b; name*2=c; name*0=a; name*1=b\n\n1", "", "abc a/b 1"},
	{"RFC 2231 with a gap", "Content-Type: a/b; name*0=a; name*2=c\n\n1", "", "ac a/b 1"},
	{"RFC 2231 beside a plain one", "Content-Disposition: attachment; filename=\"fallback.txt\"; filename*=UTF-8''%C3%A4.txt\n\n1", "", "ä.txt text/plain 1"},
	{"RFC 2231 with encoded words in it", "Content-Type: a/b; name*0=\"=?utf-8?q?=C3=A4\"; name*1=\"?= x\"\n\n1", "", "ä x a/b 1"},
	{"RFC 2231, not percent but quotes", "Content-Type: a/b; name*=utf-8'en'a%2\n\n1", "", "a%2 a/b 1"},
	{"RFC 2047 in quotes", "Content-Type: a/b; name=\"=?utf-8?B?w6Q=?= =?utf-8?B?w7Y=?=\"\n\n1", "", "äö a/b 1"},
	{"no quotes and blanks", "Content-Disposition: attachment; filename=a b c.txt; size=3\n\n1", "", "a b c.txt text/plain 1"},
	{"a quote that never ends", "Content-Disposition: attachment; filename=\"a.txt\n\n1", "", "a.txt text/plain 1"},
	{"raw octets", "Content-Disposition: attachment; filename=\"\xe4.txt\"\n\n1", "", "ä.txt text/plain 1"},
	{"a path", "Content-Type: a/b; name=\"C:\\\\Temp\\\\..\\\\x.doc\"\n\n1", "", "x.doc a/b 1"},
	{"only dots", "Content-Type: a/b; name=\"../..\"\n\n1", "", "part-1.bin a/b 1"},
	{"a name that turns its direction", "Content-Type: a/b; name=\"x\u202egpj.exe\"\n\n1", "", "xgpj.exe a/b 1"},
	{"the same parameter twice", "Content-Type: a/b; name=x; name=y\n\n1", "", "x a/b 1"},

	// Kinds of parts.
	{"appledouble", "Content-Type: multipart/appledouble; boundary=b\n\n--b\nContent-Type: application/applefile\n\nxxxx\n--b\nContent-Type: image/gif; name=a.gif\n\n12\n--b--\n", "", "a.gif image/gif 2"},
	{"encrypted", "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b\n\n--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b\nContent-Type: application/octet-stream; name=e.asc\n\nxxx\n--b--\n", "", "part-1.asc application/pgp-encrypted 10\ne.asc application/octet-stream 3"},
	{"a calendar as the message", "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR", "", "part-1.ics text/calendar 15"},
	{"related without alternative", "Content-Type: multipart/related; boundary=b; type=\"text/html\"\n\n--b\nContent-Type: text/html\n\n<p>one\n--b\nContent-Type: image/png\nContent-ID: <a>\n\n12\n--b--\n", "one", "part-1.png image/png 2 inline"},
	{"alternative with an attachment in it", "Content-Type: multipart/alternative; boundary=b\n\n--b\n\none\n--b\nContent-Type: application/pdf; name=a.pdf\n\n12\n--b--\n", "one", "a.pdf application/pdf 2"},
	{"a message that is all there is", "Content-Type: message/rfc822\n\nFrom: A <a@b.de>\nSubject: inner\n\none", "A\na@b.de\ninner\none\n", "inner.eml message/rfc822 39"},
	{"an encoded message inside", "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogeA0KDQpvbmU=\n--b--\n", "x\none\n", "x.eml message/rfc822 17"},
	{"RTF as an attachment", "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/rtf\n\n{\\rtf1 x}\n--b--\n", "", "part-1.rtf text/rtf 9"},
	{"XHTML in an alternative", "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: application/xhtml+xml\n\n<p>one</p>\n--b--\n", "one", ""},
}

func TestNastyMessages(t *testing.T) {
	for _, c := range nasty {
		for _, end := range []string{"\r\n", "\n"} {
			raw := strings.ReplaceAll(c.raw, "\n", end)
			p, err := Parse(strings.NewReader(raw))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, a := range p.Attachments {
				line := fmt.Sprintf("%s %s %d", a.Name, a.MIMEType, a.Size)
				if a.Inline {
					line += " inline"
				}
				got = append(got, line)
			}
			attachments := strings.Join(got, "\n")
			if end == "\n" && strings.Contains(c.attachments, "message/rfc822") {
				attachments = c.attachments // sizes differ with the line ends
			}
			if p.Text != c.text || attachments != c.attachments {
				t.Errorf("%s (%q):\n got %q\n     %q\nwant %q\n     %q", c.name, end, p.Text, attachments, c.text, c.attachments)
			}
			checkUsable(t, c.name, []byte(raw), p)
		}
	}
}

// The line ends of an old Macintosh.
func TestBareCarriageReturns(t *testing.T) {
	raw := "Subject: x\rContent-Type: multipart/mixed; boundary=b\r\r--b\r\rone\rtwo\r--b\rContent-Type: a/b; name=c\r\r12\r--b--\r"
	p, err := Parse(strings.NewReader(raw))
	if err != nil || p.Subject != "x" || p.Text != "one\ntwo" || len(p.Attachments) != 1 || p.Attachments[0].Size != 2 {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestCharsets(t *testing.T) {
	for _, c := range []struct{ label, octets, want string }{
		{"utf-8", "Gr\xc3\xbc\xc3\x9fe", "Grüße"},
		{"utf-8", "Gr\xfc\xdfe", "Grüße"},                         // what is none is Windows-1252
		{"utf-8", "\xc3\xa4\xc3\xb6\xc3\xbc\xc3", "äöü\uFFFD"},    // cut in the middle
		{"iso-8859-1", "\x84Zitat\x93 \x80", "„Zitat“ €"},         // Windows-1252 under the name of another
		{"iso-8859-1", "\xc3\xa4", "ä"},                           // UTF-8 under that name
		{"us-ascii", "\xe4", "ä"},                                 //
		{"unknown-8bit", "\xe4", "ä"},                             //
		{"x-unknown", "\xc3\xa4", "ä"},                            //
		{"klingon", "\xe4\xf6", "äö"},                             //
		{"", "\x1b$BF|K\\8l\x1b(B", "日本語"},                        // nobody labelled it
		{"us-ascii", "\x1b$BF|K\\8l\x1b(B", "日本語"},                //
		{"iso-2022-jp", "\x1b$BF|K\\8l\x1b(B", "日本語"},             //
		{"ISO-2022-JP-2", "\x1b$BF|K\\8l\x1b(B", "日本語"},           //
		{"shift_jis", "\x93\xfa\x96{", "日本"},                      //
		{"cp932", "\x87\x40", "①"},                                // a vendor's letter
		{"x-sjis", "\x93\xfa\x96{", "日本"},                         //
		{"euc-jp", "\xc6\xfc\xcb\xdc", "日本"},                      //
		{"gb2312", "\xc4\xe3\xba\xc3\x80", "你好€"},                 // what GB 2312 does not have
		{"gbk", "\xc4\xe3\xba\xc3", "你好"},                         //
		{"gb18030", "\x81\x30\x84\x36", "¥"},                      //
		{"big5", "\xa7\x41\xa6\x6e", "你好"},                        //
		{"hz-gb-2312", "~{Dc:C~}", "你好"},                          //
		{"ks_c_5601-1987", "\xbe\xc8\xb3\xe7", "안녕"},              //
		{"iso-2022-kr", "\x1b$)C\x0e>H3g\x0f!", "안녕!"},            //
		{"koi8-r", "\xf0\xd2\xc9", "При"},                         //
		{"cp1251", "\xcf\xf0\xe8", "При"},                         //
		{"windows-1251", "\xcf\xf0\xe8", "При"},                   //
		{"iso-8859-15", "\xa4", "€"},                              //
		{"iso-8859-9", "\xfd\x80", "ı€"},                          // Windows-1254 under that name
		{"cp850", "\x81", "ü"},                                    //
		{"macintosh", "\x8a", "ä"},                                //
		{"utf-7", "Gr+APwA3w-e +- a+AOQ", "Grüße + aä"},           //
		{"UTF-7", "+", "+"},                                       //
		{"utf-16", "\xfe\xff\x00a\x20\xac", "a€"},                 //
		{"\"iso-8859-2\"", "\xb3", "ł"},                           //
		{"iso-8859-2;", "\xb3", "ł"},                              //
		{"charset=iso-8859-2", "\xb3", "ł"},                       //
		{"utf-8http-equivcontent-type", "\xc3\xa4", "ä"},          //
		{"windows-1252 ", "\x80", "€"},                            //
		{"gb2312", "Gr\xc3\xbc\xc3\x9fe \xe2\x82\xac", "Grüße €"}, // UTF-8 that makes no sense as anything else
		{"iso-8859-10", "\xe4", "ä"},                              // not to be taken for iso-8859-1
		{"unicode-1-1-utf-7", "+T2BZfQ-", "\u4f60\u597d"},         //
		{"_iso-2022-jp$ESC", "\x1b$BF|\x1b(B", "日"},               //
	} {
		if got := toUTF8([]byte(c.octets), c.label); got != c.want {
			t.Errorf("%q as %q: got %q, want %q", c.octets, c.label, got, c.want)
		}
		body, err := Parse(strings.NewReader("Content-Type: text/plain; charset=\"" + strings.Trim(c.label, "\"") + "\"\r\n\r\n" + c.octets))
		if err != nil || body.Text != cleanText(c.want) && !strings.ContainsAny(c.octets, "\x00") {
			t.Errorf("a text of %q: got %q, want %q, %v", c.label, body.Text, c.want, err)
		}
	}
}

func TestEncodedWordsThatAreBroken(t *testing.T) {
	for in, want := range map[string]string{
		"=?utf-8?B?w6Q?= =?utf-8?B?w7Y=?=":                  "äö",  // padding is missing
		"=?utf-8?B?w6Q===?=":                                "ä",   // too much of it
		"=?utf-8?B?w6 Q=?=":                                 "ä",   // a blank inside
		"=?utf-8?B?4oI?= =?utf-8?B?rA==?=":                  "€",   // a character in two words
		"=?utf-8?Q?=E2=82?=\r\n =?UTF-8?Q?=AC?=":            "€",   // likewise, folded, the label in another case
		"=?utf-8?B?4oI?= =?utf-8?Q?=AC?=":                   "€",   // likewise, in two encodings
		"=?iso-8859-1?q?=80?=":                              "€",   //
		"=?utf-8?q?a?==?utf-8?q?b?=":                        "ab",  // no blank between
		"x=?utf-8?q?a?=y":                                   "xay", // none around
		"\"=?utf-8?q?a?=\"":                                 "\"a\"",
		"=?utf-8?q??=":                                      "",
		"=?utf-8?b??= x":                                    "x",
		"=?utf-8?q?a=3?= b":                                 "a=3 b",
		"=?utf-8?q?=zz?=":                                   "=zz",
		"=??q?a?=":                                          "=??q?a?=",
		"=?utf-8?q?a":                                       "=?utf-8?q?a",
		"=?utf-8?q?a?":                                      "=?utf-8?q?a?",
		"=?utf-8?Q?a?b?=":                                   "a?b",
		"=?utf-8?q?=0D=0ABcc:_x?=":                          "Bcc: x", // no new line out of an encoded word
		"=?utf-7?Q?+AOQ-?=":                                 "ä",
		"=?gb2312?B?xOO6ww==?=":                             "你好",
		"=?unknown-8bit?Q?=E4?=":                            "ä",
		"=?iso-2022-jp?B?GyRCRnw=?= =?iso-2022-jp?B?GyhC?=": "日", // the shift back stands in the next word
		"Re: =?utf-8?Q?a?= =?utf-8?Q?b?= c =?utf-8?Q?d?=":   "Re: ab c d",
	} {
		if got := decodeText([]byte(in)); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestAddressesThatAreBroken(t *testing.T) {
	for in, want := range map[string]string{
		"=?utf-8?q?M=C3=BCller=2C_A?= <a@b.de>":             "Müller, A|a@b.de",
		"\"=?utf-8?q?M=C3=BCller=2C_A?=\" <a@b.de>":         "Müller, A|a@b.de",
		"=?utf-8?q?A_=3Cx=40y=2Ede=3E?= <a@b.de>":           "A <x@y.de>|a@b.de", // an address in a name stays a name
		"A <a@b.de>, =?utf-8?q?B?=\r\n =?utf-8?q?C?= <c@d>": "A|a@b.de; BC|c@d",
		"a@b.de, c@d.de,":              "|a@b.de; |c@d.de",
		"a@b.de c@d.de":                "c@d.de|a@b.de",
		"<a@b.de> A":                   "A|a@b.de",
		"mailto:a@b.de":                "|a@b.de",
		"A <mailto:a@b.de>":            "A|a@b.de",
		"A <a @ b.de>":                 "A|a@b.de",
		"A (B) <a@b.de>":               "A|a@b.de",
		"\"A\\\\B\" <a@b.de>":          "A\\B|a@b.de",
		"A \"B, C\" D <a@b.de>":        "A B, C D|a@b.de",
		"Team: a@b.de, c@d.de; e@f.de": "|a@b.de; |c@d.de; |e@f.de",
		"Team:;":                       "",
		"<>":                           "",
		"\"\" <a@b.de>":                "|a@b.de",
		"müller@bücher.example":        "|müller@bücher.example",
		"M\xfcller <a@b.de>":           "Müller|a@b.de",
		"A <a@b.de":                    "A|a@b.de",
		"A a@b.de>":                    "A|a@b.de>",
		"\"a@b.de\"":                   "|a@b.de",
		"'a@b.de' <a@b.de>":            "|a@b.de",
	} {
		var got []string
		for _, a := range parseAddresses([]byte(in)) {
			got = append(got, a.Name+"|"+a.Addr)
		}
		if strings.Join(got, "; ") != want {
			t.Errorf("%q:\n got %q\nwant %q", in, strings.Join(got, "; "), want)
		}
	}
}

func TestHeaderOddities(t *testing.T) {
	h := ParseHeader([]byte("From: list@example.org  Thu Aug 22 14:44:26 2002\r\nFrom: Anna <anna@amt.example>\r\nSubject: one\r\nSUBJECT: two\r\nTo: a@b.de\r\nto: c@d.de\r\n" +
		"Message-ID: <a b\r\n\tc@d>\r\nReferences: <1@x>\r\n <2@x>,<3@x>\r\nDate: nonsense\r\nDate: Thu, 22 Aug 2002 14:44:26 +0200\r\n"))
	if h.From.Addr != "anna@amt.example" || h.Subject != "two" || len(h.To) != 2 || h.MessageID != "abc@d" || len(h.References) != 3 || h.Date.Year() != 2002 {
		t.Errorf("%+v", h)
	}
	h = ParseHeader([]byte("Sender: robot@example.org\r\nReturn-Path: <>\r\n"))
	if h.From.Addr != "robot@example.org" || !h.Date.IsZero() || h.Subject != "" {
		t.Errorf("%+v", h)
	}
	h = ParseHeader([]byte("From: list@example.org  Thu Aug 22 14:44:26 2002\n"))
	if h.From.Addr != "list@example.org" || h.From.Name != "" {
		t.Errorf("%+v", h.From)
	}
	long := ParseHeader([]byte("References: " + strings.Repeat("<x@y> ", 100_000) + "\r\nSubject: " + strings.Repeat("a", 1<<20) + "\r\nTo: " + strings.Repeat("a@b.de, ", 100_000) + "\r\n"))
	if len(long.References) != maxReferences || len(long.Subject) != 1<<20 || len(long.To) != maxAddresses {
		t.Errorf("%d references, %d octets of subject, %d addresses", len(long.References), len(long.Subject), len(long.To))
	}
}
