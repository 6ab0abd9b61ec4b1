// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"strings"
	"unicode/utf8"
)

// plainText decodes a text/plain part: line ends become "\n", flowed lines are joined, control characters dropped.
func plainText(raw []byte, charset string, params parameters) string {
	text := cleanText(toUTF8(raw, charset))
	if strings.EqualFold(params["format"], "flowed") {
		text = unflow(text, strings.EqualFold(params["delsp"], "yes"))
	}
	return text
}

// unclean marks what a text does not keep: control characters other than line feed and tab.
var unclean = func() (table [256]bool) {
	for c := range byte(' ') {
		table[c] = c != '\n' && c != '\t'
	}
	table[0x7f] = true
	return table
}()

// cleanText makes every line end "\n" and drops control characters other than tab.
func cleanText(s string) string {
	at := 0
	for at < len(s) && !unclean[s[at]] {
		at++
	}
	if at == len(s) {
		return s
	}
	var out strings.Builder
	out.Grow(len(s))
	for from := 0; ; at++ {
		for at < len(s) && !unclean[s[at]] {
			at++
		}
		out.WriteString(s[from:at])
		if at == len(s) {
			return out.String()
		}
		if s[at] == '\r' && (at+1 >= len(s) || s[at+1] != '\n') {
			out.WriteByte('\n')
		}
		from = at + 1
	}
}

// unflow joins the lines of a paragraph (RFC 3676, section 4).
func unflow(text string, delSp bool) string {
	var out strings.Builder
	out.Grow(len(text))
	joining, depth := false, 0
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		d := 0
		for d < len(line) && line[d] == '>' {
			d++
		}
		content := strings.TrimPrefix(line[d:], " ") // space-stuffing
		signature := content == "-- "
		if joining && (d != depth || signature) {
			out.WriteByte('\n')
			joining = false
		}
		if !joining && d > 0 {
			out.WriteString(strings.Repeat(">", d) + " ")
		}
		flowed := strings.HasSuffix(content, " ") && !signature
		if flowed && delSp {
			content = content[:len(content)-1]
		}
		out.WriteString(content)
		if !flowed {
			out.WriteByte('\n')
		}
		joining, depth = flowed, d
	}
	if joining {
		out.WriteByte('\n')
	}
	return out.String()
}

// snippetLen is about how many characters of a message a list shows.
const snippetLen = 140

// Snippet gives the beginning of a text in one line: without quotes, the lines that introduce them, rulers and links'
// addresses. A text that has nothing else gives its quotes.
func Snippet(text string) string {
	if s := snippet(text, true); s != "" {
		return s
	}
	return snippet(text, false)
}

func snippet(text string, dropQuotes bool) string {
	out := make([]byte, 0, snippetLen*2)
	room := snippetLen
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case line == "--" && len(out) > 0:
			return string(out)
		case line == "", strings.Trim(line, "-_=*~#+.· ") == "":
			continue
		case dropQuotes && (line[0] == '>' || strings.HasSuffix(line, ":") && introducesQuote(line)):
			continue
		}
		for word := range strings.FieldsSeq(line) {
			if strings.HasPrefix(word, "<http") || strings.HasPrefix(word, "[http") {
				continue
			}
			n := utf8.RuneCountInString(word)
			if n+1 > room {
				if len(out) == 0 {
					return string([]rune(word)[:min(n, snippetLen)])
				}
				return string(out) + "…"
			}
			if len(out) > 0 {
				out = append(out, ' ')
			}
			out = append(out, word...)
			room -= n + 1
		}
	}
	return string(out)
}

// introducesQuote knows the lines that mail programs put before a quote: "Am ... schrieb ...:", "On ... wrote:".
func introducesQuote(line string) bool {
	return strings.HasPrefix(line, "Am ") && strings.Contains(line, "schrieb") ||
		strings.HasPrefix(line, "On ") && strings.Contains(line, "wrote") ||
		strings.HasSuffix(line, "schrieb:") || strings.HasSuffix(line, "wrote:")
}
