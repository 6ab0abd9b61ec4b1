// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestNewText(t *testing.T) {
	text, err := NewText("u1", Edit{
		Title: ptr(" Bericht; abgeben "), Due: &When{monday(t), false}, Tags: ptr([]string{"Berichte", "x"}), Priority: ptr(1),
		Parent: ptr("p"), Note: ptr("a\nb"), Remind: ptr(30 * time.Minute), URL: ptr("https://x"), Order: ptr(int64(7)),
	}, monday(t))
	if err != nil {
		t.Fatal(err)
	}
	got := parse(t, text)
	if got.UID != "u1" || got.Title != "Bericht; abgeben" || !got.Due.Time.Equal(monday(t)) || len(got.Tags) != 2 || got.Priority != 1 ||
		got.ParentUID != "p" || got.Note != "a\nb" || len(got.Alarms) != 1 || got.Alarms[0].Before != 30*time.Minute || got.URL != "https://x" || got.Order != 7 {
		t.Errorf("%+v of\n%s", got, text)
	}
	for _, line := range []string{"DUE:20261123T080000Z", "CREATED:20261123T080000Z", "STATUS:NEEDS-ACTION", "TRIGGER;RELATED=END:-PT30M"} {
		if !has(text, line) {
			t.Errorf("%s is missing in\n%s", line, text)
		}
	}
	if has(text, "SEQUENCE:1") {
		t.Error("a new task was changed already")
	}
	if _, err := NewText("u", Edit{Tags: ptr([]string{"a,b"})}, monday(t)); !errors.Is(err, ErrTagComma) { // case 29
		t.Errorf("comma: %v", err)
	}
}

// Nothing but the lines of what changes is touched, and where nothing changes nothing is.
func TestApplyIsMinimal(t *testing.T) {
	text := vtodo("SUMMARY;LANGUAGE=de:Alt", "X-FOO;A=\"b:c\":keep\\;", "CATEGORIES:a,b", "categories:c", "PRIORITY:3", "DUE;TZID=W. Europe Standard Time:20260701T140000",
		"SEQUENCE:4", "LAST-MODIFIED:20260101T000000Z")
	same := apply(t, text, Edit{
		Title: ptr("Alt"), Priority: ptr(1), Tags: ptr([]string{"c", "a", "b"}), Due: &When{berlin(t, "2026-07-01 14:00"), false}, // case 28
		Parent: ptr(""), RRule: ptr(""), Percent: ptr(0), Note: ptr(""),
	})
	if same != text {
		t.Errorf("changed to\n%s", same)
	}
	got := apply(t, text, Edit{Title: ptr("Neu"), Tags: ptr([]string{"b", "c", "d"})})
	want := strings.NewReplacer("de:Alt", "de:Neu", "CATEGORIES:a,b", "CATEGORIES:b,d", "DTSTAMP:20260101T000000Z", "DTSTAMP:20261123T080000Z",
		"LAST-MODIFIED:20260101T000000Z", "LAST-MODIFIED:20261123T080000Z").Replace(text)
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	moved := apply(t, text, Edit{Due: &When{berlin(t, "2026-07-02 09:00"), false}, Priority: ptr(0), Tags: ptr([]string{})})
	if !has(moved, "DUE;TZID=W. Europe Standard Time:20260702T090000") || !has(moved, "SEQUENCE:5") || strings.Contains(moved, "PRIORITY") ||
		strings.Contains(strings.ToUpper(moved), "CATEGORIES") { // case 16
		t.Errorf("moved to\n%s", moved)
	}
}

func TestApplyParents(t *testing.T) {
	text := vtodo("RELATED-TO;RELTYPE=SIBLING:s", "RELATED-TO;RELTYPE=PARENT:p1", "RELATED-TO:p2")
	if got := apply(t, text, Edit{Parent: ptr("neu")}); !has(got, "RELATED-TO;RELTYPE=PARENT:neu") || !has(got, "RELATED-TO:p2") || !has(got, "RELATED-TO;RELTYPE=SIBLING:s") {
		t.Errorf("replaced in\n%s", got)
	}
	if got := apply(t, text, Edit{Parent: ptr("")}); has(got, "RELATED-TO;RELTYPE=PARENT:p1") || !has(got, "RELATED-TO:p2") {
		t.Errorf("removed in\n%s", got)
	}
	if got := apply(t, vtodo("SUMMARY:a"), Edit{Parent: ptr("neu")}); !has(got, "RELATED-TO:neu") {
		t.Errorf("added in\n%s", got)
	}
}

// What becomes of the type of a date, besides interop cases 20 and 22.
func TestApplyDates(t *testing.T) {
	at := func(s string) *When { return &When{berlin(t, s), false} }
	for name, c := range map[string]struct {
		text string
		edit Edit
		want []string
		not  []string
	}{
		"due goes":                      {vtodo("DUE:20260701T140000"), Edit{Due: &When{}}, nil, []string{"DUE"}},
		"the rule goes with the date":   {vtodo("DUE:20260701T140000", "RRULE:FREQ=DAILY"), Edit{Due: &When{}}, nil, []string{"DUE", "RRULE"}},
		"a single one becomes a series": {vtodo("DTSTART:20260701T080000Z", "DUE:20260701T120000Z"), Edit{RRule: ptr("FREQ=DAILY")}, []string{"DTSTART;TZID=Europe/Berlin:20260701T100000", "DUE;TZID=Europe/Berlin:20260701T140000"}, nil},
		"a series with a zone":          {vtodo("SUMMARY:a"), Edit{Due: at("2026-07-01 14:00"), RRule: ptr("FREQ=DAILY")}, []string{"DUE;TZID=Europe/Berlin:20260701T140000", "RRULE:FREQ=DAILY", "SEQUENCE:1"}, nil},
	} {
		got := apply(t, c.text, c.edit)
		for _, line := range c.want {
			if !has(got, line) {
				t.Errorf("%s: %s is missing in\n%s", name, line, got)
			}
		}
		for _, prop := range c.not {
			if strings.Contains(got, "\r\n"+prop) {
				t.Errorf("%s: %s is in\n%s", name, prop, got)
			}
		}
	}
	for rule, want := range map[string]error{"FREQ=DAILY": ErrNoDate, "FREQ=HOURLY": ErrRule, "nonsense": ErrRule, "FREQ=DAILY;BYMONTH=99": ErrRule, strings.Repeat("X", 9999): ErrRule} {
		if _, err := Apply(vtodo("SUMMARY:a"), Edit{RRule: ptr(rule)}, monday(t)); !errors.Is(err, want) {
			t.Errorf("%.20s: %v", rule, err)
		}
	}
	local := monday(t).In(time.FixedZone("Local", 3600))
	text, err := Apply(vtodo("SUMMARY:a"), Edit{Due: &When{local, false}, RRule: ptr("FREQ=DAILY")}, local)
	if err != nil || !has(text, "DUE:20261123T090000") {
		t.Errorf("a series without a zone: %v\n%s", err, text)
	}
}

// An edit of the dates of a series with overrides is about the instance that is shown, any other about all of it.
func TestApplyToInstance(t *testing.T) {
	text := series("DTSTART:20261102T080000Z\r\nDUE:20261102T100000Z\r\nRRULE:FREQ=WEEKLY\r\n", "RECURRENCE-ID:20261102T080000Z\r\nSTATUS:COMPLETED\r\n")
	got := apply(t, text, Edit{Due: &When{berlin(t, "2026-11-10 12:00"), false}, Title: ptr("Neu")})
	if !has(got, "RECURRENCE-ID:20261109T080000Z") || !has(got, "DUE:20261110T110000Z") || !has(got, "DUE:20261102T100000Z") {
		t.Errorf("no override in\n%s", got)
	}
	if view := parse(t, got); !view.Due.Time.Equal(berlin(t, "2026-11-10 12:00")) || view.Title != "Neu" {
		t.Errorf("shown: %+v", view)
	}
	again := apply(t, got, Edit{Title: ptr("Noch neuer"), Remind: ptr(time.Hour)})
	if view := parse(t, again); view.Title != "Noch neuer" || len(view.Alarms) != 1 || strings.Count(again, "SUMMARY:Noch neuer") != 2 {
		t.Errorf("shown: %+v", view)
	}
}

func TestRemind(t *testing.T) {
	text := apply(t, vtodo("DUE:20261124T100000"), Edit{Remind: ptr(30 * time.Minute)})
	if again := apply(t, text, Edit{Remind: ptr(30 * time.Minute)}); again != text {
		t.Errorf("the same reminder changes it:\n%s", again)
	}
	hour := apply(t, text, Edit{Remind: ptr(time.Hour)})
	if !has(hour, "TRIGGER;RELATED=END:-PT1H") || strings.Count(hour, "BEGIN:VALARM") != 1 {
		t.Errorf("changed to\n%s", hour)
	}
	if none := apply(t, hour, Edit{Remind: ptr(-time.Second)}); strings.Contains(none, "VALARM") {
		t.Errorf("removed from\n%s", none)
	}
	fixed := vtodo("DTSTART:20261124T100000", "BEGIN:VALARM\r\nTRIGGER;VALUE=DATE-TIME:20261124T070000Z\r\nEND:VALARM")
	if got := apply(t, fixed, Edit{Remind: ptr(time.Minute)}); strings.Count(got, "BEGIN:VALARM") != 2 || !has(got, "TRIGGER:-PT1M") {
		t.Errorf("beside a fixed one:\n%s", got)
	}
}

func TestPercent(t *testing.T) {
	half := apply(t, vtodo("STATUS:COMPLETED", "COMPLETED:20260101T000000Z", "PERCENT-COMPLETE:100"), Edit{Percent: ptr(50)})
	if got := parse(t, half); got.Status != InProcess || got.Percent != 50 || got.Done() {
		t.Errorf("half: %+v", got)
	}
	full := apply(t, half, Edit{Percent: ptr(100)})
	if got := parse(t, full); !got.Done() || got.Status != Completed || !got.Completed.Equal(monday(t)) {
		t.Errorf("full: %+v", got)
	}
	if got := parse(t, apply(t, full, Edit{Percent: ptr(0)})); got.Done() || got.Status != NeedsAction {
		t.Errorf("none: %+v", got)
	}
	if (Edit{}).IsZero() != true || (Edit{Percent: ptr(0)}).IsZero() {
		t.Error("IsZero")
	}
}

func TestEditorRefuses(t *testing.T) {
	for name, err := range map[string]error{
		"apply":    second(Apply("", Edit{}, monday(t))),
		"complete": second(Complete("", monday(t))),
		"reopen":   second(Reopen("", monday(t))),
		"copy":     second(WithUID("", "u", monday(t))),
	} {
		if !errors.Is(err, ErrNoTask) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func second(_ string, err error) error { return err }

func TestWithUID(t *testing.T) {
	text, err := WithUID(series("DUE:20261102T100000Z\r\n", "RECURRENCE-ID:20261102T100000Z\r\n"), "u2", monday(t))
	if err != nil || strings.Contains(text, "UID:u1") || strings.Count(text, "UID:u2") != 2 {
		t.Errorf("%v\n%s", err, text)
	}
}
