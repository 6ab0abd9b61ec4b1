// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"strings"
	"unicode/utf8"
)

// flowWidth is how long the lines of a flowed text get (RFC 3676, section 4.2).
const flowWidth = 72

// flow writes text as format=flowed: long lines are broken with a space at their end, so that a reader can join them.
func flow(text string) string {
	text = strings.TrimRight(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"), "\n")
	var out strings.Builder
	out.Grow(len(text) + len(text)/flowWidth*2)
	for line := range strings.SplitSeq(text, "\n") {
		flowLine(&out, line)
	}
	return out.String()
}

func flowLine(out *strings.Builder, line string) {
	if line == "-- " {
		out.WriteString("-- \n")
		return
	}
	marks, content := quoteMarks(line)
	content = strings.TrimRight(content, " ")
	prefix := marks
	if marks != "" {
		prefix += " "
	}
	if marks == "" && (strings.HasPrefix(content, " ") || strings.HasPrefix(content, "From ") || strings.HasPrefix(content, ">")) {
		content = " " + content // space-stuffing
	}
	for utf8.RuneCountInString(prefix)+utf8.RuneCountInString(content) > flowWidth {
		cut := breakAt(content, flowWidth-len(prefix))
		if cut < 0 {
			break
		}
		out.WriteString(prefix + content[:cut] + " \n")
		content = content[cut+1:]
		if marks == "" && (strings.HasPrefix(content, " ") || strings.HasPrefix(content, "From ") || strings.HasPrefix(content, ">")) {
			content = " " + content
		}
	}
	out.WriteString(strings.TrimRight(prefix+content, " ") + "\n")
}

// quoteMarks splits "> > text" into ">>" and "text".
func quoteMarks(line string) (marks, rest string) {
	rest = line
	for strings.HasPrefix(rest, ">") {
		marks += ">"
		rest = rest[1:]
		if strings.HasPrefix(rest, " >") {
			rest = rest[1:]
		}
	}
	if marks != "" {
		rest = strings.TrimPrefix(rest, " ")
	}
	return marks, rest
}

// breakAt finds the space to break a line at: the last one within width characters, else the first one after; -1 for none.
func breakAt(s string, width int) int {
	last, n := -1, 0
	for i, r := range s {
		if r == ' ' && i > 0 && i < len(s)-1 && strings.TrimLeft(s[:i], " ") != "" {
			last = i
		}
		if n++; n >= width && last > 0 {
			return last
		}
	}
	if n > width {
		return last
	}
	return -1
}
