// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"strings"
	"testing"

	"kontor/app"
)

func TestReadSize(t *testing.T) {
	for word, want := range map[string]int64{
		"0": 0, "17": 17, "3k": 3 << 10, "20M": 20 << 20, "4g": 4 << 30, "": -1, "k": -1, "-1": -1, "1.5M": -1, "2T": -1, "1mm": -1, "9999999999G": -1,
	} {
		got, err := readSize(word)
		if err != nil {
			got = -1
		}
		if got != want {
			t.Errorf("%q: %d, want %d", word, got, want)
		}
	}
}

func TestAccountKeep(t *testing.T) {
	d := newDesk(t)
	before := read[app.Kept](d, "account", "keep", "Amt")
	if before.Whole == 0 || before.Unwanted != 0 || before.Rules.Quota == 0 {
		t.Fatalf("%+v", before)
	}
	kept := read[app.Kept](d, "account", "keep", "Amt", "--max-size", "2k", "--without", "INBOX", "--days", "90000")
	if kept.Rules.Size != 2<<10 || len(kept.Rules.Without) != 1 || kept.Rules.Days != 90000 || kept.Unwanted == 0 || kept.Whole >= before.Whole {
		t.Errorf("%+v", kept)
	}
	if shown := d.must("account", "keep", "Amt"); strings.Count(shown, "\n") != 5 || !strings.Contains(shown, "INBOX") {
		t.Errorf("%q", shown)
	}
	d.must("account", "keep", "Amt", "--all")
	d.must("sync")
	if after := read[app.Kept](d, "account", "keep", "Amt"); after.Whole != before.Whole || after.Unwanted != 0 {
		t.Errorf("%+v, %+v before", after, before)
	}
	for _, wrong := range [][]string{{}, {"Amt", "--all", "--days", "3"}, {"Amt", "--days", "-1"}, {"Amt", "--quota", "viel"}, {"Amt", "Kreis"}} {
		d.fails(exitUsage, append([]string{"account", "keep"}, wrong...)...)
	}
	d.fails(exitFailed, "account", "keep", "Amt", "--without", "Gibt es nicht")
	d.fails(exitFailed, "account", "keep", "Niemand")
}
