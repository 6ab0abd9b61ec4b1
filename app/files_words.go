// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"strings"
	"time"

	"kontor/app/files"
	"kontor/app/i18n"
)

// TransferSumWords says how much of everything is done and how long the rest takes.
func TransferSumWords(s files.TransferSum, paused bool) string {
	if paused {
		if left := s.Files - s.FilesDone; left > 0 {
			return i18n.T("filesui.paused-with", "n", left, "size", i18n.Size(s.Bytes-s.BytesDone))
		}
		return i18n.T("filesui.paused")
	}
	parts := []string{i18n.T("filesui.transfers", "n", s.Files, "done", s.FilesDone)}
	if s.Bytes > 0 {
		parts = append(parts, i18n.T("filesui.of", "done", i18n.Size(s.BytesDone), "total", i18n.Size(s.Bytes)))
	}
	if s.Rate >= 1 {
		parts = append(parts, i18n.T("filesui.rate", "size", i18n.Size(int64(s.Rate))))
	}
	if s.Remaining >= 0 {
		parts = append(parts, remaining(s.Remaining))
	}
	return strings.Join(parts, " · ")
}

// TransferWords is one file on its way in words.
func TransferWords(t files.Transfer) string {
	key := "filesui.coming"
	if t.Up {
		key = "filesui.going"
	}
	words := i18n.T(key, "name", files.Base(t.Path)) + " · " + i18n.T("filesui.of", "done", i18n.Size(t.Done), "total", i18n.Size(t.Total))
	if t.Remaining >= 0 {
		words += " · " + remaining(t.Remaining)
	}
	return words
}

// remaining says a time roughly: nobody needs more, and it would jump.
func remaining(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return i18n.T("filesui.remaining.soon")
	case d < time.Minute:
		return i18n.T("filesui.remaining.seconds", "n", int(d.Seconds()/10)*10)
	case d < time.Hour:
		return i18n.T("filesui.remaining.minutes", "n", int((d + time.Minute/2).Minutes()))
	}
	return i18n.T("filesui.remaining.hours", "n", int((d + time.Hour/2).Hours()))
}
