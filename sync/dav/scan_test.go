// SPDX-License-Identifier: EUPL-1.2

package dav

import (
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

// tokens lists what the scanner reads, neighbouring texts as one.
func tokens(doc string, buffer int) (string, error) {
	s := newScanner(iotest.HalfReader(strings.NewReader(doc)))
	defer s.close()
	if buffer > 0 {
		s.r = bufio.NewReaderSize(strings.NewReader(doc), buffer)
	}
	var all tokenList
	for {
		what, err := s.next()
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return all.String(), err
		}
		switch what {
		case text:
			all.text(string(s.text))
		case end:
			all.add("</" + s.name.prefix + ":" + s.name.local + ">")
		case start:
			line := "<" + s.name.prefix + ":" + s.name.local
			for _, a := range s.attr {
				line += fmt.Sprintf(" %s:%s=%q", a.name.prefix, a.name.local, a.value)
			}
			all.add(line + ">")
		}
	}
}

// expected lists what encoding/xml reads of the same.
func expected(t *rapid.T, doc string) string {
	dec := xml.NewDecoder(strings.NewReader(doc))
	var all tokenList
	for {
		token, err := dec.RawToken()
		if errors.Is(err, io.EOF) {
			return all.String()
		}
		if err != nil {
			t.Fatalf("the test made %q: %v", doc, err)
		}
		switch token := token.(type) {
		case xml.CharData:
			all.text(string(token))
		case xml.EndElement:
			all.add("</" + token.Name.Space + ":" + token.Name.Local + ">")
		case xml.StartElement:
			line := "<" + token.Name.Space + ":" + token.Name.Local
			for _, a := range token.Attr {
				line += fmt.Sprintf(" %s:%s=%q", a.Name.Space, a.Name.Local, a.Value)
			}
			all.add(line + ">")
		}
	}
}

// tokenList joins texts that follow each other.
type tokenList struct {
	lines  []string
	inText bool
}

func (l *tokenList) add(line string) { l.lines, l.inText = append(l.lines, line), false }

func (l *tokenList) text(s string) {
	if l.inText {
		l.lines[len(l.lines)-1] += s
		return
	}
	l.lines, l.inText = append(l.lines, s), true
}

func (l *tokenList) String() string { return strings.Join(l.lines, "\n") }

var snippets = []string{
	"<D:a>", "</D:a>", "<b/>", "<b c='1' D:e=\"&lt;2>\" />", "</b >", "text", "a&amp;b &#228;&#xE4;&quot;&apos;", "ü€😀", "\r\n", "\r", "\n\t ",
	"<![CDATA[a<b>&amp;]] >\r\n]]>", "<![CDATA[]]>", "<!-- a > b - -->", "<!---->", "<?pi a > b?>", `<?xml version="1.0" encoding="UTF-8"?>`,
	"<!DOCTYPE x [<!ENTITY e 'v'>]>", "<long-name-that-does-not-fit-into-a-small-buffer attribute='with a long value'>",
}

// TestScannerReadsAsTheLibrary: whatever is put together of XML, through a buffer of any size, encoding/xml reads the same.
func TestScannerReadsAsTheLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc := "<r>" + strings.Join(rapid.SliceOf(rapid.SampledFrom(snippets)).Draw(t, "document"), "") + "</r>"
		got, err := tokens(doc, rapid.SampledFrom([]int{0, 16, 17, 23}).Draw(t, "buffer"))
		if want := expected(t, doc); err != nil || got != want {
			t.Fatalf("%q:\n%s\nwant\n%s\n%v", doc, got, want, err)
		}
	})
}

// TestScannerNeverPanics: octets that are no XML give an error or tokens, and what they give is text that XML may hold.
func TestScannerNeverPanics(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOf(rapid.OneOf(rapid.SampledFrom(snippets), rapid.SampledFrom([]string{"<", ">", "&", "\"", "'", "=", "<!", "<?", "]]>", "&#", "&#0;", "\xff", "\x07", "\uffff"})))
		doc := strings.Join(parts.Draw(t, "octets"), "")
		got, _ := tokens(doc, 16)
		for _, r := range got {
			if !allowed(r) {
				t.Fatalf("%q gives %q", doc, got)
			}
		}
	})
}
