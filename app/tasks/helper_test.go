// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// monday is the moment all tests take for now: Monday, 23 November 2026, 09:00 in Berlin.
func monday(t testing.TB) time.Time {
	return time.Date(2026, 11, 23, 9, 0, 0, 0, zone(t, "Europe/Berlin"))
}

// vtodo wraps lines of a VTODO in a calendar object.
func vtodo(lines ...string) string {
	return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//Test//EN\r\nBEGIN:VTODO\r\nUID:u1\r\nDTSTAMP:20260101T000000Z\r\n" +
		strings.Join(lines, "\r\n") + "\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
}

// series wraps a master and overrides of it.
func series(master string, overrides ...string) string {
	text := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//Test//EN\r\nBEGIN:VTODO\r\nUID:u1\r\nSUMMARY:Serie\r\n" + master + "END:VTODO\r\n"
	for _, o := range overrides {
		text += "BEGIN:VTODO\r\nUID:u1\r\nSUMMARY:Serie\r\n" + o + "END:VTODO\r\n"
	}
	return text + "END:VCALENDAR\r\n"
}

func parse(t testing.TB, text string) Task {
	t.Helper()
	got, err := Parse(text, zone(t, "Europe/Berlin"))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return got
}

func apply(t testing.TB, text string, e Edit) string {
	t.Helper()
	got, err := Apply(text, e, monday(t))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func complete(t testing.TB, text string) string {
	t.Helper()
	got, err := Complete(text, monday(t))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func ptr[T any](v T) *T { return &v }

func berlin(t testing.TB, layout string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", layout, zone(t, "Europe/Berlin"))
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// has checks for a whole content line.
func has(text, line string) bool {
	return strings.Contains("\r\n"+strings.ReplaceAll(text, "\r\n ", ""), "\r\n"+line+"\r\n")
}

func mustParse(t *rapid.T, text string) Task {
	got, err := Parse(text, time.FixedZone("Test", 3600))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func mustComplete(t *rapid.T, text string) string {
	got, err := Complete(text, time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	return got
}
