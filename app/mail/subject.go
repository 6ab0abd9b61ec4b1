// SPDX-License-Identifier: EUPL-1.2

package mail

import (
	"regexp"
	"strings"
)

// answerMark is what programs put in front of the subject of an answer or of a forwarded message, in the languages of
// Europe's offices; "Re[2]:" and "AW (3):" count answers.
var answerMark = regexp.MustCompile(`^(re|aw|antw|antwort|sv|vs|odp|ynt|rif|tr|wg|fw|fwd|wtr|weitergeleitet|doorst|enc|i)\s*(\[[^\[\]]*\]|\(\s*\d+\s*\))?\s*:\s*`)

// listMark is the name of a mailing list or a mark of a filter, "[Amt]".
var listMark = regexp.MustCompile(`^\[[^\[\]]*\]\s*`)

// BaseSubject gives what answers and forwarded copies of a message have in common with its subject, in lower case, and
// whether the subject is that of an answer or a copy (RFC 5256, section 2.1, with the marks of more languages).
func BaseSubject(subject string) (base string, reply bool) {
	base = strings.Join(strings.Fields(strings.ToLower(subject)), " ")
	for {
		before := base
		if rest, ok := strings.CutSuffix(base, "(fwd)"); ok {
			base, reply = strings.TrimRight(rest, " "), true
		}
		if strings.Contains(base, ":") { // expressions are slow, and most subjects need none
			if m := answerMark.FindString(base); m != "" {
				base, reply = base[len(m):], true
			}
		}
		// A mark of a list goes only where something is left, and only in front of the rest.
		if m := listMark.FindString(base); m != "" && len(m) < len(base) {
			base = base[len(m):]
		} else if strings.HasPrefix(base, "[fwd:") && strings.HasSuffix(base, "]") {
			base, reply = strings.TrimSpace(base[len("[fwd:"):len(base)-1]), true
		}
		if base == before {
			return base, reply
		}
	}
}
