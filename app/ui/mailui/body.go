// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"kontor/app/i18n"
	"kontor/app/ui/kit"
)

// span is a stretch of text that looks the same throughout.
type span struct {
	Text string
	Href string // where it leads, empty for plain text
	Fold int    // opens the folded quote with this number, 0 for none
	Warn bool   // its words name another site than Href
}

// para is a line or paragraph of the body.
type para struct {
	Spans  []span
	Quote  int  // depth of quotation
	Gap    bool // empty line above
	Hang   int  // runes at the beginning that stand left of the wrapped lines: a bullet or a number
	Bullet bool
	Muted  bool // part of a signature
}

// bodyLimit is how much text the reader lays out at once; more is shown on request.
const bodyLimit = 400_000

// foldFrom is how many quoted lines are shown unfolded.
const foldFrom = 4

// parseBody makes paragraphs of a message's text. links come from its HTML part: "words <address>" in the text becomes
// one link again. Folded quotes whose number is in open are shown.
func parseBody(text string, links []anchor, open map[int]bool) []para {
	p := bodyParser{links: links, open: open}
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	lines := unwrap(strings.Split(strings.TrimRight(text, "\n \t"), "\n"))
	for i := 0; i < len(lines); {
		i = p.next(lines, i)
	}
	return p.out
}

type bodyParser struct {
	links []anchor
	open  map[int]bool
	out   []para
	gap   bool
	folds int
	muted bool
}

// next handles the line at i, or the whole quote that begins there, and gives the line behind it.
func (p *bodyParser) next(lines []string, i int) int {
	if end := quoteEnd(lines, i); end-i >= foldFrom {
		p.folds++
		if !p.open[p.folds] {
			p.add(para{Spans: []span{{Text: i18n.T("mailui.reader.quote", "n", end-i), Fold: p.folds}}})
			return end
		}
		p.add(para{Spans: []span{{Text: i18n.T("mailui.reader.quote-hide"), Fold: p.folds}}})
		for ; i < end; i++ {
			p.line(lines[i])
		}
		return end
	}
	p.line(lines[i])
	return i + 1
}

// Bounds of lines that look as if a mail program had wrapped them: shorter ones end on purpose, longer ones were not
// wrapped at all.
const (
	wrapFrom = 60
	wrapTo   = 100
)

// unwrap joins the lines of paragraphs that were wrapped for a fixed width, so that they fill the width of the reader.
// A line is joined with the next one where that one's first word would not have fitted.
func unwrap(lines []string) []string {
	out := make([]string, 0, len(lines))
	for i := 0; i < len(lines); {
		end, widest := i, 0
		for end < len(lines) && running(lines[end]) {
			widest = max(widest, utf8.RuneCountInString(lines[end]))
			end++
		}
		if end == i {
			out = append(out, lines[i])
			i++
			continue
		}
		out = append(out, joinWrapped(lines[i:end], widest)...)
		i = end
	}
	return out
}

// running reports whether a line is plain running text.
func running(l string) bool {
	return strings.TrimSpace(l) != "" && !strings.HasPrefix(l, ">") && l != "-- " && l != "--" && !strings.HasPrefix(l, " ") &&
		!strings.Contains(strings.TrimRight(l, " "), "  ") && !strings.Contains(l, "\t") && !bulletLine.MatchString(l) && !numberLine.MatchString(l) &&
		!forwardLine.MatchString(l) && !headNext.MatchString(l) && !headLine.MatchString(l)
}

func joinWrapped(lines []string, widest int) []string {
	if widest < wrapFrom || widest > wrapTo {
		return lines
	}
	out := []string{lines[0]}
	for i, l := range lines[1:] {
		before := strings.TrimRight(lines[i], " ")
		word, _, _ := strings.Cut(l, " ")
		length := utf8.RuneCountInString(before)
		if length >= wrapFrom && length+1+utf8.RuneCountInString(word) > widest && !strings.HasSuffix(before, ":") {
			out[len(out)-1] = strings.TrimRight(out[len(out)-1], " ") + " " + l
		} else {
			out = append(out, l)
		}
	}
	return out
}

// quoteEnd gives the line behind the quote that begins at i, or i where none does. A quote without marks reaches to the
// end of the message.
func quoteEnd(lines []string, i int) int {
	if forwardLine.MatchString(lines[i]) && i > 0 {
		return len(lines)
	}
	if headLine.MatchString(lines[i]) && i > 0 && i+2 < len(lines) && headNext.MatchString(lines[i+1]) && headNext.MatchString(lines[i+2]) {
		return len(lines)
	}
	if depth, _ := quoteDepth(lines[i]); depth == 0 {
		return i
	}
	end := i + 1
	for j := i + 1; j < len(lines); j++ {
		depth, _ := quoteDepth(lines[j])
		if depth > 0 {
			end = j + 1
		} else if strings.TrimSpace(lines[j]) != "" {
			break
		}
	}
	return end
}

// quoteDepth counts the marks that a quoted line begins with (RFC 3676, section 4.5).
func quoteDepth(l string) (depth int, rest string) {
	rest = l
	for {
		trimmed := strings.TrimLeft(rest, " ")
		if !strings.HasPrefix(trimmed, ">") || depth > 0 && len(rest)-len(trimmed) > 1 {
			break
		}
		depth++
		rest = trimmed[1:]
	}
	if depth > 0 {
		rest = strings.TrimPrefix(rest, " ")
	}
	return depth, rest
}

var (
	bulletLine = regexp.MustCompile(`^(\s{0,8})([-*•–·])\s+(\S.*)$`)
	numberLine = regexp.MustCompile(`^\s{0,8}(\d{1,3}[.)])\s+\S`)
)

func (p *bodyParser) line(l string) {
	depth, rest := quoteDepth(l)
	if strings.TrimSpace(rest) == "" {
		p.gap = len(p.out) > 0
		return
	}
	if rest == "-- " || rest == "--" {
		p.muted, p.gap = true, true
		return
	}
	rest = clean(rest)
	out := para{Quote: depth, Muted: p.muted}
	if m := bulletLine.FindStringSubmatch(rest); m != nil {
		out.Bullet, rest = true, "•  "+m[3]
		out.Hang = 3
	} else if m := numberLine.FindStringSubmatch(rest); m != nil {
		rest = strings.TrimLeft(rest, " ")
		out.Hang = utf8.RuneCountInString(m[1]) + 1
	}
	out.Spans = findLinks(rest, p.links)
	p.add(out)
}

func (p *bodyParser) add(out para) {
	out.Gap = p.gap && len(p.out) > 0
	p.gap = false
	p.out = append(p.out, out)
}

// clean removes characters that would draw as boxes or turn the direction of the text, and widens tabs.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t', r == '\u00a0':
			return ' '
		case unicode.IsControl(r), bidi(r), r == '\uFEFF', r == '\u200B', r == '\u00AD':
			return -1
		}
		return r
	}, s)
}

// linkLike finds addresses of sites and people in running text.
var linkLike = regexp.MustCompile(`(?i)<?\b(?:https?://|www\.)[^\s<>"]+>?|<?\b(?:mailto:)?[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+\b>?`)

// findLinks cuts a line into plain text and links.
func findLinks(l string, links []anchor) []span {
	f := linkFinder{line: l, links: links}
	for _, m := range linkLike.FindAllStringIndex(l, -1) {
		if m[0] >= f.at {
			f.link(m[0], m[1])
		}
	}
	f.add(f.at, len(l), span{Text: l[f.at:]})
	return f.out
}

// linkFinder collects the spans of a line and where in it each of them begins.
type linkFinder struct {
	line   string
	links  []anchor
	out    []span
	starts []int
	at     int // how far the line is done
}

func (f *linkFinder) add(from, to int, s span) {
	if s.Text != "" {
		f.out, f.starts = append(f.out, s), append(f.starts, from)
	}
	f.at = to
}

// link takes in what looks like an address. In angle brackets behind the words of a link of the HTML part it is the
// target of these words.
func (f *linkFinder) link(from, to int) {
	raw := f.line[from:to]
	if strings.HasPrefix(raw, "<") && strings.HasSuffix(raw, ">") {
		href := kit.LinkTarget(raw[1 : len(raw)-1])
		if words := wordsBefore(f.line[:from], href, f.links); words != "" {
			start := strings.LastIndex(f.line[:from], words)
			f.backTo(start)
			f.add(start, to, span{Text: words, Href: href, Warn: deceives(words, href)})
			return
		}
		f.add(f.at, from, span{Text: f.line[f.at:from]})
		f.add(from, to, span{Text: raw, Href: href})
		return
	}
	shown := strings.TrimPrefix(trimLink(raw), "<")
	from += strings.Index(raw, shown)
	f.add(f.at, from, span{Text: f.line[f.at:from]})
	f.add(from, from+len(shown), span{Text: shown, Href: kit.LinkTarget(shown)})
}

// backTo takes back what was collected from a place of the line on.
func (f *linkFinder) backTo(start int) {
	if start >= f.at {
		f.add(f.at, start, span{Text: f.line[f.at:start]})
		return
	}
	for n := len(f.out); n > 0 && f.starts[n-1] >= start; n-- {
		f.out, f.starts = f.out[:n-1], f.starts[:n-1]
	}
	if n := len(f.out); n > 0 && f.starts[n-1]+len(f.out[n-1].Text) > start {
		f.out[n-1].Text = f.out[n-1].Text[:start-f.starts[n-1]]
	}
}

// trimLink leaves out the punctuation that closes a sentence behind an address.
func trimLink(raw string) string {
	for {
		r, size := utf8.DecodeLastRuneInString(raw)
		switch {
		case strings.ContainsRune(".,;:!?'\"*_>»“”", r), r == ')' && !strings.Contains(raw, "("), r == ']' && !strings.Contains(raw, "["):
			raw = raw[:len(raw)-size]
		default:
			return raw
		}
	}
}

// wordsBefore gives the words that carry a link where the text before its address ends with them.
func wordsBefore(before, href string, links []anchor) string {
	before = strings.TrimRight(before, " ")
	for _, a := range links {
		if a.Href == href && a.Text != "" && strings.HasSuffix(before, a.Text) {
			return a.Text
		}
	}
	return ""
}
