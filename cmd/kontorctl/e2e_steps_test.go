// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestAHundredMixedStepsBackAndForth: more than a hundred changes of mail, tasks and files, the first half synchronised, the
// second not, are taken back one by one, by a program that is started anew for each: the servers hold what they held. Done
// again, everything is as it was after the last of them.
func TestAHundredMixedStepsBackAndForth(t *testing.T) {
	t.Parallel()
	w := startTown(t)
	held := w.held()
	const rounds = 21
	for i := range rounds {
		letter, marks := w.mail.id("INBOX", 3), []string{"+flagged", "-flagged"}
		for _, args := range [][]string{
			{"mail", "flag", w.mail.id("INBOX", 0), marks[i%2]},
			{"mail", "flag", letter, fmt.Sprint("+Marke", i)},
			{"tasks", "add", "Privat", fmt.Sprint("Schritt ", i), "--due", "2026-12-01"},
			{"tasks", "edit", w.tasks.id("Dienst", "Aufgabe 0"), "--note", fmt.Sprint("Fassung ", i)},
			{"files", "mkdir", fmt.Sprint("Schritt ", i)},
		} {
			w.do(args...)
		}
		if i == rounds/2 {
			w.sync()
			w.same()
		}
	}
	shown := w.shown()
	if n, stuck := w.turnAll("undo", "Es gibt nichts rückgängig zu machen."); n != 5*rounds || stuck != 0 {
		t.Errorf("%d of %d steps were taken back, %d not", n, 5*rounds, stuck)
	}
	w.sync()
	differ(t, "servers after undo", w.held(), held)
	w.same()
	if n := w.redoAll(); n != 5*rounds {
		t.Errorf("%d of %d steps were done again", n, 5*rounds)
	}
	w.sync()
	again, made := w.shown(), func(l string) bool { return strings.Contains(l, "Schritt") } // whose numbers are new
	all := len(again)
	rest := slices.DeleteFunc(slices.Clone(shown), made)
	if again = slices.DeleteFunc(again, made); all-len(again) != len(shown)-len(rest) {
		t.Errorf("%d of what was made is there, %d before", all-len(again), len(shown)-len(rest))
	}
	differ(t, "shown after redo", again, rest)
	w.same()
	if t.Failed() {
		t.Log(w.do("journal", "list", "--all", "200"))
	}
}
