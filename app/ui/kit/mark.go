// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"kontor/app/i18n"
	"kontor/app/journal"
)

// MarkWords is the state of an item in words, the same on every page; empty for what the server has like this.
func MarkWords(m journal.Mark) string {
	if m == "" || m == journal.MarkServer {
		return ""
	}
	return i18n.T("ui.mark." + string(m))
}

// MarkLook is the glyph and the tone of a state; no glyph for what the server has like this.
func MarkLook(m journal.Mark) (icon string, tone Tone) {
	switch m {
	case journal.MarkConflict, journal.MarkRejected:
		return "warning", ToneBad
	case journal.MarkInDoubt:
		return "info", ToneWarn
	case journal.MarkHeld:
		return "pause", ToneWarn
	case journal.MarkRunning:
		return "sync", ToneAccent
	case journal.MarkWaiting:
		return "clock", ToneWarn
	case journal.MarkServer:
	}
	return "", ToneMuted
}
