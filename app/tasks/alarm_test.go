// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"kontor/sync/ical"
)

// valarm wraps lines of a reminder.
func valarm(lines ...string) string {
	return "BEGIN:VALARM\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VALARM"
}

// ringsAt gives when a text rings, on the clock of Berlin; "!" marks what had been put off.
func ringsAt(t testing.TB, text string) string {
	t.Helper()
	var all []string
	for _, r := range Rings(text, zone(t, "Europe/Berlin")) {
		mark := ""
		if r.Again {
			mark = "!"
		}
		all = append(all, r.At.In(zone(t, "Europe/Berlin")).Format("02 15:04")+mark)
	}
	return strings.Join(all, ", ")
}

const dueTen = "DUE:20261123T090000Z" // 10:00 in Berlin

// Interop case 37: every form of a trigger, also those that are written wrongly or that refer to nothing.
func TestCase37Triggers(t *testing.T) {
	for _, c := range []struct{ name, dates, trigger, want string }{
		{"before the due moment", dueTen, "TRIGGER;RELATED=END:-PT15M", "23 09:45"},
		{"before the start", "DTSTART:20261123T070000Z\r\n" + dueTen, "TRIGGER:-PT15M", "23 07:45"},
		{"of the end, with a start", "DTSTART:20261123T070000Z\r\n" + dueTen, "TRIGGER;RELATED=END:-PT15M", "23 09:45"},
		{"no start to count from", dueTen, "TRIGGER:-PT15M", "23 09:45"},
		{"after", dueTen, "TRIGGER;RELATED=END:PT30M", "23 10:30"},
		{"at that moment", dueTen, "TRIGGER;RELATED=END:PT0S", "23 10:00"},
		{"the end of a duration", "DTSTART:20261123T070000Z\r\nDURATION:PT2H", "TRIGGER;RELATED=END:-PT1H", "23 09:00"},
		{"absolute", dueTen, "TRIGGER;VALUE=DATE-TIME:20261122T170000Z", "22 18:00"},
		{"absolute, though nobody says so", dueTen, "TRIGGER:20261122T170000Z", "22 18:00"},
		{"absolute on the clock", dueTen, "TRIGGER;VALUE=DATE-TIME:20261122T180000", "22 18:00"},
		{"absolute without dates", "SUMMARY:x", "TRIGGER;VALUE=DATE-TIME:20261122T170000Z", "22 18:00"},
		{"broken days", dueTen, "TRIGGER;RELATED=END:-P1DT", "22 10:00"},
		{"broken sign", dueTen, "TRIGGER;RELATED=END:P-1D", "22 10:00"},
		{"a day over the change to winter time", "DUE;TZID=Europe/Berlin:20261025T100000", "TRIGGER;RELATED=END:-P1D", "24 10:00"},
		{"all day", "DUE;VALUE=DATE:20261123", "TRIGGER;RELATED=END:-PT15H", "22 09:00"},
		{"of the end, without one", "DTSTART:20261123T070000Z", "TRIGGER;RELATED=END:-PT15M", ""},
		{"no dates at all", "SUMMARY:x", "TRIGGER:-PT15M", ""},
		{"nonsense", dueTen, "TRIGGER:bald", ""},
		{"nothing", dueTen, "X-TRIGGER:-PT15M", ""},
		{"three times", dueTen, "TRIGGER;RELATED=END:-PT15M\r\nREPEAT:2\r\nDURATION:PT5M", "23 09:45, 23 09:50, 23 09:55"},
		{"a repetition without a pause", dueTen, "TRIGGER;RELATED=END:-PT15M\r\nREPEAT:2", "23 09:45"},
		{"a done task", dueTen + "\r\nSTATUS:COMPLETED", "TRIGGER;RELATED=END:-PT15M", ""},
		{"a cancelled task", dueTen + "\r\nSTATUS:CANCELLED", "TRIGGER;RELATED=END:-PT15M", ""},
	} {
		text := vtodo(c.dates, valarm(c.trigger, "ACTION:DISPLAY"))
		if got := ringsAt(t, text); got != c.want {
			t.Errorf("%s rings at %q, want %q", c.name, got, c.want)
		}
		if kept := apply(t, text, Edit{Priority: ptr(1), Alarms: &[]Alarm{}}); c.want == "" && !strings.Contains(c.dates, "STATUS") && !has(kept, c.trigger) {
			t.Errorf("%s: what is not shown was not kept:\n%s", c.name, kept)
		}
	}
	if got := strings.Count(ringsAt(t, vtodo(dueTen, valarm("TRIGGER:-PT15M", "REPEAT:100000", "DURATION:PT1M"))), ","); got != maxRepeat {
		t.Errorf("an alarm that repeats for ever rings %d times more", got)
	}
}

// Interop case 38: what is answered or put off here is so everywhere, and the other way round.
func TestCase38SnoozeAcrossDevices(t *testing.T) {
	now := berlin(t, "2026-11-23 09:50")
	text := vtodo("SUMMARY:Bericht", dueTen, valarm("TRIGGER;RELATED=END:-PT15M", "ACTION:DISPLAY"), valarm("TRIGGER;RELATED=END:PT1H", "ACTION:DISPLAY"))
	seen, err := Acknowledge(text, now)
	if err != nil {
		t.Fatal(err)
	}
	if got := ringsAt(t, seen); got != "23 11:00" {
		t.Errorf("after the answer it rings at %q", got)
	}
	if !has(seen, "ACKNOWLEDGED:20261123T085000Z") || !has(seen, "X-MOZ-LASTACK:20261123T085000Z") || strings.Count(seen, "ACKNOWLEDGED:") != 1 {
		t.Errorf("the answer is written as\n%s", seen)
	}
	later, err := Snooze(text, now.Add(40*time.Minute), now)
	if err != nil {
		t.Fatal(err)
	}
	if got := ringsAt(t, later); got != "23 10:30!, 23 11:00" {
		t.Errorf("put off it rings at %q", got)
	}
	if got := parse(t, later); len(got.Alarms) != 2 || !got.Snoozed.Equal(now.Add(40*time.Minute)) || !got.Ring.Equal(got.Snoozed) {
		t.Errorf("shown as %v, %v, %v", got.Alarms, got.Snoozed, got.Ring)
	}
	for _, line := range []string{"X-MOZ-SNOOZE-TIME:20261123T093000Z", "X-MOZ-LASTACK:20261123T085000Z", "TRIGGER;VALUE=DATE-TIME:20261123T093000Z", "TRIGGER;RELATED=END:-PT15M"} {
		if !has(later, line) {
			t.Errorf("no %s in\n%s", line, later)
		}
	}
	snooze := ical.Parse(later).Component("VCALENDAR").Component("VTODO").Components("VALARM")[2]
	if of := snooze.Line("RELATED-TO"); of == nil || of.Param("RELTYPE") != "SNOOZE" || !has(later, "UID:"+of.Value()) || snooze.Value("UID") == of.Value() {
		t.Errorf("the alarm that stands for it:\n%s", snooze)
	}
	for name, other := range map[string]string{
		"only Thunderbird's property":  vtodo(dueTen, "X-MOZ-LASTACK:20261123T085000Z", "X-MOZ-SNOOZE-TIME:20261123T093000Z", valarm("TRIGGER;RELATED=END:-PT15M")),
		"only the alarm of RFC 9074":   vtodo(dueTen, valarm("UID:a", "TRIGGER;RELATED=END:-PT15M", "ACKNOWLEDGED:20261123T085000Z"), valarm("UID:b", "RELATED-TO;RELTYPE=SNOOZE:a", "TRIGGER;VALUE=DATE-TIME:20261123T093000Z")),
		"one that counts from the due": vtodo(dueTen, valarm("UID:a", "TRIGGER;RELATED=END:-PT15M", "ACKNOWLEDGED:20261123T085000Z"), valarm("RELATED-TO;RELTYPE=SNOOZE:a", "TRIGGER;RELATED=END:PT30M")),
	} {
		if got := ringsAt(t, other); got != "23 10:30!" {
			t.Errorf("%s: rings at %q", name, got)
		}
		silent, err := Acknowledge(other, berlin(t, "2026-11-23 10:31"))
		if err != nil || ringsAt(t, silent) != "" || strings.Contains(silent, "SNOOZE") {
			t.Errorf("%s: %v, answered it is\n%s", name, err, silent)
		}
	}
	for name, other := range map[string]string{
		"Thunderbird's answer":       vtodo(dueTen, "X-MOZ-LASTACK:20261123T084500Z", valarm("TRIGGER;RELATED=END:-PT15M")),
		"an answer to the second":    vtodo(dueTen, "X-MOZ-LASTACK:20261123T093000Z", "X-MOZ-SNOOZE-TIME:20261123T093000Z", valarm("TRIGGER;RELATED=END:-PT15M")),
		"the original was answered":  vtodo(dueTen, valarm("UID:a", "TRIGGER;RELATED=END:-PT15M", "ACKNOWLEDGED:20261123T100000Z"), valarm("RELATED-TO;RELTYPE=SNOOZE:a", "TRIGGER:20261123T093000Z")),
		"its stand-in was answered":  vtodo(dueTen, valarm("X-WR-ALARMUID:a", "TRIGGER;RELATED=END:-PT15M", "ACKNOWLEDGED:20261123T085000Z"), valarm("ACKNOWLEDGED:20261123T093000Z", "RELATED-TO;RELTYPE=SNOOZE:a", "TRIGGER:20261123T093000Z")),
		"put off without a reminder": vtodo(dueTen, "X-MOZ-SNOOZE-TIME:20261123T093000Z"),
	} {
		if got := ringsAt(t, other); got != "" {
			t.Errorf("%s: rings at %q", name, got)
		}
	}
}

// Interop case 38, a series: each instance rings by itself, and Thunderbird's property names the instance.
func TestCase38Series(t *testing.T) {
	now := berlin(t, "2026-11-23 09:50")
	text := series("DTSTART;TZID=Europe/Berlin:20261123T100000\r\nRRULE:FREQ=DAILY\r\n" + valarm("TRIGGER:-PT15M", "ACTION:DISPLAY") + "\r\n")
	later, err := Snooze(text, now.Add(time.Hour), now)
	if err != nil {
		t.Fatal(err)
	}
	if want := "X-MOZ-SNOOZE-TIME-1795424400000000:20261123T095000Z"; !has(later, want) || ringsAt(t, later) != "23 10:50!" {
		t.Errorf("rings at %q, no %s in\n%s", ringsAt(t, later), want, later)
	}
	if done := complete(t, later); ringsAt(t, done) != "24 09:45" || strings.Contains(done, "SNOOZE") {
		t.Errorf("the next instance rings at %q:\n%s", ringsAt(t, done), done)
	}
	kept := series("DTSTART;TZID=Europe/Berlin:20261122T100000\r\nRRULE:FREQ=DAILY\r\n"+valarm("TRIGGER:-PT15M", "ACTION:DISPLAY")+"\r\n",
		"RECURRENCE-ID;TZID=Europe/Berlin:20261122T100000\r\nSTATUS:COMPLETED\r\n")
	if got := ringsAt(t, kept); got != "23 09:45" {
		t.Errorf("a series that keeps what was done rings at %q", got)
	}
	seen, err := Acknowledge(kept, now)
	if err != nil || ringsAt(t, seen) != "" {
		t.Fatalf("%v, it still rings at %q", err, ringsAt(t, seen))
	}
	if done := complete(t, seen); ringsAt(t, done) != "24 09:45" {
		t.Errorf("the next instance rings at %q:\n%s", ringsAt(t, done), done)
	}
	late := series("DTSTART;TZID=Europe/Berlin:20261116T080000\r\nRRULE:FREQ=DAILY\r\n" + valarm("TRIGGER:PT0S", "ACTION:DISPLAY") + "\r\n")
	if done := complete(t, late); ringsAt(t, done) != "" {
		t.Errorf("an instance that is late already rings at %q as soon as it is seen", ringsAt(t, done))
	}
	changed := series("DTSTART;TZID=Europe/Berlin:20261123T100000\r\nRRULE:FREQ=DAILY\r\n"+valarm("TRIGGER:-PT15M")+"\r\n",
		"RECURRENCE-ID;TZID=Europe/Berlin:20261123T100000\r\nDTSTART;TZID=Europe/Berlin:20261123T120000\r\n"+valarm("TRIGGER:-PT30M")+"\r\n")
	if got := ringsAt(t, changed); got != "23 11:30" {
		t.Errorf("an instance of its own rings at %q", got)
	}
	seen, err = Acknowledge(changed, berlin(t, "2026-11-23 11:40"))
	if err != nil || ringsAt(t, seen) != "" {
		t.Errorf("%v, answered it rings at %q", err, ringsAt(t, seen))
	}
}

// Interop case 39: Apple's placeholder is no reminder and stays, and so do reminders of places.
func TestCase39Placeholders(t *testing.T) {
	for _, lines := range [][]string{
		{"ACTION:NONE", "TRIGGER;VALUE=DATE-TIME:19760401T005545Z", "X-APPLE-DEFAULT-ALARM:TRUE"},
		{"ACTION:DISPLAY", "TRIGGER;VALUE=DATE-TIME:19760401T005545Z"},
		{"ACTION:NONE", "TRIGGER;RELATED=END:-PT15M"},
		{"ACTION:DISPLAY", "TRIGGER;RELATED=END:-PT15M", "PROXIMITY:ARRIVE"},
		{"ACTION:DISPLAY", "TRIGGER;RELATED=END:-PT15M", "X-APPLE-PROXIMITY:DEPART"},
	} {
		text := vtodo(dueTen, valarm(lines...))
		if got := parse(t, text); len(got.Alarms) != 0 || !got.Ring.IsZero() {
			t.Errorf("%v is a reminder: %v", lines, got.Alarms)
		}
		for _, kept := range []string{
			apply(t, text, Edit{Remind: ptr(time.Hour)}), apply(t, text, Edit{Remind: ptr(-time.Second)}),
			apply(t, text, Edit{Alarms: &[]Alarm{{Before: time.Hour}}}), apply(t, text, Edit{Alarms: &[]Alarm{}}), complete(t, text),
		} {
			if !strings.Contains(kept, valarm(lines...)) {
				t.Errorf("%v was not kept:\n%s", lines, kept)
			}
		}
	}
}

// Interop case 40: mails and sounds are shown like any reminder; what they are stays.
func TestCase40OtherActions(t *testing.T) {
	mail := []string{"ACTION:EMAIL", "TRIGGER;RELATED=END:-PT30M", "SUMMARY:Denken Sie daran", "DESCRIPTION:Text", "ATTENDEE:mailto:a@example.org"}
	sound := []string{"ACTION:AUDIO", "TRIGGER;RELATED=END:-PT15M", "ATTACH;VALUE=URI:Basso"}
	text := vtodo(dueTen, valarm(mail...), valarm(sound...))
	if got := ringsAt(t, text); got != "23 09:30, 23 09:45" {
		t.Errorf("rings at %q", got)
	}
	shown := parse(t, text).Alarms
	same := apply(t, text, Edit{Title: ptr("x"), Alarms: &shown})
	if !strings.Contains(same, valarm(mail...)) || !strings.Contains(same, valarm(sound...)) {
		t.Errorf("they were changed:\n%s", same)
	}
	shown[1].Before = time.Hour
	moved := apply(t, text, Edit{Alarms: &shown})
	if !has(moved, "ACTION:AUDIO") || !has(moved, "ATTACH;VALUE=URI:Basso") || ringsAt(t, moved) != "23 09:00, 23 09:30" || !strings.Contains(moved, valarm(mail...)) {
		t.Errorf("another time changed more than the trigger:\n%s", moved)
	}
}

// TestEditAlarms replaces what is shown and leaves the rest alone.
func TestEditAlarms(t *testing.T) {
	apple := valarm("ACTION:NONE", "TRIGGER;VALUE=DATE-TIME:19760401T005545Z")
	text := vtodo("SUMMARY:a", dueTen, apple, valarm("UID:one", "TRIGGER;RELATED=END:-PT15M", "ACTION:DISPLAY", "X-OTHER:1"))
	for name, c := range map[string]struct {
		want  []Alarm
		rings string
		lines []string
	}{
		"the same, without its key": {[]Alarm{{Before: 15 * time.Minute}}, "23 09:45", []string{"UID:one", "X-OTHER:1"}},
		"one more":                  {[]Alarm{{Before: 15 * time.Minute}, {Before: 24 * time.Hour}}, "22 10:00, 23 09:45", []string{"UID:one", "TRIGGER;RELATED=END:-P1D", "DESCRIPTION:a"}},
		"twice the same":            {[]Alarm{{Before: time.Hour}, {Before: time.Hour}}, "23 09:00", nil},
		"a moment":                  {[]Alarm{{Absolute: true, At: berlin(t, "2026-11-24 08:00")}}, "24 08:00", []string{"TRIGGER;VALUE=DATE-TIME:20261124T070000Z"}},
		"another time":              {[]Alarm{{Key: "one", Before: 0}}, "23 10:00", []string{"UID:one", "X-OTHER:1", "TRIGGER;RELATED=END:PT0S"}},
		"after it":                  {[]Alarm{{Before: -time.Hour}}, "23 11:00", []string{"TRIGGER;RELATED=END:PT1H"}},
		"none":                      {[]Alarm{}, "", nil},
		"one that is gone by now":   {[]Alarm{{Key: "two", Before: time.Hour}}, "23 09:00", nil},
	} {
		got := apply(t, text, Edit{Alarms: &c.want})
		if at := ringsAt(t, got); at != c.rings || !strings.Contains(got, apple) {
			t.Errorf("%s: rings at %q:\n%s", name, at, got)
		}
		for _, l := range c.lines {
			if !has(got, l) {
				t.Errorf("%s: no %s in\n%s", name, l, got)
			}
		}
		shown := parse(t, got).Alarms
		if again := apply(t, got, Edit{Alarms: &shown}); again != got {
			t.Errorf("%s: what is shown, stored again, is\n%s", name, again)
		}
	}
	if _, err := Apply(vtodo("SUMMARY:a"), Edit{Alarms: &[]Alarm{{Before: time.Hour}}}, monday(t)); !errors.Is(err, ErrAlarmDate) {
		t.Errorf("a reminder without a date to count from: %v", err)
	}
	both := apply(t, vtodo("SUMMARY:a"), Edit{Due: &When{Time: berlin(t, "2026-11-23 10:00")}, Alarms: &[]Alarm{{Before: time.Hour}}})
	if got := ringsAt(t, both); got != "23 09:00" {
		t.Errorf("with its date it rings at %q", got)
	}
	start := "DTSTART:20261123T070000Z"
	from := apply(t, vtodo(start, dueTen), Edit{Alarms: &[]Alarm{{Before: time.Hour, FromStart: true}}})
	if got := parse(t, from).Alarms; len(got) != 1 || !got[0].FromStart || ringsAt(t, from) != "23 07:00" {
		t.Errorf("from the start: %v, rings at %q", got, ringsAt(t, from))
	}
	later, err := Snooze(text, monday(t).Add(2*time.Hour), monday(t))
	if err != nil {
		t.Fatal(err)
	}
	if got := apply(t, later, Edit{Alarms: &[]Alarm{}}); ringsAt(t, got) != "" || strings.Contains(got, "SNOOZE") {
		t.Errorf("without reminders nothing is put off any more:\n%s", got)
	}
	if got := apply(t, later, Edit{Alarms: &[]Alarm{{Key: "one", Before: 15 * time.Minute}}}); got != later {
		t.Errorf("the same reminders changed what was put off:\n%s", got)
	}
}

// TestSnoozeWithoutReminder adds one, never in the past.
func TestSnoozeWithoutReminder(t *testing.T) {
	text := vtodo("SUMMARY:a", dueTen)
	later, err := Snooze(text, monday(t).Add(-time.Hour), monday(t))
	if err != nil || ringsAt(t, later) != "23 09:01" {
		t.Errorf("%v, rings at %q", err, ringsAt(t, later))
	}
	if same, err := Acknowledge(text, monday(t)); err != nil || same != text {
		t.Errorf("nothing to answer: %v\n%s", err, same)
	}
	for _, do := range []func(string) (string, error){
		func(s string) (string, error) { return Acknowledge(s, monday(t)) },
		func(s string) (string, error) { return Snooze(s, monday(t), monday(t)) },
	} {
		if _, err := do("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"); !errors.Is(err, ErrNoTask) {
			t.Errorf("no task: %v", err)
		}
	}
	if Rings("nothing", time.UTC) != nil {
		t.Error("a text without a task rings")
	}
}

// TestMergeAnswers joins what two devices did with the same reminder.
func TestMergeAnswers(t *testing.T) {
	text := vtodo("SUMMARY:a", dueTen, valarm("TRIGGER;RELATED=END:-PT15M", "ACTION:DISPLAY"))
	now := berlin(t, "2026-11-23 09:50")
	put := func(until string, at time.Time) string {
		got, err := Snooze(text, berlin(t, "2026-11-23 "+until), at)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	seen, err := Acknowledge(text, now.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ a, b, want string }{
		"both put it off: the later wins":          {put("10:00", now.Add(time.Minute)), put("11:00", now), "23 11:00!"},
		"answered here, renamed there":             {seen, apply(t, text, Edit{Title: ptr("b")}), ""},
		"put off here, another date there":         {put("10:30", now), apply(t, text, Edit{Due: &When{Time: berlin(t, "2026-11-24 10:00")}}), "23 10:30!, 24 09:45"},
		"put off here, done there":                 {put("10:30", now), complete(t, text), ""},
		"put off here, seen there":                 {put("10:30", now), seen, "23 10:30!"},
		"put off here, the reminder removed there": {put("10:30", now), apply(t, text, Edit{Alarms: &[]Alarm{}}), "23 10:30!"},
	} {
		for _, pair := range [][2]string{{c.a, c.b}, {c.b, c.a}} {
			merged, conflicts := Merge(text, pair[0], pair[1])
			if got := ringsAt(t, merged); got != c.want || len(conflicts) != 0 {
				t.Errorf("%s: rings at %q, conflicts %v:\n%s", name, got, conflicts, merged)
			}
		}
	}
	if !SameContent(text, seen) || !SameContent(text, put("11:00", now)) {
		t.Error("a reminder that was only answered keeps a task that somebody deleted")
	}
	if slices.Contains([]bool{SameContent(text, apply(t, text, Edit{Alarms: &[]Alarm{{Before: time.Hour}}}))}, true) {
		t.Error("another reminder is no change")
	}
}
