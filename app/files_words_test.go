// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"strings"
	"testing"
	"time"

	"kontor/app/files"
	"kontor/app/i18n"
)

// TestTransfersInWords says octets and times roughly, per file and in total, and nothing that is not known.
func TestTransfersInWords(t *testing.T) {
	i18n.Use(i18n.German)
	for d, want := range map[time.Duration]string{
		time.Second: "gleich fertig", 17 * time.Second: "noch etwa 10 Sekunden", 59 * time.Second: "noch etwa 50 Sekunden",
		80 * time.Second: "noch etwa 1 Minute", 100 * time.Second: "noch etwa 2 Minuten", 59 * time.Minute: "noch etwa 59 Minuten", 65 * time.Minute: "noch etwa 1 Stunde",
	} {
		if got := remaining(d); got != want {
			t.Errorf("%s: %q", d, got)
		}
	}
	known := files.TransferSum{Files: 12, FilesDone: 3, Bytes: 4_000_000, BytesDone: 1_000_000, Rate: 500_000, Remaining: 90 * time.Second}
	for _, c := range []struct {
		sum    files.TransferSum
		paused bool
		want   string
	}{
		{known, false, "3 von 12 Dateien · 1,0 MB von 4,0 MB · 500\u00a0KB je Sekunde · noch etwa 2 Minuten"},
		{known, true, "Angehalten – 9 Dateien warten, 3,0 MB"},
		{files.TransferSum{Files: 2, FilesDone: 1, Remaining: -1}, false, "1 von 2 Dateien"},
		{files.TransferSum{}, true, "Übertragungen sind angehalten"},
	} {
		if got := TransferSumWords(c.sum, c.paused); clean(got) != clean(c.want) {
			t.Errorf("%+v: %q", c.sum, got)
		}
	}
	for up, want := range map[bool]string{true: "„Plan.ods“ wird hochgeladen · 1,0 MB von 2,0 MB · gleich fertig", false: "„Plan.ods“ wird geladen · 1,0 MB von 2,0 MB"} {
		one := files.Transfer{Path: "Bau/Plan.ods", Up: up, Done: 1_000_000, Total: 2_000_000, Remaining: -1}
		if up {
			one.Remaining = time.Second
		}
		if got := TransferWords(one); clean(got) != want {
			t.Errorf("%q", got)
		}
	}
}

// clean writes every space alike.
func clean(s string) string { return strings.Join(strings.Fields(s), " ") }
