// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"strings"
	"testing"
)

// Input that makes a careless parser take time that grows with the square of its length. The test's own time-out is the judge.
func TestHostileInputIsReadInTime(t *testing.T) {
	const n = 1 << 19
	for _, unit := range []string{
		"=?a?q?", "(", `\"`, "\"a", ":", "<,", "a:", "((", "<a@b>,", "=?=?", "; a*1=", "\n ", ">", "<p>", "<div hidden>", "<ul><li>", "<a href=http://x>y",
		"--b\n", "--b\nContent-Type: multipart/mixed; boundary=b\n\n", "\n\n--", "=\n", "<b", "&", " \n> ",
	} {
		body := strings.Repeat(unit, n/len(unit))
		for _, head := range []string{
			"From: " + body + "\n\n", "Subject: " + body + "\n\n", "Content-Type: multipart/mixed; boundary=b; " + body + "\n\n",
			"Content-Type: multipart/mixed; boundary=b\n\n" + body, "Content-Type: text/html\n\n" + body,
			"Content-Type: text/plain; format=flowed\n\n" + body, "Content-Transfer-Encoding: quoted-printable\n\n" + body, body,
		} {
			if _, err := Parse(strings.NewReader(head)); err != nil {
				t.Errorf("%q: %v", unit, err)
			}
		}
	}
}
