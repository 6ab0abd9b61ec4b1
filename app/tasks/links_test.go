// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"testing"

	"pgregory.net/rapid"
)

// TestMessageID of links as other programs write them.
func TestMessageID(t *testing.T) {
	for uri, want := range map[string]string{
		"mid:a@b": "a@b", "MID:a%2Bc@b": "a+c@b", "message://%3Ca@b%3E": "a@b", "message:<a@b>": "a@b", "https://a@b": "", "": "", "mid:%zz": "%zz", "middle:a@b": "",
	} {
		if got := MessageID(uri); got != want {
			t.Errorf("%q is %q, not %q", uri, got, want)
		}
	}
}

// TestMailLinkAndBack, whatever a Message-ID is made of.
func TestMailLinkAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.StringMatching(`[!-;=?-~ä]{1,20}@[a-z./%+&#?]{1,12}`).Draw(t, "id")
		if got := MessageID(MailLink(id)); got != id {
			t.Errorf("%q became %q", id, got)
		}
	})
}
