// SPDX-License-Identifier: EUPL-1.2

// Package ical reads and edits iCalendar and vCard text (RFC 5545, RFC 6350) without loss: what is not edited is
// written back octet for octet, an edit touches single content lines. It reads what real programs write, valid or not,
// and never fails: what makes no sense stays a line that is kept.
package ical

import (
	"strings"
)

// Item is a content line or a component; one of the two is nil.
type Item struct {
	Line *Line
	Comp *Component
}

// Component is what stands between BEGIN and END (RFC 5545, section 3.6). The root that Parse returns has no name and
// neither of the two lines.
type Component struct {
	Name  string // in upper case
	Items []Item

	begin, end string // as read, with folds and line ends; end is empty where the text broke off before it
	eol        string // what lines that are added end with
}

// maxDepth bounds how deep components nest. A BEGIN beyond it is kept as a line.
const maxDepth = 64

// Parse reads text into a tree. String of the tree is text again.
func Parse(text string) *Component {
	p := parser{rest: text, eol: "\r\n"}
	if i := strings.IndexByte(text, '\n'); i >= 0 && (i == 0 || text[i-1] != '\r') {
		p.eol = "\n"
	} else if i < 0 && strings.IndexByte(text, '\r') >= 0 {
		p.eol, p.bareCR = "\r", true
	}
	root := &Component{eol: p.eol}
	stack := []*Component{root}
	for p.rest != "" {
		line := p.next()
		top := stack[len(stack)-1]
		switch {
		case line.Name == "BEGIN" && len(stack) <= maxDepth:
			c := &Component{Name: strings.ToUpper(strings.TrimSpace(line.Value())), begin: line.raw, eol: p.eol}
			top.Items = append(top.Items, Item{Comp: c})
			stack = append(stack, c)
		case line.Name == "END":
			if n := matching(stack, strings.ToUpper(strings.TrimSpace(line.Value()))); n > 0 {
				stack[n].end = line.raw
				stack = stack[:n]
				continue
			}
			top.Items = append(top.Items, Item{Line: line})
		default:
			top.Items = append(top.Items, Item{Line: line})
		}
	}
	return root
}

// matching finds the innermost open component of that name; 0 for none. Those inside of it lack their END.
func matching(stack []*Component, name string) int {
	for i := len(stack) - 1; i > 0; i-- {
		if stack[i].Name == name {
			return i
		}
	}
	return 0
}

// parser cuts text into content lines.
type parser struct {
	rest   string
	eol    string
	bareCR bool // lines end with CR alone, as on very old systems
	begun  bool
}

const bom = "\ufeff"

// next takes one content line with all its folds (RFC 5545, section 3.1).
func (p *parser) next() *Line {
	n := p.physical(p.rest)
	parts := 1
	for n < len(p.rest) && (p.rest[n] == ' ' || p.rest[n] == '\t') {
		n += p.physical(p.rest[n:])
		parts++
	}
	raw := p.rest[:n]
	p.rest = p.rest[n:]
	content := raw
	if !p.begun {
		p.begun = true
		content = strings.TrimPrefix(content, bom)
	}
	if parts == 1 {
		content = trimEOL(content)
	} else {
		content = p.unfold(content)
	}
	l := &Line{raw: raw, content: content}
	l.split()
	return l
}

// physical is the length of the first physical line of s with its end.
func (p *parser) physical(s string) int {
	end := byte('\n')
	if p.bareCR {
		end = '\r'
	}
	if i := strings.IndexByte(s, end); i >= 0 {
		return i + 1
	}
	return len(s)
}

func (p *parser) unfold(raw string) string {
	var b strings.Builder
	b.Grow(len(raw))
	for first := true; raw != ""; first = false {
		n := p.physical(raw)
		part := trimEOL(raw[:n])
		if !first {
			part = part[1:]
		}
		b.WriteString(part)
		raw = raw[n:]
	}
	return b.String()
}

func trimEOL(s string) string { return strings.TrimRight(s, "\r\n") }

// String writes the tree. Lines that were not edited come out as they were read.
func (c *Component) String() string {
	w := writer{eol: c.eol}
	w.component(c)
	return w.b.String()
}

type writer struct {
	b    strings.Builder
	eol  string
	open bool // what was written last lacks its line end
}

func (w *writer) component(c *Component) {
	w.line(c.begin)
	for _, it := range c.Items {
		if it.Comp != nil {
			w.component(it.Comp)
		} else {
			w.line(it.Line.raw)
		}
	}
	w.line(c.end)
}

func (w *writer) line(raw string) {
	if w.b.Len() > 0 {
		raw = strings.TrimLeft(raw, " \t") // only the first line of a text can begin so: behind another it would be its fold
	}
	if raw == "" {
		return
	}
	if w.open {
		w.b.WriteString(w.eol)
	}
	w.b.WriteString(raw)
	last := raw[len(raw)-1]
	w.open = last != '\n' && (last != '\r' || w.eol != "\r") // a text may be cut between CR and LF
}
