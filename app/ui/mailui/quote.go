// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"regexp"
	"strings"
)

// splitQuote parts the text of an answer into what the person writes and the quoted message behind it, which stays
// folded in the editor. quote is empty where there is none, or where the person writes below or within it.
func splitQuote(text string) (own, quote string) {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if forwardLine.MatchString(l) {
			return cutQuote(lines, i)
		}
	}
	end := len(lines)
	for end > 0 && strings.TrimSpace(lines[end-1]) == "" {
		end--
	}
	start := end
	for start > 0 && (strings.HasPrefix(lines[start-1], ">") || strings.TrimSpace(lines[start-1]) == "") {
		start--
	}
	for start < end && strings.TrimSpace(lines[start]) == "" {
		start++
	}
	if start == end {
		return text, ""
	}
	if above := start - 1; above >= 0 && introLine(lines[above]) {
		start = above
	}
	return cutQuote(lines, start)
}

func cutQuote(lines []string, at int) (own, quote string) {
	own = strings.TrimRight(strings.Join(lines[:at], "\n"), "\n")
	return own, strings.TrimRight(strings.Join(lines[at:], "\n"), "\n")
}

// joinQuote puts both halves together again.
func joinQuote(own, quote string) string {
	if quote == "" {
		return own
	}
	return strings.TrimRight(own, "\n") + "\n\n" + quote + "\n"
}

// introLine reports whether a line introduces a quoted message: "Am 3.11. schrieb Katrin Vogel:".
func introLine(l string) bool {
	l = strings.TrimSpace(l)
	return strings.HasSuffix(l, ":") && len(l) < 250 && introWords.MatchString(l)
}

var (
	introWords = regexp.MustCompile(`(?i)\b(schrieb|wrote|schreef|écrit|hat geschrieben|am|on)\b`)
	// forwardLine is the line above a message that was passed on or, by some programs, quoted without marks.
	forwardLine = regexp.MustCompile(`(?i)^\s*(-{3,}\s*(weitergeleitete nachricht|forwarded message|ursprüngliche nachricht|original message|original-nachricht|original appointment)\s*-{3,}|begin forwarded message:|anfang der weitergeleiteten nachricht:)\s*$`)
	// headLine begins the block of headers that Outlook puts above a quoted message.
	headLine = regexp.MustCompile(`(?i)^\s*(von|from):\s+\S`)
	headNext = regexp.MustCompile(`(?i)^\s*(gesendet|sent|datum|date|an|to|betreff|subject):`)
)
