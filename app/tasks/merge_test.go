// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kontor/sync/ical"
)

// three merges versions of one VTODO given as lines.
func three(base, mine, theirs []string) (string, []Field) {
	return Merge(vtodo(base...), vtodo(mine...), vtodo(theirs...))
}

const old, young = "LAST-MODIFIED:20260101T000000Z", "LAST-MODIFIED:20260202T000000Z"

// mergeCase are three versions of a VTODO as lines, and what must and must not be in the merged one.
type mergeCase struct {
	base, mine, theirs []string
	want, not          []string
	conflicts          []Field
}

func checkMerges(t *testing.T, cases map[string]mergeCase) {
	t.Helper()
	for name, c := range cases {
		got, conflicts := three(c.base, c.mine, c.theirs)
		for _, line := range c.want {
			if !has(got, line) {
				t.Errorf("%s: %s is missing in\n%s", name, line, got)
			}
		}
		for _, prop := range c.not {
			if strings.Contains(got, "\r\n"+prop+":") || strings.Contains(got, "\r\n"+prop+"\r\n") {
				t.Errorf("%s: %s is in\n%s", name, prop, got)
			}
		}
		if !slices.Equal(conflicts, c.conflicts) {
			t.Errorf("%s: conflicts %v", name, conflicts)
		}
	}
}

// Section 6 of the rules, one property after the other. Interop cases 24, 30, 38 and 58.
func TestMergeProperties(t *testing.T) {
	checkMerges(t, map[string]mergeCase{
		"disjoint": {
			[]string{"SUMMARY:a", "PRIORITY:5"},
			[]string{"SUMMARY:b", "PRIORITY:5"},
			[]string{"PRIORITY:1", "SUMMARY:a", "X-NEW:1"},
			[]string{"SUMMARY:b", "PRIORITY:1", "X-NEW:1"},
			nil, nil,
		},
		"same title":                {[]string{"SUMMARY:a"}, []string{"SUMMARY:b"}, []string{"SUMMARY;LANGUAGE=de:b"}, []string{"SUMMARY;LANGUAGE=de:b"}, nil, nil},
		"both title":                {[]string{"SUMMARY:a"}, []string{"SUMMARY:b"}, []string{"SUMMARY:c"}, []string{"SUMMARY:b"}, nil, []Field{FieldTitle}},
		"longer note, theirs":       {[]string{"DESCRIPTION:a"}, []string{"DESCRIPTION:ab"}, []string{"DESCRIPTION:xabc"}, []string{"DESCRIPTION:xabc"}, nil, nil},
		"longer note, mine":         {[]string{"DESCRIPTION:a"}, []string{"DESCRIPTION:xabc"}, []string{"DESCRIPTION:ab"}, []string{"DESCRIPTION:xabc"}, nil, nil},
		"both note":                 {[]string{"DESCRIPTION:a"}, []string{"DESCRIPTION:b"}, []string{"DESCRIPTION:c"}, []string{"DESCRIPTION:b"}, nil, []Field{FieldNote}},
		"removed here":              {[]string{"LOCATION:a"}, nil, []string{"LOCATION:a", "SUMMARY:x"}, []string{"SUMMARY:x"}, []string{"LOCATION"}, nil},
		"priority, mine is newer":   {[]string{"PRIORITY:5"}, []string{"PRIORITY:1", young}, []string{"PRIORITY:9", old}, []string{"PRIORITY:1", young}, nil, nil},
		"priority, theirs is newer": {[]string{"PRIORITY:5"}, []string{"PRIORITY:1", old}, []string{"PRIORITY:9", young}, []string{"PRIORITY:9", young}, nil, nil},
		"unknown property":          {[]string{"X-A:1"}, []string{"X-A:2", old}, []string{"X-A;P=1:3", young}, []string{"X-A;P=1:3"}, nil, nil},
		"done beats percent": {
			[]string{"STATUS:NEEDS-ACTION"},
			[]string{"STATUS:COMPLETED", "COMPLETED:20260101T000000Z", "PERCENT-COMPLETE:100", old},
			[]string{"STATUS:IN-PROCESS", "PERCENT-COMPLETE:50", young},
			[]string{"STATUS:COMPLETED", "PERCENT-COMPLETE:100"},
			[]string{"STATUS:IN-PROCESS"},
			nil,
		},
		"done there beats percent here": {[]string{"STATUS:NEEDS-ACTION"}, []string{"STATUS:IN-PROCESS", young}, []string{"STATUS:COMPLETED", old}, []string{"STATUS:COMPLETED"}, nil, nil},
		"both done":                     {[]string{"STATUS:NEEDS-ACTION"}, []string{"STATUS:COMPLETED", "COMPLETED:20260202T000000Z"}, []string{"COMPLETED:20260101T000000Z"}, []string{"COMPLETED:20260101T000000Z"}, []string{"STATUS"}, nil},
		"opened again, newer":           {[]string{"STATUS:COMPLETED"}, []string{"STATUS:NEEDS-ACTION", young}, []string{"STATUS:COMPLETED", "PERCENT-COMPLETE:100", old}, []string{"STATUS:NEEDS-ACTION"}, []string{"PERCENT"}, nil},
		"opened again, older":           {[]string{"STATUS:COMPLETED"}, []string{"STATUS:NEEDS-ACTION", old}, []string{"STATUS:COMPLETED", "PERCENT-COMPLETE:100", young}, []string{"STATUS:COMPLETED"}, nil, nil},
		"status here, due there":        {[]string{"DUE:20260101"}, []string{"DUE:20260101", "STATUS:COMPLETED"}, []string{"DUE:20260202"}, []string{"DUE:20260202", "STATUS:COMPLETED"}, nil, nil},
		"both due":                      {[]string{"DUE:20260101"}, []string{"DUE:20260202"}, []string{"DUE:20260303", "DTSTART:20260102"}, []string{"DUE:20260202"}, []string{"DTSTART"}, []Field{FieldWhen}},
		"both due, same moment":         {[]string{"DUE:20260101"}, []string{"DUE:20260202T120000Z"}, []string{"DUE;TZID=Europe/Berlin:20260202T130000"}, []string{"DUE;TZID=Europe/Berlin:20260202T130000"}, nil, nil},
		"rule and due differ":           {[]string{"DUE:20260101"}, []string{"DUE:20260101", "RRULE:FREQ=DAILY"}, []string{"DUE:20260202"}, []string{"DUE:20260101", "RRULE:FREQ=DAILY"}, nil, []Field{FieldWhen}},
		"both went on one":              {[]string{"DUE:20260101", "RRULE:FREQ=DAILY"}, []string{"DUE:20260102", "RRULE:FREQ=DAILY"}, []string{"DUE;VALUE=DATE:20260102", "RRULE:FREQ=DAILY"}, []string{"DUE;VALUE=DATE:20260102"}, nil, nil},
	})
}

// Properties whose values are sets, and stamps.
func TestMergeSets(t *testing.T) {
	checkMerges(t, map[string]mergeCase{
		"30 tags":                  {[]string{"CATEGORIES:a,b"}, []string{"CATEGORIES:b"}, []string{"CATEGORIES:a", "CATEGORIES:b,c"}, []string{"CATEGORIES:b,c"}, []string{"CATEGORIES:a"}, nil},
		"tags added on both sides": {[]string{"SUMMARY:x"}, []string{"SUMMARY:x", "CATEGORIES:a,b"}, []string{"SUMMARY:x", "CATEGORIES:b,c"}, []string{"CATEGORIES:b,c,a"}, nil, nil},
		"exceptions":               {[]string{"DUE:20260101"}, []string{"DUE:20260101", "EXDATE;VALUE=DATE:20260102"}, []string{"DUE:20260101", "EXDATE:20260103T000000Z"}, []string{"EXDATE;VALUE=DATE:20260102", "EXDATE:20260103T000000Z"}, nil, nil},
		"relations": {
			[]string{"RELATED-TO:p", "RELATED-TO;RELTYPE=CHILD:c"},
			[]string{"RELATED-TO:p2", "RELATED-TO;RELTYPE=CHILD:c"},
			[]string{"RELATED-TO;RELTYPE=PARENT:p", "RELATED-TO;RELTYPE=CHILD:c", "RELATED-TO;RELTYPE=CHILD:d"},
			[]string{"RELATED-TO:p2", "RELATED-TO;RELTYPE=CHILD:c", "RELATED-TO;RELTYPE=CHILD:d"},
			[]string{"RELATED-TO;RELTYPE=PARENT:p"},
			nil,
		},
		"attendees": {
			[]string{"ATTENDEE:mailto:a@x", "ATTENDEE:mailto:b@x"},
			[]string{"ATTENDEE;PARTSTAT=ACCEPTED:MAILTO:A@x", "ATTENDEE:mailto:b@x", young},
			[]string{"ATTENDEE:mailto:a@x", "ATTENDEE;CN=B:mailto:b@x", "ATTENDEE:mailto:c@x"},
			[]string{"ATTENDEE;PARTSTAT=ACCEPTED:MAILTO:A@x", "ATTENDEE;CN=B:mailto:b@x", "ATTENDEE:mailto:c@x"},
			nil, nil,
		},
		"attendee, both, older here": {
			[]string{"ATTENDEE:mailto:a@x"},
			[]string{"ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@x", old},
			[]string{"ATTENDEE;PARTSTAT=DECLINED:mailto:a@x", young},
			[]string{"ATTENDEE;PARTSTAT=DECLINED:mailto:a@x"},
			nil, nil,
		},
		"attachments":                  {[]string{"ATTACH:https://a"}, nil, []string{"ATTACH:https://a", "ATTACH:https://b"}, []string{"ATTACH:https://b"}, []string{"ATTACH:https://a"}, nil},
		"stamps":                       {[]string{"SEQUENCE:1", "X-MOZ-GENERATION:1"}, []string{"SEQUENCE:3", "X-MOZ-GENERATION:1", "SUMMARY:x", young}, []string{"SEQUENCE:2", "X-MOZ-GENERATION:5", "LOCATION:l", old}, []string{"SEQUENCE:3", "X-MOZ-GENERATION:5", young, "SUMMARY:x"}, nil, nil},
		"38 the later acknowledgement": {[]string{"SUMMARY:x"}, []string{"X-MOZ-LASTACK:20260101T000000Z", "SUMMARY:x"}, []string{"X-MOZ-LASTACK:20260202T000000Z", "SUMMARY:x"}, []string{"X-MOZ-LASTACK:20260202T000000Z"}, nil, nil},
	})
}

// The merged text starts from the octets of the server.
func TestMergeKeepsTheirOctets(t *testing.T) {
	base := vtodo("SUMMARY:a", "PRIORITY:5")
	theirs := "\ufeffBEGIN:VCALENDAR\nX-WR:1\nBEGIN:VTODO\nuid:u1\npriority;x=\"y\":5\nDESCRIPTION:lang\n  umbrochen\nSUMMARY:a\nEND:VTODO\nEND:VCALENDAR"
	got, conflicts := Merge(base, apply(t, base, Edit{Title: ptr("b")}), theirs)
	want := strings.Replace(theirs, "SUMMARY:a\n", "SUMMARY:b\r\n", 1)
	want = strings.Replace(want, "END:VTODO", "LAST-MODIFIED:20261123T080000Z\r\nDTSTAMP:20261123T080000Z\r\nEND:VTODO", 1)
	if got != want || conflicts != nil {
		t.Errorf("got %q\nwant %q", got, want)
	}
	if got, _ := Merge(base, "mine", "not a calendar"); got != "mine" {
		t.Errorf("over garbage: %q", got)
	}
}

func TestMergeComponents(t *testing.T) {
	alarm := func(trigger, more string) string {
		return "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:" + trigger + "\r\n" + more + "END:VALARM"
	}
	base := vtodo("SUMMARY:a", alarm("-PT1H", ""), alarm("-PT2H", "X-WR-ALARMUID:w\r\n"))
	mine := vtodo("SUMMARY:a", alarm("-PT1H", "ACKNOWLEDGED:20260102T000000Z\r\n"), alarm("-PT3H", "X-WR-ALARMUID:w\r\n"), alarm("-PT9H", ""))
	theirs := vtodo("SUMMARY:b", alarm("-PT1H", "ACKNOWLEDGED:20260101T000000Z\r\n"), alarm("-PT2H", "X-WR-ALARMUID:w\r\n"), alarm("-PT8H", ""))
	got, conflicts := Merge(base, mine, theirs)
	for _, line := range []string{"ACKNOWLEDGED:20260102T000000Z", "TRIGGER:-PT1H", "TRIGGER:-PT3H", "TRIGGER:-PT8H", "TRIGGER:-PT9H"} {
		if !has(got, line) || strings.Count(got, line+"\r\n") != 1 {
			t.Errorf("%s in\n%s", line, got)
		}
	}
	if len(conflicts) > 0 || strings.Count(got, "BEGIN:VALARM") != 4 {
		t.Errorf("%v in\n%s", conflicts, got)
	}
	// An alarm that one side took out goes, unless the other one changed it.
	without := vtodo("SUMMARY:a")
	if got, _ := Merge(base, without, vtodo("SUMMARY:b", alarm("-PT1H", ""), alarm("-PT2H", "X-WR-ALARMUID:w\r\nX-A:1\r\n"))); strings.Count(got, "BEGIN:VALARM") != 1 || !has(got, "X-A:1") {
		t.Errorf("removed here:\n%s", got)
	}
	if got, _ := Merge(base, vtodo("SUMMARY:a", alarm("-PT1H", "X-A:1\r\n"), alarm("-PT2H", "X-WR-ALARMUID:w\r\n")), without); strings.Count(got, "BEGIN:VALARM") != 1 || !has(got, "X-A:1") {
		t.Errorf("removed there:\n%s", got)
	}
}

// Both sides complete: once each where they are different instances, once in all where they are the same.
func TestMergeCompletedSeries(t *testing.T) {
	master := "DTSTART:20261102T080000Z\r\nRRULE:FREQ=WEEKLY\r\n"
	base := series(master, "RECURRENCE-ID:20261102T080000Z\r\nSTATUS:COMPLETED\r\n")
	mine, theirs := complete(t, base), complete(t, complete(t, base))
	got, conflicts := Merge(base, mine, theirs)
	if strings.Count(got, "RECURRENCE-ID") != 3 || len(conflicts) > 0 {
		t.Errorf("%v in\n%s", conflicts, got)
	}
	advanced, conflicts := Merge(series(master), complete(t, series(master)), complete(t, series(master))+"\r\n")
	if !has(advanced, "DTSTART:20261109T080000Z") || len(conflicts) > 0 {
		t.Errorf("%v in\n%s", conflicts, advanced)
	}
}

func TestSameContent(t *testing.T) {
	a := vtodo("SUMMARY:a", "LAST-MODIFIED:20260101T000000Z", "X-APPLE-SORT-ORDER:1")
	if !SameContent(a, vtodo("X-APPLE-SORT-ORDER:2", "X-MOZ-LASTACK:20260101T000000Z", "SUMMARY:a")) {
		t.Error("stamps count")
	}
	if SameContent(a, vtodo("SUMMARY:b")) || SameContent(a, series("")) {
		t.Error("content does not count")
	}
}

// change draws an edit of the fields in the set and the check that it is there.
func change(t *rapid.T, label string, fields []string) (Edit, func(Task) bool) {
	var e Edit
	var checks []func(Task) bool
	for _, f := range fields {
		if !rapid.Bool().Draw(t, label+" "+f) {
			continue
		}
		word := rapid.StringMatching(`[a-zäß,;\\ ]{0,6}[a-z]`).Draw(t, label+" word")
		n := rapid.IntRange(1, 9).Draw(t, label+" number")
		switch f {
		case "title":
			want := strings.TrimSpace(word)
			e.Title = &want
			checks = append(checks, func(x Task) bool { return x.Title == want })
		case "note":
			e.Note = &word
			checks = append(checks, func(x Task) bool { return x.Note == word })
		case "priority":
			e.Priority = &n
			checks = append(checks, func(x Task) bool { return ClassOf(x.Priority) == ClassOf(n) })
		case "due":
			w := When{time.Date(2026, 5, n, n, 0, 0, 0, time.UTC), n%2 == 0}
			e.Due = &w
			checks = append(checks, func(x Task) bool { return x.Due.AllDay == w.AllDay && (w.AllDay || x.Due.Time.Equal(w.Time)) })
		case "percent":
			p := n * 10
			e.Percent = &p
			checks = append(checks, func(x Task) bool { return x.Percent == p })
		case "parent":
			e.Parent = &word
			checks = append(checks, func(x Task) bool { return x.ParentUID == word })
		}
	}
	return e, func(x Task) bool {
		return !slices.ContainsFunc(checks, func(ok func(Task) bool) bool { return !ok(x) })
	}
}

var fields = []string{"title", "note", "priority", "due", "percent", "parent"}

func draw(t *rapid.T) (base, mine, theirs string, myCheck, theirCheck func(Task) bool) {
	base = vtodo("SUMMARY:Alt", "DESCRIPTION:Alt", "PRIORITY:5", "X-KEPT;A=1:yes", "CATEGORIES:a,b", "DUE:20260101T100000Z")
	split := rapid.IntRange(0, len(fields)).Draw(t, "split")
	mixed := rapid.Permutation(fields).Draw(t, "order")
	myEdit, myCheck := change(t, "mine", mixed[:split])
	theirEdit, theirCheck := change(t, "theirs", mixed[split:])
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	mine, err := Apply(base, myEdit, now)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err = Apply(base, theirEdit, now.Add(time.Duration(rapid.IntRange(-5, 5).Draw(t, "hours"))*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if rapid.Bool().Draw(t, "reordered") {
		theirs = reordered(theirs)
	}
	return base, mine, theirs, myCheck, theirCheck
}

// reordered writes the lines of the task in another order, as servers do.
func reordered(text string) string {
	root := ical.Parse(text)
	v := root.Component("VCALENDAR").Component("VTODO")
	slices.Reverse(v.Items)
	return root.String()
}

// Nothing is lost, and who merges first makes no difference.
func TestMergeOfDisjointChanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base, mine, theirs, myCheck, theirCheck := draw(t)
		merged, conflicts := Merge(base, mine, theirs)
		other, otherConflicts := Merge(base, theirs, mine)
		if len(conflicts)+len(otherConflicts) > 0 {
			t.Fatalf("conflicts %v %v", conflicts, otherConflicts)
		}
		view := mustParse(t, merged)
		if !myCheck(view) || !theirCheck(view) || !has(merged, "X-KEPT;A=1:yes") {
			t.Fatalf("lost something of\n%s\nand\n%s\nin\n%s", mine, theirs, merged)
		}
		if !SameContent(merged, other) {
			t.Fatalf("the order matters:\n%s\n%s", merged, other)
		}
		if again, _ := Merge(base, mine, merged); !SameContent(again, merged) {
			t.Fatalf("merging again changes\n%s\nto\n%s", merged, again)
		}
		if again, _ := Merge(theirs, merged, theirs); again != merged {
			t.Fatalf("laying over the same base changes\n%s\nto\n%s", merged, again)
		}
	})
}

// Whatever both sides do, mine is never lost without a conflict that says so.
func TestMergeOfAnyChanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := vtodo("SUMMARY:Alt", "DESCRIPTION:Alt", "DUE:20260101T100000Z")
		now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
		texts := []string{"title", "due"}
		myEdit, myCheck := change(t, "mine", texts)
		theirEdit, theirCheck := change(t, "theirs", texts)
		mine, err := Apply(base, myEdit, now)
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := Apply(base, theirEdit, now)
		if err != nil {
			t.Fatal(err)
		}
		merged, conflicts := Merge(base, mine, theirs)
		view := mustParse(t, merged)
		if !myCheck(view) {
			t.Fatalf("mine is lost in\n%s", merged)
		}
		if !theirCheck(view) && len(conflicts) == 0 {
			t.Fatalf("theirs is lost silently in\n%s", merged)
		}
	})
}

func FuzzMerge(f *testing.F) {
	f.Add(vtodo("SUMMARY:a"), vtodo("SUMMARY:b", "CATEGORIES:a"), vtodo("RRULE:FREQ=DAILY", "DUE:20260101"))
	f.Fuzz(func(t *testing.T, base, mine, theirs string) {
		merged, _ := Merge(base, mine, theirs)
		if _, err := Parse(merged, time.UTC); err == nil {
			if _, err := Complete(merged, time.Unix(1e9, 0).UTC()); err != nil {
				t.Error(err)
			}
		}
	})
}

// A person decides for the other version of some fields; the rest stays.
func TestTake(t *testing.T) {
	mine, theirs := vtodo("SUMMARY:a", "DUE:20260101", "PRIORITY:1"), vtodo("SUMMARY:b", "DTSTART:20260102T100000Z", "DUE:20260103T100000Z", "PRIORITY:9")
	got, err := Take(mine, theirs, []Field{FieldTitle, FieldWhen}, monday(t))
	if err != nil || !has(got, "SUMMARY:b") || !has(got, "DTSTART:20260102T100000Z") || !has(got, "DUE:20260103T100000Z") || !has(got, "PRIORITY:1") || !has(got, "SEQUENCE:1") {
		t.Errorf("%v\n%s", err, got)
	}
	if same, err := Take(mine, mine, []Field{FieldTitle}, monday(t)); err != nil || same != mine {
		t.Errorf("%v\n%s", err, same)
	}
	if _, err := Take(mine, "", nil, monday(t)); err == nil {
		t.Error("nothing was taken")
	}
	if _, err := Take("", mine, nil, monday(t)); err == nil {
		t.Error("taken into nothing")
	}
	if Title(mine) != "a" || Title("") != "" {
		t.Error("titles")
	}
}
