// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"strings"
	"testing"

	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/app/ui/theme"
)

// TestEveryStateHasWordsAndASymbol of its own in each language, so that none is told by colour alone.
func TestEveryStateHasWordsAndASymbol(t *testing.T) {
	defer i18n.Use(i18n.German)
	for _, lang := range []i18n.Lang{i18n.English, i18n.German} {
		i18n.Use(lang)
		seen := map[string]journal.Mark{}
		for _, m := range []journal.Mark{journal.MarkWaiting, journal.MarkRunning, journal.MarkHeld, journal.MarkInDoubt, journal.MarkRejected, journal.MarkConflict} {
			icon, tone := MarkLook(m)
			words := MarkWords(m)
			if !theme.HasIcon(icon) || words == "" || strings.HasPrefix(words, "ui.") || seen[words] != "" || tone == ToneMuted {
				t.Errorf("%s: %q %q", m, icon, words)
			}
			seen[words] = m
		}
	}
	for _, m := range []journal.Mark{"", journal.MarkServer} {
		if icon, tone := MarkLook(m); icon != "" || MarkWords(m) != "" || tone != ToneMuted {
			t.Errorf("%q: what the server has needs no sign", m)
		}
	}
}
