// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestHoldAndRelease(t *testing.T) {
	text := vtodo("SUMMARY:a", "DUE;VALUE=DATE:20261101", "RRULE:FREQ=DAILY;COUNT=5", "EXDATE;VALUE=DATE:20261103", "X-OTHER:1")
	held := Hold(text)
	if Recurs(held) || !Held(held) || !has(held, "X-KONTOR-RRULE:FREQ=DAILY;COUNT=5") || !has(held, "X-KONTOR-EXDATE;VALUE=DATE:20261103") {
		t.Fatalf("held:\n%s", held)
	}
	if back := Release(held); back != text {
		t.Errorf("released:\n%s\nwant\n%s", back, text)
	}
	if again := Hold(held); again != held {
		t.Errorf("held twice:\n%s", again)
	}
	if single := vtodo("SUMMARY:a", "X-KONTOR-REPEAT-FROM:COMPLETION"); Hold(single) != single || Release(single) != single {
		t.Error("a task without a series was changed")
	}
	newer := Hold(vtodo("DUE;VALUE=DATE:20261101", "X-KONTOR-RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY"))
	if strings.Contains(newer, "DAILY") || !has(newer, "X-KONTOR-RRULE:FREQ=WEEKLY") {
		t.Errorf("an old rule beside a new one:\n%s", newer)
	}
	if file := Join([]string{held}); !Recurs(file) || Held(file) {
		t.Errorf("other programs get no series:\n%s", file)
	}
}

// TestHeldSeriesGoesOn completes held series: the same comes out as of one that the server takes, and no line that it refuses.
func TestHeldSeriesGoesOn(t *testing.T) {
	for _, lines := range [][]string{
		{"DUE;VALUE=DATE:20261101", "RRULE:FREQ=DAILY;COUNT=5"},
		{"DUE;VALUE=DATE:20261101", "RRULE:FREQ=DAILY;COUNT=1"},
		{"DTSTART:20261101T080000Z", "DUE:20261101T090000Z", "RRULE:FREQ=WEEKLY", "EXDATE:20261108T080000Z"},
		{"DUE;VALUE=DATE:20261101", "RRULE:FREQ=DAILY", repeatFrom + ":COMPLETION"},
	} {
		text := vtodo(lines...)
		held := Hold(text)
		if got, want := parse(t, held), parse(t, text); !got.RepeatsHere || want.RepeatsHere || got.RRule != want.RRule || !got.Recurs || got.FromDone != want.FromDone {
			t.Errorf("%q: held it is shown as %+v", lines, got)
		}
		got := complete(t, held)
		if Recurs(got) || !Held(got) {
			t.Errorf("%q: the server would refuse\n%s", lines, got)
		}
		if plain := complete(t, text); Release(got) != plain {
			t.Errorf("%q: completed\n%s\nwant\n%s", lines, Release(got), plain)
		}
	}
	dates := complete(t, Hold(vtodo("DUE;VALUE=DATE:20261101", "RRULE:FREQ=YEARLY", "RDATE;VALUE=DATE:20261110")))
	if !has(dates, "DUE;VALUE=DATE:20261110") || strings.Contains(dates, "RECURRENCE-ID") {
		t.Errorf("with single dates:\n%s", dates)
	}
}

func TestHeldSeriesIsEdited(t *testing.T) {
	held := Hold(vtodo("SUMMARY:a", "DUE;VALUE=DATE:20261101", "RRULE:FREQ=DAILY"))
	if got := apply(t, held, Edit{}); got != held {
		t.Errorf("nothing was changed, and the text is another:\n%s", got)
	}
	if got := apply(t, held, Edit{RRule: ptr("FREQ=WEEKLY")}); !has(got, "X-KONTOR-RRULE:FREQ=WEEKLY") || Recurs(got) {
		t.Errorf("another rule:\n%s", got)
	}
	if got := apply(t, held, Edit{RRule: ptr("")}); Held(got) || Recurs(got) || parse(t, got).Recurs {
		t.Errorf("no rule any more:\n%s", got)
	}
}

func TestKeepHeld(t *testing.T) {
	held := Hold(vtodo("SUMMARY:a", "DUE;VALUE=DATE:20261101", "RRULE:FREQ=DAILY", repeatFrom+":COMPLETION"))
	dropped := vtodo("SUMMARY:b", "DUE;VALUE=DATE:20261105")
	kept := KeepHeld(held, dropped)
	if got := parse(t, kept); got.Title != "b" || got.RRule != "FREQ=DAILY" || !got.FromDone || !has(kept, "DUE;VALUE=DATE:20261105") {
		t.Errorf("kept:\n%s", kept)
	}
	for _, read := range []string{
		vtodo("DUE;VALUE=DATE:20261105", "RRULE:FREQ=WEEKLY"), Hold(vtodo("DUE;VALUE=DATE:20261105", "RRULE:FREQ=WEEKLY")),
		strings.Replace(dropped, "UID:", "UID:other-", 1), "", "no task",
	} {
		if got := KeepHeld(held, read); got != read {
			t.Errorf("%q became %q", read, got)
		}
	}
	if got := KeepHeld(dropped, dropped); got != dropped {
		t.Errorf("a single task became %q", got)
	}
}

// TestMergeHeld joins a change here that was made before the series was held with what the server holds since.
func TestMergeHeld(t *testing.T) {
	plain := vtodo("SUMMARY:a", "DUE;VALUE=DATE:20261101", "RRULE:FREQ=DAILY")
	done := complete(t, plain)
	renamed := strings.Replace(Hold(plain), "SUMMARY:a", "SUMMARY:b", 1)
	for name, c := range map[string]struct{ base, mine, theirs string }{
		"held meanwhile":        {plain, done, Hold(plain)},
		"held and changed":      {plain, done, renamed},
		"held on both sides":    {Hold(plain), Hold(done), renamed},
		"held here, not there":  {Hold(plain), Hold(done), strings.Replace(plain, "SUMMARY:a", "SUMMARY:b", 1)},
		"dropped by the server": {Hold(plain), Hold(done), KeepHeld(Hold(plain), vtodo("SUMMARY:b", "DUE;VALUE=DATE:20261101"))},
	} {
		got, conflicts := Merge(c.base, c.mine, c.theirs)
		view := parse(t, got)
		if len(conflicts) > 0 || view.RRule != "FREQ=DAILY" || view.Due.Time.Day() != parse(t, done).Due.Time.Day() {
			t.Errorf("%s: %v\n%s", name, conflicts, got)
		}
		if Recurs(got) != Recurs(c.theirs) {
			t.Errorf("%s: the server would not take\n%s", name, got)
		}
	}
	if got, _ := Merge(plain, apply(t, plain, Edit{RRule: ptr("")}), Hold(plain)); parse(t, got).Recurs {
		t.Errorf("a rule that was taken out is back:\n%s", got)
	}
	if !SameContent(plain, Hold(plain)) || !SameButStamps(Hold(plain), plain) {
		t.Error("a held series counts as a change")
	}
}

// TestHeldIsLikePlain edits and completes at random: holding makes no difference to what comes out.
func TestHeldIsLikePlain(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		rule := rapid.SampledFrom([]string{"FREQ=DAILY", "FREQ=WEEKLY;COUNT=3", "FREQ=MONTHLY;UNTIL=20270101"}).Draw(r, "rule")
		plain := vtodo("SUMMARY:a", "DUE;VALUE=DATE:20261101", "RRULE:"+rule)
		held, now := Hold(plain), time.Date(2026, 11, 5, 9, 0, 0, 0, time.UTC)
		for range rapid.IntRange(1, 5).Draw(r, "steps") {
			step := rapid.SampledFrom([]func(string) (string, error){
				func(s string) (string, error) { return Complete(s, now) },
				func(s string) (string, error) { return Reopen(s, now) },
				func(s string) (string, error) { return Apply(s, Edit{Title: ptr("b")}, now) },
				func(s string) (string, error) { return Apply(s, Edit{RRule: ptr("FREQ=YEARLY")}, now) },
			}).Draw(r, "step")
			var err1, err2 error
			plain, err1 = step(plain)
			held, err2 = step(held)
			if (err1 == nil) != (err2 == nil) || Recurs(held) || !SameButStamps(Release(held), plain) {
				r.Fatalf("%v %v\n%s\nwant\n%s", err1, err2, held, plain)
			}
		}
	})
}
