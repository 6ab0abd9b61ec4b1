// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"strings"
	"testing"
	"time"
)

func TestTableComparesWithKontor(t *testing.T) {
	t.Parallel()
	got := table([]row{
		{area: "mail", work: initial, tool: kontor, cost: cost{wall: 2 * time.Second, cpu: time.Second, memory: 50 << 20}, requests: -1, octets: -1, turns: -1},
		{area: "mail", work: initial, tool: "mbsync", cost: cost{wall: 3 * time.Second, cpu: 4 * time.Second, memory: 40 << 20}, requests: 7, octets: 2_500_000, turns: 9},
		{area: "mail", work: noChange, tool: "mbsync", cost: cost{wall: time.Second}, requests: -1, octets: -1, turns: -1},
	})
	for _, want := range []string{
		"| mail | initial | **Kontor** | 2.00 |  | 1.00 |  | 50 |  |  |  |\n",
		"| mail | initial | mbsync | 3.00 | 1.50 | 4.00 | 4.00 | 40 | 7 | 9 | 2.5 |\n",
		"| mail | no change | mbsync | 1.00 |  | 0.00 |  | 0 |  |  |  |\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no line %q in\n%s", want, got)
		}
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	s, err := parse([]string{"-size", "full", "-area", "files,mail", "-delay", "50ms"})
	if err != nil {
		t.Fatal(err)
	}
	if s.size.Mails != 50000 || strings.Join(s.areas, " ") != "mail files" || s.delay != 50*time.Millisecond {
		t.Errorf("%+v", s)
	}
	for _, bad := range [][]string{{"-size", "huge"}, {"-area", "music"}, {"-area", ""}, {"-repeats", "0"}, {"-delay", "soon"}} {
		if _, err := parse(bad); err == nil {
			t.Errorf("%v was accepted", bad)
		}
	}
}
