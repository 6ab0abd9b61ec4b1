// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"kontor/sync/ical"
)

// numbered gives names one after the other.
func numbered() func() string {
	n := 0
	return func() string {
		n++
		return fmt.Sprint("neu", n)
	}
}

// todosOf gives the tasks of a text as they are written, sorted.
func todosOf(text string) []string {
	var all []string
	for _, cal := range ical.Parse(text).Components("VCALENDAR") {
		for _, c := range cal.Components("VTODO") {
			all = append(all, c.String())
		}
	}
	slices.Sort(all)
	return all
}

// Whatever real programs wrote: taken apart and put together again, the tasks and the zones that they name are the same,
// octet for octet, and each object shows what the whole file showed.
func TestSplitAndJoinCorpus(t *testing.T) {
	for path, text := range corpus(t) {
		objects := Split(text, numbered(), monday(t))
		var texts []string
		for _, o := range objects {
			texts = append(texts, o.Text)
			view := parse(t, o.Text)
			if view.UID != o.UID || view.ZoneLost && !parse(t, text).ZoneLost && len(objects) == 1 {
				t.Errorf("%s: %+v of\n%s", path, view, o.Text)
			}
		}
		joined := Join(texts)
		if got, want := todosOf(joined), todosOf(strings.Join(texts, "")); !slices.Equal(got, want) {
			t.Errorf("%s: joined to\n%q\nof\n%q", path, got, want)
		}
		again := Split(joined, numbered(), monday(t))
		if len(again) != len(objects) {
			t.Errorf("%s: %d objects, then %d", path, len(objects), len(again))
			continue
		}
		for _, o := range objects {
			i := slices.IndexFunc(again, func(a Object) bool { return a.UID == o.UID && slices.Equal(todosOf(a.Text), todosOf(o.Text)) })
			if i < 0 {
				t.Errorf("%s: %s did not come back", path, o.UID)
			}
		}
	}
}

func TestSplit(t *testing.T) {
	tz := func(id, more string) string {
		return "BEGIN:VTIMEZONE\r\nTZID:" + id + "\r\n" + more + "END:VTIMEZONE\r\n"
	}
	file := "BEGIN:VCALENDAR\nMETHOD:PUBLISH\nX-WR-CALNAME:Amt\n" + tz("A", "") + tz("B", "X:1\r\n") +
		"BEGIN:VEVENT\nUID:t\nEND:VEVENT\nBEGIN:VTODO\nUID:a\nDUE;TZID=\"A\":20260101T100000\nEND:VTODO\nBEGIN:VTODO\nSUMMARY:ohne\nEND:VTODO\n" +
		"BEGIN:VTODO\nUID:a\nDTSTAMP:20260101T000000Z\nRECURRENCE-ID;TZID=B:20260101T100000\nEND:VTODO\n"
	all := Split(file, numbered(), monday(t))
	if len(all) != 2 || all[0].UID != "a" || all[1].UID != "neu1" {
		t.Fatalf("%+v", all)
	}
	expect(t, strings.ReplaceAll(all[0].Text, "\n", "\r\n"), nil, "METHOD", "X-WR", "BEGIN:VEVENT")
	for _, part := range []string{tz("A", ""), tz("B", "X:1\r\n"), "VERSION:2.0", "PRODID:", "DTSTAMP:20261123T080000Z", "UID:a\nDTSTAMP:20260101T000000Z"} {
		if !strings.Contains(all[0].Text, part) {
			t.Errorf("%q is missing in\n%s", part, all[0].Text)
		}
	}
	if strings.Contains(all[1].Text, "VTIMEZONE") || !strings.HasSuffix(all[1].Text, "END:VCALENDAR\n") {
		t.Errorf("the second:\n%s", all[1].Text)
	}
	if joined := Join([]string{all[0].Text, "unsinn", all[1].Text, strings.Replace(all[0].Text, "X:1", "X:2", 1)}); strings.Count(joined, "BEGIN:VCALENDAR") != 2 ||
		strings.Count(joined, "TZID:B") != 2 {
		t.Errorf("joined:\n%s", joined)
	}
	renamed, err := Renamed(vtodo("RELATED-TO;RELTYPE=PARENT:p\\,1", "RELATED-TO:q"), map[string]string{"p,1": "neu"}, monday(t))
	if err != nil || !has(renamed, "RELATED-TO;RELTYPE=PARENT:neu") || !has(renamed, "RELATED-TO:q") {
		t.Errorf("%v\n%s", err, renamed)
	}
	if _, err := Renamed("", nil, monday(t)); !errors.Is(err, ErrNoTask) {
		t.Errorf("nothing: %v", err)
	}
}

// Links of a series with an instance of its own go to both; octets are read from the one that is shown.
func TestLinksOfInstances(t *testing.T) {
	text := series(weekly, closedAt("20261102T080000Z"), "RECURRENCE-ID:20261109T080000Z\r\nDUE:20261110T100000Z\r\nATTACH;VALUE=BINARY;ENCODING=BASE64:SGFs\r\n  bG8=\r\n")
	linked, err := Link(text, "mid:a@b", monday(t))
	if err != nil || strings.Count(linked, "ATTACH:mid:a@b") != 2 {
		t.Errorf("%v\n%s", err, linked)
	}
	if name, data, err := Octets(text, 0); err != nil || string(data) != "Hallo" || name != "" {
		t.Errorf("%q %q %v", name, data, err)
	}
	if all, err := Attachments(linked); err != nil || len(all) != 2 || all[1].URI != "mid:a@b" {
		t.Errorf("%+v %v", all, err)
	}
	gone, err := Unlink(linked, "mid:a@b", monday(t))
	if err != nil || strings.Contains(gone, "mid:") || !strings.Contains(gone, "bG8=") {
		t.Errorf("%v\n%s", err, gone)
	}
	url := vtodo("URL:https://a")
	if same, err := Link(url, "https://a", monday(t)); err != nil || same != url {
		t.Errorf("linked twice: %v\n%s", err, same)
	}
	if none, err := Unlink(url, "https://a", monday(t)); err != nil || strings.Contains(none, "URL") {
		t.Errorf("%v\n%s", err, none)
	}
	for name, err := range map[string]error{
		"link": second(Link("", "https://a", monday(t))), "unlink": second(Unlink("", "x", monday(t))), "plan": second(Plan("", When{}, monday(t))),
	} {
		if !errors.Is(err, ErrNoTask) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := Octets("", 0); !errors.Is(err, ErrNoTask) {
		t.Errorf("octets of nothing: %v", err)
	}
}
