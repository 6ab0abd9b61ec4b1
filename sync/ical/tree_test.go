// SPDX-License-Identifier: EUPL-1.2

package ical

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

const todo = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTODO\r\nUID:1\r\nSUMMARY:Aufmaß\\, Teil 2\r\nX-A;B=\"c:d\";E=f:g\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"

func TestCorpusRoundTrip(t *testing.T) {
	dir := os.Getenv("KONTOR_CORPUS")
	if dir == "" {
		t.Skip("KONTOR_CORPUS is not set")
	}
	n, cards := 0, 0
	err := filepath.WalkDir(filepath.Join(dir, "ical"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		n++
		if strings.EqualFold(filepath.Ext(path), ".vcf") {
			cards++
		}
		root := Parse(string(data))
		if root.String() != string(data) {
			t.Errorf("%s is not the same after a round trip", path)
		}
		visit(root, NewZones(root, time.UTC))
		return nil
	})
	if err != nil || n < 100 || cards < 20 {
		t.Fatalf("%d files, %d of them cards: %v", n, cards, err)
	}
}

// Cards are text of the same kind (RFC 6350): groups, parameters of version 2.1 without a name, octets in the line. What a
// card says of a phone number is neither lost nor moved by an edit beside it.
func TestCards(t *testing.T) {
	card := "BEGIN:VCARD\r\nVERSION:2.1\r\nN:M\\;x;Anna\r\nitem1.TEL;HOME;CELL:1\r\nitem1.X-ABLabel:dienstlich\r\n" +
		"ADR;LABEL=\"Markt 1:a,b\":;;Markt 1\r\nPHOTO;ENCODING=b;TYPE=JPEG:QUJD\r\n REVG\r\nEND:VCARD\r\n"
	root := Parse(strings.Repeat(card, 2))
	if cards := root.Components("VCARD"); len(cards) != 2 || root.String() != card+card {
		t.Fatalf("%d cards in %q", len(cards), root.String())
	}
	c := root.Component("VCARD")
	tel := c.Line("ITEM1.TEL")
	if tel == nil || tel.Value() != "1" || tel.RawParams() != ";HOME;CELL" || c.Line("ADR").Param("LABEL") != "Markt 1:a,b" || c.Value("PHOTO") != "QUJDREVG" {
		t.Errorf("read %+v", tel)
	}
	c.Set("NOTE", "", Escape("neu, hier"))
	if got, want := root.String(), strings.Replace(card, "END:VCARD", "NOTE:neu\\, hier\r\nEND:VCARD", 1)+card; got != want {
		t.Errorf("edited to %q", got)
	}
}

// visit calls everything that reads.
func visit(c *Component, z *Zones) {
	for _, l := range c.Lines("") {
		_ = l.Canonical()
		_ = l.Param("TZID")
		_ = List(l.Value())
		z.Moment(l)
		ParseDuration(l.Value())
	}
	for _, sub := range c.Components("") {
		visit(sub, z)
	}
}

func TestEditTouchesOneLine(t *testing.T) {
	root := Parse(todo)
	v := root.Component("VCALENDAR").Component("VTODO")
	v.SetValue("SUMMARY", Escape("Neu; mit \"Zeichen\"\nund Zeile\a"))
	v.Set("PRIORITY", "", "1")
	v.Set("UID", "", "1")
	want := strings.Replace(todo, `SUMMARY:Aufmaß\, Teil 2`, `SUMMARY:Neu\; mit "Zeichen"\nund Zeile`, 1)
	want = strings.Replace(want, "E=f:g\r\n", "E=f:g\r\nPRIORITY:1\r\n", 1)
	if got := root.String(); got != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
	if got := v.Text("SUMMARY"); got != "Neu; mit \"Zeichen\"\nund Zeile" {
		t.Errorf("summary %q", got)
	}
}

func TestParameters(t *testing.T) {
	l := Parse("ATTENDEE;CN=\"Berg; L:\";ROLE=A,B;X=a^n^'b^':mailto:a@b\r\n").Line("ATTENDEE")
	if l.Param("CN") != "Berg; L:" || l.Param("X") != "a\n\"b\"" || l.Value() != "mailto:a@b" || l.Param("NONE") != "" {
		t.Errorf("%q %q %q", l.Param("CN"), l.Param("X"), l.Value())
	}
	if p := l.Params(); len(p) != 3 || len(p[1].Values) != 2 {
		t.Errorf("parameters %v", p)
	}
	if got := FormatParam("CN", "a;\"b"); got != `;CN="a;^'b"` {
		t.Errorf("FormatParam %q", got)
	}
	same := Parse("ATTENDEE;X=a^n^'b^';CN=\"Berg; L:\";role=\"A\",B:mailto:a@b").Line("ATTENDEE")
	if same.Canonical() != l.Canonical() {
		t.Errorf("%q is not %q", same.Canonical(), l.Canonical())
	}
}

// Interop case 47.
func TestCase47BrokenLines(t *testing.T) {
	text := "BEGIN:VTODO\r\nDUE;VALUE=DATE\r\nATTENDEE;CN=\"a\"b:mailto:x\r\nX;A=\"open:value\r\nEND:VTODO\r\n"
	v := Parse(text).Component("VTODO")
	if !v.Line("DUE").Broken() || v.Line("DUE").RawParams() != ";VALUE=DATE" || v.Value("DUE") != "" {
		t.Error("a line without colon")
	}
	if v.Value("ATTENDEE") != "mailto:x" || v.Value("X") != "value" {
		t.Errorf("values %q, %q", v.Value("ATTENDEE"), v.Value("X"))
	}
}

// Interop case 45.
func TestCase45Tolerance(t *testing.T) {
	for name, text := range map[string]string{
		"BOM, LF, lower case":   "\ufeffbegin:vcalendar\nbegin:vtodo\n\nsummary:a\n b\nend:vtodo\nend:vcalendar",
		"CR alone":              "BEGIN:VCALENDAR\rBEGIN:VTODO\rSUMMARY:a\r b\rEND:VTODO\rEND:VCALENDAR\r",
		"cut between CR and LF": "BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nSUMMARY:a\r\n b\r",
		"no END":                "BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nSUMMARY:a\r\n b",
		"inner END missing":     "BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nSUMMARY:ab\r\nBEGIN:VALARM\r\nEND:VTODO\r\nEND:VCALENDAR\r\nEND:VCALENDAR\r\n",
	} {
		root := Parse(text)
		v := root.Component("VCALENDAR").Component("VTODO")
		if v == nil || v.Text("SUMMARY") != "ab" {
			t.Errorf("%s: not read", name)
			continue
		}
		if root.String() != text {
			t.Errorf("%s: changed", name)
		}
		v.Set("PRIORITY", "", "5")
		root.Close()
		again := Parse(root.String()).Component("VCALENDAR").Component("VTODO")
		if again.Value("PRIORITY") != "5" || again.Text("SUMMARY") != "ab" || !again.Closed() {
			t.Errorf("%s: edited to %q", name, root.String())
		}
	}
}

// Interop case 44.
func TestCase44FoldInsideOfRune(t *testing.T) {
	v := Parse("BEGIN:VTODO\r\nSUMMARY:\xf0\x9f\r\n \x98\x80 \xc3\r\n \xbc\r\nEND:VTODO\r\n").Component("VTODO")
	if got := v.Text("SUMMARY"); got != "😀 ü" {
		t.Errorf("got %q", got)
	}
}

func TestCase44FoldKeepsRunes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOfN(rapid.RuneFrom([]rune("aü€😀 ")), 0, 400, -1).Draw(t, "text")
		root := New("VTODO")
		root.Add(NewLine("SUMMARY", "", s))
		out := root.String()
		for _, line := range strings.Split(out, "\r\n") {
			if len(line) > maxOctets || !utf8.ValidString(line) {
				t.Fatalf("line %q", line)
			}
		}
		if got := Parse(out).Component("VTODO").Value("SUMMARY"); got != s {
			t.Fatalf("got %q, want %q", got, s)
		}
	})
}

func TestTextEscapes(t *testing.T) {
	for in, want := range map[string]string{
		`a\nb\Nc`:      "a\nb\nc",
		`Brot, Milch`:  "Brot, Milch",
		`12\:30 \\ \;`: `12:30 \ ;`,
		`&lt; \`:       `&lt; \`,
	} {
		if got := Text(in); got != want {
			t.Errorf("%q: got %q", in, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[a-zäöü\\;,:\n"^ ]{0,40}`).Draw(t, "text")
		if got := Text(Escape(s)); got != s {
			t.Fatalf("got %q, want %q", got, s)
		}
		if got := List(Escape(s)); len(got) != 1 || got[0] != s {
			t.Fatalf("list %q", got)
		}
	})
}

// Interop case 48: a parameter of a megabyte, and many lines of few octets. That the time grows with the text and not with
// its square is what TestTimeGrowsWithTheText looks at.
func TestCase48LongLines(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	text := "BEGIN:VTODO\r\nATTENDEE;CN=\"" + long + "\":a\r\n" + strings.Repeat(" y\r\n", 1<<18) + "END:VTODO\r\n"
	root := Parse(text)
	if got := root.Component("VTODO").Line("ATTENDEE").Param("CN"); len(got) != 1<<20 {
		t.Errorf("parameter of %d octets", len(got))
	}
	if root.String() != text {
		t.Error("changed")
	}
	deep := strings.Repeat("BEGIN:A\r\n", 100000)
	if Parse(deep).String() != deep {
		t.Error("deep nesting is not kept")
	}
}

func TestComponentEdits(t *testing.T) {
	root := Parse(todo)
	v := root.Component("VCALENDAR").Component("VTODO")
	alarm := New("VALARM")
	alarm.Set("ACTION", "", "DISPLAY")
	v.AddComponent(alarm)
	v.Add(NewLine("X-A", "", "2"))
	v.Replace(v.Line("UID"), NewLine("UID", "", "2"))
	copied := v.Copy()
	v.RemoveComponent(alarm)
	if v.Component("VALARM") != nil || copied.Component("VALARM") == nil {
		t.Error("the copy is not independent")
	}
	if v.Remove("NONE") || !v.Remove("X-A") || len(v.Lines("X-A")) != 0 || v.Value("UID") != "2" {
		t.Errorf("edits: %q", root.String())
	}
	if got := copied.Lines("X-A"); len(got) != 2 || got[1].Value() != "2" || len(copied.Components("VALARM")) != 1 {
		t.Errorf("copy: %q", copied.String())
	}
}

func FuzzParse(f *testing.F) {
	f.Add(todo)
	f.Add("\ufeffbegin:a\r b\rend:b")
	f.Add("X;A=\"b:c\n\tBEGIN:V\nDTSTART;TZID=/a/Europe/Berlin:20260101T000000\nEND:V")
	f.Add("BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:A\nBEGIN:DAYLIGHT\nDTSTART:19700101T000000\nTZOFFSETTO:+0100\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\nEND:DAYLIGHT\nEND:VTIMEZONE\nDUE;TZID=A:20260701T100000\n")
	f.Fuzz(func(t *testing.T, text string) {
		root := Parse(text)
		if root.String() != text {
			t.Errorf("changed to %q", root.String())
		}
		visit(root, NewZones(root, time.UTC))
		root.Close()
		_ = root.Copy().String()
	})
}
