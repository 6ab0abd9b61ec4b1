// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// htmlSource decodes an HTML part. Where the mail does not name the charset, the page itself may.
func htmlSource(raw []byte, charset string) string {
	if kind, _ := lookUp(charset); kind == labelNone && !isASCII(raw) {
		if m := metaCharset.FindSubmatch(raw[:min(len(raw), 2048)]); m != nil {
			charset = string(m[1])
		}
	}
	return cleanText(toUTF8(raw, charset))
}

var metaCharset = regexp.MustCompile(`(?i)<meta[^>]+charset=["']?([A-Za-z0-9_.:-]+)`)

// HTMLText makes HTML readable as plain text: paragraphs, lists, quotes, table rows as lines, the addresses of links
// that do not show them. Scripts, styles, and what is hidden from a reader (RFC 5322 knows nothing of it, spam does) are
// dropped.
func HTMLText(source string) string {
	text, whole := convert(source, true)
	if !whole { // something hidden was never closed: better too much than nothing
		text, _ = convert(source, false)
	}
	return text
}

// convert gives the text, and whether every hidden element had an end.
func convert(source string, hide bool) (text string, whole bool) {
	c := converter{z: html.NewTokenizer(strings.NewReader(source)), hide: hide}
	c.z.SetMaxBuf(maxText)
	for c.next() {
	}
	c.endLine()
	return strings.Trim(c.out.String(), "\n"), len(c.hidden) == 0
}

type converter struct {
	z      *html.Tokenizer
	hide   bool // leave out what styles hide
	out    strings.Builder
	line   []byte // the current line without its quote marks
	space  bool   // white space waits for a word
	blank  int    // empty lines that wait for a line
	begun  bool   // a line was written
	quote  int
	quoted int // quote of the line before
	pre    int
	lists  []int // per open list: 0 for bullets, else the next number
	bullet string
	cell   bool // a table cell was written in this row
	hidden []hiddenElement
	href   string
	mark   int // length of line where the link's text began
}

// hiddenElement is an open element that hides everything up to its end.
type hiddenElement struct {
	name  string
	depth int // elements of the same name inside
}

func (c *converter) next() bool {
	switch c.z.Next() {
	case html.ErrorToken:
		return false
	case html.TextToken:
		if len(c.hidden) == 0 {
			c.text(c.z.Text())
		}
	case html.StartTagToken:
		c.start(false)
	case html.SelfClosingTagToken:
		c.start(true)
	case html.EndTagToken:
		name, _ := c.z.TagName()
		c.end(name)
	case html.CommentToken, html.DoctypeToken:
	}
	return true
}

// skipped are elements whose content is never text to read.
func skipped(a atom.Atom) bool {
	switch a {
	case atom.Script, atom.Style, atom.Title, atom.Template, atom.Object, atom.Svg, atom.Select, atom.Math, atom.Textarea:
		return true
	}
	return false
}

// void are elements that have no end tag.
func void(a atom.Atom) bool {
	switch a {
	case atom.Br, atom.Hr, atom.Img, atom.Input, atom.Meta, atom.Link, atom.Area, atom.Base, atom.Col, atom.Wbr, atom.Embed, atom.Source, atom.Track:
		return true
	}
	return false
}

func (c *converter) start(closed bool) {
	raw, hasAttr := c.z.TagName()
	name := string(raw)
	a := atom.Lookup(raw)
	if n := len(c.hidden); n > 0 {
		if c.hidden[n-1].name == name && !closed && !void(a) {
			c.hidden[n-1].depth++
		}
		return
	}
	attrs := c.attributes(hasAttr)
	if !void(a) && !closed && (skipped(a) || c.hide && isHidden(attrs)) {
		c.hidden = append(c.hidden, hiddenElement{name: name})
		return
	}
	c.open(a, attrs)
}

// attributes keeps the few that matter.
func (c *converter) attributes(more bool) map[string]string {
	var out map[string]string
	for more {
		var key, value []byte
		key, value, more = c.z.TagAttr()
		switch string(key) {
		case "href", "style", "hidden", "alt", "width", "height", "type", "start", "value":
			if out == nil {
				out = map[string]string{}
			}
			out[string(key)] = string(value)
		}
	}
	return out
}

// hidingStyle names the ways to hide that no visible layout uses; "font-size:0" is one that columns are built with.
var hidingStyle = regexp.MustCompile(`(?i)display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|max-height\s*:\s*0(px)?\s*(;|!|$)`)

// isHidden finds what senders hide from people but not from machines, such as the text for the preview line.
func isHidden(attrs map[string]string) bool {
	if _, ok := attrs["hidden"]; ok {
		return true
	}
	style, ok := attrs["style"]
	return ok && hidingStyle.MatchString(style)
}

func (c *converter) open(a atom.Atom, attrs map[string]string) {
	switch a {
	case atom.Br:
		c.lineBreak()
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Dl:
		c.paragraph()
	case atom.Pre:
		c.paragraph()
		c.pre++
	case atom.Blockquote:
		c.paragraph()
		c.quote++
	case atom.Ul, atom.Ol:
		c.openList(a, attrs)
	case atom.Li:
		c.item()
	case atom.Tr:
		c.endLine()
		c.cell = false
	case atom.Td, atom.Th:
		if c.cell && len(c.line) > 0 {
			c.line = append(bytes.TrimRight(c.line, " "), "  "...)
			c.space = false
		}
		c.cell = true
	case atom.Hr:
		c.paragraph()
		c.line = append(c.line, "----------"...)
		c.paragraph()
	case atom.Img:
		if alt := strings.TrimSpace(attrs["alt"]); alt != "" && !onePixel(attrs) {
			c.text([]byte(alt))
		}
	case atom.A:
		c.closeLink()
		c.href, c.mark = attrs["href"], len(c.line)
	case atom.Div, atom.Table, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Address, atom.Dt, atom.Dd,
		atom.Center, atom.Form, atom.Fieldset, atom.Main, atom.Nav, atom.Aside, atom.Figure, atom.Figcaption, atom.Caption, atom.Body:
		c.endLine()
	}
}

func onePixel(attrs map[string]string) bool {
	w, errW := strconv.Atoi(attrs["width"])
	h, errH := strconv.Atoi(attrs["height"])
	return errW == nil && w <= 2 || errH == nil && h <= 2
}

func (c *converter) end(raw []byte) {
	a := atom.Lookup(raw)
	if n := len(c.hidden); n > 0 {
		if h := &c.hidden[n-1]; h.name == string(raw) {
			if h.depth--; h.depth < 0 {
				c.hidden = c.hidden[:n-1]
			}
		}
		return
	}
	switch a {
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Dl:
		c.paragraph()
	case atom.Pre:
		c.pre = max(c.pre-1, 0)
		c.paragraph()
	case atom.Blockquote:
		c.paragraph()
		c.quote = max(c.quote-1, 0)
	case atom.Ul, atom.Ol:
		c.endLine()
		if len(c.lists) > 0 {
			c.lists = c.lists[:len(c.lists)-1]
		}
		if len(c.lists) == 0 {
			c.paragraph()
		}
	case atom.A:
		c.closeLink()
	case atom.Li, atom.Tr, atom.Table, atom.Div, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Address, atom.Dt, atom.Dd,
		atom.Center, atom.Form, atom.Fieldset, atom.Figcaption, atom.Caption:
		c.endLine()
	}
}

const maxNesting = 20 // list levels and quote marks that are drawn

func (c *converter) openList(a atom.Atom, attrs map[string]string) {
	c.endLine()
	if len(c.lists) == 0 {
		c.paragraph()
	}
	next := 0
	if a == atom.Ol {
		next = 1
		if n, err := strconv.Atoi(attrs["start"]); err == nil {
			next = n
		}
	}
	c.lists = append(c.lists, next)
}

func (c *converter) item() {
	c.endLine()
	n := len(c.lists)
	c.bullet = strings.Repeat("  ", min(max(n-1, 0), maxNesting))
	if n > 0 && c.lists[n-1] != 0 {
		c.bullet += strconv.Itoa(c.lists[n-1]) + ". "
		c.lists[n-1]++
		return
	}
	c.bullet += "• "
}

// closeLink adds the address of a link whose text does not show it.
func (c *converter) closeLink() {
	href := strings.TrimSpace(c.href)
	c.href = ""
	if href == "" || c.mark > len(c.line) {
		return
	}
	shown := string(bytes.TrimSpace(c.line[c.mark:]))
	bare := strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(href, "mailto:"), "https://"), "http://")
	web := strings.HasPrefix(href, "http://") || strings.HasPrefix(href, "https://") || strings.HasPrefix(href, "mailto:")
	if !web || shown == "" || strings.Contains(shown, strings.TrimSuffix(bare, "/")) || len(href) > 300 {
		return
	}
	c.line = append(c.line, " <"+href+">"...)
}

// text adds words; outside of <pre>, white space is one space.
func (c *converter) text(b []byte) {
	s := string(b)
	if c.pre > 0 {
		c.preformatted(s)
		return
	}
	for _, r := range s {
		switch r {
		case ' ', '\t', '\n', '\r', '\f':
			c.space = true
			continue
		case 0x200b, 0x200c, 0x034f, 0x00ad, 0xfeff, 0x2007: // fillers behind a preview line, soft hyphens
			continue
		case 0x00a0:
			r = ' '
		}
		if turnsDirection(r) {
			continue
		}
		if c.space && len(c.line) > 0 && c.line[len(c.line)-1] != ' ' {
			c.line = append(c.line, ' ')
		}
		c.space = false
		if c.bullet != "" {
			c.line = append(c.line, c.bullet...)
			c.bullet = ""
		}
		c.line = utf8.AppendRune(c.line, r)
	}
}

func (c *converter) preformatted(s string) {
	for line := range strings.Lines(strings.ReplaceAll(s, "\r", "")) {
		text, ended := strings.CutSuffix(line, "\n")
		c.line = append(c.line, text...)
		if ended {
			c.lineBreak()
		}
	}
}

// lineBreak ends the line, even an empty one.
func (c *converter) lineBreak() {
	if len(bytes.TrimSpace(c.line)) == 0 {
		c.line = c.line[:0]
		c.blank++
		return
	}
	c.endLine()
}

// paragraph ends the line and leaves an empty one before the next.
func (c *converter) paragraph() {
	c.endLine()
	if c.begun {
		c.blank = max(c.blank, 1)
	}
}

func (c *converter) endLine() {
	c.closeLink()
	line := bytes.TrimRight(c.line, " \t")
	c.space = false
	if len(line) == 0 {
		c.line = c.line[:0]
		return
	}
	marks := strings.Repeat(">", min(c.quote, maxNesting))
	if c.begun {
		between := strings.Repeat(">", min(c.quote, c.quoted, maxNesting))
		for range min(c.blank, 2) {
			c.out.WriteString(between + "\n")
		}
	}
	c.quoted = c.quote
	c.blank = 0
	c.begun = true
	if marks != "" {
		c.out.WriteString(marks + " ")
	}
	c.out.Write(line)
	c.out.WriteByte('\n')
	c.line = c.line[:0]
	c.mark = 0
}
