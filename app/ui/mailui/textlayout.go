// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"strings"
	"unicode"
)

// textLine is one line of the laid-out body.
type textLine struct {
	Y, H   float32
	X      float32 // where its first piece begins
	Pieces []textPiece
	Quote  int
	Muted  bool
	Soft   bool // the paragraph goes on in the next line
	Gap    bool // an empty line stands above
}

// textPiece is a stretch of one line that looks the same throughout.
type textPiece struct {
	Text string
	Span *span
}

func (l textLine) String() string {
	var b strings.Builder
	for _, p := range l.Pieces {
		b.WriteString(p.Text)
	}
	return b.String()
}

// metrics is what laying out needs to know of the font.
type metrics struct {
	width  func(r rune) float32
	line   float32 // height of a line
	gap    float32 // height of an empty line
	indent float32 // for each level of quotation
	list   float32 // left of a bullet
}

// layoutBody breaks paragraphs into lines no wider than width.
func layoutBody(paras []para, width float32, m metrics) (lines []textLine, height float32) {
	y := float32(0)
	for i := range paras {
		p := &paras[i]
		if p.Gap {
			y += m.gap
		}
		first := len(lines)
		lines = breakPara(lines, p, width, m)
		if first < len(lines) {
			lines[first].Gap = p.Gap
		}
		for j := first; j < len(lines); j++ {
			lines[j].Y, lines[j].H = y, m.line
			y += m.line
		}
	}
	return lines, y
}

// breakPara appends the lines of one paragraph.
func breakPara(lines []textLine, p *para, width float32, m metrics) []textLine {
	left := float32(p.Quote) * m.indent
	if p.Bullet {
		left += m.list
	}
	hang := hangWidth(p, m)
	cur := textLine{X: left, Quote: p.Quote, Muted: p.Muted}
	x := left
	for si := range p.Spans {
		s := &p.Spans[si]
		for _, word := range splitWords(s.Text) {
			w := wordWidth(strings.TrimRight(word, " "), m)
			if x+w > width && len(cur.Pieces) > 0 {
				cur.Soft = true
				lines = append(lines, cur)
				cur = textLine{X: left + hang, Quote: p.Quote, Muted: p.Muted}
				x = left + hang
			}
			for x+w > width { // longer than a whole line
				n := fitRunes(word, width-x, m)
				cur.Pieces = appendPiece(cur.Pieces, word[:n], s)
				cur.Soft = true
				lines = append(lines, cur)
				cur = textLine{X: left + hang, Quote: p.Quote, Muted: p.Muted}
				x, word = left+hang, word[n:]
				w = wordWidth(strings.TrimRight(word, " "), m)
			}
			cur.Pieces = appendPiece(cur.Pieces, word, s)
			x += wordWidth(word, m)
		}
	}
	return append(lines, cur)
}

func hangWidth(p *para, m metrics) float32 {
	if p.Hang == 0 || len(p.Spans) == 0 {
		return 0
	}
	w, n := float32(0), 0
	for _, r := range p.Spans[0].Text {
		if n == p.Hang {
			break
		}
		w += m.width(r)
		n++
	}
	return w
}

func appendPiece(pieces []textPiece, text string, s *span) []textPiece {
	if text == "" {
		return pieces
	}
	if n := len(pieces); n > 0 && pieces[n-1].Span == s {
		pieces[n-1].Text += text
		return pieces
	}
	return append(pieces, textPiece{Text: text, Span: s})
}

func wordWidth(word string, m metrics) float32 {
	w := float32(0)
	for _, r := range word {
		w += m.width(r)
	}
	return w
}

// fitRunes gives how many bytes of a word fit, at least one letter.
func fitRunes(word string, room float32, m metrics) int {
	w := float32(0)
	for i, r := range word {
		if w += m.width(r); w > room && i > 0 {
			return i
		}
	}
	return len(word)
}

// splitWords cuts text behind white space and hyphens, so that joining gives the same text.
func splitWords(s string) []string {
	var words []string
	from := 0
	space := false
	for i, r := range s {
		switch {
		case unicode.IsSpace(r):
			space = true
			continue
		case space:
			words = append(words, s[from:i])
			from = i
		}
		space = r == '-' && i > from && i+1 < len(s)
	}
	return append(words, s[from:])
}

// copyText gives the text between two places as it was written: wrapped lines joined, empty lines kept. A place is a
// line and a number of letters in it.
func copyText(lines []textLine, from, to textPlace) string {
	if to.before(from) {
		from, to = to, from
	}
	if to.Line >= len(lines) {
		to = textPlace{Line: len(lines) - 1, Col: 1 << 30}
	}
	var b strings.Builder
	for i := from.Line; i <= to.Line; i++ {
		runes := []rune(lines[i].String())
		start, end := 0, len(runes)
		if i == from.Line {
			start = min(from.Col, end)
		}
		if i == to.Line {
			end = max(start, min(to.Col, end))
		}
		if i > from.Line && lines[i].Gap {
			b.WriteByte('\n')
		}
		b.WriteString(string(runes[start:end]))
		if i < to.Line && !lines[i].Soft {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// textPlace is a place in laid-out text.
type textPlace struct{ Line, Col int }

func (p textPlace) before(o textPlace) bool {
	return p.Line < o.Line || p.Line == o.Line && p.Col < o.Col
}

// wordAt gives the borders of the word at a place.
func wordAt(l textLine, col int) (from, to int) {
	runes := []rune(l.String())
	if len(runes) == 0 {
		return 0, 0
	}
	col = min(col, len(runes)-1)
	word := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }
	from, to = col, col+1
	if !word(runes[col]) {
		return from, to
	}
	for from > 0 && word(runes[from-1]) {
		from--
	}
	for to < len(runes) && word(runes[to]) {
		to++
	}
	return from, to
}
