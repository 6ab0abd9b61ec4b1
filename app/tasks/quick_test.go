// SPDX-License-Identifier: EUPL-1.2

package tasks

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestQuick(t *testing.T) {
	now := monday(t)
	for text, c := range map[string]struct {
		title, due string
		priority   int
		tags       []string
	}{
		"Bericht abgeben fr 14 Uhr #Berichte !hoch": {"Bericht abgeben", "2026-11-27 14:00", 1, []string{"Berichte"}},
		"call the mayor tomorrow 9am":               {"call the mayor", "2026-11-24 09:00", 0, nil},
		"morgen 9 Uhr Bericht abgeben":              {"Bericht abgeben", "2026-11-24 09:00", 0, nil},
		"!low #a #b Akten ordnen am 30.11.":         {"Akten ordnen", "2026-11-30", 9, []string{"a", "b"}},
		"Akten ordnen bis zum 3.1.2027 um 8:15 Uhr": {"Akten ordnen", "2027-01-03 08:15", 0, nil},
		"Akten ordnen 22.11.":                       {"Akten ordnen", "2027-11-22", 0, nil},
		"Akten ordnen 2026-12-01":                   {"Akten ordnen", "2026-12-01", 0, nil},
		"Anruf um 8 Uhr":                            {"Anruf", "2026-11-24 08:00", 0, nil},
		"Anruf 14:30":                               {"Anruf", "2026-11-23 14:30", 0, nil},
		"Anruf montag":                              {"Anruf", "2026-11-30", 0, nil},
		"Anruf nächsten Dienstag 10h":               {"Anruf", "2026-11-24 10:00", 0, nil},
		"Anruf nächste Woche":                       {"Anruf", "2026-11-30", 0, nil},
		"Anruf in 3 Tagen":                          {"Anruf", "2026-11-26", 0, nil},
		"review in 2 weeks at 12 am":                {"review", "2026-12-07 00:00", 0, nil},
		"review sun 12pm !medium":                   {"review", "2026-11-29 12:00", 5, nil},
		"übermorgen":                                {"übermorgen", "", 0, nil},
		"What to do":                                {"What to do", "", 0, nil},
		"Zimmer 14":                                 {"Zimmer 14", "", 0, nil},
		"Raum 9 am Markt":                           {"Raum 9 am Markt", "", 0, nil},
		"Absage 31.2. #":                            {"Absage 31.2. #", "", 0, nil},
		"so geht das nicht":                         {"so geht das nicht", "", 0, nil},
		"Anruf 25:00":                               {"Anruf 25:00", "", 0, nil},
		"Anruf 13pm":                                {"Anruf 13pm", "", 0, nil},
		"Schaltjahr 29.2.":                          {"Schaltjahr", "2028-02-29", 0, nil},
		"Frist 1.12.26":                             {"Frist", "2026-12-01", 0, nil},
	} {
		e := Quick(text, now)
		due := ""
		if e.Due != nil {
			due = e.Due.Time.Format("2006-01-02 15:04")
			if e.Due.AllDay {
				due = due[:10]
			}
		}
		priority, tags := 0, []string(nil)
		if e.Priority != nil {
			priority = *e.Priority
		}
		if e.Tags != nil {
			tags = *e.Tags
		}
		if *e.Title != c.title || due != c.due || priority != c.priority || !slices.Equal(tags, c.tags) {
			t.Errorf("%q: %q, %q, %d, %q", text, *e.Title, due, priority, tags)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`([a-zäö0-9.:#!-]{1,6} ){0,6}`).Draw(t, "text")
		if _, err := NewText("u", Quick(text, now), now); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
	})
}

func TestParseWhen(t *testing.T) {
	for text, want := range map[string]string{
		"2026-11-23": "2026-11-23", "23.11.2026": "2026-11-23", "23.11.": "2026-11-23", "2026-11-23 14:00": "2026-11-23 14:00", "2026-11-23T14:00": "2026-11-23 14:00",
		"heute": "2026-11-23", "morgen": "2026-11-24", "today": "2026-11-23", "Tomorrow 9am": "2026-11-24 09:00", "do": "2026-11-26", "1.12. 8 Uhr": "2026-12-01 08:00",
	} {
		w, err := ParseWhen(text, monday(t))
		got := w.Time.Format("2006-01-02 15:04")
		if w.AllDay {
			got = got[:10]
		}
		if err != nil || got != want {
			t.Errorf("%s: %s, %v", text, got, err)
		}
	}
	if w, err := ParseWhen(" ", monday(t)); err != nil || !w.IsZero() {
		t.Errorf("empty: %v %v", w, err)
	}
	for _, bad := range []string{"irgendwann", "heute morgen", "2026-13-01", "31.02.2026", "in 3", "nächsten", "am", "32.1."} {
		if w, err := ParseWhen(bad, monday(t)); !errors.Is(err, ErrDate) {
			t.Errorf("%s: %v, %v", bad, w, err)
		}
	}
}
