// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// span is a part of a text in octets.
type span struct{ start, end int }

// wrapLines cuts text into lines that are at most width wide, at spaces where there are any. Its cost grows linearly
// with the text. measure gives the width of a piece.
func wrapLines(text string, width float32, measure func(string) float32) []span {
	lines := make([]span, 0, len(text)/60+1)
	space := measure(" ")
	for start := 0; start <= len(text); {
		end := strings.IndexByte(text[start:], '\n')
		if end < 0 {
			end = len(text)
		} else {
			end += start
		}
		lines = wrapParagraph(lines, text, span{start, end}, width, space, measure)
		start = end + 1
	}
	return lines
}

// longestWord is how many octets are measured in one go. What is longer is cut letter by letter.
const longestWord = 512

// wrapParagraph appends the lines of one paragraph.
func wrapParagraph(lines []span, text string, p span, width, space float32, measure func(string) float32) []span {
	line := span{p.start, p.start}
	used := float32(0)
	for at := p.start; at < p.end; {
		word := nextWord(text, at, p.end)
		w := width + 1
		if word-at <= longestWord {
			w = measure(text[at:word])
		}
		switch {
		case used > 0 && used+w > width:
			lines = append(lines, span{line.start, line.end})
			line, used = span{at, at}, 0
			continue
		case w > width:
			var rest span
			lines, rest = breakWord(lines, text, span{line.start, word}, width, measure)
			line, used = rest, measure(text[rest.start:rest.end])
		default:
			line.end = word
			used += w
		}
		at = word
		for at < p.end && text[at] == ' ' {
			at++
			used += space
		}
		line.end = max(line.end, min(at, p.end))
	}
	return append(lines, line)
}

// nextWord gives the end of the word that begins at a position.
func nextWord(text string, at, end int) int {
	if i := strings.IndexByte(text[at:end], ' '); i > 0 {
		return at + i
	} else if i == 0 {
		return at + 1
	}
	return end
}

// breakWord cuts a word that is wider than a line; the last piece is not yet a line.
func breakWord(lines []span, text string, s span, width float32, measure func(string) float32) ([]span, span) {
	start, used := s.start, float32(0)
	for at := s.start; at < s.end; {
		n := letter(text[at:s.end])
		w := measure(text[at : at+n])
		if used+w > width && at > start {
			lines = append(lines, span{start, at})
			start, used = at, 0
		}
		used += w
		at += n
	}
	return lines, span{start, s.end}
}

// letter gives the length of the first letter of a text, with the accents and joined signs that belong to it.
func letter(s string) int {
	first, n := utf8.DecodeRuneInString(s)
	flag := isFlag(first)
	for n < len(s) {
		r, size := utf8.DecodeRuneInString(s[n:])
		switch {
		case r == joiner:
			_, next := utf8.DecodeRuneInString(s[n+size:])
			size += next
		case flag && isFlag(r):
			flag = false
		case !unicode.Is(unicode.M, r) && (r < 0x1f3fb || r > 0x1f3ff): // accents, variants, tones of skin
			return n
		}
		n += size
	}
	return n
}

const joiner = '\u200d'

// isFlag reports whether two of this rune are one flag.
func isFlag(r rune) bool { return r >= 0x1f1e6 && r <= 0x1f1ff }

// lastLetter gives the length of the last letter of a text.
func lastLetter(s string) int {
	at := 0
	if i := strings.LastIndexAny(s, " \n"); i >= 0 && i < len(s)-1 {
		at = i + 1
	}
	for n := letter(s[at:]); at+n < len(s); n = letter(s[at:]) {
		at += n
	}
	return len(s) - at
}

var linkPattern = regexp.MustCompile(`(?i)\b(?:https?://|www\.)[^\s<>"]+|\bmailto:[^\s<>"]+|\b[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+\b`)

// findLinks gives the addresses in a text, without the punctuation that ends a sentence.
func findLinks(text string) []span {
	found := linkPattern.FindAllStringIndex(text, -1)
	links := make([]span, 0, len(found))
	for _, f := range found {
		s := strings.TrimRight(text[f[0]:f[1]], ".,;:!?'*_")
		for strings.HasSuffix(s, ")") && strings.Count(s, ")") > strings.Count(s, "(") {
			s = s[:len(s)-1]
		}
		links = append(links, span{f[0], f[0] + len(s)})
	}
	return links
}

// LinkTarget makes an address out of the words of a link.
func LinkTarget(words string) string {
	lower := strings.ToLower(words)
	switch {
	case strings.HasPrefix(lower, "http://"), strings.HasPrefix(lower, "https://"), strings.HasPrefix(lower, "mailto:"):
		return words
	case strings.HasPrefix(lower, "www."):
		return "https://" + words
	}
	return "mailto:" + words
}

// wordAt gives the word around a position.
func wordAt(text string, at int) span {
	isWord := func(r rune) bool { return !strings.ContainsRune(" \n\t.,;:!?()[]<>\"", r) }
	s := span{at, at}
	for s.start > 0 {
		r, n := utf8.DecodeLastRuneInString(text[:s.start])
		if !isWord(r) {
			break
		}
		s.start -= n
	}
	for s.end < len(text) {
		r, n := utf8.DecodeRuneInString(text[s.end:])
		if !isWord(r) {
			break
		}
		s.end += n
	}
	return s
}

// quoteDepth counts the ">" a line of a mail begins with.
func quoteDepth(line string) int {
	depth := 0
	for _, r := range line {
		switch r {
		case '>':
			depth++
		case ' ':
		default:
			return depth
		}
	}
	return depth
}
