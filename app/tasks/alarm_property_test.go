// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// reminded draws a task with reminders as programs write them, well or badly, and a moment around its dates.
func reminded(t *rapid.T) (text string, now time.Time) {
	base := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	date := func(name string) string {
		return name + ":" + base.Add(time.Duration(rapid.IntRange(-96, 96).Draw(t, name))*30*time.Minute).Format("20060102T150405Z")
	}
	lines := []string{rapid.SampledFrom([]string{"SUMMARY:a", date("DTSTART"), date("DUE"), date("DTSTART") + "\r\nDURATION:PT1H"}).Draw(t, "dates")}
	if strings.HasPrefix(lines[0], "DTSTART") && rapid.Bool().Draw(t, "recurs") {
		lines = append(lines, "RRULE:FREQ=DAILY")
	}
	if rapid.IntRange(0, 3).Draw(t, "lastack") == 0 {
		lines = append(lines, date(lastAck))
	}
	for n := range rapid.IntRange(0, 4).Draw(t, "alarms") {
		alarm := []string{rapid.SampledFrom([]string{
			"TRIGGER:-PT15M", "TRIGGER;RELATED=END:-PT1H", "TRIGGER:P1DT", date("TRIGGER;VALUE=DATE-TIME"), "TRIGGER;VALUE=DATE-TIME:" + noAlarm, "X-NONE:1",
		}).Draw(t, "trigger"), rapid.SampledFrom([]string{"ACTION:DISPLAY", "ACTION:EMAIL", "ACTION:NONE"}).Draw(t, "action")}
		for _, more := range []string{fmt.Sprintf("UID:a%d", n), "RELATED-TO;RELTYPE=SNOOZE:a0", "REPEAT:3\r\nDURATION:PT10M", date("ACKNOWLEDGED")} {
			if rapid.IntRange(0, 2).Draw(t, "more") == 0 {
				alarm = append(alarm, more)
			}
		}
		lines = append(lines, valarm(alarm...))
	}
	return vtodo(lines...), base.Add(time.Duration(rapid.IntRange(-100, 100).Draw(t, "now")) * 29 * time.Minute)
}

func must(t *rapid.T, text string, err error) string {
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func due(rings []Ring, now time.Time) (passed, ahead []string) {
	for _, r := range rings {
		if r.At.After(now) {
			ahead = append(ahead, r.At.String())
		} else {
			passed = append(passed, r.At.String())
		}
	}
	return passed, ahead
}

// TestAnswersHold answers and puts off reminders of all kinds: what has rung never rings again, what was put off rings at
// its time, and what is ahead stays ahead.
func TestAnswersHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, now := reminded(t)
		before := Rings(text, time.UTC)
		for i := 1; i < len(before); i++ {
			if !before[i-1].At.Before(before[i].At) {
				t.Fatalf("out of order or twice: %v", before)
			}
		}
		seen, err := Acknowledge(text, now)
		seen = must(t, seen, err)
		if passed, _ := due(Rings(seen, time.UTC), now); len(passed) > 0 {
			t.Fatalf("answered, but rings at %v:\n%s", passed, seen)
		}
		again, err := Acknowledge(seen, now.Add(time.Second))
		if must(t, again, err) != seen {
			t.Fatalf("answered twice:\n%s\n%s", seen, again)
		}
		until := now.Add(time.Duration(rapid.IntRange(1, 5000).Draw(t, "until")) * time.Minute)
		later, err := Snooze(text, until, now)
		later = must(t, later, err)
		passed, ahead := due(Rings(later, time.UTC), now)
		if len(passed) > 0 || !strings.Contains(strings.Join(ahead, " "), until.String()) {
			t.Fatalf("put off to %v, rings at %v, %v:\n%s", until, passed, ahead, later)
		}
		if t2 := must2(t, later); len(t2.Alarms) > 1 && !t2.Snoozed.Equal(until) {
			t.Fatalf("put off to %v, shown as %v:\n%s", until, t2.Snoozed, later)
		}
		silent, err := Acknowledge(later, until)
		if passed, _ = due(Rings(must(t, silent, err), time.UTC), until); len(passed) > 0 {
			t.Fatalf("answered again, but rings at %v:\n%s", passed, silent)
		}
		shown := must2(t, text).Alarms
		same, err := Apply(text, Edit{Alarms: &shown}, now)
		if must(t, same, err) != text {
			t.Fatalf("the reminders that are there, stored again:\n%s", same)
		}
	})
}

func must2(t *rapid.T, text string) Task {
	got, err := Parse(text, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// TestAnswersOfTwoDevices lets one device answer and another change the task: after the merge nothing rings that was
// answered, in whatever order they synchronise.
func TestAnswersOfTwoDevices(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, now := reminded(t)
		seen, err := Acknowledge(text, now)
		seen = must(t, seen, err)
		other, err := Apply(text, Edit{Title: ptr("b"), Note: ptr("n")}, now.Add(time.Hour))
		other = must(t, other, err)
		if rapid.Bool().Draw(t, "both") {
			other, err = Acknowledge(other, now.Add(time.Minute))
			other = must(t, other, err)
		}
		one, _ := Merge(text, seen, other)
		two, _ := Merge(text, other, seen)
		for _, merged := range []string{one, two} {
			if passed, _ := due(Rings(merged, time.UTC), now); len(passed) > 0 {
				t.Fatalf("rings at %v:\n%s", passed, merged)
			}
			if must2(t, merged).Title != "b" {
				t.Fatalf("the other change is lost:\n%s", merged)
			}
		}
	})
}
