// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"bytes"
	"strconv"
	"strings"

	"kontor/app/mail"
)

// stateField stands before what is added to a message of an mbox, and says how many lines follow that were not there.
const stateField = "X-Kontor-State"

// StateHeader is what an mbox says about a message in front of its header: the fields that mutt, Dovecot and Python know
// too, and how many they are, so that TakeState can take them away again.
func StateHeader(flags mail.Flags, keywords []string) string {
	lines := []string{"Status: O"}
	if flags.Has(mail.Seen) {
		lines[0] = "Status: RO"
	}
	more := ""
	for _, c := range "AFTD" {
		if flags.Has(statusFlags[c]) {
			more += string(c)
		}
	}
	if more != "" {
		lines = append(lines, "X-Status: "+more)
	}
	if len(keywords) > 0 {
		lines = append(lines, "X-Keywords: "+strings.Join(keywords, " "))
	}
	return stateField + ": " + strconv.Itoa(len(lines)) + "\n" + strings.Join(lines, "\n") + "\n"
}

// TakeState takes off what StateHeader has put in front of a message; ok is false where nothing is there.
func TakeState(raw []byte) (message []byte, flags mail.Flags, keywords []string, ok bool) {
	first, rest, _ := bytes.Cut(raw, []byte("\n"))
	number, ok := bytes.CutPrefix(first, []byte(stateField+": "))
	if !ok {
		return raw, 0, nil, false
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(number)))
	if err != nil || n < 1 || n > 3 {
		return raw, 0, nil, false
	}
	for range n {
		var line []byte
		if line, rest, ok = bytes.Cut(rest, []byte("\n")); !ok {
			return raw, 0, nil, false
		}
		name, value, _ := strings.Cut(strings.TrimSpace(string(line)), ": ")
		switch name {
		case "Status", "X-Status":
			for _, c := range value {
				flags |= statusFlags[c]
			}
		case "X-Keywords":
			keywords = strings.Fields(value)
		default:
			return raw, 0, nil, false
		}
	}
	return rest, flags, keywords, true
}
