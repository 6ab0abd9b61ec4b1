// SPDX-License-Identifier: EUPL-1.2

package syncui

import (
	"strings"
	"testing"
	"time"

	"kontor/app/i18n"
	"kontor/app/journal"
)

// TestFailuresAreExplainedInTheLanguageInUse, with the server's own words below them.
func TestFailuresAreExplainedInTheLanguageInUse(t *testing.T) {
	const server = "550 5.1.1 no such user here"
	for lang, words := range map[i18n.Lang]string{i18n.German: "send.error.no-mailbox.title", i18n.English: "send.error.no-mailbox.advice"} {
		c := newCore()
		c.conflicts, c.ops = nil, []journal.Op{{ID: 5, Kind: journal.MailSend, Target: "Antrag", State: journal.Failed, Created: at(9, 0), LastError: server, Cause: "send.no-mailbox"}}
		s := show(t, c, 1300)
		i18n.Use(lang)
		s.list.SelectRow(0)
		s.Settle()
		said := strings.Join(s.Words(), " ")
		if text := i18n.T(words); text == words || !strings.Contains(said, text) || !strings.Contains(said, server) {
			t.Errorf("%s: %q is not in %q", lang, text, said)
		}
	}
}

// TestWhatWaitsForItsTimeSaysWhen: seconds while it can be called back, a moment where it is planned.
func TestWhatWaitsForItsTimeSaysWhen(t *testing.T) {
	i18n.Use(i18n.German)
	now := at(10, 0)
	for wait, want := range map[time.Duration]string{8 * time.Second: "9", 22 * time.Hour: i18n.DateTime(now.Add(22 * time.Hour))} {
		e := entry{op: journal.Op{Kind: journal.MailSend, State: journal.Waiting, NextTry: now.Add(wait)}}
		if words, _, _ := e.state(false, now); !strings.Contains(words, want) {
			t.Errorf("%s: says %q", wait, words)
		}
	}
}
