// SPDX-License-Identifier: EUPL-1.2

package ui

import (
	"testing"

	"fyne.io/fyne/v2"

	"kontor/app/live"
)

func TestShellTellsPages(t *testing.T) {
	s, _, mail := testShell(t, fyne.NewSize(1440, 900))
	s.Show("mail")
	if mail.shown != 1 || s.Current() != "mail" {
		t.Fatalf("shown %d, current %q", mail.shown, s.Current())
	}
	s.Show("sync")
	if mail.hidden != 1 {
		t.Fatalf("hidden %d", mail.hidden)
	}
	picture(t, s, "sync-light")
	s.Changed(live.Mail)
	s.Changed(live.Folders)
	if mail.topics != 0 {
		t.Fatal("a hidden page was told at once")
	}
	s.Show("mail")
	if !mail.topics.Has(live.Mail) || !mail.topics.Has(live.Folders) {
		t.Fatalf("told %b", mail.topics)
	}
	s.Open("mail", 42)
	if mail.opened != 42 {
		t.Fatalf("opened %d", mail.opened)
	}
}
