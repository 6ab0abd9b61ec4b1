// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"strings"
	"unicode/utf8"

	"kontor/app/mail"
)

// encodeName writes a mailbox name in modified UTF-7.
func encodeName(name string) string { return mail.EncodeUTF7(name) }

// decodeName reads a mailbox name in modified UTF-7. A name that is not (some servers send UTF-8, some anything) is given
// as it is, with exact reporting whether encodeName would give the server's name back.
func decodeName(raw string) (name string, exact bool) {
	if !utf8.ValidString(raw) {
		return strings.ToValidUTF8(raw, "\ufffd"), false
	}
	name, ok := mail.DecodeUTF7(raw)
	if !ok {
		return raw, false
	}
	return name, encodeName(name) == raw
}
