// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"kontor/app/files"
	"kontor/app/i18n"
	"kontor/sync/servertest"
)

// moving is traffic that goes on with each look at it.
type moving struct {
	mu   sync.Mutex
	done int64
	at   chan struct{} // closed at the end
}

func (m *moving) Transfers() []files.Transfer {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.done += 1_000_000; m.done > 3_000_000 {
		if m.done == 4_000_000 {
			close(m.at)
		}
		return nil
	}
	return []files.Transfer{{Path: "Bau/Plan.ods", Done: m.done, Total: 3_000_000, Remaining: 20 * time.Second}}
}

func (m *moving) TransferSum() files.TransferSum {
	m.mu.Lock()
	defer m.mu.Unlock()
	sum := files.TransferSum{Files: 2, FilesDone: 1, Bytes: 5_000_000, BytesDone: 2_000_000 + m.done, Rate: 1e6, Remaining: 20 * time.Second}
	if m.done > 3_000_000 {
		sum.FilesDone = 2
	}
	return sum
}

// TestProgress says octets and times for each file and in total, and ends when it is told to.
func TestProgress(t *testing.T) {
	i18n.Use(i18n.German)
	var out strings.Builder
	m := &moving{at: make(chan struct{})}
	stop := progress(&out, m, time.Millisecond)
	select {
	case <-m.at:
	case <-time.After(20 * time.Second):
		t.Fatal("nobody looks")
	}
	stop()
	said := strings.Join(strings.Fields(out.String()), " ")
	for _, want := range []string{"1 von 2 Dateien · 3,0 MB von 5,0 MB · 1,0 MB je Sekunde · noch etwa 20 Sekunden", "„Plan.ods“ wird geladen · 1,0 MB von 3,0 MB", "3,0 MB von 3,0 MB"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is missing in %q", want, said)
		}
	}
	if strings.Contains(said, "2 von 2") {
		t.Errorf("what is over is told: %q", said)
	}
}

// TestWhyOnTheCommandLine: what waits says why, for scripts and for people.
func TestWhyOnTheCommandLine(t *testing.T) {
	s := shelfAt(t, servertest.Apache(t, servertest.Options{TLS: true}))
	s.put("Plan.ods", "plan")
	s.setUp()
	s.office.do("sync", "--progress")
	s.office.do("files", "pause")
	local := filepath.Join(t.TempDir(), "Antrag.odt")
	if err := os.WriteFile(local, []byte("antrag"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.office.do("files", "put", local, "/")
	all := get[[]fileJSON](s.office, "files", "status")
	if len(all) != 2 || all[0].State != files.Waiting || !strings.Contains(all[0].Why, "angehalten") || all[1].Why != "" {
		t.Errorf("%+v", all)
	}
	if said := s.office.do("files", "ls"); !strings.Contains(said, "angehalten") {
		t.Errorf("%q", said)
	}
	s.office.do("files", "resume")
	s.office.do("sync")
	if all := get[[]fileJSON](s.office, "files", "ls"); len(all) != 2 || all[0].Why != "" || all[0].State != files.Offline {
		t.Errorf("%+v", all)
	}
}
