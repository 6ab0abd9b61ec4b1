// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"errors"
	"testing"

	"kontor/sync/servertest"
)

func TestOctetsOfALimit(t *testing.T) {
	for word, want := range map[string]int64{"0": 0, "700": 700, "5K": 5 << 10, "2m": 2 << 20, "1G": 1 << 30} {
		if got, err := octets(word); err != nil || got != want {
			t.Errorf("%s: %d, %v", word, got, err)
		}
	}
	for _, word := range []string{"", "-1", "K", "1.5M", "5KM", "K5", "99999999999G", "five"} {
		if n, err := octets(word); !errors.Is(err, errUsage) {
			t.Errorf("%q: %d, %v", word, n, err)
		}
	}
}

// Limits, a pause and the choice about metered connections hold from one call to the next; nothing is fetched meanwhile.
func TestTransfersOnTheCommandLine(t *testing.T) {
	s := shelfAt(t, servertest.Apache(t, servertest.Options{TLS: true}))
	s.put("Plan.ods", "plan")
	s.setUp()
	if got := get[map[string]int64](s.office, "files", "limit", "2M", "300"); got["down"] != 2<<20 || got["up"] != 300 {
		t.Errorf("%v", got)
	}
	s.do("files", "limit", "0", "0")
	if got := get[map[string]int64](s.office, "files", "limit"); got["down"] != 0 || got["up"] != 0 {
		t.Errorf("%v", got)
	}
	downloaded := func() int { return get[struct{ Files struct{ Downloaded int } }](s.office, "sync").Files.Downloaded }
	s.do("files", "pause")
	if n := downloaded(); n != 0 {
		t.Errorf("%d downloads while paused", n)
	}
	s.do("files", "resume")
	if got := get[map[string]any](s.office, "files", "metered", "on"); got["mode"] != "on" || got["now"] != true {
		t.Errorf("%v", got)
	}
	if n := downloaded(); n != 0 {
		t.Errorf("%d downloads on a metered connection", n)
	}
	s.do("files", "get", "Plan.ods")
	if got := get[map[string]any](s.office, "files", "metered", "off"); got["mode"] != "off" || got["now"] != false {
		t.Errorf("%v", got)
	}
	s.put("Karte.ods", "karte")
	if n := downloaded(); n != 1 {
		t.Errorf("%d downloads", n)
	}
}
