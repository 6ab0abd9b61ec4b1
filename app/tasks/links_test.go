// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"slices"
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

// Interop case 42, second half: a task leads to its mail whichever property names it and however it is written, and another
// edit leaves that as it is.
func TestCase42LinksToMails(t *testing.T) {
	for _, line := range []string{
		"ATTACH:mid:%3CAntrag@kreis.example%3E", "URL:message:%3cAntrag@kreis.example%3e", "URL:message://%3CAntrag%40kreis.example%3E", "ATTACH;FMTTYPE=message/rfc822:MID:Antrag@kreis.example",
	} {
		text := vtodo("SUMMARY:a", line)
		got := parse(t, text)
		links := append(slices.Clone(got.Links), got.URL)
		if !slices.ContainsFunc(links, func(l string) bool { return MessageID(l) == "Antrag@kreis.example" }) {
			t.Errorf("%s: %q", line, links)
		}
		expect(t, apply(t, text, Edit{Title: ptr("b")}), []string{line})
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
